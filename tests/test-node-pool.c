// SPDX-License-Identifier: MIT
/* src/node/zpool-change.c and shape.c: from the shape that a pool has to that of the file. */
#include <errno.h>
#include <stdio.h>

#include "drawn-pool.h"

struct row {
	const char *name;
	const char *conf;
	const char *pool;
	const char *free; /* disks that are there besides */
	const char *expected;
	const char *
		after; /* what is left after these steps; "" by default, "-" when they are not tried */
};

#define NOTE   "do write /var/lib/penstock/adding-tank\ndo udevadm settle --timeout=30\n"
#define FORGET "do remove /var/lib/penstock/adding-tank\n"
#define MOVE                                                                                     \
	"make another pool, and type: zfs snapshot -r tank@move && zfs send -R tank@move | zfs " \
	"receive -F OTHER\n"

static const struct row rows[] = {
	{ .name = "several mirrors, as declared",
	  .conf = "  vdevs:\n  - {layout: mirror, disks: [/dev/by/a, /dev/by/b]}\n"
		  "  - {layout: mirror, disks: [/dev/by/c, /dev/by/d]}\n",
	  .pool = "data mirror ab;data mirror cd",
	  .expected = "" },
	{ .name = "another order in the file",
	  .conf = "  vdevs:\n  - {layout: mirror, disks: [/dev/by/d, /dev/by/c]}\n"
		  "  - {layout: mirror, disks: [/dev/by/b, /dev/by/a]}\n",
	  .pool = "data mirror ab;data mirror cd",
	  .expected = "" },
	{ .name = "a new mirror",
	  .conf = "  vdevs:\n  - {layout: mirror, disks: [/dev/by/a, /dev/by/b]}\n"
		  "  - {layout: mirror, disks: [/dev/by/c, /dev/by/d]}\n",
	  .pool = "data mirror ab",
	  .free = "cd",
	  .expected = NOTE
	  "do zpool add -n -o ashift=12 tank mirror /dev/by/c /dev/by/d\n"
	  "do zpool add -o ashift=12 tank mirror /dev/by/c /dev/by/d [the pool tank has no mirror "
	  "of /dev/by/c /dev/by/d]\n" FORGET },
	{ .name = "a new disk of a stripe",
	  .conf = "  layout: stripe\n  disks: [/dev/by/a, /dev/by/b]\n",
	  .pool = "data stripe a",
	  .free = "b",
	  .expected =
		  NOTE "do zpool add -n -o ashift=12 tank /dev/by/b\n"
		       "do zpool add -o ashift=12 tank /dev/by/b [the pool tank has no stripe of "
		       "/dev/by/b]\n" FORGET },
	{ .name = "a new mirror that is not empty",
	  .conf = "  vdevs:\n  - {layout: mirror, disks: [/dev/by/a, /dev/by/b]}\n"
		  "  - {layout: mirror, disks: [/dev/by/c, /dev/by/X]}\n",
	  .pool = "data mirror ab",
	  .free = "cX",
	  .expected = "refused pools[0].vdevs[1].disks[1]: /dev/by/X (sdX) is not empty, and is "
		      "left alone: found ext4 on sdX\n",
	  .after = "-" },
	{ .name = "a new mirror of a disk that the pool has",
	  .conf = "  vdevs:\n  - {layout: mirror, disks: [/dev/by/a, /dev/by/b]}\n"
		  "  - {layout: mirror, disks: [/dev/by/d, /dev/by/e]}\n",
	  .pool = "data mirror ab;log stripe d",
	  .free = "e",
	  .expected =
		  "do zpool remove tank /dev/by/d [the pool tank has a log /dev/by/d, which is "
		  "not declared]\n"
		  "refused pools[0].vdevs[1].disks[0]: /dev/by/d (sdd) is part of the pool tank\n",
	  .after = "-" },
	{ .name = "a new group that is wider",
	  .conf = "  vdevs:\n  - {layout: mirror, disks: [/dev/by/a, /dev/by/b]}\n"
		  "  - {layout: mirror, disks: [/dev/by/c, /dev/by/d, /dev/by/e]}\n",
	  .pool = "data mirror ab",
	  .free = "cde",
	  .expected = "refused pools[0].vdevs[1]: a mirror of 3 disks is not as safe or as wide as "
		      "mirror-0 of 2, which the pool tank has: make them alike, or type: zpool add "
		      "-f tank mirror /dev/by/c /dev/by/d /dev/by/e\n",
	  .after = "-" },
	{ .name = "raidz becomes wider",
	  .conf = "  layout: raidz1\n  disks: [/dev/by/a, /dev/by/b, /dev/by/c, /dev/by/d]\n",
	  .pool = "data raidz1 abc",
	  .free = "d",
	  .expected = NOTE "do zpool attach tank raidz1-0 /dev/by/d [raidz1-0 of the pool tank has "
			   "3 disks, not 4]\n" FORGET },
	{ .name = "raidz becomes wider by two",
	  .conf = "  layout: raidz1\n"
		  "  disks: [/dev/by/a, /dev/by/b, /dev/by/c, /dev/by/d, /dev/by/e]\n",
	  .pool = "data raidz1 abc",
	  .free = "de",
	  .expected = NOTE
	  "do zpool attach tank raidz1-0 /dev/by/d [raidz1-0 of the pool tank has 3 disks, not "
	  "5]\n" FORGET
	  "differs pools[0]: 1 more disks follow one by one, each when the one before is done: "
	  "penstock apply again then\n",
	  .after = NOTE "do zpool attach tank raidz1-0 /dev/by/e [raidz1-0 of the pool tank has 4 "
			"disks, not 5]\n" FORGET },
	{ .name = "raidz is becoming wider already",
	  .conf = "  layout: raidz1\n  disks: [/dev/by/a, /dev/by/b, /dev/by/c, /dev/by/d]\n",
	  .pool = "!data raidz1 abc",
	  .free = "d",
	  .expected =
		  "differs pools[0].disks[3]: /dev/by/d follows when the expansion that is going "
		  "on in the pool tank is done: zpool wait -t raidz_expand tank\n",
	  .after = "-" },
	{ .name = "mirror gets another copy",
	  .conf = "  layout: mirror\n  disks: [/dev/by/a, /dev/by/b, /dev/by/c]\n",
	  .pool = "data mirror ab",
	  .free = "c",
	  .expected =
		  NOTE "do zpool attach tank /dev/by/a /dev/by/c [mirror-0 of the pool tank has "
		       "2 disks, not 3]\n" FORGET },
	{ .name = "one disk replaced",
	  .conf = "  layout: raidz1\n  disks: [/dev/by/a, /dev/by/e, /dev/by/c]\n",
	  .pool = "data raidz1 abc",
	  .free = "e",
	  .expected = NOTE "do zpool replace tank /dev/by/b /dev/by/e [in the pool tank, /dev/by/e "
			   "shall take the place of /dev/by/b-part1]\n" FORGET },
	{ .name = "one disk of a stripe replaced",
	  .conf = "  layout: stripe\n  disks: [/dev/by/a, /dev/by/e]\n",
	  .pool = "data stripe a;data stripe b",
	  .free = "e",
	  .expected = NOTE "do zpool replace tank /dev/by/b /dev/by/e [in the pool tank, /dev/by/e "
			   "shall take the place of /dev/by/b-part1]\n" FORGET },
	{ .name = "a disk that is being replaced",
	  .conf = "  layout: raidz1\n  disks: [/dev/by/a, /dev/by/e, /dev/by/c]\n",
	  .pool = "data raidz1 ab>ec",
	  .expected = "health pools[0]: in the pool tank, /dev/by/b-part1 is being replaced\n",
	  .after = "-" },
	{ .name = "two disks replaced at once",
	  .conf = "  layout: raidz1\n  disks: [/dev/by/a, /dev/by/e, /dev/by/f]\n",
	  .pool = "data raidz1 abc",
	  .free = "ef",
	  .expected =
		  "refused pools[0]: 2 disks of raidz1-0 are others in the file: exchange one at "
		  "a time, each when the one before is done\n",
	  .after = "-" },
	{ .name = "a replacement that is not there",
	  .conf = "  layout: raidz1\n  disks: [/dev/by/a, /dev/by/e, /dev/by/c]\n",
	  .pool = "data raidz1 abc",
	  .expected =
		  "differs pools[0].disks[1]: /dev/by/e is not part of the pool tank, and is not "
		  "there\n",
	  .after = "-" },
	{ .name = "a spare stands in",
	  .conf = "  layout: raidz1\n  disks: [/dev/by/a, /dev/by/b, /dev/by/c]\n  spares: "
		  "[/dev/by/s]\n",
	  .pool = "data raidz1 ab+sc;spare stripe s",
	  .expected = "" },
	{ .name = "raidz with fewer disks",
	  .conf = "  layout: raidz1\n  disks: [/dev/by/a, /dev/by/b, /dev/by/c]\n",
	  .pool = "data raidz1 abcd",
	  .expected =
		  "refused pools[0].disks: raidz1-0 of the pool tank has 4 disks and cannot have "
		  "3, which would lose data: put /dev/by/d into the file; for fewer disks, " MOVE,
	  .after = "-" },
	{ .name = "mirror with fewer disks",
	  .conf = "  layout: mirror\n  disks: [/dev/by/a, /dev/by/b]\n",
	  .pool = "data mirror abc",
	  .expected = "refused pools[0].disks: without /dev/by/c, mirror-0 of the pool tank would "
		      "keep one copy less: put it into the file, or type: zpool detach tank "
		      "/dev/by/c\n",
	  .after = "-" },
	{ .name = "a mirror that is gone from the file",
	  .conf = "  layout: mirror\n  disks: [/dev/by/a, /dev/by/b]\n",
	  .pool = "data mirror ab;data mirror cd",
	  .expected = "refused pools[0]: mirror-1 holds data of the pool tank and is not in the "
		      "file: put it there, or type: zpool remove tank mirror-1\n",
	  .after = "-" },
	{ .name = "a raidz that is gone from the file",
	  .conf = "  layout: raidz1\n  disks: [/dev/by/a, /dev/by/b, /dev/by/c]\n",
	  .pool = "data raidz1 abc;data raidz1 def",
	  .expected = "refused pools[0]: raidz1-1 holds data of the pool tank and is not in the "
		      "file: put it there; ZFS cannot take such a vdev out (it would refuse zpool "
		      "remove tank raidz1-1)\n",
	  .after = "-" },
	{ .name = "all disks are others",
	  .conf = "  layout: mirror\n  disks: [/dev/by/c, /dev/by/d]\n",
	  .pool = "data mirror ab",
	  .free = "cd",
	  .expected = "refused pools[0]: mirror-0 holds data of the pool tank and is not in the "
		      "file: put it there, or type: zpool remove tank mirror-0\n",
	  .after = "-" },
	{ .name = "another layout",
	  .conf = "  layout: raidz2\n  disks: [/dev/by/a, /dev/by/b, /dev/by/c, /dev/by/d]\n",
	  .pool = "data raidz1 abcd",
	  .expected =
		  "refused pools[0].layout: raidz1-0 of the pool tank is raidz1, and ZFS cannot "
		  "make it raidz2: write raidz1; for another layout, " MOVE,
	  .after = "-" },
	{ .name = "a disk that shall be a mirror",
	  .conf = "  layout: mirror\n  disks: [/dev/by/a, /dev/by/b]\n",
	  .pool = "data stripe a",
	  .free = "b",
	  .expected = "refused pools[0].layout: stripe-0 is a disk of its own in the pool tank; to "
		      "make it a mirror, type: zpool attach tank stripe-0 DISK\n",
	  .after = "-" },
	{ .name = "spares, cache, log and special added",
	  .conf = "  layout: mirror\n  disks: [/dev/by/a, /dev/by/b]\n"
		  "  special: [{layout: mirror, disks: [/dev/by/c, /dev/by/d]}]\n"
		  "  logs: [{layout: mirror, disks: [/dev/by/e, /dev/by/f]}]\n"
		  "  cache: [/dev/by/g]\n  spares: [/dev/by/h, /dev/by/i]\n",
	  .pool = "data mirror ab",
	  .free = "cdefghi",
	  .expected = NOTE
	  "do zpool add -n -o ashift=12 tank special mirror /dev/by/c /dev/by/d\n"
	  "do zpool add -o ashift=12 tank special mirror /dev/by/c /dev/by/d [the pool tank has no "
	  "special mirror of /dev/by/c /dev/by/d]\n"
	  "do zpool add -n -o ashift=12 tank log mirror /dev/by/e /dev/by/f\n"
	  "do zpool add -o ashift=12 tank log mirror /dev/by/e /dev/by/f [the pool tank has no log "
	  "mirror of /dev/by/e /dev/by/f]\n"
	  "do zpool add -n tank cache /dev/by/g\n"
	  "do zpool add tank cache /dev/by/g [the pool tank has no cache stripe of /dev/by/g]\n"
	  "do zpool add -n tank spare /dev/by/h\n"
	  "do zpool add tank spare /dev/by/h [the pool tank has no spare stripe of /dev/by/h]\n"
	  "do zpool add -n tank spare /dev/by/i\n"
	  "do zpool add tank spare /dev/by/i [the pool tank has no spare stripe of "
	  "/dev/by/i]\n" FORGET },
	{ .name = "log, cache and spare removed",
	  .conf = "  layout: mirror\n  disks: [/dev/by/a, /dev/by/b]\n",
	  .pool = "data mirror ab;log mirror cd;cache stripe e;spare stripe f",
	  .expected =
		  "do zpool remove tank mirror-1 [the pool tank has a log mirror-1, which is not "
		  "declared]\n"
		  "do zpool remove tank /dev/by/e [the pool tank has a cache /dev/by/e, which is "
		  "not declared]\n"
		  "do zpool remove tank /dev/by/f [the pool tank has a spare /dev/by/f, which is "
		  "not declared]\n" },
	{ .name = "another spare",
	  .conf = "  layout: mirror\n  disks: [/dev/by/a, /dev/by/b]\n  spares: [/dev/by/d]\n",
	  .pool = "data mirror ab;spare stripe c",
	  .free = "d",
	  .expected = NOTE
	  "do zpool add -n tank spare /dev/by/d\n"
	  "do zpool add tank spare /dev/by/d [the pool tank has no spare stripe of /dev/by/d]\n"
	  "do zpool remove tank /dev/by/c [the pool tank has a spare /dev/by/c, which is not "
	  "declared]\n" FORGET },
	{ .name = "special that is gone from the file",
	  .conf = "  layout: mirror\n  disks: [/dev/by/a, /dev/by/b]\n",
	  .pool = "data mirror ab;special mirror cd",
	  .expected = "refused pools[0]: mirror-1 holds data of the pool tank and is not in the "
		      "file: put it there, or type: zpool remove tank mirror-1\n",
	  .after = "-" },
	{ .name = "draid, as declared",
	  .conf = "  vdevs: [{layout: draid1, data: 2, spares: 1, disks: [/dev/by/a, /dev/by/b, "
		  "/dev/by/c, /dev/by/d]}]\n",
	  .pool = "data draid1:2d:4c:1s abcd",
	  .expected = "" },
	{ .name = "draid cannot become wider",
	  .conf = "  vdevs: [{layout: draid1, data: 2, disks: [/dev/by/a, /dev/by/b, /dev/by/c, "
		  "/dev/by/d]}]\n",
	  .pool = "data draid1:2d:3c:0s abc",
	  .free = "d",
	  .expected = "refused pools[0].vdevs[0].disks[3]: draid1:2d:3c:0s-0 cannot become wider: "
		      "add a vdev of its width, or take /dev/by/d out of the file\n",
	  .after = "-" },
	{ .name = "draid in the place of a raidz, and another disk",
	  .conf = "  vdevs: [{layout: draid1, data: 2, disks: [/dev/by/a, /dev/by/b, "
		  "/dev/by/d]}]\n",
	  .pool = "data raidz1 abc",
	  .free = "d",
	  .expected = "refused pools[0].vdevs[0].layout: raidz1-0 of the pool tank is raidz1, and "
		      "ZFS cannot make it draid1:2d:3c:0s: write raidz1; for another layout, " MOVE,
	  .after = "-" },
	{ .name = "draid of other stripes, and another disk",
	  .conf = "  vdevs: [{layout: draid1, data: 1, disks: [/dev/by/a, /dev/by/b, "
		  "/dev/by/d]}]\n",
	  .pool = "data draid1:2d:3c:0s abc",
	  .free = "d",
	  .expected = "refused pools[0].vdevs[0].layout: draid1:2d:3c:0s-0 of the pool tank is "
		      "draid1:2d:3c:0s, and ZFS cannot make it draid1:1d:3c:0s: write "
		      "draid1:2d:3c:0s; for another layout, " MOVE,
	  .after = "-" },
	{ .name = "draid of other stripes",
	  .conf = "  vdevs: [{layout: draid1, data: 1, disks: [/dev/by/a, /dev/by/b, "
		  "/dev/by/c]}]\n",
	  .pool = "data draid1:2d:3c:0s abc",
	  .expected = "refused pools[0].vdevs[0].layout: draid1:2d:3c:0s-0 of the pool tank is "
		      "draid1:2d:3c:0s, and ZFS cannot make it draid1:1d:3c:0s: write "
		      "draid1:2d:3c:0s; for another layout, " MOVE,
	  .after = "-" },
};

