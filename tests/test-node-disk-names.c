// SPDX-License-Identifier: MIT
/* Which of udev's names are a disk's for good, and which of them is the best. */
#include "node/disk-names.h"

#include "rows.h"
#include "tree.h"

struct row {
	const char *name;
	const char *links; /* NAME DISK NAME DISK ... */
	const char *disk;
	const char *expected; /* the best first, with blanks between */
};

static void make_links(const struct tree *tree, const char *dir, const char *links)
{
	char __cleanup_free *words = strdup(links);
	char *rest, *name = strtok_r(words, " ", &rest);

	for (; name; name = strtok_r(NULL, " ", &rest)) {
		char __cleanup_free *path = pst_printf("%s/%s", dir, name);
		char __cleanup_free *target = pst_printf("../../%s", strtok_r(NULL, " ", &rest));

		tree_link(tree, path, target);
	}
}

static void assert_named(const struct pst_disk_names *names, const char *disk, const char *expected)
{
	struct pst_strv __cleanup_strv words = { 0 };
	char __cleanup_free *list = NULL;
	size_t count = 99;
	const struct pst_disk_name *found = pst_disk_names_of(names, disk, &count);

	assert_int_equal(!found, !count);
	for (size_t i = 0; found && i < count; i++)
		pst_strv_add(&words, found[i].name);
	list = pst_strv_join(&words, " ");
	assert_string_equal(list, expected);
}

static void names_are_chosen(void **state)
{
	const struct row *row = *state;
	struct pst_disk_names __cleanup_disk_names names = { 0 };
	struct tree __cleanup_tree tree;

	tree_make(&tree, NULL);
	make_links(&tree, PST_BY_ID, row->links);
	assert_int_equal(pst_disk_ids_read(&tree.host, &names, NULL), 0);
	assert_named(&names, row->disk, row->expected);
}

static const struct row rows[] = {
	{ "none", "", "sda", "" },
	{ "another disk's", "ata-A_1 sda ata-B_2 sdab", "sdb", "" },
	{ "numbers are last", "nvme-eui.01 nvme0n1 nvme-A_1 nvme0n1 nvme-uuid.02 nvme0n1",
	  "nvme0n1", "nvme-A_1 nvme-eui.01 nvme-uuid.02" },
	{ "a number is better than nothing", "wwn-0x5 sda scsi-35 sda", "sda", "wwn-0x5 scsi-35" },
	{ "the whole model is better than one cut short",
	  "scsi-SATA_A_1 sda wwn-0x5 sda ata-A_Long_Name_1 sda scsi-35 sda", "sda",
	  "ata-A_Long_Name_1 scsi-SATA_A_1 wwn-0x5 scsi-35" },
	{ "the shortest", "nvme-A_1_1 nvme0n1 nvme-A_1 nvme0n1", "nvme0n1", "nvme-A_1 nvme-A_1_1" },
	{ "equally short", "nvme-B nvme0n1 nvme-A nvme0n1", "nvme0n1", "nvme-A nvme-B" },
	{ "partitions are others'", "nvme-A_1 nvme0n1 nvme-A_1-part1 nvme0n1p1", "nvme0n1",
	  "nvme-A_1" },
	{ "first of two namespaces", "nvme-A_1 nvme0n1 nvme-A_1_1 nvme0n1 nvme-A_1_2 nvme0n2",
	  "nvme0n1", "nvme-A_1_1" },
	{ "second of two namespaces", "nvme-A_1 nvme0n1 nvme-A_1_1 nvme0n1 nvme-A_1_2 nvme0n2",
	  "nvme0n2", "nvme-A_1_2" },
	{ "a name that any namespace may have next",
	  "nvme-A_1 nvme0n2 nvme-A_1_1 nvme0n1 nvme-A_1_2 nvme0n2 nvme-eui.02 nvme0n2", "nvme0n2",
	  "nvme-A_1_2 nvme-eui.02" },
	{ "the other namespace is before it in the list",
	  "nvme-A_1 nvme0n2 nvme-A_1_1 nvme0n1 nvme-eui.02 nvme0n2", "nvme0n2", "nvme-eui.02" },
	{ "a partition of the only namespace",
	  "nvme-A_1 nvme0n1 nvme-A_1_1 nvme0n1 nvme-A_1_1-part1 nvme0n1p1", "nvme0n1",
	  "nvme-A_1 nvme-A_1_1" },
	{ "a serial number that begins as another",
	  "nvme-A_1 nvme0n1 nvme-A_10 nvme1n1 nvme-A_1-x nvme2n1", "nvme0n1", "nvme-A_1" },
	{ "what penstock.yaml does not take", "ata-A$1 sda wwn-0x5 sda", "sda", "wwn-0x5" },
};

static void places_are_as_they_are(void **state)
{
	struct pst_disk_names __cleanup_disk_names names = { 0 };
	struct tree __cleanup_tree tree;

	(void)state;
	tree_make(&tree, NULL);
	make_links(&tree, PST_BY_PATH,
		   "pci-2 sdb pci-1_2 sda pci-1 sdc pci-2-part1 sdb1 pci-10 sdb");
	assert_int_equal(pst_disk_names_read(&tree.host, PST_BY_PATH, &names, NULL), 0);
	assert_int_equal(names.n, 5);
	assert_named(&names, "sda", "pci-1_2");
	assert_named(&names, "sdb", "pci-10 pci-2");
	assert_named(&names, "sdc", "pci-1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_are_as_they_are),
	};

	ADD_TESTS(tests);
	ADD_ROWS(rows, names_are_chosen);
	return run_gathered(NULL, NULL);
}
