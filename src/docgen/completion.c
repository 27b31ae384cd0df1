// SPDX-License-Identifier: MIT
/* The verbs and options as bash's arrays, for the completion's function. */
#include "cli/cli.h"
#include "docgen/docgen.h"

static void add_options(struct pst_buf *out)
{
	pst_buf_add(out, "\tlocal -A options=(\n");
	for (const struct pst_verb *verb = pst_verbs; verb->name; verb++) {
		pst_buf_printf(out, "\t\t[%s]='", verb->name);
		for (const struct pst_cli_option *option = pst_cli_options; option->name; option++)
			if (option->option && pst_verb_takes(verb, option))
				pst_buf_printf(out, "--%s ", option->name);
		pst_buf_add(out, "--help'\n");
	}
	pst_buf_add(out, "\t)\n");
}

/* "SRC DST", without the brackets around what may be left out. */
static void add_operands(struct pst_buf *out)
{
	pst_buf_add(out, "\tlocal -A operands=(\n");
	for (const struct pst_verb *verb = pst_verbs; verb->name; verb++) {
		pst_buf_printf(out, "\t\t[%s]='", verb->name);
		for (const char *at = verb->operand_names; at && *at; at++)
			if (!strchr("[].", *at))
				pst_buf_add_bytes(out, at, 1);
		pst_buf_add(out, "'\n");
	}
	pst_buf_add(out, "\t)\n");
}

static void add_arguments(struct pst_buf *out)
{
	pst_buf_add(out, "\tlocal -A arguments=(\n");
	for (const struct pst_cli_option *option = pst_cli_options; option->name; option++) {
		if (!option->argument)
			continue;
		pst_buf_printf(out, "\t\t[--%s]=%s\n", option->name, option->argument);
		if (option->letter < PST_NO_LETTER)
			pst_buf_printf(out, "\t\t[-%c]=%s\n", option->letter, option->argument);
	}
	pst_buf_add(out, "\t)\n");
}

void pst_docgen_completion(struct pst_buf *out)
{
	pst_buf_add(out, "\tlocal verbs='");
	for (const struct pst_verb *verb = pst_verbs; verb->name; verb++)
		pst_buf_printf(out, "%s%s", verb == pst_verbs ? "" : " ", verb->name);
	pst_buf_add(out, "'\n\tlocal all='");
	for (const struct pst_cli_option *option = pst_cli_options; option->name; option++)
		pst_buf_printf(out, "%s--%s", option == pst_cli_options ? "" : " ", option->name);
	pst_buf_add(out, "'\n");
	add_options(out);
	add_operands(out);
	add_arguments(out);
}
