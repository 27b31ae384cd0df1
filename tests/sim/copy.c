// SPDX-License-Identifier: MIT
/* The simulated driver: copies, and streams and events, in which everything has happened when the call returns. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim.h"

typedef struct sim_stream *CUstream;
typedef struct sim_event *CUevent;

struct sim_stream {
	CUcontext context;
};

struct sim_event {
	bool recorded;
	struct timespec at;
};

static unsigned int flushes;

/* Where the driver has [@pointer, +@bytes), memory of its own; NULL. With the lock held. */
static uint8_t *shadow(CUdeviceptr pointer, size_t bytes)
{
	struct sim_allocation *found = sim_find(pointer, bytes);

	return found ? found->shadow + (pointer - found->address) : NULL;
}

/* Begins a copy: the lock is held when this succeeds. */
static CUresult begin(void)
{
	if (!sim_started())
		return CUDA_ERROR_NOT_INITIALIZED;
	if (!sim_current())
		return CUDA_ERROR_INVALID_CONTEXT;
	pthread_rwlock_rdlock(&sim_lock);
	return CUDA_SUCCESS;
}

static CUresult end(bool done)
{
	pthread_rwlock_unlock(&sim_lock);
	return done ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

EXPORT CUresult cuMemcpyHtoD_v2(CUdeviceptr to, const void *from, size_t bytes)
{
	CUresult error = begin();
	uint8_t *memory;

	if (error)
		return error;
	memory = shadow(to, bytes);
	if (memory)
		memcpy(memory, from, bytes);
	return end(memory);
}

EXPORT CUresult cuMemcpyDtoH_v2(void *to, CUdeviceptr from, size_t bytes)
{
	CUresult error = begin();
	const uint8_t *memory;

	if (error)
		return error;
	memory = shadow(from, bytes);
	if (memory)
		memcpy(to, memory, bytes);
	return end(memory);
}

EXPORT CUresult cuMemcpyDtoD_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes)
{
	CUresult error = begin();
	const uint8_t *source;
	uint8_t *memory;

	if (error)
		return error;
	source = shadow(from, bytes);
	memory = shadow(to, bytes);
	if (source && memory)
		memmove(memory, source, bytes);
	return end(source && memory);
}

EXPORT CUresult cuMemsetD8_v2(CUdeviceptr to, unsigned char value, size_t bytes)
{
	CUresult error = begin();
	uint8_t *memory;

	if (error)
		return error;
	memory = shadow(to, bytes);
	if (memory)
		memset(memory, value, bytes);
	return end(memory);
}

EXPORT CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void *from, size_t bytes,
				     CUstream stream)
{
	(void)stream;
	return cuMemcpyHtoD_v2(to, from, bytes);
}

EXPORT CUresult cuMemcpyDtoHAsync_v2(void *to, CUdeviceptr from, size_t bytes, CUstream stream)
{
	(void)stream;
	return cuMemcpyDtoH_v2(to, from, bytes);
}

/* What a card wrote is where the GPU would read it. */
EXPORT CUresult cuFlushGPUDirectRDMAWrites(int target, int scope)
{
	(void)scope;
	if (!sim_current())
		return CUDA_ERROR_INVALID_CONTEXT;
	if (target)
		return CUDA_ERROR_INVALID_VALUE;
	__atomic_add_fetch(&flushes, 1, __ATOMIC_RELAXED);
	return CUDA_SUCCESS;
}

/* For tests: how often it was flushed. */
EXPORT unsigned int penstock_sim_flushes(void)
{
	return __atomic_load_n(&flushes, __ATOMIC_RELAXED);
}

EXPORT CUresult cuStreamCreate(CUstream *stream, unsigned int flags)
{
	CUstream made;

	(void)flags;
	if (!sim_current())
		return CUDA_ERROR_INVALID_CONTEXT;
	made = malloc(sizeof(*made));
	if (!made)
		return CUDA_ERROR_OUT_OF_MEMORY;
	made->context = sim_current();
	*stream = made;
	return CUDA_SUCCESS;
}

EXPORT CUresult cuStreamDestroy_v2(CUstream stream)
{
	if (!stream)
		return CUDA_ERROR_INVALID_HANDLE;
	free(stream);
	return CUDA_SUCCESS;
}

/* NULL is the context's own stream. */
EXPORT CUresult cuStreamSynchronize(CUstream stream)
{
	return stream || sim_current() ? CUDA_SUCCESS : CUDA_ERROR_INVALID_CONTEXT;
}

EXPORT CUresult cuEventCreate(CUevent *event, unsigned int flags)
{
	(void)flags;
	if (!sim_current())
		return CUDA_ERROR_INVALID_CONTEXT;
	*event = calloc(1, sizeof(**event));
	return *event ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
}

EXPORT CUresult cuEventDestroy_v2(CUevent event)
{
	if (!event)
		return CUDA_ERROR_INVALID_HANDLE;
	free(event);
	return CUDA_SUCCESS;
}

EXPORT CUresult cuEventRecord(CUevent event, CUstream stream)
{
	(void)stream;
	if (!event)
		return CUDA_ERROR_INVALID_HANDLE;
	clock_gettime(CLOCK_MONOTONIC, &event->at);
	event->recorded = true;
	return CUDA_SUCCESS;
}

EXPORT CUresult cuEventSynchronize(CUevent event)
{
	return event ? CUDA_SUCCESS : CUDA_ERROR_INVALID_HANDLE;
}

EXPORT CUresult cuEventElapsedTime(float *milliseconds, CUevent start, CUevent end_event)
{
	if (!start || !end_event || !start->recorded || !end_event->recorded)
		return CUDA_ERROR_INVALID_HANDLE;
	*milliseconds = (float)(end_event->at.tv_sec - start->at.tv_sec) * 1e3f +
			(float)(end_event->at.tv_nsec - start->at.tv_nsec) / 1e6f;
	return CUDA_SUCCESS;
}
