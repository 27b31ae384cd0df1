// SPDX-License-Identifier: MIT
/* Memory for check and cp to read into. */
#include "cli/gpu.h"

#include <assert.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>

/* The calls of the CUDA driver that this takes; 0 is success, and a device pointer a number of 64 bits. */
struct driver {
	int (*init)(unsigned int flags);
	int (*device_get)(int *device, int ordinal);
	int (*context_create)(void **context, unsigned int flags, int device);
	int (*context_destroy)(void *context);
	int (*memory_alloc)(uint64_t *pointer, size_t bytes);
	int (*memory_free)(uint64_t pointer);
	int (*copy_out)(void *host, uint64_t pointer, size_t bytes);
};

/* In the order of struct driver. */
static const char *const symbols[] = {
	"cuInit",	 "cuDeviceGet",	 "cuCtxCreate_v2",  "cuCtxDestroy_v2",
	"cuMemAlloc_v2", "cuMemFree_v2", "cuMemcpyDtoH_v2",
};
static_assert(sizeof(struct driver) == ARRAY_SIZE(symbols) * sizeof(void *));

struct pst_arena {
	void *library; /* NULL: host memory */
	struct driver driver;
	void *context;
	uint64_t pointer;
	void *host; /* the memory itself, or a copy of it */
	size_t bytes;
};

static int load(struct pst_arena *arena, struct pst_reason *reason)
{
	void *found[ARRAY_SIZE(symbols)];

	arena->library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
	if (!arena->library) {
		pst_fail(reason, -ENODEV, "there is no CUDA driver: %s", dlerror());
		return -ENODEV;
	}
	for (size_t i = 0; i < ARRAY_SIZE(symbols); i++) {
		found[i] = dlsym(arena->library, symbols[i]);
		if (!found[i]) {
			pst_fail(reason, -ENODEV, "the CUDA driver has no %s", symbols[i]);
			return -ENODEV;
		}
	}
	memcpy(&arena->driver, found, sizeof(found));
	return 0;
}

static int open_gpu(struct pst_arena *arena, int gpu, struct pst_reason *reason)
{
	int device, code;
	int error = load(arena, reason);

	if (error)
		return error;
	code = arena->driver.init(0);
	if (code)
		return pst_fail(reason, -ENODEV, "the CUDA driver does not start: error %d", code);
	code = arena->driver.device_get(&device, gpu);
	if (code)
		return pst_fail(reason, -ENODEV, "there is no GPU %d: CUDA error %d", gpu, code);
	code = arena->driver.context_create(&arena->context, 0, device);
	if (code)
		return pst_fail(reason, -EIO, "GPU %d cannot be used: CUDA error %d", gpu, code);
	code = arena->driver.memory_alloc(&arena->pointer, arena->bytes);
	if (code)
		return pst_fail(reason, -ENOMEM, "GPU %d has not %zu bytes left: CUDA error %d",
				gpu, arena->bytes, code);
	return 0;
}

int pst_arena_open(int gpu, size_t bytes, struct pst_arena **ret, struct pst_reason *reason)
{
	struct pst_arena *arena = calloc(1, sizeof(*arena));
	int error = 0;

	if (!arena)
		return -ENOMEM;
	arena->bytes = bytes;
	arena->host = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (arena->host == MAP_FAILED) {
		free(arena);
		return -ENOMEM;
	}
	if (gpu >= 0)
		error = open_gpu(arena, gpu, reason);
	if (error) {
		pst_arena_close(arena);
		return error;
	}
	*ret = arena;
	return 0;
}

void pst_arena_close(struct pst_arena *arena)
{
	if (!arena)
		return;
	if (arena->pointer)
		arena->driver.memory_free(arena->pointer);
	if (arena->context)
		arena->driver.context_destroy(arena->context);
	munmap(arena->host, arena->bytes);
	/* The library stays: the driver's own threads may still run in it. */
	free(arena);
}

void *pst_arena_memory(const struct pst_arena *arena)
{
	/* A device pointer is a number to the driver and a pointer to cuFile. */
	return arena->library ? (void *)(uintptr_t)arena->pointer : arena->host;
}

const void *pst_arena_look(struct pst_arena *arena, size_t bytes, struct pst_reason *reason)
{
	int code;

	if (!arena->library)
		return arena->host;
	code = arena->driver.copy_out(arena->host, arena->pointer, bytes);
	if (code) {
		pst_fail(reason, -EIO, "GPU memory cannot be read: CUDA error %d", code);
		return NULL;
	}
	return arena->host;
}
