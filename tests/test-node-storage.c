// SPDX-License-Identifier: MIT
/* src/node/zpool.c, disk.c and dataset.c: what becomes of disks, pools and datasets. */
#include <errno.h>

#include "common.h"

#define TANK                               \
	"node: {name: s, role: storage}\n" \
	"pools:\n"                         \
	"- name: tank\n"                   \
	"  layout: raidz1\n"               \
	"  disks: [/dev/by/0, /dev/by/1, /dev/by/2]\n"
#define DATA TANK "datasets: [{name: tank/data}]\n"

struct disk {
	const char *path;
	const char *disk; /* NULL: there is no such path */
	const char *found; /* ";" between */
	const char *pool;
	const char *guid;
};

#define EMPTY(n) { "/dev/by/" #n, "nvme" #n "n1", NULL, NULL, NULL }
#define GONE(n)	 { "/dev/by/" #n, NULL, NULL, NULL, NULL }
#define OURS(n, guid)                                                                             \
	{ "/dev/by/" #n, "nvme" #n "n1", "a partition table (gpt);a member of the ZFS pool tank", \
	  "tank", guid }

struct disk_row {
	const char *name;
	struct disk disks[3];
	const char *expected;
};

#define NOTE   "do write /var/lib/penstock/creating-tank\n"
#define SETTLE "do udevadm settle --timeout=30\n"
#define FORGET "do remove /var/lib/penstock/creating-tank\n"
#define CREATE                                                                                   \
	"do zpool create -o ashift=12 -o autotrim=on -O acltype=posix -O atime=off -O "          \
	"compression=lz4 -O "                                                                    \
	"dnodesize=auto -O recordsize=1M -O xattr=sa tank raidz1 /dev/by/0 /dev/by/1 /dev/by/2 " \
	"[there is no pool tank]\n" FORGET
#define LEFT_ALONE(i, n)                                     \
	"refused pools[0].disks[" #i "]: /dev/by/" #i " (" n \
	") is not empty, and is left alone: found "

static const struct disk_row disk_rows[] = {
	{ "three empty disks", { EMPTY(0), EMPTY(1), EMPTY(2) }, NOTE SETTLE CREATE },
	{ "a pool of ours",
	  { OURS(0, "7"), OURS(1, "7"), OURS(2, "7") },
	  "do zpool import -d /dev/by 7 [the pool tank is not imported]\n"
	  "do look again at the datasets of tank, which are known only then\n" },
	{ "a file system",
	  { EMPTY(0), { "/dev/by/1", "nvme1n1", "ext4 backup on nvme1n1", NULL, NULL }, EMPTY(2) },
	  LEFT_ALONE(1, "nvme1n1") "ext4 backup on nvme1n1\n" },
	{ "a partition table, and something mounted",
	  { { "/dev/by/0", "vda", "a partition table (gpt);ext4 on vda1;vda1, mounted on /", NULL,
	      NULL },
	    EMPTY(1),
	    EMPTY(2) },
	  LEFT_ALONE(0, "vda") "a partition table (gpt); ext4 on vda1; vda1, mounted on /\n" },
	{ "another pool",
	  { EMPTY(0),
	    EMPTY(1),
	    { "/dev/by/2", "nvme2n1", "a partition table (gpt);a member of the ZFS pool lake",
	      "lake", "9" } },
	  LEFT_ALONE(2, "nvme2n1") "a partition table (gpt); a member of the ZFS pool lake\n" },
	{ "several at once",
	  { { "/dev/by/0", "a", "swap on a", NULL, NULL },
	    EMPTY(1),
	    { "/dev/by/2", "c", "xfs on c", NULL, NULL } },
	  LEFT_ALONE(0, "a") "swap on a\n" LEFT_ALONE(2, "c") "xfs on c\n" },
	{ "our pool, and something beside it",
	  { OURS(0, "7"),
	    OURS(1, "7"),
	    { "/dev/by/2", "nvme2n1", "a member of the ZFS pool tank;xfs on nvme2n1", "tank",
	      "7" } },
	  LEFT_ALONE(2, "nvme2n1") "a member of the ZFS pool tank; xfs on nvme2n1\n" },
	{ "two pools of our name",
	  { OURS(0, "7"), OURS(1, "8"), OURS(2, "7") },
	  LEFT_ALONE(1, "nvme1n1") "a partition table (gpt); a member of the ZFS pool tank\n" },
	{ "our pool, and an empty disk",
	  { OURS(0, "7"), OURS(1, "7"), EMPTY(2) },
	  "refused pools[0].disks: 2 of the disks are of a pool tank (7), 1 are empty and 0 are "
	  "not there: import it by hand with zpool(8)\n" },
	{ "a disk that is not there",
	  { EMPTY(0), EMPTY(1), GONE(2) },
	  "refused pools[0].disks[2]: there is no /dev/by/2\n" },
	{ "no disk is there",
	  { GONE(0), GONE(1), GONE(2) },
	  "refused pools[0].disks[0]: there is no /dev/by/0\n"
	  "refused pools[0].disks[1]: there is no /dev/by/1\n"
	  "refused pools[0].disks[2]: there is no /dev/by/2\n" },
	{ "a pool of ours, a disk of which is gone",
	  { OURS(0, "7"), GONE(1), OURS(2, "7") },
	  "do zpool import -d /dev/by 7 [the pool tank is not imported]\n"
	  "do look again at the datasets of tank, which are known only then\n"
	  "health pools[0].disks[1]: there is no /dev/by/1: the pool tank is imported without "
	  "it\n" },
	{ "a pool of ours, a disk of which is gone, and one empty",
	  { OURS(0, "7"), GONE(1), EMPTY(2) },
	  "refused pools[0].disks: 1 of the disks are of a pool tank (7), 1 are empty and 1 are "
	  "not there: import it by hand with zpool(8)\n" },
	{ "a pool of ours, a disk of which is gone, and one another's",
	  { OURS(0, "7"), GONE(1), { "/dev/by/2", "c", "xfs on c", NULL, NULL } },
	  LEFT_ALONE(2, "c") "xfs on c\n"
			     "refused pools[0].disks[1]: there is no /dev/by/1\n" },
	{ "two links to one disk",
	  { EMPTY(0), { "/dev/by/1", "nvme0n1", NULL, NULL, NULL }, EMPTY(2) },
	  "config pools[0].disks[1]: /dev/by/1 is the same disk (nvme0n1) as /dev/by/0\n" },
};

