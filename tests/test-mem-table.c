// SPDX-License-Identifier: MIT
/* The table of buffers against a map of every byte. */
#include "mem/table.h"
#include "rows.h"

#define BASE  ((uint64_t)1 << 40)
#define SPACE 512

static struct pst_mem_buffer *owner[SPACE];

static struct pst_mem_buffer *owner_of_all(size_t start, size_t length)
{
	for (size_t i = start; i < start + length; i++)
		if (owner[i] != owner[start])
			return NULL;
	return owner[start];
}

static bool is_owned(size_t start, size_t length)
{
	for (size_t i = start; i < start + length; i++)
		if (owner[i])
			return true;
	return false;
}

static void set_owner(struct pst_mem_buffer *buffer, bool there)
{
	for (size_t i = 0; i < buffer->length_bytes; i++)
		owner[buffer->start - BASE + i] = there ? buffer : NULL;
}

static void agrees_with_a_map_of_every_byte(void **state)
{
	struct pst_mem_table table = { 0 };
	unsigned int seed = 1;

	(void)state;
	for (int round = 0; round < 50000; round++) {
		size_t start = (size_t)rand_r(&seed) % SPACE;
		size_t length = 1 + (size_t)rand_r(&seed) % (rand_r(&seed) % 4 ? 8 : SPACE - start);
		struct pst_mem_buffer *there;

		if (start + length > SPACE)
			length = SPACE - start;
		there = pst_mem_table_overlapping(&table, BASE + start, length);
		assert_int_equal(there != NULL, is_owned(start, length));
		assert_ptr_equal(pst_mem_table_holding(&table, BASE + start, length),
				 owner_of_all(start, length));
		if (there && rand_r(&seed) % 2) {
			set_owner(there, false);
			pst_mem_table_remove(&table, there);
			free(there);
		} else if (!there) {
			there = calloc(1, sizeof(*there));
			assert_non_null(there);
			there->start = BASE + start;
			there->length_bytes = length;
			set_owner(there, true);
			assert_int_equal(pst_mem_table_add(&table, there), 0);
		}
	}
	while (table.count) {
		struct pst_mem_buffer *last = table.buffers[table.count - 1];

		pst_mem_table_remove(&table, last);
		free(last);
	}
	assert_int_equal(table.bytes, 0);
	free(table.buffers);
}

static void ends_of_the_address_space(void **state)
{
	struct pst_mem_buffer low = { .start = 1, .length_bytes = 4096 };
	struct pst_mem_buffer high = { .start = UINT64_MAX - 4095, .length_bytes = 4096 };
	struct pst_mem_table table = { 0 };

	(void)state;
	assert_null(pst_mem_table_holding(&table, 0, 1));
	assert_int_equal(pst_mem_table_add(&table, &high), 0);
	assert_int_equal(pst_mem_table_add(&table, &low), 0);
	assert_ptr_equal(pst_mem_table_holding(&table, UINT64_MAX, 1), &high);
	assert_ptr_equal(pst_mem_table_overlapping(&table, UINT64_MAX, 1), &high);
	assert_null(pst_mem_table_holding(&table, UINT64_MAX, 2));
	assert_null(pst_mem_table_overlapping(&table, 0, 1));
	assert_ptr_equal(pst_mem_table_overlapping(&table, 0, 2), &low);
	assert_null(pst_mem_table_holding(&table, 1, SIZE_MAX));
	free(table.buffers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_a_map_of_every_byte),
		cmocka_unit_test(ends_of_the_address_space),
	};

	ADD_TESTS(tests);
	return run_gathered(NULL, NULL);
}
