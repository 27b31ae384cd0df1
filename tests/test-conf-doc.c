// SPDX-License-Identifier: MIT
/*
 * src/conf/doc*.c: every key has its row, and what a row says of its key is what the parser does. The
 * files that are parsed are made from the rows' examples.
 */
#include "base/file.h"
#include "cli/cli.h"
#include "common.h"
#include "conf/doc.h"

#define UNKNOWN	    "not_a_key" /* in no schema of ours, nor like any key */
#define SCHEMA_LINE "# yaml-language-server: $schema=/usr/share/penstock/penstock.schema.json\n"

static bool has_example(const struct pst_doc_key *parent)
{
	struct pst_doc_key key;

	if (parent->doc && (parent->doc->instead_of || parent->doc->example))
		return !parent->doc->instead_of;
	for (size_t i = 0; pst_doc_child(parent, i, &key); i++)
		if (has_example(&key))
			return true;
	return false;
}

static bool leads_to(const struct pst_doc_key *key, const char *wanted)
{
	size_t len = strlen(key->path.text);

	return wanted && strncmp(key->path.text, wanted, len) == 0 && strchr(".[", wanted[len]);
}

/* Whether what leads to @wanted, or is it, contradicts the key @name beside it. */
static bool is_displaced(const struct pst_doc_key *parent, const char *name, const char *wanted)
{
	struct pst_doc_key key;

	for (size_t i = 0; pst_doc_child(parent, i, &key); i++) {
		const char *instead = key.doc ? key.doc->instead_of : NULL;

		if (!instead || !leads_to(&key, wanted))
			continue;
		for (size_t len; *instead; instead += len + (instead[len] == ' ')) {
			len = strcspn(instead, " ");
			if (strlen(name) == len && strncmp(instead, name, len) == 0)
				return true;
		}
	}
	return false;
}

/* Whether @wanted is the unknown key of @parent, or of its entries. */
static bool is_unknown_below(const struct pst_doc_key *parent, const char *wanted)
{
	size_t len = strlen(parent->path.text);

	if (!wanted || strncmp(parent->path.text, wanted, len) != 0)
		return false;
	return pst_streq(wanted + len,
			 parent->value->type == CYAML_SEQUENCE ? "[]." UNKNOWN : "." UNKNOWN);
}

/* The keys below @parent, as a flow mapping: those with an example, and @wanted with @value. */
static void write_keys(struct pst_buf *out, const struct pst_doc_key *parent, const char *wanted,
		       const char *value)
{
	const char *separator = "{";
	struct pst_doc_key key;

	for (size_t i = 0; pst_doc_child(parent, i, &key); i++) {
		bool list = key.value->type == CYAML_SEQUENCE;

		if (leads_to(&key, wanted) && key.doc && key.doc->beside) {
			pst_buf_printf(out, "%s%s", separator, key.doc->beside);
			separator = ", ";
		}
		if (pst_streq(key.path.text, wanted)) {
			if (value)
				pst_buf_printf(out, "%s%s: %s", separator, key.name, value);
			separator = value ? ", " : separator;
			continue;
		}
		if (!leads_to(&key, wanted) &&
		    (!has_example(&key) || is_displaced(parent, key.name, wanted)))
			continue;
		pst_buf_printf(out, "%s%s: %s", separator, key.name,
			       pst_doc_fields(key.value) ? list ? "[" : "" : key.doc->example);
		if (pst_doc_fields(key.value))
			write_keys(out, &key, wanted, value);
		if (pst_doc_fields(key.value) && list)
			pst_buf_add(out, "]");
		separator = ", ";
	}
	if (is_unknown_below(parent, wanted)) {
		pst_buf_printf(out, "%s%s: %s", separator, UNKNOWN, value);
		separator = ", ";
	}
	pst_buf_add(out, separator[0] == '{' ? "{}" : "}");
}

static char *file_with(const char *wanted, const char *value)
{
	const struct pst_doc_key whole = pst_doc_whole(pst_docs);
	struct pst_buf out = { 0 };

	write_keys(&out, &whole, wanted, value);
	return pst_buf_take(&out);
}