static void disks_of(const struct disk *disks, size_t count, struct pst_state *state)
{
	for (size_t i = 0; i < count && disks[i].path; i++) {
		struct pst_disk_state *disk =
			add_disk(state, disks[i].path, disks[i].disk, disks[i].found);

		disk->pool = disks[i].pool ? strdup(disks[i].pool) : NULL;
		disk->pool_guid = disks[i].guid ? strdup(disks[i].guid) : NULL;
	}
}

static void disks_are_judged(void **state)
{
	const struct disk_row *row = *state;
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };

	conf_from(&doc, TANK);
	disks_of(row->disks, 3, &is);
	assert_planned(pst_zpool_plan, doc.conf, &is, row->expected);
}

#define PARTITIONED(n) { "/dev/by/" #n, "nvme" #n "n1", "a partition table (gpt)", NULL, NULL }
#define BEGUN(n)       "/dev/by/" #n "\n"

/* What `zpool create` leaves behind when it breaks off is taken only where it is known to be ours. */
struct begun_row {
	const char *name;
	const char *disks; /* of the note */
	struct disk found[3];
	const char *expected;
};

static const struct begun_row begun_rows[] = {
	{ "broken off at the second disk",
	  BEGUN(0) BEGUN(1) BEGUN(2),
	  { PARTITIONED(0), PARTITIONED(1), EMPTY(2) },
	  "do wipefs --all --types gpt,PMBR /dev/by/0 [what was begun with it broke off]\n"
	  "do wipefs --all --types gpt,PMBR /dev/by/1 [what was begun with it broke off]\n" SETTLE
		  CREATE },
	{ "broken off after the pool was made",
	  BEGUN(0) BEGUN(1) BEGUN(2),
	  { OURS(0, "7"), OURS(1, "7"), OURS(2, "7") },
	  "do zpool import -d /dev/by 7 [the pool tank is not imported]\n"
	  "do look again at the datasets of tank, which are known only then\n" },
	{ "other disks than are declared now",
	  BEGUN(0) BEGUN(1),
	  { PARTITIONED(0), PARTITIONED(1), EMPTY(2) },
	  LEFT_ALONE(0, "nvme0n1") "a partition table (gpt)\n" LEFT_ALONE(
		  1, "nvme1n1") "a partition table (gpt)\n" },
	{ "something else on a disk meanwhile",
	  BEGUN(0) BEGUN(1) BEGUN(2),
	  { PARTITIONED(0),
	    { "/dev/by/1", "nvme1n1", "a partition table (gpt);ext4 on nvme1n1p1", NULL, NULL },
	    EMPTY(2) },
	  LEFT_ALONE(1, "nvme1n1") "a partition table (gpt); ext4 on nvme1n1p1\n" },
	{ "another pool on a disk meanwhile",
	  BEGUN(0) BEGUN(1) BEGUN(2),
	  { PARTITIONED(0),
	    EMPTY(1),
	    { "/dev/by/2", "nvme2n1", "a partition table (gpt);a member of the ZFS pool lake",
	      "lake", "9" } },
	  LEFT_ALONE(2, "nvme2n1") "a partition table (gpt); a member of the ZFS pool lake\n" },
};

