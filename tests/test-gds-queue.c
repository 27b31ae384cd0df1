// SPDX-License-Identifier: MIT
/* libpenstock: files, memory, and many operations at once. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/mman.h>

#include <penstock/io.h>

#include "gds-fixture.h"
#include "rows.h"

#define FILE_BYTES ((uint64_t)4 << 20)
#define PIECE	   ((uint64_t)100003)
#define PIECES	   (FILE_BYTES / PIECE)

struct bench {
	struct gds_fixture fixture;
	struct penstock_file *file;
	struct penstock_memory *memory;
	uint8_t *bytes;
	struct penstock_queue *queue;
};

static void start(struct bench *bench, const char *type, const char *options, unsigned int depth)
{
	gds_fixture_start(&bench->fixture, FILE_BYTES, type, options);
	assert_int_equal(penstock_file_open(bench->fixture.fd, &bench->file), 0);
	bench->bytes = malloc(FILE_BYTES);
	assert_non_null(bench->bytes);
	gds_scribble(bench->bytes, FILE_BYTES, 0);
	assert_int_equal(penstock_memory_host(bench->bytes, FILE_BYTES, &bench->memory), 0);
	assert_int_equal(penstock_queue_open(depth, &bench->queue), 0);
}

static void stop(struct bench *bench)
{
	penstock_queue_close(bench->queue);
	penstock_memory_close(bench->memory);
	penstock_file_close(bench->file);
	gds_fixture_stop(&bench->fixture);
	free(bench->bytes);
}

static struct penstock_request piece(const struct bench *bench, enum penstock_operation operation,
				     uintptr_t n)
{
	return (struct penstock_request){ .operation = operation,
					  .file = bench->file,
					  .memory = bench->memory,
					  .memory_offset = n * PIECE,
					  .file_offset = n * PIECE,
					  .size_bytes = PIECE,
					  .user = (void *)n };
}

/* All pieces, as fast as the queue takes them; each comes back once, with all its bytes. */
static void move_all(const struct bench *bench, enum penstock_operation operation)
{
	bool seen[PIECES] = { false };
	uint64_t next = 0, done = 0;

	while (done < PIECES) {
		struct penstock_result results[8];
		int n;

		while (next < PIECES) {
			struct penstock_request request = piece(bench, operation, next);

			n = penstock_queue_submit(bench->queue, &request, 1);
			if (n == -EAGAIN)
				break;
			assert_int_equal(n, 1);
			next++;
		}
		n = penstock_queue_complete(bench->queue, results, 1, ARRAY_SIZE(results), 5000);
		assert_true(n >= 1);
		for (int i = 0; i < n; i++) {
			uintptr_t user = (uintptr_t)results[i].user;

			assert_int_equal(results[i].result, PIECE);
			assert_true(user < PIECES && !seen[user]);
			seen[user] = true;
		}
		done += (uint64_t)n;
	}
}

static void many_are_read(void **state)
{
	struct penstock_counters counters;
	struct bench bench;

	(void)state;
	start(&bench, MOUNT_RDMA, 7);
	move_all(&bench, PENSTOCK_READ);
	assert_file_bytes(bench.bytes, PIECES * PIECE, 0);
	assert_int_equal(penstock_file_counters(bench.file, &counters, sizeof(counters)), 0);
	assert_int_equal(counters.read_direct_bytes, PIECES * PIECE);
	assert_int_equal(counters.read_bounced_bytes, 0);
	assert_int_equal(counters.operations, PIECES);
	stop(&bench);
}

static void many_are_written(void **state)
{
	struct bench bench;

	(void)state;
	start(&bench, MOUNT_RDMA, 16);
	move_all(&bench, PENSTOCK_WRITE);
	assert_memory_equal(bench.fixture.server.disk, bench.bytes, PIECES * PIECE);
	stop(&bench);
}

static void what_bounces_is_done_at_once(void **state)
{
	struct penstock_counters counters;
	struct bench bench;

	(void)state;
	start(&bench, MOUNT_TCP, 7);
	move_all(&bench, PENSTOCK_READ);
	assert_file_bytes(bench.bytes, PIECES * PIECE, 0);
	assert_int_equal(penstock_file_counters(bench.file, &counters, sizeof(counters)), 0);
	assert_int_equal(counters.read_bounced_bytes, PIECES * PIECE);
	stop(&bench);
}