/* pools[].layout, as the parser names the first of them: pools[0].layout. */
static char *as_named(const char *path)
{
	struct pst_buf out = { 0 };

	for (; *path; path++)
		pst_buf_add(&out, pst_startswith(path, "[]") ? "[0" : (char[]){ *path, '\0' });
	return pst_buf_take(&out);
}

/* Whether the parser has a complaint about the key itself. */
static bool is_refused(const struct pst_doc_key *key, const char *value)
{
	struct pst_problems __cleanup_problems problems = { 0 };
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	char __cleanup_free *text = file_with(key->path.text, value);
	char __cleanup_free *name = as_named(key->path.text);

	pst_conf_parse("test.yaml", text, strlen(text), &doc, &problems, NULL);
	for (size_t i = 0; i < problems.n; i++)
		if (pst_streq(problems.v[i].key, name))
			return true;
	return false;
}

/* Where the value of @key is, in the first element of each list on the way. */
static const char *value_of(const struct pst_doc_key *key, const struct pst_conf *conf)
{
	const cyaml_schema_field_t *field;
	const char *at;

	if (!key->parent)
		return (const char *)conf;
	field = pst_doc_fields(key->parent->value);
	while (!pst_streq(field->key, key->name))
		field++;
	at = value_of(key->parent, conf) + field->data_offset;
	return field->value.flags & CYAML_FLAG_POINTER ? *(const char *const *)at : at;
}

static void assert_standard(const struct pst_doc_key *key)
{
	struct pst_conf_doc __cleanup_conf_doc without = { 0 }, with = { 0 };
	char __cleanup_free *short_text = file_with(key->path.text, NULL);
	char __cleanup_free *long_text = file_with(key->path.text, key->doc->standard);
	const char *absent, *given;

	conf_from(&without, short_text);
	conf_from(&with, long_text);
	absent = value_of(key, without.conf);
	given = value_of(key, with.conf);
	if (key->value->type == CYAML_STRING)
		assert_string_equal(absent, given);
	else
		assert_memory_equal(absent, given, key->value->data_size);
}

static void assert_limits(const struct pst_doc_key *key)
{
	const struct pst_doc *doc = key->doc;

	assert_false(is_refused(key, pst_key("%u", doc->min).text));
	if (doc->min)
		assert_true(is_refused(key, pst_key("%u", doc->min - 1).text));
	if (!doc->max)
		return;
	assert_false(is_refused(key, pst_key("%u", doc->max).text));
	assert_true(is_refused(key, pst_key("%u", doc->max + 1).text));
}

/* What each key's row says, held against the parser. */
static void assert_keys(const struct pst_doc_key *parent,
			void (*assert_key)(const struct pst_doc_key *), size_t *n)
{
	struct pst_doc_key key;

	for (size_t i = 0; pst_doc_child(parent, i, &key); i++) {
		print_message("# %s\n", key.path.text);
		assert_non_null(key.doc);
		assert_key(&key);
		++*n;
		assert_keys(&key, assert_key, n);
	}
}

static void if_standard(const struct pst_doc_key *key)
{
	/* Of keys that are like others, those others are tried. */
	if (key->doc->standard && pst_streq(key->path.text, key->rows.text))
		assert_standard(key);
}

static void if_number(const struct pst_doc_key *key)
{
	if (key->value->type == CYAML_UINT || key->value->type == CYAML_INT)
		assert_limits(key);
}

/* Whether a mapping takes keys that are not in the schema. */
static void if_mapping(const struct pst_doc_key *key)
{
	struct pst_doc_key unknown = *key;
	bool list = key->value->type == CYAML_SEQUENCE;

	if (!pst_doc_fields(key->value) || !key->parent)
		return;
	unknown.path = pst_key("%s%s." UNKNOWN, key->path.text, list ? "[]" : "");
	assert_int_equal(!is_refused(&unknown, "x"), key->doc->open != NULL);
}

