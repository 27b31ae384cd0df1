// SPDX-License-Identifier: MIT
/* Random configurations: interfaces, RDMA devices, and mounts. */
#include <stdio.h>

#include "random-conf.h"

/* Interfaces by their slots. */
enum { PLAIN, FIRST, SECOND, BOND, VLAN, CARRIER, INFINIBAND, CHILD, INTERFACES };

static bool is_there(const struct random_conf *conf, unsigned int slot)
{
	struct dice fixed = dice_fixed(conf, RANDOM_INTERFACE, slot);
	struct dice dice = dice_for(conf, RANDOM_INTERFACE, slot);
	bool now = chance(&dice, 70);

	switch (slot) {
	case BOND:
	case CARRIER:
	case INFINIBAND:
		/* Others are on them. */
		return chance(&fixed, 50);
	case VLAN:
		return now && (is_there(conf, BOND) || is_there(conf, CARRIER));
	case CHILD:
		return now && is_there(conf, INFINIBAND);
	default:
		return now;
	}
}

static const char *vlan_parent(const struct random_conf *conf)
{
	return is_there(conf, BOND) ? "bond0" : "e5";
}

/* 0: none is said. A VLAN's is never more than that of what it is on. */
static unsigned int mtu_of(const struct random_conf *conf, unsigned int slot)
{
	static const unsigned int sizes[] = { 0, 1500, 4000, 9000 };
	struct dice dice = dice_for(conf, RANDOM_INTERFACE, slot);
	unsigned int mtu, parent;

	below(&dice, 2);
	mtu = ONE_OF(&dice, sizes);
	if (slot == VLAN) {
		parent = mtu_of(conf, is_there(conf, BOND) ? BOND : CARRIER);
		return parent && mtu > parent ? parent : mtu;
	}
	if (slot == INFINIBAND || slot == CHILD)
		return mtu == 9000 ? 0 : mtu;
	return mtu;
}

static void add_plain(struct dice *dice, struct pst_buf *text)
{
	static const char *const dhcp[] = { "ipv4", "ipv6", "both", "none" };
	const char *word = ONE_OF(dice, dhcp);

	pst_buf_printf(text, ", dhcp: %s", word);
	if (!pst_streq(word, "none"))
		return;
	pst_buf_printf(text, ", addresses: [10.0.0.%u/24, \"fd00:a:0::%x/64\"], gateway: 10.0.0.1",
		       10 + below(dice, 9), 10 + below(dice, 9));
	if (chance(dice, 50))
		pst_buf_printf(text, ", dns: [10.0.0.%u, 10.0.0.254]", 2 + below(dice, 3));
}

static void add_bond(struct dice *dice, struct pst_buf *text)
{
	static const struct {
		const char *name;
		bool hash;
		bool primary;
	} modes[] = { { "balance-rr", false, false }, { "active-backup", false, true },
		      { "balance-xor", true, false }, { "broadcast", false, false },
		      { "802.3ad", true, false },     { "balance-tlb", true, true },
		      { "balance-alb", false, true } };
	static const char *const hashes[] = { "layer2", "layer2+3", "layer3+4", "encap2+3" };
	unsigned int n = below(dice, ARRAY_SIZE(modes));

	pst_buf_printf(text, ", bond: {mode: %s, interfaces: [e3, e4]", modes[n].name);
	if (modes[n].hash && chance(dice, 60))
		pst_buf_printf(text, ", hash: %s", ONE_OF(dice, hashes));
	if (pst_streq(modes[n].name, "802.3ad") && chance(dice, 60))
		pst_buf_printf(text, ", lacp_rate: %s", chance(dice, 50) ? "slow" : "fast");
	if (modes[n].primary && chance(dice, 60))
		pst_buf_printf(text, ", primary: e%u", 3 + below(dice, 2));
	if (chance(dice, 40))
		pst_buf_printf(text, ", miimon_ms: %u", 50 + below(dice, 3));
	pst_buf_add(text, "}");
}

