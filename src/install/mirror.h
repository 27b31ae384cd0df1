/* SPDX-License-Identifier: MIT */
/* How well a mirrored pair of boot disks is. */
#ifndef PST_INSTALL_MIRROR_H
#define PST_INSTALL_MIRROR_H

#include "node/host.h"

/*
 * What is wrong with the mirror that the state file system is on, in a sentence; *ret is NULL when nothing is, or when
 * there is no such mirror.
 */
int pst_mirror_look(const struct pst_host *host, char **ret, struct pst_reason *reason);

#endif
