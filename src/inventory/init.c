// SPDX-License-Identifier: MIT
/*
 * A first penstock.yaml. What was seen is written so that apply could do it; what a person must know or
 * decide is a comment, so that apply cannot do anything by mistake.
 */
#include "inventory/init.h"

#include <errno.h>
#include <sys/socket.h>

#include "conf/word.h"
#include "inventory/sysfs.h"

#define MTU_MIN	     576
#define MTU_MIN_IPV6 1280
#define MTU_MAX	     65520

enum pst_role pst_init_role(const struct pst_seen *machine)
{
	for (size_t i = 0; i < machine->fabric.n_gpus; i++)
		if (machine->fabric.gpus[i].computes)
			return PST_ROLE_GPU;
	return PST_ROLE_STORAGE;
}

struct pst_key pst_init_scalar(const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_./-";
	static const char *const taken[] = { "true", "false", "null", "yes", "no",
					     "on",   "off",   "y",    "n" };
	bool quote = word[strspn(word, plain)] || !*word || strspn(word, "0123456789._-") > 0;

	for (size_t i = 0; i < ARRAY_SIZE(taken); i++)
		quote = quote || !strcasecmp(word, taken[i]);
	return quote ? pst_key("\"%s\"", word) : pst_key("%s", word);
}

const struct pst_interface_state *pst_init_interface(const struct pst_seen *machine,
						     const char *name)
{
	return name ? pst_state_interface(&machine->state, name) : NULL;
}

const char *pst_init_rdma_interface(const struct pst_rdma_device *device)
{
	if (pst_word_rdma_device(device->name))
		return NULL;
	for (size_t i = 0; i < device->n_ports; i++)
		if (device->ports[i].netdev && !pst_word_interface(device->ports[i].netdev))
			return device->ports[i].netdev;
	return NULL;
}

/* The device that stands for an interface; a further one on it could not be declared. */
static const struct pst_rdma_device *rdma_on(const struct pst_seen *machine, const char *name)
{
	for (size_t i = 0; i < machine->fabric.n; i++)
		if (pst_streq(pst_init_rdma_interface(&machine->fabric.v[i]), name))
			return &machine->fabric.v[i];
	return NULL;
}

static void write_head(struct pst_buf *text, const struct pst_seen *machine)
{
	pst_buf_add(text, "# A first configuration of this node, written by penstock init from "
			  "what it saw here.\n"
			  "# Nothing was changed. Read it, put right what does not fit, and see "
			  "what it would do:\n"
			  "#     penstock --config FILE plan\n"
			  "# penstock.yaml(5) has every key, with its type, unit and default.\n");
	for (size_t i = 0; i < machine->notes.n; i++)
		pst_buf_printf(text, "%s#   %s\n", i ? "" : "#\n# What could not be seen:\n",
			       machine->notes.v[i]);
}

static void write_node(struct pst_buf *text, const struct pst_seen *machine, enum pst_role role)
{
	const char *name = machine->state.host_name;
	bool usable = name && !pst_word_label(name) && !pst_streq(name, "localhost");
	size_t gpus = 0;

	for (size_t i = 0; i < machine->fabric.n_gpus; i++)
		gpus += machine->fabric.gpus[i].computes;
	pst_buf_add(text, "\nnode:\n");
	if (!usable)
		pst_buf_add(text, "  # To be chosen: this machine has no name of its own yet.\n");
	pst_buf_printf(text, "  name: %s\n",
		       usable ? pst_init_scalar(name).text : pst_role_name(role));
	pst_buf_printf(text,
		       "  # storage: has the disks and serves them. gpu: mounts them. GPUs seen "
		       "here: %zu.\n"
		       "  role: %s\n",
		       gpus, pst_role_name(role));
	pst_buf_add(text, "\n# Who may log in as root; without this section it stays as it is.\n"
			  "# ssh:\n"
			  "#   authorized_keys:\n"
			  "#     - ssh-ed25519 AAAA... admin@desk\n");
}

