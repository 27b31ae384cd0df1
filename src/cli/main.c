// SPDX-License-Identifier: MIT
/* penstock: reads the command line and runs one verb. */
#include <getopt.h>

#include "cli/cli.h"

#define MAX_WAIT_SECONDS 3600
#define MAX_GPU		 255

const struct pst_verb pst_verbs[] = {
	{ .name = "apply",
	  .summary = "make this node as its configuration says",
	  .takes = PST_OPTION_WAIT | PST_OPTION_CONFIRM,
	  .run = pst_verb_apply },
	{ .name = "plan",
	  .summary = "say what apply would do, and change nothing",
	  .takes = PST_OPTION_JSON | PST_OPTION_VERBOSE,
	  .run = pst_verb_plan },
	{ .name = "status",
	  .summary = "say what is, and whether it is as declared",
	  .takes = PST_OPTION_JSON,
	  .run = pst_verb_status },
	{ .name = "history",
	  .operand_names = "[N]",
	  .summary = "list what was applied, by whom; or tell all of apply N",
	  .operands = 1,
	  .optional = 1,
	  .takes = PST_OPTION_JSON,
	  .run = pst_verb_history },
	{ .name = "revert",
	  .operand_names = "[N]",
	  .summary = "go back to the configuration of before apply N",
	  .operands = 1,
	  .optional = 1,
	  .takes = PST_OPTION_YES | PST_OPTION_VERBOSE | PST_OPTION_NETWORK | PST_OPTION_CONFIRM,
	  .run = pst_verb_revert },
	{ .name = "confirm",
	  .summary = "keep a change of the network that could have cut you off",
	  .run = pst_verb_confirm },
	{ .name = "access",
	  .operand_names = "USER PATH",
	  .summary = "say whether a user may read or write a file, and what stands in the way",
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
	{ .name = "help", .summary = "print this text", .run = pst_verb_help },
	{ 0 },
};

static const struct {
	enum pst_option option;
	const char *name;
} option_names[] = {
	{ PST_OPTION_JSON, "--json" },	       { PST_OPTION_VERBOSE, "--verbose" },
	{ PST_OPTION_WAIT, "--wait" },	       { PST_OPTION_GPU, "--gpu" },
	{ PST_OPTION_CHECKSUM, "--checksum" }, { PST_OPTION_YES, "--yes" },
	{ PST_OPTION_NETWORK, "--network" },   { PST_OPTION_CONFIRM, "--confirm" },
	{ PST_OPTION_CLIENT, "--client" },     { PST_OPTION_WRITE, "--write" },
};

static const struct pst_verb *find_verb(const char *name)
{
	for (const struct pst_verb *verb = pst_verbs; verb->name; verb++)
		if (pst_streq(verb->name, name))
			return verb;
	return NULL;
}

static int __format(1, 2) bad_usage(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("penstock: ", stderr);
	vfprintf(stderr, format, args);
	fputs("; see penstock help\n", stderr);
	va_end(args);
	return PST_EXIT_REFUSED;
}

static int parse_wait(const char *text, struct pst_cli *cli)
{
	unsigned long long seconds;

	if (pst_parse_u64(text, MAX_WAIT_SECONDS, &seconds))
		return bad_usage("--wait takes seconds, 0 to %d, not \"%s\"", MAX_WAIT_SECONDS,
				 text);
	cli->wait_seconds = (unsigned int)seconds;
	cli->given |= PST_OPTION_WAIT;
	return -1;
}

static int parse_gpu(const char *text, struct pst_cli *cli)
{
	unsigned long long ordinal;

	if (pst_parse_u64(text, MAX_GPU, &ordinal))
		return bad_usage("--gpu takes a device number, 0 to %d, not \"%s\"", MAX_GPU, text);
	cli->gpu = (int)ordinal;
	cli->given |= PST_OPTION_GPU;
	return -1;
}

/* Returns -1 to go on, else an exit status. */
static int parse_options(int argc, char **argv, struct pst_cli *cli, const char **ret_verb)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "json", no_argument, NULL, 'j' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "wait", required_argument, NULL, 'w' },
		{ "gpu", required_argument, NULL, 'g' },
		{ "checksum", no_argument, NULL, 's' },
		{ "network", no_argument, NULL, 'n' },
		{ "confirm", no_argument, NULL, 'C' },
		{ "client", required_argument, NULL, 'a' },
		{ "write", no_argument, NULL, 'W' },
		{ "yes", no_argument, NULL, 'y' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "c:jvw:g:syVh", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			cli->config = optarg;
			break;
		case 'j':
			cli->given |= PST_OPTION_JSON;
			break;
		case 'v':
			cli->given |= PST_OPTION_VERBOSE;
			break;
		case 'w':
			if (parse_wait(optarg, cli) >= 0)
				return PST_EXIT_REFUSED;
			break;
		case 'g':
			if (parse_gpu(optarg, cli) >= 0)
				return PST_EXIT_REFUSED;
			break;
		case 's':
			cli->given |= PST_OPTION_CHECKSUM;
			break;
		case 'n':
			cli->given |= PST_OPTION_NETWORK;
			break;
		case 'a':
			cli->client = optarg;
			cli->given |= PST_OPTION_CLIENT;
			break;
		case 'W':
			cli->given |= PST_OPTION_WRITE;
			break;
		case 'C':
			cli->given |= PST_OPTION_CONFIRM;
			break;
		case 'y':
			cli->given |= PST_OPTION_YES;
			break;
		case 'V':
			return pst_verb_version(cli);
		case 'h':
			return pst_verb_help(cli);
		default:
			/* getopt has said which option it was. */
			return PST_EXIT_REFUSED;
		}
	}
	if (optind == argc)
		return bad_usage("a verb is missing");
	*ret_verb = argv[optind];
	cli->operands = &argv[optind + 1];
	return -1;
}

static int check_fits(const struct pst_cli *cli, const struct pst_verb *verb)
{
	int operands = 0;

	while (cli->operands[operands])
		operands++;
	if (operands > verb->operands)
		return bad_usage("\"%s\" is one argument too many", cli->operands[verb->operands]);
	if (operands < verb->operands - verb->optional)
		return bad_usage("%s takes %s", verb->name, verb->operand_names);
	for (size_t i = 0; i < ARRAY_SIZE(option_names); i++)
		if (cli->given & ~verb->takes & option_names[i].option)
			return bad_usage("%s has no %s", verb->name, option_names[i].name);
	return -1;
}

int main(int argc, char **argv)
{
	struct pst_cli cli = { .config = PST_CONF_DEFAULT_PATH, .gpu = -1 };
	const struct pst_verb *verb;
	const char *name = NULL;
	int status = parse_options(argc, argv, &cli, &name);

	if (status >= 0)
		return status;
	verb = find_verb(name);
	if (!verb)
		return bad_usage("there is no verb \"%s\"", name);
	status = check_fits(&cli, verb);
	if (status >= 0)
		return status;
	/* The tools that we ask shall answer in the words that we know, and be found. */
	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 0);
	status = verb->run(&cli);
	if (fflush(stdout) || ferror(stdout)) {
		perror("penstock: standard output");
		return PST_EXIT_FAILED;
	}
	return status;
}
