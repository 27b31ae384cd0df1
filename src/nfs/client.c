// SPDX-License-Identifier: MIT
/* A client: made, closed, and waited on. What is done while somebody waits is in work.c. */
#include "nfs/client.h"

#include <errno.h>
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
	/* After a fork the connections are the parent's, and the card must not hear of it. */
	if (!is_inherited(client)) {
		for (uint32_t i = 0; i < client->options.connections; i++)
			pst_rpc_close(client->connections[i].rpc);
		if (client->domain)
			client->options.transport->domain_put(client->domain);
	}
	if (client->kick_fd >= 0)
		close(client->kick_fd);
	pthread_cond_destroy(&client->led);
	pthread_mutex_destroy(&client->lock);
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
	pthread_cond_init(&client->led, NULL);
	client->kick_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	*ret = client;
	return client->kick_fd < 0 ? -errno : 0;
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
		return error;
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

/* Works for all until its own wait is over. With the lock held, which it gives up meanwhile. */
static void lead(struct pst_nfs_client *client, bool (*finished)(void *arg), void *arg)
{
	uint64_t idle_usec = 0;

	while (!finished(arg)) {
		bool busy;

		pthread_mutex_unlock(&client->lock);
		busy = pst_nfs_work(client);
		if (busy) {
			idle_usec = 0;
		} else if (!idle_usec && client->spin_usec) {
			idle_usec = pst_now_usec();
		} else if (!client->spin_usec || pst_now_usec() - idle_usec >= client->spin_usec) {
			pst_nfs_sleep(client);
			idle_usec = 0;
		}
		pthread_mutex_lock(&client->lock);
		if (client->followers)
			pthread_cond_broadcast(&client->led);
	}
}

/*
 * One of those who wait leads: it takes in replies for all. The others sleep until it has ended operations, or
 * leaves because its own have ended; then one of them leads. No operation ends without the leader taking the
 * lock afterwards and calling the others, so none of them sleeps through its end.
 */
int pst_nfs_wait(struct pst_nfs_client *client, bool (*finished)(void *arg), void *arg)
{
	if (is_inherited(client))
		return -ECANCELED;
	pthread_mutex_lock(&client->lock);
	while (!finished(arg)) {
		if (client->leading) {
			client->followers++;
			pthread_cond_wait(&client->led, &client->lock);
			client->followers--;
			continue;
		}
		client->leading = true;
		lead(client, finished, arg);
		client->leading = false;
		if (client->followers)
			pthread_cond_broadcast(&client->led);
	}
	pthread_mutex_unlock(&client->lock);
	return 0;
}