static void add_addresses(unsigned int slot, struct dice *dice, struct pst_buf *text)
{
	/* These are in one network. */
	unsigned int net = slot == SECOND || slot == VLAN ? FIRST : slot;

	pst_buf_printf(text, ", addresses: [10.%u.0.%u/24", net, slot * 10 + below(dice, 5));
	if (chance(dice, 30))
		pst_buf_printf(text, ", 10.2%u.0.%u/16", slot, 1 + below(dice, 5));
	if (chance(dice, 30))
		pst_buf_printf(text, ", \"fd00:%u::0:%u/64\"", slot, 1 + below(dice, 5));
	pst_buf_add(text, "]");
}

static void add_interface_entry(const struct random_conf *conf, unsigned int slot,
				struct pst_buf *text)
{
	static const char *const names[] = { "e0", "e1", "e2",	"bond0",
					     "v5", "e5", "ib0", "ib0.8001" };
	struct dice dice = dice_for(conf, RANDOM_INTERFACE, slot);
	unsigned int mtu = mtu_of(conf, slot);

	below(&dice, 2);
	below(&dice, 2);
	pst_buf_printf(text, "- {interface: %s", names[slot]);
	if (mtu)
		pst_buf_printf(text, ", mtu: %u", mtu);
	if (slot == VLAN)
		pst_buf_printf(text, ", vlan: {id: %u, interface: %s}", 5 + below(&dice, 3),
			       vlan_parent(conf));
	if (slot == BOND)
		add_bond(&dice, text);
	if (slot == CHILD)
		pst_buf_printf(text, ", ipoib: {pkey: \"0x%04x\", interface: ib0, mode: %s}",
			       0x8001 + below(&dice, 2),
			       chance(&dice, 50) ? "datagram" : "connected");
	if (slot == INFINIBAND && chance(&dice, 60))
		pst_buf_printf(text, ", ipoib: {mode: %s}",
			       chance(&dice, 50) ? "datagram" : "connected");
	if (slot == PLAIN)
		add_plain(&dice, text);
	else
		add_addresses(slot, &dice, text);
	pst_buf_add(text, "}\n");
}

void random_network(const struct random_conf *conf, struct pst_buf *text)
{
	struct dice fixed = dice_fixed(conf, RANDOM_INTERFACE, RANDOM_SLOTS);
	unsigned int start = below(&fixed, INTERFACES);
	bool any = false;

	for (unsigned int i = 0; i < INTERFACES; i++) {
		unsigned int slot = (start + i) % INTERFACES;

		if (!is_there(conf, slot))
			continue;
		if (!any)
			pst_buf_add(text, "network:\n");
		any = true;
		add_interface_entry(conf, slot, text);
	}
}

static void add_roce(struct dice *dice, struct pst_buf *text)
{
	unsigned int priority = below(dice, 8);
	bool dscp = chance(dice, 60), ecn = chance(dice, 50);

	pst_buf_printf(text, ", roce: {ecn: %s", ecn ? "true" : "false");
	if (chance(dice, 70))
		pst_buf_printf(text, ", pfc: [%u]", priority);
	if (dscp)
		pst_buf_printf(text, ", dscp: %u", below(dice, 64));
	if (dscp || ecn)
		pst_buf_printf(text, ", priority: %u", priority);
	if (chance(dice, 50))
		pst_buf_printf(text,
			       ", ets: [{priorities: [0, 1, 2, 4, 5, 6], percent: %u}, "
			       "{priorities: [3], percent: %u}, {priorities: [7], percent: 0}]",
			       50, 50);
	if (chance(dice, 50))
		pst_buf_printf(text,
			       ", buffers: [{priorities: [0, 1, 2, 4, 5, 6, 7], bytes: %u}, "
			       "{priorities: [3], bytes: 200000}]",
			       100000 + below(dice, 3));
	pst_buf_add(text, "}");
}

