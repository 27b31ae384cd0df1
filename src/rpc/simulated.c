// SPDX-License-Identifier: MIT
#include "rpc/simulated.h"

#include <errno.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/mman.h>

#define REGIONS_MOST 4096
#define QUEUE_MOST   1024

struct sim_region {
	struct pst_region region;
	uint8_t *memory;
	void *mapped; /* a dma-buf; NULL for host memory */
	size_t mapped_bytes;
	enum pst_access access;
};

struct receive {
	uint64_t cookie;
	void *buffer;
	uint32_t length_bytes;
};

/* What poll finds, and up to which of the sends it gives room back. */
struct event {
	struct pst_completion completion;
	uint64_t sends;
};

struct pst_sim_link {
	struct pst_link link;
	struct pst_sim_server *server;
	pthread_mutex_t lock;
	int fd; /* an eventfd */
	bool armed;
	bool broken;
	struct receive receives[QUEUE_MOST];
	unsigned int receive_first, receive_count, receive_most;
	struct event events[QUEUE_MOST];
	unsigned int event_first, event_count;
	struct event late[QUEUE_MOST];
	unsigned int late_count;
	uint64_t sends, sends_reported, send_most;
};

struct pst_sim_faults pst_sim_faults;

static pthread_rwlock_t regions_lock = PTHREAD_RWLOCK_INITIALIZER;
static struct sim_region *regions[REGIONS_MOST];
static uint32_t next_region;
static pthread_mutex_t world_lock = PTHREAD_MUTEX_INITIALIZER;
static struct pst_sim_server *world_server;
static struct pst_sim_counters counters;

static struct pst_domain the_domain = {
	.transport = &pst_transport_simulated,
	.device = "sim0",
	.netdev = "lo",
};

void pst_sim_serve(struct pst_sim_server *server)
{
	pthread_mutex_lock(&world_lock);
	world_server = server;
	pthread_mutex_unlock(&world_lock);
}

void pst_sim_counters(struct pst_sim_counters *ret)
{
	ret->links = __atomic_load_n(&counters.links, __ATOMIC_ACQUIRE);
	ret->regions = __atomic_load_n(&counters.regions, __ATOMIC_ACQUIRE);
	ret->unheard = __atomic_load_n(&counters.unheard, __ATOMIC_ACQUIRE);
	ret->forbidden = __atomic_load_n(&counters.forbidden, __ATOMIC_ACQUIRE);
	ret->probes = __atomic_load_n(&counters.probes, __ATOMIC_ACQUIRE);
}

static void count(unsigned int *counter, int by)
{
	__atomic_add_fetch(counter, (unsigned int)by, __ATOMIC_ACQ_REL);
}

static int domain_get(const struct sockaddr *server, uint64_t deadline_usec,
		      struct pst_domain **ret, struct pst_reason *reason)
{
	(void)server;
	(void)deadline_usec;
	(void)reason;
	*ret = &the_domain;
	return 0;
}

static void domain_put(struct pst_domain *domain)
{
	(void)domain;
}

/* Gives the region a key that is not in use and was not for long. */
static int enter(struct sim_region *region)
{
	int error = -ENOSPC;

	pthread_rwlock_wrlock(&regions_lock);
	for (unsigned int i = 0; i < REGIONS_MOST && error; i++) {
		uint32_t key = ++next_region;

		if (regions[key % REGIONS_MOST])
			continue;
		regions[key % REGIONS_MOST] = region;
		region->region.lkey = key;
		region->region.rkey = key;
		error = 0;
	}
	pthread_rwlock_unlock(&regions_lock);
	return error;
}

static int add_region(const struct sim_region *like, struct pst_region **ret)
{
	struct sim_region *region = malloc(sizeof(*region));
	int error;

	if (!region)
		return -ENOMEM;
	*region = *like;
	error = enter(region);
	if (error) {
		free(region);
		return error;
	}
	count(&counters.regions, 1);
	*ret = &region->region;
	return 0;
}

