// SPDX-License-Identifier: MIT
/* src/inventory/fabric.c and gpu.c, and what penstock fabric prints of them. */
#include <errno.h>
#include <stdio.h>

#include "cli/inventory.h"
#include "common.h"
#include "inventory/fabric.h"
#include "tree.h"

#define PCI0   "/sys/devices/pci0000:00"
#define PCI40  "/sys/devices/pci0000:40"
#define SWITCH PCI40 "/0000:40:01.0/0000:41:00.0"
#define CARD   SWITCH "/0000:42:00.0/0000:43:00.0"
#define ROCE   CARD "/infiniband/mlx5_0"
#define IB     PCI0 "/0000:00:02.0/0000:02:00.0/infiniband/mlx5_1"
#define RXE    "/sys/devices/virtual/infiniband/rxe0"
#define ZEROS  "0000:0000:0000:0000:0000:0000:0000:0000\n"

static const struct tree_entry cards[] = {
	/* A RoCE card below a PCI switch. */
	{ "/sys/class/infiniband/mlx5_0",
	  "-> "
	  "../../devices/pci0000:40/0000:40:01.0/0000:41:00.0/0000:42:00.0/0000:43:00.0/infiniband/"
	  "mlx5_0" },
	{ ROCE "/device", "-> ../../../0000:43:00.0" },
	{ ROCE "/fw_ver", "28.39.1002\n" },
	{ ROCE "/node_type", "1: CA\n" },
	{ ROCE "/ports/1/state", "4: ACTIVE\n" },
	{ ROCE "/ports/1/phys_state", "5: LinkUp\n" },
	{ ROCE "/ports/1/rate", "400 Gb/sec (4X NDR)\n" },
	{ ROCE "/ports/1/link_layer", "Ethernet\n" },
	{ ROCE "/ports/1/gids/0", "fe80:0000:0000:0000:0a00:27ff:fe00:0001\n" },
	{ ROCE "/ports/1/gids/10", "0000:0000:0000:0000:0000:ffff:0a4d:0001\n" },
	{ ROCE "/ports/1/gids/2", ZEROS },
	{ ROCE "/ports/1/gids/3", "fe80:0000:0000:0000:0000:0000:0000:0000\n" },
	{ ROCE "/ports/1/gid_attrs/types/0", "IB/RoCE v1\n" },
	{ ROCE "/ports/1/gid_attrs/types/10", "RoCE v2\n" },
	{ ROCE "/ports/1/gid_attrs/ndevs/0", "ens16\n" },
	{ ROCE "/ports/1/gid_attrs/ndevs/10", "ens16\n" },
	{ CARD "/numa_node", "1\n" },
	{ "/sys/class/net/ens16/mtu", "9000\n" },

	/* InfiniBand with IPoIB on its second port; the first is down, and states a rate all the same. */
	{ "/sys/class/infiniband/mlx5_1",
	  "-> ../../devices/pci0000:00/0000:00:02.0/0000:02:00.0/infiniband/mlx5_1" },
	{ IB "/device", "-> ../../../0000:02:00.0" },
	{ IB "/node_type", "1: CA\n" },
	{ IB "/ports/1/state", "1: DOWN\n" },
	{ IB "/ports/1/phys_state", "2: Polling\n" },
	{ IB "/ports/1/rate", "10 Gb/sec (4X SDR)\n" },
	{ IB "/ports/1/link_layer", "InfiniBand\n" },
	{ IB "/ports/2/state", "4: ACTIVE\n" },
	{ IB "/ports/2/phys_state", "5: LinkUp\n" },
	{ IB "/ports/2/rate", "2.5 Gb/sec (1X SDR)\n" },
	{ IB "/ports/2/link_layer", "InfiniBand\n" },
	{ PCI0 "/0000:00:02.0/0000:02:00.0/net/ib1/dev_port", "1\n" },
	{ PCI0 "/0000:00:02.0/0000:02:00.0/numa_node", "-1\n" },
	{ "/sys/class/net/ib1/mtu", "2044\n" },

	/* Soft-RoCE is where its interface is. */
	{ "/sys/class/infiniband/rxe0", "-> ../../devices/virtual/infiniband/rxe0" },
	{ RXE "/node_type", "1: CA\n" },
	{ RXE "/parent", "ens3\n" },
	{ RXE "/ports/1/state", "4: ACTIVE\n" },
	{ "/sys/class/net/ens3", "-> ../../devices/pci0000:00/0000:00:03.0/virtio0/net/ens3" },
	{ PCI0 "/0000:00:03.0/virtio0/net/ens3/mtu", "1500\n" },
	{ PCI0 "/0000:00:03.0/numa_node", "0\n" },
};

