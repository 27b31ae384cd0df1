// SPDX-License-Identifier: MIT
/* src/conf/valid-pools.c and valid-vdevs.c: pools, datasets and ZFS itself. */
#include "refused.h"

static const struct row pools[] = {
	{ "good pool", TANK, NULL },
	{ "good properties",
	  POOL "- name: tank\n  layout: stripe\n  disks: [/dev/a]\n"
	       "  properties: {autotrim: on, ashift: 13}\n"
	       "  filesystem_properties: {recordsize: 1M, quota: none, sync: disabled}\n",
	  NULL },
	{ "mirror on one disk", POOL "- {name: tank, layout: mirror, disks: [/dev/a]}\n",
	  "3: pools[0].layout: mirror needs at least 2 disks and has 1: one disk alone mirrors "
	  "nothing\n" },
	{ "raidz1 on two disks", POOL "- {name: tank, layout: raidz1, disks: [/dev/a, /dev/b]}\n",
	  "3: pools[0].layout: raidz1 needs at least 3 disks and has 2: on two disks a mirror does "
	  "the "
	  "same and is faster\n" },
	{ "raidz2 on two disks", POOL "- {name: tank, layout: raidz2, disks: [/dev/a, /dev/b]}\n",
	  "3: pools[0].layout: raidz2 needs at least 4 disks and has 2: with fewer, a mirror of "
	  "all "
	  "disks keeps as much and as safely\n" },
	{ "raidz3 on four disks",
	  POOL "- {name: tank, layout: raidz3, disks: [/dev/a, /dev/b, /dev/c, /dev/d]}\n",
	  "3: pools[0].layout: raidz3 needs at least 5 disks and has 4: with fewer, a mirror of "
	  "all "
	  "disks keeps as much and as safely\n" },
	{ "good vdevs",
	  POOL
	  "- name: tank\n  vdevs:\n  - {layout: mirror, disks: [/dev/a, /dev/b]}\n"
	  "  - {layout: mirror, disks: [/dev/c], select: {model: \"S* 1\", count: 1}}\n"
	  "  special: [{layout: mirror, disks: [/dev/e, /dev/f]}]\n"
	  "  logs: [{layout: stripe, disks: [/dev/g]}]\n  cache: [/dev/h]\n  spares: [/dev/i]\n",
	  NULL },
	{ "good draid",
	  POOL "- name: tank\n  vdevs: [{layout: draid2, data: 2, spares: 1, children: 6,\n"
	       "    disks: [/dev/a, /dev/b, /dev/c, /dev/d, /dev/e, /dev/f]}]\n",
	  NULL },
	{ "special on one disk beside a stripe",
	  POOL "- {name: tank, layout: stripe, disks: [/dev/a], special: [{layout: stripe, disks: "
	       "[/dev/b]}]}\n",
	  NULL },
	{ "good selector",
	  POOL "- {name: a, layout: raidz2, select: {size: 3.84TB, pci: \"0000:4*\", count: 8}}\n",
	  NULL },
	{ "no disks at all", POOL "- name: tank\n",
	  "3: pools[0]: has no disks: say layout and disks, or vdevs, or import: true for a pool "
	  "that is there already\n" },
	{ "layout without disks", POOL "- name: tank\n  layout: mirror\n",
	  "3: pools[0].disks: missing\n" },
	{ "vdev without disks", POOL "- name: tank\n  vdevs: [{layout: mirror}]\n",
	  "4: pools[0].vdevs[0].disks: missing\n" },
	{ "both forms",
	  POOL "- name: tank\n  layout: stripe\n  disks: [/dev/a]\n"
	       "  vdevs: [{layout: stripe, disks: [/dev/b]}]\n",
	  "6: pools[0].vdevs: stands beside layout and disks: put all groups under vdevs\n" },
	{ "mirror of one disk among several",
	  POOL "- name: tank\n  vdevs:\n  - {layout: mirror, disks: [/dev/a, /dev/b]}\n"
	       "  - {layout: mirror, disks: [/dev/c]}\n",
	  "6: pools[0].vdevs[1].layout: mirror needs at least 2 disks and has 1: one disk alone "
	  "mirrors nothing\n" },
	{ "groups that are not alike",
	  POOL "- name: tank\n  vdevs:\n  - {layout: mirror, disks: [/dev/a, /dev/b]}\n"
	       "  - {layout: stripe, disks: [/dev/c]}\n",
	  "6: pools[0].vdevs[1].layout: is stripe, and the first group is mirror: all groups of a "
	  "pool must be alike, since data is spread over all of them\n" },
	{ "special on one disk",
	  POOL "- {name: tank, layout: raidz1, disks: " DISKS3
	       ", special: [{layout: stripe, disks: "
	       "[/dev/d]}]}\n",
	  "3: pools[0].special[0].layout: must be mirror: with one of these disks the whole pool "
	  "would be lost\n" },
	{ "log of raidz",
	  POOL
	  "- {name: tank, layout: stripe, disks: [/dev/d], logs: [{layout: raidz1, disks: " DISKS3
	  "}]}\n",
	  "3: pools[0].logs[0].layout: must be mirror or stripe here, not raidz1\n" },
	{ "disk that is a spare as well",
	  POOL "- {name: tank, layout: stripe, disks: [/dev/a], spares: [/dev/a]}\n",
	  "3: pools[0].spares[0]: the disk \"/dev/a\" is given twice, first in line 3\n" },
	{ "relative cache", POOL "- {name: tank, layout: stripe, disks: [/dev/a], cache: [sdb]}\n",
	  "3: pools[0].cache[0]: \"sdb\" must be the absolute path of a disk, such as "
	  "/dev/disk/by-id/nvme-...\n" },
	{ "draid without data", POOL "- {name: tank, layout: draid1, disks: " DISKS3 "}\n",
	  "3: pools[0].data: must be given for draid1, from 1: the data disks of each stripe\n" },
	{ "draid on too few disks",
	  POOL "- name: tank\n  vdevs: [{layout: draid2, data: 2, spares: 1, disks: " DISKS3 "}]\n",
	  "4: pools[0].vdevs[0].layout: draid2 with 2 data and 1 spares needs at least 5 disks and "
	  "has 3\n" },
	{ "draid with other children",
	  POOL "- {name: tank, layout: draid1, data: 2, children: 4, disks: " DISKS3 "}\n",
	  "3: pools[0].children: is 4, and there are 3 disks: leave it out, or name as many\n" },
	{ "draid with many spares",
	  POOL "- name: tank\n  vdevs: [{layout: draid1, data: 1, spares: 9, disks: " DISKS3 "}]\n",
	  "4: pools[0].vdevs[0].spares: must be from 0 to 4, not 9\n" },
	{ "draid with huge data",
	  POOL "- {name: tank, layout: draid1, data: 2147483647, disks: " DISKS3 "}\n",
	  "3: pools[0].data: must be from 1 to 254, not 2147483647\n" },
	{ "data for raidz", POOL "- {name: tank, layout: raidz1, data: 2, disks: " DISKS3 "}\n",
	  "3: pools[0].data: is for draid only, and the layout is raidz1\n" },
	{ "spares of a mirror",
	  POOL "- name: tank\n  vdevs: [{layout: mirror, spares: 1, disks: [/dev/a, /dev/b]}]\n",
	  "4: pools[0].vdevs[0].spares: is for draid only, and the layout is mirror\n" },
	{ "selector of anything", POOL "- {name: a, layout: stripe, select: {count: 1}}\n",
	  "3: pools[0].select: would take any disk: say at least one of model, size and pci\n" },
	{ "selector without a count", POOL "- {name: a, layout: stripe, select: {model: x}}\n",
	  "3: pools[0].select.count: missing\n" },
	{ "selector of none", POOL "- {name: a, layout: stripe, select: {model: x, count: 0}}\n",
	  "3: pools[0].select.count: must be the number of disks, from 1\n" },
	{ "selector with a bad size",
	  POOL "- {name: a, layout: stripe, select: {size: 1.T, count: 1}}\n",
	  "3: pools[0].select.size: \"1.T\" must be a size as printed on drives, such as 960G or "
	  "3.84T\n" },
	{ "selector with a bad pattern",
	  POOL "- {name: a, layout: stripe, select: {model: \"a;b\", count: 1}}\n",
	  "3: pools[0].select.model: \"a;b\" must be letters, digits, blanks and /._:@+- only, "
	  "with "
	  "* and ? for any others\n" },
	{ "reserved name", POOL "- {name: mirrored, layout: stripe, disks: [/dev/a]}\n",
	  "3: pools[0].name: \"mirrored\" is reserved: ZFS has no pool whose name begins so\n" },
	{ "reserved name c0", POOL "- {name: c0t0, layout: stripe, disks: [/dev/a]}\n",
	  "3: pools[0].name: \"c0t0\" is reserved by ZFS\n" },
	{ "name with a slash", POOL "- {name: a/b, layout: stripe, disks: [/dev/a]}\n",
	  "3: pools[0].name: \"a/b\" must begin with a letter and have letters, digits and _.:- "
	  "only\n" },
	{ "name that looks like an option", POOL "- {name: -f, layout: stripe, disks: [/dev/a]}\n",
	  "3: pools[0].name: \"-f\" must begin with a letter and have letters, digits and _.:- "
	  "only\n" },
	{ "pool over a system directory", POOL "- {name: usr, layout: stripe, disks: [/dev/a]}\n",
	  "3: pools[0].name: would be mounted on /usr, which is a directory of the system: nothing "
	  "may "
	  "be mounted on it\n" },
	{ "pool twice",
	  POOL "- {name: a, layout: stripe, disks: [/dev/a]}\n"
	       "- {name: a, layout: stripe, disks: [/dev/b]}\n",
	  "4: pools[1].name: the pool \"a\" is given twice, first in line 3\n" },
	{ "disk twice", POOL "- name: a\n  layout: mirror\n  disks:\n  - /dev/a\n  - /dev/a\n",
	  "7: pools[0].disks[1]: the disk \"/dev/a\" is given twice, first in line 6\n" },
	{ "disk in two pools",
	  POOL "- {name: a, layout: stripe, disks: [/dev/a]}\n"
	       "- {name: b, layout: stripe, disks: [/dev/a]}\n",
	  "4: pools[1].disks[0]: the disk \"/dev/a\" is given twice, first in line 3\n" },
	{ "relative disk", POOL "- {name: a, layout: stripe, disks: [sda]}\n",
	  "3: pools[0].disks[0]: \"sda\" must be the absolute path of a disk, such as "
	  "/dev/disk/by-id/nvme-...\n" },
	{ "disk outside /dev", POOL "- {name: a, layout: stripe, disks: [/dev/../etc/passwd]}\n",
	  "3: pools[0].disks[0]: \"/dev/../etc/passwd\" must be the absolute path of a disk, such "
	  "as "
	  "/dev/disk/by-id/nvme-...\n" },
	{ "good properties of any name",
	  POOL "- name: a\n  layout: stripe\n  disks: [/dev/a]\n"
	       "  properties: {comment: \"for $x; 'y'\", feature@zstd_compress: enabled}\n"
	       "  filesystem_properties: {com.example:owner: me, snapshot_limit: 10, version: 5}\n",
	  NULL },
	{ "property with letters exchanged",
	  POOL "- {name: a, layout: stripe, disks: [/dev/a], filesystem_properties: {qutoa: 1G}}\n",
	  "3: pools[0].filesystem_properties.qutoa: is no property: quota is\n" },
	{ "property with a letter more",
	  POOL
	  "- {name: a, layout: stripe, disks: [/dev/a], filesystem_properties: {atimes: \"on\"}}\n",
	  "3: pools[0].filesystem_properties.atimes: is no property: atime is\n" },
	{ "property with another letter",
	  POOL
	  "- {name: a, layout: stripe, disks: [/dev/a], filesystem_properties: {recordsise: 1M}}\n",
	  "3: pools[0].filesystem_properties.recordsise: is no property: recordsize is\n" },
	{ "property that is none",
	  POOL "- {name: a, layout: stripe, disks: [/dev/a], properties: {-f: 1}}\n",
	  "3: pools[0].properties.-f: is no property: it must have small letters, digits and _.-@ "
	  "only, or a colon for one of your own\n" },
	{ "property with an assignment in it",
	  POOL "- {name: a, layout: stripe, disks: [/dev/a], properties: {\"a=b\": 1}}\n",
	  "3: pools[0].properties.a=b: is no property: it must have small letters, digits and _.-@ "
	  "only, or a colon for one of your own\n" },
	{ "property with two lines",
	  POOL "- {name: a, layout: stripe, disks: [/dev/a], properties: {comment: \"a\\nb\"}}\n",
	  "3: pools[0].properties.comment: \"a?b\" must be one line of printable characters\n" },
	{ "property given twice",
	  POOL
	  "- name: a\n  layout: stripe\n  disks: [/dev/a]\n  properties:\n    x:y: 1\n    x:y: 2\n",
	  "8: pools[0].properties.x:y: given twice, first in line 7\n" },
	{ "property that is a list",
	  POOL "- {name: a, layout: stripe, disks: [/dev/a], properties: {comment: [a]}}\n",
	  "3: pools[0].properties.comment: must be a single value\n" },
	{ "property that exports",
	  POOL "- {name: a, layout: stripe, disks: [/dev/a], filesystem_properties: {sharenfs: "
	       "\"on\"}}\n",
	  "3: pools[0].filesystem_properties.sharenfs: is not for here: say exports:\n" },
	{ "property that unmounts",
	  POOL "- {name: a, layout: stripe, disks: [/dev/a], filesystem_properties: {canmount: "
	       "\"off\"}}\n",
	  "3: pools[0].filesystem_properties.canmount: would keep datasets from being mounted as "
	  "declared\n" },
	{ "bad property value",
	  POOL "- {name: a, layout: stripe, disks: [/dev/a], properties: {autotrim: maybe}}\n",
	  "3: pools[0].properties.autotrim: \"maybe\" must be one of on|off\n" },
	{ "good parameters",
	  NODE "zfs: {arc_max: 64G, parameters: {zfs_prefetch_disable: 1, "
	       "zfs_vdev_async_read_max_active: "
	       "10}}\n",
	  NULL },
	{ "ARC of nothing", NODE "zfs: {arc_max: 1M}\n",
	  "2: zfs.arc_max: \"1M\" must be a size such as 64G, 64M at least\n" },
	{ "ARC of words", NODE "zfs: {arc_max: most}\n",
	  "2: zfs.arc_max: \"most\" must be a size such as 64G, 64M at least\n" },
	{ "ARC as a parameter", NODE "zfs: {parameters: {zfs_arc_max: 1}}\n",
	  "2: zfs.parameters.zfs_arc_max: is not for here: say arc_max: beside parameters\n" },
	{ "parameter that is none", NODE "zfs: {parameters: {../x: 1}}\n",
	  "2: zfs.parameters.../x: \"../x\" is no module parameter: it must have letters, digits "
	  "and "
	  "_ only\n" },
	{ "parameter with two words", NODE "zfs: {parameters: {x: 1 y=2}}\n",
	  "2: zfs.parameters.x: \"1 y=2\" must be a number or a word\n" },
	{ "ZFS on a GPU node", GPU "zfs: {arc_max: 1G}\n",
	  "2: zfs: is for a storage node, and node.role is gpu\n" },
	{ "bad ashift",
	  POOL "- {name: a, layout: stripe, disks: [/dev/a], properties: {ashift: 30}}\n",
	  "3: pools[0].properties.ashift: \"30\" must be a number from 9 to 16\n" },
	{ "bad record size",
	  POOL "- {name: a, layout: stripe, disks: [/dev/a], "
	       "filesystem_properties: {recordsize: 100K}}\n",
	  "3: pools[0].filesystem_properties.recordsize: \"100K\" must be a power of two from 512 "
	  "to "
	  "16M\n" },
};

