// SPDX-License-Identifier: MIT
/* Connections: credits, replies of every kind, and links that break. */
#include <errno.h>

#include "base/time.h"
#include "base/xdr.h"
#include "rows.h"
#include "rpc-peer.h"

#define CALLS	  64
#define IN_FLIGHT 16

struct fixture {
	struct rpc_peer peer;
	struct pst_domain *domain;
	struct pst_rpc *rpc;
	struct rpc_test_call calls[CALLS];
};

static const struct sockaddr nowhere = { .sa_family = AF_UNSPEC };

static int open_more(struct fixture *fixture, uint32_t in_flight_most)
{
	return pst_rpc_open(fixture->domain, &nowhere, in_flight_most,
			    pst_now_usec() + PST_USEC_PER_SEC, &fixture->rpc, NULL);
}

static void start(struct fixture *fixture, uint32_t credits)
{
	pst_sim_faults = (struct pst_sim_faults){ 0 };
	rpc_peer_start(&fixture->peer, credits);
	fixture->rpc = NULL;
	assert_int_equal(
		pst_transport_simulated.domain_get(&nowhere, UINT64_MAX, &fixture->domain, NULL),
		0);
	assert_int_equal(open_more(fixture, IN_FLIGHT), 0);
	for (uint32_t i = 0; i < CALLS; i++)
		rpc_test_call_init(&fixture->calls[i], i + 1);
}

static void stop(struct fixture *fixture)
{
	struct pst_sim_counters left;

	pst_rpc_close(fixture->rpc);
	rpc_peer_stop(&fixture->peer);
	pst_sim_counters(&left);
	assert_int_equal(left.links, 0);
	assert_int_equal(left.regions, 0);
	assert_int_equal(left.unheard, 0);
}

static void submit(struct fixture *fixture, uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++)
		assert_int_equal(pst_rpc_submit(fixture->rpc, &fixture->calls[i].call), 0);
}

/* Takes in all that has come. */
static void progress(struct fixture *fixture)
{
	while (pst_rpc_progress(fixture->rpc) > 0)
		continue;
}

static void assert_all_ended(struct fixture *fixture, uint32_t from, uint32_t to, int error)
{
	for (uint32_t i = from; i < to; i++)
		assert_ended(&fixture->calls[i], error);
}

static struct pst_rpc_counters counters_of(struct fixture *fixture)
{
	struct pst_rpc_counters counters;

	pst_rpc_counters(fixture->rpc, &counters);
	return counters;
}

/* The connection is as good as new. */
static void assert_well(struct fixture *fixture)
{
	struct rpc_test_call call;

	rpc_test_call_init(&call, 4711);
	assert_int_equal(pst_rpc_submit(fixture->rpc, &call.call), 0);
	rpc_peer_answer_all(&fixture->peer);
	progress(fixture);
	assert_ended(&call, 0);
}

static void one_call_goes_before_the_first_grant(void **state)
{
	struct fixture fixture;

	(void)state;
	start(&fixture, 10);
	submit(&fixture, 0, 30);
	progress(&fixture);
	assert_int_equal(fixture.peer.came, 1);
	assert_int_equal(fixture.peer.asked, IN_FLIGHT);
	rpc_peer_answer(&fixture.peer, 0);
	progress(&fixture);
	assert_int_equal(fixture.peer.came, 1 + 10);
	for (int i = 0; i < 30; i++) {
		rpc_peer_answer_all(&fixture.peer);
		progress(&fixture);
	}
	assert_all_ended(&fixture, 0, 30, 0);
	stop(&fixture);
}

struct credit_row {
	const char *name;
	uint32_t granted;
	uint32_t used;
};

static const struct credit_row credits[] = {
	{ "a grant of none", 0, 1 },
	{ "a grant of one", 1, 1 },
	{ "a grant of three", 3, 3 },
	{ "a grant of all", IN_FLIGHT, IN_FLIGHT },
	{ "a grant beyond what we hold", IN_FLIGHT + 1, IN_FLIGHT },
	{ "a grant beyond reason", UINT32_MAX, IN_FLIGHT },
};

static void grant_is_used_and_not_exceeded(void **state)
{
	const struct credit_row *row = *state;
	struct fixture fixture;

	start(&fixture, row->granted);
	submit(&fixture, 0, CALLS);
	for (uint32_t i = 0; i < CALLS; i++) {
		rpc_peer_answer(&fixture.peer, 0);
		progress(&fixture);
		assert_true(fixture.peer.waiting_count <= row->used);
	}
	assert_int_equal(fixture.peer.most, row->used);
	assert_int_equal(counters_of(&fixture).in_flight_most, row->used);
	assert_all_ended(&fixture, 0, CALLS, 0);
	stop(&fixture);
}

