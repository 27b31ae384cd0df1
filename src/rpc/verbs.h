/* SPDX-License-Identifier: MIT */
/* What the files of the verbs transport share. */
#ifndef PST_RPC_VERBS_H
#define PST_RPC_VERBS_H

#include <infiniband/verbs.h>
#include <rdma/rdma_cma.h>

#include "rpc/transport.h"

/* An rdma_cm_id with an event channel of its own, which does not block. */
struct pst_verbs_id {
	struct rdma_event_channel *channel;
	struct rdma_cm_id *id;
};

struct pst_verbs_domain {
	struct pst_domain domain;
	/* Keeps the context: that of a card which was taken away is closed by librdmacm once no id is on it. */
	struct pst_verbs_id id;
	struct ibv_context *context; /* librdmacm's, the same for the whole process */
	struct ibv_pd *pd;
	unsigned int users;
	struct pst_verbs_domain *next;
};

/* Finds out by which card @server is reached. @ret must be given to pst_verbs_id_destroy, also after an error. */
int pst_verbs_resolve(const struct sockaddr *server, uint64_t deadline_usec,
		      struct pst_verbs_id *ret, struct pst_reason *reason);
void pst_verbs_id_destroy(struct pst_verbs_id *id);
/*
 * Waits for the event @wanted. -ETIMEDOUT; -EHOSTUNREACH, -ECONNREFUSED, … for the event that came instead.
 */
int pst_verbs_wait(struct pst_verbs_id *id, enum rdma_cm_event_type wanted, uint64_t deadline_usec);
/* Reads of @fd that find nothing return at once. */
int pst_verbs_unblock(int fd);
/* Milliseconds until a deadline, for functions that take an int of them. */
int pst_verbs_ms_until(uint64_t deadline_usec);

/* A region that the kernel knows and libibverbs does not. */
struct pst_verbs_raw_region {
	uint32_t handle;
	uint32_t lkey;
	uint32_t rkey;
};

int pst_verbs_dmabuf_register(struct ibv_pd *pd, int fd, uint64_t offset_bytes, size_t length_bytes,
			      uint64_t address, unsigned int flags,
			      struct pst_verbs_raw_region *ret);
void pst_verbs_dmabuf_deregister(struct ibv_pd *pd, const struct pst_verbs_raw_region *region);

int pst_verbs_register_host(struct pst_domain *domain, void *address, size_t length_bytes,
			    enum pst_access access, struct pst_region **ret);
int pst_verbs_register_dmabuf(struct pst_domain *domain, int fd, uint64_t offset_bytes,
			      size_t length_bytes, uint64_t address, enum pst_access access,
			      struct pst_region **ret);
void pst_verbs_deregister(struct pst_region *region);

int pst_verbs_connect(struct pst_domain *domain, const struct sockaddr *server,
		      const struct pst_link_size *size, uint64_t deadline_usec,
		      struct pst_link **ret, struct pst_reason *reason);
void pst_verbs_disconnect(struct pst_link *link);
int pst_verbs_post_receive(struct pst_link *link, uint64_t cookie, void *buffer,
			   uint32_t length_bytes, uint32_t lkey);
int pst_verbs_post_send(struct pst_link *link, uint64_t cookie, const void *buffer,
			uint32_t length_bytes, uint32_t lkey, bool notify);
int pst_verbs_probe(struct pst_link *link, uint64_t cookie);
int pst_verbs_poll(struct pst_link *link, struct pst_completion *completions, int max);
int pst_verbs_arm(struct pst_link *link);
int pst_verbs_fds(struct pst_link *link, struct pollfd fds[PST_LINK_FDS]);
int pst_verbs_wake(struct pst_link *link);

#endif
