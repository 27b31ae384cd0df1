/* SPDX-License-Identifier: MIT */
/*
 * A plan: the steps that lead from what is to what is declared, as data. What `penstock plan`
 * prints is what `penstock apply` executes, and what `penstock status` finds wrong is why there
 * would be a step.
 */
#ifndef PST_NODE_PLAN_H
#define PST_NODE_PLAN_H

#include <sys/types.h>

#include "base/problem.h"
#include "node/state.h"

enum pst_step_kind {
	PST_STEP_WRITE, /* make the file @path hold @text, with @mode */
	PST_STEP_REMOVE, /* remove the file @path */
	PST_STEP_RUN, /* run @argv */
	PST_STEP_HOST_NAME, /* make @text the kernel's host name */
	PST_STEP_SET, /* write @text into @path, a file of the kernel's */
	PST_STEP_OWN, /* give the directory @path an owner, a group and a mode */
	PST_STEP_WAIT_FILE, /* until the file @path holds @text */
	PST_STEP_WAIT_ADDRESS, /* until the interface @path has the address @text */
	PST_STEP_LOOK_AGAIN, /* observe, and plan the rest anew: @text is known only now */
};

struct pst_step {
	enum pst_step_kind kind;
	char *key; /* the part of the configuration that asks for it */
	char *why; /* what is not as declared; NULL when the step only serves another one */
	char *path;
	char *text;
	mode_t mode; /* for PST_STEP_OWN, (mode_t)-1 when it stays */
	int64_t owner; /* -1 when it stays; so is group */
	int64_t group;
	struct pst_strv argv;
	int timeout_ms;
};

struct pst_plan {
	struct pst_step *v;
	size_t n;
	struct pst_problems problems;
	bool oom;
};

/* Each adds one step. @why may be NULL. */
void pst_plan_write(struct pst_plan *plan, const char *key, const char *path, const char *text,
		    const char *why);
/* Gives the file that the last step writes another mode than 0644; PST_MODE_KEPT: the one that it has. */
#define PST_MODE_KEPT ((mode_t) - 1)
void pst_plan_mode(struct pst_plan *plan, mode_t mode);
void pst_plan_remove(struct pst_plan *plan, const char *key, const char *path, const char *why);
void pst_plan_run_list(struct pst_plan *plan, const char *key, const char *why,
		       const char *const argv[]);
#define pst_plan_run(plan, key, why, ...) \
	pst_plan_run_list(plan, key, why, (const char *const[]){ __VA_ARGS__, NULL })
/* For commands whose arguments are counted only at run time: takes over @argv. */
void pst_plan_run_strv(struct pst_plan *plan, const char *key, const char *why,
		       struct pst_strv *argv);
void pst_plan_host_name(struct pst_plan *plan, const char *key, const char *name, const char *why);
void pst_plan_set(struct pst_plan *plan, const char *key, const char *path, const char *text,
		  const char *why);
void pst_plan_own(struct pst_plan *plan, const char *key, const char *path, int64_t owner,
		  int64_t group, mode_t mode, const char *why);
void pst_plan_wait_file(struct pst_plan *plan, const char *key, const char *path, const char *text,
			const char *why);
void pst_plan_wait_address(struct pst_plan *plan, const char *key, const char *interface,
			   const char *address);
void pst_plan_look_again(struct pst_plan *plan, const char *key, const char *text);

/* Moves all steps and problems of another plan to the end of this one. */
void pst_plan_append(struct pst_plan *plan, struct pst_plan *other);

/* A problem of this plan; the four kinds are in base/problem.h. */
void pst_plan_problem(struct pst_plan *plan, enum pst_problem_kind kind, struct pst_key key,
		      const char *format, ...) __format(4, 5);

/*
 * Plans a file of ours, which begins with pst_file_header. @want is NULL when there shall be none.
 * A file that stands there and is not ours is neither changed nor removed, but refused. Returns
 * whether what follows on a change of it has to follow: there is a step, or an earlier apply broke off behind its own.
 */
bool pst_plan_file(struct pst_plan *plan, const struct pst_state *state, const char *key,
		   const char *path, const char *want);
extern const char pst_file_header[];
bool pst_file_is_ours(const char *text);

/* Whether any step or problem is about @key or a part of it. */
bool pst_plan_concerns(const struct pst_plan *plan, const char *key);
/* 0, or -ENOMEM when memory ran out in any of the above. */
int pst_plan_sound(const struct pst_plan *plan);
/* What a step does, in one line; NULL without memory. */
char *pst_step_describe(const struct pst_step *step);

void pst_plan_free(struct pst_plan *plan);
#define __cleanup_plan __cleanup(pst_plan_free)

#endif
