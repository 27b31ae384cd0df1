// SPDX-License-Identifier: MIT
/*
 * penstock console: writes what agetty(8) shows above the prompt. penstock-issue.service runs it when networkd says that
 * an interface is up or down, when the apply of a boot ended, and every five minutes.
 */
#include <errno.h>
#include <ifaddrs.h>

#include "base/file.h"
#include "base/run.h"
#include "cli/change.h"
#include "cli/cli.h"
#include "cli/issue.h"

#define ISSUE_FILE	  "/run/issue.d/penstock.issue"
#define HOST_KEY_FILE	  "/etc/ssh/ssh_host_ed25519_key.pub"
#define RELOAD_TIMEOUT_MS 10000

/* What a status says, in one line. While the node is being made as declared, looking at it would only be in the way. */
static char *describe_state(const struct pst_cli *cli)
{
	struct pst_view __cleanup_view view = { 0 };
	struct pst_strv __cleanup_strv problems = { 0 };
	int status;

	if (access(cli->config, F_OK) < 0)
		return pst_printf("not configured yet: there is no %s", cli->config);
	if (pst_view_load(cli, &view))
		return pst_printf("%s is refused: see penstock plan", cli->config);
	if (access(PST_APPLY_LOCK, F_OK) < 0)
		return strdup("not applied since it was started");
	if (pst_lock_is_taken(PST_APPLY_LOCK))
		return strdup("penstock apply is at work");
	status = pst_view_look(&view);
	if (status)
		return strdup("not known: see penstock status");
	pst_view_collect(&view, &problems);
	if (!problems.n)
		return strdup("ok");
	return pst_printf("%zu problem%s: see penstock status", problems.n,
			  problems.n == 1 ? "" : "s");
}

static int see(const struct pst_cli *cli, struct pst_issue *issue, struct pst_reason *reason)
{
	char __cleanup_free *key = NULL;
	struct ifaddrs *list;
	int error;

	/* What takes long comes first: addresses that change meanwhile are seen. */
	issue->state = describe_state(cli);
	if (!issue->state)
		return -ENOMEM;
	error = pst_file_read(HOST_KEY_FILE, &key, NULL, reason);
	if (!error)
		error = pst_issue_add_key(issue, key);
	if (error && error != -ENOENT)
		return error == -EBADMSG ? pst_fail(reason, error, "%s is no public key of ssh",
						    HOST_KEY_FILE)
					 : error;
	if (getifaddrs(&list) < 0)
		return pst_fail_errno(reason, -errno, "cannot list the addresses");
	error = pst_issue_add_addresses(issue, list);
	freeifaddrs(list);
	return error;
}

/* Written when it differs, so that nobody's prompt is drawn anew for nothing. */
static int write_issue(const char *text, struct pst_reason *reason)
{
	struct pst_run_result __cleanup_run_result result = { 0 };
	struct pst_strv __cleanup_strv reload = { 0 };
	char __cleanup_free *before = NULL;
	int error = pst_file_read(ISSUE_FILE, &before, NULL, NULL);

	if (!error && pst_streq(before, text))
		return 0;
	error = pst_file_write(ISSUE_FILE, text, 0644, reason);
	if (error)
		return error;
	pst_strv_add(&reload, "agetty");
	pst_strv_add(&reload, "--reload");
	return reload.oom ? -ENOMEM : pst_run(reload.v, RELOAD_TIMEOUT_MS, &result, reason);
}

int pst_verb_console(const struct pst_cli *cli)
{
	struct pst_issue __cleanup_issue issue = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };
	char __cleanup_free *text = NULL;
	int error = see(cli, &issue, &reason);

	if (!error) {
		text = pst_issue_text(&issue);
		error = text ? 0 : -ENOMEM;
	}
	if (!error && cli->given & PST_OPTION_DRY_RUN)
		fputs(text, stdout);
	else if (!error)
		error = write_issue(text, &reason);
	return error ? pst_say_failed(&reason, error) : PST_EXIT_OK;
}
