// SPDX-License-Identifier: MIT
/* Files: which are taken, which path they get, threads and processes that share one. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/log.h"
#include "gds-fixture.h"
#include "rows.h"

#define FILE_BYTES ((uint64_t)1 << 20)
#define THREADS	   16

static uint8_t bytes[FILE_BYTES];

struct path_row {
	const char *name;
	const char *type, *options;
	enum pst_bounce bounce;
};

static const struct path_row paths[] = {
	{ "over TCP", MOUNT_TCP, PST_BOUNCE_NOT_RDMA },
	{ "with Kerberos", MOUNT_KRB5, PST_BOUNCE_SECURITY },
	{ "on a local file system", MOUNT_LOCAL, PST_BOUNCE_NOT_NFS },
};

static void bounces(void **state)
{
	const struct path_row *row = *state;
	struct gds_fixture fixture;
	struct pst_gds_path path;
	struct pst_sim_counters network;

	gds_fixture_start(&fixture, FILE_BYTES, row->type, row->options);
	gds_fixture_open(&fixture);
	pst_gds_path(fixture.file, &path);
	assert_int_equal(path.bounce, row->bounce);
	assert_string_not_equal(path.reason, "");
	assert_string_equal(path.mount, "/mnt/data");
	assert_string_equal(path.device, "");
	assert_int_equal(path.read_max_bytes, 0);
	assert_int_equal(pst_gds_read(fixture.file, bytes, 1000, 333, 0), 1000);
	assert_file_bytes(bytes, 1000, 333);
	gds_scribble(bytes, 5000, 3);
	assert_int_equal(pst_gds_write(fixture.file, bytes, 5000, (off_t)FILE_BYTES - 1, 0), 5000);
	assert_int_equal(pst_gds_read(fixture.file, bytes, FILE_BYTES, (off_t)FILE_BYTES - 1, 0),
			 5000);
	assert_int_equal(pst_gds_read(fixture.file, bytes, 1, (off_t)FILE_BYTES * 9, 0), 0);
	assert_went(fixture.file, row->bounce, 6000, 5000);
	pst_sim_counters(&network);
	assert_int_equal(network.links, 0);
	gds_fixture_stop(&fixture);
}

static void direct_path_is_described(void **state)
{
	struct gds_fixture fixture;
	struct pst_gds_path path;

	(void)state;
	gds_fixture_start(&fixture, FILE_BYTES, MOUNT_RDMA);
	gds_fixture_open(&fixture);
	pst_gds_path(fixture.file, &path);
	assert_int_equal(path.bounce, PST_BOUNCE_NONE);
	assert_string_equal(path.reason, "");
	assert_string_equal(path.mount, "/mnt/data");
	assert_string_equal(path.source, "10.77.0.1:/tank/data");
	assert_string_equal(path.fstype, "nfs");
	assert_string_equal(path.version, "3");
	assert_string_equal(path.proto, "rdma");
	assert_string_equal(path.server, "10.77.0.1:20049");
	assert_string_not_equal(path.device, "");
	assert_int_equal(path.read_max_bytes, 65536);
	assert_int_equal(path.write_max_bytes, 65536);
	gds_fixture_stop(&fixture);
}

struct failure_row {
	const char *name;
	int connect_error, handle_error;
	bool stale;
	enum pst_bounce bounce;
};

static const struct failure_row failures[] = {
	{ "server refuses", -ECONNREFUSED, 0, false, PST_BOUNCE_NO_SERVER },
	{ "server does not answer", -ETIMEDOUT, 0, false, PST_BOUNCE_NO_SERVER },
	{ "no device", -ENODEV, 0, false, PST_BOUNCE_NO_DEVICE },
	{ "no permission on the device", -EACCES, 0, false, PST_BOUNCE_NO_DEVICE },
	{ "no handle", 0, -EOPNOTSUPP, false, PST_BOUNCE_NO_HANDLE },
	{ "server does not know the handle", 0, 0, true, PST_BOUNCE_NO_SERVER },
};

static void hear(const char *text, void *user)
{
	char **heard = user;

	free(*heard);
	*heard = strdup(text);
}

/* Each failure has its reason, which is told and logged, and the bytes come all the same. */
static void failure_bounces(void **state)
{
	const struct failure_row *row = *state;
	char __cleanup_free *heard = NULL;
	struct gds_fixture fixture;
	struct pst_gds_path path;

	gds_fixture_start(&fixture, FILE_BYTES, MOUNT_RDMA);
	fixture.handle_error = row->handle_error;
	fixture.stale = row->stale;
	pst_sim_faults.connect_error = row->connect_error;
	pst_log_to(hear, &heard);
	gds_fixture_open(&fixture);
	pst_log_to(NULL, NULL);
	pst_gds_path(fixture.file, &path);
	assert_int_equal(path.bounce, row->bounce);
	assert_string_not_equal(path.reason, "");
	assert_non_null(heard);
	assert_non_null(strstr(heard, path.reason));
	assert_non_null(strstr(heard, pst_bounce_name(row->bounce)));
	assert_int_equal(pst_gds_read(fixture.file, bytes, 10, 0, 0), 10);
	assert_went(fixture.file, row->bounce, 10, 0);
	pst_sim_faults.connect_error = 0;
	gds_fixture_stop(&fixture);
}

