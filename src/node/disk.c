// SPDX-License-Identifier: MIT
/*
 * Disks: which block device a declared path is, what is on it, and whether a pool may be made
 * there. This is the part that keeps data from being destroyed, so it looks in every way it has:
 * signatures on the disk and its partitions, what is mounted, what holds it, and whether the kernel
 * would let us have it alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "node/json.h"
#include "node/node.h"

/* Resolves a link in sysfs to the last part of its target's path. */
static int link_name(const struct pst_host *host, const char *path, bool parent, char **ret)
{
	char __cleanup_free *full = pst_host_path(host, path);
	char __cleanup_free *target = full ? realpath(full, NULL) : NULL;
	char *name;

	if (!target)
		return full ? -errno : -ENOMEM;
	name = strdup(basename(parent ? dirname(target) : target));
	if (!name)
		return -ENOMEM;
	*ret = name;
	return 0;
}

int pst_disk_name(const struct pst_host *host, const char *path, char **ret)
{
	char __cleanup_free *full = pst_host_path(host, path);
	struct pst_key node, partition;
	struct stat info;

	if (!full)
		return -ENOMEM;
	if (stat(full, &info) < 0)
		return -errno;
	if (!S_ISBLK(info.st_mode))
		return -ENOTBLK;
	node = pst_key("/sys/dev/block/%u:%u", major(info.st_rdev), minor(info.st_rdev));
	partition = pst_key("%s/partition", node.text);
	return link_name(host, node.text, pst_host_exists(host, partition.text), ret);
}

static int add_zfs_label(struct pst_disk_state *disk, const struct json_object *signature)
{
	const char *pool = pst_json_string(signature, "label");
	const char *guid = pst_json_string(signature, "uuid");

	/* A disk has four copies of its label. Two different pools: neither is to be trusted. */
	if (disk->pool && pst_streq(disk->pool, pool) && pst_streq(disk->pool_guid, guid))
		return 0;
	pst_strv_addf(&disk->found, "a member of the ZFS pool %s", pool ?: "(unnamed)");
	if (disk->pool || !pool || !guid)
		return 0;
	disk->pool = strdup(pool);
	disk->pool_guid = strdup(guid);
	return disk->pool && disk->pool_guid ? 0 : -ENOMEM;
}

static bool is_partition_table(const char *type)
{
	return pst_streq(type, "gpt") || pst_streq(type, "dos") || pst_streq(type, "PMBR");
}

static int add_signature(struct pst_disk_state *disk, const char *name,
			 const struct json_object *signature)
{
	const char *type = pst_json_string(signature, "type") ?: "unknown";
	const char *label = pst_json_string(signature, "label");
	struct pst_buf words = { 0 };
	char __cleanup_free *text = NULL;

	if (pst_streq(type, "zfs_member"))
		return add_zfs_label(disk, signature);
	/* The protective MBR is a part of every GPT. */
	if (pst_streq(type, "PMBR") && pst_strv_contains(&disk->found, "a partition table (gpt)"))
		return 0;
	if (is_partition_table(type))
		pst_buf_printf(&words, "a partition table (%s)", type);
	else
		pst_buf_printf(&words, "%s%s%s on %s", type, label ? " " : "", label ?: "", name);
	text = pst_buf_take(&words);
	if (!text)
		return -ENOMEM;
	if (!pst_strv_contains(&disk->found, text))
		pst_strv_add(&disk->found, text);
	return disk->found.oom ? -ENOMEM : 0;
}

int pst_disk_parse(const char *json, const char *name, struct pst_disk_state *disk,
		   struct pst_reason *reason)
{
	struct json_object __cleanup_json *answer = NULL;
	struct json_object *signatures;
	int error;

	/* wipefs says nothing at all when there is nothing to say. */
	if (!json[strspn(json, " \n")])
		return 0;
	error = pst_json_parse(json, "wipefs", &answer, reason);
	if (error)
		return error;
	signatures = pst_json_array(answer, "signatures");
	if (!signatures)
		return pst_fail(reason, -EBADMSG, "wipefs did not answer with signatures");
	for (size_t i = 0; i < json_object_array_length(signatures) && !error; i++) {
		struct json_object *signature = json_object_array_get_idx(signatures, i);
		const char *device = pst_json_string(signature, "device");

		/* What is not understood must never pass for an empty disk. */
		if (!device)
			return pst_fail(reason, -EBADMSG, "wipefs found something on no device");
		if (pst_streq(device, name))
			error = add_signature(disk, name, signature);
	}
	return error;
}

/* The kernel names of a disk and its partitions. */
static int list_parts(struct pst_host *host, const char *disk, struct pst_strv *ret,
		      struct pst_reason *reason)
{
	struct pst_key dir = pst_key("/sys/class/block/%s", disk);
	struct pst_strv __cleanup_strv names = { 0 };
	int error = pst_host_list(host, dir.text, &names, reason);

