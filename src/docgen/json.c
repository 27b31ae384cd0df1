// SPDX-License-Identifier: MIT
/*
 * The keys as a JSON Schema. It takes what the parser takes, except for what only the values of
 * several keys together tell. An editor sees numbers where our file has text that looks like one,
 * as 4.2 or 0755: those are taken as well.
 */
#include <json-c/json.h>
#include <limits.h>

#include "conf/property.h"
#include "docgen/docgen.h"

static void put(struct json_object *object, const char *key, struct json_object *value)
{
	json_object_object_add(object, key, value);
}

static void put_text(struct json_object *object, const char *key, const char *text)
{
	put(object, key, json_object_new_string(text));
}

static bool is_number(const char *text)
{
	size_t whole = strspn(text, "0123456789");

	if (!whole || !text[whole])
		return whole > 0;
	return text[whole] == '.' && text[whole + 1] &&
	       strspn(text + whole + 1, "0123456789") == strlen(text + whole + 1);
}

static void put_words(struct json_object *object, const struct pst_strv *words)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < words->n; i++)
		json_object_array_add(list, json_object_new_string(words->v[i]));
	for (size_t i = 0; i < words->n; i++)
		if (is_number(words->v[i]))
			json_object_array_add(
				list,
				json_object_new_double_s(strtod(words->v[i], NULL), words->v[i]));
	put(object, "enum", list);
}

static void put_string(struct json_object *object, const char *pattern)
{
	struct json_object *types = json_object_new_array();

	json_object_array_add(types, json_object_new_string("string"));
	json_object_array_add(types, json_object_new_string("number"));
	put(object, "type", types);
	put(object, "minLength", json_object_new_int(1));
	if (pattern)
		put_text(object, "pattern", pattern);
}

static void put_property(struct json_object *object, const struct pst_property *property)
{
	static const struct {
		const char *values;
		const char *pattern;
	} kinds[] = {
		{ "#path", "^/" },
		{ "#ashift", "^(9|1[0-6])$" },
		{ "#record", "^[0-9]+[KM]?$" },
		{ "#size", "^[0-9]+[KMGTP]?$" },
		{ "#none", "^(none|[0-9]+[KMGTP]?)$" },
	};
	const char *pattern = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (pst_streq(kinds[i].values, property->values))
			pattern = kinds[i].pattern;
	put_string(object, pattern);
}

static void put_number(struct json_object *object, const struct pst_doc_key *key)
{
	/* As pst_schema_check() has it. */
	uint64_t max = key->value->type == CYAML_INT ? UINT32_MAX - 1ULL : INT_MAX;

	put_text(object, "type", "integer");
	put(object, "minimum", json_object_new_uint64(key->doc->min));
	put(object, "maximum", json_object_new_uint64(key->doc->max ? key->doc->max : max));
}

static struct json_object *standard(const struct pst_doc_key *key)
{
	const char *text = key->doc->standard;

	switch (key->value->type) {
	case CYAML_BOOL:
		return json_object_new_boolean(pst_streq(text, "true"));
	case CYAML_INT:
	case CYAML_UINT:
		return json_object_new_uint64(strtoull(text, NULL, 10));
	default:
		return json_object_new_string(text);
	}
}

static void add_sentence(struct pst_buf *out, const char *label, const char *text)
{
	if (text)
		pst_buf_printf(out, " %s %s.", label, text);
}

static void put_description(struct json_object *object, const struct pst_doc_key *key)
{
	const struct pst_doc *doc = key->doc;
	struct pst_buf out = { 0 };
	char __cleanup_free *text = NULL;

	pst_buf_add(&out, doc->text);
	if (doc->reason)
		pst_buf_printf(&out, " %s", doc->reason);
	if (doc->open)
		pst_buf_printf(&out, " %s", doc->open);
	add_sentence(&out, "Type:", doc->type);
	add_sentence(&out, "Unit:", doc->unit);
	add_sentence(&out, "Without it:", doc->absent);
	add_sentence(&out, "A new pool gets", doc->fresh);
	text = pst_buf_take(&out);
	put_text(object, "description", text ?: "");
	if (doc->standard)
		put(object, "default", standard(key));
}

