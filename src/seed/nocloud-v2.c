// SPDX-License-Identifier: MIT
/* network-config of version 2, which is that of netplan: the section ethernets. */
#include "seed/nocloud.h"

static void read_match(struct pst_nocloud *cloud, const struct pst_yaml *match, struct pst_key key,
		       struct pst_seed_interface *interface)
{
	const char *mac = NULL, *pattern = NULL, *name;

	if (!pst_nocloud_is_map(cloud, match, key))
		return;
	for (size_t i = 0; i < match->n_children; i++) {
		const struct pst_yaml *node = match->child[i];
		struct pst_key below = pst_nocloud_below(key, node->key);

		if (pst_streq(node->key, "macaddress"))
			mac = pst_nocloud_word(cloud, node, below);
		else if (pst_streq(node->key, "name"))
			pattern = pst_nocloud_word(cloud, node, below);
		else
			pst_nocloud_warn(cloud, node, below, "is not used");
	}
	if (!mac && !pattern) {
		pst_nocloud_refuse(cloud, match, key, "needs macaddress or name");
		return;
	}
	name = pst_nocloud_card(cloud, match, key, mac, pattern);
	if (name)
		pst_nocloud_set(cloud, &interface->name, match, name);
}

static bool is_default(const char *destination)
{
	return pst_streq(destination, "default") || pst_streq(destination, "0.0.0.0/0") ||
	       pst_streq(destination, "::/0");
}

static void read_route(struct pst_nocloud *cloud, const struct pst_yaml *route, struct pst_key key,
		       struct pst_seed_interface *interface)
{
	const struct pst_yaml *to, *via;
	const char *destination;

	if (!pst_nocloud_is_map(cloud, route, key))
		return;
	to = pst_yaml_find(route, "to");
	via = pst_yaml_find(route, "via");
	destination = to ? pst_nocloud_word(cloud, to, pst_nocloud_below(key, "to")) : NULL;
	if (!to)
		pst_nocloud_refuse(cloud, route, pst_nocloud_below(key, "to"), "missing");
	if (!destination)
		return;
	if (!is_default(destination)) {
		pst_nocloud_warn(cloud, route, key,
				 "the route to %s is not used: only the default one is",
				 destination);
		return;
	}
	if (!via)
		pst_nocloud_refuse(cloud, route, pst_nocloud_below(key, "via"), "missing");
	for (size_t i = 0; i < route->n_children; i++)
		if (route->child[i] != to && route->child[i] != via)
			pst_nocloud_warn(cloud, route->child[i],
					 pst_nocloud_below(key, route->child[i]->key),
					 "is not used");
	if (via)
		pst_nocloud_gateway(cloud, interface, via, pst_nocloud_below(key, "via"));
}

static void read_routes(struct pst_nocloud *cloud, const struct pst_yaml *routes,
			struct pst_key key, struct pst_seed_interface *interface)
{
	if (!pst_nocloud_is_list(cloud, routes, key))
		return;
	for (size_t i = 0; i < routes->n_children; i++)
		read_route(cloud, routes->child[i], pst_key("%s[%zu]", key.text, i), interface);
}

static void read_nameservers(struct pst_nocloud *cloud, const struct pst_yaml *map,
			     struct pst_key key, struct pst_seed_interface *interface)
{
	if (!pst_nocloud_is_map(cloud, map, key))
		return;
	for (size_t i = 0; i < map->n_children; i++) {
		const struct pst_yaml *node = map->child[i];
		struct pst_key below = pst_nocloud_below(key, node->key);

		if (pst_streq(node->key, "addresses"))
			pst_nocloud_add_each(cloud, &interface->dns, node, below);
		else
			pst_nocloud_warn(cloud, node, below, "is not used");
	}
}

static void read_key(struct pst_nocloud *cloud, const struct pst_yaml *node, struct pst_key key,
		     struct pst_seed_interface *interface)
{
	const char *name = node->key;

	if (pst_streq(name, "match")) {
		read_match(cloud, node, key, interface);
	} else if (pst_streq(name, "dhcp4")) {
		interface->dhcp4 = pst_nocloud_bool(cloud, node, key);
	} else if (pst_streq(name, "dhcp6")) {
		interface->dhcp6 = pst_nocloud_bool(cloud, node, key);
	} else if (pst_streq(name, "addresses")) {
		pst_nocloud_add_each(cloud, &interface->addresses, node, key);
	} else if (pst_streq(name, "gateway4") || pst_streq(name, "gateway6")) {
		pst_nocloud_gateway(cloud, interface, node, key);
	} else if (pst_streq(name, "routes")) {
		read_routes(cloud, node, key, interface);
	} else if (pst_streq(name, "nameservers")) {
		read_nameservers(cloud, node, key, interface);
	} else if (pst_streq(name, "mtu")) {
		const char *word = pst_nocloud_word(cloud, node, key);

		if (word)
			pst_nocloud_set(cloud, &interface->mtu, node, word);
	} else if (pst_streq(name, "set-name")) {
		pst_nocloud_warn(cloud, node, key, "is not used: interfaces keep their names");
	} else {
		pst_nocloud_warn(cloud, node, key, "is not used");
	}
}

static void read_ethernet(struct pst_nocloud *cloud, const struct pst_yaml *map, struct pst_key key)
{
	struct pst_seed_interface *interface;

	if (!pst_nocloud_is_map(cloud, map, key))
		return;
	interface = pst_nocloud_interface(cloud);
	if (!interface)
		return;
	if (!pst_yaml_find(map, "match"))
		pst_nocloud_name(cloud, interface, map, key, map->key);
	for (size_t i = 0; i < map->n_children; i++)
		read_key(cloud, map->child[i], pst_nocloud_below(key, map->child[i]->key),
			 interface);
}

void pst_nocloud_network_v2(struct pst_nocloud *cloud, const struct pst_yaml *root,
			    struct pst_key key)
{
	for (size_t i = 0; i < root->n_children; i++) {
		const struct pst_yaml *node = root->child[i];
		struct pst_key below = pst_nocloud_below(key, node->key);

		if (pst_streq(node->key, "version") ||
		    (pst_streq(node->key, "renderer") && pst_streq(node->value, "networkd")))
			continue;
		if (!pst_streq(node->key, "ethernets")) {
			pst_nocloud_warn(cloud, node, below, "is not used: only ethernets is");
			continue;
		}
		if (!pst_nocloud_is_map(cloud, node, below))
			continue;
		for (size_t j = 0; j < node->n_children; j++)
			read_ethernet(cloud, node->child[j],
				      pst_nocloud_below(below, node->child[j]->key));
	}
}
