// SPDX-License-Identifier: MIT
/* The verbs transport: memory regions. */
#include <errno.h>

#include "rpc/verbs.h"

struct verbs_region {
	struct pst_region region;
	struct ibv_mr *mr;
};

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

/* @mr is NULL, with errno, when it could not be registered. */
static int make_region(struct pst_domain *domain, struct ibv_mr *mr, uint64_t address,
		       size_t length_bytes, struct pst_region **ret)
{
	int error = errno ? -errno : -ENOMEM;
	struct verbs_region *region;

	if (!mr)
		return error;
	region = calloc(1, sizeof(*region));
	if (!region) {
		ibv_dereg_mr(mr);
		return -ENOMEM;
	}
	region->mr = mr;
	region->region = (struct pst_region){
		.domain = domain,
		.address = address,
		.length_bytes = length_bytes,
		.lkey = mr->lkey,
		.rkey = mr->rkey,
	};
	*ret = &region->region;
	return 0;
}

int pst_verbs_register_host(struct pst_domain *domain, void *address, size_t length_bytes,
			    enum pst_access access, struct pst_region **ret)
{
	struct ibv_pd *pd = ((struct pst_verbs_domain *)domain)->pd;
	struct ibv_mr *mr = ibv_reg_mr(pd, address, length_bytes, flags_of(access));

	return make_region(domain, mr, (uintptr_t)address, length_bytes, ret);
}

int pst_verbs_register_dmabuf(struct pst_domain *domain, int fd, uint64_t offset_bytes,
			      size_t length_bytes, uint64_t address, enum pst_access access,
			      struct pst_region **ret)
{
	struct ibv_pd *pd = ((struct pst_verbs_domain *)domain)->pd;
	struct ibv_mr *mr = ibv_reg_dmabuf_mr(pd, offset_bytes, length_bytes, address, fd,
					      (int)flags_of(access));

	return make_region(domain, mr, address, length_bytes, ret);
}

void pst_verbs_deregister(struct pst_region *region)
{
	if (!region)
		return;
	ibv_dereg_mr(((struct verbs_region *)region)->mr);
	free(region);
}
