// SPDX-License-Identifier: MIT
#include "mem/table.h"

#include <errno.h>

/* How many start at or before @address. */
static size_t count_up_to(const struct pst_mem_table *table, uint64_t address)
{
	size_t low = 0, high = table->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (table->buffers[middle]->start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int make_room(struct pst_mem_table *table)
{
	size_t room = table->room ? 2 * table->room : 16;
	struct pst_mem_buffer **grown;

	if (table->count < table->room)
		return 0;
	grown = reallocarray(table->buffers, room, sizeof(struct pst_mem_buffer *));
	if (!grown)
		return -ENOMEM;
	table->buffers = grown;
	table->room = room;
	return 0;
}

int pst_mem_table_add(struct pst_mem_table *table, struct pst_mem_buffer *buffer)
{
	size_t at;
	int error = make_room(table);

	if (error)
		return error;
	at = count_up_to(table, buffer->start);
	memmove(&table->buffers[at + 1], &table->buffers[at],
		(table->count - at) * sizeof(struct pst_mem_buffer *));
	table->buffers[at] = buffer;
	table->count++;
	table->bytes += buffer->length_bytes;
	return 0;
}

void pst_mem_table_remove(struct pst_mem_table *table, const struct pst_mem_buffer *buffer)
{
	size_t at = count_up_to(table, buffer->start) - 1;

	table->count--;
	table->bytes -= buffer->length_bytes;
	memmove(&table->buffers[at], &table->buffers[at + 1],
		(table->count - at) * sizeof(struct pst_mem_buffer *));
}

struct pst_mem_buffer *pst_mem_table_holding(const struct pst_mem_table *table, uint64_t start,
					     size_t length_bytes)
{
	size_t at = count_up_to(table, start);
	struct pst_mem_buffer *buffer;

	if (!at)
		return NULL;
	buffer = table->buffers[at - 1];
	return length_bytes <= buffer->length_bytes &&
			       start - buffer->start <= buffer->length_bytes - length_bytes
		       ? buffer
		       : NULL;
}

struct pst_mem_buffer *pst_mem_table_overlapping(const struct pst_mem_table *table, uint64_t start,
						 size_t length_bytes)
{
	/* Of those that start before its end the last one reaches farthest. */
	size_t at = count_up_to(table, start + (length_bytes - 1));
	struct pst_mem_buffer *buffer;

	if (!at)
		return NULL;
	buffer = table->buffers[at - 1];
	return buffer->start + (buffer->length_bytes - 1) >= start ? buffer : NULL;
}
