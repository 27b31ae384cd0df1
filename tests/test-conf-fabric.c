// SPDX-License-Identifier: MIT
/* src/conf/valid-network.c, valid-link.c, valid-roce.c and valid-mounts.c: what is refused, and in which words. */
#include "refused.h"

static const struct row networks[] = {
	{ "unknown word for dhcp", NET "- {interface: e0, dhcp: \"yes\"}\n",
	  "3: network[0].dhcp: must be one of none, ipv4, ipv6, both, not \"yes\"\n" },
	{ "nothing to do on it", NET "- {interface: e0, mtu: 9000}\n",
	  "3: network[0]: e0 has no addresses and no dhcp, and nothing else is on it\n" },
	{ "gateway for an address by DHCP",
	  NET "- {interface: e0, dhcp: ipv4, gateway: 10.0.0.1}\n",
	  "3: network[0].gateway: \"10.0.0.1\" is in none of the networks of e0\n" },
};

#define ROCE GPU "rdma:\n- {device: m, interface: e0, roce: {"

static const struct row roces[] = {
	{ "all of it",
	  ROCE "pfc: [3], dscp: 26, ecn: true, ets: [{priorities: [0, 1, 2, 4, 5, 6, 7], percent: "
	       "40}, {priorities: [3], percent: 60}], buffers: [{priorities: [0, 1, 2, 4, 5, 6, "
	       "7], bytes: 65536}, {priorities: [3], bytes: 262144}]}}\n",
	  NULL },
	{ "only RoCE v2", ROCE "}}\n", NULL },
	{ "for a soft device",
	  GPU "rdma:\n- {device: r, driver: soft-roce, interface: e0, roce: {pfc: [3]}}\n",
	  "3: rdma[0].roce: is for a card: a soft device has none of it\n" },
	{ "for InfiniBand",
	  GPU "network: [{interface: e0, dhcp: ipv4, ipoib: {mode: connected}}]\n"
	      "rdma:\n- {device: m, interface: e0, roce: {pfc: [3]}}\n",
	  "4: rdma[0].roce: is for Ethernet, and e0 is InfiniBand\n" },
	{ "for a VLAN",
	  GPU "network: [{interface: e0, dhcp: ipv4}, {interface: v, dhcp: ipv4, vlan: {id: 5, "
	      "interface: e0}}]\n"
	      "rdma:\n- {device: m, interface: v, roce: {pfc: [3]}}\n",
	  "4: rdma[0].roce: is for a port, and v is a VLAN: give it to e0\n" },
	{ "empty list", ROCE "pfc: []}}\n", "3: rdma[0].roce.pfc: must not be empty\n" },
	{ "no such priority", ROCE "pfc: [8]}}\n",
	  "3: rdma[0].roce.pfc[0]: must be a priority from 0 to 7, not 8\n" },
	{ "no number", ROCE "pfc: [a]}}\n",
	  "3: rdma[0].roce.pfc[0]: must be a whole number from 0 to 2147483647, not \"a\"\n" },
	{ "priority twice", ROCE "pfc: [3, 3]}}\n",
	  "3: rdma[0].roce.pfc[1]: the priority 3 is given twice\n" },
	{ "no such DSCP", ROCE "pfc: [3], dscp: 64}}\n",
	  "3: rdma[0].roce.dscp: must be from 0 to 63, not 64\n" },
	{ "DSCP to where?", ROCE "pfc: [3, 4], dscp: 26}}\n",
	  "3: rdma[0].roce.dscp: needs the priority that it leads to: say priority:\n" },
	{ "ECN for what?", ROCE "ecn: true}}\n",
	  "3: rdma[0].roce.ecn: needs the priority that it is for: say priority:\n" },
	{ "DSCP to a priority that loses packets", ROCE "pfc: [3], dscp: 26, priority: 4}}\n",
	  "3: rdma[0].roce.priority: 4 has no flow control: say pfc: [4], or leave pfc out "
	  "altogether\n" },
	{ "priority 9", ROCE "dscp: 26, priority: 9}}\n",
	  "3: rdma[0].roce.priority: must be from 0 to 7, not 9\n" },
	{ "priority for nothing", ROCE "pfc: [3], priority: 3}}\n",
	  "3: rdma[0].roce.priority: is for dscp and ecn, and neither is given\n" },
	{ "class without a share", ROCE "ets: [{priorities: [0, 1, 2, 3, 4, 5, 6, 7]}]}}\n",
	  "3: rdma[0].roce.ets[0].percent: missing\n" },
	{ "shares of 90 percent",
	  ROCE "ets: [{priorities: [0, 1, 2, 3, 4, 5, 6], percent: 40}, {priorities: [7], percent: "
	       "50}]}}\n",
	  "3: rdma[0].roce.ets: the percents make 90, not 100\n" },
	{ "priority in no class",
	  ROCE "ets: [{priorities: [0, 1, 2, 3, 4, 5, 6], percent: 100}]}}\n",
	  "3: rdma[0].roce.ets: the priority 7 is in none of them\n" },
	{ "priority in two classes",
	  ROCE "ets: [{priorities: [0, 1, 2, 3, 4, 5, 6, 7], percent: 50}, {priorities: [7], "
	       "percent: 50}]}}\n",
	  "3: rdma[0].roce.ets[1].priorities[0]: the priority 7 is in rdma[0].roce.ets[0] "
	  "already\n" },
	{ "class of no such priority",
	  ROCE "ets: [{priorities: [0, 1, 2, 3, 4, 5, 6, 7, 9], percent: 100}]}}\n",
	  "3: rdma[0].roce.ets[0].priorities[8]: must be a priority from 0 to 7, not 9\n" },
	{ "nine classes",
	  ROCE "ets: [{priorities: [0, 1, 2, 3, 4, 5, 6, 7], percent: 100}, {priorities: [], "
	       "percent: 0}, {priorities: [], percent: 0}, {priorities: [], percent: 0}, "
	       "{priorities: [], percent: 0}, {priorities: [], percent: 0}, {priorities: [], "
	       "percent: 0}, {priorities: [], percent: 0}, {priorities: [], percent: 0}]}}\n",
	  "3: rdma[0].roce.ets: there can be 8 at most, not 9\n" },
	{ "priority in no buffer",
	  ROCE "buffers: [{priorities: [0, 1, 2, 3, 4, 5, 6], bytes: 9}]}}\n",
	  "3: rdma[0].roce.buffers: the priority 7 is in none of them\n" },
};

