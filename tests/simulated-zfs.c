// SPDX-License-Identifier: MIT
/* The simulated node's ZFS: pools, datasets, and the module. */
#include "simulated-parts.h"

#include "node/shape.h"

/* zfs(8) says sizes in bytes. */
static void report(struct pst_values *values, const struct pst_property *table,
		   const char *assignment)
{
	size_t len = strcspn(assignment, "=");
	struct pst_key name = pst_key("%.*s", (int)len, assignment);
	const char *value = assignment + len + 1;
	unsigned long long bytes = 0;

	for (; table->name; table++)
		if (pst_streq(table->name, name.text) && pst_startswith(table->values, "#") &&
		    (pst_streq(value, "none") || pst_parse_size(value, &bytes))) {
			sim_set(values, name.text,
				pst_key("%llu", pst_streq(value, "none") ? 0 : bytes).text);
			return;
		}
	sim_set(values, name.text, value);
}

static struct pst_dataset_state *the_dataset(struct pst_state *state, const char *name)
{
	struct pst_dataset_state *dataset =
		(struct pst_dataset_state *)pst_state_dataset(state, name);

	if (!dataset)
		fail_msg("there is no dataset %s", name);
	return dataset;
}

/* The nearest dataset above; NULL for that of a pool. */
static const struct pst_dataset_state *parent_of(const struct pst_state *state, const char *name)
{
	const char *slash = strrchr(name, '/');
	char __cleanup_free *parent = slash ? strndup(name, (size_t)(slash - name)) : NULL;

	return parent ? pst_state_dataset(state, parent) : NULL;
}

/* Set here, or as that of the nearest one above, and the rest of the name behind it. */
static char *mountpoint_of(const struct pst_state *state, const struct pst_dataset_state *dataset)
{
	const char *own = pst_value(&dataset->properties, "mountpoint");
	const struct pst_dataset_state *parent = parent_of(state, dataset->name);
	char __cleanup_free *above = NULL;

	if (own)
		return strdup(own);
	if (!parent)
		return pst_printf("/%s", dataset->name);
	above = mountpoint_of(state, parent);
	return pst_printf("%s%s", above, strrchr(dataset->name, '/'));
}

static void remount(struct pst_state *state)
{
	for (size_t i = 0; i < state->n_datasets; i++) {
		free(state->datasets[i].mountpoint);
		state->datasets[i].mountpoint = mountpoint_of(state, &state->datasets[i]);
	}
}

static struct pst_dataset_state *new_dataset(struct pst_state *state, const char *name)
{
	struct pst_dataset_state *dataset;

	if (pst_state_dataset(state, name))
		fail_msg("the dataset %s is there already", name);
	dataset = pst_array_grow((void **)&state->datasets, &state->n_datasets, sizeof(*dataset));
	assert_non_null(dataset);
	dataset->name = strdup(name);
	dataset->mounted = true;
	dataset->mode = 0755;
	return dataset;
}

static void add_pool_disk(struct pst_state *state, struct pst_pool_state *pool, const char *path)
{
	const struct pst_disk_state *disk = pst_state_disk(state, path);
	struct pst_pool_disk *member =
		pst_array_grow((void **)&pool->disks, &pool->n_disks, sizeof(*member));

	assert_non_null(disk);
	assert_non_null(disk->disk);
	member->path = pst_printf("%s-part1", path);
	member->disk = strdup(disk->disk);
	member->state = strdup("ONLINE");
	member->vdev = pool->n_vdevs - 1;
}

static void add_pool_vdev(struct pst_pool_state *pool, enum pst_class class, const char *layout)
{
	size_t number = pool->n_vdevs;
	struct pst_pool_vdev *vdev =
		pst_array_grow((void **)&pool->vdevs, &pool->n_vdevs, sizeof(*vdev));

	assert_non_null(vdev);
	vdev->class = class;
	vdev->layout = strdup(layout);
	if (class == PST_CLASS_DATA) {
		free(pool->layout);
		pool->layout = strdup(layout);
	}
	vdev->name = pst_printf("%s-%zu", layout, number);
}

