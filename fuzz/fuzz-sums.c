// SPDX-License-Identifier: MIT
/*
 * Fuzzes what is read of a release: SHA256SUMS, and what gpg says of its signature. No name may lead out of
 * the folder, and nothing without both words of a good signature may pass.
 */
#include "fuzz.h"
#include "node/release.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char __cleanup_free *text = strndup((const char *)bytes, len);
	struct pst_sums __cleanup_sums sums = { 0 };

	if (!text)
		return 0;
	if (!pst_signature_judge(text, NULL) &&
	    (!strstr(text, "GOODSIG") || !strstr(text, "VALIDSIG") || strstr(text, "] BADSIG ")))
		abort();
	if (pst_sums_parse(text, &sums, NULL))
		return 0;
	for (size_t i = 0; i < sums.n; i++)
		if (*sums.v[i].name == '/' || pst_startswith(sums.v[i].name, "../") ||
		    strstr(sums.v[i].name, "/../") || strlen(sums.v[i].sha256) != 64)
			abort();
	return 0;
}
