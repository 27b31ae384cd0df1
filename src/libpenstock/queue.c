// SPDX-License-Identifier: MIT
/*
 * Many operations at once. Completions are taken note of where they happen, and seen to by the thread that asks for
 * them: what an operation's end costs (attributes fetched anew after a write) is that thread's.
 */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#include "base/time.h"
#include "objects.h"

#define DEPTH_MOST 65536

struct slot {
	struct pst_gds_io io;
	struct penstock_queue *queue;
	struct slot *next;
	void *user;
};

struct penstock_queue {
	int event_fd; /* readable while anything is finished */
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t finished_more;
	struct slot *idle;
	struct slot *finished, **finished_end;
	unsigned int under_way; /* submitted and not yet handed out as results */
	struct slot slots[];
};

int penstock_queue_open(unsigned int depth, struct penstock_queue **ret)
{
	pthread_condattr_t monotonic;
	struct penstock_queue *queue;

	if (!depth || depth > DEPTH_MOST || !ret)
		return -EINVAL;
	queue = calloc(1, sizeof(*queue) + depth * sizeof(queue->slots[0]));
	if (!queue)
		return -ENOMEM;
	queue->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (queue->event_fd < 0) {
		int error = -errno;

		free(queue);
		return error;
	}
	pthread_mutex_init(&queue->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&queue->finished_more, &monotonic);
	pthread_condattr_destroy(&monotonic);
	queue->finished_end = &queue->finished;
	for (unsigned int i = depth; i-- > 0;) {
		queue->slots[i].queue = queue;
		queue->slots[i].next = queue->idle;
		queue->idle = &queue->slots[i];
	}
	*ret = queue;
	return 0;
}

void penstock_queue_close(struct penstock_queue *queue)
{
	struct penstock_result ignored[16];

	if (!queue)
		return;
	while (penstock_queue_complete(queue, ignored, 1, ARRAY_SIZE(ignored), -1) > 0)
		;
	close(queue->event_fd);
	pthread_cond_destroy(&queue->finished_more);
	pthread_mutex_destroy(&queue->lock);
	free(queue);
}

int penstock_queue_fd(const struct penstock_queue *queue)
{
	return queue ? queue->event_fd : -EINVAL;
}

static void finished(struct pst_gds_io *io)
{
	struct slot *slot = io->user;
	struct penstock_queue *queue = slot->queue;

	pthread_mutex_lock(&queue->lock);
	if (!queue->finished)
		(void)eventfd_write(queue->event_fd, 1);
	slot->next = NULL;
	*queue->finished_end = slot;
	queue->finished_end = &slot->next;
	pthread_cond_signal(&queue->finished_more);
	pthread_mutex_unlock(&queue->lock);
}

static struct slot *take_idle(struct penstock_queue *queue)
{
	struct slot *slot;

	pthread_mutex_lock(&queue->lock);
	slot = queue->idle;
	if (slot) {
		queue->idle = slot->next;
		queue->under_way++;
	}
	pthread_mutex_unlock(&queue->lock);
	return slot;
}

static int submit(struct penstock_queue *queue, const struct penstock_request *request)
{
	struct pst_gds_io io;
	struct slot *slot;
	int error = pst_public_io(request, &io);

	if (error)
		return error;
	slot = take_idle(queue);
	if (!slot)
		return -EAGAIN;
	slot->user = request->user;
	slot->io = io;
	slot->io.driven = true;
	slot->io.done = finished;
	slot->io.user = slot;
	pst_gds_start(&slot->io);
	return 0;
}

int penstock_queue_submit(struct penstock_queue *queue, const struct penstock_request *requests,
			  unsigned int count)
{
	unsigned int n = 0;
	int error = 0;

	if (!queue || !requests || count > INT_MAX)
		return -EINVAL;
	while (n < count && !error) {
		error = submit(queue, &requests[n]);
		n += !error;
	}
	return n ? (int)n : error;
}

/* Sleeps until something is finished, or nothing can be any more; false when the time is over. The lock is held. */
static bool wait_finished(struct penstock_queue *queue, int timeout_ms, uint64_t until_usec)
{
	const struct timespec until = {
		.tv_sec = (time_t)(until_usec / PST_USEC_PER_SEC),
		.tv_nsec = (long)(until_usec % PST_USEC_PER_SEC) * 1000,
	};
	int error = 0;

	while (!queue->finished && queue->under_way && !error) {
		if (timeout_ms < 0)
			pthread_cond_wait(&queue->finished_more, &queue->lock);
		else
			error = pthread_cond_timedwait(&queue->finished_more, &queue->lock, &until);
	}
	return queue->finished;
}

/* The first that is finished, if there is one. The lock is held. */
static struct slot *take_finished(struct penstock_queue *queue)
{
	struct slot *slot = queue->finished;
	eventfd_t ignored;

	queue->finished = slot->next;
	if (!queue->finished) {
		queue->finished_end = &queue->finished;
		(void)eventfd_read(queue->event_fd, &ignored);
	}
	return slot;
}

int penstock_queue_complete(struct penstock_queue *queue, struct penstock_result *results,
			    unsigned int min, unsigned int max, int timeout_ms)
{
	uint64_t until =
		pst_now_usec() + (timeout_ms > 0 ? (uint64_t)timeout_ms * PST_USEC_PER_MSEC : 0);
	unsigned int n = 0;

	if (!queue || !results || !max || min > max || max > INT_MAX)
		return -EINVAL;
	pthread_mutex_lock(&queue->lock);
	while (n < max) {
		struct slot *slot;

		if (!queue->finished && (n >= min || !wait_finished(queue, timeout_ms, until)))
			break;
		slot = take_finished(queue);
		pthread_mutex_unlock(&queue->lock);
		results[n].user = slot->user;
		results[n++].result = pst_gds_finish(&slot->io);
		pthread_mutex_lock(&queue->lock);
		slot->next = queue->idle;
		queue->idle = slot;
		queue->under_way--;
		/* Another thread may wait for what will now not come. */
		if (!queue->under_way)
			pthread_cond_broadcast(&queue->finished_more);
	}
	pthread_mutex_unlock(&queue->lock);
	return (int)n;
}
