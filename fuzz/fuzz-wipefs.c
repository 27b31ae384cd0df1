// SPDX-License-Identifier: MIT
/* Fuzzes the parser of wipefs's answer: what it found must never pass for an empty disk. */
#include "fuzz.h"
#include "node/node.h"

#define NAMED "{\"signatures\":[{\"device\":\"nvme0n1\""

/* Whether the first signature is one of nvme0n1, and no second "device" takes that back. */
static bool is_named(const char *text)
{
	return pst_startswith(text, NAMED) && !strstr(text + strlen(NAMED), "\"device\"");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char __cleanup_free *text = strndup((const char *)bytes, len);
	struct pst_disk_state disk = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };
	int error = text ? pst_disk_parse(text, "nvme0n1", &disk, &reason) : 0;

	if (text && !error && !disk.found.n && is_named(text))
		abort();
	pst_strv_free(&disk.found);
	free(disk.pool);
	free(disk.pool_guid);
	return 0;
}