static void handle_goes_stale(void **state)
{
	struct gds_fixture fixture;

	(void)state;
	gds_fixture_start(&fixture, FILE_BYTES, MOUNT_RDMA);
	gds_fixture_open(&fixture);
	fixture.server.fh.data[0] ^= 1;
	assert_int_equal(pst_gds_read(fixture.file, bytes, 10, 0, 0), -ESTALE);
	assert_went(fixture.file, PST_BOUNCE_NONE, 0, 0);
	gds_fixture_stop(&fixture);
}

static void what_is_no_file_is_refused(void **state)
{
	struct pst_gds_file *file = NULL;
	int directory = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int path = open("/proc/self/exe", O_PATH | O_CLOEXEC);
	int device = open("/dev/null", O_RDWR | O_CLOEXEC);
	int pipes[2];

	(void)state;
	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	assert_int_equal(pst_gds_open(-1, &file, NULL), -EBADF);
	assert_int_equal(pst_gds_open(1 << 20, &file, NULL), -EBADF);
	assert_int_equal(pst_gds_open(path, &file, NULL), -EBADF);
	assert_int_equal(pst_gds_open(directory, &file, NULL), -EISDIR);
	assert_int_equal(pst_gds_open(pipes[0], &file, NULL), -EINVAL);
	assert_int_equal(pst_gds_open(device, &file, NULL), -EINVAL);
	assert_null(file);
	close(directory);
	close(path);
	close(device);
	close(pipes[0]);
	close(pipes[1]);
}

static void what_cannot_be_is_refused(void **state)
{
	struct gds_fixture fixture;
	uint32_t calls;

	(void)state;
	gds_fixture_start(&fixture, FILE_BYTES, MOUNT_RDMA);
	gds_fixture_open(&fixture);
	calls = fixture.server.calls;
	assert_int_equal(pst_gds_read(fixture.file, bytes, 0, 0, 0), 0);
	assert_int_equal(pst_gds_read(fixture.file, bytes, 1, -1, 0), -EINVAL);
	assert_int_equal(pst_gds_read(fixture.file, bytes, 1, 0, -1), -EINVAL);
	assert_int_equal(pst_gds_read(fixture.file, bytes, 2, INT64_MAX - 1, 0), -EINVAL);
	assert_int_equal(pst_gds_read(fixture.file, bytes, SIZE_MAX, 0, 0), -EINVAL);
	assert_int_equal(pst_gds_read(fixture.file, (void *)(UINTPTR_MAX - 1), 1, 0, 2), -EINVAL);
	assert_int_equal(pst_gds_read(fixture.file, NULL, 1, 0, 0), -EFAULT);
	assert_int_equal(fixture.server.calls, calls);
	gds_fixture_stop(&fixture);
}

static void open_flags_are_obeyed(void **state)
{
	struct gds_fixture fixture;
	char path[64];
	int fd;

	(void)state;
	gds_fixture_start(&fixture, FILE_BYTES, MOUNT_RDMA);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fixture.fd);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(pst_gds_open(fd, &fixture.file, NULL), 0);
	assert_int_equal(pst_gds_write(fixture.file, bytes, 1, 0, 0), -EBADF);
	assert_int_equal(pst_gds_read(fixture.file, bytes, 1, 0, 0), 1);
	pst_gds_close(fixture.file);
	close(fd);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_int_equal(pst_gds_open(fd, &fixture.file, NULL), 0);
	assert_int_equal(pst_gds_read(fixture.file, bytes, 1, 0, 0), -EBADF);
	assert_int_equal(pst_gds_write(fixture.file, bytes, 1, 0, 0), 1);
	/* The fd was the caller's, and the file needs it no more. */
	close(fd);
	assert_int_equal(pst_gds_write(fixture.file, bytes, 1, 0, 0), 1);
	gds_fixture_stop(&fixture);
}

/* Each has its part of the file, reads and writes it, and none sees another's bytes. */
struct worker {
	pthread_t thread;
	struct pst_gds_file *file;
	uint64_t offset;
	int failed;
};

#define SHARE (FILE_BYTES / THREADS)

static void *work(void *arg)
{
	struct worker *worker = arg;
	uint8_t *mine = malloc(2 * SHARE);

	for (uint8_t round = 0; round < 6 && mine && !worker->failed; round++) {
		gds_scribble(mine, SHARE, round);
		worker->failed = pst_gds_write(worker->file, mine, SHARE, (off_t)worker->offset,
					       0) != (ssize_t)SHARE ||
				 pst_gds_read(worker->file, mine, SHARE, (off_t)worker->offset,
					      SHARE) != (ssize_t)SHARE ||
				 memcmp(mine, mine + SHARE, SHARE) != 0;
	}
	free(mine);
	return NULL;
}

