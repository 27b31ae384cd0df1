/* SPDX-License-Identifier: MIT */
/* What is: everything that was observed on a node, as plain data for the planners. */
#ifndef PST_NODE_STATE_H
#define PST_NODE_STATE_H

#include <stdint.h>
#include <sys/types.h>

#include "base/str.h"

struct pst_file_state {
	char *path;
	char *text;
};

struct pst_interface_state {
	char *name;
	bool up;
	unsigned int mtu;
	struct pst_strv addresses; /* ADDRESS/BITS */
};

struct pst_rdma_state {
	char *device;
	char *state; /* ACTIVE, DOWN, ... */
	char *interface; /* NULL when it has none, as an InfiniBand port may */
};

struct pst_value {
	char *name;
	char *text;
};

struct pst_values {
	struct pst_value *v;
	size_t n;
};

struct pst_pool_disk {
	char *path; /* as ZFS has it, often a partition */
	char *disk; /* the whole disk's kernel name; NULL when it is not there */
	char *state; /* ONLINE, FAULTED, ... */
};

struct pst_pool_state {
	char *name;
	char *health; /* ONLINE, DEGRADED, ... */
	char *layout; /* stripe, mirror, raidz1, ...; "mixed" */
	uint64_t size_bytes;
	uint64_t allocated_bytes;
	struct pst_pool_disk *disks;
	size_t n_disks;
	struct pst_values properties;
};

struct pst_dataset_state {
	char *name;
	char *mountpoint;
	bool mounted;
	uint64_t used_bytes;
	uint64_t available_bytes;
	struct pst_values properties;
	uid_t owner; /* of the root directory, when mounted; so are group and mode */
	gid_t group;
	mode_t mode;
};

/* A disk that the configuration names. */
struct pst_disk_state {
	char *path;
	char *disk; /* its kernel name; NULL when there is no such block device */
	int error; /* -ENOENT, -ENOTBLK, ...: why there is none */
	/* Only looked for while the disk's pool is not imported: */
	struct pst_strv found; /* what is on it, in words */
	char *pool; /* the ZFS pool whose label it carries */
	char *pool_guid;
};

struct pst_export_state {
	char *path;
	char *client;
	char *options;
};

struct pst_mount_state {
	char *device; /* MAJOR:MINOR */
	char *source;
	char *target;
	char *type;
	char *options; /* of the file system, as the kernel states them */
};

struct pst_account_state {
	char *name;
	uid_t uid;
	gid_t gid;
	char *home;
	char *shell;
	bool has_home; /* the directory is there */
};

struct pst_group_state {
	char *name;
	gid_t gid;
	struct pst_strv members;
};

struct pst_state {
	char *host_name;
	struct pst_account_state *accounts; /* only with users or groups in the configuration */
	size_t n_accounts;
	struct pst_group_state *groups;
	size_t n_groups;
	struct pst_file_state *files;
	size_t n_files;
	struct pst_strv modules; /* those of ours that are loaded */
	struct pst_interface_state *interfaces;
	size_t n_interfaces;
	struct pst_rdma_state *rdma;
	size_t n_rdma;
	struct pst_pool_state *pools;
	size_t n_pools;
	struct pst_dataset_state *datasets;
	size_t n_datasets;
	struct pst_disk_state *disks;
	size_t n_disks;
	struct pst_export_state *exports;
	size_t n_exports;
	unsigned int nfsd_threads; /* 0: not running */
	struct pst_strv nfsd_listeners; /* "tcp 2049" */
	struct pst_mount_state *mounts;
	size_t n_mounts;
};

void pst_state_free(struct pst_state *state);
#define __cleanup_state __cleanup(pst_state_free)
void pst_values_free(struct pst_values *values);

/* What was found under a name; NULL when nothing was. */
const char *pst_state_file(const struct pst_state *state, const char *path);
const struct pst_interface_state *pst_state_interface(const struct pst_state *state,
						      const char *name);
const struct pst_rdma_state *pst_state_rdma(const struct pst_state *state, const char *device);
const struct pst_pool_state *pst_state_pool(const struct pst_state *state, const char *name);
const struct pst_dataset_state *pst_state_dataset(const struct pst_state *state, const char *name);
const struct pst_disk_state *pst_state_disk(const struct pst_state *state, const char *path);
/* The one on top, when several are mounted there. */
const struct pst_mount_state *pst_state_mount(const struct pst_state *state, const char *target);
const char *pst_value(const struct pst_values *values, const char *name);
int pst_values_add(struct pst_values *values, const char *name, const char *text);

#endif
