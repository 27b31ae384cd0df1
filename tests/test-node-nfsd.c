// SPDX-License-Identifier: MIT
/* src/node/nfsd.c and nfsd-unit.c */
#include "common.h"

#define HEAD "# Written by penstock(8) from penstock.yaml; change that file, not this one.\n"
#define DATA                                                       \
	"node: {name: s, role: storage}\n"                         \
	"pools: [{name: tank, layout: stripe, disks: [/dev/a]}]\n" \
	"datasets: [{name: tank/data}]\n"
#define EXPORT                                                                               \
	DATA "exports: [{path: /tank/data, fsid: 1, clients: [{host: 10.77.0.0/24, access: " \
	     "rw}]}]\n"
#define NFS_FILE "/etc/nfs.conf.d/penstock.conf"
#define NFS_POOLS(threads, mode)                                                         \
	HEAD "\n[nfsd]\nthreads=" threads "\npool-mode=" mode "\nudp=n\ntcp=y\nrdma=y\n" \
	     "rdma-port=20049\n"
#define NFS_TEXT	  NFS_POOLS("8", "global")
#define TIMED		  "nfs_server: {versions: [\"3\", 4.2], lease: 30, grace: 45}\n"
#define TIMED_TEXT	  "vers4.2=y\nvers4.1=n\nvers4.0=n\nvers3=y\nlease-time=30\ngrace-time=45\n"
#define RESTART		  "do systemctl restart nfs-server.service"
#define WAIT		  "; clients wait while it is started anew"
#define RELOAD		  "do systemctl daemon-reload\n"
#define UNIT_DROP_IN	  "/etc/systemd/system/nfs-server.service.d/penstock.conf"
#define ECHO(text, path)  "ExecStartPre=-/bin/sh -c 'echo " text " > " path "'\n"
#define UNIT_TEXT(mode)	  HEAD "\n[Service]\n" ECHO(mode, "/sys/module/sunrpc/parameters/pool_mode")
#define UNIT(mode)	  UNIT_DROP_IN, UNIT_TEXT(mode)
#define BLOCK_TEXT(bytes) UNIT_TEXT("global") ECHO(bytes, "/proc/fs/nfsd/max_block_size")
#define NEW_UNIT	  "do write " UNIT_DROP_IN " [" UNIT_DROP_IN " is not there]\n" RELOAD
#define OTHER_UNIT	  "do write " UNIT_DROP_IN " [" UNIT_DROP_IN " is not as declared]\n" RELOAD
#define IO		  "nfs_server: {io_modes: {read: direct, write: dontcache}}\n"
#define IO_READ		  "/sys/kernel/debug/nfsd/io_cache_read"
#define IO_WRITE	  "/sys/kernel/debug/nfsd/io_cache_write"
#define IO_TEXT		  UNIT_TEXT("global") ECHO("2", IO_READ) ECHO("1", IO_WRITE)

struct row {
	const char *name;
	const char *conf;
	const char *files[4];
	const char *unread;
	unsigned int threads;
	unsigned int cpus;
	unsigned int nodes;
	const char *pool_mode;
	const char *release;
	unsigned int block_bytes;
	const char *io_read;
	const char *io_write;
	bool io_hidden;
	const char *versions;
	unsigned int lease_s;
	unsigned int grace_s;
	const char *listeners[3];
	const char *expected;
};