static void shrinking_grant_is_obeyed(void **state)
{
	struct fixture fixture;

	(void)state;
	start(&fixture, 8);
	submit(&fixture, 0, 1);
	rpc_peer_answer(&fixture.peer, 0);
	progress(&fixture);
	submit(&fixture, 1, 20);
	assert_int_equal(fixture.peer.waiting_count, 8);
	fixture.peer.credits = 2;
	/* Six answers later as many are under way as the server allows, and none was sent meanwhile. */
	for (uint32_t left = 7; left >= 2; left--) {
		rpc_peer_answer(&fixture.peer, 0);
		progress(&fixture);
		assert_int_equal(fixture.peer.waiting_count, left);
	}
	for (uint32_t i = 0; i < 10; i++) {
		rpc_peer_answer(&fixture.peer, 0);
		progress(&fixture);
		assert_int_equal(fixture.peer.waiting_count, 2);
	}
	fixture.peer.credits = 0;
	rpc_peer_answer_all(&fixture.peer);
	progress(&fixture);
	assert_int_equal(fixture.peer.waiting_count, 1);
	rpc_peer_answer_all(&fixture.peer);
	progress(&fixture);
	assert_all_ended(&fixture, 0, 20, 0);
	stop(&fixture);
}

static void calls_go_in_their_order(void **state)
{
	struct fixture fixture;

	(void)state;
	start(&fixture, 4);
	submit(&fixture, 0, CALLS / 2);
	for (uint32_t i = 0; i < CALLS; i++) {
		/* One that comes later does not overtake those that wait. */
		if (i == CALLS / 4)
			submit(&fixture, CALLS / 2, CALLS);
		assert_int_equal(fixture.peer.waiting[0].number, i + 1);
		rpc_peer_answer(&fixture.peer, 0);
		progress(&fixture);
	}
	assert_all_ended(&fixture, 0, CALLS, 0);
	stop(&fixture);
}

static void replies_come_in_any_order(void **state)
{
	struct fixture fixture;

	(void)state;
	start(&fixture, IN_FLIGHT);
	submit(&fixture, 0, CALLS);
	for (uint32_t i = 0; i < CALLS; i++) {
		rpc_peer_answer(&fixture.peer, i * 7 % fixture.peer.waiting_count);
		progress(&fixture);
	}
	assert_all_ended(&fixture, 0, CALLS, 0);
	assert_int_equal(counters_of(&fixture).stray_replies, 0);
	stop(&fixture);
}

/* Replies that belong to no call, made from the one that belongs to the call under way. */
struct stray_row {
	const char *name;
	uint32_t xor_xid;
	uint32_t length_bytes; /* 0: all */
	bool twice; /* after the good one */
};

static const struct stray_row strays[] = {
	{ "another xid in the same slot", 0x100, 0, false },
	{ "another slot, which is free", 0x001, 0, false },
	{ "a slot that does not exist", 0x0ff, 0, false },
	{ "a reply of no bytes", 0, 0, false },
	{ "a reply without credits", 0, 11, false },
	{ "a reply that comes twice", 0, 0, true },
};

static void stray_is_counted_and_passed_over(void **state)
{
	const struct stray_row *row = *state;
	struct rpc_peer_call call, other;
	struct fixture fixture;
	uint8_t message[64];
	uint32_t length;

	start(&fixture, 4);
	submit(&fixture, 0, 1);
	call = rpc_peer_take(&fixture.peer, 0);
	other = (struct rpc_peer_call){ call.xid ^ row->xor_xid, call.number };
	length = rpc_peer_reply(&fixture.peer, call, message);
	if (row->twice)
		rpc_peer_send(&fixture.peer, message, length);
	length = rpc_peer_reply(&fixture.peer, other, message);
	if (!row->twice && !row->xor_xid)
		length = row->length_bytes;
	rpc_peer_send(&fixture.peer, message, length);
	progress(&fixture);
	assert_int_equal(counters_of(&fixture).stray_replies, 1);
	if (!row->twice) {
		assert_false(rpc_test_call_ended(&fixture.calls[0]));
		length = rpc_peer_reply(&fixture.peer, call, message);
		rpc_peer_send(&fixture.peer, message, length);
		progress(&fixture);
	}
	assert_ended(&fixture.calls[0], 0);
	assert_int_equal(counters_of(&fixture).in_flight, 0);
	assert_well(&fixture);
	stop(&fixture);
}

