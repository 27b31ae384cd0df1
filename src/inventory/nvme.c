// SPDX-License-Identifier: MIT
/* What nvme(1) says of a drive, in JSON. */
#include <errno.h>

#include "inventory/disks.h"
#include "node/json.h"

#define ZERO_CELSIUS 273 /* kelvin, as drives round it */
#define SHIFT_MAX    30

/* A member that is a number of at least 0, and no larger than ours can be; else PST_UNKNOWN. */
static int64_t number(const struct json_object *object, const char *key)
{
	struct json_object *value;

	if (!json_object_object_get_ex(object, key, &value) ||
	    !json_object_is_type(value, json_type_int) || json_object_get_int64(value) < 0 ||
	    json_object_get_uint64(value) > INT64_MAX)
		return PST_UNKNOWN;
	return json_object_get_int64(value);
}

static int parse_object(const char *json, struct json_object **ret, struct pst_reason *reason)
{
	int error = pst_json_parse(json, "nvme", ret, reason);

	if (!error && !json_object_is_type(*ret, json_type_object))
		error = pst_fail(reason, -EBADMSG, "nvme did not answer with an object");
	return error;
}

int pst_nvme_parse_smart(const char *json, struct pst_disk *disk, struct pst_reason *reason)
{
	struct json_object __cleanup_json *answer = NULL;
	int error = parse_object(json, &answer, reason);
	int64_t kelvin;

	if (error)
		return error;
	kelvin = number(answer, "temperature");
	/* 0 is what a drive says that measures nothing. */
	if (kelvin > 0 && kelvin <= UINT16_MAX)
		disk->temperature_celsius = kelvin - ZERO_CELSIUS;
	disk->wear_percent = number(answer, "percent_used");
	disk->media_errors = number(answer, "media_errors");
	return 0;
}

/* The number of the format in use: bits 0 to 3 and, where there are more formats, 5 and 6. */
static int64_t format_in_use(const struct json_object *answer)
{
	int64_t flbas = number(answer, "flbas");
	int64_t last = number(answer, "nlbaf");

	if (flbas < 0)
		return PST_UNKNOWN;
	return last > 15 ? (flbas & 0xf) | ((flbas >> 1) & 0x30) : flbas & 0xf;
}

int pst_nvme_parse_formats(const char *json, struct pst_disk *disk, struct pst_reason *reason)
{
	struct json_object __cleanup_json *answer = NULL;
	struct json_object *formats;
	int error = parse_object(json, &answer, reason);

	if (error)
		return error;
	formats = pst_json_array(answer, "lbafs");
	if (!formats)
		return pst_fail(reason, -EBADMSG, "nvme did not answer with lbafs");
	for (size_t i = 0; i < json_object_array_length(formats); i++) {
		struct json_object *format = json_object_array_get_idx(formats, i);
		int64_t shift = number(format, "ds");
		int64_t metadata = number(format, "ms");
		struct pst_lba_format *added;

		/* A shift of 0 is an entry that is not there. */
		if (shift < 1 || shift > SHIFT_MAX || metadata < 0 || metadata > UINT16_MAX)
			continue;
		added = pst_array_grow((void **)&disk->formats, &disk->n_formats, sizeof(*added));
		if (!added)
			return -ENOMEM;
		added->data_bytes = 1U << shift;
		added->metadata_bytes = (uint32_t)metadata;
		added->in_use = (int64_t)i == format_in_use(answer);
	}
	return 0;
}
