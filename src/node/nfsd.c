// SPDX-License-Identifier: MIT
/*
 * The kernel's NFS server: its part of nfs.conf(5), and what it runs with. Threads and a new RDMA
 * listener are given to the server while it runs; for the rest it is started anew, and clients wait.
 */
#include <errno.h>
#include <limits.h>

#include "node/nfsd.h"

#define NFS_CONF_FILE "/etc/nfs.conf.d/penstock.conf"
#define THREADS_FILE  "/proc/fs/nfsd/threads"
#define PORTS_FILE    "/proc/fs/nfsd/portlist"
#define TCP_PORT      2049
/* A thread waits while ZFS waits for disks: several for each CPU keep the disks busy. */
#define THREADS_PER_CPU 8
#define THREADS_LEAST	8
#define THREADS_MOST	512

int pst_nfsd_read_number(struct pst_host *host, const char *path, unsigned int *ret,
			 struct pst_reason *reason)
{
	char __cleanup_free *text = NULL;
	unsigned long long number;
	int error = pst_host_read(host, path, &text, reason);

	*ret = 0;
	if (error)
		return error == -ENOENT ? 0 : error;
	text[strcspn(text, "\n")] = '\0';
	if (pst_parse_u64(text, UINT_MAX, &number))
		return pst_fail(reason, -EBADMSG, "%s says \"%s\"", path, text);
	*ret = (unsigned int)number;
	return 0;
}

int pst_nfsd_read_line(struct pst_host *host, const char *path, char **ret,
		       struct pst_reason *reason)
{
	int error = pst_host_read(host, path, ret, reason);

	if (error)
		return error == -ENOENT ? 0 : error;
	(*ret)[strcspn(*ret, "\n")] = '\0';
	return 0;
}

static int read_words(struct pst_host *host, const char *path, const char *between,
		      struct pst_strv *ret, struct pst_reason *reason)
{
	char __cleanup_free *text = NULL;
	int error = pst_host_read(host, path, &text, reason);
	char *rest;

	if (error)
		return error == -ENOENT ? 0 : error;
	for (char *word = strtok_r(text, between, &rest); word;
	     word = strtok_r(NULL, between, &rest))
		/* A listener for IPv4 and one for IPv6 read the same. */
		if (!pst_strv_contains(ret, word))
			pst_strv_add(ret, word);
	return ret->oom ? -ENOMEM : 0;
}

int pst_nfsd_observe(struct pst_host *host, struct pst_state *state, struct pst_reason *reason)
{
	/* Its file system is mounted when it is first started. */
	int error = pst_nfsd_read_number(host, THREADS_FILE, &state->nfsd_threads, reason);

	if (!error)
		error = pst_nfsd_read_line(host, PST_POOLS_FILE, &state->nfsd_pool_mode, reason);
	if (!error)
		error = read_words(host, PORTS_FILE, "\n", &state->nfsd_listeners, reason);
	if (!error)
		error = read_words(host, "/proc/fs/nfsd/versions", " \n", &state->nfsd_versions,
				   reason);
	if (!error)
		error = pst_nfsd_read_number(host, "/proc/fs/nfsd/nfsv4leasetime",
					     &state->nfsd_lease_s, reason);
	if (!error)
		error = pst_nfsd_read_number(host, "/proc/fs/nfsd/nfsv4gracetime",
					     &state->nfsd_grace_s, reason);
	return error ?: pst_nfsd_unit_observe(host, state, reason);
}

static unsigned int threads_of(const struct pst_conf_nfs_server *conf,
			       const struct pst_state *state)
{
	unsigned int threads = state->cpus * THREADS_PER_CPU;

	if (conf->threads)
		return conf->threads;
	if (threads < THREADS_LEAST)
		return THREADS_LEAST;
	return threads > THREADS_MOST ? THREADS_MOST : threads;
}

/* How many pools of threads a mode makes here. */
static unsigned int pools_of(enum pst_pool_mode mode, const struct pst_state *state)
{
	if (mode == PST_POOL_MODE_PERCPU)
		return state->cpus;
	return mode == PST_POOL_MODE_PERNODE ? state->numa_nodes : 1;
}

