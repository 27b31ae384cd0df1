// SPDX-License-Identifier: MIT
/* The calls of cuFile, as a program makes them. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/resource.h>

#include "cufile.h"
#include "gds-fixture.h"
#include "rows.h"

#define FILE_BYTES ((uint64_t)1 << 20)

static uint8_t bytes[FILE_BYTES];

static CUfileError_t add(int fd, CUfileHandle_t *handle)
{
	CUfileDescr_t description = { .type = CU_FILE_HANDLE_TYPE_OPAQUE_FD, .handle.fd = fd };

	return cuFileHandleRegister(handle, &description);
}

static void start(struct gds_fixture *fixture, CUfileHandle_t *handle)
{
	gds_fixture_start(fixture, FILE_BYTES, MOUNT_RDMA);
	assert_int_equal(add(fixture->fd, handle).err, CU_FILE_SUCCESS);
}

static void stop(struct gds_fixture *fixture, CUfileHandle_t handle)
{
	cuFileHandleDeregister(handle);
	while (cuFileUseCount())
		assert_int_equal(cuFileDriverClose().err, CU_FILE_SUCCESS);
	gds_fixture_stop(fixture);
}

static void uses_are_counted(void **state)
{
	struct gds_fixture fixture;
	CUfileHandle_t handle;

	(void)state;
	assert_int_equal(cuFileUseCount(), 0);
	assert_int_equal(cuFileDriverClose().err, CU_FILE_DRIVER_NOT_INITIALIZED);
	assert_int_equal(cuFileDriverOpen().err, CU_FILE_SUCCESS);
	assert_int_equal(cuFileDriverOpen().err, CU_FILE_SUCCESS);
	assert_int_equal(cuFileUseCount(), 2);
	start(&fixture, &handle);
	assert_int_equal(cuFileUseCount(), 2);
	assert_int_equal(cuFileDriverClose().err, CU_FILE_SUCCESS);
	assert_int_equal((cuFileDriverClose)().err, CU_FILE_SUCCESS);
	assert_int_equal(cuFileUseCount(), 0);
	/* An open file goes on, and its handle can be given back. */
	assert_int_equal(cuFileRead(handle, bytes, 1000, 0, 0), 1000);
	stop(&fixture, handle);
	/* The first use opens. */
	start(&fixture, &handle);
	assert_int_equal(cuFileUseCount(), 1);
	stop(&fixture, handle);
}

static void properties_are_told_and_set(void **state)
{
	CUfileDrvProps_t props;
	int version = 0;

	(void)state;
	assert_int_equal(cuFileGetVersion(NULL).err, CU_FILE_INVALID_VALUE);
	assert_int_equal(cuFileGetVersion(&version).err, CU_FILE_SUCCESS);
	assert_int_equal(version, 1090);
	assert_int_equal(cuFileDriverSetPollMode(true, 4).err, CU_FILE_DRIVER_NOT_INITIALIZED);
	assert_int_equal(cuFileDriverSetMaxCacheSize(64).err, CU_FILE_DRIVER_NOT_INITIALIZED);
	assert_int_equal(cuFileDriverOpen().err, CU_FILE_SUCCESS);
	assert_int_equal(cuFileDriverGetProperties(NULL).err, CU_FILE_INVALID_VALUE);
	assert_int_equal(cuFileDriverSetPollMode(true, 0).err, CU_FILE_DRIVER_UNSUPPORTED_LIMIT);
	assert_int_equal(cuFileDriverSetMaxDirectIOSize(100).err, CU_FILE_DRIVER_UNSUPPORTED_LIMIT);
	assert_int_equal(cuFileDriverSetMaxCacheSize((size_t)1 << 40).err,
			 CU_FILE_DRIVER_UNSUPPORTED_LIMIT);
	assert_int_equal(cuFileDriverSetMaxPinnedMemSize(0).err, CU_FILE_DRIVER_UNSUPPORTED_LIMIT);
	assert_int_equal(cuFileDriverSetPollMode(true, 16).err, CU_FILE_SUCCESS);
	assert_int_equal(cuFileDriverSetMaxDirectIOSize(8192).err, CU_FILE_SUCCESS);
	assert_int_equal(cuFileDriverSetMaxCacheSize(65536).err, CU_FILE_SUCCESS);
	assert_int_equal(cuFileDriverSetMaxPinnedMemSize(1048576).err, CU_FILE_SUCCESS);
	assert_int_equal(cuFileDriverGetProperties(&props).err, CU_FILE_SUCCESS);
	assert_int_equal(props.nvfs.poll_thresh_size, 16);
	assert_int_equal(props.nvfs.dcontrolflags,
			 1 << CU_FILE_USE_POLL_MODE | 1 << CU_FILE_ALLOW_COMPAT_MODE);
	assert_int_equal(props.nvfs.dstatusflags, 1 << CU_FILE_NFS_SUPPORTED);
	assert_int_equal(props.nvfs.max_direct_io_size, 8192);
	assert_int_equal(props.max_device_cache_size, 65536);
	assert_int_equal(props.max_device_pinned_mem_size, 1048576);
	assert_int_equal(props.fflags, 0);
	assert_int_equal(cuFileDriverSetPollMode(false, 4).err, CU_FILE_SUCCESS);
	assert_int_equal(cuFileDriverGetProperties(&props).err, CU_FILE_SUCCESS);
	assert_int_equal(props.nvfs.dcontrolflags, 1 << CU_FILE_ALLOW_COMPAT_MODE);
	assert_int_equal(cuFileDriverClose().err, CU_FILE_SUCCESS);
}

