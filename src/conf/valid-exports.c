// SPDX-License-Identifier: MIT
/* Checks of exports and nfs_server. */
#include "conf/dataset.h"
#include "conf/valid.h"
#include "conf/word.h"

#define NFS_PORT    2049
#define THREADS_MAX 4096
#define PORT_MAX    65535
#define TIME_MIN    10
#define TIME_MAX    3600
/* Of the kernel's files, pages; 4M is the most that any kernel takes. */
#define BLOCK_LEAST (4ULL << 10)
#define BLOCK_MOST  (4ULL << 20)

static const char *host_complaint(const char *host)
{
	struct pst_network network;

	if (pst_streq(host, "*"))
		return NULL;
	if (host[0] == '@')
		return pst_word_netgroup(host);
	if (strchr(host, '/'))
		return pst_word_network(host, &network);
	if (!pst_word_address(host, &network))
		return NULL;
	return pst_word_host_name(host);
}

static bool is_anyone(const char *host)
{
	struct pst_network network;

	return pst_streq(host, "*") ||
	       (strchr(host, '/') && !pst_word_network(host, &network) && network.prefix_bits == 0);
}

/* Options that cannot both hold. */
static void check_contradictions(struct pst_valid *valid, const char *key,
				 const struct pst_conf_client *client)
{
	static const char *const pairs[][2] = {
		{ "sync", "async" },	  { "wdelay", "no_wdelay" },
		{ "secure", "insecure" }, { "subtree_check", "no_subtree_check" },
		{ "hide", "nohide" },	  { "secure_locks", "insecure_locks" },
		{ "acl", "no_acl" },	  { "crossmnt", "nocrossmnt" },
		{ "pnfs", "no_pnfs" },	  { "auth_nlm", "no_auth_nlm" },
	};
	const struct pst_strv options = { .v = client->options, .n = client->options_count };

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		if (pst_strv_contains(&options, pairs[i][0]) &&
		    pst_strv_contains(&options, pairs[i][1]))
			pst_bad(valid, pst_key("%s.options", key),
				"%s and %s contradict each other", pairs[i][0], pairs[i][1]);
}

/* What has a key of its own must not stand among the options as well. */
static void check_once(struct pst_valid *valid, const char *key,
		       const struct pst_conf_client *client)
{
	const struct {
		const char *option;
		bool is_given;
		const char *name;
	} twice[] = {
		{ "sec=", client->sec_count, "sec" },
		{ "xprtsec=", client->xprtsec_count, "xprtsec" },
		{ "anonuid=", client->anonuid >= 0, "anonuid" },
		{ "anongid=", client->anongid >= 0, "anongid" },
		{ "nocrossmnt", client->crossmnt, "crossmnt" },
	};

	for (size_t i = 0; i < client->options_count; i++)
		for (size_t j = 0; j < ARRAY_SIZE(twice); j++)
			if (twice[j].is_given &&
			    pst_startswith(client->options[i], twice[j].option))
				pst_bad(valid, pst_key("%s.options[%zu]", key, i),
					"\"%s\" is said by the key %s already", client->options[i],
					twice[j].name);
}

static void check_flavours(struct pst_valid *valid, const char *key,
			   const struct pst_conf_client *client)
{
	for (size_t i = 0; i < client->sec_count; i++)
		for (size_t j = 0; j < i; j++)
			if (client->sec[i] == client->sec[j])
				pst_bad(valid, pst_key("%s.sec[%zu]", key, i), "%s is given twice",
					pst_sec_name(client->sec[i]));
	for (size_t i = 0; i < client->xprtsec_count; i++)
		for (size_t j = 0; j < i; j++)
			if (client->xprtsec[i] == client->xprtsec[j])
				pst_bad(valid, pst_key("%s.xprtsec[%zu]", key, i),
					"%s is given twice", pst_xprtsec_name(client->xprtsec[i]));
}

static void check_client(struct pst_valid *valid, const char *key,
			 const struct pst_conf_client *client)
{
	pst_bad_word(valid, pst_key("%s.host", key), client->host, host_complaint(client->host));
	if (is_anyone(client->host) && client->access == PST_READ_WRITE && !client->allow_anyone)
		pst_bad(valid, pst_key("%s.host", key),
			"\"%s\" would let anyone write: say access: ro, or allow_anyone: true",
			client->host);
	if (is_anyone(client->host) && client->squash == PST_SQUASH_NONE && !client->allow_root)
		pst_bad(valid, pst_key("%s.squash", key),
			"none would make anyone's root this node's root: say squash: root, or "
			"allow_root: true");
	check_once(valid, key, client);
	check_flavours(valid, key, client);
	for (size_t i = 0; i < client->options_count; i++)
		pst_bad_word(valid, pst_key("%s.options[%zu]", key, i), client->options[i],
			     pst_word_export_option(client->options[i]));
	check_contradictions(valid, key, client);
}

