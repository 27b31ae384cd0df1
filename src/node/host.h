/* SPDX-License-Identifier: MIT */
/*
 * The machine, as the rest of this layer reaches it: files below a root, and commands. Tests put a
 * directory of their own in place of the root, and recorded answers in place of the commands.
 */
#ifndef PST_NODE_HOST_H
#define PST_NODE_HOST_H

#include "base/run.h"
#include "base/str.h"

/* Enough for a tool that only looks, on a machine that is busy booting. */
#define PST_OBSERVE_TIMEOUT_MS 60000

struct pst_host {
	const char *root; /* "" for the machine itself */
	/* As pst_run(). */
	int (*run)(struct pst_host *host, char *const argv[], int timeout_ms,
		   struct pst_run_result *ret, struct pst_reason *reason);
	void *context;
};

/* The machine that we run on. */
extern struct pst_host pst_this_host;

/* The path of a file on the host, in fresh memory. */
char *pst_host_path(const struct pst_host *host, const char *path);
bool pst_host_exists(const struct pst_host *host, const char *path);
/* As pst_file_read(): -ENOENT with no reason when there is no such file. */
int pst_host_read(const struct pst_host *host, const char *path, char **ret,
		  struct pst_reason *reason);
/* The names in a directory, sorted; none when there is no such directory. */
int pst_host_list(const struct pst_host *host, const char *path, struct pst_strv *ret,
		  struct pst_reason *reason);

/* Runs a command that must succeed, and hands out what it wrote to standard output. */
int pst_host_ask_strv(struct pst_host *host, const struct pst_strv *argv, char **ret_out,
		      struct pst_reason *reason);
int pst_host_ask_list(struct pst_host *host, const char *const argv[], char **ret_out,
		      struct pst_reason *reason);
#define pst_host_ask(host, ret_out, reason, ...) \
	pst_host_ask_list(host, (const char *const[]){ __VA_ARGS__, NULL }, ret_out, reason)
/* A reason for a command that ended with another status than 0: the command and what it said. */
int pst_host_blame(char *const argv[], const struct pst_run_result *result,
		   struct pst_reason *reason);

#endif
