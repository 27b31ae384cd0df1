// SPDX-License-Identifier: MIT
/*
 * Datasets: created, their properties set, mounted, and their root directories owned as declared.
 */
#include <errno.h>
#include <sys/stat.h>

#include "node/encryption.h"
#include "node/json.h"
#include "node/node.h"

static int parse_dataset(const char *name, const struct json_object *object,
			 struct pst_state *state)
{
	struct json_object *properties = pst_json_object(object, "properties");
	struct pst_dataset_state *dataset =
		pst_array_grow((void **)&state->datasets, &state->n_datasets, sizeof(*dataset));
	const char *mountpoint;
	int error = 0;

	if (!dataset)
		return -ENOMEM;
	dataset->name = strdup(name);
	if (!dataset->name)
		return -ENOMEM;
	if (!properties)
		return 0;
	json_object_object_foreach(properties, property, value)
	{
		const char *text = pst_json_string(value, "value");

		if (text && !error)
			error = pst_values_add(&dataset->properties, property, text);
	}
	mountpoint = pst_value(&dataset->properties, "mountpoint");
	dataset->mountpoint = mountpoint ? strdup(mountpoint) : NULL;
	dataset->mounted = pst_streq(pst_value(&dataset->properties, "mounted"), "yes");
	dataset->used_bytes = pst_json_u64(pst_json_object(properties, "used"), "value");
	dataset->available_bytes = pst_json_u64(pst_json_object(properties, "available"), "value");
	return error || (mountpoint && !dataset->mountpoint) ? -ENOMEM : 0;
}

int pst_dataset_parse(const char *json, struct pst_state *state, struct pst_reason *reason)
{
	struct json_object __cleanup_json *answer = NULL;
	struct json_object *datasets;
	int error = pst_json_parse(json, "zfs", &answer, reason);

	if (error)
		return error;
	datasets = pst_json_object(answer, "datasets");
	if (!datasets)
		return pst_fail(reason, -EBADMSG, "zfs did not answer with datasets");
	json_object_object_foreach(datasets, name, dataset)
	{
		if (!error)
			error = parse_dataset(name, dataset, state);
	}
	return error;
}

static int look_at_roots(struct pst_host *host, const struct pst_conf *conf,
			 struct pst_state *state, struct pst_reason *reason)
{
	for (size_t i = 0; i < state->n_datasets; i++) {
		struct pst_dataset_state *dataset = &state->datasets[i];
		char __cleanup_free *path = NULL;
		struct stat info;

		if (!dataset->mounted || !dataset->mountpoint || !conf ||
		    !pst_conf_dataset(conf, dataset->name))
			continue;
		path = pst_host_path(host, dataset->mountpoint);
		if (!path)
			return -ENOMEM;
		if (stat(path, &info) < 0)
			return pst_fail_errno(reason, -errno, "cannot look at %s",
					      dataset->mountpoint);
		dataset->owner = info.st_uid;
		dataset->group = info.st_gid;
		dataset->mode = info.st_mode & 07777;
	}
	return 0;
}

int pst_more_parse(const char *json, const char *section, const char *name,
		   struct pst_values *values, struct pst_reason *reason)
{
	struct json_object __cleanup_json *answer = NULL;
	struct json_object *properties;
	int error = pst_json_parse(json, "ZFS", &answer, reason);

	if (error)
		return error;
	properties = pst_json_object(pst_json_object(pst_json_object(answer, section), name),
				     "properties");
	if (!properties)
		return 0;
	json_object_object_foreach(properties, property, value)
	{
		const char *text = pst_json_string(value, "value");

		if (text && !error && !pst_value(values, property))
			error = pst_values_add(values, property, text);
	}
	return error;
}

