// SPDX-License-Identifier: MIT
/* What the tests share. */
#include "common.h"

#include <errno.h>
#include <stdio.h>

#include "base/file.h"

char *data(const char *name)
{
	char __cleanup_free *path = pst_printf(TEST_DATA "/%s", name);
	char *text = NULL;

	assert_int_equal(pst_file_read(path, &text, NULL, NULL), 0);
	return text;
}

void conf_from(struct pst_conf_doc *doc, const char *text)
{
	struct pst_problems __cleanup_problems problems = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };
	int error = pst_conf_parse("test.yaml", text, strlen(text), doc, &problems, &reason);

	for (size_t i = 0; i < problems.n; i++)
		print_error("line %zu: %s: %s\n", problems.v[i].line, problems.v[i].key,
			    problems.v[i].text);
	assert_int_equal(error, 0);
}

void conf_from_data(struct pst_conf_doc *doc, const char *name)
{
	char __cleanup_free *text = data(name);

	conf_from(doc, text);
}

char *plan_text(const struct pst_plan *plan)
{
	static const char *const kinds[] = {
		[PST_PROBLEM_CONFIG] = "config",
		[PST_PROBLEM_REFUSED] = "refused",
		[PST_PROBLEM_DIFFERENCE] = "differs",
		[PST_PROBLEM_HEALTH] = "health",
	};
	struct pst_buf text = { 0 };

	for (size_t i = 0; i < plan->n; i++) {
		char __cleanup_free *what = pst_step_describe(&plan->v[i]);

		pst_buf_printf(&text, "do %s", what);
		if (plan->v[i].why)
			pst_buf_printf(&text, " [%s]", plan->v[i].why);
		pst_buf_add(&text, "\n");
	}
	for (size_t i = 0; i < plan->problems.n; i++)
		pst_buf_printf(&text, "%s %s: %s\n", kinds[plan->problems.v[i].kind],
			       plan->problems.v[i].key, plan->problems.v[i].text);
	return pst_buf_take(&text);
}

void assert_planned(plan_fn plan, const struct pst_conf *conf, const struct pst_state *state,
		    const char *expected)
{
	struct pst_plan __cleanup_plan planned = { 0 };
	char __cleanup_free *text = NULL;

	plan(conf, state, &planned);
	assert_int_equal(pst_plan_sound(&planned), 0);
	text = plan_text(&planned);
	assert_string_equal(text, expected);
}

void add_file(struct pst_state *state, const char *path, const char *text)
{
	struct pst_file_state *file =
		pst_array_grow((void **)&state->files, &state->n_files, sizeof(*file));

	assert_non_null(file);
	file->path = strdup(path);
	file->text = strdup(text);
}

void add_interface(struct pst_state *state, const char *name, unsigned int mtu, const char *address)
{
	struct pst_interface_state *interface = pst_array_grow(
		(void **)&state->interfaces, &state->n_interfaces, sizeof(*interface));

	assert_non_null(interface);
	interface->name = strdup(name);
	interface->up = true;
	interface->mtu = mtu;
	if (address)
		pst_strv_add(&interface->addresses, address);
}

void add_rdma(struct pst_state *state, const char *device, const char *port_state,
	      const char *interface)
{
	struct pst_rdma_state *rdma =
		pst_array_grow((void **)&state->rdma, &state->n_rdma, sizeof(*rdma));

	assert_non_null(rdma);
	rdma->device = strdup(device);
	rdma->state = strdup(port_state);
	rdma->interface = interface ? strdup(interface) : NULL;
}

struct pst_disk_state *add_disk(struct pst_state *state, const char *path, const char *disk,
				const char *found)
{
	struct pst_disk_state *added =
		pst_array_grow((void **)&state->disks, &state->n_disks, sizeof(*added));
	char __cleanup_free *words = strdup(found ?: "");

	assert_non_null(added);
	added->path = strdup(path);
	added->disk = disk ? strdup(disk) : NULL;
	added->error = disk ? 0 : -ENOENT;
	for (char *word = strtok(words, ";"); word; word = strtok(NULL, ";"))
		pst_strv_add(&added->found, word);
	return added;
}
