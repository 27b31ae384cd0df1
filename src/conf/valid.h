/* SPDX-License-Identifier: MIT */
/* What the shape of the file does not show: whether its values make sense, alone and together. */
#ifndef PST_CONF_VALID_H
#define PST_CONF_VALID_H

#include "conf/conf.h"

struct pst_valid {
	const struct pst_conf *conf;
	const struct pst_yaml *tree;
	struct pst_problems *problems;
};

/* Each checks the sections that its name says, and adds what is wrong with its line. */
void pst_valid_node(struct pst_valid *valid); /* node, ssh */
void pst_valid_users(struct pst_valid *valid); /* users, groups */
void pst_valid_network(struct pst_valid *valid); /* network, rdma */
void pst_valid_link(struct pst_valid *valid, size_t n); /* vlan, bond, ipoib of one */
void pst_valid_roce(struct pst_valid *valid, size_t n); /* roce of one of rdma */
void pst_valid_pools(struct pst_valid *valid); /* pools, datasets */
void pst_valid_vdevs(struct pst_valid *valid, size_t pool); /* the disks of a pool */
void pst_valid_exports(struct pst_valid *valid); /* exports, nfs_server */
void pst_valid_mounts(struct pst_valid *valid); /* mounts */

void pst_bad(struct pst_valid *valid, struct pst_key key, const char *format, ...) __format(3, 4);
/* Reports KEY: "VALUE" COMPLAINT, unless the complaint is NULL. */
void pst_bad_word(struct pst_valid *valid, struct pst_key key, const char *value,
		  const char *complaint);

/* Strings that must differ, with their keys; what is reported twice is in the order in which they were added. */
struct pst_given {
	const char *value;
	struct pst_key key;
	size_t place; /* in that order; so is the first one of the same value */
	size_t first;
};

struct pst_givens {
	struct pst_given *v;
	size_t n;
	bool oom;
};

void pst_given_add(struct pst_givens *givens, const char *value, struct pst_key key);
/* Reports every string that was added before, and frees the list. */
void pst_bad_given_twice(struct pst_valid *valid, const char *what, struct pst_givens *givens);

/*
 * Reports every string that stands in a list twice. @value returns the nth string and fills in its
 * key, or returns NULL when there are no more.
 */
typedef const char *(*pst_nth_fn)(const struct pst_conf *conf, size_t n, struct pst_key *key);
void pst_bad_twice(struct pst_valid *valid, const char *what, pst_nth_fn nth);

#endif