/* The addresses of an interface that the file can have; the machine's others are none of ours. */
static void usable_addresses(const struct pst_interface_state *interface, struct pst_strv *ret,
			     bool *ret_ipv6)
{
	struct pst_network address;

	*ret_ipv6 = false;
	for (size_t i = 0; i < interface->addresses.n; i++) {
		if (pst_word_interface_address(interface->addresses.v[i], &address) ||
		    pst_strv_contains(ret, interface->addresses.v[i]))
			continue;
		pst_strv_add(ret, interface->addresses.v[i]);
		*ret_ipv6 = *ret_ipv6 || address.family == AF_INET6;
	}
}

static bool reaches(const struct pst_strv *addresses, const char *gateway)
{
	struct pst_network network, address;

	for (size_t i = 0; gateway && i < addresses->n; i++)
		if (!pst_word_address(gateway, &address) &&
		    !pst_word_interface_address(addresses->v[i], &network) &&
		    pst_network_contains(&network, &address))
			return true;
	return false;
}

/* One interface, each line behind @mark, which is "# " for those that are left to the system. */
static void write_interface(struct pst_buf *text, const struct pst_seen *machine,
			    const struct pst_interface_state *interface, const char *mark)
{
	struct pst_strv __cleanup_strv addresses = { 0 };
	bool ipv6;

	usable_addresses(interface, &addresses, &ipv6);
	pst_buf_printf(text, "%s  - interface: %s\n%s    addresses:\n", mark,
		       pst_init_scalar(interface->name).text, mark);
	for (size_t i = 0; i < addresses.n; i++)
		pst_buf_printf(text, "%s      - \"%s\"\n", mark, addresses.v[i]);
	if (!addresses.n)
		pst_buf_printf(text, "%s      - 10.77.0.1/24\n", mark);
	if (pst_streq(machine->route_interface, interface->name) &&
	    reaches(&addresses, machine->gateway))
		pst_buf_printf(text, "%s    gateway: \"%s\"\n", mark, machine->gateway);
	if (interface->mtu >= (ipv6 ? MTU_MIN_IPV6 : MTU_MIN) && interface->mtu <= MTU_MAX)
		pst_buf_printf(text, "%s    mtu: %u\n", mark, interface->mtu);
}

static bool has_address(const struct pst_interface_state *interface)
{
	struct pst_strv __cleanup_strv addresses = { 0 };
	bool ipv6;

	usable_addresses(interface, &addresses, &ipv6);
	return addresses.n > 0;
}

/* An address may stand in the file once, whatever the machine has. */
static bool is_declared(const struct pst_seen *machine, size_t n)
{
	const struct pst_interface_state *interface = &machine->state.interfaces[n];

	if (pst_word_interface(interface->name) || !rdma_on(machine, interface->name) ||
	    !has_address(interface))
		return false;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; is_declared(machine, i) && j < interface->addresses.n; j++)
			if (pst_strv_contains(&machine->state.interfaces[i].addresses,
					      interface->addresses.v[j]))
				return false;
	return true;
}

static void write_network(struct pst_buf *text, const struct pst_seen *machine)
{
	bool begun = false;

	pst_buf_add(text,
		    "\n# The fabric's interfaces, with the addresses that they have now. All "
		    "others are left to the\n# system. Both ends and all switches between must "
		    "agree on the MTU; 9000 is usual for RoCE.\n");
	for (size_t i = 0; i < machine->state.n_interfaces; i++) {
		const struct pst_interface_state *interface = &machine->state.interfaces[i];

		if (!is_declared(machine, i))
			continue;
		pst_buf_printf(text, "%s  # %s is on it.\n", begun ? "" : "network:\n",
			       rdma_on(machine, interface->name)->name);
		write_interface(text, machine, interface, "");
		begun = true;
	}
	if (!begun)
		pst_buf_add(text, "# network:\n");
	for (size_t i = 0; i < machine->state.n_interfaces; i++) {
		const struct pst_interface_state *interface = &machine->state.interfaces[i];

		if (is_declared(machine, i) || pst_word_interface(interface->name))
			continue;
		if (pst_streq(machine->route_interface, interface->name))
			pst_buf_add(text, "#   The way to other networks goes over this one:\n");
		else if (!has_address(interface))
			pst_buf_add(text,
				    "#   This one has no address; 10.77.0.1/24 is an example:\n");
		write_interface(text, machine, interface, "# ");
	}
}

