/* SPDX-License-Identifier: MIT */
/* Files: penstock_file_open(3). */
#ifndef PENSTOCK_FILE_H
#define PENSTOCK_FILE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct penstock_file;

/* How the file's bytes will travel. Strings live as long as the file, and are "" where there is nothing to say. */
struct penstock_path {
	int direct; /* 1, or 0: they bounce through the kernel and host memory */
	uint32_t read_max_bytes; /* of one call to the server; 0 if not direct */
	uint32_t write_max_bytes;
	const char *bounce; /* why not direct, in a word as "not-rdma"; "direct" */
	const char *reason; /* the same in a sentence */
	const char *advice; /* what to do about it */
	const char *server; /* ADDRESS:PORT */
	const char *device; /* the RDMA device */
};

struct penstock_counters {
	uint64_t read_direct_bytes;
	uint64_t read_bounced_bytes;
	uint64_t write_direct_bytes;
	uint64_t write_bounced_bytes;
	uint64_t operations;
	uint64_t errors; /* operations that failed */
};

int penstock_file_open(int fd, struct penstock_file **ret);
void penstock_file_close(struct penstock_file *file);
int penstock_file_path(const struct penstock_file *file, struct penstock_path *ret,
		       size_t size_bytes);
int penstock_file_counters(const struct penstock_file *file, struct penstock_counters *ret,
			   size_t size_bytes);

#ifdef __cplusplus
}
#endif

#endif
