// SPDX-License-Identifier: MIT
/* The simulated driver: memory that the CPU cannot touch, what a pointer into it is, and how it is lent. */
#include <fcntl.h>
#include <linux/udmabuf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sim.h"

#define PAGE_BYTES ((size_t)4096)

/* CUpointer_attribute */
enum {
	POINTER_CONTEXT = 1,
	POINTER_MEMORY_TYPE = 2,
	POINTER_DEVICE_POINTER = 3,
	POINTER_HOST_POINTER = 4,
	POINTER_SYNC_MEMOPS = 6,
	POINTER_BUFFER_ID = 7,
	POINTER_IS_MANAGED = 8,
	POINTER_DEVICE_ORDINAL = 9,
	POINTER_RANGE_START = 11,
	POINTER_RANGE_SIZE = 12,
};

/* CUmemorytype */
enum {
	MEMORY_TYPE_HOST = 1,
	MEMORY_TYPE_DEVICE = 2,
};

#define RANGE_DMA_BUF 1 /* CUmemRangeHandleType */

pthread_rwlock_t sim_lock = PTHREAD_RWLOCK_INITIALIZER;
static struct sim_allocation *allocations;
static uint64_t used_bytes[SIM_GPUS_MOST];
static uint64_t next_id = 1;

struct sim_allocation *sim_find(CUdeviceptr address, size_t bytes)
{
	for (struct sim_allocation *at = allocations; at; at = at->next)
		if (address >= at->address && bytes <= at->bytes &&
		    address - at->address <= at->bytes - bytes)
			return at;
	return NULL;
}

static void discard(struct sim_allocation *allocation)
{
	if (!allocation)
		return;
	if (allocation->shadow && !allocation->registered)
		munmap(allocation->shadow, allocation->mapped_bytes);
	if (allocation->address && allocation->kind == SIM_DEVICE)
		munmap((void *)(uintptr_t)allocation->address, allocation->mapped_bytes);
	if (allocation->memfd >= 0)
		close(allocation->memfd);
	free(allocation);
}

static struct sim_allocation *new_allocation(enum sim_kind kind, size_t bytes)
{
	struct sim_allocation *allocation = calloc(1, sizeof(*allocation));

