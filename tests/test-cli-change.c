// SPDX-License-Identifier: MIT
/* src/cli/change.c and lock.c: plans that are carried out, on the record and, where it must be, without one. */
#include <spawn.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/change.h"
#include "common.h"
#include "tree.h"

#define HISTORY "/var/lib/penstock/history"

struct at_work {
	struct tree tree;
	struct pst_host real; /* the machine that the tests run on */
	struct pst_change change;
	struct pst_view view;
	int out; /* standard output: each step says itself, in the midst of the tests' report */
};

static void begin(struct at_work *work)
{
	*work = (struct at_work){ .real = pst_this_host };
	fflush(stdout);
	work->out = dup(STDOUT_FILENO);
	assert_non_null(freopen("/dev/null", "w", stdout));
	tree_make(&work->tree, NULL);
	pst_this_host.root = work->tree.root;
	work->change = (struct pst_change){ .verb = "test", .record.journal = -1, .lock = -1 };
	work->view.doc.file = strdup("/etc/penstock/penstock.yaml");
	work->view.doc.text = strdup("node: {}\n");
}

static void end(struct at_work *work)
{
	pst_this_host = work->real;
	pst_change_free(&work->change);
	pst_view_free(&work->view);
	tree_remove(&work->tree);
	fflush(stdout);
	assert_int_equal(dup2(work->out, STDOUT_FILENO), STDOUT_FILENO);
	close(work->out);
}

static bool is_there(const struct at_work *work, const char *path)
{
	return access(pst_key("%s%s", work->tree.root, path).text, F_OK) == 0;
}

/* The middle step cannot be done: its directory is a file. */
static void plan_three(struct at_work *work, bool can)
{
	tree_file(&work->tree, "/etc/file", "");
	pst_plan_write(&work->view.plan, "k", "/etc/a", "a\n", NULL);
	pst_plan_write(&work->view.plan, "k", can ? "/etc/b" : "/etc/file/b", "b\n", NULL);
	pst_plan_write(&work->view.plan, "k", "/etc/c", "c\n", NULL);
}

static void nothing_is_done_that_cannot_be_recorded(void **state)
{
	struct at_work work;

	(void)state;
	begin(&work);
	tree_file(&work.tree, HISTORY, "no directory\n");
	plan_three(&work, true);
	assert_int_equal(pst_change_execute(&work.change, &work.view, &work.view.plan),
			 -PST_EXIT_FAILED);
	assert_false(is_there(&work, "/etc/a"));
	end(&work);
}

/* A full disk must not keep the network from coming back. */
static void what_goes_on_does_so_without_a_record(void **state)
{
	struct at_work work;

	(void)state;
	begin(&work);
	tree_file(&work.tree, HISTORY, "no directory\n");
	plan_three(&work, true);
	work.change.goes_on = true;
	assert_int_equal(pst_change_execute(&work.change, &work.view, &work.view.plan), 0);
	assert_true(is_there(&work, "/etc/a"));
	assert_true(is_there(&work, "/etc/b"));
	assert_true(is_there(&work, "/etc/c"));
	end(&work);
}

/* The last step says that all is done. */
static void what_goes_on_is_not_over_while_a_part_of_it_fails(void **state)
{
	struct at_work work;

	(void)state;
	begin(&work);
	plan_three(&work, false);
	pst_plan_write(&work.view.plan, "k", "/etc/d", "d\n", NULL);
	work.change.goes_on = true;
	assert_int_equal(pst_change_execute(&work.change, &work.view, &work.view.plan),
			 -PST_EXIT_FAILED);
	assert_true(is_there(&work, "/etc/a"));
	assert_true(is_there(&work, "/etc/c"));
	assert_false(is_there(&work, "/etc/d"));
	end(&work);
}

/* flock(2) needs no right to write: who may open the lock can keep everybody from changing, and from going back. */
static void lock_is_for_root_alone(void **state)
{
	struct at_work work;
	struct pst_key path;
	struct stat info;
	int fd = -1;

	(void)state;
	begin(&work);
	tree_file(&work.tree, "/lock", "left by an older one\n");
	path = pst_key("%s/lock", work.tree.root);
	assert_int_equal(chmod(path.text, 0644), 0);
	assert_false(pst_lock_is_taken(path.text));
	assert_int_equal(pst_lock_take(path.text, &fd, NULL), 0);
	assert_int_equal(fstat(fd, &info), 0);
	assert_int_equal(info.st_mode & 07777, 0600);
	assert_true(pst_lock_is_taken(path.text));
	close(fd);
	end(&work);
}

/* As an apply that is killed while cat, which ends with its input, works for it. */
static void die_at_work(const char *lock, const int pipe_of_cat[2])
{
	char *argv[] = { (char *)"cat", NULL };
	int fd;
	pid_t pid;

	if (pst_lock_take(lock, &fd, NULL))
		_exit(1);
	close(pipe_of_cat[1]);
	dup2(pipe_of_cat[0], STDIN_FILENO);
	close(pipe_of_cat[0]);
	_exit(posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ) ? 1 : 0);
}

static void lock_is_held_by_what_was_started(void **state)
{
	static const struct timespec pause = { .tv_nsec = 10000000 };
	struct at_work work;
	struct pst_key path;
	int pipe_of_cat[2], status;
	pid_t pid;

	(void)state;
	begin(&work);
	path = pst_key("%s/lock", work.tree.root);
	assert_int_equal(pipe(pipe_of_cat), 0);
	pid = fork();
	if (pid == 0)
		die_at_work(path.text, pipe_of_cat);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_true(pst_lock_is_taken(path.text));
	close(pipe_of_cat[0]);
	close(pipe_of_cat[1]);
	while (pst_lock_is_taken(path.text))
		nanosleep(&pause, NULL);
	end(&work);
}

static unsigned int applied(struct at_work *work, const char *config)
{
	unsigned int number;

	free(work->view.doc.text);
	work->view.doc.text = strdup(config);
	assert_int_equal(pst_change_apply(&work->change, &work->view), PST_EXIT_OK);
	number = work->change.record.number;
	assert_int_equal(pst_change_end(&work->change, PST_EXIT_OK), PST_EXIT_OK);
	pst_record_close(&work->change.record);
	work->change.record = (struct pst_record){ .journal = -1 };
	return number;
}

/* Else revert would go back to what was before the last one that had steps. */
static void configuration_that_asks_for_nothing_is_recorded_once(void **state)
{
	struct at_work work;

	(void)state;
	begin(&work);
	work.view.doc.conf = calloc(1, sizeof(*work.view.doc.conf));
	assert_int_equal(applied(&work, "node: {name: a}\n"), 1);
	assert_int_equal(applied(&work, "node: {name: a}\n"), 0);
	assert_int_equal(applied(&work, "node: {name: a} # mine\n"), 2);
	end(&work);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_done_that_cannot_be_recorded),
		cmocka_unit_test(what_goes_on_does_so_without_a_record),
		cmocka_unit_test(what_goes_on_is_not_over_while_a_part_of_it_fails),
		cmocka_unit_test(lock_is_for_root_alone),
		cmocka_unit_test(lock_is_held_by_what_was_started),
		cmocka_unit_test(configuration_that_asks_for_nothing_is_recorded_once),
	};

	ADD_TESTS(tests);
	return run_gathered(NULL, NULL);
}
