// SPDX-License-Identifier: MIT
/* Random configurations: pools, datasets, and exports. */
#include <stdio.h>

#include "random-conf.h"

#define DATASETS 6

static const char *const pool_names[] = { "tank", "Pool-1" };

static unsigned int count_pools(const struct random_conf *conf)
{
	struct dice fixed = dice_fixed(conf, RANDOM_POOL, RANDOM_SLOTS);

	return 1 + chance(&fixed, 40);
}

/* Each disk has its place: one that was in a pool is not empty, and no later version may have it elsewhere. */
static void add_disk(unsigned int pool, unsigned int n, struct pst_buf *text)
{
	pst_buf_printf(text, "/dev/disk/by-id/nvme-%u-%u", pool, n);
}

static void add_disks(unsigned int pool, unsigned int first, unsigned int count,
		      struct pst_buf *text)
{
	pst_buf_add(text, "[");
	for (unsigned int i = 0; i < count; i++) {
		pst_buf_add(text, i ? ", " : "");
		add_disk(pool, first + i, text);
	}
	pst_buf_add(text, "]");
}

/* What a pool's groups of data disks are like. */
struct shape {
	const char *layout;
	unsigned int width;
	unsigned int data; /* of draid */
	unsigned int spares;
	bool list; /* under vdevs */
	unsigned int groups;
	unsigned int selected; /* how many of a group's disks are found by a selector */
	bool has_special;
};

static struct shape shape_of(const struct random_conf *conf, unsigned int pool)
{
	static const struct {
		const char *layout;
		unsigned int least;
	} layouts[] = { { "stripe", 1 }, { "mirror", 2 }, { "raidz1", 3 }, { "raidz2", 4 },
			{ "raidz3", 5 }, { "draid1", 3 }, { "draid2", 4 } };
	struct dice fixed = dice_fixed(conf, RANDOM_POOL, pool);
	bool grown = conf->version[RANDOM_GROWTH][pool];
	unsigned int n = below(&fixed, ARRAY_SIZE(layouts));
	struct shape shape = { .layout = layouts[n].layout };
	bool draid = pst_startswith(shape.layout, "draid");

	shape.list = draid || chance(&fixed, 50);
	shape.data = draid ? 2 : 0;
	shape.spares = draid ? below(&fixed, 2) : 0;
	shape.width = layouts[n].least + shape.spares + draid + below(&fixed, 2);
	shape.groups = shape.list ? 1 + below(&fixed, 2) : 1;
	if (chance(&fixed, 25))
		shape.selected =
			shape.groups > 1 && shape.width > 5 ? 1 : 1 + below(&fixed, shape.width);
	shape.has_special = chance(&fixed, 25) || (grown && chance(&fixed, 30));
	if (grown && shape.list)
		shape.groups++;
	else if (grown && !draid)
		shape.width++;
	return shape;
}

/* @between: what stands between two keys, for a list's entry and for a pool's own lines. */
static void add_group(unsigned int pool, unsigned int n, const struct shape *shape,
		      const char *between, struct pst_buf *text)
{
	unsigned int named = shape->width - shape->selected;

	pst_buf_printf(text, "layout: %s", shape->layout);
	if (shape->data)
		pst_buf_printf(text, "%sdata: %u%sspares: %u", between, shape->data, between,
			       shape->spares);
	if (named) {
		pst_buf_printf(text, "%sdisks: ", between);
		add_disks(pool, n * 10, named, text);
	}
	if (shape->selected)
		pst_buf_printf(text, "%sselect: {%s, count: %u}", between,
			       pool ? "size: 3.84T, pci: \"0000:41:*\"" : "model: \"FAST*\"",
			       shape->selected);
}

static void add_groups(unsigned int pool, const struct shape *shape, struct pst_buf *text)
{
	if (!shape->list) {
		pst_buf_add(text, "  ");
		add_group(pool, 0, shape, "\n  ", text);
		pst_buf_add(text, "\n");
		return;
	}
	pst_buf_add(text, "  vdevs:\n");
	for (unsigned int i = 0; i < shape->groups; i++) {
		pst_buf_add(text, "  - {");
		add_group(pool, i, shape, ", ", text);
		pst_buf_add(text, "}\n");
	}
}

