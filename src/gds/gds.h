/* SPDX-License-Identifier: MIT */
/*
 * Reads and writes of files into and out of GPU (or host) memory: by the direct path where it exists,
 * by a bounce through host memory where not, always counted, never silent.
 *
 * Any thread may call anything here, several on one file at once. Closing is the exception: it is the
 * caller's to end all else on that file first.
 */
#ifndef PST_GDS_GDS_H
#define PST_GDS_GDS_H

#include <stdint.h>
#include <sys/types.h>

#include "base/reason.h"

/* Why bytes did not go by the direct path. The first ones are properties of the file, the last of the buffer. */
enum pst_bounce {
	PST_BOUNCE_NONE, /* direct */
	PST_BOUNCE_NOT_NFS, /* a local file system */
	PST_BOUNCE_NOT_RDMA, /* an NFS mount with proto=tcp or udp */
	PST_BOUNCE_SECURITY, /* sec=krb5*: AUTH_SYS would be weaker; or xprtsec= */
	PST_BOUNCE_NO_HANDLE, /* the file's handle could not be had */
	PST_BOUNCE_NO_V3, /* the server does not speak version 3 on its RDMA port */
	PST_BOUNCE_NO_DEVICE, /* no RDMA device, or no permission on it */
	PST_BOUNCE_NO_SERVER, /* the server could not be reached, or gave its error for the handle */
	PST_BOUNCE_APPEND, /* opened with O_APPEND: offsets are the kernel's to choose */
	PST_BOUNCE_FORKED, /* the file was opened by the parent process */
	PST_BOUNCE_MEMORY, /* the memory cannot be registered */
	PST_BOUNCE_COUNT,
};
/* One word for counters and JSON, as "not-rdma". */
const char *pst_bounce_name(enum pst_bounce bounce);
/* What a person can do about it; "" for PST_BOUNCE_NONE. */
const char *pst_bounce_advice(enum pst_bounce bounce);

struct pst_gds_counters {
	uint64_t read_direct_bytes;
	uint64_t write_direct_bytes;
	uint64_t read_bounced_bytes[PST_BOUNCE_COUNT];
	uint64_t write_bounced_bytes[PST_BOUNCE_COUNT];
	uint64_t operations;
	uint64_t errors;
};

struct pst_gds_file;

/*
 * Takes an open fd, which stays the caller's (it is duplicated). A file that has no direct path is no error: it
 * bounces. -EBADF, -EISDIR, -EINVAL for what is not a regular file.
 */
int pst_gds_open(int fd, struct pst_gds_file **ret, struct pst_reason *reason);
void pst_gds_close(struct pst_gds_file *file);

/*
 * Moves up to @size_bytes between the file from @file_offset and @buffer + @buffer_offset. Returns the bytes moved:
 * fewer only at the end of the file or before an error, which the next operation there will meet; or -errno, as the
 * server or the kernel said it, if there are none. Behind the bytes that count others may have been moved. What was
 * written is on stable storage when it returns. @buffer is the start of a registered buffer, or any pointer.
 */
ssize_t pst_gds_read(struct pst_gds_file *file, void *buffer, size_t size_bytes, off_t file_offset,
		     off_t buffer_offset);
ssize_t pst_gds_write(struct pst_gds_file *file, const void *buffer, size_t size_bytes,
		      off_t file_offset, off_t buffer_offset);

void pst_gds_file_counters(const struct pst_gds_file *file, struct pst_gds_counters *ret);
/* Of all files, closed ones included. */
void pst_gds_process_counters(struct pst_gds_counters *ret);
/* Read and written, whatever the reason. */
uint64_t pst_gds_bounced_bytes(const struct pst_gds_counters *counters);

/* What `penstock check` prints. Strings are the file's own, valid until it is closed. */
struct pst_gds_path {
	enum pst_bounce bounce; /* PST_BOUNCE_NONE: direct */
	const char *reason; /* why not direct, one line; "" */
	const char *mount; /* the mount point; "" if unknown */
	const char *source; /* server:/export; "" if not NFS */
	const char *fstype;
	const char *version; /* of the mount: "3", "4.2" */
	const char *proto;
	const char *server; /* address and port; "" */
	const char *device; /* RDMA device; "" */
	uint32_t read_max_bytes; /* 0 if not direct */
	uint32_t write_max_bytes;
};
void pst_gds_path(const struct pst_gds_file *file, struct pst_gds_path *ret);
/* Why memory could not be registered, the last time that it could not: fresh memory, "" if it always could. */
char *pst_gds_memory_reason(struct pst_gds_file *file);

/* Ends connections and registrations that nobody uses; open files stay usable. For cuFileDriverClose and tests. */
void pst_gds_trim(void);

#endif
