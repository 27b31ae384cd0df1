// SPDX-License-Identifier: MIT
/* Registered buffers, of host and GPU memory. */
#include <errno.h>
#include <pthread.h>
#include <sys/wait.h>

#include "mem-fixture.h"
#include "rows.h"

#define PAGE ((size_t)4096)

static struct mem_card card, other;
static uint8_t host[16 * PAGE] __attribute__((aligned(PAGE)));

static int start(void **state)
{
	mem_card_start(&card, "card0");
	mem_card_start(&other, "card1");
	return mem_gpu_start(state);
}

/* No test leaves anything behind. */
static void assert_clean(void)
{
	struct pst_mem_counters counters;

	pst_mem_deregister_all();
	pst_mem_counters(&counters);
	assert_int_equal(counters.registered_buffers, 0);
	assert_int_equal(counters.regions, 0);
	assert_int_equal(mem_card_regions(&card), 0);
	assert_int_equal(mem_card_regions(&other), 0);
}

static void use_memory(const void *pointer, size_t bytes, enum pst_access access,
		       struct pst_mem_use *ret)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	int error = pst_mem_use(&card.domain, pointer, bytes, access, ret, &reason);

	if (error)
		fail_msg("%s", pst_reason_text(&reason, error));
}

struct refusal {
	const char *name;
	size_t offset;
	size_t bytes;
	int error;
};

/* Beside one that is [4 pages, 8 pages) of @host. */
static const struct refusal refusals[] = {
	{ "the same again", 4 * PAGE, 4 * PAGE, -EEXIST },
	{ "inside", 5 * PAGE, 1, -EEXIST },
	{ "around", 3 * PAGE, 6 * PAGE, -EEXIST },
	{ "over its start", 3 * PAGE, PAGE + 1, -EEXIST },
	{ "over its end", 8 * PAGE - 1, PAGE, -EEXIST },
	{ "up to it", 3 * PAGE, PAGE, 0 },
	{ "behind it", 8 * PAGE, PAGE, 0 },
	{ "nothing", 0, 0, -EINVAL },
	{ "nothing inside", 5 * PAGE, 0, -EINVAL },
	{ "beyond the end of memory", 0, SIZE_MAX, -EINVAL },
};

static void second_registration(void **state)
{
	const struct refusal *row = *state;
	struct pst_reason __cleanup_reason reason = { 0 };

	assert_int_equal(pst_mem_register(host + 4 * PAGE, 4 * PAGE, NULL), 0);
	assert_int_equal(pst_mem_register(host + row->offset, row->bytes, &reason), row->error);
	assert_int_equal(reason.text != NULL, row->error != 0);
	assert_int_equal(pst_mem_deregister(host + row->offset, NULL),
			 row->error && row->offset != 4 * PAGE ? -ENOENT : 0);
	assert_clean();
}

static void what_is_no_memory_is_refused(void **state)
{
	struct pst_mem_use use;
	uint8_t *gpu = mem_gpu_alloc(PAGE);

	(void)state;
	assert_int_equal(pst_mem_register(NULL, 1, NULL), -EFAULT);
	assert_int_equal(pst_mem_deregister(NULL, NULL), -ENOENT);
	assert_int_equal(pst_mem_register(gpu + 1, PAGE, NULL), -EFAULT);
	assert_int_equal(pst_mem_use(&card.domain, NULL, 1, PST_ACCESS_REMOTE_READ, &use, NULL),
			 -EFAULT);
	assert_int_equal(pst_mem_use(&card.domain, host, 0, PST_ACCESS_REMOTE_READ, &use, NULL),
			 -EFAULT);
	assert_int_equal(
		pst_mem_use(&card.domain, host, SIZE_MAX, PST_ACCESS_REMOTE_READ, &use, NULL),
		-EFAULT);
	assert_int_equal(
		pst_mem_use(&card.domain, gpu + 1, PAGE, PST_ACCESS_REMOTE_READ, &use, NULL),
		-EFAULT);
	mem_gpu_free(gpu);
	assert_clean();
}

