// SPDX-License-Identifier: MIT
/*
 * The shape of a pool that is there: grown, repaired, its spares and caches exchanged. What could lose
 * data is refused, with what a person would have to type.
 */
#include <errno.h>

#include "node/zpool.h"

struct change {
	const struct pst_conf_pool *pool;
	struct pst_key key; /* pools[0] */
	const struct pst_pool_state *is;
	const struct pst_state *state;
	const struct pst_match *match;
	const struct pst_shape *shape;
	struct pst_plan *plan; /* the steps, until it is known which disks are new */
	struct pst_strv disks; /* the new ones */
};

static void __format(3, 4)
	refuse(struct change *change, struct pst_key key, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	pst_problem_vadd(&change->plan->problems, PST_PROBLEM_REFUSED, key.text, 0, format, args);
	va_end(args);
}

/* Whether a new disk can be had; one that is not there yet is waited for by a person. */
static bool is_free(struct change *change, const char *path, struct pst_key key)
{
	const struct pst_disk_state *disk = pst_state_disk(change->state, path);

	if (disk && disk->error == -ENOENT) {
		pst_plan_problem(change->plan, PST_PROBLEM_DIFFERENCE, key,
				 "%s is not part of the pool %s, and is not there", path,
				 change->pool->name);
		return false;
	}
	return pst_disk_is_free(change->pool->name, change->state, path, key, change->plan);
}

static char *disk_list(const struct pst_want *want)
{
	struct pst_strv __cleanup_strv disks = { 0 };

	for (size_t i = 0; i < want->count; i++)
		pst_strv_add(&disks, want->group->disks.v[want->first + i]);
	return pst_strv_join(&disks, " ");
}

/* zpool add [-n] [-o ashift=N] POOL [CLASS] [LAYOUT] DISK... */
static void run_add(struct change *change, const struct pst_want *want, const char *why, bool dry,
		    struct pst_plan *plan)
{
	bool stores =
		want->group->class != PST_CLASS_SPARE && want->group->class != PST_CLASS_CACHE;
	struct pst_strv argv = { 0 };

	pst_strv_add(&argv, "zpool");
	pst_strv_add(&argv, "add");
	if (dry)
		pst_strv_add(&argv, "-n");
	if (stores) {
		char __cleanup_free *ashift =
			pst_zpool_ashift(change->pool, change->state, &want->group->disks);

		pst_strv_add(&argv, "-o");
		pst_strv_addf(&argv, "ashift=%s", ashift ?: "12");
		plan->oom = plan->oom || !ashift;
	}
	pst_strv_add(&argv, change->pool->name);
	pst_zpool_add_vdev(&argv, want->group, want->first, want->count, PST_CLASS_DATA);
	pst_plan_run_strv(plan, want->group->key.text, why, &argv);
}

static size_t width_of(const struct pst_pool_state *is, size_t vdev)
{
	size_t width = 0;

	for (size_t i = 0; i < is->n_disks; i++)
		width += pst_member_stays(&is->disks[i], vdev);
	return width;
}

/* A group that is narrower or safer than the others: zpool would ask to be forced, and is not. */
static bool is_like_others(struct change *change, const struct pst_want *want)
{
	const struct pst_pool_state *is = change->is;
	char __cleanup_free *disks = disk_list(want);

	for (size_t i = 0; i < is->n_vdevs; i++) {
		if (is->vdevs[i].class != PST_CLASS_DATA || want->group->class != PST_CLASS_DATA)
			continue;
		if (pst_streq(is->vdevs[i].layout, want->group->word) &&
		    width_of(is, i) == want->count)
			continue;
		refuse(change, want->group->key,
		       "a %s of %zu disks is not as safe or as wide as %s of %zu, which the pool "
		       "%s has: make them alike, or type: zpool add -f %s %s%s%s",
		       want->group->word, want->count, is->vdevs[i].name, width_of(is, i), is->name,
		       is->name, want->group->layout == PST_STRIPE ? "" : want->group->word,
		       want->group->layout == PST_STRIPE ? "" : " ", disks ?: "");
		return false;
	}
	return true;
}

