// SPDX-License-Identifier: MIT
#include "mem/cuda.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>

#include "base/str.h"

/* The driver's ABI, after the CUDA driver API reference manual. */
typedef int cu_result; /* CUresult */
typedef int cu_device;
typedef void *cu_context;
typedef unsigned long long cu_pointer;

/* CUresult */
#define CUDA_ERROR_INVALID_VALUE 1
#define CUDA_ERROR_OUT_OF_MEMORY 2
#define CUDA_ERROR_NOT_SUPPORTED 801

/* CUdevice_attribute */
#define DEVICE_RDMA_WRITES_ORDERING 118
#define DEVICE_DMA_BUF_SUPPORTED    124

/* CUpointer_attribute */
#define POINTER_CONTEXT	       1
#define POINTER_MEMORY_TYPE    2
#define POINTER_SYNC_MEMOPS    6
#define POINTER_BUFFER_ID      7
#define POINTER_IS_MANAGED     8
#define POINTER_DEVICE_ORDINAL 9
#define POINTER_RANGE_START    11
#define POINTER_RANGE_SIZE     12

#define MEMORY_TYPE_DEVICE 2 /* CUmemorytype */
#define RANGE_DMA_BUF	   1 /* CUmemRangeHandleType */
#define FLUSH_CURRENT_CTX  0 /* CUflushGPUDirectRDMAWritesTarget */
#define WRITES_TO_OWNER \
	100 /* CUGPUDirectRDMAWritesOrdering, and the CUflushGPUDirectRDMAWritesScope */

#define GPUS_MOST 64

static struct {
	cu_result (*init)(unsigned int flags);
	cu_result (*error_name)(cu_result error, const char **name);
	cu_result (*device_count)(int *count);
	cu_result (*device_get)(cu_device *device, int ordinal);
	cu_result (*device_attribute)(int *value, int attribute, cu_device device);
	cu_result (*primary_retain)(cu_context *context, cu_device device);
	cu_result (*context_current)(cu_context *context);
	cu_result (*context_push)(cu_context context);
	cu_result (*context_pop)(cu_context *context);
	cu_result (*pointer_attribute)(void *data, int attribute, cu_pointer pointer);
	cu_result (*address_range)(cu_pointer *base, size_t *bytes, cu_pointer pointer);
	cu_result (*copy_in)(cu_pointer to, const void *from, size_t bytes);
	cu_result (*copy_out)(void *to, cu_pointer from, size_t bytes);
	cu_result (*stream_synchronize)(void *stream);

	/* NULL in older drivers: then there is no direct path, but the rest works. */
	cu_result (*pointer_set_attribute)(const void *value, int attribute, cu_pointer pointer);
	cu_result (*range_handle)(void *handle, cu_pointer pointer, size_t bytes, int type,
				  unsigned long long flags);
	cu_result (*flush_writes)(int target, int scope);
} driver;

static const struct {
	const char *name; /* with the version of the call that is meant */
	void *function; /* in @driver */
	bool optional;
} symbols[] = {
	{ "cuInit", &driver.init },
	{ "cuGetErrorName", &driver.error_name },
	{ "cuDeviceGetCount", &driver.device_count },
	{ "cuDeviceGet", &driver.device_get },
	{ "cuDeviceGetAttribute", &driver.device_attribute },
	{ "cuDevicePrimaryCtxRetain", &driver.primary_retain },
	{ "cuCtxGetCurrent", &driver.context_current },
	{ "cuCtxPushCurrent_v2", &driver.context_push },
	{ "cuCtxPopCurrent_v2", &driver.context_pop },
	{ "cuPointerGetAttribute", &driver.pointer_attribute },
	{ "cuMemGetAddressRange_v2", &driver.address_range },
	{ "cuMemcpyHtoD_v2", &driver.copy_in },
	{ "cuMemcpyDtoH_v2", &driver.copy_out },
	{ "cuStreamSynchronize", &driver.stream_synchronize },
	{ "cuPointerSetAttribute", &driver.pointer_set_attribute, .optional = true },
	{ "cuMemGetHandleForAddressRange", &driver.range_handle, .optional = true },
	{ "cuFlushGPUDirectRDMAWrites", &driver.flush_writes, .optional = true },
};

static bool works;
static char *missing; /* why it does not */

