/* SPDX-License-Identifier: MIT */
/* One read or write, from start to finish: what pst_gds_read and pst_gds_write do in one go. */
#ifndef PST_GDS_IO_H
#define PST_GDS_IO_H

#include <sys/types.h>

#include "gds/gds.h"
#include "gds/memory.h"

struct pst_gds_request;

struct pst_gds_io {
	struct pst_gds_file *file;
	bool write;
	struct pst_gds_span span;
	uint64_t offset; /* in the file */
	size_t size_bytes;
	/*
	 * Nobody will wait in pst_gds_wait: a thread of ours does (gds/server.h). Else the caller must.
	 */
	bool driven;
	/* Called once, by any thread, perhaps before pst_gds_start returns; it may only take note. */
	void (*done)(struct pst_gds_io *io);
	void *user;

	/* This layer's own. */
	struct pst_gds_request *request; /* NULL: @result is known */
	ssize_t result;
	enum pst_bounce bounce;
};

/* What is on the bounce path, or is refused at once, is done when it returns. */
void pst_gds_start(struct pst_gds_io *io);
/* Works until @finished(@io), which must become so in done(). */
void pst_gds_wait(struct pst_gds_io *io, bool (*finished)(void *arg), void *arg);
/* After done(), by one thread: ends the operation, counts it, and returns its bytes or -errno. */
ssize_t pst_gds_finish(struct pst_gds_io *io);

#endif
