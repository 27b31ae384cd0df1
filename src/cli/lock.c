// SPDX-License-Identifier: MIT
/* A lock against two that change the node at a time, those counted in that a killed one has started. */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "base/file.h"
#include "cli/change.h"

/* What stands in the lock's file is for who waits: the lock itself is the kernel's, and goes with its holder. */
static void sign(int fd)
{
	char text[64];
	time_t now = time(NULL);
	struct tm parts;
	int len = snprintf(text, sizeof(text), "%d ", getpid());

	gmtime_r(&now, &parts);
	len += (int)strftime(text + len, sizeof(text) - (size_t)len, "%Y-%m-%d %H:%M:%S UTC\n",
			     &parts);
	if (ftruncate(fd, 0) == 0)
		(void)!pwrite(fd, text, (size_t)len, 0);
}

static void say_who(int fd)
{
	char text[64];
	ssize_t len = pread(fd, text, sizeof(text) - 1, 0);
	char *since;

	text[len > 0 ? len : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	since = strchr(text, ' ');
	if (since)
		*since++ = '\0';
	if (since)
		fprintf(stderr,
			"penstock: waiting for another penstock, process %s, at work since %s\n",
			text, since);
	else
		fputs("penstock: waiting for another penstock, which has just begun\n", stderr);
}

int pst_lock_take(const char *path, int *ret_fd, struct pst_reason *reason)
{
	int error = pst_file_make_parents(path, reason);
	/* Not closed on exec: what a killed apply has started still works on the node, and holds the lock to its end. */
	int fd = error ? -1 : open(path, O_RDWR | O_CREAT, 0600);

	if (error)
		return error;
	/* Whoever can open it can hold it, and keep the network from coming back. */
	if (fd < 0 || fchmod(fd, 0600) < 0) {
		error = pst_fail_errno(reason, -errno, "cannot open %s", path);
		pst_close_fd(&fd);
		return error;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		say_who(fd);
		while (flock(fd, LOCK_EX) < 0) {
			if (errno == EINTR)
				continue;
			error = pst_fail_errno(reason, -errno, "cannot lock %s", path);
			close(fd);
			return error;
		}
	}
	sign(fd);
	*ret_fd = fd;
	return 0;
}

bool pst_lock_is_taken(const char *path)
{
	int __cleanup_close fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}
