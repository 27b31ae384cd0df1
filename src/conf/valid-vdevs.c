// SPDX-License-Identifier: MIT
/* Checks of the groups of disks that make up a pool. */
#include "conf/valid.h"
#include "conf/word.h"

#define DRAID_CHILDREN_MAX 255
#define DRAID_SPARES_MAX   4 /* VDEV_DRAID_MAX_SPARES would be 100; more than a few waste disks */

static bool is_draid(const struct pst_conf_vdev *vdev)
{
	return vdev->layout >= PST_DRAID1;
}

static bool is_given(const struct pst_valid *valid, struct pst_key vdev, const char *name)
{
	return pst_yaml_find(valid->tree, pst_key("%s.%s", vdev.text, name).text);
}

/* The fewest disks for which a layout is worth its name, and why. */
static void check_disk_count(struct pst_valid *valid, struct pst_key key,
			     const struct pst_conf_vdev *vdev)
{
	static const struct {
		unsigned int disks;
		const char *why;
	} least[] = {
		[PST_STRIPE] = { 1, "" },
		[PST_MIRROR] = { 2, "one disk alone mirrors nothing" },
		[PST_RAIDZ1] = { 3, "on two disks a mirror does the same and is faster" },
		[PST_RAIDZ2] = { 4,
				 "with fewer, a mirror of all disks keeps as much and as safely" },
		[PST_RAIDZ3] = { 5,
				 "with fewer, a mirror of all disks keeps as much and as safely" },
	};

	if (vdev->layout < ARRAY_SIZE(least) && pst_conf_width(vdev) < least[vdev->layout].disks)
		pst_bad(valid, pst_key("%s.layout", key.text),
			"%s needs at least %u disks and has %u: %s", pst_layout_name(vdev->layout),
			least[vdev->layout].disks, pst_conf_width(vdev), least[vdev->layout].why);
}

/* See zpoolconcepts(7): each stripe has its data and parity, and the spares are spread as well. */
static void check_draid(struct pst_valid *valid, struct pst_key key,
			const struct pst_conf_vdev *vdev)
{
	unsigned int disks = pst_conf_width(vdev);
	unsigned int parity = pst_conf_redundancy(vdev);

	if (!vdev->data)
		pst_bad(valid, pst_key("%s.data", key.text),
			"must be given for %s, from 1: the data disks of each stripe",
			pst_layout_name(vdev->layout));
	if (vdev->children && vdev->children != disks)
		pst_bad(valid, pst_key("%s.children", key.text),
			"is %u, and there are %u disks: leave it out, or name as many",
			vdev->children, disks);
	if (disks > DRAID_CHILDREN_MAX)
		pst_bad(valid, pst_key("%s.disks", key.text),
			"%u disks are more than the %d that draid can have", disks,
			DRAID_CHILDREN_MAX);
	if (vdev->spares > DRAID_SPARES_MAX)
		pst_bad(valid, pst_key("%s.spares", key.text), "must be from 0 to %d, not %u",
			DRAID_SPARES_MAX, vdev->spares);
	else if (vdev->data && vdev->data < DRAID_CHILDREN_MAX &&
		 disks < vdev->data + parity + vdev->spares)
		pst_bad(valid, pst_key("%s.layout", key.text),
			"%s with %u data and %u spares needs at least %u disks and has %u",
			pst_layout_name(vdev->layout), vdev->data, vdev->spares,
			vdev->data + parity + vdev->spares, disks);
	else if (vdev->data >= DRAID_CHILDREN_MAX)
		pst_bad(valid, pst_key("%s.data", key.text), "must be from 1 to %d, not %u",
			DRAID_CHILDREN_MAX - 1, vdev->data);
}

static void check_select(struct pst_valid *valid, struct pst_key key,
			 const struct pst_conf_select *select)
{
	unsigned long long bytes;

	if (!select->count)
		pst_bad(valid, pst_key("%s.select.count", key.text),
			"must be the number of disks, from 1");
	if (!select->model && !select->size && !select->pci)
		pst_bad(valid, pst_key("%s.select", key.text),
			"would take any disk: say at least one of model, size and pci");
	if (select->model)
		pst_bad_word(valid, pst_key("%s.select.model", key.text), select->model,
			     pst_word_pattern(select->model));
	if (select->pci)
		pst_bad_word(valid, pst_key("%s.select.pci", key.text), select->pci,
			     pst_word_pattern(select->pci));
	if (select->size && pst_parse_drive_size(select->size, &bytes))
		pst_bad(valid, pst_key("%s.select.size", key.text),
			"\"%s\" must be a size as printed on drives, such as 960G or 3.84T",
			select->size);
}

