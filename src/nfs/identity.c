// SPDX-License-Identifier: MIT
#include <errno.h>
#include <sys/fsuid.h>

#include "nfs/nfs.h"

/* More groups than a user has on any system that we have seen; the kernel's own limit is 65536. */
#define GROUPS_MOST 65536

int pst_nfs_identity_self(struct pst_nfs_identity *ret)
{
	gid_t __cleanup_free *groups = malloc(GROUPS_MOST * sizeof(*groups));
	int count = groups ? getgroups(GROUPS_MOST, groups) : -1;

	if (!groups)
		return -ENOMEM;
	if (count < 0)
		return -errno;
	*ret = (struct pst_nfs_identity){
		/* -1 is nobody's id: this changes nothing and says what is (setfsuid(2)). */
		.uid = (uint32_t)setfsuid((uid_t)-1),
		.gid = (uint32_t)setfsgid((gid_t)-1),
	};
	while (ret->group_count < PST_NFS_GROUPS && ret->group_count < (uint32_t)count) {
		ret->groups[ret->group_count] = groups[ret->group_count];
		ret->group_count++;
	}
	return 0;
}