static void put_value(struct json_object *object, const struct pst_doc_key *key);

static void put_keys(struct json_object *object, const struct pst_doc_key *parent)
{
	struct json_object *properties = json_object_new_object();
	struct json_object *required = json_object_new_array();
	struct pst_doc_key key;

	for (size_t i = 0; pst_doc_child(parent, i, &key); i++) {
		struct json_object *one = json_object_new_object();

		put_description(one, &key);
		put_value(one, &key);
		put(properties, key.name, one);
		if (pst_doc_required(&key))
			json_object_array_add(required, json_object_new_string(key.name));
	}
	put_text(object, "type", "object");
	if (parent->doc && parent->doc->open) {
		struct json_object *other = json_object_new_object();

		put_string(other, NULL);
		put(object, "additionalProperties", other);
	} else {
		put(object, "additionalProperties", json_object_new_boolean(false));
	}
	put(object, "required", required);
	put(object, "properties", properties);
}

/* As #/properties/datasets/items/properties/properties, of "datasets[].properties". */
static void put_reference(struct json_object *object, const char *path, const char *tail)
{
	struct pst_buf out = { 0 };
	char __cleanup_free *text = NULL;

	pst_buf_add(&out, "#");
	while (*path) {
		size_t len = strcspn(path, ".[");

		pst_buf_printf(&out, "/properties/%.*s", (int)len, path);
		path += len;
		if (pst_startswith(path, "[]")) {
			pst_buf_add(&out, "/items");
			path += 2;
		}
		path += *path == '.';
	}
	pst_buf_add(&out, tail);
	text = pst_buf_take(&out);
	put_text(object, "$ref", text ?: "");
}

static void put_list(struct json_object *object, const struct pst_doc_key *key)
{
	struct json_object *items = json_object_new_object();
	struct pst_strv __cleanup_strv words = { 0 };

	pst_docgen_words(key, &words);
	put_text(object, "type", "array");
	put(object, "minItems", json_object_new_int64(key->value->sequence.min));
	if (key->doc->same_as)
		put_reference(items, key->doc->same_as, "/items");
	else if (pst_doc_fields(key->value))
		put_keys(items, key);
	else if (words.n)
		put_words(items, &words);
	else
		put_string(items, NULL);
	put(object, "items", items);
}

static void put_value(struct json_object *object, const struct pst_doc_key *key)
{
	const struct pst_property *property = pst_doc_property_of(key);
	struct pst_strv __cleanup_strv words = { 0 };

	pst_docgen_words(key, &words);
	if (key->value->type == CYAML_SEQUENCE)
		put_list(object, key);
	else if (words.n)
		put_words(object, &words);
	else if (property)
		put_property(object, property);
	else if (key->doc->same_as && key->value->type == CYAML_MAPPING)
		put_reference(object, key->doc->same_as, "");
	else if (key->value->type == CYAML_MAPPING)
		put_keys(object, key);
	else if (key->value->type == CYAML_BOOL)
		put_text(object, "type", "boolean");
	else if (key->value->type == CYAML_INT || key->value->type == CYAML_UINT)
		put_number(object, key);
	else
		put_string(object, NULL);
}

void pst_docgen_json(struct pst_buf *out)
{
	const struct pst_doc_key whole = pst_doc_whole(pst_docs);
	struct json_object *object = json_object_new_object();

	put_text(object, "$schema", "https://json-schema.org/draft/2020-12/schema");
	put_text(object, "title", "penstock.yaml");
	put_text(object, "description", "What a node of Penstock shall be; see penstock.yaml(5).");
	put_keys(object, &whole);
	pst_buf_add(out, json_object_to_json_string_ext(
				 object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
	pst_buf_add(out, "\n");
	json_object_put(object);
}