static void file_is_read_and_written(void **state)
{
	struct gds_fixture fixture;
	CUfileHandle_t handle;
	uint8_t *memory = malloc(FILE_BYTES);

	(void)state;
	assert_non_null(memory);
	start(&fixture, &handle);
	assert_int_equal(cuFileBufRegister(memory, FILE_BYTES, 0).err, CU_FILE_SUCCESS);
	assert_int_equal(cuFileRead(handle, memory, FILE_BYTES, 0, 0), FILE_BYTES);
	assert_file_bytes(memory, FILE_BYTES, 0);
	assert_int_equal(cuFileRead(handle, memory, 5000, 100, 7000), 5000);
	assert_file_bytes(memory + 7000, 5000, 100);
	gds_scribble(memory, FILE_BYTES, 1);
	assert_int_equal(cuFileWrite(handle, memory, 300000, 4000, 123), 300000);
	assert_memory_equal(fixture.server.disk + 4000, memory + 123, 300000);
	assert_int_equal(cuFileRead(handle, memory, 10, (off_t)FILE_BYTES, 0), 0);
	assert_int_equal(cuFileBufDeregister(memory).err, CU_FILE_SUCCESS);
	/* A pointer that is not registered does as well. */
	assert_int_equal(cuFileRead(handle, bytes, 5000, 1, 0), 5000);
	stop(&fixture, handle);
	free(memory);
}

static void handles_are_checked(void **state)
{
	struct gds_fixture fixture;
	CUfileDescr_t description = { .type = CU_FILE_HANDLE_TYPE_OPAQUE_FD, .handle.fd = -1 };
	CUfileHandle_t handle, again = NULL, old;
	int root = open("/", O_RDONLY | O_CLOEXEC), copy;

	(void)state;
	start(&fixture, &handle);
	assert_int_equal(cuFileHandleRegister(NULL, &description).err, CU_FILE_INVALID_VALUE);
	assert_int_equal(cuFileHandleRegister(&again, NULL).err, CU_FILE_INVALID_VALUE);
	assert_int_equal(cuFileHandleRegister(&again, &description).err, CU_FILE_INVALID_VALUE);
	assert_int_equal(add(root, &again).err, CU_FILE_INVALID_FILE_TYPE);
	assert_int_equal(add(fixture.fd, &again).err, CU_FILE_HANDLE_ALREADY_REGISTERED);
	description.type = CU_FILE_HANDLE_TYPE_OPAQUE_WIN32;
	assert_int_equal(cuFileHandleRegister(&again, &description).err, CU_FILE_INVALID_VALUE);
	description.type = CU_FILE_HANDLE_TYPE_USERSPACE_FS;
	assert_int_equal(cuFileHandleRegister(&again, &description).err, CU_FILE_IO_NOT_SUPPORTED);
	assert_null(again);
	copy = fcntl(fixture.fd, F_DUPFD_CLOEXEC, 0);
	assert_int_equal(add(copy, &again).err, CU_FILE_SUCCESS);
	assert_int_equal(cuFileRead(again, bytes, 10, 0, 0), 10);
	cuFileHandleDeregister(again);
	cuFileHandleDeregister(again);
	assert_int_equal(cuFileRead(again, bytes, 10, 0, 0), -CU_FILE_HANDLE_NOT_REGISTERED);
	old = again;
	assert_int_equal(add(copy, &again).err, CU_FILE_SUCCESS);
	/* The place is taken by another now, which the old handle does not name. */
	assert_ptr_not_equal(again, old);
	assert_int_equal(cuFileRead(old, bytes, 10, 0, 0), -CU_FILE_HANDLE_NOT_REGISTERED);
	cuFileHandleDeregister(old);
	assert_int_equal(cuFileRead(again, bytes, 10, 0, 0), 10);
	cuFileHandleDeregister(again);
	cuFileHandleDeregister(NULL);
	cuFileHandleDeregister(bytes);
	assert_int_equal(cuFileRead(NULL, bytes, 10, 0, 0), -CU_FILE_HANDLE_NOT_REGISTERED);
	assert_int_equal(cuFileRead(bytes, bytes, 10, 0, 0), -CU_FILE_HANDLE_NOT_REGISTERED);
	close(copy);
	close(root);
	stop(&fixture, handle);
}