static void plan_add(struct change *change, const struct pst_want *want)
{
	char __cleanup_free *disks = disk_list(want);
	const char *class = pst_class_word(want->group->class);
	char __cleanup_free *why = NULL;
	bool free = true;

	if (!is_like_others(change, want))
		return;
	for (size_t i = want->first; i < want->first + want->count; i++)
		free &= is_free(change, want->group->disks.v[i],
				pst_shape_disk_key(want->group, i));
	if (!free)
		return;
	for (size_t i = want->first; i < want->first + want->count; i++)
		pst_strv_add(&change->disks, want->group->disks.v[i]);
	why = pst_printf("the pool %s has no %s%s%s of %s", change->pool->name, class,
			 *class ? " " : "", want->group->word, disks);
	run_add(change, want, NULL, true, change->plan);
	run_add(change, want, why, false, change->plan);
}

/* A member whose place one other disk shall take. */
static void plan_replace(struct change *change, const struct pst_pool_disk *old, const char *path,
			 struct pst_key key)
{
	char __cleanup_free *name = pst_member_name(old);
	char __cleanup_free *why = pst_printf("in the pool %s, %s shall take the place of %s",
					      change->pool->name, path, old->path);

	if (!is_free(change, path, key))
		return;
	pst_strv_add(&change->disks, path);
	if (!name || !why)
		change->plan->oom = true;
	else
		pst_plan_run(change->plan, key.text, why, "zpool", "replace", change->pool->name,
			     name, path);
}

static bool is_declared_spare(const struct change *change, const struct pst_pool_disk *member)
{
	for (size_t i = 0; i < change->shape->n; i++) {
		const struct pst_shape_vdev *group = &change->shape->v[i];

		for (size_t j = 0; group->class == PST_CLASS_SPARE && j < group->disks.n; j++)
			if (pst_member_of(change->is, member->vdev, change->state,
					  group->disks.v[j]) == member)
				return true;
	}
	return false;
}

/* What a group has that the other side does not have. */
struct difference {
	size_t missing; /* of the file, how many */
	size_t missing_at; /* the first of them, in the group's disks */
	size_t extra; /* of the pool, how many */
	const struct pst_pool_disk *extra_disk; /* the first of them */
	const struct pst_pool_disk *kept; /* a disk that both have */
};

static bool wants_member(const struct change *change, const struct pst_want *want,
			 const struct pst_pool_disk *member)
{
	for (size_t i = want->first; i < want->first + want->count; i++)
		if (pst_member_of(change->is, want->vdev, change->state, want->group->disks.v[i]) ==
		    member)
			return true;
	return false;
}

static struct difference compare(const struct change *change, const struct pst_want *want)
{
	struct difference found = { 0 };

	for (size_t i = want->first + want->count; i-- > want->first;) {
		if (pst_member_of(change->is, want->vdev, change->state, want->group->disks.v[i]))
			continue;
		found.missing++;
		found.missing_at = i;
	}
	for (size_t i = change->is->n_disks; i-- > 0;) {
		const struct pst_pool_disk *member = &change->is->disks[i];

		if (!pst_member_stays(member, want->vdev))
			continue;
		if (wants_member(change, want, member)) {
			found.kept = member;
		} else {
			found.extra++;
			found.extra_disk = member;
		}
	}
	return found;
}