static void cards_are_told_once_and_when_needed(void **state)
{
	struct pst_mem_use uses[3];

	(void)state;
	card.tries = 0;
	assert_int_equal(pst_mem_register(host, sizeof(host), NULL), 0);
	assert_int_equal(mem_card_regions(&card), 0);
	for (size_t i = 0; i < ARRAY_SIZE(uses); i++)
		use_memory(host + i * PAGE + 1, PAGE, PST_ACCESS_REMOTE_WRITE, &uses[i]);
	assert_int_equal(uses[0].rkey, uses[2].rkey);
	assert_int_equal(uses[2].address, (uintptr_t)host + 2 * PAGE + 1);
	for (size_t i = 0; i < ARRAY_SIZE(uses); i++)
		pst_mem_release(&uses[i]);
	pst_mem_release(&uses[0]); /* a second time does nothing */
	assert_int_equal(mem_card_regions(&card), 1);
	assert_int_equal(card.tries, 1);
	assert_int_equal(pst_mem_deregister(host, NULL), 0);
	assert_int_equal(mem_card_regions(&card), 0);
	assert_clean();
}

/* Neither more rights nor more bytes than were asked for. */
static void access_is_the_least(void **state)
{
	uint8_t *gpu = mem_gpu_alloc(4 * PAGE);
	struct pst_mem_use in, out;
	uint8_t byte = 7;

	(void)state;
	assert_int_equal(setenv("PENSTOCK_SIM_SEEK", "1", 1), 0);
	assert_int_equal(pst_mem_register(gpu + PAGE + 100, 2 * PAGE, NULL), 0);
	use_memory(gpu + PAGE + 100, 2 * PAGE, PST_ACCESS_REMOTE_WRITE, &in);
	use_memory(gpu + PAGE + 200, PAGE, PST_ACCESS_REMOTE_READ, &out);
	assert_int_not_equal(in.rkey, out.rkey);
	assert_false(mem_card_read(&card, in.rkey, in.address, &byte, 1));
	assert_false(mem_card_write(&card, out.rkey, out.address, &byte, 1));
	assert_false(mem_card_write(&card, in.rkey, in.address - 1, &byte, 1));
	assert_false(mem_card_write(&card, in.rkey, in.address + 2 * PAGE, &byte, 1));
	assert_true(mem_card_write(&card, in.rkey, in.address + 100, &byte, 1));
	assert_int_equal(mem_gpu_byte(gpu + PAGE + 200), 7);
	byte = 0;
	assert_true(mem_card_read(&card, out.rkey, out.address, &byte, 1));
	assert_int_equal(byte, 7);
	pst_mem_release(&in);
	pst_mem_release(&out);
	assert_int_equal(mem_card_regions(&card), 2);
	assert_clean();
	mem_gpu_free(gpu);
}

static void failure_is_remembered(void **state)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	struct pst_mem_use use;

	(void)state;
	assert_int_equal(pst_mem_register(host, PAGE, NULL), 0);
	card.tries = 0;
	card.error = -ENOMEM;
	assert_int_equal(pst_mem_use(&card.domain, host, 1, PST_ACCESS_REMOTE_READ, &use, &reason),
			 -ENOMEM);
	assert_non_null(strstr(reason.text, "LimitMEMLOCK="));
	assert_non_null(strstr(reason.text, "card0"));
	card.error = 0;
	assert_int_equal(pst_mem_use(&card.domain, host, 1, PST_ACCESS_REMOTE_READ, &use, &reason),
			 -ENOMEM);
	assert_non_null(strstr(reason.text, "LimitMEMLOCK="));
	assert_int_equal(card.tries, 1);
	/* Another right, another card, another registration: another try. */
	use_memory(host, 1, PST_ACCESS_REMOTE_WRITE, &use);
	pst_mem_release(&use);
	assert_int_equal(pst_mem_use(&other.domain, host, 1, PST_ACCESS_REMOTE_READ, &use, NULL),
			 0);
	pst_mem_release(&use);
	assert_int_equal(pst_mem_deregister(host, NULL), 0);
	assert_int_equal(pst_mem_register(host, PAGE, NULL), 0);
	use_memory(host, 1, PST_ACCESS_REMOTE_READ, &use);
	pst_mem_release(&use);
	assert_clean();
}

/* Only the kernel knows whether it can copy where a card cannot go. */
static void memory_that_cannot_be_pinned_bounces(void **state)
{
	struct pst_mem_use use;

	(void)state;
	card.error = -EFAULT;
	assert_int_equal(pst_mem_use(&card.domain, host, 1, PST_ACCESS_REMOTE_WRITE, &use, NULL),
			 -EOPNOTSUPP);
	card.error = 0;
	assert_clean();
}

