// SPDX-License-Identifier: MIT
/* Pools: created on empty disks, imported when they are ours, and never changed in shape. */
#include <errno.h>

#include "node/json.h"
#include "node/node.h"

static bool is_group(const char *type)
{
	return pst_streq(type, "mirror") || pst_streq(type, "raidz") || pst_streq(type, "draid");
}

static int add_disk(struct pst_pool_state *pool, const struct json_object *vdev)
{
	const char *path = pst_json_string(vdev, "path");
	const char *state = pst_json_string(vdev, "state");
	struct pst_pool_disk *disk =
		pst_array_grow((void **)&pool->disks, &pool->n_disks, sizeof(*disk));

	if (!disk)
		return -ENOMEM;
	disk->path = strdup(path ?: pst_json_string(vdev, "name") ?: "?");
	disk->state = strdup(state ?: "UNKNOWN");
	return disk->path && disk->state ? 0 : -ENOMEM;
}

/* The disks below a vdev; between a group and its disks may be a "replacing" or a "spare". */
static int add_disks(struct pst_pool_state *pool, struct json_object *vdev, unsigned int depth)
{
	struct json_object *children = pst_json_object(vdev, "vdevs");
	int error = 0;

	if (!children)
		return add_disk(pool, vdev);
	if (depth == 4)
		return -EBADMSG;
	json_object_object_foreach(children, name, child)
	{
		(void)name;
		if (!error)
			error = add_disks(pool, child, depth + 1);
	}
	return error;
}

/* raidz1-0 is raidz1, mirror-3 is mirror, and a disk right below the root is a stripe. */
static char *layout_of(const struct json_object *vdev)
{
	const char *name = pst_json_string(vdev, "name");

	if (!is_group(pst_json_string(vdev, "vdev_type")) || !name)
		return strdup("stripe");
	return strndup(name, strcspn(name, "-:"));
}

static int parse_vdevs(struct pst_pool_state *pool, struct json_object *root)
{
	struct json_object *groups = pst_json_object(root, "vdevs");
	int error = 0;

	pool->size_bytes = pst_json_u64(root, "total_space");
	pool->allocated_bytes = pst_json_u64(root, "alloc_space");
	if (!groups)
		return 0;
	json_object_object_foreach(groups, name, group)
	{
		char __cleanup_free *layout = layout_of(group);

		(void)name;
		if (!layout)
			return -ENOMEM;
		if (pool->layout && !pst_streq(pool->layout, layout)) {
			free(layout);
			layout = strdup("mixed");
		}
		free(pool->layout);
		pool->layout = TAKE_PTR(layout);
		error = add_disks(pool, group, 0);
		if (error)
			return error;
	}
	return 0;
}

static int parse_pool(const char *name, const struct json_object *object, struct pst_state *state)
{
	const char *health = pst_json_string(object, "state");
	struct json_object *root = pst_json_object(pst_json_object(object, "vdevs"), name);
	struct pst_pool_state *pool =
		pst_array_grow((void **)&state->pools, &state->n_pools, sizeof(*pool));
	int error = 0;

	if (!pool)
		return -ENOMEM;
	pool->name = strdup(name);
	pool->health = strdup(health ?: "UNKNOWN");
	if (root)
		error = parse_vdevs(pool, root);
	if (!pool->layout)
		pool->layout = strdup("unknown");
	if (!error && (!pool->name || !pool->health || !pool->layout))
		error = -ENOMEM;
	return error;
}

int pst_zpool_parse_status(const char *json, struct pst_state *state, struct pst_reason *reason)
{
	struct json_object __cleanup_json *answer = NULL;
	struct json_object *pools;
	int error = pst_json_parse(json, "zpool", &answer, reason);

	if (error)
		return error;
	pools = pst_json_object(answer, "pools");
	if (!pools)
		return pst_fail(reason, -EBADMSG, "zpool did not answer with pools");
	json_object_object_foreach(pools, name, pool)
	{
		error = parse_pool(name, pool, state);
		if (error)
			return pst_fail_errno(reason, error, "what zpool says of %s", name);
	}
	return 0;
}