static const struct tree_entry gpus[] = {
	/* Another vendor's, and one that is no display at all. */
	{ PCI40 "/0000:40:02.0/0000:50:00.0/class", "0x030000\n" },
	{ PCI40 "/0000:40:02.0/0000:50:00.0/vendor", "0x1a03\n" },
	{ PCI40 "/0000:40:02.0/0000:51:00.0/class", "0x020000\n" },
	{ PCI40 "/0000:40:02.0/0000:51:00.0/vendor", "0x10de\n" },
	/* Below the RoCE card's switch, and beside it. */
	{ PCI40 "/0000:40:02.0/0000:52:00.0/class", "0x030200\n" },
	{ PCI40 "/0000:40:02.0/0000:52:00.0/vendor", "0x10de\n" },
	{ PCI40 "/0000:40:02.0/0000:52:00.0/numa_node", "1\n" },
	{ SWITCH "/0000:42:01.0/0000:44:00.0/class", "0x030200\n" },
	{ SWITCH "/0000:42:01.0/0000:44:00.0/vendor", "0x10de\n" },
	{ SWITCH "/0000:42:01.0/0000:44:00.0/numa_node", "1\n" },
	{ "/sys/bus/pci/devices/0000:44:00.0",
	  "-> ../../../devices/pci0000:40/0000:40:01.0/0000:41:00.0/0000:42:01.0/0000:44:00.0" },
	{ "/sys/bus/pci/devices/0000:50:00.0",
	  "-> ../../../devices/pci0000:40/0000:40:02.0/0000:50:00.0" },
	{ "/sys/bus/pci/devices/0000:51:00.0",
	  "-> ../../../devices/pci0000:40/0000:40:02.0/0000:51:00.0" },
	{ "/sys/bus/pci/devices/0000:52:00.0",
	  "-> ../../../devices/pci0000:40/0000:40:02.0/0000:52:00.0" },
};

static int port_mtu(const char *device, unsigned int port, unsigned int *ret_bytes)
{
	assert_true(port == (pst_streq(device, "mlx5_1") ? 2 : 1));
	if (pst_streq(device, "rxe0"))
		return -EACCES;
	*ret_bytes = pst_streq(device, "mlx5_0") ? 4096 : 2048;
	return 0;
}

static char *printed(const struct pst_fabric *fabric)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_int_equal(pst_fabric_print(fabric, out, false), 0);
	fclose(out);
	return text;
}

static void all_devices(void **state)
{
	struct tree __cleanup_tree tree;
	struct pst_fabric __cleanup_fabric fabric = { 0 };
	char __cleanup_free *text = NULL;

	(void)state;
	tree_make(&tree, NULL);
	tree_add(&tree, cards, ARRAY_SIZE(cards));
	tree_add(&tree, gpus, ARRAY_SIZE(gpus));
	assert_int_equal(pst_fabric_observe(&tree.host, port_mtu, &fabric, NULL), 0);
	assert_int_equal(fabric.n_gpus, 2);
	assert_false(fabric.v[0].soft);
	assert_true(fabric.v[2].soft);
	text = printed(&fabric);
	assert_string_equal(
		text,
		"DEVICE  PORT  STATE   PHYSICAL  SPEED  LAYER       NETDEV  MTU   RDMA-MTU  NUMA  "
		"PCI      "
		"     FIRMWARE    NEAREST-GPU\n"
		"mlx5_0  1     ACTIVE  LinkUp    400G   Ethernet    ens16   9000  4096      1     "
		"0000:43:0"
		"0.0  28.39.1002  0000:44:00.0 (switch)\n"
		"mlx5_1  1     DOWN    Polling   -      InfiniBand  -       -     -         -     "
		"0000:02:0"
		"0.0  -           0000:44:00.0 (far)\n"
		"mlx5_1  2     ACTIVE  LinkUp    2.5G   InfiniBand  ib1     2044  2048      -     "
		"0000:02:0"
		"0.0  -           0000:44:00.0 (far)\n"
		"rxe0    1     ACTIVE  -         -      -           ens3    1500  -         0     "
		"0000:00:0"
		"3.0  -           0000:44:00.0 (far)\n"
		"\n"
		"DEVICE  PORT  INDEX  GID                                      TYPE        NETDEV\n"
		"mlx5_0  1     0      fe80:0000:0000:0000:0a00:27ff:fe00:0001  IB/RoCE v1  ens16\n"
		"mlx5_0  1     10     0000:0000:0000:0000:0000:ffff:0a4d:0001  RoCE v2     ens16\n"
		"\n"
		"  - the active RDMA MTU of rxe0, port 1: Permission denied\n");
}

