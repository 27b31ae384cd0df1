// SPDX-License-Identifier: MIT
/* What the verbs that cannot be taken back share: the question, the lock, mounts of their own, the reboot. */
#include <errno.h>
#include <sched.h>
#include <sys/mount.h>

#include "cli/change.h"

bool pst_is_wanted(const struct pst_cli *cli)
{
	char answer[8];

	if (cli->given & PST_OPTION_YES)
		return true;
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		fputs("penstock: nothing was changed: say --yes to carry this out\n", stderr);
		return false;
	}
	fputs("carry this out? [y/N] ", stdout);
	fflush(stdout);
	if (fgets(answer, sizeof(answer), stdin) && (*answer == 'y' || *answer == 'Y'))
		return true;
	puts("nothing was changed");
	return false;
}

int pst_mounts_own(struct pst_reason *reason)
{
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return pst_fail_errno(reason, -errno, "cannot have mounts of its own");
	return 0;
}

int pst_system_begin(const char *verb, int *ret_lock)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	int error;

	if (geteuid() != 0) {
		fprintf(stderr, "penstock: %s must be run as root\n", verb);
		return PST_EXIT_FAILED;
	}
	/* Not waited for: what was asked for may be no longer wanted after what the other does. */
	if (pst_lock_is_taken(PST_APPLY_LOCK)) {
		fprintf(stderr,
			"penstock: %s: another penstock is at work: nothing was changed; say it "
			"again when that is done\n",
			verb);
		return PST_EXIT_FAILED;
	}
	error = pst_lock_take(PST_APPLY_LOCK, ret_lock, &reason);
	if (!error)
		error = pst_mounts_own(&reason);
	return error ? pst_say_failed(&reason, error) : PST_EXIT_OK;
}

int pst_system_reboot(void)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	char __cleanup_free *said = NULL;
	int error;

	puts("starting anew");
	fflush(stdout);
	error = pst_host_ask(&pst_this_host, &said, &reason, "systemctl", "reboot");
	return error ? pst_say_failed(&reason, error) : PST_EXIT_OK;
}
