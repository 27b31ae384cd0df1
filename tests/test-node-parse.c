// SPDX-License-Identifier: MIT
/* src/node: what other programs say, as our structs. */
#include <errno.h>

#include "common.h"

static void ip_addresses(void **state)
{
	struct pst_state __cleanup_state is = { 0 };
	char __cleanup_free *json = data("ip-address.json");

	(void)state;
	assert_int_equal(pst_network_parse(json, &is, NULL), 0);
	assert_int_equal(is.n_interfaces, 2);
	assert_string_equal(is.interfaces[0].name, "ens3");
	assert_int_equal(is.interfaces[0].addresses.n, 2);
	assert_string_equal(is.interfaces[1].name, "ens16");
	assert_true(is.interfaces[1].up);
	assert_int_equal(is.interfaces[1].mtu, 9000);
	assert_string_equal(is.interfaces[1].addresses.v[0], "10.77.0.1/24");
	assert_true(pst_network_has(&is.interfaces[1], "fd00:77:0::1/64"));
	assert_false(pst_network_has(&is.interfaces[1], "fd00:77::1/65"));
	assert_false(pst_network_has(&is.interfaces[1], "10.77.0.2/24"));
}

static void ip_details(void **state)
{
	struct pst_state __cleanup_state is = { 0 };
	char __cleanup_free *json = data("ip-details.json");
	const struct pst_interface_state *bond, *child;

	(void)state;
	assert_int_equal(pst_network_parse(json, &is, NULL), 0);
	assert_int_equal(is.n_interfaces, 5);
	assert_int_equal(is.interfaces[0].mtu_max, 9978);
	assert_null(is.interfaces[0].kind);
	assert_string_equal(is.interfaces[0].master, "bond0");
	assert_false(is.interfaces[1].up);
	bond = pst_state_interface(&is, "bond0");
	assert_string_equal(bond->kind, "bond");
	assert_true(bond->has_dhcp4);
	assert_false(bond->has_dhcp6);
	assert_string_equal(pst_value(&bond->link, "mode"), "802.3ad");
	assert_string_equal(pst_value(&bond->link, "miimon"), "100");
	assert_null(pst_value(&bond->link, "ad_info"));
	child = pst_state_interface(&is, "fabric5");
	assert_string_equal(child->parent, "bond0");
	assert_string_equal(pst_value(&child->link, "id"), "5");
	assert_false(child->has_dhcp4);
	child = pst_state_interface(&is, "ib0.8001");
	assert_string_equal(pst_value(&child->link, "key"), "0x8001");
}

static void ip_rules(void **state)
{
	struct pst_state __cleanup_state is = { 0 };
	char __cleanup_free *json = data("ip-rule.json");

	(void)state;
	assert_int_equal(pst_ports_parse(json, &is, NULL), 0);
	assert_int_equal(is.rules.n, 4);
	assert_string_equal(is.rules.v[1], "10.77.0.1 7000");
}

static void rdma_links(void **state)
{
	struct pst_state __cleanup_state is = { 0 };
	char __cleanup_free *json = data("rdma-link.json");

	(void)state;
	assert_int_equal(pst_rdma_parse(json, &is, NULL), 0);
	assert_int_equal(is.n_rdma, 2);
	assert_string_equal(is.rdma[0].device, "rxe0");
	assert_string_equal(is.rdma[0].state, "ACTIVE");
	assert_string_equal(is.rdma[0].interface, "ens16");
	assert_string_equal(is.rdma[1].state, "DOWN");
	assert_null(is.rdma[1].interface);
}

static void raidz_pool(void **state)
{
	struct pst_state __cleanup_state is = { 0 };
	char __cleanup_free *json = data("zpool-status-raidz1.json");

	(void)state;
	assert_int_equal(pst_zpool_parse_status(json, &is, NULL), 0);
	assert_int_equal(is.n_pools, 1);
	assert_string_equal(is.pools[0].name, "tank");
	assert_string_equal(is.pools[0].health, "ONLINE");
	assert_string_equal(is.pools[0].layout, "raidz1");
	assert_true(is.pools[0].size_bytes == 4227858432);
	assert_true(is.pools[0].allocated_bytes == 1224704);
	assert_int_equal(is.pools[0].n_disks, 4);
	assert_string_equal(is.pools[0].disks[2].path, "/dev/disk/by-id/nvme-2-part1");
	assert_string_equal(is.pools[0].disks[2].state, "ONLINE");
}

