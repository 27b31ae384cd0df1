// SPDX-License-Identifier: MIT
/* What zpool(8) says of the pools that are imported. */
#include <errno.h>

#include "node/json.h"
#include "node/node.h"

/* A group, a "replacing" in a "spare" in it, and the disk: no more levels than these. */
#define DEPTH_MAX 4

static bool is_group(const char *type)
{
	return pst_streq(type, "mirror") || pst_streq(type, "raidz") || pst_streq(type, "draid");
}

static int add_disk(struct pst_pool_state *pool, const struct json_object *vdev,
		    struct pst_pool_disk place)
{
	const char *path = pst_json_string(vdev, "path") ?: pst_json_string(vdev, "was");
	const char *state = pst_json_string(vdev, "state");
	const char *guid = pst_json_string(vdev, "guid");
	struct pst_pool_disk *disk;

	/* Space on all disks of a draid vdev that serves as a spare. */
	if (pst_streq(pst_json_string(vdev, "vdev_type"), "dspare"))
		return 0;
	disk = pst_array_grow((void **)&pool->disks, &pool->n_disks, sizeof(*disk));
	if (!disk)
		return -ENOMEM;
	*disk = place;
	disk->path = strdup(path ?: pst_json_string(vdev, "name") ?: "?");
	disk->state = strdup(state ?: "UNKNOWN");
	disk->guid = guid ? strdup(guid) : NULL;
	return disk->path && disk->state && (disk->guid || !guid) ? 0 : -ENOMEM;
}

/*
 * The disks below a vdev. Of those below a "replacing" the last one stays, and of those below a
 * "spare" the first is the one for which the others stand in.
 */
static int add_disks(struct pst_pool_state *pool, struct json_object *vdev,
		     struct pst_pool_disk place, unsigned int depth)
{
	struct json_object *children = pst_json_object(vdev, "vdevs");
	const char *type = pst_json_string(vdev, "vdev_type");
	int count = children ? json_object_object_length(children) : 0;
	int error = 0, n = 0;

	if (!children)
		return add_disk(pool, vdev, place);
	if (depth == DEPTH_MAX)
		return -EBADMSG;
	json_object_object_foreach(children, name, child)
	{
		struct pst_pool_disk below = place;

		(void)name;
		n++;
		below.leaving |= pst_streq(type, "replacing") && n < count;
		below.stands_in |= pst_streq(type, "spare") && n > 1;
		if (!error)
			error = add_disks(pool, child, below, depth + 1);
	}
	return error;
}

/* raidz1-0 is raidz1, draid2:4d:8c:1s-1 is draid2:4d:8c:1s, and a disk right below is a stripe. */
static char *layout_of(const struct json_object *vdev, const char *name)
{
	const char *last = strrchr(name, '-');

	if (!is_group(pst_json_string(vdev, "vdev_type")))
		return strdup("stripe");
	return last ? strndup(name, (size_t)(last - name)) : strdup(name);
}

static int add_vdev(struct pst_pool_state *pool, const char *key, struct json_object *object,
		    enum pst_class class)
{
	const char *name = pst_json_string(object, "name") ?: key;
	const char *type = pst_json_string(object, "vdev_type");
	struct pst_pool_disk place = { .vdev = pool->n_vdevs };
	struct pst_pool_vdev *vdev;

	/* What a removed vdev leaves behind has no disks. */
	if (pst_streq(type, "indirect") || pst_streq(type, "hole") || pst_streq(type, "missing") ||
	    pst_streq(type, "dspare"))
		return 0;
	vdev = pst_array_grow((void **)&pool->vdevs, &pool->n_vdevs, sizeof(*vdev));
	if (!vdev)
		return -ENOMEM;
	vdev->class = class;
	vdev->name = strdup(name);
	vdev->layout = layout_of(object, name);
	return vdev->name && vdev->layout ? add_disks(pool, object, place, 0) : -ENOMEM;
}

static int add_vdevs(struct pst_pool_state *pool, struct json_object *vdevs, enum pst_class class)
{
	int error = 0;

	if (!vdevs)
		return 0;
	json_object_object_foreach(vdevs, key, vdev)
	{
		if (!error)
			error = add_vdev(pool, key, vdev, class);
	}
	return error;
}

