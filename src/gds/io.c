// SPDX-License-Identifier: MIT
/* One read or write, from start to finish. */
#include "gds/io.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>

#include "gds/file.h"
#include "gds/request.h"

/* What the kernel would refuse before it did anything. */
static int check(const struct pst_gds_io *io)
{
	int mode = io->file->open_flags & O_ACCMODE;
	uint64_t end;

	if (mode == (io->write ? O_RDONLY : O_WRONLY))
		return -EBADF;
	if (io->size_bytes > SSIZE_MAX ||
	    __builtin_add_overflow(io->offset, io->size_bytes, &end) || end > INT64_MAX)
		return -EINVAL;
	return 0;
}

/* 0: it is on its way. -errno with io->bounce set: the bounce path shall take it; else it has failed. */
static int start_direct(struct pst_gds_io *io)
{
	const struct pst_gds_kind *kind = io->write ? &pst_gds_writing : &pst_gds_reading;
	struct pst_reason __cleanup_reason reason = { 0 };
	struct pst_gds_file *file = io->file;
	struct pst_gds_request *request;
	int error = pst_gds_coherent_before(file);

	if (error)
		return error;
	request = pst_gds_request_get();
	if (!request)
		return -ENOMEM;
	error = pst_gds_span_reach(&io->span, io->size_bytes, file->server, kind->access,
				   &request->target, &reason);
	if (error) {
		pst_gds_request_put(request);
		/* What is no memory at all is so on any path. */
		if (error == -EFAULT)
			return error;
		pst_gds_file_memory_failed(file, &reason);
		io->bounce = PST_BOUNCE_MEMORY;
		return error;
	}
	if (io->driven)
		error = pst_gds_server_drive(file->server);
	if (error) {
		pst_gds_target_release(&request->target);
		pst_gds_request_put(request);
		return error;
	}
	request->kind = kind;
	request->io = io;
	request->end = io->offset + io->size_bytes;
	request->error = 0;
	request->has_verifier = false;
	request->verifier_changed = false;
	request->unstable = false;
	request->rounds = 0;
	io->request = request;
	pst_gds_request_round(request);
	return 0;
}

void pst_gds_start(struct pst_gds_io *io)
{
	int error = check(io);

	io->request = NULL;
	io->result = 0;
	io->bounce = PST_BOUNCE_NONE;
	if (!error && io->size_bytes) {
		io->bounce = pst_gds_file_bounce(io->file);
		if (io->bounce == PST_BOUNCE_NONE)
			error = start_direct(io);
		/* From here on @io is done()'s, if it went direct. */
		if (!error && io->bounce == PST_BOUNCE_NONE)
			return;
	}
	if (io->bounce != PST_BOUNCE_NONE)
		io->result = pst_gds_bounce(io->file, io);
	else
		io->result = error;
	io->done(io);
}

void pst_gds_wait(struct pst_gds_io *io, bool (*finished)(void *arg), void *arg)
{
	/* What did not go direct was finished when it had been started. */
	if (!finished(arg))
		pst_nfs_wait(pst_gds_server_client(io->file->server), finished, arg);
}

ssize_t pst_gds_finish(struct pst_gds_io *io)
{
	struct pst_gds_request *request = io->request;
	int error = 0;

	if (request) {
		io->result = pst_gds_request_result(request);
		pst_gds_target_release(&request->target);
		pst_gds_request_put(request);
		io->request = NULL;
		/* Some of it may be at the server even if none of it counts. */
		if (io->write)
			error = pst_gds_coherent_after_write(io->file, io->offset, io->size_bytes);
		if (error && io->result >= 0)
			io->result = error;
	}
	pst_gds_count(io->file, io->write, io->bounce, io->result);
	return io->result;
}

static void note(struct pst_gds_io *io)
{
	atomic_store(((atomic_bool *)io->user), true);
}

static bool noted(void *arg)
{
	return atomic_load((atomic_bool *)arg);
}

static ssize_t transfer(struct pst_gds_file *file, bool write, void *buffer, size_t size_bytes,
			off_t file_offset, off_t buffer_offset)
{
	atomic_bool finished = false;
	struct pst_gds_io io = { .file = file,
				 .write = write,
				 .offset = (uint64_t)file_offset,
				 .size_bytes = size_bytes,
				 .done = note,
				 .user = &finished };
	uintptr_t start;

	if (file_offset < 0 || buffer_offset < 0 ||
	    __builtin_add_overflow((uintptr_t)buffer, (uintptr_t)buffer_offset, &start)) {
		pst_gds_count(file, write, PST_BOUNCE_NONE, -EINVAL);
		return -EINVAL;
	}
	io.span.pointer = (void *)start;
	pst_gds_start(&io);
	pst_gds_wait(&io, noted, &finished);
	return pst_gds_finish(&io);
}

ssize_t pst_gds_read(struct pst_gds_file *file, void *buffer, size_t size_bytes, off_t file_offset,
		     off_t buffer_offset)
{
	return transfer(file, false, buffer, size_bytes, file_offset, buffer_offset);
}

ssize_t pst_gds_write(struct pst_gds_file *file, const void *buffer, size_t size_bytes,
		      off_t file_offset, off_t buffer_offset)
{
	return transfer(file, true, (void *)(uintptr_t)buffer, size_bytes, file_offset,
			buffer_offset);
}