/* The slot is used anew by then. */
static void late_reply_does_not_end_the_next_call(void **state)
{
	struct rpc_peer_call first;
	struct fixture fixture;
	uint8_t message[64];
	uint32_t length;

	(void)state;
	start(&fixture, 1);
	submit(&fixture, 0, 1);
	first = fixture.peer.waiting[0];
	rpc_peer_answer(&fixture.peer, 0);
	progress(&fixture);
	submit(&fixture, 1, 2);
	assert_int_equal(fixture.peer.waiting[0].xid & 0xff, first.xid & 0xff);
	length = rpc_peer_reply(&fixture.peer, first, message);
	rpc_peer_send(&fixture.peer, message, length);
	progress(&fixture);
	assert_false(rpc_test_call_ended(&fixture.calls[1]));
	assert_int_equal(counters_of(&fixture).stray_replies, 1);
	rpc_peer_answer_all(&fixture.peer);
	progress(&fixture);
	assert_all_ended(&fixture, 0, 2, 0);
	stop(&fixture);
}

static void reply_cut_off_anywhere_ends_its_call(void **state)
{
	struct fixture fixture;
	uint8_t message[64];

	(void)state;
	start(&fixture, 4);
	for (uint32_t part = 12; part < 52; part++) {
		struct rpc_test_call *call = &fixture.calls[part - 12];

		assert_int_equal(pst_rpc_submit(fixture.rpc, &call->call), 0);
		assert_true(rpc_peer_reply(&fixture.peer, rpc_peer_take(&fixture.peer, 0),
					   message) > part);
		rpc_peer_send(&fixture.peer, message, part);
		progress(&fixture);
		assert_ended(call, -EPROTO);
	}
	assert_well(&fixture);
	stop(&fixture);
}

/* Replies that say no; words from the third of the transport header on. */
struct refusal_row {
	const char *name;
	uint32_t words[12]; /* 0xffffffff stands for the xid */
	uint32_t count;
	int error;
};

#define X	   UINT32_MAX
#define WORDS(...) { __VA_ARGS__ }, sizeof((uint32_t[]){ __VA_ARGS__ }) / 4

static const struct refusal_row refusals[] = {
	{ "RDMA_ERROR", WORDS(4, 2), -EREMOTEIO },
	{ "RDMA_NOMSG", WORDS(1, 0, 0, 0), -EPROTO },
	{ "a Write chunk that was not offered", WORDS(0, 0, 1, 1, 9, 9, 9, 9, 0, 0), -EPROTO },
	{ "a call", WORDS(0, 0, 0, 0, X, 0, 2), -EPROTO },
	{ "the xid of another", WORDS(0, 0, 0, 0, 5, 1, 0, 0, 0, 0), -EPROTO },
	{ "neither accepted nor denied", WORDS(0, 0, 0, 0, X, 1, 2, 0, 0, 0), -EPROTO },
	{ "RPC_MISMATCH", WORDS(0, 0, 0, 0, X, 1, 1, 0, 2, 2), -EOPNOTSUPP },
	{ "AUTH_ERROR", WORDS(0, 0, 0, 0, X, 1, 1, 1, 5), -EACCES },
	{ "PROG_UNAVAIL", WORDS(0, 0, 0, 0, X, 1, 0, 0, 0, 1), -EOPNOTSUPP },
	{ "GARBAGE_ARGS", WORDS(0, 0, 0, 0, X, 1, 0, 0, 0, 4), -EREMOTEIO },
};

static void refusal_ends_its_call_alone(void **state)
{
	const struct refusal_row *row = *state;
	struct rpc_peer_call call;
	struct fixture fixture;
	uint8_t message[64];
	uint8_t *p = message;

	start(&fixture, 4);
	assert_well(&fixture);
	submit(&fixture, 0, 2);
	call = rpc_peer_take(&fixture.peer, 0);
	p = pst_xdr_put_u32(p, call.xid);
	p = pst_xdr_put_u32(p, 1);
	p = pst_xdr_put_u32(p, 4);
	for (uint32_t i = 0; i < row->count; i++)
		p = pst_xdr_put_u32(p, row->words[i] == X ? call.xid : row->words[i]);
	rpc_peer_send(&fixture.peer, message, (uint32_t)(p - message));
	progress(&fixture);
	assert_ended(&fixture.calls[0], row->error);
	assert_false(rpc_test_call_ended(&fixture.calls[1]));
	assert_well(&fixture);
	assert_ended(&fixture.calls[1], 0);
	stop(&fixture);
}

