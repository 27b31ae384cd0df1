// SPDX-License-Identifier: MIT
/* penstock help */
#include "cli/cli.h"

int pst_verb_help(const struct pst_cli *cli)
{
	(void)cli;
	fputs("usage: penstock [--config FILE] [--json] [--verbose] [--wait SECONDS] VERB\n\n",
	      stdout);
	for (const struct pst_verb *verb = pst_verbs; verb->name; verb++)
		printf("  %-9s %s\n", verb->name, verb->summary);
	fputs("\n"
	      "  -c, --config FILE  the configuration; by default " PST_CONF_DEFAULT_PATH "\n"
	      "  -j, --json         for plan and status: print JSON\n"
	      "  -v, --verbose      for plan: show the files that would be written\n"
	      "  -w, --wait SECONDS for apply: how long to wait for disks and interfaces\n"
	      "\n"
	      "exit status: 0 all is well, 1 something failed or is not as declared,\n"
	      "             2 wrong usage or configuration, and nothing was changed\n"
	      "\n"
	      "penstock(8) tells more, and penstock.yaml(5) what a configuration may say.\n",
	      stdout);
	return PST_EXIT_OK;
}
