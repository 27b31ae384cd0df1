/* SPDX-License-Identifier: MIT */
/* What the server answered (RFC 1813, 3.3), decoded into the operation. Pure. */
#ifndef PST_NFS_RESULTS_H
#define PST_NFS_RESULTS_H

#include "nfs/nfs.h"

/* NFS3ERR_JUKEBOX: the server wants to be asked again later. No caller of the client sees it. */
#define PST_NFS_LATER (-EAGAIN)

/*
 * Fills in the results of @io and returns 0, or the server's error as -errno, PST_NFS_LATER, or -EPROTO for an answer
 * that contradicts itself or the call.
 */
int pst_nfs_results(struct pst_nfs_io *io, const struct pst_rpc_reply *reply);
/* The same, of calls whose results go elsewhere. */
int pst_nfs_decode_getattr(const struct pst_rpc_reply *reply, struct pst_nfs_attributes *ret);
int pst_nfs_decode_fsinfo(const struct pst_rpc_reply *reply, struct pst_nfs_limits *ret);

#endif
