// SPDX-License-Identifier: MIT
/* What servers answer, decoded: RFC 1813, 3.3. */
#include <errno.h>

#include "base/xdr.h"
#include "nfs/results.h"
#include "rows.h"

#define ASKED	 4096
#define VERIFIER 0x1122334455667788

/* Parts of results, by letters, so that a row shows its answer whole. */
static uint8_t *put(uint8_t *p, const char *parts)
{
	for (; *parts; parts++) {
		switch (*parts) {
		case '0' ... '9':
			p = pst_xdr_put_u32(p, (uint32_t)(*parts - '0'));
			break;
		case 'a': /* fattr3 */
			memset(p, 0xaa, 84);
			p += 84;
			break;
		case 'w': /* wcc_attr */
			memset(p, 0xbb, 24);
			p += 24;
			break;
		case 'v':
			p = pst_xdr_put_u64(p, VERIFIER);
			break;
		case 'n': /* as many as were asked for */
			p = pst_xdr_put_u32(p, ASKED);
			break;
		case 's': /* fewer, and no multiple of four */
			p = pst_xdr_put_u32(p, 1001);
			break;
		case 'm': /* more */
			p = pst_xdr_put_u32(p, ASKED + 1);
			break;
		default:
			fail();
		}
	}
	return p;
}

struct result_row {
	const char *name;
	enum pst_nfs_op op;
	const char *parts;
	uint32_t chunk_bytes;
	int error;
	uint32_t transferred_bytes;
	bool eof, stable;
};

static const struct result_row results[] = {
	{ "read, all", PST_NFS_READ, "01an0n", 4096, 0, 4096, false, false },
	{ "read, no attributes", PST_NFS_READ, "00n1n", 4096, 0, 4096, true, false },
	{ "read, short", PST_NFS_READ, "00s0s", 1001, 0, 1001, false, false },
	{ "read, padded in the chunk", PST_NFS_READ, "00s1s", 1004, 0, 1001, true, false },
	{ "read, more than padded", PST_NFS_READ, "00s1s", 1005, -EPROTO, 0, false, false },
	{ "read, end of file", PST_NFS_READ, "00010", 0, 0, 0, true, false },
	{ "read, less in the chunk", PST_NFS_READ, "00n0n", 4095, -EPROTO, 0, false, false },
	{ "read, nothing but in the chunk", PST_NFS_READ, "00010", 4, -EPROTO, 0, false, false },
	{ "read, count and length differ", PST_NFS_READ, "00n0s", 4096, -EPROTO, 0, false, false },
	{ "read, more than asked for", PST_NFS_READ, "00m0m", 4097, -EPROTO, 0, false, false },
	{ "read, no boolean", PST_NFS_READ, "02an0n", 4096, -EPROTO, 0, false, false },
	{ "read, no end-of-file boolean", PST_NFS_READ, "00n7n", 4096, -EPROTO, 0, false, false },
	{ "read, cut", PST_NFS_READ, "01an0", 4096, -EPROTO, 0, false, false },
	{ "read, nothing", PST_NFS_READ, "", 0, -EPROTO, 0, false, false },
	{ "read, EIO", PST_NFS_READ, "51a", 0, -EIO, 0, false, false },
	{ "write, all", PST_NFS_WRITE, "01w1an0v", 0, 0, 4096, false, false },
	{ "write, no attributes", PST_NFS_WRITE, "000n0v", 0, 0, 4096, false, false },
	{ "write, only attributes before", PST_NFS_WRITE, "01w0n0v", 0, 0, 4096, false, false },
	{ "write, data synchronous", PST_NFS_WRITE, "000n1v", 0, 0, 4096, false, false },
	{ "write, file synchronous", PST_NFS_WRITE, "000n2v", 0, 0, 4096, false, true },
	{ "write, unknown stability", PST_NFS_WRITE, "000n3v", 0, -EPROTO, 0, false, false },
	{ "write, short", PST_NFS_WRITE, "000s0v", 0, 0, 1001, false, false },
	{ "write, nothing and no error", PST_NFS_WRITE, "00000v", 0, -EPROTO, 0, false, false },
	{ "write, more than asked for", PST_NFS_WRITE, "000m0v", 0, -EPROTO, 0, false, false },
	{ "write, cut", PST_NFS_WRITE, "000n00", 0, -EPROTO, 0, false, false },
	{ "write, EIO", PST_NFS_WRITE, "51w1a", 0, -EIO, 0, false, false },
	{ "commit", PST_NFS_COMMIT, "01w1av", 0, 0, 0, false, false },
	{ "commit, no attributes", PST_NFS_COMMIT, "000v", 0, 0, 0, false, false },
	{ "commit, cut", PST_NFS_COMMIT, "01w1a0", 0, -EPROTO, 0, false, false },
};

