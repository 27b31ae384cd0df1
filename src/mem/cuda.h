/* SPDX-License-Identifier: MIT */
/*
 * The CUDA driver, found at run time: as much of its interface as tells where a pointer points, lends GPU
 * memory to a card, and copies. In a forked child the driver answers nothing, so that all memory is host memory there.
 */
#ifndef PST_MEM_CUDA_H
#define PST_MEM_CUDA_H

#include "mem/mem.h"

/* 0 when the driver works and has at least one GPU; -ENODEV and the reason (which may be NULL) otherwise. */
int pst_cuda_start(struct pst_reason *reason);

/* 1 and @ret if the pointer is memory that the driver knows, 0 if it is not, -errno if the driver does not tell enough. */
int pst_cuda_place(uint64_t pointer, struct pst_mem_place *ret, struct pst_reason *reason);
/* Whether the GPU memory at @pointer still is of the allocation that it was. */
bool pst_cuda_same(uint64_t pointer, uint64_t buffer_id);
/*
 * A dma-buf of [@address, +@length_bytes), which are whole pages of a GPU's memory. -EOPNOTSUPP when the driver or the
 * GPU cannot do it.
 */
int pst_cuda_export(const struct pst_mem_place *place, uint64_t address, size_t length_bytes,
		    int *ret_fd, struct pst_reason *reason);
/* When these return the bytes are there, for whoever asks. */
int pst_cuda_copy_in(const struct pst_mem_place *place, uint64_t to, const void *from,
		     size_t bytes);
int pst_cuda_copy_out(const struct pst_mem_place *place, void *to, uint64_t from, size_t bytes);
/* Makes what a card wrote into the GPU's memory visible to the GPU, where it is not by itself. */
void pst_cuda_flush(const struct pst_mem_place *place);

#endif
