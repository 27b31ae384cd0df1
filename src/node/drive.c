// SPDX-License-Identifier: MIT
/* The machine's disks, where the configuration selects among them. */
#include <errno.h>
#include <limits.h>

#include "node/disk-names.h"
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

static int add_drive(struct pst_host *host, const char *disk, const struct pst_disk_names *by_id,
		     const struct pst_disk_names *by_path, struct pst_state *state)
{
	size_t count;
	const struct pst_disk_name *id = pst_disk_names_of(by_id, disk, &count);
	const struct pst_disk_name *place = pst_disk_names_of(by_path, disk, &count);
	char __cleanup_free *model = NULL;
	char __cleanup_free *size = NULL;
	unsigned long long sectors;
	struct pst_drive_state *drive;
	int error = read_word(host, disk, "size", &size);

	/* A name that moves with the drive is what pools are made of; without one it is none. */
	if (error || !id || pst_parse_u64(size, ULLONG_MAX / SECTOR_BYTES, &sectors) || !sectors)
		return error == -ENOENT ? 0 : error;
	error = read_word(host, disk, "device/model", &model);
	if (error && error != -ENOENT)
		return error;
	drive = pst_array_grow((void **)&state->drives, &state->n_drives, sizeof(*drive));
	if (!drive)
		return -ENOMEM;
	drive->disk = strdup(disk);
	drive->path = pst_printf(PST_BY_ID "/%s", id->name);
	drive->by_path = strdup(place ? place->name : "");
	drive->model = model ? TAKE_PTR(model) : strdup("");
	drive->size_bytes = sectors * SECTOR_BYTES;
	return drive->disk && drive->path && drive->by_path && drive->model ? 0 : -ENOMEM;
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
	struct pst_disk_names __cleanup_disk_names by_id = { 0 };
	struct pst_disk_names __cleanup_disk_names by_path = { 0 };
	int error;

	if (!selects(conf))
		return 0;
	error = pst_host_list(host, "/sys/class/block", &disks, reason);
	if (!error)
		error = pst_disk_ids_read(host, &by_id, reason);
	if (!error)
		error = pst_disk_names_read(host, PST_BY_PATH, &by_path, reason);
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