	pst_strv_add(ret, disk);
	for (size_t i = 0; i < names.n && !error; i++) {
		struct pst_key mark = pst_key("%s/%s/partition", dir.text, names.v[i]);

		if (pst_host_exists(host, mark.text))
			pst_strv_add(ret, names.v[i]);
	}
	return ret->oom ? -ENOMEM : error;
}

/* What the kernel uses a disk or partition for. */
static int add_users(struct pst_host *host, const char *part, const struct pst_state *state,
		     struct pst_disk_state *disk, struct pst_reason *reason)
{
	struct pst_strv __cleanup_strv holders = { 0 };
	char __cleanup_free *device = NULL;
	int error = pst_host_list(host, pst_key("/sys/class/block/%s/holders", part).text, &holders,
				  reason);

	if (!error)
		error = pst_host_read(host, pst_key("/sys/class/block/%s/dev", part).text, &device,
				      reason);
	if (error)
		return error == -ENOENT ? 0 : error;
	device[strcspn(device, "\n")] = '\0';
	for (size_t i = 0; i < state->n_mounts; i++)
		if (pst_streq(state->mounts[i].device, device))
			pst_strv_addf(&disk->found, "%s, mounted on %s", part,
				      state->mounts[i].target);
	for (size_t i = 0; i < holders.n; i++)
		pst_strv_addf(&disk->found, "%s, held by %s", part, holders.v[i]);
	return disk->found.oom ? -ENOMEM : 0;
}

/* Swap, a multipath map, another node's claim: whatever it is, the kernel knows. */
static int add_exclusion(struct pst_host *host, struct pst_disk_state *disk)
{
	char __cleanup_free *full = pst_host_path(host, disk->path);
	int __cleanup_close fd = full ? open(full, O_RDONLY | O_EXCL | O_CLOEXEC) : -1;

	if (!full)
		return -ENOMEM;
	if (fd < 0 && errno == EBUSY)
		pst_strv_add(&disk->found, "that the kernel uses it");
	else if (fd < 0)
		pst_strv_addf(&disk->found, "that it cannot be opened (%s)", strerror(errno));
	return disk->found.oom ? -ENOMEM : 0;
}

/* Reads the signatures on a disk and its partitions. A disk that cannot be read is not empty. */
static int ask_wipefs(struct pst_host *host, const struct pst_strv *parts,
		      struct pst_disk_state *disk, char **ret, struct pst_reason *reason)
{
	struct pst_strv __cleanup_strv argv = { 0 };
	struct pst_reason __cleanup_reason said = { 0 };
	int error;

	pst_strv_add(&argv, "wipefs");
	pst_strv_add(&argv, "--json");
	pst_strv_add(&argv, "--no-act");
	for (size_t i = 0; i < parts->n; i++)
		pst_strv_addf(&argv, "/dev/%s", parts->v[i]);
	error = pst_host_ask_strv(host, &argv, ret, &said);
	if (error && error != -EIO)
		return pst_fail(reason, error, "%s", pst_reason_text(&said, error));
	if (error) {
		pst_strv_addf(&disk->found, "that it cannot be read (%s)",
			      pst_reason_text(&said, error));
		*ret = strdup("");
	}
	return *ret && !disk->found.oom ? 0 : -ENOMEM;
}

static int examine(struct pst_host *host, struct pst_state *state, struct pst_disk_state *disk,
		   struct pst_reason *reason)
{
	struct pst_strv __cleanup_strv parts = { 0 };
	char __cleanup_free *json = NULL;
	int error = list_parts(host, disk->disk, &parts, reason);

	if (!error)
		error = ask_wipefs(host, &parts, disk, &json, reason);
	for (size_t i = 0; i < parts.n && !error; i++) {
		error = pst_disk_parse(json, parts.v[i], disk, reason);
		if (!error)
			error = add_users(host, parts.v[i], state, disk, reason);
	}
	if (!error && !disk->found.n)
		error = add_exclusion(host, disk);
	return error;
}

static int observe_one(struct pst_host *host, const char *path, bool look, struct pst_state *state,
		       struct pst_reason *reason)
{
	struct pst_disk_state *disk =
		pst_array_grow((void **)&state->disks, &state->n_disks, sizeof(*disk));

	if (!disk)
		return -ENOMEM;
	disk->path = strdup(path);
	if (!disk->path)
		return -ENOMEM;
	disk->error = pst_disk_name(host, path, &disk->disk);
	return disk->disk && look ? examine(host, state, disk, reason) : 0;
}

int pst_disk_observe(struct pst_host *host, const struct pst_conf *conf, struct pst_state *state,
		     struct pst_reason *reason)
{
	for (size_t i = 0; conf && i < conf->pools_count; i++) {
		const struct pst_conf_pool *pool = &conf->pools[i];
		bool look = !pst_state_pool(state, pool->name);

		for (size_t j = 0; j < pool->disks_count; j++) {
			int error = observe_one(host, pool->disks[j], look, state, reason);

			if (error)
				return error;
		}
	}
	return 0;
}