static void many_threads_share_a_file(void **state)
{
	struct worker workers[THREADS] = { 0 };
	struct gds_fixture fixture;

	(void)state;
	gds_fixture_start(&fixture, FILE_BYTES, MOUNT_RDMA);
	gds_fixture_open(&fixture);
	for (size_t i = 0; i < THREADS; i++) {
		workers[i].file = fixture.file;
		workers[i].offset = i * SHARE;
		assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
	}
	for (size_t i = 0; i < THREADS; i++) {
		pthread_join(workers[i].thread, NULL);
		assert_int_equal(workers[i].failed, 0);
	}
	assert_went(fixture.file, PST_BOUNCE_NONE, 6 * FILE_BYTES, 6 * FILE_BYTES);
	gds_fixture_stop(&fixture);
}

static void files_share_connections(void **state)
{
	struct pst_sim_counters one, many;
	struct pst_gds_file *files[8];
	struct gds_fixture fixture;

	(void)state;
	gds_fixture_start(&fixture, FILE_BYTES, MOUNT_RDMA);
	gds_fixture_open(&fixture);
	pst_sim_counters(&one);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		assert_int_equal(pst_gds_open(fixture.fd, &files[i], NULL), 0);
	pst_sim_counters(&many);
	assert_int_equal(many.links, one.links);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		pst_gds_close(files[i]);
	/* What is in use stays. */
	pst_gds_trim();
	assert_int_equal(pst_gds_read(fixture.file, bytes, 5000, 1, 0), 5000);
	assert_file_bytes(bytes, 5000, 1);
	gds_fixture_stop(&fixture);
}

static int in_child(struct gds_fixture *fixture)
{
	struct pst_gds_file *own = NULL;
	struct pst_gds_path path;
	struct pst_gds_counters counters;

	pst_gds_path(fixture->file, &path);
	if (path.bounce != PST_BOUNCE_FORKED || !*path.reason)
		return 1;
	if (pst_gds_read(fixture->file, bytes, 5000, 7, 0) != 5000 ||
	    bytes[4999] != nfs_server_byte(5006))
		return 2;
	pst_gds_file_counters(fixture->file, &counters);
	if (counters.read_bounced_bytes[PST_BOUNCE_FORKED] != 5000)
		return 3;
	pst_gds_close(fixture->file);
	/* A connection of its own. */
	if (pst_gds_open(fixture->fd, &own, NULL) || pst_gds_read(own, bytes, 6000, 9, 0) != 6000 ||
	    bytes[5999] != nfs_server_byte(6008))
		return 4;
	pst_gds_file_counters(own, &counters);
	if (counters.read_direct_bytes != 6000)
		return 5;
	pst_gds_close(own);
	pst_gds_trim();
	return 0;
}

static void child_process_bounces(void **state)
{
	struct gds_fixture fixture;
	int status = 0;
	pid_t child;

	(void)state;
	gds_fixture_start(&fixture, FILE_BYTES, MOUNT_RDMA);
	gds_fixture_open(&fixture);
	assert_int_equal(pst_gds_read(fixture.file, bytes, 4096, 0, 0), 4096);
	child = fork();
	if (!child)
		_exit(in_child(&fixture));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_int_equal(pst_gds_read(fixture.file, bytes, FILE_BYTES, 0, 0), FILE_BYTES);
	assert_file_bytes(bytes, FILE_BYTES, 0);
	assert_went(fixture.file, PST_BOUNCE_NONE, 4096 + FILE_BYTES, 0);
	gds_fixture_stop(&fixture);
}

static void process_counts_all_files(void **state)
{
	struct pst_gds_counters before, after;
	struct gds_fixture fixture;

	(void)state;
	pst_gds_process_counters(&before);
	for (int i = 0; i < 2; i++) {
		gds_fixture_start(&fixture, FILE_BYTES, MOUNT_RDMA);
		gds_fixture_open(&fixture);
		assert_int_equal(pst_gds_read(fixture.file, bytes, 4096, 0, 0), 4096);
		gds_fixture_stop(&fixture);
	}
	pst_gds_process_counters(&after);
	assert_int_equal(after.read_direct_bytes - before.read_direct_bytes, 8192);
	assert_int_equal(after.operations - before.operations, 2);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(direct_path_is_described),
		cmocka_unit_test(handle_goes_stale),
		cmocka_unit_test(what_is_no_file_is_refused),
		cmocka_unit_test(what_cannot_be_is_refused),
		cmocka_unit_test(open_flags_are_obeyed),
		cmocka_unit_test(many_threads_share_a_file),
		cmocka_unit_test(files_share_connections),
		cmocka_unit_test(child_process_bounces),
		cmocka_unit_test(process_counts_all_files),
	};

	ADD_ROWS(paths, bounces);
	ADD_ROWS(failures, failure_bounces);
	ADD_TESTS(tests);
	return run_gathered(NULL, NULL);
}
