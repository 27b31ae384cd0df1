// SPDX-License-Identifier: MIT
/* completions/penstock: what bash offers, by asking the function as bash does. */
#include "base/run.h"
#include "cli/cli.h"
#include "common.h"

static const char script[] = "set -u; cd \"$1\"; . \"$2\"; shift 2; COMP_WORDS=(\"$@\")\n"
			     "COMP_CWORD=$(($# - 1)); _penstock penstock\n"
			     "((${#COMPREPLY[@]} == 0)) || printf '%s ' \"${COMPREPLY[@]}\"\n";

static char *offered(const char *const *words, size_t n)
{
	struct pst_run_result __cleanup_run_result result = { 0 };
	struct pst_strv __cleanup_strv argv = { 0 };

	pst_strv_add(&argv, "bash");
	pst_strv_add(&argv, "-c");
	pst_strv_add(&argv, script);
	pst_strv_add(&argv, "bash");
	pst_strv_add(&argv, TEST_DATA);
	pst_strv_add(&argv, getenv("PENSTOCK_COMPLETION"));
	pst_strv_add(&argv, "penstock");
	for (size_t i = 0; i < n && words[i]; i++)
		pst_strv_add(&argv, words[i]);
	assert_int_equal(pst_run(argv.v, 60000, &result, NULL), 0);
	assert_string_equal(result.err, "");
	assert_int_equal(result.status, 0);
	return TAKE_PTR(result.out);
}

struct row {
	const char *name;
	const char *words[7]; /* behind "penstock"; the last is being completed */
	const char *offer; /* each with a blank behind it */
};

static const struct row rows[] = {
	{ "a verb", { "st" }, "status " },
	{ "no such verb", { "destroy" }, "" },
	{ "verbs that begin alike", { "c" }, "console client-bundle confirm check cp " },
	{ "a verb behind an option", { "--json", "pl" }, "plan " },
	{ "a verb behind an option's value", { "-c", "plan", "pl" }, "plan " },
	{ "a verb behind a value with =", { "--config", "=", "plan", "pl" }, "plan " },
	{ "an option", { "--js" }, "--json " },
	{ "an option of the verb", { "plan", "--v" }, "--verbose " },
	{ "no option of another verb", { "status", "--v" }, "" },
	{ "a file for --config", { "--config", "stor" }, "storage.yaml " },
	{ "a file for -c behind the verb", { "plan", "-c", "stor" }, "storage.yaml " },
	{ "a file behind =", { "--config", "=", "stor" }, "storage.yaml " },
	{ "a file right behind =", { "--config", "=" }, NULL },
	{ "nothing for a number", { "apply", "--wait", "" }, "" },
	{ "no operand of plan", { "plan", "" }, "" },
	{ "a file for check", { "check", "stor" }, "storage.yaml " },
	{ "no second file for check", { "check", "a", "stor" }, "" },
	{ "a first file for cp", { "cp", "stor" }, "storage.yaml " },
	{ "a second file for cp", { "cp", "--gpu", "0", "a", "stor" }, "storage.yaml " },
	{ "no third file for cp", { "cp", "a", "b", "stor" }, "" },
	{ "a verb for help", { "help", "st" }, "status " },
};

static void is_offered(void **state)
{
	const struct row *row = *state;
	char __cleanup_free *offer = offered(row->words, ARRAY_SIZE(row->words));

	if (row->offer)
		assert_string_equal(offer, row->offer);
	else
		assert_non_null(strstr(offer, "storage.yaml "));
}

static void all_verbs(void **state)
{
	const char *const words[] = { "" };
	char __cleanup_free *offer = offered(words, 1);
	struct pst_buf __cleanup_buf wanted = { 0 };

	(void)state;
	for (const struct pst_verb *verb = pst_verbs; verb->name; verb++)
		pst_buf_printf(&wanted, "%s ", verb->name);
	assert_string_equal(offer, wanted.data);
}

static void all_options_of_each_verb(void **state)
{
	(void)state;
	for (const struct pst_verb *verb = pst_verbs; verb->name; verb++) {
		const char *const words[] = { verb->name, "-" };
		char __cleanup_free *offer = offered(words, 2);
		struct pst_buf __cleanup_buf wanted = { 0 };

		for (const struct pst_cli_option *o = pst_cli_options; o->name; o++)
			if (o->option && (verb->takes & o->option))
				pst_buf_printf(&wanted, "--%s ", o->name);
		pst_buf_add(&wanted, "--help ");
		assert_string_equal(offer, wanted.data);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_verbs),
		cmocka_unit_test(all_options_of_each_verb),
	};

	ADD_TESTS(tests);
	ADD_ROWS(rows, is_offered);
	return run_gathered(NULL, NULL);
}