static void state_of(const struct row *row, struct pst_state *state)
{
	static const char all[] = "abcdefghis";

	draw_pool(state, row->pool);
	for (const char *p = row->free; p && *p; p++)
		draw_disk(state, *p);
	/* What the file may name beyond that is not there. */
	for (const char *p = all; *p; p++)
		if (!pst_state_disk(state, pst_key("/dev/by/%c", *p).text))
			add_disk(state, pst_key("/dev/by/%c", *p).text, NULL, NULL);
}

static void shape_is_changed(void **state)
{
	const struct row *row = *state;
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };
	char __cleanup_free *conf = pst_printf(POOL "%s", row->conf);
	char __cleanup_free *first = NULL;
	char __cleanup_free *second = NULL;
	bool carry_out = !pst_streq(row->after, "-");

	conf_from(&doc, conf);
	state_of(row, &is);
	first = planned_pools(doc.conf, &is, carry_out);
	second = carry_out ? planned_pools(doc.conf, &is, false) : strdup("");
	assert_string_equal(first, row->expected);
	assert_string_equal(second, carry_out ? row->after ?: "" : "");
}

/* What was being added when it broke off has a partition table, and is ours to go on with. */
static void addition_is_finished(void **state)
{
	static const struct row row = { .pool = "data mirror ab", .free = "cd" };
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };
	char __cleanup_free *note = pst_printf("%s/dev/by/c\n/dev/by/d\n", pst_file_header);
	char __cleanup_free *text = NULL;

	(void)state;
	conf_from(&doc, POOL "  vdevs:\n  - {layout: mirror, disks: [/dev/by/a, /dev/by/b]}\n"
			     "  - {layout: mirror, disks: [/dev/by/c, /dev/by/d]}\n");
	state_of(&row, &is);
	pst_strv_add(&((struct pst_disk_state *)pst_state_disk(&is, "/dev/by/c"))->found,
		     "a partition table (gpt)");
	text = planned_pools(doc.conf, &is, false);
	assert_string_equal(text,
			    "refused pools[0].vdevs[1].disks[0]: /dev/by/c (sdc) is not empty, and "
			    "is left alone: found a partition table (gpt)\n");
	add_file(&is, "/var/lib/penstock/adding-tank", note);
	free(text);
	text = planned_pools(doc.conf, &is, false);
	assert_string_equal(text,
			    "do wipefs --all --types gpt,PMBR /dev/by/c [what was begun with it "
			    "broke off]\n"
			    "do udevadm settle --timeout=30\n"
			    "do zpool add -n -o ashift=12 tank mirror /dev/by/c /dev/by/d\n"
			    "do zpool add -o ashift=12 tank mirror /dev/by/c /dev/by/d [the "
			    "pool tank has no mirror of /dev/by/c /dev/by/d]\n" FORGET);
}

