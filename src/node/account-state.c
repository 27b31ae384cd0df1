// SPDX-License-Identifier: MIT
/* Accounts and groups as they are: what getent(1) says of passwd(5) and group(5). */
#include <errno.h>
#include <stdint.h>

#include "node/node.h"

#define SYSUSERS_FILE "/etc/sysusers.d/penstock.conf"
#define MAX_FIELDS    7

/* Cuts a line at its colons; returns how many fields there are, those beyond MAX_FIELDS not counted. */
static size_t cut(char *line, char *fields[MAX_FIELDS])
{
	size_t n = 0;

	for (char *field = strsep(&line, ":"); field && n < MAX_FIELDS; field = strsep(&line, ":"))
		fields[n++] = field;
	return n;
}

static int take_account(char *fields[], size_t n, struct pst_state *state)
{
	struct pst_account_state *account;
	unsigned long long uid, gid;

	if (n < 7 || pst_parse_u64(fields[2], UINT32_MAX, &uid) ||
	    pst_parse_u64(fields[3], UINT32_MAX, &gid))
		return -EBADMSG;
	account = pst_array_grow((void **)&state->accounts, &state->n_accounts, sizeof(*account));
	if (!account)
		return -ENOMEM;
	account->name = strdup(fields[0]);
	account->uid = (uid_t)uid;
	account->gid = (gid_t)gid;
	account->home = strdup(fields[5]);
	account->shell = strdup(fields[6]);
	return account->name && account->home && account->shell ? 0 : -ENOMEM;
}

static int take_group(char *fields[], size_t n, struct pst_state *state)
{
	struct pst_group_state *group;
	unsigned long long gid;
	char *members;

	if (n < 4 || pst_parse_u64(fields[2], UINT32_MAX, &gid))
		return -EBADMSG;
	group = pst_array_grow((void **)&state->groups, &state->n_groups, sizeof(*group));
	if (!group)
		return -ENOMEM;
	group->name = strdup(fields[0]);
	group->gid = (gid_t)gid;
	members = fields[3];
	for (char *name = strsep(&members, ","); name; name = strsep(&members, ","))
		if (*name)
			pst_strv_add(&group->members, name);
	return group->name && !group->members.oom ? 0 : -ENOMEM;
}

static int parse(const char *text, const char *what, struct pst_state *state,
		 int (*take)(char *[], size_t, struct pst_state *), struct pst_reason *reason)
{
	while (*text) {
		size_t len = strcspn(text, "\n");
		char __cleanup_free *line = strndup(text, len);
		char *fields[MAX_FIELDS];
		int error = line ? 0 : -ENOMEM;

		if (!error && len)
			error = take(fields, cut(line, fields), state);
		if (error == -EBADMSG)
			return pst_fail(reason, error,
					"getent answered for %s with a line of another shape: %.*s",
					what, (int)len, text);
		if (error)
			return error;
		text += len + (text[len] == '\n');
	}
	return 0;
}

int pst_account_parse(const char *passwd, struct pst_state *state, struct pst_reason *reason)
{
	return parse(passwd, "passwd", state, take_account, reason);
}

int pst_group_parse(const char *group, struct pst_state *state, struct pst_reason *reason)
{
	return parse(group, "group", state, take_group, reason);
}

int pst_account_observe(struct pst_host *host, const struct pst_conf *conf, struct pst_state *state,
			struct pst_reason *reason)
{
	char __cleanup_free *passwd = NULL;
	char __cleanup_free *group = NULL;
	int error;

	/* All accounts of a site may be many, and asked for over a network: only where it matters. */
	if (!conf ||
	    (!conf->users_count && !conf->groups_count && !pst_state_file(state, SYSUSERS_FILE)))
		return 0;
	error = pst_host_ask(host, &passwd, reason, "getent", "passwd");
	if (!error)
		error = pst_account_parse(passwd, state, reason);
	if (!error)
		error = pst_host_ask(host, &group, reason, "getent", "group");
	if (!error)
		error = pst_group_parse(group, state, reason);
	for (size_t i = 0; i < state->n_accounts && !error; i++)
		state->accounts[i].has_home = pst_host_exists(host, state->accounts[i].home);
	return error;
}

const struct pst_account_state *pst_account_named(const struct pst_state *state, const char *name)
{
	for (size_t i = 0; i < state->n_accounts; i++)
		if (pst_streq(state->accounts[i].name, name))
			return &state->accounts[i];
	return NULL;
}

const struct pst_group_state *pst_group_named(const struct pst_state *state, const char *name)
{
	for (size_t i = 0; i < state->n_groups; i++)
		if (pst_streq(state->groups[i].name, name))
			return &state->groups[i];
	return NULL;
}
