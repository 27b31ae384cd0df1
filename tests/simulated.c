// SPDX-License-Identifier: MIT
/* A node that exists only as a state. */
#include "simulated.h"

#include <stdio.h>

#include "common.h"

/* The values of KEY= in a file of ours, in the order of their lines. */
static struct pst_strv values_of(const char *text, const char *key)
{
	struct pst_strv values = { 0 };

	for (const char *line = text; line && *line; line += strcspn(line, "\n") + 1) {
		if (pst_startswith(line, key) && line[strlen(key)] == '=') {
			const char *value = line + strlen(key) + 1;

			pst_strv_addf(&values, "%.*s", (int)strcspn(value, "\n"), value);
		}
		if (!line[strcspn(line, "\n")])
			break;
	}
	return values;
}

static void write_file(struct pst_state *state, const char *path, const char *text)
{
	for (size_t i = 0; i < state->n_files; i++) {
		if (pst_streq(state->files[i].path, path)) {
			free(state->files[i].text);
			state->files[i].text = strdup(text);
			return;
		}
	}
	add_file(state, path, text);
}

static void remove_file(struct pst_state *state, const char *path)
{
	for (size_t i = 0; i < state->n_files; i++) {
		if (!pst_streq(state->files[i].path, path))
			continue;
		free(state->files[i].path);
		free(state->files[i].text);
		state->files[i] = state->files[--state->n_files];
		return;
	}
	fail_msg("%s is not there", path);
}

/* networkctl reload: each interface becomes as its file says. */
static void reload_network(struct pst_state *state)
{
	for (size_t i = 0; i < state->n_interfaces; i++) {
		struct pst_interface_state *interface = &state->interfaces[i];
		char __cleanup_free *path = pst_network_file(interface->name);
		const char *text = pst_state_file(state, path);
		struct pst_strv __cleanup_strv mtu = values_of(text, "MTUBytes");

		if (!text)
			continue;
		pst_strv_free(&interface->addresses);
		interface->addresses = values_of(text, "Address");
		if (mtu.n)
			interface->mtu = (unsigned int)strtoul(mtu.v[0], NULL, 10);
	}
}

static struct pst_dataset_state *new_dataset(struct pst_state *state, const char *name)
{
	struct pst_dataset_state *dataset =
		pst_array_grow((void **)&state->datasets, &state->n_datasets, sizeof(*dataset));

	assert_non_null(dataset);
	dataset->name = strdup(name);
	dataset->mountpoint = pst_printf("/%s", name);
	dataset->mounted = true;
	dataset->mode = 0755;
	return dataset;
}

static void set_property(struct pst_values *values, const char *assignment)
{
	size_t len = strcspn(assignment, "=");
	char __cleanup_free *name = strndup(assignment, len);

	for (size_t i = 0; i < values->n; i++) {
		if (pst_streq(values->v[i].name, name)) {
			free(values->v[i].text);
			values->v[i].text = strdup(assignment + len + 1);
			return;
		}
	}
	assert_int_equal(pst_values_add(values, name, assignment + len + 1), 0);
}

static void add_pool_disk(struct pst_state *state, struct pst_pool_state *pool, const char *path)
{
	const struct pst_disk_state *disk = pst_state_disk(state, path);
	struct pst_pool_disk *member =
		pst_array_grow((void **)&pool->disks, &pool->n_disks, sizeof(*member));

	assert_non_null(disk);
	member->path = pst_printf("%s-part1", path);
	member->disk = strdup(disk->disk);
	member->state = strdup("ONLINE");
}

static struct pst_pool_state *new_pool(struct pst_state *state, const char *name,
				       const char *layout)
{
	struct pst_pool_state *pool =
		pst_array_grow((void **)&state->pools, &state->n_pools, sizeof(*pool));

	assert_non_null(pool);
	pool->name = strdup(name);
	pool->health = strdup("ONLINE");
	pool->layout = strdup(layout);
	return pool;
}

static void label(struct pst_state *state, const char *path, const char *pool)
{
	struct pst_disk_state *disk = (struct pst_disk_state *)pst_state_disk(state, path);

	pst_strv_add(&disk->found, "a partition table (gpt)");
	pst_strv_addf(&disk->found, "a member of the ZFS pool %s", pool);
	disk->pool = strdup(pool);
	disk->pool_guid = strdup("4711");
}

