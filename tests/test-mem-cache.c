// SPDX-License-Identifier: MIT
/* Memory that the program uses without registering it, and threads. */
#include <errno.h>
#include <pthread.h>
#include <sys/wait.h>

#include "mem-fixture.h"
#include "rows.h"

#define PAGE	((size_t)4096)
#define MIB	((size_t)1 << 20)
#define THREADS 8

static struct mem_card card;

static int start(void **state)
{
	mem_card_start(&card, "card0");
	return mem_gpu_start(state);
}

static void use_memory(const void *pointer, size_t bytes, struct pst_mem_use *ret)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	int error =
		pst_mem_use(&card.domain, pointer, bytes, PST_ACCESS_REMOTE_WRITE, ret, &reason);

	if (error)
		fail_msg("%s", pst_reason_text(&reason, error));
}

static void touch(const void *pointer)
{
	struct pst_mem_use use;

	use_memory(pointer, 1, &use);
	pst_mem_release(&use);
}

static void assert_cache(uint64_t hits, uint64_t misses, unsigned int regions)
{
	static struct pst_mem_counters last;
	struct pst_mem_counters now;

	pst_mem_counters(&now);
	assert_int_equal(now.cache_hits - last.cache_hits, hits);
	assert_int_equal(now.cache_misses - last.cache_misses, misses);
	assert_int_equal(now.regions, regions);
	assert_int_equal(mem_card_regions(&card), regions);
	last = now;
}

static void allocation_is_registered_once(void **state)
{
	uint8_t *gpu = mem_gpu_alloc(3 * PAGE);

	(void)state;
	for (size_t i = 0; i < 6; i++)
		touch(gpu + i * PAGE / 2);
	assert_cache(5, 1, 1);
	pst_mem_deregister_all();
	assert_cache(0, 0, 0);
	mem_gpu_free(gpu);
}

/* Nothing would tell of munmap(). */
static void host_memory_is_registered_for_one_use(void **state)
{
	struct pst_mem_use use;
	uint8_t memory[64] = { 0 };

	(void)state;
	use_memory(memory, sizeof(memory), &use);
	assert_cache(0, 0, 1);
	pst_mem_release(&use);
	assert_cache(0, 0, 0);
	/* A part of it being registered does not help the whole. */
	assert_int_equal(pst_mem_register(memory, 32, NULL), 0);
	use_memory(memory, sizeof(memory), &use);
	assert_true(mem_card_write(&card, use.rkey, use.address + 63, "x", 1));
	pst_mem_release(&use);
	assert_cache(0, 0, 0);
	assert_int_equal(pst_mem_deregister(memory, NULL), 0);
}

static void new_allocation_is_not_taken_for_the_old_one(void **state)
{
	uint8_t *old = mem_gpu_alloc(16 * PAGE), *new;
	struct pst_mem_use use;

	(void)state;
	touch(old);
	mem_gpu_free(old);
	new = mem_gpu_alloc(16 * PAGE);
	if (new != old)
		skip();
	use_memory(new + PAGE, 1, &use);
	assert_true(mem_card_write(&card, use.rkey, use.address, "n", 1));
	assert_int_equal(mem_gpu_byte(new + PAGE), 'n');
	pst_mem_release(&use);
	assert_cache(0, 2, 1);
	pst_mem_deregister_all();
	mem_gpu_free(new);
	assert_cache(0, 0, 0);
}

/* What was freed goes when the next comes, and a use that was under way ends as it should. */
static void freed_memory_leaves_the_cache(void **state)
{
	void *freed[4], *next = NULL, *used = mem_gpu_alloc(PAGE);
	struct pst_mem_use use;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(freed); i++) {
		freed[i] = mem_gpu_alloc(PAGE);
		touch(freed[i]);
	}
	use_memory(used, 1, &use);
	mem_gpu_free(used);
	for (size_t i = 0; i < ARRAY_SIZE(freed); i++)
		mem_gpu_free(freed[i]);
	assert_cache(0, 5, 5);
	next = mem_gpu_alloc(64 * PAGE);
	touch(next);
	assert_cache(0, 1, 2);
	assert_true(mem_card_write(&card, use.rkey, use.address, "x", 1));
	pst_mem_release(&use);
	assert_cache(0, 0, 1);
	pst_mem_deregister_all();
	mem_gpu_free(next);
	assert_cache(0, 0, 0);
}

struct bound {
	const char *name;
	size_t bytes; /* of each */
	size_t count;
	unsigned int kept;
};

static const struct bound bounds[] = {
	{ "few and small", PAGE, 256, 256 },
	{ "many", PAGE, 300, 256 },
	{ "many bytes", 255 * MIB, 6, 4 },
	{ "one of many bytes", 512 * MIB, 1, 0 },
};

