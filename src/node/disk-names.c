// SPDX-License-Identifier: MIT
/* The names that udev has for disks: read once, and sorted by the disks. */
#include "node/disk-names.h"

#include <errno.h>

#include "conf/word.h"

static int add(struct pst_disk_names *names, const char *name, const char *disk)
{
	struct pst_disk_name *added = pst_array_grow((void **)&names->v, &names->n, sizeof(*added));

	if (!added)
		return -ENOMEM;
	added->name = strdup(name);
	added->disk = strdup(disk);
	return added->name && added->disk ? 0 : -ENOMEM;
}

/* In the order of their letters, as they are listed. */
static int read_links(const struct pst_host *host, const char *dir, struct pst_disk_names *names,
		      struct pst_reason *reason)
{
	struct pst_strv __cleanup_strv links = { 0 };
	int error = pst_host_list(host, dir, &links, reason);

	for (size_t i = 0; i < links.n && !error; i++) {
		char __cleanup_free *path = pst_printf("%s%s/%s", host->root, dir, links.v[i]);
		char target[256];
		const char *last;
		ssize_t len = path ? readlink(path, target, sizeof(target) - 1) : -1;

		if (!path)
			return -ENOMEM;
		/* It may just have gone. */
		if (len < 0)
			continue;
		target[len] = '\0';
		last = strrchr(target, '/');
		error = add(names, links.v[i], last ? last + 1 : target);
	}
	return error;
}

static int by_disk_and_name(const void *a, const void *b)
{
	const struct pst_disk_name *one = a, *two = b;
	int order = strcmp(one->disk, two->disk);

	return order ? order : strcmp(one->name, two->name);
}

/*
 * Numbers alone tell a person nothing; they are the last choice. The names of the SCSI layer have the model cut
 * short where others have all of it.
 */
static size_t rank_of(const char *name)
{
	static const char *const later[] = { "scsi-", "nvme-eui.", "nvme-nvme.", "nvme-uuid.",
					     "wwn-",  "scsi-2",	   "scsi-3",	 "scsi-8" };
	size_t rank = 0;

	for (size_t i = 0; i < ARRAY_SIZE(later); i++)
		if (pst_startswith(name, later[i]))
			rank = i + 1;
	return rank;
}

static int by_disk_and_rank(const void *a, const void *b)
{
	const struct pst_disk_name *one = a, *two = b;
	size_t first = rank_of(one->name), second = rank_of(two->name);
	int order = strcmp(one->disk, two->disk);

	if (order)
		return order;
	if (first == second) {
		first = strlen(one->name);
		second = strlen(two->name);
	}
	return first == second ? strcmp(one->name, two->name) : (first > second) - (first < second);
}

/* The first name that does not come before @name, in the order of their letters. */
static size_t first_from(const struct pst_disk_names *names, const char *name)
{
	size_t low = 0, high = names->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(names->v[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/*
 * Of a drive with several namespaces all have its model and serial number, and udev gives that name to whichever it
 * saw last: only a name with a namespace's number is always the same one's.
 */
static int is_ambiguous(const struct pst_disk_names *names, const struct pst_disk_name *name,
			bool *ret)
{
	char __cleanup_free *longer = pst_printf("%s_", name->name);

	if (!longer)
		return -ENOMEM;
	*ret = false;
	for (size_t i = first_from(names, longer);
	     i < names->n && pst_startswith(names->v[i].name, longer); i++)
		if (!strstr(names->v[i].name + strlen(longer), "-part") &&
		    !pst_streq(names->v[i].disk, name->disk))
			*ret = true;
	return 0;
}

static int add_unless_unfit(const struct pst_disk_names *all, const struct pst_disk_name *name,
			    struct pst_disk_names *ret)
{
	char __cleanup_free *path = pst_printf(PST_BY_ID "/%s", name->name);
	bool ambiguous = false;
	int error = path ? is_ambiguous(all, name, &ambiguous) : -ENOMEM;

	if (error || ambiguous || pst_word_disk(path))
		return error;
	return add(ret, name->name, name->disk);
}

int pst_disk_names_read(const struct pst_host *host, const char *dir, struct pst_disk_names *ret,
			struct pst_reason *reason)
{
	struct pst_disk_names __cleanup_disk_names names = { 0 };
	int error = read_links(host, dir, &names, reason);

	if (error)
		return error;
	if (names.n)
		qsort(names.v, names.n, sizeof(*names.v), by_disk_and_name);
	*ret = names;
	names = (struct pst_disk_names){ 0 };
	return 0;
}

int pst_disk_ids_read(const struct pst_host *host, struct pst_disk_names *ret,
		      struct pst_reason *reason)
{
	struct pst_disk_names __cleanup_disk_names all = { 0 };
	struct pst_disk_names __cleanup_disk_names fit = { 0 };
	int error = read_links(host, PST_BY_ID, &all, reason);

	for (size_t i = 0; i < all.n && !error; i++)
		error = add_unless_unfit(&all, &all.v[i], &fit);
	if (error)
		return error;
	if (fit.n)
		qsort(fit.v, fit.n, sizeof(*fit.v), by_disk_and_rank);
	*ret = fit;
	fit = (struct pst_disk_names){ 0 };
	return 0;
}

const struct pst_disk_name *pst_disk_names_of(const struct pst_disk_names *names, const char *disk,
					      size_t *ret_count)
{
	size_t low = 0, high = names->n, end;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(names->v[middle].disk, disk) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (end = low; end < names->n && pst_streq(names->v[end].disk, disk);)
		end++;
	*ret_count = end - low;
	return end > low ? &names->v[low] : NULL;
}

void pst_disk_names_free(struct pst_disk_names *names)
{
	for (size_t i = 0; i < names->n; i++) {
		free(names->v[i].name);
		free(names->v[i].disk);
	}
	free(names->v);
	*names = (struct pst_disk_names){ 0 };
}
