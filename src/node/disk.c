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
#include "node/shape.h"

#define BLOCK_BYTES_MAX (16U << 10)

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

/* On a whole disk ZFS makes the partitions 1, for all that it has, and 9, which stays empty. */
static bool is_made_by_zfs(const struct pst_host *host, const char *disk, const char *part)
{
	struct pst_key path = pst_key("/sys/class/block/%s/%s/partition", disk, part);
	char __cleanup_free *number = NULL;

	if (pst_host_read(host, path.text, &number, NULL))
		return false;
	number[strcspn(number, "\n")] = '\0';
	return pst_streq(number, "1") || pst_streq(number, "9");
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
	disk->used = disk->used || holders.n;
	for (size_t i = 0; i < state->n_mounts; i++) {
		if (!pst_streq(state->mounts[i].device, device))
			continue;
		disk->used = true;
		pst_strv_addf(&disk->found, "%s, mounted on %s", part, state->mounts[i].target);
	}
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
	if (fd < 0 && errno == EBUSY && !disk->used) {
		disk->used = true;
		pst_strv_add(&disk->found, "that the kernel uses it");
	} else if (fd < 0 && errno != EBUSY && !disk->found.n) {
		pst_strv_addf(&disk->found, "that it cannot be opened (%s)", strerror(errno));
	}
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

int pst_disk_examine(struct pst_host *host, const struct pst_state *state, bool signatures,
		     struct pst_disk_state *disk, struct pst_reason *reason)
{
	struct pst_strv __cleanup_strv parts = { 0 };
	char __cleanup_free *json = NULL;
	int error = list_parts(host, disk->disk, &parts, reason);

	if (!error && signatures)
		error = ask_wipefs(host, &parts, disk, &json, reason);
	for (size_t i = 0; i < parts.n && !error; i++) {
		if (i && !is_made_by_zfs(host, disk->disk, parts.v[i]))
			disk->parted = true;
		if (signatures)
			error = pst_disk_parse(json, parts.v[i], disk, reason);
		if (!error)
			error = add_users(host, parts.v[i], state, disk, reason);
	}
	if (!error && signatures)
		error = add_exclusion(host, disk);
	return error;
}

/*
 * What a disk likes to write at once, as the kernel has it from the drive. What is larger than a page
 * of any SSD is no such thing, but the stripe of a RAID controller.
 */
static unsigned int block_bytes(struct pst_host *host, const char *disk)
{
	static const char *const files[] = { "physical_block_size", "minimum_io_size" };
	unsigned long long number, most = 0;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		struct pst_key path = pst_key("/sys/class/block/%s/queue/%s", disk, files[i]);
		char __cleanup_free *text = NULL;

		if (pst_host_read(host, path.text, &text, NULL))
			continue;
		text[strcspn(text, "\n")] = '\0';
		if (!pst_parse_u64(text, BLOCK_BYTES_MAX, &number) && number > most)
			most = number;
	}
	return (unsigned int)most;
}

static int observe_one(struct pst_host *host, const char *path, struct pst_state *state,
		       struct pst_reason *reason)
{
	struct pst_disk_state *disk;

	if (pst_state_disk(state, path))
		return 0;
	disk = pst_array_grow((void **)&state->disks, &state->n_disks, sizeof(*disk));
	if (!disk)
		return -ENOMEM;
	disk->path = strdup(path);
	if (!disk->path)
		return -ENOMEM;
	disk->error = pst_disk_name(host, path, &disk->disk);
	if (!disk->disk)
		return 0;
	disk->block_bytes = block_bytes(host, disk->disk);
	return pst_pool_of_disk(state, disk->disk)
		       ? 0
		       : pst_disk_examine(host, state, true, disk, reason);
}

static bool may_be_selected(const struct pst_conf *conf, size_t pool,
			    const struct pst_drive_state *drive)
{
	const struct pst_conf_vdev *vdev;
	enum pst_class class;
	struct pst_key key;

	for (size_t i = 0; (vdev = pst_conf_vdev(conf, pool, i, &class, &key)); i++)
		if (vdev->select.count && pst_drive_matches(drive, &vdev->select))
			return true;
	return false;
}

/* All that any selector is about: only what is on them shows which ones it takes. */
static int observe_selected(struct pst_host *host, const struct pst_conf *conf, size_t pool,
			    struct pst_state *state, struct pst_reason *reason)
{
	int error = 0;

