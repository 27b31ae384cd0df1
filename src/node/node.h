/* SPDX-License-Identifier: MIT */
/*
 * The subsystems of a node. Each observes its part of the machine, and plans, as a pure function of
 * what is declared and what was observed, the steps between the two; execute.c carries steps out.
 */
#ifndef PST_NODE_NODE_H
#define PST_NODE_NODE_H

#include "conf/conf.h"
#include "node/host.h"
#include "node/plan.h"
#include "node/state.h"

/*
 * Observes everything; @conf may be NULL, and then all that is there is looked at and a tool that
 * is missing is no error. Changes nothing.
 */
int pst_node_observe(struct pst_host *host, const struct pst_conf *conf, struct pst_state *ret,
		     struct pst_reason *reason);
/* -ENOMEM, or 0; what speaks against the plan is in its problems. */
int pst_node_plan(const struct pst_conf *conf, const struct pst_state *state,
		  struct pst_plan *plan);
/* Carries out one step. */
int pst_step_execute(struct pst_host *host, const struct pst_step *step, struct pst_reason *reason);

/*
 * The subsystems, in the order in which they are observed; those that plan do so in
 * pst_node_plan().
 */
int pst_files_observe(struct pst_host *host, struct pst_state *state, struct pst_reason *reason);

int pst_identity_observe(struct pst_host *host, struct pst_state *state, struct pst_reason *reason);
void pst_identity_plan(const struct pst_conf *conf, const struct pst_state *state,
		       struct pst_plan *plan);

int pst_account_observe(struct pst_host *host, const struct pst_conf *conf, struct pst_state *state,
			struct pst_reason *reason);
void pst_account_plan(const struct pst_conf *conf, const struct pst_state *state,
		      struct pst_plan *plan);
/* Behind the datasets, for homes may be in one. */
void pst_account_plan_homes(const struct pst_conf *conf, const struct pst_state *state,
			    struct pst_plan *plan);
const struct pst_account_state *pst_account_named(const struct pst_state *state, const char *name);
const struct pst_group_state *pst_group_named(const struct pst_state *state, const char *name);

int pst_modules_observe(struct pst_host *host, struct pst_state *state, struct pst_reason *reason);
void pst_modules_plan(const struct pst_conf *conf, const struct pst_state *state,
		      struct pst_plan *plan);

int pst_network_observe(struct pst_host *host, struct pst_state *state, struct pst_reason *reason);
void pst_network_plan(const struct pst_conf *conf, const struct pst_state *state,
		      struct pst_plan *plan);
/* What networkd was asked for takes a while; the plan waits for it as late as it can. */
void pst_network_plan_wait(const struct pst_conf *conf, const struct pst_state *state,
			   struct pst_plan *plan);
/* Whether an interface has an address, however either of them is written. */
bool pst_network_has(const struct pst_interface_state *interface, const char *address);

int pst_rdma_observe(struct pst_host *host, struct pst_state *state, struct pst_reason *reason);
void pst_rdma_plan(const struct pst_conf *conf, const struct pst_state *state,
		   struct pst_plan *plan);
void pst_rdma_plan_wait(const struct pst_conf *conf, const struct pst_state *state,
			struct pst_plan *plan);

int pst_mount_observe(struct pst_host *host, struct pst_state *state, struct pst_reason *reason);
void pst_mount_plan(const struct pst_conf *conf, const struct pst_state *state,
		    struct pst_plan *plan);
/* The value of one of a mount's options, as "rdma" for proto; NULL when it has none. */
char *pst_mount_option(const struct pst_mount_state *mount, const char *name);
bool pst_mount_is_nfs(const struct pst_mount_state *mount);

int pst_zpool_observe(struct pst_host *host, const struct pst_conf *conf, struct pst_state *state,
		      struct pst_reason *reason);
void pst_zpool_plan(const struct pst_conf *conf, const struct pst_state *state,
		    struct pst_plan *plan);

