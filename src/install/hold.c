// SPDX-License-Identifier: MIT
/* The disks that an installation takes, from the first look at them to the end. */
#include "install/hold.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>

int pst_hold_open(struct pst_hold *hold, struct pst_reason *reason)
{
	while (hold->n < hold->answers->disks_count) {
		struct pst_key node = pst_key("/dev/%s", hold->disks[hold->n]->name);
		char __cleanup_free *path = pst_host_path(hold->host, node.text);
		int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;

		if (!path)
			return -ENOMEM;
		if (fd < 0)
			return pst_fail_errno(reason, -errno, "cannot open %s", node.text);
		hold->fd[hold->n++] = fd;
	}
	return 0;
}

static bool is_same(const struct pst_disk *a, const struct pst_disk *b)
{
	return pst_streq(a->name, b->name) && pst_streq(a->serial, b->serial) &&
	       a->size_bytes == b->size_bytes;
}

int pst_hold_check(const struct pst_hold *hold, size_t disk, struct pst_reason *reason)
{
	const struct pst_answers *answers = hold->answers;
	const struct pst_disk *before = hold->disks[disk], *now = NULL;
	struct pst_problems __cleanup_problems problems = { 0 };
	struct pst_disks __cleanup_disks disks = { 0 };
	int error = pst_targets_observe(hold->host, &disks, reason);

	if (!error)
		error = pst_targets_check(hold->host, &disks, hold->image, &answers->disks[disk], 1,
					  answers->confirm_erase, answers->confirm_erase_count,
					  &now, &problems);
	if (error)
		return problems.n ? pst_fail(reason, error, "%s", problems.v[0].text) : error;
	if (is_same(before, now))
		return 0;
	return pst_fail(reason, -EPERM,
			"\"%s\" was %s (serial number %s, %" PRIu64
			" bytes), and now is %s (serial "
			"number %s, %" PRIu64 " bytes): it is left alone",
			answers->disks[disk], before->name, before->serial ?: "unknown",
			before->size_bytes, now->name, now->serial ?: "unknown", now->size_bytes);
}

void pst_hold_close(struct pst_hold *hold)
{
	while (hold->n)
		close(hold->fd[--hold->n]);
}
