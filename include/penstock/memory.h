/* SPDX-License-Identifier: MIT */
/* Registered memory: penstock_memory_host(3). */
#ifndef PENSTOCK_MEMORY_H
#define PENSTOCK_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct penstock_memory;

int penstock_memory_host(void *address, size_t length_bytes, struct penstock_memory **ret);
int penstock_memory_dmabuf(int fd, uint64_t offset_bytes, size_t length_bytes,
			   struct penstock_memory **ret);
void penstock_memory_close(struct penstock_memory *memory);

#ifdef __cplusplus
}
#endif

#endif