int pst_disk_observe(struct pst_host *host, const struct pst_conf *conf, struct pst_state *state,
		     struct pst_reason *reason);
/* The kernel name of the whole disk that a device node, maybe of a partition, belongs to. */
int pst_disk_name(const struct pst_host *host, const char *path, char **ret);

/* What Penstock itself keeps from one apply to the next. */
#define PST_STATE_DIRECTORY "/var/lib/penstock"

/*
 * A file that says on which disks, empty until then, a pool is being created; it goes when the pool is
 * there. NULL when memory is out.
 */
char *pst_disk_begun_path(const char *pool);
char *pst_disk_begun_text(const struct pst_conf_pool *pool);

enum pst_disk_verdict {
	PST_DISKS_EMPTY, /* a pool can be created on them */
	PST_DISKS_OURS, /* all carry the label of the one pool that is declared on them */
	PST_DISKS_REFUSED, /* neither; the plan has the problems */
};
/* Judges the disks of a pool that is not imported. ret_guid is set for PST_DISKS_OURS. */
enum pst_disk_verdict pst_disk_judge(const struct pst_conf *conf, size_t pool,
				     const struct pst_state *state, struct pst_plan *plan,
				     const char **ret_guid);

int pst_dataset_observe(struct pst_host *host, const struct pst_conf *conf, struct pst_state *state,
			struct pst_reason *reason);
void pst_dataset_plan(const struct pst_conf *conf, const struct pst_state *state,
		      struct pst_plan *plan);
/*
 * Adds PROPERTY=VALUE for each property that is set, behind a "-o" or "-O" when there is an
 * @option.
 */
void pst_dataset_add_properties(struct pst_strv *argv, const char *option, const void *properties,
				const struct pst_property *table);
/* Plans to set those properties that are reported with another value. */
void pst_dataset_plan_set(struct pst_plan *plan, const char *key, const char *command,
			  const char *name, const void *properties,
			  const struct pst_property *table, const struct pst_values *reported);

int pst_export_observe(struct pst_host *host, struct pst_state *state, struct pst_reason *reason);
void pst_export_plan(const struct pst_conf *conf, const struct pst_state *state,
		     struct pst_plan *plan);
/* What is exported to a client as declared; NULL when it is not. */
const struct pst_export_state *pst_export_find(const struct pst_state *state, const char *path,
					       const struct pst_conf_client *client);

int pst_nfsd_observe(struct pst_host *host, struct pst_state *state, struct pst_reason *reason);
void pst_nfsd_plan(const struct pst_conf *conf, const struct pst_state *state,
		   struct pst_plan *plan);
/* Whether the server will be started anew, and so read its exports by itself. */
bool pst_nfsd_restarts(const struct pst_conf *conf, const struct pst_state *state);

/* The files that belong to one declared thing. */
char *pst_network_file(const char *interface);
char *pst_mount_unit(const char *target);
char *pst_mount_file(const char *target);

/* What other programs say, into @state; for the tests and the fuzzers. */
int pst_network_parse(const char *json, struct pst_state *state, struct pst_reason *reason);
int pst_rdma_parse(const char *json, struct pst_state *state, struct pst_reason *reason);
int pst_mount_parse(const char *mountinfo, struct pst_state *state, struct pst_reason *reason);
int pst_zpool_parse_status(const char *json, struct pst_state *state, struct pst_reason *reason);
int pst_zpool_parse_properties(const char *json, struct pst_state *state,
			       struct pst_reason *reason);
int pst_dataset_parse(const char *json, struct pst_state *state, struct pst_reason *reason);
int pst_export_parse(const char *etab, struct pst_state *state, struct pst_reason *reason);
int pst_account_parse(const char *passwd, struct pst_state *state, struct pst_reason *reason);
int pst_group_parse(const char *group, struct pst_state *state, struct pst_reason *reason);
/* One disk's share of what wipefs found: on the device @name, which is @where in words. */
int pst_disk_parse(const char *json, const char *name, struct pst_disk_state *disk,
		   struct pst_reason *reason);

#endif
