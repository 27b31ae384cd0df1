/* SPDX-License-Identifier: MIT */
/*
 * The CUDA driver, found at run time: as much of its interface as tells where a pointer points, lends GPU
 * memory to a card, and copies. Types and values are those of the driver's ABI (CUDA driver API reference manual).
 */
#ifndef PST_MEM_CUDA_H
#define PST_MEM_CUDA_H

#include "mem/mem.h"

typedef int pst_cu_result; /* CUresult; 0 is CUDA_SUCCESS */
typedef int pst_cu_device;
typedef void *pst_cu_context;
typedef unsigned long long pst_cu_pointer;

/* All of these, or there is no driver for us. */
struct pst_cuda {
	pst_cu_result (*cuInit)(unsigned int flags);
	pst_cu_result (*cuGetErrorName)(pst_cu_result error, const char **name);
	pst_cu_result (*cuDeviceGetCount)(int *count);
	pst_cu_result (*cuDeviceGet)(pst_cu_device *device, int ordinal);
	pst_cu_result (*cuDeviceGetAttribute)(int *value, int attribute, pst_cu_device device);
	pst_cu_result (*cuDevicePrimaryCtxRetain)(pst_cu_context *context, pst_cu_device device);
	pst_cu_result (*cuCtxGetCurrent)(pst_cu_context *context);
	pst_cu_result (*cuCtxPushCurrent)(pst_cu_context context);
	pst_cu_result (*cuCtxPopCurrent)(pst_cu_context *context);
	pst_cu_result (*cuPointerGetAttribute)(void *data, int attribute, pst_cu_pointer pointer);
	pst_cu_result (*cuPointerSetAttribute)(const void *value, int attribute,
					       pst_cu_pointer pointer);
	pst_cu_result (*cuMemGetAddressRange)(pst_cu_pointer *base, size_t *bytes,
					      pst_cu_pointer pointer);
	pst_cu_result (*cuMemGetHandleForAddressRange)(void *handle, pst_cu_pointer pointer,
						       size_t bytes, int type,
						       unsigned long long flags);
	pst_cu_result (*cuMemcpyHtoD)(pst_cu_pointer to, const void *from, size_t bytes);
	pst_cu_result (*cuMemcpyDtoH)(void *to, pst_cu_pointer from, size_t bytes);
	pst_cu_result (*cuFlushGPUDirectRDMAWrites)(int target, int scope);
};

/* The driver, initialised, with at least one GPU; NULL and the reason (which may be NULL) if there is none. */
const struct pst_cuda *pst_cuda(struct pst_reason *reason);

/* Fills in @ret if the pointer is a GPU's memory, and returns whether it is. */
bool pst_cuda_place(uint64_t pointer, struct pst_mem_place *ret);
/*
 * A dma-buf of [@address, +@length_bytes), which are whole pages of a GPU's memory. -EOPNOTSUPP when the driver or the
 * GPU cannot do it.
 */
int pst_cuda_export(const struct pst_mem_place *place, uint64_t address, size_t length_bytes,
		    int *ret_fd, struct pst_reason *reason);
int pst_cuda_copy_in(const struct pst_mem_place *place, uint64_t to, const void *from,
		     size_t bytes);
int pst_cuda_copy_out(const struct pst_mem_place *place, void *to, uint64_t from, size_t bytes);
/* Makes what a card wrote into the GPU's memory visible to the GPU, where it is not by itself. */
void pst_cuda_flush(const struct pst_mem_place *place);

#endif
