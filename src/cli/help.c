// SPDX-License-Identifier: MIT
/* penstock help, and what is said of a wrong use. */
#include "cli/cli.h"

#define COLUMN 20

int pst_bad_usage(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("penstock: ", stderr);
	vfprintf(stderr, format, args);
	fputs("; see penstock help\n", stderr);
	va_end(args);
	return PST_EXIT_REFUSED;
}

/* "plan, status": the verbs that take an option; "" of one that all take. */
static char *takers(const struct pst_cli_option *option)
{
	struct pst_strv __cleanup_strv names = { 0 };

	for (const struct pst_verb *verb = pst_verbs; option->option && verb->name; verb++)
		if (pst_verb_takes(verb, option))
			pst_strv_add(&names, verb->name);
	return pst_strv_join(&names, ", ");
}

static void print_option(const struct pst_cli_option *option, const char *names)
{
	struct pst_key letter =
		option->letter < PST_NO_LETTER ? pst_key("-%c, ", option->letter) : pst_key("    ");
	struct pst_key words = pst_key("%s--%s%s%s", letter.text, option->name,
				       option->argument ? " " : "", option->argument ?: "");

	printf("  %-*s%s%s%s\n", COLUMN, words.text, names && *names ? names : "",
	       names && *names ? ": " : "", option->summary);
}

int pst_help(void)
{
	fputs("usage: penstock VERB [OPTION]... [OPERAND]...\n\n", stdout);
	for (const struct pst_verb *verb = pst_verbs; verb->name; verb++) {
		struct pst_key words = pst_key("%s %s", verb->name, verb->operand_names ?: "");

		printf("  %-*s%s\n", COLUMN, words.text, verb->summary);
	}
	putchar('\n');
	for (const struct pst_cli_option *option = pst_cli_options; option->name; option++) {
		char __cleanup_free *names = takers(option);

		print_option(option, names);
	}
	fputs("\n"
	      "exit status: 0 all is well, 1 something failed or is not as declared, or check\n"
	      "             found no direct path, 2 wrong usage or configuration, and nothing\n"
	      "             was changed\n"
	      "\n"
	      "penstock(8) tells more, penstock.yaml(5) what a configuration may say, and\n"
	      "penstock-gds(7) all about the path between files and GPU memory.\n",
	      stdout);
	return PST_EXIT_OK;
}

int pst_help_verb(const struct pst_verb *verb)
{
	printf("usage: penstock %s%s%s%s\n\n  %s\n\n", verb->name,
	       verb->takes ? " [OPTION]..." : "", verb->operand_names ? " " : "",
	       verb->operand_names ?: "", verb->summary);
	for (const struct pst_cli_option *option = pst_cli_options; option->name; option++)
		if (option->option && pst_verb_takes(verb, option))
			print_option(option, NULL);
	fputs(verb->takes ? "\npenstock(8) tells more.\n" : "penstock(8) tells more.\n", stdout);
	return PST_EXIT_OK;
}

int pst_verb_help(const struct pst_cli *cli)
{
	const char *name = cli->operands[0];
	const struct pst_verb *verb = name ? pst_verb_find(name) : NULL;

	if (!name)
		return pst_help();
	return verb ? pst_help_verb(verb) : pst_bad_usage("there is no verb \"%s\"", name);
}
