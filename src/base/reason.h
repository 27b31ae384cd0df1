/* SPDX-License-Identifier: MIT */
/* Why something failed, in words, beside the -errno that a function returns. */
#ifndef PST_BASE_REASON_H
#define PST_BASE_REASON_H

#include "base/util.h"

struct pst_reason {
	char *text; /* NULL when memory ran out, or nothing failed */
};

/* Fills in @reason (which may be NULL) and returns @error, a negative errno. */
int pst_fail(struct pst_reason *reason, int error, const char *format, ...) __format(3, 4);
/* The same, ending in ": " and the system's words for @error. */
int pst_fail_errno(struct pst_reason *reason, int error, const char *format, ...) __format(3, 4);
/* The reason's text, or the system's words for @error. */
const char *pst_reason_text(const struct pst_reason *reason, int error);
void pst_reason_free(struct pst_reason *reason);
#define __cleanup_reason __cleanup(pst_reason_free)

#endif