static int parse_properties(const struct json_object *object, struct pst_values *values)
{
	struct json_object *properties = pst_json_object(object, "properties");
	int error = 0;

	if (!properties)
		return 0;
	json_object_object_foreach(properties, name, property)
	{
		const char *value = pst_json_string(property, "value");

		if (value && !error)
			error = pst_values_add(values, name, value);
	}
	return error;
}

int pst_zpool_parse_properties(const char *json, struct pst_state *state, struct pst_reason *reason)
{
	struct json_object __cleanup_json *answer = NULL;
	struct json_object *pools;
	int error = pst_json_parse(json, "zpool", &answer, reason);

	if (error)
		return error;
	pools = pst_json_object(answer, "pools");
	for (size_t i = 0; i < state->n_pools && !error; i++)
		error = parse_properties(pst_json_object(pools, state->pools[i].name),
					 &state->pools[i].properties);
	return error;
}

static int name_disks(struct pst_host *host, struct pst_state *state)
{
	for (size_t i = 0; i < state->n_pools; i++) {
		struct pst_pool_state *pool = &state->pools[i];

		for (size_t j = 0; j < pool->n_disks; j++) {
			int error = pst_disk_name(host, pool->disks[j].path, &pool->disks[j].disk);

			/* A disk that is gone is seen by its state. */
			if (error == -ENOMEM)
				return error;
		}
	}
	return 0;
}

static bool sets_properties(const struct pst_conf *conf)
{
	for (size_t i = 0; conf && i < conf->pools_count; i++)
		for (const struct pst_property *p = pst_pool_properties; p->name; p++)
			if (pst_property_value(&conf->pools[i].properties, p))
				return true;
	return false;
}

static int observe_properties(struct pst_host *host, struct pst_state *state,
			      struct pst_reason *reason)
{
	struct pst_strv __cleanup_strv columns = { 0 };
	char __cleanup_free *json = NULL;
	char __cleanup_free *list = NULL;
	int error;

	for (const struct pst_property *p = pst_pool_properties; p->name; p++)
		pst_strv_add(&columns, p->name);
	list = pst_strv_join(&columns, ",");
	if (!list)
		return -ENOMEM;
	error = pst_host_ask(host, &json, reason, "zpool", "list", "-j", "-p", "-o", list);
	return error ? error : pst_zpool_parse_properties(json, state, reason);
}

int pst_zpool_observe(struct pst_host *host, const struct pst_conf *conf, struct pst_state *state,
		      struct pst_reason *reason)
{
	char __cleanup_free *json = NULL;
	int error;

	/* Without the module no pool is imported, and asking would load it. */
	if ((conf && !conf->pools_count) || !pst_host_exists(host, "/sys/module/zfs"))
		return 0;
	error = pst_host_ask(host, &json, reason, "zpool", "status", "-j", "-p");
	if (!error)
		error = pst_zpool_parse_status(json, state, reason);
	if (!error)
		error = name_disks(host, state);
	if (!error && state->n_pools && sets_properties(conf))
		error = observe_properties(host, state, reason);
	return error;
}

/* What we set on a new pool where the configuration does not say otherwise. */
static void add_default_properties(struct pst_strv *argv, const struct pst_conf_pool *pool)
{
	static const struct pst_fs_properties defaults = {
		.acltype = "posix",
		.atime = "off",
		.compression = "lz4",
		.dnodesize = "auto",
		.recordsize = "1M",
		.xattr = "sa",
	};
	struct pst_fs_properties merged = pool->filesystem_properties;

	for (const struct pst_property *p = pst_fs_properties; p->name; p++)
		if (!pst_property_value(&merged, p))
			*(const char **)((char *)&merged + p->offset) =
				pst_property_value(&defaults, p);
	pst_dataset_add_properties(argv, "-O", &merged, pst_fs_properties);
}

/*
 * What the creation that broke off has left: partitions that are there already. ZFS would make them anew,
 * wait for them, find the old ones, and open them just as udev takes those away.
 */
static void plan_clean(const struct pst_conf_pool *pool, const char *key,
		       const struct pst_state *state, struct pst_plan *plan)
{
	for (size_t i = 0; i < pool->disks_count; i++) {
		const struct pst_disk_state *disk = pst_state_disk(state, pool->disks[i]);

		if (disk && disk->found.n)
			pst_plan_run(plan, key, "a creation of the pool broke off", "wipefs",
				     "--all", "--types", "gpt,PMBR", pool->disks[i]);
	}
}

