// SPDX-License-Identifier: MIT
/* src/base/run.c */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>

#include "base/run.h"
#include "common.h"

#define SH(script) ((char *const[]){ (char[]){ "sh" }, (char[]){ "-c" }, (char[]){ script }, NULL })

static void output_and_status_are_caught(void **state)
{
	struct pst_run_result __cleanup_run_result result = { 0 };

	(void)state;
	assert_int_equal(pst_run(SH("echo out; echo err >&2; exit 3"), 10000, &result, NULL), 0);
	assert_int_equal(result.status, 3);
	assert_string_equal(result.out, "out\n");
	assert_string_equal(result.err, "err\n");
}

static void long_output_on_both_ends_is_caught(void **state)
{
	struct pst_run_result __cleanup_run_result result = { 0 };

	(void)state;
	assert_int_equal(pst_run(SH("head -c 300000 /dev/zero | tr '\\0' x;"
				    "head -c 300000 /dev/zero | tr '\\0' y >&2"),
				 10000, &result, NULL),
			 0);
	assert_int_equal(strlen(result.out), 300000);
	assert_int_equal(strlen(result.err), 300000);
}

static void signal_is_a_status(void **state)
{
	struct pst_run_result __cleanup_run_result result = { 0 };

	(void)state;
	assert_int_equal(pst_run(SH("kill -TERM $$"), 10000, &result, NULL), 0);
	assert_int_equal(result.status, 128 + 15);
}

static void absent_command_is_named(void **state)
{
	struct pst_run_result result = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };

	(void)state;
	assert_int_equal(pst_run((char *const[]){ (char[]){ "no-such-command" }, NULL }, 1000,
				 &result, &reason),
			 -ENOENT);
	assert_string_equal(reason.text, "cannot run no-such-command: No such file or directory");
}

static void slow_command_is_killed(void **state)
{
	struct pst_run_result result = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };

	(void)state;
	assert_int_equal(pst_run((char *const[]){ (char[]){ "sleep" }, (char[]){ "60" }, NULL },
				 1000, &result, &reason),
			 -ETIMEDOUT);
	assert_string_equal(reason.text, "sleep did not end within 1 s and was killed");
}

#define HELD_SECONDS 8

/*
 * Stands in for a tool that waits in the kernel for a disk that is gone: killed, it is not to be had
 * for its parent as long as another process traces it.
 */
static int be_held(void)
{
	pid_t held = getpid();

	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
	if (fork() == 0) {
		if (ptrace(PTRACE_SEIZE, held, 0, 0) < 0)
			kill(held, SIGTERM);
		else
			sleep(HELD_SECONDS);
		_exit(0);
	}
	for (;;)
		pause();
}

static void command_that_cannot_be_killed_is_left(void **state)
{
	struct pst_run_result __cleanup_run_result result = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };
	char *const argv[] = { (char[]){ "/proc/self/exe" }, (char[]){ "be-held" }, NULL };
	int error = pst_run(argv, 1000, &result, &reason);
	int held;

	(void)state;
	if (!error && result.status == 128 + SIGTERM)
		skip();
	assert_int_equal(error, -ETIMEDOUT);
	assert_int_equal(sscanf(reason.text,
				"/proc/self/exe was killed and does not end: its process %d waits "
				"in the kernel, most likely for a disk",
				&held),
			 1);
	assert_int_equal(waitpid(held, NULL, WNOHANG), 0);
	assert_int_equal(waitpid(held, NULL, 0), held);
}

static void daemon_left_behind_is_not_waited_for(void **state)
{
	struct pst_run_result __cleanup_run_result result = { 0 };
	time_t began = time(NULL);

	(void)state;
	assert_int_equal(pst_run(SH("sleep 20 & echo started"), 15000, &result, NULL), 0);
	assert_string_equal(result.out, "started\n");
	assert_true(time(NULL) - began < 10);
}

static void standard_input_is_empty(void **state)
{
	struct pst_run_result __cleanup_run_result result = { 0 };

	(void)state;
	assert_int_equal(pst_run(SH("wc -c"), 10000, &result, NULL), 0);
	assert_int_equal(atoi(result.out), 0);
}

static void command_is_quoted(void **state)
{
	char *const argv[] = { (char[]){ "zfs" }, (char[]){ "a b" },	   (char[]){ "it's" },
			       (char[]){ "" },	  (char[]){ "x=1,y/z:@" }, NULL };
	char __cleanup_free *text = pst_run_quote(argv);

	(void)state;
	assert_string_equal(text, "zfs 'a b' 'it'\\''s' '' x=1,y/z:@");
}

int main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(output_and_status_are_caught),
		cmocka_unit_test(long_output_on_both_ends_is_caught),
		cmocka_unit_test(signal_is_a_status),
		cmocka_unit_test(absent_command_is_named),
		cmocka_unit_test(slow_command_is_killed),
		cmocka_unit_test(command_that_cannot_be_killed_is_left),
		cmocka_unit_test(daemon_left_behind_is_not_waited_for),
		cmocka_unit_test(standard_input_is_empty),
		cmocka_unit_test(command_is_quoted),
	};

	if (argc == 2 && strcmp(argv[1], "be-held") == 0)
		return be_held();
	ADD_TESTS(tests);
	return run_gathered(NULL, NULL);
}
