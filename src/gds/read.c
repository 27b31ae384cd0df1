// SPDX-License-Identifier: MIT
/* READ: what a part's reply means (RFC 1813, 3.3.6). */
#include <errno.h>

#include "gds/request.h"

static uint32_t part_max(const struct pst_nfs_limits *limits)
{
	return limits->read_max_bytes;
}

static bool came_back(struct pst_gds_request *request, struct pst_nfs_io *part)
{
	if (part->error) {
		pst_gds_request_cut(request, part->offset_bytes, part->error);
		return false;
	}
	if (part->eof) {
		pst_gds_request_cut(request, part->offset_bytes + part->transferred_bytes, 0);
		return false;
	}
	if (part->transferred_bytes >= part->count_bytes)
		return false;
	/* Short, and not at the end of the file: the rest is asked for, as long as the server gets on. */
	if (!part->transferred_bytes) {
		pst_gds_request_cut(request, part->offset_bytes, -EIO);
		return false;
	}
	part->offset_bytes += part->transferred_bytes;
	part->address += part->transferred_bytes;
	part->count_bytes -= part->transferred_bytes;
	return part->offset_bytes < request->end;
}

const struct pst_gds_kind pst_gds_reading = {
	.op = PST_NFS_READ,
	.access = PST_ACCESS_REMOTE_WRITE,
	.part_max = part_max,
	.came_back = came_back,
	.round_over = pst_gds_request_done,
};