static int parse_vdevs(struct pst_pool_state *pool, const struct json_object *object,
		       const struct json_object *root)
{
	static const struct {
		const char *key;
		enum pst_class class;
	} sections[] = {
		{ "special", PST_CLASS_SPECIAL }, { "logs", PST_CLASS_LOG },
		{ "l2cache", PST_CLASS_CACHE },	  { "spares", PST_CLASS_SPARE },
		{ "dedup", PST_CLASS_DEDUP },
	};
	int error = add_vdevs(pool, pst_json_object(root, "vdevs"), PST_CLASS_DATA);

	for (size_t i = 0; i < ARRAY_SIZE(sections) && !error; i++)
		error = add_vdevs(pool, pst_json_object(object, sections[i].key),
				  sections[i].class);
	return error;
}

/* The layout of all data vdevs in one word. */
static int name_layout(struct pst_pool_state *pool)
{
	const char *layout = NULL;
	size_t len = 0;

	for (size_t i = 0; i < pool->n_vdevs; i++) {
		const struct pst_pool_vdev *vdev = &pool->vdevs[i];

		if (vdev->class != PST_CLASS_DATA)
			continue;
		if (!layout) {
			layout = vdev->layout;
			len = strcspn(layout, ":");
		} else if (strncmp(layout, vdev->layout, len) != 0 ||
			   (vdev->layout[len] && vdev->layout[len] != ':')) {
			layout = "mixed";
			len = strlen(layout);
			break;
		}
	}
	pool->layout = layout ? strndup(layout, len) : strdup("unknown");
	return pool->layout ? 0 : -ENOMEM;
}

static int parse_pool(const char *name, const struct json_object *object, struct pst_state *state)
{
	const char *health = pst_json_string(object, "state");
	struct json_object *root = pst_json_object(pst_json_object(object, "vdevs"), name);
	struct json_object *expansion = pst_json_object(object, "raidz_expand_stats");
	struct pst_pool_state *pool =
		pst_array_grow((void **)&state->pools, &state->n_pools, sizeof(*pool));
	int error;

	if (!pool)
		return -ENOMEM;
	pool->name = strdup(name);
	pool->health = strdup(health ?: "UNKNOWN");
	pool->size_bytes = pst_json_u64(root, "total_space");
	pool->allocated_bytes = pst_json_u64(root, "alloc_space");
	pool->expanding = pst_streq(pst_json_string(expansion, "state"), "SCANNING");
	error = parse_vdevs(pool, object, root);
	if (!error)
		error = name_layout(pool);
	return error || (pool->name && pool->health) ? error : -ENOMEM;
}

int pst_zpool_parse_status(const char *json, struct pst_state *state, struct pst_reason *reason)
{
	struct json_object __cleanup_json *answer = NULL;
	struct json_object *pools;
	int error = pst_json_parse(json, "zpool", &answer, reason);

	if (error)
		return error;
	pools = pst_json_object(answer, "pools");
	if (!pools)
		return pst_fail(reason, -EBADMSG, "zpool did not answer with pools");
	json_object_object_foreach(pools, name, pool)
	{
		error = parse_pool(name, pool, state);
		if (error)
			return pst_fail_errno(reason, error, "what zpool says of %s", name);
	}
	return 0;
}

static int parse_properties(const struct json_object *object, struct pst_values *values)
{
	struct json_object *properties = pst_json_object(object, "properties");
	int error = 0;

	if (!properties)
		return 0;
	json_object_object_foreach(properties, name, property)
	{
		const char *value = pst_json_string(property, "value");

		if (value && !error)
			error = pst_values_add(values, name, value);
	}
	return error;
}

int pst_zpool_parse_properties(const char *json, struct pst_state *state, struct pst_reason *reason)
{
	struct json_object __cleanup_json *answer = NULL;
	struct json_object *pools;
	int error = pst_json_parse(json, "zpool", &answer, reason);

	if (error)
		return error;
	pools = pst_json_object(answer, "pools");
	for (size_t i = 0; i < state->n_pools && !error; i++)
		error = parse_properties(pst_json_object(pools, state->pools[i].name),
					 &state->pools[i].properties);
	return error;
}
