// SPDX-License-Identifier: MIT
/* penstock: reads the command line and runs one verb. */
#include <getopt.h>

#include "cli/cli.h"

#define MAX_WAIT_SECONDS 3600

const struct pst_verb pst_verbs[] = {
	{ .name = "apply",
	  .summary = "make this node as its configuration says",
	  .takes_wait = true,
	  .run = pst_verb_apply },
	{ .name = "plan",
	  .summary = "say what apply would do, and change nothing",
	  .takes_json = true,
	  .takes_verbose = true,
	  .run = pst_verb_plan },
	{ .name = "status",
	  .summary = "say what is, and whether it is as declared",
	  .takes_json = true,
	  .run = pst_verb_status },
	{ .name = "version", .summary = "print the version", .run = pst_verb_version },
	{ .name = "help", .summary = "print this text", .run = pst_verb_help },
	{ 0 },
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
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "c:jvw:Vh", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			cli->config = optarg;
			break;
		case 'j':
			cli->json = true;
			break;
		case 'v':
			cli->verbose = true;
			break;
		case 'w':
			if (parse_wait(optarg, cli) >= 0)
				return PST_EXIT_REFUSED;
			cli->wait = true;
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
	if (optind + 1 < argc)
		return bad_usage("\"%s\" is one argument too many", argv[optind + 1]);
	*ret_verb = argv[optind];
	return -1;
}

int main(int argc, char **argv)
{
	struct pst_cli cli = { .config = PST_CONF_DEFAULT_PATH };
	const struct pst_verb *verb;
	const char *name = NULL;
	int status = parse_options(argc, argv, &cli, &name);

	if (status >= 0)
		return status;
	verb = find_verb(name);
	if (!verb)
		return bad_usage("there is no verb \"%s\"", name);
	if (cli.json && !verb->takes_json)
		return bad_usage("%s has no --json", name);
	if (cli.verbose && !verb->takes_verbose)
		return bad_usage("%s has no --verbose", name);
	if (cli.wait && !verb->takes_wait)
		return bad_usage("%s has no --wait", name);
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
