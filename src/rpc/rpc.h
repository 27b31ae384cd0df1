/* SPDX-License-Identifier: MIT */
/*
 * One RPC-over-RDMA version 1 connection (RFC 8166, RPC per RFC 5531): calls go out as the server's
 * credits allow, replies come back in any order. When the link breaks, the connection is over and its
 * calls end with -ENOTCONN: the layer above makes a new one and sends them again.
 *
 * Any number of threads may use a connection. There is no thread of its own: a thread that waits
 * does the work for all, and the others sleep until it hands over (rpc/wait.c).
 */
#ifndef PST_RPC_RPC_H
#define PST_RPC_RPC_H

#include "rpc/transport.h"

/* The largest message each way without chunks (RFC 8166, 3.3.2). */
#define PST_RPC_SEND_BYTES    1024
#define PST_RPC_RECEIVE_BYTES 4096

struct pst_rpc;
struct pst_rpc_call;

/* A reply that was accepted and successful (RFC 5531, MSG_ACCEPTED and SUCCESS). */
struct pst_rpc_reply {
	const uint8_t *body; /* the procedure's results, XDR; valid only during done() */
	uint32_t body_bytes;
	bool has_write_chunk;
	uint32_t write_chunk_bytes; /* what the server wrote into the call's Write chunk */
};

struct pst_rpc_call {
	/*
	 * Writes the message, transport header included, into @message, which has room for
	 * PST_RPC_SEND_BYTES, and returns its length. Called once for each time that the call is sent.
	 */
	uint32_t (*encode)(struct pst_rpc_call *call, uint8_t *message, uint32_t xid,
			   uint32_t credits);
	/*
	 * Called once, by any thread, with no lock held, except if submitting failed. @error is 0 and
	 * @reply set, or -errno:
	 *   -ENOTCONN     the link broke; the call may or may not have been carried out
	 *   -EPROTO       the reply is not RPC-over-RDMA, or not to this call
	 *   -EREMOTEIO    RDMA_ERROR, or the server could not decode the call
	 *   -EACCES       MSG_DENIED, AUTH_ERROR
	 *   -EOPNOTSUPP   PROG_UNAVAIL, PROG_MISMATCH, PROC_UNAVAIL
	 *   -ECANCELED    taken back by pst_rpc_cancel
	 * The Write chunk's memory is no longer written to by this call when it has been called with 0;
	 * after an error only when the connection has been closed.
	 */
	void (*done)(struct pst_rpc_call *call, int error, const struct pst_rpc_reply *reply);

	/* What the Write chunk offers: the reply's must be the same segment, and no longer. 0: none. */
	uint32_t write_chunk_rkey;
	uint32_t write_chunk_bytes;
	uint64_t write_chunk_address;

	/* The connection's own. */
	struct pst_rpc_call *next;
	uint32_t xid;
	bool sent;
};

struct pst_rpc_counters {
	uint64_t calls;
	uint64_t replies;
	uint64_t stray_replies; /* of no call of ours: late, duplicate or made up */
	uint32_t credits; /* granted last */
	uint32_t in_flight;
	uint32_t in_flight_most;
};

/*
 * Connects. @in_flight_most: calls to have under way at once, whatever the server grants; 128 at most.
 * The domain stays the caller's and must outlive the connection.
 */
int pst_rpc_open(struct pst_domain *domain, const struct sockaddr *server, uint32_t in_flight_most,
		 uint64_t deadline_usec, struct pst_rpc **ret, struct pst_reason *reason);
/*
 * Ends all calls with -ENOTCONN and frees the connection. When it returns no server reaches any
 * chunk of its calls through it.
 */
void pst_rpc_close(struct pst_rpc *rpc);

/* Sends a call, or queues it while there is no credit. -ENOTCONN when the link is broken. */
int pst_rpc_submit(struct pst_rpc *rpc, struct pst_rpc_call *call);

/*
 * Works and sleeps until @finished(@arg) is true: 0. -ETIMEDOUT at the deadline, -ENOTCONN when the
 * link broke (all calls have then been ended). @finished is called with no lock held, and may
 * become true only in a done() or by pst_rpc_kick.
 */
int pst_rpc_wait(struct pst_rpc *rpc, bool (*finished)(void *arg), void *arg,
		 uint64_t deadline_usec);
/* Does what is to be done without sleeping. 0, or -ENOTCONN. */
int pst_rpc_progress(struct pst_rpc *rpc);
/* Makes all who wait look again at what they wait for. */
void pst_rpc_kick(struct pst_rpc *rpc);
/* For a caller's own event loop: fds to poll for, after pst_rpc_arm said 0 (1: there is work now). */
int pst_rpc_arm(struct pst_rpc *rpc);
int pst_rpc_fds(struct pst_rpc *rpc, struct pollfd fds[PST_LINK_FDS]);

void pst_rpc_counters(struct pst_rpc *rpc, struct pst_rpc_counters *ret);

#endif
