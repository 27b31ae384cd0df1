// SPDX-License-Identifier: MIT
/*
 * Fuzzes what decodes results: whatever a server answers to any call, results that agree with the call, or an error
 * and no results. The input is four words, the operation, its count, whether there is a Write chunk and how much of it
 * was used, and the results as they come from the server.
 */
#include <errno.h>

#include "base/xdr.h"
#include "fuzz.h"
#include "nfs/results.h"

#define PREFIX_BYTES 16

/* Bytes that results are taken to be when nothing was written there. */
#define UNTOUCHED 0x5a

static void check_data(const struct pst_nfs_io *io, const struct pst_rpc_reply *reply)
{
	if (io->transferred_bytes > io->count_bytes)
		abort();
	if (io->op == PST_NFS_READ && (reply->write_chunk_bytes < io->transferred_bytes ||
				       reply->write_chunk_bytes - io->transferred_bytes > 3))
		abort();
	if (io->op == PST_NFS_WRITE && !io->transferred_bytes)
		abort();
}

static void check_nothing(const struct pst_nfs_io *io, const uint8_t *results, size_t bytes)
{
	if (io->transferred_bytes || io->eof || io->stable || io->verifier)
		abort();
	for (size_t i = 0; i < bytes; i++)
		if (results[i] != UNTOUCHED)
			abort();
}

static void decode(struct pst_nfs_io *io, const struct pst_rpc_reply *reply)
{
	union {
		struct pst_nfs_attributes attributes;
		struct pst_nfs_limits limits;
		uint8_t bytes[sizeof(struct pst_nfs_attributes)];
	} results;
	int error;

	memset(&results, UNTOUCHED, sizeof(results));
	io->results = &results;
	error = pst_nfs_results(io, reply);
	if (error > 0)
		abort();
	if (error)
		check_nothing(io, results.bytes, sizeof(results.bytes));
	else if (io->op <= PST_NFS_COMMIT)
		check_data(io, reply);
	else if (io->op == PST_NFS_FSINFO &&
		 (!results.limits.read_max_bytes || !results.limits.write_max_bytes))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct pst_xdr xdr = { bytes, bytes + len, false };
	struct pst_nfs_io io = { .op = pst_xdr_u32(&xdr) % PST_NFS_OPS };
	struct pst_rpc_reply reply = { 0 };
	uint8_t *body;

	io.count_bytes = pst_xdr_u32(&xdr);
	reply.has_write_chunk = pst_xdr_u32(&xdr);
	reply.write_chunk_bytes = reply.has_write_chunk ? pst_xdr_u32(&xdr) : 0;
	if (len < PREFIX_BYTES || len - PREFIX_BYTES > PST_RPC_RECEIVE_BYTES)
		return 0;
	/* Memory that ends where the results do, so that the sanitizer sees a byte too many. */
	reply.body_bytes = (uint32_t)(len - PREFIX_BYTES);
	body = malloc(reply.body_bytes ?: 1);
	if (!body)
		return 0;
	memcpy(body, bytes + PREFIX_BYTES, reply.body_bytes);
	reply.body = body;
	decode(&io, &reply);
	free(body);
	return 0;
}