static void results_are_decoded(void **state)
{
	const struct result_row *row = *state;
	uint8_t body[512];
	struct pst_nfs_io io = { .op = row->op, .count_bytes = ASKED };
	struct pst_rpc_reply reply = {
		.body = body,
		.body_bytes = (uint32_t)(put(body, row->parts) - body),
		.has_write_chunk = row->op == PST_NFS_READ,
		.write_chunk_bytes = row->chunk_bytes,
	};

	assert_int_equal(pst_nfs_results(&io, &reply), row->error);
	assert_int_equal(io.transferred_bytes, row->transferred_bytes);
	assert_int_equal(io.eof, row->eof);
	assert_int_equal(io.stable, row->stable);
	if (row->op != PST_NFS_READ)
		assert_int_equal(io.verifier, row->error ? 0 : VERIFIER);
}

struct status_row {
	const char *name;
	uint32_t status;
	int error;
};

static const struct status_row statuses[] = {
	{ "NFS3_OK", 0, 0 },
	{ "NFS3ERR_PERM", 1, -EPERM },
	{ "NFS3ERR_NOENT", 2, -ENOENT },
	{ "NFS3ERR_IO", 5, -EIO },
	{ "NFS3ERR_ACCES", 13, -EACCES },
	{ "NFS3ERR_ISDIR", 21, -EISDIR },
	{ "NFS3ERR_INVAL", 22, -EINVAL },
	{ "NFS3ERR_FBIG", 27, -EFBIG },
	{ "NFS3ERR_NOSPC", 28, -ENOSPC },
	{ "NFS3ERR_ROFS", 30, -EROFS },
	{ "NFS3ERR_DQUOT", 69, -EDQUOT },
	{ "NFS3ERR_STALE", 70, -ESTALE },
	{ "NFS3ERR_BADHANDLE", 10001, -ESTALE },
	{ "NFS3ERR_SERVERFAULT", 10006, -EIO },
	{ "NFS3ERR_JUKEBOX", 10008, PST_NFS_LATER },
	{ "a status of version 4", 10011, -EIO },
	{ "no status at all", UINT32_MAX, -EIO },
};

static void status_is_an_errno(void **state)
{
	const struct status_row *row = *state;

	assert_int_equal(pst_nfs_errno(row->status), row->error);
}

static uint32_t put_fsinfo(uint8_t *body, uint32_t read_max, uint32_t write_max)
{
	uint8_t *p = put(body, "01a");

	p = pst_xdr_put_u32(p, read_max);
	p = put(p, "11");
	p = pst_xdr_put_u32(p, write_max);
	p = put(p, "111");
	p = pst_xdr_put_u64(p, INT64_MAX);
	return (uint32_t)(put(p, "011") - body);
}

static void limits_are_decoded(void **state)
{
	struct pst_nfs_limits limits;
	uint8_t body[512];
	struct pst_rpc_reply reply = { .body = body };

	(void)state;
	reply.body_bytes = put_fsinfo(body, 524288, 262144);
	assert_int_equal(pst_nfs_decode_fsinfo(&reply, &limits), 0);
	assert_int_equal(limits.read_max_bytes, 524288);
	assert_int_equal(limits.write_max_bytes, 262144);
	assert_int_equal(limits.file_max_bytes, INT64_MAX);
	for (uint32_t cut = reply.body_bytes; cut > 0; cut -= 4) {
		reply.body_bytes = cut - 4;
		assert_int_equal(pst_nfs_decode_fsinfo(&reply, &limits), -EPROTO);
	}
	reply.body_bytes = put_fsinfo(body, 0, 262144);
	assert_int_equal(pst_nfs_decode_fsinfo(&reply, &limits), -EPROTO);
	reply.body_bytes = put_fsinfo(body, 524288, 0);
	assert_int_equal(pst_nfs_decode_fsinfo(&reply, &limits), -EPROTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_are_decoded),
	};

	ADD_TESTS(tests);
	ADD_ROWS(results, results_are_decoded);
	ADD_ROWS(statuses, status_is_an_errno);
	return run_gathered(NULL, NULL);
}
