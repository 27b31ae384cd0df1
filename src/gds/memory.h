/* SPDX-License-Identifier: MIT */
/*
 * The memory of an operation: any pointer, which src/mem knows about, or memory that a program registered as an
 * object, which may be a dma-buf that has no pointer at all.
 */
#ifndef PST_GDS_MEMORY_H
#define PST_GDS_MEMORY_H

#include "gds/server.h"
#include "mem/mem.h"

struct pst_gds_memory;

/* Registers the pointer with the process (pst_mem_register, whose errors these are). */
int pst_gds_memory_host(void *pointer, size_t length_bytes, struct pst_gds_memory **ret,
			struct pst_reason *reason);
/* @fd stays the caller's. -EINVAL for a part that the dma-buf has not, or an empty one. */
int pst_gds_memory_dmabuf(int fd, uint64_t offset_bytes, size_t length_bytes,
			  struct pst_gds_memory **ret, struct pst_reason *reason);
/* No operation may use it. When it returns no peer can reach the memory. */
void pst_gds_memory_close(struct pst_gds_memory *memory);
size_t pst_gds_memory_length(const struct pst_gds_memory *memory);

/* Where an operation's bytes are. */
struct pst_gds_span {
	void *pointer; /* if @memory is NULL */
	struct pst_gds_memory *memory;
	uint64_t offset_bytes; /* in @memory */
};

/* What the card needs to know of a span, from _reach to _release. */
struct pst_gds_target {
	uint32_t rkey;
	uint64_t address;
	struct pst_mem_use use;
	bool used; /* @use is to be released */
};

int pst_gds_span_reach(const struct pst_gds_span *span, size_t length_bytes,
		       struct pst_gds_server *server, enum pst_access access,
		       struct pst_gds_target *ret, struct pst_reason *reason);
void pst_gds_target_release(struct pst_gds_target *target);

/* The memory as the bounce path has it. */
struct pst_gds_window {
	struct pst_mem_place place;
	uint8_t *address; /* of the span's first byte */
	int dmabuf; /* its fd while the CPU is at it; -1 */
};

/* -EFAULT when it is no memory, or not so much of it. */
int pst_gds_window_open(const struct pst_gds_span *span, size_t length_bytes,
			struct pst_gds_window *ret, struct pst_reason *reason);
void pst_gds_window_close(struct pst_gds_window *window);

#endif
