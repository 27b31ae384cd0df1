// SPDX-License-Identifier: MIT
/* Reads and writes by the direct path, with a server that behaves and one that does not. */
#include <errno.h>

#include "gds-fixture.h"
#include "rows.h"

#define FILE_BYTES ((uint64_t)5 << 20)
#define GUARD	   64

/* Memory with a guard on both sides, which starts at an odd address if wanted. */
struct memory {
	uint8_t *all;
	uint8_t *bytes;
	size_t size;
};

static void memory_get(struct memory *memory, size_t size, size_t misaligned)
{
	memory->size = size;
	memory->all = malloc(size + misaligned + 2 * GUARD);
	assert_non_null(memory->all);
	memset(memory->all, 0xa5, size + misaligned + 2 * GUARD);
	memory->bytes = memory->all + GUARD + misaligned;
	gds_scribble(memory->bytes, size, 0);
}

static void memory_put(struct memory *memory)
{
	for (size_t i = 0; i < GUARD; i++) {
		assert_int_equal(memory->bytes[-1 - (ptrdiff_t)i], 0xa5);
		assert_int_equal(memory->bytes[memory->size + i], 0xa5);
	}
	free(memory->all);
}

struct size_row {
	const char *name;
	uint64_t offset;
	size_t size;
	size_t misaligned;
};

static const struct size_row sizes[] = {
	{ "a byte", 0, 1, 0 },
	{ "a byte at odd places", 4097, 1, 3 },
	{ "three bytes over a page's end", 4095, 3, 1 },
	{ "a page", 8192, 4096, 0 },
	{ "a call's most", 0, 65536, 0 },
	{ "a byte more than a call's most", 0, 65537, 0 },
	{ "a megabyte", 1048576, 1048576, 0 },
	{ "a megabyte at odd places", 1048577, 1048573, 7 },
	{ "more than is under way at once", 3, 4718591, 5 },
	{ "all", 0, FILE_BYTES, 0 },
};

static void is_read(void **state)
{
	const struct size_row *row = *state;
	struct gds_fixture fixture;
	struct memory memory;

	gds_fixture_start(&fixture, FILE_BYTES, MOUNT_RDMA);
	gds_fixture_open(&fixture);
	memory_get(&memory, row->size, row->misaligned);
	assert_int_equal(pst_gds_read(fixture.file, memory.bytes, row->size, (off_t)row->offset, 0),
			 row->size);
	assert_file_bytes(memory.bytes, row->size, row->offset);
	assert_went(fixture.file, PST_BOUNCE_NONE, row->size, 0);
	memory_put(&memory);
	gds_fixture_stop(&fixture);
}

/* Also that it is on the server's disk, and what lies around it is as it was. */
static void is_written(void **state)
{
	const struct size_row *row = *state;
	struct gds_fixture fixture;
	struct memory memory;

	gds_fixture_start(&fixture, FILE_BYTES, MOUNT_RDMA);
	gds_fixture_open(&fixture);
	memory_get(&memory, row->size, row->misaligned);
	assert_int_equal(
		pst_gds_write(fixture.file, memory.bytes, row->size, (off_t)row->offset, 0),
		row->size);
	assert_memory_equal(fixture.server.disk + row->offset, memory.bytes, row->size);
	assert_file_bytes(fixture.server.disk, row->offset, 0);
	assert_file_bytes(fixture.server.disk + row->offset + row->size,
			  FILE_BYTES - row->offset - row->size, row->offset + row->size);
	assert_int_equal(fixture.server.commits, 1);
	assert_went(fixture.file, PST_BOUNCE_NONE, 0, row->size);
	memory_put(&memory);
	gds_fixture_stop(&fixture);
}

static void buffer_offset_counts(void **state)
{
	struct gds_fixture fixture;
	struct memory memory;

	(void)state;
	gds_fixture_start(&fixture, FILE_BYTES, MOUNT_RDMA);
	gds_fixture_open(&fixture);
	memory_get(&memory, 200000, 0);
	assert_int_equal(pst_gds_read(fixture.file, memory.bytes, 100000, 5000, 50001), 100000);
	assert_file_bytes(memory.bytes + 50001, 100000, 5000);
	assert_int_equal(memory.bytes[50000], (uint8_t)~nfs_server_byte(50000));
	assert_int_equal(memory.bytes[150001], (uint8_t)~nfs_server_byte(150001));
	memory_put(&memory);
	gds_fixture_stop(&fixture);
}

