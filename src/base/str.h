/* SPDX-License-Identifier: MIT */
/*
 * Growing strings and lists of strings. Both remember that memory ran out instead of saying so at
 * every call, so that a builder of text stays readable: it is asked once, at the end.
 */
#ifndef PST_BASE_STR_H
#define PST_BASE_STR_H

#include <stdarg.h>

#include "base/util.h"

struct pst_buf {
	char *data; /* NULL while empty, else NUL-terminated */
	size_t len;
	size_t room;
	bool oom;
};

void pst_buf_add(struct pst_buf *buf, const char *text);
void pst_buf_add_bytes(struct pst_buf *buf, const char *bytes, size_t len);
void pst_buf_printf(struct pst_buf *buf, const char *format, ...) __format(2, 3);
void pst_buf_vprintf(struct pst_buf *buf, const char *format, va_list args) __format(2, 0);
/* The text, which the caller now owns ("" when nothing was added); NULL when memory ran out. */
char *pst_buf_take(struct pst_buf *buf);
void pst_buf_free(struct pst_buf *buf);
#define __cleanup_buf __cleanup(pst_buf_free)

/* A list of strings; v[n] is NULL, so that v can be an argument vector. */
struct pst_strv {
	char **v;
	size_t n;
	bool oom;
};

void pst_strv_add(struct pst_strv *strv, const char *text);
void pst_strv_addf(struct pst_strv *strv, const char *format, ...) __format(2, 3);
bool pst_strv_contains(const struct pst_strv *strv, const char *text);
/* The strings with @separator between them; NULL when memory ran out. */
char *pst_strv_join(const struct pst_strv *strv, const char *separator);
void pst_strv_free(struct pst_strv *strv);
#define __cleanup_strv __cleanup(pst_strv_free)

/* Whether one of the lines of @text, which may be NULL, is @line. */
bool pst_has_line(const char *text, const char *line);

/* printf into fresh memory; NULL when memory ran out. */
char *pst_printf(const char *format, ...) __format(1, 2);

#endif
