/* SPDX-License-Identifier: MIT */
/* What the files about pools share. */
#ifndef PST_NODE_ZPOOL_H
#define PST_NODE_ZPOOL_H

#include "node/fallback.h"
#include "node/node.h"
#include "node/shape.h"

/*
 * Goes before what writes to new disks. It notes which they are, so that the next apply can finish
 * what breaks off half-way. And it waits for udev: as a disk gets its partition table udev looks at
 * it, which can take the new partitions away for a moment, just as ZFS opens them.
 */
void pst_zpool_plan_note(struct pst_plan *plan, const struct pst_state *state, const char *key,
			 const char *path, const struct pst_strv *disks);
/* The ashift that new vdevs on these disks get; NULL without memory. */
char *pst_zpool_ashift(const struct pst_conf_pool *pool, const struct pst_state *state,
		       const struct pst_strv *disks);
/*
 * "log mirror DISK DISK": some of a group's disks, as zpool create and zpool add are told them behind those of another
 * class. A class is said once.
 */
void pst_zpool_add_vdev(struct pst_strv *argv, const struct pst_shape_vdev *vdev, size_t first,
			size_t count, enum pst_class before);

/*
 * Plans to import a pool that is not, by its number or, without one, by its name. What another host
 * used last is refused: nothing is ever forced.
 */
void pst_import_plan(const struct pst_conf_pool *pool, size_t n, const struct pst_shape *shape,
		     const char *guid, const struct pst_state *state, struct pst_plan *plan);

/* Plans the way from the shape that an imported pool has to the one that it shall have. */
void pst_zpool_plan_change(const struct pst_conf_pool *pool, size_t n,
			   const struct pst_shape *shape, const struct pst_pool_state *is,
			   const struct pst_state *state, struct pst_plan *plan);

#define PST_NO_VDEV ((size_t)-1)

/* A vdev as ZFS has them: a group, or one disk of a group that is a stripe, spares or cache. */
struct pst_want {
	const struct pst_shape_vdev *group;
	size_t first; /* of the group's disks */
	size_t count;
	size_t vdev; /* the pool's, PST_NO_VDEV when it has none of its disks */
};

/* Which of the wanted vdevs is which of the pool's. */
struct pst_match {
	struct pst_want *v;
	size_t n;
	bool *claimed; /* for each of the pool's vdevs */
};

int pst_match(const struct pst_shape *shape, const struct pst_pool_state *is,
	      const struct pst_state *state, struct pst_match *ret);
void pst_match_free(struct pst_match *match);
#define __cleanup_match __cleanup(pst_match_free)

/* Whether a path that ZFS has is that of a disk, or of a partition of it, by their names alone. */
bool pst_path_is_on(const char *path, const char *disk);
/* A pool's disk in one of its vdevs that is the disk at @path; NULL when there is none. */
const struct pst_pool_disk *pst_member_of(const struct pst_pool_state *is, size_t vdev,
					  const struct pst_state *state, const char *path);
/* A disk of a vdev to which it belongs for good. */
bool pst_member_stays(const struct pst_pool_disk *disk, size_t vdev);
/* What zpool(8) is told to mean a disk that the pool has; NULL without memory. */
char *pst_member_name(const struct pst_pool_disk *disk);

#endif
