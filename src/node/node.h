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
/* Whether a declared interface that is not ours to make, or a port of a declared bond, is not there. */
bool pst_network_is_absent(const struct pst_conf *conf, const struct pst_state *state);

int pst_ports_observe(struct pst_host *host, struct pst_state *state, struct pst_reason *reason);
void pst_ports_plan(const struct pst_conf *conf, const struct pst_state *state,
		    struct pst_plan *plan);
/* Whether an interface has an address, however either of them is written. */
bool pst_network_has(const struct pst_interface_state *interface, const char *address);

int pst_rdma_observe(struct pst_host *host, struct pst_state *state, struct pst_reason *reason);
void pst_rdma_plan(const struct pst_conf *conf, const struct pst_state *state,
		   struct pst_plan *plan);
void pst_rdma_plan_wait(const struct pst_conf *conf, const struct pst_state *state,
			struct pst_plan *plan);

int pst_roce_observe(struct pst_host *host, const struct pst_conf *conf, struct pst_state *state,
		     struct pst_reason *reason);
void pst_roce_plan(const struct pst_conf *conf, const struct pst_state *state,
		   struct pst_plan *plan);

int pst_mount_observe(struct pst_host *host, struct pst_state *state, struct pst_reason *reason);
/* First of all: what is unmounted still needs its network. pst_mount_plan() has what follows on it. */
void pst_mount_plan_stale(const struct pst_conf *conf, const struct pst_state *state,
			  struct pst_plan *plan);
void pst_mount_plan(const struct pst_conf *conf, const struct pst_state *state,
		    struct pst_plan *plan);
/* The value of one of a mount's options, as "rdma" for proto; NULL when it has none. */
char *pst_mount_option(const struct pst_mount_state *mount, const char *name);
bool pst_mount_is_nfs(const struct pst_mount_state *mount);

int pst_tuning_observe(struct pst_host *host, const struct pst_conf *conf, struct pst_state *state,
		       struct pst_reason *reason);
void pst_tuning_plan(const struct pst_conf *conf, const struct pst_state *state,
		     struct pst_plan *plan);

int pst_zpool_observe(struct pst_host *host, const struct pst_conf *conf, struct pst_state *state,
		      struct pst_reason *reason);
void pst_zpool_plan(const struct pst_conf *conf, const struct pst_state *state,
		    struct pst_plan *plan);

int pst_drive_observe(struct pst_host *host, const struct pst_conf *conf, struct pst_state *state,
		      struct pst_reason *reason);

/* Looks for pools that are not imported, where one of those that are declared is missing. */
int pst_import_observe(struct pst_host *host, const struct pst_conf *conf, struct pst_state *state,
		       struct pst_reason *reason);

int pst_disk_observe(struct pst_host *host, const struct pst_conf *conf, struct pst_state *state,
		     struct pst_reason *reason);
/*
 * Finds out what is on a disk, of which @disk has path and kernel name. @signatures: reads it, which
 * needs root; without, only what the kernel uses it for is found.
 */
int pst_disk_examine(struct pst_host *host, const struct pst_state *state, bool signatures,
		     struct pst_disk_state *disk, struct pst_reason *reason);
/* The kernel name of the whole disk that a device node, maybe of a partition, belongs to. */
int pst_disk_name(const struct pst_host *host, const char *path, char **ret);

/* What Penstock itself keeps from one apply to the next. */
#define PST_STATE_DIRECTORY "/var/lib/penstock"

/*
 * A file that says on which disks, empty until then, a pool is being created, and one with those that
 * are being added to it; each goes when that is done. NULL when memory is out.
 */
char *pst_disk_begun_path(const char *pool);
char *pst_disk_added_path(const char *pool);
char *pst_disk_note_text(const struct pst_strv *disks);
/* Whether such a file names the disk, and nothing is on it that does not come from ZFS. */
bool pst_disk_is_begun(const char *pool, const struct pst_state *state,
		       const struct pst_disk_state *disk);
/* Whether a disk may become part of an imported pool; if not, the plan has the problem. */
bool pst_disk_is_free(const char *pool, const struct pst_state *state, const char *path,
		      struct pst_key key, struct pst_plan *plan);

enum pst_disk_verdict {
	PST_DISKS_EMPTY, /* a pool can be created on them */
	PST_DISKS_OURS, /* all carry the label of the one pool that is declared on them */
	PST_DISKS_REFUSED, /* neither; the plan has the problems */
};
/* Judges the disks of a pool that is not imported. ret_guid is set for PST_DISKS_OURS. */
struct pst_shape;
enum pst_disk_verdict pst_disk_judge(const char *pool, size_t n, const struct pst_shape *shape,
				     const struct pst_state *state, struct pst_plan *plan,
				     const char **ret_guid);

