// SPDX-License-Identifier: MIT
/*
 * Threads that read and write parts of one file, each its own, while the server, the network and the server's power
 * fail at random; of that the seeds are the same each time, and the threads' order is not. Each thread knows what its
 * part must hold: what it last wrote and had committed. A read that succeeds has brought that; memory that an
 * operation is over with is never written again, whatever became of the operation.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/time.h"
#include "nfs-fixture.h"
#include "rows.h"

#define THREADS	    8
#define PART_BYTES  (FILE_BYTES / THREADS)
#define PIECES	    8
#define PIECE_BYTES (PART_BYTES / PIECES)
#define TIMEOUT_MS  400
/* An operation fails with each fault that is not sent again, a round of PIECES more often; in the end one succeeds. */
#define ATTEMPTS 1000

struct worker {
	struct nfs_fixture *fixture;
	pthread_t thread;
	unsigned int seed;
	uint64_t start; /* of its part, in the file and in the memory */
	uint8_t *memory;
	uint8_t model[PART_BYTES];
	struct pst_nfs_io ios[PIECES];
	uint32_t left; /* of the operations under way */
	uint8_t canary;
	uint32_t rounds, reads, writes, errors;
	const char *failure;
};

struct stress_row {
	const char *name;
	unsigned int seed;
	uint32_t connections, credits, fault_percent, delay_most_usec, rounds;
};

static const struct stress_row rows[] = {
	{ "no faults, one credit", 1, 1, 1, 0, 0, 40 },
	{ "no faults, eight connections", 2, 8, 4, 0, 100, 40 },
	{ "few faults", 3, 2, 32, 2, 50, 40 },
	{ "few faults, a slow server", 4, 4, 16, 3, 300, 15 },
	{ "many faults", 5, 3, 32, 10, 20, 15 },
};

static void count_down(struct pst_nfs_io *io)
{
	struct worker *worker = io->user;

	__atomic_sub_fetch(&worker->left, 1, __ATOMIC_ACQ_REL);
}

static bool is_over(void *arg)
{
	const struct worker *worker = arg;

	return !__atomic_load_n(&worker->left, __ATOMIC_ACQUIRE);
}

static void prepare(struct worker *worker, enum pst_nfs_op op, uint32_t piece)
{
	const struct nfs_fixture *fixture = worker->fixture;
	const struct pst_region *region =
		op == PST_NFS_READ ? fixture->for_read : fixture->for_write;
	uint64_t at = worker->start + (uint64_t)piece * PIECE_BYTES;

	worker->ios[piece] = (struct pst_nfs_io){
		.op = op,
		.count_bytes = PIECE_BYTES,
		.offset_bytes = at,
		.address = region->address + at,
		.rkey = region->rkey,
		.done = count_down,
		.user = worker,
	};
}

/* Sends what is marked in @pieces, and waits for it. */
static void move(struct worker *worker, uint32_t pieces)
{
	worker->left = (uint32_t)__builtin_popcount(pieces);
	for (uint32_t i = 0; i < PIECES; i++)
		if (pieces & 1u << i && pst_nfs_submit(worker->fixture->file, &worker->ios[i]))
			worker->failure = "an operation was refused";
	if (!worker->failure && pst_nfs_wait(worker->fixture->client, is_over, worker))
		worker->failure = "waiting was refused";
}

static bool holds_canary(const struct worker *worker)
{
	for (uint32_t i = 0; i < PART_BYTES; i++)
		if (worker->memory[i] != worker->canary)
			return false;
	return true;
}

static void check_piece(struct worker *worker, uint32_t piece)
{
	const struct pst_nfs_io *io = &worker->ios[piece];
	uint32_t from = piece * PIECE_BYTES, to = from + PIECE_BYTES;

	if (io->error) {
		worker->errors++;
		return;
	}
	if (memcmp(worker->memory + from, worker->model + from, io->transferred_bytes) != 0)
		worker->failure = "a read brought wrong bytes";
	/* An earlier attempt, whose reply was lost, may have brought more than the last one. */
	for (uint32_t i = from + io->transferred_bytes; i < to; i++)
		if (worker->memory[i] != worker->canary && worker->memory[i] != worker->model[i])
			worker->failure = "a read wrote something else than the file";
}

static void read_part(struct worker *worker)
{
	memset(worker->memory, worker->canary, PART_BYTES);
	for (uint32_t i = 0; i < PIECES; i++)
		prepare(worker, PST_NFS_READ, i);
	move(worker, (1u << PIECES) - 1);
	for (uint32_t i = 0; i < PIECES; i++)
		check_piece(worker, i);
	/* From here on nobody has reason to touch it, which is looked at before it is used again. */
	worker->canary++;
	memset(worker->memory, worker->canary, PART_BYTES);
	worker->reads++;
}

