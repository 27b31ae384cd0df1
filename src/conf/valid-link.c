// SPDX-License-Identifier: MIT
/* Checks of what makes an interface: vlan, bond and ipoib, and how they fit together. */
#include "conf/valid.h"
#include "conf/word.h"

#define VLAN_ID_MAX	 4094
#define MIIMON_MAX_MS	 60000
#define PKEY_MIN	 0x8001
#define PKEY_MAX	 0xffff
#define DATAGRAM_MTU_MAX 4092

/* The entry that an interface is on must be there, since networkd reads the link from its file. */
static void check_parent(struct pst_valid *valid, struct pst_key key, const char *child,
			 const char *parent, const char *what)
{
	const struct pst_conf_network *entry = pst_conf_network(valid->conf, parent);
	const struct pst_conf_network *bond = pst_conf_bond_of(valid->conf, parent);

	if (pst_streq(child, parent))
		pst_bad(valid, key, "\"%s\" cannot be on itself", parent);
	else if (bond)
		pst_bad(valid, key, "\"%s\" is a port of the bond %s: name the bond", parent,
			bond->interface);
	else if (!entry)
		pst_bad(valid, key, "\"%s\" is not in network: give it an entry of its own",
			parent);
	else if (pst_conf_network_parent(entry))
		pst_bad(valid, key, "\"%s\" is %s itself, on %s", parent, what,
			pst_conf_network_parent(entry));
}

static void check_vlan(struct pst_valid *valid, size_t n, const struct pst_conf_network *conf)
{
	const struct pst_conf_vlan *vlan = conf->vlan;
	const struct pst_conf_network *parent = pst_conf_network(valid->conf, vlan->interface);
	const char *complaint = pst_word_interface(vlan->interface);
	struct pst_key key = pst_key("network[%zu].vlan.interface", n);

	if (vlan->id < 1 || vlan->id > VLAN_ID_MAX)
		pst_bad(valid, pst_key("network[%zu].vlan.id", n), "must be from 1 to %d, not %u",
			VLAN_ID_MAX, vlan->id);
	pst_bad_word(valid, key, vlan->interface, complaint);
	if (!complaint)
		check_parent(valid, key, conf->interface, vlan->interface, "a VLAN");
	if (parent && parent->mtu && conf->mtu > parent->mtu)
		pst_bad(valid, pst_key("network[%zu].mtu", n),
			"%u is more than the %u of %s, on which the VLAN is", conf->mtu,
			parent->mtu, parent->interface);
	for (size_t i = 0; i < n; i++) {
		const struct pst_conf_vlan *other = valid->conf->network[i].vlan;

		if (other && other->id == vlan->id && pst_streq(other->interface, vlan->interface))
			pst_bad(valid, pst_key("network[%zu].vlan.id", n),
				"%u is the VLAN of %s on %s as well", vlan->id,
				valid->conf->network[i].interface, vlan->interface);
	}
}

static void check_port(struct pst_valid *valid, size_t n, size_t i,
		       const struct pst_conf_network *conf)
{
	const char *port = conf->bond->interfaces[i];
	const struct pst_conf_network *bond = pst_conf_bond_of(valid->conf, port);
	struct pst_key key = pst_key("network[%zu].bond.interfaces[%zu]", n, i);
	const char *complaint = pst_word_interface(port);

	pst_bad_word(valid, key, port, complaint);
	if (complaint)
		return;
	if (pst_conf_network(valid->conf, port))
		pst_bad(valid, key,
			"\"%s\" is in network too: a port of a bond has no settings of its own",
			port);
	if (bond != conf)
		pst_bad(valid, key, "\"%s\" is a port of the bond %s as well", port,
			bond->interface);
	for (size_t j = 0; j < i; j++)
		if (pst_streq(conf->bond->interfaces[j], port))
			pst_bad(valid, key, "\"%s\" is given twice", port);
}

static bool has_port(const struct pst_conf_bond *bond, const char *port)
{
	for (size_t i = 0; i < bond->interfaces_count; i++)
		if (pst_streq(bond->interfaces[i], port))
			return true;
	return false;
}

