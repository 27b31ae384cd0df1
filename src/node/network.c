// SPDX-License-Identifier: MIT
/* Interfaces: their networkd files, and the addresses and MTU that they have. */
#include <errno.h>

#include "conf/word.h"
#include "node/json.h"
#include "node/node.h"

#define NETWORK_FILE_PREFIX "/etc/systemd/network/50-penstock-"

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

static int parse_link(const struct json_object *link, struct pst_state *state)
{
	const char *name = pst_json_string(link, "ifname");
	struct json_object *addresses = pst_json_array(link, "addr_info");
	size_t count = addresses ? json_object_array_length(addresses) : 0;
	struct pst_interface_state *interface;

	/* What a filter of ip leaves out, it prints as {}. */
	if (!name || pst_streq(name, "lo"))
		return 0;
	interface = pst_array_grow((void **)&state->interfaces, &state->n_interfaces,
				   sizeof(*interface));
	if (!interface)
		return -ENOMEM;
	interface->name = strdup(name);
	interface->mtu = (unsigned int)pst_json_u64(link, "mtu");
	interface->up = is_up(link);
	for (size_t i = 0; i < count; i++) {
		struct json_object *entry = json_object_array_get_idx(addresses, i);
		const char *local = pst_json_string(entry, "local");

		if (local && !pst_streq(pst_json_string(entry, "scope"), "link"))
			pst_strv_addf(&interface->addresses, "%s/%u", local,
				      (unsigned int)pst_json_u64(entry, "prefixlen"));
	}
	return interface->name && !interface->addresses.oom ? 0 : -ENOMEM;
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
	int error = pst_host_ask(host, &json, reason, "ip", "-json", "address", "show");

	return error ? error : pst_network_parse(json, state, reason);
}

bool pst_network_has(const struct pst_interface_state *interface, const char *address)
{
	struct pst_network want, have;

	if (pst_word_interface_address(address, &want))
		return false;
	for (size_t i = 0; i < interface->addresses.n; i++)
		if (!pst_word_interface_address(interface->addresses.v[i], &have) &&
		    have.family == want.family && have.prefix_bits == want.prefix_bits &&
		    memcmp(have.address, want.address, sizeof(have.address)) == 0)
			return true;
	return false;
}

char *pst_network_file(const char *interface)
{
	return pst_printf(NETWORK_FILE_PREFIX "%s.network", interface);
}

/* systemd.network(5) */
static char *file_text(const struct pst_conf_network *conf)
{
	struct pst_buf text = { 0 };

	pst_buf_printf(&text, "%s\n[Match]\nName=%s\n", pst_file_header, conf->interface);
	if (conf->mtu)
		pst_buf_printf(&text, "\n[Link]\nMTUBytes=%u\n", conf->mtu);
	/* The other end of a cable may boot later; our addresses do not wait for it. */
	pst_buf_add(&text, "\n[Network]\nConfigureWithoutCarrier=yes\n");
	for (size_t i = 0; i < conf->addresses_count; i++)
		pst_buf_printf(&text, "Address=%s\n", conf->addresses[i]);
	if (conf->gateway)
		pst_buf_printf(&text, "Gateway=%s\n", conf->gateway);
	for (size_t i = 0; i < conf->dns_count; i++)
		pst_buf_printf(&text, "DNS=%s\n", conf->dns[i]);
	return pst_buf_take(&text);
}

static void refuse_absent(const struct pst_conf *conf, size_t n, const struct pst_state *state,
			  struct pst_plan *plan)
{
	struct pst_strv __cleanup_strv names = { 0 };
	char __cleanup_free *list = NULL;

	for (size_t i = 0; i < state->n_interfaces; i++)
		pst_strv_add(&names, state->interfaces[i].name);
	list = pst_strv_join(&names, ", ");
	pst_plan_problem(plan, PST_PROBLEM_REFUSED, pst_key("network[%zu].interface", n),
			 "there is no interface %s; there are: %s", conf->network[n].interface,
			 list && *list ? list : "none");
}

/* What the interface lacks, in words; NULL when it lacks nothing. */
static char *lacks(const struct pst_conf_network *conf, const struct pst_interface_state *is)
{
	for (size_t i = 0; i < conf->addresses_count; i++)
		if (!pst_network_has(is, conf->addresses[i]))
			return pst_printf("%s does not have the address %s", conf->interface,
					  conf->addresses[i]);
	if (conf->mtu && conf->mtu != is->mtu)
		return pst_printf("%s has an MTU of %u, not %u", conf->interface, is->mtu,
				  conf->mtu);
	return NULL;
}

/* Returns whether networkd has to read its files again. */
static bool plan_interface(const struct pst_conf *conf, size_t n, const struct pst_state *state,
			   struct pst_plan *plan)
{
	const struct pst_conf_network *network = &conf->network[n];
	const struct pst_interface_state *is = pst_state_interface(state, network->interface);
	struct pst_key key = pst_key("network[%zu]", n);
	char __cleanup_free *path = pst_network_file(network->interface);
	char __cleanup_free *text = file_text(network);
	char __cleanup_free *why = NULL;

	if (!is) {
		refuse_absent(conf, n, state, plan);
		return false;
	}
	if (!path || !text) {
		plan->oom = true;
		return false;
	}
	/* A reload configures every interface whose file is new. */
	if (pst_plan_file(plan, state, key.text, path, text))
		return true;
	why = lacks(network, is);
	if (why) {
		/* A run that ended between a file and its reload has left networkd with the old. */
		pst_plan_run(plan, key.text, NULL, "networkctl", "reload");
		pst_plan_run(plan, key.text, why, "networkctl", "reconfigure", network->interface);
	}
	return false;
}

static bool is_declared(const struct pst_conf *conf, const char *path)
{
	for (size_t i = 0; i < conf->network_count; i++) {
		char __cleanup_free *file = pst_network_file(conf->network[i].interface);

		if (pst_streq(file, path))
			return true;
	}
	return false;
}

void pst_network_plan(const struct pst_conf *conf, const struct pst_state *state,
		      struct pst_plan *plan)
{
	bool reload = false;

	for (size_t i = 0; i < conf->network_count; i++)
		reload = plan_interface(conf, i, state, plan) || reload;
	for (size_t i = 0; i < state->n_files; i++)
		if (pst_startswith(state->files[i].path, NETWORK_FILE_PREFIX) &&
		    pst_file_is_ours(state->files[i].text) &&
		    !is_declared(conf, state->files[i].path))
			reload = pst_plan_file(plan, state, "network", state->files[i].path, NULL);
	if (reload)
		pst_plan_run(plan, "network", NULL, "networkctl", "reload");
}

void pst_network_plan_wait(const struct pst_conf *conf, const struct pst_state *state,
			   struct pst_plan *plan)
{
	for (size_t i = 0; i < conf->network_count; i++) {
		const struct pst_conf_network *network = &conf->network[i];
		const struct pst_interface_state *is =
			pst_state_interface(state, network->interface);
		struct pst_key key = pst_key("network[%zu]", i);
		struct pst_key mtu_file = pst_key("/sys/class/net/%s/mtu", network->interface);

		if (!is)
			continue;
		if (network->mtu && network->mtu != is->mtu)
			pst_plan_wait_file(plan, key.text, mtu_file.text,
					   pst_key("%u", network->mtu).text, NULL);
		for (size_t j = 0; j < network->addresses_count; j++)
			if (!pst_network_has(is, network->addresses[j]))
				pst_plan_wait_address(plan, key.text, network->interface,
						      network->addresses[j]);
	}
}
