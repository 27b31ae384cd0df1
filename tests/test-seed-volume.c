// SPDX-License-Identifier: MIT
/* src/seed: a volume as a directory, the machine's ports, and which volume is taken. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "common.h"
#include "seed/seed.h"
#include "seed/volume.h"
#include "tree.h"

#define CONF "node: {name: n, role: storage}\n"

struct row {
	const char *name;
	const char *label;
	struct tree_entry files[3];
	const char *yaml; /* NULL: none comes of it */
	const char *says; /* what is refused, or why not */
};

static const struct row rows[] = {
	{ "a penstock.yaml", "PENSTOCKCFG", { { "/v/penstock.yaml", CONF } }, CONF, "" },
	{ "small letters",
	  "penstockcfg",
	  { { "/v/penstock.yaml", CONF }, { "/v/meta-data", "- a\n" } },
	  CONF,
	  "" },
	{ "no penstock.yaml",
	  "PENSTOCKCFG",
	  { { "/v/other", "a" } },
	  NULL,
	  "PENSTOCKCFG: has no penstock.yaml\n" },
	{ "a bad value",
	  "PENSTOCKCFG",
	  { { "/v/penstock.yaml", "node:\n  name: n\n  role: disk\n" } },
	  NULL,
	  "PENSTOCKCFG/penstock.yaml:3: node.role: must be one of storage, gpu, not \"disk\"\n" },
	{ "all that is bad",
	  "PENSTOCKCFG",
	  { { "/v/penstock.yaml",
	      CONF "network:\n- interface: eth0\n  addresses: [10.0.0.5]\n  gateway: 10.0.0.1\n"
		   "  dns: [x]\n" } },
	  NULL,
	  "PENSTOCKCFG/penstock.yaml:4: network[0].addresses[0]: \"10.0.0.5\" must have the length "
	  "of the network's prefix, as 10.77.0.1/24 has\nPENSTOCKCFG/penstock.yaml:6: "
	  "network[0].dns[0]: \"x\" is not an address\n" },
	{ "an empty one",
	  "PENSTOCKCFG",
	  { { "/v/penstock.yaml", "" } },
	  NULL,
	  "PENSTOCKCFG/penstock.yaml:1: is empty\n" },
	{ "no YAML",
	  "PENSTOCKCFG",
	  { { "/v/penstock.yaml", "node: [\n" } },
	  NULL,
	  "PENSTOCKCFG/penstock.yaml:2: is not YAML: did not find expected node content while "
	  "parsing a flow node\n" },
	{ "a link",
	  "PENSTOCKCFG",
	  { { "/v/penstock.yaml", "-> /etc/passwd" } },
	  NULL,
	  "penstock.yaml is not a plain file" },
	{ "a directory",
	  "PENSTOCKCFG",
	  { { "/v/penstock.yaml/a", "b" } },
	  NULL,
	  "penstock.yaml is not a plain file" },
	{ "a seed",
	  "CIDATA",
	  { { "/v/meta-data", "local-hostname: [\n" }, { "/v/penstock.yaml", CONF } },
	  NULL,
	  "CIDATA/meta-data:2: is not YAML: did not find expected node content while parsing a "
	  "flow node\n" },
	{ "a seed without files",
	  "cidata",
	  { { "/v/penstock.yaml", CONF } },
	  NULL,
	  "cidata: has neither meta-data nor user-data nor network-config\n" },
	{ "a link in a seed",
	  "cidata",
	  { { "/v/user-data", "-> meta-data" } },
	  NULL,
	  "user-data is not a plain file" },
};