static const char *driver_of(const struct pst_rdma_device *device)
{
	if (!device->soft)
		return "hardware";
	return pst_streq(device->node_type, "RNIC") ? "soft-iwarp" : "soft-roce";
}

static void write_device(struct pst_buf *text, const struct pst_seen *machine,
			 const struct pst_rdma_device *device, bool *begun)
{
	const char *interface = pst_init_rdma_interface(device);
	const char *mark = "";

	if (!interface || rdma_on(machine, interface) != device) {
		pst_buf_printf(
			text, "#   %s %s\n", device->name,
			interface ? "is on an interface that has another device already:"
				  : "is on no interface; for InfiniBand, that is one of IPoIB:");
		mark = "# ";
	} else if (!*begun) {
		pst_buf_add(text, "rdma:\n");
		*begun = true;
	}
	pst_buf_printf(text, "%s  - device: %s\n", mark, pst_init_scalar(device->name).text);
	pst_buf_printf(text, "%s    driver: %s\n", mark, driver_of(device));
	pst_buf_printf(text, "%s    interface: %s\n", mark,
		       interface ? pst_init_scalar(interface).text : "ib0");
}

/* Where a soft device would best be: with an address, and not on the way to everything else. */
static const char *soft_interface(const struct pst_seen *machine)
{
	const char *best = "eth0";
	unsigned int best_points = 0;

	for (size_t i = 0; i < machine->state.n_interfaces; i++) {
		const struct pst_interface_state *interface = &machine->state.interfaces[i];
		bool route = pst_streq(interface->name, machine->route_interface);
		unsigned int points = 1 + (has_address(interface) ? 2 : 0) + (route ? 0 : 1);

		if (points <= best_points || pst_word_interface(interface->name))
			continue;
		best = interface->name;
		best_points = points;
	}
	return best;
}

static void write_rdma(struct pst_buf *text, const struct pst_seen *machine)
{
	bool begun = false;

	if (!machine->fabric.n) {
		pst_buf_printf(
			text,
			"\n# There is no RDMA device. For tests, and nodes without such a card, "
			"one "
			"can be made on an\n# interface; it costs processor time.\n"
			"# rdma:\n#   - device: rxe0\n#     driver: soft-roce\n#     interface: "
			"%s\n",
			pst_init_scalar(soft_interface(machine)).text);
		return;
	}
	pst_buf_add(text, "\n");
	for (size_t i = 0; i < machine->fabric.n; i++)
		write_device(text, machine, &machine->fabric.v[i], &begun);
}

static void write_mounts(struct pst_buf *text)
{
	pst_buf_add(text, "\n# What this node mounts. To be filled in: the storage node's address "
			  "on the fabric, "
			  "and the path\n# that it exports. penstock check FILE then says which "
			  "path the bytes of "
			  "a file take.\n"
			  "# mounts:\n"
			  "#   - source: 10.77.0.1:/tank/data\n"
			  "#     target: /mnt/data\n"
			  "#     version: \"4.2\"\n"
			  "#     transport: rdma\n");
}

/* What was written is held against what would read it. */
static int check(const char *text, struct pst_reason *reason)
{
	struct pst_problems __cleanup_problems problems = { 0 };
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	int error = pst_conf_parse("penstock init", text, strlen(text), &doc, &problems, reason);

	if (error == -EINVAL)
		return pst_fail(reason, -EBADMSG,
				"what init wrote is refused, which is a mistake in penstock: line "
				"%zu: %s: %s",
				problems.n ? problems.v[0].line : 0,
				problems.n ? problems.v[0].key : "",
				problems.n ? problems.v[0].text : "");
	return error;
}

int pst_init_text(const struct pst_seen *machine, enum pst_role role, char **ret,
		  struct pst_reason *reason)
{
	struct pst_buf __cleanup_buf buf = { 0 };
	char __cleanup_free *text = NULL;
	int error;

	write_head(&buf, machine);
	write_node(&buf, machine, role);
	write_network(&buf, machine);
	write_rdma(&buf, machine);
	if (role == PST_ROLE_STORAGE)
		pst_init_storage(&buf, machine);
	else
		write_mounts(&buf);
	text = pst_buf_take(&buf);
	if (!text)
		return -ENOMEM;
	error = check(text, reason);
	if (error)
		return error;
	*ret = TAKE_PTR(text);
	return 0;
}
