// SPDX-License-Identifier: MIT
/* Disks by what they are: which ones a selector takes. */
#include "node/select.h"

#include <errno.h>
#include <fnmatch.h>

#include "conf/word.h"
#include "node/zpool.h"

/* Drives of one printed size differ by less. */
#define SIZE_TOLERANCE_PERCENT 2

bool pst_drive_matches(const struct pst_drive_state *drive, const struct pst_conf_select *select)
{
	unsigned long long bytes, slack;

	if (select->model && fnmatch(select->model, drive->model, 0) != 0)
		return false;
	if (select->pci && fnmatch(select->pci, drive->by_path, 0) != 0) {
		/* As pci-0000:41:00.0-nvme-1, or its address alone. */
		const char *address =
			pst_startswith(drive->by_path, "pci-") ? drive->by_path + 4 : "";
		char __cleanup_free *only = strndup(address, strcspn(address, "-"));

		if (!only || fnmatch(select->pci, only, 0) != 0)
			return false;
	}
	if (!select->size)
		return true;
	if (pst_parse_drive_size(select->size, &bytes))
		return false;
	slack = bytes / 100 * SIZE_TOLERANCE_PERCENT;
	return drive->size_bytes + slack >= bytes && drive->size_bytes <= bytes + slack;
}

int pst_select_begin(struct pst_selection *selection)
{
	struct pst_key key;
	const char *path;

	for (size_t i = 0; i < selection->conf->pools_count; i++) {
		for (size_t j = 0; (path = pst_conf_disk(selection->conf, i, j, &key)); j++) {
			const struct pst_disk_state *disk = pst_state_disk(selection->state, path);

			pst_strv_add(&selection->taken, disk && disk->disk ? disk->disk : path);
		}
	}
	return selection->taken.oom ? -ENOMEM : 0;
}

void pst_selection_free(struct pst_selection *selection)
{
	pst_strv_free(&selection->taken);
}

static const struct pst_drive_state *drive_named(const struct pst_state *state, const char *disk)
{
	for (size_t i = 0; disk && i < state->n_drives; i++)
		if (pst_streq(state->drives[i].disk, disk))
			return &state->drives[i];
	return NULL;
}

static void take(struct pst_selection *selection, struct pst_shape_vdev *vdev, const char *path,
		 const char *disk)
{
	pst_strv_add(&vdev->disks, path);
	pst_strv_add(&selection->taken, disk);
}

static bool stays(const struct pst_pool_disk *member)
{
	return !member->leaving && !member->stands_in;
}

/* A disk that is gone has only its path, which may be that of a partition. */
static bool is_taken(const struct pst_selection *selection, const struct pst_pool_disk *member)
{
	if (member->disk)
		return pst_strv_contains(&selection->taken, member->disk);
	for (size_t i = 0; i < selection->taken.n; i++)
		if (pst_path_is_on(member->path, selection->taken.v[i]))
			return true;
	return false;
}

/*
 * Whether one of a pool's vdevs has a disk that the selector is about and nothing else has; or one that is @gone, which
 * it may have been about.
 */
static bool is_claimable(const struct pst_selection *selection, const struct pst_pool_state *is,
			 size_t vdev, const struct pst_conf_select *select, bool gone)
{
	for (size_t i = 0; i < is->n_disks; i++) {
		const struct pst_pool_disk *member = &is->disks[i];
		const struct pst_drive_state *drive;

		if (member->vdev != vdev || !stays(member) || gone != !member->disk)
			continue;
		drive = gone ? NULL : drive_named(selection->state, member->disk);
		if ((gone || (drive && pst_drive_matches(drive, select))) &&
		    !is_taken(selection, member))
			return true;
	}
	return false;
}

static size_t take_members_of(struct pst_selection *selection, const struct pst_pool_state *is,
			      size_t n, size_t left, struct pst_shape_vdev *vdev)
{
	for (size_t i = 0; i < is->n_disks && left; i++) {
		const struct pst_pool_disk *member = &is->disks[i];
		const struct pst_drive_state *drive;

		if (member->vdev != n || !stays(member) || is_taken(selection, member))
			continue;
		drive = drive_named(selection->state, member->disk);
		take(selection, vdev, drive ? drive->path : member->path,
		     member->disk ?: member->path);
		left--;
	}
	return left;
}

/* What the pool has comes first, also a disk that is gone: its place is not given away unseen. */
static size_t take_members(struct pst_selection *selection, const struct pst_pool_state *is,
			   const struct pst_conf_select *select, struct pst_shape_vdev *vdev)
{
	size_t left = select->count;

	for (unsigned int gone = 0; gone < 2; gone++)
		for (size_t i = 0; i < is->n_vdevs && left; i++) {
			if (is->vdevs[i].class != vdev->class ||
			    !is_claimable(selection, is, i, select, gone))
				continue;
			left = take_members_of(selection, is, i, left, vdev);
			if (vdev->layout != PST_STRIPE)
				return left;
		}
	return left;
}

enum standing { LABELLED, BEGUN, EMPTY, OTHER };

