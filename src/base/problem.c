// SPDX-License-Identifier: MIT
/* A list of what is wrong. */
#include "base/problem.h"

#include <errno.h>
#include <stdio.h>

struct pst_key pst_key(const char *format, ...)
{
	struct pst_key key;
	va_list args;

	va_start(args, format);
	vsnprintf(key.text, sizeof(key.text), format, args);
	va_end(args);
	return key;
}

/* Problems quote what a file or a tool said: it shall not move the cursor of who reads them. */
static void make_printable(char *text)
{
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
}

void pst_problem_vadd(struct pst_problems *problems, enum pst_problem_kind kind, const char *key,
		      size_t line, const char *format, va_list args)
{
	struct pst_buf buf = { 0 };
	struct pst_problem *problem;
	char *key_copy = strdup(key);
	char *text;

	pst_buf_vprintf(&buf, format, args);
	text = pst_buf_take(&buf);
	problem = key_copy && text ? pst_array_grow((void **)&problems->v, &problems->n,
						    sizeof(*problems->v))
				   : NULL;
	if (!problem) {
		free(key_copy);
		free(text);
		problems->oom = true;
		return;
	}
	make_printable(key_copy);
	make_printable(text);
	*problem =
		(struct pst_problem){ .kind = kind, .key = key_copy, .text = text, .line = line };
}

void pst_problem_add(struct pst_problems *problems, enum pst_problem_kind kind, const char *key,
		     const char *format, ...)
{
	va_list args;

	va_start(args, format);
	pst_problem_vadd(problems, kind, key, 0, format, args);
	va_end(args);
}

static int by_line(const void *a, const void *b)
{
	size_t first = ((const struct pst_problem *)a)->line;
	size_t second = ((const struct pst_problem *)b)->line;

	return (first > second) - (first < second);
}

int pst_problems_sort(struct pst_problems *problems)
{
	if (problems->n)
		qsort(problems->v, problems->n, sizeof(*problems->v), by_line);
	if (problems->oom)
		return -ENOMEM;
	return problems->n ? -EINVAL : 0;
}

bool pst_problems_have(const struct pst_problems *problems, enum pst_problem_kind kind)
{
	for (size_t i = 0; i < problems->n; i++)
		if (problems->v[i].kind == kind)
			return true;
	return false;
}

void pst_problems_free(struct pst_problems *problems)
{
	for (size_t i = 0; i < problems->n; i++) {
		free(problems->v[i].key);
		free(problems->v[i].text);
	}
	free(problems->v);
	*problems = (struct pst_problems){ 0 };
}
