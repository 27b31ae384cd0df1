// SPDX-License-Identifier: MIT
/*
 * What nfs.conf(5) has no key for: a drop-in of the NFS server's unit writes it to the kernel's own
 * files right before the threads are started. A server that came up without it serves all the same,
 * and status says that it is not as declared. The pool mode is in both places: of what reads
 * nfs.conf only nfsdctl(8) knows it, and the unit starts rpc.nfsd(8) instead on kernels whose lockd
 * has no netlink interface (before 6.15).
 */
#include "node/nfsd.h"

#include <errno.h>

#define DROP_IN_FILE "/etc/systemd/system/nfs-server.service.d/penstock.conf"
#define BLOCK_FILE   "/proc/fs/nfsd/max_block_size"
/* RPCSVC_MAXPAYLOAD of the kernel, which takes a larger number and makes it this one. */
#define OLD_BLOCK_MOST (1U << 20)

#define IO_FILE(name) "/sys/kernel/debug/nfsd/io_cache_" name

/* One of the two I/O modes: where the kernel has it, what is declared and what is. */
struct io {
	const char *key;
	const char *path;
	enum pst_io_mode mode;
	const char *number; /* NULL: there is no such file */
};

#define N_IO 2

static void list_io(const struct pst_conf_nfs_server *conf, const struct pst_state *state,
		    struct io ret[N_IO])
{
	ret[0] = (struct io){ "read", IO_FILE("read"), conf->io_modes.read, state->nfsd_io_read };
	ret[1] = (struct io){ "write", IO_FILE("write"), conf->io_modes.write,
			      state->nfsd_io_write };
}

static bool is_asked_for(const struct io *io)
{
	return io->mode != PST_IO_DEFAULT;
}

/* As the kernel writes it. */
static struct pst_key number_of(enum pst_io_mode mode)
{
	return pst_key("%d", (int)mode - (int)PST_IO_BUFFERED);
}

const char *pst_nfsd_io_word(const char *number)
{
	for (enum pst_io_mode mode = PST_IO_BUFFERED; number && mode <= PST_IO_DIRECT; mode++)
		if (pst_streq(number, number_of(mode).text))
			return pst_io_mode_name(mode);
	return number;
}

int pst_nfsd_unit_observe(struct pst_host *host, struct pst_state *state, struct pst_reason *reason)
{
	struct pst_reason __cleanup_reason hidden = { 0 };
	int error = pst_nfsd_read_number(host, BLOCK_FILE, &state->nfsd_block_bytes, reason);

	if (error)
		return error;
	error = pst_nfsd_read_line(host, IO_FILE("read"), &state->nfsd_io_read, &hidden);
	if (!error)
		error = pst_nfsd_read_line(host, IO_FILE("write"), &state->nfsd_io_write, &hidden);
	if (error == -EACCES) {
		state->nfsd_io_hidden = true;
		return 0;
	}
	return error ? pst_fail(reason, error, "%s", pst_reason_text(&hidden, error)) : 0;
}

/* 0 where none is declared. */
static unsigned int block_bytes_of(const struct pst_conf_nfs_server *conf)
{
	unsigned long long bytes;

	return conf->block_size && pst_parse_size(conf->block_size, &bytes) ? (unsigned int)bytes
									    : 0;
}

/* Whether the kernel is known to be older than a release of Linux. */
static bool is_older(const struct pst_state *state, unsigned long major, unsigned long minor)
{
	unsigned long is_major, is_minor;
	char *end;

	if (!state->release)
		return false;
	is_major = strtoul(state->release, &end, 10);
	if (end == state->release || *end != '.')
		return false;
	is_minor = strtoul(end + 1, NULL, 10);
	return is_major < major || (is_major == major && is_minor < minor);
}

static bool refused_block(const struct pst_conf_nfs_server *conf, const struct pst_state *state,
			  struct pst_plan *plan)
{
	if (block_bytes_of(conf) <= OLD_BLOCK_MOST || !is_older(state, 6, 16))
		return false;
	pst_plan_problem(plan, PST_PROBLEM_REFUSED, pst_key("nfs_server.block_size"),
			 "%s is more than this kernel takes: Linux %s has 1M at most, and 4M from "
			 "6.16 on",
			 conf->block_size, state->release);
	return true;
}

