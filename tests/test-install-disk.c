// SPDX-License-Identifier: MIT
/* src/install/check.c, look.c, layout.c, release.c, boot-entry.c */
#include <errno.h>
#include <fcntl.h>

#include "install/check.h"
#include "install/install.h"
#include "rows.h"
#include "tree.h"

#define SUM  "81b39aa73122e2c9fd14cc6012cca72aa24162f2a7ecedfaba012eb7318d303a"
#define NAME "penstock-storage_0.1.0"
#define ROOT NAME "_3785e2d1-dc84-f847-624c-70acedf39031.root.raw"
#define TREE NAME "_a721cca5-2828-5977-2eef-434def1e48c0.verity.raw"
#define ALL \
	SUM "  " ROOT "\n" SUM "  " TREE "\n" SUM "  " NAME ".efi\n" SUM " *systemd-bootx64.efi\n"

static const struct pst_release of = { .role = (char *)"storage", .version = (char *)"0.1.0" };

static void release_is_read(void **state)
{
	struct pst_release_dir __cleanup_release_dir dir = { 0 };

	(void)state;
	assert_int_equal(
		pst_release_dir_parse(ALL SUM "  loader/loader.conf", "/m", &of, &dir, NULL), 0);
	assert_string_equal(dir.root, ROOT);
	assert_string_equal(dir.root_uuid, "3785e2d1-dc84-f847-624c-70acedf39031");
	assert_string_equal(dir.verity_uuid, "a721cca5-2828-5977-2eef-434def1e48c0");
	assert_string_equal(pst_release_file(&dir, "loader/loader.conf")->sum, SUM);
	assert_null(pst_release_file(&dir, "loader"));
}

struct refused {
	const char *name;
	const char *sums;
	const char *reason;
};

static const struct refused refused[] = {
	{ "an empty list", "", "/m/SHA256SUMS lists no " NAME "_UUID.root.raw" },
	{ "a line without a sum", "x\n", "/m/SHA256SUMS:1: no SHA-256 sum of a file" },
	{ "a sum without a name", SUM "  \n", "/m/SHA256SUMS:1: no SHA-256 sum of a file" },
	{ "a file above", ALL SUM "  loader/../../etc/passwd\n",
	  "/m/SHA256SUMS:5: no SHA-256 sum of a file" },
	{ "an absolute path", ALL SUM "  /etc/passwd\n",
	  "/m/SHA256SUMS:5: no SHA-256 sum of a file" },
	{ "a hidden file", ALL SUM "  .x\n", "/m/SHA256SUMS:5: no SHA-256 sum of a file" },
	{ "a name with a blank", ALL SUM "  a b\n", "/m/SHA256SUMS:5: no SHA-256 sum of a file" },
	{ "two roots", ALL SUM "  " NAME "_4785e2d1-dc84-f847-624c-70acedf39031.root.raw\n",
	  "/m/SHA256SUMS lists more than one " NAME "_UUID.root.raw" },
	{ "another version",
	  SUM "  penstock-storage_0.1.1_3785e2d1-dc84-f847-624c-70acedf39031.root.raw\n",
	  "/m/SHA256SUMS lists no " NAME "_UUID.root.raw" },
	{ "no UUID", SUM "  " NAME "_3785e2d1.root.raw\n",
	  "/m/SHA256SUMS lists no " NAME "_UUID.root.raw" },
	{ "no hash tree", SUM "  " ROOT "\n", "/m/SHA256SUMS lists no " NAME "_UUID.verity.raw" },
	{ "no kernel", SUM "  " ROOT "\n" SUM "  " TREE "\n",
	  "/m/SHA256SUMS lists no " NAME ".efi" },
	{ "no boot loader", SUM "  " ROOT "\n" SUM "  " TREE "\n" SUM "  " NAME ".efi\n",
	  "/m/SHA256SUMS lists no systemd-bootx64.efi" },
};

