// SPDX-License-Identifier: MIT
/*
 * Registers a dma-buf without the provider's help: rdma-core's of soft-RoCE lacks the call, though the kernel has it
 * (ours has, by a patch). Spoken is the kernel's own interface, as in its header rdma/ib_user_ioctl_cmds.h and
 * drivers/infiniband/core/uverbs_std_types_mr.c.
 */
#include <errno.h>
#include <rdma/ib_user_ioctl_cmds.h>
#include <rdma/ib_user_ioctl_verbs.h>
#include <rdma/rdma_user_ioctl_cmds.h>
#include <sys/ioctl.h>

#include "rpc/verbs.h"

#define ATTRIBUTES_MOST 9

union command {
	struct ib_uverbs_ioctl_hdr header;
	uint8_t room[sizeof(struct ib_uverbs_ioctl_hdr) +
		     ATTRIBUTES_MOST * sizeof(struct ib_uverbs_attr)];
};

/*
 * @length_bytes is 0 for handles; what is no longer than 8 bytes is in the attribute itself. (The file descriptor of a
 * dma-buf is to the kernel a number of 4 bytes, not one of its kind UVERBS_ATTR_TYPE_RAW_FD.)
 */
static void add(union command *command, uint16_t id, uint16_t length_bytes, uint64_t data)
{
	command->header.attrs[command->header.num_attrs++] = (struct ib_uverbs_attr){
		.attr_id = id,
		.len = length_bytes,
		.flags = UVERBS_ATTR_F_MANDATORY,
		.data = data,
	};
}

static int execute(struct ibv_context *context, union command *command, uint16_t object,
		   uint16_t method)
{
	command->header.object_id = object;
	command->header.method_id = method;
	command->header.driver_id = RDMA_DRIVER_RXE;
	command->header.length =
		(uint16_t)(sizeof(command->header) +
			   command->header.num_attrs * sizeof(command->header.attrs[0]));
	return ioctl(context->cmd_fd, RDMA_VERBS_IOCTL, &command->header) ? -errno : 0;
}

int pst_verbs_dmabuf_register(struct ibv_pd *pd, int fd, uint64_t offset_bytes, size_t length_bytes,
			      uint64_t address, unsigned int flags,
			      struct pst_verbs_raw_region *ret)
{
	struct pst_verbs_raw_region region = { 0 };
	union command command = { .room = { 0 } };
	int error;

	add(&command, UVERBS_ATTR_REG_DMABUF_MR_HANDLE, 0, 0);
	add(&command, UVERBS_ATTR_REG_DMABUF_MR_RESP_LKEY, sizeof(region.lkey),
	    (uintptr_t)&region.lkey);
	add(&command, UVERBS_ATTR_REG_DMABUF_MR_RESP_RKEY, sizeof(region.rkey),
	    (uintptr_t)&region.rkey);
	add(&command, UVERBS_ATTR_REG_DMABUF_MR_PD_HANDLE, 0, pd->handle);
	add(&command, UVERBS_ATTR_REG_DMABUF_MR_OFFSET, sizeof(offset_bytes), offset_bytes);
	add(&command, UVERBS_ATTR_REG_DMABUF_MR_LENGTH, sizeof(uint64_t), length_bytes);
	add(&command, UVERBS_ATTR_REG_DMABUF_MR_IOVA, sizeof(address), address);
	add(&command, UVERBS_ATTR_REG_DMABUF_MR_FD, sizeof(uint32_t), (uint32_t)fd);
	add(&command, UVERBS_ATTR_REG_DMABUF_MR_ACCESS_FLAGS, sizeof(uint32_t), flags);
	error = execute(pd->context, &command, UVERBS_OBJECT_MR, UVERBS_METHOD_REG_DMABUF_MR);
	/* A device of another driver, or a kernel that does not know the method. */
	if (error == -EINVAL || error == -EPROTONOSUPPORT)
		return -EOPNOTSUPP;
	if (error)
		return error;
	region.handle = (uint32_t)command.header.attrs[0].data;
	*ret = region;
	return 0;
}

void pst_verbs_dmabuf_deregister(struct ibv_pd *pd, const struct pst_verbs_raw_region *region)
{
	union command command = { .room = { 0 } };

	add(&command, UVERBS_ATTR_DESTROY_MR_HANDLE, 0, region->handle);
	execute(pd->context, &command, UVERBS_OBJECT_MR, UVERBS_METHOD_MR_DESTROY);
}
