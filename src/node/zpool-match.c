// SPDX-License-Identifier: MIT
/* Which of the vdevs that a pool shall have is which of those that it has. */
#include <errno.h>

#include "node/zpool.h"

bool pst_path_is_on(const char *path, const char *disk)
{
	size_t len = strlen(disk);

	return pst_startswith(path, disk) && (!path[len] || pst_startswith(path + len, "-part"));
}

/* Whether a member is the disk at @path, which is @disk; NULL when nothing is known of it. */
static bool is_at(const struct pst_pool_disk *member, const struct pst_disk_state *disk,
		  const char *path)
{
	if (disk && disk->disk && member->disk)
		return pst_streq(member->disk, disk->disk);
	return pst_path_is_on(member->path, path);
}

const struct pst_pool_disk *pst_member_of(const struct pst_pool_state *is, size_t vdev,
					  const struct pst_state *state, const char *path)
{
	const struct pst_disk_state *disk = pst_state_disk(state, path);

	for (size_t i = 0; i < is->n_disks; i++)
		if (is->disks[i].vdev == vdev && is_at(&is->disks[i], disk, path))
			return &is->disks[i];
	return NULL;
}

bool pst_member_stays(const struct pst_pool_disk *disk, size_t vdev)
{
	return disk->vdev == vdev && !disk->leaving && !disk->stands_in;
}

/* As zpool status says it: on a whole disk ZFS made the partition itself. */
char *pst_member_name(const struct pst_pool_disk *disk)
{
	const char *part = strstr(disk->path, "-part1");

	if (part && !part[strlen("-part1")])
		return strndup(disk->path, (size_t)(part - disk->path));
	return strdup(disk->guid ?: disk->path);
}

static int add_want(struct pst_match *match, const struct pst_shape_vdev *group, size_t first,
		    size_t count)
{
	struct pst_want *want = pst_array_grow((void **)&match->v, &match->n, sizeof(*want));

	if (!want)
		return -ENOMEM;
	*want = (struct pst_want){
		.group = group, .first = first, .count = count, .vdev = PST_NO_VDEV
	};
	return 0;
}

static int add_wants(struct pst_match *match, const struct pst_shape *shape)
{
	int error = 0;

	for (size_t i = 0; i < shape->n && !error; i++) {
		const struct pst_shape_vdev *group = &shape->v[i];

		if (group->layout != PST_STRIPE)
			error = add_want(match, group, 0, group->disks.n);
		for (size_t j = 0; group->layout == PST_STRIPE && j < group->disks.n && !error; j++)
			error = add_want(match, group, j, 1);
	}
	return error;
}

/* How many of a wanted vdev's disks each of the pool's vdevs has; the members are in the order of these. */
static void count_shared(const struct pst_want *want, const struct pst_pool_state *is,
			 const struct pst_state *state, size_t *shared)
{
	for (size_t i = want->first; i < want->first + want->count; i++) {
		const char *path = want->group->disks.v[i];
		const struct pst_disk_state *disk = pst_state_disk(state, path);
		size_t last = PST_NO_VDEV;

		for (size_t j = 0; j < is->n_disks; j++) {
			if (is->disks[j].vdev == last || !is_at(&is->disks[j], disk, path))
				continue;
			last = is->disks[j].vdev;
			shared[last]++;
		}
	}
}

static int claim(struct pst_match *match, struct pst_want *want, const struct pst_pool_state *is,
		 const struct pst_state *state)
{
	size_t __cleanup_free *shared = calloc(is->n_vdevs + 1, sizeof(*shared));
	size_t most = 0;

	if (!shared)
		return -ENOMEM;
	count_shared(want, is, state, shared);
	for (size_t i = 0; i < is->n_vdevs; i++) {
		if (match->claimed[i] || is->vdevs[i].class != want->group->class)
			continue;
		if (shared[i] > most) {
			most = shared[i];
			want->vdev = i;
		}
	}
	if (most)
		match->claimed[want->vdev] = true;
	return 0;
}

int pst_match(const struct pst_shape *shape, const struct pst_pool_state *is,
	      const struct pst_state *state, struct pst_match *ret)
{
	struct pst_match __cleanup_match match = { .claimed = calloc(is->n_vdevs + 1, 1) };
	int error = match.claimed ? add_wants(&match, shape) : -ENOMEM;

	if (error)
		return error;
	for (size_t i = 0; i < match.n && !error; i++)
		error = claim(&match, &match.v[i], is, state);
	if (error)
		return error;
	*ret = match;
	match = (struct pst_match){ 0 };
	return 0;
}

void pst_match_free(struct pst_match *match)
{
	free(match->v);
	free(match->claimed);
	*match = (struct pst_match){ 0 };
}
