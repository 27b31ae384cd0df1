// SPDX-License-Identifier: MIT
/* src/node/account.c and account-state.c: users, groups and their keys. */
#include <errno.h>

#include "common.h"

#define NODE	 "node: {name: n, role: gpu}\n"
#define KEY	 "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
#define HEADER	 "# Written by penstock(8) from penstock.yaml; change that file, not this one.\n"
#define SYSUSERS "/etc/sysusers.d/penstock.conf"
#define TMPFILES "/etc/tmpfiles.d/penstock-users.conf"
#define KEYS	 "/etc/ssh/authorized_keys.d/"
#define TWO                                                                                       \
	NODE "groups: [{name: lab, gid: 3000}]\n"                                                 \
	     "users:\n- {name: alice, uid: 2001, gid: 3000, groups: [video], ssh_keys: [" KEY "]" \
	     "}\n- {name: bob, uid: 2002, shell: /bin/sh}\n"
#define SYSUSERS_OF_TWO                                      \
	HEADER "g lab 3000\n"                                \
	       "u alice 2001:3000 - /home/alice /bin/bash\n" \
	       "m alice video\n"                             \
	       "g bob 2002\n"                                \
	       "u bob 2002:2002 - /home/bob /bin/sh\n"
#define TMPFILES_OF_TWO                              \
	HEADER "d /home/alice :0700 :2001 :3000 -\n" \
	       "d /home/bob :0700 :2002 :2002 -\n"
#define BASE_PASSWD "root:x:0:0:root:/root:/bin/bash\n"
#define BASE_GROUP  "root:x:0:\n"
#define VIDEO	    "video:x:44:carol\n"

static void observe(struct pst_state *state, const char *passwd, const char *group)
{
	assert_int_equal(pst_account_parse(passwd, state, NULL), 0);
	assert_int_equal(pst_group_parse(group, state, NULL), 0);
	for (size_t i = 0; i < state->n_accounts; i++)
		state->accounts[i].has_home = true;
}

static void plan_both(const struct pst_conf *conf, const struct pst_state *state,
		      struct pst_plan *plan)
{
	pst_account_plan(conf, state, plan);
	pst_account_plan_homes(conf, state, plan);
}

struct row {
	const char *name;
	const char *conf;
	const char *passwd; /* beside root */
	const char *group; /* beside root and video */
	const char *sysusers; /* as it was written before; NULL: not */
	const char *tmpfiles;
	const char *key_of; /* a user whose key file of ours is there */
	const char *expected;
};

