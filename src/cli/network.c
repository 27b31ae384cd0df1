// SPDX-License-Identifier: MIT
/* Changes of the network that could cut off who makes them. */
#include <errno.h>
#include <limits.h>

#include "base/file.h"
#include "cli/change.h"
#include "node/guard.h"

static int read_undo(struct pst_undo *ret, struct pst_reason *reason)
{
	char __cleanup_free *text = NULL;
	int error = pst_host_read(&pst_this_host, PST_UNDO_FILE, &text, reason);

	return error ? error : pst_undo_parse(text, ret, reason);
}

/* What was applied before this change: its record knows, and before it has one the newest record does. */
static int find_before(unsigned int record, char **ret, struct pst_reason *reason)
{
	unsigned int newest;
	int error;

	if (!record)
		return pst_history_last_config(&pst_this_host, ret, &newest, reason);
	error = pst_history_text(&pst_this_host, record, PST_HISTORY_BEFORE, ret, reason);
	return error == -ENOENT ? 0 : error;
}

/* @undo may hold an earlier change that nobody confirmed: then the way back leads to before that one. */
static int describe(struct pst_undo *undo, bool armed, unsigned int record,
		    const struct pst_view *view, struct pst_reason *reason)
{
	int error = armed ? 0 : find_before(record, &undo->config_before, reason);

	if (error)
		return error;
	free(undo->config);
	free(undo->config_path);
	undo->config = strdup(view->doc.text);
	undo->config_path = realpath(view->doc.file, NULL);
	if (!undo->config)
		return -ENOMEM;
	return pst_undo_collect(undo, &view->state, &view->plan);
}

static bool is_timer_active(void)
{
	struct pst_run_result __cleanup_run_result result = { 0 };
	char *const is_active[] = { (char *)"systemctl", (char *)"is-active", (char *)"--quiet",
				    (char *)PST_GUARD_UNIT ".timer", NULL };

	return !pst_run(is_active, PST_OBSERVE_TIMEOUT_MS, &result, NULL) && !result.status;
}

static int insert(size_t at, unsigned int record, struct pst_view *view, struct pst_reason *reason)
{
	struct pst_undo __cleanup_undo undo = { 0 };
	char program[PATH_MAX] = "";
	ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);
	int error = read_undo(&undo, reason);
	bool armed = !error;

	if (len <= 0)
		return pst_fail_errno(reason, -errno, "cannot tell which program this is");
	if (error && error != -ENOENT)
		return error;
	error = describe(&undo, armed, record, view, reason);
	if (error)
		return error;
	pst_guard_insert(&view->plan, at, &undo, is_timer_active(), program);
	return pst_plan_sound(&view->plan);
}

int pst_network_guard(const struct pst_cli *cli, const struct pst_session *session,
		      unsigned int record, struct pst_view *view, bool *ret_guarded)
{
	struct pst_guard __cleanup_guard guard = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };
	char __cleanup_free *why = NULL;
	size_t at;
	int error;

	if (cli->given & PST_OPTION_CONFIRM || !pst_guard_concerns(&view->plan))
		return PST_EXIT_OK;
	error = pst_guard_observe(&pst_this_host, &view->state, session, &guard, &reason);
	if (error)
		return pst_say_failed(&reason, error);
	at = pst_guard_find(&guard, &view->state, &view->plan, &why);
	if (at == view->plan.n)
		return PST_EXIT_OK;
	error = insert(at, record, view, &reason);
	if (error)
		return pst_say_failed(&reason, error);
	fflush(stdout);
	fprintf(stderr,
		"penstock: %s: this change is taken back after " PST_GUARD_SECONDS
		" s unless it is confirmed\n",
		why);
	*ret_guarded = true;
	return PST_EXIT_OK;
}

void pst_network_remind(void)
{
	struct pst_run_result __cleanup_run_result result = { 0 };
	char *const restart[] = { (char *)"systemctl", (char *)"restart",
				  (char *)PST_GUARD_UNIT ".timer", NULL };

	fflush(stdout);
	if (!pst_host_exists(&pst_this_host, PST_UNDO_FILE)) {
		fputs("penstock: the change of the network was confirmed, or taken back, "
		      "meanwhile\n",
		      stderr);
		return;
	}
	/* The time that all other steps took is not counted. Where this fails, the first minute counts. */
	pst_run(restart, PST_OBSERVE_TIMEOUT_MS, &result, NULL);
	fputs("penstock: the network was changed: say \"penstock confirm\" "
	      "within " PST_GUARD_SECONDS " s, or it is taken back\n",
	      stderr);
}

void pst_network_disarm(void)
{
	struct pst_run_result __cleanup_run_result result = { 0 };
	char *const stop[] = { (char *)"systemctl", (char *)"stop", (char *)PST_GUARD_UNIT ".timer",
			       NULL };

	/* Without the undo file it does nothing; that it has run out already is no error. */
	pst_run(stop, PST_OBSERVE_TIMEOUT_MS, &result, NULL);
}

/* Where the configuration of before is not known, the present one makes the same change once more. */
static void say_config(const struct pst_undo *undo, const char *config)
{
	if (undo->config_path && pst_streq(config, undo->config) && !undo->config_before)
		fprintf(stderr,
			"penstock: %s still asks for the change that was taken back: mend it "
			"before the next apply\n",
			undo->config_path);
}

static int take_back(struct pst_change *change, const struct pst_undo *undo)
{
	struct pst_view __cleanup_view view = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };
	char __cleanup_free *config = NULL;
	const char *path = undo->config_path ?: change->cli->config;
	int error = pst_file_read(path, &config, NULL, &reason);

	if (error && error != -ENOENT)
		return pst_say_failed(&reason, error);
	error = pst_files_observe(&pst_this_host, &view.state, &reason);
	if (!error)
		error = pst_network_observe(&pst_this_host, &view.state, &reason);
	if (error)
		return pst_say_failed(&reason, error);
	pst_undo_plan(undo, &view.state, config, &view.plan);
	/* The record is of what holds afterwards. */
	view.doc.file = strdup(path);
	view.doc.text = strdup(undo->config_before ?: config ?: "");
	if (pst_plan_sound(&view.plan) || !view.doc.file || !view.doc.text)
		return pst_say_failed(&reason, -ENOMEM);
	say_config(undo, config);
	change->goes_on = true;
	return -pst_change_execute(change, &view, &view.plan);
}

int pst_network_revert(const struct pst_cli *cli)
{
	struct pst_change __cleanup_change change = { .record.journal = -1, .lock = -1 };
	struct pst_undo __cleanup_undo undo = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };
	/* Not the lock of an apply: the one that has cut itself off may still hold it. */
	int status = pst_change_begin(&change, cli, "revert --network", PST_NETWORK_LOCK);
	int error = status ? 0 : read_undo(&undo, &reason);

	if (status)
		return status;
	if (error == -ENOENT) {
		puts("there is no change of the network to take back");
		return PST_EXIT_OK;
	}
	if (error)
		return pst_say_failed(&reason, error);
	status = pst_change_end(&change, take_back(&change, &undo));
	/* What would do it once more, where it was done by hand: its name is wanted for the next change. */
	if (!status)
		pst_network_disarm();
	return status;
}

int pst_network_settle(const struct pst_cli *cli)
{
	if (!pst_host_exists(&pst_this_host, PST_UNDO_FILE) || is_timer_active())
		return PST_EXIT_OK;
	fputs("penstock: nobody confirmed an earlier change of the network, and it was not taken "
	      "back: this is done first\n",
	      stderr);
	return pst_network_revert(cli);
}
