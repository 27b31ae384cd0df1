// SPDX-License-Identifier: MIT
/* Checks of pools and datasets. */
#include "conf/dataset.h"
#include "conf/valid.h"
#include "conf/word.h"

static void check_properties(struct pst_valid *valid, const char *section, const void *values,
			     const struct pst_more_properties *more,
			     const struct pst_property *table)
{
	const struct pst_property *property = table;

	for (; property->name; property++) {
		const char *value = pst_property_value(values, property);

		if (value && !pst_property_valid(property, value))
			pst_bad(valid, pst_key("%s.%s", section, property->name), "\"%s\" %s",
				value, pst_property_expects(property).text);
	}
	for (size_t i = 0; i < more->n; i++) {
		const char *name = more->v[i].name;
		struct pst_key key = pst_key("%s.%s", section, name), words;
		const char *complaint = pst_property_name_complaint(table, name, &words);

		if (complaint)
			pst_bad(valid, key, "%s", complaint);
		else
			pst_bad_word(valid, key, more->v[i].value,
				     pst_property_text_complaint(more->v[i].value));
	}
}

static void check_mountpoint(struct pst_valid *valid, struct pst_key key, const char *dataset)
{
	char __cleanup_free *mountpoint = pst_conf_mountpoint(valid->conf, dataset);
	const char *complaint = mountpoint ? pst_word_mount_point(mountpoint) : NULL;

	if (complaint)
		pst_bad(valid, key, "would be mounted on %s, which %s", mountpoint, complaint);
}

static void check_pool(struct pst_valid *valid, size_t n)
{
	const struct pst_conf_pool *pool = &valid->conf->pools[n];
	const char *complaint = pst_word_pool(pool->name);
	struct pst_key name = pst_key("pools[%zu].name", n);

	pst_bad_word(valid, name, pool->name, complaint);
	if (!complaint)
		check_mountpoint(valid, name, pool->name);
	pst_valid_vdevs(valid, n);
	check_properties(valid, pst_key("pools[%zu].properties", n).text, &pool->properties,
			 &pool->properties.more, pst_pool_properties);
	check_properties(valid, pst_key("pools[%zu].filesystem_properties", n).text,
			 &pool->filesystem_properties, &pool->filesystem_properties.more,
			 pst_fs_properties);
}

static bool is_pool_declared(const struct pst_conf *conf, const char *dataset)
{
	for (size_t i = 0; i < conf->pools_count; i++)
		if (pst_is_in_pool(dataset, conf->pools[i].name))
			return true;
	return false;
}

static void check_dataset(struct pst_valid *valid, size_t n)
{
	const struct pst_conf_dataset *dataset = &valid->conf->datasets[n];
	const char *complaint = pst_word_dataset(dataset->name);
	struct pst_key name = pst_key("datasets[%zu].name", n);

	if (!complaint && !strchr(dataset->name, '/'))
		complaint = "is a pool's own root: set it by the pool's filesystem_properties";
	pst_bad_word(valid, name, dataset->name, complaint);
	if (!complaint && !is_pool_declared(valid->conf, dataset->name))
		pst_bad(valid, name, "\"%s\" is in a pool that is not declared under pools",
			dataset->name);
	if (!complaint)
		check_mountpoint(valid, name, dataset->name);
	if (dataset->encryption.key)
		pst_bad_word(valid, pst_key("datasets[%zu].encryption.key", n),
			     dataset->encryption.key, pst_word_key(dataset->encryption.key));
	if (pst_streq(dataset->encryption.key, "prompt") &&
	    dataset->encryption.format != PST_KEY_PASSPHRASE)
		pst_bad(valid, pst_key("datasets[%zu].encryption", n),
			"what a person types is a passphrase: say format: passphrase");
	if (dataset->mode)
		pst_bad_word(valid, pst_key("datasets[%zu].mode", n), dataset->mode,
			     pst_word_mode(dataset->mode));
	check_properties(valid, pst_key("datasets[%zu].properties", n).text, &dataset->properties,
			 &dataset->properties.more, pst_fs_properties);
}

static const char *nth_pool(const struct pst_conf *conf, size_t n, struct pst_key *key)
{
	*key = pst_key("pools[%zu].name", n);
	return n < conf->pools_count ? conf->pools[n].name : NULL;
}

static void check_disks_differ(struct pst_valid *valid)
{
	struct pst_givens disks = { 0 };
	struct pst_key key;
	const char *disk;

	for (size_t i = 0; i < valid->conf->pools_count; i++)
		for (size_t j = 0; (disk = pst_conf_disk(valid->conf, i, j, &key)); j++)
			pst_given_add(&disks, disk, key);
	pst_bad_given_twice(valid, "the disk", &disks);
}

static const char *nth_dataset(const struct pst_conf *conf, size_t n, struct pst_key *key)
{
	*key = pst_key("datasets[%zu].name", n);
	return n < conf->datasets_count ? conf->datasets[n].name : NULL;
}

/* Two datasets on one directory: the second would hide the first. */
static void check_mountpoints_differ(struct pst_valid *valid)
{
	const struct pst_conf *conf = valid->conf;

	for (size_t i = 0; i < conf->datasets_count; i++) {
		const struct pst_conf_place *one = &conf->by_mountpoint[i], *two;
		size_t n = (size_t)(one->dataset - conf->datasets);

		for (two = pst_conf_place(conf, one->mountpoint); two && two < one; two++)
			if (!pst_streq(one->dataset->name, two->dataset->name))
				pst_bad(valid, pst_key("datasets[%zu]", n),
					"is mounted on %s, and so is %s", one->mountpoint,
					two->dataset->name);
	}
}

/* What is left to ZFS and to the rest must not be nothing. */
#define ARC_LEAST (64ULL << 20)

static void check_zfs(struct pst_valid *valid)
{
	const struct pst_conf_zfs *zfs = &valid->conf->zfs;
	unsigned long long bytes;

	if (zfs->arc_max && (!pst_parse_size(zfs->arc_max, &bytes) || bytes < ARC_LEAST))
		pst_bad(valid, pst_key("zfs.arc_max"),
			"\"%s\" must be a size such as 64G, 64M at least", zfs->arc_max);
	for (size_t i = 0; i < zfs->parameters.n; i++) {
		const struct pst_more_property *parameter = &zfs->parameters.v[i];
		struct pst_key key = pst_key("zfs.parameters.%s", parameter->name);

		pst_bad_word(valid, key, parameter->name, pst_word_parameter(parameter->name));
		pst_bad_word(valid, key, parameter->value,
			     pst_word_parameter_value(parameter->value));
		if (pst_streq(parameter->name, "zfs_arc_max"))
			pst_bad(valid, key, "is not for here: say arc_max: beside parameters");
	}
}

void pst_valid_pools(struct pst_valid *valid)
{
	check_zfs(valid);
	for (size_t i = 0; i < valid->conf->pools_count; i++)
		check_pool(valid, i);
	for (size_t i = 0; i < valid->conf->datasets_count; i++)
		check_dataset(valid, i);
	pst_bad_twice(valid, "the pool", nth_pool);
	check_disks_differ(valid);
	pst_bad_twice(valid, "the dataset", nth_dataset);
	check_mountpoints_differ(valid);
}