static void degraded_mirror_and_stripe(void **state)
{
	struct pst_state __cleanup_state is = { 0 };
	char __cleanup_free *json = data("zpool-status-degraded.json");

	(void)state;
	assert_int_equal(pst_zpool_parse_status(json, &is, NULL), 0);
	assert_int_equal(is.n_pools, 2);
	assert_string_equal(is.pools[0].health, "DEGRADED");
	assert_string_equal(is.pools[0].layout, "mirror");
	/* One that is well, one that is gone, its replacement, and the log. */
	assert_int_equal(is.pools[0].n_disks, 4);
	assert_false(is.pools[0].disks[0].leaving);
	assert_true(is.pools[0].disks[1].leaving);
	assert_false(is.pools[0].disks[2].leaving);
	assert_int_equal(is.pools[0].n_vdevs, 2);
	assert_string_equal(is.pools[0].vdevs[0].name, "mirror-0");
	assert_int_equal(is.pools[0].vdevs[1].class, PST_CLASS_LOG);
	assert_int_equal(is.pools[0].disks[3].vdev, 1);
	assert_string_equal(is.pools[0].disks[1].state, "FAULTED");
	assert_string_equal(is.pools[1].layout, "stripe");
	assert_int_equal(is.pools[1].n_disks, 2);
}

static void machine_is_measured(void **state)
{
	static const char *const bad[] = { "a", "-1", "3-", "3-1", "0-3x", "0,,1" };
	struct pst_state __cleanup_state is = { 0 };

	(void)state;
	assert_int_equal(pst_cpus_parse("0-3,8,10-11\n", &is, NULL), 0);
	assert_int_equal(is.cpus, 7);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(pst_cpus_parse(bad[i], &is, NULL), -EBADMSG);
	assert_int_equal(pst_memory_parse("MemTotal:  2048 kB\nMemFree: 1 kB\n", &is, NULL), 0);
	assert_true(is.memory_bytes == 2 << 20);
	assert_int_equal(pst_memory_parse("MemFree: 1 kB\n", &is, NULL), -EBADMSG);
	assert_int_equal(pst_memory_parse("MemTotal: kB\n", &is, NULL), -EBADMSG);
}

static void every_class_of_vdev(void **state)
{
	static const struct {
		enum pst_class class;
		const char *layout;
	} expected[] = {
		{ PST_CLASS_DATA, "draid2:4d:8c:1s" }, { PST_CLASS_SPECIAL, "mirror" },
		{ PST_CLASS_LOG, "stripe" },	       { PST_CLASS_CACHE, "stripe" },
		{ PST_CLASS_SPARE, "stripe" },	       { PST_CLASS_DEDUP, "mirror" },
	};
	struct pst_state __cleanup_state is = { 0 };
	char __cleanup_free *json = data("zpool-status-classes.json");

	(void)state;
	assert_int_equal(pst_zpool_parse_status(json, &is, NULL), 0);
	assert_int_equal(is.pools[0].n_vdevs, ARRAY_SIZE(expected));
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		assert_int_equal(is.pools[0].vdevs[i].class, expected[i].class);
		assert_string_equal(is.pools[0].vdevs[i].layout, expected[i].layout);
	}
	assert_string_equal(is.pools[0].layout, "draid2");
	assert_true(is.pools[0].expanding);
	/* Of the draid vdev: a disk, one that failed, and the spare that stands in for it. */
	assert_false(is.pools[0].disks[1].stands_in);
	assert_true(is.pools[0].disks[2].stands_in);
	assert_string_equal(is.pools[0].disks[1].path, "/dev/disk/by-id/nvme-1-part1");
}

static void no_pools(void **state)
{
	struct pst_state __cleanup_state is = { 0 };
	char __cleanup_free *json = data("zpool-status-none.json");

	(void)state;
	assert_int_equal(pst_zpool_parse_status(json, &is, NULL), 0);
	assert_int_equal(is.n_pools, 0);
}

static void pool_properties(void **state)
{
	struct pst_state __cleanup_state is = { 0 };
	char __cleanup_free *status = data("zpool-status-raidz1.json");
	char __cleanup_free *list = data("zpool-list.json");

	(void)state;
	assert_int_equal(pst_zpool_parse_status(status, &is, NULL), 0);
	assert_int_equal(pst_zpool_parse_properties(list, &is, NULL), 0);
	assert_string_equal(pst_value(&is.pools[0].properties, "autotrim"), "on");
	assert_null(pst_value(&is.pools[0].properties, "nothing"));
}

