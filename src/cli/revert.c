// SPDX-License-Identifier: MIT
/* penstock revert */
#include <errno.h>
#include <limits.h>

#include "base/file.h"
#include "cli/change.h"

/* The number that was given, or of the last apply that changed the configuration. */
static int choose(const struct pst_cli *cli, unsigned int *ret)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	unsigned long long number;
	int error;

	if (cli->operands[0]) {
		if (pst_parse_u64(cli->operands[0], INT_MAX, &number)) {
			fprintf(stderr, "penstock: \"%s\" is not the number of an apply\n",
				cli->operands[0]);
			return PST_EXIT_REFUSED;
		}
		*ret = (unsigned int)number;
		return PST_EXIT_OK;
	}
	error = pst_history_last_change(&pst_this_host, ret, &reason);
	if (error == -ENOENT) {
		fputs("penstock: no apply in the history changed the configuration; see penstock "
		      "history\n",
		      stderr);
		return PST_EXIT_FAILED;
	}
	return error ? pst_say_failed(&reason, error) : PST_EXIT_OK;
}

/* The configuration of before that apply, as if it stood in the file. */
static int load_before(const struct pst_cli *cli, unsigned int number, struct pst_view *view)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	struct json_object *record = NULL;
	char __cleanup_free *text = NULL;
	int error = pst_history_read(&pst_this_host, number, &record, &reason);

	json_object_put(record);
	if (!error)
		error = pst_history_text(&pst_this_host, number, PST_HISTORY_BEFORE, &text,
					 &reason);
	if (error == -ENOENT && !reason.text)
		pst_fail(&reason, error,
			 "apply %u is the first that is recorded: what was before is not known",
			 number);
	if (error)
		return pst_say_failed(&reason, error);
	printf("back to the configuration of before apply %u\n", number);
	return pst_view_parse(cli->config, text, view);
}

/* The file itself, as a step like any other: so the history keeps what is in it now. */
static int plan_config(const struct pst_cli *cli, const struct pst_view *view,
		       struct pst_plan *plan)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	/* Where it is a link, what that leads to. */
	char __cleanup_free *path = realpath(cli->config, NULL);
	char __cleanup_free *now = NULL;
	int error = pst_file_read(cli->config, &now, NULL, &reason);

	if (error && error != -ENOENT)
		return pst_say_failed(&reason, error);
	if (pst_streq(now, view->doc.text))
		return PST_EXIT_OK;
	pst_plan_write(plan, "", path ?: cli->config, view->doc.text,
		       "it is another configuration");
	pst_plan_mode(plan, PST_MODE_KEPT);
	return plan->oom ? pst_say_failed(&reason, -ENOMEM) : PST_EXIT_OK;
}

static char *steps_of(const struct pst_plan *plan)
{
	struct pst_buf text = { 0 };

	for (size_t i = 0; i < plan->n; i++) {
		char __cleanup_free *what = pst_step_describe(&plan->v[i]);

		pst_buf_printf(&text, "%s\n", what ?: "");
		text.oom = text.oom || !what;
	}
	return pst_buf_take(&text);
}

/* A person may take hours to answer, and do other things meanwhile: only what was shown is carried out. */
static int look_again(struct pst_view *view)
{
	char __cleanup_free *shown = steps_of(&view->plan);
	char __cleanup_free *now = NULL;
	int status = pst_view_look(view);

	if (status)
		return status;
	now = steps_of(&view->plan);
	if (shown && now && pst_streq(shown, now))
		return PST_EXIT_OK;
	fputs("penstock: the node is not as it was when this was shown: nothing was changed; say "
	      "it once more\n",
	      stderr);
	return PST_EXIT_FAILED;
}

static int revert(const struct pst_cli *cli, struct pst_change *change, struct pst_view *view)
{
	struct pst_plan __cleanup_plan plan = { 0 };
	int status = pst_view_look(view);

	if (!status)
		status = pst_view_refusal(view);
	if (!status)
		status = plan_config(cli, view, &plan);
	if (status)
		return status;
	if (plan.n)
		pst_plan_print(&plan, false);
	if (view->plan.n || !plan.n)
		pst_plan_print(&view->plan, cli->given & PST_OPTION_VERBOSE);
	if (!plan.n && !view->plan.n)
		return PST_EXIT_OK;
	if (!pst_is_wanted(cli))
		return PST_EXIT_FAILED;
	status = cli->given & PST_OPTION_YES ? PST_EXIT_OK : look_again(view);
	if (status)
		return status;
	if (pst_change_execute(change, view, &plan) < 0)
		return PST_EXIT_FAILED;
	return pst_change_apply(change, view);
}

int pst_verb_revert(const struct pst_cli *cli)
{
	struct pst_view __cleanup_view view = { 0 };
	struct pst_change __cleanup_change change = { .record.journal = -1, .lock = -1 };
	unsigned int number = 0;
	int status;

	if (cli->given & PST_OPTION_NETWORK) {
		if (!cli->operands[0])
			return pst_network_revert(cli);
		fputs("penstock: revert takes a number or --network, not both; see penstock help\n",
		      stderr);
		return PST_EXIT_REFUSED;
	}
	status = pst_change_begin(&change, cli, "revert", PST_APPLY_LOCK);
	if (!status)
		status = pst_network_settle(cli);
	if (!status)
		status = choose(cli, &number);
	if (!status)
		status = load_before(cli, number, &view);
	if (!status)
		status = revert(cli, &change, &view);
	return pst_change_end(&change, status);
}