static void *deregister_host(void *arg)
{
	bool *done = arg;

	if (pst_mem_deregister(host, NULL))
		abort();
	__atomic_store_n(done, true, __ATOMIC_RELEASE);
	return NULL;
}

static void deregistration_waits_for_uses(void **state)
{
	struct pst_mem_use first, second, late;
	bool done = false;
	pthread_t thread;

	(void)state;
	assert_int_equal(pst_mem_register(host, sizeof(host), NULL), 0);
	use_memory(host, PAGE, PST_ACCESS_REMOTE_WRITE, &first);
	use_memory(host + PAGE, PAGE, PST_ACCESS_REMOTE_WRITE, &second);
	assert_int_equal(pthread_create(&thread, NULL, deregister_host, &done), 0);
	usleep(30000);
	pst_mem_release(&first);
	usleep(30000);
	assert_false(__atomic_load_n(&done, __ATOMIC_ACQUIRE));
	assert_true(mem_card_write(&card, second.rkey, second.address, "x", 1));
	/* It is not for newcomers, nor to be taken back twice, nor gone. */
	use_memory(host, 1, PST_ACCESS_REMOTE_WRITE, &late);
	assert_int_not_equal(late.rkey, second.rkey);
	pst_mem_release(&late);
	assert_int_equal(pst_mem_deregister(host, NULL), -ENOENT);
	assert_int_equal(pst_mem_register(host, 1, NULL), -EEXIST);
	pst_mem_release(&second);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_false(mem_card_write(&card, second.rkey, second.address, "x", 1));
	assert_clean();
}

static void forgetting_a_domain_leaves_the_others(void **state)
{
	uint8_t *gpu = mem_gpu_alloc(PAGE);
	struct pst_mem_use use;

	(void)state;
	assert_int_equal(pst_mem_register(host, PAGE, NULL), 0);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(pst_mem_use(i % 2 ? &card.domain : &other.domain,
					     i < 2 ? host : gpu, 1, PST_ACCESS_REMOTE_WRITE, &use,
					     NULL),
				 0);
		pst_mem_release(&use);
	}
	assert_int_equal(mem_card_regions(&card), 2);
	pst_mem_forget_domain(&card.domain);
	assert_int_equal(mem_card_regions(&card), 0);
	assert_int_equal(mem_card_regions(&other), 2);
	use_memory(host, 1, PST_ACCESS_REMOTE_WRITE, &use);
	pst_mem_release(&use);
	assert_int_equal(mem_card_regions(&card), 1);
	assert_clean();
	mem_gpu_free(gpu);
}

/* Registered memory that was freed is not written to in the belief that it is what is there now. */
static void freed_registered_memory_is_noticed(void **state)
{
	uint8_t *old = mem_gpu_alloc(4 * PAGE), *new;
	struct pst_mem_use use;

	(void)state;
	assert_int_equal(pst_mem_register(old, 4 * PAGE, NULL), 0);
	use_memory(old, 1, PST_ACCESS_REMOTE_WRITE, &use);
	pst_mem_release(&use);
	mem_gpu_free(old);
	new = mem_gpu_alloc(4 * PAGE);
	if (new != old)
		skip();
	use_memory(new, 1, PST_ACCESS_REMOTE_WRITE, &use);
	assert_true(mem_card_write(&card, use.rkey, use.address, "n", 1));
	assert_int_equal(mem_gpu_byte(new), 'n');
	pst_mem_release(&use);
	/* The old one is not in the way, and deregistering takes the new one. */
	assert_int_equal(pst_mem_register(new, 2 * PAGE, NULL), 0);
	assert_int_equal(pst_mem_register(new + PAGE, PAGE, NULL), -EEXIST);
	assert_int_equal(pst_mem_deregister(new, NULL), 0);
	assert_int_equal(pst_mem_deregister(new, NULL), -ENOENT);
	assert_clean();
	mem_gpu_free(new);
}