void random_rdma(const struct random_conf *conf, struct pst_buf *text)
{
	static const struct {
		const char *entry;
		unsigned int on; /* an interface that is made */
	} devices[] = {
		{ "device: rxe0, driver: soft-roce, interface: e1", PLAIN },
		{ "device: rxe1, driver: soft-roce, interface: bond0", BOND },
		{ "device: siw0, driver: soft-iwarp, interface: v5", VLAN },
		{ "device: mlx5_0, interface: e6", PLAIN },
	};
	bool any = false;

	for (unsigned int i = 0; i < ARRAY_SIZE(devices); i++) {
		struct dice dice = dice_for(conf, RANDOM_RDMA, i);

		if (!chance(&dice, 60) ||
		    (devices[i].on != PLAIN && !is_there(conf, devices[i].on)))
			continue;
		pst_buf_printf(text, "%s- {%s", any ? "" : "rdma:\n", devices[i].entry);
		if (i == 3 && chance(&dice, 70))
			add_roce(&dice, text);
		pst_buf_add(text, "}\n");
		any = true;
	}
}

/* What all mounts of one server by one version have to have in common. */
static void add_connections(const struct random_conf *conf, unsigned int server,
			    const char *version, const char *transport, struct pst_buf *text)
{
	struct dice dice = dice_for(conf, RANDOM_CONNECTIONS, server);
	bool many = chance(&dice, 40);

	for (const char *p = version; *p; p++)
		dice.state += (uint64_t)(unsigned char)*p << 20;
	dice.state += (unsigned char)*transport;
	if (chance(&dice, 60))
		pst_buf_printf(text, ", nconnect: %u", 1 + below(&dice, 4));
	if (many && server < 2 && (pst_streq(version, "4.1") || pst_streq(version, "4.2")))
		pst_buf_printf(text, ", servers: [10.9.%u.2%s]", server,
			       chance(&dice, 50) ? pst_key(", 10.9.%u.3", server).text : "");
}

static void add_mount(const struct random_conf *conf, unsigned int slot, struct pst_buf *text)
{
	static const char *const targets[] = { "/mnt/a", "/mnt/b.c", "/data/x-y", "/home/u0",
					       "/scratch" };
	static const char *const sources[] = { "10.9.0.1", "10.9.1.1", "\"[fd00:9::1]",
					       "files.lab" };
	static const char *const versions[] = { "4.2", "4.1", "4.0", "3" };
	static const char *const presets[] = { ", preset: training",
					       ", preset: checkpoint",
					       ", preset: home",
					       "",
					       ", options: [actimeo=30]",
					       ", options: [soft, timeo=600]",
					       ", options: [softerr, nosuid]",
					       ", options: [hard, noatime, retrans=3]" };
	struct dice dice = dice_for(conf, RANDOM_MOUNT, slot);
	unsigned int server;
	const char *version, *transport;

	below(&dice, 2);
	server = below(&dice, ARRAY_SIZE(sources));
	version = ONE_OF(&dice, versions);
	transport = chance(&dice, 60) ? "rdma" : "tcp";
	pst_buf_printf(text, "- {source: %s:/tank/d%u%s, target: %s, version: \"%s\"",
		       sources[server], below(&dice, 3), server == 2 ? "\"" : "", targets[slot],
		       version);
	pst_buf_printf(text, ", transport: %s%s", transport, ONE_OF(&dice, presets));
	if (chance(&dice, 20))
		pst_buf_printf(text, ", port: %u", 20050 + below(&dice, 2));
	dice = dice_for(conf, RANDOM_AUTOMOUNT, slot);
	if (chance(&dice, 50))
		pst_buf_printf(text, ", automount: true%s",
			       chance(&dice, 50) ? ", idle_seconds: 60" : "");
	add_connections(conf, server, version, transport, text);
	pst_buf_add(text, "}\n");
}

void random_mounts(const struct random_conf *conf, struct pst_buf *text)
{
	bool any = false;

	for (unsigned int i = 0; i < 5; i++) {
		struct dice dice = dice_for(conf, RANDOM_MOUNT, i);

		if (!chance(&dice, random_is_storage(conf) ? 10 : 60))
			continue;
		if (!any)
			pst_buf_add(text, "mounts:\n");
		any = true;
		add_mount(conf, i, text);
	}
}
