// SPDX-License-Identifier: MIT
/* NFS mounts: their systemd units, and what the kernel says of them. */
#include <ctype.h>
#include <errno.h>

#include "base/mountinfo.h"
#include "node/node.h"

#define UNIT_DIR      "/etc/systemd/system/"
#define MOUNT_TIMEOUT 60

bool pst_mount_is_nfs(const struct pst_mount_state *mount)
{
	return pst_mountinfo_is_nfs(mount->type);
}

int pst_mount_parse(const char *mountinfo, struct pst_state *state, struct pst_reason *reason)
{
	struct pst_mountinfo line;
	int error;

	while ((error = pst_mountinfo_next(&mountinfo, &line)) == 0) {
		struct pst_mount_state *mount =
			pst_array_grow((void **)&state->mounts, &state->n_mounts, sizeof(*mount));

		if (!mount) {
			pst_mountinfo_free(&line);
			return -ENOMEM;
		}
		mount->device = line.device;
		mount->target = line.target;
		mount->type = line.type;
		mount->source = line.source;
		mount->options = line.options;
	}
	if (error == -EBADMSG)
		return pst_fail(reason, error, "mountinfo has a line of another shape: %.*s",
				(int)strcspn(mountinfo, "\n"), mountinfo);
	return error == -ENOENT ? 0 : error;
}

int pst_mount_observe(struct pst_host *host, struct pst_state *state, struct pst_reason *reason)
{
	char __cleanup_free *text = NULL;
	int error = pst_host_read(host, "/proc/self/mountinfo", &text, reason);

	return error ? error : pst_mount_parse(text, state, reason);
}

char *pst_mount_option(const struct pst_mount_state *mount, const char *name)
{
	return pst_mountinfo_option(mount->options, name);
}

/* systemd.unit(5), "string escaping for inclusion in unit names"; the path is a clean one. */
char *pst_mount_unit(const char *target)
{
	struct pst_buf name = { 0 };

	for (const char *p = target + 1; *p; p++) {
		if (*p == '/')
			pst_buf_add(&name, "-");
		else if (isalnum((unsigned char)*p) || *p == ':' || *p == '_' ||
			 (*p == '.' && p > target + 1))
			pst_buf_add_bytes(&name, p, 1);
		else
			pst_buf_printf(&name, "\\x%02x", (unsigned int)(unsigned char)*p);
	}
	pst_buf_add(&name, ".mount");
	return pst_buf_take(&name);
}

char *pst_mount_file(const char *target)
{
	char __cleanup_free *unit = pst_mount_unit(target);

	return unit ? pst_printf(UNIT_DIR "%s", unit) : NULL;
}

static char *unit_options(const struct pst_conf_mount *conf)
{
	struct pst_buf options = { 0 };

	pst_buf_printf(&options, "proto=%s,port=%u,vers=%s", pst_transport_name(conf->transport),
		       pst_conf_mount_port(conf), pst_nfs_version_name(conf->version));
	for (size_t i = 0; i < conf->options_count; i++)
		pst_buf_printf(&options, ",%s", conf->options[i]);
	return pst_buf_take(&options);
}

/*
 * The default dependencies of a network mount would wait for every interface of the machine to be
 * online. penstock apply starts the unit once the interfaces that count are.
 */
static char *unit_text(const struct pst_conf_mount *conf)
{
	char __cleanup_free *options = unit_options(conf);

	if (!options)
		return NULL;
	return pst_printf("%s\n"
			  "[Unit]\n"
			  "Description=%s by NFS over %s\n"
			  "DefaultDependencies=no\n"
			  "After=systemd-networkd.service network.target remote-fs-pre.target\n"
			  "Before=remote-fs.target umount.target\n"
			  "Conflicts=umount.target\n"
			  "\n"
			  "[Mount]\n"
			  "What=%s\n"
			  "Where=%s\n"
			  "Type=nfs\n"
			  "Options=%s\n"
			  "TimeoutSec=%d\n",
			  pst_file_header, conf->source,
			  conf->transport == PST_TRANSPORT_RDMA ? "RDMA" : "TCP", conf->source,
			  conf->target, options, MOUNT_TIMEOUT);
}