static void managed_memory_is_not_pinned(void **state)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	unsigned long long pointer;
	struct pst_mem_place place;
	struct pst_mem_use use;
	void *memory;

	(void)state;
	assert_int_equal(mem_gpu.alloc_managed(&pointer, PAGE, 1), 0);
	memory = (void *)(uintptr_t)pointer;
	assert_int_equal(pst_mem_place(memory, &place, NULL), 0);
	assert_int_equal(place.kind, PST_MEM_HOST);
	assert_true(place.managed);
	card.tries = 0;
	assert_int_equal(
		pst_mem_use(&card.domain, memory, PAGE, PST_ACCESS_REMOTE_WRITE, &use, &reason),
		-EOPNOTSUPP);
	assert_non_null(strstr(reason.text, "managed"));
	assert_int_equal(pst_mem_register(memory, PAGE, NULL), 0);
	assert_int_equal(
		pst_mem_use(&card.domain, memory, PAGE, PST_ACCESS_REMOTE_WRITE, &use, NULL),
		-EOPNOTSUPP);
	assert_int_equal(card.tries, 0);
	assert_clean();
	mem_gpu_free(memory);
}

static void memory_of_cuMemAllocHost_is_host_memory(void **state)
{
	struct pst_mem_place place;
	struct pst_mem_use use;
	void *memory;

	(void)state;
	assert_int_equal(mem_gpu.alloc_host(&memory, PAGE), 0);
	assert_int_equal(pst_mem_place(memory, &place, NULL), 0);
	assert_int_equal(place.kind, PST_MEM_HOST);
	assert_false(place.managed);
	use_memory(memory, PAGE, PST_ACCESS_REMOTE_WRITE, &use);
	assert_true(mem_card_write(&card, use.rkey, use.address, "h", 1));
	pst_mem_release(&use);
	assert_int_equal(*(char *)memory, 'h');
	assert_int_equal(mem_gpu.free_host(memory), 0);
	assert_clean();
}

static void gpu_without_dmabufs_still_copies(void **state)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	uint8_t *gpu = mem_gpu_alloc(2 * PAGE), seen[9];
	struct pst_mem_place place;
	struct pst_mem_use use;

	(void)state;
	assert_int_equal(setenv("PENSTOCK_SIM_NO_DMABUF", "1", 1), 0);
	assert_int_equal(pst_mem_use(&card.domain, gpu, 1, PST_ACCESS_REMOTE_WRITE, &use, &reason),
			 -EOPNOTSUPP);
	assert_non_null(strstr(reason.text, "dma-buf"));
	assert_int_equal(unsetenv("PENSTOCK_SIM_NO_DMABUF"), 0);
	assert_int_equal(pst_mem_place(gpu + 5, &place, NULL), 0);
	assert_int_equal(place.kind, PST_MEM_GPU);
	assert_int_equal(place.base, (uintptr_t)gpu);
	assert_int_equal(place.length_bytes, 2 * PAGE);
	assert_int_equal(pst_mem_copy_in(&place, gpu + 5, "penstock", 9), 0);
	assert_int_equal(pst_mem_copy_out(&place, seen, gpu + 5, 9), 0);
	assert_string_equal((char *)seen, "penstock");
	assert_int_equal(pst_mem_copy_in(&place, gpu + 2 * PAGE - 1, "ab", 2), -EFAULT);
	assert_clean();
	mem_gpu_free(gpu);
}

/* A GPU that may see a card's writes late is told when they are there; what it did not get it need not see. */
static void late_writes_are_flushed(void **state)
{
	struct pst_mem_use use;
	unsigned int before;
	void *context, *gpu;

	(void)state;
	assert_int_equal(setenv("PENSTOCK_SIM_LATE", "1", 1), 0);
	assert_int_equal(mem_gpu.context_create(&context, 0, 1), 0);
	gpu = mem_gpu_alloc(PAGE);
	before = mem_gpu.flushes();
	use_memory(gpu, 1, PST_ACCESS_REMOTE_READ, &use);
	pst_mem_release(&use);
	assert_int_equal(mem_gpu.flushes(), before);
	use_memory(gpu, 1, PST_ACCESS_REMOTE_WRITE, &use);
	pst_mem_release(&use);
	assert_int_equal(mem_gpu.flushes(), before + 1);
	assert_int_equal(unsetenv("PENSTOCK_SIM_LATE"), 0);
	assert_clean();
	mem_gpu_free(gpu);
	assert_int_equal(mem_gpu.context_destroy(context), 0);
}

