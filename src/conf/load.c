// SPDX-License-Identifier: MIT
/* From the file to a configuration that is valid as a whole. */
#include <errno.h>

#include "base/file.h"
#include "conf/dataset.h"
#include "conf/schema.h"
#include "conf/valid.h"

#define DEFAULT_RDMA_PORT 20049
#define DEFAULT_TCP_PORT  2049
/* Without it a bond would go on sending into a port whose cable is out. */
#define DEFAULT_MIIMON_MS 100

/* What libcyaml has to say when it refuses what pst_schema_check() let pass: a bug of ours. */
static void __format(3, 0)
	keep_log(cyaml_log_t level, void *context, const char *format, va_list args)
{
	struct pst_buf *log = context;

	if (level == CYAML_LOG_ERROR)
		pst_buf_vprintf(log, format, args);
}

static int load_structs(struct pst_conf_doc *doc, const char *text, size_t len,
			struct pst_problems *problems)
{
	struct pst_buf __cleanup_buf log = { 0 };
	const cyaml_config_t config = {
		.log_fn = keep_log,
		.log_ctx = &log,
		.mem_fn = cyaml_mem,
		.log_level = CYAML_LOG_ERROR,
		/* pst_schema_check() knew them all, or took them for properties. */
		// NOLINTNEXTLINE(clang-analyzer-optin.core.EnumCastOutOfRange): they are bits
		.flags = CYAML_CFG_NO_ALIAS | CYAML_CFG_IGNORE_UNKNOWN_KEYS,
	};
	cyaml_err_t error = cyaml_load_data((const uint8_t *)text, len, &config, &pst_schema,
					    (cyaml_data_t **)&doc->conf, NULL);

	if (error == CYAML_OK)
		return 0;
	if (error == CYAML_ERR_OOM)
		return -ENOMEM;
	pst_problem_add(problems, PST_PROBLEM_CONFIG, "", "%s: %s", cyaml_strerror(error),
			log.data ? log.data : "");
	return -EINVAL;
}

static void fill_roce(const struct pst_conf_doc *doc, size_t n, struct pst_conf_roce *roce)
{
	if (!pst_yaml_find(doc->tree, pst_key("rdma[%zu].roce.dscp", n).text))
		roce->dscp = -1;
	if (pst_yaml_find(doc->tree, pst_key("rdma[%zu].roce.priority", n).text))
		return;
	/* The one that loses nothing is the one that RDMA is for. */
	roce->priority = roce->pfc_count == 1 ? (int64_t)roce->pfc[0] : -1;
}

static void fill_clients(struct pst_conf_doc *doc, size_t n)
{
	struct pst_conf_export *export = &doc->conf->exports[n];

	for (size_t i = 0; i < export->clients_count; i++) {
		struct pst_key key = pst_key("exports[%zu].clients[%zu]", n, i);

		if (!pst_yaml_find(doc->tree, pst_key("%s.anonuid", key.text).text))
			export->clients[i].anonuid = -1;
		if (!pst_yaml_find(doc->tree, pst_key("%s.anongid", key.text).text))
			export->clients[i].anongid = -1;
	}
}

/* What is not in the file; zero, which libcyaml leaves there, is a value of its own in these. */
static void fill_defaults(struct pst_conf_doc *doc)
{
	struct pst_conf *conf = doc->conf;

	if (!pst_yaml_find(doc->tree, "nfs_server.rdma_port"))
		conf->nfs_server.rdma_port = DEFAULT_RDMA_PORT;
	if (!pst_yaml_find(doc->tree, "nfs_server.tcp"))
		conf->nfs_server.tcp = true;
	for (size_t i = 0; i < conf->network_count; i++)
		if (conf->network[i].bond &&
		    !pst_yaml_find(doc->tree, pst_key("network[%zu].bond.miimon_ms", i).text))
			conf->network[i].bond->miimon_ms = DEFAULT_MIIMON_MS;
	for (size_t i = 0; i < conf->rdma_count; i++)
		if (conf->rdma[i].roce)
			fill_roce(doc, i, conf->rdma[i].roce);
	for (size_t i = 0; i < conf->exports_count; i++)
		fill_clients(doc, i);
	for (size_t i = 0; i < conf->users_count; i++)
		if (!pst_yaml_find(doc->tree, pst_key("users[%zu].gid", i).text))
			conf->users[i].gid = -1;
	for (size_t i = 0; i < conf->datasets_count; i++) {
		if (!pst_yaml_find(doc->tree, pst_key("datasets[%zu].owner", i).text))
			conf->datasets[i].owner = -1;
		if (!pst_yaml_find(doc->tree, pst_key("datasets[%zu].group", i).text))
			conf->datasets[i].group = -1;
	}
}

static bool has_line(const struct pst_property *table, const char *name)
{
	for (; table->name; table++)
		if (pst_streq(table->name, name))
			return true;
	return false;
}

