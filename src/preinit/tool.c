// SPDX-License-Identifier: MIT
/* Programs of the image. */
#include <errno.h>
#include <stdarg.h>
#include <sys/wait.h>

#include "base/run.h"
#include "preinit/preinit.h"

#define TIMEOUT_MS (10 * 60 * 1000)

static int collect(struct pst_strv *argv, const char *program, va_list args)
{
	pst_strv_add(argv, program);
	for (const char *word = va_arg(args, const char *); word; word = va_arg(args, const char *))
		pst_strv_add(argv, word);
	return argv->oom ? -ENOMEM : 0;
}

int pst_tool(struct pst_reason *reason, const char *program, ...)
{
	struct pst_run_result __cleanup_run_result result = { 0 };
	struct pst_strv __cleanup_strv argv = { 0 };
	va_list args;
	int error;

	va_start(args, program);
	error = collect(&argv, program, args);
	va_end(args);
	if (!error)
		error = pst_run(argv.v, TIMEOUT_MS, &result, reason);
	if (error)
		return error;
	if (result.status)
		return pst_fail(reason, -EIO, "%s failed with status %d: %s", program,
				result.status, *result.err ? result.err : result.out);
	return 0;
}

int pst_tool_interactive(struct pst_reason *reason, const char *program, ...)
{
	struct pst_strv __cleanup_strv argv = { 0 };
	int error, status = 0;
	va_list args;
	pid_t pid;

	va_start(args, program);
	error = collect(&argv, program, args);
	va_end(args);
	if (error)
		return error;
	pid = fork();
	if (pid < 0)
		return pst_fail_errno(reason, -errno, "cannot run %s", program);
	if (pid == 0) {
		execvp(argv.v[0], argv.v);
		_exit(127);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return pst_fail(reason, -EIO, "%s failed", program);
	return 0;
}
