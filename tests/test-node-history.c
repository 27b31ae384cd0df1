// SPDX-License-Identifier: MIT
/* src/node/history.c, record.c and session.c, on a directory that stands for the machine. */
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/file.h"
#include "common.h"
#include "node/history.h"
#include "node/json.h"
#include "node/session.h"
#include "node/unread.h"

static char root[] = "/tmp/penstock-test-XXXXXX";
static struct pst_host host = { .root = root };
static const struct pst_who alice = { .uid = 0,
				      .user = (char *)"alice",
				      .client = (char *)"192.0.2.7" };

static void put(const char *path, const char *text)
{
	char __cleanup_free *full = pst_printf("%s%s", root, path);

	assert_int_equal(pst_file_write(full, text, 0640, NULL), 0);
}

static void begin(struct pst_record *record, const char *config)
{
	const struct pst_record_about about = {
		.verb = "apply", .who = &alice, .config_path = "/etc/x.yaml", .config = config
	};
	struct pst_reason __cleanup_reason reason = { 0 };

	if (pst_record_begin(&host, &about, record, &reason))
		fail_msg("%s", pst_reason_text(&reason, -1));
}

/* A record with no steps. */
static unsigned int applied(const char *config)
{
	struct pst_record record;

	begin(&record, config);
	assert_int_equal(pst_record_end(&record, NULL, NULL), 0);
	pst_record_close(&record);
	return record.number;
}

