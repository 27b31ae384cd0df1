// SPDX-License-Identifier: MIT
#include "nfs-server.h"

#include <errno.h>
#include <stdlib.h>

#include "base/time.h"
#include "base/xdr.h"
#include "rows.h"

#define READ	6
#define WRITE	7
#define COMMIT	21
#define GETATTR 1
#define FSINFO	19

/* Longer than any deadline of a test that has it done. */
#define STALL_USEC (500 * PST_USEC_PER_MSEC)

#define NFS3ERR_NOSPC	28
#define NFS3ERR_STALE	70
#define NFS3ERR_JUKEBOX 10008

/* A call, as it came. */
struct call {
	uint32_t xid;
	uint32_t procedure;
	uint32_t uid;
	bool has_write_chunk, has_read_chunk;
	uint32_t position; /* of the Read chunk's bytes in the RPC message */
	uint32_t rkey, chunk_bytes;
	uint64_t address;
	uint64_t offset;
	uint32_t count;
	bool foreign; /* another file's handle */
};

/* The answer to one, before it is written down. */
struct answer {
	uint32_t status;
	uint32_t count;
	uint32_t chunk_bytes;
	bool eof;
};

uint8_t nfs_server_byte(uint64_t offset)
{
	return (uint8_t)(offset * 131 + offset / 251 + offset / 4096 * 7);
}

static void decode_chunks(struct pst_xdr *xdr, struct call *call)
{
	call->has_read_chunk = pst_xdr_u32(xdr);
	if (call->has_read_chunk)
		call->position = pst_xdr_u32(xdr);
	if (!call->has_read_chunk) {
		call->has_write_chunk = pst_xdr_u32(xdr);
		if (call->has_write_chunk)
			assert_int_equal(pst_xdr_u32(xdr), 1);
	}
	if (call->has_read_chunk || call->has_write_chunk) {
		call->rkey = pst_xdr_u32(xdr);
		call->chunk_bytes = pst_xdr_u32(xdr);
		call->address = pst_xdr_u64(xdr);
		assert_int_equal(pst_xdr_u32(xdr), 0);
	}
	if (call->has_read_chunk)
		assert_int_equal(pst_xdr_u32(xdr), 0);
	assert_int_equal(pst_xdr_u32(xdr), 0); /* reply chunk */
}

static void decode(struct nfs_server *server, const uint8_t *message, uint32_t length_bytes,
		   struct call *call)
{
	struct pst_xdr xdr = { message, message + length_bytes, false };
	const uint8_t *rpc;
	uint32_t fh_bytes;

	*call = (struct call){ .xid = pst_xdr_u32(&xdr) };
	assert_int_equal(pst_xdr_u32(&xdr), 1);
	assert_true(pst_xdr_u32(&xdr) > 0);
	assert_int_equal(pst_xdr_u32(&xdr), 0);
	decode_chunks(&xdr, call);
	rpc = xdr.p;
	assert_int_equal(pst_xdr_u32(&xdr), call->xid);
	assert_int_equal(pst_xdr_u32(&xdr), 0);
	assert_int_equal(pst_xdr_u32(&xdr), 2);
	assert_int_equal(pst_xdr_u32(&xdr), 100003);
	assert_int_equal(pst_xdr_u32(&xdr), 3);
	call->procedure = pst_xdr_u32(&xdr);
	assert_int_equal(pst_xdr_u32(&xdr), 1);
	pst_xdr_skip(&xdr, 4 + 4 + 4);
	call->uid = pst_xdr_u32(&xdr);
	pst_xdr_u32(&xdr);
	pst_xdr_skip(&xdr, 4 * pst_xdr_u32(&xdr));
	pst_xdr_skip(&xdr, 8);
	fh_bytes = pst_xdr_u32(&xdr);
	call->foreign = fh_bytes != server->fh.length_bytes ||
			memcmp(xdr.p, server->fh.data, fh_bytes) != 0;
	pst_xdr_skip(&xdr, pst_xdr_padded(fh_bytes));
	if (call->procedure != GETATTR && call->procedure != FSINFO) {
		call->offset = pst_xdr_u64(&xdr);
		call->count = pst_xdr_u32(&xdr);
	}
	if (call->procedure == WRITE) {
		assert_int_equal(pst_xdr_u32(&xdr), 0);
		assert_int_equal(pst_xdr_u32(&xdr), call->count);
		assert_int_equal(call->chunk_bytes, call->count);
		assert_int_equal(call->position, xdr.p - rpc);
	}
	assert_false(xdr.bad);
	assert_int_equal(pst_xdr_left(&xdr), 0);
}

