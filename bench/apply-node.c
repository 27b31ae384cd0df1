// SPDX-License-Identifier: MIT
/* A storage node of any size, for bench/apply. */
#include "apply-node.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/file.h"
#include "conf/property.h"
#include "node/node.h"

#define GROUP_DISKS 5
#define NVME_MAJOR  259
#define ROOT	    "/tmp/penstock-bench-XXXXXX"

/* What stat() is called where files have 64 bits, as meson has them everywhere. */
int __real_stat64(const char *path, struct stat *info);
int __wrap_stat64(const char *path, struct stat *info);

/* Device nodes are for root to make: a file in a node's /dev is a block device, and its length the minor number. */
int __wrap_stat64(const char *path, struct stat *info)
{
	static const char root[] = ROOT;
	int result = __real_stat64(path, info);

	if (result == 0 && S_ISREG(info->st_mode) && !strncmp(path, root, sizeof(root) - 7) &&
	    pst_startswith(path + sizeof(root) - 1, "/dev/")) {
		info->st_mode = S_IFBLK | 0660;
		info->st_rdev = makedev(NVME_MAJOR, (unsigned int)info->st_size);
	}
	return result;
}

static int run(struct pst_host *host, char *const argv[], int timeout_ms,
	       struct pst_run_result *ret, struct pst_reason *reason)
{
	const struct bench_node *node = host->context;
	char __cleanup_free *command = pst_run_quote(argv);
	const struct {
		const char *command;
		const char *answer;
	} answers[] = {
		{ "zpool status ", node->zpool_status },
		{ "zpool list ", node->zpool_list },
		{ "zfs list ", node->zfs_list },
		{ "ip ", "[]" },
	};

	(void)timeout_ms;
	for (size_t i = 0; command && i < ARRAY_SIZE(answers); i++) {
		if (!pst_startswith(command, answers[i].command))
			continue;
		*ret = (struct pst_run_result){ .out = strdup(answers[i].answer),
						.err = strdup("") };
		return ret->out && ret->err ? 0 : -ENOMEM;
	}
	return pst_fail(reason, -ENOENT, "the node knows no %s", command ?: argv[0]);
}

int bench_node_write(const struct bench_node *node, const char *path, const char *text,
		     struct pst_reason *reason)
{
	char __cleanup_free *full = pst_printf("%s%s", node->root, path);

	return full ? pst_file_write(full, text, 0644, reason) : -ENOMEM;
}

static int make_link(const struct bench_node *node, struct pst_key path, struct pst_key target,
		     struct pst_reason *reason)
{
	char __cleanup_free *full = pst_printf("%s%s", node->root, path.text);
	int error = full ? pst_file_make_parents(full, reason) : -ENOMEM;

	if (!error && symlink(target.text, full) < 0)
		error = pst_fail_errno(reason, -errno, "%s", full);
	return error;
}

static int make_device(const struct bench_node *node, struct pst_key name, unsigned int minor,
		       struct pst_reason *reason)
{
	struct pst_key path = pst_key("/dev/%s", name.text);
	char __cleanup_free *full = pst_printf("%s%s", node->root, path.text);
	int error = full ? bench_node_write(node, path.text, "", reason) : -ENOMEM;

	if (!error && truncate(full, minor) < 0)
		error = pst_fail_errno(reason, -errno, "%s", full);
	return error;
}

/* The model, the number of the drive: what udev calls it. */
static struct pst_key id_of(unsigned int disk)
{
	return pst_key("nvme-SIMULATED_3840_SN%06u", disk);
}

