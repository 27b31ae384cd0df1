// SPDX-License-Identifier: MIT
/* Pools: created on empty disks, imported when they are ours; zpool-change.c has what comes later. */
#include <errno.h>

#include "node/zpool.h"

/* Most SSDs say 512 bytes and mean 4096 or more; it can never be changed later. */
#define ASHIFT_LEAST 12

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

static int observe_more(struct pst_host *host, const struct pst_conf *conf, struct pst_state *state,
			struct pst_reason *reason)
{
	int error = 0;

	for (size_t i = 0; conf && i < conf->pools_count && !error; i++) {
		const char *name = conf->pools[i].name;
		struct pst_pool_state *is = (struct pst_pool_state *)pst_state_pool(state, name);
		struct pst_more_properties __cleanup(pst_fallback_properties_free) more = { 0 };
		char __cleanup_free *json = NULL;

		error = pst_fallback_properties(&conf->pools[i], state, &more);
		if (error || !more.n || !is)
			continue;
		error = pst_dataset_ask_more(host, "zpool", &more, name, &json, reason);
		if (!error)
			error = pst_more_parse(json, "pools", name, &is->properties, reason);
	}
	return error;
}

int pst_zpool_observe(struct pst_host *host, const struct pst_conf *conf, struct pst_state *state,
		      struct pst_reason *reason)
{
	char __cleanup_free *json = NULL;
	int error;

	/* Without the module no pool is imported, and asking would load it. */
	if ((conf && !conf->pools_count) || !pst_host_exists(host, "/sys/module/zfs"))
		return 0;
	state->fallback = pst_host_exists(host, PST_FALLBACK_PATH);
	error = pst_host_ask(host, &json, reason, "zpool", "status", "-j", "-p");
	if (!error)
		error = pst_zpool_parse_status(json, state, reason);
	if (!error)
		error = name_disks(host, state);
	if (!error && state->n_pools && sets_properties(conf))
		error = observe_properties(host, state, reason);
	return error ? error : observe_more(host, conf, state, reason);
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
	pst_dataset_add_properties(argv, "-O", &merged, &merged.more, pst_fs_properties);
}

/*
 * What a creation or an addition that broke off has left: partitions that are there already. ZFS would make them anew,
 * wait for them, find the old ones, and open them just as udev takes those away.
 */
static void plan_clean(struct pst_plan *plan, const struct pst_state *state, const char *key,
		       const struct pst_strv *disks)
{
	for (size_t i = 0; i < disks->n; i++) {
		const struct pst_disk_state *disk = pst_state_disk(state, disks->v[i]);

		if (disk && disk->found.n)
			pst_plan_run(plan, key, "what was begun with it broke off", "wipefs",
				     "--all", "--types", "gpt,PMBR", disks->v[i]);
	}
}

void pst_zpool_plan_note(struct pst_plan *plan, const struct pst_state *state, const char *key,
			 const char *path, const struct pst_strv *disks)
{
	char __cleanup_free *text = pst_disk_note_text(disks);

	if (!path || !text)
		plan->oom = true;
	else if (!pst_streq(pst_state_file(state, path), text))
		pst_plan_write(plan, key, path, text, NULL);
	plan_clean(plan, state, key, disks);
	pst_plan_run(plan, key, NULL, "udevadm", "settle", "--timeout=30");
}

/* The notes of what was cut off after it was done. */
static void plan_forget(const struct pst_conf_pool *pool, size_t n, const struct pst_state *state,
			struct pst_plan *plan)
{
	char __cleanup_free *path = pst_disk_begun_path(pool->name);

	if (!path)
		plan->oom = true;
	else
		pst_plan_file(plan, state, pst_key("pools[%zu]", n).text, path, NULL);
}

char *pst_zpool_ashift(const struct pst_conf_pool *pool, const struct pst_state *state,
		       const struct pst_strv *disks)
{
	unsigned int ashift = ASHIFT_LEAST;

	if (pool->properties.ashift)
		return strdup(pool->properties.ashift);
	for (size_t i = 0; i < disks->n; i++) {
		const struct pst_disk_state *disk = pst_state_disk(state, disks->v[i]);

		while (disk && disk->block_bytes > 1U << ashift)
			ashift++;
	}
	return pst_printf("%u", ashift);
}

void pst_zpool_add_vdev(struct pst_strv *argv, const struct pst_shape_vdev *vdev, size_t first,
			size_t count, enum pst_class before)
{
	if (vdev->class != before)
		pst_strv_add(argv, pst_class_word(vdev->class));
	if (vdev->layout != PST_STRIPE)
		pst_strv_add(argv, vdev->word);
	for (size_t i = first; i < first + count; i++)
		pst_strv_add(argv, vdev->disks.v[i]);
}

/* Single disks of a class stand before its groups: behind one, zpool(8) takes them for its members. */
static void add_vdevs(struct pst_strv *argv, const struct pst_shape *shape)
{
	enum pst_class before = PST_CLASS_DATA;

	for (enum pst_class class = PST_CLASS_DATA; class <= PST_CLASS_SPARE; class ++) {
		for (unsigned int groups = 0; groups < 2; groups++) {
			for (size_t i = 0; i < shape->n; i++) {
				const struct pst_shape_vdev *vdev = &shape->v[i];

				if (vdev->class != class || (vdev->layout != PST_STRIPE) != groups)
					continue;
				pst_zpool_add_vdev(argv, vdev, 0, vdev->disks.n, before);
				before = class;
			}
		}
	}
}

