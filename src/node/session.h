/* SPDX-License-Identifier: MIT */
/* The ssh connection over which somebody is at work: one that a change of the network must not cut. */
#ifndef PST_NODE_SESSION_H
#define PST_NODE_SESSION_H

#include <sys/types.h>

#include "node/host.h"

struct pst_session {
	char *client; /* addresses, both NULL without a connection */
	char *server;
};

/* SSH_CONNECTION as sshd sets it: CLIENT PORT SERVER PORT. -EINVAL for anything else. */
int pst_session_parse(const char *connection, struct pst_session *ret);
/*
 * The connection of the process @pid or of the nearest one above it that has one: sudo(8) clears what sshd set. That
 * there is none is no error.
 */
int pst_session_find(const struct pst_host *host, pid_t pid, struct pst_session *ret);
void pst_session_free(struct pst_session *session);
#define __cleanup_session __cleanup(pst_session_free)

#endif
