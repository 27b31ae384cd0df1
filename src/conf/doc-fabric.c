// SPDX-License-Identifier: MIT
/* Of node, ssh, network and rdma. */
#include "conf/doc.h"

const struct pst_doc pst_doc_fabric[] = {
	PST_DOC("node", .text = "What this node is."),
	PST_DOC("node.name", .type = "host name", .example = "storage",
		.text = "1 to 63 letters, digits and hyphens."),
	PST_DOC("node.role", .example = "storage",
		.text = "A `gpu` node has no `pools`, `datasets`, `exports`, `nfs_server` and "
			"`zfs`.",
		.reason = "What serves files and what uses them restart for different reasons."),

	PST_DOC("ssh", .absent = "left to the system", .text = "Who may log in."),
	PST_DOC("ssh.authorized_keys", .type = "public keys",
		.example = "[ssh-ed25519 "
			   "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl]",
		.text = "Who may log in as root, each as TYPE KEY COMMENT.",
		.reason = "Options before the type are refused: they are a small language of "
			  "their own."),

	PST_DOC("network", .absent = "left to the system",
		.text = "A list of interfaces. Those that are not in it are left to the system."),
	PST_DOC("network[].interface", .type = "kernel name", .example = "ens16",
		.text = "The interface, as ip-link(8) names it."),
	PST_DOC("network[].addresses", .type = "ADDRESS/BITS", .example = "[10.77.0.1/24]",
		.text = "IPv4 and IPv6 addresses of this node, each with the length of its "
			"network's prefix.",
		.reason = "They are set whether or not a cable is plugged in, so that what listens "
			  "on them can start."),
	PST_DOC("network[].gateway", .type = "address", .absent = "none",
		.text = "Must be in one of the networks above.",
		.reason = "A fabric is one network, and needs no way out of it."),
	PST_DOC("network[].dns", .type = "addresses", .absent = "none",
		.text = "Name servers that are asked on this interface.",
		.reason = "A fabric has none; where names are known elsewhere, another interface "
			  "has."),
	PST_DOC("network[].mtu", .unit = "bytes", .min = 576, .max = 65520, .absent = "as it is",
		.text = "At least 1280 with IPv6. 9000 is usual for RoCE.",
		.reason = "Both ends and all switches between must agree, which only a person "
			  "knows."),

	PST_DOC("rdma", .absent = "left to the system",
		.text = "A list of RDMA devices, at most one for each interface."),
	PST_DOC("rdma[].device", .type = "name", .example = "rxe0",
		.text = "The device, as rdma-link(8) names it."),
	PST_DOC("rdma[].driver", .standard = "hardware", .example = "soft-roce",
		.text = "A card's device must be there already. Soft devices are made on the "
			"interface, for tests and for nodes without such a card.",
		.reason = "Soft devices cost processor time, so none is made unasked."),
	PST_DOC("rdma[].interface", .type = "kernel name", .example = "ens16",
		.text = "The network interface of the same port."),
	PST_DOC_END,
};
