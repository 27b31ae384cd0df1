/* SPDX-License-Identifier: MIT */
/*
 * Headers of RPC-over-RDMA version 1 (RFC 8166, section 4) and of RPC (RFC 5531, section 9): encoded for calls,
 * decoded for replies. Pure: no memory but the message's is touched.
 */
#ifndef PST_RPC_HEADER_H
#define PST_RPC_HEADER_H

#include "rpc/connection.h"

/* With no chunk the transport header has 7 words, with one of either kind 13; the RPC message follows. */
#define PST_RPC_BARE_BYTES    28
#define PST_RPC_CHUNKED_BYTES 52

enum pst_rpc_chunk {
	PST_RPC_NO_CHUNK,
	PST_RPC_WRITE_CHUNK, /* one segment into which the server writes */
	PST_RPC_READ_CHUNK, /* one segment which the server reads, as part of the message at a position */
};

/* The transport header, all of it but what changes, which is left 0. Returns its end. */
uint8_t *pst_rpc_put_header(uint8_t *message, enum pst_rpc_chunk chunk);
/* Fills in what changes. @rpc is where the RPC message begins. */
void pst_rpc_set_xid(uint8_t *message, uint8_t *rpc, uint32_t xid, uint32_t credits);
/* Where in the RPC message a Read chunk's bytes belong. */
void pst_rpc_set_position(uint8_t *message, uint32_t position);
void pst_rpc_set_chunk(uint8_t *message, enum pst_rpc_chunk chunk, uint32_t rkey,
		       uint32_t length_bytes, uint64_t address);

struct pst_rpc_credential {
	uint32_t uid;
	uint32_t gid;
	uint32_t group_count;
	const uint32_t *groups;
};

/* The RPC call header with an AUTH_SYS credential (RFC 5531, appendix A) and no verifier. Returns its end. */
uint8_t *pst_rpc_put_call(uint8_t *p, uint32_t program, uint32_t version, uint32_t procedure,
			  const struct pst_rpc_credential *credential);

/* What the transport header of a reply says. */
struct pst_rpc_header {
	uint32_t xid;
	uint32_t credits;
	bool is_error; /* RDMA_ERROR */
	uint32_t segment_count; /* 0 or 1, of the one Write chunk */
	uint32_t rkey;
	uint32_t length_bytes;
	uint64_t address;
	const uint8_t *rpc; /* the RPC message */
	uint32_t rpc_bytes;
};

/*
 * -EPROTO when it is no RPC-over-RDMA version 1 message, or not one that may answer a call of ours: with a read
 * list, a reply chunk, more than one Write chunk or one of several segments. If even xid and credits
 * cannot be had, -EBADMSG; else both are set.
 */
int pst_rpc_decode_header(const uint8_t *message, uint32_t length_bytes,
			  struct pst_rpc_header *ret);
/* What the reply says to a call: 0 and @ret, or an error as done() of rpc/rpc.h has it. */
int pst_rpc_decode_reply(const struct pst_rpc_header *header, const struct pst_rpc_call *call,
			 struct pst_rpc_reply *ret);

#endif