/* zpool create -o A=B... -O A=B... NAME [LAYOUT] DISK... */
static void create_pool(struct pst_state *state, char **args)
{
	struct pst_values pool_properties = { 0 };
	struct pst_dataset_state *root = new_dataset(state, "");
	struct pst_pool_state *pool;

	for (; (*args)[0] == '-'; args += 2)
		set_property(pst_streq(*args, "-o") ? &pool_properties : &root->properties,
			     args[1]);
	free(root->name);
	free(root->mountpoint);
	root->name = strdup(args[0]);
	root->mountpoint = pst_printf("/%s", args[0]);
	pool = new_pool(state, args[0], args[1][0] == '/' ? "stripe" : args[1]);
	pool->properties = pool_properties;
	for (char **disk = args + 1 + (args[1][0] != '/'); *disk; disk++) {
		label(state, *disk, pool->name);
		add_pool_disk(state, pool, *disk);
	}
}

static void import_pool(const struct pst_conf *conf, struct pst_state *state, const char *guid)
{
	for (size_t i = 0; i < conf->pools_count; i++) {
		const struct pst_conf_pool *declared = &conf->pools[i];
		const struct pst_disk_state *disk = pst_state_disk(state, declared->disks[0]);
		struct pst_pool_state *pool;

		if (!pst_streq(disk->pool_guid, guid))
			continue;
		pool = new_pool(state, declared->name, pst_layout_name(declared->layout));
		for (size_t j = 0; j < declared->disks_count; j++)
			add_pool_disk(state, pool, declared->disks[j]);
		set_property(&pool->properties, "autotrim=on");
		new_dataset(state, declared->name);
		return;
	}
	fail_msg("there is no pool %s", guid);
}

/* zfs create -p -o A=B... NAME */
static void create_dataset(struct pst_state *state, char **args)
{
	struct pst_dataset_state *dataset = new_dataset(state, "");

	for (args++; pst_streq(*args, "-o"); args += 2)
		set_property(&dataset->properties, args[1]);
	free(dataset->name);
	free(dataset->mountpoint);
	dataset->name = strdup(*args);
	dataset->mountpoint = pst_printf("/%s", *args);
}

static void export_all(struct pst_state *state)
{
	const char *text = pst_state_file(state, "/etc/exports.d/penstock.exports");
	char __cleanup_free *line = strdup(strchr(text, '\n') + 1);
	char __cleanup_free *etab = NULL;

	*strchr(line, ' ') = '\t';
	etab = pst_printf("%s", line);
	assert_int_equal(pst_export_parse(etab, state, NULL), 0);
}

static void start_server(struct pst_state *state)
{
	const char *text = pst_state_file(state, "/etc/nfs.conf.d/penstock.conf");
	struct pst_strv __cleanup_strv threads = values_of(text, "threads");
	struct pst_strv __cleanup_strv port = values_of(text, "rdma-port");

	state->nfsd_threads = (unsigned int)strtoul(threads.v[0], NULL, 10);
	pst_strv_add(&state->nfsd_listeners, "tcp 2049");
	if (port.n)
		pst_strv_addf(&state->nfsd_listeners, "rdma %s", port.v[0]);
	export_all(state);
}

static void start_mount(struct pst_state *state, const char *unit)
{
	char __cleanup_free *path = pst_printf("/etc/systemd/system/%s", unit);
	const char *text = pst_state_file(state, path);
	struct pst_strv __cleanup_strv what = values_of(text, "What");
	struct pst_strv __cleanup_strv where = values_of(text, "Where");
	struct pst_strv __cleanup_strv options = values_of(text, "Options");
	char __cleanup_free *line = NULL;

	assert_int_equal(options.n, 1);
	line = pst_printf("1 2 0:9 / %s rw - nfs4 %s rw,%s\n", where.v[0], what.v[0], options.v[0]);
	assert_int_equal(pst_mount_parse(line, state, NULL), 0);
}

