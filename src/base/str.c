// SPDX-License-Identifier: MIT
/* Growing strings and lists of strings. */
#include "base/str.h"

#include <stdio.h>

static bool buf_reserve(struct pst_buf *buf, size_t more)
{
	size_t need = buf->len + more + 1;
	char *grown;

	if (buf->oom)
		return false;
	if (need <= buf->room)
		return true;
	if (need < buf->room * 2)
		need = buf->room * 2;
	grown = realloc(buf->data, need);
	if (!grown) {
		buf->oom = true;
		return false;
	}
	buf->data = grown;
	buf->room = need;
	return true;
}

void pst_buf_add_bytes(struct pst_buf *buf, const char *bytes, size_t len)
{
	if (!buf_reserve(buf, len))
		return;
	memcpy(buf->data + buf->len, bytes, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void pst_buf_add(struct pst_buf *buf, const char *text)
{
	pst_buf_add_bytes(buf, text, strlen(text));
}

void pst_buf_vprintf(struct pst_buf *buf, const char *format, va_list args)
{
	va_list again;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (len < 0) {
		buf->oom = true;
		return;
	}
	if (!buf_reserve(buf, (size_t)len))
		return;
	vsnprintf(buf->data + buf->len, (size_t)len + 1, format, args);
	buf->len += (size_t)len;
}

void pst_buf_printf(struct pst_buf *buf, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	pst_buf_vprintf(buf, format, args);
	va_end(args);
}

char *pst_buf_take(struct pst_buf *buf)
{
	char *text = NULL;

	pst_buf_add_bytes(buf, "", 0);
	if (!buf->oom)
		text = TAKE_PTR(buf->data);
	pst_buf_free(buf);
	return text;
}

void pst_buf_free(struct pst_buf *buf)
{
	free(buf->data);
	*buf = (struct pst_buf){ 0 };
}

static void strv_own(struct pst_strv *strv, char *text)
{
	char **grown = NULL;

	if (text && !strv->oom)
		grown = reallocarray(strv->v, strv->n + 2, sizeof(*grown));
	if (!grown) {
		free(text);
		strv->oom = true;
		return;
	}
	strv->v = grown;
	strv->v[strv->n++] = text;
	strv->v[strv->n] = NULL;
}

void pst_strv_add(struct pst_strv *strv, const char *text)
{
	strv_own(strv, strdup(text));
}

void pst_strv_addf(struct pst_strv *strv, const char *format, ...)
{
	struct pst_buf buf = { 0 };
	va_list args;

	va_start(args, format);
	pst_buf_vprintf(&buf, format, args);
	va_end(args);
	strv_own(strv, pst_buf_take(&buf));
}

bool pst_strv_contains(const struct pst_strv *strv, const char *text)
{
	for (size_t i = 0; i < strv->n; i++)
		if (pst_streq(strv->v[i], text))
			return true;
	return false;
}

char *pst_strv_join(const struct pst_strv *strv, const char *separator)
{
	struct pst_buf buf = { .oom = strv->oom };

	for (size_t i = 0; i < strv->n; i++) {
		if (i)
			pst_buf_add(&buf, separator);
		pst_buf_add(&buf, strv->v[i]);
	}
	return pst_buf_take(&buf);
}

void pst_strv_free(struct pst_strv *strv)
{
	for (size_t i = 0; i < strv->n; i++)
		free(strv->v[i]);
	free(strv->v);
	*strv = (struct pst_strv){ 0 };
}

char *pst_printf(const char *format, ...)
{
	struct pst_buf buf = { 0 };
	va_list args;

	va_start(args, format);
	pst_buf_vprintf(&buf, format, args);
	va_end(args);
	return pst_buf_take(&buf);
}

bool pst_has_line(const char *text, const char *line)
{
	size_t len = strlen(line);

	while (text && *text) {
		size_t span = strcspn(text, "\n");

		if (span == len && memcmp(text, line, len) == 0)
			return true;
		text += span + (text[span] == '\n');
	}
	return false;
}
