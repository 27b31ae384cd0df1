// SPDX-License-Identifier: MIT
/* A YAML document as a tree that knows its lines, made from libyaml's events. */
#include "conf/yaml.h"

#include <errno.h>
#include <yaml.h>

/* Our schema is five levels deep, and cloud-init's network-config eight. */
#define DEPTH_MAX 10

struct reader {
	yaml_parser_t parser;
	size_t line; /* of what is wrong */
	struct pst_reason *reason;
};

static void event_free(yaml_event_t *event)
{
	yaml_event_delete(event);
}
#define __cleanup_event __cleanup(event_free)

static int wrong(struct reader *reader, const yaml_mark_t *mark, const char *what)
{
	reader->line = mark->line + 1;
	return pst_fail(reader->reason, -EINVAL, "%s", what);
}

static int next(struct reader *reader, yaml_event_t *event)
{
	yaml_parser_t *parser = &reader->parser;

	if (yaml_parser_parse(parser, event))
		return 0;
	if (parser->error == YAML_MEMORY_ERROR)
		return -ENOMEM;
	reader->line = parser->problem_mark.line + 1;
	return pst_fail(reader->reason, -EINVAL, "is not YAML: %s%s%s", parser->problem,
			parser->context ? " " : "", parser->context ? parser->context : "");
}

static int read_node(struct reader *reader, yaml_event_t *event, unsigned int depth,
		     struct pst_yaml **ret);

static int append(struct pst_yaml *parent, struct pst_yaml *child)
{
	struct pst_yaml **slot = pst_array_grow((void **)&parent->child, &parent->n_children,
						sizeof(struct pst_yaml *));

	if (!slot) {
		pst_yaml_free(&child);
		return -ENOMEM;
	}
	*slot = child;
	return 0;
}

static int read_list(struct reader *reader, struct pst_yaml *list, unsigned int depth)
{
	for (;;) {
		yaml_event_t __cleanup_event event = { 0 };
		struct pst_yaml *entry = NULL;
		int error = next(reader, &event);

		if (!error && event.type == YAML_SEQUENCE_END_EVENT)
			return 0;
		if (!error)
			error = read_node(reader, &event, depth, &entry);
		if (!error)
			error = append(list, entry);
		if (error)
			return error;
	}
}

static int read_map(struct reader *reader, struct pst_yaml *map, unsigned int depth)
{
	for (;;) {
		yaml_event_t __cleanup_event key = { 0 };
		yaml_event_t __cleanup_event event = { 0 };
		struct pst_yaml __cleanup_yaml *value = NULL;
		int error = next(reader, &key);

		if (!error && key.type == YAML_MAPPING_END_EVENT)
			return 0;
		if (!error && key.type != YAML_SCALAR_EVENT)
			error = wrong(reader, &key.start_mark, "a key must be a plain word");
		if (!error)
			error = next(reader, &event);
		if (!error)
			error = read_node(reader, &event, depth, &value);
		if (error)
			return error;
		value->key = strdup((const char *)key.data.scalar.value);
		value->line = key.start_mark.line + 1;
		if (!value->key)
			return -ENOMEM;
		error = append(map, TAKE_PTR(value));
		if (error)
			return error;
	}
}

static int read_scalar(struct reader *reader, const yaml_event_t *event, struct pst_yaml *node)
{
	const char *value = (const char *)event->data.scalar.value;

	if (strlen(value) != event->data.scalar.length)
		return wrong(reader, &event->start_mark, "a value must not hold a NUL character");
	node->value = strdup(value);
	return node->value ? 0 : -ENOMEM;
}

static int read_node(struct reader *reader, yaml_event_t *event, unsigned int depth,
		     struct pst_yaml **ret)
{
	struct pst_yaml __cleanup_yaml *node = NULL;
	int error;

