// SPDX-License-Identifier: MIT
/*
 * Fuzzes what is read of a release: SHA256SUMS, and what gpg says of its signature. No name may lead out of
 * the folder, and nothing without both words of a good signature may pass.
 */
#include "fuzz.h"
#include "node/release.h"

#define BADSIG "[GNUPG:] BADSIG "

/* At the start of a line: elsewhere it may be part of the name that a key has. */
static bool is_altered(const char *text)
{
	return pst_startswith(text, BADSIG) || strstr(text, "\n" BADSIG);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char __cleanup_free *text = strndup((const char *)bytes, len);
	struct pst_sums __cleanup_sums sums = { 0 };

	if (!text)
		return 0;
	if (!pst_signature_judge(text, NULL) &&
	    (!strstr(text, "GOODSIG") || !strstr(text, "VALIDSIG") || is_altered(text)))
		abort();
	if (pst_sums_parse(text, &sums, NULL))
		return 0;
	for (size_t i = 0; i < sums.n; i++)
		if (*sums.v[i].name == '/' || pst_startswith(sums.v[i].name, "../") ||
		    strstr(sums.v[i].name, "/../") || strlen(sums.v[i].sha256) != 64)
			abort();
	return 0;
}