static enum standing standing_of(const struct pst_selection *selection,
				 const struct pst_drive_state *drive)
{
	const char *pool = selection->conf->pools[selection->pool].name;
	const struct pst_disk_state *disk = pst_state_disk(selection->state, drive->path);

	if (!disk || disk->error || pst_pool_of_disk(selection->state, drive->disk))
		return OTHER;
	if (pst_streq(disk->pool, pool))
		return LABELLED;
	if (!disk->found.n)
		return EMPTY;
	return pst_disk_is_begun(pool, selection->state, disk) ? BEGUN : OTHER;
}

static size_t take_drives(struct pst_selection *selection, const struct pst_conf_select *select,
			  enum standing standing, size_t left, struct pst_shape_vdev *vdev)
{
	for (size_t i = 0; i < selection->state->n_drives && left; i++) {
		const struct pst_drive_state *drive = &selection->state->drives[i];

		if (!pst_drive_matches(drive, select) ||
		    pst_strv_contains(&selection->taken, drive->disk) ||
		    standing_of(selection, drive) != standing)
			continue;
		take(selection, vdev, drive->path, drive->disk);
		left--;
	}
	return left;
}

static struct pst_key sized(uint64_t bytes)
{
	return pst_key("%.2f TB", (double)bytes / 1e12);
}

/* Each drive that the selector is about, with what is on it. */
static char *list_found(const struct pst_selection *selection, const struct pst_conf_select *select)
{
	struct pst_strv __cleanup_strv words = { 0 };

	for (size_t i = 0; i < selection->state->n_drives; i++) {
		const struct pst_drive_state *drive = &selection->state->drives[i];
		const struct pst_pool_state *pool = pst_pool_of_disk(selection->state, drive->disk);
		const struct pst_disk_state *disk = pst_state_disk(selection->state, drive->path);
		const char *use = "free";

		if (!pst_drive_matches(drive, select))
			continue;
		if (disk && disk->found.n)
			use = disk->found.v[0];
		else if (!pool && pst_strv_contains(&selection->taken, drive->disk))
			use = "declared elsewhere";
		pst_strv_addf(&words, "%s (%s, %s, %s%s)", drive->disk, drive->model,
			      sized(drive->size_bytes).text, pool ? "in the pool " : use,
			      pool ? pool->name : "");
	}
	return words.n ? pst_strv_join(&words, "; ") : strdup("none");
}

/* The empty ones that are there beyond what is needed must not be of other kinds. */
static bool are_alike(const struct pst_selection *selection, const struct pst_conf_select *select)
{
	const struct pst_drive_state *first = NULL;

	for (size_t i = 0; i < selection->state->n_drives; i++) {
		const struct pst_drive_state *drive = &selection->state->drives[i];

		if (!pst_drive_matches(drive, select) || standing_of(selection, drive) != EMPTY ||
		    pst_strv_contains(&selection->taken, drive->disk))
			continue;
		if (first && (!pst_streq(first->model, drive->model) ||
			      first->size_bytes != drive->size_bytes))
			return false;
		first = drive;
	}
	return true;
}

static size_t count_empty(const struct pst_selection *selection,
			  const struct pst_conf_select *select)
{
	size_t count = 0;

	for (size_t i = 0; i < selection->state->n_drives; i++) {
		const struct pst_drive_state *drive = &selection->state->drives[i];

		count += pst_drive_matches(drive, select) &&
			 standing_of(selection, drive) == EMPTY &&
			 !pst_strv_contains(&selection->taken, drive->disk);
	}
	return count;
}

int pst_select(struct pst_selection *selection, const struct pst_conf_select *select,
	       struct pst_shape_vdev *vdev)
{
	const struct pst_conf_pool *pool = &selection->conf->pools[selection->pool];
	const struct pst_pool_state *is = pst_state_pool(selection->state, pool->name);
	struct pst_key key = pst_key("%s.select", vdev->key.text);
	size_t left = is ? take_members(selection, is, select, vdev) : select->count;
	char __cleanup_free *found = NULL;

	if (!is)
		left = take_drives(selection, select, LABELLED, left, vdev);
	/* A pool that is there is imported as it is: an empty disk in the place of one that is gone is none of it. */
	if (!is && left && left < select->count) {
		pst_plan_problem(selection->plan, PST_PROBLEM_HEALTH, key,
				 "%zu of %u disks carry the label of the pool %s: it is imported "
				 "without the others",
				 select->count - left, select->count, pool->name);
		return vdev->disks.oom || selection->taken.oom ? -ENOMEM : 0;
	}
	left = take_drives(selection, select, BEGUN, left, vdev);
	/* Before more are taken: it says what is free. It takes its time, and is for refusals alone. */
	found = left ? list_found(selection, select) : NULL;
	if ((left && !found) || vdev->disks.oom || selection->taken.oom)
		return -ENOMEM;
	if (left && left < count_empty(selection, select) && !are_alike(selection, select)) {
		pst_plan_problem(selection->plan, PST_PROBLEM_REFUSED, key,
				 "is not clear: more disks than the %u match, of several kinds; "
				 "say model or size: %s",
				 select->count, found);
		return -ENODEV;
	}
	left = take_drives(selection, select, EMPTY, left, vdev);
	if (left) {
		pst_plan_problem(selection->plan, PST_PROBLEM_REFUSED, key,
				 "%u disks are wanted, and %zu of them are not to be had; what "
				 "matches: %s",
				 select->count, left, found);
		return -ENODEV;
	}
	return vdev->disks.oom || selection->taken.oom ? -ENOMEM : 0;
}