static const struct row again[] = {
	{ "disks in any place of any pool",
	  POOL "- name: a\n  layout: mirror\n  disks:\n  - /dev/b\n  - /dev/a\n"
	       "- name: b\n  vdevs:\n  - layout: mirror\n    disks:\n    - /dev/c\n    - /dev/b\n"
	       "  - layout: mirror\n    disks:\n    - /dev/d\n    - /dev/c\n"
	       "  cache:\n  - /dev/b\n  spares:\n  - /dev/a\n  - /dev/e\n",
	  "13: pools[1].vdevs[0].disks[1]: the disk \"/dev/b\" is given twice, first in line 6\n"
	  "17: pools[1].vdevs[1].disks[1]: the disk \"/dev/c\" is given twice, first in line 12\n"
	  "19: pools[1].cache[0]: the disk \"/dev/b\" is given twice, first in line 6\n"
	  "21: pools[1].spares[0]: the disk \"/dev/a\" is given twice, first in line 7\n" },
};

static const struct row datasets[] = {
	{ "good dataset",
	  TANK "datasets: [{name: tank/a/b, owner: 0, group: 4294967294, mode: "
	       "\"2770\"}]\n",
	  NULL },
	{ "pool that is not declared", TANK "datasets: [{name: lake/data}]\n",
	  "4: datasets[0].name: \"lake/data\" is in a pool that is not declared under pools\n" },
	{ "pool's root", TANK "datasets: [{name: tank}]\n",
	  "4: datasets[0].name: \"tank\" is a pool's own root: set it by the pool's "
	  "filesystem_properties\n" },
	{ "empty part", TANK "datasets: [{name: tank//a}]\n",
	  "4: datasets[0].name: \"tank//a\" must be a name such as tank/data, with no empty or "
	  "dotted "
	  "part\n" },
	{ "snapshot", TANK "datasets: [{name: tank/a@b}]\n",
	  "4: datasets[0].name: \"tank/a@b\" must be a name such as tank/data, of letters, digits "
	  "and "
	  "_.:-/ only\n" },
	{ "dataset twice", TANK "datasets:\n- name: tank/a\n- name: tank/a\n",
	  "6: datasets[1].name: the dataset \"tank/a\" is given twice, first in line 5\n" },
	{ "two on one mount point",
	  TANK "datasets:\n- {name: tank/a}\n- {name: tank/b, properties: {mountpoint: /tank/a}}\n",
	  "6: datasets[1]: is mounted on /tank/a, and so is tank/a\n" },
	{ "three on one mount point",
	  TANK "datasets:\n- {name: tank/c}\n- {name: tank/b, properties: {mountpoint: /tank/c}}\n"
	       "- {name: tank/d}\n- {name: tank/a, properties: {mountpoint: /tank/c}}\n",
	  "6: datasets[1]: is mounted on /tank/c, and so is tank/c\n"
	  "8: datasets[3]: is mounted on /tank/c, and so is tank/c\n"
	  "8: datasets[3]: is mounted on /tank/c, and so is tank/b\n" },
	{ "decimal mode", TANK "datasets: [{name: tank/a, mode: 789}]\n",
	  "4: datasets[0].mode: \"789\" must be an octal mode such as 0755\n" },
	{ "huge owner", TANK "datasets: [{name: tank/a, owner: 4294967295}]\n",
	  "4: datasets[0].owner: must be a whole number from 0 to 4294967294, not "
	  "\"4294967295\"\n" },
	{ "good keys",
	  TANK
	  "datasets:\n- {name: tank/a, encryption: {key: \"file:///etc/keys/a\", format: hex}}\n"
	  "- {name: tank/b, encryption: {key: \"credential:zfs-key.b\"}}\n"
	  "- {name: tank/c, encryption: {key: prompt, format: passphrase}}\n",
	  NULL },
	{ "encryption without a key",
	  TANK "datasets: [{name: tank/a, encryption: {format: raw}}]\n",
	  "4: datasets[0].encryption.key: missing\n" },
	{ "key of another kind", TANK "datasets: [{name: tank/a, encryption: {key: secret}}]\n",
	  "4: datasets[0].encryption.key: \"secret\" must be file:///PATH, credential:zfs-key.NAME "
	  "or prompt\n" },
	{ "key by a relative path",
	  TANK "datasets: [{name: tank/a, encryption: {key: \"file://a\"}}]\n",
	  "4: datasets[0].encryption.key: \"file://a\" must be file:///PATH, "
	  "credential:zfs-key.NAME or prompt\n" },
	{ "key by another credential",
	  TANK "datasets: [{name: tank/a, encryption: {key: \"credential:../shadow\"}}]\n",
	  "4: datasets[0].encryption.key: \"credential:../shadow\" must be file:///PATH, "
	  "credential:zfs-key.NAME or prompt\n" },
	{ "key that a person types, raw",
	  TANK "datasets: [{name: tank/a, encryption: {key: prompt}}]\n",
	  "4: datasets[0].encryption: what a person types is a passphrase: say format: "
	  "passphrase\n" },
	{ "encryption as a property",
	  TANK "datasets: [{name: tank/a, properties: {keylocation: prompt}}]\n",
	  "4: datasets[0].properties.keylocation: is not for here: say encryption: beside the "
	  "name\n" },
	{ "bad quota", TANK "datasets: [{name: tank/a, properties: {quota: 10X}}]\n",
	  "4: datasets[0].properties.quota: \"10X\" must be a size such as 10G, or none\n" },
	{ "mount point over the system",
	  TANK "datasets: [{name: tank/a, properties: {mountpoint: /etc/ssh}}]\n",
	  "4: datasets[0].name: would be mounted on /etc/ssh, which is in a directory of the "
	  "system: "
	  "nothing may be mounted there\n" },
};