/* What is wrong with a mount that is there, in words; NULL when nothing is. */
static char *differs(const struct pst_conf_mount *conf, const struct pst_mount_state *is)
{
	const char *transport = pst_transport_name(conf->transport);
	char __cleanup_free *proto = pst_mount_option(is, "proto");
	char __cleanup_free *version = pst_mount_option(is, "vers");

	if (!pst_streq(is->source, conf->source))
		return pst_printf("%s is mounted from %s, not from %s", conf->target, is->source,
				  conf->source);
	/* Over IPv6 the kernel says rdma6 and tcp6. */
	if (!proto || !pst_startswith(proto, transport) ||
	    strspn(proto + strlen(transport), "6") != strlen(proto + strlen(transport)))
		return pst_printf("%s is mounted over %s, not over %s", conf->target,
				  proto ?: "nothing known", transport);
	if (!pst_streq(version, pst_nfs_version_name(conf->version)))
		return pst_printf("%s is mounted with NFS version %s, not %s", conf->target,
				  version ?: "unknown", pst_nfs_version_name(conf->version));
	return NULL;
}

static void plan_one(const struct pst_conf_mount *conf, size_t n, const struct pst_state *state,
		     struct pst_plan *plan, bool rewritten)
{
	const struct pst_mount_state *is = pst_state_mount(state, conf->target);
	struct pst_key key = pst_key("mounts[%zu]", n);
	char __cleanup_free *unit = pst_mount_unit(conf->target);
	char __cleanup_free *why = NULL;

	if (is && !pst_mount_is_nfs(is)) {
		pst_plan_problem(plan, PST_PROBLEM_REFUSED, pst_key("mounts[%zu].target", n),
				 "on %s, %s of the type %s is mounted", conf->target, is->source,
				 is->type);
		return;
	}
	why = is ? differs(conf, is) : pst_printf("%s is not mounted", conf->target);
	if (is && (why || rewritten))
		pst_plan_run(plan, key.text, why, "systemctl", "restart", unit);
	else if (!is)
		pst_plan_run(plan, key.text, why, "systemctl", "start", unit);
	plan->oom = plan->oom || !unit;
}

static bool is_declared(const struct pst_conf *conf, const char *path)
{
	for (size_t i = 0; i < conf->mounts_count; i++) {
		char __cleanup_free *file = pst_mount_file(conf->mounts[i].target);

		if (pst_streq(file, path))
			return true;
	}
	return false;
}

/* Unmounts what we once mounted and is no longer declared. */
static bool plan_stale(const struct pst_conf *conf, const struct pst_state *state,
		       struct pst_plan *plan)
{
	bool reload = false;

	for (size_t i = 0; i < state->n_files; i++) {
		const struct pst_file_state *file = &state->files[i];
		const char *unit = strrchr(file->path, '/') + 1;

		if (!pst_startswith(file->path, UNIT_DIR) || !pst_file_is_ours(file->text) ||
		    is_declared(conf, file->path))
			continue;
		pst_plan_run(plan, "mounts", NULL, "systemctl", "stop", unit);
		reload = pst_plan_file(plan, state, "mounts", file->path, NULL) || reload;
	}
	return reload;
}

void pst_mount_plan(const struct pst_conf *conf, const struct pst_state *state,
		    struct pst_plan *plan)
{
	bool reload = plan_stale(conf, state, plan);
	bool __cleanup_free *rewritten = calloc(conf->mounts_count + 1, sizeof(*rewritten));

	if (!rewritten) {
		plan->oom = true;
		return;
	}
	for (size_t i = 0; i < conf->mounts_count; i++) {
		char __cleanup_free *path = pst_mount_file(conf->mounts[i].target);
		char __cleanup_free *text = unit_text(&conf->mounts[i]);

		if (!path || !text) {
			plan->oom = true;
			return;
		}
		rewritten[i] =
			pst_plan_file(plan, state, pst_key("mounts[%zu]", i).text, path, text);
		reload = reload || rewritten[i];
	}
	if (reload)
		pst_plan_run(plan, "mounts", NULL, "systemctl", "daemon-reload");
	for (size_t i = 0; i < conf->mounts_count; i++)
		plan_one(&conf->mounts[i], i, state, plan, rewritten[i]);
}
