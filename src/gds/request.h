/* SPDX-License-Identifier: MIT */
/* An operation on the direct path: its parts, and what has become of them. */
#ifndef PST_GDS_REQUEST_H
#define PST_GDS_REQUEST_H

#include <pthread.h>

#include "gds/file.h"
#include "nfs/nfs.h"

/* Parts of one operation under way at once: 16 MiB at the common 512 KiB, which is some 300 us of 400 Gb/s. */
#define PST_GDS_WINDOW 32

struct pst_gds_part {
	struct pst_nfs_io nfs;
	struct pst_gds_part *next; /* among the idle ones */
};

struct pst_gds_kind {
	enum pst_nfs_op op;
	enum pst_access access;
	uint32_t (*part_max)(const struct pst_nfs_limits *limits);
	/*
	 * A part came back: with the lock held, takes note, and returns true if the part is to be sent (again, as it is
	 * then).
	 */
	bool (*came_back)(struct pst_gds_request *request, struct pst_nfs_io *part);
	/* All parts came back. The last thing that it does is pst_gds_request_done, or to send something. */
	void (*round_over)(struct pst_gds_request *request);
};

extern const struct pst_gds_kind pst_gds_reading;
extern const struct pst_gds_kind pst_gds_writing;

struct pst_gds_request {
	struct pst_gds_request *next; /* in the pool */
	const struct pst_gds_kind *kind;
	struct pst_gds_io *io;
	struct pst_gds_target target;

	pthread_mutex_t lock; /* of what follows */
	uint64_t cursor; /* the file offset up to which parts were sent */
	uint64_t
		end; /* nothing from here on counts: end of the request, of the file, or an error */
	int error; /* why it ends there; 0 */
	uint32_t under_way; /* parts, and one more while parts are being sent first */
	struct pst_gds_part *idle;

	/* Of a write. */
	uint64_t verifier;
	bool has_verifier;
	bool verifier_changed;
	bool unstable; /* something needs a COMMIT */
	uint32_t rounds;

	struct pst_gds_part parts[PST_GDS_WINDOW];
};

/* From the pool; NULL without memory. */
struct pst_gds_request *pst_gds_request_get(void);
void pst_gds_request_put(struct pst_gds_request *request);
void pst_gds_request_pool_trim(void);

/* Sends the parts from the operation's beginning up to its end. */
void pst_gds_request_round(struct pst_gds_request *request);
/* All that counts ends at @offset, with this error or, for the end of the file, 0. The lock is held. */
void pst_gds_request_cut(struct pst_gds_request *request, uint64_t offset, int error);
/* Tells the operation's owner. The request may be gone when it returns. */
void pst_gds_request_done(struct pst_gds_request *request);
/* Bytes from the beginning without a gap, or -errno if there are none. */
ssize_t pst_gds_request_result(const struct pst_gds_request *request);

#endif
