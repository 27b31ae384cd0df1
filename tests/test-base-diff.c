// SPDX-License-Identifier: MIT
/* src/base/diff.c */
#include "base/diff.h"
#include "base/str.h"
#include "rows.h"

struct row {
	const char *name;
	const char *before;
	const char *after;
	const char *diff;
};

static const struct row rows[] = {
	{ "nothing and nothing", NULL, NULL, "" },
	{ "the same", "a\nb\n", "a\nb\n", "" },
	{ "a new file", NULL, "a\nb\n", "@@ -0,0 +1,2 @@\n+a\n+b\n" },
	{ "a file that goes", "a\n", NULL, "@@ -1,1 +0,0 @@\n-a\n" },
	{ "one line changed", "a\nb\nc\n", "a\nB\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n" },
	{ "one line added at the end", "a\n", "a\nb\n", "@@ -1,1 +1,2 @@\n a\n+b\n" },
	{ "one line removed at the beginning", "a\nb\n", "b\n", "@@ -1,2 +1,1 @@\n-a\n b\n" },
	{ "lines that are repeated", "x\nx\n", "x\nx\nx\n", "@@ -1,2 +1,3 @@\n x\n x\n+x\n" },
	{ "what is common is kept", "a\nb\nc\nd\n", "b\nx\nd\n",
	  "@@ -1,4 +1,3 @@\n-a\n b\n-c\n+x\n d\n" },
	{ "three lines around", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\n5!\n6\n7\n8\n9\n",
	  "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+5!\n 6\n 7\n 8\n" },
	{ "two hunks", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "2\n3\n4\n5\n6\n7\n8\n",
	  "@@ -1,4 +1,3 @@\n-1\n 2\n 3\n 4\n@@ -6,4 +5,3 @@\n 6\n 7\n 8\n-9\n" },
};

static void is_shown(void **state)
{
	const struct row *row = *state;
	char __cleanup_free *diff = pst_diff(row->before, row->after);

	assert_string_equal(diff, row->diff);
}

/* More than the table takes: no fine comparison, and still every line is there. */
static void large_texts_are_replaced(void **state)
{
	struct pst_buf a = { 0 }, b = { 0 };
	char __cleanup_free *before = NULL;
	char __cleanup_free *after = NULL;
	char __cleanup_free *diff = NULL;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		pst_buf_printf(&a, "%d\n", i);
		pst_buf_printf(&b, "%d\n", i + 10000);
	}
	before = pst_buf_take(&a);
	after = pst_buf_take(&b);
	diff = pst_diff(before, after);
	assert_true(pst_startswith(diff, "@@ -1,3000 +1,3000 @@\n-0\n-1\n"));
	assert_non_null(strstr(diff, "-2999\n+10000\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(large_texts_are_replaced),
	};

	ADD_ROWS(rows, is_shown);
	ADD_TESTS(tests);
	return run_gathered(NULL, NULL);
}
