// SPDX-License-Identifier: MIT
/*
 * A machine without a working CUDA driver: the program is run in several such machines. TEST_SAYS is what the reason
 * has in it.
 */
#include <errno.h>

#include "mem-fixture.h"
#include "rows.h"

static void reason_is_said(void **state)
{
	const char *says = getenv("TEST_SAYS");

	(void)state;
	assert_non_null(says);
	for (int i = 0; i < 2; i++) {
		struct pst_reason __cleanup_reason reason = { 0 };

		assert_int_equal(pst_mem_cuda(&reason), -ENODEV);
		if (!strstr(pst_reason_text(&reason, -ENODEV), says))
			fail_msg("\"%s\" is not in \"%s\"", says,
				 pst_reason_text(&reason, -ENODEV));
	}
	assert_int_equal(pst_mem_cuda(NULL), -ENODEV);
}

static void host_memory_works(void **state)
{
	uint8_t memory[64] = { 0 }, seen[64];
	struct pst_mem_place place;
	struct pst_mem_use use;
	struct mem_card card;

	(void)state;
	mem_card_start(&card, "card0");
	assert_int_equal(pst_mem_place(memory, &place, NULL), 0);
	assert_int_equal(place.kind, PST_MEM_HOST);
	assert_int_equal(place.gpu, -1);
	assert_int_equal(pst_mem_copy_in(&place, memory, "penstock", 9), 0);
	assert_int_equal(pst_mem_copy_out(&place, seen, memory, 9), 0);
	assert_string_equal((char *)seen, "penstock");
	assert_int_equal(pst_mem_use(&card.domain, memory, sizeof(memory), PST_ACCESS_REMOTE_WRITE,
				     &use, NULL),
			 0);
	assert_true(mem_card_write(&card, use.rkey, use.address, "P", 1));
	pst_mem_release(&use);
	assert_int_equal(memory[0], 'P');
	assert_int_equal(mem_card_regions(&card), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reason_is_said),
		cmocka_unit_test(host_memory_works),
	};

	ADD_TESTS(tests);
	return run_gathered(NULL, NULL);
}
