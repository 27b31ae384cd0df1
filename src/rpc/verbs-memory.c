// SPDX-License-Identifier: MIT
/* The verbs transport: memory regions. */
#include <errno.h>

#include "rpc/verbs.h"

struct verbs_region {
	struct pst_region region;
	struct ibv_mr *mr; /* NULL for @raw */
	struct pst_verbs_raw_region raw;
};

static struct ibv_pd *pd_of(const struct pst_domain *domain)
{
	return ((const struct pst_verbs_domain *)domain)->pd;
}

static unsigned int flags_of(enum pst_access access)
{
	switch (access) {
	case PST_ACCESS_REMOTE_WRITE:
		/* Verbs wants the one for the other (ibv_reg_mr(3)). */
		return IBV_ACCESS_REMOTE_WRITE | IBV_ACCESS_LOCAL_WRITE;
	case PST_ACCESS_REMOTE_READ:
		return IBV_ACCESS_REMOTE_READ;
	default:
		return IBV_ACCESS_LOCAL_WRITE;
	}
}

static struct verbs_region *new_region(struct pst_domain *domain, uint64_t address,
				       size_t length_bytes)
{
	struct verbs_region *region = calloc(1, sizeof(*region));

	if (region)
		region->region = (struct pst_region){
			.domain = domain,
			.address = address,
			.length_bytes = length_bytes,
		};
	return region;
}

/* Gives out a region that libibverbs has registered, or frees it with the error. */
static int finish(struct verbs_region *region, int error, struct pst_region **ret)
{
	if (error) {
		free(region);
		return error;
	}
	region->region.lkey = region->mr ? region->mr->lkey : region->raw.lkey;
	region->region.rkey = region->mr ? region->mr->rkey : region->raw.rkey;
	*ret = &region->region;
	return 0;
}

int pst_verbs_register_host(struct pst_domain *domain, void *address, size_t length_bytes,
			    enum pst_access access, struct pst_region **ret)
{
	struct verbs_region *region = new_region(domain, (uintptr_t)address, length_bytes);

	if (!region)
		return -ENOMEM;
	region->mr = ibv_reg_mr(pd_of(domain), address, length_bytes, flags_of(access));
	return finish(region, region->mr ? 0 : -errno, ret);
}

int pst_verbs_register_dmabuf(struct pst_domain *domain, int fd, uint64_t offset_bytes,
			      size_t length_bytes, uint64_t address, enum pst_access access,
			      struct pst_region **ret)
{
	uint64_t in_page = (uint64_t)sysconf(_SC_PAGESIZE) - 1;
	struct verbs_region *region;
	int error = 0;

	/* The kernel's rule for all devices (drivers/infiniband/core/uverbs_std_types_mr.c). */
	if ((offset_bytes & in_page) != (address & in_page))
		return -EINVAL;
	region = new_region(domain, address, length_bytes);
	if (!region)
		return -ENOMEM;
	region->mr = ibv_reg_dmabuf_mr(pd_of(domain), offset_bytes, length_bytes, address, fd,
				       (int)flags_of(access));
	if (!region->mr)
		error = -errno;
	if (error == -EOPNOTSUPP)
		error = pst_verbs_dmabuf_register(pd_of(domain), fd, offset_bytes, length_bytes,
						  address, flags_of(access), &region->raw);
	return finish(region, error, ret);
}

void pst_verbs_deregister(struct pst_region *base)
{
	struct verbs_region *region = (struct verbs_region *)base;

	if (!base)
		return;
	if (region->mr)
		ibv_dereg_mr(region->mr);
	else
		pst_verbs_dmabuf_deregister(pd_of(base->domain), &region->raw);
	free(region);
}
