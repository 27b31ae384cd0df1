// SPDX-License-Identifier: MIT
/* Checks of users and groups. */
#include "conf/valid.h"

#include "conf/word.h"

/* Numbers of other people's, as systemd's UIDS-GIDS has them. */
#define FIRST_ID	 1000
#define FIRST_DYNAMIC_ID 61184
#define LAST_DYNAMIC_ID	 65519
#define NOBODY_ID	 65534
#define OLD_NO_ID	 65535

static void check_id(struct pst_valid *valid, struct pst_key key, int64_t id)
{
	if (id < FIRST_ID)
		pst_bad(valid, key, "%lld is for the system's own: count from %d", (long long)id,
			FIRST_ID);
	else if (id >= FIRST_DYNAMIC_ID && id <= LAST_DYNAMIC_ID)
		pst_bad(valid, key, "%lld is one that systemd lends to services (%d to %d)",
			(long long)id, FIRST_DYNAMIC_ID, LAST_DYNAMIC_ID);
	else if (id == NOBODY_ID || id == OLD_NO_ID)
		pst_bad(valid, key, "%lld is the number of nobody", (long long)id);
}

static const char *user_complaint(const char *name)
{
	return pst_streq(name, "root") ? "is there always; its keys stand in ssh.authorized_keys"
				       : pst_word_account(name);
}

static const char *group_complaint(const char *name)
{
	return pst_streq(name, "root") ? "is there always" : pst_word_account(name);
}

/* passwd(5) has no way to write a colon. */
static const char *shell_complaint(const char *path)
{
	return strchr(path, ':') ? "must not have a colon" : pst_word_path(path);
}

static const struct pst_conf_group *group_named(const struct pst_conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->groups_count; i++)
		if (pst_streq(conf->groups[i].name, name))
			return &conf->groups[i];
	return NULL;
}

static const struct pst_conf_group *group_numbered(const struct pst_conf *conf, int64_t gid)
{
	for (size_t i = 0; i < conf->groups_count; i++)
		if (conf->groups[i].gid == gid)
			return &conf->groups[i];
	return NULL;
}

/* Where no group is said, a user has one of its own name and number. */
static void check_primary_group(struct pst_valid *valid, size_t n)
{
	const struct pst_conf_user *user = &valid->conf->users[n];
	const struct pst_conf_group *named = group_named(valid->conf, user->name);
	const struct pst_conf_group *numbered = group_numbered(valid->conf, user->uid);
	struct pst_key key = pst_key("users[%zu].gid", n);

	if (user->gid >= 0) {
		if (!group_numbered(valid->conf, user->gid))
			pst_bad(valid, key,
				"%lld is the gid of none of the groups: declare it "
				"there",
				(long long)user->gid);
		return;
	}
	key = pst_key("users[%zu].uid", n);
	if (named && named->gid != user->uid)
		pst_bad(valid, key,
			"the group \"%s\" has the gid %lld, not %lld: say gid: %lld for this user",
			user->name, (long long)named->gid, (long long)user->uid,
			(long long)named->gid);
	else if (numbered && !named)
		pst_bad(valid, key,
			"%lld is the gid of the group \"%s\", and cannot be that of \"%s\": say "
			"gid: %lld for this user, or another uid",
			(long long)user->uid, numbered->name, user->name, (long long)user->uid);
}

static void check_keys(struct pst_valid *valid, size_t n)
{
	const struct pst_conf_user *user = &valid->conf->users[n];

	for (size_t i = 0; i < user->ssh_keys_count; i++) {
		struct pst_key key = pst_key("users[%zu].ssh_keys[%zu]", n, i);
		const char *complaint = pst_word_ssh_key(user->ssh_keys[i]);

		if (complaint)
			pst_bad(valid, key, "%s", complaint);
		for (size_t j = 0; j < i; j++)
			if (pst_streq(user->ssh_keys[i], user->ssh_keys[j]))
				pst_bad(valid, key, "the key \"%s\" is given twice for this user",
					user->ssh_keys[i]);
	}
}

static void check_user(struct pst_valid *valid, size_t n)
{
	const struct pst_conf_user *user = &valid->conf->users[n];

	pst_bad_word(valid, pst_key("users[%zu].name", n), user->name, user_complaint(user->name));
	check_id(valid, pst_key("users[%zu].uid", n), user->uid);
	check_primary_group(valid, n);
	for (size_t i = 0; i < user->groups_count; i++)
		pst_bad_word(valid, pst_key("users[%zu].groups[%zu]", n, i), user->groups[i],
			     pst_word_account(user->groups[i]));
	check_keys(valid, n);
	if (user->shell)
		pst_bad_word(valid, pst_key("users[%zu].shell", n), user->shell,
			     shell_complaint(user->shell));
	for (size_t i = 0; i < n; i++)
		if (valid->conf->users[i].uid == user->uid)
			pst_bad(valid, pst_key("users[%zu].uid", n),
				"%lld is the uid of \"%s\" already, and cannot be that of \"%s\" "
				"too",
				(long long)user->uid, valid->conf->users[i].name, user->name);
}

static void check_group(struct pst_valid *valid, size_t n)
{
	const struct pst_conf_group *group = &valid->conf->groups[n];

	pst_bad_word(valid, pst_key("groups[%zu].name", n), group->name,
		     group_complaint(group->name));
	check_id(valid, pst_key("groups[%zu].gid", n), group->gid);
	for (size_t i = 0; i < n; i++)
		if (valid->conf->groups[i].gid == group->gid)
			pst_bad(valid, pst_key("groups[%zu].gid", n),
				"%lld is the gid of \"%s\" already, and cannot be that of \"%s\" "
				"too",
				(long long)group->gid, valid->conf->groups[i].name, group->name);
}

static const char *nth_user(const struct pst_conf *conf, size_t n, struct pst_key *key)
{
	*key = pst_key("users[%zu].name", n);
	return n < conf->users_count ? conf->users[n].name : NULL;
}

static const char *nth_group(const struct pst_conf *conf, size_t n, struct pst_key *key)
{
	*key = pst_key("groups[%zu].name", n);
	return n < conf->groups_count ? conf->groups[n].name : NULL;
}

void pst_valid_users(struct pst_valid *valid)
{
	for (size_t i = 0; i < valid->conf->groups_count; i++)
		check_group(valid, i);
	for (size_t i = 0; i < valid->conf->users_count; i++)
		check_user(valid, i);
	pst_bad_twice(valid, "the group", nth_group);
	pst_bad_twice(valid, "the user", nth_user);
}