	for (size_t i = 0; i < state->n_drives && !error; i++)
		if (may_be_selected(conf, pool, &state->drives[i]))
			error = observe_one(host, state->drives[i].path, state, reason);
	return error;
}

int pst_disk_observe(struct pst_host *host, const struct pst_conf *conf, struct pst_state *state,
		     struct pst_reason *reason)
{
	int error = 0;

	for (size_t i = 0; conf && i < conf->pools_count && !error; i++) {
		struct pst_key key;
		const char *path;

		for (size_t j = 0; !error && (path = pst_conf_disk(conf, i, j, &key)); j++)
			error = observe_one(host, path, state, reason);
	}
	for (size_t i = 0; conf && i < conf->pools_count && !error; i++)
		error = observe_selected(host, conf, i, state, reason);
	return error;
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

/* What ZFS leaves on a disk that was empty when it broke off, and nothing that came since. */
static bool is_unfinished(const struct pst_disk_state *disk)
{
	return !disk->pool && !disk->parted && has_only_zfs(disk);
}

static bool is_ours(const struct pst_disk_state *disk, const char *pool)
{
	return pst_streq(disk->pool, pool) && has_only_zfs(disk);
}

char *pst_disk_begun_path(const char *pool)
{
	return pst_printf(PST_STATE_DIRECTORY "/creating-%s", pool);
}

char *pst_disk_added_path(const char *pool)
{
	return pst_printf(PST_STATE_DIRECTORY "/adding-%s", pool);
}

char *pst_disk_note_text(const struct pst_strv *disks)
{
	struct pst_buf buf = { 0 };

	pst_buf_add(&buf, pst_file_header);
	for (size_t i = 0; i < disks->n; i++)
		pst_buf_printf(&buf, "%s\n", disks->v[i]);
	return disks->oom ? (pst_buf_free(&buf), NULL) : pst_buf_take(&buf);
}

bool pst_disk_is_begun(const char *pool, const struct pst_state *state,
		       const struct pst_disk_state *disk)
{
	char __cleanup_free *creating = pst_disk_begun_path(pool);
	char __cleanup_free *adding = pst_disk_added_path(pool);

	if (!creating || !adding || !is_unfinished(disk))
		return false;
	return pst_has_line(pst_state_file(state, creating), disk->path) ||
	       pst_has_line(pst_state_file(state, adding), disk->path);
}

/* Whether the path is a disk at all. One that is not there may come: apply is tried again at boot; else it is a mistake. */
static bool is_usable(const struct pst_state *state, const struct pst_disk_state *disk,
		      struct pst_key key, struct pst_plan *plan)
{
	const char *twin;

