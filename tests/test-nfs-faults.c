// SPDX-License-Identifier: MIT
/* The NFS client with a server, or a network, that does not behave: no wrong byte, no crash, no end before time. */
#include <errno.h>
#include <stdlib.h>

#include "base/time.h"
#include "nfs-fixture.h"
#include "rows.h"

#define EACH 4096

struct fault_row {
	const char *name;
	enum misbehaviour how;
	uint32_t argument;
	int error; /* of the operation that it is done to */
	bool retried;
};

static const struct fault_row faults[] = {
	{ "wrong xid", WRONG_XID, 0, -ETIMEDOUT, true },
	{ "a second chunk", SECOND_CHUNK, 0, -EPROTO, false },
	{ "a chunk that names other memory", OTHER_CHUNK, 0, -EPROTO, false },
	{ "a chunk that is too long", LONG_CHUNK, 0, -EPROTO, false },
	{ "a chunk length that disagrees", CHUNK_LIES, 0, -EPROTO, false },
	{ "a count beyond the request", COUNT_LIES, 0, -EPROTO, false },
	{ "a transport header cut off", TRUNCATED, 18, -EPROTO, false },
	{ "an RPC header cut off", TRUNCATED, 60, -EPROTO, false },
	{ "results cut off", TRUNCATED, 100, -EPROTO, false },
	{ "RDMA_ERROR", RDMA_ERROR, 0, -EREMOTEIO, false },
	{ "an RPC that is denied", DENIED, 0, -EACCES, false },
	{ "an unknown program", PROGRAM_UNAVAILABLE, 0, -EOPNOTSUPP, false },
	{ "arguments that are garbage", GARBAGE_ARGUMENTS, 0, -EREMOTEIO, false },
	{ "a link broken before", HANG_UP_BEFORE, 0, 0, true },
	{ "a link broken after", HANG_UP_AFTER, 0, 0, true },
	{ "a reply twice", TWICE, 0, 0, false },
	{ "a late reply", LATE, 0, 0, false },
	{ "later", JUKEBOX, 0, 0, true },
	{ "a short reply", SHORT_REPLY, 0, 0, false },
	{ "permission", STATUS, 13, -EACCES, false },
	{ "a stale handle", STATUS, 70, -ESTALE, false },
	{ "a read-only file system", STATUS, 30, -EROFS, false },
	{ "no space", STATUS, 28, -ENOSPC, false },
	{ "no quota", STATUS, 69, -EDQUOT, false },
	{ "an unknown status", STATUS, 4711, -EIO, false },
};

/* A write has no Write chunk and a commit no count, so not every fault exists for them. */
static bool concerns(const struct fault_row *row, enum pst_nfs_op op)
{
	return op == PST_NFS_READ || (row->how != SECOND_CHUNK && row->how != OTHER_CHUNK &&
				      row->how != LONG_CHUNK && row->how != CHUNK_LIES);
}

/* Whatever happened before, everything is well afterwards. */
static void assert_recovered(struct nfs_fixture *fixture)
{
	uint64_t moved;

	nfs_server_misbehave(&fixture->server, BEHAVE, 0, 0, 0);
	nfs_fixture_scribble(fixture, 1);
	assert_int_equal(nfs_fixture_move(fixture, PST_NFS_READ, FILE_BYTES, EACH, &moved), 0);
	assert_int_equal(moved, FILE_BYTES);
	assert_memory_equal(fixture->memory, fixture->server.memory, FILE_BYTES);
}

/* The fault happens to the third of sixteen calls under way at once; only that one may end with an error. */
static void one_fault(const struct fault_row *row, enum pst_nfs_op op)
{
	struct pst_nfs_counters counters;
	struct nfs_fixture fixture;
	uint64_t moved, missing = row->error ? EACH : row->how == SHORT_REPLY ? EACH / 2 : 0;

	nfs_fixture_start(&fixture);
	fixture.timeout_ms = row->error == -ETIMEDOUT ? 300 : 5000;
	nfs_fixture_open(&fixture);
	nfs_server_misbehave(&fixture.server, row->how, 2, row->error == -ETIMEDOUT ? 0 : 1,
			     row->argument);
	if (row->error == -ETIMEDOUT)
		missing = 14 * EACH;
	assert_int_equal(nfs_fixture_move(&fixture, op, 16 * EACH, EACH, &moved), row->error);
	assert_int_equal(moved, 16 * EACH - missing);
	pst_nfs_client_counters(fixture.client, &counters);
	if (row->retried)
		assert_true(counters.retries > 0);
	else if (row->error != -EPROTO && row->error != -EREMOTEIO)
		assert_int_equal(counters.retries, 0);
	assert_recovered(&fixture);
	nfs_fixture_stop(&fixture);
}

