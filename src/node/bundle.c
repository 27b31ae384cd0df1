// SPDX-License-Identifier: MIT
/* What a client needs to mount what this storage node exports. */
#include "node/bundle.h"

#include <errno.h>
#include <sys/socket.h>

#include "conf/word.h"
#include "node/mount.h"

#define TARGET_DIR "/mnt"

struct work {
	const struct pst_conf *conf;
	const char *client; /* NULL: any */
	struct pst_network client_address;
	const char *server; /* an address of this node, without its prefix */
	unsigned int prefix_bits;
	struct pst_strv servers; /* others in the client's network */
	struct pst_buf yaml;
	struct pst_bundle bundle;
};

/* Whether a client of an export is this address; a name or a netgroup cannot be told from here. */
static bool admits(const struct work *work, const struct pst_conf_client *client)
{
	struct pst_network host;

	if (pst_streq(client->host, "*"))
		return true;
	if (strchr(client->host, '/'))
		return !pst_word_network(client->host, &host) &&
		       pst_network_contains(&host, &work->client_address);
	return !pst_word_address(client->host, &host) &&
	       host.family == work->client_address.family &&
	       memcmp(host.address, work->client_address.address, sizeof(host.address)) == 0;
}

/* exports(5): a single host goes before a network, and a network before anyone. */
static int rank(const char *host)
{
	if (pst_streq(host, "*"))
		return 1;
	return strchr(host, '/') ? 2 : 3;
}

static const struct pst_conf_client *admitted(const struct work *work,
					      const struct pst_conf_export *export)
{
	const struct pst_conf_client *best = NULL;
	int best_rank = 0;

	if (!work->client)
		return export->clients;
	for (size_t i = 0; i < export->clients_count; i++) {
		const struct pst_conf_client *client = &export->clients[i];

		if (rank(client->host) > best_rank && admits(work, client)) {
			best = client;
			best_rank = rank(client->host);
		}
	}
	return best;
}

/* Who is admitted, for the words of a refusal. */
static void add_clients(struct pst_buf *text, const struct pst_conf_export *export)
{
	struct pst_network host;

	pst_buf_printf(text, "%s admits", export->path);
	for (size_t i = 0; export->clients && i < export->clients_count; i++) {
		const char *name = export->clients[i].host;
		bool is_name = !pst_streq(name, "*") && !strchr(name, '/') &&
			       pst_word_address(name, &host);

		pst_buf_printf(text, "%s %s%s", i ? "," : "", name,
			       is_name ? " (a name, which says nothing of addresses here)" : "");
	}
}

static int refuse(const struct work *work, const char *export, struct pst_reason *reason)
{
	struct pst_buf __cleanup_buf text = { 0 };

	for (size_t i = 0; i < work->conf->exports_count; i++) {
		if (export && !pst_streq(work->conf->exports[i].path, export))
			continue;
		pst_buf_add(&text, text.len ? "; " : "");
		add_clients(&text, &work->conf->exports[i]);
	}
	if (text.oom)
		return -ENOMEM;
	return pst_fail(reason, -EINVAL, "%s is not admitted: %s", work->client,
			text.data ?: "there is no export");
}

static int refuse_unknown(const struct pst_conf *conf, const char *export,
			  struct pst_reason *reason)
{
	struct pst_strv __cleanup_strv paths = { 0 };
	char __cleanup_free *list = NULL;

	if (!conf->exports_count)
		return pst_fail(reason, -EINVAL, "the configuration has no exports");
	for (size_t i = 0; i < conf->exports_count; i++)
		pst_strv_add(&paths, conf->exports[i].path);
	list = pst_strv_join(&paths, ", ");
	return pst_fail(reason, -EINVAL, "%s is not exported; there are: %s", export, list ?: "");
}

static bool is_fabric(const struct pst_conf *conf, const char *interface)
{
	for (size_t i = 0; i < conf->rdma_count; i++)
		if (pst_streq(conf->rdma[i].interface, interface))
			return true;
	return false;
}

/* How well an address of ours suits the client: in its network first, on the fabric second. */
static int suits(const struct work *work, const struct pst_conf_network *interface,
		 const struct pst_network *address)
{
	bool near = work->client && pst_network_contains(address, &work->client_address);
	bool fabric =
		!work->conf->nfs_server.rdma_port || is_fabric(work->conf, interface->interface);

	if (work->client && address->family != work->client_address.family)
		return -1;
	return fabric * 2 + near;
}

