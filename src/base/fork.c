// SPDX-License-Identifier: MIT
#include "base/fork.h"

#include <pthread.h>

static unsigned int generation;

static void in_child(void)
{
	generation++;
}

static void watch(void)
{
	pthread_atfork(NULL, NULL, in_child);
}

unsigned int pst_fork_generation(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, watch);
	return generation;
}