static void datasets(void **state)
{
	struct pst_state __cleanup_state is = { 0 };
	char __cleanup_free *json = data("zfs-list.json");
	const struct pst_dataset_state *dataset;

	(void)state;
	assert_int_equal(pst_dataset_parse(json, &is, NULL), 0);
	dataset = pst_state_dataset(&is, "tank/data");
	assert_non_null(dataset);
	assert_string_equal(dataset->mountpoint, "/tank/data");
	assert_true(dataset->mounted);
	assert_true(dataset->used_bytes == 1224704);
	assert_true(dataset->available_bytes == 2826240000);
	assert_string_equal(pst_value(&dataset->properties, "quota"), "10737418240");
}

struct disk_row {
	const char *name;
	const char *found;
	const char *pool;
};

static const struct disk_row disks[] = {
	{ "nvme0n1", "a partition table (gpt)", NULL },
	{ "nvme0n1p1", "a member of the ZFS pool tank", "tank" },
	{ "nvme1n1", "ext4 backup on nvme1n1", NULL },
	{ "nvme2n1", "crypto_LUKS on nvme2n1", NULL },
	{ "nvme3n1", "", NULL },
};

static void disk_signatures(void **state)
{
	const struct disk_row *row = *state;
	struct pst_disk_state disk = { 0 };
	char __cleanup_free *json = data("wipefs.json");
	char __cleanup_free *found = NULL;

	assert_int_equal(pst_disk_parse(json, row->name, &disk, NULL), 0);
	found = pst_strv_join(&disk.found, "; ");
	assert_string_equal(found, row->found);
	if (row->pool) {
		assert_string_equal(disk.pool, row->pool);
		assert_string_equal(disk.pool_guid, "4155446127326463014");
	} else {
		assert_null(disk.pool);
	}
	pst_strv_free(&disk.found);
	free(disk.pool);
	free(disk.pool_guid);
}

static void silent_wipefs_found_nothing(void **state)
{
	struct pst_disk_state disk = { 0 };

	(void)state;
	assert_int_equal(pst_disk_parse("", "sda", &disk, NULL), 0);
	assert_int_equal(pst_disk_parse("\n", "sda", &disk, NULL), 0);
	assert_int_equal(disk.found.n, 0);
}

static void signature_without_a_device_is_not_ignored(void **state)
{
	struct pst_disk_state disk = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };

	(void)state;
	assert_int_equal(pst_disk_parse("{\"signatures\":[{\"device\":7}]}", "sda", &disk, &reason),
			 -EBADMSG);
	assert_string_equal(reason.text, "wipefs found something on no device");
}

static void mounts(void **state)
{
	struct pst_state __cleanup_state is = { 0 };
	char __cleanup_free *text = data("mountinfo");
	const struct pst_mount_state *mount;
	char __cleanup_free *proto = NULL;
	char __cleanup_free *version = NULL;

	(void)state;
	assert_int_equal(pst_mount_parse(text, &is, NULL), 0);
	assert_int_equal(is.n_mounts, 7);
	mount = pst_state_mount(&is, "/mnt/data");
	assert_non_null(mount);
	assert_true(pst_mount_is_nfs(mount));
	assert_string_equal(mount->source, "10.77.0.1:/tank/data");
	proto = pst_mount_option(mount, "proto");
	assert_string_equal(proto, "rdma");
	/* Not mountproto, and not mountvers. */
	mount = pst_state_mount(&is, "/mnt/v3");
	version = pst_mount_option(mount, "vers");
	assert_string_equal(version, "3");
	assert_null(pst_mount_option(mount, "port"));
	mount = pst_state_mount(&is, "/mnt/with space");
	assert_non_null(mount);
	assert_string_equal(mount->source, "");
}

