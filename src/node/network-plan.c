// SPDX-License-Identifier: MIT
/* From the interfaces that are to those that are declared. */
#include "node/network.h"
#include "node/node.h"
#include "node/unread.h"

/* What networkd has to do at the end, the stronger the later. */
enum again {
	NOTHING,
	RELOAD,
	RESTART, /* it makes a device for a file that is not new only when it starts */
};

struct work {
	const struct pst_conf *conf;
	const struct pst_state *state;
	struct pst_plan *plan;
	enum again again;
};

static void want(struct work *work, enum again again)
{
	if (work->again < again)
		work->again = again;
}

static void refuse_absent(const struct work *work, struct pst_key key, const char *name)
{
	struct pst_strv __cleanup_strv names = { 0 };
	char __cleanup_free *list = NULL;

	for (size_t i = 0; i < work->state->n_interfaces; i++)
		pst_strv_add(&names, work->state->interfaces[i].name);
	list = pst_strv_join(&names, ", ");
	pst_plan_problem(work->plan, PST_PROBLEM_REFUSED, key,
			 "there is no interface %s; there are: %s", name,
			 list && *list ? list : "none");
}

/* What the interface lacks, in words; NULL when it lacks nothing. */
static char *lacks(const struct work *work, size_t n, const struct pst_interface_state *is)
{
	const struct pst_conf_network *conf = &work->conf->network[n];

	for (size_t i = 0; i < conf->addresses_count; i++)
		if (!pst_network_has(is, conf->addresses[i]))
			return pst_printf("%s does not have the address %s", conf->interface,
					  conf->addresses[i]);
	if (conf->dhcp & PST_DHCP_IPV4 && !is->has_dhcp4)
		return pst_printf("%s does not have " PST_NETWORK_DHCP4, conf->interface);
	if (conf->dhcp & PST_DHCP_IPV6 && !is->has_dhcp6)
		return pst_printf("%s does not have " PST_NETWORK_DHCP6, conf->interface);
	if (conf->mtu && conf->mtu != is->mtu)
		return pst_printf("%s has an MTU of %u, not %u", conf->interface, is->mtu,
				  conf->mtu);
	return pst_fabric_differs(work->conf, n, work->state);
}

/* Returns whether there is a step. */
static bool plan_file(struct work *work, struct pst_key key, char *path, char *text)
{
	bool written = false;

	if (path && text)
		written = pst_plan_file(work->plan, work->state, key.text, path, text);
	else
		work->plan->oom = true;
	if (written)
		want(work, RELOAD);
	free(path);
	free(text);
	return written;
}

static void reconfigure(const struct work *work, struct pst_key key, const char *why,
			const char *interface)
{
	/* A run that ended between a file and its reload has left networkd with the old. */
	pst_plan_run(work->plan, key.text, NULL, "networkctl", "reload");
	pst_plan_run(work->plan, key.text, why, "networkctl", "reconfigure", interface);
}

static void plan_port(struct work *work, size_t n, size_t i)
{
	const struct pst_conf_network *bond = &work->conf->network[n];
	const char *port = bond->bond->interfaces[i];
	const struct pst_interface_state *is = pst_state_interface(work->state, port);
	struct pst_key key = pst_key("network[%zu].bond.interfaces[%zu]", n, i);
	char __cleanup_free *why = NULL;
	bool written;

	if (!is) {
		refuse_absent(work, key, port);
		return;
	}
	if (bond->mtu && is->mtu_max && bond->mtu > is->mtu_max)
		pst_plan_problem(work->plan, PST_PROBLEM_REFUSED, pst_key("network[%zu].mtu", n),
				 "%s can have an MTU of at most %u, not %u", port, is->mtu_max,
				 bond->mtu);
	written = plan_file(work, key, pst_network_file(port), pst_network_port_text(bond, port));
	if (!pst_streq(is->master, bond->interface)) {
		why = pst_printf("%s is not in the bond %s", port, bond->interface);
		if (!written && pst_state_interface(work->state, bond->interface))
			reconfigure(work, key, why, port);
	} else if (!is->up) {
		pst_plan_problem(work->plan, PST_PROBLEM_HEALTH, key,
				 "the port %s of the bond %s is down", port, bond->interface);
	}
}

