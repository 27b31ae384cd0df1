// SPDX-License-Identifier: MIT
/* The shape of the file, as libcyaml's tables, from the innermost mapping to the whole. */
#include "conf/schema.h"

#include "conf/conf.h"

#define REQUIRED (CYAML_FLAG_DEFAULT)
#define OPTIONAL (CYAML_FLAG_OPTIONAL)
#define STRICT	 (CYAML_FLAG_STRICT)

#define STRING(key, flags, type, member) \
	CYAML_FIELD_STRING_PTR(key, (flags) | CYAML_FLAG_POINTER, type, member, 1, CYAML_UNLIMITED)
#define WORD(key, flags, type, member, words) \
	CYAML_FIELD_ENUM(key, (flags) | STRICT, type, member, words, ARRAY_SIZE(words))
#define LIST(key, flags, type, member, entry, min)                                           \
	CYAML_FIELD_SEQUENCE(key, (flags) | CYAML_FLAG_POINTER, type, member, &(entry), min, \
			     CYAML_UNLIMITED)
/* NULL when it is not in the file. */
#define MAPPING_PTR(key, type, member, fields) \
	CYAML_FIELD_MAPPING_PTR(key, CYAML_FLAG_OPTIONAL | CYAML_FLAG_POINTER, type, member, fields)

#define MAPPING_ENTRY(name, type, fields)                              \
	static const cyaml_schema_value_t name = {                     \
		CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, type, fields), \
	}

static const cyaml_strval_t roles[] = { { "storage", PST_ROLE_STORAGE }, { "gpu", PST_ROLE_GPU } };
static const cyaml_strval_t drivers[] = {
	{ "hardware", PST_RDMA_HARDWARE },
	{ "soft-roce", PST_RDMA_SOFT_ROCE },
	{ "soft-iwarp", PST_RDMA_SOFT_IWARP },
};
static const cyaml_strval_t layouts[] = {
	{ "stripe", PST_STRIPE }, { "mirror", PST_MIRROR }, { "raidz1", PST_RAIDZ1 },
	{ "raidz2", PST_RAIDZ2 }, { "raidz3", PST_RAIDZ3 }, { "draid1", PST_DRAID1 },
	{ "draid2", PST_DRAID2 }, { "draid3", PST_DRAID3 },
};
static const cyaml_strval_t accesses[] = { { "rw", PST_READ_WRITE }, { "ro", PST_READ_ONLY } };
static const cyaml_strval_t squashes[] = {
	{ "root", PST_SQUASH_ROOT },
	{ "all", PST_SQUASH_ALL },
	{ "none", PST_SQUASH_NONE },
};
static const cyaml_strval_t secs[] = {
	{ "sys", PST_SEC_SYS },
	{ "krb5", PST_SEC_KRB5 },
	{ "krb5i", PST_SEC_KRB5I },
	{ "krb5p", PST_SEC_KRB5P },
};
static const cyaml_strval_t xprtsecs[] = {
	{ "none", PST_XPRTSEC_NONE },
	{ "tls", PST_XPRTSEC_TLS },
	{ "mtls", PST_XPRTSEC_MTLS },
};
static const cyaml_strval_t versions[] = {
	{ "3", PST_NFS_3 },
	{ "4.0", PST_NFS_4_0 },
	{ "4.1", PST_NFS_4_1 },
	{ "4.2", PST_NFS_4_2 },
};
/* As the sunrpc module's parameter has them, less auto: what it chose is not told from what was asked for. */
static const cyaml_strval_t pool_modes[] = {
	{ "global", PST_POOL_MODE_GLOBAL },
	{ "percpu", PST_POOL_MODE_PERCPU },
	{ "pernode", PST_POOL_MODE_PERNODE },
};
static const cyaml_strval_t io_modes[] = {
	{ "buffered", PST_IO_BUFFERED },
	{ "dontcache", PST_IO_DONTCACHE },
	{ "direct", PST_IO_DIRECT },
};
static const cyaml_strval_t key_formats[] = {
	{ "raw", PST_KEY_RAW },
	{ "hex", PST_KEY_HEX },
	{ "passphrase", PST_KEY_PASSPHRASE },
};
static const cyaml_strval_t transports[] = {
	{ "rdma", PST_TRANSPORT_RDMA },
	{ "tcp", PST_TRANSPORT_TCP },
};