int pst_dataset_ask_more(struct pst_host *host, const char *command,
			 const struct pst_more_properties *more, const char *name, char **ret_json,
			 struct pst_reason *reason)
{
	struct pst_strv __cleanup_strv columns = { 0 };
	struct pst_reason __cleanup_reason said = { 0 };
	char __cleanup_free *list = NULL;
	int error;

	pst_strv_add(&columns, "name");
	for (size_t i = 0; i < more->n; i++)
		pst_strv_add(&columns, more->v[i].name);
	list = pst_strv_join(&columns, ",");
	if (!list)
		return -ENOMEM;
	error = pst_host_ask(host, ret_json, &said, command, "list", "-j", "-p", "-o", list, name);
	if (error != -EIO)
		return error ? pst_fail(reason, error, "%s", pst_reason_text(&said, error)) : 0;
	*ret_json = strdup("{}");
	return *ret_json ? 0 : -ENOMEM;
}

/* Only whether it is there and whom it is kept from: the key itself is for zfs(8) alone. */
static int look_at_keys(struct pst_host *host, const struct pst_conf *conf, struct pst_state *state)
{
	for (size_t i = 0; conf && i < conf->datasets_count; i++) {
		const struct pst_conf_encryption *encryption = &conf->datasets[i].encryption;
		char __cleanup_free *path = encryption->key ? pst_conf_key_file(encryption) : NULL;
		char __cleanup_free *full = path ? pst_host_path(host, path) : NULL;
		struct pst_key_state *key;
		struct stat info;

		if (!path || pst_state_key(state, path))
			continue;
		key = pst_array_grow((void **)&state->keys, &state->n_keys, sizeof(*key));
		if (!full || !key)
			return -ENOMEM;
		key->path = TAKE_PTR(path);
		key->there = stat(full, &info) == 0 && S_ISREG(info.st_mode);
		key->mode = key->there ? info.st_mode & 07777 : 0;
		key->owner = key->there ? info.st_uid : 0;
	}
	return 0;
}

static int observe_more(struct pst_host *host, const char *name,
			const struct pst_more_properties *more, struct pst_state *state,
			struct pst_reason *reason)
{
	struct pst_dataset_state *is = (struct pst_dataset_state *)pst_state_dataset(state, name);
	char __cleanup_free *json = NULL;
	int error;

	if (!more->n || !is)
		return 0;
	error = pst_dataset_ask_more(host, "zfs", more, name, &json, reason);
	return error ? error : pst_more_parse(json, "datasets", name, &is->properties, reason);
}

static int observe_all_more(struct pst_host *host, const struct pst_conf *conf,
			    struct pst_state *state, struct pst_reason *reason)
{
	int error = 0;

	for (size_t i = 0; conf && i < conf->pools_count && !error; i++)
		error = observe_more(host, conf->pools[i].name,
				     &conf->pools[i].filesystem_properties.more, state, reason);
	for (size_t i = 0; conf && i < conf->datasets_count && !error; i++)
		error = observe_more(host, conf->datasets[i].name,
				     &conf->datasets[i].properties.more, state, reason);
	return error;
}

int pst_dataset_observe(struct pst_host *host, const struct pst_conf *conf, struct pst_state *state,
			struct pst_reason *reason)
{
	struct pst_strv __cleanup_strv columns = { 0 };
	char __cleanup_free *list = NULL;
	char __cleanup_free *json = NULL;
	int error;

	error = look_at_keys(host, conf, state);
	if (error || !state->n_pools)
		return error;
	pst_strv_add(&columns, "name");
	pst_strv_add(&columns, "mounted");
	pst_strv_add(&columns, "used");
	pst_strv_add(&columns, "available");
	pst_strv_add(&columns, "encryption");
	pst_strv_add(&columns, "keystatus");
	for (const struct pst_property *p = pst_fs_properties; p->name; p++)
		pst_strv_add(&columns, p->name);
	list = pst_strv_join(&columns, ",");
	if (!list)
		return -ENOMEM;
	error = pst_host_ask(host, &json, reason, "zfs", "list", "-j", "-p", "-t", "filesystem",
			     "-o", list);
	if (!error)
		error = pst_dataset_parse(json, state, reason);
	if (!error)
		error = observe_all_more(host, conf, state, reason);
	return error ? error : look_at_roots(host, conf, state, reason);
}

