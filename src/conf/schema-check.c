// SPDX-License-Identifier: MIT
/* Holds a document against the schema and reports everything that does not fit. */
#include <inttypes.h>
#include <limits.h>

#include "conf/schema.h"

static void __format(4, 5)
	bad(struct pst_problems *problems, const char *key, size_t line, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	pst_problem_vadd(problems, PST_PROBLEM_CONFIG, key, line, format, args);
	va_end(args);
}

static void check_value(struct pst_problems *problems, const struct pst_yaml *node, const char *key,
			const cyaml_schema_value_t *schema);

static const cyaml_schema_value_t any_word = {
	CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, CYAML_UNLIMITED),
};

static struct pst_key key_below(const char *key, const char *name)
{
	return *key ? pst_key("%s.%s", key, name) : pst_key("%s", name);
}

static const cyaml_schema_field_t *field_named(const cyaml_schema_field_t *fields, const char *name)
{
	for (; fields->key; fields++)
		if (pst_streq(fields->key, name))
			return fields;
	return NULL;
}

static const struct pst_yaml *first_named(const struct pst_yaml *map, const char *name)
{
	for (size_t i = 0; i < map->n_children; i++)
		if (pst_streq(map->child[i]->key, name))
			return map->child[i];
	return NULL;
}

static void report_unknown(struct pst_problems *problems, const struct pst_yaml *node,
			   const char *key, const cyaml_schema_field_t *fields)
{
	struct pst_strv __cleanup_strv known = { 0 };
	char __cleanup_free *list = NULL;

	for (; fields->key; fields++)
		pst_strv_add(&known, fields->key);
	list = pst_strv_join(&known, ", ");
	bad(problems, key, node->line, "unknown key; known here are %s", list ? list : "others");
}

static void check_map(struct pst_problems *problems, const struct pst_yaml *map, const char *key,
		      const cyaml_schema_field_t *fields)
{
	for (size_t i = 0; i < map->n_children; i++) {
		const struct pst_yaml *node = map->child[i];
		const struct pst_yaml *first = first_named(map, node->key);
		const cyaml_schema_field_t *field = field_named(fields, node->key);
		struct pst_key below = key_below(key, node->key);

		if (!field && !pst_schema_is_open(fields))
			report_unknown(problems, node, below.text, fields);
		else if (first != node)
			bad(problems, below.text, node->line, "given twice, first in line %zu",
			    first->line);
		else if (!field)
			check_value(problems, node, below.text, &any_word);
		else
			check_value(problems, node, below.text, &field->value);
	}
	for (; fields->key; fields++)
		if (!(fields->value.flags & CYAML_FLAG_OPTIONAL) && !first_named(map, fields->key))
			bad(problems, key_below(key, fields->key).text, map->line, "missing");
}

static void check_list(struct pst_problems *problems, const struct pst_yaml *list, const char *key,
		       const cyaml_schema_value_t *schema)
{
	if (list->n_children < schema->sequence.min)
		bad(problems, key, list->line, "must not be empty");
	for (size_t i = 0; i < list->n_children; i++)
		check_value(problems, list->child[i], pst_key("%s[%zu]", key, i).text,
			    schema->sequence.entry);
}

static void check_number(struct pst_problems *problems, const struct pst_yaml *node,
			 const char *key, const cyaml_schema_value_t *schema)
{
	/* No number of ours is negative, and INT_MAX is beyond all but user and group numbers. */
	unsigned long long max = schema->type == CYAML_INT ? UINT32_MAX - 1ULL : INT_MAX;
	unsigned long long number;

	if (pst_parse_u64(node->value, max, &number))
		bad(problems, key, node->line, "must be a whole number from 0 to %llu, not \"%s\"",
		    max, node->value);
}

static void check_enum(struct pst_problems *problems, const struct pst_yaml *node, const char *key,
		       const cyaml_schema_value_t *schema)
{
	struct pst_strv __cleanup_strv words = { 0 };
	char __cleanup_free *list = NULL;

	for (uint32_t i = 0; i < schema->enumeration.count; i++)
		pst_strv_add(&words, schema->enumeration.strings[i].str);
	if (pst_strv_contains(&words, node->value))
		return;
	list = pst_strv_join(&words, ", ");
	bad(problems, key, node->line, "must be one of %s, not \"%s\"", list ? list : "others",
	    node->value);
}

static void check_scalar(struct pst_problems *problems, const struct pst_yaml *node,
			 const char *key, const cyaml_schema_value_t *schema)
{
	switch (schema->type) {
	case CYAML_INT:
	case CYAML_UINT:
		check_number(problems, node, key, schema);
		break;
	case CYAML_BOOL:
		/* libcyaml takes any word that is not a kind of "no" as true. */
		if (!pst_streq(node->value, "true") && !pst_streq(node->value, "false"))
			bad(problems, key, node->line, "must be true or false, not \"%s\"",
			    node->value);
		break;
	case CYAML_ENUM:
		check_enum(problems, node, key, schema);
		break;
	default:
		if (!*node->value)
			bad(problems, key, node->line, "must not be empty");
		break;
	}
}

static void check_value(struct pst_problems *problems, const struct pst_yaml *node, const char *key,
			const cyaml_schema_value_t *schema)
{
	static const char *const wanted[] = {
		[PST_YAML_SCALAR] = "a single value",
		[PST_YAML_LIST] = "a list",
		[PST_YAML_MAP] = "a mapping of keys to values",
	};
	enum pst_yaml_kind kind = PST_YAML_SCALAR;

	if (schema->type == CYAML_MAPPING)
		kind = PST_YAML_MAP;
	else if (schema->type == CYAML_SEQUENCE)
		kind = PST_YAML_LIST;
	if (node->kind != kind)
		bad(problems, key, node->line, "must be %s", wanted[kind]);
	else if (kind == PST_YAML_MAP)
		check_map(problems, node, key, schema->mapping.fields);
	else if (kind == PST_YAML_LIST)
		check_list(problems, node, key, schema);
	else
		check_scalar(problems, node, key, schema);
}

void pst_schema_check(const struct pst_yaml *tree, const cyaml_schema_value_t *schema,
		      struct pst_problems *problems)
{
	check_value(problems, tree, "", schema);
}