/* Returns the host part of ADDRESS/BITS, in fresh memory. */
static char *host_part(const char *address)
{
	return strndup(address, strcspn(address, "/"));
}

static int choose_server(struct work *work, const struct pst_conf_network **ret_interface,
			 struct pst_reason *reason)
{
	const struct pst_conf_network *interface = NULL;
	const struct pst_conf *conf = work->conf;
	struct pst_network address;
	int best = -1;

	for (size_t i = 0; i < conf->network_count; i++) {
		for (size_t j = 0; j < conf->network[i].addresses_count; j++) {
			const char *text = conf->network[i].addresses[j];
			int how = pst_word_interface_address(text, &address)
					  ? -1
					  : suits(work, &conf->network[i], &address);

			if (how <= best)
				continue;
			best = how;
			work->server = text;
			interface = &conf->network[i];
			work->prefix_bits = address.prefix_bits;
		}
	}
	if (!interface)
		return pst_fail(reason, -EINVAL,
				work->client ? "network has no address of the same family as %s"
					     : "network has no address%s",
				work->client ?: "");
	if (conf->nfs_server.rdma_port && best < 2)
		return pst_fail(reason, -EINVAL,
				"the NFS server listens on RDMA, and no address in network is on "
				"an interface of rdma: declare the fabric, or nfs_server: "
				"{rdma_port: 0}");
	*ret_interface = interface;
	return 0;
}

/* Further ports of ours in the network of the client: all of them can be used at once. */
static void add_servers(struct work *work)
{
	const struct pst_conf *conf = work->conf;
	struct pst_network address;

	for (size_t i = 0; i < conf->network_count && work->client; i++) {
		for (size_t j = 0; j < conf->network[i].addresses_count; j++) {
			const char *text = conf->network[i].addresses[j];

			if (text == work->server || pst_word_interface_address(text, &address) ||
			    suits(work, &conf->network[i], &address) < 3)
				continue;
			pst_strv_addf(&work->servers, "%.*s", (int)strcspn(text, "/"), text);
		}
	}
}

static void add_yaml_mount(struct work *work, const struct pst_conf_mount *mount)
{
	char __cleanup_free *servers = pst_strv_join(&work->servers, "\", \"");

	pst_buf_printf(&work->yaml,
		       "  - source: \"%s\"\n    target: %s\n    version: \"%s\"\n"
		       "    transport: %s\n    port: %u\n",
		       mount->source, mount->target, pst_nfs_version_name(mount->version),
		       pst_transport_name(mount->transport), mount->port);
	if (servers && *servers)
		pst_buf_printf(&work->yaml, "    servers: [\"%s\"]\n", servers);
	if (mount->options_count)
		pst_buf_printf(&work->yaml, "    options: [%s]\n", mount->options[0]);
	work->yaml.oom = work->yaml.oom || !servers;
}

static int add_export(struct work *work, const struct pst_conf_export *export,
		      const struct pst_conf_client *client)
{
	char __cleanup_free *host = host_part(work->server);
	char __cleanup_free *source =
		host ? pst_printf(strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, export->path)
		     : NULL;
	char __cleanup_free *target = pst_printf(TARGET_DIR "%s", export->path);
	char read_only[] = "ro";
	char *option = read_only;
	unsigned int rdma_port = work->conf->nfs_server.rdma_port;
	struct pst_conf_mount mount = {
		.source = source,
		.target = target,
		.version = PST_NFS_4_2,
		.transport = rdma_port ? PST_TRANSPORT_RDMA : PST_TRANSPORT_TCP,
		.port = rdma_port,
		.options = &option,
		.options_count = client->access == PST_READ_ONLY,
	};
	char __cleanup_free *options = NULL;

	if (!source || !target)
		return -ENOMEM;
	mount.port = pst_conf_mount_port(&mount);
	options = pst_mount_options(&mount);
	if (!options)
		return -ENOMEM;
	pst_strv_addf(&work->bundle.mounts, "mount --mkdir -t nfs -o %s %s %s", options, source,
		      target);
	pst_strv_addf(&work->bundle.fstab, "%s %s nfs %s,_netdev 0 0", source, target, options);
	add_yaml_mount(work, &mount);
	return work->bundle.mounts.oom || work->bundle.fstab.oom ? -ENOMEM : 0;
}

