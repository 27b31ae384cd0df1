/* SPDX-License-Identifier: MIT */
/* A list of what is wrong, each with the key of the configuration that it is about. */
#ifndef PST_BASE_PROBLEM_H
#define PST_BASE_PROBLEM_H

#include "base/str.h"

enum pst_problem_kind {
	PST_PROBLEM_CONFIG, /* the configuration cannot be: nothing is done, exit status 2 */
	PST_PROBLEM_REFUSED, /* what was found forbids it: nothing is done, exit status 1 */
	PST_PROBLEM_DIFFERENCE, /* not as declared, and not for us to change: the rest is done */
	PST_PROBLEM_HEALTH, /* as declared, but not well */
};

/* The key of a value, made like printf does; keys are short, for the schema makes them. */
struct pst_key {
	char text[160];
};

struct pst_key pst_key(const char *format, ...) __format(1, 2);

struct pst_problem {
	enum pst_problem_kind kind;
	char *key; /* as pools[0].disks[1]; "" for the file as a whole */
	char *text; /* one line: what it quotes has lost its control characters */
	size_t line; /* 0 while it has not been looked up */
};

struct pst_problems {
	struct pst_problem *v;
	size_t n;
	bool oom;
};

void pst_problem_add(struct pst_problems *problems, enum pst_problem_kind kind, const char *key,
		     const char *format, ...) __format(4, 5);
void pst_problem_vadd(struct pst_problems *problems, enum pst_problem_kind kind, const char *key,
		      size_t line, const char *format, va_list args) __format(5, 0);
/* Puts them in the order of the file, in which a person will go through them; -EINVAL when there are any. */
int pst_problems_sort(struct pst_problems *problems);
bool pst_problems_have(const struct pst_problems *problems, enum pst_problem_kind kind);
void pst_problems_free(struct pst_problems *problems);
#define __cleanup_problems __cleanup(pst_problems_free)

#endif
