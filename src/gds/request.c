// SPDX-License-Identifier: MIT
/*
 * An operation on the direct path. Up to PST_GDS_WINDOW parts are under way at once; a part that came back makes
 * room for the next. What counts in the end is what lies before the first gap, as for pread(2).
 */
#include "gds/request.h"

#include <errno.h>

#include "gds/split.h"

/* Requests that are kept for the next operations; more than that many threads rarely read at once. */
#define POOL_MOST 64

static pthread_mutex_t pool_lock = PTHREAD_MUTEX_INITIALIZER;
static struct pst_gds_request *pool;
static size_t pool_count;

static void before_fork(void)
{
	pthread_mutex_lock(&pool_lock);
}

static void after_fork(void)
{
	pthread_mutex_unlock(&pool_lock);
}

static void watch_forks(void)
{
	pthread_atfork(before_fork, after_fork, after_fork);
}

static struct pst_gds_request *new_request(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct pst_gds_request *request = calloc(1, sizeof(*request));

	pthread_once(&once, watch_forks);
	if (request)
		pthread_mutex_init(&request->lock, NULL);
	return request;
}

static void free_request(struct pst_gds_request *request)
{
	pthread_mutex_destroy(&request->lock);
	free(request);
}

struct pst_gds_request *pst_gds_request_get(void)
{
	struct pst_gds_request *request;

	pthread_mutex_lock(&pool_lock);
	request = pool;
	if (request) {
		pool = request->next;
		pool_count--;
	}
	pthread_mutex_unlock(&pool_lock);
	return request ?: new_request();
}

void pst_gds_request_put(struct pst_gds_request *request)
{
	bool kept;

	pthread_mutex_lock(&pool_lock);
	kept = pool_count < POOL_MOST;
	if (kept) {
		request->next = pool;
		pool = request;
		pool_count++;
	}
	pthread_mutex_unlock(&pool_lock);
	if (!kept)
		free_request(request);
}

void pst_gds_request_pool_trim(void)
{
	struct pst_gds_request *request;

	pthread_mutex_lock(&pool_lock);
	request = pool;
	pool = NULL;
	pool_count = 0;
	pthread_mutex_unlock(&pool_lock);
	while (request) {
		struct pst_gds_request *next = request->next;

		free_request(request);
		request = next;
	}
}

void pst_gds_request_cut(struct pst_gds_request *request, uint64_t offset, int error)
{
	if (offset < request->end) {
		request->end = offset;
		request->error = error;
	}
}

void pst_gds_request_done(struct pst_gds_request *request)
{
	struct pst_gds_io *io = request->io;

	/* First: after done() the file, and with it the server, may be closed. */
	if (io->driven)
		pst_gds_server_driven(io->file->server);
	io->done(io);
}

ssize_t pst_gds_request_result(const struct pst_gds_request *request)
{
	uint64_t moved = request->end - request->io->offset;

	return moved || !request->error ? (ssize_t)moved : request->error;
}

static void send_part(struct pst_gds_request *request, struct pst_gds_part *part);

/* Takes the next part of what is still to be sent; NULL when there is none, or none idle. */
static struct pst_gds_part *next_part(struct pst_gds_request *request)
{
	const struct pst_nfs_limits *limits = pst_nfs_file_limits(request->io->file->nfs);
	struct pst_gds_part *part = NULL;

	pthread_mutex_lock(&request->lock);
	if (request->cursor < request->end && request->idle) {
		part = request->idle;
		request->idle = part->next;
		part->nfs.op = request->kind->op;
		part->nfs.offset_bytes = request->cursor;
		part->nfs.count_bytes = pst_gds_split(request->cursor, request->end,
						      request->kind->part_max(limits));
		part->nfs.address =
			request->target.address + (request->cursor - request->io->offset);
		part->nfs.rkey = request->target.rkey;
		request->cursor += part->nfs.count_bytes;
		request->under_way++;
	}
	pthread_mutex_unlock(&request->lock);
	return part;
}

static void send_parts(struct pst_gds_request *request)
{
	struct pst_gds_part *part;

	while ((part = next_part(request)))
		send_part(request, part);
}

/* One less is under way; with the last the round is over. */
static void leave_round(struct pst_gds_request *request)
{
	bool last;

	pthread_mutex_lock(&request->lock);
	last = --request->under_way == 0;
	pthread_mutex_unlock(&request->lock);
	if (last)
		request->kind->round_over(request);
}

static void part_done(struct pst_nfs_io *nfs)
{
	struct pst_gds_request *request = nfs->user;
	struct pst_gds_part *part = (struct pst_gds_part *)nfs;
	bool again;

	pthread_mutex_lock(&request->lock);
	again = request->kind->came_back(request, nfs);
	if (!again) {
		part->next = request->idle;
		request->idle = part;
	}
	pthread_mutex_unlock(&request->lock);
	if (again) {
		send_part(request, part);
		return;
	}
	send_parts(request);
	leave_round(request);
}

static void send_part(struct pst_gds_request *request, struct pst_gds_part *part)
{
	int error;

	part->nfs.done = part_done;
	part->nfs.user = request;
	part->nfs.deadline_usec = pst_gds_file_deadline_usec(request->io->file);
	error = pst_nfs_submit(request->io->file->nfs, &part->nfs);
	if (error) {
		part->nfs.error = error;
		part_done(&part->nfs);
	}
}

void pst_gds_request_round(struct pst_gds_request *request)
{
	request->cursor = request->io->offset;
	request->idle = NULL;
	for (size_t i = PST_GDS_WINDOW; i-- > 0;) {
		request->parts[i].next = request->idle;
		request->idle = &request->parts[i];
	}
	request->under_way = 1;
	send_parts(request);
	leave_round(request);
}
