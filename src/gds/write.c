// SPDX-License-Identifier: MIT
/*
 * WRITE and COMMIT (RFC 1813, 3.3.7 and 3.3.21): parts are written UNSTABLE, then committed at once. The server's
 * write verifier must be the same in all replies: another one means that it restarted meanwhile and may have lost what
 * was not committed, and all is written again.
 */
#include <errno.h>

#include "gds/request.h"

/* A server whose verifier changes this often is not restarting, but broken. */
#define ROUNDS_MOST 10

static uint32_t part_max(const struct pst_nfs_limits *limits)
{
	return limits->write_max_bytes;
}

/* The lock is held, or nothing is under way. */
static void note_verifier(struct pst_gds_request *request, uint64_t verifier)
{
	if (!request->has_verifier)
		request->verifier = verifier;
	else if (request->verifier != verifier)
		request->verifier_changed = true;
	request->has_verifier = true;
}

static bool came_back(struct pst_gds_request *request, struct pst_nfs_io *part)
{
	if (part->error) {
		pst_gds_request_cut(request, part->offset_bytes, part->error);
		return false;
	}
	/* Nothing written and no error is not an answer that the protocol has. */
	if (!part->transferred_bytes) {
		pst_gds_request_cut(request, part->offset_bytes, -EIO);
		return false;
	}
	note_verifier(request, part->verifier);
	request->unstable = request->unstable || !part->stable;
	if (part->transferred_bytes >= part->count_bytes)
		return false;
	part->offset_bytes += part->transferred_bytes;
	part->address += part->transferred_bytes;
	part->count_bytes -= part->transferred_bytes;
	return part->offset_bytes < request->end;
}

static void write_again(struct pst_gds_request *request)
{
	request->has_verifier = false;
	request->verifier_changed = false;
	request->unstable = false;
	if (++request->rounds < ROUNDS_MOST) {
		pst_gds_request_round(request);
		return;
	}
	pst_gds_request_cut(request, request->io->offset, -EIO);
	pst_gds_request_done(request);
}

static void committed(struct pst_nfs_io *nfs)
{
	struct pst_gds_request *request = nfs->user;

	if (nfs->error) {
		pst_gds_request_cut(request, request->io->offset, nfs->error);
		pst_gds_request_done(request);
		return;
	}
	note_verifier(request, nfs->verifier);
	if (request->verifier_changed)
		write_again(request);
	else
		pst_gds_request_done(request);
}

static void commit(struct pst_gds_request *request)
{
	struct pst_nfs_io *nfs = &request->parts[0].nfs;
	uint64_t length = request->end - request->io->offset;
	int error;

	nfs->op = PST_NFS_COMMIT;
	nfs->offset_bytes = request->io->offset;
	/* 0: all from there on */
	nfs->count_bytes = length > UINT32_MAX ? 0 : (uint32_t)length;
	nfs->deadline_usec = pst_gds_file_deadline_usec(request->io->file);
	nfs->done = committed;
	nfs->user = request;
	error = pst_nfs_submit(request->io->file->nfs, nfs);
	/* If it was taken it may be over by now, and the request somebody else's. */
	if (error) {
		nfs->error = error;
		committed(nfs);
	}
}

static void round_over(struct pst_gds_request *request)
{
	bool wrote = request->end != request->io->offset;

	if (wrote && request->verifier_changed)
		write_again(request);
	else if (wrote && request->unstable)
		commit(request);
	else
		pst_gds_request_done(request);
}

const struct pst_gds_kind pst_gds_writing = {
	.op = PST_NFS_WRITE,
	.access = PST_ACCESS_REMOTE_READ,
	.part_max = part_max,
	.came_back = came_back,
	.round_over = round_over,
};
