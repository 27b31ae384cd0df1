// SPDX-License-Identifier: MIT
/* The simulated node's services: the NFS server and its exports, mounts as units of systemd, and accounts. */
#include "simulated-parts.h"

#include <stdio.h>

#define EXPORTS_DIR "/etc/exports.d/"
#define UNIT_DIR    "/etc/systemd/system/"

static bool has_word(const struct pst_strv *words, const char *word)
{
	return pst_strv_contains(words, word);
}

static struct pst_strv split(const char *text, const char *between)
{
	char __cleanup_free *copy = strdup(text);
	struct pst_strv words = { 0 };
	char *rest = NULL;

	for (char *word = strtok_r(copy, between, &rest); word;
	     word = strtok_r(NULL, between, &rest))
		pst_strv_add(&words, word);
	return words;
}

/* As exportfs(8) writes what it was told with an option or without. */
static const struct {
	const char *told;
	const char *with;
	const char *without;
} flags[] = {
	{ "rw", "rw", "ro" },
	{ "async", "async", "sync" },
	{ "no_wdelay", "no_wdelay", "wdelay" },
	{ "nohide", "nohide", "hide" },
	{ "crossmnt", "crossmnt", "nocrossmnt" },
	{ "insecure", "insecure", "secure" },
	{ "no_root_squash", "no_root_squash", "root_squash" },
	{ "all_squash", "all_squash", "no_all_squash" },
	{ "subtree_check", "subtree_check", "no_subtree_check" },
	{ "insecure_locks", "insecure_locks", "secure_locks" },
	{ "no_acl", "no_acl", "acl" },
};

static void add_valued(struct pst_strv *words, const struct pst_strv *told, const char *name,
		       const char *otherwise)
{
	for (size_t i = 0; i < told->n; i++)
		if (pst_startswith(told->v[i], name))
			otherwise = told->v[i];
	if (otherwise)
		pst_strv_add(words, otherwise);
}

/* CLIENT(OPTIONS) of exports(5) as a line of etab. */
static void export_one(struct pst_state *state, const char *path, const char *client)
{
	size_t len = strcspn(client, "(");
	char __cleanup_free *options = strndup(client + len + 1, strlen(client) - len - 2);
	struct pst_strv __cleanup_strv told = split(options, ",");
	struct pst_strv __cleanup_strv words = { 0 };
	char __cleanup_free *list = NULL;
	char __cleanup_free *etab = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		pst_strv_add(&words,
			     has_word(&told, flags[i].told) ? flags[i].with : flags[i].without);
	add_valued(&words, &told, "fsid=", NULL);
	add_valued(&words, &told, "anonuid=", "anonuid=65534");
	add_valued(&words, &told, "anongid=", "anongid=65534");
	add_valued(&words, &told, "sec=", "sec=sys");
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (strstr(flags[i].told, "squash") || pst_streq(flags[i].told, "rw"))
			pst_strv_add(&words, has_word(&told, flags[i].told) ? flags[i].with
									    : flags[i].without);
	add_valued(&words, &told, "xprtsec=", NULL);
	list = pst_strv_join(&words, ",");
	etab = pst_printf("%s\t%.*s(%s)\n", path, (int)len, client, list);
	assert_int_equal(pst_export_parse(etab, state, NULL), 0);
}

static void forget_exports(struct pst_state *state)
{
	for (size_t i = 0; i < state->n_exports; i++) {
		free(state->exports[i].path);
		free(state->exports[i].client);
		free(state->exports[i].options);
	}
	free(state->exports);
	state->exports = NULL;
	state->n_exports = 0;
}

static void export_all(struct pst_state *state)
{
	const char *text = pst_state_file(state, EXPORTS_DIR "penstock.exports");
	struct pst_strv __cleanup_strv lines = split(text ?: "", "\n");

	forget_exports(state);
	for (size_t i = 0; i < lines.n; i++) {
		struct pst_strv __cleanup_strv words = { 0 };

		if (lines.v[i][0] != '/')
			continue;
		words = split(lines.v[i], " ");
		for (size_t j = 1; j < words.n; j++)
			export_one(state, words.v[0], words.v[j]);
	}
	sim_read(state, "exportfs", EXPORTS_DIR);
}

static unsigned int number_in(const char *text, const char *key, unsigned int otherwise)
{
	struct pst_strv __cleanup_strv values = sim_values_of(text, key);

	return values.n ? (unsigned int)strtoul(values.v[0], NULL, 10) : otherwise;
}

static bool says_yes(const char *text, const char *key)
{
	struct pst_strv __cleanup_strv values = sim_values_of(text, key);

	return !values.n || pst_streq(values.v[0], "y");
}

