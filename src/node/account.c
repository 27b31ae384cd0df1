// SPDX-License-Identifier: MIT
/*
 * Users and groups, by sysusers.d(5) and tmpfiles.d(5), and their keys. The keys stand beside root's, in
 * /etc/ssh/authorized_keys.d, and not in the homes: root has no say in a home on another node's file system, and should
 * write nothing where a user can put a link.
 */
#include <errno.h>

#include "node/node.h"

#define SYSUSERS_FILE "/etc/sysusers.d/penstock.conf"
#define TMPFILES_FILE "/etc/tmpfiles.d/penstock-users.conf"
#define KEYS	      "/etc/ssh/authorized_keys.d/"

static const char *shell_of(const struct pst_conf_user *user)
{
	return user->shell ?: PST_CONF_DEFAULT_SHELL;
}

static int64_t gid_of(const struct pst_conf_user *user)
{
	return user->gid >= 0 ? user->gid : user->uid;
}

static const struct pst_conf_user *user_named(const struct pst_conf *conf, const char *name,
					      size_t len)
{
	for (size_t i = 0; i < conf->users_count; i++)
		if (strlen(conf->users[i].name) == len &&
		    memcmp(conf->users[i].name, name, len) == 0)
			return &conf->users[i];
	return NULL;
}

static void check_account(const struct pst_conf *conf, size_t n, const struct pst_state *state,
			  struct pst_plan *plan)
{
	const struct pst_conf_user *user = &conf->users[n];
	const struct pst_account_state *is = pst_account_named(state, user->name);

	if (is && is->uid != (uid_t)user->uid)
		pst_plan_problem(plan, PST_PROBLEM_REFUSED, pst_key("users[%zu].uid", n),
				 "%s has the uid %u on this node, not %lld, and files of that "
				 "number: declare it, or change the account by usermod(8)",
				 user->name, is->uid, (long long)user->uid);
	if (is && is->gid != (gid_t)gid_of(user))
		pst_plan_problem(plan, PST_PROBLEM_REFUSED, pst_key("users[%zu].gid", n),
				 "%s has the gid %u on this node, not %lld: declare it, or change "
				 "the account by usermod(8)",
				 user->name, is->gid, (long long)gid_of(user));
	for (size_t i = 0; i < state->n_accounts; i++)
		if (state->accounts[i].uid == (uid_t)user->uid &&
		    !pst_streq(state->accounts[i].name, user->name))
			pst_plan_problem(plan, PST_PROBLEM_REFUSED, pst_key("users[%zu].uid", n),
					 "%lld is the uid of %s on this node, and cannot be that "
					 "of %s too",
					 (long long)user->uid, state->accounts[i].name, user->name);
}

static void check_group(const char *name, int64_t gid, struct pst_key key,
			const struct pst_state *state, struct pst_plan *plan)
{
	const struct pst_group_state *is = pst_group_named(state, name);

	if (is && is->gid != (gid_t)gid)
		pst_plan_problem(plan, PST_PROBLEM_REFUSED, key,
				 "the group %s has the gid %u on this node, not %lld: declare it, "
				 "or change the group by groupmod(8)",
				 name, is->gid, (long long)gid);
	for (size_t i = 0; i < state->n_groups; i++)
		if (state->groups[i].gid == (gid_t)gid && !pst_streq(state->groups[i].name, name))
			pst_plan_problem(plan, PST_PROBLEM_REFUSED, key,
					 "%lld is the gid of the group %s on this node, and cannot "
					 "be that of %s too",
					 (long long)gid, state->groups[i].name, name);
}

static bool is_group_declared(const struct pst_conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->groups_count; i++)
		if (pst_streq(conf->groups[i].name, name))
			return true;
	for (size_t i = 0; i < conf->users_count; i++)
		if (conf->users[i].gid < 0 && pst_streq(conf->users[i].name, name))
			return true;
	return false;
}

static void check_all(const struct pst_conf *conf, const struct pst_state *state,
		      struct pst_plan *plan)
{
	for (size_t i = 0; i < conf->groups_count; i++)
		check_group(conf->groups[i].name, conf->groups[i].gid,
			    pst_key("groups[%zu].gid", i), state, plan);
	for (size_t i = 0; i < conf->users_count; i++) {
		const struct pst_conf_user *user = &conf->users[i];

		check_account(conf, i, state, plan);
		if (user->gid < 0)
			check_group(user->name, user->uid, pst_key("users[%zu].uid", i), state,
				    plan);
		/* sysusers would make it, with a number that nobody chose. */
		for (size_t j = 0; j < user->groups_count; j++)
			if (!is_group_declared(conf, user->groups[j]) &&
			    !pst_group_named(state, user->groups[j]))
				pst_plan_problem(plan, PST_PROBLEM_REFUSED,
						 pst_key("users[%zu].groups[%zu]", i, j),
						 "there is no group %s on this node: declare it in "
						 "groups",
						 user->groups[j]);
	}
}

