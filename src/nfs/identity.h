/* SPDX-License-Identifier: MIT */
/* Ids of a user namespace, as the world outside knows them. Pure. */
#ifndef PST_NFS_IDENTITY_H
#define PST_NFS_IDENTITY_H

#include <stdint.h>

/* @map is the text of a /proc/PID/uid_map or gid_map (user_namespaces(7)). An id that it does not have stays as it is. */
uint32_t pst_nfs_map_id(const char *map, uint32_t id);

#endif
