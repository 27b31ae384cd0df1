// SPDX-License-Identifier: MIT
/* A table for people. */
#include "cli/table.h"

#include <errno.h>

static const char *const colours[] = {
	[PST_PLAIN] = "", [PST_GOOD] = "\033[32m", [PST_BAD] = "\033[31m"
};

void pst_table_add(struct pst_table *table, enum pst_paint paint, const char *text)
{
	enum pst_paint *added =
		pst_array_grow((void **)&table->paints, &table->n_paints, sizeof(*added));

	if (!added) {
		table->cells.oom = true;
		return;
	}
	*added = paint;
	pst_strv_add(&table->cells, text && *text ? text : "-");
}

void pst_table_addf(struct pst_table *table, enum pst_paint paint, const char *format, ...)
{
	struct pst_buf buf = { 0 };
	char __cleanup_free *text = NULL;
	va_list args;

	va_start(args, format);
	pst_buf_vprintf(&buf, format, args);
	va_end(args);
	text = pst_buf_take(&buf);
	if (text)
		pst_table_add(table, paint, text);
	else
		table->cells.oom = true;
}

static size_t width_of(const struct pst_table *table, size_t column)
{
	size_t width = 0;

	for (size_t i = column; i < table->cells.n; i += table->columns) {
		size_t len = strlen(table->cells.v[i]);

		width = len > width ? len : width;
	}
	return width;
}

int pst_table_print(const struct pst_table *table, FILE *out, bool colour)
{
	if (table->cells.oom)
		return -ENOMEM;
	for (size_t i = 0; i < table->cells.n; i++) {
		size_t column = i % table->columns;
		bool last = column + 1 == table->columns;
		bool painted = colour && table->paints[i] != PST_PLAIN;
		size_t pad = last ? 0 : width_of(table, column) + 2 - strlen(table->cells.v[i]);

		fprintf(out, "%s%s%s%*s%s", painted ? colours[table->paints[i]] : "",
			table->cells.v[i], painted ? "\033[0m" : "", (int)pad, "",
			last ? "\n" : "");
	}
	return 0;
}

void pst_table_free(struct pst_table *table)
{
	pst_strv_free(&table->cells);
	free(table->paints);
	*table = (struct pst_table){ 0 };
}

void pst_json_print(struct json_object *object)
{
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
							    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
}
