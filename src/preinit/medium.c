// SPDX-License-Identifier: MIT
/*
 * Live: the release lies on a medium, in the directory penstock: in the initramfs itself (PXE and HTTP boot), or
 * on an ISO 9660 file system on whatever device that is. The root and its hash tree are files there, for
 * which there are loop devices.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/time.h"
#include "preinit/preinit.h"

#define IN_INITRAMFS "/medium"
#define RELEASE	     PST_MEDIUM "/penstock"
/* Primary volume descriptor (ECMA-119, 8.4): its place, identifiers, and the volume's name in it. */
#define DESCRIPTOR_OFFSET 32768
#define DESCRIPTOR_BYTES  2048
#define LABEL_OFFSET	  40
#define LABEL_BYTES	  32
/* Drives and sticks take their time. */
#define WAIT_USEC (60 * PST_USEC_PER_SEC)

bool pst_medium_is(const void *descriptor, size_t len)
{
	static const char label[] = PST_MEDIUM_LABEL;
	const char *bytes = descriptor;

	if (len < DESCRIPTOR_BYTES || memcmp(bytes, "\1CD001\1", 7) != 0 ||
	    memcmp(bytes + LABEL_OFFSET, label, sizeof(label) - 1) != 0)
		return false;
	for (size_t i = sizeof(label) - 1; i < LABEL_BYTES; i++)
		if (bytes[LABEL_OFFSET + i] != ' ')
			return false;
	return true;
}

static bool is_medium(const char *device)
{
	int __cleanup_close fd = open(device, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char descriptor[DESCRIPTOR_BYTES];
	ssize_t got;

	if (fd < 0)
		return false;
	got = pread(fd, descriptor, sizeof(descriptor), DESCRIPTOR_OFFSET);
	return got > 0 && pst_medium_is(descriptor, (size_t)got);
}

/* The file of the release whose name ends so. */
static int find_file(const char *uuid, const char *kind, char **ret, struct pst_reason *reason)
{
	char __cleanup_free *end = pst_printf("_%s.%s.raw", uuid, kind);
	DIR *dir = opendir(RELEASE);
	struct dirent *entry;
	int error = 0;

	if (!dir)
		return pst_fail_errno(reason, -errno, "cannot read " RELEASE);
	while (end && !*ret && !error && (entry = readdir(dir))) {
		size_t len = strlen(entry->d_name);

		if (len <= strlen(end) || !pst_streq(entry->d_name + len - strlen(end), end))
			continue;
		*ret = pst_printf("%s/%s", RELEASE, entry->d_name);
		error = *ret ? 0 : -ENOMEM;
	}
	closedir(dir);
	if (!end || error)
		return -ENOMEM;
	if (!*ret)
		return pst_fail(reason, -ENOENT,
				"the medium is of another version: it has no file *%s", end);
	return 0;
}

/* -ENOENT when the medium on @device is of another version than the running kernel. */
static int try_device(const char *device, const char *root_uuid, struct pst_reason *reason)
{
	char __cleanup_free *file = NULL;
	int error = pst_mount(device, PST_MEDIUM, "iso9660",
			      MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL, reason);

	if (error)
		return error;
	error = find_file(root_uuid, "root", &file, reason);
	if (error && umount(PST_MEDIUM) < 0)
		return pst_fail_errno(reason, -errno, "cannot unmount %s", device);
	return error;
}

/* Mounts the first device that is this version's medium; -EAGAIN when there is none yet. */
static int try_devices(const char *root_uuid, struct pst_reason *reason)
{
	struct pst_parts __cleanup_parts parts = { 0 };
	int error = pst_parts_read("/sys/class/block", &parts, reason);

	for (size_t i = 0; i < parts.n && !error; i++) {
		char __cleanup_free *device = NULL;

		error = pst_device_path(parts.v[i].name, &device);
		if (error || !is_medium(device))
			continue;
		error = try_device(device, root_uuid, reason);
		if (error != -ENOENT)
			return error;
		error = 0;
	}
	return error ? error : -EAGAIN;
}

static int mount_medium(const char *root_uuid, struct pst_reason *reason)
{
	const struct timespec pause = { .tv_nsec = 200000000 };
	int error = pst_mkdir("/run/penstock", 0755, reason);

	if (!error)
		error = pst_mkdir(PST_MEDIUM, 0755, reason);
	if (error)
		return error;
	if (access(IN_INITRAMFS, F_OK) == 0)
		return pst_bind(IN_INITRAMFS, PST_MEDIUM, reason);
	for (uint64_t end_usec = pst_now_usec() + WAIT_USEC; pst_now_usec() < end_usec;) {
		error = try_devices(root_uuid, reason);
		if (error != -EAGAIN)
			return error;
		nanosleep(&pause, NULL);
	}
	if (!reason->text)
		pst_fail(reason, -ENOENT,
			 "there is no medium: no disk, drive or stick with an ISO file system "
			 "called " PST_MEDIUM_LABEL);
	/* A medium of another version has left a reason of its own. */
	return -ENOENT;
}

/* A loop device for the file; it goes when nothing uses it any more. */
static int make_loop(const char *file, char **ret, struct pst_reason *reason)
{
	struct loop_config config = {
		.block_size = 4096,
		.info.lo_flags = LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR,
	};
	int __cleanup_close control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	int __cleanup_close backing = open(file, O_RDONLY | O_CLOEXEC);
	int number = control < 0 ? -1 : ioctl(control, LOOP_CTL_GET_FREE);
	char __cleanup_free *device = number < 0 ? NULL : pst_printf("/dev/loop%d", number);

	if (backing < 0)
		return pst_fail_errno(reason, -errno, "cannot open %s", file);
	if (!device)
		return pst_fail_errno(reason, -errno, "there is no loop device for %s", file);

	/* Stays open until the verified device has taken it: else it would go at once. */
	int loop = open(device, O_RDONLY | O_CLOEXEC);

	config.fd = (unsigned int)backing;
	if (loop < 0 || ioctl(loop, LOOP_CONFIGURE, &config) < 0) {
		int error = -errno;

		pst_close_fd(&loop);
		return pst_fail_errno(reason, error, "cannot set up %s for %s", device, file);
	}
	*ret = TAKE_PTR(device);
	return 0;
}

int pst_medium_open(const char *roothash, struct pst_image *image, struct pst_reason *reason)
{
	char __cleanup_free *root = NULL, __cleanup_free *verity = NULL;
	char root_uuid[37], verity_uuid[37];
	int error;

	pst_cmdline_uuids(roothash, root_uuid, verity_uuid);
	error = mount_medium(root_uuid, reason);
	if (!error)
		error = find_file(root_uuid, "root", &root, reason);
	if (!error)
		error = find_file(verity_uuid, "verity", &verity, reason);
	if (!error)
		error = make_loop(root, &image->root, reason);
	if (!error)
		error = make_loop(verity, &image->verity, reason);
	if (error)
		return error;
	image->medium = strdup(PST_MEDIUM);
	return image->medium ? 0 : -ENOMEM;
}

int pst_medium_leave_arrays(struct pst_reason *reason)
{
	static const char rules[] = "/run/udev/rules.d/64-md-raid-assembly.rules";
	int error = pst_file_make_parents(rules, reason);

	if (!error && symlink("/dev/null", rules) < 0)
		error = pst_fail_errno(reason, -errno, "cannot make %s", rules);
	return error;
}
