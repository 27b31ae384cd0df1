/* SPDX-License-Identifier: MIT */
/*
 * The far end of an RPC-over-RDMA connection inside a test, and calls to it. Each call carries a number, which its
 * reply brings back, so that a reply which reaches another call is noticed.
 */
#ifndef PST_TESTS_RPC_PEER_H
#define PST_TESTS_RPC_PEER_H

#include <pthread.h>

#include "rpc/connection.h"
#include "rpc/simulated.h"

#define RPC_PEER_CALLS 256

struct rpc_peer_call {
	uint32_t xid;
	uint32_t number;
};

struct rpc_peer {
	struct pst_sim_server sim;
	pthread_mutex_t lock; /* over all below */
	struct pst_sim_link *link;
	uint32_t credits; /* granted in each reply */
	bool prompt; /* answers each call as it comes */
	uint32_t hang_up_at; /* the call at which it hangs up instead, counted from 1; 0: none */
	uint32_t came; /* calls */
	uint32_t asked; /* credits, by the last of them */
	uint32_t most; /* unanswered at once */
	struct rpc_peer_call waiting[RPC_PEER_CALLS]; /* for an answer, oldest first */
	uint32_t waiting_count;
};

/* Serves one link at a time. */
void rpc_peer_start(struct rpc_peer *peer, uint32_t credits);
void rpc_peer_stop(struct rpc_peer *peer);

/* Answers the call that came as the @index-th of those that wait. */
void rpc_peer_answer(struct rpc_peer *peer, uint32_t index);
void rpc_peer_answer_all(struct rpc_peer *peer);
/* A good reply to @call. Returns its length. */
uint32_t rpc_peer_reply(const struct rpc_peer *peer, struct rpc_peer_call call, uint8_t *message);
/* Sends any bytes. */
int rpc_peer_send(struct rpc_peer *peer, const uint8_t *message, uint32_t length_bytes);
/* Takes a call out of those that wait, without an answer. */
struct rpc_peer_call rpc_peer_take(struct rpc_peer *peer, uint32_t index);

struct rpc_test_call {
	struct pst_rpc_call call;
	uint32_t number;
	uint32_t ended; /* how often; atomic */
	int error;
	uint32_t answer; /* the number that the reply brought; 0: none */
	void (*then)(struct rpc_test_call *call); /* in done(); may be NULL */
	void *user;
};

void rpc_test_call_init(struct rpc_test_call *call, uint32_t number);
bool rpc_test_call_ended(const struct rpc_test_call *call);
/* It ended once, with @error, or with the reply that belongs to it. */
void assert_ended(const struct rpc_test_call *call, int error);

#endif