/* As /proc/fs/nfsd/versions has them. */
static void set_versions(struct pst_state *state, const char *text)
{
	static const char *const minors[] = { "4.0", "4.1", "4.2" };
	bool any = false;

	pst_strv_free(&state->nfsd_versions);
	pst_strv_addf(&state->nfsd_versions, "%c3", says_yes(text, "vers3") ? '+' : '-');
	for (size_t i = 0; i < ARRAY_SIZE(minors); i++)
		any |= says_yes(text, pst_key("vers%s", minors[i]).text);
	pst_strv_addf(&state->nfsd_versions, "%c4", any ? '+' : '-');
	for (size_t i = 0; i < ARRAY_SIZE(minors); i++)
		pst_strv_addf(&state->nfsd_versions, "%c%s",
			      says_yes(text, pst_key("vers%s", minors[i]).text) ? '+' : '-',
			      minors[i]);
}

static void set_text(char **ret, const char *text)
{
	free(*ret);
	*ret = strdup(text);
}

/* What the unit's drop-in writes before the threads start; it stays when the drop-in goes. */
static void start_drop_in(struct pst_state *state)
{
	const char *text =
		sim_remembered(state, "systemd", UNIT_DIR "nfs-server.service.d/penstock.conf");
	char mode[16];

	for (const char *at = text; at && (at = strstr(at, "'echo ")); at++) {
		unsigned int bytes;

		if (sscanf(at, "'echo %u > /proc/fs/nfsd/max_block_size'", &bytes) == 1)
			state->nfsd_block_bytes = bytes;
		else if (sscanf(at, "'echo %15s > /sys/module/sunrpc/parameters/pool_mode'",
				mode) == 1)
			set_text(&state->nfsd_pool_mode, mode);
	}
}

static void start_server(struct pst_state *state)
{
	const char *text = pst_state_file(state, "/etc/nfs.conf.d/penstock.conf");

	start_drop_in(state);
	state->nfsd_threads = number_in(text, "threads", 8);
	state->nfsd_lease_s = number_in(text, "lease-time", 90);
	state->nfsd_grace_s = number_in(text, "grace-time", 90);
	set_versions(state, text);
	pst_strv_free(&state->nfsd_listeners);
	if (says_yes(text, "tcp"))
		pst_strv_add(&state->nfsd_listeners, "tcp 2049");
	if (number_in(text, "rdma-port", 0))
		pst_strv_addf(&state->nfsd_listeners, "rdma %u", number_in(text, "rdma-port", 0));
	export_all(state);
}

static void drop_mount(struct pst_state *state, size_t n)
{
	struct pst_mount_state *mount = &state->mounts[n];

	free(mount->device);
	free(mount->source);
	free(mount->target);
	free(mount->type);
	free(mount->options);
	state->n_mounts--;
	for (size_t i = n; i < state->n_mounts; i++)
		state->mounts[i] = state->mounts[i + 1];
}

static void unmount(struct pst_state *state, const char *target, bool autofs_too)
{
	for (size_t i = state->n_mounts; i-- > 0;)
		if (pst_streq(state->mounts[i].target, target) &&
		    (autofs_too || !pst_streq(state->mounts[i].type, "autofs")))
			drop_mount(state, i);
}

static char *host_of(const char *source)
{
	const char *host = source[0] == '[' ? source + 1 : source;
	const char *end = source[0] == '[' ? strchr(source, ']') : strchr(source, ':');

	return strndup(host, (size_t)(end - host));
}

/* The addresses that the NFS client uses: those of what is mounted. */
static void connect_all(struct pst_state *state)
{
	state->knows_connections = true;
	pst_strv_free(&state->connections);
	for (size_t i = 0; i < state->n_mounts; i++) {
		char __cleanup_free *host = NULL;

		if (!strstr(state->mounts[i].source, ":/"))
			continue;
		host = host_of(state->mounts[i].source);
		pst_strv_add(&state->connections, host);
	}
}

/* Those of the same server, which the random configurations give addresses with the same beginning. */
static bool is_same_client(const struct pst_mount_state *is, const char *source,
			   const struct pst_strv *options)
{
	char __cleanup_free *host = host_of(source);
	char __cleanup_free *other = strstr(is->source, ":/") ? host_of(is->source) : NULL;
	const char *dot = strrchr(host, '.');
	size_t len = dot ? (size_t)(dot - host) : strlen(host);

	if (!other || strncmp(host, other, len) != 0)
		return false;
	for (size_t i = 0; i < options->n; i++)
		if ((pst_startswith(options->v[i], "vers=") ||
		     pst_startswith(options->v[i], "proto=")) &&
		    !strstr(is->options, options->v[i]))
			return false;
	return true;
}

