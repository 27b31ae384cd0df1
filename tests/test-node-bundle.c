// SPDX-License-Identifier: MIT
/* src/node/bundle.c: what a client needs, and who gets it. */
#include <errno.h>

#include "common.h"
#include "node/bundle.h"

#define CLIENTS(list) "exports:\n- {path: /tank/data, clients: [" list "]}\n"
#define HEAD                                                       \
	"node: {name: s, role: storage}\n"                         \
	"pools: [{name: tank, layout: stripe, disks: [/dev/a]}]\n" \
	"datasets: [{name: tank/data}, {name: tank/b}]\n"
#define MANAGEMENT "network:\n- {interface: e9, addresses: [192.168.1.1/24]}\n"
#define FABRIC                                                                                 \
	MANAGEMENT "- {interface: e0, mtu: 9000, addresses: [10.77.0.1/24, \"fd00::1/64\"]}\n" \
		   "rdma: [{device: mlx5_0, interface: e0}]\n"
#define NODE HEAD FABRIC CLIENTS("{host: 10.77.0.0/24, access: rw}")
#define RDMA "proto=rdma,port=20049,vers=4.2,hard"

struct row {
	const char *name;
	const char *conf;
	const char *client;
	const char *export;
	const char *mounts; /* with newlines between; NULL: refused */
	const char *says; /* a part of penstock.yaml, or the reason */
};

static const struct row rows[] = {
	{ "admitted by its network", NODE, "10.77.0.9", "/tank/data",
	  "mount --mkdir -t nfs -o " RDMA " 10.77.0.1:/tank/data /mnt/tank/data",
	  "\n#     addresses: [\"10.77.0.9/24\"]\n#     mtu: 9000\n" },
	{ "no client named", NODE, NULL, NULL,
	  "mount --mkdir -t nfs -o " RDMA " 10.77.0.1:/tank/data /mnt/tank/data",
	  "\n#     addresses: [\"ADDRESS/24\"]\n" },
	{ "read only", HEAD FABRIC CLIENTS("{host: 10.77.0.9}"), "10.77.0.9", NULL,
	  "mount --mkdir -t nfs -o " RDMA ",ro 10.77.0.1:/tank/data /mnt/tank/data",
	  "\n    options: [ro]\n" },
	{ "a host goes before its network",
	  HEAD FABRIC CLIENTS("{host: \"*\"}, {host: 10.77.0.0/24}, {host: 10.77.0.9, access: rw}"),
	  "10.77.0.9", NULL, "mount --mkdir -t nfs -o " RDMA " 10.77.0.1:/tank/data /mnt/tank/data",
	  "" },
	{ "a network goes before anyone",
	  HEAD FABRIC CLIENTS("{host: 10.77.0.0/24, access: rw}, {host: \"*\"}"), "10.77.0.9", NULL,
	  "mount --mkdir -t nfs -o " RDMA " 10.77.0.1:/tank/data /mnt/tank/data", "" },
	{ "over TCP, by the address that is near",
	  HEAD FABRIC CLIENTS("{host: \"*\"}") "nfs_server: {rdma_port: 0}\n", "192.168.1.7", NULL,
	  "mount --mkdir -t nfs -o proto=tcp,port=2049,vers=4.2,hard,ro 192.168.1.1:/tank/data "
	  "/mnt/tank/data",
	  "\n    transport: tcp\n    port: 2049\n" },
	{ "a client of IPv6", HEAD FABRIC CLIENTS("{host: \"fd00::/64\", access: rw}"), "fd00::9",
	  NULL, "mount --mkdir -t nfs -o " RDMA " [fd00::1]:/tank/data /mnt/tank/data",
	  "  - source: \"[fd00::1]:/tank/data\"\n" },
	{ "another port", NODE "nfs_server: {rdma_port: 20050}\n", "10.77.0.9", NULL,
	  "mount --mkdir -t nfs -o proto=rdma,port=20050,vers=4.2,hard 10.77.0.1:/tank/data "
	  "/mnt/tank/data",
	  "\n    port: 20050\n" },
	{ "several ports in the client's network",
	  HEAD "network: [{interface: e0, addresses: [10.77.0.1/24]}, {interface: e1, addresses: "
	       "[10.77.0.2/24]}, {interface: e2, addresses: [10.78.0.1/24]}]\n"
	       "rdma: [{device: a, interface: e0}, {device: b, interface: e1}, {device: c, "
	       "interface: e2}]\n" CLIENTS("{host: 10.77.0.0/24, access: rw}"),
	  "10.77.0.9", NULL, "mount --mkdir -t nfs -o " RDMA " 10.77.0.1:/tank/data /mnt/tank/data",
	  "\n    servers: [\"10.77.0.2\"]\n" },
	{ "of two exports the one that admits it",
	  HEAD FABRIC "exports: [{path: /tank/b, clients: [{host: 10.77.0.8}]}, {path: /tank/data, "
		      "clients: [{host: 10.77.0.9, access: rw}]}]\n",
	  "10.77.0.9", NULL, "mount --mkdir -t nfs -o " RDMA " 10.77.0.1:/tank/data /mnt/tank/data",
	  "" },
	{ "not admitted", NODE, "10.78.0.9", "/tank/data", NULL,
	  "10.78.0.9 is not admitted: /tank/data admits 10.77.0.0/24" },
	{ "not admitted as far as can be told",
	  HEAD FABRIC CLIENTS("{host: gpu1}, {host: \"@nodes\"}, {host: 10.77.0.8}"), "10.77.0.9",
	  NULL, NULL,
	  "10.77.0.9 is not admitted: /tank/data admits gpu1 (a name, which says nothing "
	  "of addresses here), @nodes (a name, which says nothing of addresses here), 10.77.0.8" },
	{ "not exported", NODE, "10.77.0.9", "/tank", NULL,
	  "/tank is not exported; there are: /tank/data" },
	{ "nothing exported", HEAD FABRIC, NULL, NULL, NULL, "the configuration has no exports" },
	{ "client that is no address", NODE, "gpu", NULL, NULL,
	  "the client \"gpu\" is not an address" },
	{ "on a GPU node", "node: {name: g, role: gpu}\n", NULL, NULL, NULL,
	  "is for a storage node, and node.role is gpu" },
	{ "no address", HEAD CLIENTS("{host: \"*\"}"), NULL, NULL, NULL, "network has no address" },
	{ "no address of its family", HEAD MANAGEMENT CLIENTS("{host: \"*\"}"), "fd00::9", NULL,
	  NULL, "network has no address of the same family as fd00::9" },
	{ "no fabric", HEAD MANAGEMENT CLIENTS("{host: \"*\"}"), "192.168.1.7", NULL, NULL,
	  "the NFS server listens on RDMA, and no address in network is on an interface of rdma: "
	  "declare the fabric, or nfs_server: {rdma_port: 0}" },
};

