// SPDX-License-Identifier: MIT
/* penstock help */
#include "cli/cli.h"

int pst_verb_help(const struct pst_cli *cli)
{
	(void)cli;
	fputs("usage: penstock [--config FILE] [--json] [--verbose] [--wait SECONDS] [--confirm] "
	      "VERB\n"
	      "       penstock [--json] history [N]\n"
	      "       penstock [--yes] [--verbose] revert [N] | --network\n"
	      "       penstock [--client ADDRESS] [--write] [--json] access USER PATH\n"
	      "       penstock [--gpu N] [--json] check FILE\n"
	      "       penstock [--gpu N] [--checksum] [--json] cp SRC DST\n\n",
	      stdout);
	for (const struct pst_verb *verb = pst_verbs; verb->name; verb++)
		printf("  %-9s %s\n", verb->name, verb->summary);
	fputs("\n"
	      "  -c, --config FILE  the configuration; by default " PST_CONF_DEFAULT_PATH "\n"
	      "  -j, --json         for plan, status, history, access, check and cp: print JSON\n"
	      "  -v, --verbose      for plan and revert: show the files that would be written\n"
	      "  -w, --wait SECONDS for apply: how long to wait for disks and interfaces\n"
	      "  -g, --gpu N        for check and cp: use memory of this GPU, not of the host\n"
	      "  -s, --checksum     for cp: print the SHA-256 of what was in that memory\n"
	      "      --confirm      for apply and revert: change the network without a way back\n"
	      "      --network      for revert: take back a change of the network\n"
	      "      --client ADDRESS  for access: by NFS, from there\n"
	      "      --write        for access: to write, not to read\n"
	      "  -y, --yes          for revert: do not ask\n"
	      "\n"
	      "exit status: 0 all is well, 1 something failed or is not as declared, or check\n"
	      "             found no direct path, 2 wrong usage or configuration, and nothing\n"
	      "             was changed\n"
	      "\n"
	      "penstock(8) tells more, penstock.yaml(5) what a configuration may say, and\n"
	      "penstock-gds(7) all about the path between files and GPU memory.\n",
	      stdout);
	return PST_EXIT_OK;
}
