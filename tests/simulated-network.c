// SPDX-License-Identifier: MIT
/* The simulated node's network: what networkd, rdma, dcb and sysctl make of what they are told. */
#include "simulated-parts.h"

#include <stdio.h>

#include "node/network.h"
#include "node/roce.h"

#define NETWORKD     "networkd"
#define NETWORKD_DIR "/etc/systemd/network/"

static struct pst_interface_state *interface_named(struct pst_state *state, const char *name)
{
	return (struct pst_interface_state *)pst_state_interface(state, name);
}

/* What ip will say of a setting of systemd.netdev(5). */
static void set_link(struct pst_interface_state *interface, const char *text, const char *key,
		     const char *name)
{
	struct pst_strv __cleanup_strv values = sim_values_of(text, key);

	if (!values.n)
		return;
	values.v[0][strcspn(values.v[0], "m")] = '\0';
	sim_set(&interface->link, name, values.v[0]);
}

/* Makes the devices that are not there; which they are on, and what is in them, other files say. */
static bool make_device(struct pst_state *state, const char *text)
{
	struct pst_strv __cleanup_strv name = sim_values_of(text, "Name");
	struct pst_strv __cleanup_strv kind = sim_values_of(text, "Kind");
	struct pst_strv __cleanup_strv mode = sim_values_of(text, "Mode");
	struct pst_interface_state *interface;

	if (interface_named(state, name.v[0]))
		return false;
	add_interface(state, name.v[0], 1500, NULL);
	interface = interface_named(state, name.v[0]);
	interface->kind = strdup(kind.v[0]);
	set_link(interface, text, "Id", "id");
	if (mode.n)
		sim_set(&interface->link, "mode", mode.v[0]);
	set_link(interface, text, "MIIMonitorSec", "miimon");
	set_link(interface, text, "TransmitHashPolicy", "xmit_hash_policy");
	set_link(interface, text, "LACPTransmitRate", "ad_lacp_rate");
	set_link(interface, text, "PartitionKey", "key");
	return true;
}

static void carry(struct pst_state *state, const char *name, const char *text, const char *key)
{
	struct pst_strv __cleanup_strv children = sim_values_of(text, key);

	for (size_t i = 0; i < children.n; i++) {
		struct pst_interface_state *child = interface_named(state, children.v[i]);

		if (!child)
			continue;
		free(child->parent);
		child->parent = strdup(name);
	}
}

static void join(struct pst_state *state, const char *name, const char *text)
{
	struct pst_strv __cleanup_strv bond = sim_values_of(text, "Bond");
	struct pst_interface_state *interface = interface_named(state, name);

	free(interface->master);
	interface->master = bond.n && interface_named(state, bond.v[0]) ? strdup(bond.v[0]) : NULL;
	carry(state, name, text, "VLAN");
	carry(state, name, text, "IPoIB");
}

/* As its file said when networkd read it. */
static void configure(struct pst_state *state, const char *name)
{
	struct pst_interface_state *interface = interface_named(state, name);
	char __cleanup_free *path = pst_network_file(name);
	const char *text = sim_remembered(state, NETWORKD, path);
	struct pst_strv __cleanup_strv mtu = sim_values_of(text, "MTUBytes");
	struct pst_strv __cleanup_strv mode = sim_values_of(text, "Mode");

	if (!text)
		return;
	pst_strv_free(&interface->addresses);
	interface->addresses = sim_values_of(text, "Address");
	interface->has_dhcp4 = strstr(text, "DHCP=ipv4\n") || strstr(text, "DHCP=yes\n");
	interface->has_dhcp6 = strstr(text, "DHCP=ipv6\n") || strstr(text, "DHCP=yes\n");
	join(state, name, text);
	if (mtu.n)
		interface->mtu = (unsigned int)strtoul(mtu.v[0], NULL, 10);
	if (mode.n)
		sim_set(&interface->link, "mode", mode.v[0]);
}

/* networkd has those rules, and no others, that are in its files of interfaces that are there. */
static void set_rules(struct pst_state *state)
{
	pst_strv_free(&state->rules);
	for (size_t i = 0; i < state->n_interfaces; i++) {
		char __cleanup_free *path = pst_network_file(state->interfaces[i].name);
		const char *text = sim_remembered(state, NETWORKD, path);
		struct pst_strv __cleanup_strv from = sim_values_of(text, "From");
		struct pst_strv __cleanup_strv table = sim_values_of(text, "Table");

		for (size_t j = 0; j < from.n; j++)
			pst_strv_addf(&state->rules, "%s %s", from.v[j], table.v[0]);
	}
}