static void cache_is_bounded(void **state)
{
	const struct bound *row = *state;
	void *allocations[300];

	for (size_t i = 0; i < row->count; i++) {
		allocations[i] = mem_gpu_alloc(row->bytes);
		touch(allocations[i]);
		touch(allocations[0]); /* of all the last one to go */
	}
	assert_int_equal(mem_card_regions(&card), row->kept);
	if (row->kept) {
		struct pst_mem_counters before, after;

		pst_mem_counters(&before);
		touch(allocations[0]);
		touch(allocations[row->count - 1]);
		pst_mem_counters(&after);
		assert_int_equal(after.cache_hits, before.cache_hits + 2);
	}
	pst_mem_deregister_all();
	assert_int_equal(mem_card_regions(&card), 0);
	for (size_t i = 0; i < row->count; i++)
		mem_gpu_free(allocations[i]);
}

static void failure_is_remembered_in_the_cache(void **state)
{
	void *gpu = mem_gpu_alloc(PAGE);
	struct pst_mem_use use;

	(void)state;
	card.error = -EINVAL;
	card.tries = 0;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(
			pst_mem_use(&card.domain, gpu, 1, PST_ACCESS_REMOTE_WRITE, &use, NULL),
			-EINVAL);
		card.error = 0;
	}
	assert_int_equal(card.tries, 1);
	pst_mem_deregister_all();
	mem_gpu_free(gpu);
}

static uint8_t shared[64 * PAGE];
static uint8_t *shared_gpu;

/* Writes by the card as a server would, and looks where it went. */
static void write_and_look(uint8_t *pointer, size_t bytes, uint8_t value, const uint8_t *seen_at)
{
	struct pst_mem_use use;

	if (pst_mem_use(&card.domain, pointer, bytes, PST_ACCESS_REMOTE_WRITE, &use, NULL) ||
	    !mem_card_write(&card, use.rkey, use.address, &value, 1) ||
	    (seen_at && *seen_at != value))
		abort();
	pst_mem_release(&use);
}

struct worker {
	pthread_t thread;
	unsigned int number;
	unsigned int rounds;
};

static void one_step(const struct worker *worker, unsigned int dice)
{
	uint8_t *own = shared + worker->number * 8 * PAGE;
	unsigned long long gpu = 0;

	switch (dice % 6) {
	case 0:
		/* Somebody else may have taken all back meanwhile. */
		if (pst_mem_register(own, 4 * PAGE, NULL) == 0)
			pst_mem_deregister(own, NULL);
		break;
	case 1:
		pst_mem_register(shared_gpu, 16 * PAGE, NULL);
		break;
	case 2:
		pst_mem_deregister(shared_gpu, NULL);
		break;
	case 3:
		write_and_look(own + dice % PAGE, PAGE, (uint8_t)dice, own + dice % PAGE);
		break;
	case 4:
		write_and_look(shared_gpu + worker->number * PAGE, PAGE, (uint8_t)dice,
			       mem_gpu.memory((uintptr_t)shared_gpu + worker->number * PAGE, 1));
		break;
	default:
		if (mem_gpu.alloc(&gpu, (1 + dice % 4) * PAGE))
			abort();
		write_and_look((void *)(uintptr_t)gpu, PAGE, (uint8_t)dice, mem_gpu.memory(gpu, 1));
		if (mem_gpu.free(gpu))
			abort();
	}
}

static void *work(void *arg)
{
	struct worker *worker = arg;
	unsigned int seed = worker->number + 1;
	void *context;

	if (mem_gpu.context_create(&context, 0, 0))
		abort();
	for (unsigned int i = 0; i < worker->rounds; i++)
		one_step(worker, (unsigned int)rand_r(&seed));
	if (mem_gpu.context_destroy(context))
		abort();
	return NULL;
}

static void start_workers(struct worker workers[THREADS], unsigned int rounds)
{
	shared_gpu = mem_gpu_alloc(16 * PAGE);
	for (unsigned int i = 0; i < THREADS; i++) {
		workers[i] = (struct worker){ .number = i, .rounds = rounds };
		assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
	}
}

static void join_workers(struct worker workers[THREADS])
{
	for (unsigned int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
	pst_mem_deregister_all();
	assert_int_equal(mem_card_regions(&card), 0);
	mem_gpu_free(shared_gpu);
}

static void threads_do_it_all_at_once(void **state)
{
	struct worker workers[THREADS];

	(void)state;
	start_workers(workers, 3000);
	join_workers(workers);
}

/* Whatever the threads were doing, the child can do its own. */
static void forks_while_threads_are_at_it(void **state)
{
	struct worker workers[THREADS];
	static uint8_t memory[PAGE];

	(void)state;
	start_workers(workers, 1500);
	for (int i = 0; i < 30; i++) {
		int status = -1;
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (!pid) {
			alarm(20);
			_exit(pst_mem_register(memory, sizeof(memory), NULL) ||
			      pst_mem_deregister(memory, NULL));
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
	}
	join_workers(workers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(allocation_is_registered_once),
		cmocka_unit_test(host_memory_is_registered_for_one_use),
		cmocka_unit_test(new_allocation_is_not_taken_for_the_old_one),
		cmocka_unit_test(freed_memory_leaves_the_cache),
		cmocka_unit_test(failure_is_remembered_in_the_cache),
		cmocka_unit_test(threads_do_it_all_at_once),
		cmocka_unit_test(forks_while_threads_are_at_it),
	};

	ADD_TESTS(tests);
	ADD_ROWS(bounds, cache_is_bounded);
	return run_gathered(start, NULL);
}
