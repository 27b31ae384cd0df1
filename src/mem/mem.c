// SPDX-License-Identifier: MIT
/*
 * The buffers of the process: those that the program registered, and a cache of GPU allocations that it used without.
 *
 * An allocation of a GPU is known by its address and by the driver's number of it, which is never given twice:
 * memory that was freed, and allocated anew at the same address, is not taken for what it was, be it cached or
 * registered. Nothing tells as much of host memory, so what is not registered is registered for one use and no longer.
 *
 * As long as a card knows an allocation its memory cannot be used again, freed or not. So the cache is small, and
 * each time that it takes something in, all that was freed is put out.
 */
#include "mem/mem.h"

#include <errno.h>

#include "base/fork.h"
#include "mem/cuda.h"
#include "mem/table.h"

#define CACHED_MOST	  ((size_t)256)
#define CACHED_BYTES_MOST ((uint64_t)1 << 30)

static struct {
	pthread_mutex_t lock; /* over all of it, and over what it says in struct pst_mem_buffer */
	pthread_cond_t
		changed; /* a use of a buffer that is leaving has ended, or @doomed is less */
	struct pst_mem_table registered, cached;
	struct pst_mem_buffer *orphans;
	unsigned int doomed; /* buffers taken out, whose regions are not all gone yet */
	uint64_t clock;
	uint64_t cache_hits, cache_misses;
} mem = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };

static void before_fork(void)
{
	pthread_mutex_lock(&mem.lock);
}

static void after_fork(void)
{
	pthread_mutex_unlock(&mem.lock);
}

/*
 * The buffers of the parent stay the parent's, with their regions. They are not freed: a use that was under way may
 * still name one.
 */
static void in_child(void)
{
	mem.registered = mem.cached = (struct pst_mem_table){ 0 };
	mem.orphans = NULL;
	mem.doomed = 0;
	mem.cache_hits = mem.cache_misses = 0;
	pst_mem_regions_forked();
	pthread_cond_init(&mem.changed, NULL);
	pthread_mutex_unlock(&mem.lock);
}

static void watch_forks(void)
{
	pthread_atfork(before_fork, after_fork, in_child);
}

static void lock_mem(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, watch_forks);
	pthread_mutex_lock(&mem.lock);
}

static void unlock_mem(void)
{
	pthread_mutex_unlock(&mem.lock);
}

static bool belongs_to_parent(const struct pst_mem_buffer *buffer)
{
	return buffer->generation != pst_fork_generation();
}

/* Its memory was freed, and may by now be another allocation's. */
static bool is_stale(const struct pst_mem_buffer *buffer)
{
	return buffer->place.kind == PST_MEM_GPU &&
	       !pst_cuda_same(buffer->start, buffer->place.buffer_id);
}

/* Puts what nobody finds and nobody uses on the list for bury(). With the lock held. */
static void doom(struct pst_mem_buffer *buffer, struct pst_mem_buffer **doomed)
{
	buffer->next = *doomed;
	*doomed = buffer;
	mem.doomed++;
}

/* Frees the list, which takes the cards their time: without the lock. */
static void bury(struct pst_mem_buffer *doomed)
{
	unsigned int count = 0;

	if (!doomed)
		return;
	while (doomed) {
		struct pst_mem_buffer *next = doomed->next;

		pst_mem_buffer_free(doomed);
		doomed = next;
		count++;
	}
	lock_mem();
	mem.doomed -= count;
	pthread_cond_broadcast(&mem.changed);
	unlock_mem();
}

/* Takes a buffer out of its table at once; if it is in use the last user does the rest. With the lock held. */
static void drop(struct pst_mem_table *table, struct pst_mem_buffer *buffer,
		 struct pst_mem_buffer **doomed)
{
	pst_mem_table_remove(table, buffer);
	if (!buffer->uses) {
		doom(buffer, doomed);
		return;
	}
	buffer->where = PST_MEM_ORPHAN;
	buffer->next = mem.orphans;
	mem.orphans = buffer;
}

/* Takes a registered buffer out once nobody uses it. With the lock held, which is let go while it waits. */
static void retire(struct pst_mem_buffer *buffer, struct pst_mem_buffer **doomed)
{
	buffer->leaving = true;
	while (buffer->uses)
		pthread_cond_wait(&mem.changed, &mem.lock);
	pst_mem_table_remove(&mem.registered, buffer);
	doom(buffer, doomed);
}

/* 0 when no buffer that the program still has is in the way. With the lock held. */
static int make_way(uint64_t start, size_t length_bytes, struct pst_mem_buffer **doomed,
		    struct pst_reason *reason)
{
	struct pst_mem_buffer *there;

	while ((there = pst_mem_table_overlapping(&mem.registered, start, length_bytes))) {
		if (there->leaving || !is_stale(there))
			return pst_fail(reason, -EEXIST, "a registered buffer is there already");
		drop(&mem.registered, there, doomed);
	}
	return 0;
}