static void creation_is_finished(void **state)
{
	const struct begun_row *row = *state;
	char __cleanup_free *note = pst_printf("%s%s", pst_file_header, row->disks);
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };

	conf_from(&doc, TANK);
	disks_of(row->found, 3, &is);
	add_file(&is, "/var/lib/penstock/creating-tank", note);
	assert_planned(pst_zpool_plan, doc.conf, &is, row->expected);
}

static void file_is_no_disk(void **state)
{
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };

	(void)state;
	conf_from(&doc, TANK);
	add_disk(&is, "/dev/by/0", "a", NULL);
	add_disk(&is, "/dev/by/1", NULL, NULL)->error = -ENOTBLK;
	add_disk(&is, "/dev/by/2", "c", NULL);
	assert_planned(pst_zpool_plan, doc.conf, &is,
		       "config pools[0].disks[1]: /dev/by/1 is no disk: Block device required\n");
}

static void declared_properties_override_ours(void **state)
{
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };

	(void)state;
	conf_from(&doc, "node: {name: s, role: storage}\n"
			"pools:\n- name: tank\n  layout: stripe\n  disks: [/dev/a]\n"
			"  properties: {ashift: 13, autotrim: on}\n"
			"  filesystem_properties: {recordsize: 128K, sync: always}\n");
	add_disk(&is, "/dev/a", "a", NULL);
	assert_planned(
		pst_zpool_plan, doc.conf, &is,
		NOTE SETTLE
		"do zpool create -o ashift=13 -o autotrim=on -O acltype=posix -O atime=off -O "
		"compression=lz4 -O dnodesize=auto -O recordsize=128K -O sync=always -O "
		"xattr=sa tank /dev/a [there is no pool tank]\n" FORGET);
}

/* A pool as zpool reports it, with the kernel's names of its disks. */
static void pool_of(const char *file, struct pst_state *state)
{
	char __cleanup_free *json = data(file);

	assert_int_equal(pst_zpool_parse_status(json, state, NULL), 0);
	for (size_t i = 0; i < state->n_pools; i++)
		for (size_t j = 0; j < state->pools[i].n_disks; j++) {
			struct pst_pool_disk *disk = &state->pools[i].disks[j];
			const char *number = strstr(disk->path, "nvme-") + strlen("nvme-");

			disk->disk = pst_printf("nvme%cn1", *number);
		}
}

struct pool_row {
	const char *name;
	const char *layout;
	const char *disks;
	const char *more;
	const char *file;
	const char *expected;
};

#define BY_ID "/dev/disk/by-id/nvme-"
#define FOUR  BY_ID "0, " BY_ID "1, " BY_ID "2, " BY_ID "3"