	if (disk->error == -ENOENT) {
		pst_plan_problem(plan, PST_PROBLEM_REFUSED, key, "there is no %s", disk->path);
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

static void leave_alone(const struct pst_disk_state *disk, struct pst_key key,
			struct pst_plan *plan)
{
	char __cleanup_free *found = pst_strv_join(&disk->found, "; ");

	pst_plan_problem(plan, PST_PROBLEM_REFUSED, key,
			 "%s (%s) is not empty, and is left alone: found %s", disk->path,
			 disk->disk, found ?: "something");
}

/* Of one that is imported: nobody has looked what else is on it. */
static bool is_in_a_pool(const struct pst_state *state, const struct pst_disk_state *disk,
			 struct pst_key key, struct pst_plan *plan)
{
	const struct pst_pool_state *of = pst_pool_of_disk(state, disk->disk);

	if (of)
		pst_plan_problem(plan, PST_PROBLEM_REFUSED, key, "%s (%s) is part of the pool %s",
				 disk->path, disk->disk, of->name);
	return of != NULL;
}

bool pst_disk_is_free(const char *pool, const struct pst_state *state, const char *path,
		      struct pst_key key, struct pst_plan *plan)
{
	const struct pst_disk_state *disk = pst_state_disk(state, path);

	if (!disk || !is_usable(state, disk, key, plan) || is_in_a_pool(state, disk, key, plan))
		return false;
	if (!disk->found.n || pst_disk_is_begun(pool, state, disk))
		return true;
	leave_alone(disk, key, plan);
	return false;
}

/* How many of a new pool's disks are what. */
struct tally {
	size_t all;
	size_t empty;
	size_t ours;
	size_t absent;
	const char *guid;
};

static void count_disk(const struct pst_state *state, const char *pool, bool begun,
		       const char *path, struct pst_key key, struct tally *tally,
		       struct pst_plan *plan)
{
	const struct pst_disk_state *disk = pst_state_disk(state, path);

	tally->all++;
	if (disk && disk->error == -ENOENT)
		tally->absent++;
	if (!disk || disk->error == -ENOENT || !is_usable(state, disk, key, plan) ||
	    is_in_a_pool(state, disk, key, plan))
		return;
	/* They were empty when a creation on just these began, and ZFS came no further. */
	if (!disk->found.n || (begun && is_unfinished(disk))) {
		tally->empty++;
	} else if (is_ours(disk, pool) &&
		   (!tally->guid || pst_streq(tally->guid, disk->pool_guid))) {
		tally->guid = disk->pool_guid;
		tally->ours++;
	} else {
		leave_alone(disk, key, plan);
	}
}

/* The label of a spare and of a cache does not say whose it is: they only count for a new pool. */
static void count_class(const struct pst_shape *shape, bool helpers, const struct pst_state *state,
			const char *pool, bool begun, struct tally *tally, struct pst_plan *plan)
{
	for (size_t i = 0; i < shape->n; i++) {
		const struct pst_shape_vdev *vdev = &shape->v[i];
		bool helper = vdev->class == PST_CLASS_SPARE || vdev->class == PST_CLASS_CACHE;

		for (size_t j = 0; j < vdev->disks.n && helper == helpers; j++)
			count_disk(state, pool, begun, vdev->disks.v[j],
				   pst_shape_disk_key(vdev, j), tally, plan);
	}
}

static bool is_noted(const char *pool, const struct pst_shape *shape, const struct pst_state *state,
		     struct pst_plan *plan)
{
	struct pst_strv __cleanup_strv disks = { 0 };
	char __cleanup_free *path = pst_disk_begun_path(pool);
	char __cleanup_free *text = NULL;
	struct pst_key key;
	const char *disk;

	for (size_t i = 0; (disk = pst_shape_disk(shape, i, &key)); i++)
		pst_strv_add(&disks, disk);
	text = pst_disk_note_text(&disks);
	plan->oom = plan->oom || !path || !text;
	return path && text && pst_streq(pst_state_file(state, path), text);
}

static void say_absent(const char *pool, const struct pst_shape *shape,
		       const struct pst_state *state, bool imported, struct pst_plan *plan)
{
	struct pst_key key;
	const char *path;

	for (size_t i = 0; (path = pst_shape_disk(shape, i, &key)); i++) {
		const struct pst_disk_state *disk = pst_state_disk(state, path);

		if (!disk || disk->error != -ENOENT)
			continue;
		if (imported)
			pst_plan_problem(plan, PST_PROBLEM_HEALTH, key,
					 "there is no %s: the pool %s is imported without it", path,
					 pool);
		else
			is_usable(state, disk, key, plan);
	}
}

/*
 * A pool whose disks are all ours, but for those that are gone, is imported: for that it is redundant. zpool(8) knows
 * whether what is left is enough, and refuses what is not.
 */
enum pst_disk_verdict pst_disk_judge(const char *pool, size_t n, const struct pst_shape *shape,
				     const struct pst_state *state, struct pst_plan *plan,
				     const char **ret_guid)
{
	bool begun = is_noted(pool, shape, state, plan);
	struct tally tally = { 0 };

	count_class(shape, false, state, pool, begun, &tally, plan);
	if (tally.ours && tally.ours + tally.absent == tally.all) {
		say_absent(pool, shape, state, true, plan);
		*ret_guid = tally.guid;
		return PST_DISKS_OURS;
	}
	if (!tally.ours)
		count_class(shape, true, state, pool, begun, &tally, plan);
	if (tally.all && tally.empty == tally.all)
		return PST_DISKS_EMPTY;
	if (tally.ours && tally.ours + tally.empty + tally.absent == tally.all)
		pst_plan_problem(
			plan, PST_PROBLEM_REFUSED, pst_key("pools[%zu].disks", n),
			"%zu of the disks are of a pool %s (%s), %zu are empty and %zu are not "
			"there: import it by hand with zpool(8)",
			tally.ours, pool, tally.guid, tally.empty, tally.absent);
	else
		say_absent(pool, shape, state, false, plan);
	return PST_DISKS_REFUSED;
}
