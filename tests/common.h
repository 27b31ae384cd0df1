/* SPDX-License-Identifier: MIT */
/* What the tests of the node's program share: configurations, states, and plans as text. */
#ifndef PST_TESTS_COMMON_H
#define PST_TESTS_COMMON_H

#include "node/node.h"
#include "rows.h"

/* The text of tests/data/NAME. */
char *data(const char *name);
/* A configuration that must be valid. */
void conf_from(struct pst_conf_doc *doc, const char *text);
void conf_from_data(struct pst_conf_doc *doc, const char *name);

/*
 * A plan, or what one subsystem adds to it, as text: "do WHAT" or "do WHAT [WHY]" for each step,
 * and "config|refused|differs|health KEY: TEXT" for each problem.
 */
typedef void (*plan_fn)(const struct pst_conf *conf, const struct pst_state *state,
			struct pst_plan *plan);
char *plan_text(const struct pst_plan *plan);
/* Plans one subsystem, and compares. */
void assert_planned(plan_fn plan, const struct pst_conf *conf, const struct pst_state *state,
		    const char *expected);

/* Parts of a state, by hand. */
void add_file(struct pst_state *state, const char *path, const char *text);
void add_interface(struct pst_state *state, const char *name, unsigned int mtu,
		   const char *address);
void add_rdma(struct pst_state *state, const char *device, const char *port_state,
	      const char *interface);
/* @found is what is on it, with ";" between; NULL when it is empty. */
struct pst_disk_state *add_disk(struct pst_state *state, const char *path, const char *disk,
				const char *found);

#endif
