// SPDX-License-Identifier: MIT
/* The files that Penstock may have written, as they are. */
#include <errno.h>
#include <fnmatch.h>

#include "node/node.h"

static int read_one(struct pst_host *host, const char *path, struct pst_state *state,
		    struct pst_reason *reason)
{
	char __cleanup_free *text = NULL;
	struct pst_file_state *file;
	int error = pst_host_read(host, path, &text, reason);

	if (error)
		return error == -ENOENT ? 0 : error;
	file = pst_array_grow((void **)&state->files, &state->n_files, sizeof(*file));
	if (!file)
		return -ENOMEM;
	file->path = strdup(path);
	file->text = TAKE_PTR(text);
	return file->path ? 0 : -ENOMEM;
}

static int read_matching(struct pst_host *host, const char *dir, const char *pattern,
			 struct pst_state *state, struct pst_reason *reason)
{
	struct pst_strv __cleanup_strv names = { 0 };
	int error = pst_host_list(host, dir, &names, reason);

	for (size_t i = 0; i < names.n && !error; i++) {
		char __cleanup_free *path = NULL;

		if (fnmatch(pattern, names.v[i], 0))
			continue;
		path = pst_printf("%s/%s", dir, names.v[i]);
		error = path ? read_one(host, path, state, reason) : -ENOMEM;
	}
	return error;
}

int pst_files_observe(struct pst_host *host, struct pst_state *state, struct pst_reason *reason)
{
	static const char *const paths[] = {
		"/etc/hostname",
		"/etc/sysusers.d/penstock.conf",
		"/etc/tmpfiles.d/penstock-users.conf",
		"/etc/modules-load.d/penstock.conf",
		"/etc/modprobe.d/penstock-zfs.conf",
		"/etc/exports.d/penstock.exports",
		"/etc/nfs.conf.d/penstock.conf",
		"/etc/systemd/system/nfs-server.service.d/penstock.conf",
		"/etc/sysctl.d/50-penstock-fabric.conf",
	};
	static const struct {
		const char *dir;
		const char *pattern;
	} patterns[] = {
		{ "/etc/ssh/authorized_keys.d", "*" },
		{ "/etc/systemd/network", "50-penstock-*.network" },
		{ "/etc/systemd/network", "50-penstock-*.netdev" },
		/* In the order in which they are stopped: one of the first would start one of the second. */
		{ "/etc/systemd/system", "*.automount" },
		{ "/etc/systemd/system", "*.mount" },
		{ PST_STATE_DIRECTORY, "creating-*" },
		{ PST_STATE_DIRECTORY, "adding-*" },
	};
	int error = 0;

	for (size_t i = 0; i < ARRAY_SIZE(paths) && !error; i++)
		error = read_one(host, paths[i], state, reason);
	for (size_t i = 0; i < ARRAY_SIZE(patterns) && !error; i++)
		error = read_matching(host, patterns[i].dir, patterns[i].pattern, state, reason);
	return error;
}
