// SPDX-License-Identifier: MIT
/* Calls made from a file's templates, word by word: RFC 8166, 4; RFC 5531, 9; RFC 1813, 3.3. */
#include "base/xdr.h"
#include "nfs/template.h"
#include "rows.h"

#define XID	0x01020304
#define CREDITS 64
#define OFFSET	0x0000000510000200
#define COUNT	4095 /* no multiple of four */
#define RKEY	0xabcd
#define ADDRESS 0x7f0012345678

static const struct pst_fh short_fh = { .length_bytes = 5, .data = "abcd" };
static const struct pst_nfs_identity one_group = {
	.uid = 1000,
	.gid = 1001,
	.group_count = 1,
	.groups = { 44 },
};

struct call_row {
	const char *name;
	enum pst_nfs_op op;
	uint32_t chunks[9]; /* the transport header behind its fourth word */
	uint32_t chunk_words;
	uint32_t procedure;
	uint32_t arguments[5]; /* behind the file handle */
	uint32_t argument_words;
};

static const struct call_row calls[] = {
	{ "READ",
	  PST_NFS_READ,
	  { 0, 1, 1, RKEY, COUNT, ADDRESS >> 32, 0x12345678, 0, 0 },
	  9,
	  6,
	  { 5, 0x10000200, COUNT },
	  3 },
	/* The data is behind everything else: 6 + 2 + 6 + 2 words of the call, 3 of the handle, 5 of the arguments. */
	{ "WRITE",
	  PST_NFS_WRITE,
	  { 1, 96, RKEY, COUNT, ADDRESS >> 32, 0x12345678, 0, 0, 0 },
	  9,
	  7,
	  { 5, 0x10000200, COUNT, 0, COUNT },
	  5 },
	{ "COMMIT", PST_NFS_COMMIT, { 0, 0, 0 }, 3, 21, { 5, 0x10000200, COUNT }, 3 },
	{ "GETATTR", PST_NFS_GETATTR, { 0, 0, 0 }, 3, 1, { 0 }, 0 },
	{ "FSINFO", PST_NFS_FSINFO, { 0, 0, 0 }, 3, 19, { 0 }, 0 },
};

static struct pst_nfs_io io_of(enum pst_nfs_op op)
{
	return (struct pst_nfs_io){
		.op = op,
		.count_bytes = COUNT,
		.offset_bytes = OFFSET,
		.address = ADDRESS,
		.rkey = RKEY,
	};
}

static void expect(struct pst_xdr *xdr, const uint32_t *words, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		assert_int_equal(pst_xdr_u32(xdr), words[i]);
}

static void every_word_is_right(void **state)
{
	const struct call_row *row = *state;
	const uint32_t transport[] = { XID, 1, CREDITS, 0 };
	const uint32_t call[] = { XID, 0, 2, 100003, 3, row->procedure };
	const uint32_t credential[] = { 1, 24, 0, 0, 1000, 1001, 1, 44, 0, 0 };
	const uint32_t handle[] = { 5, 0x61626364, 0 };
	struct pst_nfs_template template;
	struct pst_nfs_io io = io_of(row->op);
	uint8_t message[PST_RPC_SEND_BYTES];
	struct pst_xdr xdr = { message, message, false };

	pst_nfs_template_make(row->op, &short_fh, &one_group, &template);
	memset(message, 0xee, sizeof(message));
	xdr.end += pst_nfs_template_fill(&template, &io, message, XID, CREDITS);
	expect(&xdr, transport, ARRAY_SIZE(transport));
	expect(&xdr, row->chunks, row->chunk_words);
	expect(&xdr, call, ARRAY_SIZE(call));
	expect(&xdr, credential, ARRAY_SIZE(credential));
	expect(&xdr, handle, ARRAY_SIZE(handle));
	expect(&xdr, row->arguments, row->argument_words);
	assert_false(xdr.bad);
	assert_int_equal(pst_xdr_left(&xdr), 0);
}

/* The longest calls stay within a send buffer, and nothing is written behind their end. */
static void the_longest_fits(void **state)
{
	struct pst_nfs_identity identity = { .uid = 1, .gid = 2, .group_count = PST_NFS_GROUPS };
	struct pst_fh fh = { .length_bytes = PST_FH_BYTES };
	struct pst_nfs_template template;
	uint8_t message[PST_RPC_SEND_BYTES];

	(void)state;
	memset(fh.data, 0x99, sizeof(fh.data));
	for (unsigned int op = 0; op < PST_NFS_OPS; op++) {
		struct pst_nfs_io io = io_of(op);
		uint32_t length;

		pst_nfs_template_make(op, &fh, &identity, &template);
		memset(message, 0xee, sizeof(message));
		length = pst_nfs_template_fill(&template, &io, message, XID, CREDITS);
		assert_in_range(length, PST_RPC_SEND_BYTES / 8, PST_RPC_SEND_BYTES);
		for (uint32_t i = length; i < sizeof(message); i++)
			assert_int_equal(message[i], 0xee);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_fits),
	};

	ADD_TESTS(tests);
	ADD_ROWS(calls, every_word_is_right);
	return run_gathered(NULL, NULL);
}
