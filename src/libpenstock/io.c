// SPDX-License-Identifier: MIT
/* Reading and writing, one operation at a time. */
#include <errno.h>
#include <stdatomic.h>

#include "objects.h"

int pst_public_io(const struct penstock_request *request, struct pst_gds_io *ret)
{
	uint64_t end;

	if (!request->file || !request->memory ||
	    (request->operation != PENSTOCK_READ && request->operation != PENSTOCK_WRITE))
		return -EINVAL;
	if (__builtin_add_overflow(request->memory_offset, request->size_bytes, &end) ||
	    end > pst_gds_memory_length(request->memory->gds))
		return -EFAULT;
	*ret = (struct pst_gds_io){
		.file = request->file->gds,
		.write = request->operation == PENSTOCK_WRITE,
		.span = { .memory = request->memory->gds, .offset_bytes = request->memory_offset },
		.offset = request->file_offset,
		.size_bytes = request->size_bytes,
	};
	return 0;
}

static void note(struct pst_gds_io *io)
{
	atomic_store((atomic_bool *)io->user, true);
}

static bool noted(void *arg)
{
	return atomic_load((atomic_bool *)arg);
}

static ssize_t transfer(const struct penstock_request *request)
{
	atomic_bool finished = false;
	struct pst_gds_io io;
	int error = pst_public_io(request, &io);

	if (error)
		return error;
	io.done = note;
	io.user = &finished;
	pst_gds_start(&io);
	pst_gds_wait(&io, noted, &finished);
	return pst_gds_finish(&io);
}

ssize_t penstock_read(struct penstock_file *file, struct penstock_memory *memory,
		      uint64_t memory_offset, size_t size_bytes, uint64_t file_offset)
{
	return transfer(&(struct penstock_request){ .operation = PENSTOCK_READ,
						    .file = file,
						    .memory = memory,
						    .memory_offset = memory_offset,
						    .file_offset = file_offset,
						    .size_bytes = size_bytes });
}

ssize_t penstock_write(struct penstock_file *file, struct penstock_memory *memory,
		       uint64_t memory_offset, size_t size_bytes, uint64_t file_offset)
{
	return transfer(&(struct penstock_request){ .operation = PENSTOCK_WRITE,
						    .file = file,
						    .memory = memory,
						    .memory_offset = memory_offset,
						    .file_offset = file_offset,
						    .size_bytes = size_bytes });
}