static void release_is_refused(void **state)
{
	const struct refused *row = *state;
	struct pst_release_dir __cleanup_release_dir dir = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };

	assert_int_equal(pst_release_dir_parse(row->sums, "/m", &of, &dir, &reason), -EINVAL);
	assert_string_equal(reason.text, row->reason);
}

static void partitions_are_as_the_disk_images(void **state)
{
	static const char *const expected[][2] = {
		{ "10-esp.conf", "[Partition]\nType=esp\nLabel=penstock-esp\nSizeMinBytes=512M\n"
				 "SizeMaxBytes=512M\nFormat=vfat\n" },
		{ "20-root.conf",
		  "[Partition]\nType=root-x86-64\nLabel=" NAME
		  "\nSizeMinBytes=2G\nSizeMaxBytes=2G\n"
		  "UUID=3785e2d1-dc84-f847-624c-70acedf39031\nCopyBlocks=/m/" ROOT "\n" },
		{ "30-verity.conf",
		  "[Partition]\nType=root-x86-64-verity\nLabel=" NAME
		  "\nSizeMinBytes=32M\nSizeMaxBytes=32M\n"
		  "UUID=a721cca5-2828-5977-2eef-434def1e48c0\nCopyBlocks=/m/" TREE "\n" },
		{ "40-other-root.conf", "[Partition]\nType=root-x86-64\nLabel=_empty\n"
					"SizeMinBytes=2G\nSizeMaxBytes=2G\n" },
		{ "50-other-verity.conf", "[Partition]\nType=root-x86-64-verity\nLabel=_empty\n"
					  "SizeMinBytes=32M\nSizeMaxBytes=32M\n" },
		{ "60-state.conf", "[Partition]\nType=linux-generic\nLabel=penstock-state\n"
				   "SizeMinBytes=1G\n" },
	};
	struct pst_release_dir __cleanup_release_dir dir = { 0 };
	struct pst_definitions __cleanup_definitions made = { 0 };

	(void)state;
	assert_int_equal(pst_release_dir_parse(ALL, "/m", &of, &dir, NULL), 0);
	assert_int_equal(pst_definitions_make(&dir, &made), 0);
	assert_int_equal(made.n, ARRAY_SIZE(expected));
	for (size_t i = 0; i < made.n; i++) {
		assert_string_equal(made.v[i].name, expected[i][0]);
		assert_string_equal(made.v[i].text, expected[i][1]);
	}
}

static void partitions_have_the_kernels_names(void **state)
{
	char __cleanup_free *sata = pst_partition_path("/dev/sda", PST_PART_STATE);
	char __cleanup_free *nvme = pst_partition_path("/dev/nvme0n1", PST_PART_ESP);

	(void)state;
	assert_string_equal(sata, "/dev/sda6");
	assert_string_equal(nvme, "/dev/nvme0n1p1");
}

static void old_boot_entries_are_found(void **state)
{
	struct pst_strv __cleanup_strv numbers = { 0 };
	char __cleanup_free *joined = NULL;

	(void)state;
	pst_boot_entries_parse(
		"BootCurrent: 0001\nBootOrder: 0001,0000\n"
		"Boot0000* Penstock\tHD(1,GPT,a)/\\EFI\\systemd\\systemd-bootx64.efi\n"
		"Boot0001* Penstocks\tHD(1,GPT,a)\nBoot000A  Penstock (second disk)\tHD(1)\n"
		"Boot0002* UEFI Penstock\tHD(1)\nBoot00\nBoot0003* Penstock",
		&numbers);
	joined = pst_strv_join(&numbers, " ");
	assert_string_equal(joined, "0000 000A 0003");
}

#define GIB ((uint64_t)1 << 30)

static char *word_list(const char *a)
{
	return (char *)a;
}

static struct pst_disks some_disks(struct pst_disk *v)
{
	static char *const ids[] = { (char *)"/dev/disk/by-id/nvme-ACME_E1", NULL };

