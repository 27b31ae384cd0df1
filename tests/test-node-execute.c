// SPDX-License-Identifier: MIT
/* src/node/execute.c, host.c and the observers, on a directory that stands for the machine. */
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/file.h"
#include "common.h"

static char root[] = "/tmp/penstock-test-XXXXXX";

/* What a command answers; the first row that its line begins with. */
struct answer {
	const char *command;
	int status;
	const char *out;
	const char *err;
	const char *file; /* in tests/data, instead of out */
};

struct machine {
	const struct answer *answers;
	size_t n_answers;
	struct pst_strv asked;
};

static int run_recorded(struct pst_host *host, char *const argv[], int timeout_ms,
			struct pst_run_result *ret, struct pst_reason *reason)
{
	struct machine *machine = host->context;
	char __cleanup_free *command = pst_run_quote(argv);

	(void)timeout_ms;
	pst_strv_add(&machine->asked, command);
	for (size_t i = 0; i < machine->n_answers; i++) {
		const struct answer *answer = &machine->answers[i];

		if (!pst_startswith(command, answer->command))
			continue;
		ret->status = answer->status;
		ret->out = answer->file ? data(answer->file) : strdup(answer->out ?: "");
		ret->err = strdup(answer->err ?: "");
		return 0;
	}
	return pst_fail(reason, -ENOENT, "cannot run %s", argv[0]);
}

static void put(const char *path, const char *text)
{
	char __cleanup_free *full = pst_printf("%s%s", root, path);

	assert_int_equal(pst_file_write(full, text, 0644, NULL), 0);
}

static char *got(const char *path)
{
	char __cleanup_free *full = pst_printf("%s%s", root, path);
	char *text = NULL;

	pst_file_read(full, &text, NULL, NULL);
	return text;
}

#define MACHINE(rows) { .answers = rows, .n_answers = ARRAY_SIZE(rows) }
#define HOST(machine) { .root = root, .run = run_recorded, .context = machine }

static const struct answer gpu_answers[] = {
	{ "ip -details -json address show", 0, NULL, NULL, "ip-address.json" },
	{ "ip -json -4 rule show", 0, NULL, NULL, "ip-rule.json" },
	{ "rdma -j link show", 0, NULL, NULL, "rdma-link.json" },
	{ "zpool status -j -p", 0, NULL, NULL, "zpool-status-raidz1.json" },
	{ "zfs list -j -p -t filesystem -o "
	  "name,mounted,used,available,encryption,keystatus,acltype,",
	  0, NULL, NULL, "zfs-list.json" },
	{ "false", 3, "some output\n", "it went wrong\n", NULL },
	{ "systemctl start bad.mount", 1, NULL, "Job failed.\n", NULL },
	{ "systemctl status --no-pager --lines=10 bad.mount", 3, "mount.nfs: refused\n", NULL,
	  NULL },
	{ "true", 0, NULL, NULL, NULL },
};

static void fill_machine(void)
{
	char __cleanup_free *mountinfo = data("mountinfo");
	char __cleanup_free *etab = data("etab");

	put("/proc/sys/kernel/hostname", "gpu\n");
	put("/proc/self/mountinfo", mountinfo);
	put("/var/lib/nfs/etab", etab);
	put("/proc/fs/nfsd/threads", "8\n");
	put("/proc/fs/nfsd/portlist", "rdma 20049\nrdma 20049\ntcp 2049\ntcp 2049\n");
	put("/sys/class/infiniband/rxe0/ports/1/state", "4: ACTIVE\n");
	put("/sys/module/rpcrdma/parameters/x", "\n");
	put("/etc/systemd/network/50-penstock-ens9.network", "# Written by penstock(8)\n");
	put("/etc/systemd/network/90-dhcp.network", "[Match]\n");
	put("/etc/hostname", "gpu\n");
	put("/proc/sys/net/ipv4/conf/ens16/arp_ignore", "1\n");
}

