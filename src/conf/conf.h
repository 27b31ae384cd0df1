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
/* How the NFS server reads and writes files; after the first, in the order of the kernel's numbers. */
enum pst_io_mode { PST_IO_DEFAULT, PST_IO_BUFFERED, PST_IO_DONTCACHE, PST_IO_DIRECT };
/* How the NFS server's threads are shared out: all together, or bound to a CPU or a NUMA node each. */
enum pst_pool_mode {
	PST_POOL_MODE_DEFAULT, /* by the machine */
	PST_POOL_MODE_GLOBAL,
	PST_POOL_MODE_PERCPU,
	PST_POOL_MODE_PERNODE,
};
/* How long what a mount knows of files may be used before the server is asked again. */
enum pst_preset { PST_PRESET_NONE, PST_PRESET_TRAINING, PST_PRESET_CHECKPOINT, PST_PRESET_HOME };
enum pst_dhcp { PST_DHCP_NONE, PST_DHCP_IPV4, PST_DHCP_IPV6, PST_DHCP_BOTH };
enum pst_bond_mode {
	PST_BOND_BALANCE_RR,
	PST_BOND_ACTIVE_BACKUP,
	PST_BOND_BALANCE_XOR,
	PST_BOND_BROADCAST,
	PST_BOND_802_3AD,
	PST_BOND_BALANCE_TLB,
	PST_BOND_BALANCE_ALB,
};
/* The first of each of these means: as the kernel has it. */
enum pst_bond_hash {
	PST_HASH_DEFAULT,
	PST_HASH_LAYER2,
	PST_HASH_LAYER2_3,
	PST_HASH_LAYER3_4,
	PST_HASH_ENCAP2_3,
	PST_HASH_ENCAP3_4,
};
enum pst_lacp_rate { PST_LACP_DEFAULT, PST_LACP_SLOW, PST_LACP_FAST };
enum pst_ipoib_mode { PST_IPOIB_DEFAULT, PST_IPOIB_DATAGRAM, PST_IPOIB_CONNECTED };

/* Counts are named as libcyaml's macros want them: the member's name and _count. */
struct pst_conf_vlan {
	unsigned int id;
	char *interface;
};

struct pst_conf_bond {
	enum pst_bond_mode mode;
	char **interfaces;
	unsigned int interfaces_count;
	enum pst_bond_hash hash;
	enum pst_lacp_rate lacp_rate;
	unsigned int miimon_ms;
	char *primary;
};

struct pst_conf_ipoib {
	enum pst_ipoib_mode mode;
	char *pkey; /* 0x8001 to 0xffff, of a child; NULL: settings of the port's own interface */
	char *interface; /* the port's own interface, of a child */
};

/* At most one of vlan, bond and ipoib is there. */
struct pst_conf_network {
	char *interface;
	struct pst_conf_vlan *vlan;
	struct pst_conf_bond *bond;
	struct pst_conf_ipoib *ipoib;
	enum pst_dhcp dhcp;
	char **addresses;
	unsigned int addresses_count;
	char *gateway;
	char **dns;
	unsigned int dns_count;
	unsigned int mtu; /* 0: as it is */
};

/* A traffic class of ETS, or a buffer; its number is its place in the list. */
struct pst_conf_share {
	unsigned int *priorities;
	unsigned int priorities_count;
	unsigned int percent; /* of a class; 0: served before all others */
	unsigned int bytes; /* of a buffer */
};

struct pst_conf_roce {
	unsigned int *pfc;
	unsigned int pfc_count;
	int64_t dscp; /* -1: none */
	int64_t priority; /* that dscp and ecn are for; -1: none */
	struct pst_conf_share *ets;
	unsigned int ets_count;
	struct pst_conf_share *buffers;
	unsigned int buffers_count;
	bool ecn;
};

struct pst_conf_rdma {
	char *device;
	enum pst_rdma_driver driver;
	char *interface;
	struct pst_conf_roce *roce; /* NULL: as it is */
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

struct pst_conf_io_modes {
	enum pst_io_mode read;
	enum pst_io_mode write;
};

struct pst_conf_nfs_server {
	unsigned int threads; /* 0: by the CPUs */
	enum pst_pool_mode pool_mode;
	char *block_size; /* NULL: as the kernel has it */
	struct pst_conf_io_modes io_modes;
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
	enum pst_preset preset;
	unsigned int nconnect; /* 0: the kernel's */
	char **servers; /* further addresses of the source's host */
	unsigned int servers_count;
	bool automount;
	unsigned int idle_seconds; /* 0: never unmounted */
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

struct pst_conf_place;

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
	struct pst_conf_zfs zfs;
	struct pst_conf_mount *mounts;
	unsigned int mounts_count;
	struct {
		char *source; /* NULL: none */
	} update;
	/* The datasets sorted, made by pst_conf_parse(). */
	const struct pst_conf_dataset **by_name;
	struct pst_conf_place *by_mountpoint;
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
/* Which node an image makes: "gpu" a GPU node, and "storage" and "minimal" a storage node. */
enum pst_role pst_role_of_image(const char *image);
const char *pst_layout_name(enum pst_layout layout);
const char *pst_sec_name(enum pst_sec sec);
const char *pst_xprtsec_name(enum pst_xprtsec xprtsec);
const char *pst_nfs_version_name(enum pst_nfs_version version);
const char *pst_transport_name(enum pst_transport transport);
const char *pst_bond_mode_name(enum pst_bond_mode mode);
const char *pst_bond_hash_name(enum pst_bond_hash hash);
const char *pst_lacp_rate_name(enum pst_lacp_rate rate);
const char *pst_ipoib_mode_name(enum pst_ipoib_mode mode);

/* What makes an interface; NULL when it is there by itself, as a card's is. */
const char *pst_conf_network_kind(const struct pst_conf_network *network);
/* The declared interface of that name; NULL when there is none. */
const struct pst_conf_network *pst_conf_network(const struct pst_conf *conf, const char *interface);
/* The bond that an interface is declared to be in; NULL when there is none. */
const struct pst_conf_network *pst_conf_bond_of(const struct pst_conf *conf, const char *interface);
/* The interface that a VLAN or an IPoIB child is on; NULL when it is neither. */
const char *pst_conf_network_parent(const struct pst_conf_network *network);

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

/* Whether a dataset is in the pool, or its root. */
bool pst_is_in_pool(const char *dataset, const char *pool);
/* The declared dataset of that name; NULL when there is none. */
const struct pst_conf_dataset *pst_conf_dataset(const struct pst_conf *conf, const char *name);
/* Where a dataset of that name is mounted, as the configuration has it; NULL without memory. */
char *pst_conf_mountpoint(const struct pst_conf *conf, const char *dataset);
const char *pst_preset_name(enum pst_preset preset);
const char *pst_pool_mode_name(enum pst_pool_mode mode);
const char *pst_io_mode_name(enum pst_io_mode mode);
unsigned int pst_conf_mount_port(const struct pst_conf_mount *mount);
/* Whether this node is to run the NFS server. */
bool pst_conf_wants_nfs_server(const struct pst_conf *conf);

#endif
