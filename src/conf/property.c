// SPDX-License-Identifier: MIT
/* The ZFS properties that a configuration may set, and what they may be set to. */
#include "conf/property.h"

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

/* A size as ZFS takes it: a whole number, and K, M, G, T or P or nothing after it. */
static bool parse_size(const char *text, unsigned long long *ret)
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

	return parse_size(value, &bytes) && bytes >= 512 && bytes <= 16ULL << 20 &&
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
		return parse_size(value, &number);
	if (pst_streq(values, "#none"))
		return pst_streq(value, "none") || parse_size(value, &number);
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
	else if (!parse_size(value, &want))
		return false;
	if (pst_streq(reported, "none"))
		is = 0;
	else if (!parse_size(reported, &is))
		return false;
	return want == is;
}