struct end_row {
	const char *name;
	uint64_t file_bytes;
	uint64_t offset;
	size_t size;
	size_t read;
};

static const struct end_row ends[] = {
	{ "across the end", 300001, 300000 - 4096, 8192, 4097 },
	{ "parts beyond the end", 70000, 0, FILE_BYTES, 70000 },
	{ "up to the end", 300001, 1, 300000, 300000 },
	{ "at the end", 300001, 300001, 4096, 0 },
	{ "far beyond the end", 300001, FILE_BYTES, 4096, 0 },
	{ "of an empty file", 0, 0, 4096, 0 },
};

static void end_of_file_is_seen(void **state)
{
	const struct end_row *row = *state;
	struct gds_fixture fixture;
	struct memory memory;

	gds_fixture_start(&fixture, FILE_BYTES, MOUNT_RDMA);
	fixture.server.size_bytes = row->file_bytes;
	gds_fixture_open(&fixture);
	memory_get(&memory, row->size, 0);
	assert_int_equal(pst_gds_read(fixture.file, memory.bytes, row->size, (off_t)row->offset, 0),
			 row->read);
	assert_file_bytes(memory.bytes, row->read, row->offset);
	memory_put(&memory);
	gds_fixture_stop(&fixture);
}

static void short_replies_are_completed(void **state)
{
	struct gds_fixture fixture;
	struct memory memory;

	(void)state;
	gds_fixture_start(&fixture, FILE_BYTES, MOUNT_RDMA);
	gds_fixture_open(&fixture);
	nfs_server_misbehave(&fixture.server, SHORT_REPLY, 0, 0, 0);
	memory_get(&memory, 1000003, 1);
	assert_int_equal(pst_gds_read(fixture.file, memory.bytes, memory.size, 77, 0), memory.size);
	assert_file_bytes(memory.bytes, memory.size, 77);
	gds_scribble(memory.bytes, memory.size, 9);
	assert_int_equal(pst_gds_write(fixture.file, memory.bytes, memory.size, 99, 0),
			 memory.size);
	assert_memory_equal(fixture.server.disk + 99, memory.bytes, memory.size);
	memory_put(&memory);
	gds_fixture_stop(&fixture);
}

/* After each number of calls, the last of which is the COMMIT, the server loses what it has not committed. */
static void restart_loses_no_written_byte(void **state)
{
	(void)state;
	for (uint32_t after = 0; after <= 5; after++) {
		struct gds_fixture fixture;
		struct memory memory;

		gds_fixture_start(&fixture, FILE_BYTES, MOUNT_RDMA);
		gds_fixture_open(&fixture);
		nfs_server_misbehave(&fixture.server, RESTART, after, 1, 0);
		memory_get(&memory, 5 * 65536, 0);
		assert_int_equal(pst_gds_write(fixture.file, memory.bytes, memory.size, 4096, 0),
				 memory.size);
		assert_memory_equal(fixture.server.disk + 4096, memory.bytes, memory.size);
		assert_went(fixture.file, PST_BOUNCE_NONE, 0, memory.size);
		memory_put(&memory);
		gds_fixture_stop(&fixture);
	}
}

static void restart_is_not_noticed_by_a_read(void **state)
{
	(void)state;
	for (uint32_t after = 0; after <= 9; after += 3) {
		struct gds_fixture fixture;
		struct memory memory;

		gds_fixture_start(&fixture, FILE_BYTES, MOUNT_RDMA);
		gds_fixture_open(&fixture);
		nfs_server_misbehave(&fixture.server, RESTART, after, 1, 0);
		memory_get(&memory, 10 * 65536, 0);
		assert_int_equal(pst_gds_read(fixture.file, memory.bytes, memory.size, 1, 0),
				 memory.size);
		assert_file_bytes(memory.bytes, memory.size, 1);
		memory_put(&memory);
		gds_fixture_stop(&fixture);
	}
}

