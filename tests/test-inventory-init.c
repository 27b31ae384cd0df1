// SPDX-License-Identifier: MIT
/* src/inventory/init*.c: what init writes for simulated machines is what the loader takes. */
#include <errno.h>
#include <stdio.h>

#include "common.h"
#include "inventory/init.h"
#include "tree.h"

#define TERA 1000000000000ULL

static struct pst_disk *add(struct pst_seen *machine, const char *id, const char *model,
			    uint64_t size_bytes)
{
	struct pst_disk *disk =
		pst_array_grow((void **)&machine->disks.v, &machine->disks.n, sizeof(*disk));

	assert_non_null(disk);
	disk->name = pst_printf("nvme%zun1", machine->disks.n - 1);
	disk->model = model ? strdup(model) : NULL;
	disk->size_bytes = size_bytes;
	disk->numa_node = (int64_t)(machine->disks.n % 2);
	disk->use = PST_USE_FREE;
	if (id)
		pst_strv_addf(&disk->ids, "/dev/disk/by-id/%s", id);
	return disk;
}

static void add_many(struct pst_seen *machine, unsigned int count, const char *model,
		     uint64_t size_bytes)
{
	for (unsigned int i = 0; i < count; i++)
		add(machine, pst_key("nvme-%s_%u", model, i).text, model, size_bytes);
}

static void add_card(struct pst_seen *machine, const char *name, const char *netdev, bool soft)
{
	struct pst_fabric *fabric = &machine->fabric;
	struct pst_rdma_device *device =
		pst_array_grow((void **)&fabric->v, &fabric->n, sizeof(*device));
	struct pst_rdma_port *port;

	assert_non_null(device);
	device->name = strdup(name);
	device->soft = soft;
	device->node_type = strdup(pst_startswith(name, "siw") ? "RNIC" : "CA");
	port = pst_array_grow((void **)&device->ports, &device->n_ports, sizeof(*port));
	assert_non_null(port);
	port->number = 1;
	port->netdev = netdev ? strdup(netdev) : NULL;
}

static void add_gpu(struct pst_seen *machine, bool computes)
{
	struct pst_fabric *fabric = &machine->fabric;
	struct pst_gpu *gpu = pst_array_grow((void **)&fabric->gpus, &fabric->n_gpus, sizeof(*gpu));

	assert_non_null(gpu);
	gpu->computes = computes;
}

/* The text, and the configuration that the loader makes of it. */
static char *written(const struct pst_seen *machine, enum pst_role role, struct pst_conf_doc *doc)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	char *text = NULL;
	int error = pst_init_text(machine, role, &text, &reason);

	if (error)
		fail_msg("%s", pst_reason_text(&reason, error));
	conf_from(doc, text);
	return text;
}

static void storage_node(struct pst_seen *machine)
{
	machine->state.host_name = strdup("reservoir");
	add_interface(&machine->state, "ens3", 1500, "10.0.2.15/24");
	add_interface(&machine->state, "ens16", 9000, "10.77.0.1/24");
	machine->route_interface = strdup("ens3");
	machine->gateway = strdup("10.0.2.2");
	add_card(machine, "mlx5_0", "ens16", false);
}

