/* SPDX-License-Identifier: MIT */
/* Reading other programs' JSON, and writing ours: what is absent or of another type is NULL or 0, never a crash. */
#ifndef PST_NODE_JSON_H
#define PST_NODE_JSON_H

#include <json-c/json.h>
#include <stdint.h>

#include "base/reason.h"
#include "base/str.h"

/* A whole document; the reason of a failure names @who, the program that wrote it. */
int pst_json_parse(const char *text, const char *who, struct json_object **ret,
		   struct pst_reason *reason);
static inline void pst_json_put(struct json_object **object)
{
	json_object_put(*object);
}
#define __cleanup_json __cleanup(pst_json_put)

/* A member of the type asked for, else NULL. */
struct json_object *pst_json_object(const struct json_object *object, const char *key);
struct json_object *pst_json_array(const struct json_object *object, const char *key);
const char *pst_json_string(const struct json_object *object, const char *key);
/* A number, or a string that is one, else 0. */
uint64_t pst_json_u64(const struct json_object *object, const char *key);

/* Adds a member; what is not known is null: no text, and a number below @least. */
void pst_json_add_string(struct json_object *object, const char *key, const char *text);
void pst_json_add_number(struct json_object *object, const char *key, int64_t number,
			 int64_t least);
void pst_json_add_count(struct json_object *object, const char *key, uint64_t count);
void pst_json_add_bool(struct json_object *object, const char *key, bool is);
void pst_json_add_strings(struct json_object *object, const char *key, const struct pst_strv *strv);

#endif