static struct pst_pool_state *new_pool(struct pst_state *state, const char *name)
{
	struct pst_pool_state *pool =
		pst_array_grow((void **)&state->pools, &state->n_pools, sizeof(*pool));

	assert_non_null(pool);
	pool->name = strdup(name);
	pool->health = strdup("ONLINE");
	pool->layout = strdup("stripe");
	return pool;
}

/* ZFS makes a partition table of its own, and its label. What else is there it would not touch unforced. */
static void label(struct pst_state *state, const char *path, const struct pst_pool_state *pool)
{
	struct pst_disk_state *disk = (struct pst_disk_state *)pst_state_disk(state, path);

	assert_non_null(disk);
	if (disk->found.n)
		fail_msg("%s is not empty: %s", path, disk->found.v[0]);
	pst_strv_add(&disk->found, "a partition table (gpt)");
	pst_strv_addf(&disk->found, "a member of the ZFS pool %s", pool->name);
	disk->pool = strdup(pool->name);
	disk->pool_guid = pst_printf("%zu", 4711 + (size_t)(pool - state->pools));
}

/* The partition table stays. */
static void unlabel(struct pst_state *state, const char *kernel_name)
{
	for (size_t i = 0; i < state->n_disks; i++) {
		struct pst_disk_state *disk = &state->disks[i];

		if (!pst_streq(disk->disk, kernel_name))
			continue;
		pst_strv_free(&disk->found);
		pst_strv_add(&disk->found, "a partition table (gpt)");
		free(disk->pool);
		free(disk->pool_guid);
		disk->pool = NULL;
		disk->pool_guid = NULL;
	}
}

static bool class_of(const char *word, enum pst_class *ret)
{
	for (enum pst_class class = PST_CLASS_SPECIAL; class <= PST_CLASS_SPARE; class ++) {
		if (!pst_streq(pst_class_word(class), word))
			continue;
		*ret = class;
		return true;
	}
	return false;
}

/* [CLASS] [LAYOUT] DISK... and so on */
static void add_vdevs(struct pst_state *state, struct pst_pool_state *pool, char **args)
{
	enum pst_class class = PST_CLASS_DATA;
	bool group = false;

	for (; *args; args++) {
		if (class_of(*args, &class)) {
			group = false;
		} else if ((*args)[0] != '/') {
			add_pool_vdev(pool, class, *args);
			group = true;
		} else {
			if (!group)
				add_pool_vdev(pool, class, "stripe");
			label(state, *args, pool);
			add_pool_disk(state, pool, *args);
		}
	}
}

/* zpool create -o A=B... -O A=B... NAME [LAYOUT] DISK... */
static void create_pool(struct pst_state *state, char **args)
{
	struct pst_values pool_properties = { 0 };
	struct pst_values properties = { 0 };
	struct pst_pool_state *pool;

	for (; (*args)[0] == '-'; args += 2) {
		if (pst_streq(*args, "-o"))
			report(&pool_properties, pst_pool_properties, args[1]);
		else
			report(&properties, pst_fs_properties, args[1]);
	}
	new_dataset(state, args[0])->properties = properties;
	pool = new_pool(state, args[0]);
	pool->properties = pool_properties;
	add_vdevs(state, pool, args + 1);
	remount(state);
}

static struct pst_pool_state *the_pool(struct pst_state *state, const char *name)
{
	struct pst_pool_state *pool = (struct pst_pool_state *)pst_state_pool(state, name);

	assert_non_null(pool);
	return pool;
}

static struct pst_pool_disk *the_member(struct pst_pool_state *pool, const char *path)
{
	char __cleanup_free *part = pst_printf("%s-part1", path);

	for (size_t i = 0; i < pool->n_disks; i++)
		if (pst_streq(pool->disks[i].path, part))
			return &pool->disks[i];
	fail_msg("%s is not part of %s", path, pool->name);
	return NULL;
}