/* More disks in the file than in the group: a mirror gets another copy, a raidz becomes wider. */
static void plan_widen(struct change *change, const struct pst_want *want,
		       const struct difference *found)
{
	const struct pst_pool_vdev *vdev = &change->is->vdevs[want->vdev];
	const char *path = want->group->disks.v[found->missing_at];
	struct pst_key key = pst_shape_disk_key(want->group, found->missing_at);
	bool mirror = want->group->layout == PST_MIRROR;
	char __cleanup_free *beside = mirror ? pst_member_name(found->kept) : strdup(vdev->name);
	char __cleanup_free *why =
		pst_printf("%s of the pool %s has %zu disks, not %zu", vdev->name,
			   change->pool->name, width_of(change->is, want->vdev), want->count);

	if (want->group->layout >= PST_DRAID1) {
		refuse(change, key,
		       "%s cannot become wider: add a vdev of its width, or take %s out of the "
		       "file",
		       vdev->name, path);
		return;
	}
	if (change->is->expanding) {
		pst_plan_problem(change->plan, PST_PROBLEM_DIFFERENCE, key,
				 "%s follows when the expansion that is going on in the pool %s is "
				 "done: zpool wait -t raidz_expand %s",
				 path, change->pool->name, change->pool->name);
		return;
	}
	if (!is_free(change, path, key))
		return;
	pst_strv_add(&change->disks, path);
	if (!beside || !why) {
		change->plan->oom = true;
		return;
	}
	pst_plan_run(change->plan, key.text, why, "zpool", "attach", change->pool->name, beside,
		     path);
	/* One at a time: ZFS takes the next when the data has been spread over the first. */
	if (found->missing > 1)
		pst_plan_problem(change->plan, PST_PROBLEM_DIFFERENCE, want->group->key,
				 "%zu more disks follow one by one, each when the one before is "
				 "done: penstock apply again then",
				 found->missing - 1);
}

/* Fewer disks in the file than in the group. */
static void refuse_narrower(struct change *change, const struct pst_want *want,
			    const struct difference *found)
{
	const struct pst_pool_vdev *vdev = &change->is->vdevs[want->vdev];
	char __cleanup_free *name = pst_member_name(found->extra_disk);
	struct pst_key key = pst_key("%s.disks", want->group->key.text);

	if (want->group->layout == PST_MIRROR)
		refuse(change, key,
		       "without %s, %s of the pool %s would keep one copy less: put it into the "
		       "file, or type: zpool detach %s %s",
		       name ?: "", vdev->name, change->pool->name, change->pool->name, name ?: "");
	else
		refuse(change, key,
		       "%s of the pool %s has %zu disks and cannot have %zu, which would lose "
		       "data: put %s into the file; for fewer disks, make another pool, and type: "
		       "zfs snapshot -r %s@move && zfs send -R %s@move | zfs receive -F OTHER",
		       vdev->name, change->pool->name, width_of(change->is, want->vdev),
		       want->count, name ?: "", change->pool->name, change->pool->name);
}

static void refuse_layout(struct change *change, const struct pst_want *want)
{
	const struct pst_pool_vdev *vdev = &change->is->vdevs[want->vdev];
	struct pst_key key = pst_key("%s.layout", want->group->key.text);
	const char *pool = change->pool->name;

	if (pst_streq(vdev->layout, "stripe") && want->group->layout == PST_MIRROR)
		refuse(change, key,
		       "%s is a disk of its own in the pool %s; to make it a mirror, type: zpool "
		       "attach %s %s DISK",
		       vdev->name, pool, pool, vdev->name);
	else
		refuse(change, key,
		       "%s of the pool %s is %s, and ZFS cannot make it %s: write %s; for "
		       "another layout, make another pool, and type: zfs snapshot -r %s@move && "
		       "zfs send -R %s@move | zfs receive -F OTHER",
		       vdev->name, pool, vdev->layout, want->group->word, vdev->layout, pool, pool);
}

static bool is_being_replaced(struct change *change, const struct pst_want *want)
{
	for (size_t i = 0; i < change->is->n_disks; i++) {
		const struct pst_pool_disk *member = &change->is->disks[i];

		if (member->vdev != want->vdev || !member->leaving)
			continue;
		pst_plan_problem(change->plan, PST_PROBLEM_HEALTH, change->key,
				 "in the pool %s, %s is being replaced", change->pool->name,
				 member->path);
		return true;
	}
	return false;
}

