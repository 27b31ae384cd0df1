// SPDX-License-Identifier: MIT
/* What a library has to say and no caller asked for. */
#include "base/log.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/str.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Atomic(pst_log_fn) listener;
static void *listener_user;

static void before_fork(void)
{
	pthread_mutex_lock(&lock);
}

static void after_fork(void)
{
	pthread_mutex_unlock(&lock);
}

static void watch_forks(void)
{
	pthread_atfork(before_fork, after_fork, after_fork);
}

void pst_log_to(pst_log_fn log, void *user)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, watch_forks);
	pthread_mutex_lock(&lock);
	atomic_store(&listener, log);
	listener_user = user;
	pthread_mutex_unlock(&lock);
}

bool pst_log_wanted(void)
{
	return atomic_load_explicit(&listener, memory_order_relaxed);
}

void pst_log(const char *format, ...)
{
	struct pst_buf __cleanup_buf text = { 0 };
	pst_log_fn log;
	va_list args;

	if (!pst_log_wanted())
		return;
	va_start(args, format);
	pst_buf_vprintf(&text, format, args);
	va_end(args);
	if (text.oom || !text.data)
		return;
	pthread_mutex_lock(&lock);
	log = atomic_load(&listener);
	if (log)
		log(text.data, listener_user);
	pthread_mutex_unlock(&lock);
}
