// SPDX-License-Identifier: MIT
/* network-config of version 1: a list of ports and name servers, and subnets of the ports. */
#include <arpa/inet.h>

#include "seed/nocloud.h"

/* How many bits a netmask has, written as such or as their number; -1: it is none. */
static int mask_bits(const char *mask)
{
	unsigned long long bits;
	struct in_addr address;
	uint32_t host;

	if (!pst_parse_u64(mask, 128, &bits))
		return (int)bits;
	if (inet_pton(AF_INET, mask, &address) != 1)
		return -1;
	host = ~ntohl(address.s_addr);
	return host & (host + 1) ? -1 : 32 - __builtin_popcount(host);
}

static void take_address(struct pst_nocloud *cloud, const struct pst_yaml *subnet,
			 struct pst_key key, struct pst_seed_interface *interface)
{
	const struct pst_yaml *address = pst_yaml_find(subnet, "address");
	const struct pst_yaml *netmask = pst_yaml_find(subnet, "netmask");
	char __cleanup_free *joined = NULL;
	const char *word, *mask;
	int bits;

	if (!address) {
		pst_nocloud_refuse(cloud, subnet, pst_nocloud_below(key, "address"), "missing");
		return;
	}
	word = pst_nocloud_word(cloud, address, pst_nocloud_below(key, "address"));
	if (!word)
		return;
	if (strchr(word, '/') || !netmask) {
		pst_nocloud_add(cloud, &interface->addresses, address, word);
		return;
	}
	mask = pst_nocloud_word(cloud, netmask, pst_nocloud_below(key, "netmask"));
	bits = mask ? mask_bits(mask) : -1;
	if (mask && bits < 0)
		pst_nocloud_refuse(cloud, netmask, pst_nocloud_below(key, "netmask"),
				   "\"%s\" is no netmask", mask);
	if (bits < 0)
		return;
	joined = pst_printf("%s/%d", word, bits);
	if (joined)
		pst_nocloud_add(cloud, &interface->addresses, address, joined);
	else
		cloud->oom = true;
}

static bool is_default(const char *network, const struct pst_yaml *mask)
{
	if (pst_streq(network, "default") || pst_streq(network, "0.0.0.0/0") ||
	    pst_streq(network, "::/0"))
		return true;
	return (pst_streq(network, "0.0.0.0") || pst_streq(network, "::")) && mask && mask->value &&
	       mask_bits(mask->value) == 0;
}

static void read_route(struct pst_nocloud *cloud, const struct pst_yaml *route, struct pst_key key,
		       struct pst_seed_interface *interface)
{
	const struct pst_yaml *to, *mask, *gateway;
	const char *network;

	if (!pst_nocloud_is_map(cloud, route, key))
		return;
	to = pst_yaml_find(route, "network") ?: pst_yaml_find(route, "destination");
	mask = pst_yaml_find(route, "netmask") ?: pst_yaml_find(route, "prefix");
	gateway = pst_yaml_find(route, "gateway");
	if (!to || !gateway) {
		pst_nocloud_refuse(cloud, route, key, "needs network and gateway");
		return;
	}
	network = pst_nocloud_word(cloud, to, pst_nocloud_below(key, to->key));
	if (network && is_default(network, mask))
		pst_nocloud_gateway(cloud, interface, gateway, pst_nocloud_below(key, "gateway"));
	else if (network)
		pst_nocloud_warn(cloud, route, key,
				 "the route to %s is not used: only the default one is", network);
}

static void read_routes(struct pst_nocloud *cloud, const struct pst_yaml *routes,
			struct pst_key key, struct pst_seed_interface *interface)
{
	if (!pst_nocloud_is_list(cloud, routes, key))
		return;
	for (size_t i = 0; i < routes->n_children; i++)
		read_route(cloud, routes->child[i], pst_key("%s[%zu]", key.text, i), interface);
}

static void take_type(struct pst_nocloud *cloud, const struct pst_yaml *subnet, struct pst_key key,
		      struct pst_seed_interface *interface)
{
	const struct pst_yaml *type = pst_yaml_find(subnet, "type");
	const char *word;

	key = pst_nocloud_below(key, "type");
	if (!type) {
		pst_nocloud_refuse(cloud, subnet, key, "missing");
		return;
	}
	word = pst_nocloud_word(cloud, type, key);
	if (pst_streq(word, "dhcp") || pst_streq(word, "dhcp4"))
		interface->dhcp4 = true;
	else if (pst_streq(word, "dhcp6"))
		interface->dhcp6 = true;
	else if (word && !pst_streq(word, "static") && !pst_streq(word, "static6") &&
		 !pst_streq(word, "manual"))
		pst_nocloud_warn(cloud, type, key, "\"%s\" is not used", word);
}

static bool is_static(const struct pst_yaml *subnet)
{
	const struct pst_yaml *type = pst_yaml_find(subnet, "type");

	return type && (pst_streq(type->value, "static") || pst_streq(type->value, "static6"));
}

