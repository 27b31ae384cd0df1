/* SPDX-License-Identifier: MIT */
/* A first penstock.yaml for a machine, out of what was seen of it. */
#ifndef PST_INVENTORY_INIT_H
#define PST_INVENTORY_INIT_H

#include "conf/conf.h"
#include "inventory/disks.h"
#include "inventory/fabric.h"
#include "node/state.h"

/* What init goes by. */
struct pst_seen {
	struct pst_state state; /* host name, interfaces */
	char *route_interface; /* that of the IPv4 default route; NULL: none, so is gateway */
	char *gateway;
	struct pst_disks disks;
	struct pst_fabric fabric;
	struct pst_strv notes; /* what could not be seen, and why */
};

int pst_seen_observe(struct pst_host *host, bool all, pst_port_mtu_fn port_mtu,
		     struct pst_seen *ret, struct pst_reason *reason);
void pst_seen_free(struct pst_seen *machine);
#define __cleanup_seen __cleanup(pst_seen_free)

/* /proc/net/route; for the tests and the fuzzer. */
int pst_route_parse(const char *text, struct pst_seen *machine);

/* A machine with GPUs that compute is a GPU node, any other a storage node. */
enum pst_role pst_init_role(const struct pst_seen *machine);
/*
 * The text of a file that pst_conf_load() takes; what cannot be known stands in it as a comment.
 * -EBADMSG: it would not be taken, which is a mistake in here; @reason has the complaint.
 */
int pst_init_text(const struct pst_seen *machine, enum pst_role role, char **ret,
		  struct pst_reason *reason);

/* For the two files that write it. */
const struct pst_interface_state *pst_init_interface(const struct pst_seen *machine,
						     const char *name);
/* The interface that an RDMA device is on, as the file can have it; NULL when there is none. */
const char *pst_init_rdma_interface(const struct pst_rdma_device *device);
/* The value, in quotes where YAML would take it for something else. */
struct pst_key pst_init_scalar(const char *word);
void pst_init_storage(struct pst_buf *text, const struct pst_seen *machine);

#endif
