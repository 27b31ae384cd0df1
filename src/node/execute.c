// SPDX-License-Identifier: MIT
/* Carries out the steps of a plan, one by one. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include "base/file.h"
#include "base/time.h"
#include "node/node.h"

#define POLL_MS 50

static int set_host_name(const char *name, struct pst_reason *reason)
{
	/* hostnamed watches the kernel's name; asking it would only start it. */
	if (sethostname(name, strlen(name)) < 0)
		return pst_fail_errno(reason, -errno, "cannot set the host name %s", name);
	return 0;
}

/* A file that is a person's keeps its mode: it may hold what others should not read. */
static mode_t mode_of(const char *path, const struct pst_step *step)
{
	struct stat info;

	if (step->mode != PST_MODE_KEPT)
		return step->mode;
	return stat(path, &info) < 0 ? 0644 : info.st_mode & 07777;
}

/* The kernel takes a value in one write, and says by its error what it thinks of it. */
static int set(const char *path, const char *text, struct pst_reason *reason)
{
	char __cleanup_free *line = pst_printf("%s\n", text);
	int __cleanup_close fd = open(path, O_WRONLY | O_CLOEXEC);

	if (!line)
		return -ENOMEM;
	if (fd < 0)
		return pst_fail_errno(reason, -errno, "cannot open %s", path);
	if (write(fd, line, strlen(line)) != (ssize_t)strlen(line))
		return pst_fail_errno(reason, -errno ?: -EIO, "cannot set %s to %s", path, text);
	return 0;
}

/* Through a descriptor that is no symbolic link: whoever owned the directory may have left one. */
static int own(const char *path, const struct pst_step *step, struct pst_reason *reason)
{
	int __cleanup_close fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return pst_fail_errno(reason, -errno, "cannot open %s", path);
	/* An owner of -1 means to both of us that it stays. */
	if (fchown(fd, (uid_t)step->owner, (gid_t)step->group) < 0)
		return pst_fail_errno(reason, -errno, "cannot change the owner of %s", path);
	if (step->mode != (mode_t)-1 && fchmod(fd, step->mode) < 0)
		return pst_fail_errno(reason, -errno, "cannot change the mode of %s", path);
	return 0;
}

/* systemctl says only that a job failed; why stands in the unit's status. */
static void add_unit_status(struct pst_host *host, const struct pst_step *step,
			    struct pst_reason *reason)
{
	struct pst_run_result __cleanup_run_result result = { 0 };
	struct pst_strv __cleanup_strv argv = { 0 };
	char __cleanup_free *first = TAKE_PTR(reason->text);

	pst_strv_add(&argv, "systemctl");
	pst_strv_add(&argv, "status");
	pst_strv_add(&argv, "--no-pager");
	pst_strv_add(&argv, "--lines=10");
	pst_strv_add(&argv, step->argv.v[2]);
	/* Its own exit status says that the unit failed, which is known. */
	if (!argv.oom)
		host->run(host, argv.v, PST_OBSERVE_TIMEOUT_MS, &result, NULL);
	pst_fail(reason, -EIO, "%s%s%s", first ?: "", result.out ? "\n" : "", result.out ?: "");
}

static int run(struct pst_host *host, const struct pst_step *step, struct pst_reason *reason)
{
	struct pst_run_result __cleanup_run_result result = { 0 };
	int error = host->run(host, step->argv.v, step->timeout_ms, &result, reason);

	if (error)
		return error;
	if (!result.status)
		return 0;
	error = pst_host_blame(step->argv.v, &result, reason);
	if (pst_streq(step->argv.v[0], "systemctl") && step->argv.n == 3)
		add_unit_status(host, step, reason);
	return error;
}

static int file_says(struct pst_host *host, const struct pst_step *step, char **seen,
		     struct pst_reason *reason)
{
	int error;

	free(TAKE_PTR(*seen));
	error = pst_host_read(host, step->path, seen, reason);
	if (error)
		return error == -ENOENT ? 0 : error;
	(*seen)[strcspn(*seen, "\n")] = '\0';
	return strstr(*seen, step->text) != NULL;
}

static int interface_has(struct pst_host *host, const struct pst_step *step, char **seen,
			 struct pst_reason *reason)
{
	struct pst_state __cleanup_state state = { 0 };
	const struct pst_interface_state *interface;
	int error = pst_network_observe(host, &state, reason);

	if (error)
		return error;
	interface = pst_state_interface(&state, step->path);
	free(*seen);
	*seen = interface ? pst_strv_join(&interface->addresses, " ") : NULL;
	return interface && pst_network_has(interface, step->text);
}

/* Asks again and again: none of what we wait for tells anybody that it happened. */
static int wait_for(struct pst_host *host, const struct pst_step *step,
		    int (*holds)(struct pst_host *, const struct pst_step *, char **,
				 struct pst_reason *),
		    struct pst_reason *reason)
{
	static const struct timespec pause = { .tv_nsec = POLL_MS * 1000000L };
	uint64_t deadline_usec = pst_now_usec() + (uint64_t)step->timeout_ms * PST_USEC_PER_MSEC;
	char __cleanup_free *seen = NULL;

	for (;;) {
		int result = holds(host, step, &seen, reason);

		if (result < 0)
			return result;
		if (result > 0)
			return 0;
		if (pst_now_usec() >= deadline_usec)
			return pst_fail(
				reason, -ETIMEDOUT, "after %d s, %s has \"%s\" and not \"%s\"",
				step->timeout_ms / 1000, step->path, seen ?: "", step->text);
		nanosleep(&pause, NULL);
	}
}

int pst_step_execute(struct pst_host *host, const struct pst_step *step, struct pst_reason *reason)
{
	char __cleanup_free *path = pst_host_path(host, step->path ?: "");

	if (!path)
		return -ENOMEM;
	switch (step->kind) {
	case PST_STEP_WRITE:
		return pst_file_write(path, step->text, mode_of(path, step), reason);
	case PST_STEP_REMOVE:
		return pst_file_remove(path, reason);
	case PST_STEP_RUN:
		return run(host, step, reason);
	case PST_STEP_HOST_NAME:
		return set_host_name(step->text, reason);
	case PST_STEP_SET:
		return set(path, step->text, reason);
	case PST_STEP_OWN:
		return own(path, step, reason);
	case PST_STEP_WAIT_FILE:
		return wait_for(host, step, file_says, reason);
	case PST_STEP_WAIT_ADDRESS:
		return wait_for(host, step, interface_has, reason);
	case PST_STEP_LOOK_AGAIN:
		return 0;
	}
	return -EINVAL;
}