enum pst_pool_mode pst_nfsd_pool_mode(const struct pst_conf_nfs_server *conf,
				      const struct pst_state *state)
{
	if (conf->pool_mode != PST_POOL_MODE_DEFAULT)
		return conf->pool_mode;
	return state->numa_nodes > 1 && threads_of(conf, state) >= state->numa_nodes
		       ? PST_POOL_MODE_PERNODE
		       : PST_POOL_MODE_GLOBAL;
}

/* Not every kernel hands the requests of a pool without a thread to another one: they would wait for ever. */
static bool refuse_empty_pools(const struct pst_conf_nfs_server *conf,
			       const struct pst_state *state, struct pst_plan *plan)
{
	unsigned int pools = pools_of(conf->pool_mode, state);
	unsigned int threads = threads_of(conf, state);

	if (threads >= pools)
		return false;
	pst_plan_problem(plan, PST_PROBLEM_REFUSED, pst_key("nfs_server.pool_mode"),
			 "%s makes %u pools on this machine, and %u threads are too few to give "
			 "each one: raise nfs_server.threads, or say global",
			 pst_pool_mode_name(conf->pool_mode), pools, threads);
	return true;
}

static bool wants_version(const struct pst_conf_nfs_server *conf, enum pst_nfs_version version)
{
	for (size_t i = 0; i < conf->versions_count; i++)
		if (conf->versions[i] == version)
			return true;
	return false;
}

static char *file_text(const struct pst_conf_nfs_server *conf, const struct pst_state *state)
{
	struct pst_buf text = { 0 };

	pst_buf_printf(&text, "%s\n[nfsd]\nthreads=%u\npool-mode=%s\nudp=n\ntcp=%s\n",
		       pst_file_header, threads_of(conf, state),
		       pst_pool_mode_name(pst_nfsd_pool_mode(conf, state)), conf->tcp ? "y" : "n");
	if (conf->rdma_port)
		pst_buf_printf(&text, "rdma=y\nrdma-port=%u\n", conf->rdma_port);
	else
		pst_buf_add(&text, "rdma=n\n");
	for (enum pst_nfs_version v = PST_NFS_4_2; conf->versions_count && v <= PST_NFS_3; v++)
		pst_buf_printf(&text, "vers%s=%s\n", pst_nfs_version_name(v),
			       wants_version(conf, v) ? "y" : "n");
	if (conf->lease_s)
		pst_buf_printf(&text, "lease-time=%u\n", conf->lease_s);
	if (conf->grace_s)
		pst_buf_printf(&text, "grace-time=%u\n", conf->grace_s);
	return pst_buf_take(&text);
}

/*
 * The kernel lists "+3 +4 -4.0 +4.1 +4.2", 4 for all of its minor versions together. A minor version
 * that it does not list goes with 4.
 */
static bool has_version(const struct pst_state *state, enum pst_nfs_version version)
{
	const char *name = pst_nfs_version_name(version);
	struct pst_key on = pst_key("+%s", name), off = pst_key("-%s", name);

	if (pst_strv_contains(&state->nfsd_versions, on.text))
		return !pst_startswith(name, "4.") ||
		       !pst_strv_contains(&state->nfsd_versions, "-4");
	return pst_startswith(name, "4.") && !pst_strv_contains(&state->nfsd_versions, off.text) &&
	       pst_strv_contains(&state->nfsd_versions, "+4");
}

static char *versions_differ(const struct pst_conf_nfs_server *conf, const struct pst_state *state)
{
	for (enum pst_nfs_version v = PST_NFS_4_2; conf->versions_count && v <= PST_NFS_3; v++)
		if (wants_version(conf, v) != has_version(state, v))
			return pst_printf("the NFS server %s version %s",
					  wants_version(conf, v) ? "does not serve" : "serves",
					  pst_nfs_version_name(v));
	return NULL;
}

