// SPDX-License-Identifier: MIT
/*
 * What the thread that leads does for all: replies, lost connections, deadlines.
 *
 * The server may reach an operation's memory as long as a connection exists on which it was sent. So an operation
 * that has no proper reply is neither ended nor sent again before its connection is closed: it is put
 * with those that wait, and these are seen to only after all that is to be closed has been.
 */
#include <errno.h>
#include <limits.h>
#include <sys/eventfd.h>

#include "base/time.h"
#include "nfs/client.h"
#include "nfs/results.h"

#define BACKOFF_FIRST_USEC (50 * PST_USEC_PER_MSEC)
#define BACKOFF_MOST_USEC  (2 * PST_USEC_PER_SEC)
/* Connecting keeps the leader from the other connections; where there are some it has less time. */
#define CONNECT_USEC	  (5 * PST_USEC_PER_SEC)
#define CONNECT_MORE_USEC (1 * PST_USEC_PER_SEC)
#define LATER_FIRST_USEC  (100 * PST_USEC_PER_MSEC)
#define LATER_MOST_DELAYS 5
/* A silent link is probed by pst_rpc_progress, which for that has to be called now and then. */
#define SLEEP_MOST_USEC PST_USEC_PER_SEC
/* Calls under way on a connection from which on another one is worth its while. */
#define CROWDED 8

void pst_nfs_list_add(struct pst_nfs_list *list, struct pst_nfs_io *io)
{
	io->next = NULL;
	io->previous = list->last;
	if (list->last)
		list->last->next = io;
	else
		list->first = io;
	list->last = io;
}

void pst_nfs_list_remove(struct pst_nfs_list *list, struct pst_nfs_io *io)
{
	if (io->previous)
		io->previous->next = io->next;
	else
		list->first = io->next;
	if (io->next)
		io->next->previous = io->previous;
	else
		list->last = io->previous;
}

static struct pst_nfs_io *of_call(struct pst_rpc_call *call)
{
	return (struct pst_nfs_io *)((char *)call - offsetof(struct pst_nfs_io, call));
}

static uint32_t encode(struct pst_rpc_call *call, uint8_t *message, uint32_t xid, uint32_t credits)
{
	struct pst_nfs_io *io = of_call(call);

	return pst_nfs_template_fill(&io->file->templates[io->op], io, message, xid, credits);
}

/*
 * At @usec the leader must look at more than replies; a leader that would sleep for longer is woken. With the
 * lock held.
 */
static void see_to_it(struct pst_nfs_client *client, uint64_t usec)
{
	static const uint64_t one = 1;

	if (usec < client->due_usec)
		client->due_usec = usec;
	if (usec >= client->asleep_until_usec)
		return;
	client->asleep_until_usec = 0;
	/* That its eventfd is full wakes it as well. */
	if (write(client->kick_fd, &one, sizeof(one)) < 0)
		return;
}

static uint64_t earlier(uint64_t a_usec, uint64_t b_usec)
{
	return a_usec < b_usec ? a_usec : b_usec;
}

/* Until @usec, or its deadline. With the lock held. */
static void put_off(struct pst_nfs_client *client, struct pst_nfs_io *io, uint64_t usec)
{
	io->connection = NULL;
	pst_nfs_list_add(&client->waiting, io);
	see_to_it(client, earlier(usec, io->deadline_usec));
}

/* An operation whose reply, or whose connection's end, has come. With the lock held; whether it has ended. */
static bool settle(struct pst_nfs_client *client, struct pst_nfs_io *io, int error)
{
	struct pst_nfs_connection *connection = io->connection;

	pst_nfs_list_remove(&client->active, io);
	connection->in_flight--;
	switch (error) {
	case -EPROTO:
	case -EREMOTEIO:
		io->verdict = error;
		connection->failing = true;
		put_off(client, io, 0);
		return false;
	case -ENOTCONN:
		client->counters.retries++;
		put_off(client, io, 0);
		return false;
	default:
		break;
	}
	connection->answered = true;
	if (error == PST_NFS_LATER) {
		io->not_before_usec = pst_now_usec() + (LATER_FIRST_USEC << io->delays);
		if (io->delays < LATER_MOST_DELAYS)
			io->delays++;
		client->counters.retries++;
		put_off(client, io, io->not_before_usec);
		return false;
	}
	io->error = error;
	return true;
}

static void call_done(struct pst_rpc_call *call, int error, const struct pst_rpc_reply *reply)
{
	struct pst_nfs_io *io = of_call(call);
	struct pst_nfs_client *client = io->file->client;
	bool ended;

	if (!error)
		error = pst_nfs_results(io, reply);
	pthread_mutex_lock(&client->lock);
	ended = settle(client, io, error);
	pthread_mutex_unlock(&client->lock);
	if (ended)
		io->done(io);
}

/* The open connection with the least to do, or NULL. With the lock held. */
static struct pst_nfs_connection *choose(struct pst_nfs_client *client)
{
	struct pst_nfs_connection *best = NULL;
	uint64_t retry_usec = UINT64_MAX;