static uint8_t *put_header(const struct nfs_server *server, const struct call *call,
			   const struct answer *answer, uint8_t *p)
{
	enum misbehaviour how = server->misbehaviour;
	uint32_t xid = how == WRONG_XID ? call->xid ^ 0x40000000 : call->xid;

	p = pst_xdr_put_u32(p, xid);
	p = pst_xdr_put_u32(p, 1);
	p = pst_xdr_put_u32(p, server->credits);
	p = pst_xdr_put_u32(p, 0);
	p = pst_xdr_put_u32(p, 0);
	p = pst_xdr_put_u32(p, call->has_write_chunk);
	if (call->has_write_chunk) {
		p = pst_xdr_put_u32(p, 1);
		p = pst_xdr_put_u32(p, call->rkey + (how == OTHER_CHUNK));
		p = pst_xdr_put_u32(p, how == LONG_CHUNK ? call->chunk_bytes + 1
							 : answer->chunk_bytes);
		p = pst_xdr_put_u64(p, call->address);
		p = pst_xdr_put_u32(p, how == SECOND_CHUNK);
		if (how == SECOND_CHUNK) {
			p = pst_xdr_put_u32(p, 0);
			p = pst_xdr_put_u32(p, 0);
		}
	}
	p = pst_xdr_put_u32(p, 0);
	p = pst_xdr_put_u32(p, xid);
	p = pst_xdr_put_u32(p, 1);
	if (how == DENIED) {
		p = pst_xdr_put_u32(p, 1);
		p = pst_xdr_put_u32(p, 1);
		return pst_xdr_put_u32(p, 1);
	}
	p = pst_xdr_put_u32(p, 0);
	p = pst_xdr_put_u32(p, 0);
	p = pst_xdr_put_u32(p, 0);
	return pst_xdr_put_u32(p, how == PROGRAM_UNAVAILABLE ? 1
				  : how == GARBAGE_ARGUMENTS ? 4
							     : 0);
}

static uint8_t *put_attributes(const struct nfs_server *server, uint8_t *p)
{
	p = pst_xdr_put_u32(p, 1);
	p = pst_xdr_put_u32(p, 0644);
	p = pst_xdr_put_u32(p, 1);
	p = pst_xdr_put_u32(p, 1000);
	p = pst_xdr_put_u32(p, 1000);
	p = pst_xdr_put_u64(p, server->size_bytes);
	p = pst_xdr_put_u64(p, server->size_bytes);
	p = pst_xdr_put_u64(p, 0);
	p = pst_xdr_put_u64(p, 1);
	p = pst_xdr_put_u64(p, 42);
	p = pst_xdr_put_u64(p, 0);
	p = pst_xdr_put_u64(p, 0);
	return pst_xdr_put_u64(p, 0);
}

static uint8_t *put_fsinfo(const struct nfs_server *server, uint8_t *p)
{
	p = pst_xdr_put_u32(p, 0);
	for (int i = 0; i < 2; i++)
		p = pst_xdr_put_u32(p, server->read_max_bytes);
	p = pst_xdr_put_u32(p, 1);
	for (int i = 0; i < 2; i++)
		p = pst_xdr_put_u32(p, server->write_max_bytes);
	p = pst_xdr_put_u32(p, 1);
	p = pst_xdr_put_u32(p, 4096);
	p = pst_xdr_put_u64(p, INT64_MAX);
	p = pst_xdr_put_u64(p, 1);
	return pst_xdr_put_u32(p, 0x1b);
}