	if (depth == DEPTH_MAX)
		return wrong(reader, &event->start_mark, "is nested too deeply");
	node = calloc(1, sizeof(*node));
	if (!node)
		return -ENOMEM;
	node->line = event->start_mark.line + 1;
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		node->kind = PST_YAML_SCALAR;
		error = read_scalar(reader, event, node);
		break;
	case YAML_SEQUENCE_START_EVENT:
		node->kind = PST_YAML_LIST;
		error = read_list(reader, node, depth + 1);
		break;
	case YAML_MAPPING_START_EVENT:
		node->kind = PST_YAML_MAP;
		error = read_map(reader, node, depth + 1);
		break;
	default:
		return wrong(reader, &event->start_mark, "aliases (*name) are not used here");
	}
	if (!error)
		*ret = TAKE_PTR(node);
	return error;
}

/* The stream: one document, and then the end. */
static int read_stream(struct reader *reader, struct pst_yaml **ret)
{
	struct pst_yaml __cleanup_yaml *root = NULL;
	yaml_event_type_t last = YAML_NO_EVENT;

	while (last != YAML_STREAM_END_EVENT) {
		yaml_event_t __cleanup_event event = { 0 };
		int error = next(reader, &event);

		if (error)
			return error;
		if (event.type == YAML_DOCUMENT_START_EVENT && root)
			return wrong(reader, &event.start_mark, "a second document begins here");
		if (last == YAML_DOCUMENT_START_EVENT) {
			error = read_node(reader, &event, 0, &root);
			if (error)
				return error;
		}
		last = event.type;
	}
	if (!root) {
		reader->line = 1;
		return pst_fail(reader->reason, -EINVAL, "is empty");
	}
	*ret = TAKE_PTR(root);
	return 0;
}

int pst_yaml_parse(const char *text, size_t len, struct pst_yaml **ret, size_t *ret_line,
		   struct pst_reason *reason)
{
	struct reader reader = { .reason = reason };
	int error;

	if (!yaml_parser_initialize(&reader.parser))
		return -ENOMEM;
	yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text, len);
	error = read_stream(&reader, ret);
	yaml_parser_delete(&reader.parser);
	if (error)
		*ret_line = reader.line;
	return error;
}

int pst_yaml_load(const char *text, size_t len, struct pst_yaml **ret,
		  struct pst_problems *problems)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	size_t line = 0;
	int error = pst_yaml_parse(text, len, ret, &line, &reason);

	if (error != -EINVAL)
		return error;
	pst_problem_add(problems, PST_PROBLEM_CONFIG, "", "%s", pst_reason_text(&reason, error));
	if (problems->n)
		problems->v[problems->n - 1].line = line;
	return error;
}

static const struct pst_yaml *child_named(const struct pst_yaml *node, const char *name, size_t len)
{
	for (size_t i = 0; i < node->n_children; i++) {
		const char *key = node->child[i]->key;

		if (key && strlen(key) == len && memcmp(key, name, len) == 0)
			return node->child[i];
	}
	return NULL;
}

/* Goes one part of a key down, "name", ".name" or "[0]", and moves @key past it. */
static const struct pst_yaml *descend(const struct pst_yaml *node, const char **key)
{
	if (**key == '[') {
		char *end;
		size_t index = strtoul(*key + 1, &end, 10);

		if (*end != ']')
			return NULL;
		*key = end + 1;
		return index < node->n_children ? node->child[index] : NULL;
	}
	*key += **key == '.';

	const char *name = *key;

	*key += strcspn(name, ".[");
	return child_named(node, name, (size_t)(*key - name));
}

const struct pst_yaml *pst_yaml_find(const struct pst_yaml *root, const char *key)
{
	while (root && *key)
		root = descend(root, &key);
	return root;
}

size_t pst_yaml_line(const struct pst_yaml *root, const char *key)
{
	size_t line = root->line;

	while (*key) {
		root = descend(root, &key);
		if (!root)
			break;
		line = root->line;
	}
	return line;
}

void pst_yaml_free(struct pst_yaml **tree)
{
	struct pst_yaml *node = *tree;

	if (!node)
		return;
	for (size_t i = 0; i < node->n_children; i++)
		pst_yaml_free(&node->child[i]);
	free(node->child);
	free(node->key);
	free(node->value);
	free(node);
	*tree = NULL;
}
