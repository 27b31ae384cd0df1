// SPDX-License-Identifier: MIT
/* The verbs transport: cards and protection domains, found by librdmacm (rdma_cm(7)). */
#include "rpc/verbs.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <ifaddrs.h>
#include <limits.h>
#include <pthread.h>

#include "base/time.h"

#define CM_NODE "/dev/infiniband/rdma_cm"

static pthread_mutex_t domains_lock = PTHREAD_MUTEX_INITIALIZER;
static struct pst_verbs_domain *domains;

int pst_verbs_ms_until(uint64_t deadline_usec)
{
	uint64_t now_usec = pst_now_usec();
	uint64_t ms;

	if (now_usec >= deadline_usec)
		return 0;
	ms = (deadline_usec - now_usec + PST_USEC_PER_MSEC - 1) / PST_USEC_PER_MSEC;
	return ms < INT_MAX ? (int)ms : INT_MAX;
}

static int error_of_event(const struct rdma_cm_event *event)
{
	switch (event->event) {
	case RDMA_CM_EVENT_REJECTED:
	case RDMA_CM_EVENT_CONNECT_ERROR:
		return -ECONNREFUSED;
	case RDMA_CM_EVENT_ADDR_ERROR:
	case RDMA_CM_EVENT_ROUTE_ERROR:
	case RDMA_CM_EVENT_UNREACHABLE:
		return -EHOSTUNREACH;
	case RDMA_CM_EVENT_DEVICE_REMOVAL:
		return -ENODEV;
	default:
		return -ECONNABORTED;
	}
}

int pst_verbs_wait(struct pst_verbs_id *id, enum rdma_cm_event_type wanted, uint64_t deadline_usec)
{
	struct pollfd fd = { .fd = id->channel->fd, .events = POLLIN };
	struct rdma_cm_event *event;
	int error;

	while (rdma_get_cm_event(id->channel, &event)) {
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
		if (pst_now_usec() >= deadline_usec)
			return -ETIMEDOUT;
		if (poll(&fd, 1, pst_verbs_ms_until(deadline_usec)) < 0 && errno != EINTR)
			return -errno;
	}
	error = event->event == wanted ? 0 : error_of_event(event);
	rdma_ack_cm_event(event);
	return error;
}

void pst_verbs_id_destroy(struct pst_verbs_id *id)
{
	if (id->id)
		rdma_destroy_id(id->id);
	if (id->channel)
		rdma_destroy_event_channel(id->channel);
	*id = (struct pst_verbs_id){ 0 };
}

int pst_verbs_unblock(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ? -errno : 0;
}

static int create_id(struct pst_verbs_id *id)
{
	int error;

	id->channel = rdma_create_event_channel();
	if (!id->channel)
		return errno ? -errno : -ENODEV;
	error = pst_verbs_unblock(id->channel->fd);
	if (error)
		return error;
	return rdma_create_id(id->channel, &id->id, NULL, RDMA_PS_TCP) ? -errno : 0;
}

/*
 * What stands in the way most often, in words that say what to do. librdmacm's errno does not tell: where the
 * kernel has no rdma_ucm it says EPERM.
 */
static int fail_create(struct pst_reason *reason, int error)
{
	if (eaccess(CM_NODE, F_OK)) {
		error = -ENODEV;
		pst_fail(reason, error,
			 "there is no RDMA device: " CM_NODE " does not exist "
			 "(see rdma link show, and modprobe rdma_ucm)");
	} else if (eaccess(CM_NODE, R_OK | W_OK)) {
		error = -EACCES;
		pst_fail(reason, error, "no permission on " CM_NODE);
	} else {
		pst_fail_errno(reason, error, "cannot use " CM_NODE);
	}
	return error;
}

/* To librdmacm a card whose node may not be opened is one that leads nowhere. */
static int fail_resolve(struct pst_reason *reason, int error)
{
	glob_t nodes = { 0 };

	glob("/dev/infiniband/uverbs*", 0, NULL, &nodes);
	for (size_t i = 0; i < nodes.gl_pathc && error != -EACCES; i++)
		if (eaccess(nodes.gl_pathv[i], R_OK | W_OK) && errno == EACCES)
			error = pst_fail(reason, -EACCES, "no permission on %s", nodes.gl_pathv[i]);
	globfree(&nodes);
	if (error == -EACCES)
		return error;
	return pst_fail_errno(reason, error, "no RDMA device leads to the server");
}

int pst_verbs_resolve(const struct sockaddr *server, uint64_t deadline_usec,
		      struct pst_verbs_id *ret, struct pst_reason *reason)
{
	int error = create_id(ret);