/* zpool add [-n] -o A=B POOL ... */
static void grow_pool(struct pst_state *state, char **args)
{
	bool dry = false;

	for (; (*args)[0] == '-'; args += pst_streq(*args, "-o") ? 2 : 1)
		dry = dry || pst_streq(*args, "-n");
	if (!dry)
		add_vdevs(state, the_pool(state, args[0]), args + 1);
}

/* zpool attach POOL VDEV|DISK NEW */
static void attach_disk(struct pst_state *state, char **args)
{
	struct pst_pool_state *pool = the_pool(state, args[0]);
	size_t vdev = 0;

	for (size_t i = 0; args[1][0] != '/' && i < pool->n_vdevs; i++)
		if (pst_streq(pool->vdevs[i].name, args[1]))
			vdev = i;
	if (args[1][0] == '/')
		vdev = the_member(pool, args[1])->vdev;
	label(state, args[2], pool);
	add_pool_disk(state, pool, args[2]);
	pool->disks[pool->n_disks - 1].vdev = vdev;
}

/* zpool replace POOL OLD NEW */
static void replace_disk(struct pst_state *state, char **args)
{
	struct pst_pool_state *pool = the_pool(state, args[0]);
	struct pst_pool_disk *member = the_member(pool, args[1]);

	label(state, args[2], pool);
	unlabel(state, member->disk);
	free(member->path);
	free(member->disk);
	member->path = pst_printf("%s-part1", args[2]);
	member->disk = strdup(pst_state_disk(state, args[2])->disk);
}

/* zpool remove POOL DISK|VDEV */
static void remove_vdev(struct pst_state *state, char **args)
{
	struct pst_pool_state *pool = the_pool(state, args[0]);

	for (size_t i = 0; i < pool->n_disks;) {
		struct pst_pool_disk *disk = &pool->disks[i];
		struct pst_pool_vdev *vdev = &pool->vdevs[disk->vdev];
		char __cleanup_free *part = pst_printf("%s-part1", args[1]);

		if (!pst_streq(disk->path, part) && !pst_streq(vdev->name, args[1])) {
			i++;
			continue;
		}
		vdev->class = PST_CLASS_DEDUP; /* as good as gone */
		unlabel(state, disk->disk);
		free(disk->path);
		free(disk->disk);
		free(disk->state);
		*disk = pool->disks[--pool->n_disks];
	}
}

static void import_pool(const struct pst_conf *conf, struct pst_state *state, const char *guid)
{
	for (size_t i = 0; i < conf->pools_count; i++) {
		const struct pst_conf_pool *declared = &conf->pools[i];
		const struct pst_disk_state *disk = pst_state_disk(state, declared->own.disks[0]);
		struct pst_pool_state *pool;

		if (!pst_streq(disk->pool_guid, guid))
			continue;
		pool = new_pool(state, declared->name);
		add_pool_vdev(pool, PST_CLASS_DATA, pst_layout_name(declared->own.layout));
		for (size_t j = 0; j < declared->own.disks_count; j++)
			add_pool_disk(state, pool, declared->own.disks[j]);
		sim_set(&pool->properties, "autotrim", "on");
		new_dataset(state, declared->name);
		remount(state);
		return;
	}
	fail_msg("there is no pool %s", guid);
}

/* What is encrypted, and whether it is open, is as above it where it has no key of its own. */
static void inherit_encryption(const struct pst_state *state, struct pst_dataset_state *dataset)
{
	const struct pst_dataset_state *parent = parent_of(state, dataset->name);
	const char *own = pst_value(&dataset->properties, "encryption");
	const char *above = parent ? pst_value(&parent->properties, "encryption") : NULL;

	if (!own)
		sim_set(&dataset->properties, "encryption", above ?: "off");
	own = pst_value(&dataset->properties, "encryption");
	sim_set(&dataset->properties, "keystatus", pst_streq(own, "off") ? "-" : "available");
}

