/* SPDX-License-Identifier: MIT */
/* Which disks an installation may take. This is what keeps data from being destroyed. */
#ifndef PST_INSTALL_CHECK_H
#define PST_INSTALL_CHECK_H

#include "base/image.h"
#include "base/problem.h"
#include "inventory/disks.h"

/* As pst_disks_observe(), of all that root may see; only zeros at its ends make a disk free. */
int pst_targets_observe(struct pst_host *host, struct pst_disks *ret, struct pst_reason *reason);
/*
 * The disk that a path, a kernel name or a serial number means; NULL when there is none or more than one, and @ret says
 * so in words.
 */
const struct pst_disk *pst_target_find(const struct pst_host *host, const struct pst_disks *disks,
				       const char *word, char **ret);
/* What a person types to let a disk's content go: its serial number, or its name where it has none. */
const char *pst_target_token(const struct pst_disk *disk);
/*
 * Why no word of anybody's lets an installation take this disk, be it that another path leads to it; NULL: none. In fresh
 * memory.
 */
char *pst_target_bar(const struct pst_disks *disks, const struct pst_disk *disk,
		     const struct pst_image *image);
/* Whether both are one disk, by one path or by two: without multipath, each path is a device of the kernel's. */
bool pst_target_is_same(const struct pst_disk *a, const struct pst_disk *b);
/* What is on it, in one line; NULL when nothing is. In fresh memory. */
char *pst_target_content(const struct pst_disk *disk);

/*
 * Judges the disks that are asked for. Problems have the key disks[N]. The disks of which @erase names the serial
 * number may hold something. On success @ret is filled in, one for each word.
 */
int pst_targets_check(const struct pst_host *host, const struct pst_disks *disks,
		      const struct pst_image *image, char *const *words, size_t n_words,
		      char *const *erase, size_t n_erase, const struct pst_disk **ret,
		      struct pst_problems *problems);

#endif
