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

enum pst_role { PST_ROLE_STORAGE, PST_ROLE_GPU };
enum pst_rdma_driver { PST_RDMA_HARDWARE, PST_RDMA_SOFT_ROCE, PST_RDMA_SOFT_IWARP };
enum pst_layout {
	PST_STRIPE,
	PST_MIRROR,
	PST_RAIDZ1,
	PST_RAIDZ2,
	PST_RAIDZ3,
	PST_DRAID1,
	PST_DRAID2,
	PST_DRAID3,
};
/* What a vdev is for. */
enum pst_class {
	PST_CLASS_DATA,
	PST_CLASS_SPECIAL,
	PST_CLASS_LOG,
	PST_CLASS_CACHE,
	PST_CLASS_SPARE,
	PST_CLASS_DEDUP, /* only ever found, never declared */
};
enum pst_access { PST_READ_ONLY, PST_READ_WRITE };
enum pst_squash { PST_SQUASH_ROOT, PST_SQUASH_ALL, PST_SQUASH_NONE };
enum pst_sec { PST_SEC_SYS, PST_SEC_KRB5, PST_SEC_KRB5I, PST_SEC_KRB5P };
enum pst_xprtsec { PST_XPRTSEC_NONE, PST_XPRTSEC_TLS, PST_XPRTSEC_MTLS };
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

/* Disks by what they are; each of the three is NULL when it does not matter. */
struct pst_conf_select {
	char *model; /* a pattern of fnmatch(3); so is pci */
	char *size; /* decimal, as it is printed on drives: 3.84T */
	char *pci;
	unsigned int count; /* 0: no selector */
};

struct pst_conf_vdev {
	enum pst_layout layout;
	char **disks;
	unsigned int disks_count;
	struct pst_conf_select select; /* more disks, behind those above */
	/* Of draid only; children is 0 when it is not given. */
	unsigned int data;
	unsigned int spares;
	unsigned int children;
};

struct pst_conf_pool {
	char *name;
	bool import; /* it is there already, and is never created */
	/* The short form: layout and disks beside the name. Without disks there is none. */
	struct pst_conf_vdev own;
	struct pst_conf_vdev *vdevs;
	unsigned int vdevs_count;
	struct pst_conf_vdev *special;
	unsigned int special_count;
	struct pst_conf_vdev *logs;
	unsigned int logs_count;
	char **cache;
	unsigned int cache_count;
	char **spares;
	unsigned int spares_count;
	struct pst_pool_properties properties;
	struct pst_fs_properties filesystem_properties;
};

enum pst_key_format { PST_KEY_RAW, PST_KEY_HEX, PST_KEY_PASSPHRASE };

struct pst_conf_encryption {
	char *key; /* file:///PATH, credential:NAME or prompt; NULL: not encrypted */
	enum pst_key_format format;
};

struct pst_conf_dataset {
	char *name;
	struct pst_conf_encryption encryption;
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
	bool allow_root;
	bool crossmnt;
	int64_t anonuid; /* -1: nobody's; so is anongid */
	int64_t anongid;
	enum pst_sec *sec; /* none: sys alone */
	unsigned int sec_count;
	enum pst_xprtsec *xprtsec; /* none: any */
	unsigned int xprtsec_count;
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
	unsigned int threads; /* 0: by the CPUs */
	unsigned int rdma_port; /* 0: no RDMA listener */
	bool tcp;
	enum pst_nfs_version *versions; /* none: as the kernel has them */
	unsigned int versions_count;
	unsigned int lease_s; /* 0: as the kernel has it; so is grace_s */
	unsigned int grace_s;
};

struct pst_conf_zfs {
	char *arc_max; /* a size; NULL: by the memory */
	struct pst_more_properties parameters; /* of the module */
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

struct pst_conf {
	struct {
		char *name;
		enum pst_role role;
	} node;
	struct {
		char **authorized_keys;
		unsigned int authorized_keys_count;
	} ssh;
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
	struct pst_conf_zfs zfs;
	struct pst_conf_mount *mounts;
	unsigned int mounts_count;
};

/* A configuration, and where in which file each part of it stands. */
struct pst_conf_doc {
	char *file;
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
const char *pst_sec_name(enum pst_sec sec);
const char *pst_xprtsec_name(enum pst_xprtsec xprtsec);
const char *pst_nfs_version_name(enum pst_nfs_version version);
const char *pst_transport_name(enum pst_transport transport);

/*
 * The nth group of disks of a pool, in the order in which zpool(8) is told them: the short form,
 * vdevs, special, logs. NULL when there are no more. ret_key is the key of its mapping.
 */
const struct pst_conf_vdev *pst_conf_vdev(const struct pst_conf *conf, size_t pool, size_t n,
					  enum pst_class *ret_class, struct pst_key *ret_key);
/* The nth disk of a pool, of whatever class; NULL when there are no more. */
const char *pst_conf_disk(const struct pst_conf *conf, size_t pool, size_t n,
			  struct pst_key *ret_key);
/* How many disks a vdev has, named and selected. */
unsigned int pst_conf_width(const struct pst_conf_vdev *vdev);
/* How many of them may be lost. */
unsigned int pst_conf_redundancy(const struct pst_conf_vdev *vdev);

/*
 * The file that an encrypted dataset's key is in: a credential is one as well. NULL for a prompt, or
 * without memory.
 */
char *pst_conf_key_file(const struct pst_conf_encryption *encryption);
/* Whether what is mounted at @path may be locked, and then is not mounted. */
bool pst_conf_may_be_locked(const struct pst_conf *conf, const char *path);
const char *pst_key_format_name(enum pst_key_format format);

/* Where a dataset of that name is mounted, as the configuration has it; NULL without memory. */
char *pst_conf_mountpoint(const struct pst_conf *conf, const char *dataset);
unsigned int pst_conf_mount_port(const struct pst_conf_mount *mount);
/* Whether this node is to run the NFS server. */
bool pst_conf_wants_nfs_server(const struct pst_conf *conf);

#endif