static void whole_storage_node(void **state)
{
	struct pst_seen __cleanup_seen machine = { 0 };
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	char __cleanup_free *text = NULL;
	struct pst_disk *boot;

	(void)state;
	storage_node(&machine);
	add_many(&machine, 3, "ACME_Fast", 4 * TERA);
	boot = add(&machine, "nvme-BOOT", "ACME Small", TERA / 2);
	boot->use = PST_USE_DATA;
	pst_strv_add(&boot->found, "a partition table (gpt)");
	pst_strv_add(&boot->found, "nvme3n1p2, mounted on /");
	add(&machine, "nvme-LONE", "ACME Lone", TERA);
	pst_strv_add(&machine.notes, "pools: no");
	text = written(&machine, pst_init_role(&machine), &doc);
	assert_string_equal(
		text,
		"# A first configuration of this node, written by penstock init from what it saw "
		"here.\n"
		"# Nothing was changed. Read it, put right what does not fit, and see what it "
		"would do:\n"
		"#     penstock --config FILE plan\n"
		"# penstock.yaml(5) has every key, with its type, unit and default.\n"
		"#\n"
		"# What could not be seen:\n"
		"#   pools: no\n"
		"\n"
		"node:\n"
		"  name: reservoir\n"
		"  # storage: has the disks and serves them. gpu: mounts them. GPUs seen here: 0.\n"
		"  role: storage\n"
		"\n"
		"# Who may log in as root; without this section it stays as it is.\n"
		"# ssh:\n"
		"#   authorized_keys:\n"
		"#     - ssh-ed25519 AAAA... admin@desk\n"
		"\n"
		"# The fabric's interfaces, with the addresses that they have now. All others are "
		"left to t"
		"he\n"
		"# system. Both ends and all switches between must agree on the MTU; 9000 is usual "
		"for RoCE"
		".\n"
		"network:\n"
		"  # mlx5_0 is on it.\n"
		"  - interface: ens16\n"
		"    addresses:\n"
		"      - \"10.77.0.1/24\"\n"
		"    mtu: 9000\n"
		"#   The way to other networks goes over this one:\n"
		"#   - interface: ens3\n"
		"#     addresses:\n"
		"#       - \"10.0.2.15/24\"\n"
		"#     gateway: \"10.0.2.2\"\n"
		"#     mtu: 1500\n"
		"\n"
		"rdma:\n"
		"  - device: mlx5_0\n"
		"    driver: hardware\n"
		"    interface: ens16\n"
		"\n"
		"# A pool is created on empty disks only, and its layout stays what it is: look "
		"twice.\n"
		"pools:\n"
		"  # 3 free disks, ACME_Fast of 4.00T: raidz1,\n"
		"  # for one may fail, and the space of all others is usable.\n"
		"  - name: tank\n"
		"    layout: raidz1\n"
		"    disks:\n"
		"      - /dev/disk/by-id/nvme-ACME_Fast_0 # nvme0n1, NUMA node 1\n"
		"      - /dev/disk/by-id/nvme-ACME_Fast_1 # nvme1n1, NUMA node 0\n"
		"      - /dev/disk/by-id/nvme-ACME_Fast_2 # nvme2n1, NUMA node 1\n"
		"    properties:\n"
		"      autotrim: \"on\"\n"
		"# Disks that are in none of them:\n"
		"#   /dev/disk/by-id/nvme-BOOT (nvme3n1, ACME Small, 500G): not free: found a "
		"partition tab"
		"le (gpt); nvme3n1p2, mounted on /\n"
		"#   /dev/disk/by-id/nvme-LONE (nvme4n1, ACME Lone, 1.00T): free, but the only one "
		"of its k"
		"ind: layout stripe would take it, and lose everything with it\n"
		"\n"
		"# Each is mounted on /POOL/NAME. The owner of its root directory is a number, "
		"since NFS ca"
		"rries\n"
		"# numbers: that of who shall write there, on the clients.\n"
		"datasets:\n"
		"  - name: tank/data\n"
		"    # owner: 1000\n"
		"    # group: 1000\n"
		"\n"
		"# To the fabric's network only. With squash: root, the root of a client is nobody "
		"here.\n"
		"exports:\n"
		"  - path: /tank/data\n"
		"    clients:\n"
		"      - host: \"10.77.0.0/24\"\n"
		"        access: rw\n"
		"        squash: root\n");
}

