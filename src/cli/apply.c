// SPDX-License-Identifier: MIT
/* penstock apply */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <time.h>

#include "cli/cli.h"

#define LOCK_FILE "/run/penstock.lock"

/* Two at a time would each work on what the other is changing. The lock goes with the process. */
static int take_lock(int *ret_fd, struct pst_reason *reason)
{
	int fd = open(LOCK_FILE, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0)
		return pst_fail_errno(reason, -errno, "cannot open %s", LOCK_FILE);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
		*ret_fd = fd;
		return 0;
	}
	fputs("penstock: waiting for another penstock apply to end\n", stderr);
	while (flock(fd, LOCK_EX) < 0) {
		if (errno == EINTR)
			continue;
		pst_fail_errno(reason, -errno, "cannot lock %s", LOCK_FILE);
		close(fd);
		return -EIO;
	}
	*ret_fd = fd;
	return 0;
}

static bool is_something_absent(const struct pst_view *view)
{
	for (size_t i = 0; i < view->state.n_disks; i++)
		if (view->state.disks[i].error == -ENOENT)
			return true;
	return pst_network_is_absent(view->doc.conf, &view->state);
}

/*
 * At boot a disk or a card may not have answered yet, or not be known to udev: that is waited for. It
 * is udev's own queue that is waited for first, so that a name that is only wrong is said at once.
 */
static int look_with_patience(struct pst_view *view, unsigned int wait_seconds)
{
	static const struct timespec pause = { .tv_nsec = 200 * 1000000L };
	time_t deadline = time(NULL) + wait_seconds;
	int status = pst_view_look(view);

	if (status || !is_something_absent(view))
		return status;
	do {
		struct pst_reason __cleanup_reason reason = { 0 };
		char __cleanup_free *said = NULL;

		/* That it is still busy after so long is no reason not to look. */
		pst_host_ask(&pst_this_host, &said, &reason, "udevadm", "settle", "--timeout=10");
		status = pst_view_look(view);
		if (status || !is_something_absent(view))
			return status;
		nanosleep(&pause, NULL);
	} while (time(NULL) < deadline);
	return PST_EXIT_OK;
}

/*
 * Carries out the steps up to the first that wants a new look. Returns whether there was one, or an
 * exit status other than 0 as -status.
 */
static int execute(const struct pst_plan *plan)
{
	for (size_t i = 0; i < plan->n; i++) {
		const struct pst_step *step = &plan->v[i];
		struct pst_reason __cleanup_reason reason = { 0 };
		char __cleanup_free *what = pst_step_describe(step);
		int error;

		printf("%zu/%zu %s\n", i + 1, plan->n, what ?: "");
		fflush(stdout);
		error = pst_step_execute(&pst_this_host, step, &reason);
		if (error) {
			fprintf(stderr, "penstock: step %zu of %zu failed: %s\npenstock: %s\n",
				i + 1, plan->n, what ?: "", pst_reason_text(&reason, error));
			return -PST_EXIT_FAILED;
		}
		if (step->kind == PST_STEP_LOOK_AGAIN)
			return 1;
	}
	return 0;
}

/* After everything was done, what is must be what is declared. */
static int verify(const struct pst_view *view, size_t n_done)
{
	const struct pst_problems *problems = &view->plan.problems;
	bool differs = view->plan.n || pst_problems_have(problems, PST_PROBLEM_CONFIG) ||
		       pst_problems_have(problems, PST_PROBLEM_REFUSED) ||
		       pst_problems_have(problems, PST_PROBLEM_DIFFERENCE);

	pst_view_say_problems(view);
	for (size_t i = 0; i < view->plan.n; i++)
		if (view->plan.v[i].why)
			fprintf(stderr, "penstock: all steps were done, and still %s\n",
				view->plan.v[i].why);
	if (!n_done && !differs)
		puts("nothing to do");
	return differs ? PST_EXIT_FAILED : PST_EXIT_OK;
}

static int apply(struct pst_view *view, unsigned int wait_seconds)
{
	int status = look_with_patience(view, wait_seconds);
	size_t n_done = 0;
	/* A new look is wanted after each pool that is imported, and never else. */
	size_t rounds = view->doc.conf->pools_count + 1;
	int again = 1;

	while (!status && again && rounds--) {
		status = pst_view_refusal(view);
		if (status)
			return n_done ? PST_EXIT_FAILED : status;
		if (!view->plan.n)
			break;
		again = execute(&view->plan);
		if (again < 0)
			return -again;
		n_done += view->plan.n;
		status = pst_view_look(view);
	}
	return status ? status : verify(view, n_done);
}

int pst_verb_apply(const struct pst_cli *cli)
{
	struct pst_view __cleanup_view view = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };
	int __cleanup_close lock = -1;
	int status = pst_view_load(cli, &view);
	int error;

	if (status)
		return status;
	if (geteuid() != 0) {
		fputs("penstock: apply must be run as root\n", stderr);
		return PST_EXIT_FAILED;
	}
	error = take_lock(&lock, &reason);
	return error ? pst_say_failed(&reason, error) : apply(&view, cli->wait_seconds);
}
