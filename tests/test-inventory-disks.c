// SPDX-License-Identifier: MIT
/* src/inventory/disks.c and nvme.c, and what penstock disks prints of them. */
#include <errno.h>
#include <stdio.h>

#include "cli/inventory.h"
#include "common.h"
#include "inventory/disks.h"
#include "tree.h"

#define PCI    "/sys/devices/pci0000:00"
#define PORT1  PCI "/0000:00:01.0"
#define DRIVE1 PORT1 "/0000:01:00.0"
#define DISK1  DRIVE1 "/nvme/nvme0/nvme0n1"
#define PORT2  PCI "/0000:00:02.0"
#define DRIVE2 PORT2 "/0000:02:00.0"
#define SUBSYS "/sys/devices/virtual/nvme-subsystem/nvme-subsys1"
#define HBA    PCI "/0000:00:17.0"
#define SATA   HBA "/ata1/host0/target0:0:0/0:0:0:0"
#define VIRTIO PCI "/0000:00:1f.0/virtio1"

/* One drive whose link is slow; one that has a subsystem; a SATA disk with partitions; and no disks. */
static const struct tree_entry machine[] = {
	{ "/proc/self/mountinfo", "28 1 8:2 / / rw,relatime shared:1 - ext4 /dev/sda2 rw\n" },

	{ PORT1 "/max_link_speed", "32.0 GT/s PCIe\n" },
	{ PORT1 "/max_link_width", "16\n" },
	{ DRIVE1 "/current_link_speed", "8.0 GT/s PCIe\n" },
	{ DRIVE1 "/current_link_width", "4\n" },
	{ DRIVE1 "/max_link_speed", "16.0 GT/s PCIe\n" },
	{ DRIVE1 "/max_link_width", "4\n" },
	{ DRIVE1 "/numa_node", "1\n" },
	{ DRIVE1 "/nvme/nvme0/model", "ACME Fast One                           \n" },
	{ DRIVE1 "/nvme/nvme0/serial", "S1\033[31m              \n" },
	{ DRIVE1 "/nvme/nvme0/hwmon3/temp1_input", "40850\n" },
	{ DISK1 "/device", "-> ../../nvme0" },
	{ DISK1 "/size", "7501476528\n" },
	{ DISK1 "/dev", "259:0\n" },
	{ DISK1 "/queue/logical_block_size", "512\n" },
	{ DISK1 "/queue/physical_block_size", "4096\n" },
	{ "/sys/block/nvme0n1",
	  "-> ../devices/pci0000:00/0000:00:01.0/0000:01:00.0/nvme/nvme0/nvme0n1" },
	{ "/sys/class/block/nvme0n1", "-> ../../block/nvme0n1" },
	{ "/dev/nvme0n1", "" },

	/* The slot can do no more than this link does: that is not slow. */
	{ PORT2 "/max_link_speed", "8.0 GT/s PCIe\n" },
	{ PORT2 "/max_link_width", "4\n" },
	{ DRIVE2 "/current_link_speed", "8.0 GT/s PCIe\n" },
	{ DRIVE2 "/current_link_width", "4\n" },
	{ DRIVE2 "/max_link_speed", "16.0 GT/s PCIe\n" },
	{ DRIVE2 "/max_link_width", "4\n" },
	{ DRIVE2 "/numa_node", "-1\n" },
	{ DRIVE2 "/nvme/nvme1/nvme1c1n1/hidden", "1\n" },
	{ DRIVE2 "/nvme/nvme1/nvme1c1n1/size", "7501476528\n" },
	{ "/sys/block/nvme1c1n1",
	  "-> ../devices/pci0000:00/0000:00:02.0/0000:02:00.0/nvme/nvme1/nvme1c1n1" },
	{ SUBSYS "/model", "ACME Fast Two\n" },
	{ SUBSYS "/serial", "S2\n" },
	{ SUBSYS "/nvme1", "-> ../../../pci0000:00/0000:00:02.0/0000:02:00.0/nvme/nvme1" },
	{ SUBSYS "/nvme1n1/device", "-> ../../nvme-subsys1" },
	{ SUBSYS "/nvme1n1/size", "7501476528\n" },
	{ SUBSYS "/nvme1n1/dev", "259:1\n" },
	{ SUBSYS "/nvme1n1/queue/logical_block_size", "4096\n" },
	{ SUBSYS "/nvme1n1/queue/physical_block_size", "4096\n" },
	{ "/sys/block/nvme1n1", "-> ../devices/virtual/nvme-subsystem/nvme-subsys1/nvme1n1" },
	{ "/sys/class/block/nvme1n1", "-> ../../block/nvme1n1" },
	{ "/dev/nvme1n1", "" },

	{ SATA "/model", "ACME Slow     \n" },
	{ SATA "/vpd_pg80", "____  S3   " },
	{ SATA "/hwmon/hwmon1/temp1_input", "-2500\n" },
	{ SATA "/block/sda/device", "-> ../../../0:0:0:0" },
	{ SATA "/block/sda/size", "1875385008\n" },
	{ SATA "/block/sda/dev", "8:0\n" },
	{ SATA "/block/sda/sda1/partition", "1\n" },
	{ SATA "/block/sda/sda1/dev", "8:1\n" },
	{ SATA "/block/sda/sda2/partition", "2\n" },
	{ SATA "/block/sda/sda2/dev", "8:2\n" },
	{ "/sys/block/sda",
	  "-> ../devices/pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0/block/sda" },
	{ "/sys/class/block/sda", "-> ../../block/sda" },
	{ "/sys/class/block/sda1", "-> ../../block/sda/sda1" },
	{ "/sys/class/block/sda2", "-> ../../block/sda/sda2" },
	{ "/dev/sda", "" },

	{ VIRTIO "/block/vda/size", "2048\n" },
	{ VIRTIO "/block/vda/removable", "1\n" },
	{ VIRTIO "/block/vda/ro", "0\n" },
	{ "/sys/block/vda", "-> ../devices/pci0000:00/0000:00:1f.0/virtio1/block/vda" },
	{ "/sys/class/block/vda", "-> ../../block/vda" },
	{ "/dev/vda", "" },

	{ "/sys/devices/virtual/block/zram0/size", "2048\n" },
	{ "/sys/block/zram0", "-> ../devices/virtual/block/zram0" },
	{ SATA "/block/sr0/size", "2048\n" },
	{ "/sys/block/sr0",
	  "-> ../devices/pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0/block/sr0" },
	{ SATA "/block/sdb/size", "0\n" },
	{ "/sys/block/sdb",
	  "-> ../devices/pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0/block/sdb" },

	{ "/dev/disk/by-id/nvme-eui.0001", "-> ../../nvme0n1" },
	{ "/dev/disk/by-id/nvme-ACME_Fast_One_S1", "-> ../../nvme0n1" },
	{ "/dev/disk/by-id/nvme-ACME_Fast_One_S1_1", "-> ../../nvme0n1" },
	/* This drive has a second namespace, so that only one name is its first one's alone. */
	{ "/dev/disk/by-id/nvme-ACME_Fast_Two_S2", "-> ../../nvme1n1" },
	{ "/dev/disk/by-id/nvme-ACME_Fast_Two_S2_1", "-> ../../nvme1n1" },
	{ "/dev/disk/by-id/nvme-ACME_Fast_Two_S2_1-part1", "-> ../../nvme1n1p1" },
	{ "/dev/disk/by-id/nvme-ACME_Fast_Two_S2_2", "-> ../../nvme1n2" },
	{ "/dev/disk/by-id/wwn-0x5000", "-> ../../sda" },
	{ "/dev/disk/by-id/ata-ACME_Slow_S3", "-> ../../sda" },
	{ "/dev/disk/by-id/ata-ACME Slow", "-> ../../sda" },
	{ "/sys/module/zfs/version", "2.3\n" },
};

