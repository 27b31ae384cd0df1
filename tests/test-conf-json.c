// SPDX-License-Identifier: MIT
/*
 * The JSON Schema, tried as an editor tries it: by those words of draft 2020-12 that it uses, on YAML
 * whose scalars have the types that YAML 1.2 gives them.
 */
#include <json-c/json.h>

#include "common.h"

static struct json_object *schema;

static struct json_object *get(const struct json_object *object, const char *key)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(object, key, &value);
	return value;
}

/* As #/properties/datasets/items/properties/properties */
static struct json_object *follow(const char *reference)
{
	struct json_object *at = schema;
	char __cleanup_free *path = strdup(reference + 2);
	char *rest = path;

	assert_true(pst_startswith(reference, "#/"));
	for (char *part = strsep(&rest, "/"); part; part = strsep(&rest, "/")) {
		at = get(at, part);
		assert_non_null(at);
	}
	return at;
}

static bool is_whole(const char *text)
{
	text += *text == '-';
	return *text && strspn(text, "0123456789") == strlen(text);
}

static bool is_number(const char *text)
{
	size_t len = strspn(text, "0123456789");

	return is_whole(text) || (len && text[len] == '.' && is_whole(text + len + 1));
}

static bool has_type(const struct pst_yaml *node, const char *type)
{
	bool word = node->kind == PST_YAML_SCALAR && !is_number(node->value) && *node->value;
	bool truth = word && (pst_streq(node->value, "true") || pst_streq(node->value, "false"));

	if (pst_streq(type, "object"))
		return node->kind == PST_YAML_MAP;
	if (pst_streq(type, "array"))
		return node->kind == PST_YAML_LIST;
	if (node->kind != PST_YAML_SCALAR)
		return false;
	if (pst_streq(type, "boolean"))
		return truth;
	if (pst_streq(type, "integer"))
		return is_whole(node->value);
	if (pst_streq(type, "number"))
		return is_number(node->value);
	assert_string_equal(type, "string");
	return word && !truth;
}

static bool fits_type(const struct pst_yaml *node, const struct json_object *types)
{
	if (!types)
		return true;
	if (json_object_is_type(types, json_type_string))
		return has_type(node, json_object_get_string((struct json_object *)types));
	for (size_t i = 0; i < json_object_array_length(types); i++)
		if (has_type(node, json_object_get_string(json_object_array_get_idx(types, i))))
			return true;
	return false;
}

static bool fits_enum(const struct pst_yaml *node, const struct json_object *words)
{
	if (!words)
		return true;
	for (size_t i = 0; i < json_object_array_length(words); i++) {
		struct json_object *word = json_object_array_get_idx(words, i);

		if (node->kind == PST_YAML_SCALAR &&
		    is_number(node->value) == !json_object_is_type(word, json_type_string) &&
		    pst_streq(node->value, json_object_get_string(word)))
			return true;
	}
	return false;
}

static bool fits(const struct pst_yaml *node, const struct json_object *rule);

static bool has_child(const struct pst_yaml *map, const char *key)
{
	for (size_t i = 0; i < map->n_children; i++)
		if (pst_streq(map->child[i]->key, key))
			return true;
	return false;
}

static bool fits_map(const struct pst_yaml *map, const struct json_object *rule)
{
	struct json_object *properties = get(rule, "properties");
	struct json_object *required = get(rule, "required");
	struct json_object *additional = get(rule, "additionalProperties");

	for (size_t i = 0; i < json_object_array_length(required); i++)
		if (!has_child(map, json_object_get_string(json_object_array_get_idx(required, i))))
			return false;
	assert_non_null(additional);
	for (size_t i = 0; i < map->n_children; i++) {
		struct json_object *below = get(properties, map->child[i]->key);

		if (!below && json_object_is_type(additional, json_type_object))
			below = additional;
		if (!below || !fits(map->child[i], below))
			return false;
	}
	return true;
}

static bool fits_list(const struct pst_yaml *list, const struct json_object *rule)
{
	if (list->n_children < (size_t)json_object_get_int64(get(rule, "minItems")))
		return false;
	for (size_t i = 0; i < list->n_children; i++)
		if (!fits(list->child[i], get(rule, "items")))
			return false;
	return true;
}

static bool fits_range(const struct pst_yaml *node, const struct json_object *rule)
{
	struct json_object *min = get(rule, "minimum"), *max = get(rule, "maximum");

	return !min || (atoll(node->value) >= json_object_get_int64(min) &&
			atoll(node->value) <= json_object_get_int64(max));
}

static bool fits(const struct pst_yaml *node, const struct json_object *rule)
{
	struct json_object *reference = get(rule, "$ref");

	if (reference)
		return fits(node, follow(json_object_get_string(reference)));
	if (!fits_type(node, get(rule, "type")) || !fits_enum(node, get(rule, "enum")))
		return false;
	if (node->kind == PST_YAML_MAP)
		return fits_map(node, rule);
	if (node->kind == PST_YAML_LIST)
		return fits_list(node, rule);
	return fits_range(node, rule);
}

#define NODE	 "node: {name: n, role: storage}\n"
#define POOL	 NODE "pools: [{name: tank, layout: mirror, disks: [/dev/a, /dev/b]"
#define SECURITY NODE "exports: [{path: /a, clients: [{host: b, sec: "
#define DATA	 NODE "datasets: [{name: tank/data"

