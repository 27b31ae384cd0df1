// SPDX-License-Identifier: MIT
/* Connections used by many threads at once, with a peer that answers from a thread of its own, in any order. */
#include <errno.h>
#include <sched.h>

#include "base/time.h"
#include "rows.h"
#include "rpc-peer.h"

#define THREADS 8
#define ROUNDS	150
#define AT_ONCE 6 /* calls of one thread */

struct crowd {
	struct rpc_peer peer;
	struct pst_rpc *rpc;
	uint32_t break_after; /* calls; 0: never */
	bool sleeping; /* threads sleep, instead of looking again and again */
	bool over; /* atomic */
	uint32_t ended, broken; /* calls; atomic */
};

/* Answers what has come, the youngest first as often as not. */
static void *serve(void *arg)
{
	struct crowd *crowd = arg;
	struct rpc_peer *peer = &crowd->peer;
	uint32_t turn = 0;

	while (!__atomic_load_n(&crowd->over, __ATOMIC_ACQUIRE)) {
		uint32_t waiting, came;

		pthread_mutex_lock(&peer->lock);
		waiting = peer->waiting_count;
		came = peer->came;
		peer->credits = 1 + turn * 5 % 24;
		if (crowd->break_after && came >= crowd->break_after)
			pst_sim_break(peer->link);
		pthread_mutex_unlock(&peer->lock);
		if (waiting)
			rpc_peer_answer(peer, turn++ & 1 ? waiting - 1 : 0);
		else
			sched_yield();
	}
	return NULL;
}

static void sleep_a_while(struct crowd *crowd)
{
	struct pollfd fds[PST_LINK_FDS];

	pst_rpc_arm(crowd->rpc);
	if (pst_rpc_progress(crowd->rpc))
		return;
	assert_int_equal(pst_rpc_fds(crowd->rpc, fds), 0);
	/* Another thread may take in what would have woken this one. */
	poll(fds, PST_LINK_FDS, 1);
	pst_rpc_wake(crowd->rpc);
}

static void wait_for(struct crowd *crowd, const struct rpc_test_call *call)
{
	while (!rpc_test_call_ended(call)) {
		if (pst_rpc_progress(crowd->rpc) != 0)
			sched_yield();
		else if (crowd->sleeping)
			sleep_a_while(crowd);
	}
}

static void *use(void *arg)
{
	struct crowd *crowd = arg;
	struct rpc_test_call calls[AT_ONCE];

	for (uint32_t round = 0; round < ROUNDS; round++) {
		uint32_t count = 0;

		for (; count < AT_ONCE; count++) {
			rpc_test_call_init(&calls[count], round * AT_ONCE + count + 1);
			if (pst_rpc_submit(crowd->rpc, &calls[count].call))
				break;
		}
		for (uint32_t i = 0; i < count; i++) {
			wait_for(crowd, &calls[i]);
			assert_ended(&calls[i], calls[i].error);
			assert_true(!calls[i].error || calls[i].error == -ENOTCONN);
			__atomic_add_fetch(calls[i].error ? &crowd->broken : &crowd->ended, 1,
					   __ATOMIC_RELAXED);
		}
		if (count < AT_ONCE)
			break;
	}
	return NULL;
}

static void run(struct crowd *crowd)
{
	static const struct sockaddr nowhere = { .sa_family = AF_UNSPEC };
	struct pst_sim_counters left;
	struct pst_domain *domain;
	pthread_t server, threads[THREADS];

	rpc_peer_start(&crowd->peer, 4);
	assert_int_equal(pst_transport_simulated.domain_get(&nowhere, UINT64_MAX, &domain, NULL),
			 0);
	assert_int_equal(pst_rpc_open(domain, &nowhere, 20, UINT64_MAX, &crowd->rpc, NULL), 0);
	assert_int_equal(pthread_create(&server, NULL, serve, crowd), 0);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, use, crowd), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	__atomic_store_n(&crowd->over, true, __ATOMIC_RELEASE);
	pthread_join(server, NULL);
	pst_rpc_close(crowd->rpc);
	rpc_peer_stop(&crowd->peer);
	pst_sim_counters(&left);
	assert_int_equal(left.links, 0);
	assert_int_equal(left.regions, 0);
	assert_int_equal(left.unheard, 0);
}

static void many_threads_share_a_connection(void **state)
{
	struct crowd crowd = { 0 };

	(void)state;
	run(&crowd);
	assert_int_equal(crowd.ended, THREADS * ROUNDS * AT_ONCE);
	assert_true(crowd.peer.most <= 20);
}

static void many_threads_sleep_on_a_connection(void **state)
{
	struct crowd crowd = { .sleeping = true };

	(void)state;
	run(&crowd);
	assert_int_equal(crowd.ended, THREADS * ROUNDS * AT_ONCE);
}

static void every_thread_hears_that_the_link_broke(void **state)
{
	struct crowd crowd = { .break_after = THREADS * ROUNDS };

	(void)state;
	run(&crowd);
	assert_true(crowd.ended > 0);
	assert_true(crowd.ended < THREADS * ROUNDS * AT_ONCE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_threads_share_a_connection),
		cmocka_unit_test(many_threads_sleep_on_a_connection),
		cmocka_unit_test(every_thread_hears_that_the_link_broke),
	};

	ADD_TESTS(tests);
	return run_gathered(NULL, NULL);
}
