// SPDX-License-Identifier: MIT
/* Programs of the image. */
#include <errno.h>
#include <limits.h>
#include <sys/wait.h>

#include "base/run.h"
#include "preinit/preinit.h"

#define TIMEOUT_MS (10 * 60 * 1000)

static int run(struct pst_reason *reason, int timeout_ms, int good, const char *const argv[])
{
	struct pst_run_result __cleanup_run_result result = { 0 };
	int error = pst_run((char *const *)argv, timeout_ms, &result, reason);

	if (error)
		return error;
	if (result.status < 0 || result.status > good)
		return pst_fail(reason, -EIO, "%s failed with status %d: %s", argv[0],
				result.status, *result.err ? result.err : result.out);
	return 0;
}

int pst_tool_run(struct pst_reason *reason, const char *const argv[])
{
	return run(reason, TIMEOUT_MS, 0, argv);
}

/* Killed, it would begin again at the next boot, and never come to its end. */
int pst_tool_run_long(struct pst_reason *reason, int good, const char *const argv[])
{
	return run(reason, INT_MAX, good, argv);
}

int pst_tool_interactive(struct pst_reason *reason, const char *const argv[])
{
	int status = 0;
	pid_t pid = fork();

	if (pid < 0)
		return pst_fail_errno(reason, -errno, "cannot run %s", argv[0]);
	if (pid == 0) {
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return pst_fail(reason, -EIO, "%s failed", argv[0]);
	return 0;
}