	v[0] = (struct pst_disk){ .name = word_list("nvme0n1"),
				  .serial = word_list("E1"),
				  .size_bytes = 64 * GIB,
				  .use = PST_USE_FREE,
				  .ids = { .v = (char **)ids, .n = 1 } };
	v[1] = (struct pst_disk){ .name = word_list("sda"),
				  .serial = word_list("D1"),
				  .size_bytes = 64 * GIB,
				  .use = PST_USE_DATA };
	pst_strv_add(&v[1].found, "a partition table (gpt)");
	pst_strv_add(&v[1].found, "ext4 home on sda1");
	v[2] = (struct pst_disk){ .name = word_list("sdb"),
				  .serial = word_list("M1"),
				  .size_bytes = 64 * GIB,
				  .use = PST_USE_DATA,
				  .used = true };
	pst_strv_add(&v[2].found, "sdb1, mounted on /run/penstock/medium");
	v[3] = (struct pst_disk){ .name = word_list("sdc"),
				  .serial = word_list("P1"),
				  .size_bytes = 64 * GIB,
				  .use = PST_USE_POOL,
				  .pool = word_list("tank"),
				  .used = true };
	v[4] = (struct pst_disk){ .name = word_list("sdd"),
				  .serial = word_list("T1"),
				  .size_bytes = 5 * GIB,
				  .use = PST_USE_FREE };
	v[5] = (struct pst_disk){ .name = word_list("sde"),
				  .serial = word_list("R1"),
				  .size_bytes = 64 * GIB,
				  .use = PST_USE_DATA,
				  .read_only = true };
	pst_strv_add(&v[5].found, "that it is read-only");
	v[6] = (struct pst_disk){ .name = word_list("sdf"),
				  .serial = word_list("U1"),
				  .size_bytes = 64 * GIB,
				  .use = PST_USE_DATA,
				  .used = true };
	pst_strv_add(&v[6].found, "swap on sdf1");
	v[7] = (struct pst_disk){ .name = word_list("vda"),
				  .size_bytes = 64 * GIB,
				  .use = PST_USE_DATA };
	pst_strv_add(&v[7].found, "xfs on vda");
	v[8] = (struct pst_disk){ .name = word_list("sdg"),
				  .serial = word_list("E1"),
				  .size_bytes = 64 * GIB,
				  .use = PST_USE_FREE };
	v[9] = (struct pst_disk){ .name = word_list("sdh"),
				  .serial = word_list("B1"),
				  .size_bytes = 64 * GIB,
				  .use = PST_USE_FREE };
	v[10] = (struct pst_disk){ .name = word_list("sdi"),
				   .serial = word_list("N1"),
				   .size_bytes = 64 * GIB,
				   .use = PST_USE_UNKNOWN };
	v[11] = (struct pst_disk){ .name = word_list("sdj"),
				   .serial = word_list("B1"),
				   .size_bytes = 64 * GIB,
				   .use = PST_USE_FREE };
	v[12] = (struct pst_disk){ .name = word_list("sdk"),
				   .serial = word_list("E1"),
				   .size_bytes = 65 * GIB,
				   .use = PST_USE_FREE };
	v[13] = (struct pst_disk){ .name = word_list("vdb"),
				   .serial = word_list(""),
				   .size_bytes = 64 * GIB,
				   .use = PST_USE_FREE };
	v[14] = v[13];
	v[14].name = word_list("vdc");
	return (struct pst_disks){ .v = v, .n = 15 };
}

struct target {
	const char *name;
	const char *one, *two;
	const char *erase;
	const char *refusal; /* NULL: it may be taken */
};

