// SPDX-License-Identifier: MIT
/* A node that exists only as a state: its files, and what each step does. */
#include "simulated.h"

#include <stdio.h>

#include "base/run.h"
#include "simulated-parts.h"

struct pst_strv sim_values_of(const char *text, const char *key)
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

void sim_write_file(struct pst_state *state, const char *path, const char *text)
{
	for (size_t i = 0; i < state->n_files; i++) {
		if (pst_streq(state->files[i].path, path)) {
			char *copy = strdup(text);

			free(state->files[i].text);
			state->files[i].text = copy;
			return;
		}
	}
	add_file(state, path, text);
}

static void drop_file(struct pst_state *state, size_t n)
{
	free(state->files[n].path);
	free(state->files[n].text);
	/* In their order: a plan goes through them as they were found. */
	state->n_files--;
	for (size_t i = n; i < state->n_files; i++)
		state->files[i] = state->files[i + 1];
}

void sim_remove_file(struct pst_state *state, const char *path)
{
	for (size_t i = 0; i < state->n_files; i++) {
		if (!pst_streq(state->files[i].path, path))
			continue;
		drop_file(state, i);
		return;
	}
	fail_msg("%s is not there", path);
}

void sim_set(struct pst_values *values, const char *name, const char *text)
{
	for (size_t i = 0; i < values->n; i++) {
		if (pst_streq(values->v[i].name, name)) {
			char *copy = strdup(text);

			free(values->v[i].text);
			values->v[i].text = copy;
			return;
		}
	}
	assert_int_equal(pst_values_add(values, name, text), 0);
}

struct pst_key sim_memory(const char *program, const char *path)
{
	return pst_key(SIM_MEMORY "%s%s", program, path);
}

const char *sim_remembered(const struct pst_state *state, const char *program, const char *path)
{
	return pst_state_file(state, sim_memory(program, path).text);
}

void sim_forget(struct pst_state *state, const char *program, const char *path)
{
	struct pst_key memory = sim_memory(program, path);

	for (size_t i = state->n_files; i-- > 0;)
		if (pst_startswith(state->files[i].path, memory.text))
			drop_file(state, i);
}

void sim_read(struct pst_state *state, const char *program, const char *prefix)
{
	size_t n;

	sim_forget(state, program, prefix);
	n = state->n_files;
	for (size_t i = 0; i < n; i++) {
		struct pst_key memory = sim_memory(program, state->files[i].path);

		if (pst_startswith(state->files[i].path, prefix))
			add_file(state, memory.text, state->files[i].text);
	}
}

static void run(const struct pst_conf *conf, struct pst_state *state, char **argv)
{
	char __cleanup_free *command = pst_run_quote(argv);

	if (!sim_network(conf, state, command, argv) && !sim_zfs(conf, state, command, argv) &&
	    !sim_services(state, command, argv) && !pst_startswith(command, "udevadm settle "))
		fail_msg("the simulated node knows no %s", command);
}