static void many_handles_are_told_apart(void **state)
{
	enum { MANY = 600 };
	struct rlimit limit = { 4096, 4096 };
	struct gds_fixture fixture;
	CUfileHandle_t handles[MANY], handle;
	int fds[MANY];

	(void)state;
	if (setrlimit(RLIMIT_NOFILE, &limit))
		skip();
	start(&fixture, &handle);
	for (int i = 0; i < MANY; i++) {
		fds[i] = fcntl(fixture.fd, F_DUPFD_CLOEXEC, 0);
		assert_int_equal(add(fds[i], &handles[i]).err, CU_FILE_SUCCESS);
	}
	for (int i = 0; i < MANY; i += 2)
		cuFileHandleDeregister(handles[i]);
	for (int i = 0; i < MANY; i++) {
		ssize_t expected = i % 2 ? 1 : -CU_FILE_HANDLE_NOT_REGISTERED;

		assert_int_equal(cuFileRead(handles[i], bytes, 1, i, 0), expected);
	}
	for (int i = 0; i < MANY; i++) {
		cuFileHandleDeregister(handles[i]);
		close(fds[i]);
	}
	stop(&fixture, handle);
}

static void arguments_are_checked(void **state)
{
	struct gds_fixture fixture;
	CUfileHandle_t handle;

	(void)state;
	start(&fixture, &handle);
	assert_int_equal(cuFileRead(handle, NULL, 1, 0, 0), -CU_FILE_INVALID_VALUE);
	assert_int_equal(cuFileRead(handle, bytes, 1, -1, 0), -CU_FILE_INVALID_VALUE);
	assert_int_equal(cuFileRead(handle, bytes, 1, 0, -1), -CU_FILE_INVALID_VALUE);
	assert_int_equal(cuFileWrite(handle, NULL, 1, 0, 0), -CU_FILE_INVALID_VALUE);
	assert_int_equal(cuFileWrite(handle, bytes, 1, -1, 0), -CU_FILE_INVALID_VALUE);
	assert_int_equal(cuFileRead(handle, bytes, 0, 0, 0), 0);
	errno = 0;
	assert_int_equal(cuFileRead(handle, bytes, 2, INT64_MAX, 0), -1);
	assert_int_equal(errno, EINVAL);
	nfs_server_misbehave(&fixture.server, STATUS, 0, 0, 13);
	assert_int_equal(cuFileRead(handle, bytes, 2, 0, 0), -1);
	assert_int_equal(errno, EACCES);
	stop(&fixture, handle);
}

static void buffers_are_checked(void **state)
{
	uint8_t *memory = malloc(65536);

	(void)state;
	assert_int_equal(cuFileBufRegister(NULL, 1, 0).err, CU_FILE_INVALID_VALUE);
	assert_int_equal(cuFileBufRegister(memory, 0, 0).err, CU_FILE_INVALID_VALUE);
	assert_int_equal(cuFileBufRegister(memory, 1, 64).err, CU_FILE_INVALID_VALUE);
	assert_int_equal(cuFileBufRegister(memory, 65536, CU_FILE_RDMA_REGISTER).err,
			 CU_FILE_SUCCESS);
	assert_int_equal(cuFileBufRegister(memory, 65536, 0).err,
			 CU_FILE_MEMORY_ALREADY_REGISTERED);
	assert_int_equal(cuFileBufDeregister(NULL).err, CU_FILE_INVALID_VALUE);
	assert_int_equal(cuFileBufDeregister(memory + 1).err, CU_FILE_MEMORY_NOT_REGISTERED);
	assert_int_equal(cuFileBufDeregister(memory).err, CU_FILE_SUCCESS);
	assert_int_equal(cuFileBufDeregister(memory).err, CU_FILE_MEMORY_NOT_REGISTERED);
	assert_int_equal(cuFileDriverClose().err, CU_FILE_SUCCESS);
	free(memory);
}

