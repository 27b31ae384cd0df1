// SPDX-License-Identifier: MIT
/* Runs a command and catches what it says. */
#include "base/run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "base/str.h"

/* A tool that says more than this is not answering our question. */
#define OUTPUT_MAX_BYTES ((size_t)16 << 20)
/* One that is killed and stays longer waits in the kernel, for a disk most likely that is gone. */
#define KILL_TIMEOUT_MS 5000
#define KILL_LOOK_MS	20

struct child {
	pid_t pid;
	int pidfd;
	int fd[2]; /* the reading ends of its standard output and error; -1 when at their end */
	struct pst_buf text[2];
};

static void child_free(struct child *child)
{
	for (int i = 0; i < 2; i++) {
		pst_close_fd(&child->fd[i]);
		pst_buf_free(&child->text[i]);
	}
	pst_close_fd(&child->pidfd);
}
#define __cleanup_child __cleanup(child_free)

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static int spawn_with(struct child *child, char *const argv[], int out, int err)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	int error;

	sigemptyset(&none);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	posix_spawn_file_actions_init(&actions);
	error = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	if (!error)
		error = posix_spawn_file_actions_adddup2(&actions, out, 1);
	if (!error)
		error = posix_spawn_file_actions_adddup2(&actions, err, 2);
	if (!error)
		error = posix_spawnp(&child->pid, argv[0], &actions, &attributes, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return -error;
}

static int spawn(struct child *child, char *const argv[])
{
	int out[2], err[2], error;

	if (pipe2(out, O_CLOEXEC) < 0)
		return -errno;
	if (pipe2(err, O_CLOEXEC) < 0) {
		error = -errno;
		close(out[0]);
		close(out[1]);
		return error;
	}
	child->fd[0] = out[0];
	child->fd[1] = err[0];
	error = spawn_with(child, argv, out[1], err[1]);
	close(out[1]);
	close(err[1]);
	if (error)
		return error;
	for (int i = 0; i < 2; i++)
		fcntl(child->fd[i], F_SETFL, O_NONBLOCK);
	child->pidfd = (int)syscall(SYS_pidfd_open, child->pid, 0);
	return child->pidfd < 0 ? -errno : 0;
}

/* Takes all that is in a pipe now. */
static int drain(struct child *child, int i)
{
	char chunk[16384];

	while (child->fd[i] >= 0) {
		ssize_t got = read(child->fd[i], chunk, sizeof(chunk));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno == EAGAIN ? 0 : -errno;
		if (got == 0) {
			close(child->fd[i]);
			child->fd[i] = -1;
			return 0;
		}
		if (child->text[i].len + (size_t)got > OUTPUT_MAX_BYTES)
			return -EFBIG;
		pst_buf_add_bytes(&child->text[i], chunk, (size_t)got);
	}
	return 0;
}

/*
 * Listens until the command ends, and not until its pipes do: a daemon that it leaves behind may
 * keep them open for ever.
 */
static int listen_to(struct child *child, long long deadline_ms)
{
	for (;;) {
		struct pollfd fds[3] = {
			{ .fd = child->fd[0], .events = POLLIN },
			{ .fd = child->fd[1], .events = POLLIN },
			{ .fd = child->pidfd, .events = POLLIN },
		};
		long long left_ms = deadline_ms - now_ms();
		int error = 0;

		if (left_ms <= 0)
			return -ETIMEDOUT;
		if (poll(fds, 3, (int)left_ms) < 0 && errno != EINTR)
			return -errno;
		for (int i = 0; i < 2 && !error; i++)
			if (fds[i].revents || fds[2].revents)
				error = drain(child, i);
		if (error || fds[2].revents)
			return error;
	}
}

static int reap(struct child *child)
{
	int status = 0;

	while (waitpid(child->pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Returns -EBUSY for a child that does not go even so; whoever ends it is then not us. */
static int end(struct child *child)
{
	const struct timespec look = { .tv_nsec = KILL_LOOK_MS * 1000000L };
	long long deadline_ms = now_ms() + KILL_TIMEOUT_MS;

	kill(child->pid, SIGKILL);
	while (waitpid(child->pid, NULL, WNOHANG) == 0) {
		if (now_ms() > deadline_ms)
			return -EBUSY;
		nanosleep(&look, NULL);
	}
	return 0;
}

/* @error is why it shall not go on. */
static int give_up(struct child *child, int error, const char *name, int timeout_ms,
		   struct pst_reason *reason)
{
	if (child->pid > 0 && end(child) < 0)
		return pst_fail(reason, error,
				"%s was killed and does not end: its process %d waits in the "
				"kernel, most likely for a disk",
				name, (int)child->pid);
	if (error == -ETIMEDOUT)
		return pst_fail(reason, error, "%s did not end within %d s and was killed", name,
				timeout_ms / 1000);
	return pst_fail_errno(reason, error, "cannot run %s", name);
}

int pst_run(char *const argv[], int timeout_ms, struct pst_run_result *ret,
	    struct pst_reason *reason)
{
	struct child __cleanup_child child = { .pidfd = -1, .fd = { -1, -1 } };
	struct pst_run_result result = { 0 };
	int error = spawn(&child, argv);

	if (!error)
		error = listen_to(&child, now_ms() + timeout_ms);
	if (error)
		return give_up(&child, error, argv[0], timeout_ms, reason);
	result.status = reap(&child);
	result.out = pst_buf_take(&child.text[0]);
	result.err = pst_buf_take(&child.text[1]);
	if (!result.out || !result.err) {
		pst_run_result_free(&result);
		return -ENOMEM;
	}
	*ret = result;
	return 0;
}

void pst_run_result_free(struct pst_run_result *result)
{
	free(result->out);
	free(result->err);
	*result = (struct pst_run_result){ 0 };
}

char *pst_run_quote(char *const argv[])
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-_=+./,:@%";
	struct pst_buf buf = { 0 };

	for (size_t i = 0; argv[i]; i++) {
		if (i)
			pst_buf_add(&buf, " ");
		if (*argv[i] && strspn(argv[i], plain) == strlen(argv[i])) {
			pst_buf_add(&buf, argv[i]);
			continue;
		}
		pst_buf_add(&buf, "'");
		for (const char *p = argv[i]; *p; p++)
			if (*p == '\'')
				pst_buf_add(&buf, "'\\''");
			else
				pst_buf_add_bytes(&buf, p, 1);
		pst_buf_add(&buf, "'");
	}
	return pst_buf_take(&buf);
}
