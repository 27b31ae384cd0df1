// SPDX-License-Identifier: MIT
/* src/node/select.c: which disks a selection is, at first and when one of them is lost. */
#include <errno.h>

#include "drawn-pool.h"
#include "node/shape.h"

struct select_row {
	const char *name;
	const char *select;
	const char *pool; /* NULL: not there */
	const char *expected; /* of the plan, or its disks where there is no problem */
};

static const struct select_row select_rows[] = {
	{ "by model", "{model: \"Fast *\", count: 2}", NULL, "/dev/by/a /dev/by/b" },
	{ "by size", "{size: 3.84T, count: 2}", NULL, "/dev/by/c /dev/by/d" },
	{ "by address", "{pci: \"0000:0[23]:*\", count: 2}", NULL, "/dev/by/b /dev/by/c" },
	{ "by name of the path", "{pci: \"pci-0000:04:00.0-*\", count: 1}", NULL, "/dev/by/d" },
	{ "what the pool has comes first", "{model: \"Fast *\", count: 2}", "data mirror be",
	  "/dev/by/b /dev/by/e" },
	{ "what the pool has, though it is gone", "{model: \"Fast *\", count: 2}", "data mirror bz",
	  "/dev/by/b /dev/by/z-part1" },
	{ "one more for the pool", "{model: \"Fast *\", count: 3}", "data mirror be",
	  "/dev/by/b /dev/by/e /dev/by/a" },
	{ "too few", "{model: \"Slow\", count: 3}", NULL,
	  "refused pools[0].select: 3 disks are wanted, and 1 of them are not to be had; what "
	  "matches: sdc (Slow, 3.84 TB, free); sdd (Slow, 3.84 TB, free); sdX (Slow, 3.84 TB, ext4 "
	  "on sdX)\n" },
	{ "none", "{model: Huge, count: 1}", NULL,
	  "refused pools[0].select: 1 disks are wanted, and 1 of them are not to be had; what "
	  "matches: none\n" },
	{ "of several kinds", "{pci: \"*\", count: 2}", NULL,
	  "refused pools[0].select: is not clear: more disks than the 2 match, of several kinds; "
	  "say "
	  "model or size: sda (Fast 1, 0.96 TB, free); sdb (Fast 1, 0.96 TB, free); sdc (Slow, "
	  "3.84 TB, free); sdd (Slow, 3.84 TB, free); sde (Fast 1, 0.96 TB, free); sdX (Slow, 3.84 "
	  "TB, ext4 on sdX)\n" },
	{ "all of several kinds", "{pci: \"*\", count: 5}", NULL,
	  "/dev/by/a /dev/by/b /dev/by/c /dev/by/d /dev/by/e" },
};

static void add_drive(struct pst_state *state, char letter, const char *model, uint64_t size_bytes)
{
	size_t number = state->n_drives + 1;
	struct pst_drive_state *drive =
		pst_array_grow((void **)&state->drives, &state->n_drives, sizeof(*drive));

	assert_non_null(drive);
	drive->disk = pst_printf("sd%c", letter);
	drive->path = pst_printf("/dev/by/%c", letter);
	drive->by_path = pst_printf("pci-0000:0%zu:00.0-nvme-1", number);
	drive->model = strdup(model);
	drive->size_bytes = size_bytes;
	draw_disk(state, letter);
}

static void disks_are_selected(void **state)
{
	const struct select_row *row = *state;
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };
	struct pst_plan __cleanup_plan plan = { 0 };
	struct pst_shape __cleanup_shape shape = { 0 };
	char __cleanup_free *conf = pst_printf(POOL "  layout: %s\n  select: %s\n",
					       row->pool ? "mirror" : "stripe", row->select);
	char __cleanup_free *text = NULL;

	conf_from(&doc, conf);
	if (row->pool)
		draw_pool(&is, row->pool);
	for (size_t i = 0; i < is.n_pools && is.pools[0].n_disks == 2; i++)
		if (pst_streq(is.pools[0].disks[1].disk, "sdz")) {
			free(is.pools[0].disks[1].disk);
			is.pools[0].disks[1].disk = NULL;
		}
	add_drive(&is, 'a', "Fast 1", 960197124096);
	add_drive(&is, 'b', "Fast 1", 960197124096);
	add_drive(&is, 'c', "Slow", 3840755982336);
	add_drive(&is, 'd', "Slow", 3840755982336);
	add_drive(&is, 'e', "Fast 1", 960197124096);
	add_drive(&is, 'X', "Slow", 3840755982336);
	if (pst_shape_resolve(doc.conf, 0, &is, &plan, &shape))
		text = plan_text(&plan);
	else
		text = pst_strv_join(&shape.v[0].disks, " ");
	assert_string_equal(text, row->expected);
}