static const struct pool_row pool_rows[] = {
	{ "as declared", "raidz1", FOUR, "", "zpool-status-raidz1.json", "" },
	{ "another layout", "raidz2", FOUR, "", "zpool-status-raidz1.json",
	  "refused pools[0].layout: raidz1-0 of the pool tank is raidz1, and ZFS cannot make it "
	  "raidz2: write raidz1; for another layout, make another pool, and type: zfs snapshot -r "
	  "tank@move && zfs send -R tank@move | zfs receive -F OTHER\n" },
	{ "another disk", "raidz1", BY_ID "0, " BY_ID "1, " BY_ID "2, " BY_ID "8", "",
	  "zpool-status-raidz1.json",
	  "do write /var/lib/penstock/adding-tank\n"
	  "do udevadm settle --timeout=30\n"
	  "do zpool replace tank " BY_ID "3 " BY_ID "8 [in the pool tank, " BY_ID
	  "8 shall take the place of " BY_ID "3-part1]\n"
	  "do remove /var/lib/penstock/adding-tank\n" },
	{ "one disk more than declared", "raidz1", BY_ID "0, " BY_ID "1, " BY_ID "2", "",
	  "zpool-status-raidz1.json",
	  "refused pools[0].disks: raidz1-0 of the pool tank has 4 disks and cannot have 3, which "
	  "would lose data: put " BY_ID "3 into the file; for fewer disks, make another pool, and "
	  "type: zfs snapshot -r tank@move && zfs send -R tank@move | zfs receive -F OTHER\n" },
	{ "degraded", "mirror", BY_ID "0, " BY_ID "1", "", "zpool-status-degraded.json",
	  "do zpool remove tank " BY_ID "9 [the pool tank has a log " BY_ID
	  "9, which is not declared]\n"
	  "health pools[0]: the pool tank is DEGRADED\n"
	  "health pools[0]: in the pool tank, the disk " BY_ID "1-part1 is FAULTED\n"
	  "health pools[0]: in the pool tank, " BY_ID "1-part1 is being replaced\n" },
	{ "suspended", "raidz1", FOUR, "  properties: {autotrim: off}\n",
	  "zpool-status-suspended.json",
	  "refused pools[0]: the pool tank is SUSPENDED: too many of its disks do not answer; when "
	  "they do again, type: zpool clear tank\n" },
	{ "property to set", "raidz1", FOUR, "  properties: {autotrim: off, ashift: 9}\n",
	  "zpool-status-raidz1.json",
	  "do zpool set autotrim=off tank [tank has autotrim on, not off]\n" },
	{ "root's property to set", "raidz1", FOUR,
	  "  filesystem_properties: {recordsize: 1M, atime: on}\n", "zpool-status-raidz1.json",
	  "do zfs set atime=on tank [tank has atime off, not on]\n" },
};

static void pool_is_compared(void **state)
{
	const struct pool_row *row = *state;
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };
	char __cleanup_free *properties = data("zpool-list.json");
	char __cleanup_free *datasets = data("zfs-list.json");
	char __cleanup_free *conf =
		pst_printf("node: {name: s, role: storage}\npools:\n- name: tank\n  layout: %s\n"
			   "  disks: [%s]\n%s",
			   row->layout, row->disks, row->more);

	conf_from(&doc, conf);
	pool_of(row->file, &is);
	assert_int_equal(pst_zpool_parse_properties(properties, &is, NULL), 0);
	assert_int_equal(pst_dataset_parse(datasets, &is, NULL), 0);
	for (size_t i = 0; i < doc.conf->pools[0].own.disks_count; i++) {
		const char *path = doc.conf->pools[0].own.disks[i];
		char __cleanup_free *disk = pst_printf("nvme%cn1", path[strlen(path) - 1]);

		add_disk(&is, path, disk, NULL);
	}
	assert_planned(pst_zpool_plan, doc.conf, &is, row->expected);
}

struct dataset_row {
	const char *name;
	const char *dataset;
	bool exists;
	bool mounted;
	const char *expected;
};

