// SPDX-License-Identifier: MIT
/*
 * Where the datasets are: found by their names and by their mountpoints in tables that are sorted once, since there
 * may be thousands of them.
 */
#include "conf/dataset.h"

#include <errno.h>

static int by_name(const void *a, const void *b)
{
	const struct pst_conf_dataset *one = *(const struct pst_conf_dataset *const *)a;
	const struct pst_conf_dataset *two = *(const struct pst_conf_dataset *const *)b;
	int order = strcmp(one->name, two->name);

	return order ? order : (one > two) - (one < two);
}

static int by_mountpoint(const void *a, const void *b)
{
	const struct pst_conf_place *one = a, *two = b;
	int order = strcmp(one->mountpoint, two->mountpoint);

	return order ? order : (one->dataset > two->dataset) - (one->dataset < two->dataset);
}

/* Compares a dataset's name with the first @len bytes of another. */
static int compare_name(const char *name, const char *other, size_t len)
{
	int order = strncmp(name, other, len);

	return order ? order : name[len] != '\0';
}

/* The first of the datasets with a name, in the table by name; its end when there is none. */
static size_t first_named(const struct pst_conf *conf, const char *name, size_t len)
{
	size_t low = 0, high = conf->datasets_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_name(conf->by_name[middle]->name, name, len) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_named(const struct pst_conf *conf, size_t at, const char *name, size_t len)
{
	return at < conf->datasets_count && !compare_name(conf->by_name[at]->name, name, len);
}

const struct pst_conf_dataset *pst_conf_dataset(const struct pst_conf *conf, const char *name)
{
	size_t len = strlen(name), first = first_named(conf, name, len);

	return is_named(conf, first, name, len) ? conf->by_name[first] : NULL;
}

static const char *own_mountpoint(const struct pst_conf *conf, const char *name, size_t len)
{
	for (size_t i = first_named(conf, name, len); is_named(conf, i, name, len); i++)
		if (conf->by_name[i]->properties.mountpoint)
			return conf->by_name[i]->properties.mountpoint;
	for (size_t i = 0; i < conf->pools_count; i++)
		if (conf->pools[i].filesystem_properties.mountpoint &&
		    strlen(conf->pools[i].name) == len &&
		    memcmp(conf->pools[i].name, name, len) == 0)
			return conf->pools[i].filesystem_properties.mountpoint;
	return NULL;
}

bool pst_is_in_pool(const char *dataset, const char *pool)
{
	size_t len = strlen(pool);

	return strncmp(dataset, pool, len) == 0 && (!dataset[len] || dataset[len] == '/');
}

/* As ZFS inherits it: the nearest set one above, and the rest of the name behind it. */
char *pst_conf_mountpoint(const struct pst_conf *conf, const char *dataset)
{
	for (size_t len = strlen(dataset); len; len--) {
		const char *set;

		if (dataset[len] && dataset[len] != '/')
			continue;
		set = own_mountpoint(conf, dataset, len);
		if (set)
			return pst_printf("%s%s", set, dataset + len);
	}
	return pst_printf("/%s", dataset);
}

int pst_conf_sort_datasets(struct pst_conf *conf)
{
	size_t count = conf->datasets_count;

	if (!count)
		return 0;
	conf->by_name = calloc(count, sizeof(struct pst_conf_dataset *));
	conf->by_mountpoint = calloc(count, sizeof(*conf->by_mountpoint));
	if (!conf->by_name || !conf->by_mountpoint)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		conf->by_name[i] = &conf->datasets[i];
	qsort(conf->by_name, count, sizeof(struct pst_conf_dataset *), by_name);
	for (size_t i = 0; i < count; i++) {
		conf->by_mountpoint[i].dataset = &conf->datasets[i];
		conf->by_mountpoint[i].mountpoint =
			pst_conf_mountpoint(conf, conf->datasets[i].name);
		if (!conf->by_mountpoint[i].mountpoint)
			return -ENOMEM;
	}
	qsort(conf->by_mountpoint, count, sizeof(*conf->by_mountpoint), by_mountpoint);
	return 0;
}

void pst_conf_forget_datasets(struct pst_conf *conf)
{
	for (size_t i = 0; conf->by_mountpoint && i < conf->datasets_count; i++)
		free(conf->by_mountpoint[i].mountpoint);
	free(conf->by_mountpoint);
	free(conf->by_name);
}

const struct pst_conf_place *pst_conf_place(const struct pst_conf *conf, const char *path)
{
	size_t low = 0, high = conf->datasets_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(conf->by_mountpoint[middle].mountpoint, path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == conf->datasets_count || !pst_streq(conf->by_mountpoint[low].mountpoint, path))
		return NULL;
	return &conf->by_mountpoint[low];
}

bool pst_conf_place_is(const struct pst_conf *conf, const struct pst_conf_place *place,
		       const char *path)
{
	return place < conf->by_mountpoint + conf->datasets_count &&
	       pst_streq(place->mountpoint, path);
}

/* Whether a dataset or one above it is encrypted. */
static bool is_encrypted(const struct pst_conf *conf, const char *name)
{
	for (size_t len = strlen(name); len; len--) {
		if (name[len] && name[len] != '/')
			continue;
		for (size_t i = first_named(conf, name, len); is_named(conf, i, name, len); i++)
			if (conf->by_name[i]->encryption.key)
				return true;
	}
	return false;
}

bool pst_conf_may_be_locked(const struct pst_conf *conf, const char *path)
{
	const struct pst_conf_place *place = pst_conf_place(conf, path);

	for (; place && pst_conf_place_is(conf, place, path); place++)
		if (is_encrypted(conf, place->dataset->name))
			return true;
	return false;
}
