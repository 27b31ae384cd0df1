/* SPDX-License-Identifier: MIT */
/* Datasets whose content is encrypted by ZFS: their keys. */
#ifndef PST_NODE_ENCRYPTION_H
#define PST_NODE_ENCRYPTION_H

#include "node/node.h"

/*
 * Adds to a zfs create what makes the dataset @name encrypted. False, with a problem in the plan,
 * where that is for a person to do, or the key is not to be had or not kept to itself.
 */
bool pst_encryption_add(const struct pst_conf_encryption *encryption, struct pst_key key,
			const struct pst_state *state, const char *name, struct pst_strv *argv,
			struct pst_plan *plan);
/*
 * Plans to load the key of a dataset that is locked. False where it stays locked, and so cannot be
 * mounted.
 */
bool pst_encryption_plan(const struct pst_conf_encryption *encryption, struct pst_key key,
			 const struct pst_dataset_state *is, const struct pst_state *state,
			 struct pst_plan *plan);

#endif
