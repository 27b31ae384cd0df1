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
	uint64_t retry_usec; /* when the next attempt may be made */
	uint64_t backoff_usec;
};

struct pst_nfs_list {
	struct pst_nfs_io *first, *last;
};

struct pst_nfs_client {
	struct pst_nfs_options options;
	struct pst_domain *domain;
	unsigned int generation; /* of forks */
	uint64_t spin_usec; /* how long to look before sleeping */
	int kick_fd; /* wakes the leader */

	pthread_mutex_t lock; /* over all below */
	pthread_cond_t led; /* the leader has ended operations, or leaves */
	bool leading;
	uint32_t followers;
	bool unsettled; /* something is to be seen to besides replies */
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
/* One round of all that is to be done; whether an operation has ended. With no lock held, by the leader. */
bool pst_nfs_work(struct pst_nfs_client *client);
/* Sleeps until there may be something to do. With no lock held, by the leader. */
void pst_nfs_sleep(struct pst_nfs_client *client);
/* A new connection in the place of one that is not there. With no lock held, by the leader. */
int pst_nfs_connect(struct pst_nfs_client *client, struct pst_nfs_connection *connection,
		    uint64_t deadline_usec, struct pst_reason *reason);

#endif