/* zfs create -p -o A=B... NAME */
static void create_dataset(struct pst_state *state, char **args)
{
	struct pst_values properties = { 0 };
	struct pst_dataset_state *dataset;
	const char *name;

	for (args++; pst_streq(*args, "-o"); args += 2)
		report(&properties, pst_fs_properties, args[1]);
	name = *args ?: "";
	for (const char *p = strchr(name, '/'); p; p = strchr(p + 1, '/')) {
		char __cleanup_free *above = strndup(name, (size_t)(p - name));

		if (!pst_state_dataset(state, above))
			inherit_encryption(state, new_dataset(state, above));
	}
	dataset = new_dataset(state, name);
	dataset->properties = properties;
	inherit_encryption(state, dataset);
	remount(state);
}

/* zfs|zpool set A=B NAME */
static void set_dataset(struct pst_state *state, char **args)
{
	report(&the_dataset(state, args[1])->properties, pst_fs_properties, args[0]);
	remount(state);
}

/* wipefs --all --types gpt,PMBR DISK */
static void wipe(struct pst_state *state, const char *path)
{
	struct pst_disk_state *disk = (struct pst_disk_state *)pst_state_disk(state, path);

	assert_non_null(disk);
	assert_null(disk->pool);
	pst_strv_free(&disk->found);
}

static bool is_loaded(const struct pst_state *state, const char *module)
{
	return pst_strv_contains(&state->modules, module);
}

/* Parameters that the module has, beside those that its file sets. */
static const char *const parameters[] = { "zfs_txg_timeout", "zfs_dirty_data_max",
					  "zfs_prefetch_disable", "zfs_arc_min" };

/* ZFS's module takes its parameters from our file. */
static void load_modules(struct pst_state *state, char **modules)
{
	const char *text = pst_state_file(state, "/etc/modprobe.d/penstock-zfs.conf");

	for (; *modules; modules++) {
		if (is_loaded(state, *modules))
			continue;
		pst_strv_add(&state->modules, *modules);
		if (!pst_streq(*modules, "zfs"))
			continue;
		for (size_t i = 0; i < ARRAY_SIZE(parameters); i++)
			sim_set(&state->zfs_parameters, parameters[i], "0");
		for (const char *p = text ? strstr(text, "options zfs ") : NULL; p;
		     p = strstr(p, "options zfs ")) {
			char __cleanup_free *line = strndup(p + 12, strcspn(p, "\n") - 12);
			char *equals = strchr(line, '=');

			*equals = '\0';
			sim_set(&state->zfs_parameters, line, equals + 1);
			p += 12;
		}
	}
}

static bool run_zfs(struct pst_state *state, const char *command, char **argv)
{
	if (pst_startswith(command, "zfs create "))
		create_dataset(state, argv + 2);
	else if (pst_startswith(command, "zfs set "))
		set_dataset(state, argv + 2);
	else if (pst_startswith(command, "zfs mount "))
		the_dataset(state, argv[2])->mounted = true;
	else if (pst_startswith(command, "zfs load-key -L "))
		sim_set(&the_dataset(state, argv[4])->properties, "keystatus", "available");
	else
		return false;
	return true;
}

bool sim_zfs(const struct pst_conf *conf, struct pst_state *state, const char *command, char **argv)
{
	if (pst_startswith(command, "modprobe --all "))
		load_modules(state, argv + 2);
	else if (pst_startswith(command, "zpool create "))
		create_pool(state, argv + 2);
	else if (pst_startswith(command, "zpool add "))
		grow_pool(state, argv + 2);
	else if (pst_startswith(command, "zpool attach "))
		attach_disk(state, argv + 2);
	else if (pst_startswith(command, "zpool replace "))
		replace_disk(state, argv + 2);
	else if (pst_startswith(command, "zpool remove "))
		remove_vdev(state, argv + 2);
	else if (pst_startswith(command, "zpool set "))
		report(&the_pool(state, argv[3])->properties, pst_pool_properties, argv[2]);
	else if (pst_startswith(command, "zpool import -d "))
		import_pool(conf, state, argv[4]);
	else if (pst_startswith(command, "wipefs --all --types gpt,PMBR "))
		wipe(state, argv[4]);
	else
		return run_zfs(state, command, argv);
	return true;
}
