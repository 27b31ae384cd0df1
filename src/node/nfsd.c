// SPDX-License-Identifier: MIT
/* The kernel's NFS server: its part of nfs.conf(5), and what it runs with. */
#include <errno.h>
#include <limits.h>

#include "node/node.h"

#define NFS_CONF_FILE "/etc/nfs.conf.d/penstock.conf"
#define TCP_PORT      2049

int pst_nfsd_observe(struct pst_host *host, struct pst_state *state, struct pst_reason *reason)
{
	char __cleanup_free *threads = NULL;
	char __cleanup_free *ports = NULL;
	unsigned long long number;
	int error = pst_host_read(host, "/proc/fs/nfsd/threads", &threads, reason);

	if (!error)
		error = pst_host_read(host, "/proc/fs/nfsd/portlist", &ports, reason);
	/* Its file system is mounted when it is first started. */
	if (error)
		return error == -ENOENT ? 0 : error;
	threads[strcspn(threads, "\n")] = '\0';
	if (pst_parse_u64(threads, UINT_MAX, &number))
		return pst_fail(reason, -EBADMSG, "/proc/fs/nfsd/threads says \"%s\"", threads);
	state->nfsd_threads = (unsigned int)number;
	for (char *line = strtok(ports, "\n"); line; line = strtok(NULL, "\n"))
		/* One for IPv4 and one for IPv6, which read the same. */
		if (!pst_strv_contains(&state->nfsd_listeners, line))
			pst_strv_add(&state->nfsd_listeners, line);
	return state->nfsd_listeners.oom ? -ENOMEM : 0;
}

static char *file_text(const struct pst_conf_nfs_server *conf)
{
	struct pst_buf text = { 0 };

	pst_buf_printf(&text, "%s\n[nfsd]\nthreads=%u\nudp=n\ntcp=%s\n", pst_file_header,
		       conf->threads, conf->tcp ? "y" : "n");
	if (conf->rdma_port)
		pst_buf_printf(&text, "rdma=y\nrdma-port=%u\n", conf->rdma_port);
	else
		pst_buf_add(&text, "rdma=n\n");
	return pst_buf_take(&text);
}

/* What it runs with that is not as declared, in words; NULL when all is. */
static char *differs(const struct pst_conf_nfs_server *conf, const struct pst_state *state)
{
	struct pst_key tcp = pst_key("tcp %d", TCP_PORT);
	struct pst_key rdma = pst_key("rdma %u", conf->rdma_port);
	bool has_rdma = pst_strv_contains(&state->nfsd_listeners, rdma.text);

	if (!state->nfsd_threads)
		return pst_printf("the NFS server is not running");
	if (state->nfsd_threads != conf->threads)
		return pst_printf("the NFS server has %u threads, not %u", state->nfsd_threads,
				  conf->threads);
	if (conf->rdma_port && !has_rdma)
		return pst_printf("the NFS server does not listen on RDMA port %u",
				  conf->rdma_port);
	if (conf->tcp != pst_strv_contains(&state->nfsd_listeners, tcp.text))
		return pst_printf("the NFS server %s on TCP",
				  conf->tcp ? "does not listen" : "listens");
	for (size_t i = 0; i < state->nfsd_listeners.n; i++)
		if (pst_startswith(state->nfsd_listeners.v[i], "rdma ") &&
		    !pst_streq(state->nfsd_listeners.v[i], rdma.text))
			return pst_printf("the NFS server listens on %s",
					  state->nfsd_listeners.v[i]);
	return NULL;
}

bool pst_nfsd_restarts(const struct pst_conf *conf, const struct pst_state *state)
{
	char __cleanup_free *text = file_text(&conf->nfs_server);
	char __cleanup_free *why = differs(&conf->nfs_server, state);

	return pst_conf_wants_nfs_server(conf) &&
	       (why || !pst_streq(text, pst_state_file(state, NFS_CONF_FILE)));
}

void pst_nfsd_plan(const struct pst_conf *conf, const struct pst_state *state,
		   struct pst_plan *plan)
{
	char __cleanup_free *text = file_text(&conf->nfs_server);
	char __cleanup_free *why = differs(&conf->nfs_server, state);

	if (!pst_conf_wants_nfs_server(conf)) {
		pst_plan_file(plan, state, "nfs_server", NFS_CONF_FILE, NULL);
		return;
	}
	if (!text) {
		plan->oom = true;
		return;
	}
	pst_plan_file(plan, state, "nfs_server", NFS_CONF_FILE, text);
	/*
	 * A unit that systemd takes for running can have lost its threads: restart does for both.
	 */
	if (pst_nfsd_restarts(conf, state))
		pst_plan_run(plan, "nfs_server", why, "systemctl", "restart", "nfs-server.service");
}
