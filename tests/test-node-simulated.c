// SPDX-License-Identifier: MIT
/* The whole plan, carried out on a node that exists only as a state: afterwards nothing is left. */
#include "common.h"
#include "simulated.h"

static void new_node(struct pst_state *state)
{
	state->host_name = strdup("localhost");
	state->cpus = 1;
	state->memory_bytes = 8ULL << 30;
	add_interface(state, "ens3", 1500, "10.0.2.15/24");
	add_interface(state, "ens16", 1500, NULL);
	add_disk(state, "/dev/disk/by-id/nvme-0", "nvme0n1", NULL);
	add_disk(state, "/dev/disk/by-id/nvme-1", "nvme1n1", NULL);
	add_disk(state, "/dev/disk/by-id/nvme-2", "nvme2n1", NULL);
	add_disk(state, "/dev/disk/by-id/nvme-3", "nvme3n1", NULL);
}

/* Plans, carries the plan out up to where it wants a new look, and returns all of it as text. */
static char *apply_once(const struct pst_conf *conf, struct pst_state *state)
{
	struct pst_plan __cleanup_plan plan = { 0 };

	assert_int_equal(pst_node_plan(conf, state, &plan), 0);
	for (size_t i = 0; i < plan.n && plan.v[i].kind != PST_STEP_LOOK_AGAIN; i++)
		simulate(conf, state, &plan.v[i]);
	return plan_text(&plan);
}

static void assert_nothing_to_do(const struct pst_conf *conf, struct pst_state *state)
{
	char __cleanup_free *text = apply_once(conf, state);

	assert_string_equal(text, "");
}

static void storage_node_from_nothing(void **state)
{
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };
	char __cleanup_free *text = NULL;

	(void)state;
	conf_from_data(&doc, "storage.yaml");
	new_node(&is);
	text = apply_once(doc.conf, &is);
	assert_string_equal(
		text,
		"do write /etc/hostname [/etc/hostname does not say storage]\n"
		"do set the host name storage [the host name is localhost, not storage]\n"
		"do write /etc/ssh/authorized_keys.d/root [/etc/ssh/authorized_keys.d/root is not "
		"there]\n"
		"do write /etc/modprobe.d/penstock-zfs.conf [/etc/modprobe.d/penstock-zfs.conf is "
		"not there]\n"
		"do write /etc/modules-load.d/penstock.conf [/etc/modules-load.d/penstock.conf is "
		"not there]\n"
		"do modprobe --all rdma_rxe rpcrdma zfs [not loaded: the kernel modules rdma_rxe, "
		"rpcrdma, zfs]\n"
		"do write /etc/systemd/network/50-penstock-ens16.network "
		"[/etc/systemd/network/50-penstock-ens16.network is not there]\n"
		"do networkctl reload\n"
		"do rdma link add rxe0 type rxe netdev ens16 [the RDMA device rxe0 is not there]\n"
		"do write /var/lib/penstock/creating-tank\n"
		"do udevadm settle --timeout=30\n"
		"do zpool create -o ashift=12 -o autotrim=on -O acltype=posix -O atime=off -O "
		"compression=lz4 -O dnodesize=auto -O recordsize=1M -O xattr=sa tank raidz1 "
		"/dev/disk/by-id/nvme-0 /dev/disk/by-id/nvme-1 /dev/disk/by-id/nvme-2 "
		"/dev/disk/by-id/nvme-3 [there is no pool tank]\n"
		"do remove /var/lib/penstock/creating-tank\n"
		"do zfs create -p -o quota=10G tank/data [there is no dataset tank/data]\n"
		"do make /tank/data owned by 1000:1000 with mode 0755\n"
		"do write /etc/exports.d/penstock.exports [/etc/exports.d/penstock.exports is not "
		"there]\n"
		"do write /etc/nfs.conf.d/penstock.conf [/etc/nfs.conf.d/penstock.conf is not "
		"there]\n"
		"do write /etc/systemd/system/nfs-server.service.d/penstock.conf "
		"[/etc/systemd/system/nfs-server.service.d/penstock.conf is not there]\n"
		"do systemctl daemon-reload\n"
		"do systemctl restart nfs-server.service [the NFS server is not running]\n"
		"do wait until /sys/class/net/ens16/mtu says 9000\n"
		"do wait until ens16 has 10.77.0.1/24\n"
		"do wait until /sys/class/infiniband/rxe0/ports/1/state says ACTIVE\n");
	assert_nothing_to_do(doc.conf, &is);
}

