/* SPDX-License-Identifier: MIT */
/* Tables that become one test for each row. */
#ifndef PST_TESTS_ROWS_H
#define PST_TESTS_ROWS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/util.h"

/*
 * A program's tests, gathered into the one group that a TAP stream can hold. Of a table each row
 * becomes a test of its own, so that it is counted and named: a row begins with its name, and the
 * test finds its row in *state.
 */
void add_tests(const struct CMUnitTest *tests, size_t count);
void add_rows(const void *rows, size_t count, size_t size, CMUnitTestFunction run);
#define ADD_TESTS(tests)    add_tests(tests, ARRAY_SIZE(tests))
#define ADD_ROWS(rows, run) add_rows(rows, ARRAY_SIZE(rows), sizeof((rows)[0]), run)
int run_gathered(CMFixtureFunction setup, CMFixtureFunction teardown);

#endif