static void full_disk_ends_a_write(void **state)
{
	struct gds_fixture fixture;
	struct memory memory;

	(void)state;
	gds_fixture_start(&fixture, FILE_BYTES, MOUNT_RDMA);
	gds_fixture_open(&fixture);
	fixture.server.full_at_bytes = 200000;
	memory_get(&memory, 1 << 20, 0);
	/* Whole calls up to there, and they are on the disk. */
	assert_int_equal(pst_gds_write(fixture.file, memory.bytes, memory.size, 0, 0), 3 * 65536);
	assert_memory_equal(fixture.server.disk, memory.bytes, 3 * 65536);
	assert_int_equal(pst_gds_write(fixture.file, memory.bytes, memory.size, 3 * 65536, 0),
			 -ENOSPC);
	memory_put(&memory);
	gds_fixture_stop(&fixture);
}

struct status_row {
	const char *name;
	uint32_t status;
	int error;
};

static const struct status_row statuses[] = {
	{ "EACCES", 13, -EACCES }, { "EIO", 5, -EIO },	      { "ENOSPC", 28, -ENOSPC },
	{ "EROFS", 30, -EROFS },   { "EDQUOT", 69, -EDQUOT }, { "ESTALE", 70, -ESTALE },
	{ "EFBIG", 27, -EFBIG },
};

static void servers_error_is_the_callers(void **state)
{
	const struct status_row *row = *state;
	struct pst_gds_counters counters;
	struct gds_fixture fixture;
	struct memory memory;

	gds_fixture_start(&fixture, FILE_BYTES, MOUNT_RDMA);
	gds_fixture_open(&fixture);
	nfs_server_misbehave(&fixture.server, STATUS, 0, 0, row->status);
	memory_get(&memory, 1 << 20, 0);
	assert_int_equal(pst_gds_read(fixture.file, memory.bytes, memory.size, 0, 0), row->error);
	assert_int_equal(pst_gds_write(fixture.file, memory.bytes, memory.size, 0, 0), row->error);
	assert_went(fixture.file, PST_BOUNCE_NONE, 0, 0);
	pst_gds_file_counters(fixture.file, &counters);
	assert_int_equal(counters.operations, 2);
	assert_int_equal(counters.errors, 2);
	memory_put(&memory);
	gds_fixture_stop(&fixture);
}

static void failed_commit_acknowledges_nothing(void **state)
{
	struct gds_fixture fixture;
	struct memory memory;

	(void)state;
	gds_fixture_start(&fixture, FILE_BYTES, MOUNT_RDMA);
	gds_fixture_open(&fixture);
	memory_get(&memory, 4 * 65536, 0);
	nfs_server_misbehave(&fixture.server, STATUS, 4, 0, 69);
	assert_int_equal(pst_gds_write(fixture.file, memory.bytes, memory.size, 0, 0), -EDQUOT);
	memory_put(&memory);
	gds_fixture_stop(&fixture);
}

static void bytes_before_an_error_count(void **state)
{
	struct gds_fixture fixture;
	struct memory memory;
	ssize_t n;

	(void)state;
	gds_fixture_start(&fixture, FILE_BYTES, MOUNT_RDMA);
	gds_fixture_open(&fixture);
	memory_get(&memory, 8 * 65536, 0);
	nfs_server_misbehave(&fixture.server, STATUS, 3, 0, 5);
	n = pst_gds_read(fixture.file, memory.bytes, memory.size, 0, 0);
	assert_true(n == -EIO || (n > 0 && n <= 3 * 65536 && n % 65536 == 0));
	if (n > 0)
		assert_file_bytes(memory.bytes, (size_t)n, 0);
	memory_put(&memory);
	gds_fixture_stop(&fixture);
}

