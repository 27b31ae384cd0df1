// SPDX-License-Identifier: MIT
/* src/node/plan.c, and the planners of what every node has: identity, modules, network, RDMA. */
#include "common.h"

#define NODE "node: {name: gpu, role: gpu}\n"
#define KEY  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl a"
#define HEAD "# Written by penstock(8) from penstock.yaml; change that file, not this one.\n"

#define NETWORK                                                                             \
	NODE "network: [{interface: ens16, addresses: [10.77.0.2/24], mtu: 9000, gateway: " \
	     "10.77.0.254, dns: [10.77.0.253]}]\n"
#define NETWORK_FILE "/etc/systemd/network/50-penstock-ens16.network"
#define NETWORK_TEXT                                                                    \
	HEAD "\n[Match]\nName=ens16\n\n[Link]\nMTUBytes=9000\n\n[Network]\n"            \
	     "ConfigureWithoutCarrier=yes\nAddress=10.77.0.2/24\nGateway=10.77.0.254\n" \
	     "DNS=10.77.0.253\n"
#define SOFT NODE "rdma: [{device: rxe0, driver: soft-roce, interface: ens16}]\n"
#define HARD NODE "rdma: [{device: mlx5_0, interface: ens16}]\n"

/* What there is, in a few words of its own: see state_of(). */
struct row {
	const char *name;
	plan_fn plan;
	const char *conf;
	const char *files[4]; /* PATH, TEXT, ... */
	const char *host_name;
	const char *modules[3];
	unsigned int mtu; /* of ens16; 0: there is none */
	const char *address;
	const char *rdma[3]; /* DEVICE, STATE, INTERFACE */
	const char *expected;
};

