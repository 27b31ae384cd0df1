// SPDX-License-Identifier: MIT
#include "nfs/results.h"

#include <errno.h>
#include <rpc/rpc.h>

#include "base/xdr.h"
#include "nfs3.h"

/* Sizes of structures that are passed over (RFC 1813, 2.5 and 2.6). */
#define FATTR3_BYTES   84
#define WCC_ATTR_BYTES 24

#define FILE_SYNC 2 /* stable_how; 1 is DATA_SYNC */

struct status {
	uint32_t status;
	int error;
};

static const struct status statuses[] = {
	{ 0, 0 },
	{ 1, -EPERM },
	{ 2, -ENOENT },
	{ 5, -EIO },
	{ 6, -ENXIO },
	{ 13, -EACCES },
	{ 17, -EEXIST },
	{ 18, -EXDEV },
	{ 19, -ENODEV },
	{ 20, -ENOTDIR },
	{ 21, -EISDIR },
	{ 22, -EINVAL },
	{ 27, -EFBIG },
	{ 28, -ENOSPC },
	{ 30, -EROFS },
	{ 31, -EMLINK },
	{ 63, -ENAMETOOLONG },
	{ 66, -ENOTEMPTY },
	{ 69, -EDQUOT },
	{ 70, -ESTALE },
	{ 71, -EREMOTE },
	{ 10001, -ESTALE }, /* BADHANDLE */
	{ 10002, -EIO }, /* NOT_SYNC */
	{ 10004, -EOPNOTSUPP }, /* NOTSUPP */
	{ 10005, -EIO }, /* TOOSMALL */
	{ 10006, -EIO }, /* SERVERFAULT */
	{ 10007, -EIO }, /* BADTYPE */
	{ 10008, PST_NFS_LATER }, /* JUKEBOX */
};

int pst_nfs_errno(uint32_t status)
{
	for (size_t i = 0; i < ARRAY_SIZE(statuses); i++)
		if (statuses[i].status == status)
			return statuses[i].error;
	return -EIO;
}

/* RFC 4506, 4.4: 0 or 1. Something else means that we are not where we think we are. */
static bool get_bool(struct pst_xdr *xdr)
{
	uint32_t value = pst_xdr_u32(xdr);

	if (value > 1)
		xdr->bad = true;
	return value;
}

static void skip_optional(struct pst_xdr *xdr, uint32_t bytes)
{
	if (get_bool(xdr))
		pst_xdr_skip(xdr, bytes);
}

static void skip_wcc_data(struct pst_xdr *xdr)
{
	skip_optional(xdr, WCC_ATTR_BYTES);
	skip_optional(xdr, FATTR3_BYTES);
}

/* READ3res, 3.3.6. The data is where the Write chunk is; its length word has stayed in the message. */
static int read_results(struct pst_xdr *xdr, struct pst_nfs_io *io,
			const struct pst_rpc_reply *reply)
{
	uint32_t count, length;
	bool eof;

	skip_optional(xdr, FATTR3_BYTES);
	count = pst_xdr_u32(xdr);
	eof = get_bool(xdr);
	length = pst_xdr_u32(xdr);
	/* A server may count the padding of the data into the chunk (RFC 8166, 3.4.6.2), or leave it out. */
	if (xdr->bad || count != length || count > io->count_bytes ||
	    reply->write_chunk_bytes < count || reply->write_chunk_bytes > pst_xdr_padded(count))
		return -EPROTO;
	io->transferred_bytes = count;
	io->eof = eof;
	return 0;
}

/* WRITE3res, 3.3.7 */
static int write_results(struct pst_xdr *xdr, struct pst_nfs_io *io)
{
	uint32_t count, committed;
	uint64_t verifier;

	skip_wcc_data(xdr);
	count = pst_xdr_u32(xdr);
	committed = pst_xdr_u32(xdr);
	verifier = pst_xdr_u64(xdr);
	/* A server that took nothing and calls it success would be asked for ever. */
	if (xdr->bad || !count || count > io->count_bytes || committed > FILE_SYNC)
		return -EPROTO;
	io->transferred_bytes = count;
	io->stable = committed == FILE_SYNC;
	io->verifier = verifier;
	return 0;
}

/* COMMIT3res, 3.3.21 */
static int commit_results(struct pst_xdr *xdr, struct pst_nfs_io *io)
{
	uint64_t verifier;

	skip_wcc_data(xdr);
	verifier = pst_xdr_u64(xdr);
	if (xdr->bad)
		return -EPROTO;
	io->verifier = verifier;
	return 0;
}

int pst_nfs_results(struct pst_nfs_io *io, const struct pst_rpc_reply *reply)
{
	struct pst_xdr xdr = { reply->body, reply->body + reply->body_bytes, false };
	uint32_t status = pst_xdr_u32(&xdr);

	if (xdr.bad)
		return -EPROTO;
	if (status)
		return pst_nfs_errno(status);
	switch (io->op) {
	case PST_NFS_READ:
		return read_results(&xdr, io, reply);
	case PST_NFS_WRITE:
		return write_results(&xdr, io);
	case PST_NFS_COMMIT:
		return commit_results(&xdr, io);
	case PST_NFS_GETATTR:
		return pst_nfs_decode_getattr(reply, io->results);
	case PST_NFS_FSINFO:
		return pst_nfs_decode_fsinfo(reply, io->results);
	}
	return -EINVAL;
}

static XDR reader_of(const struct pst_rpc_reply *reply)
{
	XDR xdr;

	xdrmem_create(&xdr, (char *)(uintptr_t)reply->body, reply->body_bytes, XDR_DECODE);
	return xdr;
}

int pst_nfs_decode_getattr(const struct pst_rpc_reply *reply, struct pst_nfs_attributes *ret)
{
	XDR xdr = reader_of(reply);
	struct pst_nfs3_getattr result = { 0 };
	const struct pst_nfs3_fattr *attributes = &result.pst_nfs3_getattr_u.attributes;

	if (!xdr_pst_nfs3_getattr(&xdr, &result))
		return -EPROTO;
	if (result.status)
		return pst_nfs_errno(result.status);
	*ret = (struct pst_nfs_attributes){
		.size_bytes = attributes->size,
		.file_id = attributes->fileid,
		.type = attributes->type,
		.mode = attributes->mode,
		.uid = attributes->uid,
		.gid = attributes->gid,
	};
	return 0;
}

int pst_nfs_decode_fsinfo(const struct pst_rpc_reply *reply, struct pst_nfs_limits *ret)
{
	XDR xdr = reader_of(reply);
	struct pst_nfs3_fsinfo result = { 0 };
	const struct pst_nfs3_fsinfo_ok *ok = &result.pst_nfs3_fsinfo_u.ok;

	if (!xdr_pst_nfs3_fsinfo(&xdr, &result))
		return -EPROTO;
	if (result.status)
		return pst_nfs_errno(result.status);
	/* With limits of 0 nothing could be moved. */
	if (!ok->rtmax || !ok->wtmax)
		return -EPROTO;
	*ret = (struct pst_nfs_limits){
		.read_max_bytes = ok->rtmax,
		.write_max_bytes = ok->wtmax,
		.file_max_bytes = ok->maxfilesize,
	};
	return 0;
}
