// SPDX-License-Identifier: MIT
/* What networkd is told: systemd.network(5) and systemd.netdev(5). */
#include "conf/word.h"
#include "node/network.h"
#include "node/node.h"

char *pst_network_file(const char *interface)
{
	return pst_printf(PST_NETWORK_FILE_PREFIX "%s.network", interface);
}

char *pst_network_device_file(const char *interface)
{
	return pst_printf(PST_NETWORK_FILE_PREFIX "%s.netdev", interface);
}

/* The interfaces on this one, which networkd makes when it configures this one. */
static void add_children(struct pst_buf *text, const struct pst_conf *conf,
			 const struct pst_conf_network *network)
{
	for (size_t i = 0; i < conf->network_count; i++) {
		const struct pst_conf_network *child = &conf->network[i];

		if (pst_streq(pst_conf_network_parent(child), network->interface))
			pst_buf_printf(text, "%s=%s\n", child->vlan ? "VLAN" : "IPoIB",
				       child->interface);
	}
}

static void add_addresses(struct pst_buf *text, const struct pst_conf_network *conf)
{
	static const char *const dhcp[] = {
		[PST_DHCP_IPV4] = "ipv4",
		[PST_DHCP_IPV6] = "ipv6",
		[PST_DHCP_BOTH] = "yes",
	};

	if (conf->dhcp)
		pst_buf_printf(text, "DHCP=%s\n", dhcp[conf->dhcp]);
	for (size_t i = 0; i < conf->addresses_count; i++)
		pst_buf_printf(text, "Address=%s\n", conf->addresses[i]);
	if (conf->gateway)
		pst_buf_printf(text, "Gateway=%s\n", conf->gateway);
	for (size_t i = 0; i < conf->dns_count; i++)
		pst_buf_printf(text, "DNS=%s\n", conf->dns[i]);
}

/* What leaves from an address of a shared network leaves by the port that has it. */
static void add_rules(struct pst_buf *text, const struct pst_conf *conf, size_t n)
{
	const struct pst_conf_network *network = &conf->network[n];
	unsigned int table = pst_fabric_table(n);

	for (size_t i = 0; i < network->addresses_count; i++) {
		const char *address = network->addresses[i];
		char __cleanup_free *prefix = NULL;
		int len = (int)strcspn(address, "/");

		if (!pst_fabric_is_shared(conf, n, i))
			continue;
		prefix = pst_network_prefix(address);
		pst_buf_printf(text,
			       "\n[RoutingPolicyRule]\nFrom=%.*s\nTable=%u\nPriority=%u\n"
			       "\n[Route]\nDestination=%s\nPreferredSource=%.*s\nTable=%u\n"
			       "Scope=link\n",
			       len, address, table, table, prefix ?: "", len, address, table);
		text->oom = text->oom || !prefix;
	}
}

char *pst_network_text(const struct pst_conf *conf, size_t n)
{
	const struct pst_conf_network *network = &conf->network[n];
	const struct pst_conf_ipoib *ipoib = network->ipoib;
	struct pst_buf text = { 0 };

	pst_buf_printf(&text, "%s\n[Match]\nName=%s\n", pst_file_header, network->interface);
	if (network->mtu)
		pst_buf_printf(&text, "\n[Link]\nMTUBytes=%u\n", network->mtu);
	/* The other end of a cable may boot later; our addresses do not wait for it. */
	pst_buf_add(&text, "\n[Network]\nConfigureWithoutCarrier=yes\n");
	add_addresses(&text, network);
	add_children(&text, conf, network);
	if (ipoib && ipoib->mode && !ipoib->interface)
		pst_buf_printf(&text, "\n[IPoIB]\nMode=%s\n", pst_ipoib_mode_name(ipoib->mode));
	add_rules(&text, conf, n);
	return pst_buf_take(&text);
}

char *pst_network_port_text(const struct pst_conf_network *bond, const char *port)
{
	return pst_printf("%s\n[Match]\nName=%s\n\n[Network]\nBond=%s\n%s", pst_file_header, port,
			  bond->interface,
			  pst_streq(bond->bond->primary, port) ? "PrimarySlave=yes\n" : "");
}

static void add_bond(struct pst_buf *text, const struct pst_conf_bond *bond)
{
	pst_buf_printf(text, "\n[Bond]\nMode=%s\nMIIMonitorSec=%ums\n",
		       pst_bond_mode_name(bond->mode), bond->miimon_ms);
	if (bond->hash)
		pst_buf_printf(text, "TransmitHashPolicy=%s\n", pst_bond_hash_name(bond->hash));
	if (bond->lacp_rate)
		pst_buf_printf(text, "LACPTransmitRate=%s\n", pst_lacp_rate_name(bond->lacp_rate));
}

char *pst_network_device_text(const struct pst_conf_network *network)
{
	const char *kind = pst_conf_network_kind(network);
	struct pst_buf text = { 0 };

	if (!kind)
		return NULL;
	pst_buf_printf(&text, "%s\n[NetDev]\nName=%s\nKind=%s\n", pst_file_header,
		       network->interface, kind);
	if (network->bond)
		add_bond(&text, network->bond);
	else if (network->vlan)
		pst_buf_printf(&text, "\n[VLAN]\nId=%u\n", network->vlan->id);
	else
		pst_buf_printf(&text, "\n[IPoIB]\nPartitionKey=%s\n", network->ipoib->pkey);
	if (network->ipoib && network->ipoib->mode)
		pst_buf_printf(&text, "Mode=%s\n", pst_ipoib_mode_name(network->ipoib->mode));
	return pst_buf_take(&text);
}
