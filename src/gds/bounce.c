// SPDX-License-Identifier: MIT
/* The bounce path: through the kernel and host memory, for whatever has no direct path. */
#include <errno.h>
#include <sys/mman.h>

#include "gds/file.h"

#define CHUNK_BYTES ((size_t)1 << 20)

/* Like pread(2) and pwrite(2), but not interrupted. */
static ssize_t transfer(const struct pst_gds_io *io, void *memory, size_t bytes, uint64_t offset)
{
	int fd = io->file->bounce_fd;
	ssize_t n;

	do {
		n = io->write ? pwrite(fd, memory, bytes, (off_t)offset)
			      : pread(fd, memory, bytes, (off_t)offset);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

/* Host memory is the kernel's to read and write: it says EFAULT where a CPU would die. */
static ssize_t move_host(const struct pst_gds_io *io, const struct pst_gds_window *window,
			 void *host, size_t at)
{
	(void)host;
	return transfer(io, window->address + at, io->size_bytes - at, io->offset + at);
}

static ssize_t move_gpu(const struct pst_gds_io *io, const struct pst_gds_window *window,
			void *host, size_t at)
{
	size_t bytes = io->size_bytes - at < CHUNK_BYTES ? io->size_bytes - at : CHUNK_BYTES;
	ssize_t n;
	int error = 0;

	if (io->write)
		error = pst_mem_copy_out(&window->place, host, window->address + at, bytes);
	if (error)
		return error;
	n = transfer(io, host, bytes, io->offset + at);
	if (n > 0 && !io->write)
		error = pst_mem_copy_in(&window->place, window->address + at, host, (size_t)n);
	return error ? error : n;
}

static ssize_t move_all(const struct pst_gds_io *io, const struct pst_gds_window *window)
{
	ssize_t (*move)(const struct pst_gds_io *, const struct pst_gds_window *, void *, size_t) =
		move_host;
	void *host = NULL;
	size_t at = 0;
	ssize_t n = 0;

	if (window->place.kind == PST_MEM_GPU) {
		move = move_gpu;
		/* Aligned as direct I/O may want it. */
		host = mmap(NULL, CHUNK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);
		if (host == MAP_FAILED)
			return -ENOMEM;
	}
	while (at < io->size_bytes) {
		n = move(io, window, host, at);
		if (n <= 0)
			break;
		at += (size_t)n;
	}
	if (host)
		munmap(host, CHUNK_BYTES);
	return at ? (ssize_t)at : n;
}

ssize_t pst_gds_bounce(struct pst_gds_file *file, const struct pst_gds_io *io)
{
	struct pst_gds_window window;
	ssize_t moved;
	int error = pst_gds_window_open(&io->span, io->size_bytes, &window, NULL);

	if (error)
		return error;
	moved = move_all(io, &window);
	pst_gds_window_close(&window);
	if (io->write && moved > 0 && fdatasync(file->bounce_fd))
		return -errno;
	return moved;
}