void pst_dataset_add_properties(struct pst_strv *argv, const char *option, const void *properties,
				const struct pst_more_properties *more,
				const struct pst_property *table)
{
	for (; table->name; table++) {
		const char *value = pst_property_value(properties, table);

		if (!value)
			continue;
		if (option)
			pst_strv_add(argv, option);
		pst_strv_addf(argv, "%s=%s", table->name, value);
	}
	for (size_t i = 0; i < more->n; i++) {
		if (option)
			pst_strv_add(argv, option);
		pst_strv_addf(argv, "%s=%s", more->v[i].name, more->v[i].value);
	}
}

static void plan_one(struct pst_plan *plan, struct pst_key key, const char *command,
		     const char *name, const char *property, const char *want, const char *have)
{
	char __cleanup_free *assignment = pst_printf("%s=%s", property, want);
	char __cleanup_free *why =
		pst_printf("%s has %s %s, not %s", name, property, have ?: "(unknown)", want);

	if (assignment && why)
		pst_plan_run(plan, key.text, why, command, "set", assignment, name);
	else
		plan->oom = true;
}

void pst_dataset_plan_set(struct pst_plan *plan, const char *key, const char *command,
			  const char *name, const void *properties,
			  const struct pst_more_properties *more, const struct pst_property *table,
			  const struct pst_values *reported)
{
	for (; table->name; table++) {
		const char *want = pst_property_value(properties, table);
		const char *have = pst_value(reported, table->name);

		if (want && !(have && pst_property_equal(table, want, have)))
			plan_one(plan, pst_key("%s.%s", key, table->name), command, name,
				 table->name, want, have);
	}
	for (size_t i = 0; i < more->n; i++) {
		const char *have = pst_value(reported, more->v[i].name);

		if (!have || !pst_more_equal(more->v[i].value, have))
			plan_one(plan, pst_key("%s.%s", key, more->v[i].name), command, name,
				 more->v[i].name, more->v[i].value, have);
	}
}

static mode_t declared_mode(const struct pst_conf_dataset *dataset)
{
	return dataset->mode ? (mode_t)strtoul(dataset->mode, NULL, 8) : (mode_t)-1;
}

/* Returns whether it will be there. */
static bool plan_create(const struct pst_conf *conf, const struct pst_conf_dataset *dataset,
			size_t n, const struct pst_state *state, struct pst_plan *plan)
{
	char __cleanup_free *why = pst_printf("there is no dataset %s", dataset->name);
	char __cleanup_free *mountpoint = pst_conf_mountpoint(conf, dataset->name);
	struct pst_key key = pst_key("datasets[%zu]", n);
	struct pst_strv argv = { 0 };

	pst_strv_add(&argv, "zfs");
	pst_strv_add(&argv, "create");
	/* With those above it that are not there yet. */
	pst_strv_add(&argv, "-p");
	if (dataset->encryption.key &&
	    !pst_encryption_add(&dataset->encryption, key, state, dataset->name, &argv, plan)) {
		pst_strv_free(&argv);
		return false;
	}
	pst_dataset_add_properties(&argv, "-o", &dataset->properties, &dataset->properties.more,
				   pst_fs_properties);
	pst_strv_add(&argv, dataset->name);
	pst_plan_run_strv(plan, key.text, why, &argv);
	if (dataset->owner >= 0 || dataset->group >= 0 || dataset->mode)
		pst_plan_own(plan, key.text, mountpoint, dataset->owner, dataset->group,
			     declared_mode(dataset), NULL);
	return true;
}

