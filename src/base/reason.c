// SPDX-License-Identifier: MIT
/* Why something failed, in words. */
#include "base/reason.h"

#include "base/str.h"

static int __format(4, 0) fail(struct pst_reason *reason, int error, const char *tail,
			       const char *format, va_list args)
{
	struct pst_buf buf = { 0 };

	if (!reason)
		return error;
	pst_buf_vprintf(&buf, format, args);
	if (tail)
		pst_buf_printf(&buf, ": %s", tail);
	free(reason->text);
	reason->text = pst_buf_take(&buf);
	return error;
}

int pst_fail(struct pst_reason *reason, int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fail(reason, error, NULL, format, args);
	va_end(args);
	return error;
}

int pst_fail_errno(struct pst_reason *reason, int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fail(reason, error, strerror(-error), format, args);
	va_end(args);
	return error;
}

const char *pst_reason_text(const struct pst_reason *reason, int error)
{
	return reason->text ? reason->text : strerror(-error);
}

void pst_reason_free(struct pst_reason *reason)
{
	free(reason->text);
	reason->text = NULL;
}