/* The children in draid1:2d:4c:1s; NULL in what is no draid. */
static const char *children_of(const char *layout)
{
	const char *data = strchr(layout, ':');
	const char *children = data ? strchr(data + 1, ':') : NULL;

	return children && strchr(children + 1, ':') ? children : NULL;
}

/* Whether two layouts are the same, or those of draids that only are of other widths. */
static bool is_alike(const char *a, const char *b)
{
	const char *in_a = children_of(a), *in_b = children_of(b);

	if (!in_a || !in_b)
		return pst_streq(a, b);
	return in_a - a == in_b - b && memcmp(a, b, (size_t)(in_a - a)) == 0 &&
	       pst_streq(strrchr(a, ':'), strrchr(b, ':'));
}

static void change_group(struct change *change, const struct pst_want *want)
{
	struct difference found;

	if (!is_alike(change->is->vdevs[want->vdev].layout, want->group->word)) {
		refuse_layout(change, want);
		return;
	}
	if (is_being_replaced(change, want))
		return;
	found = compare(change, want);
	if (found.missing && found.extra && is_declared_spare(change, found.extra_disk))
		pst_plan_problem(change->plan, PST_PROBLEM_HEALTH, change->key,
				 "in the pool %s, the spare %s has taken the place of %s for good: "
				 "exchange the two in the file",
				 change->pool->name, found.extra_disk->path,
				 want->group->disks.v[found.missing_at]);
	else if (found.missing == 1 && found.extra == 1)
		plan_replace(change, found.extra_disk, want->group->disks.v[found.missing_at],
			     pst_shape_disk_key(want->group, found.missing_at));
	else if (found.missing && found.extra)
		refuse(change, want->group->key,
		       "%zu disks of %s are others in the file: exchange one at a time, each when "
		       "the one before is done",
		       found.missing > found.extra ? found.missing : found.extra,
		       change->is->vdevs[want->vdev].name);
	else if (found.missing)
		plan_widen(change, want, &found);
	else if (found.extra)
		refuse_narrower(change, want, &found);
}

/* A vdev of the pool that the file does not have any more. */
static void plan_lost(struct change *change, size_t vdev)
{
	const struct pst_pool_vdev *is = &change->is->vdevs[vdev];
	const char *name = is->name;
	char __cleanup_free *why = NULL;
	char __cleanup_free *disk = NULL;

	for (size_t i = 0; i < change->is->n_disks && !disk; i++)
		if (change->is->disks[i].vdev == vdev && pst_streq(is->layout, "stripe"))
			disk = pst_member_name(&change->is->disks[i]);
	name = disk ?: name;
	if (is->class == PST_CLASS_DATA || is->class == PST_CLASS_SPECIAL) {
		bool raidz = strncmp(is->layout, "raidz", 5) == 0 ||
			     strncmp(is->layout, "draid", 5) == 0;

		refuse(change, change->key,
		       raidz ? "%s holds data of the pool %s and is not in the file: put it "
			       "there; ZFS cannot take such a vdev out (it would refuse zpool "
			       "remove %s %s)"
			     : "%s holds data of the pool %s and is not in the file: put it "
			       "there, or type: zpool remove %s %s",
		       name, change->pool->name, change->pool->name, name);
		return;
	}
	why = pst_printf("the pool %s has a %s %s, which is not declared", change->pool->name,
			 pst_class_word(is->class), name);
	if (why)
		pst_plan_run(change->plan, change->key.text, why, "zpool", "remove",
			     change->pool->name, name);
	else
		change->plan->oom = true;
}

/* The only vdev of a class that is gone from the file, if it is a disk; PST_NO_VDEV otherwise. */
static size_t only_lost(const struct change *change, enum pst_class class)
{
	size_t lost = PST_NO_VDEV;

	for (size_t i = 0; i < change->is->n_vdevs; i++) {
		if (change->match->claimed[i] || change->is->vdevs[i].class != class)
			continue;
		if (lost != PST_NO_VDEV || !pst_streq(change->is->vdevs[i].layout, "stripe"))
			return PST_NO_VDEV;
		lost = i;
	}
	return lost;
}