static void read_meets_fault(void **state)
{
	one_fault(*state, PST_NFS_READ);
}

static void write_meets_fault(void **state)
{
	if (concerns(*state, PST_NFS_WRITE))
		one_fault(*state, PST_NFS_WRITE);
}

/* A reply of every length that is not the whole. */
static void every_truncation_is_refused(void **state)
{
	struct nfs_fixture fixture;

	(void)state;
	for (uint32_t length = 12; length < 180; length += 4) {
		int error;

		nfs_fixture_start(&fixture);
		nfs_fixture_open(&fixture);
		nfs_server_misbehave(&fixture.server, TRUNCATED, 0, 1, length);
		error = nfs_fixture_move(&fixture, PST_NFS_READ, EACH, EACH, NULL);
		/* From some length on nothing is missing. */
		assert_true(error == -EPROTO || (length >= 172 && !error));
		assert_recovered(&fixture);
		nfs_fixture_stop(&fixture);
	}
}

static void silence_ends_at_the_deadline(void **state)
{
	struct nfs_fixture fixture;
	uint64_t before_usec;

	(void)state;
	nfs_fixture_start(&fixture);
	fixture.timeout_ms = 250;
	nfs_fixture_open(&fixture);
	nfs_server_misbehave(&fixture.server, SILENT, 0, 0, 0);
	before_usec = pst_now_usec();
	assert_int_equal(nfs_fixture_move(&fixture, PST_NFS_READ, 8 * EACH, EACH, NULL),
			 -ETIMEDOUT);
	assert_true(pst_now_usec() - before_usec >= 250 * PST_USEC_PER_MSEC);
	assert_recovered(&fixture);
	nfs_fixture_stop(&fixture);
}

/* A server whose card is gone says nothing, either; but that is found out long before the deadline. */
static void dead_server_is_found_out(void **state)
{
	struct pst_sim_counters counters;
	struct nfs_fixture fixture;

	(void)state;
	nfs_fixture_start(&fixture);
	nfs_fixture_open(&fixture);
	nfs_server_misbehave(&fixture.server, SILENT, 0, 1, 0);
	pst_sim_faults.deaf = true;
	assert_int_equal(nfs_fixture_move(&fixture, PST_NFS_READ, EACH, EACH, NULL), 0);
	pst_sim_counters(&counters);
	assert_true(counters.probes > 0);
	pst_sim_faults.deaf = false;
	assert_recovered(&fixture);
	nfs_fixture_stop(&fixture);
}

static void server_that_stays_away_is_a_timeout(void **state)
{
	struct nfs_fixture fixture;

	(void)state;
	nfs_fixture_start(&fixture);
	fixture.timeout_ms = 300;
	nfs_fixture_open(&fixture);
	nfs_server_misbehave(&fixture.server, HANG_UP_BEFORE, 0, 0, 0);
	pst_sim_faults.connect_error = -EHOSTUNREACH;
	assert_int_equal(nfs_fixture_move(&fixture, PST_NFS_READ, 4 * EACH, EACH, NULL),
			 -ETIMEDOUT);
	pst_sim_faults.connect_error = 0;
	assert_recovered(&fixture);
	nfs_fixture_stop(&fixture);
}

struct credit_row {
	const char *name;
	uint32_t credits;
	uint32_t most;
};

static const struct credit_row credits[] = {
	{ "no credit counts as one", 0, 1 },
	{ "one credit", 1, 1 },
	{ "three credits", 3, 3 },
	{ "more than we can use", 5000, 64 },
};

/* The server is slow, so that calls add up to what it allows. */
static void credits_are_obeyed(void **state)
{
	const struct credit_row *row = *state;
	struct nfs_fixture fixture;
	uint64_t moved;

	nfs_fixture_start(&fixture);
	nfs_server_thread(&fixture.server, 1, 50);
	fixture.connections = 1;
	fixture.server.credits = row->credits;
	nfs_fixture_open(&fixture);
	assert_int_equal(nfs_fixture_move(&fixture, PST_NFS_READ, FILE_BYTES, 1024, &moved), 0);
	assert_int_equal(moved, FILE_BYTES);
	assert_memory_equal(fixture.memory, fixture.server.memory, FILE_BYTES);
	assert_int_equal(fixture.server.unanswered_most, row->most);
	assert_false(fixture.server.overdrawn);
	nfs_fixture_stop(&fixture);
}