static const struct dataset_row dataset_rows[] = {
	{ "new", "{name: tank/new, properties: {quota: 1G, sync: disabled}}", false, false,
	  "do zfs create -p -o quota=1G -o sync=disabled tank/new [there is no dataset "
	  "tank/new]\n" },
	{ "new, with an owner", "{name: tank/new, owner: 5, mode: \"2775\"}", false, false,
	  "do zfs create -p tank/new [there is no dataset tank/new]\n"
	  "do make /tank/new owned by 5 with mode 2775\n" },
	{ "new, elsewhere", "{name: tank/new, properties: {mountpoint: /new}, group: 7}", false,
	  false,
	  "do zfs create -p -o mountpoint=/new tank/new [there is no dataset tank/new]\n"
	  "do make /new of the group 7\n" },
	{ "as declared",
	  "{name: tank/data, properties: {quota: 10G, recordsize: 1024K, reservation: none}, "
	  "owner: "
	  "1000, group: 100, mode: \"755\"}",
	  true, true, "" },
	{ "another quota", "{name: tank/data, properties: {quota: 20G}}", true, true,
	  "do zfs set quota=20G tank/data [tank/data has quota 10737418240, not 20G]\n" },
	{ "new, with properties of any name",
	  "{name: tank/new, properties: {com.x:y: a b, snapshot_limit: 9}}", false, false,
	  "do zfs create -p -o 'com.x:y=a b' -o snapshot_limit=9 tank/new [there is no dataset "
	  "tank/new]\n" },
	{ "properties of any name", "{name: tank/data, properties: {com.x:y: z, snapdev: hidden}}",
	  true, true,
	  "do zfs set com.x:y=z tank/data [tank/data has com.x:y (unknown), not z]\n"
	  "do zfs set snapdev=hidden tank/data [tank/data has snapdev (unknown), not hidden]\n" },
	{ "not mounted", "{name: tank/data, owner: 3}", true, false,
	  "do zfs mount tank/data [the dataset tank/data is not mounted]\n"
	  "do make /tank/data owned by 3\n" },
	{ "another owner", "{name: tank/data, owner: 0, group: 0}", true, true,
	  "do make /tank/data owned by 0:0 [/tank/data is owned by 1000, not by 0]\n" },
	{ "another mode", "{name: tank/data, mode: \"1777\"}", true, true,
	  "do make /tank/data with mode 1777 [/tank/data has the mode 0755, not 1777]\n" },
};

static void dataset_is_planned(void **state)
{
	const struct dataset_row *row = *state;
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };
	char __cleanup_free *json = data("zfs-list.json");
	char __cleanup_free *conf = pst_printf(TANK "datasets: [%s]\n", row->dataset);

	conf_from(&doc, conf);
	assert_int_equal(pst_dataset_parse(json, &is, NULL), 0);
	assert_true(row->exists == !!pst_state_dataset(&is, doc.conf->datasets[0].name));
	for (size_t i = 0; i < is.n_datasets; i++) {
		is.datasets[i].mounted = row->mounted;
		is.datasets[i].owner = 1000;
		is.datasets[i].group = 100;
		is.datasets[i].mode = 0755;
	}
	assert_planned(pst_dataset_plan, doc.conf, &is, row->expected);
}

/* What ZFS lists of a suspended pool's datasets is nothing; that is no reason to make them anew. */
static void datasets_of_a_suspended_pool_stay(void **state)
{
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };

	(void)state;
	conf_from(&doc, TANK "datasets: [{name: tank/data}, {name: tank/data/x, owner: 5}]\n");
	pool_of("zpool-status-suspended.json", &is);
	assert_planned(pst_dataset_plan, doc.conf, &is,
		       "differs datasets[0]: tank/data cannot be looked at: its pool is SUSPENDED\n"
		       "differs datasets[1]: tank/data/x cannot be looked at: its pool is "
		       "SUSPENDED\n");
}

static void what_is_mounted_below_moves_along(void **state)
{
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };
	char __cleanup_free *json = data("zfs-list.json");
	struct pst_dataset_state *below;

	(void)state;
	conf_from(&doc, TANK "datasets: [{name: tank/data/x}, {name: tank/data, properties: "
			     "{mountpoint: /srv}}]\n");
	assert_int_equal(pst_dataset_parse(json, &is, NULL), 0);
	below = pst_array_grow((void **)&is.datasets, &is.n_datasets, sizeof(*below));
	below->name = strdup("tank/data/x");
	below->mountpoint = strdup("/tank/data/x");
	below->mounted = true;
	assert_planned(pst_dataset_plan, doc.conf, &is,
		       "do zfs set mountpoint=/srv tank/data [tank/data has mountpoint /tank/data, "
		       "not /srv]\n");
	free(((struct pst_dataset_state *)pst_state_dataset(&is, "tank/data"))->mountpoint);
	((struct pst_dataset_state *)pst_state_dataset(&is, "tank/data"))->mountpoint =
		strdup("/srv");
	for (size_t i = 0; i < is.n_datasets; i++)
		for (size_t j = 0; j < is.datasets[i].properties.n; j++)
			if (pst_streq(is.datasets[i].name, "tank/data") &&
			    pst_streq(is.datasets[i].properties.v[j].name, "mountpoint"))
				strcpy(is.datasets[i].properties.v[j].text, "/srv");
	assert_planned(pst_dataset_plan, doc.conf, &is,
		       "differs datasets[0]: tank/data/x is mounted on /tank/data/x, not on "
		       "/srv/x\n");
}

