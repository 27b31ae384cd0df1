// SPDX-License-Identifier: MIT
/* penstock init */
#include <errno.h>
#include <fcntl.h>

#include "cli/cli.h"
#include "inventory/init.h"

/* Never over a file that is there: it may be somebody's configuration. */
static int write_new(const char *path, const char *text, struct pst_reason *reason)
{
	size_t len = strlen(text);
	int __cleanup_close fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd < 0)
		return pst_fail_errno(reason, -errno, "%s", path);
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return pst_fail_errno(reason, -errno, "%s", path);
		text += n;
		len -= (size_t)n;
	}
	return fsync(fd) < 0 ? pst_fail_errno(reason, -errno, "%s", path) : 0;
}

int pst_verb_init(const struct pst_cli *cli)
{
	struct pst_seen __cleanup_seen machine = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };
	char __cleanup_free *text = NULL;
	int error = pst_seen_observe(&pst_this_host, geteuid() == 0, pst_verbs_port_mtu, &machine,
				     &reason);

	if (!error)
		error = pst_init_text(&machine,
				      cli->given & PST_OPTION_ROLE ? cli->role
								   : pst_init_role(&machine),
				      &text, &reason);
	if (!error && cli->given & PST_OPTION_OUTPUT)
		error = write_new(cli->output, text, &reason);
	else if (!error)
		fputs(text, stdout);
	if (!error)
		return PST_EXIT_OK;
	pst_say_failed(&reason, error);
	return error == -EEXIST ? PST_EXIT_REFUSED : PST_EXIT_FAILED;
}