static void if_required(const struct pst_doc_key *key)
{
	char __cleanup_free *text = file_with(key->path.text, NULL);
	struct pst_problems __cleanup_problems problems = { 0 };
	struct pst_yaml __cleanup_yaml *tree = NULL;
	char __cleanup_free *name = as_named(key->path.text);
	size_t line;

	assert_int_equal(pst_yaml_parse(text, strlen(text), &tree, &line, NULL), 0);
	pst_schema_check(tree, &pst_schema, &problems);
	assert_int_equal(problems.n, pst_doc_required(key));
	if (!problems.n)
		return;
	assert_string_equal(problems.v[0].key, name);
	assert_string_equal(problems.v[0].text, "missing");
}

static void standards_are_the_parsers(void **state)
{
	const struct pst_doc_key whole = pst_doc_whole(pst_docs);
	size_t n = 0;

	(void)state;
	assert_keys(&whole, if_standard, &n);
	assert_true(n > 80);
}

static void limits_are_the_parsers(void **state)
{
	const struct pst_doc_key whole = pst_doc_whole(pst_docs);
	size_t n = 0;

	(void)state;
	assert_keys(&whole, if_number, &n);
}

static void open_is_what_takes_any_key(void **state)
{
	const struct pst_doc_key whole = pst_doc_whole(pst_docs);
	size_t n = 0;

	(void)state;
	assert_keys(&whole, if_mapping, &n);
}

static void required_is_what_the_parser_misses(void **state)
{
	const struct pst_doc_key whole = pst_doc_whole(pst_docs);
	size_t n = 0;

	(void)state;
	assert_keys(&whole, if_required, &n);
}

static void examples_are_taken(void **state)
{
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	char __cleanup_free *text = file_with(NULL, NULL);

	(void)state;
	conf_from(&doc, text);
	assert_string_equal(doc.conf->exports[0].clients[0].host, "10.77.0.0/24");
}

/* What a plan sets on the pool that it creates, by "-o" and "-O". */
static void new_pools_get_what_is_said(void **state)
{
	struct pst_view __cleanup_view node = { 0 };
	char __cleanup_free *text = file_with(NULL, NULL);
	char __cleanup_free *planned = NULL;
	size_t n_said = 0, n_set = 0;

	(void)state;
	conf_from(&node.doc, text);
	add_interface(&node.state, "ens16", 1500, NULL);
	for (int i = 0; i < 3; i++)
		add_disk(&node.state, pst_key("/dev/disk/by-id/nvme-%d", i).text,
			 pst_key("nvme%dn1", i).text, NULL);
	assert_int_equal(pst_node_plan(node.doc.conf, &node.state, &node.plan), 0);
	planned = plan_text(&node.plan);
	for (const struct pst_doc *doc = pst_doc_property; doc->key; doc++) {
		if (!doc->fresh)
			continue;
		n_said++;
		assert_non_null(strstr(
			planned, pst_key(" %s=%s ", strrchr(doc->key, '.') + 1, doc->fresh).text));
	}
	for (const char *at = strstr(planned, "zpool create"); *at && *at != '\n'; at++)
		n_set += pst_startswith(at, " -o ") || pst_startswith(at, " -O ");
	assert_int_equal(n_set, n_said);
}

struct mistake {
	const char *name;
	const char *key; /* of the row that is other than it should be */
	struct pst_doc instead; /* without a key: nothing */
	const char *complaint;
	bool more; /* of the same kind follow */
};