/* sysusers.d(5). Accounts that are there already stay as they are. */
static char *sysusers_text(const struct pst_conf *conf)
{
	struct pst_buf text = { 0 };

	pst_buf_add(&text, pst_file_header);
	for (size_t i = 0; i < conf->groups_count; i++)
		pst_buf_printf(&text, "g %s %lld\n", conf->groups[i].name,
			       (long long)conf->groups[i].gid);
	for (size_t i = 0; i < conf->users_count; i++) {
		const struct pst_conf_user *user = &conf->users[i];

		if (user->gid < 0)
			pst_buf_printf(&text, "g %s %lld\n", user->name, (long long)user->uid);
		pst_buf_printf(&text, "u %s %lld:%lld - /home/%s %s\n", user->name,
			       (long long)user->uid, (long long)gid_of(user), user->name,
			       shell_of(user));
		for (size_t j = 0; j < user->groups_count; j++)
			pst_buf_printf(&text, "m %s %s\n", user->name, user->groups[j]);
	}
	return pst_buf_take(&text);
}

/* What is not there of what is declared, in words; NULL when all is. */
static char *lacks(const struct pst_conf *conf, const struct pst_state *state)
{
	for (size_t i = 0; i < conf->groups_count; i++)
		if (!pst_group_named(state, conf->groups[i].name))
			return pst_printf("there is no group %s", conf->groups[i].name);
	for (size_t i = 0; i < conf->users_count; i++) {
		const struct pst_conf_user *user = &conf->users[i];

		if (!pst_account_named(state, user->name))
			return pst_printf("there is no user %s", user->name);
		for (size_t j = 0; j < user->groups_count; j++) {
			const struct pst_group_state *group =
				pst_group_named(state, user->groups[j]);

			if (!group || !pst_strv_contains(&group->members, user->name))
				return pst_printf("%s is not in the group %s", user->name,
						  user->groups[j]);
		}
	}
	return NULL;
}

/* The users that our file has and nobody declares any more, with ", " between; NULL when there are none. */
static char *no_longer_declared(const struct pst_conf *conf, const char *text)
{
	struct pst_strv __cleanup_strv names = { 0 };

	while (text && *text) {
		size_t len = strcspn(text, "\n");
		const char *name = text + 2;

		if (pst_startswith(text, "u ") && !user_named(conf, name, strcspn(name, " \n")))
			pst_strv_addf(&names, "%.*s", (int)strcspn(name, " \n"), name);
		text += len + (text[len] == '\n');
	}
	return names.n ? pst_strv_join(&names, ", ") : NULL;
}

/* sysusers only adds. @line is one of its file: "m USER GROUP". */
static void plan_leave(char *line, const struct pst_state *state, struct pst_plan *plan)
{
	const char *user = line + 2;
	char *name = strchr(user, ' ');
	char __cleanup_free *why = NULL;
	const struct pst_group_state *group;

	if (!name)
		return;
	*name++ = '\0';
	group = pst_group_named(state, name);
	if (!group || !pst_strv_contains(&group->members, user))
		return;
	why = pst_printf("%s is no longer declared to be in the group %s", user, name);
	pst_plan_run(plan, "users", why, "gpasswd", "--delete", user, name);
}

/*
 * Who was put into a group by our file @have, and is no longer by @text, leaves it: before the file is written, or an apply
 * that is killed between the two would forget it.
 */
static void plan_memberships(const char *have, const char *text, const struct pst_state *state,
			     struct pst_plan *plan)
{
	if (!have || !pst_startswith(have, pst_file_header))
		return;
	while (*have) {
		size_t len = strcspn(have, "\n");
		char __cleanup_free *line = strndup(have, len);

		plan->oom = plan->oom || !line;
		if (line && pst_startswith(line, "m ") && !pst_has_line(text, line))
			plan_leave(line, state, plan);
		have += len + (have[len] == '\n');
	}
}

static void plan_accounts(const struct pst_conf *conf, const struct pst_state *state,
			  struct pst_plan *plan)
{
	const char *have = pst_state_file(state, SYSUSERS_FILE);
	bool wanted = conf->users_count || conf->groups_count;
	char __cleanup_free *text = wanted ? sysusers_text(conf) : NULL;
	char __cleanup_free *gone = no_longer_declared(conf, have);
	char __cleanup_free *why = NULL;
	bool rewritten;