/*
 * Goes before the creation of a pool. It notes what is begun, so that the next apply can finish what
 * breaks off half-way. And it waits for udev: as a disk gets its partition table udev looks at it, which
 * can take the new partitions away for a moment, just as ZFS opens them.
 */
static void plan_begin(const struct pst_conf_pool *pool, const char *key, const char *path,
		       const struct pst_state *state, struct pst_plan *plan)
{
	char __cleanup_free *text = pst_disk_begun_text(pool);

	if (!path || !text)
		plan->oom = true;
	else if (!pst_streq(pst_state_file(state, path), text))
		pst_plan_write(plan, key, path, text, NULL);
	plan_clean(pool, key, state, plan);
	pst_plan_run(plan, key, NULL, "udevadm", "settle", "--timeout=30");
}

/* The note of a creation that was cut off after the pool was made. */
static void plan_forget(const struct pst_conf_pool *pool, size_t n, const struct pst_state *state,
			struct pst_plan *plan)
{
	char __cleanup_free *path = pst_disk_begun_path(pool->name);

	if (!path)
		plan->oom = true;
	else
		pst_plan_file(plan, state, pst_key("pools[%zu]", n).text, path, NULL);
}

static void plan_create(const struct pst_conf_pool *pool, size_t n, const struct pst_state *state,
			struct pst_plan *plan)
{
	char __cleanup_free *path = pst_disk_begun_path(pool->name);
	char __cleanup_free *why = pst_printf("there is no pool %s", pool->name);
	struct pst_key key = pst_key("pools[%zu]", n);
	struct pst_pool_properties properties = pool->properties;
	struct pst_strv argv = { 0 };

	plan_begin(pool, key.text, path, state, plan);
	/* Most SSDs say 512 bytes and mean 4096 or more; it can never be changed later. */
	if (!properties.ashift)
		properties.ashift = "12";
	pst_strv_add(&argv, "zpool");
	pst_strv_add(&argv, "create");
	pst_dataset_add_properties(&argv, "-o", &properties, pst_pool_properties);
	add_default_properties(&argv, pool);
	pst_strv_add(&argv, pool->name);
	if (pool->layout != PST_STRIPE)
		pst_strv_add(&argv, pst_layout_name(pool->layout));
	for (size_t i = 0; i < pool->disks_count; i++)
		pst_strv_add(&argv, pool->disks[i]);
	pst_plan_run_strv(plan, key.text, why, &argv);
	pst_plan_remove(plan, key.text, path, NULL);
}

static void plan_import(const struct pst_conf_pool *pool, size_t n, const char *guid,
			struct pst_plan *plan)
{
	char __cleanup_free *why = pst_printf("the pool %s is not imported", pool->name);
	char __cleanup_free *again =
		pst_printf("the datasets of %s, which are known only then", pool->name);
	struct pst_strv __cleanup_strv dirs = { 0 };
	struct pst_key key = pst_key("pools[%zu]", n);
	struct pst_strv argv = { 0 };

	pst_strv_add(&argv, "zpool");
	pst_strv_add(&argv, "import");
	for (size_t i = 0; i < pool->disks_count; i++) {
		char __cleanup_free *dir = strdup(pool->disks[i]);

		if (!dir) {
			plan->oom = true;
			break;
		}
		*strrchr(dir, '/') = '\0';
		if (pst_strv_contains(&dirs, dir))
			continue;
		pst_strv_add(&dirs, dir);
		pst_strv_add(&argv, "-d");
		pst_strv_add(&argv, dir);
	}
	/* By its number: a name can stand on several disks' labels. */
	pst_strv_add(&argv, guid);
	pst_plan_run_strv(plan, key.text, why, &argv);
	if (again)
		pst_plan_look_again(plan, key.text, again);
}

static const struct pst_pool_disk *member_of(const struct pst_pool_state *is, const char *path,
					     const struct pst_disk_state *disk)
{
	for (size_t i = 0; i < is->n_disks; i++)
		if (disk && disk->disk ? pst_streq(is->disks[i].disk, disk->disk)
				       : pst_startswith(is->disks[i].path, path))
			return &is->disks[i];
	return NULL;
}

