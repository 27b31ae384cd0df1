// SPDX-License-Identifier: MIT
/* The ssh connection over which somebody is at work. */
#include "node/session.h"

#include <errno.h>
#include <limits.h>

#include "base/file.h"

/* No chain of processes is longer, unless /proc is not what it seems. */
#define MAX_PARENTS 64

static const char variable[] = "SSH_CONNECTION=";

int pst_session_parse(const char *connection, struct pst_session *ret)
{
	size_t client = strcspn(connection, " ");
	const char *port = connection + client + (connection[client] == ' ');
	const char *server = port + strcspn(port, " ");
	size_t len;

	server += *server == ' ';
	len = strcspn(server, " ");
	if (!client || !len || server[len] != ' ' || port + 1 >= server)
		return -EINVAL;

	struct pst_session session = { .client = strndup(connection, client),
				       .server = strndup(server, len) };

	if (!session.client || !session.server) {
		pst_session_free(&session);
		return -ENOMEM;
	}
	*ret = session;
	return 0;
}

/* An environment is strings with a NUL behind each. */
static const char *find_variable(const char *environment, size_t len)
{
	for (size_t at = 0; at < len; at += strlen(environment + at) + 1)
		if (pst_startswith(environment + at, variable))
			return environment + at + strlen(variable);
	return NULL;
}

static int parent_of(const struct pst_host *host, pid_t pid, pid_t *ret)
{
	char __cleanup_free *path = pst_printf("/proc/%d/status", pid);
	char __cleanup_free *text = NULL;
	int error = path ? pst_host_read(host, path, &text, NULL) : -ENOMEM;
	const char *line = error ? NULL : strstr(text, "\nPPid:\t");

	if (error)
		return error;
	*ret = line ? (pid_t)strtol(line + strlen("\nPPid:\t"), NULL, 10) : 0;
	return 0;
}

int pst_session_find(const struct pst_host *host, pid_t pid, struct pst_session *ret)
{
	for (int i = 0; i < MAX_PARENTS && pid > 1; i++) {
		char __cleanup_free *path = pst_printf("%s/proc/%d/environ", host->root, pid);
		char __cleanup_free *text = NULL;
		const char *connection = NULL;
		size_t len = 0;

		if (!path)
			return -ENOMEM;
		/* Another user's is not for us to read, and then it is not ours. */
		if (!pst_file_read(path, &text, &len, NULL))
			connection = find_variable(text, len);
		if (connection)
			return pst_session_parse(connection, ret);
		if (parent_of(host, pid, &pid))
			return 0;
	}
	return 0;
}

void pst_session_free(struct pst_session *session)
{
	free(session->client);
	free(session->server);
	*session = (struct pst_session){ 0 };
}