static void whole_gpu_node(void **state)
{
	struct pst_seen __cleanup_seen machine = { 0 };
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	char __cleanup_free *text = NULL;

	(void)state;
	machine.state.host_name = strdup("localhost");
	add_interface(&machine.state, "ens3", 1500, "10.0.2.15/24");
	add_interface(&machine.state, "ens16", 9000, "10.77.0.2/24");
	machine.route_interface = strdup("ens3");
	add_gpu(&machine, true);
	add_many(&machine, 4, "ACME_Fast", 4 * TERA);
	text = written(&machine, pst_init_role(&machine), &doc);
	assert_string_equal(
		text,
		"# A first configuration of this node, written by penstock init from what it saw "
		"here.\n"
		"# Nothing was changed. Read it, put right what does not fit, and see what it "
		"would do:\n"
		"#     penstock --config FILE plan\n"
		"# penstock.yaml(5) has every key, with its type, unit and default.\n"
		"\n"
		"node:\n"
		"  # To be chosen: this machine has no name of its own yet.\n"
		"  name: gpu\n"
		"  # storage: has the disks and serves them. gpu: mounts them. GPUs seen here: 1.\n"
		"  role: gpu\n"
		"\n"
		"# Who may log in as root; without this section it stays as it is.\n"
		"# ssh:\n"
		"#   authorized_keys:\n"
		"#     - ssh-ed25519 AAAA... admin@desk\n"
		"\n"
		"# The fabric's interfaces, with the addresses that they have now. All others are "
		"left to t"
		"he\n"
		"# system. Both ends and all switches between must agree on the MTU; 9000 is usual "
		"for RoCE"
		".\n"
		"# network:\n"
		"#   The way to other networks goes over this one:\n"
		"#   - interface: ens3\n"
		"#     addresses:\n"
		"#       - \"10.0.2.15/24\"\n"
		"#     mtu: 1500\n"
		"#   - interface: ens16\n"
		"#     addresses:\n"
		"#       - \"10.77.0.2/24\"\n"
		"#     mtu: 9000\n"
		"\n"
		"# There is no RDMA device. For tests, and nodes without such a card, one can be "
		"made on an"
		"\n"
		"# interface; it costs processor time.\n"
		"# rdma:\n"
		"#   - device: rxe0\n"
		"#     driver: soft-roce\n"
		"#     interface: ens16\n"
		"\n"
		"# What this node mounts. To be filled in: the storage node's address on the "
		"fabric, and th"
		"e path\n"
		"# that it exports. penstock check FILE then says which path the bytes of a file "
		"take.\n"
		"# mounts:\n"
		"#   - source: 10.77.0.1:/tank/data\n"
		"#     target: /mnt/data\n"
		"#     version: \"4.2\"\n"
		"#     transport: rdma\n");
	assert_int_equal(doc.conf->node.role, PST_ROLE_GPU);
	assert_int_equal(doc.conf->pools_count, 0);
}

struct layout_row {
	const char *name;
	unsigned int disks;
	const char *says; /* of the layout, in the text */
	int layout; /* -1: no pool */
};

static const struct layout_row layout_rows[] = {
	{ "no disk", 0, "no two free disks of one kind", -1 },
	{ "one disk", 1, "the only one of its kind", -1 },
	{ "two disks", 2, "2 free disks, ACME of 3.84T: mirror,", PST_MIRROR },
	{ "three disks", 3, "3 free disks, ACME of 3.84T: raidz1,", PST_RAIDZ1 },
	{ "five disks", 5, "5 free disks, ACME of 3.84T: raidz1,", PST_RAIDZ1 },
	{ "six disks", 6, "6 free disks, ACME of 3.84T: raidz2,", PST_RAIDZ2 },
	{ "twelve disks", 12, "12 free disks, ACME of 3.84T: raidz2,", PST_RAIDZ2 },
	{ "thirteen disks", 13, "13 free disks, ACME of 3.84T: draid2,", PST_DRAID2 },
	{ "sixty disks", 60, "60 free disks, ACME of 3.84T: draid2,", PST_DRAID2 },
};

static void layout_by_number(void **state)
{
	const struct layout_row *row = *state;
	struct pst_seen __cleanup_seen machine = { 0 };
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	char __cleanup_free *text = NULL;
	struct pst_key key;
	enum pst_class class;
	const struct pst_conf_vdev *vdev;

	storage_node(&machine);
	add_many(&machine, row->disks, "ACME", 3840755982336);
	text = written(&machine, PST_ROLE_STORAGE, &doc);
	assert_non_null(strstr(text, row->says));
	assert_int_equal(doc.conf->pools_count, row->layout >= 0);
	assert_int_equal(doc.conf->exports_count, row->layout >= 0);
	if (row->layout < 0)
		return;
	vdev = pst_conf_vdev(doc.conf, 0, 0, &class, &key);
	assert_int_equal(vdev->layout, row->layout);
	assert_int_equal(vdev->disks_count, row->disks);
	assert_string_equal(vdev->disks[1], "/dev/disk/by-id/nvme-ACME_1");
	assert_string_equal(doc.conf->exports[0].clients[0].host, "10.77.0.0/24");
	assert_int_equal(doc.conf->exports[0].clients[0].squash, PST_SQUASH_ROOT);
}