/* The fd becomes readable without anybody asking for results, and stops being so when all are had. */
static void fd_can_be_waited_on(void **state)
{
	struct penstock_result result;
	struct penstock_request request;
	struct pollfd fd = { .events = POLLIN };
	struct bench bench;

	(void)state;
	start(&bench, MOUNT_RDMA, 4);
	fd.fd = penstock_queue_fd(bench.queue);
	assert_int_equal(poll(&fd, 1, 0), 0);
	for (uintptr_t i = 0; i < 3; i++) {
		request = piece(&bench, PENSTOCK_READ, i);
		assert_int_equal(penstock_queue_submit(bench.queue, &request, 1), 1);
	}
	for (int i = 0; i < 3; i++) {
		assert_int_equal(poll(&fd, 1, 5000), 1);
		assert_int_equal(penstock_queue_complete(bench.queue, &result, 0, 1, 0), 1);
		assert_int_equal(result.result, PIECE);
	}
	assert_int_equal(poll(&fd, 1, 0), 0);
	stop(&bench);
}

static void waiting_ends(void **state)
{
	struct penstock_result results[4];
	struct penstock_request request;
	struct bench bench;

	(void)state;
	start(&bench, MOUNT_RDMA, 4);
	/* Nothing is under way: there is nothing to wait for. */
	assert_int_equal(penstock_queue_complete(bench.queue, results, 1, 4, -1), 0);
	nfs_server_misbehave(&bench.fixture.server, SILENT, 0, 0, 0);
	request = piece(&bench, PENSTOCK_READ, 0);
	assert_int_equal(penstock_queue_submit(bench.queue, &request, 1), 1);
	assert_int_equal(penstock_queue_complete(bench.queue, results, 1, 4, 50), 0);
	assert_int_equal(penstock_queue_complete(bench.queue, results, 0, 4, 0), 0);
	pthread_mutex_lock(&bench.fixture.server.lock);
	bench.fixture.server.misbehaviour = BEHAVE;
	nfs_server_restart(&bench.fixture.server);
	pthread_mutex_unlock(&bench.fixture.server.lock);
	assert_int_equal(penstock_queue_complete(bench.queue, results, 2, 4, -1), 1);
	assert_int_equal(results[0].result, PIECE);
	stop(&bench);
}

/* What was submitted and not asked for is waited for when the queue is closed. */
static void close_waits(void **state)
{
	struct penstock_request requests[8];
	struct bench bench;

	(void)state;
	start(&bench, MOUNT_RDMA, 8);
	for (uintptr_t i = 0; i < ARRAY_SIZE(requests); i++)
		requests[i] = piece(&bench, PENSTOCK_WRITE, i);
	assert_int_equal(penstock_queue_submit(bench.queue, requests, 8), 8);
	penstock_queue_close(bench.queue);
	bench.queue = NULL;
	assert_memory_equal(bench.fixture.server.disk, bench.bytes, 8 * PIECE);
	stop(&bench);
}

static void one_at_a_time(void **state)
{
	struct bench bench;

	(void)state;
	start(&bench, MOUNT_RDMA, 1);
	assert_int_equal(penstock_read(bench.file, bench.memory, 13, 50000, 7), 50000);
	assert_file_bytes(bench.bytes + 13, 50000, 7);
	assert_int_equal(penstock_write(bench.file, bench.memory, 100, 60000, 12345), 60000);
	assert_memory_equal(bench.fixture.server.disk + 12345, bench.bytes + 100, 60000);
	assert_int_equal(penstock_read(bench.file, bench.memory, 0, 10, FILE_BYTES * 2), 0);
	assert_int_equal(penstock_read(bench.file, bench.memory, FILE_BYTES, 1, 0), -EFAULT);
	assert_int_equal(penstock_read(bench.file, bench.memory, UINT64_MAX, 2, 0), -EFAULT);
	assert_int_equal(penstock_read(bench.file, bench.memory, 0, 2, INT64_MAX), -EINVAL);
	assert_int_equal(penstock_read(NULL, bench.memory, 0, 2, 0), -EINVAL);
	assert_int_equal(penstock_read(bench.file, NULL, 0, 2, 0), -EINVAL);
	stop(&bench);
}

/* The simulated card maps a dma-buf as it is: any file in memory does. */
static void dmabuf_is_memory(void **state)
{
	struct penstock_memory *memory = NULL;
	int fd = memfd_create("dmabuf", MFD_CLOEXEC);
	struct bench bench;
	uint8_t *seen;

	(void)state;
	start(&bench, MOUNT_RDMA, 1);
	assert_int_equal(ftruncate(fd, 1 << 20), 0);
	assert_int_equal(penstock_memory_dmabuf(fd, 4096, 1 << 20, &memory), -EINVAL);
	assert_int_equal(penstock_memory_dmabuf(fd, 4096, 0, &memory), -EINVAL);
	assert_int_equal(penstock_memory_dmabuf(-1, 0, 1, &memory), -EBADF);
	assert_null(memory);
	assert_int_equal(penstock_memory_dmabuf(fd, 4096, 1 << 18, &memory), 0);
	seen = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	assert_int_equal(penstock_read(bench.file, memory, 100, 200000, 3), 200000);
	assert_file_bytes(seen + 4096 + 100, 200000, 3);
	assert_int_equal(penstock_write(bench.file, memory, 0, 5000, 100000), 5000);
	assert_memory_equal(bench.fixture.server.disk + 100000, seen + 4096, 5000);
	munmap(seen, 1 << 20);
	penstock_memory_close(memory);
	stop(&bench);
}

