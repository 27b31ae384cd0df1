// SPDX-License-Identifier: MIT
/* Changing this node: one at a time, and on the record. */
#include "cli/change.h"

#include <errno.h>
#include <pwd.h>

static char *copy(const char *text)
{
	return text && *text ? strdup(text) : NULL;
}

/* What cannot be found out stays unknown: it is no reason to do nothing. */
static void find_who(struct pst_change *change)
{
	struct pst_who *who = &change->who;
	const struct passwd *account = getpwuid(getuid());
	char tty[64];

	pst_session_find(&pst_this_host, getpid(), &change->session);
	who->uid = getuid();
	who->user = copy(getenv("SUDO_USER") ?: (account ? account->pw_name : NULL));
	for (int fd = 0; fd <= 2 && !who->tty; fd++)
		if (ttyname_r(fd, tty, sizeof(tty)) == 0)
			who->tty = copy(tty);
	who->client = copy(change->session.client);
	if (!who->tty && !who->client && getenv("INVOCATION_ID"))
		who->unit = copy("systemd");
}

/* The one before may have been killed, or the machine with it: the plan begins with what is, and so goes on. */
static void say_unfinished(void)
{
	unsigned int __cleanup_free *numbers = NULL;
	struct json_object *record = NULL;
	struct json_object *result;
	size_t n = 0;

	if (pst_history_list(&pst_this_host, &numbers, &n, NULL) || !n ||
	    pst_history_read(&pst_this_host, numbers[n - 1], &record, NULL))
		return;
	if (json_object_object_get_ex(record, "result", &result) &&
	    pst_streq(json_object_get_string(result), "unfinished"))
		fprintf(stderr, "penstock: apply %u broke off; going on from what is\n",
			numbers[n - 1]);
	json_object_put(record);
}

int pst_change_begin(struct pst_change *change, const struct pst_cli *cli, const char *verb,
		     const char *path)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	int error;

	*change = (struct pst_change){ .cli = cli, .verb = verb, .record.journal = -1, .lock = -1 };
	if (geteuid() != 0) {
		fprintf(stderr, "penstock: %s must be run as root\n", verb);
		return PST_EXIT_FAILED;
	}
	error = pst_lock_take(path, &change->lock, &reason);
	if (error)
		return pst_say_failed(&reason, error);
	find_who(change);
	return PST_EXIT_OK;
}

void pst_change_free(struct pst_change *change)
{
	pst_record_close(&change->record);
	pst_close_fd(&change->lock);
	pst_session_free(&change->session);
	free(change->who.user);
	free(change->who.tty);
	free(change->who.client);
	free(change->who.unit);
}

static int begin_record(struct pst_change *change, const struct pst_view *view,
			struct pst_reason *reason)
{
	const struct pst_record_about about = {
		.verb = change->verb,
		.who = &change->who,
		.config_path = view->doc.file,
		.config = view->doc.text,
	};

	if (change->record.number)
		return 0;
	say_unfinished();
	return pst_record_begin(&pst_this_host, &about, &change->record, reason);
}

static int record_step(struct pst_change *change, const struct pst_view *view,
		       const struct pst_step *step, struct pst_reason *reason)
{
	int error = begin_record(change, view, reason);

	return error ? error : pst_record_step(&pst_this_host, &change->record, step, reason);
}

/*
 * One step, and its traces: what is about to happen is on the disk before it happens. What must go on does so without:
 * a disk that is full, say, must not keep the network from coming back.
 */
static int execute_step(struct pst_change *change, const struct pst_view *view,
			const struct pst_step *step, struct pst_reason *reason)
{
	struct pst_reason __cleanup_reason second = { 0 };
	int unrecorded = record_step(change, view, step, &second);
	int error;

	if (unrecorded && !change->goes_on)
		return pst_fail(reason, unrecorded, "%s", pst_reason_text(&second, unrecorded));
	if (unrecorded)
		fprintf(stderr, "penstock: not recorded: %s\n",
			pst_reason_text(&second, unrecorded));
	error = pst_step_execute(&pst_this_host, step, reason);
	if (!unrecorded)
		unrecorded = pst_record_result(
			&change->record, error ? pst_reason_text(reason, error) : NULL, &second);
	if (!error && unrecorded && !change->goes_on)
		error = pst_fail(reason, unrecorded, "%s", pst_reason_text(&second, unrecorded));
	return error;
}

