// SPDX-License-Identifier: MIT
/* NFS mounts: what the kernel says of them, and the way to those that are declared. */
#include <errno.h>

#include "base/mountinfo.h"
#include "node/mount.h"
#include "node/node.h"
#include "node/unread.h"

#define SWITCHES "/sys/kernel/sunrpc/xprt-switches"

bool pst_mount_is_nfs(const struct pst_mount_state *mount)
{
	return pst_mountinfo_is_nfs(mount->type);
}

int pst_mount_parse(const char *mountinfo, struct pst_state *state, struct pst_reason *reason)
{
	struct pst_mountinfo line;
	int error;

	while ((error = pst_mountinfo_next(&mountinfo, &line)) == 0) {
		struct pst_mount_state *mount =
			pst_array_grow((void **)&state->mounts, &state->n_mounts, sizeof(*mount));

		if (!mount) {
			pst_mountinfo_free(&line);
			return -ENOMEM;
		}
		mount->device = line.device;
		mount->target = line.target;
		mount->type = line.type;
		mount->source = line.source;
		mount->options = line.options;
	}
	if (error == -EBADMSG)
		return pst_fail(reason, error, "mountinfo has a line of another shape: %.*s",
				(int)strcspn(mountinfo, "\n"), mountinfo);
	return error == -ENOENT ? 0 : error;
}

/* Addresses of one switch, that is, of one server; a connection may be gone by the time it is read. */
static int add_connections(struct pst_host *host, const char *name, struct pst_state *state,
			   struct pst_reason *reason)
{
	char __cleanup_free *dir = pst_printf(SWITCHES "/%s", name);
	struct pst_strv __cleanup_strv names = { 0 };
	int error = dir ? pst_host_list(host, dir, &names, reason) : -ENOMEM;

	for (size_t i = 0; i < names.n && !error; i++) {
		char __cleanup_free *path = pst_printf("%s/%s/dstaddr", dir, names.v[i]);
		char __cleanup_free *address = NULL;

		error = path ? pst_host_read(host, path, &address, reason) : -ENOMEM;
		if (error == -ENOENT || error == -ENOTDIR)
			error = 0;
		else if (!error)
			pst_strv_addf(&state->connections, "%.*s", (int)strcspn(address, "\n"),
				      address);
	}
	return state->connections.oom ? -ENOMEM : error;
}

/* net/sunrpc/sysfs.c */
static int observe_connections(struct pst_host *host, struct pst_state *state,
			       struct pst_reason *reason)
{
	struct pst_strv __cleanup_strv names = { 0 };
	int error;

	state->knows_connections = pst_host_exists(host, SWITCHES);
	error = pst_host_list(host, SWITCHES, &names, reason);
	for (size_t i = 0; i < names.n && !error; i++)
		error = add_connections(host, names.v[i], state, reason);
	return error;
}

int pst_mount_observe(struct pst_host *host, struct pst_state *state, struct pst_reason *reason)
{
	char __cleanup_free *text = NULL;
	int error = pst_host_read(host, "/proc/self/mountinfo", &text, reason);

	if (!error)
		error = pst_mount_parse(text, state, reason);
	return error ? error : observe_connections(host, state, reason);
}

char *pst_mount_option(const struct pst_mount_state *mount, const char *name)
{
	return pst_mountinfo_option(mount->options, name);
}

static const char *hardness_of(const struct pst_mount_state *is)
{
	if (pst_mountinfo_flag(is->options, "softerr"))
		return "softerr";
	return pst_mountinfo_flag(is->options, "soft") ? "soft" : "hard";
}

/* What is wrong with the options of a mount that is there, in words; NULL when nothing is. */
static char *options_differ(const struct pst_conf_mount *conf, const struct pst_mount_state *is)
{
	struct pst_strv __cleanup_strv shown = { 0 };
	const char *hardness = hardness_of(is);

	if (!pst_streq(hardness, pst_mount_hardness(conf)))
		return pst_printf("%s is mounted %s, not %s", conf->target, hardness,
				  pst_mount_hardness(conf));
	pst_mount_shown(conf, &shown);
	for (size_t i = 0; i < shown.n; i++) {
		const char *equals = strchr(shown.v[i], '=');
		struct pst_key name = pst_key("%.*s", (int)strcspn(shown.v[i], "="), shown.v[i]);
		char __cleanup_free *have = NULL;

		if (!equals) {
			if (!pst_mountinfo_flag(is->options, shown.v[i]))
				return pst_printf("%s is mounted without %s", conf->target,
						  shown.v[i]);
			continue;
		}
		have = pst_mount_option(is, name.text);
		if (!pst_streq(have, equals + 1))
			return pst_printf("%s is mounted with %s %s, not %s", conf->target,
					  name.text, have ?: "(the kernel's own)", equals + 1);
	}
	return NULL;
}

