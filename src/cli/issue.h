/* SPDX-License-Identifier: MIT */
/* What stands above the login prompt on a console: issue(5). */
#ifndef PST_CLI_ISSUE_H
#define PST_CLI_ISSUE_H

#include "base/reason.h"
#include "base/str.h"

struct pst_issue_interface {
	char *name;
	struct pst_strv addresses; /* without prefix length; those of IPv4 first */
};

struct pst_issue {
	struct pst_issue_interface *interfaces;
	size_t n_interfaces;
	struct pst_strv fingerprints; /* TYPE HASH, of ssh's host keys */
	char *state; /* one line */
};

/* Takes getifaddrs' addresses that other machines could reach, tentative ones too. */
struct ifaddrs;
int pst_issue_add_addresses(struct pst_issue *issue, const struct ifaddrs *list);
/* Adds the fingerprint of a public key as OpenSSH writes it; -EBADMSG when it is none. */
int pst_issue_add_key(struct pst_issue *issue, const char *public_key);
/* As getty(8) wants it: no backslash in it means anything. NULL without memory. */
char *pst_issue_text(const struct pst_issue *issue);
void pst_issue_free(struct pst_issue *issue);
#define __cleanup_issue __cleanup(pst_issue_free)

#endif