static uint8_t *put_results(const struct nfs_server *server, const struct call *call,
			    const struct answer *answer, uint8_t *p)
{
	p = pst_xdr_put_u32(p, answer->status);
	if (answer->status && call->procedure == GETATTR)
		return p;
	switch (call->procedure) {
	case GETATTR:
		return put_attributes(server, p);
	case FSINFO:
		return put_fsinfo(server, p);
	case READ:
		p = put_attributes(server, pst_xdr_put_u32(p, 1));
		if (answer->status)
			return p;
		p = pst_xdr_put_u32(p, answer->count);
		p = pst_xdr_put_u32(p, answer->eof);
		return pst_xdr_put_u32(p, answer->count);
	default:
		p = pst_xdr_put_u32(p, 0);
		p = put_attributes(server, pst_xdr_put_u32(p, 1));
		if (answer->status)
			return p;
		if (call->procedure == WRITE) {
			p = pst_xdr_put_u32(p, answer->count);
			p = pst_xdr_put_u32(p, 0);
		}
		return pst_xdr_put_u64(p, server->verifier);
	}
}

static void read_file(struct nfs_server *server, struct pst_sim_link *link, const struct call *call,
		      struct answer *answer)
{
	uint64_t left = call->offset < server->size_bytes ? server->size_bytes - call->offset : 0;

	server->reads++;
	answer->count = left < call->count ? (uint32_t)left : call->count;
	if (server->misbehaviour == SHORT_REPLY)
		answer->count = (answer->count + 1) / 2;
	answer->eof = call->offset + answer->count >= server->size_bytes;
	if (pst_sim_rdma_write(link, call->rkey, call->address, server->memory + call->offset,
			       answer->count))
		return;
	answer->chunk_bytes = answer->count;
	if (server->misbehaviour == CHUNK_LIES)
		answer->chunk_bytes = answer->count / 2;
	if (server->misbehaviour == COUNT_LIES)
		answer->count = call->count + 1;
}

static void write_file(struct nfs_server *server, struct pst_sim_link *link,
		       const struct call *call, struct answer *answer)
{
	uint64_t end = call->offset + call->count;

	server->writes++;
	if ((server->full_at_bytes && end > server->full_at_bytes) || end > server->room_bytes) {
		answer->status = NFS3ERR_NOSPC;
		return;
	}
	answer->count = call->count;
	if (server->misbehaviour == SHORT_REPLY)
		answer->count = (call->count + 1) / 2;
	if (pst_sim_rdma_read(link, call->rkey, call->address, server->memory + call->offset,
			      answer->count))
		return;
	end = call->offset + answer->count;
	if (end > server->size_bytes)
		server->size_bytes = end;
	if (server->misbehaviour == COUNT_LIES)
		answer->count = call->count + 1;
}

static void commit_file(struct nfs_server *server)
{
	server->commits++;
	memcpy(server->disk, server->memory, server->room_bytes);
	server->disk_size_bytes = server->size_bytes;
}

static void carry_out(struct nfs_server *server, struct pst_sim_link *link, const struct call *call,
		      struct answer *answer)
{
	if (call->foreign)
		answer->status = NFS3ERR_STALE;
	else if (server->misbehaviour == JUKEBOX)
		answer->status = NFS3ERR_JUKEBOX;
	else if (server->misbehaviour == STATUS)
		answer->status = server->argument;
	else if (call->procedure == READ)
		read_file(server, link, call, answer);
	else if (call->procedure == WRITE)
		write_file(server, link, call, answer);
	else if (call->procedure == COMMIT)
		commit_file(server);
}

