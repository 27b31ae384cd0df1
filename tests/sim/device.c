// SPDX-License-Identifier: MIT
/* The simulated driver: start, devices, contexts, errors. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

#define STACK_MOST 16

/* CUdevice_attribute */
enum {
	COMPUTE_CAPABILITY_MAJOR = 75,
	COMPUTE_CAPABILITY_MINOR = 76,
	UNIFIED_ADDRESSING = 41,
	GPU_DIRECT_RDMA_SUPPORTED = 116,
	GPU_DIRECT_RDMA_WRITES_ORDERING = 118,
	DMA_BUF_SUPPORTED = 124,
};

/* CUGPUDirectRDMAWritesOrdering */
enum {
	ORDERING_NONE = 0,
	ORDERING_ALL_DEVICES = 200,
};

static bool started; /* set once; read by any thread */
static struct sim_context primary[SIM_GPUS_MOST];
static __thread CUcontext stack[STACK_MOST];
static __thread int depth;

static uint64_t number_of(const char *variable, uint64_t fallback)
{
	const char *text = getenv(variable);

	return text && *text ? strtoull(text, NULL, 10) : fallback;
}

bool sim_is_set(const char *variable)
{
	return number_of(variable, 0) != 0;
}

static int gpus(void)
{
	uint64_t count = number_of("PENSTOCK_SIM_GPUS", 1);

	return count < SIM_GPUS_MOST ? (int)count : SIM_GPUS_MOST;
}

uint64_t sim_memory_bytes(void)
{
	return number_of("PENSTOCK_SIM_MEMORY_MB", 4096) << 20;
}

bool sim_lends_memory(void)
{
	return !sim_is_set("PENSTOCK_SIM_NO_DMABUF");
}

bool sim_started(void)
{
	return __atomic_load_n(&started, __ATOMIC_ACQUIRE);
}

CUcontext sim_current(void)
{
	return depth ? stack[depth - 1] : NULL;
}

static bool is_device(CUdevice device)
{
	return device >= 0 && device < gpus();
}

/* The driver does not survive a fork, and cannot be started again in the child. */
static bool forked;

static void in_child(void)
{
	forked = true;
	__atomic_store_n(&started, false, __ATOMIC_RELEASE);
	depth = 0;
}

static void watch_forks(void)
{
	pthread_atfork(NULL, NULL, in_child);
}

EXPORT CUresult cuInit(unsigned int flags)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	if (flags)
		return CUDA_ERROR_INVALID_VALUE;
	if (forked)
		return CUDA_ERROR_NOT_INITIALIZED;
	if (!gpus())
		return CUDA_ERROR_NO_DEVICE;
	pthread_once(&once, watch_forks);
	__atomic_store_n(&started, true, __ATOMIC_RELEASE);
	return CUDA_SUCCESS;
}

EXPORT CUresult cuDriverGetVersion(int *version)
{
	*version = 12040;
	return CUDA_SUCCESS;
}

static const struct {
	CUresult error;
	const char *name;
} errors[] = {
	{ CUDA_SUCCESS, "CUDA_SUCCESS" },
	{ CUDA_ERROR_INVALID_VALUE, "CUDA_ERROR_INVALID_VALUE" },
	{ CUDA_ERROR_OUT_OF_MEMORY, "CUDA_ERROR_OUT_OF_MEMORY" },
	{ CUDA_ERROR_NOT_INITIALIZED, "CUDA_ERROR_NOT_INITIALIZED" },
	{ CUDA_ERROR_NO_DEVICE, "CUDA_ERROR_NO_DEVICE" },
	{ CUDA_ERROR_INVALID_DEVICE, "CUDA_ERROR_INVALID_DEVICE" },
	{ CUDA_ERROR_INVALID_CONTEXT, "CUDA_ERROR_INVALID_CONTEXT" },
	{ CUDA_ERROR_PEER_ACCESS_UNSUPPORTED, "CUDA_ERROR_PEER_ACCESS_UNSUPPORTED" },
	{ CUDA_ERROR_INVALID_HANDLE, "CUDA_ERROR_INVALID_HANDLE" },
	{ CUDA_ERROR_NOT_READY, "CUDA_ERROR_NOT_READY" },
	{ CUDA_ERROR_NOT_SUPPORTED, "CUDA_ERROR_NOT_SUPPORTED" },
	{ CUDA_ERROR_UNKNOWN, "CUDA_ERROR_UNKNOWN" },
};

EXPORT CUresult cuGetErrorName(CUresult error, const char **name)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		if (errors[i].error == error) {
			*name = errors[i].name;
			return CUDA_SUCCESS;
		}
	}
	*name = NULL;
	return CUDA_ERROR_INVALID_VALUE;
}

EXPORT CUresult cuGetErrorString(CUresult error, const char **text)
{
	return cuGetErrorName(error, text);
}

EXPORT CUresult cuDeviceGetCount(int *count)
{
	if (!sim_started())
		return CUDA_ERROR_NOT_INITIALIZED;
	*count = gpus();
	return CUDA_SUCCESS;
}

EXPORT CUresult cuDeviceGet(CUdevice *device, int ordinal)
{
	if (!sim_started())
		return CUDA_ERROR_NOT_INITIALIZED;
	if (!is_device(ordinal))
		return CUDA_ERROR_INVALID_DEVICE;
	*device = ordinal;
	return CUDA_SUCCESS;
}

