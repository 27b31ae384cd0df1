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

	PST_DOC("groups", .absent = "none", .text = "A list of groups."),
	PST_DOC("groups[].name", .type = "name", .example = "users1",
		.text = "1 to 31 small letters, digits, _ and -."),
	PST_DOC("groups[].gid", .type = "group ID", .min = 1000, .example = "1000",
		.text = "The same on all nodes, since NFS carries numbers."),
	PST_DOC("users", .absent = "none",
		.text = "A list of users: who owns files, and who may log in. They have no "
			"password. A number or name that somebody else has on the node is "
			"refused, with both names. Who is no longer in this list loses the keys, "
			"and so the way in; the account and its files stay, until userdel(8) "
			"removes them. The home is /home/NAME, made with mode 0700 unless it is "
			"there already, or in a declared mount."),
	PST_DOC("users[].name", .type = "name", .example = "anna",
		.text = "1 to 31 small letters, digits, _ and -."),
	PST_DOC("users[].uid", .beside = "gid: 1000", .min = 1000, .example = "5002",
		.text = "The same on all nodes."),
	PST_DOC("users[].gid", .min = 1000, .absent = "a group of the user's own name and number",
		.text = "The number of one of the groups.",
		.reason = "Files of one user are then of no other's group."),
	PST_DOC("users[].groups", .type = "names", .absent = "none",
		.text = "Further groups that the user is put into: declared ones, or those of the "
			"system such as video. The user is taken out of one that is no longer "
			"here.",
		.reason = "A group is a right, and rights are given."),
	PST_DOC("users[].ssh_keys", .type = "public keys", .absent = "none",
		.text = "As authorized_keys above. They stand beside root's in "
			"/etc/ssh/authorized_keys.d, so that they hold as well where homes are on "
			"another node, and no user can change what is declared; those in "
			"~/.ssh/authorized_keys stay the user's own.",
		.reason = "Not all who own files log in."),
	PST_DOC("users[].shell", .type = "absolute path", .absent = "/bin/bash",
		.text = "What a login starts.", .reason = "It is in the image."),

	PST_DOC("network", .absent = "left to the system",
		.text = "A list of interfaces. Those that are not in it are left to the system."),
	PST_DOC("network[].interface", .type = "kernel name", .example = "ens16",
		.text = "The interface, as ip-link(8) names it."),
	PST_DOC("network[].vlan", .absent = "none", .instead_of = "",
		.text = "Makes the interface, a VLAN on another that is in this list."),
	PST_DOC("network[].vlan.id", .min = 1, .max = 4094, .example = "77",
		.text = "The VLAN's number."),
	PST_DOC("network[].vlan.interface", .type = "kernel name", .example = "ens17",
		.text = "The interface below, which is no VLAN itself."),
	PST_DOC("network[].bond", .absent = "none", .instead_of = "",
		.text = "Makes the interface, of ports that are not in this list, since they have "
			"no settings of their own."),
	PST_DOC("network[].bond.mode", .example = "active-backup",
		.text = "How it uses its ports. Cards that can bond RDMA too do so for "
			"active-backup, balance-xor and 802.3ad."),
	PST_DOC("network[].bond.interfaces", .type = "kernel names", .example = "[ens18, ens19]",
		.text = "Its ports."),
	PST_DOC("network[].bond.hash", .absent = "the kernel's",
		.text = "By what 802.3ad, balance-xor and balance-tlb choose a port.",
		.reason = "Which one spreads well is a matter of the switches too."),
	PST_DOC("network[].bond.lacp_rate", .absent = "the kernel's", .text = "For 802.3ad.",
		.reason = "The switch at the other end has its own."),
	PST_DOC("network[].bond.miimon_ms", .unit = "milliseconds", .min = 1, .max = 60000,
		.standard = "100", .text = "How often the ports are looked at.",
		.reason = "The kernel's own default is never, with which a bond goes on sending "
			  "into a port whose cable is out."),
	PST_DOC("network[].bond.primary", .type = "one of interfaces", .absent = "none",
		.text = "For active-backup, balance-tlb and balance-alb.",
		.reason = "With none, a port that comes back does not interrupt the one that "
			  "works."),
	PST_DOC("network[].ipoib", .absent = "none", .instead_of = "",
		.text = "IP over InfiniBand. With both `pkey` and `interface` it makes a child in "
			"that partition, on a port's own interface that is in this list; with "
			"neither, the entry is that of a port's own interface."),
	PST_DOC("network[].ipoib.mode", .absent = "as it is",
		.text = "datagram, with an MTU of at most 4092, or connected, with up to 65520.",
		.reason = "All nodes of a partition must agree, which only a person knows."),
	PST_DOC("network[].ipoib.pkey", .type = "0x8001 to 0xffff", .absent = "no child",
		.text = "The partition.", .reason = "Most fabrics have one partition."),
	PST_DOC("network[].ipoib.interface", .type = "kernel name", .absent = "no child",
		.text = "The port's own interface.", .reason = "Most fabrics have one partition."),
	PST_DOC("network[].dhcp", .standard = "none",
		.text = "Also takes the address that a server gives; that there is none is an "
			"error in apply and status.",
		.reason = "Exports and mounts name addresses, so a node of a fabric has fixed "
			  "ones."),
	PST_DOC("network[].addresses", .type = "ADDRESS/BITS", .example = "[10.77.0.1/24]",
		.absent = "none",
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
		.text = "At least 1280 with IPv6. 9000 is usual for RoCE. More than the card's "
			"driver can have is refused.",
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
		.text = "The network interface of the same port; that of a bond when the card "
			"bonds, not one of its ports."),
	PST_DOC("rdma[].roce", .absent = "as it is", .instead_of = "driver",
		.beside = "driver: hardware",
		.text = "What an Ethernet card does for RoCE; connections are made by RoCE v2. The "
			"switches must be set to the same; nothing here reaches them. Each value "
			"is read back and compared; what the card's driver does not have is "
			"refused, by name."),
	PST_DOC("rdma[].roce.pfc", .type = "priority, 0 to 7", .absent = "as it is",
		.text = "The priorities with priority flow control; all others have none.",
		.reason = "RoCE loses much of its speed with lost packets, but a pause that the "
			  "switches do not expect stops more than it saves."),
	PST_DOC("rdma[].roce.dscp", .beside = "priority: 0", .max = 63, .absent = "as it is",
		.text = "Connections are marked with it, and packets marked with it are of "
			"`priority`; see dcb-app(8).",
		.reason = "The switches must know the mark."),
	PST_DOC("rdma[].roce.priority", .beside = "dscp: 0", .max = 7,
		.absent = "the one of `pfc`, when there is one",
		.text = "What `dscp` and `ecn` are for.",
		.reason = "The one that loses nothing is the one that RDMA is for."),
	PST_DOC("rdma[].roce.ets", .absent = "as it is",
		.text = "Up to 8 traffic classes, counted from 0. Each priority is in one class.",
		.reason = "How the bandwidth is shared is a matter of the whole fabric."),
	PST_DOC("rdma[].roce.ets[].priorities", .type = "priority, 0 to 7",
		.example = "[0, 1, 2, 3, 4, 5, 6, 7]", .text = "The priorities of this class."),
	PST_DOC("rdma[].roce.ets[].percent", .unit = "percent", .max = 100, .example = "100",
		.text = "Of the bandwidth; all of them together 100, and 0 for a class that is "
			"served before the others."),
	PST_DOC("rdma[].roce.buffers", .absent = "as it is",
		.text = "Up to 8 receive buffers, counted from 0. Each priority is in one buffer.",
		.reason = "The driver makes its own from the MTU and `pfc`."),
	PST_DOC("rdma[].roce.buffers[].priorities", .type = "priority, 0 to 7",
		.example = "[0, 1, 2, 3, 4, 5, 6, 7]",
		.text = "The priorities that are kept in this buffer."),
	PST_DOC("rdma[].roce.buffers[].bytes", .unit = "bytes", .example = "524288",
		.text = "How much it holds; cards round up."),
	PST_DOC("rdma[].roce.ecn", .beside = "priority: 0", .absent = "as it is",
		.text = "Congestion is signalled, and reacted to, where the driver has that in "
			"/sys/class/net/INTERFACE/ecn. With `dscp`, connections are also marked "
			"as knowing ECN.",
		.reason = "The switches must mark packets for it to help."),
	PST_DOC_END,
};
