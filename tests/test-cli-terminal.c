// SPDX-License-Identifier: MIT
/* src/cli/terminal.c, and that status keeps to it: colours on a terminal that has them, and nowhere else. */
#include <fcntl.h>
#include <pty.h>
#include <sys/wait.h>

#include "cli/terminal.h"
#include "common.h"

struct row {
	const char *name;
	const char *term; /* NULL: not set */
	const char *no_color;
	bool pipe;
	bool moves;
	bool colours;
};

static const struct row rows[] = {
	{ "terminal", "xterm-256color", NULL, false, true, true },
	{ "terminal, NO_COLOR is set", "xterm-256color", "1", false, true, false },
	{ "terminal, NO_COLOR is set to 0", "xterm-256color", "0", false, true, false },
	{ "terminal, NO_COLOR is empty", "xterm-256color", "", false, true, true },
	{ "dumb terminal", "dumb", NULL, false, false, false },
	{ "terminal of no type", NULL, NULL, false, false, false },
	{ "terminal of empty type", "", NULL, false, false, false },
	{ "pipe", "xterm-256color", NULL, true, false, false },
	{ "pipe, NO_COLOR is set", "xterm-256color", "1", true, false, false },
};

static void set(const char *name, const char *value)
{
	if (value)
		setenv(name, value, 1);
	else
		unsetenv(name);
}

/* Two ends: what is written to the second can be read from the first. */
static void open_ends(bool is_pipe, int ends[2])
{
	if (is_pipe)
		assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	else
		assert_int_equal(openpty(&ends[0], &ends[1], NULL, NULL, NULL), 0);
}

static void is_known(void **state)
{
	const struct row *row = *state;
	int ends[2];

	set("TERM", row->term);
	set("NO_COLOR", row->no_color);
	open_ends(row->pipe, ends);
	assert_int_equal(pst_terminal_moves(ends[1]), row->moves);
	assert_int_equal(pst_terminal_colours(ends[1]), row->colours);
	close(ends[0]);
	close(ends[1]);
}

/* What status prints there, of a node without a configuration. */
static void status_keeps_to_it(void **state)
{
	const struct row *row = *state;
	static char text[65536];
	size_t len = 0;
	ssize_t n;
	pid_t pid;
	int ends[2], status;

	set("TERM", row->term);
	set("NO_COLOR", row->no_color);
	open_ends(row->pipe, ends);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(STDERR_FILENO);
		execl(getenv("PENSTOCK"), "penstock", "-c", "/nonexistent", "status", NULL);
		_exit(99);
	}
	close(ends[1]);
	/* A terminal that nobody has open any more ends with EIO. */
	while (len < sizeof(text) - 1 &&
	       (n = read(ends[0], text + len, sizeof(text) - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 2);
	assert_non_null(strstr(text, "NOT as declared"));
	assert_int_equal(strchr(text, '\033') != NULL, row->colours);
}

int main(void)
{
	ADD_ROWS(rows, is_known);
	ADD_ROWS(rows, status_keeps_to_it);
	return run_gathered(NULL, NULL);
}