/* A drive or a partition of one: its device, its names, its folder in sysfs. */
static int make_block(const struct bench_node *node, struct pst_key name, unsigned int minor,
		      struct pst_key folder, const char *suffix, struct pst_reason *reason)
{
	unsigned int disk = minor / 16;
	const struct {
		struct pst_key path, target;
	} links[] = {
		{ pst_key("/sys/dev/block/%u:%u", NVME_MAJOR, minor),
		  pst_key("../../devices/%s", folder.text) },
		{ pst_key("/sys/class/block/%s", name.text),
		  pst_key("../../devices/%s", folder.text) },
		{ pst_key("/dev/disk/by-id/%s%s", id_of(disk).text, suffix),
		  pst_key("../../%s", name.text) },
		{ pst_key("/dev/disk/by-id/%s_1%s", id_of(disk).text, suffix),
		  pst_key("../../%s", name.text) },
		{ pst_key("/dev/disk/by-id/nvme-eui.%016x%s", disk, suffix),
		  pst_key("../../%s", name.text) },
		{ pst_key("/dev/disk/by-path/pci-0000:%02x:00.0-nvme-1%s", disk, suffix),
		  pst_key("../../%s", name.text) },
	};
	int error = make_device(node, name, minor, reason);

	for (size_t i = 0; i < ARRAY_SIZE(links) && !error; i++)
		error = make_link(node, links[i].path, links[i].target, reason);
	return error;
}

/* As ZFS leaves a whole disk: with a large partition and a small one. */
static int make_drive(const struct bench_node *node, unsigned int disk, struct pst_reason *reason)
{
	struct pst_key name = pst_key("nvme%un1", disk);
	struct pst_key folder = pst_key("nvme%u/%s", disk, name.text);
	const struct {
		const char *name, *text;
	} files[] = {
		{ "size", "7501476528\n" },
		{ "device/model", "SIMULATED 3840                          \n" },
		{ "queue/physical_block_size", "4096\n" },
		{ "queue/minimum_io_size", "4096\n" },
	};
	int error = 0;

	for (size_t i = 0; i < ARRAY_SIZE(files) && !error; i++)
		error = bench_node_write(
			node, pst_key("/sys/devices/%s/%s", folder.text, files[i].name).text,
			files[i].text, reason);
	if (!error)
		error = make_block(node, name, disk * 16, folder, "", reason);
	for (unsigned int part = 1; part <= 9 && !error; part += 8) {
		struct pst_key part_name = pst_key("%sp%u", name.text, part);
		struct pst_key below = pst_key("%s/%s", folder.text, part_name.text);

		error = bench_node_write(node,
					 pst_key("/sys/devices/%s/partition", below.text).text,
					 pst_key("%u\n", part).text, reason);
		if (!error)
			error = make_block(node, part_name, disk * 16 + part, below,
					   pst_key("-part%u", part).text, reason);
	}
	return error;
}

static unsigned int group_disks(struct bench_size size)
{
	return size.disks < GROUP_DISKS ? size.disks : GROUP_DISKS;
}

static void add_groups(struct pst_buf *yaml, struct bench_size size)
{
	unsigned int each = group_disks(size);

	for (unsigned int i = 0; i < size.disks; i++) {
		if (i % each == 0)
			pst_buf_add(yaml, "      - layout: raidz1\n");
		if (i % each == 0 && size.select)
			pst_buf_printf(yaml, "        select: {model: \"SIM*\", count: %u}\n",
				       each);
		else if (i % each == 0)
			pst_buf_add(yaml, "        disks:\n");
		if (!size.select)
			pst_buf_printf(yaml, "          - /dev/disk/by-id/%s\n", id_of(i).text);
	}
}

static char *yaml_text(struct bench_size size)
{
	struct pst_buf yaml = { 0 };

	pst_buf_add(&yaml, "node:\n  name: storage\n  role: storage\n"
			   "nfs_server:\n  threads: 64\n"
			   "zfs:\n  arc_max: 64G\n"
			   "pools:\n  - name: tank\n    properties: {autotrim: \"on\"}\n"
			   "    filesystem_properties: {compression: lz4}\n    vdevs:\n");
	add_groups(&yaml, size);
	pst_buf_add(&yaml, "datasets:\n");
	for (unsigned int i = 0; i < size.datasets; i++)
		pst_buf_printf(&yaml,
			       "  - name: tank/project%04u\n"
			       "    properties: {quota: 10G, recordsize: 1M}\n"
			       "    owner: %u\n    group: %u\n    mode: \"0750\"\n",
			       i, getuid(), getgid());
	pst_buf_add(&yaml, "exports:\n");
	for (unsigned int i = 0; i < size.datasets; i++)
		pst_buf_printf(&yaml,
			       "  - path: /tank/project%04u\n    clients:\n"
			       "      - host: 10.77.0.0/24\n        access: rw\n",
			       i);
	return pst_buf_take(&yaml);
}

