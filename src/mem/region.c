// SPDX-License-Identifier: MIT
#include "mem/region.h"

#include <errno.h>
#include <stdatomic.h>

#include "base/fork.h"
#include "mem/cuda.h"

static atomic_uint_least64_t regions_now;

uint64_t pst_mem_regions(void)
{
	return atomic_load(&regions_now);
}

void pst_mem_regions_forked(void)
{
	atomic_store(&regions_now, 0);
}

struct pst_mem_buffer *pst_mem_buffer_new(uint64_t start, size_t length_bytes,
					  const struct pst_mem_place *place)
{
	struct pst_mem_buffer *buffer = calloc(1, sizeof(*buffer));

	if (!buffer)
		return NULL;
	buffer->start = start;
	buffer->length_bytes = length_bytes;
	buffer->place = *place;
	buffer->generation = pst_fork_generation();
	pthread_mutex_init(&buffer->lock, NULL);
	return buffer;
}

static void free_region(struct pst_mem_region *known)
{
	if (known->region) {
		known->domain->transport->deregister(known->region);
		atomic_fetch_sub(&regions_now, 1);
	}
	pst_reason_free(&known->reason);
	free(known);
}

void pst_mem_buffer_forget(struct pst_mem_buffer *buffer, const struct pst_domain *domain)
{
	pthread_mutex_lock(&buffer->lock);
	for (struct pst_mem_region **at = &buffer->regions; *at;) {
		struct pst_mem_region *known = *at;

		if (domain && known->domain != domain) {
			at = &known->next;
			continue;
		}
		*at = known->next;
		free_region(known);
	}
	pthread_mutex_unlock(&buffer->lock);
}

void pst_mem_buffer_free(struct pst_mem_buffer *buffer)
{
	if (!buffer)
		return;
	pst_mem_buffer_forget(buffer, NULL);
	pthread_mutex_destroy(&buffer->lock);
	free(buffer);
}

static int register_host(const struct pst_mem_buffer *buffer, struct pst_mem_region *known)
{
	const char *device = known->domain->device;
	int error;

	/* The driver moves it to the GPU and back, pinned or not: a card would go on writing where it was. */
	if (buffer->place.managed)
		return pst_fail(&known->reason, -EOPNOTSUPP,
				"managed memory has no lasting place (cudaMalloc memory has)");
	error = known->domain->transport->register_host(
		known->domain, (void *)(uintptr_t)buffer->start, buffer->length_bytes,
		known->access, &known->region);
	switch (error) {
	case 0:
		return 0;
	case -ENOMEM:
	case -EPERM:
		return pst_fail_errno(&known->reason, error,
				      "%s cannot register %zu bytes of memory (ulimit -l, or "
				      "LimitMEMLOCK= of a unit, must allow them)",
				      device, buffer->length_bytes);
	case -EFAULT:
		/* It may be another device's memory, which the kernel can still copy. */
		return pst_fail(&known->reason, -EOPNOTSUPP,
				"%s cannot register the memory: it is not there, read-only, or a "
				"mapping that cannot be pinned",
				device);
	default:
		return pst_fail_errno(&known->reason, error,
				      "%s cannot register %zu bytes of memory", device,
				      buffer->length_bytes);
	}
}

/* The driver lends whole pages; of these the card is told the buffer alone. */
static int register_gpu(const struct pst_mem_buffer *buffer, struct pst_mem_region *known)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t start = buffer->start & ~(page - 1);
	uint64_t end = (buffer->start + buffer->length_bytes + page - 1) & ~(page - 1);
	int __cleanup_close fd = -1;
	int error = pst_cuda_export(&buffer->place, start, end - start, &fd, &known->reason);

	if (error)
		return error;
	error = known->domain->transport->register_dmabuf(known->domain, fd, buffer->start - start,
							  buffer->length_bytes, buffer->start,
							  known->access, &known->region);
	return error ? pst_fail_errno(&known->reason, error, "%s cannot register GPU memory",
				      known->domain->device)
		     : 0;
}

static struct pst_mem_region *make(struct pst_mem_buffer *buffer, struct pst_domain *domain,
				   enum pst_access access)
{
	struct pst_mem_region *known = calloc(1, sizeof(*known));

	if (!known)
		return NULL;
	known->domain = domain;
	known->access = access;
	known->error = buffer->place.kind == PST_MEM_GPU ? register_gpu(buffer, known)
							 : register_host(buffer, known);
	if (!known->error)
		atomic_fetch_add(&regions_now, 1);
	known->next = buffer->regions;
	buffer->regions = known;
	return known;
}

int pst_mem_buffer_region(struct pst_mem_buffer *buffer, struct pst_domain *domain,
			  enum pst_access access, struct pst_region **ret,
			  struct pst_reason *reason)
{
	struct pst_mem_region *known;
	int error = -ENOMEM;

	pthread_mutex_lock(&buffer->lock);
	for (known = buffer->regions; known; known = known->next)
		if (known->domain == domain && known->access == access)
			break;
	if (!known)
		known = make(buffer, domain, access);
	if (known) {
		error = known->error;
		if (error)
			pst_fail(reason, error, "%s", pst_reason_text(&known->reason, error));
		else
			*ret = known->region;
	}
	pthread_mutex_unlock(&buffer->lock);
	return error;
}