#define FORMATS                                                             \
	"{\"nlbaf\":2,\"flbas\":1,\"lbafs\":[{\"ms\":0,\"ds\":9,\"rp\":2}," \
	"{\"ms\":0,\"ds\":12,\"rp\":0},{\"ms\":8,\"ds\":12,\"rp\":0}]}"
#define POOL                                                                                    \
	"{\"pools\":{\"flume\":{\"name\":\"flume\",\"state\":\"ONLINE\",\"vdevs\":{\"flume\":{" \
	"\"name\":\"flume\",\"vdev_type\":\"root\",\"vdevs\":{\"mirror-0\":{\"name\":\"mirror-" \
	"0\","                                                                                  \
	"\"vdev_type\":\"mirror\",\"vdevs\":{\"a\":{\"name\":\"a\",\"vdev_type\":\"disk\","     \
	"\"path\":\"/dev/disk/by-id/nvme-ACME_Fast_Two_S2_1-part1\",\"state\":\"ONLINE\"}}}}}}}}}"
#define SIGNATURES \
	"{\"signatures\":[{\"device\":\"sda1\",\"type\":\"vfat\",\"label\":\"B\033OOT\"}]}"

static const struct answer answers[] = {
	{ "zpool status", POOL },
	{ "nvme id-ns --output-format=json /dev/nvme0n1", FORMATS },
	{ "nvme id-ns --output-format=json /dev/nvme1n1", "not JSON" },
	{ "nvme smart-log --output-format=json /dev/nvme0n1",
	  "{\"temperature\":315,\"percent_used\":3,\"media_errors\":2}" },
	{ "nvme smart-log --output-format=json /dev/nvme1n1",
	  "{\"temperature\":0,\"percent_used\":101,\"media_errors\":0}" },
	{ "wipefs --json --no-act /dev/sda /dev/sda1 /dev/sda2", SIGNATURES },
	{ "wipefs ", "" },
	{ NULL, NULL },
};