/* From 4.1 on a server says who it is, and by whatever address it is mounted the first one is used. */
static bool is_same_server(const struct pst_conf_mount *conf, const struct pst_mount_state *is)
{
	bool says = conf->version == PST_NFS_4_2 || conf->version == PST_NFS_4_1;

	return says && pst_streq(strstr(is->source, ":/"), strstr(conf->source, ":/"));
}

/* A mount that only adds an address has the first one's source, as the kernel states it. */
static char *trunk_differs(const struct pst_conf_mount *conf, const char *server,
			   const struct pst_state *state, const struct pst_mount_state *is)
{
	if (!pst_streq(is->source, conf->source) && !is_same_server(conf, is))
		return pst_printf("%s is mounted from %s, not from %s", conf->target, is->source,
				  conf->source);
	if (state->knows_connections && !pst_strv_contains(&state->connections, server))
		return pst_printf("the kernel does not use the address %s of the server of %s",
				  server, is->source);
	return options_differ(conf, is);
}

static char *differs(const struct pst_conf_mount *conf, const struct pst_mount_state *is)
{
	const char *transport = pst_transport_name(conf->transport);
	char __cleanup_free *proto = pst_mount_option(is, "proto");
	char __cleanup_free *version = pst_mount_option(is, "vers");

	if (!pst_streq(is->source, conf->source))
		return pst_printf(
			"%s is mounted from %s, not from %s%s", conf->target, is->source,
			conf->source,
			is_same_server(conf, is)
				? ": if that is one server, name its addresses in servers:"
				: "");
	/* Over IPv6 the kernel says rdma6 and tcp6. */
	if (!proto || !pst_startswith(proto, transport) ||
	    strspn(proto + strlen(transport), "6") != strlen(proto + strlen(transport)))
		return pst_printf("%s is mounted over %s, not over %s", conf->target,
				  proto ?: "nothing known", transport);
	if (!pst_streq(version, pst_nfs_version_name(conf->version)))
		return pst_printf("%s is mounted with NFS version %s, not %s", conf->target,
				  version ?: "unknown", pst_nfs_version_name(conf->version));
	return options_differ(conf, is);
}

/* A mount, or one of those that only add an address to another's server. */
struct entry {
	struct pst_conf_mount conf; /* its strings belong to others, but for those below */
	struct pst_key key;
	struct pst_key target_key;
	const struct pst_conf_mount *of; /* what the file says */
	const char *server; /* the address that it adds; NULL of a mount */
	char *source;
	char *target;
	char *unit;
	char *automount_unit;
	bool rewritten;
	bool automount_rewritten;
	bool fresh; /* it is not mounted, and has to be */
	bool again; /* it is mounted, and has to be mounted anew */
	char *why;
};

struct work {
	const struct pst_state *state;
	struct pst_plan *plan;
	struct entry *entries;
	size_t n;
	bool reload;
};

static struct entry *add_entry(struct work *work, const struct pst_conf_mount *conf)
{
	struct entry *entry = pst_array_grow((void **)&work->entries, &work->n, sizeof(*entry));

	if (!entry) {
		work->plan->oom = true;
		return NULL;
	}
	entry->conf = *conf;
	entry->of = conf;
	return entry;
}

static void name_units(struct work *work, struct entry *entry)
{
	entry->unit = pst_mount_unit(entry->conf.target);
	entry->automount_unit = pst_automount_unit(entry->conf.target);
	if (!entry->unit || !entry->automount_unit)
		work->plan->oom = true;
}