/* What was made is a configuration that asks for the same mount. */
static void assert_configures(const struct pst_bundle *bundle, size_t n_mounts)
{
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };

	conf_from(&doc, bundle->penstock_yaml);
	assert_int_equal(doc.conf->mounts_count, n_mounts);
	for (size_t i = 0; i < n_mounts; i++) {
		char __cleanup_free *ends = pst_printf(" %s %s", doc.conf->mounts[i].source,
						       doc.conf->mounts[i].target);

		assert_non_null(strstr(bundle->mounts.v[i], ends));
	}
}

static void is_made(void **state)
{
	const struct row *row = *state;
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_bundle __cleanup_bundle bundle = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };
	char __cleanup_free *mounts = NULL;
	int error;

	conf_from(&doc, row->conf);
	error = pst_bundle_make(doc.conf, row->client, row->export, &bundle, &reason);
	if (!row->mounts) {
		assert_int_equal(error, -EINVAL);
		assert_string_equal(reason.text, row->says);
		return;
	}
	assert_int_equal(error, 0);
	mounts = pst_strv_join(&bundle.mounts, "\n");
	assert_string_equal(mounts, row->mounts);
	assert_non_null(strstr(bundle.penstock_yaml, row->says));
	assert_configures(&bundle, bundle.mounts.n);
}

static void other_files(void **state)
{
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_bundle __cleanup_bundle bundle = { 0 };

	(void)state;
	conf_from(&doc, NODE);
	assert_int_equal(pst_bundle_make(doc.conf, "10.77.0.9", NULL, &bundle, NULL), 0);
	assert_int_equal(bundle.fstab.n, 1);
	assert_string_equal(bundle.fstab.v[0],
			    "10.77.0.1:/tank/data /mnt/tank/data nfs " RDMA ",_netdev 0 0");
	assert_string_equal(bundle.cufile_json,
			    "{\n  \"properties\": {\n    \"allow_compat_mode\": false,\n"
			    "    \"rdma_dev_addr_list\": [\"10.77.0.9\"]\n  }\n}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(other_files) };

	ADD_TESTS(tests);
	ADD_ROWS(rows, is_made);
	return run_gathered(NULL, NULL);
}
