/* SPDX-License-Identifier: MIT */
/*
 * A storage node of any size that is a directory of files, and what the tools would say there, as text in the form
 * and with the length of the real answers.
 */
#ifndef PST_BENCH_APPLY_NODE_H
#define PST_BENCH_APPLY_NODE_H

#include "node/host.h"

struct bench_size {
	unsigned int disks, datasets; /* and as many exports as datasets */
	bool select; /* the disks are declared by their model and not by their names */
};

struct bench_node {
	struct bench_size size;
	char root[64];
	struct pst_host host;
	char *conf; /* the path of its penstock.yaml */
	char *zpool_status, *zpool_list, *zfs_list; /* in JSON */
};

/* On failure there is nothing to free but what bench_node_free() knows. */
int bench_node_make(struct bench_node *node, struct bench_size size, struct pst_reason *reason);
/* A file below the node's root. */
int bench_node_write(const struct bench_node *node, const char *path, const char *text,
		     struct pst_reason *reason);
void bench_node_free(struct bench_node *node);
#define __cleanup_bench_node __cleanup(bench_node_free)

#endif