static const struct target targets[] = {
	{ "an empty disk by its path", "/dev/nvme0n1", NULL, NULL, NULL },
	{ "an empty disk by its name in by-id", "/dev/disk/by-id/nvme-ACME_E1", NULL, NULL, NULL },
	{ "an empty disk by the kernel's name", "nvme0n1", NULL, NULL, NULL },
	{ "two of one serial number", "E1", NULL, NULL,
	  "disks[0]: nvme0n1 and sdg are both called \"E1\": say which by its path\n" },
	{ "a disk that is not there", "X", NULL, NULL,
	  "disks[0]: there is no disk \"X\"; there are those that penstock disks lists\n" },
	{ "data", "D1", NULL, NULL,
	  "disks[0]: sda (serial number D1) is not empty, and is left alone: found a partition "
	  "table "
	  "(gpt); ext4 home on sda1\n" },
	{ "data, and another's number", "D1", NULL, "U1",
	  "disks[0]: sda (serial number D1) is not empty, and is left alone: found a partition "
	  "table "
	  "(gpt); ext4 home on sda1\n" },
	{ "data, and its name for its number", "D1", NULL, "sda",
	  "disks[0]: sda (serial number D1) is not empty, and is left alone: found a partition "
	  "table "
	  "(gpt); ext4 home on sda1\n" },
	{ "data that may go", "D1", NULL, "D1", NULL },
	{ "data without a serial number", "vda", NULL, "D1",
	  "disks[0]: vda (serial number unknown) is not empty, and is left alone: found xfs on "
	  "vda\n" },
	{ "data that may go by the disk's name", "vda", NULL, "vda", NULL },
	{ "the medium, whatever is said", "M1", NULL, "M1",
	  "disks[0]: sdb is the medium that this system was started from\n" },
	{ "a pool's disk, whatever is said", "P1", NULL, "P1",
	  "disks[0]: sdc is in use: it is part of the pool tank, which is imported\n" },
	{ "a small disk", "T1", NULL, "T1",
	  "disks[0]: sdd is too small: it has 5.0 GiB, and 6 GiB are needed\n" },
	{ "a read-only disk", "R1", NULL, "R1", "disks[0]: sde is read-only\n" },
	{ "swap, whatever is said", "U1", NULL, "U1",
	  "disks[0]: sdf is in use: found swap on sdf1\n" },
	{ "the running system's disk", "/dev/sdh", NULL, "B1",
	  "disks[0]: sdh is a boot disk of the running system\n" },
	{ "a disk that nobody could look at", "N1", NULL, "N1",
	  "disks[0]: sdi could not be looked at: that needs root\n" },
	{ "the running system's disk by its other path", "/dev/sdj", NULL, "B1",
	  "disks[0]: sdj has the serial number and size of sdh, which is a boot disk of the "
	  "running system\n" },
	{ "a pair", "/dev/nvme0n1", "D1", "D1", NULL },
	{ "a pair of one serial number and two sizes", "/dev/nvme0n1", "/dev/sdk", NULL, NULL },
	{ "a pair without serial numbers", "vdb", "vdc", NULL, NULL },
	{ "a pair of one disk by two paths", "/dev/nvme0n1", "/dev/sdg", NULL,
	  "disks[1]: sdg has the serial number and size of nvme0n1: both are one disk\n" },
	{ "a pair of one disk", "/dev/nvme0n1", "nvme0n1", NULL,
	  "disks[1]: \"nvme0n1\" is the same disk (nvme0n1) as \"/dev/nvme0n1\"\n" },
	{ "a pair of two bad ones", "T1", "R1", NULL,
	  "disks[0]: sdd is too small: it has 5.0 GiB, and 6 GiB are needed\n"
	  "disks[1]: sde is read-only\n" },
};