static void new_pool_of_all_classes(void **state)
{
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };
	char __cleanup_free *text = NULL;

	(void)state;
	conf_from(&doc, POOL
		  "  vdevs: [{layout: draid1, data: 2, spares: 1, disks: [/dev/by/a, /dev/by/b, "
		  "/dev/by/c, /dev/by/d]}]\n"
		  "  special: [{layout: mirror, disks: [/dev/by/e, /dev/by/f]}]\n"
		  "  logs: [{layout: stripe, disks: [/dev/by/g]}]\n"
		  "  cache: [/dev/by/h]\n  spares: [/dev/by/i]\n");
	for (const char *p = "abcdefghi"; *p; p++)
		draw_disk(&is, *p);
	/* A disk that likes to write 16 KiB at once, and one that says nonsense. */
	is.disks[1].block_bytes = 16384;
	text = planned_pools(doc.conf, &is, true);
	assert_string_equal(
		text,
		"do write /var/lib/penstock/creating-tank\ndo udevadm settle --timeout=30\n"
		"do zpool create -o ashift=14 -o autotrim=on -O acltype=posix -O atime=off -O "
		"compression=lz4 -O dnodesize=auto -O recordsize=1M -O xattr=sa tank "
		"draid1:2d:4c:1s /dev/by/a /dev/by/b /dev/by/c /dev/by/d special mirror /dev/by/e "
		"/dev/by/f log /dev/by/g cache /dev/by/h spare /dev/by/i [there is no pool tank]\n"
		"do remove /var/lib/penstock/creating-tank\n");
	free(text);
	text = planned_pools(doc.conf, &is, false);
	assert_string_equal(text, "");
}