static const struct row rows[] = {
	{ "nobody declared", NODE, "", "", NULL, NULL, NULL, "" },
	{ "two from nothing", TWO, "", VIDEO, NULL, NULL, NULL,
	  "do write " SYSUSERS " [" SYSUSERS " is not there]\n"
	  "do systemd-sysusers " SYSUSERS " [there is no group lab]\n"
	  "do write " KEYS "alice [" KEYS "alice is not there]\n"
	  "do write " TMPFILES " [" TMPFILES " is not there]\n"
	  "do systemd-tmpfiles --create " TMPFILES " [alice has no home directory /home/alice]\n" },
	{ "all as declared", TWO,
	  "alice:x:2001:3000::/home/alice:/bin/bash\nbob:x:2002:2002::/home/bob:/bin/sh\n",
	  "lab:x:3000:\nbob:x:2002:\nvideo:x:44:carol,alice\n", SYSUSERS_OF_TWO, TMPFILES_OF_TWO,
	  "alice", "" },
	{ "not in a group", TWO,
	  "alice:x:2001:3000::/home/alice:/bin/bash\nbob:x:2002:2002::/home/bob:/bin/sh\n",
	  "lab:x:3000:\nbob:x:2002:\n" VIDEO, SYSUSERS_OF_TWO, TMPFILES_OF_TWO, "alice",
	  "do systemd-sysusers " SYSUSERS " [alice is not in the group video]\n" },
	{ "taken out of a group", NODE "users: [{name: bob, uid: 2002}]\n",
	  "bob:x:2002:2002::/srv/bob:/bin/bash\n", "bob:x:2002:\nvideo:x:44:carol,bob\n",
	  HEADER "g bob 2002\nu bob 2002:2002 - /home/bob /bin/bash\nm bob video\n", NULL, NULL,
	  "do gpasswd --delete bob video [bob is no longer declared to be in the group video]\n"
	  "do write " SYSUSERS " [" SYSUSERS " is not as declared]\n" },
	{ "in a group by somebody else", NODE "users: [{name: bob, uid: 2002}]\n",
	  "bob:x:2002:2002::/srv/bob:/bin/bash\n", "bob:x:2002:\nvideo:x:44:carol,bob\n",
	  HEADER "g bob 2002\nu bob 2002:2002 - /home/bob /bin/bash\n", NULL, NULL, "" },
	{ "no longer declared, and out of the group", NODE "groups: [{name: lab, gid: 3000}]\n",
	  "alice:x:2001:3000::/home/alice:/bin/bash\n", "lab:x:3000:\nvideo:x:44:carol,alice\n",
	  HEADER "g lab 3000\nu alice 2001:3000 - /home/alice /bin/bash\nm alice video\n", NULL,
	  NULL,
	  "do gpasswd --delete alice video [alice is no longer declared to be in the group video]\n"
	  "do write " SYSUSERS " [no longer declared: alice; the account stays, with its files and "
	  "without its keys, until userdel(8) removes it]\n" },
	{ "killed before the accounts were made", TWO, "", "lab:x:3000:\n" VIDEO, SYSUSERS_OF_TWO,
	  TMPFILES_OF_TWO, "alice",
	  "do systemd-sysusers " SYSUSERS " [there is no user alice]\n"
	  "do systemd-tmpfiles --create " TMPFILES " [alice has no home directory /home/alice]\n" },
	{ "another shell", NODE "users: [{name: bob, uid: 2002}]\n",
	  "bob:x:2002:2002::/srv/bob:/bin/sh\n", "bob:x:2002:\n",
	  HEADER "g bob 2002\nu bob 2002:2002 - /home/bob /bin/bash\n", NULL, NULL,
	  "do usermod --shell /bin/bash bob [the shell of bob is /bin/sh, not /bin/bash]\n" },
	{ "homes that are mounted",
	  NODE "users: [{name: bob, uid: 2002}]\n"
	       "mounts: [{source: 'a:/home', target: /home/bob}]\n",
	  "", "", NULL, NULL, NULL,
	  "do write " SYSUSERS " [" SYSUSERS " is not there]\n"
	  "do systemd-sysusers " SYSUSERS " [there is no user bob]\n" },
	{ "user that is no longer declared", NODE "groups: [{name: lab, gid: 3000}]\n",
	  "alice:x:2001:3000::/home/alice:/bin/bash\n", "lab:x:3000:\n",
	  HEADER "g lab 3000\nu alice 2001:3000 - /home/alice /bin/bash\n", NULL, "alice",
	  "do remove " KEYS "alice [" KEYS "alice is there and nothing asks for it]\n"
	  "do write " SYSUSERS " [no longer declared: alice; the account stays, with its files and "
	  "without its keys, until userdel(8) removes it]\n" },
	{ "the last ones are no longer declared", NODE, "", "",
	  HEADER "g lab 3000\nu alice 2001:3000 - /home/alice /bin/bash\n"
		 "u bob 2002:2002 - /home/bob /bin/sh\n",
	  TMPFILES_OF_TWO, NULL,
	  "do remove " SYSUSERS " [no longer declared: alice, bob; the account stays, with its "
	  "files and without its keys, until userdel(8) removes it]\n"
	  "do remove " TMPFILES " [" TMPFILES " is there and nothing asks for it]\n" },
	{ "key that is no longer declared", NODE "users: [{name: alice, uid: 2001}]\n",
	  "alice:x:2001:2001::/home/alice:/bin/bash\n", "alice:x:2001:\n",
	  HEADER "g alice 2001\nu alice 2001:2001 - /home/alice /bin/bash\n",
	  HEADER "d /home/alice :0700 :2001 :2001 -\n", "alice",
	  "do remove " KEYS "alice [" KEYS "alice is there and nothing asks for it]\n" },
	{ "file of another's", NODE "users: [{name: bob, uid: 2002}]\n",
	  "bob:x:2002:2002::/srv/bob:/bin/bash\n", "bob:x:2002:\n", "u bob 1\n", NULL, NULL,
	  "refused users: " SYSUSERS " is there and was not written by penstock: move it away\n" },
};

/* What is refused; files are as they would be, so that nothing else is planned. */
struct clash {
	const char *name;
	const char *conf;
	const char *passwd;
	const char *group;
	const char *expected; /* what the problems begin with */
};