static void export_table(void **state)
{
	struct pst_state __cleanup_state is = { 0 };
	char __cleanup_free *text = data("etab");
	struct pst_conf_client network = { .host = (char[]){ "10.77.0.0/24" },
					   .access = PST_READ_WRITE,
					   .anonuid = -1,
					   .anongid = -1 };
	struct pst_conf_client host = {
		.host = (char[]){ "gpu" }, .squash = PST_SQUASH_NONE, .anonuid = -1, .anongid = -1
	};
	struct pst_conf_export export = { .path = (char[]){ "/tank/data" }, .fsid = 1 };
	struct pst_conf_export other = { .path = (char[]){ "/tank" }, .fsid = 1 };
	enum pst_sec sys[] = { PST_SEC_SYS }, krb5[] = { PST_SEC_KRB5 };

	(void)state;
	assert_int_equal(pst_export_parse(text, &is, NULL), 0);
	assert_int_equal(is.n_exports, 2);
	assert_non_null(pst_export_find(&is, &export, &network));
	assert_non_null(pst_export_find(&is, &export, &host));
	assert_null(pst_export_find(&is, &other, &host));
	host.anonuid = 65534;
	host.sec = sys;
	host.sec_count = 1;
	assert_non_null(pst_export_find(&is, &export, &host));
	host.sec = krb5;
	assert_null(pst_export_find(&is, &export, &host));
	host.sec_count = 0;
	host.anonuid = 0;
	assert_null(pst_export_find(&is, &export, &host));
	host.anonuid = -1;
	export.fsid = 0;
	assert_null(pst_export_find(&is, &export, &host));
	export.fsid = 1;
	host.access = PST_READ_WRITE;
	assert_null(pst_export_find(&is, &export, &host));
	network.squash = PST_SQUASH_ALL;
	assert_null(pst_export_find(&is, &export, &network));
}

struct bad_row {
	const char *name;
	int (*parse)(const char *text, struct pst_state *state, struct pst_reason *reason);
	const char *text;
	const char *reason;
};

static const struct bad_row bad[] = {
	{ "ip: no JSON", pst_network_parse, "Cannot open\n",
	  "ip did not answer in JSON: unexpected character" },
	{ "ip: cut short", pst_network_parse,
	  "[{\"ifname\":", "ip did not answer in JSON: unexpected end of data" },
	{ "ip: an object", pst_network_parse, "{}", "ip did not answer with a list of interfaces" },
	{ "ip: null", pst_network_parse, "null", "ip did not answer in JSON: null" },
	{ "ip rule: an object", pst_ports_parse, "{}", "ip did not answer with a list of rules" },
	{ "rdma: a number", pst_rdma_parse, "7", "rdma did not answer with a list of links" },
	{ "zpool: a list", pst_zpool_parse_status, "[]", "zpool did not answer with pools" },
	{ "zpool: pools is a list", pst_zpool_parse_status, "{\"pools\":[]}",
	  "zpool did not answer with pools" },
	{ "zpool: vdevs without end", pst_zpool_parse_status,
	  "{\"pools\":{\"a\":{\"vdevs\":{\"a\":{\"vdevs\":{\"b\":{\"vdevs\":{\"c\":{\"vdevs\":{"
	  "\"d\":{\"vdevs\":{\"e\":{\"vdevs\":{\"f\":{\"vdevs\":{}}}}}}}}}}}}}}}}}",
	  "what zpool says of a: Bad message" },
	{ "zfs: nothing", pst_dataset_parse, "{}", "zfs did not answer with datasets" },
	{ "mountinfo: short line", pst_mount_parse, "22 1 0:1 / /\n",
	  "mountinfo has a line of another shape: 22 1 0:1 / /" },
	{ "mountinfo: no dash", pst_mount_parse, "22 1 0:1 / / rw shared:1 ext4 a rw\n",
	  "mountinfo has a line of another shape: 22 1 0:1 / / rw shared:1 ext4 a rw" },
	{ "etab: no tab", pst_export_parse, "/a b(rw)\n",
	  "/var/lib/nfs/etab has a line of another shape: /a b(rw)" },
	{ "etab: no bracket", pst_export_parse, "/a\tb\n",
	  "/var/lib/nfs/etab has a line of another shape: /a\tb" },
};

static void is_no_answer(void **state)
{
	const struct bad_row *row = *state;
	struct pst_state __cleanup_state is = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };

	assert_int_equal(row->parse(row->text, &is, &reason), -EBADMSG);
	assert_string_equal(reason.text, row->reason);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ip_addresses),
		cmocka_unit_test(ip_details),
		cmocka_unit_test(ip_rules),
		cmocka_unit_test(rdma_links),
		cmocka_unit_test(raidz_pool),
		cmocka_unit_test(degraded_mirror_and_stripe),
		cmocka_unit_test(machine_is_measured),
		cmocka_unit_test(every_class_of_vdev),
		cmocka_unit_test(no_pools),
		cmocka_unit_test(pool_properties),
		cmocka_unit_test(datasets),
		cmocka_unit_test(silent_wipefs_found_nothing),
		cmocka_unit_test(signature_without_a_device_is_not_ignored),
		cmocka_unit_test(mounts),
		cmocka_unit_test(export_table),
	};

	ADD_TESTS(tests);
	ADD_ROWS(disks, disk_signatures);
	ADD_ROWS(bad, is_no_answer);
	return run_gathered(NULL, NULL);
}
