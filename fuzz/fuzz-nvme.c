// SPDX-License-Identifier: MIT
/* Fuzzes a parser of what nvme(1) says: PST_PARSE, which the build chooses. A value is right or unknown. */
#include <errno.h>

#include "fuzz.h"
#include "inventory/disks.h"

static bool is_sound(const struct pst_disk *disk)
{
	for (size_t i = 0; i < disk->n_formats; i++)
		if (disk->formats[i].data_bytes < 2)
			return false;
	return disk->wear_percent >= PST_UNKNOWN && disk->media_errors >= PST_UNKNOWN &&
	       (disk->temperature_celsius == INT64_MIN ||
		(disk->temperature_celsius > -273 && disk->temperature_celsius < 65536));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char __cleanup_free *text = strndup((const char *)bytes, len);
	struct pst_disk disk = { .temperature_celsius = INT64_MIN,
				 .wear_percent = PST_UNKNOWN,
				 .media_errors = PST_UNKNOWN };
	struct pst_reason __cleanup_reason reason = { 0 };
	int error = text ? PST_PARSE(text, &disk, &reason) : -ENOMEM;

	if ((error == -EBADMSG && !reason.text) || !is_sound(&disk))
		abort();
	free(disk.formats);
	return 0;
}
