/* SPDX-License-Identifier: MIT */
/* The partitions of a boot disk, as definitions for systemd-repart, repart.d(5). */
#ifndef PST_INSTALL_LAYOUT_H
#define PST_INSTALL_LAYOUT_H

#include "install/release.h"

/* Their numbers, in the order of the definitions. */
enum pst_part_number {
	PST_PART_ESP = 1,
	PST_PART_ROOT,
	PST_PART_VERITY,
	PST_PART_OTHER_ROOT,
	PST_PART_OTHER_VERITY,
	PST_PART_STATE,
};

#define PST_ESP_LABEL	"penstock-esp"
#define PST_STATE_LABEL "penstock-state"
/* What the partitions and their table need, and then what a person would miss in the last of them. */
#define PST_INSTALL_MIN_BYTES (6ULL << 30)

struct pst_definition {
	char *name;
	char *text;
};

struct pst_definitions {
	struct pst_definition *v;
	size_t n;
};

/* Of a disk that takes a release's files. */
int pst_definitions_make(const struct pst_release_dir *release, struct pst_definitions *ret);
void pst_definitions_free(struct pst_definitions *layout);
#define __cleanup_definitions __cleanup(pst_definitions_free)

/* /dev/vda and /dev/nvme0n1 have /dev/vda2 and /dev/nvme0n1p2; NULL without memory. */
char *pst_partition_path(const char *disk, enum pst_part_number number);

#endif