static const struct row rows[] = {
	{ .name = "not wanted", .conf = DATA, .expected = "" },
	{ .name = "new",
	  .conf = EXPORT,
	  .expected = "do write " NFS_FILE " [" NFS_FILE " is not there]\n" NEW_UNIT RESTART
		      " [the NFS server is not running]\n" },
	{ .name = "as declared",
	  .conf = EXPORT,
	  .files = { NFS_FILE, NFS_TEXT, UNIT("global") },
	  .threads = 8,
	  .listeners = { "rdma 20049", "tcp 2049" },
	  .expected = "" },
	{ .name = "another number of threads",
	  .conf = EXPORT,
	  .files = { NFS_FILE, NFS_TEXT, UNIT("global") },
	  .threads = 16,
	  .listeners = { "rdma 20049", "tcp 2049" },
	  .expected = "do set /proc/fs/nfsd/threads to 8 [the NFS server has 16 threads, not "
		      "8]\n" },
	{ .name = "threads by CPU",
	  .conf = EXPORT,
	  .files = { NFS_FILE, NFS_TEXT, UNIT("global") },
	  .cpus = 4,
	  .threads = 8,
	  .listeners = { "rdma 20049", "tcp 2049" },
	  .expected = "do write " NFS_FILE " [" NFS_FILE " is not as declared]\n"
		      "do set /proc/fs/nfsd/threads to 32 [the NFS server has 8 threads, not "
		      "32]\n" },
	{ .name = "threads by many CPUs",
	  .conf = EXPORT,
	  .files = { NFS_FILE,
		     HEAD "\n[nfsd]\nthreads=512\npool-mode=global\nudp=n\ntcp=y\nrdma="
			  "y\nrdma-port=20049\n",
		     UNIT("global") },
	  .cpus = 256,
	  .threads = 512,
	  .listeners = { "rdma 20049", "tcp 2049" },
	  .expected = "" },
	{ .name = "several NUMA nodes",
	  .conf = EXPORT,
	  .files = { NFS_FILE, NFS_TEXT, UNIT("global") },
	  .nodes = 2,
	  .threads = 8,
	  .pool_mode = "global",
	  .listeners = { "rdma 20049", "tcp 2049" },
	  .expected = "do write " NFS_FILE " [" NFS_FILE " is not as declared]\n" OTHER_UNIT RESTART
		      " [the NFS server's pool mode is global, not pernode" WAIT "]\n" },
	{ .name = "several NUMA nodes, as declared",
	  .conf = EXPORT,
	  .files = { NFS_FILE, NFS_POOLS("8", "pernode"), UNIT("pernode") },
	  .nodes = 2,
	  .threads = 8,
	  .pool_mode = "pernode",
	  .listeners = { "rdma 20049", "tcp 2049" },
	  .expected = "" },
	{ .name = "fewer threads than NUMA nodes",
	  .conf = EXPORT "nfs_server: {threads: 1}\n",
	  .files = { NFS_FILE, NFS_POOLS("1", "global"), UNIT("global") },
	  .nodes = 2,
	  .threads = 1,
	  .pool_mode = "global",
	  .listeners = { "rdma 20049", "tcp 2049" },
	  .expected = "" },
	{ .name = "one pool although there are several nodes",
	  .conf = EXPORT "nfs_server: {pool_mode: global}\n",
	  .files = { NFS_FILE, NFS_TEXT, UNIT("global") },
	  .nodes = 2,
	  .threads = 8,
	  .pool_mode = "global",
	  .listeners = { "rdma 20049", "tcp 2049" },
	  .expected = "" },
	{ .name = "a pool for each CPU",
	  .conf = EXPORT "nfs_server: {pool_mode: percpu, threads: 16}\n",
	  .files = { NFS_FILE, NFS_POOLS("16", "percpu"), UNIT("percpu") },
	  .cpus = 16,
	  .nodes = 2,
	  .threads = 16,
	  .pool_mode = "pernode",
	  .listeners = { "rdma 20049", "tcp 2049" },
	  .expected = RESTART " [the NFS server's pool mode is pernode, not percpu" WAIT "]\n" },
	{ .name = "more pools than threads",
	  .conf = EXPORT "nfs_server: {pool_mode: percpu, threads: 15}\n",
	  .cpus = 16,
	  .nodes = 2,
	  .threads = 15,
	  .pool_mode = "global",
	  .listeners = { "rdma 20049", "tcp 2049" },
	  .expected = "refused nfs_server.pool_mode: percpu makes 16 pools on this machine, and 15 "
		      "threads are too few to give each one: raise nfs_server.threads, or say "
		      "global\n" },
	{ .name = "larger requests",
	  .conf = EXPORT "nfs_server: {block_size: 1M}\n",
	  .files = { NFS_FILE, NFS_TEXT, UNIT("global") },
	  .threads = 8,
	  .release = "6.12.117-penstock",
	  .block_bytes = 524288,
	  .listeners = { "rdma 20049", "tcp 2049" },
	  .expected = OTHER_UNIT RESTART
	  " [the NFS server takes up to 524288 bytes in a request, not 1048576" WAIT "]\n" },
	{ .name = "larger requests, as declared",
	  .conf = EXPORT "nfs_server: {block_size: 1024K}\n",
	  .files = { NFS_FILE, NFS_TEXT, UNIT_DROP_IN, BLOCK_TEXT("1048576") },
	  .threads = 8,
	  .block_bytes = 1048576,
	  .listeners = { "rdma 20049", "tcp 2049" },
	  .expected = "" },
	{ .name = "larger requests, written and not in force",
	  .conf = EXPORT "nfs_server: {block_size: 4M}\n",
	  .files = { NFS_FILE, NFS_TEXT, UNIT_DROP_IN, BLOCK_TEXT("4194304") },
	  .release = "6.16.0",
	  .expected = RESTART " [the NFS server is not running]\n" },
	/* An apply was killed in between. */
	{ .name = "larger requests, written and not read by systemd",
	  .conf = EXPORT "nfs_server: {block_size: 1M}\n",
	  .files = { NFS_FILE, NFS_TEXT, UNIT_DROP_IN, BLOCK_TEXT("1048576") },
	  .unread = UNIT_DROP_IN,
	  .expected = RELOAD RESTART " [the NFS server is not running]\n" },
	{ .name = "larger requests than the kernel takes",
	  .conf = EXPORT "nfs_server: {block_size: 2M}\n",
	  .threads = 8,
	  .release = "6.12.117-penstock",
	  .block_bytes = 1048576,
	  .listeners = { "rdma 20049", "tcp 2049" },
	  .expected = "refused nfs_server.block_size: 2M is more than this kernel takes: Linux "
		      "6.12.117-penstock has 1M at most, and 4M from 6.16 on\n" },
	{ .name = "the size of requests is no longer declared",
	  .conf = EXPORT,
	  .files = { NFS_FILE, NFS_TEXT, UNIT_DROP_IN, BLOCK_TEXT("65536") },
	  .threads = 8,
	  .block_bytes = 65536,
	  .listeners = { "rdma 20049", "tcp 2049" },
	  .expected = OTHER_UNIT },
	{ .name = "nothing is exported any more",
	  .conf = DATA "nfs_server: {block_size: 64K}\n",
	  .files = { UNIT_DROP_IN, BLOCK_TEXT("65536") },
	  .expected = "do remove " UNIT_DROP_IN " [" UNIT_DROP_IN
		      " is there and nothing asks for it]\n" RELOAD },
	{ .name = "I/O modes of a server that runs",
	  .conf = EXPORT IO,
	  .files = { NFS_FILE, NFS_TEXT, UNIT("global") },
	  .threads = 8,
	  .release = "6.19.0",
	  .io_read = "0",
	  .io_write = "2",
	  .listeners = { "rdma 20049", "tcp 2049" },
	  .expected = OTHER_UNIT
	  "do set " IO_READ " to 2 [the NFS server's I/O mode to read is buffered, not "
	  "direct]\n"
	  "do set " IO_WRITE " to 1 [the NFS server's I/O mode to write is direct, not "
	  "dontcache]\n" },
	{ .name = "I/O modes as declared",
	  .conf = EXPORT IO,
	  .files = { NFS_FILE, NFS_TEXT, UNIT_DROP_IN, IO_TEXT },
	  .threads = 8,
	  .release = "6.19.0",
	  .io_read = "2",
	  .io_write = "1",
	  .listeners = { "rdma 20049", "tcp 2049" },
	  .expected = "" },
	{ .name = "I/O modes of a server that starts",
	  .conf = EXPORT IO,
	  .files = { NFS_FILE, NFS_TEXT, UNIT("global") },
	  .release = "6.18.3",
	  .expected = OTHER_UNIT RESTART " [the NFS server is not running]\n" },
	{ .name = "I/O modes that an old kernel does not have",
	  .conf = EXPORT IO,
	  .release = "6.12.117-penstock",
	  .expected =
		  "refused nfs_server.io_modes.read: this kernel, Linux 6.12.117-penstock, has "
		  "no I/O modes of the NFS server (" IO_READ
		  "), which came with 6.18: leave the key out\n"
		  "refused nfs_server.io_modes.write: this kernel, Linux 6.12.117-penstock, has "
		  "no I/O modes of the NFS server (" IO_WRITE
		  "), which came with 6.18: leave the key out\n" },
	{ .name = "I/O modes that an old kernel was given",
	  .conf = EXPORT IO,
	  .files = { NFS_FILE, NFS_TEXT, UNIT_DROP_IN, IO_TEXT },
	  .threads = 8,
	  .release = "6.12.117-ours",
	  .io_read = "2",
	  .io_write = "1",
	  .listeners = { "rdma 20049", "tcp 2049" },
	  .expected = "" },
	{ .name = "I/O modes that a new kernel does not show",
	  .conf = EXPORT "nfs_server: {io_modes: {read: direct}}\n",
	  .threads = 8,
	  .release = "6.19.0",
	  .listeners = { "rdma 20049", "tcp 2049" },
	  .expected = "refused nfs_server.io_modes.read: this kernel, Linux 6.19.0, has no " IO_READ
		      ": see whether debugfs is mounted, or leave the key out\n" },
	{ .name = "I/O modes that only root may see",
	  .conf = EXPORT IO,
	  .files = { NFS_FILE, NFS_TEXT, UNIT_DROP_IN, IO_TEXT },
	  .threads = 8,
	  .release = "6.19.0",
	  .io_hidden = true,
	  .listeners = { "rdma 20049", "tcp 2049" },
	  .expected = "" },
	{ .name = "only its files are gone",
	  .conf = EXPORT,
	  .threads = 8,
	  .listeners = { "rdma 20049", "tcp 2049" },
	  .expected = "do write " NFS_FILE " [" NFS_FILE " is not there]\n" NEW_UNIT },
	{ .name = "versions, lease and grace as declared",
	  .conf = EXPORT TIMED,
	  .files = { NFS_FILE, NFS_TEXT TIMED_TEXT, UNIT("global") },
	  .threads = 8,
	  .listeners = { "rdma 20049", "tcp 2049" },
	  .versions = "+3 +4 -4.0 -4.1 +4.2",
	  .lease_s = 30,
	  .grace_s = 45,
	  .expected = "" },
	{ .name = "a version that is not wanted",
	  .conf = EXPORT TIMED,
	  .files = { NFS_FILE, NFS_TEXT TIMED_TEXT, UNIT("global") },
	  .threads = 8,
	  .listeners = { "rdma 20049", "tcp 2049" },
	  .versions = "+3 +4 +4.1 +4.2",
	  .lease_s = 30,
	  .grace_s = 45,
	  .expected = RESTART " [the NFS server serves version 4.1" WAIT "]\n" },
	{ .name = "a version that is missing",
	  .conf = EXPORT TIMED,
	  .files = { NFS_FILE, NFS_TEXT TIMED_TEXT, UNIT("global") },
	  .threads = 8,
	  .listeners = { "rdma 20049", "tcp 2049" },
	  .versions = "-3 +4 -4.0 -4.1 +4.2",
	  .lease_s = 30,
	  .grace_s = 45,
	  .expected = RESTART " [the NFS server does not serve version 3" WAIT "]\n" },
	{ .name = "another lease",
	  .conf = EXPORT TIMED,
	  .files = { NFS_FILE, NFS_TEXT TIMED_TEXT, UNIT("global") },
	  .threads = 8,
	  .listeners = { "rdma 20049", "tcp 2049" },
	  .versions = "+3 +4 -4.0 -4.1 +4.2",
	  .lease_s = 90,
	  .grace_s = 45,
	  .expected = RESTART " [the NFS server's lease is 90 s, not 30" WAIT "]\n" },
	{ .name = "another grace",
	  .conf = EXPORT TIMED,
	  .files = { NFS_FILE, NFS_TEXT TIMED_TEXT, UNIT("global") },
	  .threads = 8,
	  .listeners = { "rdma 20049", "tcp 2049" },
	  .versions = "+3 +4 -4.0 -4.1 +4.2",
	  .lease_s = 30,
	  .grace_s = 90,
	  .expected = RESTART " [the NFS server's grace is 90 s, not 45" WAIT "]\n" },
	{ .name = "no RDMA",
	  .conf = EXPORT,
	  .files = { NFS_FILE, NFS_TEXT, UNIT("global") },
	  .threads = 8,
	  .listeners = { "tcp 2049" },
	  .expected =
		  "do set /proc/fs/nfsd/portlist to rdma 20049 [the NFS server does not listen on "
		  "RDMA port 20049]\n" },
	{ .name = "TCP that is not wanted",
	  .conf = EXPORT "nfs_server: {tcp: false}\n",
	  .files = { UNIT("global") },
	  .threads = 8,
	  .listeners = { "tcp 2049", "rdma 20049" },
	  .expected = "do write " NFS_FILE " [" NFS_FILE " is not there]\n" RESTART
		      " [the NFS server listens on TCP" WAIT "]\n" },
	{ .name = "RDMA that is not wanted",
	  .conf = EXPORT "nfs_server: {rdma_port: 0, threads: 4}\n",
	  .files = { NFS_FILE, HEAD "\n[nfsd]\nthreads=4\npool-mode=global\nudp=n\ntcp=y\nrdma=n\n",
		     UNIT("global") },
	  .threads = 4,
	  .listeners = { "tcp 2049", "rdma 20049" },
	  .expected = RESTART " [the NFS server listens on rdma 20049" WAIT "]\n" },
};

