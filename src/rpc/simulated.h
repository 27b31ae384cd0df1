/* SPDX-License-Identifier: MIT */
/*
 * A network inside one process, for tests and benchmarks: one card, and a server that the test provides.
 * It checks what a card would check: keys, bounds and access rights of memory, room in the queues, and that a
 * message finds a receive. What it would not let pass breaks the link, as it would on a card.
 */
#ifndef PST_RPC_SIMULATED_H
#define PST_RPC_SIMULATED_H

#include "rpc/transport.h"

extern const struct pst_transport pst_transport_simulated;

struct pst_sim_link;

/* The far end. Its functions are called by the client's threads, or whatever thread the server makes. */
struct pst_sim_server {
	/* A client connects; an error refuses it. May be NULL. */
	int (*connect)(struct pst_sim_server *server, struct pst_sim_link *link);
	/* A message has come. What it answers may be sent now or later, from any thread. */
	void (*receive)(struct pst_sim_server *server, struct pst_sim_link *link,
			const void *message, uint32_t length_bytes);
	/* The client has gone: @link must not be used after this returns. May be NULL. */
	void (*closed)(struct pst_sim_server *server, struct pst_sim_link *link);
};

/* The server that clients reach from now on; NULL: none, and connecting is refused. */
void pst_sim_serve(struct pst_sim_server *server);

/* What the server's card can do. -ENOTCONN once the link is broken. */
int pst_sim_send(struct pst_sim_link *link, const void *message, uint32_t length_bytes);
int pst_sim_rdma_write(struct pst_sim_link *link, uint32_t rkey, uint64_t address, const void *data,
		       size_t length_bytes);
int pst_sim_rdma_read(struct pst_sim_link *link, uint32_t rkey, uint64_t address, void *data,
		      size_t length_bytes);
void pst_sim_break(struct pst_sim_link *link);

/* Faults, until they are set back to 0. */
struct pst_sim_faults {
	int connect_error; /* of the next connections */
	int register_error; /* of the next registrations, the connection's own buffers excepted */
	bool deaf; /* the peer's card does not acknowledge a probe */
	int post_error; /* of the next sends */
	bool late_sends; /* no send is reported complete, though it is */
};
extern struct pst_sim_faults pst_sim_faults;

struct pst_sim_counters {
	unsigned int links; /* open now */
	unsigned int regions; /* registered now, the connections' own buffers included */
	unsigned int unheard; /* messages from the server that found no receive */
	unsigned int forbidden; /* RDMA that a card would have refused */
	unsigned int probes;
};
void pst_sim_counters(struct pst_sim_counters *ret);

#endif
