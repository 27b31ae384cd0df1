// SPDX-License-Identifier: MIT
/* Fuzzes what is read of a boot disk: sfdisk's answer, and the names in EFI/Linux, one a line. */
#include "fuzz.h"
#include "node/slots.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char __cleanup_free *text = strndup((const char *)bytes, len);
	struct pst_slots __cleanup_slots slots = { 0 };
	char *rest = text;

	if (!text)
		return 0;
	pst_slots_parse_table(text, "storage", &slots, NULL);
	while (rest && *rest)
		pst_slots_add_entry(strsep(&rest, "\n"), "storage", &slots);
	for (size_t i = 0; i < slots.n; i++)
		if (!*slots.v[i].version || strpbrk(slots.v[i].version, "/_+") ||
		    (pst_slot_is_bad(&slots.v[i]) && !slots.v[i].entry))
			abort();
	return 0;
}