/* What is not as declared in the owner, group and mode, in words; NULL when all is. */
static char *owned_otherwise(const struct pst_conf_dataset *dataset,
			     const struct pst_dataset_state *is)
{
	if (dataset->owner >= 0 && (uid_t)dataset->owner != is->owner)
		return pst_printf("%s is owned by %u, not by %lld", is->mountpoint, is->owner,
				  (long long)dataset->owner);
	if (dataset->group >= 0 && (gid_t)dataset->group != is->group)
		return pst_printf("%s is of the group %u, not %lld", is->mountpoint, is->group,
				  (long long)dataset->group);
	if (dataset->mode && declared_mode(dataset) != is->mode)
		return pst_printf("%s has the mode %04o, not %04o", is->mountpoint,
				  (unsigned int)is->mode, (unsigned int)declared_mode(dataset));
	return NULL;
}

static bool is_locked(const struct pst_dataset_state *is)
{
	return is && pst_streq(pst_value(&is->properties, "keystatus"), "unavailable");
}

/* What is declared for a dataset or, in the root of a pool, by the pool; NULL when nothing is. */
static const char *declared_mountpoint(const struct pst_conf *conf, const char *name)
{
	const struct pst_conf_dataset *dataset = pst_conf_dataset(conf, name);

	if (dataset)
		return dataset->properties.mountpoint;
	for (size_t i = 0; i < conf->pools_count; i++)
		if (pst_streq(conf->pools[i].name, name))
			return conf->pools[i].filesystem_properties.mountpoint;
	return NULL;
}

/* Whether one above it is mounted elsewhere by this plan, and so this one too. */
static bool moves(const struct pst_conf *conf, const char *name, const struct pst_state *state)
{
	char __cleanup_free *above = strdup(name);
	char *slash;

	while (above && (slash = strrchr(above, '/'))) {
		const struct pst_dataset_state *is;
		const char *want;

		*slash = '\0';
		is = pst_state_dataset(state, above);
		want = declared_mountpoint(conf, above);
		if (is && want && !pst_streq(is->mountpoint, want))
			return true;
	}
	return false;
}

/* @opened: by the key of one above it, which has one for both. Returns whether what is in it can be used. */
static bool plan_existing(const struct pst_conf *conf, const struct pst_conf_dataset *dataset,
			  size_t n, bool opened, const struct pst_state *state,
			  struct pst_plan *plan)
{
	const struct pst_dataset_state *is = pst_state_dataset(state, dataset->name);
	struct pst_key key = pst_key("datasets[%zu]", n);
	char __cleanup_free *mountpoint = pst_conf_mountpoint(conf, dataset->name);
	char __cleanup_free *why = NULL;

	pst_dataset_plan_set(plan, pst_key("%s.properties", key.text).text, "zfs", dataset->name,
			     &dataset->properties, &dataset->properties.more, pst_fs_properties,
			     &is->properties);
	if (!opened && !pst_encryption_plan(&dataset->encryption, key, is, state, plan))
		return false;
	if (!is->mounted) {
		why = pst_printf("the dataset %s is not mounted", dataset->name);
		pst_plan_run(plan, key.text, why, "zfs", "mount", dataset->name);
		if (dataset->owner >= 0 || dataset->group >= 0 || dataset->mode)
			pst_plan_own(plan, key.text, mountpoint, dataset->owner, dataset->group,
				     declared_mode(dataset), NULL);
		return true;
	}
	why = owned_otherwise(dataset, is);
	if (why)
		pst_plan_own(plan, key.text, mountpoint, dataset->owner, dataset->group,
			     declared_mode(dataset), why);
	if (!pst_streq(is->mountpoint, mountpoint) && !dataset->properties.mountpoint &&
	    !moves(conf, dataset->name, state))
		pst_plan_problem(plan, PST_PROBLEM_DIFFERENCE, key,
				 "%s is mounted on %s, not on %s", dataset->name, is->mountpoint,
				 mountpoint ?: "?");
	return true;
}

