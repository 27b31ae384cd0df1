// SPDX-License-Identifier: MIT
/* What apply, plan and status begin with: the configuration, what is, and the plan between them. */
#include <errno.h>

#include "cli/cli.h"

void pst_view_free(struct pst_view *view)
{
	pst_plan_free(&view->plan);
	pst_state_free(&view->state);
	pst_conf_doc_free(&view->doc);
}

char *pst_problem_line(const struct pst_conf_doc *doc, const struct pst_problem *problem)
{
	size_t line = problem->line;
	struct pst_buf text = { 0 };

	if (!line && doc->tree)
		line = pst_yaml_line(doc->tree, problem->key);
	if (doc->file && line)
		pst_buf_printf(&text, "%s:%zu: ", doc->file, line);
	if (*problem->key)
		pst_buf_printf(&text, "%s: ", problem->key);
	pst_buf_add(&text, problem->text);
	return pst_buf_take(&text);
}

int pst_say_failed(const struct pst_reason *reason, int error)
{
	fflush(stdout);
	fprintf(stderr, "penstock: %s\n", pst_reason_text(reason, error));
	return PST_EXIT_FAILED;
}

static void say_problem(const struct pst_conf_doc *doc, const struct pst_problem *problem)
{
	char __cleanup_free *line = pst_problem_line(doc, problem);

	fprintf(stderr, "%s\n", line ?: problem->text);
}

static int say_refused(const char *file, int error, const struct pst_problems *problems,
		       const struct pst_reason *reason)
{
	if (!error)
		return PST_EXIT_OK;
	if (error != -EINVAL) {
		pst_say_failed(reason, error);
		return PST_EXIT_REFUSED;
	}
	/* The document itself is gone; its problems carry their lines. */
	for (size_t i = 0; i < problems->n; i++)
		say_problem(&(struct pst_conf_doc){ .file = (char *)file }, &problems->v[i]);
	return PST_EXIT_REFUSED;
}

int pst_view_load(const struct pst_cli *cli, struct pst_view *view)
{
	struct pst_problems __cleanup_problems problems = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };
	int error = pst_conf_load(cli->config, &view->doc, &problems, &reason);

	return say_refused(cli->config, error, &problems, &reason);
}

int pst_view_parse(const char *file, const char *text, struct pst_view *view)
{
	struct pst_problems __cleanup_problems problems = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };
	int error = pst_conf_parse(file, text, strlen(text), &view->doc, &problems, &reason);

	return say_refused(file, error, &problems, &reason);
}

int pst_view_look(struct pst_view *view)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	int error;

	pst_plan_free(&view->plan);
	pst_state_free(&view->state);
	error = pst_node_observe(&pst_this_host, view->doc.conf, &view->state, &reason);
	if (!error && view->doc.conf)
		error = pst_node_plan(view->doc.conf, &view->state, &view->plan);
	return error ? pst_say_failed(&reason, error) : PST_EXIT_OK;
}

void pst_view_say_problems(const struct pst_view *view)
{
	fflush(stdout);
	for (size_t i = 0; i < view->plan.problems.n; i++)
		say_problem(&view->doc, &view->plan.problems.v[i]);
}

int pst_view_refusal(const struct pst_view *view)
{
	const struct pst_problems *problems = &view->plan.problems;
	bool config = pst_problems_have(problems, PST_PROBLEM_CONFIG);

	if (!config && !pst_problems_have(problems, PST_PROBLEM_REFUSED))
		return PST_EXIT_OK;
	pst_view_say_problems(view);
	return config ? PST_EXIT_REFUSED : PST_EXIT_FAILED;
}
