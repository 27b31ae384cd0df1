/* SPDX-License-Identifier: MIT */
/*
 * The disks that an installation takes, from the first look at them to the end. Minutes lie between that look and the
 * writing, in which somebody may use a disk, pull it out, or put in another.
 */
#ifndef PST_INSTALL_HOLD_H
#define PST_INSTALL_HOLD_H

#include "install/answers.h"
#include "install/check.h"

struct pst_hold {
	struct pst_host *host;
	const struct pst_image *image;
	const struct pst_answers *answers;
	const struct pst_disk *disks[PST_ANSWERS_DISKS_MAX]; /* as pst_targets_check() found them */
	int fd[PST_ANSWERS_DISKS_MAX];
	size_t n; /* of those that are open */
};

/* Opens the disks: what is open keeps its name in the kernel, whatever is put in. */
int pst_hold_open(struct pst_hold *hold, struct pst_reason *reason);
/* Looks at a disk again, and judges it as the first time. -EPERM and a reason: it may not be taken any more. */
int pst_hold_check(const struct pst_hold *hold, size_t disk, struct pst_reason *reason);
void pst_hold_close(struct pst_hold *hold);
#define __cleanup_hold __cleanup(pst_hold_close)

#endif
