// SPDX-License-Identifier: MIT
/*
 * Several ports in one network. The kernel takes an address to belong to the machine, answers ARP for it
 * on every port, and sends by the first route that fits. An RDMA connection belongs to one port, so here
 * each port answers for its own address alone, and what has that address leaves by it.
 */
#include <errno.h>
#include <sys/socket.h>

#include "conf/word.h"
#include "node/json.h"
#include "node/network.h"
#include "node/node.h"

#define SYSCTL_FILE "/etc/sysctl.d/50-penstock-fabric.conf"
#define TABLE_FIRST 7000

/* ip-sysctl: reply only on the port that has the address; announce only that port's addresses. */
static const struct {
	const char *name;
	const char *value;
} settings[] = { { "arp_ignore", "1" }, { "arp_announce", "2" } };

unsigned int pst_fabric_table(size_t n)
{
	return TABLE_FIRST + (unsigned int)n;
}

static bool overlap(const char *a, const char *b)
{
	struct pst_network first, second;

	return !pst_word_interface_address(a, &first) && !pst_word_interface_address(b, &second) &&
	       first.family == AF_INET &&
	       (pst_network_contains(&first, &second) || pst_network_contains(&second, &first));
}

bool pst_fabric_is_shared(const struct pst_conf *conf, size_t n, size_t address)
{
	const char *ours = conf->network[n].addresses[address];

	for (size_t i = 0; i < conf->network_count; i++)
		for (size_t j = 0; i != n && j < conf->network[i].addresses_count; j++)
			if (overlap(ours, conf->network[i].addresses[j]))
				return true;
	return false;
}

static bool is_in_shared(const struct pst_conf *conf, size_t n)
{
	for (size_t i = 0; i < conf->network[n].addresses_count; i++)
		if (pst_fabric_is_shared(conf, n, i))
			return true;
	return false;
}

int pst_ports_parse(const char *json, struct pst_state *state, struct pst_reason *reason)
{
	struct json_object __cleanup_json *rules = NULL;
	int error = pst_json_parse(json, "ip", &rules, reason);

	if (error)
		return error;
	if (!json_object_is_type(rules, json_type_array))
		return pst_fail(reason, -EBADMSG, "ip did not answer with a list of rules");
	for (size_t i = 0; i < json_object_array_length(rules); i++) {
		struct json_object *rule = json_object_array_get_idx(rules, i);
		const char *source = pst_json_string(rule, "src");
		const char *table = pst_json_string(rule, "table");

		if (source && table)
			pst_strv_addf(&state->rules, "%s %s", source, table);
	}
	return state->rules.oom ? -ENOMEM : 0;
}

/* A kernel without policy routing refuses to answer; so it has no rules. */
static int observe_rules(struct pst_host *host, struct pst_state *state, struct pst_reason *reason)
{
	struct pst_reason __cleanup_reason refusal = { 0 };
	char __cleanup_free *json = NULL;
	int error = pst_host_ask(host, &json, &refusal, "ip", "-json", "-4", "rule", "show");

	if (error == -EIO)
		return 0;
	if (error)
		return pst_fail(reason, error, "%s", pst_reason_text(&refusal, error));
	return pst_ports_parse(json, state, reason);
}

static int observe_sysctl(struct pst_host *host, struct pst_interface_state *interface,
			  const char *name, struct pst_reason *reason)
{
	struct pst_key path = pst_key("/proc/sys/net/ipv4/conf/%s/%s", interface->name, name);
	char __cleanup_free *value = NULL;
	int error = pst_host_read(host, path.text, &value, reason);

	/* The interface may have gone since. */
	if (error)
		return error == -ENOENT ? 0 : error;
	value[strcspn(value, "\n")] = '\0';
	return pst_values_add(&interface->sysctl, name, value);
}

int pst_ports_observe(struct pst_host *host, struct pst_state *state, struct pst_reason *reason)
{
	int error = observe_rules(host, state, reason);

	for (size_t i = 0; i < state->n_interfaces; i++)
		for (size_t j = 0; j < ARRAY_SIZE(settings) && !error; j++)
			error = observe_sysctl(host, &state->interfaces[i], settings[j].name,
					       reason);
	return error;
}

static char *file_text(const struct pst_conf *conf)
{
	struct pst_buf text = { 0 };

	for (size_t i = 0; i < conf->network_count; i++) {
		if (!is_in_shared(conf, i))
			continue;
		if (!text.len)
			pst_buf_add(&text, pst_file_header);
		/* With slashes, since a dot in the name would be taken for one. */
		for (size_t j = 0; j < ARRAY_SIZE(settings); j++)
			pst_buf_printf(&text, "net/ipv4/conf/%s/%s = %s\n",
				       conf->network[i].interface, settings[j].name,
				       settings[j].value);
	}
	return pst_buf_take(&text);
}

/* What the kernel does not have as declared, in words; NULL when all is. */
static char *sysctl_differs(const struct pst_conf *conf, size_t n,
			    const struct pst_interface_state *is)
{
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		const char *have = pst_value(&is->sysctl, settings[i].name);

		if (!pst_streq(have, settings[i].value))
			return pst_printf("%s has %s %s, not %s", conf->network[n].interface,
					  settings[i].name, have ?: "(unknown)", settings[i].value);
	}
	return NULL;
}

char *pst_fabric_differs(const struct pst_conf *conf, size_t n, const struct pst_state *state)
{
	const struct pst_conf_network *network = &conf->network[n];

	for (size_t i = 0; i < network->addresses_count; i++) {
		const char *address = network->addresses[i];
		struct pst_key rule = pst_key("%.*s %u", (int)strcspn(address, "/"), address,
					      pst_fabric_table(n));

		if (pst_fabric_is_shared(conf, n, i) &&
		    !pst_strv_contains(&state->rules, rule.text))
			return pst_printf("what has the address of %s need not leave by it: there "
					  "is no rule for %s",
					  network->interface, address);
	}
	return NULL;
}

void pst_ports_plan(const struct pst_conf *conf, const struct pst_state *state,
		    struct pst_plan *plan)
{
	char __cleanup_free *text = file_text(conf);
	struct pst_key key = pst_key("network");
	char __cleanup_free *why = NULL;
	bool again;

	if (!text) {
		plan->oom = true;
		return;
	}
	again = pst_plan_file(plan, state, "network", SYSCTL_FILE, *text ? text : NULL);
	for (size_t i = 0; i < conf->network_count && !why; i++) {
		const char *interface = conf->network[i].interface;
		const struct pst_interface_state *is = pst_state_interface(state, interface);

		if (!is_in_shared(conf, i))
			continue;
		key = pst_key("network[%zu]", i);
		/* One that is made in this plan has the kernel's own. */
		if (!is || pst_link_is_remade(conf, state, interface))
			again = true;
		else
			why = sysctl_differs(conf, i, is);
	}
	if (*text && (why || again))
		pst_plan_run(plan, key.text, why, "sysctl", "--load", SYSCTL_FILE);
}
