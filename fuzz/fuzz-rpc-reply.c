// SPDX-License-Identifier: MIT
/*
 * Fuzzes what decodes replies: whatever a server sends, an answer within the message and within what the call
 * offered, or an error. The input is the message; its first word does not matter, as it is what a call is found by.
 */
#include <errno.h>

#include "base/xdr.h"
#include "fuzz.h"
#include "rpc/header.h"

#define RKEY	0x4d
#define OFFERED 4096
#define ADDRESS 0x1100000022

static void check_answer(const struct pst_rpc_header *header, const struct pst_rpc_call *call,
			 const uint8_t *message, uint32_t length_bytes)
{
	struct pst_rpc_reply reply;
	int error = pst_rpc_decode_reply(header, call, &reply);

	if (error) {
		if (error != -EPROTO && error != -EREMOTEIO && error != -EACCES &&
		    error != -EOPNOTSUPP)
			abort();
		return;
	}
	if (reply.body < message || reply.body + reply.body_bytes != message + length_bytes)
		abort();
	if (reply.write_chunk_bytes > call->write_chunk_bytes ||
	    (reply.write_chunk_bytes && !reply.has_write_chunk))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct pst_rpc_header header;
	struct pst_rpc_call call = { 0 };
	uint8_t *message;
	int error;

	if (len > PST_RPC_RECEIVE_BYTES)
		return 0;
	/* Memory that ends where the message does, so that the sanitizer sees a byte too many. */
	message = malloc(len ?: 1);
	if (!message)
		return 0;
	memcpy(message, bytes, len);
	error = pst_rpc_decode_header(message, (uint32_t)len, &header);
	if (error && error != -EPROTO && error != -EBADMSG)
		abort();
	if (!error) {
		call.xid = header.xid;
		check_answer(&header, &call, message, (uint32_t)len);
		call.write_chunk_rkey = RKEY;
		call.write_chunk_bytes = OFFERED;
		call.write_chunk_address = ADDRESS;
		check_answer(&header, &call, message, (uint32_t)len);
	}
	free(message);
	return 0;
}