/* Whether the plan imports the dataset's pool, whose datasets are not known before. */
static bool is_unknown(const struct pst_plan *plan, const struct pst_conf *conf, const char *name)
{
	for (size_t i = 0; i < plan->n; i++) {
		if (plan->v[i].kind != PST_STEP_LOOK_AGAIN)
			continue;
		for (size_t j = 0; j < conf->pools_count; j++)
			if (pst_streq(plan->v[i].key, pst_key("pools[%zu]", j).text) &&
			    pst_is_in_pool(name, conf->pools[j].name))
				return true;
	}
	return false;
}

/* A dataset of the plan: one that waits cannot be had until a person does something. */
enum standing { UNPLANNED, READY, WAITING };

struct work {
	const struct pst_conf *conf;
	const struct pst_state *state;
	struct pst_plan *plan;
	enum standing *standing; /* for each declared dataset */
};

/* The nearest declared one in which it is; its own number when there is none. */
static size_t parent_of(const struct pst_conf *conf, size_t n)
{
	const char *name = conf->datasets[n].name;
	size_t parent = n, longest = 0;

	for (size_t i = 0; i < conf->datasets_count; i++) {
		size_t len = strlen(conf->datasets[i].name);

		if (len > longest && pst_startswith(name, conf->datasets[i].name) &&
		    name[len] == '/') {
			parent = i;
			longest = len;
		}
	}
	return parent;
}

static enum standing plan_dataset(const struct work *work, size_t n, size_t parent)
{
	const struct pst_conf *conf = work->conf;
	const struct pst_conf_dataset *dataset = &conf->datasets[n];
	const struct pst_dataset_state *is = pst_state_dataset(work->state, dataset->name);
	const struct pst_dataset_state *above =
		parent == n ? NULL : pst_state_dataset(work->state, conf->datasets[parent].name);
	bool locked = !dataset->encryption.key && is_locked(is);
	const struct pst_pool_state *pool = pst_state_pool_of(work->state, dataset->name);
	bool done = true;

	if (pool && pst_pool_is_suspended(pool)) {
		pst_plan_problem(work->plan, PST_PROBLEM_DIFFERENCE, pst_key("datasets[%zu]", n),
				 "%s cannot be looked at: its pool is SUSPENDED", dataset->name);
		return WAITING;
	}
	/* zfs create -p would make what waits, and in the clear. */
	if (work->standing[parent] == WAITING && (!is || locked)) {
		pst_plan_problem(work->plan, PST_PROBLEM_DIFFERENCE, pst_key("datasets[%zu]", n),
				 "%s waits for %s, in which it is", dataset->name,
				 conf->datasets[parent].name);
		return WAITING;
	}
	if (is)
		done = plan_existing(conf, dataset, n, locked && is_locked(above), work->state,
				     work->plan);
	else if (!is_unknown(work->plan, conf, dataset->name))
		done = plan_create(conf, dataset, n, work->state, work->plan);
	return done ? READY : WAITING;
}

/* After the one in which it is: that one has a key, and properties, of its own. */
static void plan_from_above(const struct work *work, size_t n)
{
	size_t parent = parent_of(work->conf, n);

	if (work->standing[n] != UNPLANNED)
		return;
	if (parent != n)
		plan_from_above(work, parent);
	work->standing[n] = plan_dataset(work, n, parent);
}

void pst_dataset_plan(const struct pst_conf *conf, const struct pst_state *state,
		      struct pst_plan *plan)
{
	enum standing __cleanup_free *standing =
		calloc(conf->datasets_count + 1, sizeof(*standing));
	struct work work = { .conf = conf, .state = state, .plan = plan, .standing = standing };

	if (!standing)
		plan->oom = true;
	for (size_t i = 0; standing && i < conf->datasets_count; i++)
		plan_from_above(&work, i);
}
