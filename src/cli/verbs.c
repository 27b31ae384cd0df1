// SPDX-License-Identifier: MIT
/*
 * What can be said to penstock: its verbs and its options. The help, bash's completion and the tests
 * of the manual are made from these tables.
 */
#include "cli/cli.h"

const struct pst_verb pst_verbs[] = {
	{ .name = "apply",
	  .summary = "make this node as its configuration says",
	  .takes = PST_OPTION_CONFIG | PST_OPTION_WAIT | PST_OPTION_CONFIRM,
	  .run = pst_verb_apply },
	{ .name = "plan",
	  .summary = "say what apply would do, and change nothing",
	  .takes = PST_OPTION_CONFIG | PST_OPTION_JSON | PST_OPTION_VERBOSE,
	  .run = pst_verb_plan },
	{ .name = "status",
	  .summary = "say what is, and whether it is as declared",
	  .takes = PST_OPTION_CONFIG | PST_OPTION_JSON,
	  .run = pst_verb_status },
	{ .name = "disks",
	  .summary = "list the disks: what they are, how well, and what is on them",
	  .takes = PST_OPTION_JSON,
	  .run = pst_verb_disks },
	{ .name = "fabric",
	  .summary = "list the RDMA devices, their ports, and the nearest GPUs",
	  .takes = PST_OPTION_JSON,
	  .run = pst_verb_fabric },
	{ .name = "init",
	  .summary = "write a first configuration for this machine",
	  .takes = PST_OPTION_ROLE | PST_OPTION_OUTPUT,
	  .run = pst_verb_init },
	{ .name = "seed",
	  .summary = "take a first configuration from a volume that was put in",
	  .takes = PST_OPTION_CONFIG | PST_OPTION_DRY_RUN | PST_OPTION_JSON | PST_OPTION_ROLE |
		   PST_OPTION_WAIT,
	  .run = pst_verb_seed },
	{ .name = "console",
	  .summary = "write what the console shows above the login prompt",
	  .takes = PST_OPTION_CONFIG | PST_OPTION_DRY_RUN,
	  .run = pst_verb_console },
	{ .name = "client-bundle",
	  .operand_names = "[EXPORT]",
	  .summary = "print what a client needs to mount what this node exports",
	  .optional = 1,
	  .takes = PST_OPTION_CONFIG | PST_OPTION_JSON | PST_OPTION_CLIENT,
	  .run = pst_verb_client_bundle },
	{ .name = "history",
	  .operand_names = "[N]",
	  .summary = "list what was applied, by whom; or tell all of apply N",
	  .optional = 1,
	  .takes = PST_OPTION_JSON,
	  .run = pst_verb_history },
	{ .name = "revert",
	  .operand_names = "[N]",
	  .summary = "go back to the configuration of before apply N",
	  .optional = 1,
	  .takes = PST_OPTION_CONFIG | PST_OPTION_YES | PST_OPTION_VERBOSE | PST_OPTION_NETWORK |
		   PST_OPTION_CONFIRM,
	  .run = pst_verb_revert },
	{ .name = "confirm",
	  .summary = "keep a change of the network that could have cut you off",
	  .run = pst_verb_confirm },
	{ .name = "access",
	  .operand_names = "USER PATH",
	  .summary = "say whether a user may use a file, and what stands in the way",
	  .operands = 2,
	  .takes = PST_OPTION_JSON | PST_OPTION_CLIENT | PST_OPTION_WRITE,
	  .run = pst_verb_access },
	{ .name = "check",
	  .operand_names = "FILE",
	  .summary = "read a little of a file, and say which path it took",
	  .operands = 1,
	  .takes = PST_OPTION_JSON | PST_OPTION_GPU,
	  .run = pst_verb_check },
	{ .name = "cp",
	  .operand_names = "SRC DST",
	  .summary = "copy a file by cuFile, through GPU or host memory",
	  .operands = 2,
	  .takes = PST_OPTION_JSON | PST_OPTION_GPU | PST_OPTION_CHECKSUM,
	  .run = pst_verb_cp },
	{ .name = "version", .summary = "print the version", .run = pst_verb_version },
	{ .name = "help",
	  .operand_names = "[VERB]",
	  .summary = "print this text, or what a verb takes",
	  .optional = 1,
	  .run = pst_verb_help },
	{ 0 },
};

const struct pst_cli_option pst_cli_options[] = {
	{ PST_OPTION_CONFIG, 'c', "config", "FILE",
	  "the configuration; by default " PST_CONF_DEFAULT_PATH },
	{ PST_OPTION_CLIENT, PST_LETTER_CLIENT, "client", "ADDRESS",
	  "the client's address in the fabric" },
	{ PST_OPTION_CONFIRM, PST_LETTER_CONFIRM, "confirm", NULL,
	  "change the network without a way back" },
	{ PST_OPTION_DRY_RUN, PST_LETTER_DRY_RUN, "dry-run", NULL, "print it, and change nothing" },
	{ PST_OPTION_WAIT, 'w', "wait", "SECONDS",
	  "how long to wait for disks and interfaces, at most" },
	{ PST_OPTION_GPU, 'g', "gpu", "N", "use memory of this GPU, not of the host" },
	{ PST_OPTION_JSON, 'j', "json", NULL, "print JSON" },
	{ PST_OPTION_CHECKSUM, 's', "checksum", NULL,
	  "print the SHA-256 of what was in that memory" },
	{ PST_OPTION_NETWORK, PST_LETTER_NETWORK, "network", NULL,
	  "take back a change of the network" },
	{ PST_OPTION_OUTPUT, 'o', "output", "FILE",
	  "a new file to write, instead of standard output" },
	{ PST_OPTION_ROLE, 'r', "role", "ROLE",
	  "storage or gpu; by default as what is there suggests" },
	{ PST_OPTION_VERBOSE, 'v', "verbose", NULL, "show the files that would be written" },
	{ PST_OPTION_WRITE, PST_LETTER_WRITE, "write", NULL, "ask for writing, not for reading" },
	{ PST_OPTION_YES, 'y', "yes", NULL, "do not ask" },
	{ 0, 'h', "help", NULL, "print this text, or what a verb takes" },
	{ 0, 'V', "version", NULL, "print the version" },
	{ 0 },
};

const struct pst_verb *pst_verb_find(const char *name)
{
	for (const struct pst_verb *verb = pst_verbs; verb->name; verb++)
		if (pst_streq(verb->name, name))
			return verb;
	return NULL;
}

bool pst_verb_takes(const struct pst_verb *verb, const struct pst_cli_option *option)
{
	return !(option->option & ~verb->takes);
}