static bool is_device_file(const char *path)
{
	return pst_startswith(path, NETWORKD_DIR) && strstr(path, ".netdev");
}

/* networkctl reload: it makes a device for a file that is not new only when it starts. */
static void load_network(struct pst_state *state, bool starts)
{
	struct pst_strv __cleanup_strv changed = { 0 };

	for (size_t i = 0; i < state->n_files; i++)
		if (is_device_file(state->files[i].path) &&
		    (starts || !sim_remembered(state, NETWORKD, state->files[i].path)) &&
		    make_device(state, state->files[i].text))
			pst_strv_add(&changed, state->interfaces[state->n_interfaces - 1].name);
	for (size_t i = 0; i < state->n_interfaces; i++) {
		char __cleanup_free *path = pst_network_file(state->interfaces[i].name);

		if (starts ||
		    !pst_streq(pst_state_file(state, path), sim_remembered(state, NETWORKD, path)))
			pst_strv_add(&changed, state->interfaces[i].name);
	}
	sim_read(state, NETWORKD, NETWORKD_DIR);
	for (size_t i = 0; i < changed.n; i++)
		configure(state, changed.v[i]);
	/* What is on them, and who is in them. */
	for (size_t i = 0; i < state->n_interfaces; i++) {
		char __cleanup_free *path = pst_network_file(state->interfaces[i].name);
		const char *text = sim_remembered(state, NETWORKD, path);

		if (text)
			join(state, state->interfaces[i].name, text);
	}
	set_rules(state);
}

void sim_start_network(struct pst_state *state)
{
	load_network(state, true);
}

static void free_interface(struct pst_interface_state *interface)
{
	free(interface->name);
	free(interface->kind);
	free(interface->parent);
	free(interface->master);
	pst_strv_free(&interface->addresses);
	pst_values_free(&interface->link);
	pst_values_free(&interface->sysctl);
}

static void remove_rdma_on(struct pst_state *state, const char *interface)
{
	for (size_t i = state->n_rdma; i-- > 0;) {
		struct pst_rdma_state *rdma = &state->rdma[i];

		if (!pst_streq(rdma->interface, interface))
			continue;
		free(rdma->device);
		free(rdma->state);
		free(rdma->interface);
		*rdma = state->rdma[--state->n_rdma];
	}
}

/* With an interface go those that are on it, and the soft RDMA devices. */
static void delete_interface(struct pst_state *state, const char *name)
{
	char __cleanup_free *gone = strdup(name);

	remove_rdma_on(state, gone);
	for (size_t i = state->n_interfaces; i-- > 0;) {
		struct pst_interface_state *interface = &state->interfaces[i];

		if (pst_streq(interface->master, gone)) {
			free(interface->master);
			interface->master = NULL;
		}
		if (!pst_streq(interface->name, gone))
			continue;
		free_interface(interface);
		state->n_interfaces--;
		for (size_t j = i; j < state->n_interfaces; j++)
			state->interfaces[j] = state->interfaces[j + 1];
	}
	for (size_t i = 0; i < state->n_interfaces; i++) {
		if (!pst_streq(state->interfaces[i].parent, gone))
			continue;
		delete_interface(state, state->interfaces[i].name);
		i = (size_t)-1;
	}
	set_rules(state);
}

/* The roce state of a device or of its interface; made when there is none. */
static struct pst_roce_state *roce_of(const struct pst_conf *conf, struct pst_state *state,
				      const char *name)
{
	struct pst_roce_state *roce;

	for (size_t i = 0; i < conf->rdma_count; i++) {
		const struct pst_conf_rdma *rdma = &conf->rdma[i];

		if (!pst_streq(rdma->device, name) && !pst_streq(rdma->interface, name))
			continue;
		roce = (struct pst_roce_state *)pst_state_roce(state, rdma->device);
		if (roce)
			return roce;
		roce = pst_array_grow((void **)&state->roce, &state->n_roce, sizeof(*roce));
		assert_non_null(roce);
		roce->device = strdup(rdma->device);
		roce->interface = strdup(rdma->interface);
		return roce;
	}
	fail_msg("no RoCE is declared for %s", name);
	return NULL;
}

/* A DSCP that leads to one priority leads to no other any more. */
static void replace_pair(struct pst_roce_state *roce, const char *name, const char *pair)
{
	const char *old = pst_value(&roce->values, name);
	struct pst_strv __cleanup_strv pairs = { 0 };
	char __cleanup_free *words = strdup(old ?: "");
	char __cleanup_free *all = NULL;

	for (char *word = strtok(words, " "); word; word = strtok(NULL, " "))
		if (strncmp(word, pair, strcspn(pair, ":") + 1) != 0)
			pst_strv_add(&pairs, word);
	pst_strv_add(&pairs, pair);
	all = pst_strv_join(&pairs, " ");
	sim_set(&roce->values, name, all);
}