static const struct answer without_nvme[] = {
	{ "zpool status", NULL },
	{ "nvme ", NULL },
	{ "wipefs ", "" },
	{ NULL, NULL },
};

static void assert_printed(const struct pst_disks *disks, const char *expected)
{
	char __cleanup_free *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_int_equal(pst_disks_print(disks, out, false), 0);
	fclose(out);
	assert_string_equal(text, expected);
}

static void all_disks(void **state)
{
	struct tree __cleanup_tree tree;
	struct pst_disks __cleanup_disks disks = { 0 };

	(void)state;
	tree_make(&tree, answers);
	tree_add(&tree, machine, ARRAY_SIZE(machine));
	assert_int_equal(pst_disks_observe(&tree.host, true, &disks, NULL), 0);
	assert_printed(
		&disks,
		"DISK     SIZE   MODEL          SERIAL   LBA               PHYSICAL  LINK          "
		"        "
		"         NUMA  TEMP  WEAR  ERRORS  ID                                       USE\n"
		"nvme0n1  3.84T  ACME Fast One  S1?[31m  512 4096* 4096+8  4096      8 GT/s x4 "
		"SLOW, of 16 "
		"GT/s x4  1     42C   3%    2       /dev/disk/by-id/nvme-ACME_Fast_One_S1    free\n"
		"nvme1n1  3.84T  ACME Fast Two  S2       4096*             4096      8 GT/s x4     "
		"        "
		"         -     -     101%  0       /dev/disk/by-id/nvme-ACME_Fast_Two_S2_1  pool "
		"flume, mi"
		"rror-0\n"
		"sda      960G   ACME Slow      S3       -                 -         -             "
		"        "
		"         -     -3C   -     -       /dev/disk/by-id/ata-ACME_Slow_S3         vfat "
		"B?OOT on "
		"sda1 (and 1 more)\n"
		"vda      1.05M  -              -        -                 -         -             "
		"        "
		"         -     -     -     -       -                                        free\n"
		"\n"
		"  - nvme1n1: nvme did not answer in JSON: null expected\n");
}

static void without_root(void **state)
{
	struct tree __cleanup_tree tree;
	struct pst_disks __cleanup_disks disks = { 0 };

	(void)state;
	tree_make(&tree, answers);
	tree_add(&tree, machine, ARRAY_SIZE(machine));
	assert_int_equal(pst_disks_observe(&tree.host, false, &disks, NULL), 0);
	/* Nobody but zpool was asked, and nothing is called free. */
	assert_int_equal(tree.runs, 1);
	assert_printed(&disks,
		       "DISK     SIZE   MODEL          SERIAL   LBA    PHYSICAL  LINK              "
		       "             NU"
		       "MA  TEMP  WEAR  ERRORS  ID                                       USE\n"
		       "nvme0n1  3.84T  ACME Fast One  S1?[31m  512*   4096      8 GT/s x4 SLOW, "
		       "of 16 GT/s x4  1 "
		       "    41C   -     -       /dev/disk/by-id/nvme-ACME_Fast_One_S1    -\n"
		       "nvme1n1  3.84T  ACME Fast Two  S2       4096*  4096      8 GT/s x4         "
		       "             - "
		       "    -     -     -       /dev/disk/by-id/nvme-ACME_Fast_Two_S2_1  pool "
		       "flume, mirror-0\n"
		       "sda      960G   ACME Slow      S3       -      -         -                 "
		       "             - "
		       "    -3C   -     -       /dev/disk/by-id/ata-ACME_Slow_S3         sda2, "
		       "mounted on / (and 1"
		       " more)\n"
		       "vda      1.05M  -              -        -      -         -                 "
		       "             - "
		       "    -     -     -       -                                        -\n"
		       "\n"
		       "  - LBA formats, wear, media errors, and what is on a disk: need root\n");
}