static void every_call_ends_when_the_link_breaks(void **state)
{
	struct fixture fixture;

	(void)state;
	/* At each call, with others under way and in the queue. */
	for (uint32_t at = 1; at <= 20; at++) {
		start(&fixture, 4);
		fixture.peer.hang_up_at = at;
		submit(&fixture, 0, 20);
		while (fixture.peer.waiting_count && fixture.peer.came < at) {
			rpc_peer_answer(&fixture.peer, 0);
			progress(&fixture);
		}
		assert_int_equal(pst_rpc_progress(fixture.rpc), -ENOTCONN);
		for (uint32_t i = 0; i < 20; i++)
			assert_ended(&fixture.calls[i], fixture.calls[i].error);
		assert_ended(&fixture.calls[19], -ENOTCONN);
		assert_int_equal(pst_rpc_submit(fixture.rpc, &fixture.calls[20].call), -ENOTCONN);
		assert_false(rpc_test_call_ended(&fixture.calls[20]));
		assert_int_equal(pst_rpc_progress(fixture.rpc), -ENOTCONN);
		stop(&fixture);
	}
}

static void replies_before_the_break_count(void **state)
{
	struct fixture fixture;

	(void)state;
	start(&fixture, 4);
	assert_well(&fixture);
	submit(&fixture, 0, 4);
	rpc_peer_answer(&fixture.peer, 0);
	rpc_peer_answer(&fixture.peer, 0);
	pst_sim_break(fixture.peer.link);
	assert_int_equal(pst_rpc_progress(fixture.rpc), -ENOTCONN);
	assert_all_ended(&fixture, 0, 2, 0);
	assert_all_ended(&fixture, 2, 4, -ENOTCONN);
	stop(&fixture);
}

static void no_link(struct rpc_test_call *call)
{
	struct pst_sim_counters counters;

	(void)call;
	pst_sim_counters(&counters);
	assert_int_equal(counters.links, 0);
}

static void closing_ends_calls_when_the_link_is_gone(void **state)
{
	struct fixture fixture;

	(void)state;
	start(&fixture, 4);
	assert_well(&fixture);
	for (uint32_t i = 0; i < 10; i++)
		fixture.calls[i].then = no_link;
	submit(&fixture, 0, 10);
	pst_rpc_close(fixture.rpc);
	fixture.rpc = NULL;
	assert_all_ended(&fixture, 0, 10, -ENOTCONN);
	stop(&fixture);
}

static void aborting_ends_calls(void **state)
{
	struct fixture fixture;

	(void)state;
	start(&fixture, 4);
	submit(&fixture, 0, 3);
	pst_rpc_abort(fixture.rpc);
	assert_int_equal(pst_rpc_submit(fixture.rpc, &fixture.calls[3].call), -ENOTCONN);
	assert_int_equal(pst_rpc_progress(fixture.rpc), -ENOTCONN);
	assert_all_ended(&fixture, 0, 3, -ENOTCONN);
	stop(&fixture);
}

static void again(struct rpc_test_call *call)
{
	struct fixture *fixture = call->user;
	struct rpc_test_call *next = call + 1;

	if (next < fixture->calls + CALLS)
		assert_int_equal(pst_rpc_submit(fixture->rpc, &next->call), 0);
}

static void call_is_submitted_as_another_ends(void **state)
{
	struct fixture fixture;

	(void)state;
	start(&fixture, 2);
	fixture.peer.prompt = true;
	for (uint32_t i = 0; i < CALLS; i++) {
		fixture.calls[i].then = again;
		fixture.calls[i].user = &fixture;
	}
	submit(&fixture, 0, 1);
	progress(&fixture);
	assert_all_ended(&fixture, 0, CALLS, 0);
	stop(&fixture);
}

static void try_again(struct rpc_test_call *call)
{
	struct fixture *fixture = call->user;

	assert_int_equal(pst_rpc_submit(fixture->rpc, &fixture->calls[CALLS - 1].call), -ENOTCONN);
}

