// SPDX-License-Identifier: MIT
/* src/base/str.c, util.c, reason.c and problem.c */
#include <errno.h>
#include <limits.h>

#include "common.h"

static void buf_grows_and_is_taken(void **state)
{
	struct pst_buf buf = { 0 };
	char __cleanup_free *text = NULL;

	(void)state;
	for (int i = 0; i < 1000; i++)
		pst_buf_printf(&buf, "%d,", i);
	assert_int_equal(buf.len, 3890);
	text = pst_buf_take(&buf);
	assert_memory_equal(text, "0,1,2,", 6);
	assert_null(buf.data);
}

static void empty_buf_is_an_empty_string(void **state)
{
	struct pst_buf buf = { 0 };
	char __cleanup_free *text = pst_buf_take(&buf);

	(void)state;
	assert_string_equal(text, "");
}

static void buf_without_memory_gives_null(void **state)
{
	struct pst_buf buf = { .oom = true };

	(void)state;
	pst_buf_add(&buf, "x");
	assert_null(pst_buf_take(&buf));
}

static void strv_ends_with_null(void **state)
{
	struct pst_strv __cleanup_strv strv = { 0 };
	char __cleanup_free *joined = NULL;

	(void)state;
	pst_strv_add(&strv, "a");
	pst_strv_addf(&strv, "%d", 7);
	assert_int_equal(strv.n, 2);
	assert_null(strv.v[2]);
	assert_true(pst_strv_contains(&strv, "7"));
	assert_false(pst_strv_contains(&strv, "8"));
	joined = pst_strv_join(&strv, "--");
	assert_string_equal(joined, "a--7");
}

static void array_keeps_what_it_has(void **state)
{
	size_t *numbers = NULL, count = 0;

	(void)state;
	for (size_t i = 0; i < 100; i++)
		*(size_t *)pst_array_grow((void **)&numbers, &count, sizeof(*numbers)) = i * i;
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(numbers[i], i * i);
	free(numbers);
}

static void reason_says_what_failed(void **state)
{
	struct pst_reason __cleanup_reason reason = { 0 };

	(void)state;
	assert_int_equal(pst_fail_errno(&reason, -ENOENT, "cannot open %s", "/x"), -ENOENT);
	assert_string_equal(reason.text, "cannot open /x: No such file or directory");
	assert_int_equal(pst_fail(&reason, -EIO, "two"), -EIO);
	assert_string_equal(reason.text, "two");
	assert_int_equal(pst_fail(NULL, -EIO, "nobody listens"), -EIO);
	pst_reason_free(&reason);
	assert_string_equal(pst_reason_text(&reason, -EPERM), "Operation not permitted");
}

static void problem_has_no_control_characters(void **state)
{
	struct pst_problems __cleanup_problems problems = { 0 };

	(void)state;
	pst_problem_add(&problems, PST_PROBLEM_REFUSED, "a.b", "says \"%s\"", "\033[2Jx\ny");
	assert_string_equal(problems.v[0].text, "says \"?[2Jx?y\"");
	assert_true(pst_problems_have(&problems, PST_PROBLEM_REFUSED));
	assert_false(pst_problems_have(&problems, PST_PROBLEM_CONFIG));
}

struct number_row {
	const char *name;
	unsigned long long max;
	int error;
	unsigned long long value;
};

static const struct number_row numbers[] = {
	{ "0", 10, 0, 0 },
	{ "10", 10, 0, 10 },
	{ "11", 10, -ERANGE, 0 },
	{ "18446744073709551615", ULLONG_MAX, 0, ULLONG_MAX },
	{ "18446744073709551616", ULLONG_MAX, -ERANGE, 0 },
	{ "", 10, -EINVAL, 0 },
	{ "07", 10, -EINVAL, 0 },
	{ "-1", 10, -EINVAL, 0 },
	{ "+1", 10, -EINVAL, 0 },
	{ " 1", 10, -EINVAL, 0 },
	{ "1 ", 10, -EINVAL, 0 },
	{ "0x1", 10, -EINVAL, 0 },
};

static void number_is_parsed(void **state)
{
	const struct number_row *row = *state;
	unsigned long long value = 0;

	assert_int_equal(pst_parse_u64(row->name, row->max, &value), row->error);
	assert_true(value == row->value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buf_grows_and_is_taken),
		cmocka_unit_test(empty_buf_is_an_empty_string),
		cmocka_unit_test(buf_without_memory_gives_null),
		cmocka_unit_test(strv_ends_with_null),
		cmocka_unit_test(array_keeps_what_it_has),
		cmocka_unit_test(reason_says_what_failed),
		cmocka_unit_test(problem_has_no_control_characters),
	};

	ADD_TESTS(tests);
	ADD_ROWS(numbers, number_is_parsed);
	return run_gathered(NULL, NULL);
}
