// SPDX-License-Identifier: MIT
/* man/penstock.8 has the verbs and options of src/cli/verbs.c, and no others. */
#include <ctype.h>

#include "base/file.h"
#include "cli/cli.h"
#include "common.h"

static char *page;

/* The page from the line @begin to the next of the lines that begin with @end; a failure without. */
static char *between(const char *begin, const char *end)
{
	const char *from = strstr(page, begin);
	const char *to = from ? strstr(from + strlen(begin), end) : NULL;

	assert_non_null(from);
	assert_non_null(to);
	from += strlen(begin);
	return strndup(from, (size_t)(to - from) + 1);
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (const char *at = strstr(text, what); at; at = strstr(at + 1, what))
		n++;
	return n;
}

static struct pst_key lower(const char *word)
{
	struct pst_key key = pst_key("%s", word);

	for (char *at = key.text; *at; at++)
		*at = (char)tolower((unsigned char)*at);
	return key;
}

static char *usage_of(const struct pst_verb *verb)
{
	const struct pst_cli_option *option;
	struct pst_buf out = { 0 };
	struct pst_strv __cleanup_strv flags = { 0 };
	char __cleanup_free *letters = NULL;

	for (option = pst_cli_options; option->name; option++) {
		if (!option->option || !pst_verb_takes(verb, option))
			continue;
		if (option->letter < PST_NO_LETTER && !option->argument)
			pst_strv_addf(&flags, "%c", option->letter);
		else if (option->letter < PST_NO_LETTER)
			pst_buf_printf(&out, ".Op Fl %c Ar %s\n", option->letter,
				       lower(option->argument).text);
		else if (option->argument)
			pst_buf_printf(&out, ".Op Fl -%s Ar %s\n", option->name,
				       lower(option->argument).text);
		else
			pst_buf_printf(&out, ".Op Fl -%s\n", option->name);
	}
	letters = pst_strv_join(&flags, "");
	if (letters && *letters)
		pst_buf_printf(&out, ".Op Fl %s\n", letters);
	pst_buf_printf(&out, ".Cm %s\n", verb->name);
	return pst_buf_take(&out);
}

static void synopsis_has_each_verb(void **state)
{
	char __cleanup_free *synopsis = between(".Sh SYNOPSIS\n", ".Sh ");
	size_t n = 0;

	(void)state;
	for (const struct pst_verb *verb = pst_verbs; verb->name; verb++, n++) {
		char __cleanup_free *usage = usage_of(verb);
		char __cleanup_free *wanted = pst_printf(".Nm\n%s", usage);

		if (!strstr(synopsis, wanted))
			fail_msg("the synopsis lacks \"%s\"", wanted);
	}
	assert_int_equal(count(synopsis, ".Nm\n"), n);
}

static void verbs_are_described(void **state)
{
	char __cleanup_free *verbs = between(".Sh DESCRIPTION\n", "\nThe options are:");
	size_t n = 0;

	(void)state;
	for (const struct pst_verb *verb = pst_verbs; verb->name; verb++, n++) {
		struct pst_key item = pst_key("\n.It Cm %s", verb->name);
		const char *at = strstr(verbs, item.text);

		if (!at || !strchr(" \n", at[strlen(item.text)]))
			fail_msg("there is no \".It Cm %s\"", verb->name);
	}
	assert_int_equal(count(verbs, "\n.It Cm "), n);
}

static void options_are_described(void **state)
{
	char __cleanup_free *options = between("\nThe options are:\n", "\n.Ss ");
	size_t n = 0;

	(void)state;
	for (const struct pst_cli_option *option = pst_cli_options; option->name; option++, n++) {
		struct pst_buf __cleanup_buf item = { 0 };

		pst_buf_add(&item, "\n.It ");
		if (option->letter < PST_NO_LETTER)
			pst_buf_printf(&item, "Fl %c , ", option->letter);
		pst_buf_printf(&item, "Fl -%s", option->name);
		if (option->argument)
			pst_buf_printf(&item, " Ar %s", lower(option->argument).text);
		pst_buf_add(&item, "\n");
		if (!strstr(options, item.data))
			fail_msg("there is no \"%s\"", item.data + 1);
	}
	assert_int_equal(count(options, "\n.It Fl "), n);
}

static void each_verb_has_its_exit_status(void **state)
{
	char __cleanup_free *statuses = between(".Sh EXIT STATUS\n", ".It 1\n");

	(void)state;
	for (const struct pst_verb *verb = pst_verbs; verb->name; verb++)
		if (!strstr(statuses, pst_key(".Cm %s :\n", verb->name).text) &&
		    !strstr(statuses, pst_key(".Cm %s , ", verb->name).text) &&
		    !strstr(statuses, pst_key(" , %s ", verb->name).text))
			fail_msg("nothing is said of exit status 0 of %s", verb->name);
}

/* getopt takes the first of two. */
static void letters_and_names_differ(void **state)
{
	(void)state;
	for (const struct pst_cli_option *one = pst_cli_options; one->name; one++)
		for (const struct pst_cli_option *two = pst_cli_options; two != one; two++) {
			assert_int_not_equal(one->letter, two->letter);
			assert_string_not_equal(one->name, two->name);
			assert_false(one->option & two->option);
		}
}

static int read_page(void **state)
{
	(void)state;
	return pst_file_read(TEST_DATA "/../../man/penstock.8", &page, NULL, NULL);
}

static int forget_page(void **state)
{
	(void)state;
	free(page);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(synopsis_has_each_verb),
		cmocka_unit_test(verbs_are_described),
		cmocka_unit_test(options_are_described),
		cmocka_unit_test(each_verb_has_its_exit_status),
		cmocka_unit_test(letters_and_names_differ),
	};

	ADD_TESTS(tests);
	return run_gathered(read_page, forget_page);
}
