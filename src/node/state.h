/* SPDX-License-Identifier: MIT */
/* What is: everything that was observed on a node, as plain data for the planners. */
#ifndef PST_NODE_STATE_H
#define PST_NODE_STATE_H

#include <stdint.h>
#include <sys/types.h>

#include "base/str.h"
#include "conf/conf.h"

struct pst_file_state {
	char *path;
	char *text;
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

struct pst_interface_state {
	char *name;
	bool up;
	bool has_dhcp4; /* an address that a server gave for a time; so is has_dhcp6 */
	bool has_dhcp6;
	unsigned int mtu;
	unsigned int mtu_max; /* 0: the driver does not say */
	char *kind; /* bond, vlan, ipoib, ...; NULL for a card's own */
	char *parent; /* what it is on; NULL when it is on nothing */
	char *master; /* the bond or bridge that it is a port of; NULL when there is none */
	struct pst_strv addresses; /* ADDRESS/BITS */
	struct pst_values link; /* what ip says of a kind: mode, id, ... */
	struct pst_values sysctl; /* of /proc/sys/net/ipv4/conf */
};

/* What a card does for RoCE. */
struct pst_roce_state {
	char *device;
	char *interface;
	char *driver; /* NULL: not known */
	struct pst_values values; /* prio_pfc, tc_bw, default_roce_tos, ...: lists with blanks */
	struct pst_values refusals; /* pfc, ets, ...: why the driver did not say */
};

struct pst_pool_disk {
	char *path; /* as ZFS has it, often a partition */
	char *disk; /* the whole disk's kernel name; NULL when it is not there */
	char *state; /* ONLINE, FAULTED, ... */
	char *guid;
	size_t vdev; /* of the pool's vdevs */
	bool leaving; /* another one is taking its place */
	bool stands_in; /* a spare, while the disk that it is for is not well */
};

/* Right below the root of a pool: a group, or a disk of its own. */
struct pst_pool_vdev {
	char *name; /* raidz1-0 */
	char *layout; /* stripe, mirror, raidz1, draid2:4d:8c:1s */
	enum pst_class class;
};

struct pst_pool_state {
	char *name;
	char *health; /* ONLINE, DEGRADED, ... */
	char *layout; /* stripe, mirror, raidz1, ...; "mixed" */
	uint64_t size_bytes;
	uint64_t allocated_bytes;
	struct pst_pool_disk *disks; /* in the order of their vdevs */
	size_t n_disks;
	struct pst_pool_vdev *vdevs;
	size_t n_vdevs;
	bool expanding; /* a raidz vdev is being made wider */
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

/* A pool that is on the machine's disks and not imported. */
struct pst_found_pool {
	char *name;
	char *guid;
	bool foreign; /* another host used it last, and did not export it */
};

/* A file that an encryption key is read from. */
struct pst_key_state {
	char *path;
	bool there;
	uid_t owner;
	mode_t mode;
};

/* A whole disk of the machine, whoever uses it; looked for where disks are selected. */
struct pst_drive_state {
	char *disk; /* its kernel name */
	char *path; /* in /dev/disk/by-id */
	char *by_path; /* the name in /dev/disk/by-path; "" when it has none */
	char *model;
	uint64_t size_bytes;
};

/* A disk that the configuration names, or might select. */
struct pst_disk_state {
	char *path;
	char *disk; /* its kernel name; NULL when there is no such block device */
	int error; /* -ENOENT, -ENOTBLK, ...: why there is none */
	unsigned int block_bytes; /* what it likes to write at once; 0 when it does not say */
	/* Only looked for while the disk is not part of an imported pool: */
	struct pst_strv found; /* what is on it, in words */
	bool used; /* by the kernel, now: mounted, held, swap, ... */
	bool parted; /* in another way than ZFS does it */
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
	char *release; /* of the kernel, as 6.12.1; NULL: not known */
	unsigned int cpus; /* 0: not known; so are the memory and the nodes */
	unsigned int numa_nodes; /* that have CPUs */
	uint64_t memory_bytes;
	struct pst_account_state *accounts; /* only with users or groups in the configuration */
	size_t n_accounts;
	struct pst_group_state *groups;
	size_t n_groups;
	struct pst_file_state *files;
	size_t n_files;
	struct pst_strv unread; /* files that an apply wrote, or removed, and told nobody of */
	struct pst_strv unused; /* units that it wrote and did not start anew */
	struct pst_strv modules; /* those of ours that are loaded */
	struct pst_interface_state *interfaces;
	size_t n_interfaces;
	struct pst_strv rules; /* of routing: "ADDRESS TABLE" */
	struct pst_rdma_state *rdma;
	size_t n_rdma;
	struct pst_roce_state *roce; /* of those devices for which it is declared */
	size_t n_roce;
	struct pst_pool_state *pools;
	size_t n_pools;
	struct pst_dataset_state *datasets;
	size_t n_datasets;
	struct pst_disk_state *disks;
	size_t n_disks;
	bool fallback; /* pools are to keep to what all installed versions know; see node/fallback.h */
	struct pst_values zfs_parameters; /* of the module, those that are declared */
	struct pst_found_pool *found_pools;
	size_t n_found_pools;
	struct pst_key_state *keys;
	size_t n_keys;
	struct pst_drive_state *drives; /* in the order of by_path */
	size_t n_drives;
	struct pst_export_state *exports;
	size_t n_exports;
	unsigned int nfsd_threads; /* 0: not running */
	unsigned int nfsd_block_bytes; /* the most in a request; 0: not known */
	char *nfsd_io_read; /* the number of a mode; NULL: the kernel has none, or we may not look */
	char *nfsd_io_write;
	bool nfsd_io_hidden; /* only root may look */
	char *nfsd_pool_mode; /* global, ...; NULL while its module is not loaded */
	struct pst_strv nfsd_listeners; /* "tcp 2049" */
	struct pst_strv nfsd_versions; /* "+4.2", "-4.0" */
	unsigned int nfsd_lease_s;
	unsigned int nfsd_grace_s;
	struct pst_mount_state *mounts;
	size_t n_mounts;
	bool knows_connections; /* the kernel states them */
	struct pst_strv connections; /* the addresses that its NFS client is connected to */
};

void pst_state_free(struct pst_state *state);
#define __cleanup_state __cleanup(pst_state_free)
void pst_values_free(struct pst_values *values);

/* What was found under a name; NULL when nothing was. */
const char *pst_state_file(const struct pst_state *state, const char *path);
const struct pst_interface_state *pst_state_interface(const struct pst_state *state,
						      const char *name);
const struct pst_rdma_state *pst_state_rdma(const struct pst_state *state, const char *device);
const struct pst_roce_state *pst_state_roce(const struct pst_state *state, const char *device);
const struct pst_pool_state *pst_state_pool(const struct pst_state *state, const char *name);
/* The one in which a dataset is. */
const struct pst_pool_state *pst_state_pool_of(const struct pst_state *state, const char *dataset);
/* ZFS has stopped all that would reach the pool's disks, and says nothing of its datasets. */
bool pst_pool_is_suspended(const struct pst_pool_state *pool);
const struct pst_dataset_state *pst_state_dataset(const struct pst_state *state, const char *name);
const struct pst_key_state *pst_state_key(const struct pst_state *state, const char *path);
const struct pst_disk_state *pst_state_disk(const struct pst_state *state, const char *path);
/* The one on top, when several are mounted there. */
const struct pst_mount_state *pst_state_mount(const struct pst_state *state, const char *target);
/* The imported pool that a disk, by its kernel name, is part of; NULL when it is of none. */
const struct pst_pool_state *pst_pool_of_disk(const struct pst_state *state, const char *disk);
const char *pst_value(const struct pst_values *values, const char *name);
int pst_values_add(struct pst_values *values, const char *name, const char *text);

#endif