struct tuning_row {
	const char *name;
	const char *zfs;
	unsigned long long memory_mib;
	const char *arc_max; /* as it is; NULL: the module is not loaded */
	const char *file; /* its lines */
	const char *expected;
};

#define TUNING "/etc/modprobe.d/penstock-zfs.conf"

static const struct tuning_row tuning_rows[] = {
	{ "ARC, not loaded", "", 65536, NULL, NULL,
	  "do write " TUNING " [" TUNING " is not there]\n" },
	{ "ARC of 64 GiB", "", 65536, "51539607552", "options zfs zfs_arc_max=51539607552\n", "" },
	{ "ARC of 2 GiB", "", 2048, "1073741824", "options zfs zfs_arc_max=1073741824\n", "" },
	{ "ARC of 6 GiB", "", 6144, "4294967296", "options zfs zfs_arc_max=4294967296\n", "" },
	{ "ARC of 1 TiB", "", 1048576, "1030792151040", "options zfs zfs_arc_max=1030792151040\n",
	  "" },
	{ "ARC of another size", "zfs: {arc_max: 1G}\n", 65536, "0",
	  "options zfs zfs_arc_max=1073741824\n",
	  "do set /sys/module/zfs/parameters/zfs_arc_max to 1073741824 [zfs_arc_max of ZFS is 0, "
	  "not "
	  "1073741824]\n" },
	{ "parameters", "zfs: {parameters: {zfs_prefetch_disable: 1, zfs_nonsense: 2}}\n", 0, "0",
	  NULL,
	  "do write " TUNING " [" TUNING " is not there]\n"
	  "do set /sys/module/zfs/parameters/zfs_prefetch_disable to 1 [zfs_prefetch_disable of "
	  "ZFS is "
	  "0, not 1]\n"
	  "differs zfs.parameters.zfs_nonsense: the ZFS module has no parameter zfs_nonsense: "
	  "modinfo "
	  "-p zfs lists them\n" },
};

static void module_is_tuned(void **state)
{
	const struct tuning_row *row = *state;
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };
	char __cleanup_free *conf = pst_printf(TANK "%s", row->zfs);
	char __cleanup_free *file = pst_printf("%s%s", pst_file_header, row->file ?: "");

	conf_from(&doc, conf);
	is.memory_bytes = row->memory_mib << 20;
	if (row->file)
		add_file(&is, TUNING, file);
	if (row->arc_max) {
		pst_strv_add(&is.modules, "zfs");
		assert_int_equal(pst_values_add(&is.zfs_parameters, "zfs_arc_max", row->arc_max),
				 0);
		assert_int_equal(pst_values_add(&is.zfs_parameters, "zfs_prefetch_disable", "0"),
				 0);
	}
	assert_planned(pst_tuning_plan, doc.conf, &is, row->expected);
}

struct key_row {
	const char *name;
	const char *encryption;
	const char *status; /* of the key; NULL: there is no such dataset; "off": not encrypted */
	mode_t mode; /* of the key's file; 0: it is not there */
	const char *expected;
	uid_t owner; /* of it */
};

#define KEY "{key: \"file:///etc/k\"}"

