// SPDX-License-Identifier: MIT
/* penstock status */
#include <json-c/json.h>

#include "cli/terminal.h"
#include "cli/update.h"
#include "install/mirror.h"

static void add_mirror(struct pst_strv *problems)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	char __cleanup_free *wrong = NULL;
	int error = pst_mirror_look(&pst_this_host, &wrong, &reason);

	if (error)
		pst_strv_addf(problems, "the boot mirror: %s", pst_reason_text(&reason, error));
	else if (wrong)
		pst_strv_add(problems, wrong);
}

void pst_view_collect(const struct pst_view *view, struct pst_strv *problems)
{
	for (size_t i = 0; i < view->plan.problems.n; i++) {
		char __cleanup_free *line = pst_problem_line(&view->doc, &view->plan.problems.v[i]);

		pst_strv_add(problems, line ?: view->plan.problems.v[i].text);
	}
	for (size_t i = 0; i < view->plan.n; i++)
		if (view->plan.v[i].why)
			pst_strv_add(problems, view->plan.v[i].why);
	add_mirror(problems);
}

int pst_verb_status(const struct pst_cli *cli)
{
	struct pst_view __cleanup_view view = { 0 };
	struct pst_strv __cleanup_strv problems = { 0 };
	struct json_object *object, *image;
	int refused = pst_view_load(cli, &view);
	int status = pst_view_look(&view);

	if (status)
		return status;
	if (refused)
		pst_strv_addf(&problems, "there is no valid configuration in %s", cli->config);
	pst_view_collect(&view, &problems);
	object = pst_status_json(&view, &problems, !problems.n);
	image = pst_update_summary();
	if (image)
		json_object_object_add(object, "image", image);
	if (cli->given & PST_OPTION_JSON)
		puts(json_object_to_json_string_ext(
			object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
	else
		pst_status_print(object, stdout, pst_terminal_colours(STDOUT_FILENO));
	json_object_put(object);
	if (refused)
		return refused;
	return problems.n ? PST_EXIT_FAILED : PST_EXIT_OK;
}