/* A device that is ours to make, and is there in another shape: it can only be made anew. */
static void plan_anew(struct work *work, size_t n, const char *why)
{
	const struct pst_conf_network *network = &work->conf->network[n];
	char __cleanup_free *path = pst_network_device_file(network->interface);
	const char *text = path ? pst_state_file(work->state, path) : NULL;
	struct pst_key key = pst_key("network[%zu]", n);

	if (!text || !pst_file_is_ours(text)) {
		pst_plan_problem(work->plan, PST_PROBLEM_REFUSED, key,
				 "%s, and was not made by penstock: remove it with ip link delete "
				 "%s",
				 why, network->interface);
		return;
	}
	pst_plan_run(work->plan, key.text, why, "networkctl", "delete", network->interface);
	want(work, RESTART);
}

/* The device itself: its .netdev file, and what the kernel made of it. */
static void plan_device(struct work *work, size_t n, const struct pst_interface_state *is)
{
	const struct pst_conf_network *network = &work->conf->network[n];
	struct pst_key key = pst_key("network[%zu]", n);
	char __cleanup_free *why = is ? pst_link_differs(network, is) : NULL;
	bool written = plan_file(work, key, pst_network_device_file(network->interface),
				 pst_network_device_text(network));

	if (why) {
		plan_anew(work, n, why);
	} else if (!is && !written) {
		why = pst_printf("there is no interface %s", network->interface);
		pst_plan_run(work->plan, key.text, why, "systemctl", "restart",
			     "systemd-networkd.service");
	}
}

static void plan_interface(struct work *work, size_t n)
{
	const struct pst_conf_network *network = &work->conf->network[n];
	const struct pst_interface_state *is = pst_state_interface(work->state, network->interface);
	struct pst_key key = pst_key("network[%zu]", n);
	char __cleanup_free *why = NULL;

	if (pst_conf_network_kind(network)) {
		plan_device(work, n, is);
	} else if (!is) {
		refuse_absent(work, pst_key("network[%zu].interface", n), network->interface);
		return;
	} else if (network->mtu && !network->ipoib && is->mtu_max && network->mtu > is->mtu_max) {
		pst_plan_problem(work->plan, PST_PROBLEM_REFUSED, pst_key("network[%zu].mtu", n),
				 "%s can have an MTU of at most %u, not %u", network->interface,
				 is->mtu_max, network->mtu);
	}
	for (size_t i = 0; network->bond && i < network->bond->interfaces_count; i++)
		plan_port(work, n, i);
	/* A reload configures every interface whose file is new. */
	if (plan_file(work, key, pst_network_file(network->interface),
		      pst_network_text(work->conf, n)) ||
	    !is)
		return;
	if (!pst_conf_network_kind(network))
		why = pst_link_differs(network, is);
	if (!why)
		why = lacks(work, n, is);
	if (why)
		reconfigure(work, key, why, network->interface);
}

static bool is_declared(const struct pst_conf *conf, const char *path)
{
	const char *name = path + strlen(PST_NETWORK_FILE_PREFIX);
	char __cleanup_free *interface = strndup(name, (size_t)(strrchr(path, '.') - name));
	const struct pst_conf_network *network = pst_conf_network(conf, interface);

	if (network && pst_streq(strrchr(path, '.'), ".netdev"))
		return pst_conf_network_kind(network);
	return network || pst_conf_bond_of(conf, interface);
}

