/* SPDX-License-Identifier: MIT */
/*
 * What penstock.yaml(5) and the JSON Schema say of each key, beside what libcyaml's tables (schema.c)
 * know already: its type, whether it is required, the words of an enum. Each key of the schema has
 * one row, in the file of its section (doc-fabric.c, doc-storage.c, doc-property.c, doc-share.c); a
 * key without a row, or a row without a key, fails the build.
 */
#ifndef PST_CONF_DOC_H
#define PST_CONF_DOC_H

#include "conf/schema.h"

/*
 * Text is plain, in sentences; `words` and `keys` stand in backquotes and pages as zfsprops(7).
 * The tests hold the parser to what stands here: it must take the example, give the standard where
 * the key is absent, and refuse what is beyond min and max.
 */
struct pst_doc {
	const char *key; /* as pools[].layout */
	const char *type; /* of a string: what it is, as "absolute path"; in lists: of an entry */
	const char *unit; /* of a number */
	const char *standard; /* the value that holds when the key is absent, as in YAML */
	const char *absent; /* what holds when it is absent, in words, where that is no value */
	const char *fresh; /* of a property: what a new pool gets */
	const char *text;
	const char *reason; /* why the standard, or why it is as it is */
	/* A value, as in YAML. Every required key has one: from these the tests make a whole file. */
	const char *example;
	/*
	 * Not in that file, unless the key is what is tested; and then without these keys beside it,
	 * with blanks between, which would contradict it. "" when there are none.
	 */
	const char *instead_of;
	const char *beside; /* what must then be beside it, as "layout: draid1" */
	unsigned int min, max; /* of a number; max 0: not limited */
	/* Of a mapping of ZFS properties: their table. Their rows need no more than a text. */
	const struct pst_property *properties;
	/* Of a mapping that takes any other key as well: what is said of those. */
	const char *open;
	/* Of a mapping or a list of them: the key that has the same keys below. */
	const char *same_as;
};

#define PST_DOC(path, ...) { .key = (path), __VA_ARGS__ }
#define PST_DOC_END	   { 0 }

/* Each ends with a NULL key. */
extern const struct pst_doc pst_doc_fabric[];
extern const struct pst_doc pst_doc_storage[];
extern const struct pst_doc pst_doc_property[];
extern const struct pst_doc pst_doc_share[];
/* The four above, and a NULL. */
extern const struct pst_doc *const pst_docs[];

const struct pst_doc *pst_doc_find(const struct pst_doc *const *tables, const char *key);

/* A key of the schema and its row. */
struct pst_doc_key {
	const struct pst_doc *const *tables; /* of the rows */
	struct pst_key path; /* as pools[].layout; "" for the whole */
	struct pst_key rows; /* the path that its row has: another one below what is same_as */
	const char *name; /* its last part */
	const cyaml_schema_value_t *value;
	const struct pst_doc *doc; /* NULL: there is none, and for the whole */
	const struct pst_doc_key *parent; /* NULL for the whole */
};

static inline bool pst_doc_required(const struct pst_doc_key *key)
{
	return !(key->value->flags & CYAML_FLAG_OPTIONAL);
}

/* The fields of a mapping or of a list of mappings; NULL of anything else. */
const cyaml_schema_field_t *pst_doc_fields(const cyaml_schema_value_t *value);
struct pst_doc_key pst_doc_whole(const struct pst_doc *const *tables);
/* The n-th key below @parent; false when it has no more. @parent must outlive it. */
bool pst_doc_child(const struct pst_doc_key *parent, size_t n, struct pst_doc_key *ret);
/* The ZFS property that @key is; NULL when it is none. */
const struct pst_property *pst_doc_property_of(const struct pst_doc_key *key);

/* Says of each key what its row lacks, and of each row without a key that it has none. */
void pst_doc_check(const struct pst_doc *const *tables, struct pst_problems *problems);

#endif
