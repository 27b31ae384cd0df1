// SPDX-License-Identifier: MIT
/* Parameters of the ZFS module: in modprobe.d for the next boot, and set in the one that runs. */
#include <errno.h>

#include "node/node.h"

#define MODPROBE_FILE "/etc/modprobe.d/penstock-zfs.conf"
#define PARAMETERS    "/sys/module/zfs/parameters"

/*
 * What the ARC leaves: a quarter of the memory, for the threads of nfsd with their pages, RDMA's receive
 * buffers and the kernel; on a small machine 2 GiB, though never more than half, and on a large one no
 * more than 64 GiB.
 */
#define LEFT_LEAST (2ULL << 30)
#define LEFT_MOST  (64ULL << 30)

static unsigned long long arc_max(const struct pst_conf *conf, const struct pst_state *state)
{
	unsigned long long left = state->memory_bytes / 4, bytes;

	if (conf->zfs.arc_max && pst_parse_size(conf->zfs.arc_max, &bytes))
		return bytes;
	if (left < LEFT_LEAST)
		left = LEFT_LEAST;
	if (left > state->memory_bytes / 2)
		left = state->memory_bytes / 2;
	if (left > LEFT_MOST)
		left = LEFT_MOST;
	return state->memory_bytes - left;
}

/* All parameters that are to be set, in the order of the file. */
static int wanted(const struct pst_conf *conf, const struct pst_state *state,
		  struct pst_more_properties *ret)
{
	unsigned long long bytes = arc_max(conf, state);
	int error = 0;

	if (!conf->pools_count)
		return 0;
	if (bytes)
		error = pst_more_add(ret, "zfs_arc_max", pst_key("%llu", bytes).text);
	for (size_t i = 0; i < conf->zfs.parameters.n && !error; i++)
		error = pst_more_add(ret, conf->zfs.parameters.v[i].name,
				     conf->zfs.parameters.v[i].value);
	return error;
}

static int read_parameter(struct pst_host *host, const char *name, struct pst_state *state,
			  struct pst_reason *reason)
{
	char __cleanup_free *text = NULL;
	int error = pst_host_read(host, pst_key(PARAMETERS "/%s", name).text, &text, reason);

	if (error)
		return error == -ENOENT ? 0 : error;
	text[strcspn(text, "\n")] = '\0';
	return pst_values_add(&state->zfs_parameters, name, text);
}

int pst_tuning_observe(struct pst_host *host, const struct pst_conf *conf, struct pst_state *state,
		       struct pst_reason *reason)
{
	int error = 0;

	if (!conf || !conf->pools_count)
		return 0;
	error = read_parameter(host, "zfs_arc_max", state, reason);
	for (size_t i = 0; i < conf->zfs.parameters.n && !error; i++)
		error = read_parameter(host, conf->zfs.parameters.v[i].name, state, reason);
	return error;
}

static char *file_text(const struct pst_more_properties *parameters)
{
	struct pst_buf text = { 0 };

	pst_buf_add(&text, pst_file_header);
	for (size_t i = 0; i < parameters->n; i++)
		pst_buf_printf(&text, "options zfs %s=%s\n", parameters->v[i].name,
			       parameters->v[i].value);
	return pst_buf_take(&text);
}

static void plan_live(const struct pst_more_property *parameter, const struct pst_state *state,
		      struct pst_plan *plan)
{
	const char *have = pst_value(&state->zfs_parameters, parameter->name);
	bool arc = pst_streq(parameter->name, "zfs_arc_max");
	struct pst_key key =
		arc ? pst_key("zfs.arc_max") : pst_key("zfs.parameters.%s", parameter->name);
	struct pst_key path = pst_key(PARAMETERS "/%s", parameter->name);
	char __cleanup_free *why = NULL;

	if (pst_streq(have, parameter->value))
		return;
	if (!have) {
		pst_plan_problem(plan, PST_PROBLEM_DIFFERENCE, key,
				 "the ZFS module has no parameter %s: modinfo -p zfs lists them",
				 parameter->name);
		return;
	}
	why = pst_printf("%s of ZFS is %s, not %s", parameter->name, have, parameter->value);
	if (why)
		pst_plan_set(plan, key.text, path.text, parameter->value, why);
	else
		plan->oom = true;
}

void pst_tuning_plan(const struct pst_conf *conf, const struct pst_state *state,
		     struct pst_plan *plan)
{
	struct pst_more_properties parameters = { 0 };
	char __cleanup_free *text = NULL;

	if (wanted(conf, state, &parameters))
		plan->oom = true;
	text = parameters.n ? file_text(&parameters) : NULL;
	plan->oom = plan->oom || (parameters.n && !text);
	if (!plan->oom)
		pst_plan_file(plan, state, "zfs", MODPROBE_FILE, text);
	/* A module that is loaded later, in this plan even, reads the file. */
	for (size_t i = 0; i < parameters.n; i++)
		if (pst_strv_contains(&state->modules, "zfs"))
			plan_live(&parameters.v[i], state, plan);
	pst_more_free(&parameters);
}