struct row {
	const char *name;
	const char *text;
	bool taken;
};

/* The parser says the same of each, apart from what several keys must agree in. */
static const struct row rows[] = {
	{ "smallest", NODE, true },
	{ "no node", "network: []\n", false },
	{ "no role", "node: {name: n}\n", false },
	{ "unknown word", "node: {name: n, role: both}\n", false },
	{ "unknown section", NODE "pool: []\n", false },
	{ "unknown key", POOL ", disk: x}]\n", false },
	{ "pool", POOL "}]\n", true },
	{ "list without entries", NODE "pools: [{name: tank, layout: mirror, disks: []}]\n",
	  false },
	{ "empty list that may be", NODE "pools: []\n", true },
	{ "mapping for a list", NODE "pools: {name: tank}\n", false },
	{ "list for a mapping", "node: [name]\n", false },
	{ "list for a word", "node: {name: [n], role: gpu}\n", false },
	{ "nothing for a word", "node: {name: , role: gpu}\n", false },
	{ "number", NODE "nfs_server: {threads: 4096}\n", true },
	{ "number too large", NODE "nfs_server: {threads: 4097}\n", false },
	{ "number too small", NODE "nfs_server: {threads: 0}\n", false },
	{ "no number", NODE "nfs_server: {threads: many}\n", false },
	{ "large user number", DATA ", owner: 4294967294}]\n", true },
	{ "larger than a user number", DATA ", owner: 4294967295}]\n", false },
	{ "truth", NODE "nfs_server: {tcp: false}\n", true },
	{ "no truth", NODE "nfs_server: {tcp: maybe}\n", false },
	{ "version that looks like a number",
	  NODE "mounts: [{source: \"a:/b\", target: /mnt/b, version: 4.2}]\n", true },
	{ "version that there is not",
	  NODE "mounts: [{source: \"a:/b\", target: /mnt/b, version: 4.3}]\n", false },
	{ "mode that looks like a number", DATA ", mode: 0755}]\n", true },
	{ "property", DATA ", properties: {atime: off, copies: 2, quota: 10G}}]\n", true },
	{ "property of a root", POOL ", filesystem_properties: {atime: off}}]\n", true },
	{ "property that has no line", DATA ", properties: {volmode: none}}]\n", true },
	{ "list as a property", DATA ", properties: {volmode: [none]}}]\n", false },
	{ "property of a root that has no line", POOL ", filesystem_properties: {a:b: 1}}]\n",
	  true },
	{ "words in a list", SECURITY "[krb5, sys]}]}]\n", true },
	{ "unknown word in a list", SECURITY "[krb4]}]}]\n", false },
	{ "group", NODE "pools: [{name: tank, vdevs: [{layout: mirror, disks: [/dev/a]}]}]\n",
	  true },
	{ "group for metadata", POOL ", special: [{layout: mirror, select: {count: 2}}]}]\n",
	  true },
	{ "unknown key in such a group", POOL ", special: [{layout: mirror, disk: x}]}]\n", false },
	{ "property with another value", DATA ", properties: {atime: never}}]\n", false },
	{ "key below a list's entry",
	  NODE "exports: [{path: /a, clients: [{host: b, acess: rw}]}]\n", false },
};

static void is_judged(void **state)
{
	const struct row *row = *state;
	struct pst_yaml __cleanup_yaml *tree = NULL;
	size_t line = 0;

	assert_int_equal(pst_yaml_parse(row->text, strlen(row->text), &tree, &line, NULL), 0);
	assert_int_equal(fits(tree, schema), row->taken);
}

/* And of a whole file, as ours are. */
static void whole_files_fit(void **state)
{
	static const char *const names[] = { "storage.yaml", "gpu.yaml" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct pst_conf_doc __cleanup_conf_doc doc = { 0 };

		conf_from_data(&doc, names[i]);
		assert_true(fits(doc.tree, schema));
	}
}

static void says_its_draft_and_describes_all(void **state)
{
	struct json_object *port = follow("#/properties/nfs_server/properties/rdma_port");

	(void)state;
	assert_string_equal(json_object_get_string(get(schema, "$schema")),
			    "https://json-schema.org/draft/2020-12/schema");
	assert_int_equal(json_object_get_int(get(port, "default")), 20049);
	assert_string_equal(json_object_get_string(get(port, "description")),
			    "Where it listens for RDMA. The port that is registered for NFS over "
			    "RDMA. Type: port, or 0 for no RDMA.");
	assert_true(json_object_get_boolean(
		get(follow("#/properties/nfs_server/properties/tcp"), "default")));
}

static int read_schema(void **state)
{
	(void)state;
	schema = json_object_from_file(getenv("PENSTOCK_YAML_SCHEMA"));
	return schema ? 0 : -1;
}

static int forget_schema(void **state)
{
	(void)state;
	json_object_put(schema);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_files_fit),
		cmocka_unit_test(says_its_draft_and_describes_all),
	};

	ADD_ROWS(rows, is_judged);
	ADD_TESTS(tests);
	return run_gathered(read_schema, forget_schema);
}