static char *copied(const char *text)
{
	return text ? strdup(text) : NULL;
}

static void is_planned(void **state)
{
	const struct row *row = *state;
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = {
		.nfsd_threads = row->threads,
		.cpus = row->cpus,
		.numa_nodes = row->nodes,
		.nfsd_pool_mode = copied(row->pool_mode),
		.release = copied(row->release),
		.nfsd_block_bytes = row->block_bytes,
		.nfsd_io_read = copied(row->io_read),
		.nfsd_io_write = copied(row->io_write),
		.nfsd_io_hidden = row->io_hidden,
		.nfsd_lease_s = row->lease_s,
		.nfsd_grace_s = row->grace_s,
	};
	char __cleanup_free *words = copied(row->versions);
	char *rest;

	conf_from(&doc, row->conf);
	for (size_t i = 0; i < ARRAY_SIZE(row->files) && row->files[i]; i += 2)
		add_file(&is, row->files[i], row->files[i + 1]);
	if (row->unread)
		pst_strv_add(&is.unread, row->unread);
	for (size_t i = 0; i < ARRAY_SIZE(row->listeners) && row->listeners[i]; i++)
		pst_strv_add(&is.nfsd_listeners, row->listeners[i]);
	for (char *word = words ? strtok_r(words, " ", &rest) : NULL; word;
	     word = strtok_r(NULL, " ", &rest))
		pst_strv_add(&is.nfsd_versions, word);
	assert_planned(pst_nfsd_plan, doc.conf, &is, row->expected);
}

int main(void)
{
	ADD_ROWS(rows, is_planned);
	return run_gathered(NULL, NULL);
}
