// SPDX-License-Identifier: MIT
/*
 * What nfs.conf(5) has no key for: a drop-in of the NFS server's unit writes it to the kernel's own
 * files right before the threads are started. A server that came up without it serves all the same,
 * and status says that it is not as declared.
 */
#include "node/nfsd.h"

#define DROP_IN_FILE "/etc/systemd/system/nfs-server.service.d/penstock.conf"
#define BLOCK_FILE   "/proc/fs/nfsd/max_block_size"
/* RPCSVC_MAXPAYLOAD of the kernel, which takes a larger number and makes it this one. */
#define OLD_BLOCK_MOST (1U << 20)

int pst_nfsd_unit_observe(struct pst_host *host, struct pst_state *state, struct pst_reason *reason)
{
	return pst_nfsd_read_number(host, BLOCK_FILE, &state->nfsd_block_bytes, reason);
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

bool pst_nfsd_unit_refused(const struct pst_conf_nfs_server *conf, const struct pst_state *state,
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

char *pst_nfsd_unit_differs(const struct pst_conf_nfs_server *conf, const struct pst_state *state)
{
	unsigned int bytes = block_bytes_of(conf);

	if (!bytes || bytes == state->nfsd_block_bytes)
		return NULL;
	return pst_printf("the NFS server takes up to %u bytes in a request, not %u",
			  state->nfsd_block_bytes, bytes);
}

/* NULL when nothing asks for it, or memory is out. */
static char *drop_in_text(const struct pst_conf_nfs_server *conf, struct pst_plan *plan)
{
	struct pst_buf text = { 0 };
	unsigned int bytes = conf ? block_bytes_of(conf) : 0;
	char *taken;

	if (!bytes)
		return NULL;
	pst_buf_printf(&text, "%s\n[Service]\n", pst_file_header);
	pst_buf_printf(&text, "ExecStartPre=-/bin/sh -c 'echo %u > " BLOCK_FILE "'\n", bytes);
	taken = pst_buf_take(&text);
	plan->oom = plan->oom || !taken;
	return taken;
}

void pst_nfsd_unit_plan(const struct pst_conf_nfs_server *conf, const struct pst_state *state,
			bool restarts, struct pst_plan *plan)
{
	char __cleanup_free *text = drop_in_text(conf, plan);
	bool rewritten = pst_plan_file(plan, state, "nfs_server", DROP_IN_FILE, text);

	/* An apply that was broken off may have written it, and systemd not know it yet. */
	if (rewritten || (restarts && text))
		pst_plan_run(plan, "nfs_server", NULL, "systemctl", "daemon-reload");
}