/* Where the range is, all of it in one allocation if it is a GPU's. */
static int find_place(const void *pointer, size_t length_bytes, struct pst_mem_place *ret,
		      struct pst_reason *reason)
{
	int error = pst_mem_place(pointer, ret, reason);

	if (error)
		return error;
	if (ret->kind == PST_MEM_GPU &&
	    length_bytes > ret->base + ret->length_bytes - (uintptr_t)pointer)
		return pst_fail(reason, -EFAULT, "%zu bytes at %p reach beyond the allocation",
				length_bytes, pointer);
	return 0;
}

int pst_mem_register(const void *pointer, size_t length_bytes, struct pst_reason *reason)
{
	struct pst_mem_buffer *buffer, *doomed = NULL;
	uint64_t start = (uintptr_t)pointer;
	struct pst_mem_place place;
	int error;

	if (!length_bytes || start + length_bytes < start)
		return pst_fail(reason, -EINVAL, "%zu bytes at %p are no buffer", length_bytes,
				pointer);
	error = find_place(pointer, length_bytes, &place, reason);
	if (error)
		return error;
	buffer = pst_mem_buffer_new(start, length_bytes, &place);
	if (!buffer)
		return -ENOMEM;
	lock_mem();
	error = make_way(start, length_bytes, &doomed, reason);
	if (!error)
		error = pst_mem_table_add(&mem.registered, buffer);
	unlock_mem();
	bury(doomed);
	if (error)
		pst_mem_buffer_free(buffer);
	return error;
}

int pst_mem_deregister(const void *pointer, struct pst_reason *reason)
{
	struct pst_mem_buffer *buffer, *doomed = NULL;

	lock_mem();
	buffer = pst_mem_table_holding(&mem.registered, (uintptr_t)pointer, 1);
	if (buffer && buffer->start == (uintptr_t)pointer && !buffer->leaving)
		retire(buffer, &doomed);
	unlock_mem();
	if (!doomed)
		return pst_fail(reason, -ENOENT, "no registered buffer starts at %p", pointer);
	bury(doomed);
	return 0;
}

static struct pst_mem_buffer *any_registered(void)
{
	for (size_t i = 0; i < mem.registered.count; i++)
		if (!mem.registered.buffers[i]->leaving)
			return mem.registered.buffers[i];
	return NULL;
}

void pst_mem_deregister_all(void)
{
	struct pst_mem_buffer *buffer, *doomed = NULL;

	lock_mem();
	while ((buffer = any_registered()))
		retire(buffer, &doomed);
	while (mem.cached.count)
		drop(&mem.cached, mem.cached.buffers[mem.cached.count - 1], &doomed);
	unlock_mem();
	bury(doomed);
}

static void hold(struct pst_mem_buffer *buffer)
{
	buffer->uses++;
	buffer->used_at = ++mem.clock;
}

static void let_go(struct pst_mem_buffer *buffer)
{
	struct pst_mem_buffer *doomed = NULL;

	if (buffer->where == PST_MEM_PASSING) {
		pst_mem_buffer_free(buffer);
		return;
	}
	lock_mem();
	buffer->uses--;
	if (!buffer->uses && buffer->where == PST_MEM_ORPHAN) {
		struct pst_mem_buffer **at = &mem.orphans;

		while (*at != buffer)
			at = &(*at)->next;
		*at = buffer->next;
		doom(buffer, &doomed);
	} else if (buffer->leaving) {
		pthread_cond_broadcast(&mem.changed);
	}
	unlock_mem();
	bury(doomed);
}

/* The registered buffer that holds the range; NULL. */
static struct pst_mem_buffer *hold_registered(uint64_t start, size_t length_bytes)
{
	struct pst_mem_buffer *buffer;

	lock_mem();
	buffer = pst_mem_table_holding(&mem.registered, start, length_bytes);
	if (buffer && buffer->leaving)
		buffer = NULL;
	if (buffer)
		hold(buffer);
	unlock_mem();
	if (buffer && is_stale(buffer)) {
		let_go(buffer);
		return NULL;
	}
	return buffer;
}

static struct pst_mem_buffer *oldest_cached(void)
{
	struct pst_mem_buffer *oldest = mem.cached.buffers[0];

	for (size_t i = 1; i < mem.cached.count; i++)
		if (mem.cached.buffers[i]->used_at < oldest->used_at)
			oldest = mem.cached.buffers[i];
	return oldest;
}

/* Puts out what was freed, and then what was not used for longest, until @bytes more fit. With the lock held. */
static void clear_cache(uint64_t bytes, struct pst_mem_buffer **doomed)
{
	for (size_t i = mem.cached.count; i-- > 0;)
		if (is_stale(mem.cached.buffers[i]))
			drop(&mem.cached, mem.cached.buffers[i], doomed);
	while (mem.cached.count &&
	       (mem.cached.count >= CACHED_MOST || mem.cached.bytes + bytes > CACHED_BYTES_MOST))
		drop(&mem.cached, oldest_cached(), doomed);
}

