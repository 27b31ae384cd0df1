// SPDX-License-Identifier: MIT
/* How a request is cut into parts that one call each may move. */
#include "gds/split.h"

/* ZFS' default record. Two writes that meet inside a record make the server write it twice. */
#define BLOCK_BYTES ((uint64_t)128 << 10)

uint32_t pst_gds_split(uint64_t offset, uint64_t end, uint32_t max)
{
	uint64_t block = BLOCK_BYTES, cut;

	if (end - offset <= max)
		return (uint32_t)(end - offset);
	while (block > max)
		block /= 2;
	/* No overflow: offset + max < end. */
	cut = (offset + max) & ~(block - 1);
	return (uint32_t)(cut - offset);
}
