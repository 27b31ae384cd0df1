// SPDX-License-Identifier: MIT
/* penstock version */
#include "cli/cli.h"

int pst_verb_version(const struct pst_cli *cli)
{
	(void)cli;
	puts("penstock " PST_VERSION);
	return PST_EXIT_OK;
}
