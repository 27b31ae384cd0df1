// SPDX-License-Identifier: MIT
/* src/node/fallback.c, and what of it goes into plans. */
#include <errno.h>

#include "base/image.h"
#include "common.h"
#include "node/fallback.h"
#include "tree.h"

#define FEATURES      "/sys/module/zfs/features.pool/"
#define LIST(version) PST_IMAGES_PATH "/" version "/zfs-features"
#define CONF(properties)                   \
	"node: {name: s, role: storage}\n" \
	"pools:\n  - {name: tank, layout: stripe, disks: [/dev/disk/by-id/a]" properties "}\n"

static char *read_file(const struct tree *tree, const char *path)
{
	char *text = NULL;

	if (pst_host_read(&tree->host, path, &text, NULL))
		return strdup("(none)");
	return text;
}

static void make_system(struct tree *tree)
{
	tree_file(tree, PST_IMAGE_FILE,
		  "disk=/dev/vda\nesp=/dev/vda1\nroot=/dev/vda2\nverity=/dev/vda3\n"
		  "state=/dev/vda6\nroothash=ab\nmedium=\n");
	tree_file(tree, PST_OS_RELEASE_FILE, "IMAGE_ID=penstock-storage\nIMAGE_VERSION=0.1.0\n");
	tree_file(tree, FEATURES "org.openzfs:draid/description", "x");
	tree_file(tree, FEATURES "org.openzfs:raidz_expansion/description", "x");
}

static void set_is_what_all_installed_versions_know(void **state)
{
	char __cleanup_free *table = data("sfdisk.json");
	const struct answer answers[] = { { "sfdisk --json /dev/vda", table }, { 0 } };
	struct tree __cleanup_tree tree;
	char __cleanup_free *here = NULL, *set = NULL, *gone = NULL;

	(void)state;
	tree_make(&tree, answers);
	make_system(&tree);
	tree_file(&tree, LIST("0.0.8"), "draid\n");
	assert_int_equal(pst_fallback_keep(&tree.host, NULL), 0);
	here = read_file(&tree, LIST("0.1.0"));
	assert_string_equal(here, "draid\nraidz_expansion\n");
	gone = read_file(&tree, LIST("0.0.8"));
	assert_string_equal(gone, "(none)");
	set = read_file(&tree, PST_FALLBACK_PATH);
	assert_non_null(strstr(set, "\ndraid\nraidz_expansion\n"));
}

/* The table of a disk with an older version. */
static const char older[] =
	"{\"partitiontable\":{\"label\":\"gpt\",\"partitions\":["
	"{\"node\":\"/dev/vda4\",\"size\":8,\"type\":"
	"\"4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709\",\"name\":\"penstock-storage_0.0.9\"}]}}";

static void set_is_smaller_with_an_older_version(void **state)
{
	const struct answer answers[] = { { "sfdisk --json /dev/vda", older }, { 0 } };
	struct tree __cleanup_tree tree;
	char __cleanup_free *set = NULL;

	(void)state;
	tree_make(&tree, answers);
	make_system(&tree);
	tree_file(&tree, LIST("0.0.9"), "async_destroy\ndraid\n");
	assert_int_equal(pst_fallback_keep(&tree.host, NULL), 0);
	set = read_file(&tree, PST_FALLBACK_PATH);
	assert_true(pst_startswith(set, pst_file_header));
	assert_non_null(strstr(set, "\ndraid\n"));
	assert_null(strstr(set, "raidz_expansion"));
}

/* It was started once: factory reset made forget what it knew. */
static void of_an_older_version_the_least_is_known(void **state)
{
	const struct answer answers[] = {
		{ "sfdisk --json /dev/vda", older },
		{ "systemd-analyze compare-versions 0.1.0 gt 0.0.9", "" },
		{ "zpool get ", "tank\tfeature@draid\tactive\ntank\tfeature@longname\tactive\n" },
		{ 0 },
	};
	struct pst_strv __cleanup_strv beyond = { 0 };
	struct tree __cleanup_tree tree;
	char __cleanup_free *set = NULL;

	(void)state;
	tree_make(&tree, answers);
	make_system(&tree);
	assert_int_equal(pst_fallback_keep(&tree.host, NULL), -ENOENT);
	tree_file(&tree, "/usr/share/zfs/compatibility.d/openzfs-2.3", "# OpenZFS 2.3\ndraid\n");
	assert_int_equal(pst_fallback_keep(&tree.host, NULL), 0);
	set = read_file(&tree, PST_FALLBACK_PATH);
	assert_non_null(strstr(set, "\ndraid\n"));
	assert_null(strstr(set, "raidz_expansion"));
	assert_int_equal(pst_fallback_beyond(&tree.host, "0.0.9", "0.1.0", &beyond, NULL), 0);
	assert_int_equal(beyond.n, 1);
	assert_string_equal(beyond.v[0], "the pool tank uses the feature longname, and 0.0.9 could "
					 "not import it");
}

