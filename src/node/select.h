/* SPDX-License-Identifier: MIT */
/* Disks by what they are: which ones a selector takes. */
#ifndef PST_NODE_SELECT_H
#define PST_NODE_SELECT_H

#include "node/shape.h"

struct pst_selection {
	const struct pst_conf *conf;
	const struct pst_state *state;
	struct pst_plan *plan;
	size_t pool;
	struct pst_strv taken; /* kernel names; of what is gone, paths */
};

/* Takes note of the disks that are named, in any pool. */
int pst_select_begin(struct pst_selection *selection);
/* Adds the selector's disks to @vdev. 0, -ENOMEM, or -ENODEV with a problem in the plan. */
int pst_select(struct pst_selection *selection, const struct pst_conf_select *select,
	       struct pst_shape_vdev *vdev);
void pst_selection_free(struct pst_selection *selection);
#define __cleanup_selection __cleanup(pst_selection_free)

#endif
