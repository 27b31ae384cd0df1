// SPDX-License-Identifier: MIT
/*
 * Fuzzes a connection with a server that sends anything at any time: each call ends once, none is sent without
 * credit, and nothing is left over. The input is a sequence of steps: a byte that says what happens, a byte of
 * how much, and then, for a reply, so many bytes of it behind its xid.
 */
#include <errno.h>
#include <limits.h>

#include "fuzz.h"
#include "rpc/header.h"
#include "rpc/simulated.h"

#define CALLS	  40
#define IN_FLIGHT 8

/* What a step does, by the lowest bits of its first byte; the bits above them choose a call. */
enum step {
	SUBMIT,
	REPLY, /* to a call that has come */
	STRAY, /* to none */
	PROGRESS,
	BREAK,
	LATE, /* sends are from now on reported late, or no more */
	SLEEP,
	STEPS,
};
#define STEP_BITS 3

struct call {
	struct pst_rpc_call call;
	uint32_t ended;
};

static struct call calls[CALLS];
static uint32_t came[CALLS * 2]; /* xids */
static uint32_t came_count;
static struct pst_sim_link *link_now;

static uint32_t encode(struct pst_rpc_call *call, uint8_t *message, uint32_t xid, uint32_t credits)
{
	uint8_t *rpc = pst_rpc_put_header(message, PST_RPC_WRITE_CHUNK);

	pst_rpc_set_xid(message, rpc, xid, credits);
	pst_rpc_set_chunk(message, PST_RPC_WRITE_CHUNK, call->write_chunk_rkey,
			  call->write_chunk_bytes, call->write_chunk_address);
	return (uint32_t)(rpc + 4 - message);
}

static void done(struct pst_rpc_call *base, int error, const struct pst_rpc_reply *reply)
{
	if (((struct call *)base)->ended++ || !error != !!reply)
		abort();
	if (reply && reply->write_chunk_bytes > base->write_chunk_bytes)
		abort();
}

static int accept_link(struct pst_sim_server *server, struct pst_sim_link *link)
{
	(void)server;
	link_now = link;
	return 0;
}

static void receive(struct pst_sim_server *server, struct pst_sim_link *link, const void *message,
		    uint32_t length_bytes)
{
	(void)server;
	(void)link;
	(void)length_bytes;
	if (came_count == ARRAY_SIZE(came))
		abort();
	memcpy(&came[came_count++], message, sizeof(came[0]));
}

static void submit(struct pst_rpc *rpc, uint32_t number)
{
	struct call *call = &calls[number];

	*call = (struct call){ .call = { .encode = encode,
					 .done = done,
					 .write_chunk_rkey = 0x4d,
					 .write_chunk_bytes = 4096,
					 .write_chunk_address = 0x1100000022 } };
	if (pst_rpc_submit(rpc, &call->call))
		call->ended = UINT_MAX;
}

static void reply(uint32_t which, const uint8_t *bytes, size_t len, bool stray)
{
	uint8_t message[4 + UINT8_MAX] = { 0 };

	if (came_count)
		memcpy(message, &came[which % came_count], sizeof(came[0]));
	message[0] ^= stray ? 0x80 : 0;
	memcpy(message + 4, bytes, len);
	/* The word of an RPC reply that has to be the same. */
	if (len >= 28 && !bytes[len - 1])
		memcpy(message + 28, message, 4);
	pst_sim_send(link_now, message, (uint32_t)(4 + len));
}

static void sleep_on(struct pst_rpc *rpc)
{
	struct pollfd fds[PST_LINK_FDS];

	pst_rpc_arm(rpc);
	if (pst_rpc_progress(rpc) || pst_rpc_fds(rpc, fds))
		return;
	if (poll(fds, PST_LINK_FDS, 0) > 0)
		pst_rpc_wake(rpc);
}

static void check(struct pst_rpc *rpc)
{
	struct pst_rpc_counters counters;

	pst_rpc_counters(rpc, &counters);
	if (counters.in_flight > IN_FLIGHT || counters.in_flight_most > IN_FLIGHT ||
	    counters.replies + counters.in_flight > counters.calls)
		abort();
}

static void run(struct pst_rpc *rpc, const uint8_t *bytes, size_t len)
{
	uint32_t submitted = 0;

	while (len >= 2) {
		uint8_t step = bytes[0], amount = bytes[1];
		uint32_t which = step >> STEP_BITS;

		bytes += 2;
		len -= 2;
		switch (step % (1 << STEP_BITS) % STEPS) {
		case SUBMIT:
			if (submitted < CALLS)
				submit(rpc, submitted++);
			break;
		case REPLY:
		case STRAY:
			amount = amount < len ? amount : (uint8_t)len;
			reply(which, bytes, amount, step % (1 << STEP_BITS) == STRAY);
			bytes += amount;
			len -= amount;
			break;
		case PROGRESS:
			pst_rpc_progress(rpc);
			break;
		case BREAK:
			pst_sim_break(link_now);
			break;
		case LATE:
			pst_sim_faults.late_sends = amount & 1;
			break;
		case SLEEP:
			sleep_on(rpc);
			break;
		}
		check(rpc);
	}
	pst_rpc_close(rpc);
	for (uint32_t i = 0; i < submitted; i++)
		if (calls[i].ended != 1 && calls[i].ended != UINT_MAX)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const struct sockaddr nowhere = { .sa_family = AF_UNSPEC };
	struct pst_sim_server server = { .connect = accept_link, .receive = receive };
	struct pst_sim_counters left;
	struct pst_domain *domain;
	struct pst_rpc *rpc;

	pst_sim_faults = (struct pst_sim_faults){ 0 };
	pst_sim_serve(&server);
	came_count = 0;
	if (pst_transport_simulated.domain_get(&nowhere, UINT64_MAX, &domain, NULL) ||
	    pst_rpc_open(domain, &nowhere, IN_FLIGHT, UINT64_MAX, &rpc, NULL))
		abort();
	run(rpc, bytes, len);
	pst_sim_serve(NULL);
	pst_sim_counters(&left);
	if (left.links || left.regions)
		abort();
	return 0;
}