static void set_word(struct pst_roce_state *roce, const char *name, const char *word)
{
	const char *old = pst_value(&roce->values, name);
	char __cleanup_free *words = strdup(old ?: "0 0 0 0 0 0 0 0");
	struct pst_strv __cleanup_strv list = { 0 };
	char __cleanup_free *all = NULL;
	size_t n = strtoul(word, NULL, 10);

	for (char *w = strtok(words, " "); w; w = strtok(NULL, " "))
		pst_strv_add(&list, list.n == n ? strchr(word, ':') + 1 : w);
	all = pst_strv_join(&list, " ");
	sim_set(&roce->values, name, all);
}

/* dcb OBJECT set|replace dev INTERFACE NAME 0:A 1:B ... NAME ...: what it will report. */
static void run_dcb(const struct pst_conf *conf, struct pst_state *state, char **argv)
{
	struct pst_roce_state *roce = roce_of(conf, state, argv[4]);
	char name[32] = "";

	for (char **arg = argv + 5; *arg; arg++) {
		if (!strchr(*arg, ':')) {
			snprintf(name, sizeof(name), "%s", *arg);
			name[strcspn(name, "-")] = '_';
		} else if (pst_streq(argv[1], "app")) {
			replace_pair(roce, name, *arg);
		} else {
			set_word(roce, name, *arg);
		}
	}
}

/* configfs and sysfs: /.../rdma_cm/DEVICE/ports/1/NAME and /sys/class/net/INTERFACE/ecn/NAME/enable/3. */
bool sim_set_roce(const struct pst_conf *conf, struct pst_state *state, const struct pst_step *step)
{
	char of[64], name[64];

	if (sscanf(step->path, PST_ROCE_CONFIGFS "%63[^/]/ports/1/%63[^/]", of, name) != 2 &&
	    sscanf(step->path, "/sys/class/net/%63[^/]/ecn/%63[^/]", of, name) != 2)
		return false;
	sim_set(&roce_of(conf, state, of)->values, name, step->text);
	return true;
}

/* mkdir in configfs: the kernel makes what is in it. */
static void make_roce(const struct pst_conf *conf, struct pst_state *state, const char *path)
{
	assert_true(pst_startswith(path, PST_ROCE_CONFIGFS));
	sim_set(&roce_of(conf, state, path + strlen(PST_ROCE_CONFIGFS))->values,
		pst_roce_file_names[PST_ROCE_MODE], "IB/RoCE v1");
	sim_set(&roce_of(conf, state, path + strlen(PST_ROCE_CONFIGFS))->values,
		pst_roce_file_names[PST_ROCE_TOS], "0");
}

static void load_sysctl(struct pst_state *state, const char *path)
{
	const char *text = pst_state_file(state, path);

	for (size_t i = 0; i < state->n_interfaces; i++) {
		struct pst_interface_state *interface = &state->interfaces[i];
		char __cleanup_free *key = pst_printf("/conf/%s/arp_ignore = 1\n", interface->name);

		if (!strstr(text, key))
			continue;
		sim_set(&interface->sysctl, "arp_ignore", "1");
		sim_set(&interface->sysctl, "arp_announce", "2");
	}
	sim_read(state, "sysctl", path);
}

static void add_link(struct pst_state *state, const char *device, const char *interface)
{
	if (!pst_state_interface(state, interface))
		fail_msg("the RDMA device %s is to be on %s, which is not there", device,
			 interface);
	if (pst_state_rdma(state, device))
		fail_msg("the RDMA device %s is there already", device);
	add_rdma(state, device, "ACTIVE", interface);
}

bool sim_network(const struct pst_conf *conf, struct pst_state *state, const char *command,
		 char **argv)
{
	if (pst_streq(command, "networkctl reload"))
		load_network(state, false);
	else if (pst_startswith(command, "networkctl reconfigure "))
		configure(state, argv[2]);
	else if (pst_startswith(command, "networkctl delete "))
		delete_interface(state, argv[2]);
	else if (pst_streq(command, "systemctl restart systemd-networkd.service"))
		load_network(state, true);
	else if (pst_startswith(command, "dcb "))
		run_dcb(conf, state, argv);
	else if (pst_startswith(command, "sysctl --load "))
		load_sysctl(state, argv[2]);
	else if (pst_startswith(command, "mkdir --parents "))
		make_roce(conf, state, argv[2]);
	else if (pst_startswith(command, "rdma link add "))
		add_link(state, argv[3], argv[7]);
	else
		return false;
	return true;
}
