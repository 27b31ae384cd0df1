/* SPDX-License-Identifier: MIT */
/* A buffer, and what cards know of it. */
#ifndef PST_MEM_REGION_H
#define PST_MEM_REGION_H

#include <pthread.h>

#include "mem/mem.h"

/* What one card may do with a buffer; made when that is first wanted. */
struct pst_mem_region {
	struct pst_mem_region *next;
	struct pst_domain *domain;
	enum pst_access access;
	struct pst_region *region; /* NULL after a failure, which is remembered */
	int error;
	struct pst_reason reason;
};

/* In which of the places where mem.c keeps buffers one is. */
enum pst_mem_where {
	PST_MEM_REGISTERED, /* by the program */
	PST_MEM_CACHED, /* a GPU's allocation that was used without */
	PST_MEM_ORPHAN, /* of no use to anybody but who is using it */
	PST_MEM_PASSING, /* made for one use */
};

struct pst_mem_buffer {
	uint64_t start;
	size_t length_bytes;
	struct pst_mem_place place;
	unsigned int generation; /* of forks: the process that it belongs to */

	/* Guarded by mem.c's lock. */
	struct pst_mem_buffer *next;
	enum pst_mem_where where;
	uint32_t uses;
	bool leaving; /* somebody waits for the last use to end */
	uint64_t used_at; /* by mem.c's own clock */

	pthread_mutex_t lock; /* over the regions */
	struct pst_mem_region *regions;
};

struct pst_mem_buffer *pst_mem_buffer_new(uint64_t start, size_t length_bytes,
					  const struct pst_mem_place *place);
/* Nobody may use it. When it returns no peer reaches the memory through it. */
void pst_mem_buffer_free(struct pst_mem_buffer *buffer);
/* The buffer's region at a card, made if need be. */
int pst_mem_buffer_region(struct pst_mem_buffer *buffer, struct pst_domain *domain,
			  enum pst_access access, struct pst_region **ret,
			  struct pst_reason *reason);
void pst_mem_buffer_forget(struct pst_mem_buffer *buffer, const struct pst_domain *domain);

/* Regions that exist, for the counters. */
uint64_t pst_mem_regions(void);
/* In a forked child, which has none. */
void pst_mem_regions_forked(void);

#endif