/* Only free disks of one kind come together, and no name is taken twice. */
static void only_free_disks(void **state)
{
	struct pst_seen __cleanup_seen machine = { 0 };
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	char __cleanup_free *text = NULL;

	(void)state;
	storage_node(&machine);
	add_many(&machine, 2, "ONE", TERA);
	add_many(&machine, 2, "TWO", 2 * TERA);
	add(&machine, "nvme-stick", "ONE", TERA)->removable = true;
	add(&machine, "nvme-hidden", "ONE", TERA)->use = PST_USE_UNKNOWN;
	add(&machine, NULL, "ONE", TERA);
	add(&machine, "nvme-larger", "ONE", 2 * TERA);
	pst_strv_add(&machine.disks.pools, "tank");
	pst_strv_add(&add(&machine, "nvme-old", "ONE", TERA)->found,
		     "a member of the ZFS pool tank2");
	machine.disks.v[machine.disks.n - 1].use = PST_USE_DATA;
	text = written(&machine, PST_ROLE_STORAGE, &doc);
	assert_int_equal(doc.conf->pools_count, 2);
	assert_string_equal(doc.conf->pools[0].name, "tank3");
	assert_string_equal(doc.conf->pools[1].name, "tank4");
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(doc.conf->pools[i].own.disks_count, 2);
	assert_int_equal(doc.conf->datasets_count, 2);
	assert_string_equal(doc.conf->exports[1].path, "/tank4/data");
	assert_non_null(strstr(text, "nvme-stick (nvme4n1, ONE, 1.00T): free, but removable\n"));
	assert_non_null(strstr(text, "nvme-hidden (nvme5n1, ONE, 1.00T): only root can see"));
	assert_non_null(
		strstr(text, "no by-id name (nvme6n1, ONE, 1.00T): free, but without a name"));
	assert_non_null(
		strstr(text, "nvme-old (nvme8n1, ONE, 1.00T): not free: found a member of"));
}

/* Interfaces and devices that the file cannot have, or only once. */
static void odd_fabric(void **state)
{
	struct pst_seen __cleanup_seen machine = { 0 };
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	char __cleanup_free *text = NULL;

	(void)state;
	machine.state.host_name = strdup("1.2.3.4");
	add_interface(&machine.state, "yes", 1500, "10.77.0.1/24");
	add_interface(&machine.state, "bond0", 70000, "10.78.0.1/31");
	add_interface(&machine.state, "eno1", 1000, "fd00::1/64");
	/* The same address once more: nothing forbids that to the kernel. */
	add_interface(&machine.state, "eno2", 9000, "10.77.0.1/24");
	add_interface(&machine.state, "a b", 9000, "10.79.0.1/24");
	add_interface(&machine.state, "eno3", 9000, NULL);
	add_interface(&machine.state, "eno4", 9000, "169.254.1.0/16");
	add_interface(&machine.state, "eno5", 9000, "0.0.0.0/0");
	machine.route_interface = strdup("yes");
	machine.gateway = strdup("10.77.0.254");
	add_card(&machine, "mlx5_0", "yes", false);
	add_card(&machine, "mlx5_1", "bond0", false);
	add_card(&machine, "mlx5_2", "bond0", false);
	add_card(&machine, "mlx5_3", NULL, false);
	add_card(&machine, "mlx5_4", "a b", false);
	add_card(&machine, "1mlx", "eno4", false);
	add_card(&machine, "rxe0", "eno1", true);
	add_card(&machine, "siw0", "eno2", true);
	add_card(&machine, "mlx5_5", "eno5", false);
	add_many(&machine, 2, "ACME", TERA);
	text = written(&machine, PST_ROLE_STORAGE, &doc);
	assert_int_equal(doc.conf->network_count, 3);
	assert_string_equal(doc.conf->network[0].interface, "yes");
	assert_string_equal(doc.conf->network[0].gateway, "10.77.0.254");
	assert_string_equal(doc.conf->network[1].interface, "bond0");
	assert_int_equal(doc.conf->network[1].mtu, 0);
	assert_string_equal(doc.conf->network[2].interface, "eno1");
	assert_int_equal(doc.conf->network[2].mtu, 0);
	assert_int_equal(doc.conf->rdma_count, 5);
	assert_int_equal(doc.conf->rdma[1].driver, PST_RDMA_HARDWARE);
	assert_int_equal(doc.conf->rdma[2].driver, PST_RDMA_SOFT_ROCE);
	assert_int_equal(doc.conf->rdma[3].driver, PST_RDMA_SOFT_IWARP);
	assert_int_equal(doc.conf->exports[0].clients_count, 3);
	assert_string_equal(doc.conf->exports[0].clients[1].host, "10.78.0.0/31");
	assert_string_equal(doc.conf->exports[0].clients[2].host, "fd00::/64");
	assert_string_equal(doc.conf->node.name, "storage");
}

