/* SPDX-License-Identifier: MIT */
/* Reading and writing: penstock_read(3), and many at once: penstock_queue_open(3). */
#ifndef PENSTOCK_IO_H
#define PENSTOCK_IO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <penstock/file.h>
#include <penstock/memory.h>

#ifdef __cplusplus
extern "C" {
#endif

ssize_t penstock_read(struct penstock_file *file, struct penstock_memory *memory,
		      uint64_t memory_offset, size_t size_bytes, uint64_t file_offset);
ssize_t penstock_write(struct penstock_file *file, struct penstock_memory *memory,
		       uint64_t memory_offset, size_t size_bytes, uint64_t file_offset);

struct penstock_queue;

enum penstock_operation {
	PENSTOCK_READ = 0,
	PENSTOCK_WRITE = 1,
};

struct penstock_request {
	enum penstock_operation operation;
	struct penstock_file *file;
	struct penstock_memory *memory;
	uint64_t memory_offset;
	uint64_t file_offset;
	size_t size_bytes;
	void *user; /* comes back in the result */
};

struct penstock_result {
	void *user;
	ssize_t result; /* as of penstock_read: bytes, or a negative errno */
};

int penstock_queue_open(unsigned int depth, struct penstock_queue **ret);
void penstock_queue_close(struct penstock_queue *queue);
int penstock_queue_fd(const struct penstock_queue *queue);
int penstock_queue_submit(struct penstock_queue *queue, const struct penstock_request *requests,
			  unsigned int count);
int penstock_queue_complete(struct penstock_queue *queue, struct penstock_result *results,
			    unsigned int min, unsigned int max, int timeout_ms);

#ifdef __cplusplus
}
#endif

#endif