/* The properties for which libcyaml has no place. */
static int gather(const struct pst_conf_doc *doc, struct pst_key key,
		  const struct pst_property *table, struct pst_more_properties *more)
{
	const struct pst_yaml *node = pst_yaml_find(doc->tree, key.text);
	int error = 0;

	for (size_t i = 0; node && i < node->n_children && !error; i++)
		if (!has_line(table, node->child[i]->key))
			error = pst_more_add(more, node->child[i]->key, node->child[i]->value);
	return error;
}

static const struct pst_property no_properties[] = { { NULL, 0, NULL } };

static int gather_all(struct pst_conf_doc *doc)
{
	struct pst_conf *conf = doc->conf;
	int error = 0;

	for (size_t i = 0; i < conf->pools_count && !error; i++) {
		error = gather(doc, pst_key("pools[%zu].properties", i), pst_pool_properties,
			       &conf->pools[i].properties.more);
		if (!error)
			error = gather(doc, pst_key("pools[%zu].filesystem_properties", i),
				       pst_fs_properties,
				       &conf->pools[i].filesystem_properties.more);
	}
	if (!error)
		error = gather(doc, pst_key("zfs.parameters"), no_properties,
			       &conf->zfs.parameters);
	for (size_t i = 0; i < conf->datasets_count && !error; i++)
		error = gather(doc, pst_key("datasets[%zu].properties", i), pst_fs_properties,
			       &conf->datasets[i].properties.more);
	return error;
}

static void let_go(struct pst_conf *conf)
{
	pst_conf_forget_datasets(conf);
	for (size_t i = 0; i < conf->pools_count; i++) {
		pst_more_free(&conf->pools[i].properties.more);
		pst_more_free(&conf->pools[i].filesystem_properties.more);
	}
	pst_more_free(&conf->zfs.parameters);
	for (size_t i = 0; i < conf->datasets_count; i++)
		pst_more_free(&conf->datasets[i].properties.more);
}

static void validate(const struct pst_conf_doc *doc, struct pst_problems *problems)
{
	struct pst_valid valid = { .conf = doc->conf, .tree = doc->tree, .problems = problems };

	pst_valid_node(&valid);
	pst_valid_users(&valid);
	pst_valid_network(&valid);
	pst_valid_pools(&valid);
	pst_valid_exports(&valid);
	pst_valid_mounts(&valid);
}

int pst_conf_parse(const char *file, const char *text, size_t len, struct pst_conf_doc *ret,
		   struct pst_problems *problems, struct pst_reason *reason)
{
	struct pst_conf_doc __cleanup_conf_doc doc = { .file = strdup(file),
						       .text = strndup(text, len) };
	int error = doc.file && doc.text ? pst_yaml_load(text, len, &doc.tree, problems) : -ENOMEM;

	if (!error) {
		pst_schema_check(doc.tree, &pst_schema, problems);
		error = pst_problems_sort(problems);
	}
	if (!error)
		error = load_structs(&doc, text, len, problems);
	if (!error)
		error = gather_all(&doc);
	if (!error)
		error = pst_conf_sort_datasets(doc.conf);
	if (!error) {
		fill_defaults(&doc);
		validate(&doc, problems);
		error = pst_problems_sort(problems);
	}
	if (error)
		return error == -EINVAL ? error : pst_fail_errno(reason, error, "%s", file);
	*ret = doc;
	doc = (struct pst_conf_doc){ 0 };
	return 0;
}

int pst_conf_load(const char *path, struct pst_conf_doc *ret, struct pst_problems *problems,
		  struct pst_reason *reason)
{
	char __cleanup_free *text = NULL;
	size_t len;
	int error = pst_file_read(path, &text, &len, reason);

	if (error == -ENOENT)
		return pst_fail(reason, error, "there is no configuration %s", path);
	if (error)
		return error == -EINVAL ? -EIO : error;
	return pst_conf_parse(path, text, len, ret, problems, reason);
}

void pst_conf_doc_free(struct pst_conf_doc *doc)
{
	const cyaml_config_t config = { .mem_fn = cyaml_mem };

	if (doc->conf) {
		let_go(doc->conf);
		cyaml_free(&config, &pst_schema, doc->conf, 0);
	}
	pst_yaml_free(&doc->tree);
	free(doc->file);
	free(doc->text);
	*doc = (struct pst_conf_doc){ 0 };
}

unsigned int pst_conf_mount_port(const struct pst_conf_mount *mount)
{
	if (mount->port)
		return mount->port;
	return mount->transport == PST_TRANSPORT_RDMA ? DEFAULT_RDMA_PORT : DEFAULT_TCP_PORT;
}

bool pst_conf_wants_nfs_server(const struct pst_conf *conf)
{
	return conf->node.role == PST_ROLE_STORAGE && conf->exports_count > 0;
}