/* What we once declared: its files, and the devices that were made of them. */
static void plan_stale(struct work *work)
{
	for (size_t i = 0; i < work->state->n_files; i++) {
		const char *path = work->state->files[i].path;
		const char *end = strrchr(path, '.');

		if (!pst_startswith(path, PST_NETWORK_FILE_PREFIX) ||
		    !pst_file_is_ours(work->state->files[i].text) || is_declared(work->conf, path))
			continue;
		/* The device first: without its file nobody would know whose it is. */
		if (pst_streq(end, ".netdev")) {
			const char *name = path + strlen(PST_NETWORK_FILE_PREFIX);
			struct pst_key interface = pst_key("%.*s", (int)(end - name), name);

			if (pst_state_interface(work->state, interface.text))
				pst_plan_run(work->plan, "network", NULL, "networkctl", "delete",
					     interface.text);
		}
		pst_plan_file(work->plan, work->state, "network", path, NULL);
		want(work, RELOAD);
	}
	if (pst_unread_below(work->state, PST_NETWORK_FILE_PREFIX))
		want(work, RELOAD);
}

/* What is made on a device, an RDMA device for one, needs it now; uevent says its kind first. */
static void wait_for_devices(struct work *work)
{
	for (size_t i = 0; i < work->conf->network_count; i++) {
		const struct pst_conf_network *network = &work->conf->network[i];
		const char *kind = pst_conf_network_kind(network);
		const struct pst_interface_state *is =
			pst_state_interface(work->state, network->interface);
		struct pst_key key = pst_key("network[%zu]", i);

		if (!kind ||
		    (is && !pst_link_is_remade(work->conf, work->state, network->interface)))
			continue;
		if (network->ipoib)
			pst_plan_wait_file(
				work->plan, key.text,
				pst_key("/sys/class/net/%s/pkey", network->interface).text,
				network->ipoib->pkey, NULL);
		else
			pst_plan_wait_file(
				work->plan, key.text,
				pst_key("/sys/class/net/%s/uevent", network->interface).text,
				pst_key("DEVTYPE=%s", kind).text, NULL);
	}
}

void pst_network_plan(const struct pst_conf *conf, const struct pst_state *state,
		      struct pst_plan *plan)
{
	struct work work = { .conf = conf, .state = state, .plan = plan };

	for (size_t i = 0; i < conf->network_count; i++)
		plan_interface(&work, i);
	plan_stale(&work);
	if (work.again == RELOAD)
		pst_plan_run(plan, "network", NULL, "networkctl", "reload");
	else if (work.again == RESTART)
		pst_plan_run(plan, "network", NULL, "systemctl", "restart",
			     "systemd-networkd.service");
	wait_for_devices(&work);
}

static void wait_for_address(struct pst_plan *plan, size_t n, const char *interface,
			     const struct pst_interface_state *is, const char *address)
{
	if (!is || !pst_network_has(is, address))
		pst_plan_wait_address(plan, pst_key("network[%zu]", n).text, interface, address);
}

void pst_network_plan_wait(const struct pst_conf *conf, const struct pst_state *state,
			   struct pst_plan *plan)
{
	for (size_t i = 0; i < conf->network_count; i++) {
		const struct pst_conf_network *network = &conf->network[i];
		const char *name = network->interface;
		const struct pst_interface_state *is = pst_state_interface(state, name);

		/* Refused already, when it is not ours to make. */
		if (!is && !pst_conf_network_kind(network))
			continue;
		/* What it has now goes with it. */
		if (pst_link_is_remade(conf, state, name))
			is = NULL;
		if (network->mtu && (!is || network->mtu != is->mtu))
			pst_plan_wait_file(plan, pst_key("network[%zu]", i).text,
					   pst_key("/sys/class/net/%s/mtu", name).text,
					   pst_key("%u", network->mtu).text, NULL);
		for (size_t j = 0; j < network->addresses_count; j++)
			wait_for_address(plan, i, name, is, network->addresses[j]);
		if (network->dhcp & PST_DHCP_IPV4)
			wait_for_address(plan, i, name, is, PST_NETWORK_DHCP4);
		if (network->dhcp & PST_DHCP_IPV6)
			wait_for_address(plan, i, name, is, PST_NETWORK_DHCP6);
	}
}
