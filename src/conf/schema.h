/* SPDX-License-Identifier: MIT */
/* The shape of the file, as libcyaml's tables. */
#ifndef PST_CONF_SCHEMA_H
#define PST_CONF_SCHEMA_H

#include <cyaml/cyaml.h>

#include "base/problem.h"
#include "conf/yaml.h"

extern const cyaml_schema_value_t pst_schema;
/* Whether a mapping may have keys besides these: properties have. */
bool pst_schema_is_open(const cyaml_schema_field_t *fields);

/*
 * Holds a document against the schema and reports everything that does not fit. libcyaml would stop
 * at the first mistake and say it in its own terms; what passes here it can load.
 */
void pst_schema_check(const struct pst_yaml *tree, const cyaml_schema_value_t *schema,
		      struct pst_problems *problems);

#endif
