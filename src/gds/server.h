/* SPDX-License-Identifier: MIT */
/* The NFS clients of the process: one for each server, shared by its files, and kept until they are trimmed. */
#ifndef PST_GDS_SERVER_H
#define PST_GDS_SERVER_H

#include "nfs/nfs.h"

struct pst_gds_server;

/* Connects if nobody has yet. Errors are those of pst_nfs_client_open. */
int pst_gds_server_get(const struct sockaddr_storage *address, struct pst_gds_server **ret,
		       struct pst_reason *reason);
void pst_gds_server_hold(struct pst_gds_server *server);
void pst_gds_server_put(struct pst_gds_server *server);

struct pst_nfs_client *pst_gds_server_client(const struct pst_gds_server *server);

/*
 * Operations for which nobody waits in pst_nfs_wait need a thread that does. It runs from the first
 * pst_gds_server_drive to pst_gds_server_driven, once for each such operation, the latter in its done().
 */
int pst_gds_server_drive(struct pst_gds_server *server);
void pst_gds_server_driven(struct pst_gds_server *server);

/* Ends connections that nobody uses. */
void pst_gds_servers_trim(void);

#endif