/* Adds an allocation that is not there to the cache. With the lock held. */
static struct pst_mem_buffer *add_cached(const struct pst_mem_place *place,
					 struct pst_mem_buffer **doomed)
{
	struct pst_mem_buffer *buffer, *there;

	clear_cache(place->length_bytes, doomed);
	while ((there = pst_mem_table_overlapping(&mem.cached, place->base, place->length_bytes)))
		drop(&mem.cached, there, doomed);
	buffer = pst_mem_buffer_new(place->base, place->length_bytes, place);
	if (!buffer)
		return NULL;
	buffer->where = PST_MEM_CACHED;
	if (pst_mem_table_add(&mem.cached, buffer)) {
		pst_mem_buffer_free(buffer);
		return NULL;
	}
	return buffer;
}

/* A GPU's allocation that the program did not register: out of the cache, or into it. NULL when memory is out. */
static struct pst_mem_buffer *hold_cached(const struct pst_mem_place *place)
{
	struct pst_mem_buffer *known, *doomed = NULL;

	lock_mem();
	known = pst_mem_table_holding(&mem.cached, place->base, place->length_bytes);
	if (known && known->place.buffer_id != place->buffer_id)
		known = NULL;
	if (known) {
		mem.cache_hits++;
	} else {
		mem.cache_misses++;
		known = add_cached(place, &doomed);
	}
	if (known)
		hold(known);
	unlock_mem();
	bury(doomed);
	return known;
}

static struct pst_mem_buffer *hold_passing(uint64_t start, size_t length_bytes,
					   const struct pst_mem_place *place)
{
	struct pst_mem_buffer *buffer = pst_mem_buffer_new(start, length_bytes, place);

	if (buffer)
		buffer->where = PST_MEM_PASSING;
	return buffer;
}

static int hold_any(const void *pointer, size_t length_bytes, struct pst_mem_buffer **ret,
		    struct pst_reason *reason)
{
	uint64_t start = (uintptr_t)pointer;
	struct pst_mem_buffer *buffer = hold_registered(start, length_bytes);
	struct pst_mem_place place;
	int error;

	if (!buffer) {
		error = find_place(pointer, length_bytes, &place, reason);
		if (error)
			return error;
		if (place.kind == PST_MEM_GPU && place.length_bytes <= CACHED_BYTES_MOST / 4)
			buffer = hold_cached(&place);
		else
			buffer = hold_passing(start, length_bytes, &place);
	}
	if (!buffer)
		return -ENOMEM;
	*ret = buffer;
	return 0;
}

int pst_mem_use(struct pst_domain *domain, const void *pointer, size_t length_bytes,
		enum pst_access access, struct pst_mem_use *ret, struct pst_reason *reason)
{
	struct pst_mem_buffer *buffer;
	struct pst_region *region;
	int error;

	if (!pointer || !length_bytes || (uintptr_t)pointer + length_bytes < (uintptr_t)pointer)
		return pst_fail(reason, -EFAULT, "%zu bytes at %p are no memory", length_bytes,
				pointer);
	error = hold_any(pointer, length_bytes, &buffer, reason);
	if (error)
		return error;
	error = pst_mem_buffer_region(buffer, domain, access, &region, reason);
	if (error) {
		let_go(buffer);
		return error;
	}
	*ret = (struct pst_mem_use){
		.buffer = buffer,
		.place = buffer->place,
		.written = access == PST_ACCESS_REMOTE_WRITE,
		.rkey = region->rkey,
		.address = (uintptr_t)pointer,
	};
	return 0;
}

void pst_mem_release(struct pst_mem_use *use)
{
	struct pst_mem_buffer *buffer = TAKE_PTR(use->buffer);

	if (!buffer || belongs_to_parent(buffer))
		return;
	if (use->written && use->place.kind == PST_MEM_GPU)
		pst_cuda_flush(&use->place);
	let_go(buffer);
}

static void forget(const struct pst_mem_table *table, const struct pst_domain *domain)
{
	for (size_t i = 0; i < table->count; i++)
		pst_mem_buffer_forget(table->buffers[i], domain);
}

void pst_mem_forget_domain(struct pst_domain *domain)
{
	lock_mem();
	forget(&mem.registered, domain);
	forget(&mem.cached, domain);
	for (struct pst_mem_buffer *at = mem.orphans; at; at = at->next)
		pst_mem_buffer_forget(at, domain);
	/* Another thread may be about to take back a region in it. */
	while (mem.doomed)
		pthread_cond_wait(&mem.changed, &mem.lock);
	unlock_mem();
}

void pst_mem_counters(struct pst_mem_counters *ret)
{
	lock_mem();
	ret->registered_buffers = mem.registered.count;
	ret->cache_hits = mem.cache_hits;
	ret->cache_misses = mem.cache_misses;
	unlock_mem();
	ret->regions = pst_mem_regions();
}