/* Releases of ZFS differ in the word that their JSON has for a vdev that is well. */
static bool is_well(const char *state)
{
	return pst_streq(state, "ONLINE") || pst_streq(state, "HEALTHY");
}

static void judge_health(const struct pst_pool_state *is, size_t n, struct pst_plan *plan)
{
	/* A degraded pool works, and nothing that we could do would make it whole. */
	enum pst_problem_kind kind =
		pst_streq(is->health, "DEGRADED") ? PST_PROBLEM_HEALTH : PST_PROBLEM_DIFFERENCE;
	struct pst_key key = pst_key("pools[%zu]", n);

	if (!pst_streq(is->health, "ONLINE"))
		pst_plan_problem(plan, kind, key, "the pool %s is %s", is->name, is->health);
	for (size_t i = 0; i < is->n_disks; i++)
		if (!is_well(is->disks[i].state))
			pst_plan_problem(plan, PST_PROBLEM_HEALTH, key,
					 "in the pool %s, the disk %s is %s", is->name,
					 is->disks[i].path, is->disks[i].state);
}

/* The shape of a pool that is there is never changed: that is for a person, with zpool(8). */
static void judge_shape(const struct pst_conf_pool *pool, size_t n, const struct pst_pool_state *is,
			const struct pst_state *state, struct pst_plan *plan)
{
	size_t found = 0;

	if (!pst_streq(is->layout, pst_layout_name(pool->layout)))
		pst_plan_problem(plan, PST_PROBLEM_DIFFERENCE, pst_key("pools[%zu].layout", n),
				 "the pool %s is laid out as %s, not as %s", pool->name, is->layout,
				 pst_layout_name(pool->layout));
	for (size_t i = 0; i < pool->disks_count; i++) {
		const struct pst_disk_state *disk = pst_state_disk(state, pool->disks[i]);

		if (member_of(is, pool->disks[i], disk))
			found++;
		else
			pst_plan_problem(plan, PST_PROBLEM_DIFFERENCE,
					 pst_key("pools[%zu].disks[%zu]", n, i),
					 "%s is not part of the pool %s", pool->disks[i],
					 pool->name);
	}
	if (found == pool->disks_count && is->n_disks > found)
		pst_plan_problem(plan, PST_PROBLEM_DIFFERENCE, pst_key("pools[%zu].disks", n),
				 "the pool %s has %zu disks, and %zu are declared", pool->name,
				 is->n_disks, found);
}

static void plan_properties(const struct pst_conf_pool *pool, size_t n,
			    const struct pst_pool_state *is, const struct pst_state *state,
			    struct pst_plan *plan)
{
	const struct pst_dataset_state *root = pst_state_dataset(state, pool->name);
	struct pst_pool_properties properties = pool->properties;

	/* It is for new vdevs only. */
	properties.ashift = NULL;
	pst_dataset_plan_set(plan, pst_key("pools[%zu].properties", n).text, "zpool", pool->name,
			     &properties, pst_pool_properties, &is->properties);
	if (root)
		pst_dataset_plan_set(plan, pst_key("pools[%zu].filesystem_properties", n).text,
				     "zfs", pool->name, &pool->filesystem_properties,
				     pst_fs_properties, &root->properties);
}

void pst_zpool_plan(const struct pst_conf *conf, const struct pst_state *state,
		    struct pst_plan *plan)
{
	for (size_t i = 0; i < conf->pools_count; i++) {
		const struct pst_conf_pool *pool = &conf->pools[i];
		const struct pst_pool_state *is = pst_state_pool(state, pool->name);
		const char *guid = NULL;

		if (is) {
			judge_health(is, i, plan);
			judge_shape(pool, i, is, state, plan);
			plan_properties(pool, i, is, state, plan);
			plan_forget(pool, i, state, plan);
			continue;
		}
		switch (pst_disk_judge(conf, i, state, plan, &guid)) {
		case PST_DISKS_EMPTY:
			plan_create(pool, i, state, plan);
			break;
		case PST_DISKS_OURS:
			plan_import(pool, i, guid, plan);
			break;
		case PST_DISKS_REFUSED:
			break;
		}
	}
}