static void check_clients_differ(struct pst_valid *valid, size_t n,
				 const struct pst_conf_export *export)
{
	for (size_t i = 0; i < export->clients_count; i++)
		for (size_t j = 0; j < i; j++)
			if (pst_streq(export->clients[i].host, export->clients[j].host))
				pst_bad(valid, pst_key("exports[%zu].clients[%zu].host", n, i),
					"the client \"%s\" is given twice for this path",
					export->clients[i].host);
}

static void check_export(struct pst_valid *valid, size_t n)
{
	const struct pst_conf_export *export = &valid->conf->exports[n];
	struct pst_key path = pst_key("exports[%zu].path", n);
	struct pst_key fsid = pst_key("exports[%zu].fsid", n);
	const char *complaint = pst_word_path(export->path);

	pst_bad_word(valid, path, export->path, complaint);
	if (!complaint && !pst_conf_place(valid->conf, export->path))
		pst_bad(valid, path, "\"%s\" is where none of the datasets is mounted",
			export->path);
	if (!export->fsid && pst_yaml_find(valid->tree, fsid.text))
		pst_bad(valid, fsid, "0 would make this export the root of NFSv4; count from 1");
	for (size_t i = 0; i < export->clients_count; i++)
		check_client(valid, pst_key("exports[%zu].clients[%zu]", n, i).text,
			     &export->clients[i]);
	check_clients_differ(valid, n, export);
	for (size_t i = 0; i < n && export->fsid; i++)
		if (export->fsid == valid->conf->exports[i].fsid)
			pst_bad(valid, fsid, "%u is the fsid of exports[%zu] as well", export->fsid,
				i);
}

/* The kernel takes no others. */
static void check_times(struct pst_valid *valid, const struct pst_conf_nfs_server *server)
{
	const struct {
		const char *key;
		unsigned int seconds;
	} times[] = { { "nfs_server.lease", server->lease_s },
		      { "nfs_server.grace", server->grace_s } };

	for (size_t i = 0; i < ARRAY_SIZE(times); i++)
		if (pst_yaml_find(valid->tree, times[i].key) &&
		    (times[i].seconds < TIME_MIN || times[i].seconds > TIME_MAX))
			pst_bad(valid, pst_key("%s", times[i].key),
				"must be from %d to %d seconds, not %u", TIME_MIN, TIME_MAX,
				times[i].seconds);
	if (server->lease_s && server->grace_s && server->grace_s < server->lease_s)
		pst_bad(valid, pst_key("nfs_server.grace"),
			"%u s are shorter than the lease of %u s, in which clients notice that the "
			"server was away: they would lose their locks",
			server->grace_s, server->lease_s);
}

static void check_versions(struct pst_valid *valid, const struct pst_conf_nfs_server *server)
{
	for (size_t i = 0; i < server->versions_count; i++)
		for (size_t j = 0; j < i; j++)
			if (server->versions[i] == server->versions[j])
				pst_bad(valid, pst_key("nfs_server.versions[%zu]", i),
					"%s is given twice",
					pst_nfs_version_name(server->versions[i]));
}

static void check_block_size(struct pst_valid *valid, const struct pst_conf_nfs_server *server)
{
	unsigned long long bytes;

	if (server->block_size &&
	    (!pst_parse_size(server->block_size, &bytes) || bytes < BLOCK_LEAST ||
	     bytes > BLOCK_MOST || (bytes & (bytes - 1))))
		pst_bad(valid, pst_key("nfs_server.block_size"),
			"\"%s\" must be a power of two from 4K to 4M, such as 1M",
			server->block_size);
}

static void check_nfs_server(struct pst_valid *valid)
{
	const struct pst_conf_nfs_server *server = &valid->conf->nfs_server;

	check_times(valid, server);
	check_versions(valid, server);
	check_block_size(valid, server);
	if ((!server->threads && pst_yaml_find(valid->tree, "nfs_server.threads")) ||
	    server->threads > THREADS_MAX)
		pst_bad(valid, pst_key("nfs_server.threads"), "must be from 1 to %d, not %u",
			THREADS_MAX, server->threads);
	if (server->rdma_port > PORT_MAX)
		pst_bad(valid, pst_key("nfs_server.rdma_port"),
			"must be a port from 1 to %d, or 0 for none, not %u", PORT_MAX,
			server->rdma_port);
	if (server->tcp && server->rdma_port == NFS_PORT)
		pst_bad(valid, pst_key("nfs_server.rdma_port"),
			"%d is the port for TCP; the registered one for RDMA is 20049", NFS_PORT);
	if (!server->tcp && !server->rdma_port)
		pst_bad(valid, pst_key("nfs_server"),
			"with tcp: false and rdma_port: 0 nobody could reach it");
}

static const char *nth_path(const struct pst_conf *conf, size_t n, struct pst_key *key)
{
	*key = pst_key("exports[%zu].path", n);
	return n < conf->exports_count ? conf->exports[n].path : NULL;
}

void pst_valid_exports(struct pst_valid *valid)
{
	for (size_t i = 0; i < valid->conf->exports_count; i++)
		check_export(valid, i);
	pst_bad_twice(valid, "the path", nth_path);
	check_nfs_server(valid);
}
