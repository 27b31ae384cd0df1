// SPDX-License-Identifier: MIT
/* The words that a key takes. */
#include "conf/property.h"
#include "docgen/docgen.h"

void pst_docgen_words(const struct pst_doc_key *key, struct pst_strv *words)
{
	const struct pst_property *property = pst_doc_property_of(key);
	const cyaml_schema_value_t *value = key->value;

	if (value->type == CYAML_SEQUENCE)
		value = value->sequence.entry;
	if (value->type == CYAML_ENUM)
		for (uint32_t i = 0; i < value->enumeration.count; i++)
			pst_strv_add(words, value->enumeration.strings[i].str);
	if (!property || property->values[0] == '#')
		return;
	for (const char *word = property->values; *word;) {
		size_t len = strcspn(word, "|");

		pst_strv_addf(words, "%.*s", (int)len, word);
		word += len + (word[len] == '|');
	}
}