	if (error)
		return fail_create(reason, error);
	if (rdma_resolve_addr(ret->id, NULL, (struct sockaddr *)server,
			      pst_verbs_ms_until(deadline_usec)))
		return fail_resolve(reason, -errno);
	error = pst_verbs_wait(ret, RDMA_CM_EVENT_ADDR_RESOLVED, deadline_usec);
	return error ? fail_resolve(reason, error) : 0;
}

static bool is_same_address(const struct sockaddr *a, const struct sockaddr *b)
{
	if (a->sa_family != b->sa_family)
		return false;
	if (a->sa_family == AF_INET)
		return ((const struct sockaddr_in *)a)->sin_addr.s_addr ==
		       ((const struct sockaddr_in *)b)->sin_addr.s_addr;
	return a->sa_family == AF_INET6 &&
	       IN6_ARE_ADDR_EQUAL(&((const struct sockaddr_in6 *)a)->sin6_addr,
				  &((const struct sockaddr_in6 *)b)->sin6_addr);
}

/* The interface that has the address from which the server is reached; also where a GID has none, as on InfiniBand. */
static void name_netdev(struct pst_verbs_domain *domain, struct rdma_cm_id *id)
{
	const struct sockaddr *local = rdma_get_local_addr(id);
	struct ifaddrs *all;

	if (getifaddrs(&all))
		return;
	for (const struct ifaddrs *at = all; at; at = at->ifa_next)
		if (at->ifa_addr && is_same_address(at->ifa_addr, local))
			strncpy(domain->domain.netdev, at->ifa_name,
				sizeof(domain->domain.netdev) - 1);
	freeifaddrs(all);
}

static struct pst_verbs_domain *find_domain(const struct ibv_context *context)
{
	for (struct pst_verbs_domain *domain = domains; domain; domain = domain->next)
		if (domain->context == context)
			return domain;
	return NULL;
}

/* Takes @id over. */
static int create_domain(struct pst_verbs_id *id, struct pst_verbs_domain **ret)
{
	struct pst_verbs_domain *domain = calloc(1, sizeof(*domain));
	int error;

	if (!domain)
		return -ENOMEM;
	domain->domain.transport = &pst_transport_verbs;
	domain->context = id->id->verbs;
	strncpy(domain->domain.device, ibv_get_device_name(domain->context->device),
		sizeof(domain->domain.device) - 1);
	domain->pd = ibv_alloc_pd(domain->context);
	if (!domain->pd) {
		error = errno ? -errno : -ENOMEM;
		free(domain);
		return error;
	}
	name_netdev(domain, id->id);
	domain->id = *id;
	*id = (struct pst_verbs_id){ 0 };
	domain->next = domains;
	domains = domain;
	*ret = domain;
	return 0;
}

static int domain_get(const struct sockaddr *server, uint64_t deadline_usec,
		      struct pst_domain **ret, struct pst_reason *reason)
{
	struct pst_verbs_id __cleanup(pst_verbs_id_destroy) id = { 0 };
	struct pst_verbs_domain *domain;
	int error = pst_verbs_resolve(server, deadline_usec, &id, reason);

	if (error)
		return error;
	pthread_mutex_lock(&domains_lock);
	domain = find_domain(id.id->verbs);
	if (!domain)
		error = create_domain(&id, &domain);
	if (!error) {
		domain->users++;
		*ret = &domain->domain;
	}
	pthread_mutex_unlock(&domains_lock);
	return error ? pst_fail_errno(reason, error, "cannot use the RDMA device") : 0;
}

static void domain_put(struct pst_domain *base)
{
	struct pst_verbs_domain *domain = (struct pst_verbs_domain *)base;
	struct pst_verbs_domain **at = &domains;

	if (!base)
		return;
	pthread_mutex_lock(&domains_lock);
	if (--domain->users == 0) {
		while (*at != domain)
			at = &(*at)->next;
		*at = domain->next;
		ibv_dealloc_pd(domain->pd);
		pst_verbs_id_destroy(&domain->id);
		free(domain);
	}
	pthread_mutex_unlock(&domains_lock);
}

const struct pst_transport pst_transport_verbs = {
	.name = "verbs",
	.domain_get = domain_get,
	.domain_put = domain_put,
	.register_host = pst_verbs_register_host,
	.register_dmabuf = pst_verbs_register_dmabuf,
	.deregister = pst_verbs_deregister,
	.connect = pst_verbs_connect,
	.disconnect = pst_verbs_disconnect,
	.post_receive = pst_verbs_post_receive,
	.post_send = pst_verbs_post_send,
	.probe = pst_verbs_probe,
	.poll = pst_verbs_poll,
	.arm = pst_verbs_arm,
	.fds = pst_verbs_fds,
	.wake = pst_verbs_wake,
};