/* Without a fabric nothing is exported to anybody. */
static void no_fabric(void **state)
{
	struct pst_seen __cleanup_seen machine = { 0 };
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	char __cleanup_free *text = NULL;

	(void)state;
	machine.state.host_name = strdup("reservoir");
	add_interface(&machine.state, "ens3", 1500, "10.0.2.15/24");
	add_interface(&machine.state, "ens4", 1500, "10.0.3.15/24");
	machine.route_interface = strdup("ens3");
	add_many(&machine, 2, "ACME", TERA);
	text = written(&machine, PST_ROLE_STORAGE, &doc);
	assert_int_equal(doc.conf->network_count, 0);
	assert_int_equal(doc.conf->rdma_count, 0);
	assert_int_equal(doc.conf->pools_count, 1);
	assert_int_equal(doc.conf->datasets_count, 1);
	assert_int_equal(doc.conf->exports_count, 0);
	assert_non_null(strstr(text, "#     driver: soft-roce\n#     interface: ens4\n"));
}

/* What is a comment becomes a part of the file when its mark is taken away. */
static void comments_are_good_too(void **state)
{
	struct pst_seen __cleanup_seen machine = { 0 };
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_conf_doc __cleanup_conf_doc again = { 0 };
	struct pst_buf __cleanup_buf bare = { 0 };
	char __cleanup_free *text = NULL;

	(void)state;
	machine.state.host_name = strdup("turbine");
	add_interface(&machine.state, "ens3", 1500, "10.0.2.15/24");
	add_interface(&machine.state, "ens4", 1500, "10.0.3.15/24");
	text = written(&machine, PST_ROLE_GPU, &doc);
	for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
		size_t len = strcspn(line, "\n") + 1;
		static const char *const marked[] = { "# network:", "# rdma:", "# mounts:",
						      "#   - ", "#     " };
		bool strip = false;

		for (size_t i = 0; i < ARRAY_SIZE(marked); i++)
			strip = strip || pst_startswith(line, marked[i]);
		/* The key of the example is none. */
		strip = strip && !pst_startswith(line, "#     penstock") &&
			!pst_startswith(line, "#     - ssh");
		pst_buf_add_bytes(&bare, line + (strip ? 2 : 0), len - (strip ? 2 : 0));
	}
	conf_from(&again, bare.data);
	assert_int_equal(again.conf->network_count, 2);
	assert_int_equal(again.conf->rdma_count, 1);
	assert_int_equal(again.conf->mounts_count, 1);
}

static void role_by_gpu(void **state)
{
	struct pst_seen __cleanup_seen machine = { 0 };

	(void)state;
	assert_int_equal(pst_init_role(&machine), PST_ROLE_STORAGE);
	add_gpu(&machine, false);
	assert_int_equal(pst_init_role(&machine), PST_ROLE_STORAGE);
	add_gpu(&machine, true);
	assert_int_equal(pst_init_role(&machine), PST_ROLE_GPU);
}

