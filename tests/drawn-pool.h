/* SPDX-License-Identifier: MIT */
/*
 * Pools as short texts. Disks are letters: the disk a is /dev/by/a and sda. A pool is its vdevs with ";" between, each a
 * class, a layout and its disks; "x>y" is a disk x that y is replacing, "x+y" one that y stands in for.
 */
#ifndef PST_TESTS_DRAWN_POOL_H
#define PST_TESTS_DRAWN_POOL_H

#include "common.h"

/* The beginning of a file with one pool. */
#define POOL "node: {name: s, role: storage}\npools:\n- name: tank\n"

/* A disk with nothing on it; X has a file system. */
void draw_disk(struct pst_state *state, char letter);
/* The imported pool tank with its disks; "!" before the text: it is expanding. */
void draw_pool(struct pst_state *state, const char *text);
/* The steps for the pools, one a line; with carry_out the state is then as they leave it. */
char *planned_pools(const struct pst_conf *conf, struct pst_state *state, bool carry_out);

#endif
