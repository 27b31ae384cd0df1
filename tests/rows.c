// SPDX-License-Identifier: MIT
#include "rows.h"

static struct CMUnitTest *gathered;
static size_t n_gathered;

void add_tests(const struct CMUnitTest *tests, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct CMUnitTest *test =
			pst_array_grow((void **)&gathered, &n_gathered, sizeof(*test));

		if (!test)
			abort();
		*test = tests[i];
	}
}

void add_rows(const void *rows, size_t count, size_t size, CMUnitTestFunction run)
{
	for (size_t i = 0; i < count; i++) {
		void *row = (char *)(uintptr_t)rows + i * size;
		struct CMUnitTest test = { .name = *(const char **)row,
					   .test_func = run,
					   .initial_state = row };

		add_tests(&test, 1);
	}
}

int run_gathered(CMFixtureFunction setup, CMFixtureFunction teardown)
{
	int failed = _cmocka_run_group_tests("tests", gathered, n_gathered, setup, teardown);

	free(gathered);
	return failed;
}