static void grant(struct nfs_server *server, uint32_t count)
{
	pthread_mutex_lock(&server->lock);
	server->credits = count;
	server->unanswered_most = 0;
	pthread_mutex_unlock(&server->lock);
}

/* One reply says how many there are now; from then on no call more is under way. */
static void credits_shrink_and_grow(void **state)
{
	static const uint32_t grants[] = { 32, 5, 1, 0, 2, 64 };
	struct nfs_fixture fixture;

	(void)state;
	nfs_fixture_start(&fixture);
	nfs_server_thread(&fixture.server, 2, 50);
	fixture.connections = 1;
	nfs_fixture_open(&fixture);
	for (size_t i = 0; i < ARRAY_SIZE(grants); i++) {
		grant(&fixture.server, grants[i]);
		assert_int_equal(nfs_fixture_move(&fixture, PST_NFS_READ, EACH, EACH, NULL), 0);
		assert_int_equal(nfs_fixture_move(&fixture, PST_NFS_READ, FILE_BYTES, 2048, NULL),
				 0);
		assert_int_equal(fixture.server.unanswered_most, grants[i] ?: 1);
	}
	assert_recovered(&fixture);
	nfs_fixture_stop(&fixture);
}

/* What was not committed is gone, and the verifier says so; what was, is there. */
static void restart_changes_the_verifier(void **state)
{
	struct nfs_fixture fixture;
	uint64_t before;

	(void)state;
	nfs_fixture_start(&fixture);
	nfs_fixture_open(&fixture);
	before = fixture.server.verifier;
	nfs_server_misbehave(&fixture.server, RESTART, 5, 1, 0);
	assert_int_equal(nfs_fixture_move(&fixture, PST_NFS_WRITE, 16 * EACH, EACH, NULL), 0);
	assert_int_not_equal(fixture.server.verifier, before);
	/* The sixth was sent again after the restart; the first five are for the caller to send again. */
	assert_memory_equal(fixture.server.memory + 5 * EACH, fixture.memory + 5 * EACH, 11 * EACH);
	assert_memory_not_equal(fixture.server.memory, fixture.memory, 5 * EACH);
	nfs_fixture_stop(&fixture);
}

/* Faults at random, but the same each time: what is read is the file, or an error is reported. */
static void random_faults_bring_no_wrong_byte(void **state)
{
	static const enum misbehaviour some[] = { BEHAVE, WRONG_XID,	  SHORT_REPLY,	 RDMA_ERROR,
						  TWICE,  HANG_UP_BEFORE, HANG_UP_AFTER, JUKEBOX,
						  LATE,	  CHUNK_LIES,	  TRUNCATED };
	struct nfs_fixture fixture;
	unsigned int seed = 20261123;

	(void)state;
	nfs_fixture_start(&fixture);
	fixture.timeout_ms = 400;
	nfs_fixture_open(&fixture);
	for (int round = 0; round < 60; round++) {
		enum misbehaviour how = some[(unsigned int)rand_r(&seed) % ARRAY_SIZE(some)];
		uint64_t moved;
		int error;

		nfs_fixture_scribble(&fixture, (uint8_t)round);
		nfs_server_misbehave(&fixture.server, how, (uint32_t)rand_r(&seed) % 32,
				     1 + (uint32_t)rand_r(&seed) % 3,
				     (uint32_t)rand_r(&seed) % 160);
		error = nfs_fixture_move(&fixture, PST_NFS_READ, FILE_BYTES, EACH, &moved);
		if (!error && moved == FILE_BYTES)
			assert_memory_equal(fixture.memory, fixture.server.memory, FILE_BYTES);
	}
	assert_recovered(&fixture);
	nfs_fixture_stop(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(silence_ends_at_the_deadline),
		cmocka_unit_test(dead_server_is_found_out),
		cmocka_unit_test(server_that_stays_away_is_a_timeout),
		cmocka_unit_test(credits_shrink_and_grow),
		cmocka_unit_test(restart_changes_the_verifier),
		cmocka_unit_test(random_faults_bring_no_wrong_byte),
	};

	ADD_TESTS(tests);
	ADD_ROWS(faults, read_meets_fault);
	ADD_ROWS(faults, write_meets_fault);
	ADD_ROWS(credits, credits_are_obeyed);
	return run_gathered(NULL, NULL);
}