static void volume_becomes(void **state)
{
	const struct row *row = *state;
	const struct pst_seed_machine machine = { 0 };
	struct pst_seed __cleanup_seed seed = { .label = strdup(row->label) };
	struct pst_reason __cleanup_reason reason = { 0 };
	struct pst_buf __cleanup_buf says = { 0 };
	struct tree __cleanup_tree tree;

	tree_make(&tree, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(row->files) && row->files[i].path; i++)
		tree_add(&tree, &row->files[i], 1);

	char __cleanup_free *path = pst_host_path(&tree.host, "/v");
	int __cleanup_close directory = open(path, O_RDONLY | O_DIRECTORY);
	int error = pst_seed_take_volume(directory, &machine, &seed, &reason);

	for (size_t i = 0; i < seed.refused.n; i++)
		pst_buf_printf(&says, "%s\n", seed.refused.v[i]);
	if (reason.text)
		pst_buf_add(&says, reason.text);
	assert_string_equal(says.data ?: "", row->says);
	if (row->yaml)
		assert_string_equal(seed.text, row->yaml);
	else
		assert_null(seed.text);
	assert_int_equal(!error, row->yaml != NULL);
}

/* A volume is read by who trusts nothing of it. */
static void large_is_refused(void **state)
{
	char __cleanup_free *text = calloc(1, PST_SEED_FILE_MAX_BYTES + 2);
	struct pst_reason __cleanup_reason reason = { 0 };
	struct pst_seed_file file;
	struct tree __cleanup_tree tree;

	(void)state;
	tree_make(&tree, NULL);
	memset(text, '#', PST_SEED_FILE_MAX_BYTES + 1);
	tree_file(&tree, "/large", text);

	int __cleanup_close directory = open(tree.root, O_RDONLY | O_DIRECTORY);

	assert_int_equal(pst_volume_read(directory, "large", &file, &reason), -EFBIG);
	assert_string_equal(reason.text, "large is larger than 1024 KiB");
	assert_int_equal(pst_volume_read(directory, "none", &file, NULL), 0);
	assert_null(file.text);
}

/* A reader would wait for ever. */
static void pipe_is_refused(void **state)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	struct pst_seed_file file;
	struct tree __cleanup_tree tree;

	(void)state;
	tree_make(&tree, NULL);

	int __cleanup_close directory = open(tree.root, O_RDONLY | O_DIRECTORY);

	assert_int_equal(mkfifoat(directory, "pipe", 0600), 0);
	assert_int_equal(pst_volume_read(directory, "pipe", &file, &reason), -EBADMSG);
	assert_string_equal(reason.text, "pipe is not a plain file");
}

static void nul_is_refused(void **state)
{
	struct pst_seed __cleanup_seed seed = { .label = strdup("PENSTOCKCFG") };
	const struct pst_seed_file file = { (char *)CONF "\0", sizeof(CONF) };

	(void)state;
	assert_int_equal(pst_seed_take_yaml(&file, &seed, NULL), -EINVAL);
	assert_string_equal(seed.refused.v[0],
			    "PENSTOCKCFG/penstock.yaml:1: is not text: it holds a NUL byte");
}

static void ports_are_those_with_a_device(void **state)
{
	static const struct tree_entry entries[] = {
		{ "/sys/class/net/eth1/address", "52:54:00:00:00:02\n" },
		{ "/sys/class/net/eth1/type", "1\n" },
		{ "/sys/class/net/eth1/device/vendor", "0x1af4\n" },
		{ "/sys/class/net/bond0/address", "52:54:00:00:00:02\n" },
		{ "/sys/class/net/bond0/type", "1\n" },
		{ "/sys/class/net/ib0/address", "80:00\n" },
		{ "/sys/class/net/ib0/type", "32\n" },
		{ "/sys/class/net/ib0/device/vendor", "0x15b3\n" },
	};
	struct pst_seed_machine __cleanup_seed_machine machine = { 0 };
	struct tree __cleanup_tree tree;

	(void)state;
	tree_make(&tree, NULL);
	tree_add(&tree, entries, ARRAY_SIZE(entries));
	assert_int_equal(pst_seed_observe(&tree.host, &machine, NULL), 0);
	assert_int_equal(machine.n_cards, 1);
	assert_string_equal(machine.cards[0].name, "eth1");
	assert_string_equal(machine.cards[0].mac, "52:54:00:00:00:02");
}

