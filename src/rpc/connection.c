// SPDX-License-Identifier: MIT
/*
 * A connection: slots for calls under way, the server's credits, and what is done with completions.
 *
 * Send buffers. A slot has one, and is free again when its reply has come; the send itself may not have been
 * reported complete by then. Writing the next call into the buffer is safe all the same: the reply
 * proves that the server has the whole message, and should the card send a packet of it again, because the
 * acknowledgement was lost, the server's card drops it by its sequence number. What must wait for
 * reported completions is only the room in the send queue, see send_room().
 *
 * Receive buffers. There are as many as calls may be under way and as many again as one look at the
 * completion queue may take away, so that a reply always finds one: a server that finds none breaks the
 * connection (RFC 8166, 3.3.1).
 */
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <sys/random.h>

#include "base/time.h"
#include "rpc/header.h"

#define IN_FLIGHT_MOST 128
#define BATCH	       16
/* How long a link may say nothing, with calls under way, before the peer's card is asked. */
#define SILENCE_USEC PST_USEC_PER_SEC
#define SLOT_BITS    8
#define SLOT_MASK    ((1u << SLOT_BITS) - 1)

static_assert(IN_FLIGHT_MOST <= SLOT_MASK, "a slot's number fits into its xid");

/* Cookies: a receive has its number, a send how many it stands for. */
#define COOKIE_PROBE ((uint64_t)1 << 32)

struct slot {
	struct pst_rpc_call *call; /* NULL while free */
	uint32_t next_free;
};

struct pst_rpc {
	const struct pst_transport *transport;
	struct pst_domain *domain;
	struct pst_link *link;
	uint8_t *buffers; /* sends, then receives */
	struct pst_region *region;
	uint32_t slot_count;
	uint32_t receive_count;

	pthread_mutex_t lock; /* over all below, and the link */
	bool at_work; /* a thread is in pst_rpc_progress */
	bool broken;
	bool probing;
	uint32_t sequence; /* of xids */
	uint32_t free_slot; /* head of the list; slot_count when empty */
	uint32_t sends_posted; /* and not known to be complete */
	uint32_t sends_quiet; /* since one that asked to be notified */
	uint64_t heard_usec; /* when something last came, or was first waited for */
	struct pst_rpc_call *queue;
	struct pst_rpc_call **queue_end;
	struct pst_rpc_counters counters;
	struct slot slots[IN_FLIGHT_MOST];
};

/* A reply that was taken in under the lock, to be given out without it. */
struct ended {
	struct pst_rpc_call *call; /* NULL: a stray one */
	struct pst_rpc_reply reply;
	int error;
	uint32_t receive;
};

static uint8_t *send_buffer(const struct pst_rpc *rpc, uint32_t slot)
{
	return rpc->buffers + (size_t)slot * PST_RPC_SEND_BYTES;
}

static uint8_t *receive_buffer(const struct pst_rpc *rpc, uint32_t receive)
{
	return send_buffer(rpc, rpc->slot_count) + (size_t)receive * PST_RPC_RECEIVE_BYTES;
}

static int post_receive(struct pst_rpc *rpc, uint32_t receive)
{
	return rpc->transport->post_receive(rpc->link, receive, receive_buffer(rpc, receive),
					    PST_RPC_RECEIVE_BYTES, rpc->region->lkey);
}

/*
 * The card keeps a finished send in its queue until one that was posted with notify completes. One of
 * every half queue does, and the queue has room for two of each slot.
 */
static bool send_room(const struct pst_rpc *rpc)
{
	return rpc->sends_posted < 2 * rpc->slot_count;
}

static bool may_send(const struct pst_rpc *rpc)
{
	/* A grant of 0 would be the end of all calls: at least one is always allowed (RFC 8166, 3.3.1). */
	uint32_t credits = rpc->counters.credits ?: 1;

	return !rpc->broken && rpc->counters.in_flight < credits &&
	       rpc->free_slot < rpc->slot_count && send_room(rpc);
}

