/* SPDX-License-Identifier: MIT */
/*
 * One RPC-over-RDMA version 1 connection (RFC 8166, RPC per RFC 5531): calls go out as the server's
 * credits allow, replies come back in any order. When the link breaks, the connection is over and its
 * calls end with -ENOTCONN: the layer above makes a new one and sends them again.
 *
 * Any number of threads may use a connection. There is no thread of its own: replies are seen to in
 * pst_rpc_progress, and by one thread at a time.
 */
#ifndef PST_RPC_CONNECTION_H
#define PST_RPC_CONNECTION_H

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
	 * After 0 nobody writes into the Write chunk's memory for this call any more; after an error that
	 * is certain only when the connection has been closed.
	 */
	void (*done)(struct pst_rpc_call *call, int error, const struct pst_rpc_reply *reply);

	/* What the Write chunk offers: the reply's must be the same segment, and no longer. 0: none. */
	uint32_t write_chunk_rkey;
	uint32_t write_chunk_bytes;
	uint64_t write_chunk_address;

	/* The connection's own. */
	struct pst_rpc_call *next;
	uint32_t xid;
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
 * Takes in what has arrived, ends calls, sends queued ones. The number of calls that ended; -EBUSY when another
 * thread is at it; -ENOTCONN when the link is broken, and all calls have then been ended.
 */
int pst_rpc_progress(struct pst_rpc *rpc);
/*
 * For sleeping: pst_rpc_arm, then pst_rpc_progress once more; if nothing ended in it, the fds become readable
 * when there is something to do. pst_rpc_wake, when they have, takes that away again.
 */
void pst_rpc_arm(struct pst_rpc *rpc);
int pst_rpc_fds(struct pst_rpc *rpc, struct pollfd fds[PST_LINK_FDS]);
void pst_rpc_wake(struct pst_rpc *rpc);
/* Breaks the link at once: the next pst_rpc_progress ends all calls. */
void pst_rpc_abort(struct pst_rpc *rpc);

void pst_rpc_counters(struct pst_rpc *rpc, struct pst_rpc_counters *ret);

#endif