static const struct key_row key_rows[] = {
	{ "encrypted, new", KEY, NULL, 0600,
	  "do zfs create -p -o encryption=aes-256-gcm -o keyformat=raw -o "
	  "keylocation=file:///etc/k tank/data [there is no dataset tank/data]\n" },
	{ "encrypted, new, by a credential", "{key: \"credential:zfs-key.a\", format: hex}", NULL,
	  0400,
	  "do zfs create -p -o encryption=aes-256-gcm -o keyformat=hex -o "
	  "keylocation=file:///run/credentials/penstock-apply.service/zfs-key.a tank/data [there "
	  "is no dataset tank/data]\n" },
	{ "encrypted, new, by a person", "{key: prompt, format: passphrase}", NULL, 0,
	  "differs datasets[0].encryption: there is no dataset tank/data, and its passphrase is a "
	  "person's to type: zfs create -p -o encryption=aes-256-gcm -o keyformat=passphrase -o "
	  "keylocation=prompt tank/data\n" },
	{ "encrypted, new, without a key", KEY, NULL, 0,
	  "differs datasets[0].encryption.key: there is no key /etc/k: put it there, or make one, "
	  "with: (umask 077; head -c 32 /dev/urandom >/etc/k)\n" },
	{ "encrypted, new, with a key that all may read", KEY, NULL, 0644,
	  "refused datasets[0].encryption.key: the key /etc/k has the mode 0644, and others than "
	  "root may use it: chmod 0600 /etc/k\n" },
	{ "encrypted, new, with a key of somebody's", KEY, NULL, 0600,
	  "refused datasets[0].encryption.key: the key /etc/k is owned by 1000, who may use it and "
	  "put another in its place: chown root /etc/k\n",
	  1000 },
	{ "locked", KEY, "unavailable", 0600,
	  "do zfs load-key -L file:///etc/k tank/data [the dataset tank/data is locked]\n"
	  "do zfs mount tank/data [the dataset tank/data is not mounted]\n" },
	{ "locked, without its key", KEY, "unavailable", 0,
	  "differs datasets[0].encryption.key: there is no key /etc/k: put it there, or make one, "
	  "with: (umask 077; head -c 32 /dev/urandom >/etc/k)\n" },
	{ "locked, and a person's", "{key: prompt, format: passphrase}", "unavailable", 0,
	  "differs datasets[0].encryption: tank/data is locked: type zfs load-key tank/data, and "
	  "penstock apply\n" },
	{ "unlocked, not mounted", KEY, "available", 0600,
	  "do zfs mount tank/data [the dataset tank/data is not mounted]\n" },
	{ "not encrypted", KEY, "off", 0600,
	  "do zfs mount tank/data [the dataset tank/data is not mounted]\n"
	  "refused datasets[0].encryption: tank/data is not encrypted, and cannot become so: take "
	  "the key out of the file, or copy it into one that is, with: zfs snapshot tank/data@move "
	  "&& zfs send tank/data@move | zfs receive -o encryption=on -o keyformat=raw OTHER\n" },
};

static void key_is_loaded(void **state)
{
	const struct key_row *row = *state;
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };
	char __cleanup_free *conf =
		pst_printf(TANK "datasets: [{name: tank/data, encryption: %s}]\n", row->encryption);
	struct pst_key_state *key;

	conf_from(&doc, conf);
	key = pst_array_grow((void **)&is.keys, &is.n_keys, sizeof(*key));
	assert_non_null(key);
	key->path = pst_conf_key_file(&doc.conf->datasets[0].encryption);
	key->there = row->mode;
	key->mode = row->mode;
	key->owner = row->owner;
	if (row->status) {
		struct pst_dataset_state *dataset =
			pst_array_grow((void **)&is.datasets, &is.n_datasets, sizeof(*dataset));
		bool off = pst_streq(row->status, "off");

		assert_non_null(dataset);
		dataset->name = strdup("tank/data");
		assert_int_equal(pst_values_add(&dataset->properties, "encryption",
						off ? "off" : "aes-256-gcm"),
				 0);
		assert_int_equal(
			pst_values_add(&dataset->properties, "keystatus", off ? "-" : row->status),
			0);
	}
	assert_planned(pst_dataset_plan, doc.conf, &is, row->expected);
}

/* Datasets one below the other, and how those that are there are. */
struct tree_row {
	const char *name;
	const char *datasets;
	const char *locked; /* names of those that are there and locked, with a blank between */
	bool key; /* /etc/k is there */
	const char *expected;
};

#define SECRET "{name: tank/s, encryption: " KEY "}"
#define ASKED  "{name: tank/s, encryption: {key: prompt, format: passphrase}}"
#define CREATE_SECRET                                                     \
	"do zfs create -p -o encryption=aes-256-gcm -o keyformat=raw -o " \
	"keylocation=file:///etc/k "
#define NO_KEY                                                                             \
	"there is no key /etc/k: put it there, or make one, with: (umask 077; head -c 32 " \
	"/dev/urandom >/etc/k)\n"

