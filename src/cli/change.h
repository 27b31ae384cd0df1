/* SPDX-License-Identifier: MIT */
/* What the verbs that change this node share: the lock, who asked, and carrying a plan out on the record. */
#ifndef PST_CLI_CHANGE_H
#define PST_CLI_CHANGE_H

#include "cli/cli.h"
#include "node/history.h"
#include "node/session.h"

#define PST_APPLY_LOCK	 "/run/penstock/apply.lock"
#define PST_NETWORK_LOCK "/run/penstock/network.lock"

/*
 * Takes a lock that goes with this process and the programs that it has started, whichever ends last; while another has
 * it, says who that is and waits. Two applies at a time would each work on what the other is changing.
 */
int pst_lock_take(const char *path, int *ret_fd, struct pst_reason *reason);
/* Whether somebody has it. */
bool pst_lock_is_taken(const char *path);

struct pst_change {
	const struct pst_cli *cli;
	const char *verb; /* for the record */
	struct pst_who who;
	struct pst_session session;
	struct pst_record record; /* its number is 0 until something is changed */
	int lock;
	size_t n_done; /* steps */
	/* With the next step, where one fails or cannot be recorded; the last one then is left out. */
	bool goes_on;
	bool guarded; /* the network goes back to what it was unless that is confirmed */
};

/* Looks who asks, and takes the lock at @path; on failure says why, and returns the exit status. */
int pst_change_begin(struct pst_change *change, const struct pst_cli *cli, const char *verb,
		     const char *path);
void pst_change_free(struct pst_change *change);
#define __cleanup_change __cleanup(pst_change_free)

/*
 * Carries out the steps up to the first that wants a new look, each on the record. Returns whether there was one, or
 * an exit status other than 0 as -status.
 */
int pst_change_execute(struct pst_change *change, const struct pst_view *view,
		       const struct pst_plan *plan);
/* Plans and carries out until nothing is left, and says what then still differs; returns the exit status. */
int pst_change_apply(struct pst_change *change, struct pst_view *view);
/* Closes the record, if there is one, with what came of it; returns @status. */
int pst_change_end(struct pst_change *change, int status);

/*
 * Changes of the network that could cut who makes them off; each returns an exit status. Adds to the plan of @view what
 * brings the network back, where it is needed; @record is that of the change that has begun, or 0.
 */
int pst_network_guard(const struct pst_cli *cli, const struct pst_session *session,
		      unsigned int record, struct pst_view *view, bool *ret_guarded);
/* Gives a minute from now on, and says how to confirm. */
void pst_network_remind(void);
/* Stops what would take a change back. */
void pst_network_disarm(void);
/* Takes an unconfirmed change back, if there is one. */
int pst_network_revert(const struct pst_cli *cli);
/* The same, where what should have done so is gone: the machine was started anew, or lost its power. */
int pst_network_settle(const struct pst_cli *cli);

#endif