/* Closing the driver takes all registrations back: nothing stays reachable. */
static void close_takes_memory_back(void **state)
{
	struct gds_fixture fixture;
	CUfileHandle_t handle;

	(void)state;
	start(&fixture, &handle);
	assert_int_equal(cuFileBufRegister(bytes, FILE_BYTES, 0).err, CU_FILE_SUCCESS);
	assert_int_equal(cuFileRead(handle, bytes, 1000, 0, 0), 1000);
	assert_int_equal(cuFileDriverClose().err, CU_FILE_SUCCESS);
	assert_int_equal(cuFileBufDeregister(bytes).err, CU_FILE_MEMORY_NOT_REGISTERED);
	stop(&fixture, handle);
}

struct slow {
	CUfileHandle_t handle;
	ssize_t result;
};

static void *read_slowly(void *arg)
{
	struct slow *slow = arg;

	slow->result = cuFileRead(slow->handle, bytes, 1000, 0, 0);
	return NULL;
}

static void wait_for_call(struct nfs_server *server, uint32_t calls)
{
	bool come = false;

	while (!come) {
		pthread_mutex_lock(&server->lock);
		come = server->calls >= calls;
		pthread_mutex_unlock(&server->lock);
		usleep(1000);
	}
}

/* A handle that is given back while it is used stays until the operation has ended. */
static void handle_outlives_its_deregistration(void **state)
{
	struct gds_fixture fixture;
	struct slow slow;
	pthread_t thread;

	(void)state;
	start(&fixture, &slow.handle);
	nfs_server_misbehave(&fixture.server, SILENT, 0, 1, 0);
	assert_int_equal(pthread_create(&thread, NULL, read_slowly, &slow), 0);
	wait_for_call(&fixture.server, 1);
	assert_int_equal(cuFileDriverClose().err, CU_FILE_DRIVER_CLOSING);
	cuFileHandleDeregister(slow.handle);
	assert_int_equal(cuFileRead(slow.handle, bytes, 1, 0, 0), -CU_FILE_HANDLE_NOT_REGISTERED);
	pthread_mutex_lock(&fixture.server.lock);
	nfs_server_restart(&fixture.server);
	pthread_mutex_unlock(&fixture.server.lock);
	pthread_join(thread, NULL);
	assert_int_equal(slow.result, 1000);
	stop(&fixture, NULL);
}

static void second_half_says_so(void **state)
{
	CUfileBatchHandle_t batch = NULL;
	size_t size = 0;
	off_t offset = 0;
	ssize_t moved = 0;
	unsigned int n = 0;

	(void)state;
	assert_int_equal(cuFileBatchIOSetUp(&batch, 1).err, CU_FILE_PLATFORM_NOT_SUPPORTED);
	assert_int_equal(cuFileBatchIOSubmit(batch, 0, NULL, 0).err,
			 CU_FILE_PLATFORM_NOT_SUPPORTED);
	assert_int_equal(cuFileBatchIOGetStatus(batch, 0, &n, NULL, NULL).err,
			 CU_FILE_PLATFORM_NOT_SUPPORTED);
	assert_int_equal(cuFileBatchIOCancel(batch).err, CU_FILE_PLATFORM_NOT_SUPPORTED);
	cuFileBatchIODestroy(batch);
	assert_int_equal(cuFileReadAsync(NULL, bytes, &size, &offset, &offset, &moved, NULL).err,
			 CU_FILE_ASYNC_NOT_SUPPORTED);
	assert_int_equal(cuFileWriteAsync(NULL, bytes, &size, &offset, &offset, &moved, NULL).err,
			 CU_FILE_ASYNC_NOT_SUPPORTED);
	assert_int_equal(cuFileStreamRegister(NULL, 0).err, CU_FILE_ASYNC_NOT_SUPPORTED);
	assert_int_equal(cuFileStreamDeregister(NULL).err, CU_FILE_ASYNC_NOT_SUPPORTED);
}

static void errors_have_words(void **state)
{
	(void)state;
	assert_string_equal(CUFILE_ERRSTR(-CU_FILE_INVALID_VALUE), "bad argument");
	assert_string_equal(CUFILE_ERRSTR(5021), "unknown error");
	assert_true(IS_CUFILE_ERR(-CU_FILE_IO_MAX_ERROR));
	assert_false(IS_CUFILE_ERR(-EIO));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(uses_are_counted),
		cmocka_unit_test(properties_are_told_and_set),
		cmocka_unit_test(file_is_read_and_written),
		cmocka_unit_test(handles_are_checked),
		cmocka_unit_test(many_handles_are_told_apart),
		cmocka_unit_test(arguments_are_checked),
		cmocka_unit_test(buffers_are_checked),
		cmocka_unit_test(close_takes_memory_back),
		cmocka_unit_test(handle_outlives_its_deregistration),
		cmocka_unit_test(second_half_says_so),
		cmocka_unit_test(errors_have_words),
	};

	ADD_TESTS(tests);
	return run_gathered(NULL, NULL);
}
