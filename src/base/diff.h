/* SPDX-License-Identifier: MIT */
/* How two texts differ, line by line, for a person to read. */
#ifndef PST_BASE_DIFF_H
#define PST_BASE_DIFF_H

/*
 * As diff -u prints it, without the two lines that name the files; "" when they are the same, and NULL without
 * memory. A text that is NULL is taken as empty.
 */
char *pst_diff(const char *before, const char *after);

#endif
