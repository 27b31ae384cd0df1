// SPDX-License-Identifier: MIT
/* penstock plan */
#include <json-c/json.h>

#include "cli/change.h"
#include "cli/table.h"

static void print_text(const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		printf("      | %.*s\n", (int)len, text);
		text += len + (text[len] == '\n');
	}
}

void pst_plan_print(const struct pst_plan *plan, bool verbose)
{
	for (size_t i = 0; i < plan->n; i++) {
		const struct pst_step *step = &plan->v[i];
		char __cleanup_free *what = pst_step_describe(step);

		printf("%3zu. %s\n", i + 1, what ?: "");
		if (step->why)
			printf("      because %s\n", step->why);
		if (verbose && step->kind == PST_STEP_WRITE)
			print_text(step->text);
	}
	if (!plan->n)
		puts("nothing to do");
}

static struct json_object *step_json(const struct pst_step *step)
{
	struct json_object *object = json_object_new_object();
	char __cleanup_free *what = pst_step_describe(step);

	json_object_object_add(object, "key", json_object_new_string(step->key));
	json_object_object_add(object, "what", json_object_new_string(what ?: ""));
	json_object_object_add(object, "why", step->why ? json_object_new_string(step->why) : NULL);
	if (step->kind == PST_STEP_WRITE)
		json_object_object_add(object, "text", json_object_new_string(step->text));
	return object;
}

static void print_json(const struct pst_view *view)
{
	struct json_object *object = json_object_new_object();
	struct json_object *steps = json_object_new_array();
	struct json_object *problems = json_object_new_array();

	for (size_t i = 0; i < view->plan.n; i++)
		json_object_array_add(steps, step_json(&view->plan.v[i]));
	for (size_t i = 0; i < view->plan.problems.n; i++) {
		char __cleanup_free *line = pst_problem_line(&view->doc, &view->plan.problems.v[i]);

		json_object_array_add(problems, json_object_new_string(line ?: ""));
	}
	json_object_object_add(object, "steps", steps);
	json_object_object_add(object, "problems", problems);
	pst_json_print(object);
}

int pst_verb_plan(const struct pst_cli *cli)
{
	struct pst_view __cleanup_view view = { 0 };
	struct pst_session __cleanup_session session = { 0 };
	bool guarded = false;
	int status = pst_view_load(cli, &view);

	if (!status)
		status = pst_view_look(&view);
	/* Without a session found there is only less to guard. */
	pst_session_find(&pst_this_host, getpid(), &session);
	if (!status)
		status = pst_network_guard(cli, &session, 0, &view, &guarded);
	if (status)
		return status;
	if (cli->given & PST_OPTION_JSON)
		print_json(&view);
	/* Of a plan that is refused nothing would be done. */
	status = pst_view_refusal(&view);
	if (status || cli->given & PST_OPTION_JSON)
		return status;
	pst_plan_print(&view.plan, cli->given & PST_OPTION_VERBOSE);
	pst_view_say_problems(&view);
	return PST_EXIT_OK;
}
