// SPDX-License-Identifier: MIT
/* Headers: what calls look like on the wire, and which replies are refused. */
#include <errno.h>

#include "base/xdr.h"
#include "rows.h"
#include "rpc/header.h"

#define XID 0x01020304u

static void assert_words(const uint8_t *message, const uint32_t *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct pst_xdr xdr = { message + 4 * i, message + 4 * i + 4, false };

		if (pst_xdr_u32(&xdr) != words[i])
			fail_msg("word %zu is not %#x", i, words[i]);
	}
}

/* RFC 8166, 4.2 to 4.4, word by word. */
static void headers_are_as_the_rfc_has_them(void **state)
{
	static const uint32_t bare[] = { XID, 1, 32, 0, 0, 0, 0 };
	static const uint32_t writes[] = { XID, 1, 32, 0, 0, 1, 1, 77, 4096, 0x11, 0x22, 0, 0 };
	static const uint32_t reads[] = { XID, 1, 32, 0, 1, 200, 77, 4096, 0x11, 0x22, 0, 0, 0 };
	uint8_t message[256];
	uint8_t *rpc;

	(void)state;
	rpc = pst_rpc_put_header(message, PST_RPC_NO_CHUNK);
	assert_int_equal(rpc - message, PST_RPC_BARE_BYTES);
	pst_rpc_set_xid(message, rpc, XID, 32);
	assert_words(message, bare, ARRAY_SIZE(bare));

	rpc = pst_rpc_put_header(message, PST_RPC_WRITE_CHUNK);
	assert_int_equal(rpc - message, PST_RPC_CHUNKED_BYTES);
	pst_rpc_set_xid(message, rpc, XID, 32);
	pst_rpc_set_chunk(message, PST_RPC_WRITE_CHUNK, 77, 4096, 0x1100000022);
	assert_words(message, writes, ARRAY_SIZE(writes));
	assert_words(rpc, (const uint32_t[]){ XID }, 1);

	rpc = pst_rpc_put_header(message, PST_RPC_READ_CHUNK);
	assert_int_equal(rpc - message, PST_RPC_CHUNKED_BYTES);
	pst_rpc_set_xid(message, rpc, XID, 32);
	pst_rpc_set_chunk(message, PST_RPC_READ_CHUNK, 77, 4096, 0x1100000022);
	pst_rpc_set_position(message, 200);
	assert_words(message, reads, ARRAY_SIZE(reads));
}

static void calls_carry_an_auth_sys_credential(void **state)
{
	static const uint32_t words[] = { 0, 0,	   2,	100003, 3,  6,	1, 28, 0,
					  0, 1000, 100, 2,	11, 12, 0, 0 };
	static const uint32_t groups[] = { 11, 12 };
	struct pst_rpc_credential credential = { 1000, 100, 2, groups };
	uint8_t message[256];

	(void)state;
	assert_int_equal(pst_rpc_put_call(message, 100003, 3, 6, &credential) - message,
			 sizeof(words));
	assert_words(message, words, ARRAY_SIZE(words));
}

struct reply_row {
	const char *name;
	uint32_t words[24];
	size_t count;
	int header_error, reply_error;
};

/* The call offered 4096 bytes at 0x1100000022 by the key 77. */
#define HEAD	   XID, 1, 32, 0, 0
#define CHUNK(n)   1, 1, 77, n, 0x11, 0x22, 0
#define ACCEPTED   XID, 1, 0, 0, 0, 0
#define WORDS(...) { __VA_ARGS__ }, sizeof((uint32_t[]){ __VA_ARGS__ }) / 4

