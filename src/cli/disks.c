// SPDX-License-Identifier: MIT
/* penstock disks */
#include <inttypes.h>

#include "cli/cli.h"
#include "cli/inventory.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "node/json.h"

#define DRIVE_UNIT 1000 /* sizes as they are printed on drives */

static struct json_object *formats_json(const struct pst_disk *disk)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < disk->n_formats; i++) {
		struct json_object *format = json_object_new_object();

		pst_json_add_number(format, "data_bytes", disk->formats[i].data_bytes, 0);
		pst_json_add_number(format, "metadata_bytes", disk->formats[i].metadata_bytes, 0);
		pst_json_add_bool(format, "in_use", disk->formats[i].in_use);
		json_object_array_add(array, format);
	}
	return array;
}

static void add_speed(struct json_object *object, const char *key, unsigned int speed_mts)
{
	pst_json_add_number(object, key, speed_mts, 1);
}

static struct json_object *link_json(const struct pst_disk *disk)
{
	struct json_object *link = json_object_new_object();

	add_speed(link, "speed_mts", disk->link.speed_mts);
	pst_json_add_number(link, "width", disk->link.width, 1);
	add_speed(link, "possible_speed_mts", disk->possible.speed_mts);
	pst_json_add_number(link, "possible_width", disk->possible.width, 1);
	pst_json_add_bool(link, "slow", pst_link_is_slow(disk->link, disk->possible));
	return link;
}

static struct json_object *disk_json(const struct pst_disk *disk)
{
	struct json_object *object = json_object_new_object();

	pst_json_add_string(object, "name", disk->name);
	pst_json_add_string(object, "by_id", pst_disk_id(disk));
	pst_json_add_string(object, "model", disk->model);
	pst_json_add_string(object, "serial", disk->serial);
	json_object_object_add(object, "size_bytes", json_object_new_uint64(disk->size_bytes));
	pst_json_add_number(object, "logical_block_bytes", disk->logical_bytes, 1);
	pst_json_add_number(object, "physical_block_bytes", disk->physical_bytes, 1);
	json_object_object_add(object, "lba_formats", formats_json(disk));
	pst_json_add_string(object, "pci", disk->pci);
	json_object_object_add(object, "link", link_json(disk));
	pst_json_add_number(object, "numa_node", disk->numa_node, 0);
	pst_json_add_number(object, "temperature_celsius", disk->temperature_celsius,
			    INT64_MIN + 1);
	pst_json_add_number(object, "wear_percent", disk->wear_percent, 0);
	pst_json_add_number(object, "media_errors", disk->media_errors, 0);
	pst_json_add_bool(object, "removable", disk->removable);
	pst_json_add_string(object, "use", pst_disk_use_name(disk->use));
	pst_json_add_string(object, "pool", disk->pool);
	pst_json_add_string(object, "vdev", disk->vdev);
	pst_json_add_strings(object, "found", &disk->found);
	return object;
}

struct json_object *pst_disks_json(const struct pst_disks *disks)
{
	struct json_object *object = json_object_new_object();
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < disks->n; i++)
		json_object_array_add(array, disk_json(&disks->v[i]));
	json_object_object_add(object, "disks", array);
	pst_json_add_strings(object, "notes", &disks->notes);
	return object;
}

/* As 3.84T; decimal. */
static struct pst_key size_text(uint64_t bytes)
{
	static const char units[] = "BKMGTPE";
	double size = (double)bytes;
	size_t unit = 0;

	while (size >= DRIVE_UNIT && units[unit + 1]) {
		size /= DRIVE_UNIT;
		unit++;
	}
	return pst_key(unit && size < 100 ? "%.2f%c" : "%.0f%c", size, units[unit]);
}

/* As "512 4096* 4096+8": data and metadata, and which is in use. */
static void add_formats(struct pst_table *table, const struct pst_disk *disk)
{
	struct pst_buf __cleanup_buf buf = { 0 };

	for (size_t i = 0; i < disk->n_formats; i++) {
		const struct pst_lba_format *format = &disk->formats[i];

		pst_buf_printf(&buf, "%s%" PRIu32, i ? " " : "", format->data_bytes);
		if (format->metadata_bytes)
			pst_buf_printf(&buf, "+%" PRIu32, format->metadata_bytes);
		if (format->in_use)
			pst_buf_add(&buf, "*");
	}
	if (!disk->n_formats && disk->logical_bytes > 0)
		pst_buf_printf(&buf, "%" PRId64 "*", disk->logical_bytes);
	table->cells.oom = table->cells.oom || buf.oom;
	pst_table_add(table, PST_PLAIN, buf.data);
}