static void say_step(const struct pst_plan *plan, size_t n, const char *what)
{
	const struct pst_step *step = &plan->v[n];

	printf("%zu/%zu %s\n", n + 1, plan->n, what);
	/* What goes should not go without a word, nor an account. */
	if (step->why && (step->kind == PST_STEP_REMOVE || pst_streq(step->key, "users")))
		printf("      because %s\n", step->why);
	fflush(stdout);
}

int pst_change_execute(struct pst_change *change, const struct pst_view *view,
		       const struct pst_plan *plan)
{
	bool failed = false;

	for (size_t i = 0; i < plan->n; i++) {
		const struct pst_step *step = &plan->v[i];
		struct pst_reason __cleanup_reason reason = { 0 };
		char __cleanup_free *what = NULL;
		int error;

		/* The last step of what goes on says that all of it is done. */
		if (failed && i + 1 == plan->n)
			break;
		what = pst_step_describe(step);
		say_step(plan, i, what ?: "");
		error = execute_step(change, view, step, &reason);
		if (error) {
			fprintf(stderr, "penstock: step %zu of %zu failed: %s\npenstock: %s\n",
				i + 1, plan->n, what ?: "", pst_reason_text(&reason, error));
			failed = true;
			if (!change->goes_on)
				break;
		}
		change->n_done++;
		if (step->kind == PST_STEP_LOOK_AGAIN)
			return 1;
	}
	return failed ? -PST_EXIT_FAILED : 0;
}

static void say_left(const struct pst_plan *plan)
{
	bool said = false;

	for (size_t i = 0; i < plan->n; i++) {
		if (plan->v[i].why)
			fprintf(stderr, "penstock: all steps were done, and still %s\n",
				plan->v[i].why);
		said = said || plan->v[i].why;
	}
	if (plan->n && !said) {
		char __cleanup_free *what = pst_step_describe(&plan->v[0]);

		fprintf(stderr, "penstock: all steps were done, and still to do is: %s\n",
			what ?: "");
	}
}

/* After everything was done, what is must be what is declared. */
static int verify(const struct pst_view *view, size_t n_done)
{
	const struct pst_problems *problems = &view->plan.problems;
	bool differs = view->plan.n || pst_problems_have(problems, PST_PROBLEM_CONFIG) ||
		       pst_problems_have(problems, PST_PROBLEM_REFUSED) ||
		       pst_problems_have(problems, PST_PROBLEM_DIFFERENCE);

	pst_view_say_problems(view);
	say_left(&view->plan);
	if (!n_done && !differs)
		puts("nothing to do");
	return differs ? PST_EXIT_FAILED : PST_EXIT_OK;
}

/* Another configuration can ask for nothing new; it was applied all the same, and revert may want to know it. */
static int record_config(struct pst_change *change, const struct pst_view *view)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	char __cleanup_free *last = NULL;
	unsigned int newest;
	int error;

	if (change->record.number)
		return PST_EXIT_OK;
	error = pst_history_last_config(&pst_this_host, &last, &newest, &reason);
	if (!error && !pst_streq(last, view->doc.text))
		error = begin_record(change, view, &reason);
	return error ? pst_say_failed(&reason, error) : PST_EXIT_OK;
}

int pst_change_apply(struct pst_change *change, struct pst_view *view)
{
	/* A new look is wanted after each pool that is imported, and never else. */
	size_t rounds = view->doc.conf->pools_count + 1;
	int status = PST_EXIT_OK;
	int again = 1;

	while (!status && again && rounds--) {
		status = pst_view_refusal(view);
		if (status)
			return change->n_done ? PST_EXIT_FAILED : status;
		if (!view->plan.n)
			break;
		status = pst_network_guard(change->cli, &change->session, change->record.number,
					   view, &change->guarded);
		if (status)
			return status;
		again = pst_change_execute(change, view, &view->plan);
		if (again < 0)
			return -again;
		status = pst_view_look(view);
	}
	if (!status)
		status = verify(view, change->n_done);
	return status ? status : record_config(change, view);
}

int pst_change_end(struct pst_change *change, int status)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	int error;

	if (!change->record.number)
		return status;
	if (change->guarded)
		pst_network_remind();
	error = pst_record_end(&change->record,
			       status ? "something failed, or is not as declared" : NULL, &reason);
	return error ? pst_say_failed(&reason, error) : status;
}