/* What is on the disks of an imported pool is not looked at: none of them may pass for an empty one. */
static void new_pool_takes_no_disk_of_another(void **state)
{
	static const struct row row = { .pool = "data stripe b", .free = "a" };
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };
	char __cleanup_free *text = NULL;

	(void)state;
	conf_from(&doc, POOL "  layout: mirror\n  disks: [/dev/by/a, /dev/by/b]\n");
	state_of(&row, &is);
	free(is.pools[0].name);
	is.pools[0].name = strdup("other");
	text = planned_pools(doc.conf, &is, false);
	assert_string_equal(text, "refused pools[0].disks[1]: /dev/by/b (sdb) is part of the pool "
				  "other\n");
}

/* zpool(8): "'log' can be specified only once". */
static void new_pool_names_a_class_once(void **state)
{
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };
	char __cleanup_free *text = NULL;

	(void)state;
	conf_from(&doc, POOL "  layout: mirror\n  disks: [/dev/by/a, /dev/by/b]\n"
			     "  special:\n  - {layout: mirror, disks: [/dev/by/c, /dev/by/d]}\n"
			     "  - {layout: mirror, disks: [/dev/by/e, /dev/by/f]}\n"
			     "  logs:\n  - {layout: stripe, disks: [/dev/by/g]}\n"
			     "  - {layout: stripe, disks: [/dev/by/h]}\n");
	for (const char *p = "abcdefgh"; *p; p++)
		draw_disk(&is, *p);
	text = planned_pools(doc.conf, &is, true);
	assert_non_null(strstr(text, " tank mirror /dev/by/a /dev/by/b special mirror /dev/by/c "
				     "/dev/by/d mirror /dev/by/e /dev/by/f log /dev/by/g /dev/by/h "
				     "["));
	free(text);
	text = planned_pools(doc.conf, &is, false);
	assert_string_equal(text, "");
}