/* Disks that may come and go: one that stays, and others with each version. */
static void add_helpers(const struct random_conf *conf, enum random_piece piece, const char *key,
			unsigned int pool, unsigned int first, struct pst_buf *text)
{
	struct dice fixed = dice_fixed(conf, piece, pool);
	struct dice dice = dice_for(conf, piece, pool);
	unsigned int version = conf->version[piece][pool];
	bool stays = chance(&fixed, 50);
	unsigned int more = below(&dice, 3);

	if (!stays && !more)
		return;
	pst_buf_printf(text, "  %s: [", key);
	if (stays)
		add_disk(pool, first, text);
	for (unsigned int i = 0; i < more; i++) {
		pst_buf_add(text, i || stays ? ", " : "");
		add_disk(pool, first + 1 + version * 2 + i, text);
	}
	pst_buf_add(text, "]\n");
}

static void add_logs(const struct random_conf *conf, unsigned int pool, struct pst_buf *text)
{
	struct dice dice = dice_for(conf, RANDOM_LOGS, pool);
	unsigned int first = 200 + conf->version[RANDOM_LOGS][pool] * 6;
	unsigned int count = below(&dice, 3);

	if (count)
		pst_buf_add(text, "  logs:\n");
	for (unsigned int i = 0; i < count; i++) {
		bool mirror = chance(&dice, 50);

		pst_buf_printf(text, "  - {layout: %s, disks: ", mirror ? "mirror" : "stripe");
		add_disks(pool, first + i * 3, mirror ? 2 + below(&dice, 2) : 1, text);
		pst_buf_add(text, "}\n");
	}
}

/* A value that a property may have. */
static void add_value(const struct pst_property *property, struct dice *dice, struct pst_buf *text)
{
	static const char *const records[] = { "16K", "128K", "1M", "4096", "16M" };
	static const char *const sizes[] = { "0", "32K", "64K" };
	static const char *const limits[] = { "none", "10G", "1T", "2147483648" };
	char __cleanup_free *words = NULL;
	unsigned int n, count = 1;

	if (pst_streq(property->values, "#record")) {
		pst_buf_add(text, ONE_OF(dice, records));
	} else if (pst_streq(property->values, "#size")) {
		pst_buf_add(text, ONE_OF(dice, sizes));
	} else if (pst_streq(property->values, "#none")) {
		pst_buf_add(text, ONE_OF(dice, limits));
	} else if (pst_streq(property->values, "#ashift")) {
		pst_buf_printf(text, "%u", 12 + below(dice, 3));
	} else {
		words = strdup(property->values);
		for (const char *p = words; *p; p++)
			count += *p == '|';
		n = below(dice, count);
		for (char *word = strtok(words, "|"); word; word = strtok(NULL, "|"))
			if (!n--)
				pst_buf_printf(text, "\"%s\"", word);
	}
}

/* mountpoint: NULL for none. */
static void add_properties(const char *key, const struct pst_property *table, unsigned int percent,
			   const char *mountpoint, struct dice *dice, struct pst_buf *text)
{
	struct pst_buf list = { 0 };
	char __cleanup_free *all = NULL;

	for (; table->name; table++) {
		bool is_mountpoint = pst_streq(table->name, "mountpoint");

		if (is_mountpoint ? !mountpoint : !chance(dice, percent))
			continue;
		pst_buf_printf(&list, "%s%s: ", list.len ? ", " : "", table->name);
		if (is_mountpoint)
			pst_buf_add(&list, mountpoint);
		else
			add_value(table, dice, &list);
	}
	if (chance(dice, percent))
		pst_buf_printf(&list, "%s\"org.lab:tag\": \"v %u\"", list.len ? ", " : "",
			       below(dice, 3));
	all = pst_buf_take(&list);
	if (*all)
		pst_buf_printf(text, "  %s: {%s}\n", key, all);
}

