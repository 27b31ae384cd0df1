/* SPDX-License-Identifier: MIT */
/*
 * The shape that a pool shall have: its groups of disks, each disk by its path, whether the
 * configuration names it or selects it.
 */
#ifndef PST_NODE_SHAPE_H
#define PST_NODE_SHAPE_H

#include "conf/conf.h"
#include "node/plan.h"
#include "node/state.h"

/* A group; all spares together are one, and so is the cache. */
struct pst_shape_vdev {
	enum pst_class class;
	enum pst_layout layout;
	char *word; /* as zpool status has it: raidz1, draid2:4d:8c:1s */
	struct pst_key key;
	struct pst_strv disks;
	size_t n_named; /* those behind were selected */
};

struct pst_shape {
	struct pst_shape_vdev *v;
	size_t n;
};

/*
 * Where disks are selected: those that the pool has come first, then those that carry its label,
 * then empty ones in the order of their PCI paths. 0, or -ENOMEM, or -ENODEV when a selector finds
 * too few disks, or more than it takes and of several kinds; @plan then has the problem.
 */
int pst_shape_resolve(const struct pst_conf *conf, size_t pool, const struct pst_state *state,
		      struct pst_plan *plan, struct pst_shape *ret);
void pst_shape_free(struct pst_shape *shape);
#define __cleanup_shape __cleanup(pst_shape_free)

/* The key of a group's nth disk, or of its selector. */
struct pst_key pst_shape_disk_key(const struct pst_shape_vdev *vdev, size_t n);
/* The nth disk of all groups together, with its key; NULL when there are no more. */
const char *pst_shape_disk(const struct pst_shape *shape, size_t n, struct pst_key *ret_key);
/* "", "log", ...: what zpool(8) is told before disks of a class. */
const char *pst_class_word(enum pst_class class);
/* Whether a drive is one of those that a selector is about. */
bool pst_drive_matches(const struct pst_drive_state *drive, const struct pst_conf_select *select);

#endif
