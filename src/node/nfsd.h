/* SPDX-License-Identifier: MIT */
/* Between nfsd.c and nfsd-unit.c. */
#ifndef PST_NODE_NFSD_H
#define PST_NODE_NFSD_H

#include "node/node.h"

#define PST_POOLS_FILE "/sys/module/sunrpc/parameters/pool_mode"

/* As declared; by default one that suits the machine. */
enum pst_pool_mode pst_nfsd_pool_mode(const struct pst_conf_nfs_server *conf,
				      const struct pst_state *state);

/* A number that the kernel has in a file; 0 where there is no such file. */
int pst_nfsd_read_number(struct pst_host *host, const char *path, unsigned int *ret,
			 struct pst_reason *reason);

/* The first line of a file; NULL where there is no such file. */
int pst_nfsd_read_line(struct pst_host *host, const char *path, char **ret,
		       struct pst_reason *reason);

int pst_nfsd_unit_observe(struct pst_host *host, struct pst_state *state,
			  struct pst_reason *reason);
/* What of it can only be changed while the server is stopped, in words; NULL when it is as declared. */
char *pst_nfsd_unit_differs(const struct pst_conf_nfs_server *conf, const struct pst_state *state);
/* Whether this kernel cannot do what is declared; the plan has the problems. */
bool pst_nfsd_unit_refused(const struct pst_conf_nfs_server *conf, const struct pst_state *state,
			   struct pst_plan *plan);
/* The drop-in, and what a server takes as it runs, unless it @restarts. @conf is NULL when there is to be none. */
void pst_nfsd_unit_plan(const struct pst_conf_nfs_server *conf, const struct pst_state *state,
			bool restarts, struct pst_plan *plan);

#endif