static void plan_create(const struct pst_conf_pool *pool, size_t n, const struct pst_shape *shape,
			const struct pst_state *state, struct pst_plan *plan)
{
	char __cleanup_free *path = pst_disk_begun_path(pool->name);
	char __cleanup_free *why = pst_printf("there is no pool %s", pool->name);
	char __cleanup_free *ashift = NULL;
	struct pst_strv __cleanup_strv disks = { 0 };
	struct pst_pool_properties properties = pool->properties;
	struct pst_more_properties __cleanup(pst_fallback_properties_free) more = { 0 };
	struct pst_key key, disk_key;
	struct pst_strv argv = { 0 };
	const char *disk;

	for (size_t i = 0; (disk = pst_shape_disk(shape, i, &disk_key)); i++)
		pst_strv_add(&disks, disk);
	key = pst_key("pools[%zu]", n);
	pst_zpool_plan_note(plan, state, key.text, path, &disks);
	ashift = pst_zpool_ashift(pool, state, &disks);
	plan->oom = plan->oom || !ashift;
	properties.ashift = ashift;
	if (!properties.autotrim)
		properties.autotrim = "on";
	pst_strv_add(&argv, "zpool");
	pst_strv_add(&argv, "create");
	plan->oom = plan->oom || pst_fallback_properties(pool, state, &more);
	pst_dataset_add_properties(&argv, "-o", &properties, &more, pst_pool_properties);
	add_default_properties(&argv, pool);
	pst_strv_add(&argv, pool->name);
	add_vdevs(&argv, shape);
	pst_plan_run_strv(plan, key.text, why, &argv);
	pst_plan_remove(plan, key.text, path, NULL);
}

/* Releases of ZFS differ in the words that their JSON has for a vdev that is well. */
static bool is_well(const char *state)
{
	return pst_streq(state, "ONLINE") || pst_streq(state, "HEALTHY") ||
	       pst_streq(state, "AVAIL") || pst_streq(state, "INUSE");
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

static void plan_properties(const struct pst_conf_pool *pool, size_t n,
			    const struct pst_pool_state *is, const struct pst_state *state,
			    struct pst_plan *plan)
{
	const struct pst_dataset_state *root = pst_state_dataset(state, pool->name);
	struct pst_pool_properties properties = pool->properties;
	struct pst_more_properties __cleanup(pst_fallback_properties_free) more = { 0 };

	plan->oom = plan->oom || pst_fallback_properties(pool, state, &more);
	/* It is for new vdevs only. */
	properties.ashift = NULL;
	pst_dataset_plan_set(plan, pst_key("pools[%zu].properties", n).text, "zpool", pool->name,
			     &properties, &more, pst_pool_properties, &is->properties);
	if (root)
		pst_dataset_plan_set(plan, pst_key("pools[%zu].filesystem_properties", n).text,
				     "zfs", pool->name, &pool->filesystem_properties,
				     &pool->filesystem_properties.more, pst_fs_properties,
				     &root->properties);
}

static void plan_imported(const struct pst_conf *conf, size_t n, const struct pst_pool_state *is,
			  const struct pst_state *state, struct pst_plan *plan)
{
	struct pst_shape __cleanup_shape shape = { 0 };

	if (pst_pool_is_suspended(is)) {
		/* Each step would wait for its disks, and could not be killed. */
		pst_plan_problem(
			plan, PST_PROBLEM_REFUSED, pst_key("pools[%zu]", n),
			"the pool %s is SUSPENDED: too many of its disks do not answer; when "
			"they do again, type: zpool clear %s",
			is->name, is->name);
		return;
	}
	judge_health(is, n, plan);
	if (!pst_shape_resolve(conf, n, state, plan, &shape) && shape.n)
		pst_zpool_plan_change(&conf->pools[n], n, &shape, is, state, plan);
	plan_properties(&conf->pools[n], n, is, state, plan);
	plan_forget(&conf->pools[n], n, state, plan);
}

static void plan_absent(const struct pst_conf *conf, size_t n, const struct pst_state *state,
			struct pst_plan *plan)
{
	const struct pst_conf_pool *pool = &conf->pools[n];
	struct pst_shape __cleanup_shape shape = { 0 };
	const char *guid = NULL;

	if (pool->import) {
		pst_import_plan(pool, n, &shape, NULL, state, plan);
		return;
	}
	if (pst_shape_resolve(conf, n, state, plan, &shape))
		return;
	switch (pst_disk_judge(pool->name, n, &shape, state, plan, &guid)) {
	case PST_DISKS_EMPTY:
		plan_create(pool, n, &shape, state, plan);
		break;
	case PST_DISKS_OURS:
		pst_import_plan(pool, n, &shape, guid, state, plan);
		break;
	case PST_DISKS_REFUSED:
		break;
	}
}

void pst_zpool_plan(const struct pst_conf *conf, const struct pst_state *state,
		    struct pst_plan *plan)
{
	for (size_t i = 0; i < conf->pools_count; i++) {
		const struct pst_pool_state *is = pst_state_pool(state, conf->pools[i].name);

		if (is)
			plan_imported(conf, i, is, state, plan);
		else
			plan_absent(conf, i, state, plan);
	}
}