static void add_pool(const struct random_conf *conf, unsigned int pool, struct pst_buf *text)
{
	struct shape shape = shape_of(conf, pool);
	struct dice fixed = dice_fixed(conf, RANDOM_POOL, 2 + pool);
	struct dice dice = dice_for(conf, RANDOM_POOL, pool);

	pst_buf_printf(text, "- name: %s\n", pool_names[pool]);
	add_groups(pool, &shape, text);
	if (shape.has_special) {
		pst_buf_add(text, "  special:\n  - {layout: mirror, disks: ");
		add_disks(pool, 90, 2, text);
		pst_buf_add(text, "}\n");
	}
	add_logs(conf, pool, text);
	add_helpers(conf, RANDOM_CACHE, "cache", pool, 400, text);
	add_helpers(conf, RANDOM_SPARES, "spares", pool, 600, text);
	add_properties("properties", pst_pool_properties, 25, NULL, &dice, text);
	add_properties("filesystem_properties", pst_fs_properties, 8,
		       chance(&fixed, 30) ? pst_key("/srv/%s", pool_names[pool]).text : NULL, &dice,
		       text);
}

void random_pools(const struct random_conf *conf, struct pst_buf *text)
{
	pst_buf_add(text, "pools:\n");
	for (unsigned int i = 0; i < count_pools(conf); i++)
		add_pool(conf, i, text);
}

/* Datasets by their slots: what each is below. */
static const struct {
	const char *name;
	int above; /* -1: the pool's own */
	bool last; /* in the last pool */
} places[DATASETS] = {
	{ "/d0", -1, false },	    { "/d1", -1, false }, { "/d1/x", 1, false },
	{ "/d1/x/deep", 2, false }, { "/d4", -1, true },  { "/d4/z.1", 4, true },
};

static struct pst_key dataset_name(const struct random_conf *conf, unsigned int slot)
{
	return pst_key("%s%s", pool_names[places[slot].last ? count_pools(conf) - 1 : 0],
		       places[slot].name);
}

static bool is_encrypted(const struct random_conf *conf, unsigned int slot)
{
	struct dice fixed = dice_fixed(conf, RANDOM_DATASET, slot);

	return chance(&fixed, 20);
}

static bool has_mountpoint(const struct random_conf *conf, unsigned int slot)
{
	struct dice fixed = dice_fixed(conf, RANDOM_DATASET, slot);

	below(&fixed, 2);
	return chance(&fixed, 25);
}

/* What can not be made so later, or be undone by leaving it out, is there in all versions. */
static bool is_there(const struct random_conf *conf, unsigned int slot)
{
	struct dice dice = dice_for(conf, RANDOM_DATASET, slot);

	return is_encrypted(conf, slot) || has_mountpoint(conf, slot) || chance(&dice, 70);
}

static struct pst_key own_mountpoint(const struct random_conf *conf, unsigned int slot)
{
	struct dice dice = dice_for(conf, RANDOM_DATASET, slot);

	below(&dice, 2);
	return pst_key("/srv/m%u-%u", slot, below(&dice, 3));
}

static struct pst_key mountpoint_of(const struct random_conf *conf, unsigned int slot)
{
	unsigned int pool = places[slot].last ? count_pools(conf) - 1 : 0;
	struct dice fixed = dice_fixed(conf, RANDOM_POOL, 2 + pool);
	int above = places[slot].above;

	if (has_mountpoint(conf, slot))
		return own_mountpoint(conf, slot);
	if (above >= 0)
		return pst_key("%s%s", mountpoint_of(conf, (unsigned int)above).text,
			       strrchr(places[slot].name, '/'));
	return pst_key("%s/%s%s", chance(&fixed, 30) ? "/srv" : "", pool_names[pool],
		       places[slot].name);
}

static void add_dataset(const struct random_conf *conf, unsigned int slot, struct pst_buf *text)
{
	static const char *const formats[] = { "", ", format: raw", ", format: hex",
					       ", format: passphrase" };
	struct dice dice = dice_for(conf, RANDOM_DATASET, slot);
	struct dice fixed = dice_fixed(conf, RANDOM_DATASET, slot);

	below(&dice, 2);
	below(&dice, 2);
	below(&fixed, 2);
	below(&fixed, 2);
	pst_buf_printf(text, "- name: %s\n", dataset_name(conf, slot).text);
	if (is_encrypted(conf, slot)) {
		pst_buf_printf(text, "  encryption: {key: \"%s%u\"",
			       chance(&fixed, 50) ? "file:///etc/zfs/keys/k"
						  : "credential:zfs-key.k",
			       slot);
		pst_buf_printf(text, "%s}\n", ONE_OF(&fixed, formats));
	}
	if (chance(&dice, 50))
		pst_buf_printf(text, "  owner: %u\n", 1000 + below(&dice, 3));
	if (chance(&dice, 50))
		pst_buf_printf(text, "  group: %u\n", 1000 + below(&dice, 3));
	if (chance(&dice, 50))
		pst_buf_printf(text, "  mode: \"%s\"\n", chance(&dice, 50) ? "0750" : "2775");
	add_properties("properties", pst_fs_properties, 10,
		       has_mountpoint(conf, slot) ? own_mountpoint(conf, slot).text : NULL, &dice,
		       text);
}

