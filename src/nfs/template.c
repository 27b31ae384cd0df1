// SPDX-License-Identifier: MIT
#include "nfs/template.h"

#include <assert.h>

#include "base/xdr.h"
#include "rpc/header.h"

#define NFS_PROGRAM 100003
#define NFS_VERSION 3
#define UNSTABLE    0 /* stable_how */

/* The RPC call header with all groups: 6 words, the credential's 7 and the groups, the verifier's 2. */
#define CALL_BYTES_MOST	     (4 * (6 + 7 + PST_NFS_GROUPS + 2))
#define ARGUMENTS_BYTES_MOST (4 + PST_FH_BYTES + 8 + 4 + 4 + 4)
static_assert(PST_RPC_CHUNKED_BYTES + CALL_BYTES_MOST + ARGUMENTS_BYTES_MOST <= PST_RPC_SEND_BYTES,
	      "every call fits into a send buffer");

/* Procedure numbers (RFC 1813, 3.3) and what each carries besides the message. */
static const struct {
	uint32_t procedure;
	enum pst_rpc_chunk chunk;
} kinds[PST_NFS_OPS] = {
	[PST_NFS_READ] = { 6, PST_RPC_WRITE_CHUNK }, [PST_NFS_WRITE] = { 7, PST_RPC_READ_CHUNK },
	[PST_NFS_COMMIT] = { 21, PST_RPC_NO_CHUNK }, [PST_NFS_GETATTR] = { 1, PST_RPC_NO_CHUNK },
	[PST_NFS_FSINFO] = { 19, PST_RPC_NO_CHUNK },
};

static uint8_t *put_arguments(uint8_t *p, enum pst_nfs_op op)
{
	if (op == PST_NFS_GETATTR || op == PST_NFS_FSINFO)
		return p;
	p = pst_xdr_put_u64(p, 0); /* offset */
	p = pst_xdr_put_u32(p, 0); /* count */
	if (op != PST_NFS_WRITE)
		return p;
	p = pst_xdr_put_u32(p, UNSTABLE);
	return pst_xdr_put_u32(p, 0); /* the data's length; the data itself is the Read chunk */
}

void pst_nfs_template_make(enum pst_nfs_op op, const struct pst_fh *fh,
			   const struct pst_nfs_identity *identity, struct pst_nfs_template *ret)
{
	struct pst_rpc_credential credential = {
		.uid = identity->uid,
		.gid = identity->gid,
		.group_count = identity->group_count,
		.groups = identity->groups,
	};
	uint8_t *rpc = pst_rpc_put_header(ret->message, kinds[op].chunk);
	uint8_t *p =
		pst_rpc_put_call(rpc, NFS_PROGRAM, NFS_VERSION, kinds[op].procedure, &credential);

	p = pst_xdr_put_opaque(p, fh->data, fh->length_bytes);
	ret->rpc_at = (uint16_t)(rpc - ret->message);
	ret->arguments_at = (uint16_t)(p - ret->message);
	p = put_arguments(p, op);
	ret->length_bytes = (uint16_t)(p - ret->message);
	/* The data's place in the RPC message is behind its length word, which is the message's last. */
	if (op == PST_NFS_WRITE)
		pst_rpc_set_position(ret->message, (uint32_t)(p - rpc));
}

uint32_t pst_nfs_template_fill(const struct pst_nfs_template *template, const struct pst_nfs_io *io,
			       uint8_t *message, uint32_t xid, uint32_t credits)
{
	uint8_t *p = message + template->arguments_at;

	memcpy(message, template->message, template->length_bytes);
	pst_rpc_set_xid(message, message + template->rpc_at, xid, credits);
	if (io->op == PST_NFS_GETATTR || io->op == PST_NFS_FSINFO)
		return template->length_bytes;
	p = pst_xdr_put_u64(p, io->offset_bytes);
	p = pst_xdr_put_u32(p, io->count_bytes);
	if (io->op == PST_NFS_COMMIT)
		return template->length_bytes;
	/* A Read chunk's length leaves out the data's padding (RFC 8166, 3.4.5.2). */
	pst_rpc_set_chunk(message, kinds[io->op].chunk, io->rkey, io->count_bytes, io->address);
	if (io->op == PST_NFS_WRITE)
		pst_xdr_put_u32(p + 4, io->count_bytes);
	return template->length_bytes;
}