/* "log mirror g h i" would be a mirror of three. */
static void new_pool_has_single_disks_before_groups(void **state)
{
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };
	char __cleanup_free *text = NULL;

	(void)state;
	conf_from(&doc, POOL "  layout: mirror\n  disks: [/dev/by/a, /dev/by/b]\n"
			     "  logs:\n  - {layout: mirror, disks: [/dev/by/g, /dev/by/h]}\n"
			     "  - {layout: stripe, disks: [/dev/by/i]}\n  cache: [/dev/by/j]\n");
	for (const char *p = "abghij"; *p; p++)
		draw_disk(&is, *p);
	text = planned_pools(doc.conf, &is, true);
	assert_non_null(strstr(text, " tank mirror /dev/by/a /dev/by/b log /dev/by/i mirror "
				     "/dev/by/g /dev/by/h cache /dev/by/j ["));
	free(text);
	text = planned_pools(doc.conf, &is, false);
	assert_string_equal(text, "");
}

/* Only a spare's label does not say whose it is. */
static void pool_with_a_spare_is_imported(void **state)
{
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };

	(void)state;
	conf_from(&doc, POOL "  layout: stripe\n  disks: [/dev/by/a]\n  spares: [/dev/by/s]\n");
	add_disk(&is, "/dev/by/a", "sda", "a partition table (gpt);a member of the ZFS pool tank");
	is.disks[0].pool = strdup("tank");
	is.disks[0].pool_guid = strdup("7");
	add_disk(&is, "/dev/by/s", "sds",
		 "a partition table (gpt);a member of the ZFS pool (unnamed)");
	assert_planned(pst_zpool_plan, doc.conf, &is,
		       "do zpool import -d /dev/by 7 [the pool tank is not imported]\n"
		       "do look again at the datasets of tank, which are known only then\n");
}

