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

static const cyaml_strval_t roles[] = { { "storage", PST_ROLE_STORAGE }, { "gpu", PST_ROLE_GPU } };
static const cyaml_strval_t drivers[] = {
	{ "hardware", PST_RDMA_HARDWARE },
	{ "soft-roce", PST_RDMA_SOFT_ROCE },
	{ "soft-iwarp", PST_RDMA_SOFT_IWARP },
};
static const cyaml_strval_t layouts[] = {
	{ "stripe", PST_STRIPE }, { "mirror", PST_MIRROR }, { "raidz1", PST_RAIDZ1 },
	{ "raidz2", PST_RAIDZ2 }, { "raidz3", PST_RAIDZ3 },
};
static const cyaml_strval_t accesses[] = { { "rw", PST_READ_WRITE }, { "ro", PST_READ_ONLY } };
static const cyaml_strval_t squashes[] = {
	{ "root", PST_SQUASH_ROOT },
	{ "all", PST_SQUASH_ALL },
	{ "none", PST_SQUASH_NONE },
};
static const cyaml_strval_t versions[] = {
	{ "3", PST_NFS_3 },
	{ "4.0", PST_NFS_4_0 },
	{ "4.1", PST_NFS_4_1 },
	{ "4.2", PST_NFS_4_2 },
};
static const cyaml_strval_t transports[] = {
	{ "rdma", PST_TRANSPORT_RDMA },
	{ "tcp", PST_TRANSPORT_TCP },
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

static const cyaml_schema_field_t network_fields[] = {
	STRING("interface", REQUIRED, struct pst_conf_network, interface),
	LIST("addresses", REQUIRED, struct pst_conf_network, addresses, string_entry, 1),
	STRING("gateway", OPTIONAL, struct pst_conf_network, gateway),
	LIST("dns", OPTIONAL, struct pst_conf_network, dns, string_entry, 0),
	CYAML_FIELD_UINT("mtu", OPTIONAL, struct pst_conf_network, mtu),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t rdma_fields[] = {
	STRING("device", REQUIRED, struct pst_conf_rdma, device),
	WORD("driver", OPTIONAL, struct pst_conf_rdma, driver, drivers),
	STRING("interface", REQUIRED, struct pst_conf_rdma, interface),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t pool_fields[] = {
	STRING("name", REQUIRED, struct pst_conf_pool, name),
	WORD("layout", REQUIRED, struct pst_conf_pool, layout, layouts),
	LIST("disks", REQUIRED, struct pst_conf_pool, disks, string_entry, 1),
	CYAML_FIELD_MAPPING("properties", OPTIONAL, struct pst_conf_pool, properties,
			    pool_property_fields),
	CYAML_FIELD_MAPPING("filesystem_properties", OPTIONAL, struct pst_conf_pool,
			    filesystem_properties, fs_property_fields),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t dataset_fields[] = {
	STRING("name", REQUIRED, struct pst_conf_dataset, name),
	CYAML_FIELD_MAPPING("properties", OPTIONAL, struct pst_conf_dataset, properties,
			    fs_property_fields),
	CYAML_FIELD_INT("owner", OPTIONAL, struct pst_conf_dataset, owner),
	CYAML_FIELD_INT("group", OPTIONAL, struct pst_conf_dataset, group),
	STRING("mode", OPTIONAL, struct pst_conf_dataset, mode),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t client_fields[] = {
	STRING("host", REQUIRED, struct pst_conf_client, host),
	WORD("access", OPTIONAL, struct pst_conf_client, access, accesses),
	WORD("squash", OPTIONAL, struct pst_conf_client, squash, squashes),
	CYAML_FIELD_BOOL("allow_anyone", OPTIONAL, struct pst_conf_client, allow_anyone),
	LIST("options", OPTIONAL, struct pst_conf_client, options, string_entry, 0),
	CYAML_FIELD_END,
};

#define MAPPING_ENTRY(name, type, fields)                              \
	static const cyaml_schema_value_t name = {                     \
		CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, type, fields), \
	}

MAPPING_ENTRY(client_entry, struct pst_conf_client, client_fields);

static const cyaml_schema_field_t export_fields[] = {
	STRING("path", REQUIRED, struct pst_conf_export, path),
	CYAML_FIELD_UINT("fsid", OPTIONAL, struct pst_conf_export, fsid),
	LIST("clients", REQUIRED, struct pst_conf_export, clients, client_entry, 1),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t nfs_server_fields[] = {
	CYAML_FIELD_UINT("threads", OPTIONAL, struct pst_conf_nfs_server, threads),
	CYAML_FIELD_UINT("rdma_port", OPTIONAL, struct pst_conf_nfs_server, rdma_port),
	CYAML_FIELD_BOOL("tcp", OPTIONAL, struct pst_conf_nfs_server, tcp),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t mount_fields[] = {
	STRING("source", REQUIRED, struct pst_conf_mount, source),
	STRING("target", REQUIRED, struct pst_conf_mount, target),
	WORD("version", OPTIONAL, struct pst_conf_mount, version, versions),
	WORD("transport", OPTIONAL, struct pst_conf_mount, transport, transports),
	CYAML_FIELD_UINT("port", OPTIONAL, struct pst_conf_mount, port),
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
	LIST("mounts", OPTIONAL, struct pst_conf, mounts, mount_entry, 0),
	CYAML_FIELD_END,
};

const cyaml_schema_value_t pst_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct pst_conf, top_fields),
};

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

const char *pst_layout_name(enum pst_layout layout)
{
	return word_of(layouts, ARRAY_SIZE(layouts), (int)layout);
}

const char *pst_nfs_version_name(enum pst_nfs_version version)
{
	return word_of(versions, ARRAY_SIZE(versions), (int)version);
}

const char *pst_transport_name(enum pst_transport transport)
{
	return word_of(transports, ARRAY_SIZE(transports), (int)transport);
}