EXPORT CUresult cuDeviceGetName(char *name, int bytes, CUdevice device)
{
	if (!is_device(device))
		return CUDA_ERROR_INVALID_DEVICE;
	snprintf(name, (size_t)bytes, "Penstock simulated GPU");
	return CUDA_SUCCESS;
}

EXPORT CUresult cuDeviceGetPCIBusId(char *id, int bytes, CUdevice device)
{
	if (!is_device(device))
		return CUDA_ERROR_INVALID_DEVICE;
	snprintf(id, (size_t)bytes, "0000:%02x:00.0", (unsigned int)device + 1);
	return CUDA_SUCCESS;
}

EXPORT CUresult cuDeviceTotalMem_v2(size_t *bytes, CUdevice device)
{
	if (!is_device(device))
		return CUDA_ERROR_INVALID_DEVICE;
	*bytes = sim_memory_bytes();
	return CUDA_SUCCESS;
}

EXPORT CUresult cuDeviceGetAttribute(int *value, int attribute, CUdevice device)
{
	if (!is_device(device))
		return CUDA_ERROR_INVALID_DEVICE;
	switch (attribute) {
	case COMPUTE_CAPABILITY_MAJOR:
		*value = 9;
		break;
	case UNIFIED_ADDRESSING:
	case GPU_DIRECT_RDMA_SUPPORTED:
		*value = 1;
		break;
	case GPU_DIRECT_RDMA_WRITES_ORDERING:
		*value = sim_is_set("PENSTOCK_SIM_LATE") ? ORDERING_NONE : ORDERING_ALL_DEVICES;
		break;
	case DMA_BUF_SUPPORTED:
		*value = sim_lends_memory();
		break;
	default:
		*value = 0;
	}
	return CUDA_SUCCESS;
}

EXPORT CUresult cuDeviceCanAccessPeer(int *can, CUdevice device, CUdevice peer)
{
	if (!is_device(device) || !is_device(peer))
		return CUDA_ERROR_INVALID_DEVICE;
	*can = 0;
	return CUDA_SUCCESS;
}

EXPORT CUresult cuCtxPushCurrent_v2(CUcontext context)
{
	if (!sim_started())
		return CUDA_ERROR_NOT_INITIALIZED;
	if (!context || depth == STACK_MOST)
		return CUDA_ERROR_INVALID_CONTEXT;
	stack[depth++] = context;
	return CUDA_SUCCESS;
}

EXPORT CUresult cuCtxPopCurrent_v2(CUcontext *context)
{
	if (!depth)
		return CUDA_ERROR_INVALID_CONTEXT;
	depth--;
	if (context)
		*context = stack[depth];
	return CUDA_SUCCESS;
}

EXPORT CUresult cuCtxGetCurrent(CUcontext *context)
{
	if (!sim_started())
		return CUDA_ERROR_NOT_INITIALIZED;
	*context = sim_current();
	return CUDA_SUCCESS;
}

EXPORT CUresult cuCtxSetCurrent(CUcontext context)
{
	if (depth)
		depth--;
	return context ? cuCtxPushCurrent_v2(context) : CUDA_SUCCESS;
}

EXPORT CUresult cuCtxGetDevice(CUdevice *device)
{
	if (!sim_current())
		return CUDA_ERROR_INVALID_CONTEXT;
	*device = sim_current()->device;
	return CUDA_SUCCESS;
}

EXPORT CUresult cuCtxSynchronize(void)
{
	return sim_current() ? CUDA_SUCCESS : CUDA_ERROR_INVALID_CONTEXT;
}

EXPORT CUresult cuCtxCreate_v2(CUcontext *context, unsigned int flags, CUdevice device)
{
	CUcontext made;

	(void)flags;
	if (!sim_started())
		return CUDA_ERROR_NOT_INITIALIZED;
	if (!is_device(device))
		return CUDA_ERROR_INVALID_DEVICE;
	made = malloc(sizeof(*made));
	if (!made)
		return CUDA_ERROR_OUT_OF_MEMORY;
	made->device = device;
	*context = made;
	return cuCtxPushCurrent_v2(made);
}

EXPORT CUresult cuCtxDestroy_v2(CUcontext context)
{
	if (!context || context == &primary[context->device])
		return CUDA_ERROR_INVALID_CONTEXT;
	if (sim_current() == context)
		depth--;
	sim_free_context(context);
	free(context);
	return CUDA_SUCCESS;
}

EXPORT CUresult cuCtxEnablePeerAccess(CUcontext peer, unsigned int flags)
{
	(void)flags;
	return peer ? CUDA_ERROR_PEER_ACCESS_UNSUPPORTED : CUDA_ERROR_INVALID_CONTEXT;
}

EXPORT CUresult cuDevicePrimaryCtxRetain(CUcontext *context, CUdevice device)
{
	if (!sim_started())
		return CUDA_ERROR_NOT_INITIALIZED;
	if (!is_device(device))
		return CUDA_ERROR_INVALID_DEVICE;
	primary[device].device = device;
	*context = &primary[device];
	return CUDA_SUCCESS;
}

EXPORT CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device)
{
	return is_device(device) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_DEVICE;
}
