// SPDX-License-Identifier: MIT
/* Pairs each key of the schema with its row, and says where one is missing. */
#include "conf/doc.h"

#include "conf/property.h"

const struct pst_doc *const pst_docs[] = {
	pst_doc_fabric, pst_doc_storage, pst_doc_property, pst_doc_share, NULL,
};

const struct pst_doc *pst_doc_find(const struct pst_doc *const *tables, const char *key)
{
	for (; *tables; tables++)
		for (const struct pst_doc *doc = *tables; doc->key; doc++)
			if (pst_streq(doc->key, key))
				return doc;
	return NULL;
}

const cyaml_schema_field_t *pst_doc_fields(const cyaml_schema_value_t *value)
{
	if (value->type == CYAML_SEQUENCE)
		value = value->sequence.entry;
	return value->type == CYAML_MAPPING ? value->mapping.fields : NULL;
}

struct pst_doc_key pst_doc_whole(const struct pst_doc *const *tables)
{
	return (struct pst_doc_key){ .tables = tables, .name = "", .value = &pst_schema };
}

static struct pst_key below(const char *path, const cyaml_schema_value_t *value, const char *name)
{
	if (!*path)
		return pst_key("%s", name);
	return pst_key("%s%s.%s", path, value->type == CYAML_SEQUENCE ? "[]" : "", name);
}

bool pst_doc_child(const struct pst_doc_key *parent, size_t n, struct pst_doc_key *ret)
{
	const cyaml_schema_field_t *field = pst_doc_fields(parent->value);
	const char *rows = parent->rows.text;

	if (parent->doc && parent->doc->same_as)
		rows = parent->doc->same_as;
	while (field && field->key && n--)
		field++;
	if (!field || !field->key)
		return false;
	*ret = (struct pst_doc_key){
		.tables = parent->tables,
		.path = below(parent->path.text, parent->value, field->key),
		.rows = below(rows, parent->value, field->key),
		.name = field->key,
		.value = &field->value,
		.parent = parent,
	};
	ret->doc = pst_doc_find(parent->tables, ret->rows.text);
	return true;
}

const struct pst_property *pst_doc_property_of(const struct pst_doc_key *key)
{
	const struct pst_doc *parent = key->parent ? key->parent->doc : NULL;

	if (parent && parent->same_as)
		parent = pst_doc_find(key->tables, parent->same_as);
	if (!parent || !parent->properties)
		return NULL;
	for (const struct pst_property *property = parent->properties; property->name; property++)
		if (pst_streq(property->name, key->name))
			return property;
	return NULL;
}

static void __format(3, 4)
	lacks(struct pst_problems *problems, const char *key, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	pst_problem_vadd(problems, PST_PROBLEM_CONFIG, key, 0, format, args);
	va_end(args);
}

static bool is_string(const cyaml_schema_value_t *value)
{
	if (value->type == CYAML_SEQUENCE)
		value = value->sequence.entry;
	return value->type == CYAML_STRING;
}

static void check_scalar(const struct pst_doc_key *key, struct pst_problems *problems)
{
	const struct pst_doc *doc = key->doc;

	if (is_string(key->value) && !doc->type)
		lacks(problems, key->path.text, "its row has no .type");
	if (pst_doc_required(key) && !doc->example)
		lacks(problems, key->path.text, "is required, and its row has no .example");
	if (!pst_doc_required(key) && !doc->reason)
		lacks(problems, key->path.text, "may be absent, and its row has no .reason");
}

static void check_row(const struct pst_doc_key *key, struct pst_problems *problems)
{
	const struct pst_doc *doc = key->doc;

	if (!doc->text)
		lacks(problems, key->path.text, "its row has no .text");
	if (pst_doc_property_of(key))
		return;
	if (pst_doc_required(key) && (doc->standard || doc->absent))
		lacks(problems, key->path.text, "is required, so nothing holds when it is absent");
	if (!pst_doc_required(key) && !doc->standard == !doc->absent)
		lacks(problems, key->path.text,
		      "may be absent: its row wants either .standard or .absent");
	if (!pst_doc_fields(key->value))
		check_scalar(key, problems);
}

/* The value of the key that @path names; NULL when there is none. */
static const cyaml_schema_value_t *value_named(const struct pst_doc_key *parent, const char *path)
{
	const cyaml_schema_value_t *value;
	struct pst_doc_key key;

	for (size_t i = 0; pst_doc_child(parent, i, &key); i++) {
		if (pst_streq(key.path.text, path))
			return key.value;
		value = value_named(&key, path);
		if (value)
			return value;
	}
	return NULL;
}

static void check_same(const struct pst_doc_key *key, struct pst_problems *problems)
{
	const struct pst_doc_key whole = pst_doc_whole(key->tables);
	const cyaml_schema_value_t *like = value_named(&whole, key->doc->same_as);

	if (!like || like->type != key->value->type ||
	    pst_doc_fields(like) != pst_doc_fields(key->value))
		lacks(problems, key->path.text, "has not the same keys as %s", key->doc->same_as);
}

static void check_below(const struct pst_doc_key *parent, struct pst_problems *problems)
{
	struct pst_doc_key key;

	for (size_t i = 0; pst_doc_child(parent, i, &key); i++) {
		if (!key.doc)
			lacks(problems, key.path.text, "has no row in src/conf/doc-*.c");
		else
			check_row(&key, problems);
		if (key.doc && key.doc->same_as)
			check_same(&key, problems);
		check_below(&key, problems);
	}
}

static bool has_key(const struct pst_doc_key *parent, const struct pst_doc *doc)
{
	struct pst_doc_key key;

	for (size_t i = 0; pst_doc_child(parent, i, &key); i++)
		if (key.doc == doc || has_key(&key, doc))
			return true;
	return false;
}

void pst_doc_check(const struct pst_doc *const *tables, struct pst_problems *problems)
{
	const struct pst_doc_key whole = pst_doc_whole(tables);

	check_below(&whole, problems);
	for (const struct pst_doc *const *table = tables; *table; table++) {
		for (const struct pst_doc *doc = *table; doc->key; doc++) {
			if (pst_doc_find(tables, doc->key) != doc)
				lacks(problems, doc->key, "has two rows");
			else if (!has_key(&whole, doc))
				lacks(problems, doc->key, "is a row without a key in schema.c");
		}
	}
}
