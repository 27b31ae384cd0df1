// SPDX-License-Identifier: MIT
/* A node that exists only as a state. */
#include "simulated.h"

#include <stdio.h>

#include "common.h"
#include "node/shape.h"

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

static struct pst_interface_state *interface_named(struct pst_state *state, const char *name)
{
	return (struct pst_interface_state *)pst_state_interface(state, name);
}

/* What ip will say of a setting of systemd.netdev(5). */
static void set_link(struct pst_interface_state *interface, const char *text, const char *key,
		     const char *name)
{
	struct pst_strv __cleanup_strv values = values_of(text, key);

	if (!values.n)
		return;
	values.v[0][strcspn(values.v[0], "m")] = '\0';
	assert_int_equal(pst_values_add(&interface->link, name, values.v[0]), 0);
}

/* Makes the devices that are not there; which they are on, and what is in them, other files say. */
static void make_device(struct pst_state *state, const char *text)
{
	struct pst_strv __cleanup_strv name = values_of(text, "Name");
	struct pst_strv __cleanup_strv kind = values_of(text, "Kind");
	struct pst_interface_state *interface;

	if (interface_named(state, name.v[0]))
		return;
	add_interface(state, name.v[0], 1500, NULL);
	interface = interface_named(state, name.v[0]);
	interface->kind = strdup(kind.v[0]);
	set_link(interface, text, "Id", "id");
	set_link(interface, text, "Mode", "mode");
	set_link(interface, text, "MIIMonitorSec", "miimon");
}

static void join(struct pst_state *state, const char *name, const char *text)
{
	struct pst_strv __cleanup_strv bond = values_of(text, "Bond");
	struct pst_strv __cleanup_strv vlan = values_of(text, "VLAN");
	struct pst_strv __cleanup_strv from = values_of(text, "From");
	struct pst_strv __cleanup_strv table = values_of(text, "Table");

	if (bond.n)
		interface_named(state, name)->master = strdup(bond.v[0]);
	if (vlan.n)
		interface_named(state, vlan.v[0])->parent = strdup(name);
	for (size_t i = 0; i < from.n; i++)
		pst_strv_addf(&state->rules, "%s %s", from.v[i], table.v[0]);
}

/* networkctl reload: each interface becomes as its file says. */
static void reload_network(struct pst_state *state)
{
	for (size_t i = 0; i < state->n_files; i++)
		if (strstr(state->files[i].path, ".netdev"))
			make_device(state, state->files[i].text);
	for (size_t i = 0; i < state->n_interfaces; i++) {
		struct pst_interface_state *interface = &state->interfaces[i];
		char __cleanup_free *path = pst_network_file(interface->name);
		const char *text = pst_state_file(state, path);
		struct pst_strv __cleanup_strv mtu = values_of(text, "MTUBytes");

		if (!text)
			continue;
		pst_strv_free(&interface->addresses);
		interface->addresses = values_of(text, "Address");
		interface->has_dhcp4 = strstr(text, "DHCP=ipv4\n");
		join(state, interface->name, text);
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

static void label(struct pst_state *state, const char *path, const char *pool)
{
	struct pst_disk_state *disk = (struct pst_disk_state *)pst_state_disk(state, path);

	pst_strv_add(&disk->found, "a partition table (gpt)");
	pst_strv_addf(&disk->found, "a member of the ZFS pool %s", pool);
	disk->pool = strdup(pool);
	disk->pool_guid = strdup("4711");
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
			label(state, *args, pool->name);
			add_pool_disk(state, pool, *args);
		}
	}
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
	pool = new_pool(state, args[0]);
	pool->properties = pool_properties;
	add_vdevs(state, pool, args + 1);
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
	label(state, args[2], pool->name);
	add_pool_disk(state, pool, args[2]);
	pool->disks[pool->n_disks - 1].vdev = vdev;
}

