/* SPDX-License-Identifier: MIT */
/*
 * An NFS version 3 server inside a test, over the simulated network: one file, in memory and on a "disk" that
 * outlives its restarts. It can be told to misbehave.
 */
#ifndef PST_TESTS_NFS_SERVER_H
#define PST_TESTS_NFS_SERVER_H

#include <pthread.h>

#include "nfs/nfs.h"
#include "rpc/simulated.h"

#define NFS_SERVER_LINKS 16
#define NFS_SERVER_QUEUE 1024

enum misbehaviour {
	BEHAVE,
	SHORT_REPLY, /* half of what was asked for, and no end of file */
	WRONG_XID,
	SECOND_CHUNK, /* a Write list with one chunk more */
	OTHER_CHUNK, /* a Write list that names other memory */
	LONG_CHUNK, /* a Write chunk longer than offered */
	CHUNK_LIES, /* a Write chunk length that disagrees with the count */
	COUNT_LIES, /* a count beyond the request */
	TRUNCATED, /* the reply's first `argument` bytes */
	RDMA_ERROR,
	DENIED,
	PROGRAM_UNAVAILABLE,
	GARBAGE_ARGUMENTS,
	HANG_UP_BEFORE, /* the link breaks, and nothing was done */
	HANG_UP_AFTER, /* it was done, and the link breaks before the reply */
	TWICE, /* the reply, and again */
	LATE, /* the reply goes out behind the next one */
	SILENT, /* nothing is done or said */
	JUKEBOX,
	STATUS, /* the nfsstat3 in `argument` */
	STALL, /* nothing for half a second; then, if the link is there, it is done and said. With a thread only. */
	RESTART, /* done, then restarted: the verifier changes, what is not on disk is lost, links break */
};

struct nfs_server_link {
	struct pst_sim_link *link; /* NULL: free */
	uint32_t unanswered;
	bool answered; /* something: before, a client has one credit */
};

struct nfs_server_call {
	struct pst_sim_link *link;
	uint64_t not_before_usec; /* 0: as soon as possible, and it may be misbehaved to */
	uint32_t length_bytes;
	uint8_t message[PST_RPC_SEND_BYTES];
};

struct nfs_server {
	struct pst_sim_server sim;
	pthread_mutex_t lock;
	struct pst_fh fh;
	uint8_t *memory, *disk;
	size_t room_bytes;
	uint64_t size_bytes, disk_size_bytes;
	uint64_t verifier;
	uint32_t read_max_bytes, write_max_bytes;
	uint32_t credits; /* granted in each reply */
	uint64_t full_at_bytes; /* NOSPC for what would end beyond; 0: never */

	enum misbehaviour misbehaviour;
	uint32_t after; /* calls that are well answered before, those of opening a file left out */
	uint32_t times; /* how many calls it is done to; 0 is all */
	uint32_t argument;

	uint32_t calls; /* READ, WRITE, COMMIT */
	uint32_t reads, writes, commits;
	uint32_t uid; /* of the last call */
	uint32_t connections; /* made so far */
	uint32_t unanswered_most; /* calls at once on one connection that were not answered yet */
	bool overdrawn; /* a client sent a second call before it could know of a second credit */
	struct nfs_server_link links[NFS_SERVER_LINKS];

	/* Of a server with a thread of its own. */
	bool has_thread, stops;
	pthread_t thread;
	pthread_cond_t work;
	unsigned int seed;
	uint32_t delay_most_usec;
	uint32_t fault_percent; /* of calls, to which something is done that the seed chooses */
	uint32_t refusals; /* of the next connections */
	struct nfs_server_call queue[NFS_SERVER_QUEUE];
	uint32_t queued;

	struct {
		struct pst_sim_link *link;
		uint32_t length_bytes;
		uint8_t message[512];
	} late;
};

/* A server with a file of @size_bytes, of which byte i is nfs_server_byte(i), and room for as much again. */
void nfs_server_start(struct nfs_server *server, uint64_t size_bytes);
void nfs_server_stop(struct nfs_server *server);
uint8_t nfs_server_byte(uint64_t offset);
/* From the next call on. */
void nfs_server_misbehave(struct nfs_server *server, enum misbehaviour how, uint32_t after,
			  uint32_t times, uint32_t argument);
/*
 * From now on a thread answers, in an order of its own, each call up to @delay_most_usec after the one before it.
 * Before the first connection.
 */
void nfs_server_thread(struct nfs_server *server, unsigned int seed, uint32_t delay_most_usec);
/* What lost power does. */
void nfs_server_restart(struct nfs_server *server);

#endif