/*
 * Asks with @argv for the properties of one more list, and has @parse read the answer. A name that ZFS
 * does not know is left for the step that would set it: there it can be said whose it is.
 */
int pst_dataset_ask_more(struct pst_host *host, const char *command,
			 const struct pst_more_properties *more, const char *name, char **ret_json,
			 struct pst_reason *reason);
/* The values of one zfs list or zpool list, into what is known of @name. */
int pst_more_parse(const char *json, const char *section, const char *name,
		   struct pst_values *values, struct pst_reason *reason);
int pst_dataset_observe(struct pst_host *host, const struct pst_conf *conf, struct pst_state *state,
			struct pst_reason *reason);
void pst_dataset_plan(const struct pst_conf *conf, const struct pst_state *state,
		      struct pst_plan *plan);
/*
 * Adds PROPERTY=VALUE for each property that is set, behind a "-o" or "-O" when there is an
 * @option.
 */
void pst_dataset_add_properties(struct pst_strv *argv, const char *option, const void *properties,
				const struct pst_more_properties *more,
				const struct pst_property *table);
/* Plans to set those properties that are reported with another value. */
void pst_dataset_plan_set(struct pst_plan *plan, const char *key, const char *command,
			  const char *name, const void *properties,
			  const struct pst_more_properties *more, const struct pst_property *table,
			  const struct pst_values *reported);

int pst_export_observe(struct pst_host *host, struct pst_state *state, struct pst_reason *reason);
void pst_export_plan(const struct pst_conf *conf, const struct pst_state *state,
		     struct pst_plan *plan);
/* What is exported to a client as declared; NULL when it is not. */
const struct pst_export_state *pst_export_find(const struct pst_state *state,
					       const struct pst_conf_export *export,
					       const struct pst_conf_client *client);

int pst_machine_observe(struct pst_host *host, struct pst_state *state, struct pst_reason *reason);

int pst_nfsd_observe(struct pst_host *host, struct pst_state *state, struct pst_reason *reason);
void pst_nfsd_plan(const struct pst_conf *conf, const struct pst_state *state,
		   struct pst_plan *plan);
/* Whether the server will be started anew, and so read its exports by itself. */
bool pst_nfsd_restarts(const struct pst_conf *conf, const struct pst_state *state);
/* The word for the kernel's number of an I/O mode; the number where there is none, and NULL of NULL. */
const char *pst_nfsd_io_word(const char *number);

/* The files that belong to one declared thing. */
char *pst_network_file(const char *interface);
char *pst_network_device_file(const char *interface);
char *pst_mount_unit(const char *target);
char *pst_mount_file(const char *target);

/* What other programs say, into @state; for the tests and the fuzzers. */
int pst_network_parse(const char *json, struct pst_state *state, struct pst_reason *reason);
int pst_ports_parse(const char *json, struct pst_state *state, struct pst_reason *reason);
int pst_rdma_parse(const char *json, struct pst_state *state, struct pst_reason *reason);
/* What dcb says of one object, into the last of the state's RoCE devices. */
int pst_roce_parse(const char *json, struct pst_state *state, struct pst_reason *reason);
int pst_mount_parse(const char *mountinfo, struct pst_state *state, struct pst_reason *reason);
int pst_zpool_parse_status(const char *json, struct pst_state *state, struct pst_reason *reason);
int pst_zpool_parse_properties(const char *json, struct pst_state *state,
			       struct pst_reason *reason);
int pst_cpus_parse(const char *text, struct pst_state *state, struct pst_reason *reason);
int pst_memory_parse(const char *text, struct pst_state *state, struct pst_reason *reason);
int pst_import_parse(const char *text, struct pst_state *state, struct pst_reason *reason);
int pst_dataset_parse(const char *json, struct pst_state *state, struct pst_reason *reason);
int pst_export_parse(const char *etab, struct pst_state *state, struct pst_reason *reason);
int pst_account_parse(const char *passwd, struct pst_state *state, struct pst_reason *reason);
int pst_group_parse(const char *group, struct pst_state *state, struct pst_reason *reason);
/* One disk's share of what wipefs found: on the device @name, which is @where in words. */
int pst_disk_parse(const char *json, const char *name, struct pst_disk_state *disk,
		   struct pst_reason *reason);

#endif
