// SPDX-License-Identifier: MIT
/* The memory of an operation. */
#include "gds/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "base/fork.h"

/* A dma-buf as one card knows it, for one kind of access. */
struct card_region {
	struct card_region *next;
	struct pst_gds_server *server; /* held: the region is in its domain */
	enum pst_access access;
	struct pst_region *region;
};

struct pst_gds_memory {
	void *pointer; /* NULL: a dma-buf */
	size_t length_bytes;
	int fd;
	uint64_t offset_bytes;
	unsigned int generation;
	pthread_mutex_t lock; /* of what follows */
	struct card_region *regions;
	uint8_t *mapping; /* for the bounce path; NULL until needed */
};

static struct pst_gds_memory *new_memory(size_t length_bytes)
{
	struct pst_gds_memory *memory = calloc(1, sizeof(*memory));

	if (!memory)
		return NULL;
	memory->fd = -1;
	memory->length_bytes = length_bytes;
	memory->generation = pst_fork_generation();
	pthread_mutex_init(&memory->lock, NULL);
	return memory;
}

int pst_gds_memory_host(void *pointer, size_t length_bytes, struct pst_gds_memory **ret,
			struct pst_reason *reason)
{
	struct pst_gds_memory *memory = new_memory(length_bytes);
	int error;

	if (!memory)
		return -ENOMEM;
	error = pst_mem_register(pointer, length_bytes, reason);
	if (error) {
		pst_gds_memory_close(memory);
		return error;
	}
	memory->pointer = pointer;
	*ret = memory;
	return 0;
}

int pst_gds_memory_dmabuf(int fd, uint64_t offset_bytes, size_t length_bytes,
			  struct pst_gds_memory **ret, struct pst_reason *reason)
{
	struct pst_gds_memory *memory;
	off_t size = lseek(fd, 0, SEEK_END);
	uint64_t end;

	if (size < 0)
		return pst_fail_errno(reason, -errno, "the file descriptor is no dma-buf");
	if (!length_bytes || __builtin_add_overflow(offset_bytes, length_bytes, &end) ||
	    end > (uint64_t)size)
		return pst_fail(reason, -EINVAL, "the dma-buf has %lld bytes", (long long)size);
	memory = new_memory(length_bytes);
	if (!memory)
		return -ENOMEM;
	memory->offset_bytes = offset_bytes;
	memory->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (memory->fd < 0) {
		int error = -errno;

		pst_gds_memory_close(memory);
		return error;
	}
	*ret = memory;
	return 0;
}

void pst_gds_memory_close(struct pst_gds_memory *memory)
{
	if (!memory)
		return;
	while (memory->regions) {
		struct card_region *region = memory->regions;

		memory->regions = region->next;
		/* A parent's registration is the parent's to take back. */
		if (memory->generation == pst_fork_generation())
			region->region->domain->transport->deregister(region->region);
		pst_gds_server_put(region->server);
		free(region);
	}
	if (memory->pointer)
		pst_mem_deregister(memory->pointer, NULL);
	if (memory->mapping)
		munmap(memory->mapping, memory->length_bytes);
	pst_close_fd(&memory->fd);
	pthread_mutex_destroy(&memory->lock);
	free(memory);
}

size_t pst_gds_memory_length(const struct pst_gds_memory *memory)
{
	return memory->length_bytes;
}

static struct card_region *find_region(struct pst_gds_memory *memory, struct pst_gds_server *server,
				       enum pst_access access)
{
	for (struct card_region *region = memory->regions; region; region = region->next)
		if (region->server == server && region->access == access)
			return region;
	return NULL;
}

/* The memory's lock is held. */
static int add_region(struct pst_gds_memory *memory, struct pst_gds_server *server,
		      enum pst_access access, struct card_region **ret, struct pst_reason *reason)
{
	struct pst_domain *domain = pst_nfs_client_domain(pst_gds_server_client(server));
	struct card_region *region = calloc(1, sizeof(*region));
	int error;

	if (!region)
		return -ENOMEM;
	/* Named by its offset in the dma-buf: a card wants the same place in a page. */
	error = domain->transport->register_dmabuf(domain, memory->fd, memory->offset_bytes,
						   memory->length_bytes, memory->offset_bytes,
						   access, &region->region);
	if (error) {
		free(region);
		return pst_fail_errno(reason, error, "%s does not take the dma-buf",
				      domain->device);
	}
	pst_gds_server_hold(server);
	region->server = server;
	region->access = access;
	region->next = memory->regions;
	memory->regions = region;
	*ret = region;
	return 0;
}

