// SPDX-License-Identifier: MIT
/*
 * Files that an apply wrote or removed and whose program it did not come to tell, because it broke off between the two.
 * They are as declared, and what runs is not: the record of the apply is all that shows it.
 */
#include "node/unread.h"

#include <errno.h>

#include "base/run.h"
#include "node/history.h"
#include "node/json.h"
#include "node/mount.h"

/* What has a program read the files of a directory. */
static const struct {
	const char *directory;
	const char *command;
} readers[] = {
	{ "/etc/systemd/network/", "networkctl reload" },
	{ "/etc/systemd/network/", "systemctl restart systemd-networkd.service" },
	{ "/etc/exports.d/", "exportfs -ra" },
	{ "/etc/exports.d/", "systemctl restart nfs-server.service" },
	{ "/etc/sysctl.d/", "sysctl --load " },
	{ PST_UNIT_DIR, "systemctl daemon-reload" },
};

static bool is_read_by_command(const char *path)
{
	for (size_t i = 0; i < ARRAY_SIZE(readers); i++)
		if (pst_startswith(path, readers[i].directory))
			return true;
	return false;
}

static bool reads(const char *path, const char *command)
{
	for (size_t i = 0; i < ARRAY_SIZE(readers); i++)
		if (pst_startswith(path, readers[i].directory) &&
		    pst_startswith(command, readers[i].command))
			return true;
	return false;
}

/* The drop-in of a unit changes what is seen in the kernel, and needs nothing of this. */
static bool is_mount_unit(const char *path)
{
	return pst_startswith(path, PST_UNIT_DIR) && !strchr(path + strlen(PST_UNIT_DIR), '/');
}

static bool uses(const char *path, const char *command)
{
	static const char *const verbs[] = { "start", "restart", "stop" };

	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		struct pst_strv __cleanup_strv argv = { 0 };
		char __cleanup_free *text = NULL;

		pst_strv_add(&argv, "systemctl");
		pst_strv_add(&argv, verbs[i]);
		pst_strv_add(&argv, path + strlen(PST_UNIT_DIR));
		text = argv.oom ? NULL : pst_run_quote(argv.v);
		if (text && pst_streq(text, command))
			return true;
	}
	return false;
}

static void drop(struct pst_strv *paths, bool (*is_done)(const char *path, const char *what),
		 const char *what)
{
	size_t kept = 0;

	for (size_t i = 0; i < paths->n; i++) {
		if (is_done(paths->v[i], what))
			free(paths->v[i]);
		else
			paths->v[kept++] = paths->v[i];
	}
	if (paths->v)
		paths->v[kept] = NULL;
	paths->n = kept;
}

static void add(struct pst_strv *paths, const char *path)
{
	if (!pst_strv_contains(paths, path))
		pst_strv_add(paths, path);
}

void pst_unread_step(struct pst_state *state, const char *what, bool done)
{
	bool written = pst_startswith(what, "write ");
	const char *path = written			     ? what + strlen("write ")
			   : pst_startswith(what, "remove ") ? what + strlen("remove ")
							     : NULL;

	/* Even where it is not known to be done, it may be. */
	if (path && is_read_by_command(path))
		add(&state->unread, path);
	if (path && written && is_mount_unit(path))
		add(&state->unused, path);
	if (path && !written)
		drop(&state->unused, pst_streq, path);
	if (!path && done) {
		drop(&state->unread, reads, what);
		drop(&state->unused, uses, what);
	}
}

bool pst_unread_has(const struct pst_state *state, const char *path)
{
	return pst_strv_contains(&state->unread, path) || pst_strv_contains(&state->unused, path);
}

bool pst_unread_below(const struct pst_state *state, const char *prefix)
{
	for (size_t i = 0; i < state->unread.n; i++)
		if (pst_startswith(state->unread.v[i], prefix))
			return true;
	return false;
}

static void take_record(struct json_object *record, struct pst_state *state)
{
	struct json_object *steps = pst_json_array(record, "steps");
	size_t count = steps ? json_object_array_length(steps) : 0;

	for (size_t i = 0; i < count; i++) {
		struct json_object *step = json_object_array_get_idx(steps, i);
		const char *what = pst_json_string(step, "what");

		if (what)
			pst_unread_step(state, what,
					pst_streq(pst_json_string(step, "result"), "done"));
	}
}

static bool came_to_its_end(const struct pst_host *host, unsigned int number)
{
	struct json_object __cleanup_json *record = NULL;

	return pst_history_read(host, number, &record, NULL) ||
	       pst_streq(pst_json_string(record, "result"), "done");
}

int pst_unread_observe(struct pst_host *host, struct pst_state *state, struct pst_reason *reason)
{
	unsigned int __cleanup_free *numbers = NULL;
	size_t n = 0, first;

	(void)reason;
	/* It is root's: who is not root sees a little less. */
	if (pst_history_list(host, &numbers, &n, NULL))
		return 0;
	for (first = n; first > 0 && !came_to_its_end(host, numbers[first - 1]); first--)
		;
	for (; first < n; first++) {
		struct json_object __cleanup_json *record = NULL;

		if (!pst_history_read(host, numbers[first], &record, NULL))
			take_record(record, state);
	}
	return state->unread.oom || state->unused.oom ? -ENOMEM : 0;
}