static void node_is_observed(void **state)
{
	struct machine machine = MACHINE(gpu_answers);
	struct pst_host host = HOST(&machine);
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };

	(void)state;
	conf_from_data(&doc, "gpu.yaml");
	assert_int_equal(pst_node_observe(&host, doc.conf, &is, &reason), 0);
	assert_string_equal(is.host_name, "gpu");
	assert_string_equal(pst_state_file(&is, "/etc/hostname"), "gpu\n");
	assert_non_null(pst_state_file(&is, "/etc/systemd/network/50-penstock-ens9.network"));
	assert_null(pst_state_file(&is, "/etc/systemd/network/90-dhcp.network"));
	assert_true(pst_strv_contains(&is.modules, "rpcrdma"));
	assert_false(pst_strv_contains(&is.modules, "rdma_rxe"));
	assert_int_equal(is.nfsd_threads, 8);
	assert_int_equal(is.nfsd_listeners.n, 2);
	assert_int_equal(is.n_exports, 2);
	assert_int_equal(is.n_rdma, 2);
	assert_string_equal(pst_value(&pst_state_interface(&is, "ens16")->sysctl, "arp_ignore"),
			    "1");
	assert_null(pst_value(&pst_state_interface(&is, "ens16")->sysctl, "arp_announce"));
	assert_true(pst_strv_contains(&is.rules, "10.77.0.1 7000"));
	/* A GPU node is not asked for pools. */
	assert_int_equal(machine.asked.n, 3);
	pst_strv_free(&machine.asked);
}

static const struct answer roce_answers[] = {
	{ "dcb --json --Numeric pfc show dev ens16", 0, NULL, NULL, "dcb-pfc.json" },
	{ "dcb --json --Numeric ets show dev ens16", 255, NULL,
	  "Attribute read: Operation not supported\n", NULL },
	{ "dcb --json --Numeric buffer show dev ens16", 0, NULL, NULL, "dcb-buffer.json" },
	{ "dcb --json --Numeric app show dev ens16", 0, NULL, NULL, "dcb-app.json" },
};

static void roce_is_observed(void **state)
{
	struct machine machine = MACHINE(roce_answers);
	struct pst_host host = HOST(&machine);
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };
	const struct pst_roce_state *roce;

	(void)state;
	conf_from(&doc,
		  "node: {name: g, role: gpu}\n"
		  "rdma: [{device: mlx5_0, interface: ens16, roce: {pfc: [3], ecn: true}}]\n");
	add_interface(&is, "ens16", 9000, NULL);
	put("/sys/class/net/ens16/device/uevent", "DRIVER=mlx5_core\nPCI_CLASS=20000\n");
	put("/sys/kernel/config/rdma_cm/mlx5_0/ports/1/default_roce_tos", "106\n");
	put("/sys/class/net/ens16/ecn/roce_rp/enable/3", "1\n");
	assert_int_equal(pst_roce_observe(&host, doc.conf, &is, &reason), 0);
	roce = pst_state_roce(&is, "mlx5_0");
	assert_string_equal(roce->driver, "mlx5_core");
	assert_string_equal(pst_value(&roce->refusals, "ets"),
			    "dcb --json --Numeric ets show dev ens16: exit status 255: "
			    "Attribute read: Operation not supported");
	assert_string_equal(pst_value(&roce->values, "default_roce_tos"), "106");
	assert_string_equal(pst_value(&roce->values, "roce_rp"), "1");
	assert_null(pst_value(&roce->values, "roce_np"));
	assert_non_null(pst_value(&roce->values, "prio_pfc"));
	pst_strv_free(&machine.asked);
}

static void node_without_configuration_is_observed(void **state)
{
	struct machine machine = MACHINE(gpu_answers);
	struct pst_host host = HOST(&machine);
	struct pst_state __cleanup_state is = { 0 };

	(void)state;
	put("/sys/module/zfs/parameters/x", "\n");
	assert_int_equal(pst_node_observe(&host, NULL, &is, NULL), 0);
	assert_int_equal(is.n_pools, 1);
	assert_int_equal(is.n_datasets, 2);
	pst_strv_free(&machine.asked);
}

