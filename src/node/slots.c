// SPDX-License-Identifier: MIT
/* Which versions are on a boot disk. */
#include "node/slots.h"

#include <errno.h>
#include <limits.h>
#include <strings.h>

#include "base/problem.h"
#include "node/json.h"
#include "node/release.h"

/* root-x86-64 and root-x86-64-verity of the Discoverable Partitions Specification. */
#define TYPE_ROOT   "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709"
#define TYPE_VERITY "2C7357ED-EBD2-46D9-AEC1-23D437EC2BF5"

struct pst_slot *pst_slot_find(const struct pst_slots *slots, const char *version)
{
	for (size_t i = 0; i < slots->n; i++)
		if (pst_streq(slots->v[i].version, version))
			return &slots->v[i];
	return NULL;
}

static struct pst_slot *find_or_add(struct pst_slots *slots, const char *version)
{
	struct pst_slot *slot = pst_slot_find(slots, version);

	if (slot)
		return slot;
	slot = pst_array_grow((void **)&slots->v, &slots->n, sizeof(*slot));
	if (!slot)
		return NULL;
	slot->tries_left = slot->tries_done = PST_NO_TRIES;
	slot->version = strdup(version);
	return slot->version ? slot : NULL;
}

static int keep(char **to, const char *text)
{
	free(*to);
	*to = strdup(text);
	return *to ? 0 : -ENOMEM;
}

static int add_place(const struct json_object *partition, unsigned int number,
		     unsigned long long bytes, bool verity, struct pst_slots *slots)
{
	struct pst_place *place =
		pst_array_grow((void **)&slots->places, &slots->n_places, sizeof(*place));

	if (!place)
		return -ENOMEM;
	place->number = number;
	place->bytes = bytes;
	place->verity = verity;
	place->node = strdup(pst_json_string(partition, "node") ?: "");
	place->label = strdup(pst_json_string(partition, "name") ?: "");
	return place->node && place->label ? 0 : -ENOMEM;
}

static int add_partition(const struct json_object *partition, const char *role,
			 unsigned long long sector, struct pst_slots *slots)
{
	const char *type = pst_json_string(partition, "type") ?: "";
	const char *node = pst_json_string(partition, "node") ?: "";
	const char *label = pst_json_string(partition, "name") ?: "";
	struct pst_key prefix = pst_key("penstock-%s_", role);
	bool verity = strcasecmp(type, TYPE_VERITY) == 0;
	uint64_t sectors = pst_json_u64(partition, "size");
	size_t digits = strlen(node);
	unsigned long long number;
	struct pst_slot *slot;
	int error;

	if (!verity && strcasecmp(type, TYPE_ROOT) != 0)
		return 0;
	/* The table lists those that are there, without their numbers: these are at the names' ends. */
	while (digits && node[digits - 1] >= '0' && node[digits - 1] <= '9')
		digits--;
	if (pst_parse_u64(node + digits, UINT_MAX, &number) || !number ||
	    sectors > ULLONG_MAX / sector)
		return 0;
	error = add_place(partition, (unsigned int)number, sectors * sector, verity, slots);
	if (error || !pst_startswith(label, prefix.text) ||
	    !pst_version_is_valid(label + strlen(prefix.text)))
		return error;
	slot = find_or_add(slots, label + strlen(prefix.text));
	if (!slot)
		return -ENOMEM;
	return keep(verity ? &slot->verity : &slot->root, node);
}

int pst_slots_parse_table(const char *json, const char *role, struct pst_slots *slots,
			  struct pst_reason *reason)
{
	struct json_object __cleanup_json *answer = NULL;
	const struct json_object *table;
	struct json_object *partitions;
	unsigned long long sector;
	int error = pst_json_parse(json, "sfdisk", &answer, reason);

	if (error)
		return error;
	table = pst_json_object(answer, "partitiontable");
	partitions = pst_json_array(table, "partitions");
	if (!partitions || !pst_streq(pst_json_string(table, "label"), "gpt"))
		return pst_fail(reason, -EBADMSG, "sfdisk shows no GPT with partitions");
	sector = pst_json_u64(table, "sectorsize") ?: 512;
	for (size_t i = 0; i < json_object_array_length(partitions) && !error; i++)
		error = add_partition(json_object_array_get_idx(partitions, i), role, sector,
				      slots);
	return error;
}

/* As "+3" and "+3-0" before ".efi"; -1 when it is something else, and no counter. */
static int parse_tries(const char *text, const char *end, int *ret_left, int *ret_done)
{
	char __cleanup_free *copy = strndup(text, (size_t)(end - text));
	char *dash = copy ? strchr(copy, '-') : NULL;
	unsigned long long left, done = 0;

	if (!copy)
		return -ENOMEM;
	if (dash)
		*dash++ = '\0';
	if (pst_parse_u64(copy, INT_MAX, &left) || (dash && pst_parse_u64(dash, INT_MAX, &done)))
		return -EINVAL;
	*ret_left = (int)left;
	*ret_done = (int)done;
	return 0;
}

int pst_slots_add_entry(const char *name, const char *role, struct pst_slots *slots)
{
	struct pst_key prefix = pst_key("penstock-%s_", role);
	const char *version = name + strlen(prefix.text);
	int left = PST_NO_TRIES, done = PST_NO_TRIES;
	char __cleanup_free *text = NULL;
	const char *end, *plus;
	struct pst_slot *slot;

	if (!pst_startswith(name, prefix.text) || strlen(version) <= strlen(".efi"))
		return 0;
	end = version + strlen(version) - strlen(".efi");
	if (!pst_streq(end, ".efi"))
		return 0;
	plus = memchr(version, '+', (size_t)(end - version));
	if (plus && parse_tries(plus + 1, end, &left, &done))
		return 0;
	text = strndup(version, (size_t)((plus ?: end) - version));
	if (!text)
		return -ENOMEM;
	if (!pst_version_is_valid(text))
		return 0;
	slot = find_or_add(slots, text);
	if (!slot)
		return -ENOMEM;
	slot->tries_left = left;
	slot->tries_done = done;
	return keep(&slot->entry, name);
}

void pst_slots_free(struct pst_slots *slots)
{
	for (size_t i = 0; i < slots->n; i++) {
		free(slots->v[i].version);
		free(slots->v[i].root);
		free(slots->v[i].verity);
		free(slots->v[i].entry);
	}
	for (size_t i = 0; i < slots->n_places; i++) {
		free(slots->places[i].node);
		free(slots->places[i].label);
	}
	free(slots->v);
	free(slots->places);
	*slots = (struct pst_slots){ 0 };
}

bool pst_boot_disk_is_there(const struct pst_host *host, const struct pst_image *image, size_t n)
{
	const char *slash = strrchr(image->disks.v[n], '/');
	char __cleanup_free *now = NULL;

	if (!slash || !image->diskseqs.n || pst_streq(image->diskseqs.v[n], PST_NO_DISKSEQ))
		return true;
	if (pst_host_read(host, pst_key("/sys/class/block/%s/diskseq", slash + 1).text, &now, NULL))
		return false;
	now[strcspn(now, "\n")] = '\0';
	return pst_streq(now, image->diskseqs.v[n]);
}

bool pst_slot_is_whole(const struct pst_slot *slot)
{
	return slot->root && slot->verity && slot->entry;
}

bool pst_slot_is_bad(const struct pst_slot *slot)
{
	return slot->tries_left == 0;
}