	for (uint32_t i = 0; i < client->options.connections; i++) {
		struct pst_nfs_connection *connection = &client->connections[i];

		if (!connection->rpc)
			retry_usec = earlier(connection->retry_usec, retry_usec);
		else if (!connection->failing && (!best || connection->in_flight < best->in_flight))
			best = connection;
	}
	if (!best || best->in_flight >= CROWDED)
		see_to_it(client, retry_usec);
	return best;
}

static void count_operation(struct pst_nfs_client *client, enum pst_nfs_op op)
{
	client->counters.reads += op == PST_NFS_READ;
	client->counters.writes += op == PST_NFS_WRITE;
	client->counters.commits += op == PST_NFS_COMMIT;
}

void pst_nfs_start(struct pst_nfs_client *client, struct pst_nfs_io *io)
{
	struct pst_nfs_connection *connection = choose(client);
	bool chunked = io->op == PST_NFS_READ;

	io->call = (struct pst_rpc_call){
		.encode = encode,
		.done = call_done,
		.write_chunk_rkey = chunked ? io->rkey : 0,
		.write_chunk_bytes = chunked ? io->count_bytes : 0,
		.write_chunk_address = chunked ? io->address : 0,
	};
	io->connection = connection;
	if (!connection) {
		/* choose() has seen to it that there will be one. */
		put_off(client, io, UINT64_MAX);
	} else if (pst_rpc_submit(connection->rpc, &io->call)) {
		/* Broken, which the leader may not know. */
		put_off(client, io, 0);
	} else {
		connection->in_flight++;
		pst_nfs_list_add(&client->active, io);
		count_operation(client, io->op);
		see_to_it(client, io->deadline_usec);
	}
}

/* The next attempt comes later than the last one did. With the lock held. */
static void back_off(struct pst_nfs_connection *connection)
{
	connection->backoff_usec = earlier(connection->backoff_usec ? 2 * connection->backoff_usec
								    : BACKOFF_FIRST_USEC,
					   BACKOFF_MOST_USEC);
	connection->retry_usec = pst_now_usec() + connection->backoff_usec;
}

int pst_nfs_connect(struct pst_nfs_client *client, struct pst_nfs_connection *connection,
		    uint64_t deadline_usec, struct pst_reason *reason)
{
	struct pst_rpc *rpc;
	int error = pst_rpc_open(client->domain, (const struct sockaddr *)&client->options.server,
				 client->options.in_flight_most, deadline_usec, &rpc, reason);

	pthread_mutex_lock(&client->lock);
	if (!error) {
		connection->rpc = rpc;
		connection->failing = false;
		connection->answered = false;
	} else {
		back_off(connection);
	}
	pthread_mutex_unlock(&client->lock);
	return error;
}

/* Closes a connection whose calls have all been ended, so that what was sent on it may be sent again. */
static void lose(struct pst_nfs_client *client, struct pst_nfs_connection *connection)
{
	struct pst_rpc *rpc;

	pthread_mutex_lock(&client->lock);
	rpc = connection->rpc;
	connection->rpc = NULL;
	/* A server that takes connections and breaks them without an answer is not pressed, either. */
	if (connection->answered) {
		connection->backoff_usec = 0;
		connection->retry_usec = 0;
	} else {
		back_off(connection);
	}
	client->counters.reconnects++;
	pthread_mutex_unlock(&client->lock);
	pst_rpc_close(rpc);
}

/* Takes in what has come; whether an operation has ended. */
static bool take_replies(struct pst_nfs_client *client)
{
	bool busy = false;

	for (uint32_t i = 0; i < client->options.connections; i++) {
		struct pst_nfs_connection *connection = &client->connections[i];
		int ended;

		if (!connection->rpc)
			continue;
		ended = pst_rpc_progress(connection->rpc);
		if (connection->failing) {
			pst_rpc_abort(connection->rpc);
			ended = pst_rpc_progress(connection->rpc);
		}
		if (ended == -ENOTCONN)
			lose(client, connection);
		busy = busy || ended > 0 || ended == -ENOTCONN;
	}
	return busy;
}

/*
 * An operation under way past its deadline costs its connection. Whether there was one; it ends when that has been
 * closed. With the lock held.
 */
static bool abort_overdue(struct pst_nfs_client *client, uint64_t now_usec)
{
	bool overdue = false;

	for (struct pst_nfs_io *io = client->active.first; io; io = io->next) {
		see_to_it(client, io->deadline_usec);
		if (now_usec < io->deadline_usec)
			continue;
		pst_rpc_abort(io->connection->rpc);
		overdue = true;
	}
	return overdue;
}

/* Sees to those that wait; those that end are put on @ended. With the lock held. */
static void serve_waiting(struct pst_nfs_client *client, uint64_t now_usec,
			  struct pst_nfs_list *ended)
{
	struct pst_nfs_list waiting = client->waiting;
	struct pst_nfs_io *next;

	client->waiting = (struct pst_nfs_list){ 0 };
	for (struct pst_nfs_io *io = waiting.first; io; io = next) {
		next = io->next;
		if (!io->verdict && now_usec >= io->deadline_usec)
			io->verdict = -ETIMEDOUT;
		if (io->verdict)
			pst_nfs_list_add(ended, io);
		else if (now_usec >= io->not_before_usec)
			pst_nfs_start(client, io);
		else
			put_off(client, io, io->not_before_usec);
	}
}