static void target_is_judged(void **state)
{
	const struct target *row = *state;
	static char *const boot[] = { (char *)"/dev/sdh", NULL };
	const struct pst_image image = { .disks = { .v = (char **)boot, .n = 1 },
					 .medium = (char *)"/run/penstock/medium" };
	char *const words[] = { (char *)row->one, (char *)row->two };
	char *const erase[] = { (char *)row->erase };
	const struct pst_disk *found[2];
	struct pst_problems __cleanup_problems problems = { 0 };
	struct pst_buf __cleanup_buf said = { 0 };
	struct pst_disk v[15];
	struct pst_disks disks = some_disks(v);
	int error = pst_targets_check(&pst_this_host, &disks, &image, words, row->two ? 2 : 1,
				      erase, row->erase ? 1 : 0, found, &problems);

	for (size_t i = 0; i < problems.n; i++)
		pst_buf_printf(&said, "%s: %s\n", problems.v[i].key, problems.v[i].text);
	if (row->refusal)
		assert_string_equal(said.data, row->refusal);
	else
		assert_null(said.data);
	assert_int_equal(error, row->refusal ? -EPERM : 0);
	for (size_t i = 0; i < disks.n; i++)
		pst_strv_free(&disks.v[i].found);
}

#define PCI "/devices/pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0/block/sda"
#define MIB (1 << 20)

static const struct tree_entry one_disk[] = {
	{ "/sys" PCI "/size", "41943040\n" }, { "/sys" PCI "/dev", "8:0\n" },
	{ "/sys/block/sda", "-> .." PCI },    { "/sys/class/block/sda", "-> ../../block/sda" },
	{ "/proc/self/mountinfo", "" },	      { "/dev/sda", "" },
};

struct edge {
	const char *name;
	off_t size, at; /* where a byte is that is not 0; -1: nowhere */
	const char *found; /* NULL: nothing */
};

#define UNKNOWN "data of an unknown kind"

static const struct edge edges[] = {
	{ "only zeros", 4 * MIB, -1, NULL },
	{ "the first byte", 4 * MIB, 0, UNKNOWN },
	{ "the last byte of the first MiB", 4 * MIB, MIB - 1, UNKNOWN },
	{ "the first byte of the last MiB", 4 * MIB, 3 * MIB, UNKNOWN },
	{ "the last byte", 4 * MIB, 4 * MIB - 1, UNKNOWN },
	{ "a small disk of zeros", 4096, -1, NULL },
	{ "a small disk", 4096, 4095, UNKNOWN },
};

static void edge_is_looked_at(void **state)
{
	static const struct answer answers[] = { { "wipefs ", "" }, { "zpool ", NULL }, { 0 } };
	const struct edge *row = *state;
	struct pst_disks __cleanup_disks disks = { 0 };
	struct tree __cleanup_tree tree;
	char __cleanup_free *path = NULL;
	char __cleanup_free *found = NULL;
	int fd;

	tree_make(&tree, answers);
	tree_add(&tree, one_disk, ARRAY_SIZE(one_disk));
	path = pst_host_path(&tree.host, "/dev/sda");
	fd = open(path, O_WRONLY);
	assert_int_equal(ftruncate(fd, row->size), 0);
	if (row->at >= 0)
		assert_int_equal(pwrite(fd, "x", 1, row->at), 1);
	close(fd);
	assert_int_equal(pst_targets_observe(&tree.host, &disks, NULL), 0);
	assert_int_equal(disks.n, 1);
	assert_int_equal(disks.v[0].use, row->found ? PST_USE_DATA : PST_USE_FREE);
	found = pst_target_content(&disks.v[0]);
	if (row->found)
		assert_string_equal(found, row->found);
	else
		assert_null(found);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(release_is_read),
		cmocka_unit_test(partitions_are_as_the_disk_images),
		cmocka_unit_test(partitions_have_the_kernels_names),
		cmocka_unit_test(old_boot_entries_are_found),
	};

	ADD_TESTS(tests);
	ADD_ROWS(refused, release_is_refused);
	ADD_ROWS(targets, target_is_judged);
	ADD_ROWS(edges, edge_is_looked_at);
	return run_gathered(NULL, NULL);
}
