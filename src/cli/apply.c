// SPDX-License-Identifier: MIT
/* penstock apply */
#include <errno.h>
#include <time.h>

#include "base/time.h"
#include "cli/change.h"
#include "node/fallback.h"

static bool is_something_absent(const struct pst_view *view)
{
	for (size_t i = 0; i < view->state.n_disks; i++)
		if (view->state.disks[i].error == -ENOENT)
			return true;
	return pst_network_is_absent(view->doc.conf, &view->state);
}

/*
 * At boot a disk or a card may not have answered yet, or not be known to udev: that is waited for. It
 * is udev's own queue that is waited for first, so that a name that is only wrong is said at once.
 */
static int look_with_patience(struct pst_view *view, unsigned int wait_seconds)
{
	static const struct timespec pause = { .tv_nsec = 200 * 1000000L };
	/* Not the time of day: a booting machine is told that by the network, and it jumps. */
	uint64_t deadline_usec = pst_now_usec() + wait_seconds * PST_USEC_PER_SEC;
	int status = pst_view_look(view);

	if (status || !is_something_absent(view))
		return status;
	do {
		struct pst_reason __cleanup_reason reason = { 0 };
		char __cleanup_free *said = NULL;

		/* That it is still busy after so long is no reason not to look. */
		pst_host_ask(&pst_this_host, &said, &reason, "udevadm", "settle", "--timeout=10");
		status = pst_view_look(view);
		if (status || !is_something_absent(view))
			return status;
		nanosleep(&pause, NULL);
	} while (pst_now_usec() < deadline_usec);
	return PST_EXIT_OK;
}

/* Before anything is planned: new pools are made with what the other version knows. */
static int keep_fallback(void)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	int error = pst_fallback_keep(&pst_this_host, &reason);

	return error ? pst_say_failed(&reason, error) : PST_EXIT_OK;
}

int pst_verb_apply(const struct pst_cli *cli)
{
	struct pst_view __cleanup_view view = { 0 };
	struct pst_change __cleanup_change change = { .record.journal = -1, .lock = -1 };
	int status = pst_view_load(cli, &view);

	if (!status)
		status = pst_change_begin(&change, cli, "apply", PST_APPLY_LOCK);
	if (!status)
		status = pst_network_settle(cli);
	if (!status) {
		/* Whoever was at work meanwhile may have changed the configuration too. */
		pst_view_free(&view);
		status = pst_view_load(cli, &view);
	}
	if (!status && view.doc.conf->node.role == PST_ROLE_STORAGE)
		status = keep_fallback();
	if (!status)
		status = look_with_patience(&view, cli->wait_seconds);
	if (!status)
		status = pst_change_apply(&change, &view);
	return pst_change_end(&change, status);
}
