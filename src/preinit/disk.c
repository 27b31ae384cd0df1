// SPDX-License-Identifier: MIT
/* Block devices, from /sys/class/block: their names, parents, and what of a GPT the kernel tells in uevent. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>

#include "base/file.h"
#include "preinit/preinit.h"

static const char *line_value(const char *text, const char *key, size_t *ret_len)
{
	size_t len = strlen(key);

	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n')
		if (strncmp(line, key, len) == 0) {
			*ret_len = strcspn(line + len, "\n");
			return line + len;
		}
	return NULL;
}

int pst_part_parse(const char *name, const char *disk, const char *uevent, struct pst_part *ret)
{
	struct pst_part part = { 0 };
	const char *value;
	size_t len;

	if (strlen(name) >= sizeof(part.name) || strlen(disk) >= sizeof(part.disk))
		return -ENAMETOOLONG;
	stpcpy(part.name, name);
	stpcpy(part.disk, disk);
	value = line_value(uevent, "PARTNAME=", &len);
	if (value && len) {
		part.label = strndup(value, len);
		if (!part.label)
			return -ENOMEM;
	}
	*ret = part;
	return 0;
}

/* The parent of a partition, "" for a whole disk: its link leads through its disk's directory. */
static int find_disk(const char *class_dir, const char *name, char ret[static 32])
{
	char __cleanup_free *path = pst_printf("%s/%s", class_dir, name);
	char target[512], *slash;
	ssize_t len = path ? readlink(path, target, sizeof(target) - 1) : -1;

	if (len < 0)
		return -EINVAL;
	target[len] = '\0';
	slash = strrchr(target, '/');
	if (!slash)
		return -EINVAL;
	*slash = '\0';
	slash = strrchr(target, '/');
	if (!slash || strlen(slash + 1) >= 32)
		return -EINVAL;
	stpcpy(ret, slash + 1);
	return 0;
}

/* What belongs to a partition only; a whole disk has no file "partition". */
static int read_place(const char *class_dir, const char *name, char ret_disk[static 32],
		      char ret_uuid[static 37])
{
	char __cleanup_free *path = pst_printf("%s/%s/partition", class_dir, name);
	char __cleanup_free *text = NULL, __cleanup_free *device = NULL;
	unsigned long long number;
	int error = path ? pst_file_read(path, &text, NULL, NULL) : -ENOMEM;

	*ret_disk = *ret_uuid = '\0';
	if (error)
		return error == -ENOENT ? 0 : error;
	text[strcspn(text, "\n")] = '\0';
	error = pst_parse_u64(text, UINT16_MAX, &number);
	if (!error)
		error = find_disk(class_dir, name, ret_disk);
	if (!error)
		error = pst_device_path(ret_disk, &device);
	/* One of another kind of partition table has none. */
	if (!error && pst_gpt_uuid(device, (unsigned int)number, ret_uuid))
		*ret_uuid = '\0';
	return error;
}

static int read_part(const char *class_dir, const char *name, struct pst_parts *parts)
{
	char __cleanup_free *path = pst_printf("%s/%s/uevent", class_dir, name);
	char __cleanup_free *uevent = NULL;
	struct pst_part *part;
	char disk[32], uuid[37];
	int error;

	if (!path)
		return -ENOMEM;
	/* A device may go as we look. */
	if (pst_file_read(path, &uevent, NULL, NULL) || read_place(class_dir, name, disk, uuid))
		return 0;
	part = pst_array_grow((void **)&parts->v, &parts->n, sizeof(*parts->v));
	if (!part)
		return -ENOMEM;
	error = pst_part_parse(name, disk, uevent, part);
	if (error)
		parts->n--;
	else
		stpcpy(part->uuid, uuid);
	return error == -ENAMETOOLONG ? 0 : error;
}

static int by_name(const void *a, const void *b)
{
	return strverscmp(((const struct pst_part *)a)->name, ((const struct pst_part *)b)->name);
}

int pst_parts_read(const char *class_dir, struct pst_parts *ret, struct pst_reason *reason)
{
	struct pst_parts parts = { 0 };
	DIR *dir = opendir(class_dir);
	struct dirent *entry;
	int error = 0;

	if (!dir)
		return pst_fail_errno(reason, -errno, "cannot read %s", class_dir);
	while (!error && (entry = readdir(dir)))
		if (*entry->d_name != '.')
			error = read_part(class_dir, entry->d_name, &parts);
	closedir(dir);
	if (error) {
		pst_parts_free(&parts);
		return error;
	}
	/* The order is the same at each boot, as far as the names are. */
	if (parts.n)
		qsort(parts.v, parts.n, sizeof(*parts.v), by_name);
	*ret = parts;
	return 0;
}

void pst_parts_free(struct pst_parts *parts)
{
	for (size_t i = 0; i < parts->n; i++)
		free(parts->v[i].label);
	free(parts->v);
	*parts = (struct pst_parts){ 0 };
}

const struct pst_part *pst_parts_with_uuid(const struct pst_parts *parts, const char *uuid,
					   const char *disk)
{
	for (size_t i = 0; i < parts->n; i++)
		if (pst_streq(parts->v[i].uuid, uuid) &&
		    (!disk || pst_streq(parts->v[i].disk, disk)))
			return &parts->v[i];
	return NULL;
}

const struct pst_part *pst_parts_with_label(const struct pst_parts *parts, const char *label,
					    const char *disk)
{
	for (size_t i = 0; i < parts->n; i++)
		if (pst_streq(parts->v[i].label, label) &&
		    (!disk || pst_streq(parts->v[i].disk, disk)))
			return &parts->v[i];
	return NULL;
}

int pst_device_path(const char *name, char **ret)
{
	*ret = pst_printf("/dev/%s", name);
	if (!*ret)
		return -ENOMEM;
	/* In sysfs a slash of a name is an exclamation mark. */
	for (char *p = *ret; *p; p++)
		if (*p == '!')
			*p = '/';
	return 0;
}

int pst_image_add_disk(struct pst_image *image, const struct pst_part *esp)
{
	char __cleanup_free *path = pst_printf("/sys/class/block/%s/diskseq", esp->disk);
	char __cleanup_free *number = NULL;

	if (!path)
		return -ENOMEM;
	/* A name may be given to another disk later, this number never is. */
	if (!pst_file_read(path, &number, NULL, NULL))
		number[strcspn(number, "\n")] = '\0';
	pst_strv_addf(&image->disks, "/dev/%s", esp->disk);
	pst_strv_addf(&image->esps, "/dev/%s", esp->name);
	pst_strv_add(&image->diskseqs, number && *number ? number : PST_NO_DISKSEQ);
	return image->disks.oom || image->esps.oom || image->diskseqs.oom ? -ENOMEM : 0;
}