static const struct clash clashes[] = {
	{ "uid of another user", NODE "users: [{name: bob, uid: 2002}]\n",
	  "eve:x:2002:2003::/home/eve:/bin/sh\n", "",
	  "refused users[0].uid: 2002 is the uid of eve on this node, and cannot be that of bob "
	  "too\n" },
	{ "user of another uid", NODE "users: [{name: bob, uid: 2002}]\n",
	  "bob:x:2003:2002::/home/bob:/bin/bash\n", "bob:x:2002:\n",
	  "refused users[0].uid: bob has the uid 2003 on this node, not 2002, and files of that "
	  "number: declare it, or change the account by usermod(8)\n" },
	{ "user of another gid", NODE "users: [{name: bob, uid: 2002}]\n",
	  "bob:x:2002:2003::/home/bob:/bin/bash\n", "bob:x:2002:\n",
	  "refused users[0].gid: bob has the gid 2003 on this node, not 2002: declare it, or "
	  "change "
	  "the account by usermod(8)\n" },
	{ "own group's gid is another's", NODE "users: [{name: bob, uid: 2002}]\n", "",
	  "ops:x:2002:\n",
	  "refused users[0].uid: 2002 is the gid of the group ops on this node, and cannot be that "
	  "of bob too\n" },
	{ "own group of another gid", NODE "users: [{name: bob, uid: 2002}]\n", "", "bob:x:2003:\n",
	  "refused users[0].uid: the group bob has the gid 2003 on this node, not 2002: declare "
	  "it, "
	  "or change the group by groupmod(8)\n" },
	{ "gid of another group", NODE "groups: [{name: lab, gid: 3000}]\n", "", "ops:x:3000:\n",
	  "refused groups[0].gid: 3000 is the gid of the group ops on this node, and cannot be "
	  "that "
	  "of lab too\n" },
	{ "group of another gid", NODE "groups: [{name: lab, gid: 3000}]\n", "", "lab:x:3001:\n",
	  "refused groups[0].gid: the group lab has the gid 3001 on this node, not 3000: declare "
	  "it, "
	  "or change the group by groupmod(8)\n" },
	{ "group that is not there", NODE "users: [{name: bob, uid: 2002, groups: [render]}]\n", "",
	  "",
	  "refused users[0].groups[0]: there is no group render on this node: declare it in "
	  "groups\n" },
};

static void prepare(struct pst_state *state, const char *passwd, const char *group)
{
	char __cleanup_free *all = pst_printf(BASE_PASSWD "%s", passwd);
	char __cleanup_free *groups = pst_printf(BASE_GROUP "%s", group);

	observe(state, all, groups);
}

static void is_planned(void **test_state)
{
	const struct row *row = *test_state;
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state state = { 0 };
	char __cleanup_free *key_file = pst_printf(KEYS "%s", row->key_of ?: "");

	conf_from(&doc, row->conf);
	prepare(&state, row->passwd, row->group);
	add_file(&state, KEYS "root", HEADER KEY "\n");
	if (row->sysusers)
		add_file(&state, SYSUSERS, row->sysusers);
	if (row->tmpfiles)
		add_file(&state, TMPFILES, row->tmpfiles);
	if (row->key_of)
		add_file(&state, key_file, HEADER KEY "\n");
	assert_planned(plan_both, doc.conf, &state, row->expected);
}

static void is_refused(void **test_state)
{
	const struct clash *row = *test_state;
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state state = { 0 };
	struct pst_plan __cleanup_plan plan = { 0 };
	struct pst_plan __cleanup_plan problems = { 0 };
	char __cleanup_free *text = NULL;

	conf_from(&doc, row->conf);
	prepare(&state, row->passwd, row->group);
	pst_account_plan(doc.conf, &state, &plan);
	problems.problems = plan.problems;
	text = plan_text(&problems);
	problems.problems = (struct pst_problems){ 0 };
	assert_string_equal(text, row->expected);
}

static void files_say_what_was_declared(void **test_state)
{
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state state = { 0 };
	struct pst_plan __cleanup_plan plan = { 0 };

	(void)test_state;
	conf_from(&doc, TWO);
	prepare(&state, "", VIDEO);
	plan_both(doc.conf, &state, &plan);
	assert_string_equal(plan.v[0].text, SYSUSERS_OF_TWO);
	assert_string_equal(plan.v[2].text, HEADER KEY "\n");
	assert_string_equal(plan.v[3].text, TMPFILES_OF_TWO);
}

static void odd_answers_are_refused(void **test_state)
{
	struct pst_state __cleanup_state state = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };

	(void)test_state;
	assert_int_equal(
		pst_account_parse("a:x:1:1::/:/bin/sh\nb:x:one:1::/:/bin/sh\n", &state, &reason),
		-EBADMSG);
	assert_string_equal(reason.text, "getent answered for passwd with a line of another shape: "
					 "b:x:one:1::/:/bin/sh");
	assert_int_equal(pst_group_parse("a:x:1\n", &state, &reason), -EBADMSG);
	assert_string_equal(reason.text,
			    "getent answered for group with a line of another shape: a:x:1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_say_what_was_declared),
		cmocka_unit_test(odd_answers_are_refused),
	};

	ADD_ROWS(rows, is_planned);
	ADD_ROWS(clashes, is_refused);
	ADD_TESTS(tests);
	return run_gathered(NULL, NULL);
}