static uint32_t rdma_error(const struct nfs_server *server, const struct call *call,
			   uint8_t *message)
{
	uint8_t *p = pst_xdr_put_u32(message, call->xid);

	p = pst_xdr_put_u32(p, 1);
	p = pst_xdr_put_u32(p, server->credits);
	p = pst_xdr_put_u32(p, 4);
	p = pst_xdr_put_u32(p, 2);
	return (uint32_t)(p - message);
}

static struct nfs_server_link *find_link(struct nfs_server *server, const struct pst_sim_link *link)
{
	for (int i = 0; i < NFS_SERVER_LINKS; i++)
		if (server->links[i].link == link)
			return &server->links[i];
	return NULL;
}

static void note_call(struct nfs_server *server, struct nfs_server_link *link)
{
	link->unanswered++;
	if (link->unanswered > server->unanswered_most)
		server->unanswered_most = link->unanswered;
	if (link->unanswered > 1 && !link->answered)
		server->overdrawn = true;
}

/* Before the reply goes out: the client's next call may come before that is done. */
static void note_reply(struct nfs_server *server, const struct pst_sim_link *of)
{
	struct nfs_server_link *link = find_link(server, of);

	link->answered = true;
	link->unanswered--;
}

static void send_late(struct nfs_server *server)
{
	if (!server->late.link)
		return;
	note_reply(server, server->late.link);
	pst_sim_send(server->late.link, server->late.message, server->late.length_bytes);
	server->late.link = NULL;
}

static void send_reply(struct nfs_server *server, struct pst_sim_link *link, const uint8_t *message,
		       uint32_t length_bytes)
{
	if (server->misbehaviour == LATE) {
		server->late.link = link;
		server->late.length_bytes = length_bytes;
		memcpy(server->late.message, message, length_bytes);
		return;
	}
	if (server->misbehaviour == TRUNCATED && server->argument < length_bytes)
		length_bytes = server->argument;
	note_reply(server, link);
	pst_sim_send(link, message, length_bytes);
	if (server->misbehaviour == TWICE)
		pst_sim_send(link, message, length_bytes);
	send_late(server);
}

void nfs_server_restart(struct nfs_server *server)
{
	server->verifier++;
	memcpy(server->memory, server->disk, server->room_bytes);
	server->size_bytes = server->disk_size_bytes;
	server->queued = 0;
	for (int i = 0; i < NFS_SERVER_LINKS; i++)
		if (server->links[i].link)
			pst_sim_break(server->links[i].link);
}

/* With the lock held. */
static void enqueue(struct nfs_server *server, struct pst_sim_link *link, const void *message,
		    uint32_t length_bytes, uint64_t not_before_usec)
{
	struct nfs_server_call *call = &server->queue[server->queued++];

	assert_true(server->queued < NFS_SERVER_QUEUE && length_bytes <= PST_RPC_SEND_BYTES);
	call->link = link;
	call->not_before_usec = not_before_usec;
	call->length_bytes = length_bytes;
	memcpy(call->message, message, length_bytes);
	pthread_cond_signal(&server->work);
}

static void reply_to(struct nfs_server *server, struct pst_sim_link *link, const struct call *call)
{
	struct answer answer = { 0 };
	uint8_t message[512];
	uint32_t length_bytes;

	if (server->misbehaviour == SILENT)
		return;
	if (server->misbehaviour == HANG_UP_BEFORE) {
		pst_sim_break(link);
		return;
	}
	carry_out(server, link, call, &answer);
	if (server->misbehaviour == HANG_UP_AFTER) {
		pst_sim_break(link);
		return;
	}
	if (server->misbehaviour == RESTART) {
		nfs_server_restart(server);
		return;
	}
	if (server->misbehaviour == RDMA_ERROR) {
		length_bytes = rdma_error(server, call, message);
	} else {
		uint8_t *p = put_header(server, call, &answer, message);

		length_bytes = (uint32_t)(put_results(server, call, &answer, p) - message);
	}
	send_reply(server, link, message, length_bytes);
}