static int send_call(struct pst_rpc *rpc, struct pst_rpc_call *call)
{
	uint32_t number = rpc->free_slot;
	struct slot *slot = &rpc->slots[number];
	uint8_t *message = send_buffer(rpc, number);
	bool notify = ++rpc->sends_quiet >= (rpc->slot_count + 1) / 2;
	uint32_t length_bytes;
	int error;

	call->xid = ++rpc->sequence << SLOT_BITS | number;
	length_bytes = call->encode(call, message, call->xid, rpc->slot_count);
	error = rpc->transport->post_send(rpc->link, rpc->sends_quiet, message, length_bytes,
					  rpc->region->lkey, notify);
	if (error)
		return error;
	rpc->free_slot = slot->next_free;
	slot->call = call;
	rpc->sends_posted++;
	if (notify)
		rpc->sends_quiet = 0;
	if (!rpc->counters.in_flight++)
		rpc->heard_usec = pst_coarse_usec();
	if (rpc->counters.in_flight > rpc->counters.in_flight_most)
		rpc->counters.in_flight_most = rpc->counters.in_flight;
	return 0;
}

static void enqueue(struct pst_rpc *rpc, struct pst_rpc_call *call)
{
	call->next = NULL;
	*rpc->queue_end = call;
	rpc->queue_end = &call->next;
}

static struct pst_rpc_call *dequeue(struct pst_rpc *rpc)
{
	struct pst_rpc_call *call = rpc->queue;

	rpc->queue = call->next;
	if (!rpc->queue)
		rpc->queue_end = &rpc->queue;
	return call;
}

int pst_rpc_submit(struct pst_rpc *rpc, struct pst_rpc_call *call)
{
	int error = 0;

	pthread_mutex_lock(&rpc->lock);
	if (rpc->broken) {
		error = -ENOTCONN;
	} else {
		rpc->counters.calls++;
		if (rpc->queue || !may_send(rpc)) {
			enqueue(rpc, call);
		} else if (send_call(rpc, call)) {
			/* Not the caller's error: it ends with all others that the link carries. */
			rpc->broken = true;
			enqueue(rpc, call);
		}
	}
	pthread_mutex_unlock(&rpc->lock);
	return error;
}

static struct pst_rpc_call *empty_slot(struct pst_rpc *rpc, uint32_t number)
{
	struct pst_rpc_call *call = rpc->slots[number].call;

	rpc->slots[number].call = NULL;
	rpc->slots[number].next_free = rpc->free_slot;
	rpc->free_slot = number;
	rpc->counters.in_flight--;
	return call;
}

/* The call under way that an xid is of, taken out of its slot; NULL for a stray reply. */
static struct pst_rpc_call *take_call(struct pst_rpc *rpc, uint32_t xid)
{
	uint32_t number = xid & SLOT_MASK;
	const struct pst_rpc_call *call = number < rpc->slot_count ? rpc->slots[number].call : NULL;

	return call && call->xid == xid ? empty_slot(rpc, number) : NULL;
}

static void take_in(struct pst_rpc *rpc, const struct pst_completion *completion, struct ended *ret)
{
	struct pst_rpc_header header;
	uint32_t receive = (uint32_t)completion->cookie;
	int error = pst_rpc_decode_header(receive_buffer(rpc, receive), completion->length_bytes,
					  &header);

	*ret = (struct ended){ .receive = receive };
	if (error != -EBADMSG) {
		ret->call = take_call(rpc, header.xid);
		/* Also a stray reply speaks for the server's credits; it is the latest that counts. */
		rpc->counters.credits = header.credits;
	}
	if (!ret->call) {
		rpc->counters.stray_replies++;
		return;
	}
	rpc->counters.replies++;
	ret->error = error ?: pst_rpc_decode_reply(&header, ret->call, &ret->reply);
}

static void complete_send(struct pst_rpc *rpc, const struct pst_completion *completion)
{
	/* Sends complete in order: with this one, the quiet ones before it, which its cookie counts. */
	if (completion->cookie == COOKIE_PROBE)
		rpc->probing = false;
	else
		rpc->sends_posted -= (uint32_t)completion->cookie;
}

