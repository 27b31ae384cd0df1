// SPDX-License-Identifier: MIT
/*
 * Coherence with the mount. The kernel's NFS client does not know of what the card moves, but for direct I/O of its
 * own it has the same problem (fs/nfs/direct.c, nfs_sync_mapping), and this does the same.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "gds/file.h"

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

/*
 * The attributes are fetched anew; where they changed, the kernel drops the file's pages before it reads. Two
 * writes within one tick of the server's clock may leave them as they were, so the pages of the range go at once: whole
 * ones, for the kernel keeps those of which only a part is named.
 */
void pst_gds_coherent_after_write(const struct pst_gds_file *file, uint64_t offset,
				  uint64_t length_bytes)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t first = offset & ~(page - 1);
	uint64_t end = (offset + length_bytes + page - 1) & ~(page - 1);
	struct statx ignored;

	/* Errors of either leave the cache as old as it was: nothing is lost, and there is nobody to tell. */
	(void)statx(file->fd, "", AT_EMPTY_PATH | AT_STATX_FORCE_SYNC, STATX_SIZE, &ignored);
	(void)posix_fadvise(file->fd, (off_t)first, (off_t)(end - first), POSIX_FADV_DONTNEED);
}
