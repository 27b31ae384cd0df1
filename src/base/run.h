/* SPDX-License-Identifier: MIT */
/* Runs a command by its argument vector, never through a shell, and catches what it says. */
#ifndef PST_BASE_RUN_H
#define PST_BASE_RUN_H

#include "base/reason.h"

struct pst_run_result {
	int status; /* exit status, or 128 and the signal's number */
	char *out; /* what it wrote to standard output */
	char *err; /* what it wrote to standard error */
};

/*
 * Waits for the command to end, and kills it after @timeout_ms. Returns 0 when it ran to an end,
 * whatever its status. -ENOENT: there is no such command; -ETIMEDOUT: it was killed. One that not
 * even that ends, as it waits in the kernel for a disk that is gone, is left there, and @reason
 * names it.
 */
int pst_run(char *const argv[], int timeout_ms, struct pst_run_result *ret,
	    struct pst_reason *reason);
void pst_run_result_free(struct pst_run_result *result);
#define __cleanup_run_result __cleanup(pst_run_result_free)

/* The command as a person would type it, quoted where a shell needs it; NULL without memory. */
char *pst_run_quote(char *const argv[]);

#endif
