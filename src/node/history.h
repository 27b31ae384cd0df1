/* SPDX-License-Identifier: MIT */
/*
 * The history: a directory PST_HISTORY_DIRECTORY/N for each apply that changed something, with
 *
 *	config.yaml	the configuration that was applied
 *	before.yaml	the one of the apply before it, where there was one
 *	about.json	who, when, and from which file
 *	journal		a line of JSON before each step, with the file as it was, and one behind it; the last says how it
 *			ended. Where that one is missing, the apply broke off.
 *
 * The directory appears as a whole, and a line is on the disk before the file that it tells of is changed.
 */
#ifndef PST_NODE_HISTORY_H
#define PST_NODE_HISTORY_H

#include <json-c/json.h>

#include "node/host.h"
#include "node/plan.h"

#define PST_HISTORY_DIRECTORY "/var/lib/penstock/history"
#define PST_HISTORY_CONFIG    "config.yaml"
#define PST_HISTORY_BEFORE    "before.yaml"
/* As many as are kept. */
#define PST_HISTORY_MAX 100

/* Who asked for an apply; what is not known is NULL. */
struct pst_who {
	unsigned int uid;
	char *user; /* who became that uid, as sudo tells */
	char *tty;
	char *client; /* the address at the other end of the ssh connection */
	char *unit; /* "systemd", when it was no person */
};

struct pst_record_about {
	const char *verb; /* as "apply" */
	const struct pst_who *who;
	const char *config_path;
	const char *config; /* its text */
};

/* A record that is being written. */
struct pst_record {
	unsigned int number;
	int journal; /* -1 while there is none */
};

int pst_record_begin(struct pst_host *host, const struct pst_record_about *about,
		     struct pst_record *ret, struct pst_reason *reason);
/* What is about to be done; for a file that will be written or removed, what is in it now. */
int pst_record_step(struct pst_host *host, struct pst_record *record, const struct pst_step *step,
		    struct pst_reason *reason);
/* How that step went: @failure is NULL when it was done. */
int pst_record_result(struct pst_record *record, const char *failure, struct pst_reason *reason);
/* How it all went. */
int pst_record_end(struct pst_record *record, const char *failure, struct pst_reason *reason);
void pst_record_close(struct pst_record *record);

/* The numbers of all records, from the oldest to the newest. */
int pst_history_list(const struct pst_host *host, unsigned int **ret, size_t *ret_n,
		     struct pst_reason *reason);
/*
 * One record as a JSON object: number, verb, who, began, config_path, result ("done", "failed" or "unfinished"), ended,
 * failure, steps (what, why, result, failure) and files (path, before, after, mode). -ENOENT: there is no such record.
 */
int pst_history_read(const struct pst_host *host, unsigned int number, struct json_object **ret,
		     struct pst_reason *reason);
/* A file of a record; -ENOENT, with no reason, when it has none of that name. */
int pst_history_text(const struct pst_host *host, unsigned int number, const char *name, char **ret,
		     struct pst_reason *reason);
/*
 * The newest record that applied another configuration than the one before it, for who wants to go back and says no
 * number; -ENOENT, with no reason, when there is none.
 */
int pst_history_last_change(const struct pst_host *host, unsigned int *ret,
			    struct pst_reason *reason);
/* The configuration that was applied last (untouched when there is none), and the number of the newest record, or 0. */
int pst_history_last_config(const struct pst_host *host, char **ret, unsigned int *ret_number,
			    struct pst_reason *reason);
/* Removes the oldest, until there are @keep, and what an apply left that broke off before its record was whole. */
int pst_history_prune(const struct pst_host *host, size_t keep, struct pst_reason *reason);

#endif
