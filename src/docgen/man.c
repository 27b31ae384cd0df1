// SPDX-License-Identifier: MIT
/* The keys as mdoc: a subsection for each section of the file, and in it an item for each key. */
#include <ctype.h>

#include "conf/property.h"
#include "docgen/docgen.h"

/* A word as an argument of a macro, or in text: no escape, no macro and no request. */
static void add_word(struct pst_buf *out, const char *word, size_t len)
{
	if (*word == '.' || *word == '\'' || (len <= 3 && isupper((unsigned char)*word)))
		pst_buf_add(out, "\\&");
	for (size_t i = 0; i < len; i++) {
		if (word[i] == '\\')
			pst_buf_add(out, "\\e");
		else if (word[i] == '"')
			pst_buf_add(out, "\\(dq");
		else
			pst_buf_add_bytes(out, &word[i], 1);
	}
}

static void add_words(struct pst_buf *out, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, " ");

		add_word(out, text, len);
		text += len;
		if (*text)
			pst_buf_add_bytes(out, text++, 1);
	}
}

/* Begins a line when the last one has not ended. */
static void fresh_line(struct pst_buf *out)
{
	if (out->len && out->data[out->len - 1] != '\n')
		pst_buf_add(out, "\n");
}

/* A macro's line ends with the punctuation, each character of it a word of its own. */
static void end_macro(struct pst_buf *out, const char *tail, size_t len)
{
	for (size_t i = 0; i < len; i++)
		pst_buf_printf(out, " %c", tail[i]);
	pst_buf_add(out, "\n");
}

/* Whether @word is a page such as zfsprops(7); then the length of its name. */
static size_t page_name(const char *word, size_t len)
{
	size_t name = strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789.-");

	if (!name || name + 3 > len || word[name] != '(' || word[name + 2] != ')')
		return 0;
	return isdigit((unsigned char)word[name + 1]) ? name : 0;
}

/* One word of running text; returns how much of @text it was. */
static size_t add_text_word(struct pst_buf *out, const char *text)
{
	size_t len = strcspn(text, " ");
	size_t name = page_name(text, len);
	const char *end = *text == '`' ? strchr(text + 1, '`') : NULL;

	if (end) {
		size_t quoted = (size_t)(end - text) + 1;

		len = quoted + strcspn(text + quoted, " ");
		fresh_line(out);
		pst_buf_add(out, ".Cm ");
		add_word(out, text + 1, quoted - 2);
		end_macro(out, text + quoted, len - quoted);
	} else if (name) {
		fresh_line(out);
		pst_buf_printf(out, ".Xr %.*s %c", (int)name, text, text[name + 1]);
		end_macro(out, text + name + 3, len - name - 3);
	} else {
		if (out->len && out->data[out->len - 1] != '\n')
			pst_buf_add(out, " ");
		add_word(out, text, len);
		/* As mdoc wants it: a sentence begins on a line of its own. */
		if (text[len - 1] == '.')
			pst_buf_add(out, "\n");
	}
	return len;
}

static void add_text(struct pst_buf *out, const char *text)
{
	fresh_line(out);
	while (text && *text) {
		text += strspn(text, " ");
		if (*text)
			text += add_text_word(out, text);
	}
	fresh_line(out);
}

static void add_choice(struct pst_buf *out, const struct pst_strv *words)
{
	for (size_t i = 0; i < words->n; i++) {
		if (i)
			pst_buf_add(out, i + 1 < words->n ? ", " : " or ");
		add_words(out, words->v[i]);
	}
}

static void add_number(struct pst_buf *out, const struct pst_doc *doc)
{
	pst_buf_add(out, doc->type ?: doc->unit ?: "number");
	if (doc->max)
		pst_buf_printf(out, ", %u to %u", doc->min, doc->max);
	else if (doc->min)
		pst_buf_printf(out, ", from %u", doc->min);
}

static void add_type(struct pst_buf *out, const struct pst_doc_key *key)
{
	const struct pst_property *property = pst_doc_property_of(key);
	struct pst_strv __cleanup_strv words = { 0 };

	pst_docgen_words(key, &words);
	if (words.n && key->value->type == CYAML_SEQUENCE)
		pst_buf_add(out, "list of ");
	if (words.n)
		add_choice(out, &words);
	else if (property)
		/* "must be a size such as 64K" */
		add_words(out, pst_property_expects(property).text + strlen("must be "));
	else if (key->value->type == CYAML_BOOL)
		pst_buf_add(out, "true or false");
	else if (key->value->type == CYAML_UINT || key->value->type == CYAML_INT)
		add_number(out, key->doc);
	else if (key->value->type == CYAML_MAPPING)
		pst_buf_add(out, "mapping");
	else if (key->value->type == CYAML_SEQUENCE)
		pst_buf_printf(out, key->doc->type ? "list of %s" : "list", key->doc->type);
	else
		add_words(out, key->doc->type);
}

/* What holds without it, in brackets. */
static void add_absent(struct pst_buf *out, const struct pst_doc_key *key)
{
	const char *absent = key->doc->standard ?: key->doc->absent;

	if (key->doc->fresh)
		pst_buf_printf(out, " [%s in a new pool]", key->doc->fresh);
	else if (absent)
		pst_buf_printf(out, " [%s]", absent);
}

/* What is said of keys that are not in the list above it. */
static void add_open(struct pst_buf *out, const struct pst_doc_key *key)
{
	struct pst_doc_key first;

	if (!key->doc->open)
		return;
	fresh_line(out);
	if (!key->doc->same_as && pst_doc_child(key, 0, &first))
		pst_buf_add(out, ".Pp\n");
	add_text(out, key->doc->open);
}

static void add_items(struct pst_buf *out, const struct pst_doc_key *parent);

static void add_item(struct pst_buf *out, const struct pst_doc_key *key)
{
	fresh_line(out);
	pst_buf_printf(out, ".It Cm %s No (", key->name);
	add_type(out, key);
	pst_buf_add(out, pst_doc_required(key) ? ", required)" : ")");
	add_absent(out, key);
	pst_buf_add(out, "\n");
	add_text(out, key->doc->text);
	add_text(out, key->doc->reason);
	if (key->doc->same_as)
		add_text(out, pst_key("The same keys as in `%s`.", key->doc->same_as).text);
	else if (pst_doc_fields(key->value))
		add_items(out, key);
	add_open(out, key);
}

static void add_items(struct pst_buf *out, const struct pst_doc_key *parent)
{
	struct pst_doc_key key;

	if (!pst_doc_child(parent, 0, &key))
		return;
	fresh_line(out);
	pst_buf_add(out, ".Bl -tag -width Ds\n");
	for (size_t i = 0; pst_doc_child(parent, i, &key); i++)
		add_item(out, &key);
	fresh_line(out);
	pst_buf_add(out, ".El\n");
}

void pst_docgen_man(struct pst_buf *out)
{
	const struct pst_doc_key whole = pst_doc_whole(pst_docs);
	struct pst_doc_key section;

	for (size_t i = 0; pst_doc_child(&whole, i, &section); i++) {
		pst_buf_printf(out, ".Ss %s\n", section.name);
		add_text(out, section.doc->text);
		add_text(out, section.doc->reason);
		if (section.doc->absent)
			pst_buf_printf(out, "Without this section: %s.\n", section.doc->absent);
		if (pst_doc_fields(section.value))
			add_items(out, &section);
		add_open(out, &section);
	}
}