static void own(struct pst_state *state, const struct pst_step *step)
{
	for (size_t i = 0; i < state->n_datasets; i++) {
		struct pst_dataset_state *dataset = &state->datasets[i];

		if (!pst_streq(dataset->mountpoint, step->path) || !dataset->mounted)
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
	const struct pst_interface_state *interface = NULL;
	char name[64];

	if (sscanf(step->path, "/sys/class/infiniband/%63[^/]/ports/1/state", name) == 1) {
		const struct pst_rdma_state *rdma = pst_state_rdma(state, name);

		return rdma && pst_streq(rdma->state, step->text);
	}
	if (sscanf(step->path, "/sys/class/net/%63[^/]", name) == 1)
		interface = pst_state_interface(state, name);
	if (!interface)
		return false;
	if (strstr(step->path, "/uevent"))
		return pst_streq(interface->kind, step->text + strlen("DEVTYPE="));
	if (strstr(step->path, "/pkey"))
		return pst_streq(pst_value(&interface->link, "key"), step->text);
	return strstr(step->path, "/mtu") && interface->mtu == strtoul(step->text, NULL, 10);
}

static void set_value(const struct pst_conf *conf, struct pst_state *state,
		      const struct pst_step *step)
{
	if (pst_streq(step->path, "/proc/fs/nfsd/threads"))
		state->nfsd_threads = (unsigned int)strtoul(step->text, NULL, 10);
	else if (pst_streq(step->path, "/proc/fs/nfsd/portlist"))
		pst_strv_add(&state->nfsd_listeners, step->text);
	else if (pst_startswith(step->path, "/sys/module/zfs/parameters/"))
		sim_set(&state->zfs_parameters, strrchr(step->path, '/') + 1, step->text);
	else if (!sim_set_roce(conf, state, step))
		fail_msg("nothing is known of %s", step->path);
}

static void check_wait(bool holds, const struct pst_step *step)
{
	if (!holds)
		fail_msg("%s would never be %s", step->path, step->text);
}

void simulate(const struct pst_conf *conf, struct pst_state *state, const struct pst_step *step)
{
	const struct pst_interface_state *interface;

	switch (step->kind) {
	case PST_STEP_WRITE:
		sim_write_file(state, step->path, step->text);
		break;
	case PST_STEP_REMOVE:
		sim_remove_file(state, step->path);
		break;
	case PST_STEP_RUN:
		run(conf, state, step->argv.v);
		break;
	case PST_STEP_HOST_NAME:
		free(state->host_name);
		state->host_name = strdup(step->text);
		break;
	case PST_STEP_SET:
		set_value(conf, state, step);
		break;
	case PST_STEP_OWN:
		own(state, step);
		break;
	case PST_STEP_WAIT_FILE:
		check_wait(file_would_say(state, step), step);
		break;
	case PST_STEP_WAIT_ADDRESS:
		interface = pst_state_interface(state, step->path);
		check_wait(interface && pst_network_has(interface, step->text), step);
		break;
	case PST_STEP_LOOK_AGAIN:
		fail_msg("a new look is not a step to carry out");
	}
}

static void add_unread(const struct pst_state *state, const char *program, const char *prefix,
		       struct pst_buf *text)
{
	struct pst_key memory = sim_memory(program, "");

	for (size_t i = 0; i < state->n_files; i++) {
		const char *path = state->files[i].path;
		const char *file = path + strlen(memory.text);

		if (pst_startswith(path, prefix) &&
		    !pst_streq(sim_remembered(state, program, path), state->files[i].text))
			pst_buf_printf(text, "%s has not read %s\n", program, path);
		/* What sysctl has set nothing takes back before the next boot. */
		if (!pst_streq(program, "sysctl") && pst_startswith(path, memory.text) &&
		    !pst_state_file(state, file))
			pst_buf_printf(text, "%s still has %s\n", program, file);
	}
}

/* A unit that is mounted remembers with what. */
static void add_unmounted(const struct pst_state *state, struct pst_buf *text)
{
	struct pst_key memory = sim_memory("mounted", "");

	for (size_t i = 0; i < state->n_files; i++) {
		const char *file = state->files[i].path + strlen(memory.text);

		if (pst_startswith(state->files[i].path, memory.text) &&
		    !pst_streq(pst_state_file(state, file), state->files[i].text))
			pst_buf_printf(text, "what runs is another %s\n", file);
	}
}

char *simulated_unread(const struct pst_state *state)
{
	struct pst_buf text = { 0 };

	add_unread(state, "networkd", "/etc/systemd/network/", &text);
	add_unread(state, "systemd", "/etc/systemd/system/", &text);
	add_unread(state, "sysctl", "/etc/sysctl.d/", &text);
	if (state->nfsd_threads)
		add_unread(state, "exportfs", "/etc/exports.d/", &text);
	add_unmounted(state, &text);
	return pst_buf_take(&text);
}

static void keep_interfaces(const struct pst_state *state, struct pst_state *after)
{
	for (size_t i = 0; i < state->n_interfaces; i++) {
		const struct pst_interface_state *old = &state->interfaces[i];
		struct pst_interface_state *kept;

		if (old->parent || pst_streq(old->kind, "bond") || pst_streq(old->kind, "vlan"))
			continue;
		add_interface(after, old->name, 1500, NULL);
		kept = &after->interfaces[after->n_interfaces - 1];
		kept->kind = old->kind ? strdup(old->kind) : NULL;
	}
}

void simulate_reboot(struct pst_state *state)
{
	struct pst_state after = { 0 };

	after.host_name = strdup(state->host_name);
	after.cpus = state->cpus;
	after.memory_bytes = state->memory_bytes;
	for (size_t i = 0; i < state->n_files; i++)
		if (!pst_startswith(state->files[i].path, SIM_MEMORY))
			add_file(&after, state->files[i].path, state->files[i].text);
	keep_interfaces(state, &after);
	sim_start_network(&after);
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