static void check_vdev(struct pst_valid *valid, struct pst_key key,
		       const struct pst_conf_vdev *vdev, bool own)
{
	static const char *const draid_only[] = { "data", "spares", "children" };

	if (!vdev->disks_count && !is_given(valid, key, "select")) {
		pst_bad(valid, pst_key("%s.disks", key.text), "missing");
		return;
	}
	if (is_given(valid, key, "select"))
		check_select(valid, key, &vdev->select);
	check_disk_count(valid, key, vdev);
	if (is_draid(vdev))
		check_draid(valid, key, vdev);
	for (size_t i = 0; i < ARRAY_SIZE(draid_only) && !is_draid(vdev); i++)
		/* The spares of a short form are those of the pool. */
		if (is_given(valid, key, draid_only[i]) &&
		    !(own && pst_streq(draid_only[i], "spares")))
			pst_bad(valid, pst_key("%s.%s", key.text, draid_only[i]),
				"is for draid only, and the layout is %s",
				pst_layout_name(vdev->layout));
}

/* Data is spread over all groups: a pool is as safe as its weakest. */
static void check_alike(struct pst_valid *valid, struct pst_key key,
			const struct pst_conf_vdev *vdev, const struct pst_conf_vdev *first)
{
	if (vdev->layout != first->layout)
		pst_bad(valid, pst_key("%s.layout", key.text),
			"is %s, and the first group is %s: all groups of a pool must be alike, "
			"since data is spread over all of them",
			pst_layout_name(vdev->layout), pst_layout_name(first->layout));
}

static void check_helper(struct pst_valid *valid, struct pst_key key, enum pst_class class,
			 const struct pst_conf_vdev *vdev, const struct pst_conf_vdev *first)
{
	if (vdev->layout != PST_STRIPE && vdev->layout != PST_MIRROR)
		pst_bad(valid, pst_key("%s.layout", key.text),
			"must be mirror or stripe here, not %s", pst_layout_name(vdev->layout));
	else if (class == PST_CLASS_SPECIAL && vdev->layout == PST_STRIPE &&
		 (!first || pst_conf_redundancy(first)))
		pst_bad(valid, pst_key("%s.layout", key.text),
			"must be mirror: with one of these disks the whole pool would be lost");
}

/* The keys that a short form has, and what they go with. */
static void check_forms(struct pst_valid *valid, size_t n, const struct pst_conf_pool *pool)
{
	struct pst_key key = pst_key("pools[%zu]", n);
	bool layout = is_given(valid, key, "layout");
	bool disks = is_given(valid, key, "disks") || is_given(valid, key, "select");

	if (is_given(valid, key, "select") && !pst_conf_width(&pool->own))
		check_select(valid, key, &pool->own.select);
	if (disks && !layout)
		pst_bad(valid, pst_key("%s.layout", key.text), "missing");
	if (pool->vdevs_count && (layout || disks))
		pst_bad(valid, pst_key("%s.vdevs", key.text),
			"stands beside layout and disks: put all groups under vdevs");
	else if (layout && !disks)
		pst_bad(valid, pst_key("%s.disks", key.text), "missing");
	else if (!disks && !pool->vdevs_count && !pool->import)
		pst_bad(valid, key,
			"has no disks: say layout and disks, or vdevs, or import: true for a pool "
			"that is there already");
}

void pst_valid_vdevs(struct pst_valid *valid, size_t pool)
{
	const struct pst_conf *conf = valid->conf;
	const struct pst_conf_vdev *vdev, *first = NULL;
	enum pst_class class;
	struct pst_key key;
	const char *disk;

	check_forms(valid, pool, &conf->pools[pool]);
	for (size_t i = 0; (vdev = pst_conf_vdev(conf, pool, i, &class, &key)); i++) {
		check_vdev(valid, key, vdev, vdev == &conf->pools[pool].own);
		if (class != PST_CLASS_DATA)
			check_helper(valid, key, class, vdev, first);
		else if (first)
			check_alike(valid, key, vdev, first);
		else
			first = vdev;
	}
	for (size_t i = 0; (disk = pst_conf_disk(conf, pool, i, &key)); i++)
		pst_bad_word(valid, key, disk, pst_word_disk(disk));
}