static void as_json(void **state)
{
	struct tree __cleanup_tree tree;
	struct pst_fabric __cleanup_fabric fabric = { 0 };
	struct json_object *object;

	(void)state;
	tree_make(&tree, NULL);
	tree_add(&tree, cards, ARRAY_SIZE(cards));
	tree_add(&tree, gpus, ARRAY_SIZE(gpus));
	assert_int_equal(pst_fabric_observe(&tree.host, port_mtu, &fabric, NULL), 0);
	fabric.v[2].gpu = NULL;
	object = pst_fabric_json(&fabric);
	assert_string_equal(
		json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN |
							       JSON_C_TO_STRING_NOSLASHESCAPE),
		"{\"devices\":[{\"device\":\"mlx5_0\",\"type\":\"CA\",\"soft\":false,\"pci\":"
		"\"0000:43:00.0"
		"\",\"numa_node\":1,\"firmware\":\"28.39.1002\",\"ports\":[{\"port\":1,\"state\":"
		"\"ACTIVE\""
		",\"physical_state\":\"LinkUp\",\"speed_mbps\":400000,\"rate\":\"400 Gb/sec (4X "
		"NDR)\",\"li"
		"nk_layer\":\"Ethernet\",\"netdev\":\"ens16\",\"netdev_mtu_bytes\":9000,\"rdma_mtu_"
		"bytes\":"
		"4096,\"gids\":[{\"index\":0,\"gid\":\"fe80:0000:0000:0000:0a00:27ff:fe00:0001\","
		"\"type\":"
		"\"IB/RoCE "
		"v1\",\"netdev\":\"ens16\"},{\"index\":10,\"gid\":\"0000:0000:0000:0000:0000:ffff"
		":0a4d:0001\",\"type\":\"RoCE "
		"v2\",\"netdev\":\"ens16\"}]}],\"gpu\":{\"pci\":\"0000:44:00.0"
		"\",\"vendor\":\"10de\",\"numa_node\":1,\"nearness\":\"switch\"}},{\"device\":"
		"\"mlx5_1\",\""
		"type\":\"CA\",\"soft\":false,\"pci\":\"0000:02:00.0\",\"numa_node\":null,"
		"\"firmware\":null"
		",\"ports\":[{\"port\":1,\"state\":\"DOWN\",\"physical_state\":\"Polling\",\"speed_"
		"mbps\":n"
		"ull,\"rate\":null,\"link_layer\":\"InfiniBand\",\"netdev\":null,\"netdev_mtu_"
		"bytes\":null,"
		"\"rdma_mtu_bytes\":null,\"gids\":[]},{\"port\":2,\"state\":\"ACTIVE\",\"physical_"
		"state\":"
		"\"LinkUp\",\"speed_mbps\":2500,\"rate\":\"2.5 Gb/sec (1X "
		"SDR)\",\"link_layer\":\"InfiniBan"
		"d\",\"netdev\":\"ib1\",\"netdev_mtu_bytes\":2044,\"rdma_mtu_bytes\":2048,\"gids\":"
		"[]}],\"g"
		"pu\":{\"pci\":\"0000:44:00.0\",\"vendor\":\"10de\",\"numa_node\":1,\"nearness\":"
		"\"far\"}},"
		"{\"device\":\"rxe0\",\"type\":\"CA\",\"soft\":true,\"pci\":\"0000:00:03.0\","
		"\"numa_node\":"
		"0,\"firmware\":null,\"ports\":[{\"port\":1,\"state\":\"ACTIVE\",\"physical_"
		"state\":null,\""
		"speed_mbps\":null,\"rate\":null,\"link_layer\":null,\"netdev\":\"ens3\",\"netdev_"
		"mtu_bytes"
		"\":1500,\"rdma_mtu_bytes\":null,\"gids\":[]}],\"gpu\":null}],\"notes\":[\"the "
		"active RDMA "
		"MTU of rxe0, port 1: Permission denied\"]}");
	json_object_put(object);
}

