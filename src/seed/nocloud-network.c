// SPDX-License-Identifier: MIT
/*
 * What both versions of cloud-init's network-config share: which of them it is, which port is meant, and the one
 * gateway of an interface.
 */
#include <errno.h>
#include <fnmatch.h>
#include <strings.h>

#include "seed/nocloud.h"

struct pst_seed_interface *pst_nocloud_interface(struct pst_nocloud *cloud)
{
	struct pst_seed_interface *interface = pst_array_grow(
		(void **)&cloud->interfaces, &cloud->n_interfaces, sizeof(*cloud->interfaces));

	cloud->oom = cloud->oom || !interface;
	return interface;
}

static char *list_cards(const struct pst_seed_machine *machine)
{
	struct pst_strv __cleanup_strv list = { 0 };

	for (size_t i = 0; i < machine->n_cards; i++)
		pst_strv_addf(&list, "%s (%s)", machine->cards[i].name, machine->cards[i].mac);
	return list.n ? pst_strv_join(&list, ", ") : strdup("none");
}

const char *pst_nocloud_card(struct pst_nocloud *cloud, const struct pst_yaml *node,
			     struct pst_key key, const char *mac, const char *pattern)
{
	const struct pst_seed_machine *machine = cloud->machine;
	char __cleanup_free *list = list_cards(machine);
	const char *name = NULL;
	size_t n = 0;

	for (size_t i = 0; i < machine->n_cards; i++) {
		if ((mac && strcasecmp(mac, machine->cards[i].mac) != 0) ||
		    (pattern && fnmatch(pattern, machine->cards[i].name, 0) != 0))
			continue;
		name = machine->cards[i].name;
		n++;
	}
	if (n == 1)
		return name;
	pst_nocloud_refuse(cloud, node, key, "%s Ethernet port is %s%s%s; there are %s",
			   n ? "more than one" : "no", mac ?: "", mac && pattern ? " and " : "",
			   pattern ?: "", list ?: "others");
	return NULL;
}

void pst_nocloud_name(struct pst_nocloud *cloud, struct pst_seed_interface *interface,
		      const struct pst_yaml *node, struct pst_key key, const char *name)
{
	char __cleanup_free *list = list_cards(cloud->machine);

	pst_nocloud_set(cloud, &interface->name, node, name);
	for (size_t i = 0; i < cloud->machine->n_cards; i++)
		if (pst_streq(cloud->machine->cards[i].name, name))
			return;
	pst_nocloud_warn(cloud, node, key, "no Ethernet port is called %s; there are %s", name,
			 list ?: "others");
}

void pst_nocloud_gateway(struct pst_nocloud *cloud, struct pst_seed_interface *interface,
			 const struct pst_yaml *node, struct pst_key key)
{
	const char *word = pst_nocloud_word(cloud, node, key);

	if (!word)
		return;
	if (!interface->gateway.text)
		pst_nocloud_set(cloud, &interface->gateway, node, word);
	else if (!pst_streq(interface->gateway.text, word))
		pst_nocloud_warn(cloud, node, key,
				 "is not used: an interface has one gateway, and that is %s",
				 interface->gateway.text);
}

/* Name servers of no interface are asked on the one that leads out. */
static void place_dns(struct pst_nocloud *cloud)
{
	struct pst_seed_interface *best = cloud->n_interfaces ? &cloud->interfaces[0] : NULL;

	if (!cloud->dns.n)
		return;
	for (size_t i = cloud->n_interfaces; i-- > 0;)
		if (cloud->interfaces[i].gateway.text)
			best = &cloud->interfaces[i];
	for (size_t i = 0; i < cloud->dns.n; i++) {
		const struct pst_seed_word *word = &cloud->dns.v[i];
		struct pst_yaml at = { .line = word->line };

		if (best)
			pst_nocloud_add(cloud, &best->dns, &at, word->text);
		else
			pst_nocloud_warn(cloud, &at, pst_key("%s", ""),
					 "the name server %s is not used: it is on no interface",
					 word->text);
	}
}

void pst_nocloud_network(struct pst_nocloud *cloud, const struct pst_yaml *root)
{
	const struct pst_yaml *version, *config;
	struct pst_key key = pst_key("%s", "");

	if (!pst_nocloud_is_map(cloud, root, key))
		return;
	if (pst_yaml_find(root, "network")) {
		for (size_t i = 0; i < root->n_children; i++)
			if (!pst_streq(root->child[i]->key, "network"))
				pst_nocloud_warn(cloud, root->child[i],
						 pst_key("%s", root->child[i]->key), "is not used");
		root = pst_yaml_find(root, "network");
		key = pst_key("network");
		if (!pst_nocloud_is_map(cloud, root, key))
			return;
	}
	version = pst_yaml_find(root, "version");
	config = pst_yaml_find(root, "config");
	if (config && config->kind == PST_YAML_SCALAR && pst_streq(config->value, "disabled"))
		pst_nocloud_warn(
			cloud, config, pst_nocloud_below(key, "config"),
			"is not used: the network is left to the system, which asks for an "
			"address");
	else if (!version)
		pst_nocloud_refuse(cloud, root, pst_nocloud_below(key, "version"), "missing");
	else if (pst_streq(version->value, "1"))
		pst_nocloud_network_v1(cloud, root, key);
	else if (pst_streq(version->value, "2"))
		pst_nocloud_network_v2(cloud, root, key);
	else
		pst_nocloud_refuse(cloud, version, pst_nocloud_below(key, "version"),
				   "must be 1 or 2, not \"%s\"", version->value ?: "a list");
	place_dns(cloud);
}
