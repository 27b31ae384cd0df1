/* SPDX-License-Identifier: MIT */
/*
 * A CUDA driver without a GPU, for the lab and for tests: libcuda.so.1 with the driver's ABI, of which it has the calls
 * that our library makes, those of NVIDIA's gdscp, gdsio_verify and gdscheck, and what tests need.
 *
 * A device pointer is an address that the CPU cannot touch (PROT_NONE): who takes GPU memory for host memory dies of
 * it. The memory behind is a sealed memfd, which is lent to cards as a dma-buf by /dev/udmabuf, or, where there is
 * none, as the memfd itself; copies go through the driver's own mapping of it. A forked child has no driver, as with
 * NVIDIA's.
 *
 * The environment, which is looked at each time:
 *
 *   PENSTOCK_SIM_GPUS=N       how many there are; 1
 *   PENSTOCK_SIM_MEMORY_MB=N  of each; 4096. What is more is CUDA_ERROR_OUT_OF_MEMORY
 *   PENSTOCK_SIM_NO_DMABUF=1  its memory cannot be lent
 *   PENSTOCK_SIM_LATE=1       it says that a card's writes are seen late unless they are flushed
 *   PENSTOCK_SIM_SEEK=1       without udmabuf, a part of an allocation is lent too: as the memfd, at the position where
 *                             the part begins. Only a card that looks at the position can take it
 */
#ifndef PST_TESTS_SIM_H
#define PST_TESTS_SIM_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* CUresult */
enum {
	CUDA_SUCCESS = 0,
	CUDA_ERROR_INVALID_VALUE = 1,
	CUDA_ERROR_OUT_OF_MEMORY = 2,
	CUDA_ERROR_NOT_INITIALIZED = 3,
	CUDA_ERROR_NO_DEVICE = 100,
	CUDA_ERROR_INVALID_DEVICE = 101,
	CUDA_ERROR_INVALID_CONTEXT = 201,
	CUDA_ERROR_PEER_ACCESS_UNSUPPORTED = 217,
	CUDA_ERROR_INVALID_HANDLE = 400,
	CUDA_ERROR_NOT_READY = 600,
	CUDA_ERROR_NOT_SUPPORTED = 801,
	CUDA_ERROR_UNKNOWN = 999,
};

typedef int CUresult;
typedef int CUdevice;
typedef unsigned long long CUdeviceptr;
typedef struct sim_context *CUcontext;

/* What others may call; all else is hidden. */
#define EXPORT __attribute__((visibility("default")))

#define SIM_GPUS_MOST 64

struct sim_context {
	CUdevice device;
};

enum sim_kind {
	SIM_DEVICE, /* cuMemAlloc */
	SIM_MANAGED, /* cuMemAllocManaged: the CPU may touch it */
	SIM_HOST, /* cuMemAllocHost, cuMemHostRegister */
};

struct sim_allocation {
	struct sim_allocation *next;
	enum sim_kind kind;
	bool registered; /* the program's own memory */
	CUdeviceptr address;
	size_t bytes; /* as asked for */
	size_t mapped_bytes; /* whole pages */
	int memfd; /* -1 */
	uint8_t *shadow; /* where the driver has it */
	uint64_t id; /* never given twice */
	CUcontext context; /* that it was allocated in */
	CUdevice device;
};

/* The calling thread's context; NULL if it has none. */
CUcontext sim_current(void);
/* cuInit() was called in this process. */
bool sim_started(void);

uint64_t sim_memory_bytes(void);
bool sim_lends_memory(void);
bool sim_is_set(const char *variable);

/* Over the allocations: writing to change them, reading to copy into and out of them. */
extern pthread_rwlock_t sim_lock;
/* The allocation that holds the range; NULL. With the lock held. */
struct sim_allocation *sim_find(CUdeviceptr address, size_t bytes);
/* A context ends, and with it what was allocated in it. */
void sim_free_context(CUcontext context);

#endif