static const struct mistake mistakes[] = {
	{ "nothing is wrong", "", { 0 }, "" },
	{ "no row", "pools[].layout", { 0 }, "pools[].layout: has no row in src/conf/doc-*.c\n" },
	{ "no row of a property",
	  "datasets[].properties.atime",
	  { 0 },
	  "pools[].filesystem_properties.atime: has no row in src/conf/doc-*.c\n"
	  "datasets[].properties.atime: has no row in src/conf/doc-*.c\n" },
	{ "no key", "pools[].layout", PST_DOC("pools[].shape", .text = "x", .example = "x"),
	  "pools[].layout: has no row in src/conf/doc-*.c\n"
	  "pools[].shape: is a row without a key in schema.c\n" },
	{ "two rows", "pools[].layout", PST_DOC("pools[].name", .text = "x"),
	  "pools[].layout: has no row in src/conf/doc-*.c\npools[].name: has two rows\n" },
	{ "no text", "node.role", PST_DOC("node.role", .example = "x"),
	  "node.role: its row has no .text\n" },
	{ "no type", "network[].dns",
	  PST_DOC("network[].dns", .text = "x", .absent = "x", .reason = "x"),
	  "network[].dns: its row has no .type\n" },
	{ "not the same keys", "pools[].filesystem_properties",
	  PST_DOC("pools[].filesystem_properties", .text = "x", .absent = "x",
		  .same_as = "pools[].properties"),
	  "pools[].filesystem_properties: has not the same keys as pools[].properties\n", true },
	{ "no example", "node.role", PST_DOC("node.role", .text = "x"),
	  "node.role: is required, and its row has no .example\n" },
	{ "a standard of what is required", "node.role",
	  PST_DOC("node.role", .text = "x", .example = "x", .standard = "x"),
	  "node.role: is required, so nothing holds when it is absent\n" },
	{ "no standard", "nfs_server.tcp", PST_DOC("nfs_server.tcp", .text = "x", .reason = "x"),
	  "nfs_server.tcp: may be absent: its row wants either .standard or .absent\n" },
	{ "no reason", "nfs_server.tcp", PST_DOC("nfs_server.tcp", .text = "x", .standard = "true"),
	  "nfs_server.tcp: may be absent, and its row has no .reason\n" },
};

static void is_found(void **state)
{
	const struct mistake *mistake = *state;
	struct pst_problems __cleanup_problems problems = { 0 };
	struct pst_buf __cleanup_buf text = { 0 };
	static struct pst_doc rows[400];
	const struct pst_doc *const tables[] = { rows, NULL };
	size_t n = 0;

	for (const struct pst_doc *const *table = pst_docs; *table; table++)
		for (const struct pst_doc *doc = *table; doc->key; doc++)
			if (!pst_streq(doc->key, mistake->key))
				rows[n++] = *doc;
	rows[n++] = mistake->instead;
	rows[n] = (struct pst_doc)PST_DOC_END;
	pst_doc_check(tables, &problems);
	for (size_t i = 0; i < problems.n; i++)
		pst_buf_printf(&text, "%s: %s\n", problems.v[i].key, problems.v[i].text);
	if (mistake->more && text.len > strlen(mistake->complaint))
		text.data[strlen(mistake->complaint)] = '\0';
	assert_string_equal(text.data ?: "", mistake->complaint);
}

/* The examples of the page can be taken as they are, and their first line is for editors. */
static void page_has_valid_examples(void **state)
{
	static const char begin[] = ".Bd -literal -offset indent\n";
	char __cleanup_free *page = NULL;
	size_t n = 0;

	(void)state;
	assert_int_equal(pst_file_read(getenv("PENSTOCK_YAML_PAGE"), &page, NULL, NULL), 0);
	for (char *at = strstr(page, begin); at; at = strstr(at, begin)) {
		struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
		char *end = strstr(at, ".Ed\n");

		at += strlen(begin);
		assert_non_null(end);
		*end = '\0';
		assert_true(pst_startswith(at, SCHEMA_LINE));
		conf_from(&doc, at);
		at = end + 1;
		n++;
	}
	assert_int_equal(n, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(standards_are_the_parsers),
		cmocka_unit_test(limits_are_the_parsers),
		cmocka_unit_test(open_is_what_takes_any_key),
		cmocka_unit_test(required_is_what_the_parser_misses),
		cmocka_unit_test(examples_are_taken),
		cmocka_unit_test(new_pools_get_what_is_said),
		cmocka_unit_test(page_has_valid_examples),
	};

	ADD_TESTS(tests);
	ADD_ROWS(mistakes, is_found);
	return run_gathered(NULL, NULL);
}