/* Per GPU, learned when it is first needed. */
static struct {
	pthread_mutex_t lock;
	cu_context primary[GPUS_MOST]; /* kept */
	enum { NOT_ASKED, FLUSH, NO_FLUSH } flush[GPUS_MOST];
} gpus = { .lock = PTHREAD_MUTEX_INITIALIZER };

static const char *name_of(cu_result error)
{
	const char *name = NULL;

	if (driver.error_name(error, &name) || !name)
		return "an unknown CUDA error";
	return name;
}

static bool load_symbols(void *library)
{
	for (size_t i = 0; i < ARRAY_SIZE(symbols); i++) {
		void *function = dlsym(library, symbols[i].name);

		if (!function && !symbols[i].optional) {
			missing = pst_printf("libcuda.so.1 is too old: it has no %s",
					     symbols[i].name);
			return false;
		}
		memcpy(symbols[i].function, &function, sizeof(function));
	}
	return true;
}

static void start(void)
{
	/* Never closed: the driver does not survive it. */
	void *library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
	cu_result error;
	int count = 0;

	if (!library) {
		missing = pst_printf("there is no CUDA driver: %s", dlerror());
		return;
	}
	if (!load_symbols(library))
		return;
	error = driver.init(0);
	if (!error)
		error = driver.device_count(&count);
	if (error)
		missing = pst_printf("the CUDA driver does not start: %s", name_of(error));
	else if (!count)
		missing = pst_printf("the CUDA driver finds no GPU");
	works = !error && count;
}

static bool started(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, start);
	return works;
}

int pst_cuda_start(struct pst_reason *reason)
{
	return started() ? 0 : pst_fail(reason, -ENODEV, "%s", missing ?: "no CUDA driver");
}

static cu_context primary_of(int gpu)
{
	cu_context context;
	cu_device device;

	if (gpu < 0 || gpu >= GPUS_MOST)
		return NULL;
	pthread_mutex_lock(&gpus.lock);
	if (!gpus.primary[gpu] &&
	    (driver.device_get(&device, gpu) || driver.primary_retain(&gpus.primary[gpu], device)))
		gpus.primary[gpu] = NULL;
	context = gpus.primary[gpu];
	pthread_mutex_unlock(&gpus.lock);
	return context;
}

/*
 * What follows is done in the context that the memory was allocated in. Memory of a pool or of cuMemMap() has none:
 * then it is the GPU's primary one, the CUDA runtime's. Returns 1 if leave() has to take it off the thread again.
 */
static int enter(const struct pst_mem_place *place)
{
	cu_context wanted = NULL, current = NULL;

	if (driver.pointer_attribute(&wanted, POINTER_CONTEXT, place->base) || !wanted)
		wanted = primary_of(place->gpu);
	if (!wanted)
		return -ENODEV;
	if (!driver.context_current(&current) && current == wanted)
		return 0;
	return driver.context_push(wanted) ? -EIO : 1;
}

static void leave(int entered)
{
	cu_context context;

	if (entered == 1)
		driver.context_pop(&context);
}

/* The allocation around @pointer. The first way does not know memory of cuMemMap(), the second is newer. */
static bool find_extent(uint64_t pointer, struct pst_mem_place *place)
{
	cu_pointer base = 0;
	size_t bytes = 0;

	if (driver.address_range(&base, &bytes, pointer) &&
	    (driver.pointer_attribute(&base, POINTER_RANGE_START, pointer) ||
	     driver.pointer_attribute(&bytes, POINTER_RANGE_SIZE, pointer)))
		return false;
	place->base = base;
	place->length_bytes = bytes;
	return pointer >= base && pointer - base < bytes;
}

int pst_cuda_place(uint64_t pointer, struct pst_mem_place *ret, struct pst_reason *reason)
{
	struct pst_mem_place place = { .kind = PST_MEM_GPU };
	unsigned int type = 0, managed = 0;
	unsigned long long buffer_id = 0;

	if (!started() || driver.pointer_attribute(&type, POINTER_MEMORY_TYPE, pointer))
		return 0;
	if (!driver.pointer_attribute(&managed, POINTER_IS_MANAGED, pointer) && managed) {
		*ret = (struct pst_mem_place){ .kind = PST_MEM_HOST, .gpu = -1, .managed = true };
		return 1;
	}
	if (type != MEMORY_TYPE_DEVICE)
		return 0;
	if (driver.pointer_attribute(&place.gpu, POINTER_DEVICE_ORDINAL, pointer) ||
	    driver.pointer_attribute(&buffer_id, POINTER_BUFFER_ID, pointer) ||
	    !find_extent(pointer, &place))
		return pst_fail(reason, -EIO, "the CUDA driver does not tell what %#llx is part of",
				(unsigned long long)pointer);
	place.buffer_id = buffer_id;
	*ret = place;
	return 1;
}

