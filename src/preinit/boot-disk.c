// SPDX-License-Identifier: MIT
/*
 * The disk that we were started from. Two disks may hold the same version of an image and so the same
 * PARTUUIDs: the boot loader says from which EFI partition it came (systemd's Boot Loader Interface,
 * LoaderDevicePartUUID).
 */
#include <ctype.h>
#include <errno.h>

#include "base/file.h"
#include "preinit/preinit.h"

#define VARIABLE \
	"/sys/firmware/efi/efivars/LoaderDevicePartUUID-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
/* Four bytes of attributes, then the text in UTF-16. */
#define ATTRIBUTES 4
#define UUID_CHARS ((size_t)36)

int pst_boot_disk_parse(const void *data, size_t len, char ret_uuid[static 37])
{
	const unsigned char *text = (const unsigned char *)data + ATTRIBUTES;

	if (len < ATTRIBUTES + 2 * UUID_CHARS)
		return -EINVAL;
	for (size_t i = 0; i < UUID_CHARS; i++) {
		if (text[2 * i + 1] || !(isxdigit(text[2 * i]) || text[2 * i] == '-'))
			return -EINVAL;
		ret_uuid[i] = (char)tolower(text[2 * i]);
	}
	ret_uuid[UUID_CHARS] = '\0';
	return 0;
}

int pst_boot_disk(const struct pst_parts *parts, const char **ret_disk)
{
	char __cleanup_free *data = NULL;
	const struct pst_part *esp;
	char uuid[37];
	size_t len;

	*ret_disk = NULL;
	if (pst_file_read(VARIABLE, &data, &len, NULL) || pst_boot_disk_parse(data, len, uuid))
		return 0;
	esp = pst_parts_with_uuid(parts, uuid, NULL);
	if (!esp)
		return -EAGAIN;
	*ret_disk = esp->disk;
	return 0;
}