struct import_row {
	const char *name;
	const char *pool;
	const char *found; /* NULL: tests/data/zpool-import */
	bool module;
	const char *expected;
};

static const struct import_row import_rows[] = {
	{ "imported by its name", "{name: lake, import: true}", NULL, true,
	  "do zpool import -d /dev/disk/by-id 99 [the pool lake is not imported]\n"
	  "do look again at the datasets of lake, which are known only then\n" },
	{ "last used by another host", "{name: tank, import: true}", NULL, true,
	  "refused pools[0]: the pool tank was last used by another host, which may still write to "
	  "it: export it there, or, when that host is gone for good, type: zpool import -f "
	  "4155446127326463014\n" },
	{ "not there", "{name: sea, import: true}", NULL, true,
	  "refused pools[0]: there is no pool sea to import, and import: true keeps it from being "
	  "created: zpool import lists what there is\n" },
	{ "not there, though there are empty disks",
	  "{name: sea, import: true, layout: stripe, disks: [/dev/by/a]}", "", true,
	  "refused pools[0]: there is no pool sea to import, and import: true keeps it from being "
	  "created: zpool import lists what there is\n" },
	{ "not known without the module", "{name: sea, import: true}", "", false,
	  "do look again at the pools, which are known only then\n" },
	{ "two of one name", "{name: a, import: true}", " pool: a\n   id: 1\n pool: a\n   id: 2\n",
	  true,
	  "refused pools[0]: 2 pools named a are there: type zpool import, and then zpool import "
	  "with the id of the right one\n" },
	{ "on disks that another host used", "{name: tank, layout: stripe, disks: [/dev/by/t]}",
	  NULL, true,
	  "refused pools[0]: the pool tank was last used by another host, which may still write to "
	  "it: export it there, or, when that host is gone for good, type: zpool import -f "
	  "4155446127326463014\n" },
};