#define E0 "- {interface: e0, addresses: [10.0.0.1/24], mtu: 1500}\n"
#define BOND                                                                                  \
	"- {interface: b0, addresses: [10.0.1.1/24], bond: {mode: 802.3ad, interfaces: [e1, " \
	"e2]}}\n"

static const struct row links[] = {
	{ "VLANs on a port and on a bond",
	  NET E0 BOND "- {interface: v5, vlan: {id: 5, interface: e0}, dhcp: both}\n"
		      "- {interface: v6, vlan: {id: 6, interface: b0}, addresses: [10.0.6.1/24]}\n",
	  NULL },
	{ "bond with everything",
	  NET "- {interface: b0, dhcp: ipv6, bond: {mode: 802.3ad, interfaces: [e1, e2], hash: "
	      "layer3+4, lacp_rate: fast, miimon_ms: 50}}\n",
	  NULL },
	{ "bond with a primary",
	  NET "- {interface: b0, dhcp: ipv4, bond: {mode: active-backup, interfaces: [e1, e2], "
	      "primary: e2}}\n",
	  NULL },
	{ "IPoIB and a child",
	  NET "- {interface: ib0, addresses: [10.0.0.1/24], mtu: 65520, ipoib: {mode: connected}}\n"
	      "- {interface: ib0.8001, addresses: [10.0.1.1/24], ipoib: {pkey: \"0x8001\", "
	      "interface: ib0}}\n",
	  NULL },
	{ "VLAN and bond at once",
	  NET E0 "- {interface: x, dhcp: ipv4, vlan: {id: 5, interface: e0}, bond: {mode: 802.3ad, "
		 "interfaces: [e1]}}\n",
	  "4: network[1]: x can be one of vlan, bond and ipoib, not more\n" },
	{ "VLAN 0", NET E0 "- {interface: v, dhcp: ipv4, vlan: {id: 0, interface: e0}}\n",
	  "4: network[1].vlan.id: must be from 1 to 4094, not 0\n" },
	{ "VLAN 4095", NET E0 "- {interface: v, dhcp: ipv4, vlan: {id: 4095, interface: e0}}\n",
	  "4: network[1].vlan.id: must be from 1 to 4094, not 4095\n" },
	{ "VLAN without an interface", NET E0 "- {interface: v, dhcp: ipv4, vlan: {id: 5}}\n",
	  "4: network[1].vlan.interface: missing\n" },
	{ "VLAN on a bad name",
	  NET E0 "- {interface: v, dhcp: ipv4, vlan: {id: 5, interface: a/b}}\n",
	  "4: network[1].vlan.interface: \"a/b\" is not an interface's name\n" },
	{ "VLAN on nothing declared",
	  NET E0 "- {interface: v, dhcp: ipv4, vlan: {id: 5, interface: e9}}\n",
	  "4: network[1].vlan.interface: \"e9\" is not in network: give it an entry of its own\n" },
	{ "VLAN on itself", NET "- {interface: v, dhcp: ipv4, vlan: {id: 5, interface: v}}\n",
	  "3: network[0].vlan.interface: \"v\" cannot be on itself\n" },
	{ "VLAN on a VLAN",
	  NET E0 "- {interface: v, dhcp: ipv4, vlan: {id: 5, interface: e0}}\n"
		 "- {interface: w, dhcp: ipv4, vlan: {id: 5, interface: v}}\n",
	  "5: network[2].vlan.interface: \"v\" is a VLAN itself, on e0\n" },
	{ "VLAN on a bond's port",
	  NET BOND "- {interface: v, dhcp: ipv4, vlan: {id: 5, interface: e1}}\n",
	  "4: network[1].vlan.interface: \"e1\" is a port of the bond b0: name the bond\n" },
	{ "VLAN with a larger MTU",
	  NET E0 "- {interface: v, dhcp: ipv4, mtu: 9000, vlan: {id: 5, interface: e0}}\n",
	  "4: network[1].mtu: 9000 is more than the 1500 of e0, on which the VLAN is\n" },
	{ "VLAN twice",
	  NET E0 "- {interface: v, dhcp: ipv4, vlan: {id: 5, interface: e0}}\n"
		 "- {interface: w, dhcp: ipv4, vlan: {id: 5, interface: e0}}\n",
	  "5: network[2].vlan.id: 5 is the VLAN of v on e0 as well\n" },
	{ "unknown mode of a bond",
	  NET "- {interface: b, dhcp: ipv4, bond: {mode: lacp, interfaces: [e1]}}\n",
	  "3: network[0].bond.mode: must be one of balance-rr, active-backup, balance-xor, "
	  "broadcast, 802.3ad, balance-tlb, balance-alb, not \"lacp\"\n" },
	{ "bond of nothing",
	  NET "- {interface: b, dhcp: ipv4, bond: {mode: 802.3ad, interfaces: []}}\n",
	  "3: network[0].bond.interfaces: must not be empty\n" },
	{ "bond of one that has settings",
	  NET E0 "- {interface: b, dhcp: ipv4, bond: {mode: 802.3ad, interfaces: [e0]}}\n",
	  "4: network[1].bond.interfaces[0]: \"e0\" is in network too: a port of a bond has no "
	  "settings of its own\n" },
	{ "port in two bonds",
	  NET BOND "- {interface: b, dhcp: ipv4, bond: {mode: 802.3ad, interfaces: [e2]}}\n",
	  "4: network[1].bond.interfaces[0]: \"e2\" is a port of the bond b0 as well\n" },
	{ "port twice",
	  NET "- {interface: b, dhcp: ipv4, bond: {mode: 802.3ad, interfaces: [e1, e1]}}\n",
	  "3: network[0].bond.interfaces[1]: \"e1\" is given twice\n" },
	{ "port with a bad name",
	  NET "- {interface: b, dhcp: ipv4, bond: {mode: 802.3ad, interfaces: [lo]}}\n",
	  "3: network[0].bond.interfaces[0]: \"lo\" is the loopback interface, which is not "
	  "configured here\n" },
	{ "hash of a mode without",
	  NET "- {interface: b, dhcp: ipv4, bond: {mode: active-backup, interfaces: [e1], hash: "
	      "layer2}}\n",
	  "3: network[0].bond.hash: is for 802.3ad, balance-xor and balance-tlb, and the mode is "
	  "active-backup\n" },
	{ "LACP rate of a mode without",
	  NET "- {interface: b, dhcp: ipv4, bond: {mode: balance-xor, interfaces: [e1], lacp_rate: "
	      "fast}}\n",
	  "3: network[0].bond.lacp_rate: is for 802.3ad, and the mode is balance-xor\n" },
	{ "primary of a mode without",
	  NET
	  "- {interface: b, dhcp: ipv4, bond: {mode: 802.3ad, interfaces: [e1], primary: e1}}\n",
	  "3: network[0].bond.primary: is for active-backup, balance-tlb and balance-alb, and the "
	  "mode is 802.3ad\n" },
	{ "primary elsewhere",
	  NET "- {interface: b, dhcp: ipv4, bond: {mode: active-backup, interfaces: [e1], primary: "
	      "e2}}\n",
	  "3: network[0].bond.primary: \"e2\" is not one of the bond's interfaces\n" },
	{ "bond that does not look",
	  NET
	  "- {interface: b, dhcp: ipv4, bond: {mode: 802.3ad, interfaces: [e1], miimon_ms: 0}}\n",
	  "3: network[0].bond.miimon_ms: must be from 1 to 60000, not 0: a bond that does not look "
	  "at its ports goes on using a dead one\n" },
	{ "IPoIB: pkey alone", NET "- {interface: i, dhcp: ipv4, ipoib: {pkey: \"0x8001\"}}\n",
	  "3: network[0].ipoib: a child has both pkey and interface, and a port's own interface "
	  "neither\n" },
	{ "IPoIB: pkey without full membership",
	  NET E0 "- {interface: i, dhcp: ipv4, ipoib: {pkey: \"0x0001\", interface: e0}}\n",
	  "4: network[1].ipoib.pkey: must be from 0x8001 to 0xffff in small letters, not "
	  "\"0x0001\"\n" },
	{ "IPoIB: pkey in decimal",
	  NET E0 "- {interface: i, dhcp: ipv4, ipoib: {pkey: 32769, interface: e0}}\n",
	  "4: network[1].ipoib.pkey: must be from 0x8001 to 0xffff in small letters, not "
	  "\"32769\"\n" },
	{ "IPoIB: datagrams that are too large",
	  NET "- {interface: ib0, dhcp: ipv4, mtu: 65520, ipoib: {}}\n",
	  "3: network[0].mtu: datagram mode has at most 4092, not 65520: say ipoib: {mode: "
	  "connected}\n" },
	{ "RDMA on a bond's port", GPU "network:\n" BOND "rdma: [{device: r, interface: e1}]\n",
	  "4: rdma[0].interface: \"e1\" is a port of the bond b0: name the bond\n" },
	{ "soft RoCE on InfiniBand",
	  GPU "network: [{interface: ib0, dhcp: ipv4, ipoib: {mode: connected}}]\n"
	      "rdma: [{device: r, driver: soft-roce, interface: ib0}]\n",
	  "3: rdma[0].interface: \"ib0\" is InfiniBand, which has RDMA by itself\n" },
};