/* What a server with faults does to a call, some of it more often. */
static enum misbehaviour choose_fault(struct nfs_server *server)
{
	static const enum misbehaviour some[] = {
		SHORT_REPLY,	SHORT_REPLY,   WRONG_XID,      SECOND_CHUNK,  OTHER_CHUNK,
		LONG_CHUNK,	CHUNK_LIES,    COUNT_LIES,     TRUNCATED,     RDMA_ERROR,
		HANG_UP_BEFORE, HANG_UP_AFTER, HANG_UP_BEFORE, HANG_UP_AFTER, TWICE,
		TWICE,		LATE,	       SILENT,	       JUKEBOX,	      RESTART,
		RESTART,
	};
	enum misbehaviour how = some[(unsigned int)rand_r(&server->seed) % ARRAY_SIZE(some)];

	if ((uint32_t)rand_r(&server->seed) % 100 >= server->fault_percent)
		return BEHAVE;
	server->argument = (uint32_t)rand_r(&server->seed) % 160;
	if (how == RESTART || how == HANG_UP_AFTER)
		server->refusals = (uint32_t)rand_r(&server->seed) % 3;
	return how;
}

/*
 * Behaves while opening a file, until it is time to misbehave, and after it has done so often enough. With the lock
 * held.
 */
static void answer_call(struct nfs_server *server, struct pst_sim_link *link, const void *message,
			uint32_t length_bytes, bool stalled)
{
	enum misbehaviour meant = server->misbehaviour;
	struct call call;
	bool payload;

	decode(server, message, length_bytes, &call);
	server->uid = call.uid;
	payload = call.procedure != GETATTR && call.procedure != FSINFO;
	if (!payload || server->after || stalled)
		server->misbehaviour = BEHAVE;
	else if (server->fault_percent)
		server->misbehaviour = choose_fault(server);
	if (server->misbehaviour == STALL)
		enqueue(server, link, message, length_bytes, pst_now_usec() + STALL_USEC);
	else
		reply_to(server, link, &call);
	if (payload) {
		server->calls++;
		if (server->after)
			server->after--;
		else if (server->times && --server->times == 0)
			meant = BEHAVE;
	}
	server->misbehaviour = meant;
}

static void receive(struct pst_sim_server *sim, struct pst_sim_link *link, const void *message,
		    uint32_t length_bytes)
{
	struct nfs_server *server = (struct nfs_server *)sim;

	pthread_mutex_lock(&server->lock);
	note_call(server, find_link(server, link));
	if (server->has_thread)
		enqueue(server, link, message, length_bytes, 0);
	else
		answer_call(server, link, message, length_bytes, false);
	pthread_mutex_unlock(&server->lock);
}

/* Any of the calls that may be answered now. With the lock held, which is given up for a while. */
static bool take_call(struct nfs_server *server, struct nfs_server_call *ret)
{
	uint32_t usec = server->delay_most_usec
				? (uint32_t)rand_r(&server->seed) % server->delay_most_usec
				: 0;
	uint32_t first;

	pthread_mutex_unlock(&server->lock);
	if (usec)
		usleep(usec);
	pthread_mutex_lock(&server->lock);
	first = (uint32_t)rand_r(&server->seed);
	for (uint32_t i = 0; i < server->queued; i++) {
		struct nfs_server_call *call = &server->queue[(first + i) % server->queued];

		if (call->not_before_usec > pst_now_usec())
			continue;
		*ret = *call;
		*call = server->queue[--server->queued];
		return true;
	}
	return false;
}

/* Until a call comes, or a stalled one may be answered. With the lock held. */
static void await_call(struct nfs_server *server)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_cond_timedwait(&server->work, &server->lock, &until);
}

