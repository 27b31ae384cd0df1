// SPDX-License-Identifier: MIT
#include "rpc/header.h"

#include <errno.h>

#include "base/xdr.h"

/* RFC 8166, 4.2 */
#define RPCRDMA_VERSION 1
#define RDMA_MSG	0
#define RDMA_ERROR	4

/* RFC 5531, 9 */
#define RPC_VERSION	    2
#define RPC_CALL	    0
#define RPC_REPLY	    1
#define MSG_ACCEPTED	    0
#define MSG_DENIED	    1
#define AUTH_NONE	    0
#define AUTH_SYS	    1
#define AUTH_BYTES_MOST	    400
#define RPC_MISMATCH	    0
#define ACCEPT_SUCCESS	    0
#define ACCEPT_PROC_UNAVAIL 3

/* Where in a call of ours that is found which changes from one sending to the next. */
#define AT_XID		 0
#define AT_CREDITS	 8
#define AT_READ_POSITION 20
#define AT_READ_SEGMENT	 24
#define AT_WRITE_SEGMENT 28

uint8_t *pst_rpc_put_header(uint8_t *message, enum pst_rpc_chunk chunk)
{
	uint8_t *p = pst_xdr_put_u32(message, 0); /* xid */

	p = pst_xdr_put_u32(p, RPCRDMA_VERSION);
	p = pst_xdr_put_u32(p, 0); /* credits */
	p = pst_xdr_put_u32(p, RDMA_MSG);
	/* Lists have a 1 in front of each item and a 0 behind the last. */
	p = pst_xdr_put_u32(p, chunk == PST_RPC_READ_CHUNK);
	if (chunk == PST_RPC_WRITE_CHUNK) {
		p = pst_xdr_put_u32(p, 1);
		p = pst_xdr_put_u32(p, 1); /* segments */
	} else if (chunk == PST_RPC_READ_CHUNK) {
		p = pst_xdr_put_u32(p, 0); /* position */
	}
	if (chunk != PST_RPC_NO_CHUNK) {
		p = pst_xdr_put_u32(p, 0); /* rkey */
		p = pst_xdr_put_u32(p, 0); /* length */
		p = pst_xdr_put_u64(p, 0); /* address */
		p = pst_xdr_put_u32(p, 0); /* end of the list */
	}
	if (chunk != PST_RPC_WRITE_CHUNK)
		p = pst_xdr_put_u32(p, 0); /* no Write chunk */
	return pst_xdr_put_u32(p, 0); /* no reply chunk */
}

void pst_rpc_set_xid(uint8_t *message, uint8_t *rpc, uint32_t xid, uint32_t credits)
{
	pst_xdr_put_u32(message + AT_XID, xid);
	pst_xdr_put_u32(message + AT_CREDITS, credits);
	pst_xdr_put_u32(rpc, xid);
}

void pst_rpc_set_position(uint8_t *message, uint32_t position)
{
	pst_xdr_put_u32(message + AT_READ_POSITION, position);
}

void pst_rpc_set_chunk(uint8_t *message, enum pst_rpc_chunk chunk, uint32_t rkey,
		       uint32_t length_bytes, uint64_t address)
{
	uint8_t *p = message + (chunk == PST_RPC_WRITE_CHUNK ? AT_WRITE_SEGMENT : AT_READ_SEGMENT);

	p = pst_xdr_put_u32(p, rkey);
	p = pst_xdr_put_u32(p, length_bytes);
	pst_xdr_put_u64(p, address);
}

uint8_t *pst_rpc_put_call(uint8_t *p, uint32_t program, uint32_t version, uint32_t procedure,
			  const struct pst_rpc_credential *credential)
{
	p = pst_xdr_put_u32(p, 0); /* xid */
	p = pst_xdr_put_u32(p, RPC_CALL);
	p = pst_xdr_put_u32(p, RPC_VERSION);
	p = pst_xdr_put_u32(p, program);
	p = pst_xdr_put_u32(p, version);
	p = pst_xdr_put_u32(p, procedure);
	p = pst_xdr_put_u32(p, AUTH_SYS);
	p = pst_xdr_put_u32(p, 4 * (5 + credential->group_count));
	p = pst_xdr_put_u32(p, 0); /* stamp */
	p = pst_xdr_put_u32(p, 0); /* machine name: none */
	p = pst_xdr_put_u32(p, credential->uid);
	p = pst_xdr_put_u32(p, credential->gid);
	p = pst_xdr_put_u32(p, credential->group_count);
	for (uint32_t i = 0; i < credential->group_count; i++)
		p = pst_xdr_put_u32(p, credential->groups[i]);
	p = pst_xdr_put_u32(p, AUTH_NONE);
	return pst_xdr_put_u32(p, 0);
}