static const cyaml_strval_t presets[] = {
	{ "training", PST_PRESET_TRAINING },
	{ "checkpoint", PST_PRESET_CHECKPOINT },
	{ "home", PST_PRESET_HOME },
};
static const cyaml_strval_t dhcps[] = {
	{ "none", PST_DHCP_NONE },
	{ "ipv4", PST_DHCP_IPV4 },
	{ "ipv6", PST_DHCP_IPV6 },
	{ "both", PST_DHCP_BOTH },
};
/* As both systemd.netdev(5) and ip-link(8) write them. */
static const cyaml_strval_t bond_modes[] = {
	{ "balance-rr", PST_BOND_BALANCE_RR },	 { "active-backup", PST_BOND_ACTIVE_BACKUP },
	{ "balance-xor", PST_BOND_BALANCE_XOR }, { "broadcast", PST_BOND_BROADCAST },
	{ "802.3ad", PST_BOND_802_3AD },	 { "balance-tlb", PST_BOND_BALANCE_TLB },
	{ "balance-alb", PST_BOND_BALANCE_ALB },
};
static const cyaml_strval_t bond_hashes[] = {
	{ "layer2", PST_HASH_LAYER2 },	   { "layer2+3", PST_HASH_LAYER2_3 },
	{ "layer3+4", PST_HASH_LAYER3_4 }, { "encap2+3", PST_HASH_ENCAP2_3 },
	{ "encap3+4", PST_HASH_ENCAP3_4 },
};
static const cyaml_strval_t lacp_rates[] = { { "slow", PST_LACP_SLOW }, { "fast", PST_LACP_FAST } };
static const cyaml_strval_t ipoib_modes[] = {
	{ "datagram", PST_IPOIB_DATAGRAM },
	{ "connected", PST_IPOIB_CONNECTED },
};

static const cyaml_schema_value_t string_entry = {
	CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, CYAML_UNLIMITED),
};

#define POOL_FIELD(name, values) STRING(#name, OPTIONAL, struct pst_pool_properties, name),
#define FS_FIELD(name, values)	 STRING(#name, OPTIONAL, struct pst_fs_properties, name),

static const cyaml_schema_field_t pool_property_fields[] = { PST_POOL_PROPERTIES(POOL_FIELD)
								     CYAML_FIELD_END };
static const cyaml_schema_field_t fs_property_fields[] = { PST_FS_PROPERTIES(FS_FIELD)
								   CYAML_FIELD_END };