	if (wanted && !text) {
		plan->oom = true;
		return;
	}
	plan_memberships(have, text, state, plan);
	rewritten = pst_plan_file(plan, state, "users", SYSUSERS_FILE, text);
	/* Nobody's files are for us to remove. */
	if (rewritten && gone) {
		free(plan->v[plan->n - 1].why);
		plan->v[plan->n - 1].why =
			pst_printf("no longer declared: %s; the account stays, with its files and "
				   "without its keys, until userdel(8) removes it",
				   gone);
	}
	why = wanted ? lacks(conf, state) : NULL;
	if (why)
		pst_plan_run(plan, "users", why, "systemd-sysusers", SYSUSERS_FILE);
	for (size_t i = 0; i < conf->users_count; i++) {
		const struct pst_conf_user *user = &conf->users[i];
		const struct pst_account_state *is = pst_account_named(state, user->name);
		struct pst_key key = pst_key("users[%zu].shell", i);

		if (!is || pst_streq(is->shell, shell_of(user)))
			continue;
		free(why);
		why = pst_printf("the shell of %s is %s, not %s", user->name, is->shell,
				 shell_of(user));
		pst_plan_run(plan, key.text, why, "usermod", "--shell", shell_of(user), user->name);
	}
}

static void plan_keys(const struct pst_conf *conf, size_t n, const struct pst_state *state,
		      struct pst_plan *plan)
{
	const struct pst_conf_user *user = &conf->users[n];
	char __cleanup_free *path = pst_printf(KEYS "%s", user->name);
	char __cleanup_free *want = NULL;
	struct pst_buf text = { 0 };

	if (user->ssh_keys_count) {
		pst_buf_add(&text, pst_file_header);
		for (size_t i = 0; i < user->ssh_keys_count; i++)
			pst_buf_printf(&text, "%s\n", user->ssh_keys[i]);
		want = pst_buf_take(&text);
		plan->oom = plan->oom || !want;
	}
	if (path)
		pst_plan_file(plan, state, pst_key("users[%zu].ssh_keys", n).text, path, want);
	plan->oom = plan->oom || !path;
}

/* Whose user is no longer declared may no longer log in. */
static void plan_old_keys(const struct pst_conf *conf, const struct pst_state *state,
			  struct pst_plan *plan)
{
	for (size_t i = 0; i < state->n_files; i++) {
		const char *path = state->files[i].path;
		const char *name = path + strlen(KEYS);

		if (pst_startswith(path, KEYS) && !pst_streq(name, "root") &&
		    !user_named(conf, name, strlen(name)))
			pst_plan_file(plan, state, "users", path, NULL);
	}
}

void pst_account_plan(const struct pst_conf *conf, const struct pst_state *state,
		      struct pst_plan *plan)
{
	check_all(conf, state, plan);
	/* The keys go first: an account that should not be there can at least not be used. */
	plan_old_keys(conf, state, plan);
	plan_accounts(conf, state, plan);
	for (size_t i = 0; i < conf->users_count; i++)
		plan_keys(conf, i, state, plan);
}

/* Homes that are on another node are made there. */
static bool is_mounted(const struct pst_conf *conf, const char *home)
{
	for (size_t i = 0; i < conf->mounts_count; i++) {
		const char *target = conf->mounts[i].target;
		size_t len = strlen(target);

		if (pst_startswith(home, target) && (!home[len] || home[len] == '/'))
			return true;
	}
	return false;
}

/* tmpfiles.d(5): the colons leave a directory that is there as it is. A home of another name is somebody else's work. */
static void add_home(const struct pst_conf *conf, const struct pst_conf_user *user,
		     const struct pst_state *state, struct pst_buf *text, char **missing)
{
	const struct pst_account_state *is = pst_account_named(state, user->name);
	char __cleanup_free *home = pst_printf("/home/%s", user->name);

	text->oom = text->oom || !home;
	if (!home || is_mounted(conf, home) || (is && !pst_streq(is->home, home)))
		return;
	pst_buf_printf(text, "d %s :0700 :%lld :%lld -\n", home, (long long)user->uid,
		       (long long)gid_of(user));
	if (!*missing && (!is || !is->has_home))
		*missing = pst_printf("%s has no home directory %s", user->name, home);
}

void pst_account_plan_homes(const struct pst_conf *conf, const struct pst_state *state,
			    struct pst_plan *plan)
{
	struct pst_buf buf = { 0 };
	char __cleanup_free *text = NULL;
	char __cleanup_free *missing = NULL;

	for (size_t i = 0; i < conf->users_count; i++)
		add_home(conf, &conf->users[i], state, &buf, &missing);
	if (buf.len || buf.oom) {
		struct pst_buf all = { 0 };
		char __cleanup_free *lines = pst_buf_take(&buf);

		pst_buf_add(&all, pst_file_header);
		pst_buf_add(&all, lines ?: "");
		text = pst_buf_take(&all);
		if (!lines || !text) {
			free(TAKE_PTR(text));
			plan->oom = true;
			return;
		}
	}
	pst_plan_file(plan, state, "users", TMPFILES_FILE, text);
	if (missing)
		pst_plan_run(plan, "users", missing, "systemd-tmpfiles", "--create", TMPFILES_FILE);
}
