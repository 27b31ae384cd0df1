/* SPDX-License-Identifier: MIT */
/*
 * A node that exists only as a state: carrying out a step changes it as the real one would change.
 */
#ifndef PST_TESTS_SIMULATED_H
#define PST_TESTS_SIMULATED_H

#include "node/node.h"

/* Fails the test at a command that it does not know, or at a wait that would never end. */
void simulate(const struct pst_conf *conf, struct pst_state *state, const struct pst_step *step);
/* Somebody uses all that is mounted at its first use. */
void simulate_use(struct pst_state *state);
/* As a reboot: links, mounts, servers and imported pools are gone; files and disks stay. */
void simulate_reboot(struct pst_state *state);
/*
 * The files that say something else than what their programs run with, one a line: a plan shows nothing of most of them.
 * "" when there are none.
 */
char *simulated_unread(const struct pst_state *state);

#endif