/* One look at the link, under the lock: the number of replies. What came before the link broke still counts. */
static int look(struct pst_rpc *rpc, struct ended *ended)
{
	struct pst_completion completions[BATCH];
	int count = rpc->transport->poll(rpc->link, completions, BATCH);
	int replies = 0;

	rpc->broken = count < 0;
	for (int i = 0; i < count && !rpc->broken; i++) {
		if (completions[i].error)
			rpc->broken = true;
		else if (completions[i].received)
			take_in(rpc, &completions[i], &ended[replies++]);
		else
			complete_send(rpc, &completions[i]);
	}
	return replies;
}

static void send_queued(struct pst_rpc *rpc)
{
	while (rpc->queue && may_send(rpc)) {
		if (send_call(rpc, rpc->queue)) {
			rpc->broken = true;
			return;
		}
		dequeue(rpc);
	}
}

/* A peer that is gone without a word breaks the link once its card is asked and does not answer. */
static void ask_the_silent(struct pst_rpc *rpc, int count)
{
	uint64_t now_usec;

	if (!rpc->counters.in_flight || rpc->probing || rpc->broken)
		return;
	now_usec = pst_coarse_usec();
	if (count > 0) {
		rpc->heard_usec = now_usec;
	} else if (now_usec - rpc->heard_usec >= SILENCE_USEC) {
		rpc->heard_usec = now_usec;
		rpc->probing = true;
		if (rpc->transport->probe(rpc->link, COOKIE_PROBE))
			rpc->broken = true;
	}
}

/* Ends every call; the link is broken, so nothing more can be added. Called with the lock held. */
static int end_all(struct pst_rpc *rpc)
{
	struct pst_rpc_call *call;

	for (uint32_t i = 0; i < rpc->slot_count; i++) {
		if (rpc->slots[i].call)
			enqueue(rpc, empty_slot(rpc, i));
	}
	while (rpc->queue) {
		call = dequeue(rpc);
		pthread_mutex_unlock(&rpc->lock);
		call->done(call, -ENOTCONN, NULL);
		pthread_mutex_lock(&rpc->lock);
	}
	return -ENOTCONN;
}

/* Gives out what was taken in, without the lock, and makes room for the next replies. */
static void give_out(struct pst_rpc *rpc, struct ended *ended, int count)
{
	pthread_mutex_unlock(&rpc->lock);
	for (int i = 0; i < count; i++)
		if (ended[i].call)
			ended[i].call->done(ended[i].call, ended[i].error,
					    ended[i].error ? NULL : &ended[i].reply);
	pthread_mutex_lock(&rpc->lock);
	for (int i = 0; i < count; i++)
		if (post_receive(rpc, ended[i].receive))
			rpc->broken = true;
}

int pst_rpc_progress(struct pst_rpc *rpc)
{
	struct ended ended[BATCH];
	int count;

	pthread_mutex_lock(&rpc->lock);
	if (rpc->at_work) {
		pthread_mutex_unlock(&rpc->lock);
		return -EBUSY;
	}
	rpc->at_work = true;
	count = rpc->broken ? 0 : look(rpc, ended);
	ask_the_silent(rpc, count);
	send_queued(rpc);
	if (count > 0)
		give_out(rpc, ended, count);
	if (rpc->broken)
		count = end_all(rpc);
	rpc->at_work = false;
	pthread_mutex_unlock(&rpc->lock);
	return count;
}

void pst_rpc_arm(struct pst_rpc *rpc)
{
	pthread_mutex_lock(&rpc->lock);
	if (!rpc->broken && rpc->transport->arm(rpc->link))
		rpc->broken = true;
	pthread_mutex_unlock(&rpc->lock);
}

void pst_rpc_wake(struct pst_rpc *rpc)
{
	pthread_mutex_lock(&rpc->lock);
	if (!rpc->broken && rpc->transport->wake(rpc->link))
		rpc->broken = true;
	pthread_mutex_unlock(&rpc->lock);
}