static const struct row rows[] = {
	{ .name = "name: as declared",
	  .plan = pst_identity_plan,
	  .conf = NODE,
	  .files = { "/etc/hostname", "gpu\n" },
	  .host_name = "gpu",
	  .expected = "" },
	{ .name = "name: behind comments",
	  .plan = pst_identity_plan,
	  .conf = NODE,
	  .files = { "/etc/hostname", "# a\n\n#b\ngpu" },
	  .host_name = "gpu",
	  .expected = "" },
	{ .name = "name: another",
	  .plan = pst_identity_plan,
	  .conf = NODE,
	  .files = { "/etc/hostname", "gpu2\n" },
	  .host_name = "localhost",
	  .expected = "do write /etc/hostname [/etc/hostname does not say gpu]\n"
		      "do set the host name gpu [the host name is localhost, not gpu]\n" },
	{ .name = "name: no file",
	  .plan = pst_identity_plan,
	  .conf = NODE,
	  .host_name = "gpu",
	  .expected = "do write /etc/hostname [/etc/hostname does not say gpu]\n" },
	{ .name = "ssh: new",
	  .plan = pst_identity_plan,
	  .conf = NODE "ssh: {authorized_keys: [" KEY "]}\n",
	  .files = { "/etc/hostname", "gpu\n" },
	  .host_name = "gpu",
	  .expected =
		  "do write /etc/ssh/authorized_keys.d/root [/etc/ssh/authorized_keys.d/root is "
		  "not there]\n" },
	{ .name = "ssh: as declared",
	  .plan = pst_identity_plan,
	  .conf = NODE "ssh: {authorized_keys: [" KEY "]}\n",
	  .files = { "/etc/hostname", "gpu\n", "/etc/ssh/authorized_keys.d/root", HEAD KEY "\n" },
	  .host_name = "gpu",
	  .expected = "" },
	{ .name = "ssh: no longer declared",
	  .plan = pst_identity_plan,
	  .conf = NODE,
	  .files = { "/etc/hostname", "gpu\n", "/etc/ssh/authorized_keys.d/root", HEAD KEY "\n" },
	  .host_name = "gpu",
	  .expected =
		  "do remove /etc/ssh/authorized_keys.d/root [/etc/ssh/authorized_keys.d/root is "
		  "there and nothing asks for it]\n" },
	{ .name = "ssh: an administrator's file stays",
	  .plan = pst_identity_plan,
	  .conf = NODE,
	  .files = { "/etc/hostname", "gpu\n", "/etc/ssh/authorized_keys.d/root", KEY "\n" },
	  .host_name = "gpu",
	  .expected = "" },
	{ .name = "ssh: an administrator's file is not overwritten",
	  .plan = pst_identity_plan,
	  .conf = NODE "ssh: {authorized_keys: [" KEY "]}\n",
	  .files = { "/etc/hostname", "gpu\n", "/etc/ssh/authorized_keys.d/root", KEY "\n" },
	  .host_name = "gpu",
	  .expected =
		  "refused ssh: /etc/ssh/authorized_keys.d/root is there and was not written by "
		  "penstock: move it away\n" },
	{ .name = "modules: none needed", .plan = pst_modules_plan, .conf = NODE, .expected = "" },
	{ .name = "modules: soft RoCE",
	  .plan = pst_modules_plan,
	  .conf = SOFT,
	  .expected =
		  "do write /etc/modules-load.d/penstock.conf [/etc/modules-load.d/penstock.conf "
		  "is not there]\n"
		  "do modprobe --all rdma_rxe [not loaded: the kernel module rdma_rxe]\n" },
	{ .name = "modules: loaded",
	  .plan = pst_modules_plan,
	  .conf = SOFT,
	  .files = { "/etc/modules-load.d/penstock.conf", HEAD "rdma_rxe\n" },
	  .modules = { "rdma_rxe" },
	  .expected = "" },
	{ .name = "modules: a mount over RDMA and one loaded",
	  .plan = pst_modules_plan,
	  .conf = NODE "rdma: [{device: s, driver: soft-iwarp, interface: e}]\n"
		       "mounts: [{source: \"a:/b\", target: /mnt/a}]\n",
	  .files = { "/etc/modules-load.d/penstock.conf", HEAD "siw\nrpcrdma\n" },
	  .modules = { "siw" },
	  .expected = "do modprobe --all rpcrdma [not loaded: the kernel module rpcrdma]\n" },
	{ .name = "modules: a mount over TCP",
	  .plan = pst_modules_plan,
	  .conf = NODE "mounts: [{source: \"a:/b\", target: /mnt/a, transport: tcp}]\n",
	  .expected = "" },
	{ .name = "modules: ZFS is not in the file",
	  .plan = pst_modules_plan,
	  .conf = "node: {name: s, role: storage}\n"
		  "pools: [{name: tank, layout: stripe, disks: [/dev/a]}]\n",
	  .expected = "do modprobe --all zfs [not loaded: the kernel module zfs]\n" },
	{ .name = "network: new",
	  .plan = pst_network_plan,
	  .conf = NETWORK,
	  .mtu = 1500,
	  .expected = "do write " NETWORK_FILE " [" NETWORK_FILE " is not there]\n"
		      "do networkctl reload\n" },
	{ .name = "network: as declared",
	  .plan = pst_network_plan,
	  .conf = NETWORK,
	  .files = { NETWORK_FILE, NETWORK_TEXT },
	  .mtu = 9000,
	  .address = "10.77.0.2/24",
	  .expected = "" },
	{ .name = "network: address lost",
	  .plan = pst_network_plan,
	  .conf = NETWORK,
	  .files = { NETWORK_FILE, NETWORK_TEXT },
	  .mtu = 9000,
	  .address = "10.77.0.3/24",
	  .expected = "do networkctl reload\n"
		      "do networkctl reconfigure ens16 [ens16 does not have the address "
		      "10.77.0.2/24]\n" },
	{ .name = "network: MTU changed by hand",
	  .plan = pst_network_plan,
	  .conf = NETWORK,
	  .files = { NETWORK_FILE, NETWORK_TEXT },
	  .mtu = 1500,
	  .address = "10.77.0.2/24",
	  .expected = "do networkctl reload\n"
		      "do networkctl reconfigure ens16 [ens16 has an MTU of 1500, not 9000]\n" },
	{ .name = "network: no such interface",
	  .plan = pst_network_plan,
	  .conf = NODE "network: [{interface: ens17, addresses: [10.0.0.1/24]}]\n",
	  .mtu = 1500,
	  .expected = "refused network[0].interface: there is no interface ens17; there are: "
		      "ens16\n" },
	{ .name = "network: no interface at all",
	  .plan = pst_network_plan,
	  .conf = NETWORK,
	  .expected =
		  "refused network[0].interface: there is no interface ens16; there are: none\n" },
	{ .name = "network: no longer declared",
	  .plan = pst_network_plan,
	  .conf = NODE,
	  .files = { NETWORK_FILE, NETWORK_TEXT, "/etc/systemd/network/50-penstock-x.network",
		     "# by hand\n" },
	  .mtu = 9000,
	  .expected =
		  "do remove " NETWORK_FILE " [" NETWORK_FILE " is there and nothing asks for it]\n"
		  "do networkctl reload\n" },
	{ .name = "network: waits for what is missing",
	  .plan = pst_network_plan_wait,
	  .conf = NETWORK,
	  .mtu = 1500,
	  .expected = "do wait until /sys/class/net/ens16/mtu says 9000\n"
		      "do wait until ens16 has 10.77.0.2/24\n" },
	{ .name = "network: waits for nothing",
	  .plan = pst_network_plan_wait,
	  .conf = NETWORK,
	  .mtu = 9000,
	  .address = "10.77.0.2/24",
	  .expected = "" },
	{ .name = "rdma: soft device made",
	  .plan = pst_rdma_plan,
	  .conf = SOFT,
	  .mtu = 9000,
	  .expected = "do rdma link add rxe0 type rxe netdev ens16 [the RDMA device rxe0 is not "
		      "there]\n" },
	{ .name = "rdma: soft iWARP made",
	  .plan = pst_rdma_plan,
	  .conf = NODE "rdma: [{device: siw0, driver: soft-iwarp, interface: ens16}]\n",
	  .mtu = 9000,
	  .expected = "do rdma link add siw0 type siw netdev ens16 [the RDMA device siw0 is not "
		      "there]\n" },
	{ .name = "rdma: there",
	  .plan = pst_rdma_plan,
	  .conf = SOFT,
	  .mtu = 9000,
	  .rdma = { "rxe0", "ACTIVE", "ens16" },
	  .expected = "" },
	{ .name = "rdma: on another interface",
	  .plan = pst_rdma_plan,
	  .conf = SOFT,
	  .mtu = 9000,
	  .rdma = { "rxe0", "ACTIVE", "ens3" },
	  .expected =
		  "refused rdma[0].interface: the RDMA device rxe0 is on ens3, not on ens16\n" },
	{ .name = "rdma: no interface for it",
	  .plan = pst_rdma_plan,
	  .conf = SOFT,
	  .expected = "refused rdma[0].interface: there is no interface ens16\n" },
	{ .name = "rdma: card missing",
	  .plan = pst_rdma_plan,
	  .conf = HARD,
	  .mtu = 9000,
	  .rdma = { "rxe0", "ACTIVE", "ens16" },
	  .expected = "refused rdma[0].device: there is no RDMA device mlx5_0; there are: rxe0\n" },
	{ .name = "rdma: InfiniBand port without an interface",
	  .plan = pst_rdma_plan,
	  .conf = HARD,
	  .mtu = 9000,
	  .rdma = { "mlx5_0", "ACTIVE", NULL },
	  .expected = "" },
	{ .name = "rdma: waits for a new one",
	  .plan = pst_rdma_plan_wait,
	  .conf = SOFT,
	  .mtu = 9000,
	  .expected = "do wait until /sys/class/infiniband/rxe0/ports/1/state says ACTIVE\n" },
	{ .name = "rdma: waits for one that is down",
	  .plan = pst_rdma_plan_wait,
	  .conf = SOFT,
	  .mtu = 9000,
	  .rdma = { "rxe0", "DOWN", "ens16" },
	  .expected =
		  "do wait until /sys/class/infiniband/rxe0/ports/1/state says ACTIVE [the RDMA "
		  "device rxe0 is DOWN]\n" },
};