static void link_disk(const char *dir, const char *name, const char *disk)
{
	char __cleanup_free *full = pst_printf("%s/dev/disk/%s/%s", root, dir, name);
	char __cleanup_free *mark = pst_printf("/dev/disk/%s/.keep", dir);
	char __cleanup_free *target = pst_printf("../../%s", disk);

	put(mark, "");
	unlink(full);
	assert_int_equal(symlink(target, full), 0);
}

/* In the order of their slots, by the best of their names, and no partition or made-up disk. */
static void drives_are_observed(void **state)
{
	struct machine machine = MACHINE(gpu_answers);
	struct pst_host host = HOST(&machine);
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };

	(void)state;
	put("/sys/class/block/nvme0n1/device/model", "Fast 1        \n");
	put("/sys/class/block/nvme0n1/size", "1875385008\n");
	put("/sys/class/block/nvme0n1p1/device/model", "Fast 1\n");
	put("/sys/class/block/nvme0n1p1/partition", "1\n");
	put("/sys/class/block/nvme0n1p1/size", "2048\n");
	put("/sys/class/block/sda/device/x", "\n");
	put("/sys/class/block/sda/size", "4096\n");
	put("/sys/class/block/sdb/device/model", "no name that moves with it\n");
	put("/sys/class/block/sdb/size", "4096\n");
	put("/sys/class/block/loop0/size", "4096\n");
	link_disk("by-id", "nvme-eui.0011", "nvme0n1");
	link_disk("by-id", "nvme-Fast_1_S1", "nvme0n1");
	link_disk("by-id", "nvme-Fast_1_S1-part1", "nvme0n1p1");
	/* The second namespace of a drive: the name without a number may be the first one's as soon. */
	put("/sys/class/block/nvme1n2/device/model", "Fast 2\n");
	put("/sys/class/block/nvme1n2/size", "4096\n");
	link_disk("by-id", "nvme-Fast_2_S2", "nvme1n2");
	link_disk("by-id", "nvme-Fast_2_S2_1", "nvme1n1");
	link_disk("by-id", "nvme-Fast_2_S2_2", "nvme1n2");
	link_disk("by-path", "pci-0000:11:00.0-nvme-2", "nvme1n2");
	link_disk("by-id", "ata-x", "sda");
	link_disk("by-path", "pci-0000:10:00.0-nvme-1", "nvme0n1");
	link_disk("by-path", "pci-0000:02:00.0-ata-1", "sda");
	conf_from(&doc, "node: {name: s, role: storage}\n"
			"pools: [{name: a, layout: stripe, select: {model: x, count: 1}}]\n");
	assert_int_equal(pst_drive_observe(&host, doc.conf, &is, NULL), 0);
	assert_int_equal(is.n_drives, 3);
	assert_string_equal(is.drives[0].path, "/dev/disk/by-id/ata-x");
	assert_string_equal(is.drives[0].model, "");
	assert_string_equal(is.drives[1].path, "/dev/disk/by-id/nvme-Fast_1_S1");
	assert_string_equal(is.drives[1].by_path, "pci-0000:10:00.0-nvme-1");
	assert_string_equal(is.drives[1].model, "Fast 1");
	assert_true(is.drives[1].size_bytes == 960197124096);
	assert_string_equal(is.drives[2].path, "/dev/disk/by-id/nvme-Fast_2_S2_2");
}

