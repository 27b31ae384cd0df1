// SPDX-License-Identifier: MIT
/* Reading other programs' JSON, and writing ours. */
#include "node/json.h"

#include <errno.h>
#include <limits.h>

int pst_json_parse(const char *text, const char *who, struct json_object **ret,
		   struct pst_reason *reason)
{
	enum json_tokener_error error;
	struct json_object *object = json_tokener_parse_verbose(text, &error);

	if (!object)
		return pst_fail(reason, -EBADMSG, "%s did not answer in JSON: %s", who,
				error == json_tokener_success ? "null"
							      : json_tokener_error_desc(error));
	*ret = object;
	return 0;
}

static struct json_object *member(const struct json_object *object, const char *key,
				  enum json_type type)
{
	struct json_object *value;

	if (!json_object_is_type(object, json_type_object) ||
	    !json_object_object_get_ex(object, key, &value) || !json_object_is_type(value, type))
		return NULL;
	return value;
}

struct json_object *pst_json_object(const struct json_object *object, const char *key)
{
	return member(object, key, json_type_object);
}

struct json_object *pst_json_array(const struct json_object *object, const char *key)
{
	return member(object, key, json_type_array);
}

const char *pst_json_string(const struct json_object *object, const char *key)
{
	struct json_object *value = member(object, key, json_type_string);

	return value ? json_object_get_string(value) : NULL;
}

uint64_t pst_json_u64(const struct json_object *object, const char *key)
{
	struct json_object *value = member(object, key, json_type_int);
	const char *text = pst_json_string(object, key);
	unsigned long long number;

	if (value)
		return json_object_get_uint64(value);
	return text && !pst_parse_u64(text, ULLONG_MAX, &number) ? number : 0;
}

void pst_json_add_string(struct json_object *object, const char *key, const char *text)
{
	json_object_object_add(object, key, text ? json_object_new_string(text) : NULL);
}

void pst_json_add_number(struct json_object *object, const char *key, int64_t number, int64_t least)
{
	json_object_object_add(object, key, number < least ? NULL : json_object_new_int64(number));
}

void pst_json_add_count(struct json_object *object, const char *key, uint64_t count)
{
	json_object_object_add(object, key, json_object_new_uint64(count));
}

void pst_json_add_bool(struct json_object *object, const char *key, bool is)
{
	json_object_object_add(object, key, json_object_new_boolean(is));
}

void pst_json_add_strings(struct json_object *object, const char *key, const struct pst_strv *strv)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < strv->n; i++)
		json_object_array_add(array, json_object_new_string(strv->v[i]));
	json_object_object_add(object, key, array);
}
