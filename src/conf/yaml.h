/* SPDX-License-Identifier: MIT */
/*
 * A YAML document as a tree that knows its lines. libcyaml fills our structs but forgets where each
 * value stood; this tree remembers, so that every complaint can name the line.
 */
#ifndef PST_CONF_YAML_H
#define PST_CONF_YAML_H

#include "base/problem.h"
#include "base/reason.h"

enum pst_yaml_kind {
	PST_YAML_SCALAR,
	PST_YAML_LIST,
	PST_YAML_MAP,
};

struct pst_yaml {
	enum pst_yaml_kind kind;
	size_t line; /* of its key where it has one, else of the value; from 1 */
	char *key; /* in a mapping, else NULL */
	char *value; /* of a scalar, else NULL */
	struct pst_yaml **child;
	size_t n_children;
};

/*
 * Parses one document. Aliases, keys that are not plain words, a second document and nesting beyond
 * what our schema has are refused. On -EINVAL, ret_line is the line of what is wrong.
 */
int pst_yaml_parse(const char *text, size_t len, struct pst_yaml **ret, size_t *ret_line,
		   struct pst_reason *reason);
/* The same, with what is wrong among @problems. */
int pst_yaml_load(const char *text, size_t len, struct pst_yaml **ret,
		  struct pst_problems *problems);
/* The node at a key such as "pools[0].disks[1]"; NULL when there is none. */
const struct pst_yaml *pst_yaml_find(const struct pst_yaml *root, const char *key);
/* The line of that node, or of the nearest one above it. */
size_t pst_yaml_line(const struct pst_yaml *root, const char *key);
void pst_yaml_free(struct pst_yaml **tree);
#define __cleanup_yaml __cleanup(pst_yaml_free)

#endif