static void state_of(const struct row *row, struct pst_state *state)
{
	for (size_t i = 0; i < ARRAY_SIZE(row->files) && row->files[i]; i += 2)
		add_file(state, row->files[i], row->files[i + 1]);
	for (size_t i = 0; i < ARRAY_SIZE(row->modules) && row->modules[i]; i++)
		pst_strv_add(&state->modules, row->modules[i]);
	state->host_name = row->host_name ? strdup(row->host_name) : NULL;
	if (row->mtu)
		add_interface(state, "ens16", row->mtu, row->address);
	if (row->rdma[0])
		add_rdma(state, row->rdma[0], row->rdma[1], row->rdma[2]);
}

static void is_planned(void **state)
{
	const struct row *row = *state;
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };

	conf_from(&doc, row->conf);
	state_of(row, &is);
	assert_planned(row->plan, doc.conf, &is, row->expected);
}

static void files_say_what_they_should(void **state)
{
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };
	struct pst_plan __cleanup_plan plan = { 0 };

	(void)state;
	conf_from(&doc, NETWORK);
	add_interface(&is, "ens16", 1500, NULL);
	pst_network_plan(doc.conf, &is, &plan);
	assert_string_equal(plan.v[0].text, NETWORK_TEXT);
	assert_int_equal(plan.v[0].mode, 0644);
}

static void steps_concern_their_key_and_what_is_above(void **state)
{
	struct pst_plan __cleanup_plan plan = { 0 };

	(void)state;
	pst_plan_run(&plan, "network[1]", "why", "x");
	pst_plan_run(&plan, "mounts", NULL, "serves another");
	pst_plan_problem(&plan, PST_PROBLEM_HEALTH, pst_key("pools[0].disks[2]"), "bad");
	assert_true(pst_plan_concerns(&plan, "network[1]"));
	assert_true(pst_plan_concerns(&plan, "network"));
	assert_false(pst_plan_concerns(&plan, "network[0]"));
	assert_false(pst_plan_concerns(&plan, "network[10]"));
	assert_false(pst_plan_concerns(&plan, "net"));
	assert_false(pst_plan_concerns(&plan, "mounts"));
	assert_true(pst_plan_concerns(&plan, "pools[0]"));
}

static void plan_without_memory_is_not_sound(void **state)
{
	struct pst_plan __cleanup_plan plan = { 0 };
	struct pst_strv argv = { .oom = true };

	(void)state;
	pst_plan_run_strv(&plan, "", NULL, &argv);
	assert_int_not_equal(pst_plan_sound(&plan), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_say_what_they_should),
		cmocka_unit_test(steps_concern_their_key_and_what_is_above),
		cmocka_unit_test(plan_without_memory_is_not_sound),
	};

	ADD_TESTS(tests);
	ADD_ROWS(rows, is_planned);
	return run_gathered(NULL, NULL);
}