static void add_property(struct pst_buf *json, const char *name, const char *value)
{
	pst_buf_printf(
		json,
		"%s\"%s\": {\"value\": \"%s\", \"source\": {\"type\": \"LOCAL\", \"data\": \"-\"}}",
		json->data[json->len - 1] == '{' ? "" : ", ", name, value);
}

static void add_dataset(struct pst_buf *json, const char *name)
{
	static const char *const first[][2] = {
		{ "mounted", "yes" },	       { "used", "1224704" },
		{ "available", "2826240000" }, { "encryption", "off" },
		{ "keystatus", "none" },       { "quota", "10737418240" },
		{ "recordsize", "1048576" },   { "compression", "lz4" },
	};

	pst_buf_printf(json,
		       "\"%s\": {\"name\": \"%s\", \"type\": \"FILESYSTEM\", \"pool\": \"tank\", "
		       "\"createtxg\": \"1\", \"properties\": {",
		       name, name);
	for (size_t i = 0; i < ARRAY_SIZE(first); i++)
		add_property(json, first[i][0], first[i][1]);
	add_property(json, "mountpoint", pst_key("/%s", name).text);
	for (const struct pst_property *p = pst_fs_properties; p->name; p++) {
		bool said = pst_streq(p->name, "mountpoint");

		for (size_t i = 0; i < ARRAY_SIZE(first); i++)
			said = said || pst_streq(p->name, first[i][0]);
		if (!said)
			add_property(json, p->name, "off");
	}
	pst_buf_add(json, "}}");
}

static char *zfs_list_text(struct bench_size size)
{
	struct pst_buf json = { 0 };

	pst_buf_add(&json, "{\"output_version\": {\"command\": \"zfs list\", \"vers_major\": 0, "
			   "\"vers_minor\": 1}, \"datasets\": {");
	add_dataset(&json, "tank");
	for (unsigned int i = 0; i < size.datasets; i++) {
		pst_buf_add(&json, ", ");
		add_dataset(&json, pst_key("tank/project%04u", i).text);
	}
	pst_buf_add(&json, "}}\n");
	return pst_buf_take(&json);
}

static char *zpool_list_text(void)
{
	struct pst_buf json = { 0 };

	pst_buf_add(&json, "{\"pools\": {\"tank\": {\"name\": \"tank\", \"properties\": {");
	for (const struct pst_property *p = pst_pool_properties; p->name; p++)
		add_property(&json, p->name, pst_streq(p->name, "autotrim") ? "on" : "off");
	pst_buf_add(&json, "}}}}\n");
	return pst_buf_take(&json);
}

static void add_vdev(struct pst_buf *json, const char *name, const char *type)
{
	pst_buf_printf(
		json,
		"\"%s\": {\"name\": \"%s\", \"vdev_type\": \"%s\", \"guid\": "
		"\"4155446127326463014\", \"class\": \"normal\", \"state\": \"ONLINE\", "
		"\"alloc_space\": \"1224704\", \"total_space\": \"4227858432\", "
		"\"def_space\": \"3073212416\", \"read_errors\": \"0\", \"write_errors\": \"0\", "
		"\"checksum_errors\": \"0\", ",
		name, name, type);
}

static char *zpool_status_text(struct bench_size size)
{
	unsigned int each = group_disks(size);
	struct pst_buf json = { 0 };

	pst_buf_add(&json, "{\"pools\": {\"tank\": {\"name\": \"tank\", \"state\": \"ONLINE\", "
			   "\"vdevs\": {");
	add_vdev(&json, "tank", "root");
	pst_buf_add(&json, "\"vdevs\": {");
	for (unsigned int i = 0; i < size.disks; i++) {
		if (i % each == 0) {
			pst_buf_add(&json, i ? "}}, " : "");
			add_vdev(&json, pst_key("raidz1-%u", i / each).text, "raidz");
			pst_buf_add(&json, "\"vdevs\": {");
		}
		pst_buf_add(&json, i % each ? ", " : "");
		add_vdev(&json, id_of(i).text, "disk");
		pst_buf_printf(&json, "\"path\": \"/dev/disk/by-id/%s-part1\"}", id_of(i).text);
	}
	pst_buf_add(&json, "}}}}}, \"error_count\": \"0\"}}}\n");
	return pst_buf_take(&json);
}

