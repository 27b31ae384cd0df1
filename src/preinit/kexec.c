// SPDX-License-Identifier: MIT
/*
 * The kernel asks for no signature of a kernel that kexec_file_load(2) brings, locked down or not: it is built without
 * CONFIG_KEXEC_SIG. Root could start any kernel by it, past Secure Boot. Nothing here needs it, and once it is switched
 * off it stays so until the machine starts anew.
 */
#include <errno.h>
#include <fcntl.h>

#include "preinit/preinit.h"

int pst_kexec_end(const char *file, struct pst_reason *reason)
{
	int __cleanup_close fd = open(file, O_WRONLY | O_CLOEXEC);

	/* A kernel without kexec. */
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 || write(fd, "1", 1) < 0)
		return pst_fail_errno(reason, -errno, "cannot write %s", file);
	return 0;
}