static void dmabuf_bounces(void **state)
{
	struct penstock_memory *memory = NULL;
	int fd = memfd_create("dmabuf", MFD_CLOEXEC);
	struct bench bench;
	uint8_t *seen;

	(void)state;
	start(&bench, MOUNT_TCP, 1);
	assert_int_equal(ftruncate(fd, 1 << 20), 0);
	assert_int_equal(penstock_memory_dmabuf(fd, 8192, 1 << 18, &memory), 0);
	seen = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	assert_int_equal(penstock_read(bench.file, memory, 100, 200000, 3), 200000);
	assert_file_bytes(seen + 8192 + 100, 200000, 3);
	munmap(seen, 1 << 20);
	penstock_memory_close(memory);
	stop(&bench);
}

static void path_is_told(void **state)
{
	struct penstock_path path;
	struct bench bench;
	uint32_t direct_only = 9;

	(void)state;
	start(&bench, MOUNT_RDMA, 1);
	assert_int_equal(penstock_file_path(bench.file, &path, sizeof(path)), 0);
	assert_int_equal(path.direct, 1);
	assert_string_equal(path.bounce, "direct");
	assert_string_equal(path.server, "10.77.0.1:20049");
	/* A program that knows only the first member gets that. */
	assert_int_equal(penstock_file_path(bench.file, (void *)&direct_only, sizeof(direct_only)),
			 0);
	assert_int_equal(direct_only, 1);
	assert_int_equal(penstock_file_path(NULL, &path, sizeof(path)), -EINVAL);
	assert_int_equal(penstock_file_path(bench.file, NULL, sizeof(path)), -EINVAL);
	stop(&bench);
	start(&bench, MOUNT_KRB5, 1);
	assert_int_equal(penstock_file_path(bench.file, &path, sizeof(path)), 0);
	assert_int_equal(path.direct, 0);
	assert_string_equal(path.bounce, "security");
	assert_string_not_equal(path.reason, "");
	assert_string_not_equal(path.advice, "");
	stop(&bench);
}

static void bad_arguments_are_refused(void **state)
{
	struct penstock_result result;
	struct penstock_request request;
	struct penstock_file *file;
	struct penstock_memory *memory;
	struct penstock_queue *queue;
	struct bench bench;

	(void)state;
	start(&bench, MOUNT_RDMA, 2);
	assert_int_equal(penstock_file_open(-1, &file), -EBADF);
	assert_int_equal(penstock_file_open(bench.fixture.fd, NULL), -EINVAL);
	assert_int_equal(penstock_memory_host(bench.bytes, 10, &memory), -EEXIST);
	assert_int_equal(penstock_memory_host(NULL, 10, &memory), -EFAULT);
	assert_int_equal(penstock_queue_open(0, &queue), -EINVAL);
	assert_int_equal(penstock_queue_open(1 << 20, &queue), -EINVAL);
	assert_int_equal(penstock_queue_fd(NULL), -EINVAL);
	assert_int_equal(penstock_queue_complete(bench.queue, &result, 2, 1, 0), -EINVAL);
	assert_int_equal(penstock_queue_complete(bench.queue, &result, 0, 0, 0), -EINVAL);
	request = piece(&bench, PENSTOCK_READ, 0);
	request.operation = (enum penstock_operation)2;
	assert_int_equal(penstock_queue_submit(bench.queue, &request, 1), -EINVAL);
	request = piece(&bench, PENSTOCK_READ, 0);
	request.memory_offset = FILE_BYTES;
	assert_int_equal(penstock_queue_submit(bench.queue, &request, 1), -EFAULT);
	penstock_queue_close(NULL);
	penstock_memory_close(NULL);
	penstock_file_close(NULL);
	stop(&bench);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_are_read),
		cmocka_unit_test(many_are_written),
		cmocka_unit_test(what_bounces_is_done_at_once),
		cmocka_unit_test(fd_can_be_waited_on),
		cmocka_unit_test(waiting_ends),
		cmocka_unit_test(close_waits),
		cmocka_unit_test(one_at_a_time),
		cmocka_unit_test(dmabuf_is_memory),
		cmocka_unit_test(dmabuf_bounces),
		cmocka_unit_test(path_is_told),
		cmocka_unit_test(bad_arguments_are_refused),
	};

	ADD_TESTS(tests);
	return run_gathered(NULL, NULL);
}
