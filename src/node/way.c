// SPDX-License-Identifier: MIT
/* The way to a file: the owner, mode and ACL of each directory. */
#include <endian.h>
#include <errno.h>
#include <linux/posix_acl_xattr.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>

#include "node/access.h"

/* As many entries as fit into an attribute of the kernel's largest size. */
#define MAX_ACL_BYTES 65536

void pst_way_free(struct pst_way *way)
{
	for (size_t i = 0; i < way->n; i++) {
		free(way->v[i].path);
		free(way->v[i].acl);
	}
	free(way->v);
	*way = (struct pst_way){ 0 };
}

int pst_acl_parse(const uint8_t *bytes, size_t len, struct pst_place *place)
{
	struct posix_acl_xattr_header header;
	struct posix_acl_xattr_entry entry;

	if (len < sizeof(header) || (len - sizeof(header)) % sizeof(entry))
		return -EBADMSG;
	memcpy(&header, bytes, sizeof(header));
	if (le32toh(header.a_version) != POSIX_ACL_XATTR_VERSION)
		return -EBADMSG;
	for (size_t at = sizeof(header); at < len; at += sizeof(entry)) {
		struct pst_acl_entry *slot;

		memcpy(&entry, bytes + at, sizeof(entry));
		slot = pst_array_grow((void **)&place->acl, &place->n_acl, sizeof(*slot));
		if (!slot)
			return -ENOMEM;
		*slot = (struct pst_acl_entry){ .tag = le16toh(entry.e_tag),
						.bits = le16toh(entry.e_perm),
						.id = le32toh(entry.e_id) };
	}
	return 0;
}

static int read_acl(struct pst_place *place, struct pst_reason *reason)
{
	uint8_t __cleanup_free *bytes = malloc(MAX_ACL_BYTES);
	ssize_t len =
		bytes ? getxattr(place->path, "system.posix_acl_access", bytes, MAX_ACL_BYTES) : -1;

	if (!bytes)
		return -ENOMEM;
	if (len < 0 && (errno == ENODATA || errno == EOPNOTSUPP))
		return 0;
	if (len < 0)
		return pst_fail_errno(reason, -errno, "cannot read the ACL of %s", place->path);
	if (pst_acl_parse(bytes, (size_t)len, place))
		return pst_fail(reason, -EBADMSG, "the ACL of %s is of an unknown shape",
				place->path);
	return 0;
}

static int add_place(struct pst_way *way, const char *path, size_t len, struct pst_reason *reason)
{
	struct pst_place *place = pst_array_grow((void **)&way->v, &way->n, sizeof(*place));
	struct stat info;

	if (place)
		place->path = strndup(path, len);
	if (!place || !place->path)
		return -ENOMEM;
	if (stat(place->path, &info) < 0)
		return pst_fail_errno(reason, -errno, "cannot look at %s", place->path);
	place->owner = info.st_uid;
	place->group = info.st_gid;
	place->mode = info.st_mode;
	place->device = info.st_dev;
	return read_acl(place, reason);
}

int pst_way_observe(const char *path, struct pst_way *ret, struct pst_reason *reason)
{
	struct pst_way __cleanup_way way = { 0 };
	char __cleanup_free *real = realpath(path, NULL);
	struct statvfs info;
	int error;

	if (!real)
		return pst_fail_errno(reason, -errno, "cannot look at %s", path);
	error = add_place(&way, "/", 1, reason);
	for (const char *at = real + 1; *at && !error;) {
		at += strcspn(at, "/");
		error = add_place(&way, real, (size_t)(at - real), reason);
		at += *at == '/';
	}
	if (!error && statvfs(real, &info) < 0)
		error = pst_fail_errno(reason, -errno, "cannot look at the file system of %s",
				       real);
	if (error)
		return error;
	way.read_only = info.f_flag & ST_RDONLY;
	*ret = way;
	way = (struct pst_way){ 0 };
	return 0;
}