static const cyaml_schema_field_t group_fields[] = {
	STRING("name", REQUIRED, struct pst_conf_group, name),
	CYAML_FIELD_INT("gid", REQUIRED, struct pst_conf_group, gid),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t user_fields[] = {
	STRING("name", REQUIRED, struct pst_conf_user, name),
	CYAML_FIELD_INT("uid", REQUIRED, struct pst_conf_user, uid),
	CYAML_FIELD_INT("gid", OPTIONAL, struct pst_conf_user, gid),
	LIST("groups", OPTIONAL, struct pst_conf_user, groups, string_entry, 0),
	LIST("ssh_keys", OPTIONAL, struct pst_conf_user, ssh_keys, string_entry, 0),
	STRING("shell", OPTIONAL, struct pst_conf_user, shell),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t vlan_fields[] = {
	CYAML_FIELD_UINT("id", REQUIRED, struct pst_conf_vlan, id),
	STRING("interface", REQUIRED, struct pst_conf_vlan, interface),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t bond_fields[] = {
	WORD("mode", REQUIRED, struct pst_conf_bond, mode, bond_modes),
	LIST("interfaces", REQUIRED, struct pst_conf_bond, interfaces, string_entry, 1),
	WORD("hash", OPTIONAL, struct pst_conf_bond, hash, bond_hashes),
	WORD("lacp_rate", OPTIONAL, struct pst_conf_bond, lacp_rate, lacp_rates),
	CYAML_FIELD_UINT("miimon_ms", OPTIONAL, struct pst_conf_bond, miimon_ms),
	STRING("primary", OPTIONAL, struct pst_conf_bond, primary),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t ipoib_fields[] = {
	WORD("mode", OPTIONAL, struct pst_conf_ipoib, mode, ipoib_modes),
	STRING("pkey", OPTIONAL, struct pst_conf_ipoib, pkey),
	STRING("interface", OPTIONAL, struct pst_conf_ipoib, interface),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t network_fields[] = {
	STRING("interface", REQUIRED, struct pst_conf_network, interface),
	MAPPING_PTR("vlan", struct pst_conf_network, vlan, vlan_fields),
	MAPPING_PTR("bond", struct pst_conf_network, bond, bond_fields),
	MAPPING_PTR("ipoib", struct pst_conf_network, ipoib, ipoib_fields),
	WORD("dhcp", OPTIONAL, struct pst_conf_network, dhcp, dhcps),
	LIST("addresses", OPTIONAL, struct pst_conf_network, addresses, string_entry, 1),
	STRING("gateway", OPTIONAL, struct pst_conf_network, gateway),
	LIST("dns", OPTIONAL, struct pst_conf_network, dns, string_entry, 0),
	CYAML_FIELD_UINT("mtu", OPTIONAL, struct pst_conf_network, mtu),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t number_entry = {
	CYAML_VALUE_UINT(CYAML_FLAG_DEFAULT, unsigned int),
};

static const cyaml_schema_field_t class_fields[] = {
	LIST("priorities", REQUIRED, struct pst_conf_share, priorities, number_entry, 0),
	CYAML_FIELD_UINT("percent", REQUIRED, struct pst_conf_share, percent),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t buffer_fields[] = {
	LIST("priorities", REQUIRED, struct pst_conf_share, priorities, number_entry, 0),
	CYAML_FIELD_UINT("bytes", REQUIRED, struct pst_conf_share, bytes),
	CYAML_FIELD_END,
};

MAPPING_ENTRY(class_entry, struct pst_conf_share, class_fields);
MAPPING_ENTRY(buffer_entry, struct pst_conf_share, buffer_fields);

static const cyaml_schema_field_t roce_fields[] = {
	LIST("pfc", OPTIONAL, struct pst_conf_roce, pfc, number_entry, 1),
	CYAML_FIELD_INT("dscp", OPTIONAL, struct pst_conf_roce, dscp),
	CYAML_FIELD_INT("priority", OPTIONAL, struct pst_conf_roce, priority),
	LIST("ets", OPTIONAL, struct pst_conf_roce, ets, class_entry, 1),
	LIST("buffers", OPTIONAL, struct pst_conf_roce, buffers, buffer_entry, 1),
	CYAML_FIELD_BOOL("ecn", OPTIONAL, struct pst_conf_roce, ecn),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t rdma_fields[] = {
	STRING("device", REQUIRED, struct pst_conf_rdma, device),
	WORD("driver", OPTIONAL, struct pst_conf_rdma, driver, drivers),
	STRING("interface", REQUIRED, struct pst_conf_rdma, interface),
	MAPPING_PTR("roce", struct pst_conf_rdma, roce, roce_fields),
	CYAML_FIELD_END,
};

#define MAPPING_ENTRY(name, type, fields)                              \
	static const cyaml_schema_value_t name = {                     \
		CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, type, fields), \
	}

static const cyaml_schema_field_t select_fields[] = {
	STRING("model", OPTIONAL, struct pst_conf_select, model),
	STRING("size", OPTIONAL, struct pst_conf_select, size),
	STRING("pci", OPTIONAL, struct pst_conf_select, pci),
	CYAML_FIELD_UINT("count", REQUIRED, struct pst_conf_select, count),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t vdev_fields[] = {
	WORD("layout", REQUIRED, struct pst_conf_vdev, layout, layouts),
	LIST("disks", OPTIONAL, struct pst_conf_vdev, disks, string_entry, 1),
	CYAML_FIELD_MAPPING("select", OPTIONAL, struct pst_conf_vdev, select, select_fields),
	CYAML_FIELD_UINT("data", OPTIONAL, struct pst_conf_vdev, data),
	CYAML_FIELD_UINT("spares", OPTIONAL, struct pst_conf_vdev, spares),
	CYAML_FIELD_UINT("children", OPTIONAL, struct pst_conf_vdev, children),
	CYAML_FIELD_END,
};

MAPPING_ENTRY(vdev_entry, struct pst_conf_vdev, vdev_fields);

static const cyaml_schema_field_t pool_fields[] = {
	STRING("name", REQUIRED, struct pst_conf_pool, name),
	CYAML_FIELD_BOOL("import", OPTIONAL, struct pst_conf_pool, import),
	WORD("layout", OPTIONAL, struct pst_conf_pool, own.layout, layouts),
	LIST("disks", OPTIONAL, struct pst_conf_pool, own.disks, string_entry, 1),
	CYAML_FIELD_MAPPING("select", OPTIONAL, struct pst_conf_pool, own.select, select_fields),
	CYAML_FIELD_UINT("data", OPTIONAL, struct pst_conf_pool, own.data),
	CYAML_FIELD_UINT("children", OPTIONAL, struct pst_conf_pool, own.children),
	LIST("vdevs", OPTIONAL, struct pst_conf_pool, vdevs, vdev_entry, 1),
	LIST("special", OPTIONAL, struct pst_conf_pool, special, vdev_entry, 0),
	LIST("logs", OPTIONAL, struct pst_conf_pool, logs, vdev_entry, 0),
	LIST("cache", OPTIONAL, struct pst_conf_pool, cache, string_entry, 0),
	LIST("spares", OPTIONAL, struct pst_conf_pool, spares, string_entry, 0),
	CYAML_FIELD_MAPPING("properties", OPTIONAL, struct pst_conf_pool, properties,
			    pool_property_fields),
	CYAML_FIELD_MAPPING("filesystem_properties", OPTIONAL, struct pst_conf_pool,
			    filesystem_properties, fs_property_fields),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t encryption_fields[] = {
	STRING("key", REQUIRED, struct pst_conf_encryption, key),
	WORD("format", OPTIONAL, struct pst_conf_encryption, format, key_formats),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t dataset_fields[] = {
	STRING("name", REQUIRED, struct pst_conf_dataset, name),
	CYAML_FIELD_MAPPING("encryption", OPTIONAL, struct pst_conf_dataset, encryption,
			    encryption_fields),
	CYAML_FIELD_MAPPING("properties", OPTIONAL, struct pst_conf_dataset, properties,
			    fs_property_fields),
	CYAML_FIELD_INT("owner", OPTIONAL, struct pst_conf_dataset, owner),
	CYAML_FIELD_INT("group", OPTIONAL, struct pst_conf_dataset, group),
	STRING("mode", OPTIONAL, struct pst_conf_dataset, mode),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t sec_entry = {
	CYAML_VALUE_ENUM(STRICT, enum pst_sec, secs, ARRAY_SIZE(secs)),
};
static const cyaml_schema_value_t xprtsec_entry = {
	CYAML_VALUE_ENUM(STRICT, enum pst_xprtsec, xprtsecs, ARRAY_SIZE(xprtsecs)),
};

static const cyaml_schema_field_t client_fields[] = {
	STRING("host", REQUIRED, struct pst_conf_client, host),
	WORD("access", OPTIONAL, struct pst_conf_client, access, accesses),
	WORD("squash", OPTIONAL, struct pst_conf_client, squash, squashes),
	CYAML_FIELD_BOOL("allow_anyone", OPTIONAL, struct pst_conf_client, allow_anyone),
	CYAML_FIELD_BOOL("allow_root", OPTIONAL, struct pst_conf_client, allow_root),
	CYAML_FIELD_BOOL("crossmnt", OPTIONAL, struct pst_conf_client, crossmnt),
	CYAML_FIELD_INT("anonuid", OPTIONAL, struct pst_conf_client, anonuid),
	CYAML_FIELD_INT("anongid", OPTIONAL, struct pst_conf_client, anongid),
	LIST("sec", OPTIONAL, struct pst_conf_client, sec, sec_entry, 1),
	LIST("xprtsec", OPTIONAL, struct pst_conf_client, xprtsec, xprtsec_entry, 1),
	LIST("options", OPTIONAL, struct pst_conf_client, options, string_entry, 0),
	CYAML_FIELD_END,
};

MAPPING_ENTRY(client_entry, struct pst_conf_client, client_fields);

static const cyaml_schema_field_t export_fields[] = {
	STRING("path", REQUIRED, struct pst_conf_export, path),
	CYAML_FIELD_UINT("fsid", OPTIONAL, struct pst_conf_export, fsid),
	LIST("clients", REQUIRED, struct pst_conf_export, clients, client_entry, 1),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t version_entry = {
	CYAML_VALUE_ENUM(STRICT, enum pst_nfs_version, versions, ARRAY_SIZE(versions)),
};

static const cyaml_schema_field_t io_mode_fields[] = {
	WORD("read", OPTIONAL, struct pst_conf_io_modes, read, io_modes),
	WORD("write", OPTIONAL, struct pst_conf_io_modes, write, io_modes),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t nfs_server_fields[] = {
	CYAML_FIELD_UINT("threads", OPTIONAL, struct pst_conf_nfs_server, threads),
	WORD("pool_mode", OPTIONAL, struct pst_conf_nfs_server, pool_mode, pool_modes),
	CYAML_FIELD_UINT("rdma_port", OPTIONAL, struct pst_conf_nfs_server, rdma_port),
	CYAML_FIELD_BOOL("tcp", OPTIONAL, struct pst_conf_nfs_server, tcp),
	STRING("block_size", OPTIONAL, struct pst_conf_nfs_server, block_size),
	CYAML_FIELD_MAPPING("io_modes", OPTIONAL, struct pst_conf_nfs_server, io_modes,
			    io_mode_fields),
	LIST("versions", OPTIONAL, struct pst_conf_nfs_server, versions, version_entry, 1),
	CYAML_FIELD_UINT("lease", OPTIONAL, struct pst_conf_nfs_server, lease_s),
	CYAML_FIELD_UINT("grace", OPTIONAL, struct pst_conf_nfs_server, grace_s),
	CYAML_FIELD_END,
};

/* Parameters have any names: they are what the module has. */
static const cyaml_schema_field_t parameter_fields[] = { CYAML_FIELD_END };

static const cyaml_schema_field_t zfs_fields[] = {
	STRING("arc_max", OPTIONAL, struct pst_conf_zfs, arc_max),
	CYAML_FIELD_MAPPING("parameters", OPTIONAL, struct pst_conf_zfs, parameters,
			    parameter_fields),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t mount_fields[] = {
	STRING("source", REQUIRED, struct pst_conf_mount, source),
	STRING("target", REQUIRED, struct pst_conf_mount, target),
	WORD("version", OPTIONAL, struct pst_conf_mount, version, versions),
	WORD("transport", OPTIONAL, struct pst_conf_mount, transport, transports),
	CYAML_FIELD_UINT("port", OPTIONAL, struct pst_conf_mount, port),
	WORD("preset", OPTIONAL, struct pst_conf_mount, preset, presets),
	CYAML_FIELD_UINT("nconnect", OPTIONAL, struct pst_conf_mount, nconnect),
	LIST("servers", OPTIONAL, struct pst_conf_mount, servers, string_entry, 1),
	CYAML_FIELD_BOOL("automount", OPTIONAL, struct pst_conf_mount, automount),
	CYAML_FIELD_UINT("idle_seconds", OPTIONAL, struct pst_conf_mount, idle_seconds),
	LIST("options", OPTIONAL, struct pst_conf_mount, options, string_entry, 0),
	CYAML_FIELD_END,
};

MAPPING_ENTRY(group_entry, struct pst_conf_group, group_fields);
MAPPING_ENTRY(user_entry, struct pst_conf_user, user_fields);
MAPPING_ENTRY(network_entry, struct pst_conf_network, network_fields);
MAPPING_ENTRY(rdma_entry, struct pst_conf_rdma, rdma_fields);
MAPPING_ENTRY(pool_entry, struct pst_conf_pool, pool_fields);
MAPPING_ENTRY(dataset_entry, struct pst_conf_dataset, dataset_fields);
MAPPING_ENTRY(export_entry, struct pst_conf_export, export_fields);
MAPPING_ENTRY(mount_entry, struct pst_conf_mount, mount_fields);

static const cyaml_schema_field_t node_fields[] = {
	STRING("name", REQUIRED, __typeof__(((struct pst_conf *)0)->node), name),
	WORD("role", REQUIRED, __typeof__(((struct pst_conf *)0)->node), role, roles),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t ssh_fields[] = {
	LIST("authorized_keys", REQUIRED, __typeof__(((struct pst_conf *)0)->ssh), authorized_keys,
	     string_entry, 1),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t update_fields[] = {
	STRING("source", REQUIRED, __typeof__(((struct pst_conf *)0)->update), source),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t top_fields[] = {
	CYAML_FIELD_MAPPING("node", REQUIRED, struct pst_conf, node, node_fields),
	CYAML_FIELD_MAPPING("ssh", OPTIONAL, struct pst_conf, ssh, ssh_fields),
	LIST("groups", OPTIONAL, struct pst_conf, groups, group_entry, 0),
	LIST("users", OPTIONAL, struct pst_conf, users, user_entry, 0),
	LIST("network", OPTIONAL, struct pst_conf, network, network_entry, 0),
	LIST("rdma", OPTIONAL, struct pst_conf, rdma, rdma_entry, 0),
	LIST("pools", OPTIONAL, struct pst_conf, pools, pool_entry, 0),
	LIST("datasets", OPTIONAL, struct pst_conf, datasets, dataset_entry, 0),
	LIST("exports", OPTIONAL, struct pst_conf, exports, export_entry, 0),
	CYAML_FIELD_MAPPING("nfs_server", OPTIONAL, struct pst_conf, nfs_server, nfs_server_fields),
	CYAML_FIELD_MAPPING("zfs", OPTIONAL, struct pst_conf, zfs, zfs_fields),
	LIST("mounts", OPTIONAL, struct pst_conf, mounts, mount_entry, 0),
	CYAML_FIELD_MAPPING("update", OPTIONAL, struct pst_conf, update, update_fields),
	CYAML_FIELD_END,
};

const cyaml_schema_value_t pst_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct pst_conf, top_fields),
};

bool pst_schema_is_open(const cyaml_schema_field_t *fields)
{
	return fields == pool_property_fields || fields == fs_property_fields ||
	       fields == parameter_fields;
}

static const char *word_of(const cyaml_strval_t *words, size_t count, int value)
{
	for (size_t i = 0; i < count; i++)
		if (words[i].val == value)
			return words[i].str;
	return "?";
}

const char *pst_role_name(enum pst_role role)
{
	return word_of(roles, ARRAY_SIZE(roles), (int)role);
}

enum pst_role pst_role_of_image(const char *image)
{
	return pst_streq(image, pst_role_name(PST_ROLE_GPU)) ? PST_ROLE_GPU : PST_ROLE_STORAGE;
}

const char *pst_layout_name(enum pst_layout layout)
{
	return word_of(layouts, ARRAY_SIZE(layouts), (int)layout);
}

const char *pst_key_format_name(enum pst_key_format format)
{
	return word_of(key_formats, ARRAY_SIZE(key_formats), (int)format);
}

const char *pst_sec_name(enum pst_sec sec)
{
	return word_of(secs, ARRAY_SIZE(secs), (int)sec);
}

const char *pst_xprtsec_name(enum pst_xprtsec xprtsec)
{
	return word_of(xprtsecs, ARRAY_SIZE(xprtsecs), (int)xprtsec);
}

const char *pst_nfs_version_name(enum pst_nfs_version version)
{
	return word_of(versions, ARRAY_SIZE(versions), (int)version);
}

const char *pst_transport_name(enum pst_transport transport)
{
	return word_of(transports, ARRAY_SIZE(transports), (int)transport);
}

const char *pst_bond_mode_name(enum pst_bond_mode mode)
{
	return word_of(bond_modes, ARRAY_SIZE(bond_modes), (int)mode);
}

const char *pst_bond_hash_name(enum pst_bond_hash hash)
{
	return word_of(bond_hashes, ARRAY_SIZE(bond_hashes), (int)hash);
}

const char *pst_lacp_rate_name(enum pst_lacp_rate rate)
{
	return word_of(lacp_rates, ARRAY_SIZE(lacp_rates), (int)rate);
}

const char *pst_ipoib_mode_name(enum pst_ipoib_mode mode)
{
	return word_of(ipoib_modes, ARRAY_SIZE(ipoib_modes), (int)mode);
}

const char *pst_pool_mode_name(enum pst_pool_mode mode)
{
	return word_of(pool_modes, ARRAY_SIZE(pool_modes), (int)mode);
}

const char *pst_io_mode_name(enum pst_io_mode mode)
{
	return word_of(io_modes, ARRAY_SIZE(io_modes), (int)mode);
}

const char *pst_preset_name(enum pst_preset preset)
{
	return word_of(presets, ARRAY_SIZE(presets), (int)preset);
}