/* A direct path that is lost is an error, and no bounce that nobody asked for. */
static void lost_server_is_an_error(void **state)
{
	struct gds_fixture fixture;
	struct memory memory;

	(void)state;
	gds_fixture_start(&fixture, FILE_BYTES, MOUNT_RDMA);
	gds_fixture_timeout(300);
	gds_fixture_open(&fixture);
	memory_get(&memory, 200000, 0);
	nfs_server_misbehave(&fixture.server, SILENT, 0, 0, 0);
	assert_int_equal(pst_gds_read(fixture.file, memory.bytes, memory.size, 0, 0), -ETIMEDOUT);
	assert_int_equal(pst_gds_write(fixture.file, memory.bytes, memory.size, 0, 0), -ETIMEDOUT);
	assert_went(fixture.file, PST_BOUNCE_NONE, 0, 0);
	nfs_server_misbehave(&fixture.server, BEHAVE, 0, 0, 0);
	assert_int_equal(pst_gds_read(fixture.file, memory.bytes, memory.size, 0, 0), memory.size);
	memory_put(&memory);
	gds_fixture_stop(&fixture);
}

static void nonsense_is_an_error(void **state)
{
	static const enum misbehaviour kinds[] = { OTHER_CHUNK, LONG_CHUNK, CHUNK_LIES, COUNT_LIES,
						   SECOND_CHUNK };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct gds_fixture fixture;
		struct memory memory;

		gds_fixture_start(&fixture, FILE_BYTES, MOUNT_RDMA);
		gds_fixture_timeout(300);
		gds_fixture_open(&fixture);
		memory_get(&memory, 200000, 0);
		nfs_server_misbehave(&fixture.server, kinds[i], 0, 0, 0);
		assert_true(pst_gds_read(fixture.file, memory.bytes, memory.size, 0, 0) < 0);
		memory_put(&memory);
		gds_fixture_stop(&fixture);
	}
}

/* What was written through the mount before is not seen in the test's server: it is that nothing fails. */
static void verifier_that_never_rests_is_an_error(void **state)
{
	struct gds_fixture fixture;
	struct memory memory;

	(void)state;
	gds_fixture_start(&fixture, FILE_BYTES, MOUNT_RDMA);
	gds_fixture_timeout(1000);
	gds_fixture_open(&fixture);
	memory_get(&memory, 65536, 0);
	nfs_server_misbehave(&fixture.server, RESTART, 0, 0, 0);
	assert_true(pst_gds_write(fixture.file, memory.bytes, memory.size, 0, 0) < 0);
	memory_put(&memory);
	gds_fixture_stop(&fixture);
}

static void unregistrable_memory_bounces(void **state)
{
	struct gds_fixture fixture;
	char __cleanup_free *reason = NULL;
	struct memory memory;

	(void)state;
	gds_fixture_start(&fixture, FILE_BYTES, MOUNT_RDMA);
	gds_fixture_open(&fixture);
	memory_get(&memory, 300001, 1);
	pst_sim_faults.register_error = -EPERM;
	assert_int_equal(pst_gds_read(fixture.file, memory.bytes, memory.size, 11, 0), memory.size);
	assert_file_bytes(memory.bytes, memory.size, 11);
	assert_int_equal(pst_gds_write(fixture.file, memory.bytes, 1000, 0, 0), 1000);
	assert_went(fixture.file, PST_BOUNCE_MEMORY, memory.size, 1000);
	reason = pst_gds_memory_reason(fixture.file);
	assert_string_not_equal(reason, "");
	assert_int_equal(fixture.server.calls, 0);
	pst_sim_faults.register_error = 0;
	memory_put(&memory);
	gds_fixture_stop(&fixture);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(buffer_offset_counts),
		cmocka_unit_test(short_replies_are_completed),
		cmocka_unit_test(restart_loses_no_written_byte),
		cmocka_unit_test(restart_is_not_noticed_by_a_read),
		cmocka_unit_test(full_disk_ends_a_write),
		cmocka_unit_test(failed_commit_acknowledges_nothing),
		cmocka_unit_test(bytes_before_an_error_count),
		cmocka_unit_test(lost_server_is_an_error),
		cmocka_unit_test(nonsense_is_an_error),
		cmocka_unit_test(verifier_that_never_rests_is_an_error),
		cmocka_unit_test(unregistrable_memory_bounces),
	};

	ADD_ROWS(sizes, is_read);
	ADD_ROWS(sizes, is_written);
	ADD_ROWS(ends, end_of_file_is_seen);
	ADD_ROWS(statuses, servers_error_is_the_callers);
	ADD_TESTS(tests);
	return run_gathered(NULL, NULL);
}
