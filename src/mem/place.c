// SPDX-License-Identifier: MIT
/* Where a pointer points, and copies to and from there. */
#include <errno.h>

#include "mem/cuda.h"

int pst_mem_cuda(struct pst_reason *reason)
{
	return pst_cuda_start(reason);
}

int pst_mem_place(const void *pointer, struct pst_mem_place *ret, struct pst_reason *reason)
{
	int known;

	if (!pointer)
		return pst_fail(reason, -EFAULT, "the pointer is NULL");
	known = pst_cuda_place((uintptr_t)pointer, ret, reason);
	if (known < 0)
		return known;
	if (!known)
		*ret = (struct pst_mem_place){ .kind = PST_MEM_HOST, .gpu = -1 };
	return 0;
}

int pst_mem_copy_in(const struct pst_mem_place *place, void *to, const void *from_host,
		    size_t bytes)
{
	if (place->kind == PST_MEM_GPU)
		return pst_cuda_copy_in(place, (uintptr_t)to, from_host, bytes);
	memcpy(to, from_host, bytes);
	return 0;
}

int pst_mem_copy_out(const struct pst_mem_place *place, void *to_host, const void *from,
		     size_t bytes)
{
	if (place->kind == PST_MEM_GPU)
		return pst_cuda_copy_out(place, to_host, (uintptr_t)from, bytes);
	memcpy(to_host, from, bytes);
	return 0;
}