#define ROUTE_HEAD \
	"Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"

struct route_row {
	const char *name;
	const char *text;
	const char *interface;
	const char *gateway;
};

static const struct route_row route_rows[] = {
	{ "no route", ROUTE_HEAD, NULL, NULL },
	{ "a network's route",
	  ROUTE_HEAD "ens3\t0002000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n", NULL, NULL },
	{ "half of everything",
	  ROUTE_HEAD "ens3\t00000000\t0202000A\t0003\t0\t0\t0\t00000080\t0\t0\t0\n", NULL, NULL },
	{ "a default route",
	  ROUTE_HEAD "ens4\t0003000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
		     "ens3\t00000000\t0202000A\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
		     "ens5\t00000000\t0902000A\t0003\t0\t0\t200\t00000000\t0\t0\t0\n",
	  "ens3", "10.0.2.2" },
	{ "a default route without a gateway",
	  ROUTE_HEAD "ppp0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n", "ppp0", NULL },
	{ "a line cut short",
	  ROUTE_HEAD "ens3\t00000000\t0202000A\t0003\t0\t0\nens4\t0\t00000000\t0\n", NULL, NULL },
	{ "another shape", "ens3 default\n\n\nens3", NULL, NULL },
};

static void route_is_read(void **state)
{
	const struct route_row *row = *state;
	struct pst_seen __cleanup_seen machine = { 0 };

	assert_int_equal(pst_route_parse(row->text, &machine), 0);
	assert_true(pst_streq(machine.route_interface, row->interface));
	assert_true(pst_streq(machine.gateway, row->gateway));
}

static int no_mtu(const char *device, unsigned int port, unsigned int *ret_bytes)
{
	(void)device;
	(void)port;
	(void)ret_bytes;
	return -EACCES;
}

/* From files and answers to the text. */
static void machine_is_observed(void **state)
{
	static const struct answer answers[] = {
		{ "ip -details -json address show",
		  "[{\"ifname\":\"ens3\",\"operstate\":\"UP\",\"mtu\":1500,\"addr_info\":[{"
		  "\"local\":"
		  "\"10.0.2.15\",\"prefixlen\":24,\"scope\":\"global\"}]}]" },
		{ NULL, NULL },
	};
	static const struct answer nothing[] = { { "ip ", NULL }, { NULL, NULL } };
	struct tree __cleanup_tree tree;
	struct pst_seen __cleanup_seen machine = { 0 };
	struct pst_seen __cleanup_seen bare = { 0 };

	(void)state;
	tree_make(&tree, answers);
	assert_int_equal(pst_seen_observe(&tree.host, true, no_mtu, &machine, NULL), -ENOENT);
	tree_file(&tree, "/proc/sys/kernel/hostname", "reservoir\n");
	tree_file(&tree, "/proc/net/route",
		  ROUTE_HEAD "ens3\t00000000\t0202000A\t0003\t0\t0\t100\t00000000\t0\t0\t0\n");
	assert_int_equal(pst_seen_observe(&tree.host, true, no_mtu, &machine, NULL), 0);
	assert_string_equal(machine.state.host_name, "reservoir");
	assert_string_equal(machine.gateway, "10.0.2.2");
	assert_int_equal(machine.state.n_interfaces, 1);
	assert_int_equal(machine.notes.n, 0);
	tree.answers = nothing;
	assert_int_equal(pst_seen_observe(&tree.host, false, no_mtu, &bare, NULL), 0);
	assert_int_equal(bare.notes.n, 2);
	assert_string_equal(bare.notes.v[0], "interfaces: ip: there is no such program");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_storage_node), cmocka_unit_test(whole_gpu_node),
		cmocka_unit_test(only_free_disks),    cmocka_unit_test(odd_fabric),
		cmocka_unit_test(no_fabric),	      cmocka_unit_test(comments_are_good_too),
		cmocka_unit_test(role_by_gpu),	      cmocka_unit_test(machine_is_observed),
	};

	ADD_TESTS(tests);
	ADD_ROWS(layout_rows, layout_by_number);
	ADD_ROWS(route_rows, route_is_read);
	return run_gathered(NULL, NULL);
}