static void add_entries(struct work *work, size_t n, const struct pst_conf_mount *conf)
{
	struct entry *entry = add_entry(work, conf);

	if (!entry)
		return;
	entry->key = pst_key("mounts[%zu]", n);
	entry->target_key = pst_key("mounts[%zu].target", n);
	name_units(work, entry);
	for (size_t i = 0; i < conf->servers_count; i++) {
		entry = add_entry(work, conf);
		if (!entry)
			return;
		entry->key = pst_key("mounts[%zu].servers[%zu]", n, i);
		entry->target_key = entry->key;
		entry->server = conf->servers[i];
		entry->source = pst_mount_trunk_source(conf, conf->servers[i]);
		entry->target = pst_mount_trunk_target(conf, conf->servers[i]);
		if (!entry->source || !entry->target) {
			work->plan->oom = true;
			return;
		}
		entry->conf.source = entry->source;
		entry->conf.target = entry->target;
		entry->conf.automount = false;
		name_units(work, entry);
	}
}

static void free_entries(struct work *work)
{
	for (size_t i = 0; i < work->n; i++) {
		free(work->entries[i].source);
		free(work->entries[i].target);
		free(work->entries[i].unit);
		free(work->entries[i].automount_unit);
		free(work->entries[i].why);
	}
	free(work->entries);
}

static bool is_autofs(const struct pst_mount_state *is)
{
	return is && pst_streq(is->type, "autofs");
}

static bool has_our_automount(const struct work *work, const struct entry *entry)
{
	struct pst_key path = pst_key(PST_UNIT_DIR "%s", entry->automount_unit);
	const char *text = pst_state_file(work->state, path.text);

	return text && pst_file_is_ours(text);
}

static bool is_under_autofs(const struct work *work, const char *target)
{
	for (size_t i = 0; i < work->state->n_mounts; i++)
		if (pst_streq(work->state->mounts[i].target, target) &&
		    is_autofs(&work->state->mounts[i]))
			return true;
	return false;
}

/* What mounts at the first use; it cannot be put under a mount that is there. */
static void plan_automount(const struct work *work, const struct entry *entry,
			   const struct pst_mount_state *is)
{
	char __cleanup_free *why = NULL;

	if (is_under_autofs(work, entry->conf.target)) {
		if (entry->automount_rewritten)
			pst_plan_run(work->plan, entry->key.text, NULL, "systemctl", "restart",
				     entry->automount_unit);
		return;
	}
	why = pst_printf("%s is not mounted at its first use", entry->conf.target);
	if (is)
		pst_plan_run(work->plan, entry->key.text, NULL, "systemctl", "stop", entry->unit);
	pst_plan_run(work->plan, entry->key.text, why, "systemctl", "start", entry->automount_unit);
}

static void plan_one(const struct work *work, struct entry *entry)
{
	const struct pst_conf_mount *conf = &entry->conf;
	const struct pst_mount_state *is = pst_state_mount(work->state, conf->target);

	/* One of ours that is no longer declared is stopped before, and takes with it what is mounted on it. */
	if (has_our_automount(work, entry) &&
	    (is_autofs(is) || (!conf->automount && is_under_autofs(work, conf->target))))
		is = NULL;
	if (is && !pst_mount_is_nfs(is)) {
		pst_plan_problem(work->plan, PST_PROBLEM_REFUSED, entry->target_key,
				 "on %s, %s of the type %s is mounted", conf->target, is->source,
				 is->type);
		return;
	}
	if (conf->automount)
		plan_automount(work, entry, is);
	if (is && (!conf->automount || is_under_autofs(work, conf->target))) {
		entry->why = entry->server ? trunk_differs(conf, entry->server, work->state, is)
					   : differs(conf, is);
		entry->again = entry->why || entry->rewritten;
	} else if (!conf->automount) {
		entry->why = pst_printf("%s is not mounted", conf->target);
		entry->fresh = true;
	}
}

static size_t host_len(const char *source)
{
	const char *end = strstr(source, ":/");

	return end ? (size_t)(end - source) : strlen(source);
}

/* The kernel has one set of connections for these, made as the first of them is mounted. */
static bool share_connections(const struct pst_conf_mount *a, const struct pst_conf_mount *b)
{
	return host_len(a->source) == host_len(b->source) &&
	       strncmp(a->source, b->source, host_len(a->source)) == 0 &&
	       a->version == b->version && a->transport == b->transport;
}

static bool shares_with_another(const struct work *work, const struct entry *entry)
{
	for (size_t i = 0; i < work->n; i++)
		if (&work->entries[i] != entry &&
		    (work->entries[i].again || work->entries[i].fresh) &&
		    share_connections(work->entries[i].of, entry->of))
			return true;
	return false;
}