static int register_host(struct pst_domain *domain, void *address, size_t length_bytes,
			 enum pst_access access, struct pst_region **ret)
{
	struct sim_region region = {
		.region = { .domain = domain,
			    .address = (uintptr_t)address,
			    .length_bytes = length_bytes },
		.memory = address,
		.access = access,
	};

	if (pst_sim_faults.register_error && access != PST_ACCESS_LOCAL)
		return pst_sim_faults.register_error;
	return add_region(&region, ret);
}

static int register_dmabuf(struct pst_domain *domain, int fd, uint64_t offset_bytes,
			   size_t length_bytes, uint64_t address, enum pst_access access,
			   struct pst_region **ret)
{
	struct sim_region region = {
		.region = { .domain = domain, .address = address, .length_bytes = length_bytes },
		.access = access,
	};
	uint64_t in_page = offset_bytes & ((uint64_t)sysconf(_SC_PAGESIZE) - 1);
	uint8_t *mapped;
	int error;

	if (pst_sim_faults.register_error)
		return pst_sim_faults.register_error;
	/* Memory is mapped from the beginning of a page; the region may begin within. */
	region.mapped_bytes = length_bytes + in_page;
	mapped = mmap(NULL, region.mapped_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		      (off_t)(offset_bytes - in_page));
	if (mapped == MAP_FAILED)
		return -errno;
	region.mapped = mapped;
	region.memory = mapped + in_page;
	error = add_region(&region, ret);
	if (error)
		munmap(mapped, region.mapped_bytes);
	return error;
}

static void deregister(struct pst_region *base)
{
	struct sim_region *region = (struct sim_region *)base;

	if (!base)
		return;
	pthread_rwlock_wrlock(&regions_lock);
	regions[base->rkey % REGIONS_MOST] = NULL;
	pthread_rwlock_unlock(&regions_lock);
	if (region->mapped)
		munmap(region->mapped, region->mapped_bytes);
	free(region);
	count(&counters.regions, -1);
}

/* With the link's lock held. */
static void report(struct pst_sim_link *link, const struct event *event)
{
	static const uint64_t one = 1;

	link->events[(link->event_first + link->event_count++) % QUEUE_MOST] = *event;
	if (link->armed && write(link->fd, &one, sizeof(one)) == sizeof(one))
		link->armed = false;
}

static void complete(struct pst_sim_link *link, const struct pst_completion *completion)
{
	report(link, &(struct event){ *completion, 0 });
}

static void report_late(struct pst_sim_link *link)
{
	if (pst_sim_faults.late_sends)
		return;
	for (unsigned int i = 0; i < link->late_count; i++)
		report(link, &link->late[i]);
	link->late_count = 0;
}

static void complete_send(struct pst_sim_link *link, uint64_t cookie)
{
	link->late[link->late_count++] = (struct event){ { .cookie = cookie }, link->sends };
	report_late(link);
}

/* With the link's lock held: everything posted ends in error, and so does what is posted from now on. */
static void flush(struct pst_sim_link *link)
{
	struct pst_completion failed = { .error = -ENOTCONN };

	if (link->broken)
		return;
	link->broken = true;
	complete(link, &failed);
}

static int connect_link(struct pst_domain *domain, const struct sockaddr *address,
			const struct pst_link_size *size, uint64_t deadline_usec,
			struct pst_link **ret, struct pst_reason *reason)
{
	struct pst_sim_link *link;
	int error = pst_sim_faults.connect_error;