static void check_bond(struct pst_valid *valid, size_t n, const struct pst_conf_network *conf)
{
	const struct pst_conf_bond *bond = conf->bond;
	const char *mode = pst_bond_mode_name(bond->mode);

	for (size_t i = 0; i < bond->interfaces_count; i++)
		check_port(valid, n, i, conf);
	if (bond->hash && bond->mode != PST_BOND_802_3AD && bond->mode != PST_BOND_BALANCE_XOR &&
	    bond->mode != PST_BOND_BALANCE_TLB)
		pst_bad(valid, pst_key("network[%zu].bond.hash", n),
			"is for 802.3ad, balance-xor and balance-tlb, and the mode is %s", mode);
	if (bond->lacp_rate && bond->mode != PST_BOND_802_3AD)
		pst_bad(valid, pst_key("network[%zu].bond.lacp_rate", n),
			"is for 802.3ad, and the mode is %s", mode);
	if (bond->primary && bond->mode != PST_BOND_ACTIVE_BACKUP &&
	    bond->mode != PST_BOND_BALANCE_TLB && bond->mode != PST_BOND_BALANCE_ALB)
		pst_bad(valid, pst_key("network[%zu].bond.primary", n),
			"is for active-backup, balance-tlb and balance-alb, and the mode is %s",
			mode);
	if (bond->primary && !has_port(bond, bond->primary))
		pst_bad(valid, pst_key("network[%zu].bond.primary", n),
			"\"%s\" is not one of the bond's interfaces", bond->primary);
	if (bond->miimon_ms < 1 || bond->miimon_ms > MIIMON_MAX_MS)
		pst_bad(valid, pst_key("network[%zu].bond.miimon_ms", n),
			"must be from 1 to %d, not %u: a bond that does not look at its ports "
			"goes on using a dead one",
			MIIMON_MAX_MS, bond->miimon_ms);
}

static void check_ipoib(struct pst_valid *valid, size_t n, const struct pst_conf_network *conf)
{
	const struct pst_conf_ipoib *ipoib = conf->ipoib;
	struct pst_key parent = pst_key("network[%zu].ipoib.interface", n);
	unsigned long pkey = ipoib->pkey ? strtoul(ipoib->pkey, NULL, 16) : 0;

	if (!ipoib->pkey != !ipoib->interface)
		pst_bad(valid, pst_key("network[%zu].ipoib", n),
			"a child has both pkey and interface, and a port's own interface neither");
	if (ipoib->pkey && (strlen(ipoib->pkey) != 6 || strncmp(ipoib->pkey, "0x", 2) != 0 ||
			    strspn(ipoib->pkey + 2, "0123456789abcdef") != 4 || pkey < PKEY_MIN))
		pst_bad(valid, pst_key("network[%zu].ipoib.pkey", n),
			"must be from 0x%04x to 0x%04x in small letters, not \"%s\"", PKEY_MIN,
			PKEY_MAX, ipoib->pkey);
	if (ipoib->interface)
		check_parent(valid, parent, conf->interface, ipoib->interface, "a child");
	if (ipoib->mode != PST_IPOIB_CONNECTED && conf->mtu > DATAGRAM_MTU_MAX)
		pst_bad(valid, pst_key("network[%zu].mtu", n),
			"datagram mode has at most %d, not %u: say ipoib: {mode: connected}",
			DATAGRAM_MTU_MAX, conf->mtu);
}

static bool is_carrier(const struct pst_conf *conf, const char *interface)
{
	for (size_t i = 0; i < conf->network_count; i++)
		if (pst_streq(pst_conf_network_parent(&conf->network[i]), interface))
			return true;
	return false;
}

void pst_valid_link(struct pst_valid *valid, size_t n)
{
	const struct pst_conf_network *conf = &valid->conf->network[n];

	if (!!conf->vlan + !!conf->bond + !!conf->ipoib > 1) {
		pst_bad(valid, pst_key("network[%zu]", n),
			"%s can be one of vlan, bond and ipoib, not more", conf->interface);
		return;
	}
	if (conf->vlan)
		check_vlan(valid, n, conf);
	if (conf->bond)
		check_bond(valid, n, conf);
	if (conf->ipoib)
		check_ipoib(valid, n, conf);
	if (!conf->addresses_count && !conf->dhcp && !is_carrier(valid->conf, conf->interface))
		pst_bad(valid, pst_key("network[%zu]", n),
			"%s has no addresses and no dhcp, and nothing else is on it",
			conf->interface);
}
