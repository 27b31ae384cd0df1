// SPDX-License-Identifier: MIT
/* Fuzzes the answers of an installation: whatever the file, valid answers or reasons why not. */
#include <errno.h>

#include "fuzz.h"
#include "install/answers.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct pst_answers_doc __cleanup_answers_doc doc = { 0 };
	struct pst_problems __cleanup_problems problems = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };
	int error = pst_answers_parse("fuzz", (const char *)bytes, len, "storage", &doc, &problems,
				      &reason);

	/* A refusal has a problem, and each problem a line. */
	if (error == -EINVAL ? !problems.n : error || problems.n)
		abort();
	for (size_t i = 0; i < problems.n; i++)
		if (!problems.v[i].line && *problems.v[i].key)
			abort();
	return 0;
}
