/* SPDX-License-Identifier: MIT */
/* A table for people: columns as wide as what stands in them. */
#ifndef PST_CLI_TABLE_H
#define PST_CLI_TABLE_H

#include <json-c/json.h>
#include <stdio.h>

#include "base/str.h"

enum pst_paint { PST_PLAIN, PST_GOOD, PST_BAD };

struct pst_table {
	size_t columns;
	struct pst_strv cells; /* row by row, the head first */
	enum pst_paint *paints; /* of each cell */
	size_t n_paints;
};

/* Adds a cell; what is NULL or "" is shown as "-". */
void pst_table_add(struct pst_table *table, enum pst_paint paint, const char *text);
void pst_table_addf(struct pst_table *table, enum pst_paint paint, const char *format, ...)
	__format(3, 4);
/* -ENOMEM when a cell was lost; nothing is printed then. */
int pst_table_print(const struct pst_table *table, FILE *out, bool colour);
void pst_table_free(struct pst_table *table);
#define __cleanup_table __cleanup(pst_table_free)

/* Prints an object for machines on standard output, and lets go of it. */
void pst_json_print(struct json_object *object);

#endif