/* The one that is declared before it and is the same device, or NULL. */
static const char *same_device(const struct pst_state *state, const struct pst_disk_state *disk)
{
	for (const struct pst_disk_state *other = state->disks; other != disk; other++)
		if (disk->disk && pst_streq(other->disk, disk->disk))
			return other->path;
	return NULL;
}

/* ZFS itself puts a partition table on a whole disk, before any label. */
static bool has_only_zfs(const struct pst_disk_state *disk)
{
	for (size_t i = 0; i < disk->found.n; i++)
		if (!pst_startswith(disk->found.v[i], "a member of the ZFS pool ") &&
		    !pst_startswith(disk->found.v[i], "a partition table (gpt)"))
			return false;
	return true;
}

static bool is_ours(const struct pst_disk_state *disk, const char *pool)
{
	return pst_streq(disk->pool, pool) && has_only_zfs(disk);
}

char *pst_disk_begun_path(const char *pool)
{
	return pst_printf(PST_STATE_DIRECTORY "/creating-%s", pool);
}

char *pst_disk_begun_text(const struct pst_conf_pool *pool)
{
	struct pst_buf buf = { 0 };

	pst_buf_add(&buf, pst_file_header);
	for (size_t i = 0; i < pool->disks_count; i++)
		pst_buf_printf(&buf, "%s\n", pool->disks[i]);
	return pst_buf_take(&buf);
}

/*
 * Whether a pool was being created on just these disks when it broke off: they were empty then, and ZFS
 * had come no further than their partition tables.
 */
static bool is_begun(const struct pst_conf_pool *pool, const struct pst_state *state,
		     const struct pst_disk_state *disk)
{
	char __cleanup_free *path = pst_disk_begun_path(pool->name);
	char __cleanup_free *text = pst_disk_begun_text(pool);

	return path && text && pst_streq(pst_state_file(state, path), text) && !disk->pool &&
	       has_only_zfs(disk);
}

/* Whether the path is a disk at all; a mistake in it is one of the configuration. */
static bool is_usable(const struct pst_state *state, const struct pst_disk_state *disk,
		      struct pst_key key, struct pst_plan *plan)
{
	const char *twin;

	if (disk->error == -ENOENT) {
		pst_plan_problem(plan, PST_PROBLEM_CONFIG, key, "there is no %s", disk->path);
		return false;
	}
	if (disk->error) {
		pst_plan_problem(plan, PST_PROBLEM_CONFIG, key, "%s is no disk: %s", disk->path,
				 strerror(-disk->error));
		return false;
	}
	twin = same_device(state, disk);
	if (twin)
		pst_plan_problem(plan, PST_PROBLEM_CONFIG, key, "%s is the same disk (%s) as %s",
				 disk->path, disk->disk, twin);
	return !twin;
}

enum pst_disk_verdict pst_disk_judge(const struct pst_conf *conf, size_t pool,
				     const struct pst_state *state, struct pst_plan *plan,
				     const char **ret_guid)
{
	const struct pst_conf_pool *declared = &conf->pools[pool];
	size_t empty = 0, ours = 0, usable = 0;
	const char *guid = NULL;

	for (size_t i = 0; i < declared->disks_count; i++) {
		const struct pst_disk_state *disk = pst_state_disk(state, declared->disks[i]);
		struct pst_key key = pst_key("pools[%zu].disks[%zu]", pool, i);
		char __cleanup_free *found = NULL;

		if (!disk || !is_usable(state, disk, key, plan))
			continue;
		usable++;
		found = pst_strv_join(&disk->found, "; ");
		if (!disk->found.n || is_begun(declared, state, disk)) {
			empty++;
		} else if (is_ours(disk, declared->name) &&
			   (!guid || pst_streq(guid, disk->pool_guid))) {
			guid = disk->pool_guid;
			ours++;
		} else {
			pst_plan_problem(plan, PST_PROBLEM_REFUSED, key,
					 "%s (%s) is not empty, and is left alone: found %s",
					 disk->path, disk->disk, found ?: "something");
		}
	}
	if (usable == declared->disks_count && empty == usable)
		return PST_DISKS_EMPTY;
	if (usable == declared->disks_count && ours == usable) {
		*ret_guid = guid;
		return PST_DISKS_OURS;
	}
	if (ours && ours + empty == declared->disks_count)
		pst_plan_problem(
			plan, PST_PROBLEM_REFUSED, pst_key("pools[%zu].disks", pool),
			"%zu of the disks are of a pool %s (%s), and %zu are empty: import "
			"it by hand with zpool(8)",
			ours, declared->name, guid, empty);
	return PST_DISKS_REFUSED;
}
