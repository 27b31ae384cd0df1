/* SPDX-License-Identifier: MIT */
/* A machine that is a directory of files, and answers of programs that do not run. */
#ifndef PST_TESTS_TREE_H
#define PST_TESTS_TREE_H

#include "node/host.h"

struct answer {
	const char *command; /* what the command begins with */
	const char *text; /* NULL: there is no such program */
};

struct tree {
	char root[64];
	struct pst_host host;
	const struct answer *answers; /* ends with a NULL command */
	unsigned int runs; /* of commands */
};

/* Makes an empty machine, and removes it. */
void tree_make(struct tree *tree, const struct answer *answers);
void tree_remove(struct tree *tree);
#define __cleanup_tree __cleanup(tree_remove)

/* A file, or a link, with the directories above it. */
void tree_file(const struct tree *tree, const char *path, const char *text);
void tree_link(const struct tree *tree, const char *path, const char *target);

struct tree_entry {
	const char *path;
	const char *text; /* of a link, "-> TARGET" */
};
void tree_add(const struct tree *tree, const struct tree_entry *entries, size_t count);

#endif
