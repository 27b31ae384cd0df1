// SPDX-License-Identifier: MIT
/* The NFS clients of the process. */
#include "gds/server.h"

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "base/fork.h"
#include "gds/hooks.h"
#include "mem/mem.h"

struct pst_gds_server {
	struct pst_gds_server *next;
	unsigned int users; /* guarded by the list's lock, as is @next */
	unsigned int generation;
	struct sockaddr_storage address;
	const struct pst_transport *transport;

	pthread_mutex_t opening; /* one connects, the others wait for it */
	struct pst_nfs_client *client;

	pthread_mutex_t driver_lock;
	pthread_cond_t driver_work;
	pthread_t driver;
	bool driver_runs;
	bool driver_stops;
	atomic_uint driven;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct pst_gds_server *servers;

static void before_fork(void)
{
	pthread_mutex_lock(&lock);
}

static void after_fork(void)
{
	pthread_mutex_unlock(&lock);
}

static void watch_forks(void)
{
	pthread_atfork(before_fork, after_fork, after_fork);
}

static bool same_address(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
	const struct sockaddr_in *a4 = (const void *)a, *b4 = (const void *)b;
	const struct sockaddr_in6 *a6 = (const void *)a, *b6 = (const void *)b;

	if (a->ss_family != b->ss_family)
		return false;
	if (a->ss_family == AF_INET)
		return a4->sin_port == b4->sin_port && a4->sin_addr.s_addr == b4->sin_addr.s_addr;
	return a6->sin6_port == b6->sin6_port && a6->sin6_scope_id == b6->sin6_scope_id &&
	       memcmp(&a6->sin6_addr, &b6->sin6_addr, sizeof(a6->sin6_addr)) == 0;
}

/* An entry of the parent process is not ours: it is neither found nor freed. */
static bool is_ours(const struct pst_gds_server *server)
{
	return server->generation == pst_fork_generation();
}

static struct pst_gds_server *new_server(const struct sockaddr_storage *address)
{
	struct pst_gds_server *server = calloc(1, sizeof(*server));

	if (!server)
		return NULL;
	server->generation = pst_fork_generation();
	server->address = *address;
	server->transport = pst_gds_hooks.transport;
	pthread_mutex_init(&server->opening, NULL);
	pthread_mutex_init(&server->driver_lock, NULL);
	pthread_cond_init(&server->driver_work, NULL);
	return server;
}

/* The entry of this server, which counts one user more. */
static struct pst_gds_server *entry(const struct sockaddr_storage *address)
{
	struct pst_gds_server *server;

	pthread_mutex_lock(&lock);
	for (server = servers; server; server = server->next)
		if (is_ours(server) && server->transport == pst_gds_hooks.transport &&
		    same_address(&server->address, address))
			break;
	if (!server) {
		server = new_server(address);
		if (server) {
			server->next = servers;
			servers = server;
		}
	}
	if (server)
		server->users++;
	pthread_mutex_unlock(&lock);
	return server;
}

int pst_gds_server_get(const struct sockaddr_storage *address, struct pst_gds_server **ret,
		       struct pst_reason *reason)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	const struct pst_nfs_options options = { .transport = pst_gds_hooks.transport,
						 .server = *address,
						 .timeout_ms = pst_gds_hooks.timeout_ms };
	struct pst_gds_server *server;
	int error = 0;

	pthread_once(&once, watch_forks);
	server = entry(address);
	if (!server)
		return -ENOMEM;
	pthread_mutex_lock(&server->opening);
	if (!server->client)
		error = pst_nfs_client_open(&options, &server->client, reason);
	pthread_mutex_unlock(&server->opening);
	if (error) {
		pst_gds_server_put(server);
		return error;
	}
	*ret = server;
	return 0;
}

void pst_gds_server_hold(struct pst_gds_server *server)
{
	pthread_mutex_lock(&lock);
	server->users++;
	pthread_mutex_unlock(&lock);
}

void pst_gds_server_put(struct pst_gds_server *server)
{
	if (!server)
		return;
	pthread_mutex_lock(&lock);
	server->users--;
	pthread_mutex_unlock(&lock);
}

struct pst_nfs_client *pst_gds_server_client(const struct pst_gds_server *server)
{
	return server->client;
}

static bool nothing_driven(void *arg)
{
	struct pst_gds_server *server = arg;

	return atomic_load(&server->driven) == 0;
}

static void *driver(void *arg)
{
	struct pst_gds_server *server = arg;

	pthread_mutex_lock(&server->driver_lock);
	for (;;) {
		while (nothing_driven(server) && !server->driver_stops)
			pthread_cond_wait(&server->driver_work, &server->driver_lock);
		if (nothing_driven(server))
			break;
		pthread_mutex_unlock(&server->driver_lock);
		pst_nfs_wait(server->client, nothing_driven, server);
		pthread_mutex_lock(&server->driver_lock);
	}
	pthread_mutex_unlock(&server->driver_lock);
	return NULL;
}

/* The program's signals are for its own threads. */
static int start_driver(struct pst_gds_server *server)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&server->driver, NULL, driver, server);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -error;
}

int pst_gds_server_drive(struct pst_gds_server *server)
{
	int error = 0;

	pthread_mutex_lock(&server->driver_lock);
	if (!server->driver_runs)
		error = start_driver(server);
	if (!error) {
		server->driver_runs = true;
		atomic_fetch_add(&server->driven, 1);
		pthread_cond_signal(&server->driver_work);
	}
	pthread_mutex_unlock(&server->driver_lock);
	return error;
}

void pst_gds_server_driven(struct pst_gds_server *server)
{
	atomic_fetch_sub(&server->driven, 1);
}

static void close_server(struct pst_gds_server *server)
{
	if (server->driver_runs) {
		pthread_mutex_lock(&server->driver_lock);
		server->driver_stops = true;
		pthread_cond_signal(&server->driver_work);
		pthread_mutex_unlock(&server->driver_lock);
		pthread_join(server->driver, NULL);
	}
	if (server->client) {
		pst_mem_forget_domain(pst_nfs_client_domain(server->client));
		pst_nfs_client_close(server->client);
	}
	pthread_cond_destroy(&server->driver_work);
	pthread_mutex_destroy(&server->driver_lock);
	pthread_mutex_destroy(&server->opening);
	free(server);
}

void pst_gds_servers_trim(void)
{
	struct pst_gds_server *unused = NULL;

	pthread_mutex_lock(&lock);
	for (struct pst_gds_server **at = &servers; *at;) {
		struct pst_gds_server *server = *at;

		if (server->users || !is_ours(server)) {
			at = &server->next;
			continue;
		}
		*at = server->next;
		server->next = unused;
		unused = server;
	}
	pthread_mutex_unlock(&lock);
	while (unused) {
		struct pst_gds_server *server = unused;

		unused = server->next;
		close_server(server);
	}
}
