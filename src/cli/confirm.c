// SPDX-License-Identifier: MIT
/* penstock confirm */
#include <errno.h>

#include "base/file.h"
#include "cli/change.h"
#include "node/guard.h"

int pst_verb_confirm(const struct pst_cli *cli)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	int __cleanup_close lock = -1;
	int error;

	(void)cli;
	if (geteuid() != 0) {
		fputs("penstock: confirm must be run as root\n", stderr);
		return PST_EXIT_FAILED;
	}
	/* From here on nothing goes back any more, nor half of it. */
	error = pst_lock_take(PST_NETWORK_LOCK, &lock, &reason);
	if (error)
		return pst_say_failed(&reason, error);
	if (!pst_host_exists(&pst_this_host, PST_UNDO_FILE)) {
		fputs("penstock: there is no change of the network to confirm\n", stderr);
		return PST_EXIT_FAILED;
	}
	error = pst_file_remove(PST_UNDO_FILE, &reason);
	if (error)
		return pst_say_failed(&reason, error);
	pst_network_disarm();
	puts("the change of the network stays");
	return PST_EXIT_OK;
}