#define M3(more) MOUNT "- {source: \"10.0.0.1:/a\", target: /mnt/a" more "}\n"

static const struct row mount_choices[] = {
	{ "everything",
	  M3(", preset: training, nconnect: 16, servers: [10.0.1.1, \"fd00::1\"], "
	     "automount: true, idle_seconds: 600, options: [soft]"),
	  NULL },
	{ "unknown preset", M3(", preset: fast"),
	  "3: mounts[0].preset: must be one of training, checkpoint, home, not \"fast\"\n" },
	{ "preset and actimeo", M3(", preset: training, options: [actimeo=5]"),
	  "3: mounts[0].options[0]: \"actimeo=5\" is what preset: training decides: leave out "
	  "either\n" },
	{ "preset and cto", M3(", preset: training, options: [hard, cto]"),
	  "3: mounts[0].options[1]: \"cto\" is what preset: training decides: leave out either\n" },
	{ "preset and lookupcache", M3(", preset: home, options: [lookupcache=none]"),
	  "3: mounts[0].options[0]: \"lookupcache=none\" is what preset: home decides: leave out "
	  "either\n" },
	{ "no connection", M3(", nconnect: 0"),
	  "3: mounts[0].nconnect: must be from 1 to 16, not 0\n" },
	{ "17 connections", M3(", nconnect: 17"),
	  "3: mounts[0].nconnect: must be from 1 to 16, not 17\n" },
	{ "connections as an option", M3(", options: [nconnect=4]"),
	  "3: mounts[0].options[0]: \"nconnect=4\" is not for here: say nconnect:\n" },
	{ "trunking as an option", M3(", options: [max_connect=4]"),
	  "3: mounts[0].options[0]: \"max_connect=4\" is not for here: say servers:\n" },
	{ "discovery of trunking", M3(", options: [trunkdiscovery]"),
	  "3: mounts[0].options[0]: \"trunkdiscovery\" is not for here: say servers:\n" },
	{ "two mounts that cannot both have theirs",
	  M3(", nconnect: 4") "- {source: \"10.0.0.1:/b\", target: /mnt/b}\n",
	  "4: mounts[1].nconnect: mounts[0] of the same server has 4 (0: none given), and all "
	  "mounts of one server share its connections\n" },
	{ "two servers with their own",
	  M3(", nconnect: 4") "- {source: \"10.0.0.2:/b\", target: /mnt/b, nconnect: 2}\n", NULL },
	{ "addresses for version 3", M3(", version: 3, servers: [10.0.1.1]"),
	  "3: mounts[0].servers: needs version 4.1 or 4.2, which can use several addresses of a "
	  "server at once; for 3, let source name a host that has them all\n" },
	{ "addresses for version 4.0", M3(", version: 4.0, servers: [10.0.1.1]"),
	  "3: mounts[0].servers: needs version 4.1 or 4.2, which can use several addresses of a "
	  "server at once; for 4.0, let source name a host that has them all\n" },
	{ "no addresses", M3(", servers: []"), "3: mounts[0].servers: must not be empty\n" },
	{ "an address that is none", M3(", servers: [storage]"),
	  "3: mounts[0].servers[0]: \"storage\" is not an address\n" },
	{ "the same address", M3(", servers: [10.0.0.1]"),
	  "3: mounts[0].servers[0]: \"10.0.0.1\" is in source already\n" },
	{ "an address twice", M3(", servers: [10.0.1.1, 10.0.1.1]"),
	  "3: mounts[0].servers[1]: \"10.0.1.1\" is given twice\n" },
	{ "too many addresses",
	  M3(", servers: [10.0.1.1, 10.0.1.2, 10.0.1.3, 10.0.1.4, 10.0.1.5, 10.0.1.6, 10.0.1.7, "
	     "10.0.1.8, 10.0.1.9, 10.0.1.10, 10.0.1.11, 10.0.1.12, 10.0.1.13, 10.0.1.14, "
	     "10.0.1.15, 10.0.1.16]"),
	  "3: mounts[0].servers: there can be 15 at most, not 16\n" },
	{ "idle without automount", M3(", idle_seconds: 60"),
	  "3: mounts[0].idle_seconds: is for automount: true, which mounts again what was "
	  "unmounted\n" },
	{ "soft and softerr", M3(", options: [soft, softerr]"),
	  "3: mounts[0].options: soft and softerr contradict each other\n" },
};

int main(void)
{
	ADD_ROWS(networks, is_refused);
	ADD_ROWS(links, is_refused);
	ADD_ROWS(roces, is_refused);
	ADD_ROWS(mount_choices, is_refused);
	return run_gathered(NULL, NULL);
}
