// SPDX-License-Identifier: MIT
/* The ZFS properties that a configuration may set, and what they may be set to. */
#include "conf/property.h"

#include <errno.h>
#include <limits.h>

#include "conf/word.h"

#define POOL_ROW(name, values) { #name, offsetof(struct pst_pool_properties, name), values },
#define FS_ROW(name, values)   { #name, offsetof(struct pst_fs_properties, name), values },

const struct pst_property pst_pool_properties[] = { PST_POOL_PROPERTIES(POOL_ROW){ NULL, 0,
										   NULL } };
const struct pst_property pst_fs_properties[] = { PST_FS_PROPERTIES(FS_ROW){ NULL, 0, NULL } };

const char *pst_property_value(const void *properties, const struct pst_property *property)
{
	return *(const char *const *)((const char *)properties + property->offset);
}

/* Whether @word is one of the words in "a|b|c". */
static bool among(const char *words, const char *word)
{
	size_t len = strlen(word);

	while (*words) {
		size_t span = strcspn(words, "|");

		if (span == len && memcmp(words, word, len) == 0)
			return true;
		words += span + (words[span] == '|');
	}
	return false;
}

bool pst_parse_size(const char *text, unsigned long long *ret)
{
	static const char units[] = "KMGTP";
	char digits[24] = "";
	size_t len = strspn(text, "0123456789");
	const char *unit;

	if (!len || len >= sizeof(digits))
		return false;
	memcpy(digits, text, len);
	if (pst_parse_u64(digits, ULLONG_MAX, ret))
		return false;
	if (!text[len])
		return true;
	unit = text[len + 1] ? NULL : strchr(units, text[len]);
	if (!unit)
		return false;
	for (const char *p = units; p <= unit; p++)
		if (__builtin_mul_overflow(*ret, 1024ULL, ret))
			return false;
	return true;
}

static bool is_record_size(const char *value)
{
	unsigned long long bytes;

	return pst_parse_size(value, &bytes) && bytes >= 512 && bytes <= 16ULL << 20 &&
	       (bytes & (bytes - 1)) == 0;
}

bool pst_property_valid(const struct pst_property *property, const char *value)
{
	const char *values = property->values;
	unsigned long long number;

	if (pst_streq(values, "#path"))
		return !pst_word_path(value);
	if (pst_streq(values, "#ashift"))
		return !pst_parse_u64(value, 16, &number) && number >= 9;
	if (pst_streq(values, "#record"))
		return is_record_size(value);
	if (pst_streq(values, "#size"))
		return pst_parse_size(value, &number);
	if (pst_streq(values, "#none"))
		return pst_streq(value, "none") || pst_parse_size(value, &number);
	return among(values, value);
}

struct pst_key pst_property_expects(const struct pst_property *property)
{
	static const struct {
		const char *kind;
		const char *text;
	} kinds[] = {
		{ "#path", "must be an absolute path" },
		{ "#ashift", "must be a number from 9 to 16" },
		{ "#record", "must be a power of two from 512 to 16M" },
		{ "#size", "must be a size such as 64K" },
		{ "#none", "must be a size such as 10G, or none" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (pst_streq(property->values, kinds[i].kind))
			return pst_key("%s", kinds[i].text);
	return pst_key("must be one of %s", property->values);
}

bool pst_property_equal(const struct pst_property *property, const char *value,
			const char *reported)
{
	unsigned long long want, is;

	if (property->values[0] != '#' || pst_streq(property->values, "#path"))
		return pst_streq(value, reported);
	if (pst_streq(value, "none"))
		want = 0;
	else if (!pst_parse_size(value, &want))
		return false;
	if (pst_streq(reported, "none"))
		is = 0;
	else if (!pst_parse_size(reported, &is))
		return false;
	return want == is;
}

/* Each would work against what is declared elsewhere, or is none that can be set. */
static const struct {
	const char *name;
	const char *why;
} closed[] = {
	{ "altroot", "would mount everything elsewhere" },
	{ "cachefile", "would keep the pool from being found at boot" },
	{ "canmount", "would keep datasets from being mounted as declared" },
	{ "encryption", "is not for here: say encryption: beside the name" },
	{ "keyformat", "is not for here: say encryption: beside the name" },
	{ "keylocation", "is not for here: say encryption: beside the name" },
	{ "mounted", "only says what is" },
	{ "pbkdf2iters", "is not for here: say encryption: beside the name" },
	{ "readonly", "would keep clients from writing: say access: ro for them" },
	{ "sharenfs", "is not for here: say exports:" },
	{ "sharesmb", "is not for here: nothing of Penstock serves SMB" },
	{ "volsize", "is of volumes, and there are file systems only" },
	{ "volmode", "is of volumes, and there are file systems only" },
	{ "zoned", "would hand the dataset to a container" },
};

/* One letter more, less or other, or two exchanged. */
static bool is_near(const char *a, const char *b)
{
	size_t same = 0, a_len, b_len;

	while (a[same] && a[same] == b[same])
		same++;
	a += same;
	b += same;
	a_len = strlen(a);
	b_len = strlen(b);
	if (a_len == b_len)
		return a_len &&
		       (pst_streq(a + 1, b + 1) ||
			(a_len > 1 && a[0] == b[1] && a[1] == b[0] && pst_streq(a + 2, b + 2)));
	return (a_len == b_len + 1 && pst_streq(a + 1, b)) ||
	       (b_len == a_len + 1 && pst_streq(a, b + 1));
}

const char *pst_property_name_complaint(const struct pst_property *table, const char *name,
					struct pst_key *words)
{
	static const char native[] = "abcdefghijklmnopqrstuvwxyz0123456789_@.-";
	size_t len = strlen(name);
	bool user = strchr(name, ':');

	if (len > 255 ||
	    strspn(name, user ? "abcdefghijklmnopqrstuvwxyz0123456789_.-+:" : native) < len ||
	    strspn(name, "-.:@") > 0 || !len)
		return "is no property: it must have small letters, digits and _.-@ only, or a "
		       "colon for one of your own";
	for (size_t i = 0; i < ARRAY_SIZE(closed); i++)
		if (pst_streq(name, closed[i].name))
			return closed[i].why;
	for (; table->name && !user; table++) {
		if (!is_near(name, table->name))
			continue;
		*words = pst_key("is no property: %s is", table->name);
		return words->text;
	}
	return NULL;
}

const char *pst_property_text_complaint(const char *value)
{
	for (const char *p = value; *p; p++)
		if (*p < ' ' || *p > '~')
			return "must be one line of printable characters";
	return strlen(value) > 1023 ? "is longer than the 1023 characters that we pass on" : NULL;
}

int pst_more_add(struct pst_more_properties *more, const char *name, const char *value)
{
	struct pst_more_property *property =
		pst_array_grow((void **)&more->v, &more->n, sizeof(*property));

	if (!property)
		return -ENOMEM;
	property->name = strdup(name);
	property->value = strdup(value);
	return property->name && property->value ? 0 : -ENOMEM;
}

void pst_more_free(struct pst_more_properties *more)
{
	for (size_t i = 0; i < more->n; i++) {
		free(more->v[i].name);
		free(more->v[i].value);
	}
	free(more->v);
	*more = (struct pst_more_properties){ 0 };
}

bool pst_more_equal(const char *value, const char *reported)
{
	unsigned long long want, is;

	if (pst_streq(value, reported))
		return true;
	if (pst_streq(value, "none"))
		return pst_streq(reported, "0");
	return pst_parse_size(value, &want) && pst_parse_size(reported, &is) && want == is;
}