static const struct pst_want *only_new(const struct change *change, enum pst_class class)
{
	const struct pst_want *only = NULL;

	for (size_t i = 0; i < change->match->n; i++) {
		const struct pst_want *want = &change->match->v[i];

		if (want->vdev != PST_NO_VDEV || want->group->class != class)
			continue;
		if (only || want->count != 1)
			return NULL;
		only = want;
	}
	return only;
}

static bool plan_swap(struct change *change, enum pst_class class)
{
	const struct pst_want *want = only_new(change, class);
	size_t lost = want ? only_lost(change, class) : PST_NO_VDEV;

	/* A spare or a cache holds nothing: the new one is added, and the old one removed. */
	if (lost == PST_NO_VDEV || class == PST_CLASS_SPARE || class == PST_CLASS_CACHE)
		return false;
	for (size_t i = 0; i < change->is->n_disks; i++)
		if (pst_member_stays(&change->is->disks[i], lost))
			plan_replace(change, &change->is->disks[i],
				     want->group->disks.v[want->first],
				     pst_shape_disk_key(want->group, want->first));
	return true;
}

static bool has_lost(const struct change *change, enum pst_class class)
{
	for (size_t i = 0; i < change->is->n_vdevs; i++)
		if (!change->match->claimed[i] && change->is->vdevs[i].class == class)
			return true;
	return false;
}

static void change_class(struct change *change, enum pst_class class)
{
	bool stores = class == PST_CLASS_DATA || class == PST_CLASS_SPECIAL;

	for (size_t i = 0; i < change->match->n; i++)
		if (change->match->v[i].group->class == class &&
		    change->match->v[i].vdev != PST_NO_VDEV)
			change_group(change, &change->match->v[i]);
	if (plan_swap(change, class))
		return;
	/* What is not to go in place of something else comes first, so that nothing is ever less. */
	for (size_t i = 0; i < change->match->n; i++)
		if (change->match->v[i].group->class == class &&
		    change->match->v[i].vdev == PST_NO_VDEV && !(stores && has_lost(change, class)))
			plan_add(change, &change->match->v[i]);
	for (size_t i = 0; i < change->is->n_vdevs; i++)
		if (!change->match->claimed[i] && change->is->vdevs[i].class == class)
			plan_lost(change, i);
}

/* The steps, behind a note of the new disks and before its end. */
static void hand_over(struct change *change, struct pst_plan *steps, struct pst_plan *plan)
{
	char __cleanup_free *path = pst_disk_added_path(change->pool->name);

	plan->oom = plan->oom || change->disks.oom || !path;
	if (change->disks.n)
		pst_zpool_plan_note(plan, change->state, change->key.text, path, &change->disks);
	pst_plan_append(plan, steps);
	if (change->disks.n)
		pst_plan_remove(plan, change->key.text, path, NULL);
	else
		pst_plan_file(plan, change->state, change->key.text, path, NULL);
}

void pst_zpool_plan_change(const struct pst_conf_pool *pool, size_t n,
			   const struct pst_shape *shape, const struct pst_pool_state *is,
			   const struct pst_state *state, struct pst_plan *plan)
{
	struct pst_match __cleanup_match match = { 0 };
	struct pst_plan __cleanup_plan steps = { 0 };
	struct change change = { .pool = pool,
				 .key = pst_key("pools[%zu]", n),
				 .is = is,
				 .state = state,
				 .match = &match,
				 .shape = shape,
				 .plan = &steps };

	if (pst_match(shape, is, state, &match)) {
		plan->oom = true;
		return;
	}
	for (enum pst_class class = PST_CLASS_DATA; class <= PST_CLASS_SPARE; class ++)
		change_class(&change, class);
	hand_over(&change, &steps, plan);
	pst_strv_free(&change.disks);
}