	if (!allocation)
		return NULL;
	allocation->kind = kind;
	allocation->bytes = bytes;
	allocation->mapped_bytes = (bytes + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
	allocation->memfd = -1;
	allocation->context = sim_current();
	allocation->device = allocation->context ? allocation->context->device : 0;
	return allocation;
}

static bool map_shadow(struct sim_allocation *allocation, int flags)
{
	void *shadow = mmap(NULL, allocation->mapped_bytes, PROT_READ | PROT_WRITE, flags,
			    allocation->memfd, 0);

	if (shadow == MAP_FAILED)
		return false;
	allocation->shadow = shadow;
	return true;
}

static bool map_device(struct sim_allocation *allocation)
{
	void *address;

	allocation->memfd = memfd_create("simulated-gpu", MFD_ALLOW_SEALING | MFD_CLOEXEC);
	if (allocation->memfd < 0 ||
	    ftruncate(allocation->memfd, (off_t)allocation->mapped_bytes) < 0 ||
	    fcntl(allocation->memfd, F_ADD_SEALS, F_SEAL_SHRINK) < 0 ||
	    !map_shadow(allocation, MAP_SHARED))
		return false;
	address = mmap(NULL, allocation->mapped_bytes, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (address == MAP_FAILED)
		return false;
	allocation->address = (uintptr_t)address;
	return true;
}

static bool map_host(struct sim_allocation *allocation)
{
	if (!map_shadow(allocation, MAP_PRIVATE | MAP_ANONYMOUS))
		return false;
	allocation->address = (uintptr_t)allocation->shadow;
	return true;
}

/* Takes what is ready, or frees it. */
static CUresult enter(struct sim_allocation *allocation)
{
	uint64_t *used = &used_bytes[allocation->device];
	uint64_t bytes = allocation->kind == SIM_HOST ? 0 : allocation->mapped_bytes;

	pthread_rwlock_wrlock(&sim_lock);
	if (*used + bytes > sim_memory_bytes()) {
		pthread_rwlock_unlock(&sim_lock);
		discard(allocation);
		return CUDA_ERROR_OUT_OF_MEMORY;
	}
	*used += bytes;
	allocation->id = next_id++;
	allocation->next = allocations;
	allocations = allocation;
	pthread_rwlock_unlock(&sim_lock);
	return CUDA_SUCCESS;
}

static CUresult allocate(CUdeviceptr *pointer, size_t bytes, enum sim_kind kind)
{
	struct sim_allocation *allocation;
	CUdeviceptr address;
	CUresult error;

	if (!sim_current())
		return CUDA_ERROR_INVALID_CONTEXT;
	if (!bytes || bytes > sim_memory_bytes())
		return bytes ? CUDA_ERROR_OUT_OF_MEMORY : CUDA_ERROR_INVALID_VALUE;
	allocation = new_allocation(kind, bytes);
	if (!allocation || !(kind == SIM_DEVICE ? map_device : map_host)(allocation)) {
		discard(allocation);
		return CUDA_ERROR_OUT_OF_MEMORY;
	}
	address = allocation->address;
	error = enter(allocation);
	if (!error)
		*pointer = address;
	return error;
}

EXPORT CUresult cuMemAlloc_v2(CUdeviceptr *pointer, size_t bytes)
{
	return allocate(pointer, bytes, SIM_DEVICE);
}

EXPORT CUresult cuMemAllocManaged(CUdeviceptr *pointer, size_t bytes, unsigned int flags)
{
	(void)flags;
	return allocate(pointer, bytes, SIM_MANAGED);
}

EXPORT CUresult cuMemAllocHost_v2(void **pointer, size_t bytes)
{
	CUdeviceptr address;
	CUresult error = allocate(&address, bytes, SIM_HOST);

	if (!error)
		*pointer = (void *)(uintptr_t)address;
	return error;
}

EXPORT CUresult cuMemHostRegister_v2(void *pointer, size_t bytes, unsigned int flags)
{
	struct sim_allocation *allocation;

	(void)flags;
	if (!sim_current())
		return CUDA_ERROR_INVALID_CONTEXT;
	if (!pointer || !bytes)
		return CUDA_ERROR_INVALID_VALUE;
	allocation = new_allocation(SIM_HOST, bytes);
	if (!allocation)
		return CUDA_ERROR_OUT_OF_MEMORY;
	allocation->registered = true;
	allocation->address = (uintptr_t)pointer;
	allocation->shadow = pointer;
	return enter(allocation);
}

void sim_free_context(CUcontext context)
{
	pthread_rwlock_wrlock(&sim_lock);
	for (struct sim_allocation **at = &allocations; *at;) {
		struct sim_allocation *found = *at;

		if (found->context != context) {
			at = &found->next;
			continue;
		}
		*at = found->next;
		if (found->kind != SIM_HOST)
			used_bytes[found->device] -= found->mapped_bytes;
		discard(found);
	}
	pthread_rwlock_unlock(&sim_lock);
}

static CUresult take_away(CUdeviceptr pointer, bool host, bool registered)
{
	struct sim_allocation *found = NULL;

	pthread_rwlock_wrlock(&sim_lock);
	for (struct sim_allocation **at = &allocations; *at; at = &(*at)->next) {
		if ((*at)->address != pointer || ((*at)->kind == SIM_HOST) != host ||
		    (*at)->registered != registered)
			continue;
		found = *at;
		*at = found->next;
		if (!host)
			used_bytes[found->device] -= found->mapped_bytes;
		break;
	}
	pthread_rwlock_unlock(&sim_lock);
	discard(found);
	return found ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

EXPORT CUresult cuMemFree_v2(CUdeviceptr pointer)
{
	if (!sim_current())
		return CUDA_ERROR_INVALID_CONTEXT;
	return take_away(pointer, false, false);
}

EXPORT CUresult cuMemFreeHost(void *pointer)
{
	return take_away((uintptr_t)pointer, true, false);
}

EXPORT CUresult cuMemHostUnregister(void *pointer)
{
	return take_away((uintptr_t)pointer, true, true);
}

EXPORT CUresult cuMemGetInfo_v2(size_t *unused, size_t *total)
{
	CUcontext context = sim_current();

	if (!context)
		return CUDA_ERROR_INVALID_CONTEXT;
	pthread_rwlock_rdlock(&sim_lock);
	*total = sim_memory_bytes();
	*unused = *total - used_bytes[context->device];
	pthread_rwlock_unlock(&sim_lock);
	return CUDA_SUCCESS;
}

EXPORT CUresult cuMemGetAddressRange_v2(CUdeviceptr *base, size_t *bytes, CUdeviceptr pointer)
{
	struct sim_allocation *found;

	if (!sim_started())
		return CUDA_ERROR_NOT_INITIALIZED;
	pthread_rwlock_rdlock(&sim_lock);
	found = sim_find(pointer, 1);
	if (found && base)
		*base = found->address;
	if (found && bytes)
		*bytes = found->bytes;
	pthread_rwlock_unlock(&sim_lock);
	return found ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

static CUresult pointer_attribute(const struct sim_allocation *allocation, void *data,
				  int attribute, CUdeviceptr pointer)
{
	switch (attribute) {
	case POINTER_CONTEXT:
		*(CUcontext *)data = allocation->context;
		return CUDA_SUCCESS;
	case POINTER_MEMORY_TYPE:
		*(unsigned int *)data =
			allocation->kind == SIM_HOST ? MEMORY_TYPE_HOST : MEMORY_TYPE_DEVICE;
		return CUDA_SUCCESS;
	case POINTER_DEVICE_POINTER:
		*(CUdeviceptr *)data = pointer;
		return CUDA_SUCCESS;
	case POINTER_HOST_POINTER:
		if (allocation->kind == SIM_DEVICE)
			return CUDA_ERROR_INVALID_VALUE;
		*(void **)data = (void *)(uintptr_t)pointer;
		return CUDA_SUCCESS;
	case POINTER_SYNC_MEMOPS: /* all copies are synchronous here */
		*(unsigned int *)data = 1;
		return CUDA_SUCCESS;
	case POINTER_BUFFER_ID:
		*(unsigned long long *)data = allocation->id;
		return CUDA_SUCCESS;
	case POINTER_IS_MANAGED:
		*(unsigned int *)data = allocation->kind == SIM_MANAGED;
		return CUDA_SUCCESS;
	case POINTER_DEVICE_ORDINAL:
		*(int *)data = allocation->device;
		return CUDA_SUCCESS;
	case POINTER_RANGE_START:
		*(CUdeviceptr *)data = allocation->address;
		return CUDA_SUCCESS;
	case POINTER_RANGE_SIZE:
		*(size_t *)data = allocation->bytes;
		return CUDA_SUCCESS;
	default:
		return CUDA_ERROR_NOT_SUPPORTED;
	}
}

EXPORT CUresult cuPointerGetAttribute(void *data, int attribute, CUdeviceptr pointer)
{
	CUresult error = CUDA_ERROR_INVALID_VALUE;
	struct sim_allocation *found;

	if (!sim_started())
		return CUDA_ERROR_NOT_INITIALIZED;
	pthread_rwlock_rdlock(&sim_lock);
	found = sim_find(pointer, 1);
	if (found)
		error = pointer_attribute(found, data, attribute, pointer);
	pthread_rwlock_unlock(&sim_lock);
	return error;
}

EXPORT CUresult cuPointerSetAttribute(const void *value, int attribute, CUdeviceptr pointer)
{
	struct sim_allocation *found;

	if (!sim_started())
		return CUDA_ERROR_NOT_INITIALIZED;
	if (!value || attribute != POINTER_SYNC_MEMOPS)
		return CUDA_ERROR_INVALID_VALUE;
	pthread_rwlock_rdlock(&sim_lock);
	found = sim_find(pointer, 1);
	pthread_rwlock_unlock(&sim_lock);
	return found && found->kind == SIM_DEVICE ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

/* The memfd by another file description, which has a position of its own. */
static int lend_memfd(const struct sim_allocation *allocation, uint64_t offset)
{
	char path[64];
	int fd;

	if (offset && !sim_is_set("PENSTOCK_SIM_SEEK"))
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", allocation->memfd);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd >= 0)
		lseek(fd, (off_t)offset, SEEK_SET);
	return fd;
}

static int lend(const struct sim_allocation *allocation, uint64_t offset, size_t bytes)
{
	struct udmabuf_create create = {
		.memfd = (uint32_t)allocation->memfd,
		.flags = UDMABUF_FLAGS_CLOEXEC,
		.offset = offset,
		.size = bytes,
	};
	int device = open("/dev/udmabuf", O_RDWR | O_CLOEXEC);
	int fd;

	if (device < 0)
		return lend_memfd(allocation, offset);
	fd = ioctl(device, UDMABUF_CREATE, &create);
	close(device);
	return fd;
}

EXPORT CUresult cuMemGetHandleForAddressRange(void *handle, CUdeviceptr pointer, size_t bytes,
					      int type, unsigned long long flags)
{
	CUresult error = CUDA_ERROR_INVALID_VALUE;
	struct sim_allocation *found;

	if (!sim_current())
		return CUDA_ERROR_INVALID_CONTEXT;
	if (type != RANGE_DMA_BUF || flags || pointer % PAGE_BYTES || bytes % PAGE_BYTES || !bytes)
		return CUDA_ERROR_INVALID_VALUE;
	if (!sim_lends_memory())
		return CUDA_ERROR_NOT_SUPPORTED;
	pthread_rwlock_rdlock(&sim_lock);
	found = sim_find(pointer, 1);
	if (found && found->kind == SIM_DEVICE && bytes <= found->mapped_bytes &&
	    pointer - found->address <= found->mapped_bytes - bytes) {
		int fd = lend(found, pointer - found->address, bytes);

		error = fd < 0 ? CUDA_ERROR_UNKNOWN : CUDA_SUCCESS;
		if (!error)
			*(int *)handle = fd;
	}
	pthread_rwlock_unlock(&sim_lock);
	return error;
}

/* For tests: where the memory behind [@pointer, +@bytes) can be looked at until it is freed; NULL. */
EXPORT void *penstock_sim_memory(CUdeviceptr pointer, size_t bytes)
{
	struct sim_allocation *found;
	uint8_t *memory = NULL;

	pthread_rwlock_rdlock(&sim_lock);
	found = sim_find(pointer, bytes);
	if (found)
		memory = found->shadow + (pointer - found->address);
	pthread_rwlock_unlock(&sim_lock);
	return memory;
}