/* In cubic time, as it once was, this would take longer than any test may. */
static void large_node_is_checked_in_time(void **state)
{
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_buf yaml = { 0 };
	char __cleanup_free *text = NULL;

	(void)state;
	pst_buf_add(&yaml, POOL "- name: tank\n  vdevs:\n");
	for (unsigned int i = 0; i < 1000; i += 2)
		pst_buf_printf(&yaml, "  - {layout: mirror, disks: [/dev/a%u, /dev/a%u]}\n", i,
			       i + 1);
	pst_buf_add(&yaml, "datasets:\n");
	for (unsigned int i = 0; i < 2000; i++)
		pst_buf_printf(&yaml, "- {name: tank/d%u}\n", i);
	pst_buf_add(&yaml, "exports:\n");
	for (unsigned int i = 0; i < 2000; i++)
		pst_buf_printf(&yaml, "- {path: /tank/d%u, clients: [{host: a}]}\n", i);
	text = pst_buf_take(&yaml);
	conf_from(&doc, text);
	assert_int_equal(doc.conf->pools[0].vdevs_count, 500);
	assert_ptr_equal(pst_conf_dataset(doc.conf, "tank/d1999"), &doc.conf->datasets[1999]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(large_node_is_checked_in_time),
	};

	ADD_TESTS(tests);
	ADD_ROWS(pools, is_refused);
	ADD_ROWS(again, is_refused);
	ADD_ROWS(datasets, is_refused);
	return run_gathered(NULL, NULL);
}