bool pst_cuda_same(uint64_t pointer, uint64_t buffer_id)
{
	unsigned long long id = 0;

	return started() && !driver.pointer_attribute(&id, POINTER_BUFFER_ID, pointer) &&
	       id == buffer_id;
}

static bool has_dmabuf(int gpu)
{
	cu_device device;
	int supported = 0;

	return driver.range_handle && !driver.device_get(&device, gpu) &&
	       !driver.device_attribute(&supported, DEVICE_DMA_BUF_SUPPORTED, device) && supported;
}

int pst_cuda_export(const struct pst_mem_place *place, uint64_t address, size_t length_bytes,
		    int *ret_fd, struct pst_reason *reason)
{
	static const unsigned int yes = 1;
	cu_result error;
	int entered;
	int fd = -1;

	if (!has_dmabuf(place->gpu))
		return pst_fail(reason, -EOPNOTSUPP,
				"GPU %d cannot lend its memory as a dma-buf (it takes NVIDIA's "
				"open kernel modules)",
				place->gpu);
	entered = enter(place);
	if (entered < 0)
		return pst_fail(reason, entered, "GPU %d has no context", place->gpu);
	/* Copies and memsets that the program has started on this memory are then over when their call returns. */
	if (driver.pointer_set_attribute)
		driver.pointer_set_attribute(&yes, POINTER_SYNC_MEMOPS, place->base);
	error = driver.range_handle(&fd, address, length_bytes, RANGE_DMA_BUF, 0);
	leave(entered);
	if (error)
		return pst_fail(reason,
				error == CUDA_ERROR_NOT_SUPPORTED   ? -EOPNOTSUPP
				: error == CUDA_ERROR_OUT_OF_MEMORY ? -ENOMEM
								    : -EIO,
				"GPU %d does not lend %zu bytes as a dma-buf: %s", place->gpu,
				length_bytes, name_of(error));
	*ret_fd = fd;
	return 0;
}

int pst_cuda_copy_in(const struct pst_mem_place *place, uint64_t to, const void *from, size_t bytes)
{
	int entered = enter(place);
	cu_result error;

	if (entered < 0)
		return entered;
	error = driver.copy_in(to, from, bytes);
	/* From pageable memory the call may return while the last of it is on its way. */
	if (!error)
		error = driver.stream_synchronize(NULL);
	leave(entered);
	return error == CUDA_ERROR_INVALID_VALUE ? -EFAULT : error ? -EIO : 0;
}

int pst_cuda_copy_out(const struct pst_mem_place *place, void *to, uint64_t from, size_t bytes)
{
	int entered = enter(place);
	cu_result error;

	if (entered < 0)
		return entered;
	error = driver.copy_out(to, from, bytes);
	leave(entered);
	return error == CUDA_ERROR_INVALID_VALUE ? -EFAULT : error ? -EIO : 0;
}

/* Whether the GPU may see a card's writes late; asked once for each GPU. */
static bool needs_flush(int gpu)
{
	cu_device device;
	int ordering = 0;
	bool needs;

	if (!driver.flush_writes || gpu < 0 || gpu >= GPUS_MOST)
		return false;
	pthread_mutex_lock(&gpus.lock);
	if (gpus.flush[gpu] == NOT_ASKED) {
		if (!driver.device_get(&device, gpu))
			driver.device_attribute(&ordering, DEVICE_RDMA_WRITES_ORDERING, device);
		gpus.flush[gpu] = ordering < WRITES_TO_OWNER ? FLUSH : NO_FLUSH;
	}
	needs = gpus.flush[gpu] == FLUSH;
	pthread_mutex_unlock(&gpus.lock);
	return needs;
}

void pst_cuda_flush(const struct pst_mem_place *place)
{
	int entered;

	if (!needs_flush(place->gpu))
		return;
	entered = enter(place);
	if (entered < 0)
		return;
	driver.flush_writes(FLUSH_CURRENT_CTX, WRITES_TO_OWNER);
	leave(entered);
}
