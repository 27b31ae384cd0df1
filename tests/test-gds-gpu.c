// SPDX-License-Identifier: MIT
/*
 * Into and out of GPU memory. The GPU is simulated (tests/sim), found by its name as a real driver is; its memory is
 * not for the CPU, so whoever touches it other than through the driver or a card dies.
 */
#include <dlfcn.h>
#include <errno.h>

#include "cufile.h"
#include "gds-fixture.h"
#include "rows.h"

#define FILE_BYTES ((uint64_t)3 << 20)
/* More than what the bounce path moves at once. */
#define GPU_BYTES ((size_t)4 << 20)

static int (*gpu_alloc)(uint64_t *pointer, size_t bytes);
static int (*gpu_free)(uint64_t pointer);
static int (*gpu_copy_in)(uint64_t to, const void *from, size_t bytes);
static int (*gpu_copy_out)(void *to, uint64_t from, size_t bytes);

static uint8_t bytes[GPU_BYTES];

static void *symbol(void *library, const char *name)
{
	void *found = dlsym(library, name);

	assert_non_null(found);
	return found;
}

static int start_driver(void **state)
{
	void *library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_GLOBAL);
	int (*create)(void **context, unsigned int flags, int device);
	int (*init)(unsigned int flags);
	void *context;

	(void)state;
	if (!library)
		return -1;
	*(void **)&init = symbol(library, "cuInit");
	*(void **)&create = symbol(library, "cuCtxCreate_v2");
	*(void **)&gpu_alloc = symbol(library, "cuMemAlloc_v2");
	*(void **)&gpu_free = symbol(library, "cuMemFree_v2");
	*(void **)&gpu_copy_in = symbol(library, "cuMemcpyHtoD_v2");
	*(void **)&gpu_copy_out = symbol(library, "cuMemcpyDtoH_v2");
	return init(0) || create(&context, 0, 0) ? -1 : 0;
}

struct bench {
	struct gds_fixture fixture;
	uint64_t gpu;
};

static void *gpu_pointer(const struct bench *bench)
{
	return (void *)(uintptr_t)bench->gpu;
}

static void start(struct bench *bench, const char *type, const char *options)
{
	gds_fixture_start(&bench->fixture, FILE_BYTES, type, options);
	gds_fixture_open(&bench->fixture);
	assert_int_equal(gpu_alloc(&bench->gpu, GPU_BYTES), 0);
	gds_scribble(bytes, GPU_BYTES, 0);
	assert_int_equal(gpu_copy_in(bench->gpu, bytes, GPU_BYTES), 0);
}

static void stop(struct bench *bench)
{
	gds_fixture_stop(&bench->fixture);
	if (bench->gpu)
		assert_int_equal(gpu_free(bench->gpu), 0);
}

struct row {
	const char *name;
	const char *type, *options;
	enum pst_bounce bounce;
	bool registered;
	off_t buffer_offset, file_offset;
	size_t size;
};

static const struct row rows[] = {
	{ "direct, not registered", MOUNT_RDMA, PST_BOUNCE_NONE, false, 0, 0, FILE_BYTES },
	{ "direct, registered", MOUNT_RDMA, PST_BOUNCE_NONE, true, 0, 0, FILE_BYTES },
	{ "direct, at odd places", MOUNT_RDMA, PST_BOUNCE_NONE, true, 12347, 4095, 1000003 },
	{ "direct, a byte", MOUNT_RDMA, PST_BOUNCE_NONE, false, 4097, 3, 1 },
	{ "bounced", MOUNT_TCP, PST_BOUNCE_NOT_RDMA, false, 0, 0, FILE_BYTES },
	{ "bounced, registered", MOUNT_TCP, PST_BOUNCE_NOT_RDMA, true, 0, 0, FILE_BYTES },
	{ "bounced, at odd places", MOUNT_TCP, PST_BOUNCE_NOT_RDMA, true, 12347, 4095, 1000003 },
};

/* Only the bytes that were read are new. */
static void assert_gpu_has_file(const struct bench *bench, const struct row *row)
{
	size_t begin = (size_t)row->buffer_offset, end = begin + row->size;

	assert_int_equal(gpu_copy_out(bytes, bench->gpu, GPU_BYTES), 0);
	for (size_t i = 0; i < GPU_BYTES; i++) {
		uint8_t expected = i >= begin && i < end
					   ? nfs_server_byte(i - begin + (uint64_t)row->file_offset)
					   : (uint8_t)~nfs_server_byte(i);

		if (bytes[i] != expected)
			fail_msg("byte %zu differs", i);
	}
}