/* zpool replace POOL OLD NEW */
static void replace_disk(struct pst_state *state, char **args)
{
	struct pst_pool_state *pool = the_pool(state, args[0]);
	struct pst_pool_disk *member = the_member(pool, args[1]);

	label(state, args[2], pool->name);
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
	struct pst_strv __cleanup_strv mode = values_of(text, "pool-mode");

	state->nfsd_threads = (unsigned int)strtoul(threads.v[0], NULL, 10);
	free(state->nfsd_pool_mode);
	state->nfsd_pool_mode = strdup(mode.v[0]);
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

/* The roce state of a device or of its interface; made when there is none. */
static struct pst_roce_state *roce_of(const struct pst_conf *conf, struct pst_state *state,
				      const char *name)
{
	struct pst_roce_state *roce;

	for (size_t i = 0; i < conf->rdma_count; i++) {
		const struct pst_conf_rdma *rdma = &conf->rdma[i];

		if (!pst_streq(rdma->device, name) && !pst_streq(rdma->interface, name))
			continue;
		roce = (struct pst_roce_state *)pst_state_roce(state, rdma->device);
		if (roce)
			return roce;
		roce = pst_array_grow((void **)&state->roce, &state->n_roce, sizeof(*roce));
		assert_non_null(roce);
		roce->device = strdup(rdma->device);
		roce->interface = strdup(rdma->interface);
		return roce;
	}
	fail_msg("no RoCE is declared for %s", name);
	return NULL;
}

/* dcb OBJECT set|replace dev INTERFACE NAME 0:A 1:B ... NAME ...: what it will report. */
static void run_dcb(const struct pst_conf *conf, struct pst_state *state, char **argv)
{
	struct pst_roce_state *roce = roce_of(conf, state, argv[4]);
	const char *words[8] = { 0 };
	char name[32] = "";

	for (char **arg = argv + 5; *arg; arg++) {
		if (!strchr(*arg, ':')) {
			snprintf(name, sizeof(name), "%s", *arg);
			name[strcspn(name, "-")] = '_';
			for (size_t i = 0; i < ARRAY_SIZE(words); i++)
				words[i] = "0";
		} else if (pst_streq(argv[1], "app")) {
			assert_int_equal(pst_values_add(&roce->values, name, *arg), 0);
			continue;
		} else {
			words[strtoul(*arg, NULL, 10)] = strchr(*arg, ':') + 1;
		}
		if (*name && (!arg[1] || !strchr(arg[1], ':'))) {
			char __cleanup_free *value =
				pst_printf("%s %s %s %s %s %s %s %s", words[0], words[1], words[2],
					   words[3], words[4], words[5], words[6], words[7]);

			assert_int_equal(pst_values_add(&roce->values, name, value), 0);
		}
	}
}

static bool is_roce_file(const char *path)
{
	return pst_startswith(path, "/sys/kernel/config/rdma_cm/") ||
	       pst_startswith(path, "/sys/class/net/");
}

/* configfs and sysfs: /.../rdma_cm/DEVICE/ports/1/NAME and /sys/class/net/INTERFACE/ecn/NAME/enable/3. */
static void set_kernel_file(const struct pst_conf *conf, struct pst_state *state,
			    const struct pst_step *step)
{
	char of[64], name[64];

	if (sscanf(step->path, "/sys/kernel/config/rdma_cm/%63[^/]/ports/1/%63[^/]", of, name) !=
		    2 &&
	    sscanf(step->path, "/sys/class/net/%63[^/]/ecn/%63[^/]", of, name) != 2)
		fail_msg("%s is no file that is known here", step->path);
	assert_int_equal(pst_values_add(&roce_of(conf, state, of)->values, name, step->text), 0);
}

static void load_sysctl(struct pst_state *state, const char *path)
{
	const char *text = pst_state_file(state, path);

	for (size_t i = 0; i < state->n_interfaces; i++) {
		struct pst_interface_state *interface = &state->interfaces[i];
		char __cleanup_free *key = pst_printf("/conf/%s/arp_ignore = 1\n", interface->name);

		if (!strstr(text, key))
			continue;
		pst_values_add(&interface->sysctl, "arp_ignore", "1");
		pst_values_add(&interface->sysctl, "arp_announce", "2");
	}
}

/* ZFS's module takes its parameters from our file. */
static void load_modules(struct pst_state *state, char **modules)
{
	const char *text = pst_state_file(state, "/etc/modprobe.d/penstock-zfs.conf");
	struct pst_strv __cleanup_strv arc = values_of(text, "options zfs zfs_arc_max");

	for (; *modules; modules++) {
		pst_strv_add(&state->modules, *modules);
		if (pst_streq(*modules, "zfs") && arc.n)
			set_property(&state->zfs_parameters,
				     pst_key("zfs_arc_max=%s", arc.v[0]).text);
	}
}

static void run(const struct pst_conf *conf, struct pst_state *state, char **argv)
{
	char __cleanup_free *command = pst_run_quote(argv);

	if (pst_startswith(command, "modprobe --all "))
		load_modules(state, argv + 2);
	else if (pst_streq(command, "networkctl reload") ||
		 pst_startswith(command, "networkctl reconfigure "))
		reload_network(state);
	else if (pst_startswith(command, "dcb "))
		run_dcb(conf, state, argv);
	else if (pst_startswith(command, "sysctl --load "))
		load_sysctl(state, argv[2]);
	else if (pst_startswith(command, "rdma link add "))
		add_rdma(state, argv[3], "ACTIVE", argv[7]);
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
	else if (pst_startswith(command, "zpool import -d "))
		import_pool(conf, state, argv[4]);
	else if (pst_startswith(command, "zfs create "))
		create_dataset(state, argv + 2);
	else if (pst_streq(command, "systemctl restart nfs-server.service"))
		start_server(state);
	else if (pst_startswith(command, "systemctl start "))
		start_mount(state, argv[2]);
	else if (!pst_streq(command, "systemctl daemon-reload") &&
		 !pst_startswith(command, "mkdir --parents ") &&
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

	/* What stands behind the name does not count for sscanf. */
	if (strstr(step->path, "/uevent") &&
	    sscanf(step->path, "/sys/class/net/%63[^/]", name) == 1)
		return pst_streq(pst_state_interface(state, name)->kind,
				 step->text + strlen("DEVTYPE="));
	if (sscanf(step->path, "/sys/class/net/%63[^/]/mtu", name) == 1)
		return pst_state_interface(state, name)->mtu == strtoul(step->text, NULL, 10);
	if (sscanf(step->path, "/sys/class/infiniband/%63[^/]/ports/1/state", name) == 1)
		return pst_streq(pst_state_rdma(state, name)->state, step->text);
	return false;
}

static void set_value(struct pst_state *state, const struct pst_step *step)
{
	if (pst_streq(step->path, "/proc/fs/nfsd/threads"))
		state->nfsd_threads = (unsigned int)strtoul(step->text, NULL, 10);
	else if (pst_streq(step->path, "/proc/fs/nfsd/portlist"))
		pst_strv_add(&state->nfsd_listeners, step->text);
	else if (pst_startswith(step->path, "/sys/module/zfs/parameters/"))
		set_property(&state->zfs_parameters,
			     pst_key("%s=%s", strrchr(step->path, '/') + 1, step->text).text);
	else
		fail_msg("nothing is known of %s", step->path);
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
	case PST_STEP_SET:
		if (is_roce_file(step->path))
			set_kernel_file(conf, state, step);
		else
			set_value(state, step);
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
	after.cpus = state->cpus;
	after.memory_bytes = state->memory_bytes;
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
