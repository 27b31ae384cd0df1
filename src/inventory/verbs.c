// SPDX-License-Identifier: MIT
/* The one thing about a port that only the verbs tell: the MTU that it came up with. */
#include <errno.h>
#include <infiniband/verbs.h>

#include "inventory/fabric.h"

/* MTU_256 is 1, and each further value is twice as much. */
static unsigned int mtu_bytes(enum ibv_mtu mtu)
{
	return mtu >= IBV_MTU_256 && mtu <= IBV_MTU_4096 ? 128U << mtu : 0;
}

static int ask(struct ibv_device *device, unsigned int port, unsigned int *ret_bytes)
{
	struct ibv_context *context = ibv_open_device(device);
	struct ibv_port_attr attributes;
	unsigned int bytes;
	int error;

	if (!context)
		return errno ? -errno : -EIO;
	error = -ibv_query_port(context, (uint8_t)port, &attributes);
	ibv_close_device(context);
	if (error)
		return error;
	bytes = mtu_bytes(attributes.active_mtu);
	if (!bytes)
		return -ENODATA;
	*ret_bytes = bytes;
	return 0;
}

int pst_verbs_port_mtu(const char *device, unsigned int port, unsigned int *ret_bytes)
{
	int count = 0, error = -ENODEV;
	struct ibv_device **list = ibv_get_device_list(&count);

	if (!list)
		return errno ? -errno : -ENOSYS;
	for (int i = 0; i < count && error == -ENODEV; i++)
		if (pst_streq(ibv_get_device_name(list[i]), device))
			error = ask(list[i], port, ret_bytes);
	ibv_free_device_list(list);
	return error;
}
