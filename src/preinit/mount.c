// SPDX-License-Identifier: MIT
/* Mounting, and changing the root. */
#include <errno.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "preinit/preinit.h"

int pst_mount(const char *what, const char *where, const char *type, unsigned long flags,
	      const char *options, struct pst_reason *reason)
{
	if (mount(what, where, type, flags, options) < 0)
		return pst_fail_errno(reason, -errno, "cannot mount %s (%s) at %s", what,
				      type ?: "bind", where);
	return 0;
}

int pst_bind(const char *what, const char *where, struct pst_reason *reason)
{
	return pst_mount(what, where, NULL, MS_BIND, NULL, reason);
}

int pst_mkdir(const char *path, mode_t mode, struct pst_reason *reason)
{
	if (mkdir(path, mode) < 0 && errno != EEXIST)
		return pst_fail_errno(reason, -errno, "cannot make the directory %s", path);
	return 0;
}

static int move_below(const char *root, const char *what, struct pst_reason *reason)
{
	char __cleanup_free *where = pst_printf("%s%s", root, what);

	if (!where)
		return -ENOMEM;
	return pst_mount(what, where, NULL, MS_MOVE, NULL, reason);
}

int pst_switch_root(const char *root, struct pst_reason *reason)
{
	static const char *const moved[] = { "/dev", "/proc", "/sys", "/run" };

	for (size_t i = 0; i < ARRAY_SIZE(moved); i++) {
		int error = move_below(root, moved[i], reason);

		if (error)
			return error;
	}
	if (chdir(root) < 0 || mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0 ||
	    chdir("/") < 0)
		return pst_fail_errno(reason, -errno, "cannot make %s the root", root);
	return 0;
}