static void no_devices(void **state)
{
	struct tree __cleanup_tree tree;
	struct pst_fabric __cleanup_fabric fabric = { 0 };
	char __cleanup_free *text = NULL;

	(void)state;
	tree_make(&tree, NULL);
	assert_int_equal(pst_fabric_observe(&tree.host, port_mtu, &fabric, NULL), 0);
	text = printed(&fabric);
	assert_non_null(strstr(text, "\n\n  - there is no RDMA device\n"));
}

struct near_row {
	const char *name;
	const char *pci; /* of the card; NULL: not known */
	int64_t numa_node;
	const char *gpus[3];
	int64_t gpu_nodes[3];
	int nearest; /* -1: none */
	enum pst_nearness nearness;
};

#define UNDER(n) PCI0 "/0000:00:0" #n ".0/0000:0" #n ":00.0"

static const struct near_row near_rows[] = {
	{ "no GPU", UNDER(1), 0, { NULL }, { 0 }, -1, PST_NEAR_NOTHING },
	{ "a switch beats a host bridge",
	  UNDER(1) "/0000:10:00.0",
	  0,
	  { UNDER(2), UNDER(1) "/0000:10:01.0" },
	  { 0, 1 },
	  1,
	  PST_NEAR_SWITCH },
	{ "the longer way together wins",
	  UNDER(1) "/0000:10:00.0/0000:11:00.0",
	  0,
	  { UNDER(1) "/0000:10:01.0/0000:12:00.0", UNDER(1) "/0000:10:00.0/0000:13:00.0" },
	  { 0, 0 },
	  1,
	  PST_NEAR_SWITCH },
	{ "among equals the NUMA node counts",
	  UNDER(1),
	  1,
	  { PCI40 "/0000:40:01.0", PCI40 "/0000:40:02.0" },
	  { 0, 1 },
	  1,
	  PST_NEAR_NUMA_NODE },
	{ "among equals the first stays",
	  UNDER(1),
	  0,
	  { UNDER(2), UNDER(3) },
	  { 0, 0 },
	  0,
	  PST_NEAR_HOST_BRIDGE },
	{ "on another node", UNDER(1), 0, { PCI40 "/0000:40:01.0" }, { 1 }, 0, PST_NEAR_NOTHING },
	{ "unknown nodes are not the same", NULL, -1, { UNDER(1) }, { -1 }, 0, PST_NEAR_NOTHING },
	{ "similar names are not the same bridge",
	  PCI0 "/0000:00:01.0/0000:01:00.0",
	  -1,
	  { PCI0 "/0000:00:01.1/0000:02:00.0" },
	  { -1 },
	  0,
	  PST_NEAR_HOST_BRIDGE },
};

static void nearest_is_found(void **state)
{
	const struct near_row *row = *state;
	struct pst_gpu list[3] = { 0 };
	struct pst_fabric fabric = { .gpus = list };
	enum pst_nearness nearness;
	const struct pst_gpu *gpu;

	for (; fabric.n_gpus < 3 && row->gpus[fabric.n_gpus]; fabric.n_gpus++) {
		list[fabric.n_gpus].pci = (char *)row->gpus[fabric.n_gpus];
		list[fabric.n_gpus].numa_node = row->gpu_nodes[fabric.n_gpus];
	}
	gpu = pst_gpu_nearest(&fabric, row->pci, row->numa_node, &nearness);
	assert_int_equal(gpu ? (int)(gpu - list) : -1, row->nearest);
	assert_int_equal(nearness, row->nearness);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_devices),
		cmocka_unit_test(as_json),
		cmocka_unit_test(no_devices),
	};

	ADD_TESTS(tests);
	ADD_ROWS(near_rows, nearest_is_found);
	return run_gathered(NULL, NULL);
}
