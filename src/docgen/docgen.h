/* SPDX-License-Identifier: MIT */
/*
 * Writes what is documented of the configuration and of the command line from the tables by which
 * they are read. It runs while Penstock is built, and is not installed.
 */
#ifndef PST_DOCGEN_DOCGEN_H
#define PST_DOCGEN_DOCGEN_H

#include "base/str.h"
#include "conf/doc.h"

/* The sections of penstock.yaml(5), in mdoc. */
void pst_docgen_man(struct pst_buf *out);
/* The JSON Schema, draft 2020-12. */
void pst_docgen_json(struct pst_buf *out);

/* The tables of bash's completion. */
void pst_docgen_completion(struct pst_buf *out);

/* The words of an enum, a list of them, or a ZFS property that takes words; none of anything else. */
void pst_docgen_words(const struct pst_doc_key *key, struct pst_strv *words);

#endif