static void server_and_machine_are_observed(void **state)
{
	struct machine machine = MACHINE(gpu_answers);
	struct pst_host host = HOST(&machine);
	struct pst_state __cleanup_state is = { 0 };

	(void)state;
	put("/proc/fs/nfsd/versions", "+3 +4 -4.0 +4.1 +4.2\n");
	put("/proc/fs/nfsd/nfsv4leasetime", "90\n");
	put("/proc/fs/nfsd/nfsv4gracetime", "45\n");
	put("/proc/fs/nfsd/max_block_size", "524288\n");
	put("/sys/kernel/debug/nfsd/io_cache_write", "1\n");
	put("/proc/sys/kernel/osrelease", "6.12.117-penstock\n");
	put("/sys/module/sunrpc/parameters/pool_mode", "pernode\n");
	put("/sys/devices/system/cpu/online", "0-3\n");
	put("/sys/devices/system/node/online", "0-2\n");
	put("/sys/devices/system/node/has_cpu", "0-1\n");
	put("/proc/meminfo", "MemTotal:        1024 kB\n");
	assert_int_equal(pst_nfsd_observe(&host, &is, NULL), 0);
	assert_int_equal(pst_machine_observe(&host, &is, NULL), 0);
	assert_int_equal(is.nfsd_versions.n, 5);
	assert_int_equal(is.nfsd_lease_s, 90);
	assert_int_equal(is.nfsd_grace_s, 45);
	assert_string_equal(is.nfsd_pool_mode, "pernode");
	assert_int_equal(is.nfsd_block_bytes, 524288);
	assert_null(is.nfsd_io_read);
	assert_string_equal(is.nfsd_io_write, "1");
	assert_string_equal(is.release, "6.12.117-penstock");
	assert_int_equal(is.cpus, 4);
	assert_int_equal(is.numa_nodes, 2);
	assert_true(is.memory_bytes == 1 << 20);
}

static void keys_are_looked_at_and_not_read(void **state)
{
	struct machine machine = MACHINE(gpu_answers);
	struct pst_host host = HOST(&machine);
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };

	(void)state;
	put("/etc/keys/a", "secret\n");
	conf_from(&doc, "node: {name: s, role: storage}\n"
			"pools: [{name: tank, layout: stripe, disks: [/dev/a]}]\ndatasets:\n"
			"- {name: tank/a, encryption: {key: \"file:///etc/keys/a\"}}\n"
			"- {name: tank/b, encryption: {key: \"file:///etc/keys/b\"}}\n");
	assert_int_equal(pst_dataset_observe(&host, doc.conf, &is, NULL), 0);
	assert_int_equal(is.n_keys, 2);
	assert_true(pst_state_key(&is, "/etc/keys/a")->there);
	assert_int_equal(pst_state_key(&is, "/etc/keys/a")->mode, 0644);
	assert_int_equal(pst_state_key(&is, "/etc/keys/a")->owner, geteuid());
	assert_false(pst_state_key(&is, "/etc/keys/b")->there);
}

static void value_is_set(void **state)
{
	struct machine machine = { 0 };
	struct pst_host host = HOST(&machine);
	struct pst_plan __cleanup_plan plan = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };
	char __cleanup_free *text = NULL;

	(void)state;
	put("/sys/value", "0");
	pst_plan_set(&plan, "zfs", "/sys/value", "42", "why");
	pst_plan_set(&plan, "zfs", "/sys/none", "42", "why");
	assert_int_equal(pst_step_execute(&host, &plan.v[0], &reason), 0);
	text = got("/sys/value");
	assert_string_equal(text, "42\n");
	/* What the kernel does not have is not made. */
	assert_int_equal(pst_step_execute(&host, &plan.v[1], &reason), -ENOENT);
	assert_non_null(strstr(reason.text, "/sys/none"));
}

static void missing_tool_is_an_error_only_with_a_configuration(void **state)
{
	struct machine machine = { 0 };
	struct pst_host host = HOST(&machine);
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };

	(void)state;
	conf_from_data(&doc, "gpu.yaml");
	assert_int_equal(pst_node_observe(&host, doc.conf, &is, &reason), -ENOENT);
	assert_string_equal(reason.text, "cannot run ip");
	assert_int_equal(pst_node_observe(&host, NULL, &is, NULL), 0);
	pst_strv_free(&machine.asked);
}

/* Carries out one step, given by a plan of it, and returns what is wrong ("" when nothing is). */
static char *execute(struct pst_plan *plan)
{
	struct machine machine = MACHINE(gpu_answers);
	struct pst_host host = HOST(&machine);
	struct pst_reason __cleanup_reason reason = { 0 };
	int error;

	assert_int_equal(plan->n, 1);
	plan->v[0].timeout_ms = 100;
	error = pst_step_execute(&host, &plan->v[0], &reason);
	pst_plan_free(plan);
	pst_strv_free(&machine.asked);
	return strdup(error ? pst_reason_text(&reason, error) : "");
}

