// SPDX-License-Identifier: MIT
/* The verbs transport: a reliable connection (RC) and its completion queue. */
#include <errno.h>

#include "rpc/verbs.h"

/* As the kernel's NFS client asks for (net/sunrpc/xprtrdma/verbs.c): retry 6, and no end for a slow receiver. */
#define RETRIES	     6
#define RNR_FOR_EVER 7
#define POLL_AT_ONCE 16

struct verbs_link {
	struct pst_link link;
	struct pst_verbs_id cm;
	struct ibv_comp_channel *channel;
	struct ibv_cq *cq;
};

static struct verbs_link *of(struct pst_link *link)
{
	return (struct verbs_link *)link;
}

/* Takes the events off the completion channel; each has to be acknowledged before the queue can go. */
static void drain(struct verbs_link *link)
{
	struct ibv_cq *cq;
	void *context;
	unsigned int count = 0;

	while (!ibv_get_cq_event(link->channel, &cq, &context))
		count++;
	if (count)
		ibv_ack_cq_events(link->cq, count);
}

void pst_verbs_disconnect(struct pst_link *base)
{
	struct verbs_link *link = of(base);

	if (!base)
		return;
	if (link->cm.id && link->cm.id->qp) {
		rdma_disconnect(link->cm.id);
		/* From here on the card touches no buffer, and no peer reaches memory through it. */
		rdma_destroy_qp(link->cm.id);
	}
	if (link->cq) {
		drain(link);
		ibv_destroy_cq(link->cq);
	}
	if (link->channel)
		ibv_destroy_comp_channel(link->channel);
	pst_verbs_id_destroy(&link->cm);
	free(link);
}

static int create_queues(struct verbs_link *link, struct pst_verbs_domain *domain,
			 const struct pst_link_size *size)
{
	struct ibv_qp_init_attr init = {
		.qp_type = IBV_QPT_RC,
		.cap = {
			.max_send_wr = size->sends,
			.max_recv_wr = size->receives,
			.max_send_sge = 1,
			.max_recv_sge = 1,
		},
	};
	int error;

	link->channel = ibv_create_comp_channel(domain->context);
	if (!link->channel)
		return errno ? -errno : -ENOMEM;
	error = pst_verbs_unblock(link->channel->fd);
	if (error)
		return error;
	link->cq = ibv_create_cq(domain->context, (int)(size->sends + size->receives), NULL,
				 link->channel, 0);
	if (!link->cq)
		return errno ? -errno : -ENOMEM;
	init.send_cq = link->cq;
	init.recv_cq = link->cq;
	return rdma_create_qp(link->cm.id, domain->pd, &init) ? -errno : 0;
}

static int establish(struct verbs_link *link, struct pst_verbs_domain *domain,
		     const struct pst_link_size *size, uint64_t deadline_usec)
{
	struct rdma_conn_param parameters = {
		/* How many RDMA Reads the server may have under way at our memory: as many as the card serves. */
		.responder_resources = RDMA_MAX_RESP_RES,
		/* And we at the server's: a client makes none. */
		.initiator_depth = 0,
		.retry_count = RETRIES,
		.rnr_retry_count = RNR_FOR_EVER,
	};
	int error;

	/* The route may have moved to another card since the domain was found. */
	if (link->cm.id->verbs != domain->context)
		return -EXDEV;
	if (rdma_resolve_route(link->cm.id, pst_verbs_ms_until(deadline_usec)))
		return -errno;
	error = pst_verbs_wait(&link->cm, RDMA_CM_EVENT_ROUTE_RESOLVED, deadline_usec);
	if (error)
		return error;
	error = create_queues(link, domain, size);
	if (error)
		return error;
	if (rdma_connect(link->cm.id, &parameters))
		return -errno;
	return pst_verbs_wait(&link->cm, RDMA_CM_EVENT_ESTABLISHED, deadline_usec);
}

int pst_verbs_connect(struct pst_domain *base, const struct sockaddr *server,
		      const struct pst_link_size *size, uint64_t deadline_usec,
		      struct pst_link **ret, struct pst_reason *reason)
{
	struct verbs_link *link = calloc(1, sizeof(*link));
	int error;