static const struct reply_row replies[] = {
	{ "all of the chunk", WORDS(HEAD, CHUNK(4096), 0, ACCEPTED, 9), 0, 0 },
	{ "some of the chunk", WORDS(HEAD, CHUNK(1), 0, ACCEPTED, 9), 0, 0 },
	{ "no Write list", WORDS(HEAD, 0, 0, ACCEPTED, 9), 0, 0 },
	{ "a chunk of no segments", WORDS(HEAD, 1, 0, 0, 0, ACCEPTED, 9), 0, 0 },
	{ "another version", WORDS(XID, 2, 32, 0, 0, 0, 0, ACCEPTED), -EBADMSG, 0 },
	{ "RDMA_NOMSG", WORDS(XID, 1, 32, 1, 0, 0, 0, ACCEPTED), -EPROTO, 0 },
	{ "RDMA_DONE", WORDS(XID, 1, 32, 3, 0, 0, 0), -EPROTO, 0 },
	{ "RDMA_ERROR, version", WORDS(XID, 1, 32, 4, 1, 1, 1), 0, -EREMOTEIO },
	{ "RDMA_ERROR, chunk", WORDS(XID, 1, 32, 4, 2), 0, -EREMOTEIO },
	{ "a read list", WORDS(XID, 1, 32, 0, 1, 0, 77, 1, 0, 0, 0, 0, 0, ACCEPTED), -EPROTO, 0 },
	{ "a reply chunk", WORDS(HEAD, 0, 1, 1, 77, 1, 0, 0, ACCEPTED), -EPROTO, 0 },
	{ "two segments", WORDS(HEAD, 1, 2, 77, 1, 0, 0, 77, 1, 0, 0, 0, 0, ACCEPTED), -EPROTO, 0 },
	{ "two chunks", WORDS(HEAD, 1, 1, 77, 1, 0x11, 0x22, 1, 1, 77, 1, 0, 0, 0, 0), -EPROTO, 0 },
	{ "a list of four thousand million", WORDS(HEAD, 1, UINT32_MAX, 77, 1, 0, 0), -EPROTO, 0 },
	{ "too long a chunk", WORDS(HEAD, CHUNK(4097), 0, ACCEPTED), 0, -EPROTO },
	{ "another key", WORDS(HEAD, 1, 1, 78, 1, 0x11, 0x22, 0, 0, ACCEPTED), 0, -EPROTO },
	{ "another address", WORDS(HEAD, 1, 1, 77, 1, 0x11, 0x23, 0, 0, ACCEPTED), 0, -EPROTO },
	{ "another xid inside", WORDS(HEAD, 0, 0, XID + 1, 1, 0, 0, 0, 0), 0, -EPROTO },
	{ "a call", WORDS(HEAD, 0, 0, XID, 0, 0, 0, 0, 0), 0, -EPROTO },
	{ "RPC versions", WORDS(HEAD, 0, 0, XID, 1, 1, 0, 2, 2), 0, -EOPNOTSUPP },
	{ "a bad credential", WORDS(HEAD, 0, 0, XID, 1, 1, 1, 1), 0, -EACCES },
	{ "no such program", WORDS(HEAD, 0, 0, XID, 1, 0, 0, 0, 1), 0, -EOPNOTSUPP },
	{ "no such version", WORDS(HEAD, 0, 0, XID, 1, 0, 0, 0, 2, 4, 4), 0, -EOPNOTSUPP },
	{ "no such procedure", WORDS(HEAD, 0, 0, XID, 1, 0, 0, 0, 3), 0, -EOPNOTSUPP },
	{ "garbage", WORDS(HEAD, 0, 0, XID, 1, 0, 0, 0, 4), 0, -EREMOTEIO },
	{ "a system error", WORDS(HEAD, 0, 0, XID, 1, 0, 0, 0, 5), 0, -EREMOTEIO },
	{ "a verifier", WORDS(HEAD, 0, 0, XID, 1, 0, 6, 5, 1, 2, 0, 9), 0, 0 },
	{ "a verifier of no end", WORDS(HEAD, 0, 0, XID, 1, 0, 6, UINT32_MAX - 3, 1, 2), 0,
	  -EPROTO },
	{ "a verifier cut off", WORDS(HEAD, 0, 0, XID, 1, 0, 6, 400, 1, 2), 0, -EPROTO },
};

static uint32_t put_words(const struct reply_row *row, uint8_t *message)
{
	uint8_t *p = message;

	for (size_t i = 0; i < row->count; i++)
		p = pst_xdr_put_u32(p, row->words[i]);
	return (uint32_t)(p - message);
}

static const struct pst_rpc_call offering = {
	.xid = XID,
	.write_chunk_rkey = 77,
	.write_chunk_bytes = 4096,
	.write_chunk_address = 0x1100000022,
};

static void reply_is_judged(void **state)
{
	const struct reply_row *row = *state;
	struct pst_rpc_header header;
	struct pst_rpc_reply reply;
	uint8_t message[128];
	uint32_t length = put_words(row, message);

	assert_int_equal(pst_rpc_decode_header(message, length, &header), row->header_error);
	if (row->header_error == -EBADMSG)
		return;
	assert_int_equal(header.xid, XID);
	assert_int_equal(header.credits, 32);
	if (row->header_error)
		return;
	assert_int_equal(pst_rpc_decode_reply(&header, &offering, &reply), row->reply_error);
	if (row->reply_error)
		return;
	assert_int_equal(reply.body_bytes, 4);
	assert_words(reply.body, (const uint32_t[]){ 9 }, 1);
}

/* Cut off anywhere, in memory that ends there, so that the sanitizer sees one byte too many. */
static void every_part_of_it_is_refused(void **state)
{
	uint8_t whole[128];
	uint32_t length = put_words(&replies[0], whole);

	(void)state;
	for (uint32_t part = 0; part < length - 4; part++) {
		uint8_t __cleanup_free *message = malloc(part ?: 1);
		struct pst_rpc_header header;
		struct pst_rpc_reply reply;
		int error;

		memcpy(message, whole, part);
		error = pst_rpc_decode_header(message, part, &header);
		if (!error)
			error = pst_rpc_decode_reply(&header, &offering, &reply);
		assert_true(error < 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_are_as_the_rfc_has_them),
		cmocka_unit_test(calls_carry_an_auth_sys_credential),
		cmocka_unit_test(every_part_of_it_is_refused),
	};

	ADD_TESTS(tests);
	ADD_ROWS(replies, reply_is_judged);
	return run_gathered(NULL, NULL);
}