/* Nothing answers for a disk that is away. */
static void half_of_a_boot_mirror_is_enough(void **state)
{
	const struct answer answers[] = { { "sfdisk --json /dev/vdb", older }, { 0 } };
	struct tree __cleanup_tree tree;

	(void)state;
	tree_make(&tree, answers);
	make_system(&tree);
	tree_file(&tree, PST_IMAGE_FILE,
		  "disk=/dev/vda /dev/vdb\nesp=/dev/vda1 /dev/vdb1\ndiskseq=1 2\nroot=/dev/vda2\n"
		  "verity=/dev/vda3\nstate=/dev/md0\nroothash=ab\nmedium=\n");
	tree_file(&tree, "/sys/class/block/vdb/diskseq", "2\n");
	tree_file(&tree, LIST("0.0.9"), "draid\n");
	assert_int_equal(pst_fallback_keep(&tree.host, NULL), 0);
	assert_true(pst_host_exists(&tree.host, PST_FALLBACK_PATH));
}

static void elsewhere_nothing_is_kept(void **state)
{
	const struct answer answers[] = { { 0 } };
	struct tree __cleanup_tree tree;

	(void)state;
	tree_make(&tree, answers);
	assert_int_equal(pst_fallback_keep(&tree.host, NULL), 0);
	assert_false(pst_host_exists(&tree.host, PST_FALLBACK_PATH));
}

struct common_row {
	const char *name;
	const char *one, *two, *common;
};

static const struct common_row commons[] = {
	{ "the same", "a\nb\n", "a\nb\n", "a\nb\n" },
	{ "one less", "a\nb\nc\n", "c\na\n", "a\nc\n" },
	{ "a longer name", "zstd\n", "zstd_compress\n", "" },
	{ "a shorter name", "zstd_compress\n", "zstd\n", "" },
	{ "nothing", "", "a\n", "" },
	{ "no last newline", "a\nb", "b", "b\n" },
};

static void common_features(void **state)
{
	const struct common_row *row = *state;
	char __cleanup_free *common = pst_features_common(row->one, row->two);

	assert_string_equal(common, row->common);
}

static void active_features_beyond_are_said(void **state)
{
	static const char answer[] = "tank\tsize\t1G\n"
				     "tank\tfeature@draid\tactive\n"
				     "tank\tfeature@raidz_expansion\tenabled\n"
				     "tank\tfeature@fast_dedup\tactive\n"
				     "other\tfeature@longname\tactive";
	struct pst_strv __cleanup_strv beyond = { 0 };

	(void)state;
	pst_features_beyond(answer, "async_destroy\ndraid\n", "0.0.9", &beyond);
	assert_int_equal(beyond.n, 2);
	assert_string_equal(beyond.v[0],
			    "the pool tank uses the feature fast_dedup, and 0.0.9 could not import "
			    "it");
	assert_string_equal(beyond.v[1],
			    "the pool other uses the feature longname, and 0.0.9 could not import "
			    "it");
}

struct plan_row {
	const char *name;
	const char *properties;
	bool kept;
	bool there; /* the pool */
	const char *has; /* what the plan has of it; NULL: nothing */
};

static const struct plan_row plans[] = {
	{ "a new pool", "", true, false, "-o compatibility=penstock-fallback" },
	{ "a new pool elsewhere", "", false, false, NULL },
	{ "a new pool with a waiver", ", properties: {compatibility: \"off\"}", true, false,
	  "-o compatibility=off" },
	{ "a pool", "", true, true, "zpool set compatibility=penstock-fallback tank" },
	{ "a pool elsewhere", "", false, true, NULL },
	{ "a pool with a waiver", ", properties: {compatibility: \"off\"}", true, true,
	  "zpool set compatibility=off tank" },
};

static void pools_keep_to_the_set(void **state)
{
	const struct plan_row *row = *state;
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { .fallback = row->kept };
	struct pst_plan __cleanup_plan plan = { 0 };
	char __cleanup_free *conf = pst_printf(CONF("%s"), row->properties);
	char __cleanup_free *text = NULL;

	conf_from(&doc, conf);
	add_disk(&is, "/dev/disk/by-id/a", "/dev/sda", NULL);
	if (row->there) {
		is.pools = calloc(1, sizeof(*is.pools));
		assert_non_null(is.pools);
		is.n_pools = 1;
		is.pools[0].name = strdup("tank");
		is.pools[0].health = strdup("ONLINE");
		is.pools[0].layout = strdup("stripe");
	}
	pst_zpool_plan(doc.conf, &is, &plan);
	text = plan_text(&plan);
	if (row->has)
		assert_non_null(strstr(text, row->has));
	else
		assert_null(strstr(text, "compatibility"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_is_what_all_installed_versions_know),
		cmocka_unit_test(set_is_smaller_with_an_older_version),
		cmocka_unit_test(of_an_older_version_the_least_is_known),
		cmocka_unit_test(half_of_a_boot_mirror_is_enough),
		cmocka_unit_test(elsewhere_nothing_is_kept),
		cmocka_unit_test(active_features_beyond_are_said),
	};

	ADD_TESTS(tests);
	ADD_ROWS(commons, common_features);
	ADD_ROWS(plans, pools_keep_to_the_set);
	return run_gathered(NULL, NULL);
}
