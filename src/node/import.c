// SPDX-License-Identifier: MIT
/* Pools that are there and not imported: found, and imported, and never forced. */
#include <ctype.h>
#include <errno.h>

#include "node/zpool.h"

#define BY_ID "/dev/disk/by-id"

/* What follows a "KEY:" at the beginning of a line, with whatever blanks before it. */
static const char *value_of(const char *line, const char *key)
{
	size_t len = strlen(key);

	line += strspn(line, " ");
	if (strncmp(line, key, len) != 0 || line[len] != ':')
		return NULL;
	line += len + 1;
	return line + strspn(line, " ");
}

static int add_found(struct pst_state *state, const char *name, size_t len)
{
	struct pst_found_pool *found =
		pst_array_grow((void **)&state->found_pools, &state->n_found_pools, sizeof(*found));

	if (!found)
		return -ENOMEM;
	found->name = strndup(name, len);
	return found->name ? 0 : -ENOMEM;
}

static int read_line(const char *line, struct pst_state *state)
{
	struct pst_found_pool *last =
		state->n_found_pools ? &state->found_pools[state->n_found_pools - 1] : NULL;
	const char *name = value_of(line, "pool");
	const char *id = value_of(line, "id");
	const char *status = value_of(line, "status");

	if (name)
		return add_found(state, name, strcspn(name, "\n"));
	if (!last)
		return 0;
	if (id && !last->guid) {
		last->guid = strndup(id, strspn(id, "0123456789"));
		return last->guid ? 0 : -ENOMEM;
	}
	/* zpool has no JSON for this; these two sentences are all that says it. */
	if (status && (pst_startswith(status, "The pool was last accessed by another system") ||
		       pst_startswith(status, "The pool is currently imported by another system")))
		last->foreign = true;
	return 0;
}

int pst_import_parse(const char *text, struct pst_state *state, struct pst_reason *reason)
{
	while (*text) {
		int error = read_line(text, state);

		if (error)
			return error;
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	for (size_t i = 0; i < state->n_found_pools; i++)
		if (!state->found_pools[i].guid || !*state->found_pools[i].guid)
			return pst_fail(reason, -EBADMSG, "zpool import gave the pool %s no id",
					state->found_pools[i].name);
	return 0;
}

/* Whether a pool that is not imported should be: the disks tell, unless it is for us to find them. */
static bool is_looked_for(const struct pst_conf *conf, size_t n, const struct pst_state *state)
{
	const struct pst_conf_pool *pool = &conf->pools[n];

	if (pst_state_pool(state, pool->name))
		return false;
	for (size_t i = 0; i < state->n_disks; i++)
		if (pst_streq(state->disks[i].pool, pool->name))
			return true;
	return pool->import;
}

int pst_import_observe(struct pst_host *host, const struct pst_conf *conf, struct pst_state *state,
		       struct pst_reason *reason)
{
	struct pst_strv __cleanup_strv argv = { 0 };
	struct pst_run_result __cleanup_run_result result = { 0 };
	bool look = false;
	int error;

	for (size_t i = 0; conf && i < conf->pools_count; i++)
		look |= is_looked_for(conf, i, state);
	if (!look || !pst_host_exists(host, "/sys/module/zfs"))
		return 0;
	pst_strv_add(&argv, "zpool");
	pst_strv_add(&argv, "import");
	pst_strv_add(&argv, "-d");
	pst_strv_add(&argv, BY_ID);
	if (argv.oom)
		return -ENOMEM;
	/* Its status only says whether it found any. */
	error = host->run(host, argv.v, PST_OBSERVE_TIMEOUT_MS, &result, reason);
	return error ? error : pst_import_parse(result.out, state, reason);
}

static const struct pst_found_pool *find(const struct pst_state *state, const char *name,
					 const char *guid, size_t *ret_count)
{
	const struct pst_found_pool *found = NULL;

	*ret_count = 0;
	for (size_t i = 0; i < state->n_found_pools; i++) {
		if (guid ? !pst_streq(state->found_pools[i].guid, guid)
			 : !pst_streq(state->found_pools[i].name, name))
			continue;
		found = &state->found_pools[i];
		(*ret_count)++;
	}
	return found;
}

static void run_import(const struct pst_conf_pool *pool, const char *key,
		       const struct pst_shape *shape, const char *guid, struct pst_plan *plan)
{
	char __cleanup_free *why = pst_printf("the pool %s is not imported", pool->name);
	char __cleanup_free *again =
		pst_printf("the datasets of %s, which are known only then", pool->name);
	struct pst_strv __cleanup_strv dirs = { 0 };
	struct pst_strv argv = { 0 };
	struct pst_key disk_key;
	const char *disk;

	for (size_t i = 0; (disk = pst_shape_disk(shape, i, &disk_key)); i++) {
		char __cleanup_free *dir = strndup(disk, (size_t)(strrchr(disk, '/') - disk));

		plan->oom = plan->oom || !dir;
		if (dir && !pst_strv_contains(&dirs, dir))
			pst_strv_add(&dirs, dir);
	}
	if (!shape->n)
		pst_strv_add(&dirs, BY_ID);
	pst_strv_add(&argv, "zpool");
	pst_strv_add(&argv, "import");
	for (size_t i = 0; i < dirs.n; i++) {
		pst_strv_add(&argv, "-d");
		pst_strv_add(&argv, dirs.v[i]);
	}
	/* By its number: a name can stand on several disks' labels. */
	pst_strv_add(&argv, guid);
	pst_plan_run_strv(plan, key, why, &argv);
	plan->oom = plan->oom || dirs.oom || !again;
	if (again)
		pst_plan_look_again(plan, key, again);
}

void pst_import_plan(const struct pst_conf_pool *pool, size_t n, const struct pst_shape *shape,
		     const char *guid, const struct pst_state *state, struct pst_plan *plan)
{
	struct pst_key key = pst_key("pools[%zu]", n);
	size_t count;
	const struct pst_found_pool *found = find(state, pool->name, guid, &count);

	if (found && found->foreign)
		pst_plan_problem(plan, PST_PROBLEM_REFUSED, key,
				 "the pool %s was last used by another host, which may still write "
				 "to it: export it there, or, when that host is gone for good, "
				 "type: zpool import -f %s",
				 pool->name, found->guid);
	else if (guid)
		run_import(pool, key.text, shape, guid, plan);
	else if (count > 1)
		pst_plan_problem(plan, PST_PROBLEM_REFUSED, key,
				 "%zu pools named %s are there: type zpool import, and then zpool "
				 "import with the id of the right one",
				 count, pool->name);
	else if (found)
		run_import(pool, key.text, shape, found->guid, plan);
	else if (!pst_strv_contains(&state->modules, "zfs"))
		pst_plan_look_again(plan, key.text, "the pools, which are known only then");
	else
		/* No more than where its disks are declared: what is on it would be made, and served, beside it. */
		pst_plan_problem(plan, PST_PROBLEM_REFUSED, key,
				 "there is no pool %s to import, and import: true keeps it from "
				 "being created: zpool import lists what there is",
				 pool->name);
}
