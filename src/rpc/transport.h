/* SPDX-License-Identifier: MIT */
/*
 * What RPC-over-RDMA needs of a network: memory that a peer may reach, and a reliable link that
 * carries messages. Two implementations: verbs (rpc/verbs*.c), and a simulated one for tests
 * (rpc/simulated*.c), which no installed program contains.
 *
 * Functions return 0 or -errno. The functions of one link are called by one thread at a time (its
 * owner holds a lock); those of a domain by any.
 */
#ifndef PST_RPC_TRANSPORT_H
#define PST_RPC_TRANSPORT_H

#include <poll.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/reason.h"

/* What a peer may do with memory. Without either it serves our own sends and receives. */
enum pst_access {
	PST_ACCESS_LOCAL = 0,
	PST_ACCESS_REMOTE_WRITE = 1, /* the peer writes into it: for NFS READ */
	PST_ACCESS_REMOTE_READ = 2, /* the peer reads out of it: for NFS WRITE */
};

struct pst_transport;

/* A card and a protection domain on it: memory registered in one serves all links of the same. */
struct pst_domain {
	const struct pst_transport *transport;
	char device[64]; /* as "mlx5_0" */
	char netdev[32]; /* as "enp1s0"; "" if not known */
};

/* Memory that the card can reach. Peers name its bytes by @address up to @address + @length_bytes. */
struct pst_region {
	struct pst_domain *domain;
	uint64_t address;
	size_t length_bytes;
	uint32_t lkey;
	uint32_t rkey;
};

/* How many sends and receives a link must hold at once. */
struct pst_link_size {
	uint32_t sends;
	uint32_t receives;
};

/* A connection. Implementations put it at the head of their own struct. */
struct pst_link {
	struct pst_domain *domain;
};

struct pst_completion {
	uint64_t cookie; /* as it was posted */
	uint32_t length_bytes; /* of a received message */
	int error; /* 0 or -errno; after an error the link is broken for good */
	bool received; /* or sent */
};

#define PST_LINK_FDS 2

struct pst_transport {
	const char *name;

	/* The card by which @server is reached. Domains are shared and counted. */
	int (*domain_get)(const struct sockaddr *server, uint64_t deadline_usec,
			  struct pst_domain **ret, struct pst_reason *reason);
	void (*domain_put)(struct pst_domain *domain);

	int (*register_host)(struct pst_domain *domain, void *address, size_t length_bytes,
			     enum pst_access access, struct pst_region **ret);
	/*
	 * A part of a dma-buf, which peers will name by @address (the device pointer). @fd may be closed
	 * afterwards.
	 */
	int (*register_dmabuf)(struct pst_domain *domain, int fd, uint64_t offset_bytes,
			       size_t length_bytes, uint64_t address, enum pst_access access,
			       struct pst_region **ret);
	/* When it returns no peer can reach the memory any more. */
	void (*deregister)(struct pst_region *region);

	int (*connect)(struct pst_domain *domain, const struct sockaddr *server,
		       const struct pst_link_size *size, uint64_t deadline_usec,
		       struct pst_link **ret, struct pst_reason *reason);
	/* When it returns the card touches none of the link's buffers any more. */
	void (*disconnect)(struct pst_link *link);

	int (*post_receive)(struct pst_link *link, uint64_t cookie, void *buffer,
			    uint32_t length_bytes, uint32_t lkey);
	/* With @notify a completion follows; without, one only if it fails. */
	int (*post_send)(struct pst_link *link, uint64_t cookie, const void *buffer,
			 uint32_t length_bytes, uint32_t lkey, bool notify);
	/*
	 * Asks the peer's card for an acknowledgement, without the peer's software: if the peer is gone,
	 * the link breaks after the card's retries instead of never. Completes like a send.
	 */
	int (*probe)(struct pst_link *link, uint64_t cookie);

	/* Takes up to @max completions; their number, or -errno when the link is broken. */
	int (*poll)(struct pst_link *link, struct pst_completion *completions, int max);
	/*
	 * Sleeping: arm(), then poll() once more until it finds nothing, then poll(2) on the fds, then
	 * wake(), which takes away what made them readable, and says -ENOTCONN when the peer has hung up.
	 */
	int (*arm)(struct pst_link *link);
	int (*fds)(struct pst_link *link, struct pollfd fds[PST_LINK_FDS]);
	int (*wake)(struct pst_link *link);
};

extern const struct pst_transport pst_transport_verbs;

#endif