	if (!link)
		return -ENOMEM;
	link->link.domain = base;
	error = pst_verbs_resolve(server, deadline_usec, &link->cm, reason);
	if (!error) {
		error = establish(link, (struct pst_verbs_domain *)base, size, deadline_usec);
		if (error)
			pst_fail_errno(reason, error, "no RDMA connection through %s",
				       base->device);
	}
	if (error) {
		pst_verbs_disconnect(&link->link);
		return error;
	}
	*ret = &link->link;
	return 0;
}

int pst_verbs_post_receive(struct pst_link *base, uint64_t cookie, void *buffer,
			   uint32_t length_bytes, uint32_t lkey)
{
	struct ibv_sge segment = { (uintptr_t)buffer, length_bytes, lkey };
	struct ibv_recv_wr work = { .wr_id = cookie, .sg_list = &segment, .num_sge = 1 };
	struct ibv_recv_wr *bad;

	return -ibv_post_recv(of(base)->cm.id->qp, &work, &bad);
}

int pst_verbs_post_send(struct pst_link *base, uint64_t cookie, const void *buffer,
			uint32_t length_bytes, uint32_t lkey, bool notify)
{
	struct ibv_sge segment = { (uintptr_t)buffer, length_bytes, lkey };
	struct ibv_send_wr work = {
		.wr_id = cookie,
		.sg_list = &segment,
		.num_sge = 1,
		.opcode = IBV_WR_SEND,
		.send_flags = notify ? IBV_SEND_SIGNALED : 0,
	};
	struct ibv_send_wr *bad;

	return -ibv_post_send(of(base)->cm.id->qp, &work, &bad);
}

/*
 * An RDMA Write of no bytes: the peer's card acknowledges it and checks no rkey (InfiniBand architecture
 * specification, volume 1, C9-88), and its software never hears of it.
 */
int pst_verbs_probe(struct pst_link *base, uint64_t cookie)
{
	struct ibv_send_wr work = {
		.wr_id = cookie,
		.opcode = IBV_WR_RDMA_WRITE,
		.send_flags = IBV_SEND_SIGNALED,
	};
	struct ibv_send_wr *bad;

	return -ibv_post_send(of(base)->cm.id->qp, &work, &bad);
}

int pst_verbs_poll(struct pst_link *base, struct pst_completion *completions, int max)
{
	struct ibv_wc found[POLL_AT_ONCE];
	int count = ibv_poll_cq(of(base)->cq, max < POLL_AT_ONCE ? max : POLL_AT_ONCE, found);

	if (count < 0)
		return -EIO;
	for (int i = 0; i < count; i++) {
		completions[i] = (struct pst_completion){
			.cookie = found[i].wr_id,
			.error = found[i].status == IBV_WC_SUCCESS ? 0 : -ENOTCONN,
		};
		/* The other fields are undefined after an error. */
		if (completions[i].error)
			continue;
		completions[i].received = found[i].opcode & IBV_WC_RECV;
		completions[i].length_bytes = completions[i].received ? found[i].byte_len : 0;
	}
	return count;
}

int pst_verbs_arm(struct pst_link *base)
{
	return -ibv_req_notify_cq(of(base)->cq, 0);
}

int pst_verbs_fds(struct pst_link *base, struct pollfd fds[PST_LINK_FDS])
{
	fds[0] = (struct pollfd){ .fd = of(base)->channel->fd, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = of(base)->cm.channel->fd, .events = POLLIN };
	return 0;
}

int pst_verbs_wake(struct pst_link *base)
{
	struct verbs_link *link = of(base);
	struct rdma_cm_event *event;
	int error = 0;

	drain(link);
	/* Whatever the connection manager has to say of an established connection is its end. */
	while (!rdma_get_cm_event(link->cm.channel, &event)) {
		rdma_ack_cm_event(event);
		error = -ENOTCONN;
	}
	return error;
}
