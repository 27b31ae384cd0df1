// SPDX-License-Identifier: MIT
/*
 * Fuzzes one of the parsers of what other programs say: PST_PARSE, which the build chooses. An
 * answer becomes a state, or there is a reason why not.
 */
#include <errno.h>

#include "fuzz.h"
#include "node/node.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char __cleanup_free *text = strndup((const char *)bytes, len);
	struct pst_state __cleanup_state state = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };
	int error = text ? PST_PARSE(text, &state, &reason) : -ENOMEM;

	if (error == -EBADMSG && !reason.text)
		abort();
	return 0;
}