static void pool_is_imported(void **state)
{
	const struct import_row *row = *state;
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };
	char __cleanup_free *conf =
		pst_printf("node: {name: s, role: storage}\npools: [%s]\n", row->pool);
	char __cleanup_free *found = row->found ? strdup(row->found) : data("zpool-import");
	struct pst_disk_state *disk;

	conf_from(&doc, conf);
	draw_disk(&is, 'a');
	disk = add_disk(&is, "/dev/by/t", "sdt", "a member of the ZFS pool tank");
	disk->pool = strdup("tank");
	disk->pool_guid = strdup("4155446127326463014");
	if (row->module)
		pst_strv_add(&is.modules, "zfs");
	assert_int_equal(pst_import_parse(found, &is, NULL), 0);
	assert_planned(pst_zpool_plan, doc.conf, &is, row->expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addition_is_finished),
		cmocka_unit_test(new_pool_of_all_classes),
		cmocka_unit_test(new_pool_takes_no_disk_of_another),
		cmocka_unit_test(new_pool_names_a_class_once),
		cmocka_unit_test(new_pool_has_single_disks_before_groups),
		cmocka_unit_test(pool_with_a_spare_is_imported),
	};

	ADD_TESTS(tests);
	ADD_ROWS(rows, shape_is_changed);
	ADD_ROWS(import_rows, pool_is_imported);
	return run_gathered(NULL, NULL);
}