static char *told(unsigned int number)
{
	struct json_object __cleanup_json *record = NULL;

	assert_int_equal(pst_history_read(&host, number, &record, NULL), 0);
	/* What differs from one run to the next. */
	json_object_object_del(record, "pid");
	json_object_object_del(record, "began");
	json_object_object_del(record, "ended");
	return strdup(json_object_to_json_string_ext(
		record, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
}

#define WHO                                                                       \
	"{\"verb\":\"apply\",\"who\":{\"uid\":0,\"user\":\"alice\",\"tty\":null," \
	"\"client\":\"192.0.2.7\",\"unit\":null},\"config_path\":\"/etc/x.yaml\","

static void apply_is_recorded(void **state)
{
	struct pst_plan __cleanup_plan plan = { 0 };
	struct pst_record record;
	char __cleanup_free *text = NULL;
	char __cleanup_free *config = NULL;

	(void)state;
	put("/etc/old", "old\n");
	pst_plan_write(&plan, "k", "/etc/old", "new\n", "/etc/old is not as declared");
	pst_plan_remove(&plan, "k", "/etc/gone", NULL);
	pst_plan_run(&plan, "k", NULL, "true");
	begin(&record, "a\n");
	assert_int_equal(record.number, 1);
	for (size_t i = 0; i < plan.n; i++) {
		assert_int_equal(pst_record_step(&host, &record, &plan.v[i], NULL), 0);
		assert_int_equal(pst_record_result(&record, i == 2 ? "it went\nwrong" : NULL, NULL),
				 0);
	}
	assert_int_equal(pst_record_end(&record, "step 3 failed", NULL), 0);
	pst_record_close(&record);
	text = told(1);
	assert_string_equal(
		text, WHO
		"\"number\":1,\"result\":\"failed\",\"failure\":\"step 3 failed\",\"steps\":["
		"{\"what\":\"write /etc/old\",\"why\":\"/etc/old is not as declared\","
		"\"result\":\"done\"},"
		"{\"what\":\"remove /etc/gone\",\"why\":null,\"result\":\"done\"},"
		"{\"what\":\"true\",\"why\":null,\"result\":\"failed\",\"failure\":"
		"\"it went\\nwrong\"}],\"files\":["
		"{\"path\":\"/etc/old\",\"before\":\"old\\n\",\"after\":\"new\\n\",\"mode\":416},"
		"{\"path\":\"/etc/gone\",\"before\":null,\"after\":null}]}");
	assert_int_equal(pst_history_text(&host, 1, PST_HISTORY_CONFIG, &config, NULL), 0);
	assert_string_equal(config, "a\n");
	assert_int_equal(pst_history_text(&host, 1, PST_HISTORY_BEFORE, &config, NULL), -ENOENT);
}

/* As a lost power leaves it: no last line, and half of the one before. */
static void apply_that_broke_off_is_unfinished(void **state)
{
	struct pst_plan __cleanup_plan plan = { 0 };
	struct pst_record record;
	char __cleanup_free *text = NULL;

	(void)state;
	pst_plan_run(&plan, "k", "it is so", "sleep", "9");
	begin(&record, "b\n");
	assert_int_equal(pst_record_step(&host, &record, &plan.v[0], NULL), 0);
	assert_int_equal(write(record.journal, "{\"result\":\"do", 13), 13);
	pst_record_close(&record);
	text = told(record.number);
	assert_string_equal(text, WHO "\"number\":2,\"result\":\"unfinished\",\"steps\":["
				      "{\"what\":\"sleep 9\",\"why\":\"it is so\","
				      "\"result\":\"unfinished\"}],\"files\":[]}");
}

static char *unread(void)
{
	struct pst_state __cleanup_state state = { 0 };

	assert_int_equal(pst_unread_observe(&host, &state, NULL), 0);
	for (size_t i = 0; i < state.unused.n; i++)
		pst_strv_addf(&state.unread, "unused:%s", state.unused.v[i]);
	return pst_strv_join(&state.unread, " ");
}

#define MOUNT_UNIT "/etc/systemd/system/mnt-a\\x2db.mount"

/* What an apply wrote that broke off, until the program that it is for was told, or an apply came to its end. */
static void what_nobody_was_told_of_is_unread(void **state)
{
	static const char *const expected[] = {
		"/etc/exports.d/x",
		"/etc/exports.d/x " MOUNT_UNIT " unused:" MOUNT_UNIT,
		"/etc/exports.d/x unused:" MOUNT_UNIT,
		"unused:" MOUNT_UNIT,
		"",
		"/etc/systemd/network/y",
		"/etc/systemd/network/y " MOUNT_UNIT,
	};
	struct pst_plan __cleanup_plan plan = { 0 };
	char __cleanup_free *said = NULL;

	(void)state;
	applied("b\n");
	pst_plan_write(&plan, "k", "/etc/exports.d/x", "", NULL);
	pst_plan_write(&plan, "k", MOUNT_UNIT, "", NULL);
	pst_plan_run(&plan, "k", NULL, "systemctl", "daemon-reload");
	pst_plan_run(&plan, "k", NULL, "exportfs", "-ra");
	pst_plan_run(&plan, "k", NULL, "systemctl", "restart", "mnt-a\\x2db.mount");
	pst_plan_remove(&plan, "k", "/etc/systemd/network/y", NULL);
	pst_plan_remove(&plan, "k", MOUNT_UNIT, NULL);
	for (size_t i = 0; i < plan.n; i++) {
		struct pst_record record;

		begin(&record, "b\n");
		assert_int_equal(pst_record_step(&host, &record, &plan.v[i], NULL), 0);
		assert_int_equal(pst_record_result(&record, NULL, NULL), 0);
		pst_record_close(&record);
		free(TAKE_PTR(said));
		said = unread();
		assert_string_equal(said, expected[i]);
	}
	applied("b\n");
	free(TAKE_PTR(said));
	said = unread();
	assert_string_equal(said, "");
}

static void configuration_of_before_is_kept(void **state)
{
	char __cleanup_free *before = NULL;
	unsigned int number = 0, last = 0;

	(void)state;
	number = applied("c\n");
	applied("c\n");
	assert_int_equal(pst_history_text(&host, number, PST_HISTORY_BEFORE, &before, NULL), 0);
	assert_string_equal(before, "b\n");
	/* The one behind it changed nothing of the configuration. */
	assert_int_equal(pst_history_last_change(&host, &last, NULL), 0);
	assert_int_equal(last, number);
}

static void absent_record_is_said(void **state)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	struct json_object *record = NULL;

	(void)state;
	assert_int_equal(pst_history_read(&host, 4711, &record, &reason), -ENOENT);
	assert_string_equal(reason.text, "there is no apply 4711 in the history");
}

static void history_is_private(void **state)
{
	char __cleanup_free *all = pst_printf("%s" PST_HISTORY_DIRECTORY, root);
	char __cleanup_free *config = pst_printf("%s/1/" PST_HISTORY_CONFIG, all);
	struct stat info;

	(void)state;
	assert_int_equal(stat(all, &info), 0);
	assert_int_equal(info.st_mode & 07777, 0700);
	assert_int_equal(stat(config, &info), 0);
	assert_int_equal(info.st_mode & 07777, 0600);
}

static void hundred_are_kept(void **state)
{
	/* No process has the number beyond the largest that there can be. */
	char __cleanup_free *broken =
		pst_printf("%s" PST_HISTORY_DIRECTORY "/.new-2000000000/journal", root);
	unsigned int __cleanup_free *numbers = NULL;
	unsigned int last = 0;
	size_t n = 0;

	(void)state;
	assert_int_equal(pst_file_write(broken, "", 0600, NULL), 0);
	for (int i = 0; i < 110; i++)
		last = applied("d\n");
	assert_int_equal(pst_history_list(&host, &numbers, &n, NULL), 0);
	assert_int_equal(n, PST_HISTORY_MAX);
	assert_int_equal(numbers[0], last - PST_HISTORY_MAX + 1);
	assert_int_equal(numbers[n - 1], last);
	assert_int_equal(access(broken, F_OK), -1);
}

struct connection {
	const char *name;
	const char *text;
	const char *client; /* NULL: refused */
	const char *server;
};

static const struct connection connections[] = {
	{ "IPv4", "192.0.2.7 50123 192.0.2.1 22", "192.0.2.7", "192.0.2.1" },
	{ "IPv6", "fe80::1%ens3 50123 fe80::2%ens3 22", "fe80::1%ens3", "fe80::2%ens3" },
	{ "empty", "", NULL, NULL },
	{ "one word", "192.0.2.7", NULL, NULL },
	{ "no server", "192.0.2.7 50123", NULL, NULL },
	{ "no port of the client", "192.0.2.7  192.0.2.1 22", NULL, NULL },
	{ "no port of the server", "192.0.2.7 50123 192.0.2.1", NULL, NULL },
};

static void connection_is_parsed(void **state)
{
	const struct connection *row = *state;
	struct pst_session __cleanup_session session = { 0 };

	assert_int_equal(pst_session_parse(row->text, &session), row->client ? 0 : -EINVAL);
	assert_true(pst_streq(session.client, row->client));
	assert_true(pst_streq(session.server, row->server));
}

static void put_process(int pid, int parent, const char *environment, size_t len)
{
	char __cleanup_free *status = pst_printf("/proc/%d/status", pid);
	char __cleanup_free *environ_path = pst_printf("%s/proc/%d/environ", root, pid);
	char __cleanup_free *text = pst_printf("Name:\tx\nPPid:\t%d\nUid:\t0\n", parent);
	FILE *file;

	put(status, text);
	file = fopen(environ_path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(environment, 1, len, file), len);
	fclose(file);
}

/* sudo clears what sshd set, and the shell above it still has it. */
static void connection_is_found_above_sudo(void **state)
{
	static const char shell[] = "HOME=/x\0SSH_CONNECTION=192.0.2.7 1 192.0.2.1 22\0";
	static const char plain[] = "HOME=/root\0XSSH_CONNECTION=a b c d";
	struct pst_session __cleanup_session session = { 0 };

	(void)state;
	put_process(30, 20, plain, sizeof(plain));
	put_process(20, 10, plain, sizeof(plain));
	put_process(10, 1, shell, sizeof(shell) - 1);
	assert_int_equal(pst_session_find(&host, 30, &session), 0);
	assert_string_equal(session.client, "192.0.2.7");
	pst_session_free(&session);
	put_process(10, 1, plain, sizeof(plain));
	assert_int_equal(pst_session_find(&host, 30, &session), 0);
	assert_null(session.client);
}

static int make_root(void **state)
{
	(void)state;
	return mkdtemp(root) ? 0 : -1;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *at)
{
	(void)info;
	(void)type;
	(void)at;
	return remove(path);
}

static int remove_root(void **state)
{
	(void)state;
	return nftw(root, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(apply_is_recorded),
		cmocka_unit_test(apply_that_broke_off_is_unfinished),
		cmocka_unit_test(configuration_of_before_is_kept),
		cmocka_unit_test(absent_record_is_said),
		cmocka_unit_test(history_is_private),
		cmocka_unit_test(hundred_are_kept),
		cmocka_unit_test(what_nobody_was_told_of_is_unread),
		cmocka_unit_test(connection_is_found_above_sudo),
	};

	ADD_TESTS(tests);
	ADD_ROWS(connections, connection_is_parsed);
	return run_gathered(make_root, remove_root);
}