/* The connection that is missing and wanted now, or NULL. With the lock held. */
static struct pst_nfs_connection *find_wanted(struct pst_nfs_client *client, uint64_t now_usec,
					      uint64_t *ret_deadline_usec)
{
	struct pst_nfs_connection *found = NULL;
	uint32_t least = UINT32_MAX;
	uint64_t deadline_usec;

	for (uint32_t i = 0; i < client->options.connections; i++) {
		struct pst_nfs_connection *connection = &client->connections[i];

		if (connection->rpc)
			least = connection->in_flight < least ? connection->in_flight : least;
		else if (!found && now_usec >= connection->retry_usec)
			found = connection;
	}
	if (!found || least < CROWDED || (least == UINT32_MAX && !client->waiting.first))
		return NULL;
	/* No operation is to end late for it. What is due besides are the deadlines of those under way. */
	deadline_usec = now_usec + (least == UINT32_MAX ? CONNECT_USEC : CONNECT_MORE_USEC);
	deadline_usec = earlier(deadline_usec, client->due_usec);
	for (struct pst_nfs_io *io = client->waiting.first; io; io = io->next)
		deadline_usec = earlier(deadline_usec, io->deadline_usec);
	*ret_deadline_usec = deadline_usec;
	return found;
}

static void end_all(struct pst_nfs_list *ended)
{
	struct pst_nfs_io *next;

	for (struct pst_nfs_io *io = ended->first; io; io = next) {
		next = io->next;
		io->error = io->verdict;
		io->done(io);
	}
}

/* All that is due besides replies. Whether an operation has ended. */
static bool keep_house(struct pst_nfs_client *client)
{
	struct pst_nfs_list ended = { 0 };
	struct pst_nfs_connection *wanted = NULL;
	uint64_t now_usec = pst_now_usec();
	uint64_t deadline_usec;

	pthread_mutex_lock(&client->lock);
	/* Everything that is looked at below says anew when it will be due. */
	client->due_usec = UINT64_MAX;
	if (!abort_overdue(client, now_usec))
		wanted = find_wanted(client, now_usec, &deadline_usec);
	pthread_mutex_unlock(&client->lock);
	if (wanted)
		pst_nfs_connect(client, wanted, deadline_usec, NULL);
	pthread_mutex_lock(&client->lock);
	serve_waiting(client, pst_now_usec(), &ended);
	pthread_mutex_unlock(&client->lock);
	end_all(&ended);
	return ended.first;
}

bool pst_nfs_work(struct pst_nfs_client *client, bool due)
{
	bool busy = take_replies(client);

	return (due && keep_house(client)) || busy;
}

/* Until when nothing is to be done if nothing comes; from now on who changes that wakes the leader. */
static uint64_t fall_asleep(struct pst_nfs_client *client, uint64_t now_usec)
{
	uint64_t until_usec;

	pthread_mutex_lock(&client->lock);
	until_usec = earlier(client->due_usec, now_usec + SLEEP_MOST_USEC);
	client->asleep_until_usec = until_usec;
	pthread_mutex_unlock(&client->lock);
	return until_usec;
}

static void wake_up(struct pst_nfs_client *client, bool kicked)
{
	uint64_t kicks;

	pthread_mutex_lock(&client->lock);
	client->asleep_until_usec = 0;
	pthread_mutex_unlock(&client->lock);
	/* Nothing to read is as good. */
	if (kicked && read(client->kick_fd, &kicks, sizeof(kicks)) < 0)
		return;
}

bool pst_nfs_sleep(struct pst_nfs_client *client)
{
	struct pollfd fds[PST_NFS_CONNECTIONS_MOST * PST_LINK_FDS + 1];
	struct pst_rpc *polled[PST_NFS_CONNECTIONS_MOST];
	uint64_t now_usec, until_usec;
	nfds_t count = 0;

	for (uint32_t i = 0; i < client->options.connections; i++) {
		if (!client->connections[i].rpc)
			continue;
		polled[count] = client->connections[i].rpc;
		pst_rpc_arm(polled[count]);
		pst_rpc_fds(polled[count], &fds[count * PST_LINK_FDS]);
		count++;
	}
	/* What came before it was armed would wake nobody. */
	if (take_replies(client))
		return true;
	fds[count * PST_LINK_FDS] = (struct pollfd){ .fd = client->kick_fd, .events = POLLIN };
	now_usec = pst_now_usec();
	until_usec = fall_asleep(client, now_usec);
	if (until_usec > now_usec)
		poll(fds, count * PST_LINK_FDS + 1, (int)((until_usec - now_usec + 999) / 1000));
	wake_up(client, fds[count * PST_LINK_FDS].revents);
	for (nfds_t i = 0; i < count; i++)
		if (fds[i * PST_LINK_FDS].revents || fds[i * PST_LINK_FDS + 1].revents)
			pst_rpc_wake(polled[i]);
	return false;
}