static void no_volume_is_none(void **state)
{
	const struct pst_seed_machine machine = { 0 };
	struct pst_seed __cleanup_seed seed = { 0 };
	struct tree __cleanup_tree tree;

	(void)state;
	tree_make(&tree, NULL);
	tree_file(&tree, "/dev/disk/by-label/OTHER", "");
	assert_int_equal(pst_seed_look(&tree.host, &machine, &seed, NULL), -ENOENT);
	assert_null(seed.label);
}

/* What is no block device is refused by the kernel, and the volume is named; root or not. */
static void first_label_is_taken(void **state)
{
	const struct pst_seed_machine machine = { 0 };
	struct pst_seed __cleanup_seed seed = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };
	struct tree __cleanup_tree tree;

	(void)state;
	tree_make(&tree, NULL);
	tree_file(&tree, "/dev/disk/by-label/cidata", "");
	tree_file(&tree, "/dev/disk/by-label/PENSTOCKCFG", "");
	assert_true(pst_seed_look(&tree.host, &machine, &seed, &reason) < 0);
	assert_string_equal(seed.label, "PENSTOCKCFG");
	assert_non_null(strstr(reason.text, "PENSTOCKCFG: "));
	assert_int_equal(seed.warnings.n, 1);
	assert_string_equal(seed.warnings.v[0], "cidata: is not used: there is PENSTOCKCFG");
}

/* Of a stick that is known to USB, the block device is waited for, but not for ever. */
static void stick_is_waited_for(void **state)
{
	static const struct answer answers[] = { { "udevadm settle", "" }, { NULL, NULL } };
	struct tree __cleanup_tree tree;

	(void)state;
	tree_make(&tree, answers);
	assert_int_equal(pst_seed_wait(&tree.host, 1, NULL), 0);
	assert_int_equal(tree.runs, 1);
	tree_file(&tree, "/sys/bus/usb/devices/1-1:1.0/bInterfaceClass", "08\n");
	assert_int_equal(pst_seed_wait(&tree.host, 1, NULL), 0);
	assert_true(tree.runs > 2);
	tree.runs = 0;
	tree_file(&tree, "/sys/bus/usb/devices/1-1:1.0/host1/target1:0:0/1:0:0:0/block/sdb/size",
		  "1\n");
	assert_int_equal(pst_seed_wait(&tree.host, 1, NULL), 0);
	assert_int_equal(tree.runs, 1);
}

static int never_ends(struct pst_host *host, char *const argv[], int timeout_ms,
		      struct pst_run_result *ret, struct pst_reason *reason)
{
	(void)host;
	(void)timeout_ms;
	(void)ret;
	return pst_fail(reason, -ETIMEDOUT, "%s did not end", argv[0]);
}

/* A device that never settles is no reason not to look at the others. */
static void udev_that_never_ends_is_passed(void **state)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	struct tree __cleanup_tree tree;

	(void)state;
	tree_make(&tree, NULL);
	tree.host.run = never_ends;
	assert_int_equal(pst_seed_wait(&tree.host, 1, &reason), 0);
	assert_null(reason.text);
}

static void configuration_is_never_replaced(void **state)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	char __cleanup_free *text = NULL;
	struct tree __cleanup_tree tree;

	(void)state;
	tree_make(&tree, NULL);

	char __cleanup_free *path = pst_host_path(&tree.host, "/etc/penstock/penstock.yaml");

	assert_int_equal(pst_file_write_new(path, "first", 0644, NULL), 0);
	assert_int_equal(pst_file_write_new(path, "second", 0644, &reason), -EEXIST);
	assert_int_equal(pst_file_read(path, &text, NULL, NULL), 0);
	assert_string_equal(text, "first");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(large_is_refused),
		cmocka_unit_test(pipe_is_refused),
		cmocka_unit_test(nul_is_refused),
		cmocka_unit_test(ports_are_those_with_a_device),
		cmocka_unit_test(no_volume_is_none),
		cmocka_unit_test(first_label_is_taken),
		cmocka_unit_test(stick_is_waited_for),
		cmocka_unit_test(udev_that_never_ends_is_passed),
		cmocka_unit_test(configuration_is_never_replaced),
	};

	ADD_ROWS(rows, volume_becomes);
	ADD_TESTS(tests);
	return run_gathered(NULL, NULL);
}
