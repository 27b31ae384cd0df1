/* SPDX-License-Identifier: MIT */
/* Buffers by address, none of which overlap. Whoever uses one holds a lock. */
#ifndef PST_MEM_TABLE_H
#define PST_MEM_TABLE_H

#include "mem/region.h"

struct pst_mem_table {
	struct pst_mem_buffer **buffers;
	size_t count, room;
	uint64_t bytes; /* of all together */
};

/* The caller has made sure that nothing is there. */
int pst_mem_table_add(struct pst_mem_table *table, struct pst_mem_buffer *buffer);
/* It must be there. */
void pst_mem_table_remove(struct pst_mem_table *table, const struct pst_mem_buffer *buffer);

/* The buffer that holds all of the range; NULL. */
struct pst_mem_buffer *pst_mem_table_holding(const struct pst_mem_table *table, uint64_t start,
					     size_t length_bytes);
/* A buffer that holds some of the range; NULL. */
struct pst_mem_buffer *pst_mem_table_overlapping(const struct pst_mem_table *table, uint64_t start,
						 size_t length_bytes);

#endif
