// SPDX-License-Identifier: MIT
#include "mem/cuda.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>

#include "base/str.h"

/* CUresult */
#define CUDA_SUCCESS		 0
#define CUDA_ERROR_OUT_OF_MEMORY 2
#define CUDA_ERROR_NOT_SUPPORTED 801

/* CUdevice_attribute */
#define ATTRIBUTE_RDMA_WRITES_ORDERING 118
#define ATTRIBUTE_DMA_BUF_SUPPORTED    124

/* CUpointer_attribute */
#define POINTER_MEMORY_TYPE    2
#define POINTER_SYNC_MEMOPS    6
#define POINTER_BUFFER_ID      7
#define POINTER_IS_MANAGED     8
#define POINTER_DEVICE_ORDINAL 9

#define MEMORY_TYPE_DEVICE   2 /* CUmemorytype */
#define RANGE_HANDLE_DMA_BUF 1 /* CUmemRangeHandleType */
#define FLUSH_CURRENT_CTX    0 /* CUflushGPUDirectRDMAWritesTarget */
#define ORDERING_OWNER	     100 /* CUGPUDirectRDMAWritesOrdering, and the scope to flush to */

#define GPUS_MOST 64

static struct pst_cuda driver;
static bool driver_works;
static char *driver_missing; /* why not */

/* Per GPU, learned when it is first needed. */
static struct {
	pthread_mutex_t lock;
	pst_cu_context context[GPUS_MOST]; /* the primary one, kept */
	int flushes[GPUS_MOST]; /* 1, 0; -1 while not known */
} gpus = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* In the order of struct pst_cuda; names as the library exports them. */
static const char *const symbols[] = {
	"cuInit",
	"cuGetErrorName",
	"cuDeviceGetCount",
	"cuDeviceGet",
	"cuDeviceGetAttribute",
	"cuDevicePrimaryCtxRetain",
	"cuCtxGetCurrent",
	"cuCtxPushCurrent_v2",
	"cuCtxPopCurrent_v2",
	"cuPointerGetAttribute",
	"cuPointerSetAttribute",
	"cuMemGetAddressRange_v2",
	"cuMemGetHandleForAddressRange",
	"cuMemcpyHtoD_v2",
	"cuMemcpyDtoH_v2",
	"cuFlushGPUDirectRDMAWrites",
};
_Static_assert(sizeof(symbols) / sizeof(symbols[0]) * sizeof(void *) == sizeof(struct pst_cuda),
	       "a name for each function");

static const char *name_of(pst_cu_result error)
{
	const char *name = NULL;

	if (driver.cuGetErrorName(error, &name) || !name)
		return "an unknown CUDA error";
	return name;
}

static bool load_symbols(void *library)
{
	void **functions = (void **)&driver;

	for (size_t i = 0; i < ARRAY_SIZE(symbols); i++) {
		functions[i] = dlsym(library, symbols[i]);
		if (!functions[i]) {
			driver_missing =
				pst_printf("libcuda.so.1 is too old: it has no %s", symbols[i]);
			return false;
		}
	}
	return true;
}

static bool start_driver(void)
{
	/* Never closed: the driver does not survive it. */
	void *library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
	pst_cu_result error;
	int count = 0;

	if (!library) {
		driver_missing = pst_printf("no CUDA driver: %s", dlerror());
		return false;
	}
	if (!load_symbols(library))
		return false;
	error = driver.cuInit(0);
	if (!error)
		error = driver.cuDeviceGetCount(&count);
	if (error)
		driver_missing = pst_printf("the CUDA driver does not start: %s", name_of(error));
	else if (!count)
		driver_missing = pst_printf("the CUDA driver finds no GPU");
	return !error && count;
}

static void start_once(void)
{
	for (size_t i = 0; i < GPUS_MOST; i++)
		gpus.flushes[i] = -1;
	driver_works = start_driver();
}

const struct pst_cuda *pst_cuda(struct pst_reason *reason)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, start_once);
	if (!driver_works)
		pst_fail(reason, -ENODEV, "%s", driver_missing ?: "no CUDA driver");
	return driver_works ? &driver : NULL;
}

static int failed(struct pst_reason *reason, pst_cu_result error, const char *doing)
{
	int errno_of = error == CUDA_ERROR_NOT_SUPPORTED   ? -EOPNOTSUPP
		       : error == CUDA_ERROR_OUT_OF_MEMORY ? -ENOMEM
							   : -EIO;

	return pst_fail(reason, errno_of, "%s: %s", doing, name_of(error));
}

/*
 * The calling thread needs a context for what follows. If the program has not given it one it gets the GPU's
 * primary one, which is also that of the CUDA runtime. Returns 1 if leave() has to take it back.
 */
