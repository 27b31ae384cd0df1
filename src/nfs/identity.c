// SPDX-License-Identifier: MIT
/*
 * Who a process is to the server. The file system ids are those of the calling thread, since threads may differ
 * (setfsuid(2)); asking by setfsuid(-1) needs no /proc and no parsing. In a user namespace they are translated: the
 * kernel mounts NFS for the first namespace only, and sends ids as that one has them. Of namespaces within namespaces
 * only the innermost can be seen from inside, and is translated.
 */
#include "nfs/identity.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/fsuid.h>

#include "base/file.h"
#include "nfs/nfs.h"

/* More groups than a user has on any system that we have seen; the kernel's own limit is 65536. */
#define GROUPS_MOST 65536

uint32_t pst_nfs_map_id(const char *map, uint32_t id)
{
	while (*map) {
		char *end;
		unsigned long inside = strtoul(map, &end, 10);
		unsigned long outside = strtoul(end, &end, 10);
		unsigned long count = strtoul(end, &end, 10);

		if (id >= inside && id - inside < count)
			return (uint32_t)(outside + (id - inside));
		/* A line that is not of three numbers would be met for ever. */
		if (end == map || *end != '\n')
			break;
		map = end + 1;
	}
	return id;
}

/* Of a kernel without user namespaces there is no map. */
static int read_map(const char *path, char **ret)
{
	int error = pst_file_read(path, ret, NULL, NULL);

	if (error != -ENOENT)
		return error;
	*ret = strdup("");
	return *ret ? 0 : -ENOMEM;
}

int pst_nfs_identity_self(struct pst_nfs_identity *ret)
{
	gid_t __cleanup_free *groups = malloc(GROUPS_MOST * sizeof(*groups));
	char __cleanup_free *uid_map = NULL;
	char __cleanup_free *gid_map = NULL;
	int count = groups ? getgroups(GROUPS_MOST, groups) : -1;
	int error;

	if (!groups)
		return -ENOMEM;
	if (count < 0)
		return -errno;
	error = read_map("/proc/self/uid_map", &uid_map)
			?: read_map("/proc/self/gid_map", &gid_map);
	if (error)
		return error;
	*ret = (struct pst_nfs_identity){
		/* -1 is nobody's id: this changes nothing and says what is (setfsuid(2)). */
		.uid = pst_nfs_map_id(uid_map, (uint32_t)setfsuid((uid_t)-1)),
		.gid = pst_nfs_map_id(gid_map, (uint32_t)setfsgid((gid_t)-1)),
	};
	while (ret->group_count < PST_NFS_GROUPS && ret->group_count < (uint32_t)count) {
		ret->groups[ret->group_count] = pst_nfs_map_id(gid_map, groups[ret->group_count]);
		ret->group_count++;
	}
	return 0;
}
