// SPDX-License-Identifier: MIT
/* The machine's disks, where the configuration selects among them. */
#include <errno.h>
#include <limits.h>

#include "node/node.h"

#define SECTOR_BYTES 512 /* of sysfs, whatever the disk has */

static bool selects(const struct pst_conf *conf)
{
	const struct pst_conf_vdev *vdev;
	enum pst_class class;
	struct pst_key key;

	for (size_t i = 0; conf && i < conf->pools_count; i++)
		for (size_t j = 0; (vdev = pst_conf_vdev(conf, i, j, &class, &key)); j++)
			if (vdev->select.count)
				return true;
	return false;
}

/* Names made of a number alone tell a person nothing; they are the last choice. */
static unsigned int rank_of(const char *name)
{
	static const char *const numbers[] = { "nvme-eui.", "nvme-nvme.", "nvme-uuid.", "wwn-",
					       "scsi-3" };

	for (unsigned int i = 0; i < ARRAY_SIZE(numbers); i++)
		if (pst_startswith(name, numbers[i]))
			return i + 1;
	return 0;
}

/* The best of the links in a directory that lead to a disk; "" when there is none. */
static int link_to(struct pst_host *host, const char *dir, const struct pst_strv *links,
		   const char *disk, char **ret)
{
	const char *best = "";
	char *copied;

	for (size_t i = 0; i < links->n; i++) {
		char __cleanup_free *path = pst_printf("%s%s/%s", host->root, dir, links->v[i]);
		char target[PATH_MAX] = "";
		const char *last;

		if (!path)
			return -ENOMEM;
		if (readlink(path, target, sizeof(target) - 1) < 0)
			continue;
		last = strrchr(target, '/');
		if (pst_streq(last ? last + 1 : target, disk) &&
		    (!*best || rank_of(links->v[i]) < rank_of(best)))
			best = links->v[i];
	}
	copied = strdup(best);
	if (!copied)
		return -ENOMEM;
	*ret = copied;
	return 0;
}

static int read_word(const struct pst_host *host, const char *disk, const char *name, char **ret)
{
	char __cleanup_free *text = NULL;
	size_t len;
	int error = pst_host_read(host, pst_key("/sys/class/block/%s/%s", disk, name).text, &text,
				  NULL);

	if (error)
		return error;
	/* SCSI pads a model with blanks. */
	for (len = strlen(text); len && strchr(" \n", text[len - 1]); len--)
		text[len - 1] = '\0';
	*ret = TAKE_PTR(text);
	return 0;
}

static int add_drive(struct pst_host *host, const char *disk, const struct pst_strv *by_id,
		     const struct pst_strv *by_path, struct pst_state *state)
{
	char __cleanup_free *id = NULL;
	char __cleanup_free *place = NULL;
	char __cleanup_free *model = NULL;
	char __cleanup_free *size = NULL;
	unsigned long long sectors;
	struct pst_drive_state *drive;
	int error = link_to(host, "/dev/disk/by-id", by_id, disk, &id);

	if (!error)
		error = link_to(host, "/dev/disk/by-path", by_path, disk, &place);
	if (!error)
		error = read_word(host, disk, "size", &size);
	/* A name that moves with the drive is what pools are made of; without one it is none. */
	if (error || !*id || pst_parse_u64(size, ULLONG_MAX / SECTOR_BYTES, &sectors) || !sectors)
		return error == -ENOENT ? 0 : error;
	error = read_word(host, disk, "device/model", &model);
	if (error && error != -ENOENT)
		return error;
	drive = pst_array_grow((void **)&state->drives, &state->n_drives, sizeof(*drive));
	if (!drive)
		return -ENOMEM;
	drive->disk = strdup(disk);
	drive->path = pst_printf("/dev/disk/by-id/%s", id);
	drive->by_path = TAKE_PTR(place);
	drive->model = model ? TAKE_PTR(model) : strdup("");
	drive->size_bytes = sectors * SECTOR_BYTES;
	return drive->disk && drive->path && drive->model ? 0 : -ENOMEM;
}

/* The order in which free disks are taken: that of the slots, which stays when drives change. */
static int by_place(const void *a, const void *b)
{
	const struct pst_drive_state *one = a, *two = b;
	int order = strverscmp(one->by_path, two->by_path);

	return order ? order : strcmp(one->path, two->path);
}

int pst_drive_observe(struct pst_host *host, const struct pst_conf *conf, struct pst_state *state,
		      struct pst_reason *reason)
{
	struct pst_strv __cleanup_strv disks = { 0 };
	struct pst_strv __cleanup_strv by_id = { 0 };
	struct pst_strv __cleanup_strv by_path = { 0 };
	int error;

	if (!selects(conf))
		return 0;
	error = pst_host_list(host, "/sys/class/block", &disks, reason);
	if (!error)
		error = pst_host_list(host, "/dev/disk/by-id", &by_id, reason);
	if (!error)
		error = pst_host_list(host, "/dev/disk/by-path", &by_path, reason);
	for (size_t i = 0; i < disks.n && !error; i++) {
		struct pst_key mark = pst_key("/sys/class/block/%s/device", disks.v[i]);
		struct pst_key part = pst_key("/sys/class/block/%s/partition", disks.v[i]);

		/* No partitions, and none of what the kernel makes up: loop, ram, dm, md. */
		if (pst_host_exists(host, mark.text) && !pst_host_exists(host, part.text))
			error = add_drive(host, disks.v[i], &by_id, &by_path, state);
	}
	if (state->n_drives)
		qsort(state->drives, state->n_drives, sizeof(*state->drives), by_place);
	return error;
}