/* Two pools that select do not take the same disks. */
static void pools_share_what_there_is(void **state)
{
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };
	struct pst_plan __cleanup_plan plan = { 0 };
	struct pst_shape __cleanup_shape shape = { 0 };

	(void)state;
	conf_from(&doc, POOL "  layout: mirror\n  select: {model: m, count: 2}\n"
			     "- name: lake\n  layout: mirror\n  disks: [/dev/by/c]\n"
			     "  select: {model: m, count: 1}\n");
	for (const char *p = "abcd"; *p; p++)
		add_drive(&is, *p, "m", 1000000000);
	assert_int_equal(pst_shape_resolve(doc.conf, 1, &is, &plan, &shape), 0);
	assert_string_equal(shape.v[0].disks.v[0], "/dev/by/c");
	assert_string_equal(shape.v[0].disks.v[1], "/dev/by/d");
}

static void lose(struct pst_state *state, char letter)
{
	struct pst_key name = pst_key("sd%c", letter);
	struct pst_disk_state *disk =
		(struct pst_disk_state *)pst_state_disk(state, pst_key("/dev/by/%c", letter).text);

	for (size_t i = 0; i < state->pools[0].n_disks; i++)
		if (pst_streq(state->pools[0].disks[i].disk, name.text))
			free(TAKE_PTR(state->pools[0].disks[i].disk));
	free(TAKE_PTR(disk->disk));
	disk->error = -ENOENT;
}

/* Each disk of the pool is the same one at the next run, whichever of them died: an empty one never moves up. */
struct lost_row {
	const char *name;
	const char *conf;
	const char *pool;
	char lost;
};

static const struct lost_row lost_rows[] = {
	{ "a named one beside a selected one",
	  "  layout: raidz1\n  disks: [/dev/by/a, /dev/by/b]\n  select: {model: m, count: 1}\n",
	  "data raidz1 abc", 'a' },
	{ "a selected one beside named ones",
	  "  layout: raidz1\n  disks: [/dev/by/a, /dev/by/b]\n  select: {model: m, count: 1}\n",
	  "data raidz1 abc", 'c' },
	{ "one of a stripe", "  layout: stripe\n  select: {model: m, count: 3}\n",
	  "data stripe a;data stripe b;data stripe c", 'b' },
	{ "a log",
	  "  layout: mirror\n  disks: [/dev/by/a, /dev/by/b]\n"
	  "  logs: [{layout: stripe, select: {model: m, count: 1}}]\n",
	  "data mirror ab;log stripe c", 'c' },
	{ "a named log beside a selected one",
	  "  layout: mirror\n  disks: [/dev/by/a, /dev/by/b]\n"
	  "  logs: [{layout: stripe, select: {model: m, count: 1}}, {layout: stripe, disks: "
	  "[/dev/by/c]}]\n",
	  "data mirror ab;log stripe c;log stripe d", 'c' },
};

static void lost_disk_keeps_its_place(void **state)
{
	const struct lost_row *row = *state;
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };
	char __cleanup_free *conf = pst_printf(POOL "%s", row->conf);
	char __cleanup_free *text = NULL;

	conf_from(&doc, conf);
	draw_pool(&is, row->pool);
	for (const char *p = "efabcd"; *p; p++)
		if (*p != row->lost)
			add_drive(&is, *p, "m", 1000000000);
	lose(&is, row->lost);
	text = planned_pools(doc.conf, &is, false);
	assert_string_equal(text, "");
}

/* What carries the pool's label is that pool, though there is less of it than was: nothing fills its place. */
static void selected_pool_is_imported_without_what_is_gone(void **state)
{
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };

	(void)state;
	conf_from(&doc, POOL "  layout: mirror\n  select: {model: m, count: 2}\n");
	add_drive(&is, 'a', "m", 1000000000);
	add_drive(&is, 'b', "m", 1000000000);
	is.disks[1].pool = strdup("tank");
	is.disks[1].pool_guid = strdup("7");
	pst_strv_add(&is.disks[1].found, "a member of the ZFS pool tank");
	assert_planned(
		pst_zpool_plan, doc.conf, &is,
		"do zpool import -d /dev/by 7 [the pool tank is not imported]\n"
		"do look again at the datasets of tank, which are known only then\n"
		"health pools[0].select: 1 of 2 disks carry the label of the pool tank: it is "
		"imported without the others\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pools_share_what_there_is),
		cmocka_unit_test(selected_pool_is_imported_without_what_is_gone),
	};

	ADD_TESTS(tests);
	ADD_ROWS(select_rows, disks_are_selected);
	ADD_ROWS(lost_rows, lost_disk_keeps_its_place);
	return run_gathered(NULL, NULL);
}
