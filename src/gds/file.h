/* SPDX-License-Identifier: MIT */
/* An open file, as the parts of this layer know it. */
#ifndef PST_GDS_FILE_H
#define PST_GDS_FILE_H

#include <pthread.h>
#include <stdatomic.h>

#include "gds/gds.h"
#include "gds/io.h"
#include "gds/mount.h"

struct pst_gds_tally {
	atomic_uint_least64_t direct_bytes[2]; /* read, written */
	atomic_uint_least64_t bounced_bytes[2][PST_BOUNCE_COUNT];
	atomic_uint_least64_t operations;
	atomic_uint_least64_t errors;
};

struct pst_gds_file {
	int fd; /* our duplicate */
	int bounce_fd; /* @fd, or the file once more without O_DIRECT */
	int open_flags;
	unsigned int generation; /* of the process that opened it */
	enum pst_bounce bounce;
	struct pst_reason reason; /* of @bounce */
	struct pst_gds_mount mount;
	struct pst_gds_server *server; /* NULL unless direct */
	struct pst_nfs_file *nfs;
	struct pst_gds_tally tally;

	pthread_mutex_t lock; /* of what follows */
	struct pst_reason memory_reason; /* why memory could not be registered, the last time */
};

/* Until when a part that is sent now must have been answered. */
uint64_t pst_gds_file_deadline_usec(const struct pst_gds_file *file);
/* Why an operation on the file does not go direct now. */
enum pst_bounce pst_gds_file_bounce(const struct pst_gds_file *file);
/* Counts an operation and its result, bytes or -errno. */
void pst_gds_count(struct pst_gds_file *file, bool write, enum pst_bounce bounce, ssize_t result);
/* Keeps why memory could not be registered; takes the text. */
void pst_gds_file_memory_failed(struct pst_gds_file *file, struct pst_reason *reason);

/*
 * Coherence with the mount: what the program wrote through the kernel is at the server before the card reads or
 * writes there, and what the card wrote is seen through the kernel afterwards.
 */
int pst_gds_coherent_before(const struct pst_gds_file *file);
int pst_gds_coherent_after_write(const struct pst_gds_file *file, uint64_t offset,
				 uint64_t length_bytes);

/* Moves bytes through host memory: bytes, or -errno. What was written is on stable storage. */
ssize_t pst_gds_bounce(struct pst_gds_file *file, const struct pst_gds_io *io);

#endif
