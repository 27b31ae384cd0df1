// SPDX-License-Identifier: MIT
/*
 * The table of buffers: those that the program registered, and a GPU's allocations that were used without.
 *
 * A cached allocation is known by its address and by the driver's number of it, which is never given
 * twice: memory that was freed, and allocated anew at the same address, is not taken for what it was. Nothing
 * tells as much of host memory, so that is registered for one use and no longer.
 */
#include "mem/mem.h"

#include <errno.h>

#include "base/fork.h"
#include "mem/cuda.h"
#include "mem/region.h"

#define CACHED_MOST 256

static struct {
	pthread_mutex_t lock;
	pthread_cond_t released;
	unsigned int generation; /* of forks */
	struct pst_mem_buffer *
		*buffers; /* by start; none of the registered ones overlap, nor of the cached */
	size_t count, room;
	size_t cached;
	uint64_t clock;
	struct pst_mem_counters counters;
} table = { .lock = PTHREAD_MUTEX_INITIALIZER, .released = PTHREAD_COND_INITIALIZER };

/* A child has its parent's table, but none of its regions: it starts with none. */
static void lock_table(void)
{
	if (table.generation != pst_fork_generation()) {
		pthread_mutex_init(&table.lock, NULL);
		pthread_cond_init(&table.released, NULL);
		table.generation = pst_fork_generation();
		table.buffers = NULL;
		table.count = table.room = table.cached = 0;
		table.counters = (struct pst_mem_counters){ 0 };
	}
	pthread_mutex_lock(&table.lock);
}

static void unlock_table(void)
{
	pthread_mutex_unlock(&table.lock);
}