static void files_are_written_and_removed(void **state)
{
	struct pst_plan plan = { 0 };
	char __cleanup_free *wrong = NULL;
	char __cleanup_free *text = NULL;

	(void)state;
	pst_plan_write(&plan, "k", "/etc/new/file", "hello\n", NULL);
	wrong = execute(&plan);
	assert_string_equal(wrong, "");
	text = got("/etc/new/file");
	assert_string_equal(text, "hello\n");
	pst_plan_remove(&plan, "k", "/etc/new/file", NULL);
	free(wrong);
	wrong = execute(&plan);
	assert_string_equal(wrong, "");
	assert_null(got("/etc/new/file"));
}

static void failed_command_is_quoted_with_its_output(void **state)
{
	struct pst_plan plan = { 0 };
	char __cleanup_free *wrong = NULL;

	(void)state;
	pst_plan_run(&plan, "k", NULL, "false", "a b");
	wrong = execute(&plan);
	assert_string_equal(wrong, "false 'a b': exit status 3: it went wrong");
}

static void failed_unit_tells_why(void **state)
{
	struct pst_plan plan = { 0 };
	char __cleanup_free *wrong = NULL;

	(void)state;
	pst_plan_run(&plan, "k", NULL, "systemctl", "start", "bad.mount");
	wrong = execute(&plan);
	assert_string_equal(wrong, "systemctl start bad.mount: exit status 1: Job failed.\n"
				   "mount.nfs: refused\n");
}

static void wait_ends_when_it_holds(void **state)
{
	struct pst_plan plan = { 0 };
	char __cleanup_free *wrong = NULL;

	(void)state;
	pst_plan_wait_file(&plan, "k", "/sys/class/infiniband/rxe0/ports/1/state", "ACTIVE", NULL);
	wrong = execute(&plan);
	assert_string_equal(wrong, "");
	pst_plan_wait_address(&plan, "k", "ens16", "10.77.0.1/24");
	free(wrong);
	wrong = execute(&plan);
	assert_string_equal(wrong, "");
}

static void wait_ends_and_says_what_it_saw(void **state)
{
	struct pst_plan plan = { 0 };
	char __cleanup_free *wrong = NULL;

	(void)state;
	pst_plan_wait_file(&plan, "k", "/sys/class/infiniband/rxe0/ports/1/state", "DOWN", NULL);
	wrong = execute(&plan);
	assert_string_equal(wrong, "after 0 s, /sys/class/infiniband/rxe0/ports/1/state has \"4: "
				   "ACTIVE\" and not \"DOWN\"");
	pst_plan_wait_address(&plan, "k", "ens16", "10.77.0.9/24");
	free(wrong);
	wrong = execute(&plan);
	assert_string_equal(wrong, "after 0 s, ens16 has \"10.77.0.1/24 fd00:77::1/64\" and not "
				   "\"10.77.0.9/24\"");
}

static void directory_gets_its_mode(void **state)
{
	struct pst_plan plan = { 0 };
	char __cleanup_free *path = pst_printf("%s/etc", root);
	char __cleanup_free *wrong = NULL;
	struct stat info;

	(void)state;
	pst_plan_own(&plan, "k", "/etc", -1, -1, 0711, NULL);
	wrong = execute(&plan);
	assert_string_equal(wrong, "");
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 07777, 0711);
}

static const struct answer gpt_answers[] = {
	{ "wipefs --json --no-act", 0, "{\"signatures\":[{\"device\":\"sdz\",\"type\":\"gpt\"}]}",
	  NULL, NULL },
};

/* ZFS makes the partitions 1 and 9. Whoever made others since may have data in them that nothing knows. */
static void begun_disk_has_the_partitions_of_zfs_alone(void **state)
{
	struct machine machine = MACHINE(gpt_answers);
	struct pst_host host = HOST(&machine);
	struct pst_state __cleanup_state is = { 0 };

	(void)state;
	put("/sys/class/block/sdz/dev", "8:80\n");
	put("/sys/class/block/sdz/sdz1/partition", "1\n");
	put("/sys/class/block/sdz/sdz9/partition", "9\n");
	add_file(&is, "/var/lib/penstock/adding-tank", "/dev/z\n");
	for (unsigned int i = 0; i < 2; i++) {
		struct pst_disk_state disk = { .path = (char *)"/dev/z", .disk = (char *)"sdz" };

		assert_int_equal(pst_disk_examine(&host, &is, true, &disk, NULL), 0);
		assert_int_equal(disk.found.n, 1);
		assert_int_equal(pst_disk_is_begun("tank", &is, &disk), i == 0);
		pst_strv_free(&disk.found);
		put("/sys/class/block/sdz/sdz2/partition", "2\n");
	}
	pst_strv_free(&machine.asked);
}