/* Writes all pieces, what was cut short again; whether all was taken by the server under one verifier. */
static bool write_pieces(struct worker *worker, uint64_t *ret_verifier)
{
	uint32_t pieces = (1u << PIECES) - 1;
	bool first = true;

	for (uint32_t i = 0; i < PIECES; i++)
		prepare(worker, PST_NFS_WRITE, i);
	while (pieces && !worker->failure) {
		move(worker, pieces);
		for (uint32_t i = 0; i < PIECES; i++) {
			struct pst_nfs_io *io = &worker->ios[i];

			if (!(pieces & 1u << i))
				continue;
			if (io->error || (!first && io->verifier != *ret_verifier))
				return false;
			*ret_verifier = io->verifier;
			first = false;
			io->offset_bytes += io->transferred_bytes;
			io->address += io->transferred_bytes;
			io->count_bytes -= io->transferred_bytes;
			io->deadline_usec = 0;
			if (!io->count_bytes)
				pieces &= ~(1u << i);
		}
	}
	return true;
}

static bool commit_part(struct worker *worker, uint64_t verifier)
{
	prepare(worker, PST_NFS_COMMIT, 0);
	worker->ios[0].count_bytes = PART_BYTES;
	move(worker, 1);
	return !worker->ios[0].error && worker->ios[0].verifier == verifier;
}

/* Until it is on the server's disk: what else the file may hold, nobody could say. */
static void write_part(struct worker *worker)
{
	bool done = false;

	for (uint32_t i = 0; i < PART_BYTES; i++)
		worker->model[i] = (uint8_t)rand_r(&worker->seed);
	memcpy(worker->memory, worker->model, PART_BYTES);
	for (int attempt = 0; attempt < ATTEMPTS && !done && !worker->failure; attempt++) {
		uint64_t verifier = 0;

		done = write_pieces(worker, &verifier) && commit_part(worker, verifier);
		worker->errors += !done;
	}
	if (!done)
		worker->failure = worker->failure ?: "it could not be written";
	if (memcmp(worker->memory, worker->model, PART_BYTES) != 0)
		worker->failure = "a write changed the memory";
	memset(worker->memory, worker->canary, PART_BYTES);
	worker->writes++;
}

static void *work(void *arg)
{
	struct worker *worker = arg;

	for (uint32_t round = 0; round < worker->rounds && !worker->failure; round++) {
		if (!holds_canary(worker))
			worker->failure = "memory was written that no operation had";
		else if (rand_r(&worker->seed) % 3)
			read_part(worker);
		else
			write_part(worker);
	}
	return NULL;
}

static void start(struct worker *worker, struct nfs_fixture *fixture, uint32_t number,
		  const struct stress_row *row)
{
	*worker = (struct worker){
		.fixture = fixture,
		.seed = row->seed * 1000 + number,
		.rounds = row->rounds,
		.start = (uint64_t)number * PART_BYTES,
		.memory = fixture->memory + (size_t)number * PART_BYTES,
		.canary = (uint8_t)(number * 31),
	};
	memset(worker->memory, worker->canary, PART_BYTES);
	for (uint32_t i = 0; i < PART_BYTES; i++)
		worker->model[i] = nfs_server_byte(worker->start + i);
	assert_int_equal(pthread_create(&worker->thread, NULL, work, worker), 0);
}

static void set_faults(struct nfs_server *server, uint32_t percent)
{
	pthread_mutex_lock(&server->lock);
	server->fault_percent = percent;
	server->refusals = 0;
	pthread_mutex_unlock(&server->lock);
}

static void check_worker(const struct worker *worker, const struct nfs_server *server,
			 const struct stress_row *row)
{
	if (worker->failure)
		fail_msg("a thread, after %u reads and %u writes: %s", worker->reads,
			 worker->writes, worker->failure);
	if (!row->fault_percent)
		assert_int_equal(worker->errors, 0);
	assert_memory_equal(server->disk + worker->start, worker->model, PART_BYTES);
}

static void no_fault_brings_a_wrong_byte(void **state)
{
	const struct stress_row *row = *state;
	struct worker *workers = calloc(THREADS, sizeof(*workers));
	struct pst_nfs_counters counters;
	struct nfs_fixture fixture;

	assert_non_null(workers);
	nfs_fixture_start(&fixture);
	nfs_server_thread(&fixture.server, row->seed, row->delay_most_usec);
	fixture.timeout_ms = TIMEOUT_MS;
	fixture.connections = row->connections;
	fixture.server.credits = row->credits;
	nfs_fixture_open(&fixture);
	set_faults(&fixture.server, row->fault_percent);
	for (uint32_t i = 0; i < THREADS; i++)
		start(&workers[i], &fixture, i, row);
	for (uint32_t i = 0; i < THREADS; i++)
		pthread_join(workers[i].thread, NULL);
	for (uint32_t i = 0; i < THREADS; i++)
		check_worker(&workers[i], &fixture.server, row);
	set_faults(&fixture.server, 0);
	pst_nfs_client_counters(fixture.client, &counters);
	assert_int_equal(counters.retries > 0, row->fault_percent > 0);
	assert_int_equal(counters.reconnects > 0, row->fault_percent > 0);
	nfs_fixture_scribble(&fixture, 1);
	assert_int_equal(nfs_fixture_move(&fixture, PST_NFS_READ, FILE_BYTES, PIECE_BYTES, NULL),
			 0);
	assert_memory_equal(fixture.memory, fixture.server.memory, FILE_BYTES);
	nfs_fixture_stop(&fixture);
	free(workers);
}

int main(void)
{
	ADD_ROWS(rows, no_fault_brings_a_wrong_byte);
	return run_gathered(NULL, NULL);
}