static void gpu_node_from_nothing(void **state)
{
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };
	char __cleanup_free *text = NULL;

	(void)state;
	conf_from_data(&doc, "gpu.yaml");
	new_node(&is);
	text = apply_once(doc.conf, &is);
	assert_string_equal(
		text,
		"do write /etc/hostname [/etc/hostname does not say gpu]\n"
		"do set the host name gpu [the host name is localhost, not gpu]\n"
		"do write /etc/modules-load.d/penstock.conf [/etc/modules-load.d/penstock.conf is "
		"not there]\n"
		"do modprobe --all rdma_rxe rpcrdma [not loaded: the kernel modules rdma_rxe, "
		"rpcrdma]\n"
		"do write /etc/systemd/network/50-penstock-ens16.network "
		"[/etc/systemd/network/50-penstock-ens16.network is not there]\n"
		"do networkctl reload\n"
		"do rdma link add rxe0 type rxe netdev ens16 [the RDMA device rxe0 is not there]\n"
		"do wait until /sys/class/net/ens16/mtu says 9000\n"
		"do wait until ens16 has 10.77.0.2/24\n"
		"do wait until /sys/class/infiniband/rxe0/ports/1/state says ACTIVE\n"
		"do write /etc/systemd/system/mnt-data.mount [/etc/systemd/system/mnt-data.mount "
		"is "
		"not there]\n"
		"do systemctl daemon-reload\n"
		"do systemctl start mnt-data.mount [/mnt/data is not mounted]\n");
	assert_nothing_to_do(doc.conf, &is);
}

/* A bond with a VLAN for the fabric, DHCP on another port, and two more ports in one network. */
static void bond_vlan_and_ports_from_nothing(void **state)
{
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };
	char __cleanup_free *text = NULL;

	(void)state;
	conf_from(&doc,
		  "node: {name: gpu, role: gpu}\n"
		  "network:\n"
		  "- {interface: bond0, mtu: 9000, bond: {mode: 802.3ad, interfaces: [e1, e2]}}\n"
		  "- {interface: v5, mtu: 9000, addresses: [10.0.5.1/24], vlan: {id: 5, "
		  "interface: bond0}}\n"
		  "- {interface: ens3, dhcp: ipv4}\n"
		  "- {interface: e3, addresses: [10.0.6.1/24]}\n"
		  "- {interface: ens16, addresses: [10.0.6.2/24]}\n"
		  "rdma: [{device: rxe0, driver: soft-roce, interface: v5}]\n");
	new_node(&is);
	add_interface(&is, "e1", 1500, NULL);
	add_interface(&is, "e2", 1500, NULL);
	add_interface(&is, "e3", 1500, NULL);
	text = apply_once(doc.conf, &is);
	assert_non_null(strstr(text, "do wait until /sys/class/net/v5/uevent says DEVTYPE=vlan\n"));
	assert_nothing_to_do(doc.conf, &is);
}

static void gpu_node_after_a_reboot(void **state)
{
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };
	char __cleanup_free *first = NULL;
	char __cleanup_free *text = NULL;

	(void)state;
	conf_from_data(&doc, "gpu.yaml");
	new_node(&is);
	first = apply_once(doc.conf, &is);
	simulate_reboot(&is);
	text = apply_once(doc.conf, &is);
	assert_string_equal(
		text,
		"do modprobe --all rdma_rxe rpcrdma [not loaded: the kernel modules rdma_rxe, "
		"rpcrdma]\n"
		"do rdma link add rxe0 type rxe netdev ens16 [the RDMA device rxe0 is not there]\n"
		"do wait until /sys/class/infiniband/rxe0/ports/1/state says ACTIVE\n"
		"do systemctl start mnt-data.mount [/mnt/data is not mounted]\n");
	assert_nothing_to_do(doc.conf, &is);
}