/* What a thread finds that the program has given no context. */
static void *without_context(void *arg)
{
	struct pst_mem_place place;
	struct pst_mem_use use;
	uint8_t *gpu = arg;
	uint8_t byte = 0;

	if (pst_mem_place(gpu, &place, NULL) || pst_mem_copy_in(&place, gpu, "c", 1) ||
	    pst_mem_copy_out(&place, &byte, gpu, 1) || byte != 'c' ||
	    pst_mem_use(&card.domain, gpu, 1, PST_ACCESS_REMOTE_WRITE, &use, NULL))
		return arg;
	pst_mem_release(&use);
	/* And it has none afterwards. */
	return mem_gpu.context_pop(NULL) ? NULL : arg;
}

static void threads_need_no_context(void **state)
{
	void *gpu = mem_gpu_alloc(PAGE), *failed = NULL;
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, without_context, gpu), 0);
	assert_int_equal(pthread_join(thread, &failed), 0);
	assert_null(failed);
	assert_clean();
	mem_gpu_free(gpu);
}

/* In the child: 0, or the number of what is wrong. */
static int child_of(struct pst_mem_use *parents, const void *gpu, unsigned int regions)
{
	struct pst_mem_counters counters;
	struct pst_mem_place place;
	struct pst_mem_use use;

	pst_mem_counters(&counters);
	if (counters.registered_buffers || counters.regions)
		return 1;
	pst_mem_release(parents);
	if (pst_mem_deregister(host, NULL) != -ENOENT)
		return 2;
	/* The driver does not work here, so a GPU's pointer is one that leads nowhere. */
	if (pst_mem_place(gpu, &place, NULL) || place.kind != PST_MEM_HOST)
		return 3;
	if (pst_mem_register(host, PAGE, NULL) ||
	    pst_mem_use(&card.domain, host, 1, PST_ACCESS_REMOTE_WRITE, &use, NULL))
		return 4;
	pst_mem_release(&use);
	if (mem_card_regions(&card) != regions + 1)
		return 5;
	pst_mem_deregister_all();
	return mem_card_regions(&card) == regions ? 0 : 6;
}

static void child_leaves_all_to_its_parent(void **state)
{
	void *gpu = mem_gpu_alloc(PAGE);
	struct pst_mem_use registered, cached, passing;
	int status = -1;
	pid_t pid;

	(void)state;
	assert_int_equal(pst_mem_register(host, PAGE, NULL), 0);
	use_memory(host, 1, PST_ACCESS_REMOTE_WRITE, &registered);
	use_memory(gpu, 1, PST_ACCESS_REMOTE_WRITE, &cached);
	use_memory(host + PAGE, 1, PST_ACCESS_REMOTE_WRITE, &passing);
	struct pst_mem_use *uses[] = { &registered, &cached, &passing };
	for (size_t i = 0; i < ARRAY_SIZE(uses); i++) {
		pid = fork();
		assert_true(pid >= 0);
		if (!pid)
			_exit(child_of(uses[i], gpu, 3));
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(uses); i++) {
		assert_true(mem_card_write(&card, uses[i]->rkey, uses[i]->address, "p", 1));
		pst_mem_release(uses[i]);
	}
	assert_clean();
	mem_gpu_free(gpu);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_memory_is_refused),
		cmocka_unit_test(cards_are_told_once_and_when_needed),
		cmocka_unit_test(access_is_the_least),
		cmocka_unit_test(failure_is_remembered),
		cmocka_unit_test(memory_that_cannot_be_pinned_bounces),
		cmocka_unit_test(deregistration_waits_for_uses),
		cmocka_unit_test(forgetting_a_domain_leaves_the_others),
		cmocka_unit_test(freed_registered_memory_is_noticed),
		cmocka_unit_test(managed_memory_is_not_pinned),
		cmocka_unit_test(memory_of_cuMemAllocHost_is_host_memory),
		cmocka_unit_test(gpu_without_dmabufs_still_copies),
		cmocka_unit_test(late_writes_are_flushed),
		cmocka_unit_test(threads_need_no_context),
		cmocka_unit_test(child_leaves_all_to_its_parent),
	};

	ADD_TESTS(tests);
	ADD_ROWS(refusals, second_registration);
	return run_gathered(start, NULL);
}