	(void)address;
	(void)deadline_usec;
	if (!error && !world_server)
		error = -ECONNREFUSED;
	if (error)
		return pst_fail_errno(reason, error, "the simulated server");
	link = calloc(1, sizeof(*link));
	if (!link)
		return -ENOMEM;
	pthread_mutex_init(&link->lock, NULL);
	link->link.domain = domain;
	link->receive_most = size->receives;
	link->send_most = size->sends;
	link->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	pthread_mutex_lock(&world_lock);
	link->server = world_server;
	pthread_mutex_unlock(&world_lock);
	if (link->server && link->server->connect)
		error = link->server->connect(link->server, link);
	if (error || link->fd < 0 || !link->server) {
		if (link->fd >= 0)
			close(link->fd);
		pthread_mutex_destroy(&link->lock);
		free(link);
		return pst_fail_errno(reason, error ?: -ECONNREFUSED, "the simulated server");
	}
	count(&counters.links, 1);
	*ret = &link->link;
	return 0;
}

static void disconnect(struct pst_link *base)
{
	struct pst_sim_link *link = (struct pst_sim_link *)base;

	if (!base)
		return;
	pst_sim_break(link);
	if (link->server->closed)
		link->server->closed(link->server, link);
	close(link->fd);
	pthread_mutex_destroy(&link->lock);
	free(link);
	count(&counters.links, -1);
}

static int post_receive(struct pst_link *base, uint64_t cookie, void *buffer, uint32_t length_bytes,
			uint32_t lkey)
{
	struct pst_sim_link *link = (struct pst_sim_link *)base;
	int error = 0;

	(void)lkey;
	pthread_mutex_lock(&link->lock);
	if (link->receive_count == link->receive_most)
		error = -ENOMEM;
	else
		link->receives[(link->receive_first + link->receive_count++) % QUEUE_MOST] =
			(struct receive){ cookie, buffer, length_bytes };
	pthread_mutex_unlock(&link->lock);
	return error;
}

/* Room in the send queue, of which a card gives back only what it has reported. With the link's lock held. */
static int take_send(struct pst_sim_link *link)
{
	if (pst_sim_faults.post_error)
		return pst_sim_faults.post_error;
	if (link->sends - link->sends_reported == link->send_most)
		return -ENOMEM;
	link->sends++;
	return 0;
}

static int post_send(struct pst_link *base, uint64_t cookie, const void *buffer,
		     uint32_t length_bytes, uint32_t lkey, bool notify)
{
	struct pst_sim_link *link = (struct pst_sim_link *)base;
	int error;
	bool broken;

	(void)lkey;
	pthread_mutex_lock(&link->lock);
	broken = link->broken;
	error = take_send(link);
	if (!error && !broken && notify)
		complete_send(link, cookie);
	pthread_mutex_unlock(&link->lock);
	if (!error && !broken)
		link->server->receive(link->server, link, buffer, length_bytes);
	return error;
}

static int probe(struct pst_link *base, uint64_t cookie)
{
	struct pst_sim_link *link = (struct pst_sim_link *)base;
	int error;

	count(&counters.probes, 1);
	pthread_mutex_lock(&link->lock);
	error = take_send(link);
	if (pst_sim_faults.deaf)
		flush(link);
	else if (!error && !link->broken)
		complete_send(link, cookie);
	pthread_mutex_unlock(&link->lock);
	return error;
}

static int poll_link(struct pst_link *base, struct pst_completion *completions, int max)
{
	struct pst_sim_link *link = (struct pst_sim_link *)base;
	int found = 0;

	pthread_mutex_lock(&link->lock);
	report_late(link);
	while (found < max && link->event_count) {
		const struct event *event = &link->events[link->event_first];

		completions[found++] = event->completion;
		if (event->sends)
			link->sends_reported = event->sends;
		link->event_first = (link->event_first + 1) % QUEUE_MOST;
		link->event_count--;
	}
	pthread_mutex_unlock(&link->lock);
	return found;
}

static int arm(struct pst_link *base)
{
	struct pst_sim_link *link = (struct pst_sim_link *)base;

	pthread_mutex_lock(&link->lock);
	link->armed = true;
	pthread_mutex_unlock(&link->lock);
	return 0;
}

static int fds(struct pst_link *base, struct pollfd ret[PST_LINK_FDS])
{
	ret[0] = (struct pollfd){ .fd = ((struct pst_sim_link *)base)->fd, .events = POLLIN };
	ret[1] = (struct pollfd){ .fd = -1 };
	return 0;
}

