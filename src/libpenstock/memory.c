// SPDX-License-Identifier: MIT
/* Registered memory. */
#include <errno.h>
#include <stdlib.h>

#include "objects.h"

static int keep(int error, struct pst_gds_memory *gds, struct penstock_memory **ret)
{
	struct penstock_memory *memory;

	if (error)
		return error;
	memory = calloc(1, sizeof(*memory));
	if (!memory) {
		pst_gds_memory_close(gds);
		return -ENOMEM;
	}
	memory->gds = gds;
	*ret = memory;
	return 0;
}

int penstock_memory_host(void *address, size_t length_bytes, struct penstock_memory **ret)
{
	struct pst_gds_memory *gds = NULL;
	int error;

	if (!ret)
		return -EINVAL;
	error = pst_gds_memory_host(address, length_bytes, &gds, NULL);
	return keep(error, gds, ret);
}

int penstock_memory_dmabuf(int fd, uint64_t offset_bytes, size_t length_bytes,
			   struct penstock_memory **ret)
{
	struct pst_gds_memory *gds = NULL;
	int error;

	if (!ret)
		return -EINVAL;
	error = pst_gds_memory_dmabuf(fd, offset_bytes, length_bytes, &gds, NULL);
	return keep(error, gds, ret);
}

void penstock_memory_close(struct penstock_memory *memory)
{
	if (!memory)
		return;
	pst_gds_memory_close(memory->gds);
	free(memory);
}
