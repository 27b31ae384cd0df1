/* SPDX-License-Identifier: MIT */
/*
 * The version of the system that could be gone back to must be able to import the pools. Each version
 * writes down which features its ZFS knows; what all installed ones know is a set of
 * zpool-features(7), and pools keep to it by their property `compatibility`, so that zpool-upgrade(8)
 * itself enables nothing beyond. Who declares that property otherwise has waived it.
 */
#ifndef PST_NODE_FALLBACK_H
#define PST_NODE_FALLBACK_H

#include "node/node.h"

#define PST_FALLBACK	  "penstock-fallback"
#define PST_FALLBACK_PATH "/etc/zfs/compatibility.d/" PST_FALLBACK
/* In it VERSION/zfs-features, names one a line. */
#define PST_IMAGES_PATH "/var/lib/penstock/images"

/*
 * On an installed storage system: writes what this version knows, forgets versions that are gone, and writes the set.
 * Elsewhere it does nothing.
 */
int pst_fallback_keep(struct pst_host *host, struct pst_reason *reason);

/* The declared properties, and compatibility where that is kept and not declared. The entries are the pool's own. */
int pst_fallback_properties(const struct pst_conf_pool *pool, const struct pst_state *state,
			    struct pst_more_properties *ret);
void pst_fallback_properties_free(struct pst_more_properties *more);

/* What stands in both lists, in the order of the first; NULL without memory. */
char *pst_features_common(const char *one, const char *two);
/*
 * Adds a sentence for each active feature of a pool that is not in the list @known of the version @other. @answer is
 * what zpool get -H -o name,property,value all says.
 */
void pst_features_beyond(const char *answer, const char *known, const char *other,
			 struct pst_strv *ret);
/*
 * The same of this machine; nothing when @other was never started. What an older one than @running knew, and factory reset
 * made forget, is taken to be what the first version of all knew.
 */
int pst_fallback_beyond(struct pst_host *host, const char *other, const char *running,
			struct pst_strv *ret, struct pst_reason *reason);

#endif