static void run(const struct pst_conf *conf, struct pst_state *state, char **argv)
{
	char __cleanup_free *command = pst_run_quote(argv);

	if (pst_startswith(command, "modprobe --all "))
		for (char **module = argv + 2; *module; module++)
			pst_strv_add(&state->modules, *module);
	else if (pst_streq(command, "networkctl reload") ||
		 pst_startswith(command, "networkctl reconfigure "))
		reload_network(state);
	else if (pst_startswith(command, "rdma link add "))
		add_rdma(state, argv[3], "ACTIVE", argv[7]);
	else if (pst_startswith(command, "zpool create "))
		create_pool(state, argv + 2);
	else if (pst_startswith(command, "zpool import -d "))
		import_pool(conf, state, argv[4]);
	else if (pst_startswith(command, "zfs create "))
		create_dataset(state, argv + 2);
	else if (pst_streq(command, "systemctl restart nfs-server.service"))
		start_server(state);
	else if (pst_startswith(command, "systemctl start "))
		start_mount(state, argv[2]);
	else if (!pst_streq(command, "systemctl daemon-reload") &&
		 !pst_startswith(command, "udevadm settle "))
		fail_msg("the simulated node knows no %s", command);
}

static void own(struct pst_state *state, const struct pst_step *step)
{
	for (size_t i = 0; i < state->n_datasets; i++) {
		struct pst_dataset_state *dataset = &state->datasets[i];

		if (!pst_streq(dataset->mountpoint, step->path))
			continue;
		dataset->owner = step->owner >= 0 ? (uid_t)step->owner : dataset->owner;
		dataset->group = step->group >= 0 ? (gid_t)step->group : dataset->group;
		dataset->mode = step->mode != (mode_t)-1 ? step->mode : dataset->mode;
		return;
	}
	fail_msg("nothing is mounted on %s", step->path);
}

static bool file_would_say(const struct pst_state *state, const struct pst_step *step)
{
	char name[64];

	if (sscanf(step->path, "/sys/class/net/%63[^/]/mtu", name) == 1)
		return pst_state_interface(state, name)->mtu == strtoul(step->text, NULL, 10);
	if (sscanf(step->path, "/sys/class/infiniband/%63[^/]/ports/1/state", name) == 1)
		return pst_streq(pst_state_rdma(state, name)->state, step->text);
	return false;
}

void simulate(const struct pst_conf *conf, struct pst_state *state, const struct pst_step *step)
{
	switch (step->kind) {
	case PST_STEP_WRITE:
		write_file(state, step->path, step->text);
		break;
	case PST_STEP_REMOVE:
		remove_file(state, step->path);
		break;
	case PST_STEP_RUN:
		run(conf, state, step->argv.v);
		break;
	case PST_STEP_HOST_NAME:
		free(state->host_name);
		state->host_name = strdup(step->text);
		break;
	case PST_STEP_OWN:
		own(state, step);
		break;
	case PST_STEP_WAIT_FILE:
		assert_true(file_would_say(state, step));
		break;
	case PST_STEP_WAIT_ADDRESS:
		assert_true(pst_network_has(pst_state_interface(state, step->path), step->text));
		break;
	case PST_STEP_LOOK_AGAIN:
		fail_msg("a new look is not a step to carry out");
	}
}

void simulate_reboot(struct pst_state *state)
{
	struct pst_state after = { 0 };

	after.host_name = strdup(state->host_name);
	for (size_t i = 0; i < state->n_files; i++)
		add_file(&after, state->files[i].path, state->files[i].text);
	for (size_t i = 0; i < state->n_interfaces; i++)
		add_interface(&after, state->interfaces[i].name, 1500, NULL);
	reload_network(&after);
	for (size_t i = 0; i < state->n_disks; i++) {
		struct pst_disk_state *old = &state->disks[i];
		struct pst_disk_state *disk = add_disk(&after, old->path, old->disk, NULL);

		for (size_t j = 0; j < old->found.n; j++)
			pst_strv_add(&disk->found, old->found.v[j]);
		disk->pool = old->pool ? strdup(old->pool) : NULL;
		disk->pool_guid = old->pool_guid ? strdup(old->pool_guid) : NULL;
	}
	pst_state_free(state);
	*state = after;
}
