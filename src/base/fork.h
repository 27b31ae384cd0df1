/* SPDX-License-Identifier: MIT */
/*
 * Tells a forked child that what it inherited is its parent's: connections to cards, which both would use.
 */
#ifndef PST_BASE_FORK_H
#define PST_BASE_FORK_H

#include <stdbool.h>

/* The number of forks between this process and the one that first asked. */
unsigned int pst_fork_generation(void);

#endif