static void nothing_is_submitted_as_calls_of_a_broken_link_end(void **state)
{
	struct fixture fixture;

	(void)state;
	start(&fixture, 2);
	for (uint32_t i = 0; i < 4; i++) {
		fixture.calls[i].then = try_again;
		fixture.calls[i].user = &fixture;
	}
	submit(&fixture, 0, 4);
	pst_sim_break(fixture.peer.link);
	assert_int_equal(pst_rpc_progress(fixture.rpc), -ENOTCONN);
	assert_all_ended(&fixture, 0, 4, -ENOTCONN);
	assert_false(rpc_test_call_ended(&fixture.calls[CALLS - 1]));
	stop(&fixture);
}

/* As many replies at once as there may be, strays among them: a receive is there for each. */
static void every_reply_finds_a_receive(void **state)
{
	struct fixture fixture;
	uint8_t message[64];

	(void)state;
	start(&fixture, IN_FLIGHT);
	assert_well(&fixture);
	for (int round = 0; round < 20; round++) {
		for (uint32_t i = 0; i < IN_FLIGHT; i++)
			rpc_test_call_init(&fixture.calls[i], i + 1);
		submit(&fixture, 0, IN_FLIGHT);
		for (uint32_t i = 0; i < IN_FLIGHT; i++)
			rpc_peer_send(&fixture.peer, message,
				      rpc_peer_reply(&fixture.peer,
						     (struct rpc_peer_call){ 0x55, 0 }, message));
		rpc_peer_answer_all(&fixture.peer);
		progress(&fixture);
		assert_all_ended(&fixture, 0, IN_FLIGHT, 0);
	}
	assert_int_equal(counters_of(&fixture).stray_replies, 20 * IN_FLIGHT);
	stop(&fixture);
}

/* Whatever the number of slots, room in the send queue is given back in time. */
static void send_queue_never_runs_over(void **state)
{
	struct fixture fixture;

	(void)state;
	for (uint32_t slots = 1; slots <= 9; slots++) {
		start(&fixture, slots);
		pst_rpc_close(fixture.rpc);
		assert_int_equal(open_more(&fixture, slots), 0);
		for (int round = 0; round < 20; round++) {
			for (uint32_t i = 0; i < CALLS; i++)
				rpc_test_call_init(&fixture.calls[i], i + 1);
			submit(&fixture, 0, CALLS);
			while (fixture.peer.waiting_count) {
				rpc_peer_answer_all(&fixture.peer);
				progress(&fixture);
			}
			assert_all_ended(&fixture, 0, CALLS, 0);
		}
		stop(&fixture);
	}
}

/* The card may have sent, and the server answered, and neither be said yet. */
static void calls_wait_for_room_in_the_send_queue(void **state)
{
	struct fixture fixture;
	uint32_t came;

	(void)state;
	start(&fixture, IN_FLIGHT);
	pst_sim_faults.late_sends = true;
	fixture.peer.prompt = true;
	submit(&fixture, 0, 1);
	progress(&fixture);
	submit(&fixture, 1, CALLS);
	progress(&fixture);
	came = fixture.peer.came;
	assert_true(came >= IN_FLIGHT && came < CALLS);
	assert_all_ended(&fixture, 0, came, 0);
	pst_sim_faults.late_sends = false;
	progress(&fixture);
	progress(&fixture);
	assert_all_ended(&fixture, 0, CALLS, 0);
	stop(&fixture);
}

static void send_that_cannot_be_posted_breaks_the_link(void **state)
{
	struct fixture fixture;

	(void)state;
	start(&fixture, IN_FLIGHT);
	assert_well(&fixture);
	submit(&fixture, 0, 1);
	pst_sim_faults.post_error = -ENOMEM;
	submit(&fixture, 1, 2);
	assert_false(rpc_test_call_ended(&fixture.calls[1]));
	assert_int_equal(pst_rpc_submit(fixture.rpc, &fixture.calls[2].call), -ENOTCONN);
	assert_int_equal(pst_rpc_progress(fixture.rpc), -ENOTCONN);
	assert_all_ended(&fixture, 0, 2, -ENOTCONN);
	pst_sim_faults.post_error = 0;
	stop(&fixture);
}

static void connecting_fails_cleanly(void **state)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	struct pst_rpc *rpc = NULL;
	struct fixture fixture;

	(void)state;
	start(&fixture, 1);
	/* The peer takes one link. */
	assert_int_equal(pst_rpc_open(fixture.domain, &nowhere, 1, UINT64_MAX, &rpc, &reason),
			 -ECONNREFUSED);
	assert_non_null(reason.text);
	pst_sim_faults.connect_error = -ETIMEDOUT;
	assert_int_equal(pst_rpc_open(fixture.domain, &nowhere, 1, UINT64_MAX, &rpc, NULL),
			 -ETIMEDOUT);
	assert_int_equal(pst_rpc_open(fixture.domain, &nowhere, 0, UINT64_MAX, &rpc, NULL),
			 -EINVAL);
	assert_int_equal(pst_rpc_open(fixture.domain, &nowhere, 129, UINT64_MAX, &rpc, NULL),
			 -EINVAL);
	assert_null(rpc);
	pst_sim_faults.connect_error = 0;
	assert_well(&fixture);
	stop(&fixture);
}

