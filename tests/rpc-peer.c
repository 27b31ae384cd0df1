// SPDX-License-Identifier: MIT
#include "rpc-peer.h"

#include <errno.h>

#include "base/xdr.h"
#include "rows.h"
#include "rpc/header.h"

#define PROGRAM 400000

static uint32_t word(const uint8_t *message, uint32_t at)
{
	struct pst_xdr xdr = { message + at, message + at + 4, false };

	return pst_xdr_u32(&xdr);
}

uint32_t rpc_peer_reply(const struct rpc_peer *peer, struct rpc_peer_call call, uint8_t *message)
{
	uint8_t *p = pst_rpc_put_header(message, PST_RPC_NO_CHUNK);

	pst_rpc_set_xid(message, p, call.xid, peer->credits);
	p = pst_xdr_put_u32(p + 4, 1); /* REPLY */
	p = pst_xdr_put_u32(p, 0); /* MSG_ACCEPTED */
	p = pst_xdr_put_u64(p, 0); /* no verifier */
	p = pst_xdr_put_u32(p, 0); /* SUCCESS */
	return (uint32_t)(pst_xdr_put_u32(p, call.number) - message);
}

int rpc_peer_send(struct rpc_peer *peer, const uint8_t *message, uint32_t length_bytes)
{
	return pst_sim_send(peer->link, message, length_bytes);
}

/* With the lock held. */
static struct rpc_peer_call take(struct rpc_peer *peer, uint32_t index)
{
	struct rpc_peer_call call = peer->waiting[index];

	assert_true(index < peer->waiting_count);
	peer->waiting_count--;
	memmove(&peer->waiting[index], &peer->waiting[index + 1],
		(peer->waiting_count - index) * sizeof(call));
	return call;
}

static void answer(struct rpc_peer *peer, uint32_t index)
{
	uint8_t message[64];

	rpc_peer_send(peer, message, rpc_peer_reply(peer, take(peer, index), message));
}

struct rpc_peer_call rpc_peer_take(struct rpc_peer *peer, uint32_t index)
{
	struct rpc_peer_call call;

	pthread_mutex_lock(&peer->lock);
	call = take(peer, index);
	pthread_mutex_unlock(&peer->lock);
	return call;
}

void rpc_peer_answer(struct rpc_peer *peer, uint32_t index)
{
	pthread_mutex_lock(&peer->lock);
	answer(peer, index);
	pthread_mutex_unlock(&peer->lock);
}

void rpc_peer_answer_all(struct rpc_peer *peer)
{
	pthread_mutex_lock(&peer->lock);
	while (peer->waiting_count)
		answer(peer, 0);
	pthread_mutex_unlock(&peer->lock);
}

static void receive(struct pst_sim_server *sim, struct pst_sim_link *link, const void *message,
		    uint32_t length_bytes)
{
	struct rpc_peer *peer = (struct rpc_peer *)sim;

	pthread_mutex_lock(&peer->lock);
	assert_ptr_equal(link, peer->link);
	peer->came++;
	peer->asked = word(message, 8);
	assert_true(peer->waiting_count < RPC_PEER_CALLS);
	peer->waiting[peer->waiting_count++] =
		(struct rpc_peer_call){ word(message, 0), word(message, length_bytes - 4) };
	if (peer->waiting_count > peer->most)
		peer->most = peer->waiting_count;
	if (peer->came == peer->hang_up_at)
		pst_sim_break(link);
	else if (peer->prompt)
		answer(peer, 0);
	pthread_mutex_unlock(&peer->lock);
}

static int accept_link(struct pst_sim_server *sim, struct pst_sim_link *link)
{
	struct rpc_peer *peer = (struct rpc_peer *)sim;
	int error = 0;

	pthread_mutex_lock(&peer->lock);
	if (peer->link)
		error = -ECONNREFUSED;
	else
		peer->link = link;
	pthread_mutex_unlock(&peer->lock);
	return error;
}

static void forget_link(struct pst_sim_server *sim, struct pst_sim_link *link)
{
	struct rpc_peer *peer = (struct rpc_peer *)sim;

	(void)link;
	pthread_mutex_lock(&peer->lock);
	peer->link = NULL;
	peer->waiting_count = 0;
	pthread_mutex_unlock(&peer->lock);
}

void rpc_peer_start(struct rpc_peer *peer, uint32_t credits)
{
	*peer = (struct rpc_peer){
		.sim = { .connect = accept_link, .receive = receive, .closed = forget_link },
		.credits = credits,
	};
	pthread_mutex_init(&peer->lock, NULL);
	pst_sim_serve(&peer->sim);
}

void rpc_peer_stop(struct rpc_peer *peer)
{
	pst_sim_serve(NULL);
	pthread_mutex_destroy(&peer->lock);
}

static uint32_t encode(struct pst_rpc_call *base, uint8_t *message, uint32_t xid, uint32_t credits)
{
	static const struct pst_rpc_credential nobody = { .uid = 65534, .gid = 65534 };
	uint8_t *rpc = pst_rpc_put_header(message, PST_RPC_NO_CHUNK);
	uint8_t *p = pst_rpc_put_call(rpc, PROGRAM, 1, 0, &nobody);

	pst_rpc_set_xid(message, rpc, xid, credits);
	p = pst_xdr_put_u32(p, ((struct rpc_test_call *)base)->number);
	return (uint32_t)(p - message);
}

static void done(struct pst_rpc_call *base, int error, const struct pst_rpc_reply *reply)
{
	struct rpc_test_call *call = (struct rpc_test_call *)base;
	void (*then)(struct rpc_test_call *) = call->then;

	assert_int_equal(!error, reply != NULL);
	call->error = error;
	if (reply)
		call->answer = reply->body_bytes == 4 ? word(reply->body, 0) : UINT32_MAX;
	/* Whoever waits for it may use its memory anew from here on. */
	__atomic_add_fetch(&call->ended, 1, __ATOMIC_RELEASE);
	if (then)
		then(call);
}

void rpc_test_call_init(struct rpc_test_call *call, uint32_t number)
{
	*call = (struct rpc_test_call){
		.call = { .encode = encode, .done = done },
		.number = number,
	};
}

bool rpc_test_call_ended(const struct rpc_test_call *call)
{
	return __atomic_load_n(&call->ended, __ATOMIC_ACQUIRE);
}

void assert_ended(const struct rpc_test_call *call, int error)
{
	assert_int_equal(call->ended, 1);
	assert_int_equal(call->error, error);
	assert_int_equal(call->answer, error ? 0 : call->number);
}