static int enter(const struct pst_mem_place *place)
{
	pst_cu_context context = NULL;
	pst_cu_device device;
	pst_cu_result error;

	if (!driver.cuCtxGetCurrent(&context) && context)
		return 0;
	if (place->gpu < 0 || place->gpu >= GPUS_MOST)
		return -ENODEV;
	pthread_mutex_lock(&gpus.lock);
	error = CUDA_SUCCESS;
	if (!gpus.context[place->gpu]) {
		error = driver.cuDeviceGet(&device, place->gpu);
		if (!error)
			error = driver.cuDevicePrimaryCtxRetain(&gpus.context[place->gpu], device);
	}
	context = gpus.context[place->gpu];
	pthread_mutex_unlock(&gpus.lock);
	if (!error)
		error = driver.cuCtxPushCurrent(context);
	return error ? -EIO : 1;
}

static void leave(int entered)
{
	pst_cu_context context;

	if (entered == 1)
		driver.cuCtxPopCurrent(&context);
}

bool pst_cuda_place(uint64_t pointer, struct pst_mem_place *ret)
{
	struct pst_mem_place place = { .kind = PST_MEM_GPU };
	unsigned int type = 0, managed = 0;
	unsigned long long buffer_id = 0;
	pst_cu_pointer base = 0;
	size_t bytes = 0;

	if (!pst_cuda(NULL) || driver.cuPointerGetAttribute(&type, POINTER_MEMORY_TYPE, pointer) ||
	    type != MEMORY_TYPE_DEVICE)
		return false;
	/* Managed memory moves between host and GPU: the host's address is the one that always holds. */
	if (!driver.cuPointerGetAttribute(&managed, POINTER_IS_MANAGED, pointer) && managed)
		return false;
	if (driver.cuPointerGetAttribute(&place.gpu, POINTER_DEVICE_ORDINAL, pointer) ||
	    driver.cuPointerGetAttribute(&buffer_id, POINTER_BUFFER_ID, pointer) ||
	    driver.cuMemGetAddressRange(&base, &bytes, pointer))
		return false;
	place.base = base;
	place.length_bytes = bytes;
	place.buffer_id = buffer_id;
	*ret = place;
	return true;
}

static bool has_dmabuf(int gpu)
{
	pst_cu_device device;
	int supported = 0;

	return !driver.cuDeviceGet(&device, gpu) &&
	       !driver.cuDeviceGetAttribute(&supported, ATTRIBUTE_DMA_BUF_SUPPORTED, device) &&
	       supported;
}

int pst_cuda_export(const struct pst_mem_place *place, uint64_t address, size_t length_bytes,
		    int *ret_fd, struct pst_reason *reason)
{
	static const unsigned int yes = 1;
	int entered = enter(place);
	pst_cu_result error;
	int fd = -1;

	if (entered < 0)
		return pst_fail(reason, entered, "GPU %d has no context", place->gpu);
	if (!has_dmabuf(place->gpu)) {
		leave(entered);
		return pst_fail(
			reason, -EOPNOTSUPP,
			"GPU %d cannot lend its memory as a dma-buf (it takes NVIDIA's open "
			"kernel modules)",
			place->gpu);
	}
	/* Copies that the program starts on this memory are then over when their call returns. */
	driver.cuPointerSetAttribute(&yes, POINTER_SYNC_MEMOPS, place->base);
	error = driver.cuMemGetHandleForAddressRange(&fd, address, length_bytes,
						     RANGE_HANDLE_DMA_BUF, 0);
	leave(entered);
	if (error)
		return failed(reason, error, "the GPU's memory cannot be lent as a dma-buf");
	*ret_fd = fd;
	return 0;
}

int pst_cuda_copy_in(const struct pst_mem_place *place, uint64_t to, const void *from, size_t bytes)
{
	int entered = enter(place);
	pst_cu_result error;

	if (entered < 0)
		return entered;
	error = driver.cuMemcpyHtoD(to, from, bytes);
	leave(entered);
	return error ? -EIO : 0;
}

int pst_cuda_copy_out(const struct pst_mem_place *place, void *to, uint64_t from, size_t bytes)
{
	int entered = enter(place);
	pst_cu_result error;

	if (entered < 0)
		return entered;
	error = driver.cuMemcpyDtoH(to, from, bytes);
	leave(entered);
	return error ? -EIO : 0;
}

/* Whether the GPU may see a card's writes late; asked once for each GPU. */
static bool needs_flush(int gpu)
{
	pst_cu_device device;
	int ordering = 0;
	bool needs;

	if (gpu < 0 || gpu >= GPUS_MOST)
		return true;
	pthread_mutex_lock(&gpus.lock);
	if (gpus.flushes[gpu] < 0) {
		if (!driver.cuDeviceGet(&device, gpu))
			driver.cuDeviceGetAttribute(&ordering, ATTRIBUTE_RDMA_WRITES_ORDERING,
						    device);
		gpus.flushes[gpu] = ordering < ORDERING_OWNER;
	}
	needs = gpus.flushes[gpu];
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
	driver.cuFlushGPUDirectRDMAWrites(FLUSH_CURRENT_CTX, ORDERING_OWNER);
	leave(entered);
}
