/* SPDX-License-Identifier: MIT */
/*
 * The guard against sawing off the branch: a change of the network that could cut the connection of who makes it is
 * taken back unless it is confirmed within a minute. What takes it back is armed before the change, and needs nothing
 * of who made it.
 */
#ifndef PST_NODE_GUARD_H
#define PST_NODE_GUARD_H

#include "node/plan.h"
#include "node/session.h"

#define PST_GUARD_UNIT	  "penstock-network-revert"
#define PST_GUARD_SECONDS "60"
#define PST_UNDO_FILE	  "/var/lib/penstock/network-undo.json"

/* An interface that must not be lost. */
struct pst_carrier {
	char *interface;
	char *what; /* that it carries, as "the default route" */
};

struct pst_guard {
	struct pst_carrier *carriers;
	size_t n;
	char *client; /* the other end of the session; NULL without one */
};

/* Finds those interfaces: what it costs is paid only where the plan changes the network at all. */
int pst_guard_observe(struct pst_host *host, const struct pst_state *state,
		      const struct pst_session *session, struct pst_guard *ret,
		      struct pst_reason *reason);
bool pst_guard_concerns(const struct pst_plan *plan);
void pst_guard_free(struct pst_guard *guard);
#define __cleanup_guard __cleanup(pst_guard_free)
/* One more; -ENOMEM. */
int pst_guard_add(struct pst_guard *guard, const char *interface, const char *what);
/* The interfaces in what "ip -json route show default" says. */
int pst_guard_parse_routes(const char *json, struct pst_strv *ret, struct pst_reason *reason);

/*
 * The first step of a plan that could cut the connection, and why in words; plan->n when there is none. Without memory
 * ret_why is NULL.
 */
size_t pst_guard_find(const struct pst_guard *guard, const struct pst_state *state,
		      const struct pst_plan *plan, char **ret_why);

/* How it was: what is needed to take a change of the network back. */
struct pst_undo {
	struct pst_file_state *files; /* a text of NULL: there was none */
	size_t n_files;
	struct pst_interface_state *interfaces; /* their names and MTU */
	size_t n_interfaces;
	char *config_path;
	char *config; /* what was applied */
	char *config_before; /* NULL when it is not known */
};

int pst_undo_parse(const char *json, struct pst_undo *ret, struct pst_reason *reason);
char *pst_undo_text(const struct pst_undo *undo);
void pst_undo_free(struct pst_undo *undo);
#define __cleanup_undo __cleanup(pst_undo_free)

/*
 * Adds to @undo how things are that the plan would change. What is in it already stays: it was so before an earlier
 * change that nobody confirmed yet.
 */
int pst_undo_collect(struct pst_undo *undo, const struct pst_state *state,
		     const struct pst_plan *plan);
/*
 * Puts before step @at the steps that write @undo down and arm the way back, by the program at @program. @armed: there
 * is one already, which is stopped first. It is armed before anything is written down: where it cannot be, nothing has
 * happened that would have to be taken back, and without what is written down it does nothing.
 */
void pst_guard_insert(struct pst_plan *plan, size_t at, const struct pst_undo *undo, bool armed,
		      const char *program);
/* The steps back; @config is what the configuration's file says now, and NULL when there is none. */
void pst_undo_plan(const struct pst_undo *undo, const struct pst_state *state, const char *config,
		   struct pst_plan *plan);

#endif