static const struct tree_row tree_rows[] = {
	{ "what is below comes later, wherever it stands", "{name: tank/s/a/b}, " SECRET, "", true,
	  CREATE_SECRET "tank/s [there is no dataset tank/s]\n"
			"do zfs create -p tank/s/a/b [there is no dataset tank/s/a/b]\n" },
	{ "nothing is made below what has no key, or it would be in the clear",
	  SECRET ", {name: tank/s/a/b}", "", false,
	  "differs datasets[0].encryption.key: " NO_KEY
	  "differs datasets[1]: tank/s/a/b waits for tank/s, in which it is\n" },
	{ "nor below what a person makes", ASKED ", {name: tank/s/a}, {name: tank/s/a/b}", "",
	  false,
	  "differs datasets[0].encryption: there is no dataset tank/s, and its passphrase is a "
	  "person's to type: zfs create -p -o encryption=aes-256-gcm -o keyformat=passphrase -o "
	  "keylocation=prompt tank/s\n"
	  "differs datasets[1]: tank/s/a waits for tank/s, in which it is\n"
	  "differs datasets[2]: tank/s/a/b waits for tank/s/a, in which it is\n" },
	{ "a key is for all that is below", "{name: tank/s/a}, " SECRET, "tank/s tank/s/a", true,
	  "do zfs load-key -L file:///etc/k tank/s [the dataset tank/s is locked]\n"
	  "do zfs mount tank/s [the dataset tank/s is not mounted]\n"
	  "do zfs mount tank/s/a [the dataset tank/s/a is not mounted]\n" },
	{ "what is below stays locked without it", SECRET ", {name: tank/s/a}", "tank/s tank/s/a",
	  false,
	  "differs datasets[0].encryption.key: " NO_KEY
	  "differs datasets[1]: tank/s/a waits for tank/s, in which it is\n" },
	{ "a name that only begins alike is not below", SECRET ", {name: tank/sa}", "", false,
	  "do zfs create -p tank/sa [there is no dataset tank/sa]\n"
	  "differs datasets[0].encryption.key: " NO_KEY },
};

static void tree_is_planned(void **state)
{
	const struct tree_row *row = *state;
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };
	char __cleanup_free *conf = pst_printf(TANK "datasets: [%s]\n", row->datasets);
	char __cleanup_free *locked = strdup(row->locked);
	struct pst_key_state *key;
	char *rest;

	conf_from(&doc, conf);
	key = pst_array_grow((void **)&is.keys, &is.n_keys, sizeof(*key));
	assert_non_null(key);
	key->path = strdup("/etc/k");
	key->there = row->key;
	key->mode = 0600;
	for (char *name = strtok_r(locked, " ", &rest); name; name = strtok_r(NULL, " ", &rest)) {
		struct pst_dataset_state *dataset =
			pst_array_grow((void **)&is.datasets, &is.n_datasets, sizeof(*dataset));

		assert_non_null(dataset);
		dataset->name = strdup(name);
		assert_int_equal(pst_values_add(&dataset->properties, "encryption", "aes-256-gcm"),
				 0);
		assert_int_equal(pst_values_add(&dataset->properties, "keystatus", "unavailable"),
				 0);
	}
	assert_planned(pst_dataset_plan, doc.conf, &is, row->expected);
}

static void datasets_of_an_unimported_pool_are_not_created(void **state)
{
	static const struct disk disks[] = { OURS(0, "7"), OURS(1, "7"), OURS(2, "7") };
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };
	struct pst_plan __cleanup_plan plan = { 0 };
	char __cleanup_free *text = NULL;

	(void)state;
	conf_from(&doc, DATA);
	disks_of(disks, 3, &is);
	pst_zpool_plan(doc.conf, &is, &plan);
	pst_dataset_plan(doc.conf, &is, &plan);
	text = plan_text(&plan);
	assert_string_equal(text, "do zpool import -d /dev/by 7 [the pool tank is not imported]\n"
				  "do look again at the datasets of tank, which are known only "
				  "then\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(datasets_of_a_suspended_pool_stay),
		cmocka_unit_test(what_is_mounted_below_moves_along),
		cmocka_unit_test(file_is_no_disk),
		cmocka_unit_test(declared_properties_override_ours),
		cmocka_unit_test(datasets_of_an_unimported_pool_are_not_created),
	};

	ADD_TESTS(tests);
	ADD_ROWS(disk_rows, disks_are_judged);
	ADD_ROWS(begun_rows, creation_is_finished);
	ADD_ROWS(pool_rows, pool_is_compared);
	ADD_ROWS(dataset_rows, dataset_is_planned);
	ADD_ROWS(tuning_rows, module_is_tuned);
	ADD_ROWS(key_rows, key_is_loaded);
	ADD_ROWS(tree_rows, tree_is_planned);
	return run_gathered(NULL, NULL);
}
