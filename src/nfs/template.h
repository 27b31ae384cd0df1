/* SPDX-License-Identifier: MIT */
/*
 * Calls of one file, encoded once: what differs from one to the next is only xid, offset, count, rkey and
 * address, and is filled in when a call is sent. Pure.
 */
#ifndef PST_NFS_TEMPLATE_H
#define PST_NFS_TEMPLATE_H

#include "nfs/nfs.h"

struct pst_nfs_template {
	uint16_t length_bytes;
	uint16_t rpc_at; /* where the RPC message begins */
	uint16_t arguments_at; /* behind the file handle */
	uint8_t message[PST_RPC_SEND_BYTES];
};

void pst_nfs_template_make(enum pst_nfs_op op, const struct pst_fh *fh,
			   const struct pst_nfs_identity *identity, struct pst_nfs_template *ret);
/* Writes the call of @io into @message, as encode() of struct pst_rpc_call; returns its length. */
uint32_t pst_nfs_template_fill(const struct pst_nfs_template *template, const struct pst_nfs_io *io,
			       uint8_t *message, uint32_t xid, uint32_t credits);

#endif
