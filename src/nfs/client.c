// SPDX-License-Identifier: MIT
/* A client: made, closed, and waited on. What is done while somebody waits is in work.c. */
#include "nfs/client.h"

#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/eventfd.h>

#include "base/fork.h"
#include "base/time.h"

#define CONNECTIONS 2
#define IN_FLIGHT   64
#define TIMEOUT_MS  60000
/* Shorter than a sleep and a wake-up take; with one processor the server's side may need it. */
#define SPIN_USEC 20

static void set_defaults(struct pst_nfs_options *options)
{
	if (!options->connections)
		options->connections = CONNECTIONS;
	if (!options->in_flight_most)
		options->in_flight_most = IN_FLIGHT;
	if (!options->timeout_ms)
		options->timeout_ms = TIMEOUT_MS;
}

static bool is_inherited(const struct pst_nfs_client *client)
{
	return client->generation != pst_fork_generation();
}

void pst_nfs_client_close(struct pst_nfs_client *client)
{
	if (!client)
		return;
	if (client->kick_fd >= 0)
		close(client->kick_fd);
	/*
	 * After a fork the connections are the parent's, and the card must not hear of it. The lock may be one that a
	 * thread of the parent held.
	 */
	if (!is_inherited(client)) {
		for (uint32_t i = 0; i < client->options.connections; i++)
			pst_rpc_close(client->connections[i].rpc);
		if (client->domain)
			client->options.transport->domain_put(client->domain);
		pthread_mutex_destroy(&client->lock);
	}
	free(client);
}

static int make(const struct pst_nfs_options *options, struct pst_nfs_client **ret)
{
	struct pst_nfs_client *client = calloc(1, sizeof(*client));

	if (!client)
		return -ENOMEM;
	client->options = *options;
	set_defaults(&client->options);
	client->generation = pst_fork_generation();
	client->spin_usec = sysconf(_SC_NPROCESSORS_ONLN) > 1 ? SPIN_USEC : 0;
	pthread_mutex_init(&client->lock, NULL);
	client->followers_end = &client->followers;
	client->due_usec = UINT64_MAX;
	client->kick_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	*ret = client;
	return client->kick_fd < 0 ? -errno : 0;
}

/* Puts in front of the reason whom it speaks of. */
static int fail_open(const struct pst_nfs_options *options, int error, struct pst_reason *reason)
{
	char host[INET6_ADDRSTRLEN + IF_NAMESIZE], port[8];
	char __cleanup_free *why = NULL;

	if (!reason ||
	    getnameinfo((const struct sockaddr *)&options->server, sizeof(options->server), host,
			sizeof(host), port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV))
		return error;
	why = TAKE_PTR(reason->text);
	return pst_fail(reason, error, "NFS server %s, RDMA port %s: %s", host, port,
			why ?: strerror(-error));
}

int pst_nfs_client_open(const struct pst_nfs_options *options, struct pst_nfs_client **ret,
			struct pst_reason *reason)
{
	struct pst_nfs_client *client = NULL;
	uint64_t deadline_usec;
	int error;

	if (!options->transport || options->connections > PST_NFS_CONNECTIONS_MOST)
		return -EINVAL;
	error = make(options, &client);
	if (!error) {
		deadline_usec = pst_now_usec() + client->options.timeout_ms * PST_USEC_PER_MSEC;
		error = options->transport->domain_get(
			(const struct sockaddr *)&client->options.server, deadline_usec,
			&client->domain, reason);
	}
	if (!error)
		error = pst_nfs_connect(client, &client->connections[0], deadline_usec, reason);
	if (error) {
		pst_nfs_client_close(client);
		return fail_open(options, error, reason);
	}
	*ret = client;
	return 0;
}

struct pst_domain *pst_nfs_client_domain(struct pst_nfs_client *client)
{
	return client->domain;
}

void pst_nfs_client_counters(struct pst_nfs_client *client, struct pst_nfs_counters *ret)
{
	*ret = (struct pst_nfs_counters){ 0 };
	if (is_inherited(client))
		return;
	pthread_mutex_lock(&client->lock);
	*ret = client->counters;
	pthread_mutex_unlock(&client->lock);
}