static int make_roots(const struct bench_node *node, struct pst_reason *reason)
{
	struct pst_buf mounts = { 0 };
	char __cleanup_free *text = NULL;
	int error = 0;

	for (unsigned int i = 0; i < node->size.datasets && !error; i++) {
		struct pst_key path = pst_key("%s/tank/project%04u", node->root, i);

		error = pst_file_make_parents(path.text, reason);
		if (!error && mkdir(path.text, 0750) < 0)
			error = pst_fail_errno(reason, -errno, "%s", path.text);
		pst_buf_printf(&mounts,
			       "%u 30 0:%u / /tank/project%04u rw,relatime shared:%u - zfs "
			       "tank/project%04u rw,xattr,posixacl,casesensitive\n",
			       100 + i, 50 + i, i, 200 + i, i);
	}
	text = pst_buf_take(&mounts);
	if (!error)
		error = text ? bench_node_write(node, "/proc/self/mountinfo", text, reason)
			     : -ENOMEM;
	return error;
}

static int make_files(struct bench_node *node, struct pst_reason *reason)
{
	static const char *const files[][2] = {
		{ "/proc/sys/kernel/hostname", "storage\n" },
		{ "/proc/meminfo", "MemTotal:       263774512 kB\n" },
		{ "/sys/devices/system/cpu/online", "0-31\n" },
		{ "/sys/module/zfs/parameters/zfs_arc_max", "68719476736\n" },
		{ "/sys/module/rpcrdma/srcversion", "0\n" },
		{ "/sys/devices/system/node/has_cpu", "0-1\n" },
		{ "/sys/module/sunrpc/parameters/pool_mode", "pernode\n" },
		{ "/proc/fs/nfsd/threads", "64\n" },
		{ "/proc/fs/nfsd/max_block_size", "1048576\n" },
		{ "/proc/fs/nfsd/portlist", "rdma 20049\ntcp 2049\n" },
	};
	int error = 0;

	for (size_t i = 0; i < ARRAY_SIZE(files) && !error; i++)
		error = bench_node_write(node, files[i][0], files[i][1], reason);
	for (unsigned int i = 0; i < node->size.disks && !error; i++)
		error = make_drive(node, i, reason);
	return error ? error : make_roots(node, reason);
}

int bench_node_make(struct bench_node *node, struct bench_size size, struct pst_reason *reason)
{
	char __cleanup_free *yaml = yaml_text(size);
	int error;

	*node = (struct bench_node){ .size = size, .root = ROOT };
	if (!mkdtemp(node->root)) {
		*node->root = '\0';
		return pst_fail_errno(reason, -errno, "cannot make a folder in /tmp");
	}
	node->host = (struct pst_host){ .root = node->root, .run = run, .context = node };
	node->conf = pst_printf("%s/penstock.yaml", node->root);
	node->zpool_status = zpool_status_text(size);
	node->zpool_list = zpool_list_text();
	node->zfs_list = zfs_list_text(size);
	if (!yaml || !node->conf || !node->zpool_status || !node->zpool_list || !node->zfs_list)
		return -ENOMEM;
	error = pst_file_write(node->conf, yaml, 0644, reason);
	return error ? error : make_files(node, reason);
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *at)
{
	(void)info;
	(void)type;
	(void)at;
	return remove(path);
}

void bench_node_free(struct bench_node *node)
{
	if (*node->root)
		nftw(node->root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(node->conf);
	free(node->zpool_status);
	free(node->zpool_list);
	free(node->zfs_list);
	*node = (struct bench_node){ 0 };
}