/* The Write list of a reply: what the call offered, with the lengths that were used (RFC 8166, 3.4.6). */
static int decode_write_list(struct pst_xdr *xdr, struct pst_rpc_header *ret)
{
	if (!pst_xdr_u32(xdr))
		return 0;
	ret->segment_count = pst_xdr_u32(xdr);
	if (ret->segment_count > 1)
		return -EPROTO;
	if (ret->segment_count) {
		ret->rkey = pst_xdr_u32(xdr);
		ret->length_bytes = pst_xdr_u32(xdr);
		ret->address = pst_xdr_u64(xdr);
	}
	return pst_xdr_u32(xdr) ? -EPROTO : 0;
}

int pst_rpc_decode_header(const uint8_t *message, uint32_t length_bytes, struct pst_rpc_header *ret)
{
	struct pst_xdr xdr = { message, message + length_bytes, false };
	struct pst_rpc_header header = { .xid = pst_xdr_u32(&xdr) };
	uint32_t version = pst_xdr_u32(&xdr);
	uint32_t procedure;

	header.credits = pst_xdr_u32(&xdr);
	if (xdr.bad || version != RPCRDMA_VERSION)
		return -EBADMSG;
	*ret = header;
	procedure = pst_xdr_u32(&xdr);
	if (procedure == RDMA_ERROR && !xdr.bad) {
		ret->is_error = true;
		return 0;
	}
	if (procedure != RDMA_MSG || pst_xdr_u32(&xdr) || decode_write_list(&xdr, &header) ||
	    pst_xdr_u32(&xdr) || xdr.bad)
		return -EPROTO;
	header.rpc = xdr.p;
	header.rpc_bytes = pst_xdr_left(&xdr);
	*ret = header;
	return 0;
}

/* The rest of a reply that was not accepted (RFC 5531, 9: rejected_reply). */
static int decode_rejection(struct pst_xdr *xdr)
{
	uint32_t why = pst_xdr_u32(xdr);

	if (xdr->bad)
		return -EPROTO;
	return why == RPC_MISMATCH ? -EOPNOTSUPP : -EACCES;
}

static int decode_acceptance(struct pst_xdr *xdr)
{
	uint32_t status, verifier_bytes;

	pst_xdr_u32(xdr); /* the verifier's flavour, which for AUTH_SYS says nothing */
	verifier_bytes = pst_xdr_u32(xdr);
	if (verifier_bytes > AUTH_BYTES_MOST)
		return -EPROTO;
	pst_xdr_skip(xdr, pst_xdr_padded(verifier_bytes));
	status = pst_xdr_u32(xdr);
	if (xdr->bad)
		return -EPROTO;
	if (status == ACCEPT_SUCCESS)
		return 0;
	/* PROG_UNAVAIL, PROG_MISMATCH and PROC_UNAVAIL; beyond are GARBAGE_ARGS and SYSTEM_ERR. */
	return status <= ACCEPT_PROC_UNAVAIL ? -EOPNOTSUPP : -EREMOTEIO;
}

static int check_write_chunk(const struct pst_rpc_header *header, const struct pst_rpc_call *call)
{
	if (!header->segment_count)
		return 0;
	if (!call->write_chunk_bytes || header->rkey != call->write_chunk_rkey ||
	    header->address != call->write_chunk_address ||
	    header->length_bytes > call->write_chunk_bytes)
		return -EPROTO;
	return 0;
}

int pst_rpc_decode_reply(const struct pst_rpc_header *header, const struct pst_rpc_call *call,
			 struct pst_rpc_reply *ret)
{
	struct pst_xdr xdr;
	int error;

	if (header->is_error)
		return -EREMOTEIO;
	xdr = (struct pst_xdr){ header->rpc, header->rpc + header->rpc_bytes, false };
	if (pst_xdr_u32(&xdr) != call->xid || pst_xdr_u32(&xdr) != RPC_REPLY)
		return -EPROTO;
	switch (pst_xdr_u32(&xdr)) {
	case MSG_ACCEPTED:
		error = decode_acceptance(&xdr);
		break;
	case MSG_DENIED:
		error = decode_rejection(&xdr);
		break;
	default:
		return -EPROTO;
	}
	if (!error)
		error = check_write_chunk(header, call);
	if (error)
		return error;
	*ret = (struct pst_rpc_reply){
		.body = xdr.p,
		.body_bytes = pst_xdr_left(&xdr),
		.has_write_chunk = header->segment_count,
		.write_chunk_bytes = header->length_bytes,
	};
	return 0;
}