static bool is_readable(struct fixture *fixture)
{
	struct pollfd fds[PST_LINK_FDS];

	assert_int_equal(pst_rpc_fds(fixture->rpc, fds), 0);
	return poll(fds, PST_LINK_FDS, 0) > 0;
}

static void sleeper_is_woken(void **state)
{
	struct fixture fixture;

	(void)state;
	start(&fixture, 4);
	submit(&fixture, 0, 1);
	/* What comes before it is armed is found by the progress after. */
	rpc_peer_answer_all(&fixture.peer);
	pst_rpc_arm(fixture.rpc);
	assert_int_equal(pst_rpc_progress(fixture.rpc), 1);
	submit(&fixture, 1, 2);
	pst_rpc_arm(fixture.rpc);
	progress(&fixture);
	pst_rpc_wake(fixture.rpc);
	assert_false(is_readable(&fixture));
	pst_rpc_arm(fixture.rpc);
	rpc_peer_answer_all(&fixture.peer);
	assert_true(is_readable(&fixture));
	pst_rpc_wake(fixture.rpc);
	assert_false(is_readable(&fixture));
	assert_int_equal(pst_rpc_progress(fixture.rpc), 1);
	/* The end of the link, too. */
	pst_rpc_arm(fixture.rpc);
	pst_sim_break(fixture.peer.link);
	assert_true(is_readable(&fixture));
	stop(&fixture);
}

static uint32_t probes(void)
{
	struct pst_sim_counters counters;

	pst_sim_counters(&counters);
	return counters.probes;
}

static void silent_link_is_probed(void **state)
{
	struct fixture fixture;
	uint32_t before = probes();

	(void)state;
	start(&fixture, 4);
	/* With nothing under way, silence means nothing. */
	usleep(1100 * 1000);
	progress(&fixture);
	assert_int_equal(probes(), before);
	submit(&fixture, 0, 2);
	progress(&fixture);
	assert_int_equal(probes(), before);
	usleep(1100 * 1000);
	progress(&fixture);
	progress(&fixture);
	assert_int_equal(probes(), before + 1);
	assert_false(rpc_test_call_ended(&fixture.calls[0]));
	pst_sim_faults.deaf = true;
	usleep(1100 * 1000);
	pst_rpc_progress(fixture.rpc);
	assert_int_equal(pst_rpc_progress(fixture.rpc), -ENOTCONN);
	assert_all_ended(&fixture, 0, 2, -ENOTCONN);
	stop(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_call_goes_before_the_first_grant),
		cmocka_unit_test(shrinking_grant_is_obeyed),
		cmocka_unit_test(calls_go_in_their_order),
		cmocka_unit_test(replies_come_in_any_order),
		cmocka_unit_test(late_reply_does_not_end_the_next_call),
		cmocka_unit_test(reply_cut_off_anywhere_ends_its_call),
		cmocka_unit_test(every_call_ends_when_the_link_breaks),
		cmocka_unit_test(replies_before_the_break_count),
		cmocka_unit_test(closing_ends_calls_when_the_link_is_gone),
		cmocka_unit_test(aborting_ends_calls),
		cmocka_unit_test(call_is_submitted_as_another_ends),
		cmocka_unit_test(nothing_is_submitted_as_calls_of_a_broken_link_end),
		cmocka_unit_test(every_reply_finds_a_receive),
		cmocka_unit_test(send_queue_never_runs_over),
		cmocka_unit_test(calls_wait_for_room_in_the_send_queue),
		cmocka_unit_test(send_that_cannot_be_posted_breaks_the_link),
		cmocka_unit_test(connecting_fails_cleanly),
		cmocka_unit_test(sleeper_is_woken),
		cmocka_unit_test(silent_link_is_probed),
	};

	ADD_TESTS(tests);
	ADD_ROWS(credits, grant_is_used_and_not_exceeded);
	ADD_ROWS(strays, stray_is_counted_and_passed_over);
	ADD_ROWS(refusals, refusal_ends_its_call_alone);
	return run_gathered(NULL, NULL);
}
