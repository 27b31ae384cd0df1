/* SPDX-License-Identifier: MIT */
/* Files that are as declared and that the program they are for has not read. */
#ifndef PST_NODE_UNREAD_H
#define PST_NODE_UNREAD_H

#include "node/host.h"
#include "node/state.h"

/* Looks for them in the records of those applies that did not come to their end. */
int pst_unread_observe(struct pst_host *host, struct pst_state *state, struct pst_reason *reason);
/* Takes one more step of an apply into account, described as in its record. */
void pst_unread_step(struct pst_state *state, const char *what, bool done);
/* Whether what follows on a change of this file is still to follow; it may have been removed. */
bool pst_unread_has(const struct pst_state *state, const char *path);
/* Whether there is one that was not read and whose name begins so; it may have been removed. */
bool pst_unread_below(const struct pst_state *state, const char *prefix);

#endif
