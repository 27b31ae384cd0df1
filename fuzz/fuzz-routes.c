// SPDX-License-Identifier: MIT
/* Fuzzes what ip says of routes. */
#include <errno.h>

#include "fuzz.h"
#include "node/guard.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char __cleanup_free *text = strndup((const char *)bytes, len);
	struct pst_strv __cleanup_strv interfaces = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };
	int error = text ? pst_guard_parse_routes(text, &interfaces, &reason) : -ENOMEM;

	if (error == -EBADMSG && !reason.text)
		abort();
	return 0;
}