/* The index of the first buffer that starts behind @address. */
static size_t behind(uint64_t address)
{
	size_t low = 0, high = table.count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (table.buffers[middle]->start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool holds(const struct pst_mem_buffer *buffer, uint64_t start, size_t length_bytes)
{
	return start >= buffer->start && length_bytes <= buffer->length_bytes &&
	       start - buffer->start <= buffer->length_bytes - length_bytes;
}

/* The buffer, registered or cached, that holds the range; it is one of the last two that start before it. */
static struct pst_mem_buffer *find(uint64_t start, size_t length_bytes, bool cached)
{
	size_t at = behind(start);

	for (int i = 0; i < 2 && at > 0; i++) {
		struct pst_mem_buffer *buffer = table.buffers[--at];

		if (buffer->cached == cached && !buffer->leaving &&
		    holds(buffer, start, length_bytes))
			return buffer;
	}
	return NULL;
}

static bool overlaps_registered(uint64_t start, size_t length_bytes)
{
	for (size_t at = behind(start + length_bytes - 1); at > 0; at--) {
		const struct pst_mem_buffer *buffer = table.buffers[at - 1];

		if (buffer->cached)
			continue;
		return buffer->start + buffer->length_bytes > start;
	}
	return false;
}

static int insert(struct pst_mem_buffer *buffer)
{
	size_t at;

	if (table.count == table.room) {
		size_t room = table.room ? 2 * table.room : 16;
		struct pst_mem_buffer **grown = reallocarray(table.buffers, room, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		table.buffers = grown;
		table.room = room;
	}
	at = behind(buffer->start);
	memmove(&table.buffers[at + 1], &table.buffers[at],
		(table.count - at) * sizeof(*table.buffers));
	table.buffers[at] = buffer;
	table.count++;
	if (buffer->cached)
		table.cached++;
	else
		table.counters.registered_buffers++;
	return 0;
}

static void take_out(struct pst_mem_buffer *buffer)
{
	size_t at = 0;

	while (table.buffers[at] != buffer)
		at++;
	table.count--;
	memmove(&table.buffers[at], &table.buffers[at + 1],
		(table.count - at) * sizeof(*table.buffers));
	if (buffer->cached)
		table.cached--;
	else
		table.counters.registered_buffers--;
}

int pst_mem_register(const void *pointer, size_t length_bytes, struct pst_reason *reason)
{
	uint64_t start = (uintptr_t)pointer;
	struct pst_mem_buffer *buffer;
	struct pst_mem_place place;
	int error = pst_mem_place(pointer, &place, reason);

	if (error)
		return error;
	if (!length_bytes || start + length_bytes < start)
		return pst_fail(reason, -EINVAL, "%zu bytes at %p are no buffer", length_bytes,
				pointer);
	if (place.kind == PST_MEM_GPU && length_bytes > place.base + place.length_bytes - start)
		return pst_fail(reason, -EFAULT, "%zu bytes at %p reach beyond the allocation",
				length_bytes, pointer);
	buffer = pst_mem_buffer_new(start, length_bytes, &place);
	if (!buffer)
		return -ENOMEM;
	lock_table();
	if (overlaps_registered(start, length_bytes))
		error = pst_fail(reason, -EEXIST, "a registered buffer is there already");
	else
		error = insert(buffer);
	unlock_table();
	if (error)
		pst_mem_buffer_free(buffer);
	return error;
}

/* Waits until nobody uses it, and takes it out. With the lock held. */
static void retire(struct pst_mem_buffer *buffer)
{
	buffer->leaving = true;
	buffer->awaited = true;
	while (buffer->uses)
		pthread_cond_wait(&table.released, &table.lock);
	take_out(buffer);
}

static struct pst_mem_buffer *find_registered_at(uint64_t start)
{
	for (size_t at = behind(start); at > 0 && table.buffers[at - 1]->start == start; at--)
		if (!table.buffers[at - 1]->cached && !table.buffers[at - 1]->leaving)
			return table.buffers[at - 1];
	return NULL;
}

int pst_mem_deregister(const void *pointer, struct pst_reason *reason)
{
	struct pst_mem_buffer *buffer;

	lock_table();
	buffer = find_registered_at((uintptr_t)pointer);
	if (buffer)
		retire(buffer);
	unlock_table();
	if (!buffer)
		return pst_fail(reason, -ENOENT, "no registered buffer starts at %p", pointer);
	pst_mem_buffer_free(buffer);
	return 0;
}

/* One that is not leaving already, registered or cached. */
static struct pst_mem_buffer *any(void)
{
	for (size_t i = 0; i < table.count; i++)
		if (!table.buffers[i]->leaving)
			return table.buffers[i];
	return NULL;
}

void pst_mem_deregister_all(void)
{
	struct pst_mem_buffer *buffer;

	lock_table();
	while ((buffer = any())) {
		retire(buffer);
		unlock_table();
		pst_mem_buffer_free(buffer);
		lock_table();
	}
	unlock_table();
}

/* Takes a cached buffer out if nobody uses it; otherwise the last use does. Returns what is to be freed. */
static struct pst_mem_buffer *drop_cached(struct pst_mem_buffer *buffer)
{
	buffer->leaving = true;
	if (buffer->uses)
		return NULL;
	take_out(buffer);
	return buffer;
}

/* The cached buffer that was not used for longest, if there are too many and it is not in use. */
static struct pst_mem_buffer *evict(void)
{
	struct pst_mem_buffer *oldest = NULL;

	if (table.cached < CACHED_MOST)
		return NULL;
	for (size_t i = 0; i < table.count; i++) {
		struct pst_mem_buffer *buffer = table.buffers[i];

		if (buffer->cached && !buffer->leaving && !buffer->uses &&
		    (!oldest || buffer->used_at < oldest->used_at))
			oldest = buffer;
	}
	return oldest ? drop_cached(oldest) : NULL;
}

/* Holds the buffer for the range: 0, or -ENOENT when the table has none. With the lock held. */
static int hold(struct pst_mem_buffer *buffer, struct pst_mem_buffer **ret)
{
	if (!buffer)
		return -ENOENT;
	buffer->uses++;
	buffer->used_at = ++table.clock;
	*ret = buffer;
	return 0;
}

/* A GPU's allocation that the program did not register: out of the cache, or into it. */
static int hold_cached(const struct pst_mem_place *place, struct pst_mem_buffer **ret)
{
	struct pst_mem_buffer *stale = NULL, *evicted = NULL, *added = NULL;
	struct pst_mem_buffer *known;
	int error;

	lock_table();
	known = find(place->base, 1, true);
	if (known && known->place.buffer_id != place->buffer_id) {
		stale = drop_cached(known);
		known = NULL;
	}
	if (known) {
		table.counters.cache_hits++;
	} else {
		table.counters.cache_misses++;
		evicted = evict();
		added = pst_mem_buffer_new(place->base, place->length_bytes, place);
		if (added) {
			added->cached = true;
			if (!insert(added))
				known = TAKE_PTR(added);
		}
	}
	error = known ? hold(known, ret) : -ENOMEM;
	unlock_table();
	pst_mem_buffer_free(stale);
	pst_mem_buffer_free(evicted);
	pst_mem_buffer_free(added);
	return error;
}

/* Host memory that the program did not register. */
static int hold_passing(uint64_t start, size_t length_bytes, const struct pst_mem_place *place,
			struct pst_mem_buffer **ret)
{
	struct pst_mem_buffer *buffer = pst_mem_buffer_new(start, length_bytes, place);

	if (!buffer)
		return -ENOMEM;
	buffer->passing = true;
	buffer->uses = 1;
	*ret = buffer;
	return 0;
}

static int hold_any(const void *pointer, size_t length_bytes, struct pst_mem_buffer **ret,
		    struct pst_reason *reason)
{
	uint64_t start = (uintptr_t)pointer;
	struct pst_mem_place place;
	int error;

	lock_table();
	error = hold(find(start, length_bytes, false), ret);
	unlock_table();
	if (error != -ENOENT)
		return error;
	error = pst_mem_place(pointer, &place, reason);
	if (error)
		return error;
	if (place.kind == PST_MEM_HOST)
		return hold_passing(start, length_bytes, &place, ret);
	if (length_bytes > place.base + place.length_bytes - start)
		return pst_fail(reason, -EFAULT, "%zu bytes at %p reach beyond the allocation",
				length_bytes, pointer);
	return hold_cached(&place, ret);
}

static void let_go(struct pst_mem_buffer *buffer)
{
	bool last;

	if (buffer->passing) {
		pst_mem_buffer_free(buffer);
		return;
	}
	lock_table();
	last = --buffer->uses == 0 && buffer->leaving && !buffer->awaited;
	if (last)
		take_out(buffer);
	else if (buffer->awaited)
		pthread_cond_broadcast(&table.released);
	unlock_table();
	if (last)
		pst_mem_buffer_free(buffer);
}

int pst_mem_use(struct pst_domain *domain, const void *pointer, size_t length_bytes,
		enum pst_access access, struct pst_mem_use *ret, struct pst_reason *reason)
{
	struct pst_mem_buffer *buffer = NULL;
	struct pst_region *region = NULL;
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
	if (!use->buffer)
		return;
	if (use->written && use->place.kind == PST_MEM_GPU)
		pst_cuda_flush(&use->place);
	let_go(TAKE_PTR(use->buffer));
}

void pst_mem_forget_domain(struct pst_domain *domain)
{
	lock_table();
	for (size_t i = 0; i < table.count; i++)
		pst_mem_buffer_forget(table.buffers[i], domain);
	unlock_table();
}

void pst_mem_counters(struct pst_mem_counters *ret)
{
	lock_table();
	*ret = table.counters;
	unlock_table();
	ret->regions = pst_mem_regions();
}
