/* SPDX-License-Identifier: MIT */
/* What the files of the client share: its connections, and where its operations are. */
#ifndef PST_NFS_CLIENT_H
#define PST_NFS_CLIENT_H

#include <pthread.h>

#include "nfs/template.h"

#define PST_NFS_CONNECTIONS_MOST 8

struct pst_nfs_connection {
	struct pst_rpc *rpc; /* NULL while there is none */
	uint32_t in_flight;
	bool failing; /* the server answered nonsense: it is to be given up */
	bool answered; /* something, since it was made */
	uint64_t retry_usec; /* when the next attempt may be made */
	uint64_t backoff_usec;
};

struct pst_nfs_list {
	struct pst_nfs_io *first, *last;
};

/* A thread that waits while another one leads. */
struct pst_nfs_follower {
	struct pst_nfs_follower *next;
	pthread_cond_t called;
	bool (*finished)(void *arg);
	void *arg;
	bool over; /* finished */
	bool leads; /* it is its turn */
};

struct pst_nfs_client {
	struct pst_nfs_options options;
	struct pst_domain *domain;
	unsigned int generation; /* of forks */
	uint64_t spin_usec; /* how long to look before sleeping */
	int kick_fd; /* wakes the leader */

	pthread_mutex_t lock; /* over all below */
	bool led; /* a thread leads */
	struct pst_nfs_follower *followers; /* longest waiting first */
	struct pst_nfs_follower **followers_end;
	uint64_t due_usec; /* when something is to be seen to besides replies */
	uint64_t asleep_until_usec; /* of the leader; 0 while it is awake */
	struct pst_nfs_connection connections[PST_NFS_CONNECTIONS_MOST];
	struct pst_nfs_list active; /* on a connection */
	struct pst_nfs_list waiting; /* for a connection, or until not_before_usec */
	struct pst_nfs_counters counters;
};

struct pst_nfs_file {
	struct pst_nfs_client *client;
	struct pst_nfs_limits limits;
	struct pst_nfs_template templates[PST_NFS_OPS];
};

void pst_nfs_list_add(struct pst_nfs_list *list, struct pst_nfs_io *io);
void pst_nfs_list_remove(struct pst_nfs_list *list, struct pst_nfs_io *io);

/* Sends an operation, or has it wait. With the lock held. */
void pst_nfs_start(struct pst_nfs_client *client, struct pst_nfs_io *io);
/*
 * One round: replies, and when it is @due all else. Whether an operation has ended. With no lock held, by the
 * leader.
 */
bool pst_nfs_work(struct pst_nfs_client *client, bool due);
/* Sleeps until there may be something to do; whether an operation has ended instead. With no lock held, by the leader. */
bool pst_nfs_sleep(struct pst_nfs_client *client);
/* A new connection in the place of one that is not there. With no lock held, by the leader. */
int pst_nfs_connect(struct pst_nfs_client *client, struct pst_nfs_connection *connection,
		    uint64_t deadline_usec, struct pst_reason *reason);

#endif