static bool is_acceptable(const struct pst_nfs_file *file, const struct pst_nfs_io *io)
{
	/* RFC 1813 has offsets of 64 bits; those of files end at 63. */
	if (io->offset_bytes > (uint64_t)INT64_MAX - io->count_bytes)
		return false;
	switch (io->op) {
	case PST_NFS_READ:
		return io->count_bytes && io->count_bytes <= file->limits.read_max_bytes;
	case PST_NFS_WRITE:
		return io->count_bytes && io->count_bytes <= file->limits.write_max_bytes;
	default:
		return true;
	}
}

int pst_nfs_submit(struct pst_nfs_file *file, struct pst_nfs_io *io)
{
	struct pst_nfs_client *client = file->client;

	if (is_inherited(client))
		return -ECANCELED;
	if (!is_acceptable(file, io))
		return -EINVAL;
	io->file = file;
	io->verdict = 0;
	io->delays = 0;
	io->not_before_usec = 0;
	if (!io->deadline_usec)
		io->deadline_usec = pst_now_usec() + client->options.timeout_ms * PST_USEC_PER_MSEC;
	pthread_mutex_lock(&client->lock);
	pst_nfs_start(client, io);
	pthread_mutex_unlock(&client->lock);
	return 0;
}

/* Calls the followers whose wait is over. With the lock held. */
static void call_finished(struct pst_nfs_client *client)
{
	struct pst_nfs_follower **at = &client->followers;

	while (*at) {
		struct pst_nfs_follower *follower = *at;

		if (!follower->finished(follower->arg)) {
			at = &follower->next;
			continue;
		}
		*at = follower->next;
		follower->over = true;
		pthread_cond_signal(&follower->called);
	}
	client->followers_end = at;
}

/* Works for all until its own wait is over. With the lock held, which it gives up meanwhile. */
static void lead(struct pst_nfs_client *client, bool (*finished)(void *arg), void *arg)
{
	uint64_t idle_since_usec = 0;

	while (!finished(arg)) {
		uint64_t now_usec = pst_now_usec();
		bool due = now_usec >= client->due_usec;
		bool ended;

		pthread_mutex_unlock(&client->lock);
		ended = pst_nfs_work(client, due);
		if (ended || !idle_since_usec)
			idle_since_usec = now_usec;
		if (!ended && now_usec - idle_since_usec >= client->spin_usec) {
			ended = pst_nfs_sleep(client);
			idle_since_usec = 0;
		}
		pthread_mutex_lock(&client->lock);
		if (ended)
			call_finished(client);
	}
}

/* The one who has waited longest leads from now on, and nobody who comes meanwhile. With the lock held. */
static void hand_over(struct pst_nfs_client *client)
{
	struct pst_nfs_follower *next = client->followers;

	client->led = next;
	if (!next)
		return;
	client->followers = next->next;
	if (!client->followers)
		client->followers_end = &client->followers;
	next->leads = true;
	pthread_cond_signal(&next->called);
}

/* Sleeps until called; whether it is to lead. With the lock held. */
static bool follow(struct pst_nfs_client *client, bool (*finished)(void *arg), void *arg)
{
	struct pst_nfs_follower follower = { .finished = finished, .arg = arg };

	pthread_cond_init(&follower.called, NULL);
	/* Whoever calls it takes it off the list first. */
	*client->followers_end = &follower;
	/* cppcheck-suppress autoVariables */
	client->followers_end = &follower.next;
	while (!follower.over && !follower.leads)
		pthread_cond_wait(&follower.called, &client->lock);
	pthread_cond_destroy(&follower.called);
	return follower.leads;
}

/*
 * One of those who wait leads: it takes in replies for all. The others sleep, each until the leader has ended an
 * operation and finds its wait over, or until it has to lead itself because the leader's wait is over. All
 * done()s are called by the leader, which looks at all who wait afterwards under the lock that they join
 * under, and it never leaves without another in its place: so nobody sleeps through the end of his wait.
 */
int pst_nfs_wait(struct pst_nfs_client *client, bool (*finished)(void *arg), void *arg)
{
	if (is_inherited(client))
		return -ECANCELED;
	pthread_mutex_lock(&client->lock);
	if (!finished(arg) && (!client->led || follow(client, finished, arg))) {
		client->led = true;
		lead(client, finished, arg);
		hand_over(client);
	}
	pthread_mutex_unlock(&client->lock);
	return 0;
}