static void read_subnet(struct pst_nocloud *cloud, const struct pst_yaml *subnet,
			struct pst_key key, struct pst_seed_interface *interface)
{
	if (!pst_nocloud_is_map(cloud, subnet, key))
		return;
	take_type(cloud, subnet, key, interface);
	if (is_static(subnet))
		take_address(cloud, subnet, key, interface);
	for (size_t i = 0; i < subnet->n_children; i++) {
		const struct pst_yaml *node = subnet->child[i];
		struct pst_key below = pst_nocloud_below(key, node->key);
		bool address = pst_streq(node->key, "address") || pst_streq(node->key, "netmask");

		if (pst_streq(node->key, "gateway"))
			pst_nocloud_gateway(cloud, interface, node, below);
		else if (pst_streq(node->key, "dns_nameservers"))
			pst_nocloud_add_each(cloud, &interface->dns, node, below);
		else if (pst_streq(node->key, "routes"))
			read_routes(cloud, node, below, interface);
		else if (!pst_streq(node->key, "type") && !(address && is_static(subnet)))
			pst_nocloud_warn(cloud, node, below, "is not used");
	}
}

static void take_name(struct pst_nocloud *cloud, const struct pst_yaml *port, struct pst_key key,
		      struct pst_seed_interface *interface)
{
	const struct pst_yaml *name = pst_yaml_find(port, "name");
	const struct pst_yaml *mac = pst_yaml_find(port, "mac_address");
	const char *word = NULL, *found;

	if (name)
		word = pst_nocloud_word(cloud, name, pst_nocloud_below(key, "name"));
	if (!name && !mac)
		pst_nocloud_refuse(cloud, port, key, "needs name or mac_address");
	if (!mac && word)
		pst_nocloud_name(cloud, interface, name, pst_nocloud_below(key, "name"), word);
	if (!mac)
		return;
	key = pst_nocloud_below(key, "mac_address");
	found = pst_nocloud_word(cloud, mac, key);
	found = found ? pst_nocloud_card(cloud, mac, key, found, NULL) : NULL;
	if (!found)
		return;
	pst_nocloud_set(cloud, &interface->name, mac, found);
	if (word && !pst_streq(word, found))
		pst_nocloud_warn(cloud, name, key,
				 "the port is called %s and keeps that name, not \"%s\"", found,
				 word);
}

static void read_port(struct pst_nocloud *cloud, const struct pst_yaml *port, struct pst_key key)
{
	struct pst_seed_interface *interface = pst_nocloud_interface(cloud);

	if (!interface)
		return;
	take_name(cloud, port, key, interface);
	for (size_t i = 0; i < port->n_children; i++) {
		const struct pst_yaml *node = port->child[i];
		struct pst_key below = pst_nocloud_below(key, node->key);
		const char *word;

		if (pst_streq(node->key, "subnets")) {
			if (!pst_nocloud_is_list(cloud, node, below))
				continue;
			for (size_t j = 0; j < node->n_children; j++)
				read_subnet(cloud, node->child[j],
					    pst_key("%s[%zu]", below.text, j), interface);
		} else if (pst_streq(node->key, "mtu")) {
			word = pst_nocloud_word(cloud, node, below);
			if (word)
				pst_nocloud_set(cloud, &interface->mtu, node, word);
		} else if (!pst_streq(node->key, "type") && !pst_streq(node->key, "name") &&
			   !pst_streq(node->key, "mac_address")) {
			pst_nocloud_warn(cloud, node, below, "is not used");
		}
	}
}

static void read_nameserver(struct pst_nocloud *cloud, const struct pst_yaml *map,
			    struct pst_key key)
{
	if (!pst_yaml_find(map, "address"))
		pst_nocloud_refuse(cloud, map, pst_nocloud_below(key, "address"), "missing");
	for (size_t i = 0; i < map->n_children; i++) {
		const struct pst_yaml *node = map->child[i];
		struct pst_key below = pst_nocloud_below(key, node->key);

		if (pst_streq(node->key, "address"))
			pst_nocloud_add_each(cloud, &cloud->dns, node, below);
		else if (!pst_streq(node->key, "type"))
			pst_nocloud_warn(cloud, node, below, "is not used");
	}
}

static void read_item(struct pst_nocloud *cloud, const struct pst_yaml *item, struct pst_key key)
{
	const struct pst_yaml *type;
	const char *word;

	if (!pst_nocloud_is_map(cloud, item, key))
		return;
	type = pst_yaml_find(item, "type");
	if (!type) {
		pst_nocloud_refuse(cloud, item, pst_nocloud_below(key, "type"), "missing");
		return;
	}
	word = pst_nocloud_word(cloud, type, pst_nocloud_below(key, "type"));
	if (pst_streq(word, "physical"))
		read_port(cloud, item, key);
	else if (pst_streq(word, "nameserver"))
		read_nameserver(cloud, item, key);
	else if (word && !pst_streq(word, "loopback"))
		pst_nocloud_warn(cloud, item, key,
				 "\"%s\" is not used: only physical and nameserver are", word);
}

void pst_nocloud_network_v1(struct pst_nocloud *cloud, const struct pst_yaml *root,
			    struct pst_key key)
{
	const struct pst_yaml *config = pst_yaml_find(root, "config");
	struct pst_key below = pst_nocloud_below(key, "config");

	for (size_t i = 0; i < root->n_children; i++)
		if (root->child[i] != config && !pst_streq(root->child[i]->key, "version"))
			pst_nocloud_warn(cloud, root->child[i],
					 pst_nocloud_below(key, root->child[i]->key),
					 "is not used");
	if (!config) {
		pst_nocloud_refuse(cloud, root, below, "missing");
		return;
	}
	if (!pst_nocloud_is_list(cloud, config, below))
		return;
	for (size_t i = 0; i < config->n_children; i++)
		read_item(cloud, config->child[i], pst_key("%s[%zu]", below.text, i));
}