/* As "16 GT/s x4". */
static struct pst_key link_text(struct pst_pci_link link)
{
	if (!link.speed_mts || !link.width)
		return pst_key("-");
	if (link.speed_mts % 1000)
		return pst_key("%u.%u GT/s x%u", link.speed_mts / 1000, link.speed_mts % 1000 / 100,
			       link.width);
	return pst_key("%u GT/s x%u", link.speed_mts / 1000, link.width);
}

static void add_number(struct pst_table *table, enum pst_paint paint, int64_t number, int64_t least,
		       const char *unit)
{
	if (number < least)
		pst_table_add(table, PST_PLAIN, NULL);
	else
		pst_table_addf(table, paint, "%" PRId64 "%s", number, unit);
}

/* The first of what was found says enough in a table; the JSON has all. */
static void add_use(struct pst_table *table, const struct pst_disk *disk)
{
	if (disk->use == PST_USE_POOL)
		pst_table_addf(table, PST_PLAIN, "pool %s, %s", disk->pool, disk->vdev);
	else if (disk->use == PST_USE_FREE)
		pst_table_add(table, PST_GOOD, "free");
	else if (disk->found.n > 1)
		pst_table_addf(table, PST_PLAIN, "%s (and %zu more)", disk->found.v[0],
			       disk->found.n - 1);
	else
		pst_table_add(table, PST_PLAIN, disk->found.n ? disk->found.v[0] : NULL);
}

static void add_row(struct pst_table *table, const struct pst_disk *disk)
{
	bool slow = pst_link_is_slow(disk->link, disk->possible);

	pst_table_add(table, PST_PLAIN, disk->name);
	pst_table_add(table, PST_PLAIN, size_text(disk->size_bytes).text);
	pst_table_add(table, PST_PLAIN, disk->model);
	pst_table_add(table, PST_PLAIN, disk->serial);
	add_formats(table, disk);
	add_number(table, PST_PLAIN, disk->physical_bytes, 1, "");
	pst_table_addf(table, slow ? PST_BAD : PST_PLAIN, "%s%s%s", link_text(disk->link).text,
		       slow ? " SLOW, of " : "", slow ? link_text(disk->possible).text : "");
	add_number(table, PST_PLAIN, disk->numa_node, 0, "");
	add_number(table, PST_PLAIN, disk->temperature_celsius, INT64_MIN + 1, "C");
	add_number(table, disk->wear_percent >= 100 ? PST_BAD : PST_PLAIN, disk->wear_percent, 0,
		   "%");
	add_number(table, disk->media_errors > 0 ? PST_BAD : PST_PLAIN, disk->media_errors, 0, "");
	pst_table_add(table, PST_PLAIN, pst_disk_id(disk));
	add_use(table, disk);
}

int pst_disks_print(const struct pst_disks *disks, FILE *out, bool colour)
{
	static const char *const head[] = { "DISK",	"SIZE", "MODEL", "SERIAL", "LBA",
					    "PHYSICAL", "LINK", "NUMA",	 "TEMP",   "WEAR",
					    "ERRORS",	"ID",	"USE" };
	struct pst_table __cleanup_table table = { .columns = ARRAY_SIZE(head) };
	int error;

	for (size_t i = 0; i < ARRAY_SIZE(head); i++)
		pst_table_add(&table, PST_PLAIN, head[i]);
	for (size_t i = 0; i < disks->n; i++)
		add_row(&table, &disks->v[i]);
	error = pst_table_print(&table, out, colour);
	for (size_t i = 0; i < disks->notes.n && !error; i++)
		fprintf(out, "%s  - %s\n", i ? "" : "\n", disks->notes.v[i]);
	return error;
}

int pst_verb_disks(const struct pst_cli *cli)
{
	struct pst_disks __cleanup_disks disks = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };
	int error = pst_disks_observe(&pst_this_host, geteuid() == 0, &disks, &reason);

	if (!error && cli->given & PST_OPTION_JSON)
		pst_json_print(pst_disks_json(&disks));
	else if (!error)
		error = pst_disks_print(&disks, stdout, pst_terminal_colours(STDOUT_FILENO));
	return error ? pst_say_failed(&reason, error) : PST_EXIT_OK;
}