/* The pool is imported first, and only then is it known that its datasets are there. */
static void storage_node_after_a_reboot(void **state)
{
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };
	char __cleanup_free *first = NULL;
	char __cleanup_free *text = NULL;

	(void)state;
	conf_from_data(&doc, "storage.yaml");
	new_node(&is);
	first = apply_once(doc.conf, &is);
	simulate_reboot(&is);
	text = apply_once(doc.conf, &is);
	assert_string_equal(
		text,
		"do modprobe --all rdma_rxe rpcrdma zfs [not loaded: the kernel modules rdma_rxe, "
		"rpcrdma, zfs]\n"
		"do rdma link add rxe0 type rxe netdev ens16 [the RDMA device rxe0 is not there]\n"
		"do zpool import -d /dev/disk/by-id 4711 [the pool tank is not imported]\n"
		"do look again at the datasets of tank, which are known only then\n"
		"do systemctl restart nfs-server.service [the NFS server is not running]\n"
		"do wait until /sys/class/infiniband/rxe0/ports/1/state says ACTIVE\n");
	free(first);
	first = apply_once(doc.conf, &is);
	assert_string_equal(first, "do zfs create -p -o quota=10G tank/data [there is no dataset "
				   "tank/data]\n"
				   "do make /tank/data owned by 1000:1000 with mode 0755\n"
				   "do systemctl restart nfs-server.service [the NFS server is not "
				   "running]\n");
	assert_nothing_to_do(doc.conf, &is);
}

static void one_thing_changed_is_one_thing_done(void **state)
{
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };
	char __cleanup_free *first = NULL;
	char __cleanup_free *text = NULL;

	(void)state;
	conf_from_data(&doc, "storage.yaml");
	new_node(&is);
	first = apply_once(doc.conf, &is);
	doc.conf->nfs_server.threads = 16;
	pst_strv_free(&is.nfsd_listeners);
	pst_strv_add(&is.nfsd_listeners, "tcp 2049");
	text = apply_once(doc.conf, &is);
	assert_string_equal(text, "do write /etc/nfs.conf.d/penstock.conf "
				  "[/etc/nfs.conf.d/penstock.conf is not as declared]\n"
				  "do set /proc/fs/nfsd/threads to 16 [the NFS server has 8 "
				  "threads, not 16]\n"
				  "do set /proc/fs/nfsd/portlist to rdma 20049 [the NFS server "
				  "does not listen on RDMA port 20049]\n");
	assert_nothing_to_do(doc.conf, &is);
}

/* What of a mount is still to be written could not be sent without its network. */
static void mount_goes_before_its_network(void **state)
{
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_conf_doc __cleanup_conf_doc less = { 0 };
	struct pst_state __cleanup_state is = { 0 };
	char __cleanup_free *first = NULL;
	char __cleanup_free *text = NULL;
	const char *stop, *network;

	(void)state;
	conf_from_data(&doc, "gpu.yaml");
	new_node(&is);
	first = apply_once(doc.conf, &is);
	conf_from(&less, "node: {name: gpu, role: gpu}\n");
	text = apply_once(less.conf, &is);
	stop = strstr(text, "do systemctl stop mnt-data.mount");
	network = strstr(text, "do remove /etc/systemd/network/");
	assert_non_null(stop);
	assert_non_null(network);
	assert_true(stop < network);
}

/* Carries out the first @n steps and no more, as if it were killed then; returns whether there were as many. */
static bool apply_killed_after(const struct pst_conf *conf, struct pst_state *state, size_t n)
{
	struct pst_plan __cleanup_plan plan = { 0 };

	assert_int_equal(pst_node_plan(conf, state, &plan), 0);
	for (size_t i = 0; i < plan.n && i < n && plan.v[i].kind != PST_STEP_LOOK_AGAIN; i++)
		simulate(conf, state, &plan.v[i]);
	return n < plan.n;
}

static void assert_finished_by_the_next(const char *name)
{
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	bool more = true;

	conf_from_data(&doc, name);
	for (size_t n = 0; more; n++) {
		struct pst_state __cleanup_state is = { 0 };
		char __cleanup_free *text = NULL;

		new_node(&is);
		more = apply_killed_after(doc.conf, &is, n);
		text = apply_once(doc.conf, &is);
		assert_nothing_to_do(doc.conf, &is);
	}
}

static void apply_that_was_killed_is_finished_by_the_next(void **state)
{
	(void)state;
	assert_finished_by_the_next("storage.yaml");
	assert_finished_by_the_next("gpu.yaml");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(storage_node_from_nothing),
		cmocka_unit_test(gpu_node_from_nothing),
		cmocka_unit_test(bond_vlan_and_ports_from_nothing),
		cmocka_unit_test(gpu_node_after_a_reboot),
		cmocka_unit_test(storage_node_after_a_reboot),
		cmocka_unit_test(one_thing_changed_is_one_thing_done),
		cmocka_unit_test(mount_goes_before_its_network),
		cmocka_unit_test(apply_that_was_killed_is_finished_by_the_next),
	};

	ADD_TESTS(tests);
	return run_gathered(NULL, NULL);
}