/* What is bad is painted, and nothing but the colour differs. */
static void in_colour(void **state)
{
	struct pst_disk one = { .name = (char *)"nvme0n1",
				.link = { .speed_mts = 8000, .width = 4 },
				.possible = { .speed_mts = 8000, .width = 4 },
				.use = PST_USE_FREE };
	const struct pst_disks disks = { .v = &one, .n = 1 };
	char __cleanup_free *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	one.possible.width = 8;
	one.media_errors = 1;
	assert_int_equal(pst_disks_print(&disks, out, true), 0);
	fclose(out);
	assert_non_null(strstr(text, "\033[31m8 GT/s x4 SLOW, of 8 GT/s x8\033[0m  "));
	assert_non_null(strstr(text, "\033[31m1\033[0m  "));
	assert_non_null(strstr(text, "\033[32mfree\033[0m\n"));
}

static void without_tools(void **state)
{
	struct tree __cleanup_tree tree;
	struct pst_disks __cleanup_disks disks = { 0 };

	(void)state;
	tree_make(&tree, without_nvme);
	tree_add(&tree, machine, ARRAY_SIZE(machine));
	assert_int_equal(pst_disks_observe(&tree.host, true, &disks, NULL), 0);
	assert_int_equal(disks.n, 4);
	assert_int_equal(disks.v[0].wear_percent, PST_UNKNOWN);
	/* It has a sensor of the kernel's. */
	assert_int_equal(disks.v[0].temperature_celsius, 41);
	assert_int_equal(disks.notes.n, 2);
	assert_string_equal(disks.notes.v[0], "pools: zpool: there is no such program");
	assert_string_equal(disks.notes.v[1],
			    "LBA formats, temperature, wear and media errors: nvme is "
			    "not installed (package nvme-cli)");
}

static void no_machine_at_all(void **state)
{
	struct tree __cleanup_tree tree;
	struct pst_disks __cleanup_disks disks = { 0 };

	(void)state;
	tree_make(&tree, NULL);
	assert_int_equal(pst_disks_observe(&tree.host, true, &disks, NULL), 0);
	assert_int_equal(disks.n, 0);
	assert_int_equal(disks.notes.n, 0);
}

static void as_json(void **state)
{
	struct tree __cleanup_tree tree;
	struct pst_disks __cleanup_disks disks = { 0 };
	struct json_object *object;

	(void)state;
	tree_make(&tree, answers);
	tree_add(&tree, machine, ARRAY_SIZE(machine));
	assert_int_equal(pst_disks_observe(&tree.host, true, &disks, NULL), 0);
	object = pst_disks_json(&disks);
	json_object_array_del_idx(json_object_object_get(object, "disks"), 2, 2);
	assert_string_equal(
		json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN |
							       JSON_C_TO_STRING_NOSLASHESCAPE),
		"{\"disks\":[{\"name\":\"nvme0n1\",\"by_id\":\"/dev/disk/by-id/"
		"nvme-ACME_Fast_One_S1\",\"mo"
		"del\":\"ACME Fast "
		"One\",\"serial\":\"S1?[31m\",\"size_bytes\":3840755982336,\"logical_bloc"
		"k_bytes\":512,\"physical_block_bytes\":4096,\"lba_formats\":[{\"data_bytes\":512,"
		"\"metadat"
		"a_bytes\":0,\"in_use\":false},{\"data_bytes\":4096,\"metadata_bytes\":0,\"in_"
		"use\":true},{"
		"\"data_bytes\":4096,\"metadata_bytes\":8,\"in_use\":false}],\"pci\":\"0000:01:00."
		"0\",\"lin"
		"k\":{\"speed_mts\":8000,\"width\":4,\"possible_speed_mts\":16000,\"possible_"
		"width\":4,\"sl"
		"ow\":true},\"numa_node\":1,\"temperature_celsius\":42,\"wear_percent\":3,\"media_"
		"errors\":"
		"2,\"removable\":false,\"use\":\"free\",\"pool\":null,\"vdev\":null,\"found\":[]},{"
		"\"name\""
		":\"nvme1n1\",\"by_id\":\"/dev/disk/by-id/"
		"nvme-ACME_Fast_Two_S2_1\",\"model\":\"ACME Fast T"
		"wo\",\"serial\":\"S2\",\"size_bytes\":3840755982336,\"logical_block_bytes\":4096,"
		"\"physica"
		"l_block_bytes\":4096,\"lba_formats\":[],\"pci\":\"0000:02:00.0\",\"link\":{"
		"\"speed_mts\":8"
		"000,\"width\":4,\"possible_speed_mts\":8000,\"possible_width\":4,\"slow\":false},"
		"\"numa_no"
		"de\":null,\"temperature_celsius\":null,\"wear_percent\":101,\"media_errors\":0,"
		"\"removable"
		"\":false,\"use\":\"pool\",\"pool\":\"flume\",\"vdev\":\"mirror-0\",\"found\":[]}],"
		"\"notes"
		"\":[\"nvme1n1: nvme did not answer in JSON: null expected\"]}");
	json_object_put(object);
}

