// SPDX-License-Identifier: MIT
/* A file system on a medium that is not trusted, read without mounting it anywhere. */
#include "seed/volume.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/file.h"

/*
 * A mount that is attached to no path: nobody else can see it, and it goes when the last descriptor of it is
 * closed, even if this process is killed.
 */
static int mount_detached(const char *type, const char *device)
{
	int __cleanup_close context = fsopen(type, FSOPEN_CLOEXEC);
	int mount;

	if (context < 0 || fsconfig(context, FSCONFIG_SET_STRING, "source", device, 0) < 0 ||
	    fsconfig(context, FSCONFIG_SET_FLAG, "ro", NULL, 0) < 0 ||
	    fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	mount = fsmount(context, FSMOUNT_CLOEXEC,
			MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
				MOUNT_ATTR_NOEXEC);
	return mount < 0 ? -errno : mount;
}

int pst_volume_open(const char *device, int *ret_directory, struct pst_reason *reason)
{
	int error = mount_detached("vfat", device);

	/* EINVAL: it is no FAT. */
	if (error == -EINVAL)
		error = mount_detached("iso9660", device);
	if (error == -EINVAL)
		return pst_fail(reason, -EBADMSG,
				"%s has neither a FAT nor an ISO 9660 file system", device);
	if (error < 0)
		return pst_fail_errno(reason, error, "cannot read the file system on %s", device);
	*ret_directory = error;
	return 0;
}

int pst_volume_read(int directory, const char *name, struct pst_seed_file *ret,
		    struct pst_reason *reason)
{
	struct pst_buf __cleanup_buf buf = { 0 };
	/* A link on the medium could lead to any file of the machine. */
	int __cleanup_close fd =
		openat(directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	struct stat status;
	int error;

	*ret = (struct pst_seed_file){ 0 };
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 && errno != ELOOP)
		return pst_fail_errno(reason, -errno, "cannot open %s", name);
	if (fd < 0 || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))
		return pst_fail(reason, -EBADMSG, "%s is not a plain file", name);
	error = pst_file_read_all(fd, PST_SEED_FILE_MAX_BYTES, &buf);
	if (error == -EFBIG)
		return pst_fail(reason, error, "%s is larger than %zu KiB", name,
				PST_SEED_FILE_MAX_BYTES >> 10);
	if (error)
		return pst_fail_errno(reason, error, "cannot read %s", name);
	ret->len = buf.len;
	ret->text = pst_buf_take(&buf);
	return ret->text ? 0 : -ENOMEM;
}
