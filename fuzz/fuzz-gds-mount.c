// SPDX-License-Identifier: MIT
/* Fuzzes what the client library makes of mountinfo: whatever the text, a mount has all its strings, and a verdict. */
#include <fcntl.h>

#include "fuzz.h"
#include "gds/mount.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char __cleanup_free *text = strndup((const char *)bytes, len);
	struct pst_reason __cleanup_reason reason = { 0 };
	struct pst_gds_mount mount = { 0 };

	if (!text || pst_gds_mount_find(text, 40, "0:46", &mount))
		return 0;
	if (!mount.target || !mount.source || !mount.type || !mount.server)
		abort();
	if (pst_gds_mount_judge(&mount, O_RDONLY, &reason) != PST_BOUNCE_NONE && !reason.text)
		abort();
	pst_gds_mount_free(&mount);
	return 0;
}
