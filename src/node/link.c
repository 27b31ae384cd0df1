// SPDX-License-Identifier: MIT
/* VLANs, bonds and IPoIB: whether the kernel has them as declared. */
#include "node/network.h"
#include "node/node.h"

/* NULL also where the kernel does not say. */
static char *value_differs(const struct pst_interface_state *is, const char *name, const char *want,
			   const char *what)
{
	const char *have = pst_value(&is->link, name);

	if (!want || pst_streq(have, want))
		return NULL;
	return pst_printf("%s has the %s %s, not %s", is->name, what, have ?: "(unknown)", want);
}

static char *vlan_differs(const struct pst_conf_vlan *vlan, const struct pst_interface_state *is)
{
	if (!pst_streq(is->parent, vlan->interface))
		return pst_printf("%s is on %s, not on %s", is->name, is->parent ?: "nothing known",
				  vlan->interface);
	return value_differs(is, "id", pst_key("%u", vlan->id).text, "VLAN id");
}

static char *bond_differs(const struct pst_conf_bond *bond, const struct pst_interface_state *is)
{
	char *why = value_differs(is, "mode", pst_bond_mode_name(bond->mode), "mode");

	if (!why && bond->hash)
		why = value_differs(is, "xmit_hash_policy", pst_bond_hash_name(bond->hash), "hash");
	if (!why && bond->lacp_rate)
		why = value_differs(is, "ad_lacp_rate", pst_lacp_rate_name(bond->lacp_rate),
				    "LACP rate");
	if (!why)
		why = value_differs(is, "miimon", pst_key("%u", bond->miimon_ms).text,
				    "monitoring interval (ms)");
	return why;
}

static char *ipoib_differs(const struct pst_conf_ipoib *ipoib, const struct pst_interface_state *is)
{
	char *why = NULL;

	if (ipoib->interface && !pst_streq(is->parent, ipoib->interface))
		return pst_printf("%s is on %s, not on %s", is->name, is->parent ?: "nothing known",
				  ipoib->interface);
	why = value_differs(is, "key", ipoib->pkey, "partition key");
	if (!why && ipoib->mode)
		why = value_differs(is, "mode", pst_ipoib_mode_name(ipoib->mode), "IPoIB mode");
	return why;
}

char *pst_link_differs(const struct pst_conf_network *conf, const struct pst_interface_state *is)
{
	const char *kind = conf->ipoib ? "ipoib" : pst_conf_network_kind(conf);

	if (!kind)
		return NULL;
	if (!pst_streq(is->kind, kind))
		return pst_printf("%s is of the kind %s, not %s", is->name, is->kind ?: "ether",
				  kind);
	if (conf->vlan)
		return vlan_differs(conf->vlan, is);
	if (conf->bond)
		return bond_differs(conf->bond, is);
	return conf->ipoib ? ipoib_differs(conf->ipoib, is) : NULL;
}

bool pst_link_is_remade(const struct pst_conf *conf, const struct pst_state *state,
			const char *interface)
{
	const struct pst_conf_network *network = pst_conf_network(conf, interface);
	const struct pst_interface_state *is = pst_state_interface(state, interface);

	/* Nothing is on something that is on something else itself, but for a VLAN on a bond. */
	while (network && is) {
		const char *parent = pst_conf_network_parent(network);
		char __cleanup_free *why =
			pst_conf_network_kind(network) ? pst_link_differs(network, is) : NULL;

		if (why)
			return true;
		network = parent ? pst_conf_network(conf, parent) : NULL;
		is = parent ? pst_state_interface(state, parent) : NULL;
	}
	return false;
}
