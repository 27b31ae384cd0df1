/* SPDX-License-Identifier: MIT */
/* Cards that know memory regions and nothing else, what a peer can do with these, and the simulated GPUs. */
#ifndef PST_TESTS_MEM_FIXTURE_H
#define PST_TESTS_MEM_FIXTURE_H

#include "mem/mem.h"

struct mem_card {
	struct pst_domain domain;
	int error; /* of the next registrations, until it is set back to 0 */
	unsigned int tries; /* to register */
};

void mem_card_start(struct mem_card *card, const char *name);
/* How many regions it has now. */
unsigned int mem_card_regions(const struct mem_card *card);
/* What a peer does: false if the card would not let it. */
bool mem_card_write(struct mem_card *card, uint32_t rkey, uint64_t address, const void *data,
		    size_t bytes);
bool mem_card_read(struct mem_card *card, uint32_t rkey, uint64_t address, void *data,
		   size_t bytes);

/* The driver, with a context of GPU 0 for this thread. */
struct mem_gpu {
	int (*context_create)(void **context, unsigned int flags, int device);
	int (*context_destroy)(void *context);
	int (*context_pop)(void **context);
	int (*alloc)(unsigned long long *pointer, size_t bytes);
	int (*alloc_managed)(unsigned long long *pointer, size_t bytes, unsigned int flags);
	int (*alloc_host)(void **pointer, size_t bytes);
	int (*free)(unsigned long long pointer);
	int (*free_host)(void *pointer);
	void *(*memory)(unsigned long long pointer, size_t bytes);
	unsigned int (*flushes)(void);
	void *context;
};
extern struct mem_gpu mem_gpu;
/* A cmocka setup. */
int mem_gpu_start(void **state);
void *mem_gpu_alloc(size_t bytes);
void mem_gpu_free(void *pointer);
/* The byte that the GPU would see. */
uint8_t mem_gpu_byte(const void *pointer);

#endif
