// SPDX-License-Identifier: MIT
/* How requests are cut. */
#include "gds/split.h"
#include "rows.h"

#define KIB ((uint64_t)1024)
#define MIB (1024 * KIB)

struct row {
	const char *name;
	uint64_t offset, size;
	uint32_t max;
	uint64_t parts[6]; /* their lengths, as far as they are looked at; 0: no more */
};

static const struct row rows[] = {
	{ "a byte", 0, 1, 524288, { 1 } },
	{ "what fits is one, aligned or not", 12345, 524288, 524288, { 524288 } },
	{ "one byte more than fits", 0, 524289, 524288, { 524288, 1 } },
	{ "aligned", 0, 2 * MIB, 524288, { 524288, 524288, 524288, 524288 } },
	{ "the first part ends where a block does",
	  4096,
	  MIB,
	  524288,
	  { 524288 - 4096, 524288, 4096 } },
	{ "one byte before a block", 131071, MIB, 524288, { 393217, 524288, 131071 } },
	{ "a limit below a block", 1000, 20000, 8192, { 7192, 8192, 4616 } },
	{ "a limit that is no power of two", 0, MIB, 300000, { 262144, 262144, 262144, 262144 } },
	{ "a limit of one", 7, 3, 1, { 1, 1, 1 } },
	{ "the end of what can be", INT64_MAX - 3 * MIB, 3 * MIB, 1048576, { MIB - 131071 } },
};

static void is_cut(void **state)
{
	const struct row *row = *state;
	uint64_t at = row->offset, end = row->offset + row->size;

	for (size_t i = 0; i < ARRAY_SIZE(row->parts) && row->parts[i]; i++) {
		assert_int_equal(pst_gds_split(at, end, row->max), row->parts[i]);
		at += row->parts[i];
	}
}

/* Whatever the numbers, the parts are not empty, not too large, and end exactly. */
static void parts_make_up_the_whole(void **state)
{
	(void)state;
	srandom(1);
	for (int i = 0; i < 20000; i++) {
		uint64_t at = (uint64_t)random() << (random() % 20);
		uint64_t end = at + (uint64_t)random() % (8 * MIB);
		uint32_t max = 1 + (uint32_t)random() % (uint32_t)(2 * MIB);

		if (max < 4096)
			end = at + (end - at) % 65536;
		while (at < end) {
			uint32_t part = pst_gds_split(at, end, max);

			assert_true(part > 0 && part <= max && part <= end - at);
			at += part;
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(parts_make_up_the_whole) };

	ADD_ROWS(rows, is_cut);
	ADD_TESTS(tests);
	return run_gathered(NULL, NULL);
}