static void *answer_all(void *arg)
{
	struct nfs_server *server = arg;

	pthread_mutex_lock(&server->lock);
	while (!server->stops) {
		struct nfs_server_call call;

		if (take_call(server, &call))
			answer_call(server, call.link, call.message, call.length_bytes,
				    call.not_before_usec);
		else
			await_call(server);
	}
	pthread_mutex_unlock(&server->lock);
	return NULL;
}

void nfs_server_thread(struct nfs_server *server, unsigned int seed, uint32_t delay_most_usec)
{
	server->has_thread = true;
	server->seed = seed;
	server->delay_most_usec = delay_most_usec;
	pthread_cond_init(&server->work, NULL);
	assert_int_equal(pthread_create(&server->thread, NULL, answer_all, server), 0);
}

static void stop_thread(struct nfs_server *server)
{
	pthread_mutex_lock(&server->lock);
	server->stops = true;
	pthread_cond_signal(&server->work);
	pthread_mutex_unlock(&server->lock);
	pthread_join(server->thread, NULL);
	pthread_cond_destroy(&server->work);
}

static int accept_link(struct pst_sim_server *sim, struct pst_sim_link *link)
{
	struct nfs_server *server = (struct nfs_server *)sim;
	struct nfs_server_link *room;
	int error = -ECONNREFUSED;

	pthread_mutex_lock(&server->lock);
	room = find_link(server, NULL);
	if (server->refusals) {
		server->refusals--;
	} else if (room) {
		*room = (struct nfs_server_link){ .link = link };
		server->connections++;
		error = 0;
	}
	pthread_mutex_unlock(&server->lock);
	return error;
}

static void forget_link(struct pst_sim_server *sim, struct pst_sim_link *link)
{
	struct nfs_server *server = (struct nfs_server *)sim;

	pthread_mutex_lock(&server->lock);
	*find_link(server, link) = (struct nfs_server_link){ 0 };
	for (uint32_t i = 0; i < server->queued;) {
		if (server->queue[i].link == link)
			server->queue[i] = server->queue[--server->queued];
		else
			i++;
	}
	if (server->late.link == link)
		server->late.link = NULL;
	pthread_mutex_unlock(&server->lock);
}

void nfs_server_misbehave(struct nfs_server *server, enum misbehaviour how, uint32_t after,
			  uint32_t times, uint32_t argument)
{
	pthread_mutex_lock(&server->lock);
	server->misbehaviour = how;
	server->after = after;
	server->times = times;
	server->argument = argument;
	pthread_mutex_unlock(&server->lock);
}

void nfs_server_start(struct nfs_server *server, uint64_t size_bytes)
{
	*server = (struct nfs_server){
		.sim = { accept_link, receive, forget_link },
		.fh = { .length_bytes = 28, .data = "a handle of twenty-eight byt" },
		.room_bytes = 2 * size_bytes + 4096,
		.size_bytes = size_bytes,
		.disk_size_bytes = size_bytes,
		.verifier = 0x1122334455667788,
		.read_max_bytes = 64 * 1024,
		.write_max_bytes = 64 * 1024,
		.credits = 32,
	};
	pthread_mutex_init(&server->lock, NULL);
	server->memory = calloc(1, server->room_bytes);
	server->disk = calloc(1, server->room_bytes);
	assert_non_null(server->memory);
	assert_non_null(server->disk);
	for (uint64_t i = 0; i < size_bytes; i++)
		server->memory[i] = nfs_server_byte(i);
	memcpy(server->disk, server->memory, server->room_bytes);
	pst_sim_serve(&server->sim);
}

void nfs_server_stop(struct nfs_server *server)
{
	pst_sim_serve(NULL);
	if (server->has_thread)
		stop_thread(server);
	free(server->memory);
	free(server->disk);
	pthread_mutex_destroy(&server->lock);
}
