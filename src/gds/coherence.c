// SPDX-License-Identifier: MIT
/*
 * Coherence with the mount. The kernel's NFS client does not know of what the card moves, but for direct I/O of its
 * own it has the same problem (fs/nfs/direct.c, nfs_sync_mapping), and this does the same.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "gds/file.h"

/* How often pages are asked to go. Those that stay after that are mapped, or read again all the time. */
#define ROUNDS 4
/* The kernel drops no folio of which it is told only a part, and the largest that it makes is a PMD's. */
#define FOLIO_MOST_BYTES ((uint64_t)2 << 20)
#define PAUSE_USEC	 200

/* [first, end), whole pages */
struct span {
	uint64_t first, end;
};

/*
 * The program's dirty pages go to the server, and are committed there. Less would not do: of a page that was sent but
 * not committed the kernel keeps its copy, and sends it again when the server has restarted, over what the card wrote
 * meanwhile; and a server that restarted may give the card an older page than the program wrote. Costs a system call
 * and no message when nothing is dirty.
 *
 * An error of writing back is told to a program once; as we have taken it, it must be the operation's.
 */
int pst_gds_coherent_before(const struct pst_gds_file *file)
{
	return fdatasync(file->fd) ? -errno : 0;
}

static struct span align(uint64_t offset, uint64_t length_bytes, uint64_t unit)
{
	return (struct span){ offset & ~(unit - 1),
			      (offset + length_bytes + unit - 1) & ~(unit - 1) };
}

/* Whether the page cache has anything of it. False if the kernel cannot tell, which it can from Linux 6.5 on. */
static bool is_cached(int fd, struct span span)
{
	struct cachestat_range range = { span.first, span.end - span.first };
	struct cachestat found = { 0 };

	return syscall(SYS_cachestat, fd, &range, &found, 0) == 0 && found.nr_cache;
}

/*
 * A page that the kernel is about to read is locked, will not go, and may come with what was there before: reading it
 * waits for it.
 */
static void await_pages(const struct pst_gds_file *file, struct span span, uint64_t page)
{
	char byte;

	for (uint64_t at = span.first; at < span.end; at += page)
		if (is_cached(file->bounce_fd, (struct span){ at, at + page }) &&
		    pread(file->bounce_fd, &byte, 1, (off_t)at) < 0)
			usleep(PAUSE_USEC); /* open for writing only */
}

/*
 * The attributes are fetched anew; where they changed, the kernel drops the file's pages before it reads. They may
 * seem unchanged: two writes within one tick of the server's clock; or a write(2) of another thread, after which the
 * kernel takes all that has changed for its own work (fs/nfs/inode.c, nfs_post_op_update_inode_force_wcc_locked). An old
 * page is worse than it looks, for a write(2) into it sends the whole page. So the pages are dropped as well, and looked
 * for: some stay because they are just being read, or because another thread has made a part of their folio dirty.
 */
int pst_gds_coherent_after_write(const struct pst_gds_file *file, uint64_t offset,
				 uint64_t length_bytes)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	struct span pages = align(offset, length_bytes, page);
	struct span folios = align(offset, length_bytes, FOLIO_MOST_BYTES);
	struct statx ignored;

	/* An error of this leaves the attributes as old as they were. */
	(void)statx(file->fd, "", AT_EMPTY_PATH | AT_STATX_FORCE_SYNC, STATX_SIZE, &ignored);
	for (int round = 0; round < ROUNDS; round++) {
		(void)posix_fadvise(file->fd, (off_t)folios.first,
				    (off_t)(folios.end - folios.first), POSIX_FADV_DONTNEED);
		if (!is_cached(file->fd, pages))
			return 0;
		if (fdatasync(file->fd))
			return -errno;
		await_pages(file, pages, page);
	}
	return 0;
}