int pst_rpc_fds(struct pst_rpc *rpc, struct pollfd fds[PST_LINK_FDS])
{
	return rpc->transport->fds(rpc->link, fds);
}

void pst_rpc_abort(struct pst_rpc *rpc)
{
	pthread_mutex_lock(&rpc->lock);
	rpc->broken = true;
	pthread_mutex_unlock(&rpc->lock);
}

void pst_rpc_counters(struct pst_rpc *rpc, struct pst_rpc_counters *ret)
{
	pthread_mutex_lock(&rpc->lock);
	*ret = rpc->counters;
	pthread_mutex_unlock(&rpc->lock);
}

static int make_buffers(struct pst_rpc *rpc)
{
	size_t bytes = (size_t)rpc->slot_count * PST_RPC_SEND_BYTES +
		       (size_t)rpc->receive_count * PST_RPC_RECEIVE_BYTES;

	rpc->buffers = aligned_alloc(4096, (bytes + 4095) & ~(size_t)4095);
	if (!rpc->buffers)
		return -ENOMEM;
	return rpc->transport->register_host(rpc->domain, rpc->buffers, bytes, PST_ACCESS_LOCAL,
					     &rpc->region);
}

static int post_all_receives(struct pst_rpc *rpc)
{
	int error = 0;

	for (uint32_t i = 0; i < rpc->receive_count && !error; i++)
		error = post_receive(rpc, i);
	return error;
}

static int start(struct pst_rpc *rpc, const struct sockaddr *server, uint64_t deadline_usec,
		 struct pst_reason *reason)
{
	/* Room for a probe beside two sends of each slot. */
	struct pst_link_size size = { 2 * rpc->slot_count + 1, rpc->receive_count };
	int error = make_buffers(rpc);

	if (error)
		return pst_fail_errno(reason, error, "cannot register buffers with %s",
				      rpc->domain->device);
	error = rpc->transport->connect(rpc->domain, server, &size, deadline_usec, &rpc->link,
					reason);
	if (error)
		return error;
	error = post_all_receives(rpc);
	return error ? pst_fail_errno(reason, error, "cannot post receives to %s",
				      rpc->domain->device)
		     : 0;
}

int pst_rpc_open(struct pst_domain *domain, const struct sockaddr *server, uint32_t in_flight_most,
		 uint64_t deadline_usec, struct pst_rpc **ret, struct pst_reason *reason)
{
	struct pst_rpc *rpc;
	int error;

	if (!in_flight_most || in_flight_most > IN_FLIGHT_MOST)
		return -EINVAL;
	rpc = calloc(1, sizeof(*rpc));
	if (!rpc)
		return -ENOMEM;
	pthread_mutex_init(&rpc->lock, NULL);
	rpc->transport = domain->transport;
	rpc->domain = domain;
	rpc->slot_count = in_flight_most;
	rpc->receive_count = in_flight_most + BATCH;
	rpc->queue_end = &rpc->queue;
	/* Until the first reply grants more (RFC 8166, 3.3.1). */
	rpc->counters.credits = 1;
	for (uint32_t i = 0; i < rpc->slot_count; i++)
		rpc->slots[i].next_free = i + 1;
	/* xids that an earlier connection has not used: its late replies must not be taken for ours. */
	if (getrandom(&rpc->sequence, sizeof(rpc->sequence), 0) < 0)
		rpc->sequence = (uint32_t)pst_now_usec();
	error = start(rpc, server, deadline_usec, reason);
	if (error) {
		pst_rpc_close(rpc);
		return error;
	}
	*ret = rpc;
	return 0;
}

void pst_rpc_close(struct pst_rpc *rpc)
{
	if (!rpc)
		return;
	if (rpc->link)
		rpc->transport->disconnect(rpc->link);
	pthread_mutex_lock(&rpc->lock);
	rpc->broken = true;
	end_all(rpc);
	pthread_mutex_unlock(&rpc->lock);
	if (rpc->region)
		rpc->transport->deregister(rpc->region);
	free(rpc->buffers);
	pthread_mutex_destroy(&rpc->lock);
	free(rpc);
}