/* What can only be changed while the server is stopped, in words; NULL when all is as declared. */
static char *differs(const struct pst_conf_nfs_server *conf, const struct pst_state *state)
{
	struct pst_key tcp = pst_key("tcp %d", TCP_PORT);
	struct pst_key rdma = pst_key("rdma %u", conf->rdma_port);
	const char *pool_mode = pst_pool_mode_name(pst_nfsd_pool_mode(conf, state));

	if (!state->nfsd_threads)
		return pst_printf("the NFS server is not running");
	if (conf->tcp != pst_strv_contains(&state->nfsd_listeners, tcp.text))
		return pst_printf("the NFS server %s on TCP",
				  conf->tcp ? "does not listen" : "listens");
	for (size_t i = 0; i < state->nfsd_listeners.n; i++)
		if (pst_startswith(state->nfsd_listeners.v[i], "rdma ") &&
		    !pst_streq(state->nfsd_listeners.v[i], rdma.text))
			return pst_printf("the NFS server listens on %s",
					  state->nfsd_listeners.v[i]);
	if (state->nfsd_pool_mode && !pst_streq(state->nfsd_pool_mode, pool_mode))
		return pst_printf("the NFS server's pool mode is %s, not %s", state->nfsd_pool_mode,
				  pool_mode);
	if (conf->lease_s && conf->lease_s != state->nfsd_lease_s)
		return pst_printf("the NFS server's lease is %u s, not %u", state->nfsd_lease_s,
				  conf->lease_s);
	if (conf->grace_s && conf->grace_s != state->nfsd_grace_s)
		return pst_printf("the NFS server's grace is %u s, not %u", state->nfsd_grace_s,
				  conf->grace_s);
	return pst_nfsd_unit_differs(conf, state) ?: versions_differ(conf, state);
}

bool pst_nfsd_restarts(const struct pst_conf *conf, const struct pst_state *state)
{
	char __cleanup_free *why = differs(&conf->nfs_server, state);

	return pst_conf_wants_nfs_server(conf) && why;
}

/* What a server that runs takes as it runs. */
static void plan_live(const struct pst_conf_nfs_server *conf, const struct pst_state *state,
		      struct pst_plan *plan)
{
	struct pst_key rdma = pst_key("rdma %u", conf->rdma_port);
	unsigned int threads = threads_of(conf, state);
	char __cleanup_free *count = pst_printf("%u", threads);
	char __cleanup_free *why =
		pst_printf("the NFS server has %u threads, not %u", state->nfsd_threads, threads);
	char __cleanup_free *deaf =
		pst_printf("the NFS server does not listen on RDMA port %u", conf->rdma_port);

	if (!count || !why || !deaf) {
		plan->oom = true;
		return;
	}
	if (state->nfsd_threads != threads)
		pst_plan_set(plan, "nfs_server", THREADS_FILE, count, why);
	if (conf->rdma_port && !pst_strv_contains(&state->nfsd_listeners, rdma.text))
		pst_plan_set(plan, "nfs_server", PORTS_FILE, rdma.text, deaf);
}

void pst_nfsd_plan(const struct pst_conf *conf, const struct pst_state *state,
		   struct pst_plan *plan)
{
	char __cleanup_free *text = file_text(&conf->nfs_server, state);
	char __cleanup_free *why = differs(&conf->nfs_server, state);
	char __cleanup_free *restart = NULL;

	if (!pst_conf_wants_nfs_server(conf)) {
		pst_plan_file(plan, state, "nfs_server", NFS_CONF_FILE, NULL);
		pst_nfsd_unit_plan(NULL, state, false, plan);
		return;
	}
	if (!text) {
		plan->oom = true;
		return;
	}
	if (refuse_empty_pools(&conf->nfs_server, state, plan) ||
	    pst_nfsd_unit_refused(&conf->nfs_server, state, plan))
		return;
	pst_plan_file(plan, state, "nfs_server", NFS_CONF_FILE, text);
	pst_nfsd_unit_plan(&conf->nfs_server, state, why != NULL, plan);
	if (!why) {
		plan_live(&conf->nfs_server, state, plan);
		return;
	}
	restart = pst_printf(
		state->nfsd_threads ? "%s; clients wait while it is started anew" : "%s", why);
	if (!restart) {
		plan->oom = true;
		return;
	}
	/*
	 * A unit that systemd takes for running can have lost its threads: restart does for both.
	 */
	pst_plan_run(plan, "nfs_server", restart, "systemctl", "restart", "nfs-server.service");
}
