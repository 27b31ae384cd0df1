// SPDX-License-Identifier: MIT
/* Those who wait for the NFS client: woken in time, by a leader that works for all and is idle when it can be. */
#include <errno.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/time.h"
#include "nfs-fixture.h"
#include "rows.h"

#define EACH	4096
#define THREADS 3

static bool is_set(void *arg)
{
	return __atomic_load_n((bool *)arg, __ATOMIC_ACQUIRE);
}

static void set(struct pst_nfs_io *io)
{
	__atomic_store_n((bool *)io->user, true, __ATOMIC_RELEASE);
}

static struct pst_nfs_io read_of(const struct nfs_fixture *fixture, uint64_t timeout_ms,
				 bool *ended)
{
	return (struct pst_nfs_io){
		.op = PST_NFS_READ,
		.count_bytes = EACH,
		.address = fixture->for_read->address,
		.rkey = fixture->for_read->rkey,
		.deadline_usec = pst_now_usec() + timeout_ms * PST_USEC_PER_MSEC,
		.done = set,
		.user = ended,
	};
}

static uint64_t cpu_usec(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * PST_USEC_PER_SEC +
	       (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

/* Many operations wait for a server that cannot be reached: that takes time, and no processor. */
static void an_outage_is_slept_through(void **state)
{
	struct nfs_fixture fixture;
	uint64_t before_usec;

	(void)state;
	nfs_fixture_start(&fixture);
	fixture.timeout_ms = 600;
	nfs_fixture_open(&fixture);
	pst_sim_faults.connect_error = -EHOSTUNREACH;
	nfs_server_restart(&fixture.server);
	before_usec = cpu_usec();
	assert_int_equal(nfs_fixture_move(&fixture, PST_NFS_READ, FILE_BYTES, 1024, NULL),
			 -ETIMEDOUT);
	assert_true(cpu_usec() - before_usec < 200 * PST_USEC_PER_MSEC);
	pst_sim_faults.connect_error = 0;
	assert_int_equal(nfs_fixture_move(&fixture, PST_NFS_READ, FILE_BYTES, EACH, NULL), 0);
	nfs_fixture_stop(&fixture);
}

/* A server that takes each connection and hangs up at the first call is not overrun with new ones. */
static void hanging_up_is_answered_with_patience(void **state)
{
	struct nfs_fixture fixture;

	(void)state;
	nfs_fixture_start(&fixture);
	fixture.timeout_ms = 600;
	nfs_fixture_open(&fixture);
	nfs_server_misbehave(&fixture.server, HANG_UP_BEFORE, 0, 0, 0);
	assert_int_equal(nfs_fixture_move(&fixture, PST_NFS_READ, 4 * EACH, EACH, NULL),
			 -ETIMEDOUT);
	/* 50, 100, 200 and 400 ms, for each of two. */
	assert_in_range(fixture.server.connections, 3, 12);
	nfs_fixture_stop(&fixture);
}

struct chain {
	struct nfs_fixture *fixture;
	struct pst_nfs_io io;
	bool *stop;
	bool ended;
};

/* The next reply is there before the last one has been seen to. */
static void read_on(struct pst_nfs_io *io)
{
	struct chain *chain = io->user;

	if (*chain->stop)
		chain->ended = true;
	else if (pst_nfs_submit(chain->fixture->file, io))
		fail();
}

static bool both_ended(void *arg)
{
	const struct chain *chain = arg;

	return chain->ended && *chain->stop;
}

/* A leader that always finds replies still looks at the clock. */
static void deadlines_hold_on_a_busy_client(void **state)
{
	struct nfs_fixture fixture;
	struct pst_nfs_io lost;
	struct chain chain;
	bool ended = false;
	uint64_t before_usec;

	(void)state;
	nfs_fixture_start(&fixture);
	nfs_fixture_open(&fixture);
	nfs_server_misbehave(&fixture.server, SILENT, 0, 1, 0);
	before_usec = pst_now_usec();
	lost = read_of(&fixture, 200, &ended);
	chain = (struct chain){ .fixture = &fixture,
				.io = read_of(&fixture, 10000, NULL),
				.stop = &ended };
	chain.io.done = read_on;
	chain.io.user = &chain;
	assert_int_equal(pst_nfs_submit(fixture.file, &lost), 0);
	assert_int_equal(pst_nfs_submit(fixture.file, &chain.io), 0);
	assert_int_equal(pst_nfs_wait(fixture.client, both_ended, &chain), 0);
	assert_int_equal(lost.error, -ETIMEDOUT);
	assert_in_range(pst_now_usec() - before_usec, 200 * PST_USEC_PER_MSEC,
			900 * PST_USEC_PER_MSEC);
	nfs_fixture_stop(&fixture);
}

struct waiter {
	struct nfs_fixture *fixture;
	pthread_t thread;
	uint64_t timeout_ms;
	uint64_t took_ms;
	int error;
};

static void *wait_for_one(void *arg)
{
	struct waiter *waiter = arg;
	struct nfs_fixture *fixture = waiter->fixture;
	uint64_t before_usec = pst_now_usec();
	bool ended = false;
	struct pst_nfs_io io = read_of(fixture, waiter->timeout_ms, &ended);

	if (pst_nfs_submit(fixture->file, &io) || pst_nfs_wait(fixture->client, is_set, &ended))
		return NULL;
	waiter->error = io.error;
	waiter->took_ms = (pst_now_usec() - before_usec) / PST_USEC_PER_MSEC;
	return NULL;
}

static void start(struct waiter *waiter, struct nfs_fixture *fixture, uint64_t timeout_ms)
{
	*waiter = (struct waiter){ .fixture = fixture, .timeout_ms = timeout_ms };
	assert_int_equal(pthread_create(&waiter->thread, NULL, wait_for_one, waiter), 0);
	/* Until it waits, or leads and sleeps. */
	usleep(50000);
}

/* Who comes later and is in more of a hurry does not wait for the leader's own time. */
static void each_ends_at_its_own_deadline(void **state)
{
	static const uint64_t timeouts_ms[THREADS] = { 1500, 200, 600 };
	struct waiter waiters[THREADS];
	struct nfs_fixture fixture;

	(void)state;
	nfs_fixture_start(&fixture);
	nfs_fixture_open(&fixture);
	nfs_server_misbehave(&fixture.server, SILENT, 0, 0, 0);
	for (int i = 0; i < THREADS; i++)
		start(&waiters[i], &fixture, timeouts_ms[i]);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(waiters[i].thread, NULL);
		assert_int_equal(waiters[i].error, -ETIMEDOUT);
		/* A leader that slept through would be 800 late; a busy machine is not. */
		assert_in_range(waiters[i].took_ms, timeouts_ms[i], timeouts_ms[i] + 600);
	}
	nfs_fixture_stop(&fixture);
}

/* A child can drop what it inherited, whatever the parent's threads were doing. */
static void child_of_those_who_wait_can_close(void **state)
{
	struct waiter waiters[THREADS];
	struct nfs_fixture fixture;
	struct pst_nfs_counters counters;
	int status;
	pid_t child;

	(void)state;
	nfs_fixture_start(&fixture);
	nfs_fixture_open(&fixture);
	nfs_server_misbehave(&fixture.server, SILENT, 0, 0, 0);
	for (int i = 0; i < THREADS; i++)
		start(&waiters[i], &fixture, 600);
	child = fork();
	if (!child) {
		alarm(10);
		pst_nfs_client_counters(fixture.client, &counters);
		pst_nfs_file_close(fixture.file);
		pst_nfs_client_close(fixture.client);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(waiters[i].thread, NULL);
		assert_int_equal(waiters[i].error, -ETIMEDOUT);
	}
	nfs_server_misbehave(&fixture.server, BEHAVE, 0, 0, 0);
	assert_int_equal(nfs_fixture_move(&fixture, PST_NFS_READ, FILE_BYTES, EACH, NULL), 0);
	nfs_fixture_stop(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_outage_is_slept_through),
		cmocka_unit_test(hanging_up_is_answered_with_patience),
		cmocka_unit_test(deadlines_hold_on_a_busy_client),
		cmocka_unit_test(each_ends_at_its_own_deadline),
		cmocka_unit_test(child_of_those_who_wait_can_close),
	};

	ADD_TESTS(tests);
	return run_gathered(NULL, NULL);
}