/*
 * Those that share connections all go before the first of them comes back: one that stayed would keep the connections
 * as they are, with their nconnect and max_connect.
 */
static void plan_mounting(const struct work *work)
{
	for (size_t i = 0; i < work->n; i++) {
		const struct entry *entry = &work->entries[i];

		if (entry->again && shares_with_another(work, entry))
			pst_plan_run(work->plan, entry->key.text, entry->why, "systemctl", "stop",
				     entry->unit);
	}
	for (size_t i = 0; i < work->n; i++) {
		const struct entry *entry = &work->entries[i];
		bool stopped = entry->again && shares_with_another(work, entry);

		if (entry->again || entry->fresh)
			pst_plan_run(work->plan, entry->key.text, stopped ? NULL : entry->why,
				     "systemctl", entry->fresh || stopped ? "start" : "restart",
				     entry->unit);
	}
}

static bool is_declared(const struct work *work, const char *unit)
{
	for (size_t i = 0; i < work->n; i++)
		if (pst_streq(work->entries[i].unit, unit) ||
		    (work->entries[i].conf.automount &&
		     pst_streq(work->entries[i].automount_unit, unit)))
			return true;
	return false;
}

/* The directory has the drop-in of the NFS server's unit as well. */
static bool is_mount_unit(const char *path)
{
	const char *type = strrchr(path, '.');

	return pst_startswith(path, PST_UNIT_DIR) &&
	       (pst_streq(type, ".mount") || pst_streq(type, ".automount"));
}

/* What we once mounted and is no longer declared. */
static bool is_stale(const struct work *work, const struct pst_file_state *file)
{
	return is_mount_unit(file->path) && pst_file_is_ours(file->text) &&
	       !is_declared(work, strrchr(file->path, '/') + 1);
}

static bool has_stale(const struct work *work)
{
	for (size_t i = 0; i < work->state->n_files; i++)
		if (is_stale(work, &work->state->files[i]))
			return true;
	return false;
}

static void add_all(struct work *work, const struct pst_conf *conf)
{
	for (size_t i = 0; i < conf->mounts_count; i++)
		add_entries(work, i, &conf->mounts[i]);
}

void pst_mount_plan_stale(const struct pst_conf *conf, const struct pst_state *state,
			  struct pst_plan *plan)
{
	struct work work = { .state = state, .plan = plan };

	add_all(&work, conf);
	for (size_t i = 0; i < state->n_files && !plan->oom; i++) {
		const struct pst_file_state *file = &state->files[i];

		if (!is_stale(&work, file))
			continue;
		pst_plan_run(plan, "mounts", NULL, "systemctl", "stop",
			     strrchr(file->path, '/') + 1);
		pst_plan_file(plan, state, "mounts", file->path, NULL);
	}
	free_entries(&work);
}

/* Returns whether the unit is another than what runs; takes over @text. */
static bool plan_unit(struct work *work, const struct entry *entry, const char *unit, char *text)
{
	struct pst_key path = pst_key(PST_UNIT_DIR "%s", unit);
	size_t before = work->plan->n;
	bool changed = false;

	if (text)
		changed = pst_plan_file(work->plan, work->state, entry->key.text, path.text, text);
	else
		work->plan->oom = true;
	work->reload = work->reload || work->plan->n > before;
	free(text);
	return changed;
}

void pst_mount_plan(const struct pst_conf *conf, const struct pst_state *state,
		    struct pst_plan *plan)
{
	struct work work = { .state = state, .plan = plan };

	add_all(&work, conf);
	work.reload = pst_unread_below(state, PST_UNIT_DIR) || has_stale(&work);
	for (size_t i = 0; i < work.n && !plan->oom; i++) {
		struct entry *entry = &work.entries[i];

		entry->rewritten =
			plan_unit(&work, entry, entry->unit, pst_mount_unit_text(&entry->conf));
		if (entry->conf.automount)
			entry->automount_rewritten =
				plan_unit(&work, entry, entry->automount_unit,
					  pst_automount_unit_text(&entry->conf));
	}
	if (work.reload)
		pst_plan_run(plan, "mounts", NULL, "systemctl", "daemon-reload");
	for (size_t i = 0; i < work.n && !plan->oom; i++)
		plan_one(&work, &work.entries[i]);
	if (!plan->oom)
		plan_mounting(&work);
	free_entries(&work);
}
