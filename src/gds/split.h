/* SPDX-License-Identifier: MIT */
/* How a request is cut into parts that one call each may move. */
#ifndef PST_GDS_SPLIT_H
#define PST_GDS_SPLIT_H

#include <stdint.h>

/*
 * The length of the next part of [@offset, @end), at most @max (which is not 0): all that is left, if it fits; else
 * up to where a block begins, so that no two parts meet inside a block of the server's file system.
 */
uint32_t pst_gds_split(uint64_t offset, uint64_t end, uint32_t max);

#endif
