/* SPDX-License-Identifier: MIT */
/* The clock that deadlines are measured by. */
#ifndef PST_BASE_TIME_H
#define PST_BASE_TIME_H

#include <stdint.h>
#include <time.h>

#define PST_USEC_PER_MSEC ((uint64_t)1000)
#define PST_USEC_PER_SEC  ((uint64_t)1000000)

/* Microseconds of CLOCK_MONOTONIC. */
static inline uint64_t pst_now_usec(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * PST_USEC_PER_SEC + (uint64_t)now.tv_nsec / 1000;
}

#endif