struct smart_row {
	const char *name;
	const char *json;
	int error;
	int64_t temperature, wear, errors;
};

static const struct smart_row smart_rows[] = {
	{ "smart of a drive",
	  "{\"critical_warning\":0,\"temperature\":308,\"percent_used\":0,\"media_errors\":7}", 0,
	  35, 0, 7 },
	{ "smart of a drive that measures nothing",
	  "{\"temperature\":0,\"percent_used\":255,\"media_errors\":0}", 0, INT64_MIN, 255, 0 },
	{ "smart without members", "{}", 0, INT64_MIN, PST_UNKNOWN, PST_UNKNOWN },
	{ "smart of other types",
	  "{\"temperature\":\"35 C\",\"percent_used\":null,\"media_errors\":[1]}", 0, INT64_MIN,
	  PST_UNKNOWN, PST_UNKNOWN },
	{ "smart below nothing", "{\"temperature\":-3,\"percent_used\":-1,\"media_errors\":-9}", 0,
	  INT64_MIN, PST_UNKNOWN, PST_UNKNOWN },
	{ "smart beyond 64 bits",
	  "{\"temperature\":70000,\"media_errors\":340282366920938463463374607431768211455}", 0,
	  INT64_MIN, PST_UNKNOWN, PST_UNKNOWN },
	{ "smart that is a list", "[]", -EBADMSG, INT64_MIN, PST_UNKNOWN, PST_UNKNOWN },
	{ "smart that is an error", "identify failed", -EBADMSG, INT64_MIN, PST_UNKNOWN,
	  PST_UNKNOWN },
};

static void smart_is_read(void **state)
{
	const struct smart_row *row = *state;
	struct pst_disk disk = { .temperature_celsius = INT64_MIN,
				 .wear_percent = PST_UNKNOWN,
				 .media_errors = PST_UNKNOWN };
	struct pst_reason __cleanup_reason reason = { 0 };

	assert_int_equal(pst_nvme_parse_smart(row->json, &disk, &reason), row->error);
	assert_true(disk.temperature_celsius == row->temperature);
	assert_true(disk.wear_percent == row->wear);
	assert_true(disk.media_errors == row->errors);
	assert_true(!row->error == !reason.text);
}

static void formats_in_use(void **state)
{
	struct pst_disk disk = { 0 };
	struct pst_buf text = { 0 };

	(void)state;
	/* The seventeenth of many: bits 0 to 3 are 0, and bit 5 is the number's fifth. */
	pst_buf_add(&text, "{\"nlbaf\":16,\"flbas\":32,\"lbafs\":[");
	for (int i = 0; i < 17; i++)
		pst_buf_printf(&text, "%s{\"ms\":%d,\"ds\":%d}", i ? "," : "", i, i == 3 ? 0 : 9);
	pst_buf_add(&text, "]}");
	assert_int_equal(pst_nvme_parse_formats(text.data, &disk, NULL), 0);
	/* The fourth is none. */
	assert_int_equal(disk.n_formats, 16);
	for (size_t i = 0; i < disk.n_formats; i++)
		assert_int_equal(disk.formats[i].in_use, i == 15);
	assert_int_equal(disk.formats[15].metadata_bytes, 16);
	free(disk.formats);
	pst_buf_free(&text);
}

static void formats_of_another_shape(void **state)
{
	struct pst_disk disk = { 0 };

	(void)state;
	assert_int_equal(pst_nvme_parse_formats("{}", &disk, NULL), -EBADMSG);
	assert_int_equal(pst_nvme_parse_formats("{\"lbafs\":[1,{\"ds\":64,\"ms\":0},{\"ds\":12}]}",
						&disk, NULL),
			 0);
	assert_int_equal(disk.n_formats, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_disks),	  cmocka_unit_test(without_root),
		cmocka_unit_test(without_tools),  cmocka_unit_test(no_machine_at_all),
		cmocka_unit_test(as_json),	  cmocka_unit_test(in_colour),
		cmocka_unit_test(formats_in_use), cmocka_unit_test(formats_of_another_shape),
	};

	ADD_TESTS(tests);
	ADD_ROWS(smart_rows, smart_is_read);
	return run_gathered(NULL, NULL);
}
