/* SPDX-License-Identifier: MIT */
/*
 * The configuration of a node: what /etc/penstock/penstock.yaml says, as C structs. The structs are
 * filled by libcyaml (schema.c); a configuration that pst_conf_load() hands out is valid as a
 * whole.
 */
#ifndef PST_CONF_CONF_H
#define PST_CONF_CONF_H

#include <stdint.h>

#include "base/problem.h"
#include "base/reason.h"
#include "conf/property.h"
#include "conf/yaml.h"

#define PST_CONF_DEFAULT_PATH "/etc/penstock/penstock.yaml"

#define PST_CONF_DEFAULT_SHELL "/bin/bash"

enum pst_role { PST_ROLE_STORAGE, PST_ROLE_GPU };
enum pst_rdma_driver { PST_RDMA_HARDWARE, PST_RDMA_SOFT_ROCE, PST_RDMA_SOFT_IWARP };
enum pst_layout { PST_STRIPE, PST_MIRROR, PST_RAIDZ1, PST_RAIDZ2, PST_RAIDZ3 };
enum pst_access { PST_READ_ONLY, PST_READ_WRITE };
enum pst_squash { PST_SQUASH_ROOT, PST_SQUASH_ALL, PST_SQUASH_NONE };
enum pst_nfs_version { PST_NFS_4_2, PST_NFS_4_1, PST_NFS_4_0, PST_NFS_3 };
enum pst_transport { PST_TRANSPORT_RDMA, PST_TRANSPORT_TCP };

/* Counts are named as libcyaml's macros want them: the member's name and _count. */
struct pst_conf_network {
	char *interface;
	char **addresses;
	unsigned int addresses_count;
	char *gateway;
	char **dns;
	unsigned int dns_count;
	unsigned int mtu; /* 0: as it is */
};

struct pst_conf_rdma {
	char *device;
	enum pst_rdma_driver driver;
	char *interface;
};

struct pst_conf_pool {
	char *name;
	enum pst_layout layout;
	char **disks;
	unsigned int disks_count;
	struct pst_pool_properties properties;
	struct pst_fs_properties filesystem_properties;
};

struct pst_conf_dataset {
	char *name;
	struct pst_fs_properties properties;
	int64_t owner; /* -1: as it is; so is group */
	int64_t group;
	char *mode; /* octal; NULL: as it is */
};

struct pst_conf_client {
	char *host;
	enum pst_access access;
	enum pst_squash squash;
	bool allow_anyone;
	char **options;
	unsigned int options_count;
};

struct pst_conf_export {
	char *path;
	unsigned int fsid; /* 0: made from the path */
	struct pst_conf_client *clients;
	unsigned int clients_count;
};

struct pst_conf_nfs_server {
	unsigned int threads;
	unsigned int rdma_port; /* 0: no RDMA listener */
	bool tcp;
};

struct pst_conf_mount {
	char *source;
	char *target;
	enum pst_nfs_version version;
	enum pst_transport transport;
	unsigned int port; /* 0: the transport's own */
	char **options;
	unsigned int options_count;
};

struct pst_conf_group {
	char *name;
	int64_t gid;
};

struct pst_conf_user {
	char *name;
	int64_t uid;
	int64_t gid; /* -1: a group of its own, with the uid's number */
	char **groups;
	unsigned int groups_count;
	char **ssh_keys;
	unsigned int ssh_keys_count;
	char *shell; /* NULL: PST_CONF_DEFAULT_SHELL */
};

struct pst_conf {
	struct {
		char *name;
		enum pst_role role;
	} node;
	struct {
		char **authorized_keys;
		unsigned int authorized_keys_count;
	} ssh;
	struct pst_conf_group *groups;
	unsigned int groups_count;
	struct pst_conf_user *users;
	unsigned int users_count;
	struct pst_conf_network *network;
	unsigned int network_count;
	struct pst_conf_rdma *rdma;
	unsigned int rdma_count;
	struct pst_conf_pool *pools;
	unsigned int pools_count;
	struct pst_conf_dataset *datasets;
	unsigned int datasets_count;
	struct pst_conf_export *exports;
	unsigned int exports_count;
	struct pst_conf_nfs_server nfs_server;
	struct pst_conf_mount *mounts;
	unsigned int mounts_count;
};

/* A configuration, and where in which file each part of it stands. */
struct pst_conf_doc {
	char *file;
	char *text; /* the file's */
	struct pst_yaml *tree;
	struct pst_conf *conf;
};

/*
 * -EINVAL: the configuration was refused, and @problems says why, each with its line. Any other
 * error: the file could not be read, and @reason says why.
 */
int pst_conf_load(const char *path, struct pst_conf_doc *ret, struct pst_problems *problems,
		  struct pst_reason *reason);
int pst_conf_parse(const char *file, const char *text, size_t len, struct pst_conf_doc *ret,
		   struct pst_problems *problems, struct pst_reason *reason);
void pst_conf_doc_free(struct pst_conf_doc *doc);
#define __cleanup_conf_doc __cleanup(pst_conf_doc_free)

/* The words that stand in the file for an enum's value. */
const char *pst_role_name(enum pst_role role);
const char *pst_layout_name(enum pst_layout layout);
const char *pst_nfs_version_name(enum pst_nfs_version version);
const char *pst_transport_name(enum pst_transport transport);

/* Where a dataset of that name is mounted, as the configuration has it; NULL without memory. */
char *pst_conf_mountpoint(const struct pst_conf *conf, const char *dataset);
unsigned int pst_conf_mount_port(const struct pst_conf_mount *mount);
/* Whether this node is to run the NFS server. */
bool pst_conf_wants_nfs_server(const struct pst_conf *conf);

#endif