/*
 * The files are there once nfsd is loaded, so for a server that does not run yet only the kernel's
 * release tells.
 */
static bool refused_io(const struct io *io, const struct pst_state *state, struct pst_plan *plan)
{
	bool old = is_older(state, 6, 18);
	const char *release = state->release ?: "of a release that is not known";

	if (!is_asked_for(io) || io->number || state->nfsd_io_hidden ||
	    (!old && !state->nfsd_threads))
		return false;
	pst_plan_problem(plan, PST_PROBLEM_REFUSED, pst_key("nfs_server.io_modes.%s", io->key),
			 old ? "this kernel, Linux %s, has no I/O modes of the NFS server (%s), "
			       "which came with 6.18: leave the key out"
			     : "this kernel, Linux %s, has no %s: see whether debugfs is mounted, "
			       "or leave the key out",
			 release, io->path);
	return true;
}

bool pst_nfsd_unit_refused(const struct pst_conf_nfs_server *conf, const struct pst_state *state,
			   struct pst_plan *plan)
{
	bool refused = refused_block(conf, state, plan);
	struct io io[N_IO];

	list_io(conf, state, io);
	for (size_t i = 0; i < N_IO; i++)
		if (refused_io(&io[i], state, plan))
			refused = true;
	return refused;
}

char *pst_nfsd_unit_differs(const struct pst_conf_nfs_server *conf, const struct pst_state *state)
{
	unsigned int bytes = block_bytes_of(conf);

	if (!bytes || bytes == state->nfsd_block_bytes)
		return NULL;
	return pst_printf("the NFS server takes up to %u bytes in a request, not %u",
			  state->nfsd_block_bytes, bytes);
}

static void add_write(struct pst_buf *text, const char *value, const char *path)
{
	pst_buf_printf(text, "ExecStartPre=-/bin/sh -c 'echo %s > %s'\n", value, path);
}

/* NULL when memory is out. */
static char *drop_in_text(const struct pst_conf_nfs_server *conf, const struct pst_state *state,
			  struct pst_plan *plan)
{
	struct pst_buf text = { 0 };
	struct io io[N_IO];
	char *taken;

	pst_buf_printf(&text, "%s\n[Service]\n", pst_file_header);
	add_write(&text, pst_pool_mode_name(pst_nfsd_pool_mode(conf, state)), PST_POOLS_FILE);
	if (block_bytes_of(conf))
		add_write(&text, pst_key("%u", block_bytes_of(conf)).text, BLOCK_FILE);
	list_io(conf, state, io);
	for (size_t i = 0; i < N_IO; i++)
		if (is_asked_for(&io[i]))
			add_write(&text, number_of(io[i].mode).text, io[i].path);
	taken = pst_buf_take(&text);
	plan->oom = plan->oom || !taken;
	return taken;
}

/* For all exports and at once; no client waits. */
static void plan_io(const struct io *io, struct pst_plan *plan)
{
	struct pst_key number = number_of(io->mode);
	char __cleanup_free *why = NULL;

	if (!is_asked_for(io) || !io->number || pst_streq(io->number, number.text))
		return;
	why = pst_printf("the NFS server's I/O mode to %s is %s, not %s", io->key,
			 pst_nfsd_io_word(io->number), pst_io_mode_name(io->mode));
	if (why)
		pst_plan_set(plan, pst_key("nfs_server.io_modes.%s", io->key).text, io->path,
			     number.text, why);
	else
		plan->oom = true;
}

void pst_nfsd_unit_plan(const struct pst_conf_nfs_server *conf, const struct pst_state *state,
			bool restarts, struct pst_plan *plan)
{
	char __cleanup_free *text = conf ? drop_in_text(conf, state, plan) : NULL;
	bool rewritten = pst_plan_file(plan, state, "nfs_server", DROP_IN_FILE, text);
	struct io io[N_IO];

	if (rewritten)
		pst_plan_run(plan, "nfs_server", NULL, "systemctl", "daemon-reload");
	if (restarts || !conf)
		return;
	list_io(conf, state, io);
	for (size_t i = 0; i < N_IO; i++)
		plan_io(&io[i], plan);
}