/* An option that belongs to the connections: the first mount of a server decides for all. */
static void add_shared(const struct pst_mount_state *first, const struct pst_strv *told,
		       const char *name, struct pst_strv *words)
{
	char __cleanup_free *value = first ? pst_mount_option(first, name) : NULL;
	char __cleanup_free *prefix = pst_printf("%s=", name);

	if (value)
		pst_strv_addf(words, "%s=%s", name, value);
	else if (!first)
		add_valued(words, told, prefix, NULL);
}

/* As the kernel states what was asked for. */
static char *shown_options(const struct pst_state *state, const char *source, const char *options)
{
	struct pst_strv __cleanup_strv told = split(options, ",");
	struct pst_strv __cleanup_strv words = { 0 };
	const struct pst_mount_state *first = NULL;

	for (size_t i = 0; i < state->n_mounts && !first; i++)
		if (is_same_client(&state->mounts[i], source, &told))
			first = &state->mounts[i];
	pst_strv_add(&words, "rw");
	for (size_t i = 0; i < told.n; i++) {
		const char *word = told.v[i];

		if (pst_startswith(word, "actimeo="))
			pst_strv_addf(&words, "acregmin=%s,acregmax=%s,acdirmin=%s,acdirmax=%s",
				      word + 8, word + 8, word + 8, word + 8);
		else if (!pst_startswith(word, "nconnect=") &&
			 !pst_startswith(word, "max_connect=") && !pst_streq(word, "cto") &&
			 !pst_streq(word, "lookupcache=all"))
			pst_strv_add(&words, word);
	}
	add_shared(first, &told, "nconnect", &words);
	add_shared(first, &told, "max_connect", &words);
	return pst_strv_join(&words, ",");
}

static const char *unit_text(struct pst_state *state, const char *unit)
{
	char __cleanup_free *path = pst_printf(UNIT_DIR "%s", unit);
	const char *text = sim_remembered(state, "systemd", path);

	/* One that was never looked at is read when it is asked for. */
	if (!text)
		sim_read(state, "systemd", path);
	return sim_remembered(state, "systemd", path);
}

static char *one_value(const char *text, const char *key)
{
	struct pst_strv __cleanup_strv values = sim_values_of(text, key);

	return values.n ? strdup(values.v[0]) : NULL;
}

static void add_mount(struct pst_state *state, const char *where, const char *type,
		      const char *what, const char *options)
{
	char __cleanup_free *line =
		pst_printf("1 2 0:9 / %s rw - %s %s %s\n", where, type, what, options);

	assert_int_equal(pst_mount_parse(line, state, NULL), 0);
}

static void remember_mounted(struct pst_state *state, const char *unit, bool is)
{
	char __cleanup_free *path = pst_printf(UNIT_DIR "%s", unit);

	sim_forget(state, "mounted", path);
	if (is)
		add_file(state, sim_memory("mounted", path).text, unit_text(state, unit));
}

static void start_unit(struct pst_state *state, const char *unit)
{
	const char *text = unit_text(state, unit);
	char __cleanup_free *where = one_value(text, "Where");
	char __cleanup_free *what = one_value(text, "What");
	char __cleanup_free *options = one_value(text, "Options");
	char __cleanup_free *shown = NULL;
	const struct pst_mount_state *is = pst_state_mount(state, where);

	if (!text)
		fail_msg("there is no unit %s", unit);
	if (!what && is)
		fail_msg("%s cannot be put over what is mounted on %s", unit, where);
	if (what && is && !pst_streq(is->type, "autofs"))
		return;
	if (what) {
		shown = shown_options(state, what, options);
		add_mount(state, where, strstr(shown, "vers=3") ? "nfs" : "nfs4", what, shown);
	} else {
		add_mount(state, where, "autofs", "systemd-1", "rw");
	}
	remember_mounted(state, unit, true);
	connect_all(state);
}

/* An automount takes what is mounted on it with it. */
static void stop_unit(struct pst_state *state, const char *unit)
{
	bool automount = strstr(unit, ".automount");
	char __cleanup_free *path = pst_printf(UNIT_DIR "%s", unit);
	char __cleanup_free *where = one_value(unit_text(state, unit), "Where");

	if (!where)
		fail_msg("there is no unit %s", unit);
	unmount(state, where, automount);
	sim_forget(state, "mounted", path);
	if (automount)
		remember_mounted(state, pst_key("%.*s.mount", (int)strcspn(unit, "."), unit).text,
				 false);
	connect_all(state);
}

void simulate_use(struct pst_state *state)
{
	struct pst_strv __cleanup_strv targets = { 0 };

	for (size_t i = 0; i < state->n_mounts; i++)
		if (pst_streq(state->mounts[i].type, "autofs"))
			pst_strv_add(&targets, state->mounts[i].target);
	for (size_t i = 0; i < targets.n; i++) {
		char __cleanup_free *unit = pst_mount_unit(targets.v[i]);

		start_unit(state, unit);
	}
}

