/* SPDX-License-Identifier: MIT */
/* The fabric of a machine: its RDMA devices and their ports, and the GPU that is nearest to each. */
#ifndef PST_INVENTORY_FABRIC_H
#define PST_INVENTORY_FABRIC_H

#include <stdint.h>

#include "base/reason.h"
#include "base/str.h"
#include "inventory/disks.h"

struct pst_gid {
	unsigned int index;
	char *gid;
	char *type; /* as "RoCE v2"; NULL: unknown, as all strings here */
	char *netdev;
};

struct pst_rdma_port {
	unsigned int number;
	char *state; /* ACTIVE, DOWN, ... */
	char *physical_state; /* LinkUp, Polling, ... */
	char *rate; /* as the kernel has it: "100 Gb/sec (4X EDR)" */
	int64_t speed_mbps; /* PST_UNKNOWN, as all signed numbers here */
	char *link_layer; /* InfiniBand, Ethernet */
	char *netdev;
	int64_t netdev_mtu_bytes;
	int64_t rdma_mtu_bytes; /* the active one: what a packet carries */
	struct pst_gid *gids;
	size_t n_gids;
};

/* How near two PCI devices are, the nearest first. */
enum pst_nearness {
	PST_NEAR_SWITCH, /* below one bridge: bytes between them need not pass the CPU */
	PST_NEAR_HOST_BRIDGE,
	PST_NEAR_NUMA_NODE,
	PST_NEAR_NOTHING,
};

struct pst_gpu {
	char *pci; /* its place in sysfs */
	char *vendor; /* as "10de" */
	int64_t numa_node;
	bool computes; /* not what a processor draws its screen with */
};

struct pst_rdma_device {
	char *name;
	bool soft; /* no card's, but made on an interface */
	char *node_type; /* CA, RNIC, ... */
	char *pci; /* the card's place in sysfs; of a soft device, its interface's */
	int64_t numa_node;
	char *firmware;
	struct pst_rdma_port *ports;
	size_t n_ports;
	const struct pst_gpu *gpu; /* the nearest, of the fabric's; NULL: there is none */
	enum pst_nearness nearness;
};

struct pst_fabric {
	struct pst_rdma_device *v;
	size_t n;
	struct pst_gpu *gpus;
	size_t n_gpus;
	struct pst_strv notes; /* what could not be seen, and why */
};

/* The active MTU of a port in bytes; a negative errno where it cannot be had. */
typedef int (*pst_port_mtu_fn)(const char *device, unsigned int port, unsigned int *ret_bytes);
/* Asks the verbs: sysfs does not have it. */
int pst_verbs_port_mtu(const char *device, unsigned int port, unsigned int *ret_bytes);

int pst_fabric_observe(struct pst_host *host, pst_port_mtu_fn port_mtu, struct pst_fabric *ret,
		       struct pst_reason *reason);
void pst_fabric_free(struct pst_fabric *fabric);
#define __cleanup_fabric __cleanup(pst_fabric_free)

int pst_gpus_observe(struct pst_host *host, struct pst_fabric *fabric, struct pst_reason *reason);
/* The GPU nearest to a place in sysfs, and how near; NULL when there is no GPU. */
const struct pst_gpu *pst_gpu_nearest(const struct pst_fabric *fabric, const char *pci,
				      int64_t numa_node, enum pst_nearness *ret_nearness);
const char *pst_nearness_name(enum pst_nearness nearness);

#endif