static void gpu_is_read_into(void **state)
{
	const struct row *row = *state;
	struct bench bench;

	start(&bench, row->type, row->options);
	if (row->registered)
		assert_int_equal(cuFileBufRegister(gpu_pointer(&bench), GPU_BYTES, 0).err, 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(pst_gds_read(bench.fixture.file, gpu_pointer(&bench), row->size,
					      row->file_offset, row->buffer_offset),
				 row->size);
	assert_gpu_has_file(&bench, row);
	assert_went(bench.fixture.file, row->bounce, 2 * row->size, 0);
	if (row->registered)
		assert_int_equal(cuFileBufDeregister(gpu_pointer(&bench)).err, 0);
	stop(&bench);
}

static void gpu_is_written_from(void **state)
{
	const struct row *row = *state;
	struct bench bench;

	start(&bench, row->type, row->options);
	if (row->registered)
		assert_int_equal(cuFileBufRegister(gpu_pointer(&bench), GPU_BYTES, 0).err, 0);
	assert_int_equal(pst_gds_write(bench.fixture.file, gpu_pointer(&bench), row->size,
				       row->file_offset, row->buffer_offset),
			 row->size);
	if (row->bounce == PST_BOUNCE_NONE) {
		assert_memory_equal(bench.fixture.server.disk + row->file_offset,
				    bytes + row->buffer_offset, row->size);
	} else {
		uint8_t *seen = malloc(row->size);

		assert_non_null(seen);
		assert_int_equal(pread(bench.fixture.fd, seen, row->size, row->file_offset),
				 row->size);
		assert_memory_equal(seen, bytes + row->buffer_offset, row->size);
		free(seen);
	}
	assert_went(bench.fixture.file, row->bounce, 0, row->size);
	if (row->registered)
		assert_int_equal(cuFileBufDeregister(gpu_pointer(&bench)).err, 0);
	stop(&bench);
}

static void end_of_file_is_seen(void **state)
{
	struct bench bench;

	(void)state;
	start(&bench, MOUNT_RDMA);
	assert_int_equal(pst_gds_read(bench.fixture.file, gpu_pointer(&bench), GPU_BYTES,
				      (off_t)FILE_BYTES - 5, 0),
			 5);
	stop(&bench);
	start(&bench, MOUNT_TCP);
	assert_int_equal(pst_gds_read(bench.fixture.file, gpu_pointer(&bench), GPU_BYTES,
				      (off_t)FILE_BYTES - 5, 0),
			 5);
	stop(&bench);
}

static void what_is_beyond_the_allocation_is_refused(void **state)
{
	struct bench bench;

	(void)state;
	start(&bench, MOUNT_RDMA);
	assert_int_equal(pst_gds_read(bench.fixture.file, gpu_pointer(&bench), 8192, 0,
				      (off_t)GPU_BYTES - 4096),
			 -EFAULT);
	stop(&bench);
	start(&bench, MOUNT_TCP);
	assert_int_equal(pst_gds_read(bench.fixture.file, gpu_pointer(&bench), 8192, 0,
				      (off_t)GPU_BYTES - 4096),
			 -EFAULT);
	stop(&bench);
}

static void memory_that_cannot_be_lent_bounces(void **state)
{
	char __cleanup_free *reason = NULL;
	struct row row = { .size = FILE_BYTES };
	struct bench bench;

	(void)state;
	assert_int_equal(setenv("PENSTOCK_SIM_NO_DMABUF", "1", 1), 0);
	start(&bench, MOUNT_RDMA);
	assert_int_equal(pst_gds_read(bench.fixture.file, gpu_pointer(&bench), FILE_BYTES, 0, 0),
			 FILE_BYTES);
	assert_gpu_has_file(&bench, &row);
	assert_went(bench.fixture.file, PST_BOUNCE_MEMORY, FILE_BYTES, 0);
	reason = pst_gds_memory_reason(bench.fixture.file);
	assert_string_not_equal(reason, "");
	stop(&bench);
	assert_int_equal(unsetenv("PENSTOCK_SIM_NO_DMABUF"), 0);
}

/* The address may come back as another allocation's: the cache may not take it for the old one. */
static void memory_may_be_freed_and_come_back(void **state)
{
	struct row row = { .size = FILE_BYTES };
	struct bench bench;

	(void)state;
	start(&bench, MOUNT_RDMA);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(
			pst_gds_read(bench.fixture.file, gpu_pointer(&bench), FILE_BYTES, 0, 0),
			FILE_BYTES);
		assert_gpu_has_file(&bench, &row);
		assert_int_equal(gpu_free(bench.gpu), 0);
		assert_int_equal(gpu_alloc(&bench.gpu, GPU_BYTES), 0);
		gds_scribble(bytes, GPU_BYTES, 0);
		assert_int_equal(gpu_copy_in(bench.gpu, bytes, GPU_BYTES), 0);
	}
	stop(&bench);
}

/* A freed pointer is an address like any other; that nothing is there a card says when it is registered, or the kernel. */
static void freed_memory_is_refused(void **state)
{
	struct bench bench;

	(void)state;
	start(&bench, MOUNT_RDMA);
	assert_int_equal(gpu_free(bench.gpu), 0);
	pst_sim_faults.register_error = -EFAULT;
	assert_int_equal(pst_gds_read(bench.fixture.file, gpu_pointer(&bench), 4096, 0, 0),
			 -EFAULT);
	pst_sim_faults.register_error = 0;
	assert_went(bench.fixture.file, PST_BOUNCE_NONE, 0, 0);
	bench.gpu = 0;
	stop(&bench);
	start(&bench, MOUNT_TCP);
	assert_int_equal(gpu_free(bench.gpu), 0);
	assert_int_equal(pst_gds_read(bench.fixture.file, gpu_pointer(&bench), 4096, 0, 0),
			 -EFAULT);
	bench.gpu = 0;
	stop(&bench);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(end_of_file_is_seen),
		cmocka_unit_test(what_is_beyond_the_allocation_is_refused),
		cmocka_unit_test(memory_that_cannot_be_lent_bounces),
		cmocka_unit_test(memory_may_be_freed_and_come_back),
		cmocka_unit_test(freed_memory_is_refused),
	};

	ADD_ROWS(rows, gpu_is_read_into);
	ADD_ROWS(rows, gpu_is_written_from);
	ADD_TESTS(tests);
	return run_gathered(start_driver, NULL);
}
