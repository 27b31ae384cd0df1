// SPDX-License-Identifier: MIT
#include "tree.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/file.h"
#include "rows.h"

static int answer(struct pst_host *host, char *const argv[], int timeout_ms,
		  struct pst_run_result *ret, struct pst_reason *reason)
{
	struct tree *tree = host->context;
	char __cleanup_free *command = pst_run_quote(argv);

	(void)timeout_ms;
	tree->runs++;
	for (const struct answer *a = tree->answers; a && a->command; a++) {
		if (!pst_startswith(command, a->command))
			continue;
		if (!a->text)
			return pst_fail(reason, -ENOENT, "%s: there is no such program", argv[0]);
		*ret = (struct pst_run_result){ .out = strdup(a->text), .err = strdup("") };
		return 0;
	}
	fail_msg("nothing answers %s", command);
	return -EIO;
}

void tree_make(struct tree *tree, const struct answer *answers)
{
	*tree = (struct tree){ .root = "/tmp/penstock-tree-XXXXXX", .answers = answers };
	assert_non_null(mkdtemp(tree->root));
	tree->host = (struct pst_host){ .root = tree->root, .run = answer, .context = tree };
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *at)
{
	(void)info;
	(void)type;
	(void)at;
	return remove(path);
}

void tree_remove(struct tree *tree)
{
	nftw(tree->root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void tree_file(const struct tree *tree, const char *path, const char *text)
{
	char __cleanup_free *full = pst_printf("%s%s", tree->root, path);

	assert_int_equal(pst_file_write(full, text, 0644, NULL), 0);
}

void tree_link(const struct tree *tree, const char *path, const char *target)
{
	char __cleanup_free *full = pst_printf("%s%s", tree->root, path);

	assert_int_equal(pst_file_make_parents(full, NULL), 0);
	assert_int_equal(symlink(target, full), 0);
}

void tree_add(const struct tree *tree, const struct tree_entry *entries, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (pst_startswith(entries[i].text, "-> "))
			tree_link(tree, entries[i].path, entries[i].text + 3);
		else
			tree_file(tree, entries[i].path, entries[i].text);
	}
}