static int reach_dmabuf(struct pst_gds_memory *memory, uint64_t offset_bytes,
			struct pst_gds_server *server, enum pst_access access,
			struct pst_gds_target *ret, struct pst_reason *reason)
{
	struct card_region *region;
	int error = 0;

	pthread_mutex_lock(&memory->lock);
	region = find_region(memory, server, access);
	if (!region)
		error = add_region(memory, server, access, &region, reason);
	pthread_mutex_unlock(&memory->lock);
	if (!region)
		return error;
	ret->rkey = region->region->rkey;
	ret->address = region->region->address + offset_bytes;
	ret->used = false;
	return 0;
}

/* Where the span's first byte is; NULL for a dma-buf. */
static uint8_t *span_pointer(const struct pst_gds_span *span)
{
	if (!span->memory)
		return span->pointer;
	return span->memory->pointer ? (uint8_t *)span->memory->pointer + span->offset_bytes : NULL;
}

int pst_gds_span_reach(const struct pst_gds_span *span, size_t length_bytes,
		       struct pst_gds_server *server, enum pst_access access,
		       struct pst_gds_target *ret, struct pst_reason *reason)
{
	int error;

	if (span->memory && !span->memory->pointer)
		return reach_dmabuf(span->memory, span->offset_bytes, server, access, ret, reason);
	error = pst_mem_use(pst_nfs_client_domain(pst_gds_server_client(server)),
			    span_pointer(span), length_bytes, access, &ret->use, reason);
	if (error)
		return error;
	ret->rkey = ret->use.rkey;
	ret->address = ret->use.address;
	ret->used = true;
	return 0;
}

void pst_gds_target_release(struct pst_gds_target *target)
{
	if (target->used)
		pst_mem_release(&target->use);
	target->used = false;
}

/* Tells the dma-buf's exporter that the CPU comes, or goes. Most need not know, and udmabuf may not have it. */
static void sync_dmabuf(int fd, uint64_t flags)
{
	struct dma_buf_sync sync = { .flags = flags | DMA_BUF_SYNC_RW };

	while (ioctl(fd, DMA_BUF_IOCTL_SYNC, &sync) && (errno == EINTR || errno == EAGAIN))
		;
}

static int map_dmabuf(struct pst_gds_memory *memory, struct pst_reason *reason)
{
	int error = 0;

	pthread_mutex_lock(&memory->lock);
	if (!memory->mapping) {
		void *mapping = mmap(NULL, memory->length_bytes, PROT_READ | PROT_WRITE, MAP_SHARED,
				     memory->fd, (off_t)memory->offset_bytes);

		if (mapping == MAP_FAILED)
			error = pst_fail_errno(reason, -errno, "the dma-buf cannot be mapped");
		else
			memory->mapping = mapping;
	}
	pthread_mutex_unlock(&memory->lock);
	return error;
}

int pst_gds_window_open(const struct pst_gds_span *span, size_t length_bytes,
			struct pst_gds_window *ret, struct pst_reason *reason)
{
	struct pst_gds_window window = { .dmabuf = -1 };
	uint64_t first, end;
	int error;

	if (span->memory && !span->memory->pointer) {
		error = map_dmabuf(span->memory, reason);
		if (error)
			return error;
		window.place = (struct pst_mem_place){ .kind = PST_MEM_HOST, .gpu = -1 };
		window.address = span->memory->mapping + span->offset_bytes;
		window.dmabuf = span->memory->fd;
		sync_dmabuf(window.dmabuf, DMA_BUF_SYNC_START);
		*ret = window;
		return 0;
	}
	window.address = span_pointer(span);
	error = pst_mem_place(window.address, &window.place, reason);
	if (error)
		return error;
	first = (uintptr_t)window.address;
	if (__builtin_add_overflow(first, length_bytes, &end) ||
	    (window.place.kind == PST_MEM_GPU &&
	     end > window.place.base + window.place.length_bytes))
		return pst_fail(reason, -EFAULT, "the memory ends before the operation does");
	*ret = window;
	return 0;
}

void pst_gds_window_close(struct pst_gds_window *window)
{
	if (window->dmabuf >= 0)
		sync_dmabuf(window->dmabuf, DMA_BUF_SYNC_END);
}
