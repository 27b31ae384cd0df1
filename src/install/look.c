// SPDX-License-Identifier: MIT
/*
 * The disks as an installation sees them. What wipefs(8) knows nothing of may be data all the same: plain dm-crypt, or
 * what a virtual machine or a database writes straight to a disk. Where nothing is known, only zeros are nothing.
 */
#include <errno.h>
#include <fcntl.h>

#include "install/check.h"

#define EDGE_BYTES ((off_t)1 << 20)

static bool is_zero(const char *bytes, size_t len)
{
	return !len || (!*bytes && !memcmp(bytes, bytes + 1, len - 1));
}

/* Whether anything but zeros is there: 0, 1 or a negative errno. */
static int has_bytes(int fd, off_t at, off_t end, char *bytes)
{
	while (at < end) {
		ssize_t got = pread(fd, bytes, (size_t)(end - at), at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? -errno : -ENODATA;
		if (!is_zero(bytes, (size_t)got))
			return 1;
		at += got;
	}
	return 0;
}

static int has_edges(int fd, char *bytes)
{
	off_t end = lseek(fd, 0, SEEK_END);
	off_t edge = end < EDGE_BYTES ? end : EDGE_BYTES;
	int there;

	if (end < 0)
		return -errno;
	there = has_bytes(fd, 0, edge, bytes);
	return there ? there : has_bytes(fd, end - edge, end, bytes);
}

static int look_at(const struct pst_host *host, struct pst_disk *disk, char *bytes)
{
	struct pst_key node = pst_key("/dev/%s", disk->name);
	char __cleanup_free *path = pst_host_path(host, node.text);
	int __cleanup_close fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	int there;

	if (!path)
		return -ENOMEM;
	there = fd < 0 ? -errno : has_edges(fd, bytes);
	if (there > 0)
		pst_strv_add(&disk->found, "data of an unknown kind");
	else if (there < 0)
		pst_strv_addf(&disk->found, "that it cannot be read (%s)", strerror(-there));
	if (there)
		disk->use = PST_USE_DATA;
	return disk->found.oom ? -ENOMEM : 0;
}

int pst_targets_observe(struct pst_host *host, struct pst_disks *ret, struct pst_reason *reason)
{
	struct pst_disks __cleanup_disks disks = { 0 };
	char __cleanup_free *bytes = malloc((size_t)EDGE_BYTES);
	int error = bytes ? pst_disks_observe(host, true, &disks, reason) : -ENOMEM;

	for (size_t i = 0; i < disks.n && !error; i++)
		if (disks.v[i].use == PST_USE_FREE)
			error = look_at(host, &disks.v[i], bytes);
	if (error)
		return error;
	*ret = disks;
	disks = (struct pst_disks){ 0 };
	return 0;
}
