// SPDX-License-Identifier: MIT
/* The unique identifiers of partitions, from the GPT itself (UEFI specification, 5.3): the kernel tells only the labels. */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "preinit/preinit.h"

#define HEADER_BYTES	92
#define ENTRIES_AT	72
#define COUNT_AT	80
#define ENTRY_BYTES_AT	84
#define UNIQUE_UUID_AT	16
#define ENTRY_BYTES_MIN 128
#define ENTRY_BYTES_MAX 4096
/* What a disk's logical blocks may measure: the header is in the second. */
static const unsigned int block_bytes[] = { 512, 4096 };

int pst_gpt_entry_at(const uint8_t *header, size_t len, unsigned int block, unsigned int number,
		     uint64_t *ret_offset)
{
	uint64_t entries;
	uint32_t count, size;

	if (len < HEADER_BYTES || memcmp(header, "EFI PART", 8) != 0)
		return -EINVAL;
	memcpy(&entries, header + ENTRIES_AT, sizeof(entries));
	memcpy(&count, header + COUNT_AT, sizeof(count));
	memcpy(&size, header + ENTRY_BYTES_AT, sizeof(size));
	entries = le64toh(entries);
	count = le32toh(count);
	size = le32toh(size);
	if (!number || number > count || size < ENTRY_BYTES_MIN || size > ENTRY_BYTES_MAX ||
	    entries > INT64_MAX / block - (uint64_t)count * size)
		return -EINVAL;
	*ret_offset = entries * block + (uint64_t)(number - 1) * size;
	return 0;
}

/* The first three fields of a GUID are little-endian (UEFI specification, appendix A). */
void pst_gpt_uuid_text(const uint8_t bytes[static 16], char ret[static 37])
{
	static const int order[] = { 3,	 2, 1, 0,  -1, 5,  4,  -1, 7,  6,
				     -1, 8, 9, -1, 10, 11, 12, 13, 14, 15 };

	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		ret += order[i] < 0 ? sprintf(ret, "-") : sprintf(ret, "%02x", bytes[order[i]]);
}

int pst_gpt_uuid(const char *disk, unsigned int number, char ret[static 37])
{
	int __cleanup_close fd = open(disk, O_RDONLY | O_CLOEXEC);
	uint8_t header[HEADER_BYTES], uuid[16];

	if (fd < 0)
		return -errno;
	for (size_t i = 0; i < ARRAY_SIZE(block_bytes); i++) {
		ssize_t got = pread(fd, header, sizeof(header), block_bytes[i]);
		uint64_t offset;

		if (got < 0)
			return -errno;
		if (pst_gpt_entry_at(header, (size_t)got, block_bytes[i], number, &offset))
			continue;
		if (pread(fd, uuid, sizeof(uuid), (off_t)(offset + UNIQUE_UUID_AT)) != sizeof(uuid))
			return -EIO;
		pst_gpt_uuid_text(uuid, ret);
		return 0;
	}
	return -ENOENT;
}
