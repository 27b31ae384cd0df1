// SPDX-License-Identifier: MIT
/* Interfaces: their networkd files, and the addresses and MTU that they have. */
#include <errno.h>

#include "conf/word.h"
#include "node/json.h"
#include "node/network.h"
#include "node/node.h"

static bool has_flag(const struct json_object *link, const char *flag)
{
	struct json_object *flags = pst_json_array(link, "flags");
	size_t count = flags ? json_object_array_length(flags) : 0;

	for (size_t i = 0; i < count; i++) {
		struct json_object *entry = json_object_array_get_idx(flags, i);

		if (json_object_is_type(entry, json_type_string) &&
		    pst_streq(json_object_get_string(entry), flag))
			return true;
	}
	return false;
}

/* Drivers that know nothing of carrier say UNKNOWN, and are up when they were set up. */
static bool is_up(const struct json_object *link)
{
	const char *state = pst_json_string(link, "operstate");

	return pst_streq(state, "UP") || (pst_streq(state, "UNKNOWN") && has_flag(link, "UP"));
}

static int parse_addresses(const struct json_object *link, struct pst_interface_state *interface)
{
	struct json_object *addresses = pst_json_array(link, "addr_info");
	size_t count = addresses ? json_object_array_length(addresses) : 0;

	for (size_t i = 0; i < count; i++) {
		struct json_object *entry = json_object_array_get_idx(addresses, i);
		const char *local = pst_json_string(entry, "local");

		if (!local || pst_streq(pst_json_string(entry, "scope"), "link"))
			continue;
		pst_strv_addf(&interface->addresses, "%s/%u", local,
			      (unsigned int)pst_json_u64(entry, "prefixlen"));
		if (!json_object_object_get_ex(entry, "dynamic", NULL))
			continue;
		if (strchr(local, ':'))
			interface->has_dhcp6 = true;
		else
			interface->has_dhcp4 = true;
	}
	return interface->addresses.oom ? -ENOMEM : 0;
}

static int keep(const char *text, char **ret)
{
	*ret = text ? strdup(text) : NULL;
	return text && !*ret ? -ENOMEM : 0;
}

static int parse_kind(const struct json_object *link, struct pst_interface_state *interface)
{
	struct json_object *info = pst_json_object(link, "linkinfo");
	struct json_object *data = pst_json_object(info, "info_data");
	struct json_object_iterator i, end;
	int error = keep(pst_json_string(info, "info_kind"), &interface->kind);

	if (!error)
		error = keep(pst_json_string(link, "link"), &interface->parent);
	if (!error)
		error = keep(pst_json_string(link, "master"), &interface->master);
	if (error || !data)
		return error;
	i = json_object_iter_begin(data);
	end = json_object_iter_end(data);
	for (; !json_object_iter_equal(&i, &end) && !error; json_object_iter_next(&i)) {
		struct json_object *value = json_object_iter_peek_value(&i);

		if (json_object_is_type(value, json_type_string) ||
		    json_object_is_type(value, json_type_int))
			error = pst_values_add(&interface->link, json_object_iter_peek_name(&i),
					       json_object_get_string(value));
	}
	return error;
}

static int parse_link(const struct json_object *link, struct pst_state *state)
{
	const char *name = pst_json_string(link, "ifname");
	struct pst_interface_state *interface;
	int error;

	/* What a filter of ip leaves out, it prints as {}. */
	if (!name || pst_streq(name, "lo"))
		return 0;
	interface = pst_array_grow((void **)&state->interfaces, &state->n_interfaces,
				   sizeof(*interface));
	if (!interface)
		return -ENOMEM;
	interface->mtu = (unsigned int)pst_json_u64(link, "mtu");
	interface->mtu_max = (unsigned int)pst_json_u64(link, "max_mtu");
	interface->up = is_up(link);
	error = keep(name, &interface->name);
	if (!error)
		error = parse_kind(link, interface);
	return error ? error : parse_addresses(link, interface);
}

int pst_network_parse(const char *json, struct pst_state *state, struct pst_reason *reason)
{
	struct json_object __cleanup_json *links = NULL;
	int error = pst_json_parse(json, "ip", &links, reason);

	if (error)
		return error;
	if (!json_object_is_type(links, json_type_array))
		return pst_fail(reason, -EBADMSG, "ip did not answer with a list of interfaces");
	for (size_t i = 0; i < json_object_array_length(links) && !error; i++)
		error = parse_link(json_object_array_get_idx(links, i), state);
	return error;
}

int pst_network_observe(struct pst_host *host, struct pst_state *state, struct pst_reason *reason)
{
	char __cleanup_free *json = NULL;
	int error = pst_host_ask(host, &json, reason, "ip", "-details", "-json", "address", "show");

	return error ? error : pst_network_parse(json, state, reason);
}

bool pst_network_has(const struct pst_interface_state *interface, const char *address)
{
	struct pst_network want, have;

	if (pst_streq(address, PST_NETWORK_DHCP4))
		return interface->has_dhcp4;
	if (pst_streq(address, PST_NETWORK_DHCP6))
		return interface->has_dhcp6;
	if (pst_word_interface_address(address, &want))
		return false;
	for (size_t i = 0; i < interface->addresses.n; i++)
		if (!pst_word_interface_address(interface->addresses.v[i], &have) &&
		    have.family == want.family && have.prefix_bits == want.prefix_bits &&
		    memcmp(have.address, want.address, sizeof(have.address)) == 0)
			return true;
	return false;
}

bool pst_network_is_absent(const struct pst_conf *conf, const struct pst_state *state)
{
	for (size_t i = 0; i < conf->network_count; i++) {
		const struct pst_conf_network *network = &conf->network[i];
		const struct pst_conf_bond *bond = network->bond;

		if (!pst_conf_network_kind(network) &&
		    !pst_state_interface(state, network->interface))
			return true;
		for (size_t j = 0; bond && j < bond->interfaces_count; j++)
			if (!pst_state_interface(state, bond->interfaces[j]))
				return true;
	}
	return false;
}
