/* SPDX-License-Identifier: MIT */
/*
 * Where a buffer lives, and how a card reaches it. GPU memory is known by the CUDA driver, which is
 * found at run time (dlopen of libcuda.so.1); everything else is host memory.
 *
 * Any thread may call anything here.
 */
#ifndef PST_MEM_MEM_H
#define PST_MEM_MEM_H

#include "rpc/transport.h"

enum pst_mem_kind {
	PST_MEM_HOST,
	PST_MEM_GPU,
};

/* What is known of a pointer. */
struct pst_mem_place {
	enum pst_mem_kind kind;
	int gpu; /* device ordinal; -1 for host memory */
	bool managed; /* host memory that the CUDA driver may move to a GPU and back */

	/* GPU: of the allocation. */
	uint64_t base;
	size_t length_bytes;
	uint64_t buffer_id; /* never given twice (CU_POINTER_ATTRIBUTE_BUFFER_ID) */
};

/*
 * 0; -EFAULT for NULL; -EIO when the CUDA driver knows the pointer, but not what it is part of. A pointer to nothing, or
 * to memory that was freed, is taken for host memory: only the kernel can tell, when it is asked to read or write there.
 */
int pst_mem_place(const void *pointer, struct pst_mem_place *ret, struct pst_reason *reason);

/* 0 when there is a CUDA driver with at least one GPU; -ENODEV and the reason otherwise. */
int pst_mem_cuda(struct pst_reason *reason);

/* Bytes between host memory and a buffer of any kind; with the CPU for host memory, by the driver for a GPU's. */
int pst_mem_copy_in(const struct pst_mem_place *place, void *to, const void *from_host,
		    size_t bytes);
int pst_mem_copy_out(const struct pst_mem_place *place, void *to_host, const void *from,
		     size_t bytes);

struct pst_mem_buffer;

/*
 * Registers [@pointer, @pointer + @length_bytes) with the process: -EEXIST if it overlaps one that is, -EINVAL
 * for a length of 0 or an overflow, -EFAULT. The cards are told when they first need it. GPU memory that is freed while
 * it is registered is not registered any more, but stays in use until it is deregistered.
 */
int pst_mem_register(const void *pointer, size_t length_bytes, struct pst_reason *reason);
/*
 * Takes a registration back: -ENOENT if @pointer is not the start of one. Waits until no operation uses it; when it
 * returns no peer can reach the memory.
 */
int pst_mem_deregister(const void *pointer, struct pst_reason *reason);
/* And empties the cache. */
void pst_mem_deregister_all(void);

/* A use of memory by operations: holds the buffer, so that it cannot be deregistered meanwhile. */
struct pst_mem_use {
	struct pst_mem_buffer *buffer;
	struct pst_mem_place place;
	bool written; /* by the card */
	uint32_t rkey;
	uint64_t address; /* by which a peer names the first byte */
};

/*
 * Makes [@pointer, +@length_bytes) reachable in @domain with @access and no more, through a registered buffer
 * that holds the range, or the cache (GPU memory in allocations that are not too large), or a registration for this use
 * alone (host memory: a cached one would not notice munmap). -errno when it cannot be, with the reason; then it is a
 * case for the bounce path:
 *   -EFAULT       not a valid pointer, or not so long: no path takes it
 *   -EOPNOTSUPP   the driver or the card cannot do dma-buf, or the memory cannot be pinned
 *   -ENOMEM, -EPERM (RLIMIT_MEMLOCK), -EINVAL …
 * A failure is remembered for a registered buffer and in the cache, so that it is not tried again at each read.
 */
int pst_mem_use(struct pst_domain *domain, const void *pointer, size_t length_bytes,
		enum pst_access access, struct pst_mem_use *ret, struct pst_reason *reason);
/* In a forked child, a use of the parent's is the parent's: nothing is done. */
void pst_mem_release(struct pst_mem_use *use);

/* Drops every registration that is in @domain, used by nobody; the domain is about to go. */
void pst_mem_forget_domain(struct pst_domain *domain);

struct pst_mem_counters {
	uint64_t registered_buffers;
	uint64_t regions; /* memory regions at cards now */
	uint64_t cache_hits;
	uint64_t cache_misses;
};
void pst_mem_counters(struct pst_mem_counters *ret);

#endif
