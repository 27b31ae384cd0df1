/* SPDX-License-Identifier: MIT */
/* What the verbs of the program share. */
#ifndef PST_CLI_CLI_H
#define PST_CLI_CLI_H

#include <stdio.h>

#include "node/node.h"

enum pst_exit {
	PST_EXIT_OK = 0,
	PST_EXIT_FAILED = 1, /* something failed, or is not as declared */
	PST_EXIT_REFUSED = 2, /* wrong usage or configuration: nothing was changed */
};

/* Options that only some verbs take; bits. */
enum pst_option {
	PST_OPTION_JSON = 1,
	PST_OPTION_VERBOSE = 2,
	PST_OPTION_WAIT = 4,
	PST_OPTION_GPU = 8,
	PST_OPTION_CHECKSUM = 16,
	PST_OPTION_ROLE = 32,
	PST_OPTION_OUTPUT = 64,
	PST_OPTION_CLIENT = 128,
	PST_OPTION_YES = 256,
	PST_OPTION_NETWORK = 512,
	PST_OPTION_CONFIRM = 1024,
	PST_OPTION_WRITE = 2048,
	PST_OPTION_CHECK = 4096,
	PST_OPTION_ROLLBACK = 8192,
	PST_OPTION_REBOOT = 1 << 14,
	PST_OPTION_NO_REBOOT = 1 << 15,
	PST_OPTION_ANSWERS = 1 << 16,
	PST_OPTION_UNATTENDED = 1 << 17,
	PST_OPTION_DRY_RUN = 1 << 18,
	PST_OPTION_CONFIG = 1 << 30,
};

struct pst_cli {
	const char *config;
	unsigned int given; /* enum pst_option */
	bool help; /* asked for by --help */
	unsigned int wait_seconds; /* how long apply waits for disks and interfaces to appear */
	enum pst_role role; /* with PST_OPTION_ROLE */
	const char *output; /* with PST_OPTION_OUTPUT */
	int gpu; /* whose memory to use; -1: host memory */
	const char *answers; /* with PST_OPTION_ANSWERS */
	const char *client; /* an address; NULL: none given */
	char **operands; /* as many as the verb takes; ends with NULL */
};

/*
 * A row of the table in verbs.c. An operand's name says how it is completed: FILE, SRC, DST, PATH
 * and DIR as files, USER as users, VERB as verbs; others are not.
 */
struct pst_verb {
	const char *name;
	const char *operand_names; /* as "SRC DST" or "[VERB]"; NULL: none */
	const char *summary;
	int operands; /* that must be given */
	int optional; /* that may follow those */
	unsigned int takes; /* enum pst_option */
	int (*run)(const struct pst_cli *cli);
};

/* An option; of one that every verb takes, option is 0. */
struct pst_cli_option {
	unsigned int option; /* enum pst_option */
	int letter; /* or, where it has none, a number from PST_NO_LETTER */
	const char *name;
	const char *argument; /* named as operands are; NULL: none */
	const char *summary;
};

#define PST_NO_LETTER 256
/* What getopt says of those without one. */
enum {
	PST_LETTER_CHECK = PST_NO_LETTER,
	PST_LETTER_CLIENT,
	PST_LETTER_CONFIRM,
	PST_LETTER_DRY_RUN,
	PST_LETTER_NETWORK,
	PST_LETTER_NO_REBOOT,
	PST_LETTER_REBOOT,
	PST_LETTER_ROLLBACK,
	PST_LETTER_WRITE,
	PST_LETTER_ANSWERS,
	PST_LETTER_UNATTENDED,
};

extern const struct pst_verb pst_verbs[]; /* ends with a NULL name, as the next does */
extern const struct pst_cli_option pst_cli_options[];
const struct pst_verb *pst_verb_find(const char *name);
bool pst_verb_takes(const struct pst_verb *verb, const struct pst_cli_option *option);

/* Print the help, of all or of one verb, and return PST_EXIT_OK. */
int pst_help(void);
int pst_help_verb(const struct pst_verb *verb);
/* Says what was wrong with the command line, and returns PST_EXIT_REFUSED. */
int pst_bad_usage(const char *format, ...) __format(1, 2);

int pst_verb_access(const struct pst_cli *cli);
int pst_verb_apply(const struct pst_cli *cli);
int pst_verb_boot_check(const struct pst_cli *cli);
int pst_verb_check(const struct pst_cli *cli);
int pst_verb_client_bundle(const struct pst_cli *cli);
int pst_verb_confirm(const struct pst_cli *cli);
int pst_verb_console(const struct pst_cli *cli);
int pst_verb_cp(const struct pst_cli *cli);
int pst_verb_disks(const struct pst_cli *cli);
int pst_verb_fabric(const struct pst_cli *cli);
int pst_verb_factory_reset(const struct pst_cli *cli);
int pst_verb_history(const struct pst_cli *cli);
int pst_verb_init(const struct pst_cli *cli);
int pst_verb_install(const struct pst_cli *cli);
int pst_verb_plan(const struct pst_cli *cli);
int pst_verb_revert(const struct pst_cli *cli);
int pst_verb_seed(const struct pst_cli *cli);
int pst_verb_status(const struct pst_cli *cli);
int pst_verb_update(const struct pst_cli *cli);
int pst_verb_version(const struct pst_cli *cli);
int pst_verb_help(const struct pst_cli *cli);

/* What a node's verbs work with. */
struct pst_view {
	struct pst_conf_doc doc; /* doc.conf is NULL when there is no valid configuration */
	struct pst_state state;
	struct pst_plan plan;
};

void pst_view_free(struct pst_view *view);
#define __cleanup_view __cleanup(pst_view_free)

/* All that is wrong, in words: the problems, and why each step would be taken. */
void pst_view_collect(const struct pst_view *view, struct pst_strv *problems);
/* Loads the configuration; on failure says why, and returns the exit status. */
int pst_view_load(const struct pst_cli *cli, struct pst_view *view);
/* The same of a text that was in such a file. */
int pst_view_parse(const char *file, const char *text, struct pst_view *view);
/* Observes and plans, anew when it was done before; says why when that fails. */
int pst_view_look(struct pst_view *view);
/* Says all that is wrong and is not for a step to change, on standard error. */
void pst_view_say_problems(const struct pst_view *view);
/* PST_EXIT_OK when the plan can be carried out; else the exit status, and its problems are said. */
int pst_view_refusal(const struct pst_view *view);

/* Prints the steps, and why; the contents of files too when @verbose. */
void pst_plan_print(const struct pst_plan *plan, bool verbose);

/* FILE:LINE: KEY: TEXT, or as much of that as is known; NULL without memory. */
char *pst_problem_line(const struct pst_conf_doc *doc, const struct pst_problem *problem);
/* Says what failed, on standard error, and returns PST_EXIT_FAILED. */
int pst_say_failed(const struct pst_reason *reason, int error);

/* Whether a person says yes to what was shown; elsewhere than on a terminal, --yes must be given. */
bool pst_is_wanted(const struct pst_cli *cli);
/* Mounts that are made from here on are this process's own, and go with it. */
int pst_mounts_own(struct pst_reason *reason);
/* Says why a verb that changes the system cannot, or takes the lock; returns an exit status. */
int pst_system_begin(const char *verb, int *ret_lock);
int pst_system_reboot(void);

/* The status as one JSON object, with the keys that penstock(8) promises. */
struct json_object *pst_status_json(const struct pst_view *view, const struct pst_strv *problems,
				    bool ok);
/* Prints such an object for people. */
void pst_status_print(struct json_object *status, FILE *out, bool colour);

#endif
