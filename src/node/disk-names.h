/* SPDX-License-Identifier: MIT */
/* The names that udev has for disks, below /dev/disk. */
#ifndef PST_NODE_DISK_NAMES_H
#define PST_NODE_DISK_NAMES_H

#include "node/host.h"

#define PST_BY_ID   "/dev/disk/by-id"
#define PST_BY_PATH "/dev/disk/by-path"

struct pst_disk_name {
	char *name; /* the link's */
	char *disk; /* where it leads: the kernel's name of a disk or a partition */
};

struct pst_disk_names {
	struct pst_disk_name *v; /* by disk */
	size_t n;
};

/* All of a folder; those of one disk by their letters. */
int pst_disk_names_read(const struct pst_host *host, const char *dir, struct pst_disk_names *ret,
			struct pst_reason *reason);
/*
 * Those of PST_BY_ID that penstock.yaml takes and that are sure to stay one disk's, the best of each disk first:
 * names that have a model and a serial number, of these the shortest, and numbers last.
 */
int pst_disk_ids_read(const struct pst_host *host, struct pst_disk_names *ret,
		      struct pst_reason *reason);
/* The first name of a disk, which those in ret_count follow; NULL when it has none. */
const struct pst_disk_name *pst_disk_names_of(const struct pst_disk_names *names, const char *disk,
					      size_t *ret_count);
void pst_disk_names_free(struct pst_disk_names *names);
#define __cleanup_disk_names __cleanup(pst_disk_names_free)

#endif