static int wake(struct pst_link *base)
{
	uint64_t count_of_events;
	ssize_t got =
		read(((struct pst_sim_link *)base)->fd, &count_of_events, sizeof(count_of_events));

	return got < 0 && errno != EAGAIN ? -errno : 0;
}

int pst_sim_send(struct pst_sim_link *link, const void *message, uint32_t length_bytes)
{
	struct pst_completion completion = { .received = true, .length_bytes = length_bytes };
	struct receive receive;
	int error = 0;

	pthread_mutex_lock(&link->lock);
	if (link->broken) {
		error = -ENOTCONN;
	} else if (!link->receive_count ||
		   link->receives[link->receive_first].length_bytes < length_bytes) {
		count(&counters.unheard, 1);
		flush(link);
		error = -ENOTCONN;
	} else {
		receive = link->receives[link->receive_first];
		link->receive_first = (link->receive_first + 1) % QUEUE_MOST;
		link->receive_count--;
		memcpy(receive.buffer, message, length_bytes);
		completion.cookie = receive.cookie;
		complete(link, &completion);
	}
	pthread_mutex_unlock(&link->lock);
	return error;
}

/* Memory by its key, if the peer may do @access with all of it. With regions_lock held. */
static uint8_t *reach(uint32_t rkey, uint64_t address, size_t length_bytes, enum pst_access access)
{
	struct sim_region *region = regions[rkey % REGIONS_MOST];

	if (!region || region->region.rkey != rkey || region->access != access ||
	    address < region->region.address || length_bytes > region->region.length_bytes ||
	    address - region->region.address > region->region.length_bytes - length_bytes)
		return NULL;
	return region->memory + (address - region->region.address);
}

static int rdma(struct pst_sim_link *link, uint32_t rkey, uint64_t address, void *data,
		size_t length_bytes, enum pst_access access)
{
	uint8_t *memory;
	bool broken;

	pthread_mutex_lock(&link->lock);
	broken = link->broken;
	pthread_mutex_unlock(&link->lock);
	if (broken)
		return -ENOTCONN;
	/* RDMA of no bytes reaches nothing, and its key is not looked at. */
	if (!length_bytes)
		return 0;
	pthread_rwlock_rdlock(&regions_lock);
	memory = reach(rkey, address, length_bytes, access);
	if (memory && access == PST_ACCESS_REMOTE_WRITE)
		memcpy(memory, data, length_bytes);
	else if (memory)
		memcpy(data, memory, length_bytes);
	pthread_rwlock_unlock(&regions_lock);
	if (memory)
		return 0;
	count(&counters.forbidden, 1);
	pst_sim_break(link);
	return -EACCES;
}

int pst_sim_rdma_write(struct pst_sim_link *link, uint32_t rkey, uint64_t address, const void *data,
		       size_t length_bytes)
{
	return rdma(link, rkey, address, (void *)data, length_bytes, PST_ACCESS_REMOTE_WRITE);
}

int pst_sim_rdma_read(struct pst_sim_link *link, uint32_t rkey, uint64_t address, void *data,
		      size_t length_bytes)
{
	return rdma(link, rkey, address, data, length_bytes, PST_ACCESS_REMOTE_READ);
}

void pst_sim_break(struct pst_sim_link *link)
{
	pthread_mutex_lock(&link->lock);
	flush(link);
	pthread_mutex_unlock(&link->lock);
}

const struct pst_transport pst_transport_simulated = {
	.name = "simulated",
	.domain_get = domain_get,
	.domain_put = domain_put,
	.register_host = register_host,
	.register_dmabuf = register_dmabuf,
	.deregister = deregister,
	.connect = connect_link,
	.disconnect = disconnect,
	.post_receive = post_receive,
	.post_send = post_send,
	.probe = probe,
	.poll = poll_link,
	.arm = arm,
	.fds = fds,
	.wake = wake,
};