static void file_keeps_its_mode(void **state)
{
	struct pst_plan plan = { 0 };
	char __cleanup_free *path = pst_printf("%s/etc/private", root);
	char __cleanup_free *wrong = NULL;
	struct stat info;

	(void)state;
	put("/etc/private", "old\n");
	assert_int_equal(chmod(path, 0600), 0);
	pst_plan_write(&plan, "k", "/etc/private", "new\n", NULL);
	pst_plan_mode(&plan, PST_MODE_KEPT);
	wrong = execute(&plan);
	assert_string_equal(wrong, "");
	pst_plan_write(&plan, "k", "/etc/fresh", "new\n", NULL);
	pst_plan_mode(&plan, PST_MODE_KEPT);
	free(wrong);
	wrong = execute(&plan);
	assert_string_equal(wrong, "");
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 07777, 0600);
	free(path);
	path = pst_printf("%s/etc/fresh", root);
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 07777, 0644);
}

static void link_in_the_way_is_not_followed(void **state)
{
	struct pst_plan plan = { 0 };
	char __cleanup_free *path = pst_printf("%s/link", root);
	char __cleanup_free *expected = NULL;
	char __cleanup_free *wrong = NULL;

	(void)state;
	assert_int_equal(symlink("/etc", path), 0);
	pst_plan_own(&plan, "k", "/link", 0, 0, 0777, NULL);
	wrong = execute(&plan);
	expected = pst_printf("cannot open %s: Not a directory", path);
	assert_string_equal(wrong, expected);
}

static void file_is_not_a_block_device(void **state)
{
	struct machine machine = { 0 };
	struct pst_host host = HOST(&machine);
	char *name = NULL;

	(void)state;
	put("/dev/disk/by-id/file", "x");
	assert_int_equal(pst_disk_name(&host, "/dev/disk/by-id/file", &name), -ENOTBLK);
	assert_int_equal(pst_disk_name(&host, "/dev/disk/by-id/absent", &name), -ENOENT);
	assert_null(name);
}

static int make_root(void **state)
{
	(void)state;
	if (!mkdtemp(root))
		return -1;
	fill_machine();
	return 0;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *at)
{
	(void)info;
	(void)type;
	(void)at;
	return remove(path);
}

static int remove_root(void **state)
{
	(void)state;
	return nftw(root, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(node_is_observed),
		cmocka_unit_test(roce_is_observed),
		cmocka_unit_test(node_without_configuration_is_observed),
		cmocka_unit_test(drives_are_observed),
		cmocka_unit_test(server_and_machine_are_observed),
		cmocka_unit_test(keys_are_looked_at_and_not_read),
		cmocka_unit_test(value_is_set),
		cmocka_unit_test(missing_tool_is_an_error_only_with_a_configuration),
		cmocka_unit_test(files_are_written_and_removed),
		cmocka_unit_test(failed_command_is_quoted_with_its_output),
		cmocka_unit_test(failed_unit_tells_why),
		cmocka_unit_test(wait_ends_when_it_holds),
		cmocka_unit_test(wait_ends_and_says_what_it_saw),
		cmocka_unit_test(directory_gets_its_mode),
		cmocka_unit_test(begun_disk_has_the_partitions_of_zfs_alone),
		cmocka_unit_test(file_keeps_its_mode),
		cmocka_unit_test(link_in_the_way_is_not_followed),
		cmocka_unit_test(file_is_not_a_block_device),
	};

	ADD_TESTS(tests);
	return run_gathered(make_root, remove_root);
}