static void make_group(struct pst_state *state, const char *name, const char *gid)
{
	struct pst_group_state *group;

	if (pst_group_named(state, name))
		return;
	group = pst_array_grow((void **)&state->groups, &state->n_groups, sizeof(*group));
	assert_non_null(group);
	group->name = strdup(name);
	group->gid = (gid_t)strtoul(gid, NULL, 10);
}

/* u NAME UID:GID - HOME SHELL */
static void make_user(struct pst_state *state, char **words)
{
	struct pst_account_state *account;

	if (pst_account_named(state, words[1]))
		return;
	account = pst_array_grow((void **)&state->accounts, &state->n_accounts, sizeof(*account));
	assert_non_null(account);
	account->name = strdup(words[1]);
	account->uid = (uid_t)strtoul(words[2], NULL, 10);
	account->gid = (gid_t)strtoul(strchr(words[2], ':') + 1, NULL, 10);
	account->home = strdup(words[4]);
	account->shell = strdup(words[5]);
}

static void join_group(struct pst_state *state, const char *user, const char *name)
{
	struct pst_group_state *group = (struct pst_group_state *)pst_group_named(state, name);

	if (!group)
		fail_msg("sysusers would make the group %s with a number of its own", name);
	if (!pst_strv_contains(&group->members, user))
		pst_strv_add(&group->members, user);
}

/* systemd-sysusers FILE */
static void make_accounts(struct pst_state *state, const char *path)
{
	struct pst_strv __cleanup_strv lines = split(pst_state_file(state, path), "\n");

	for (size_t i = 0; i < lines.n; i++) {
		struct pst_strv __cleanup_strv words = split(lines.v[i], " ");

		if (pst_streq(words.v[0], "g"))
			make_group(state, words.v[1], words.v[2]);
	}
	for (size_t i = 0; i < lines.n; i++) {
		struct pst_strv __cleanup_strv words = split(lines.v[i], " ");

		if (pst_streq(words.v[0], "u"))
			make_user(state, words.v);
		else if (pst_streq(words.v[0], "m"))
			join_group(state, words.v[1], words.v[2]);
	}
}

/* systemd-tmpfiles --create FILE */
static void make_homes(struct pst_state *state, const char *path)
{
	const char *text = pst_state_file(state, path);

	for (size_t i = 0; i < state->n_accounts; i++) {
		char __cleanup_free *line = pst_printf("d %s ", state->accounts[i].home);

		if (strstr(text, line))
			state->accounts[i].has_home = true;
	}
}

/* usermod --shell SHELL NAME */
static void set_shell(struct pst_state *state, char **args)
{
	struct pst_account_state *account =
		(struct pst_account_state *)pst_account_named(state, args[1]);

	assert_non_null(account);
	free(account->shell);
	account->shell = strdup(args[0]);
}

/* gpasswd --delete USER GROUP */
static void leave_group(struct pst_state *state, const char *user, const char *name)
{
	struct pst_group_state *group = (struct pst_group_state *)pst_group_named(state, name);
	size_t kept = 0;

	assert_non_null(group);
	assert_true(pst_strv_contains(&group->members, user));
	for (size_t i = 0; i < group->members.n; i++) {
		if (pst_streq(group->members.v[i], user))
			free(group->members.v[i]);
		else
			group->members.v[kept++] = group->members.v[i];
	}
	group->members.v[kept] = NULL;
	group->members.n = kept;
}

bool sim_services(struct pst_state *state, const char *command, char **argv)
{
	if (pst_streq(command, "systemctl restart nfs-server.service")) {
		start_server(state);
	} else if (pst_streq(command, "exportfs -ra")) {
		export_all(state);
	} else if (pst_streq(command, "systemctl daemon-reload")) {
		sim_read(state, "systemd", UNIT_DIR);
	} else if (pst_startswith(command, "systemctl start ")) {
		start_unit(state, argv[2]);
	} else if (pst_startswith(command, "systemctl stop ")) {
		stop_unit(state, argv[2]);
	} else if (pst_startswith(command, "systemctl restart ")) {
		stop_unit(state, argv[2]);
		start_unit(state, argv[2]);
	} else if (pst_startswith(command, "systemd-sysusers ")) {
		make_accounts(state, argv[1]);
	} else if (pst_startswith(command, "systemd-tmpfiles --create ")) {
		make_homes(state, argv[2]);
	} else if (pst_startswith(command, "usermod --shell ")) {
		set_shell(state, argv + 2);
	} else if (pst_startswith(command, "gpasswd --delete ")) {
		leave_group(state, argv[2], argv[3]);
	} else {
		return false;
	}
	return true;
}
