// SPDX-License-Identifier: MIT
/* The partitions of a boot disk, as definitions for systemd-repart. */
#include "install/layout.h"

#include <ctype.h>
#include <errno.h>

#define ROOT_SIZE   "2G"
#define VERITY_SIZE "32M"

static int __format(7, 8)
	add(struct pst_definitions *layout, enum pst_part_number number, const char *what,
	    const char *type, const char *label, const char *size, const char *format, ...)
{
	struct pst_definition *file =
		pst_array_grow((void **)&layout->v, &layout->n, sizeof(*file));
	struct pst_buf text = { 0 };
	va_list args;

	if (!file)
		return -ENOMEM;
	pst_buf_printf(&text, "[Partition]\nType=%s\nLabel=%s\n", type, label);
	if (size)
		pst_buf_printf(&text, "SizeMinBytes=%s\nSizeMaxBytes=%s\n", size, size);
	va_start(args, format);
	pst_buf_vprintf(&text, format, args);
	va_end(args);
	file->name = pst_printf("%d0-%s.conf", (int)number, what);
	file->text = pst_buf_take(&text);
	return file->name && file->text ? 0 : -ENOMEM;
}

int pst_definitions_make(const struct pst_release_dir *release, struct pst_definitions *ret)
{
	struct pst_definitions __cleanup_definitions layout = { 0 };
	int error =
		add(&layout, PST_PART_ESP, "esp", "esp", PST_ESP_LABEL, "512M", "Format=vfat\n");

	if (!error)
		error = add(&layout, PST_PART_ROOT, "root", "root-x86-64", release->name, ROOT_SIZE,
			    "UUID=%s\nCopyBlocks=%s/%s\n", release->root_uuid, release->dir,
			    release->root);
	if (!error)
		error = add(&layout, PST_PART_VERITY, "verity", "root-x86-64-verity", release->name,
			    VERITY_SIZE, "UUID=%s\nCopyBlocks=%s/%s\n", release->verity_uuid,
			    release->dir, release->verity);
	if (!error)
		error = add(&layout, PST_PART_OTHER_ROOT, "other-root", "root-x86-64", "_empty",
			    ROOT_SIZE, "%s", "");
	if (!error)
		error = add(&layout, PST_PART_OTHER_VERITY, "other-verity", "root-x86-64-verity",
			    "_empty", VERITY_SIZE, "%s", "");
	if (!error)
		error = add(&layout, PST_PART_STATE, "state", "linux-generic", PST_STATE_LABEL,
			    NULL, "SizeMinBytes=1G\n");
	if (error)
		return error;
	*ret = layout;
	layout = (struct pst_definitions){ 0 };
	return 0;
}

void pst_definitions_free(struct pst_definitions *layout)
{
	for (size_t i = 0; i < layout->n; i++) {
		free(layout->v[i].name);
		free(layout->v[i].text);
	}
	free(layout->v);
	*layout = (struct pst_definitions){ 0 };
}

char *pst_partition_path(const char *disk, enum pst_part_number number)
{
	bool digit = isdigit((unsigned char)disk[strlen(disk) - 1]);

	return pst_printf("%s%s%d", disk, digit ? "p" : "", (int)number);
}
