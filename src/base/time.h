/* SPDX-License-Identifier: MIT */
/* The clock that deadlines are measured by. */
#ifndef PST_BASE_TIME_H
#define PST_BASE_TIME_H

#include <stdint.h>
#include <time.h>

#define PST_USEC_PER_MSEC ((uint64_t)1000)
#define PST_USEC_PER_SEC  ((uint64_t)1000000)

static inline uint64_t pst_clock_usec(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * PST_USEC_PER_SEC + (uint64_t)now.tv_nsec / 1000;
}

/* Microseconds of CLOCK_MONOTONIC. */
static inline uint64_t pst_now_usec(void)
{
	return pst_clock_usec(CLOCK_MONOTONIC);
}

/* The same clock as of the last tick, some milliseconds ago at most, for a quarter of the price. */
static inline uint64_t pst_coarse_usec(void)
{
	return pst_clock_usec(CLOCK_MONOTONIC_COARSE);
}

#endif
