/* SPDX-License-Identifier: MIT */
/* The shape of the answers file, as libcyaml's tables. */
#ifndef PST_INSTALL_ANSWERS_SCHEMA_H
#define PST_INSTALL_ANSWERS_SCHEMA_H

#include <cyaml/cyaml.h>

extern const cyaml_schema_value_t pst_answers_schema;

#endif