void random_datasets(const struct random_conf *conf, struct pst_buf *text)
{
	struct dice fixed = dice_fixed(conf, RANDOM_DATASET, RANDOM_SLOTS);
	unsigned int start = below(&fixed, DATASETS);
	bool any = false;

	for (unsigned int i = 0; i < DATASETS; i++) {
		unsigned int slot = (start + i) % DATASETS;

		if (!is_there(conf, slot))
			continue;
		if (!any)
			pst_buf_add(text, "datasets:\n");
		any = true;
		add_dataset(conf, slot, text);
	}
}

static void add_client(struct dice *dice, const char *host, struct pst_buf *text)
{
	static const char *const squashes[] = { "", ", squash: root", ", squash: all",
						", squash: none" };
	static const char *const secs[] = { "sys", "krb5p", "krb5, krb5i", "sys, krb5p" };
	static const char *const xprtsecs[] = { "none", "tls", "tls, mtls" };
	static const char *const options[] = {
		"async",	 "insecure", "no_wdelay, nohide",
		"subtree_check", "no_acl",   "sync, insecure_locks"
	};

	pst_buf_printf(text, "{host: \"%s\", access: %s%s", host, chance(dice, 50) ? "rw" : "ro",
		       ONE_OF(dice, squashes));
	pst_buf_add(text, ", allow_anyone: true, allow_root: true");
	if (chance(dice, 30))
		pst_buf_add(text, ", crossmnt: true");
	if (chance(dice, 30))
		pst_buf_printf(text, ", anonuid: %u", below(dice, 3) * 1000);
	if (chance(dice, 30))
		pst_buf_printf(text, ", anongid: %u", below(dice, 3) * 1000);
	if (chance(dice, 40))
		pst_buf_printf(text, ", sec: [%s]", ONE_OF(dice, secs));
	if (chance(dice, 30))
		pst_buf_printf(text, ", xprtsec: [%s]", ONE_OF(dice, xprtsecs));
	if (chance(dice, 40))
		pst_buf_printf(text, ", options: [%s]", ONE_OF(dice, options));
	pst_buf_add(text, "}");
}

static void add_export(const struct random_conf *conf, unsigned int slot, struct pst_buf *text)
{
	static const char *const hosts[] = { "10.77.0.0/24", "10.77.0.9", "*",
					     "@nodes",	     "gpu1",	  "gpu2.lab.example",
					     "fd00:77::/64", "0.0.0.0/0" };
	struct dice dice = dice_for(conf, RANDOM_EXPORT, slot);
	bool any = false;

	below(&dice, 2);
	pst_buf_printf(text, "- path: %s\n", mountpoint_of(conf, slot).text);
	if (chance(&dice, 50))
		pst_buf_printf(text, "  fsid: %u\n", 1 + slot + 10 * below(&dice, 2));
	pst_buf_add(text, "  clients: [");
	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
		if (any ? !chance(&dice, 20) : i + 1 < ARRAY_SIZE(hosts) && !chance(&dice, 30))
			continue;
		pst_buf_add(text, any ? ",\n    " : "");
		add_client(&dice, hosts[i], text);
		any = true;
	}
	pst_buf_add(text, "]\n");
}

void random_exports(const struct random_conf *conf, struct pst_buf *text)
{
	bool any = false;

	for (unsigned int i = 0; i < DATASETS; i++) {
		struct dice dice = dice_for(conf, RANDOM_EXPORT, i);

		if (!is_there(conf, i) || !chance(&dice, 60))
			continue;
		if (!any)
			pst_buf_add(text, "exports:\n");
		any = true;
		add_export(conf, i, text);
	}
}
