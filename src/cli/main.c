// SPDX-License-Identifier: MIT
/* penstock: reads the command line and runs one verb. */
#include <errno.h>
#include <getopt.h>

#include "cli/cli.h"

#define MAX_WAIT_SECONDS 3600
#define MAX_GPU		 255
#define MAX_OPTIONS	 64

/* Returns -1 to go on, else an exit status; so do those below. */
static int parse_wait(const char *text, struct pst_cli *cli)
{
	unsigned long long seconds;

	if (pst_parse_u64(text, MAX_WAIT_SECONDS, &seconds))
		return pst_bad_usage("--wait takes seconds, 0 to %d, not \"%s\"", MAX_WAIT_SECONDS,
				     text);
	cli->wait_seconds = (unsigned int)seconds;
	return -1;
}

static int parse_gpu(const char *text, struct pst_cli *cli)
{
	unsigned long long ordinal;

	if (pst_parse_u64(text, MAX_GPU, &ordinal))
		return pst_bad_usage("--gpu takes a device number, 0 to %d, not \"%s\"", MAX_GPU,
				     text);
	cli->gpu = (int)ordinal;
	return -1;
}

static int parse_role(const char *text, struct pst_cli *cli)
{
	static const enum pst_role roles[] = { PST_ROLE_STORAGE, PST_ROLE_GPU };

	for (size_t i = 0; i < ARRAY_SIZE(roles); i++) {
		if (!pst_streq(text, pst_role_name(roles[i])))
			continue;
		cli->role = roles[i];
		return -1;
	}
	return pst_bad_usage("--role is storage or gpu, not \"%s\"", text);
}

/* Takes the value of an option that has one. */
static int take_option(int letter, const char *value, struct pst_cli *cli)
{
	for (const struct pst_cli_option *option = pst_cli_options; option->name; option++)
		if (option->letter == letter)
			cli->given |= option->option;
	switch (letter) {
	case 'c':
		cli->config = value;
		return -1;
	case 'w':
		return parse_wait(value, cli);
	case 'g':
		return parse_gpu(value, cli);
	case 'r':
		return parse_role(value, cli);
	case 'o':
		cli->output = value;
		return -1;
	case PST_LETTER_ANSWERS:
		cli->answers = value;
		return -1;
	case PST_LETTER_CLIENT:
		cli->client = value;
		return -1;
	case 'h':
		cli->help = true;
		return -1;
	case 'V':
		return pst_verb_version(cli);
	case '?':
		/* getopt has said which option it was. */
		return PST_EXIT_REFUSED;
	default:
		return -1;
	}
}

/* Our table, as getopt wants it; both arrays end with zeros. */
static void describe_options(struct option *options, char *letters)
{
	for (size_t i = 0; i < MAX_OPTIONS && pst_cli_options[i].name; i++) {
		const struct pst_cli_option *from = &pst_cli_options[i];

		options[i] = (struct option){
			.name = from->name,
			.has_arg = from->argument ? required_argument : no_argument,
			.val = from->letter,
		};
		if (from->letter >= PST_NO_LETTER)
			continue;
		*letters++ = (char)from->letter;
		if (from->argument)
			*letters++ = ':';
	}
}

static int parse_options(int argc, char **argv, struct pst_cli *cli)
{
	struct option options[MAX_OPTIONS + 1] = { 0 };
	char letters[2 * MAX_OPTIONS + 1] = "";
	int letter;

	/* What getopt says begins with this. */
	argv[0] = program_invocation_short_name;
	describe_options(options, letters);
	while ((letter = getopt_long(argc, argv, letters, options, NULL)) != -1) {
		int status = take_option(letter, optarg, cli);

		if (status >= 0)
			return status;
	}
	cli->operands = &argv[optind];
	return -1;
}

static int check_fits(const struct pst_cli *cli, const struct pst_verb *verb)
{
	int operands = 0;

	while (cli->operands[operands])
		operands++;
	if (operands > verb->operands + verb->optional)
		return pst_bad_usage("\"%s\" is one argument too many",
				     cli->operands[verb->operands + verb->optional]);
	if (operands < verb->operands)
		return pst_bad_usage("%s takes %s", verb->name, verb->operand_names);
	for (const struct pst_cli_option *option = pst_cli_options; option->name; option++)
		if ((cli->given & option->option) && !pst_verb_takes(verb, option))
			return pst_bad_usage("%s has no --%s", verb->name, option->name);
	return -1;
}

static int run(int argc, char **argv)
{
	struct pst_cli cli = { .config = PST_CONF_DEFAULT_PATH, .gpu = -1, .operands = argv };
	const struct pst_verb *verb;
	const char *name;
	int status = parse_options(argc, argv, &cli);

	if (status >= 0)
		return status;
	name = *cli.operands++;
	if (!name)
		return cli.help ? pst_help() : pst_bad_usage("a verb is missing");
	verb = pst_verb_find(name);
	if (!verb)
		return pst_bad_usage("there is no verb \"%s\"", name);
	if (cli.help)
		return pst_help_verb(verb);
	status = check_fits(&cli, verb);
	if (status >= 0)
		return status;
	/* The tools that we ask shall answer in the words that we know, and be found. */
	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 0);
	return verb->run(&cli);
}

int main(int argc, char **argv)
{
	int status = run(argc, argv);

	/* What could not be printed was not done. */
	if (fflush(stdout) || ferror(stdout)) {
		perror("penstock: standard output");
		return PST_EXIT_FAILED;
	}
	return status;
}