/* What is the client's own stands in comments: only a person at it knows. */
static void begin_yaml(struct work *work, const struct pst_conf_network *interface)
{
	const char *address = work->client ?: "ADDRESS";

	pst_buf_printf(&work->yaml,
		       "node:\n"
		       "  name: gpu # its own name\n"
		       "  role: gpu\n"
		       "# its own interface and device, in the fabric of %s:\n"
		       "# network:\n"
		       "#   - interface: INTERFACE\n"
		       "#     addresses: [\"%s/%u\"]\n",
		       interface->interface, address, work->prefix_bits);
	if (interface->mtu)
		pst_buf_printf(&work->yaml, "#     mtu: %u\n", interface->mtu);
	if (work->conf->nfs_server.rdma_port)
		pst_buf_add(&work->yaml, "# rdma:\n"
					 "#   - device: DEVICE\n"
					 "#     interface: INTERFACE\n");
	pst_buf_add(&work->yaml, "mounts:\n");
}

/* NVIDIA's cuFile takes IPv4 addresses only. Without the compatibility mode nothing goes another way silently. */
static char *cufile_json(const struct work *work)
{
	bool ipv4 = work->client && work->client_address.family == AF_INET;
	const char *quote = ipv4 ? "\"" : "";

	return pst_printf("{\n  \"properties\": {\n    \"allow_compat_mode\": false,\n"
			  "    \"rdma_dev_addr_list\": [%s%s%s]\n  }\n}\n",
			  quote, ipv4 ? work->client : "", quote);
}

static int check_asked(struct work *work, const char *export, struct pst_reason *reason)
{
	const struct pst_conf *conf = work->conf;
	const char *complaint;

	if (conf->node.role != PST_ROLE_STORAGE)
		return pst_fail(reason, -EINVAL, "is for a storage node, and node.role is %s",
				pst_role_name(conf->node.role));
	complaint = work->client ? pst_word_address(work->client, &work->client_address) : NULL;
	if (complaint)
		return pst_fail(reason, -EINVAL, "the client \"%s\" %s", work->client, complaint);
	for (size_t i = 0; i < conf->exports_count; i++)
		if (!export || pst_streq(conf->exports[i].path, export))
			return 0;
	return refuse_unknown(conf, export, reason);
}

static int make(struct work *work, const char *export, struct pst_reason *reason)
{
	const struct pst_conf_network *interface = NULL;
	bool any = false;
	int error = check_asked(work, export, reason);

	if (!error)
		error = choose_server(work, &interface, reason);
	if (error || !interface)
		return error;
	add_servers(work);
	begin_yaml(work, interface);
	for (size_t i = 0; i < work->conf->exports_count && !error; i++) {
		const struct pst_conf_export *one = &work->conf->exports[i];
		const struct pst_conf_client *client =
			!export || pst_streq(one->path, export) ? admitted(work, one) : NULL;

		if (!client)
			continue;
		any = true;
		error = add_export(work, one, client);
	}
	if (!error && !any)
		error = refuse(work, export, reason);
	if (error)
		return error;
	work->bundle.cufile_json = cufile_json(work);
	work->bundle.penstock_yaml = pst_buf_take(&work->yaml);
	return work->bundle.cufile_json && work->bundle.penstock_yaml ? 0 : -ENOMEM;
}

int pst_bundle_make(const struct pst_conf *conf, const char *client, const char *export,
		    struct pst_bundle *ret, struct pst_reason *reason)
{
	struct work work = { .conf = conf, .client = client };
	int error = make(&work, export, reason);

	pst_buf_free(&work.yaml);
	pst_strv_free(&work.servers);
	if (error)
		pst_bundle_free(&work.bundle);
	else
		*ret = work.bundle;
	return error;
}

void pst_bundle_free(struct pst_bundle *bundle)
{
	pst_strv_free(&bundle->mounts);
	pst_strv_free(&bundle->fstab);
	free(bundle->cufile_json);
	free(bundle->penstock_yaml);
	*bundle = (struct pst_bundle){ 0 };
}
