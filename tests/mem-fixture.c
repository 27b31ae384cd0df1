// SPDX-License-Identifier: MIT
#include "mem-fixture.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>

#include "rows.h"

#define REGIONS_MOST 1024

struct card_region {
	struct pst_region region;
	enum pst_access access;
	uint8_t *memory;
	void *mapping; /* of a dma-buf; NULL */
	size_t mapped_bytes;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct card_region *regions[REGIONS_MOST];
static uint32_t last_key;

static void before_fork(void)
{
	pthread_mutex_lock(&lock);
}

static void after_fork(void)
{
	pthread_mutex_unlock(&lock);
}

static int enter(const struct card_region *like, struct pst_region **ret)
{
	struct card_region *region = malloc(sizeof(*region));

	assert_non_null(region);
	*region = *like;
	pthread_mutex_lock(&lock);
	do
		last_key++;
	while (regions[last_key % REGIONS_MOST]);
	regions[last_key % REGIONS_MOST] = region;
	region->region.lkey = last_key;
	region->region.rkey = last_key;
	pthread_mutex_unlock(&lock);
	*ret = &region->region;
	return 0;
}

static int refusal(struct pst_domain *domain)
{
	struct mem_card *card = (struct mem_card *)domain;

	__atomic_add_fetch(&card->tries, 1, __ATOMIC_RELAXED);
	return __atomic_load_n(&card->error, __ATOMIC_RELAXED);
}

static int register_host(struct pst_domain *domain, void *address, size_t length_bytes,
			 enum pst_access access, struct pst_region **ret)
{
	struct card_region region = {
		.region = { .domain = domain,
			    .address = (uintptr_t)address,
			    .length_bytes = length_bytes },
		.access = access,
		.memory = address,
	};
	int error = refusal(domain);

	return error ? error : enter(&region, ret);
}

/* The simulated driver lends by the position of the fd where there is no udmabuf, whose fds have none. */
static int register_dmabuf(struct pst_domain *domain, int fd, uint64_t offset_bytes,
			   size_t length_bytes, uint64_t address, enum pst_access access,
			   struct pst_region **ret)
{
	off_t position = lseek(fd, 0, SEEK_CUR);
	uint64_t first = offset_bytes + (position > 0 ? (uint64_t)position : 0);
	uint64_t within = first % (uint64_t)sysconf(_SC_PAGESIZE);
	struct card_region region = {
		.region = { .domain = domain, .address = address, .length_bytes = length_bytes },
		.access = access,
		.mapped_bytes = length_bytes + within,
	};
	int error = refusal(domain);

	if (error)
		return error;
	/* As uverbs wants it. */
	if ((offset_bytes ^ address) % (uint64_t)sysconf(_SC_PAGESIZE))
		return -EINVAL;
	region.mapping = mmap(NULL, region.mapped_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			      (off_t)(first - within));
	if (region.mapping == MAP_FAILED)
		return -errno;
	region.memory = (uint8_t *)region.mapping + within;
	return enter(&region, ret);
}

static void deregister(struct pst_region *base)
{
	struct card_region *region = (struct card_region *)base;

	pthread_mutex_lock(&lock);
	regions[base->rkey % REGIONS_MOST] = NULL;
	pthread_mutex_unlock(&lock);
	if (region->mapping)
		munmap(region->mapping, region->mapped_bytes);
	free(region);
}

static const struct pst_transport transport = {
	.name = "cards",
	.register_host = register_host,
	.register_dmabuf = register_dmabuf,
	.deregister = deregister,
};

void mem_card_start(struct mem_card *card, const char *name)
{
	*card = (struct mem_card){ .domain = { .transport = &transport } };
	strncpy(card->domain.device, name, sizeof(card->domain.device) - 1);
}

unsigned int mem_card_regions(const struct mem_card *card)
{
	unsigned int count = 0;

	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < REGIONS_MOST; i++)
		count += regions[i] && regions[i]->region.domain == &card->domain;
	pthread_mutex_unlock(&lock);
	return count;
}

static bool rdma(struct mem_card *card, uint32_t rkey, uint64_t address, void *data, size_t bytes,
		 enum pst_access access)
{
	const struct card_region *region;
	bool allowed;

	pthread_mutex_lock(&lock);
	region = regions[rkey % REGIONS_MOST];
	allowed = region && region->region.rkey == rkey && region->region.domain == &card->domain &&
		  region->access == access && address >= region->region.address &&
		  bytes <= region->region.length_bytes &&
		  address - region->region.address <= region->region.length_bytes - bytes;
	if (allowed && access == PST_ACCESS_REMOTE_WRITE)
		memcpy(region->memory + (address - region->region.address), data, bytes);
	else if (allowed)
		memcpy(data, region->memory + (address - region->region.address), bytes);
	pthread_mutex_unlock(&lock);
	return allowed;
}

bool mem_card_write(struct mem_card *card, uint32_t rkey, uint64_t address, const void *data,
		    size_t bytes)
{
	return rdma(card, rkey, address, (void *)data, bytes, PST_ACCESS_REMOTE_WRITE);
}

bool mem_card_read(struct mem_card *card, uint32_t rkey, uint64_t address, void *data, size_t bytes)
{
	return rdma(card, rkey, address, data, bytes, PST_ACCESS_REMOTE_READ);
}

struct mem_gpu mem_gpu;

int mem_gpu_start(void **state)
{
	static const struct {
		const char *name;
		void *function;
	} symbols[] = {
		{ "cuCtxCreate_v2", &mem_gpu.context_create },
		{ "cuCtxDestroy_v2", &mem_gpu.context_destroy },
		{ "cuCtxPopCurrent_v2", &mem_gpu.context_pop },
		{ "cuMemAlloc_v2", &mem_gpu.alloc },
		{ "cuMemAllocManaged", &mem_gpu.alloc_managed },
		{ "cuMemAllocHost_v2", &mem_gpu.alloc_host },
		{ "cuMemFree_v2", &mem_gpu.free },
		{ "cuMemFreeHost", &mem_gpu.free_host },
		{ "penstock_sim_memory", &mem_gpu.memory },
		{ "penstock_sim_flushes", &mem_gpu.flushes },
	};
	void *library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);

	(void)state;
	if (!library)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(symbols); i++) {
		void *function = dlsym(library, symbols[i].name);

		if (!function)
			return -1;
		memcpy(symbols[i].function, &function, sizeof(function));
	}
	pthread_atfork(before_fork, after_fork, after_fork);
	return pst_mem_cuda(NULL) || mem_gpu.context_create(&mem_gpu.context, 0, 0) ? -1 : 0;
}

void *mem_gpu_alloc(size_t bytes)
{
	unsigned long long pointer = 0;

	assert_int_equal(mem_gpu.alloc(&pointer, bytes), 0);
	return (void *)(uintptr_t)pointer;
}

void mem_gpu_free(void *pointer)
{
	assert_int_equal(mem_gpu.free((uintptr_t)pointer), 0);
}

uint8_t mem_gpu_byte(const void *pointer)
{
	const uint8_t *memory = mem_gpu.memory((uintptr_t)pointer, 1);

	assert_non_null(memory);
	return *memory;
}
