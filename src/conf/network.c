// SPDX-License-Identifier: MIT
/* How the declared interfaces belong together. */
#include "conf/conf.h"

const char *pst_conf_network_kind(const struct pst_conf_network *network)
{
	if (network->bond)
		return "bond";
	if (network->vlan)
		return "vlan";
	return network->ipoib && network->ipoib->interface ? "ipoib" : NULL;
}

const struct pst_conf_network *pst_conf_network(const struct pst_conf *conf, const char *interface)
{
	for (size_t i = 0; i < conf->network_count; i++)
		if (pst_streq(conf->network[i].interface, interface))
			return &conf->network[i];
	return NULL;
}

const struct pst_conf_network *pst_conf_bond_of(const struct pst_conf *conf, const char *interface)
{
	for (size_t i = 0; i < conf->network_count; i++) {
		const struct pst_conf_bond *bond = conf->network[i].bond;

		for (size_t j = 0; bond && j < bond->interfaces_count; j++)
			if (pst_streq(bond->interfaces[j], interface))
				return &conf->network[i];
	}
	return NULL;
}

const char *pst_conf_network_parent(const struct pst_conf_network *network)
{
	if (network->vlan)
		return network->vlan->interface;
	return network->ipoib ? network->ipoib->interface : NULL;
}
