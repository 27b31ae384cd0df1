// SPDX-License-Identifier: MIT
/* The reasons of the bounce path, for machines and for people. */
#include "gds/gds.h"

static const struct {
	const char *name;
	const char *advice;
} words[PST_BOUNCE_COUNT] = {
	[PST_BOUNCE_NONE] = { "direct", "" },
	[PST_BOUNCE_NOT_NFS] = { "not-nfs",
				 "put the file on a storage node and mount it by NFS over RDMA" },
	[PST_BOUNCE_NOT_RDMA] = { "not-rdma",
				  "mount it with -o proto=rdma,port=20049; the server must listen "
				  "for RDMA" },
	[PST_BOUNCE_SECURITY] = { "security",
				  "mount it with -o sec=sys,xprtsec=none, if the network is "
				  "trusted that far" },
	[PST_BOUNCE_NO_HANDLE] = { "no-handle",
				   "mount the server's file system itself: what lies over it "
				   "hides the file's handle" },
	[PST_BOUNCE_NO_V3] = { "no-v3", "let the server speak NFS version 3: vers3=y in nfs.conf" },
	[PST_BOUNCE_NO_DEVICE] = { "no-device",
				   "see rdma link for a device on the way to the server, and that "
				   "/dev/infiniband/uverbs* may be opened" },
	[PST_BOUNCE_NO_SERVER] = { "no-server",
				   "see that the server listens for NFS over RDMA on the mount's "
				   "port, and that its export lets this client and user in" },
	[PST_BOUNCE_APPEND] = { "append", "open the file without O_APPEND" },
	[PST_BOUNCE_FORKED] = { "forked", "register the file again in the child process" },
	[PST_BOUNCE_MEMORY] = { "memory",
				"for GPU memory the driver must export dma-bufs and the card take "
				"them; for host memory see ulimit -l" },
};

const char *pst_bounce_name(enum pst_bounce bounce)
{
	return words[bounce].name;
}

const char *pst_bounce_advice(enum pst_bounce bounce)
{
	return words[bounce].advice;
}
