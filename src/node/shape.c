// SPDX-License-Identifier: MIT
/* The shape that a pool shall have. */
#include "node/shape.h"

#include <errno.h>

#include "node/select.h"

const char *pst_class_word(enum pst_class class)
{
	static const char *const words[] = {
		[PST_CLASS_DATA] = "",	     [PST_CLASS_SPECIAL] = "special",
		[PST_CLASS_LOG] = "log",     [PST_CLASS_CACHE] = "cache",
		[PST_CLASS_SPARE] = "spare", [PST_CLASS_DEDUP] = "dedup",
	};

	return words[class];
}

struct pst_key pst_shape_disk_key(const struct pst_shape_vdev *vdev, size_t n)
{
	if (vdev->class == PST_CLASS_SPARE || vdev->class == PST_CLASS_CACHE)
		return pst_key("%s[%zu]", vdev->key.text, n);
	if (n >= vdev->n_named)
		return pst_key("%s.select", vdev->key.text);
	return pst_key("%s.disks[%zu]", vdev->key.text, n);
}

const char *pst_shape_disk(const struct pst_shape *shape, size_t n, struct pst_key *ret_key)
{
	for (size_t i = 0; i < shape->n; i++) {
		if (n < shape->v[i].disks.n) {
			*ret_key = pst_shape_disk_key(&shape->v[i], n);
			return shape->v[i].disks.v[n];
		}
		n -= shape->v[i].disks.n;
	}
	return NULL;
}

void pst_shape_free(struct pst_shape *shape)
{
	for (size_t i = 0; i < shape->n; i++) {
		free(shape->v[i].word);
		pst_strv_free(&shape->v[i].disks);
	}
	free(shape->v);
	*shape = (struct pst_shape){ 0 };
}

static struct pst_shape_vdev *add_vdev(struct pst_shape *shape, enum pst_class class,
				       struct pst_key key)
{
	struct pst_shape_vdev *vdev = pst_array_grow((void **)&shape->v, &shape->n, sizeof(*vdev));

	if (vdev) {
		vdev->class = class;
		vdev->key = key;
	}
	return vdev;
}

static char *word_of(const struct pst_conf_vdev *conf)
{
	if (conf->layout < PST_DRAID1)
		return strdup(pst_layout_name(conf->layout));
	return pst_printf("%s:%ud:%uc:%us", pst_layout_name(conf->layout), conf->data,
			  pst_conf_width(conf), conf->spares);
}

static int add_group(struct pst_selection *selection, const struct pst_conf_vdev *conf,
		     enum pst_class class, struct pst_key key, struct pst_shape *shape)
{
	struct pst_shape_vdev *vdev = add_vdev(shape, class, key);

	if (!vdev)
		return -ENOMEM;
	vdev->layout = conf->layout;
	vdev->word = word_of(conf);
	vdev->n_named = conf->disks_count;
	for (size_t i = 0; i < conf->disks_count; i++)
		pst_strv_add(&vdev->disks, conf->disks[i]);
	if (!vdev->word || vdev->disks.oom)
		return -ENOMEM;
	return conf->select.count ? pst_select(selection, &conf->select, vdev) : 0;
}

static int add_list(struct pst_shape *shape, enum pst_class class, struct pst_key key, char **disks,
		    size_t count)
{
	struct pst_shape_vdev *vdev = count ? add_vdev(shape, class, key) : NULL;

	if (!vdev)
		return count ? -ENOMEM : 0;
	vdev->word = strdup("stripe");
	vdev->n_named = count;
	for (size_t i = 0; i < count; i++)
		pst_strv_add(&vdev->disks, disks[i]);
	return vdev->word && !vdev->disks.oom ? 0 : -ENOMEM;
}

static int resolve(struct pst_selection *selection, struct pst_shape *shape)
{
	const struct pst_conf_pool *pool = &selection->conf->pools[selection->pool];
	const struct pst_conf_vdev *vdev;
	enum pst_class class;
	struct pst_key key;
	int error = 0;

	for (size_t i = 0; !error; i++) {
		vdev = pst_conf_vdev(selection->conf, selection->pool, i, &class, &key);
		if (!vdev)
			break;
		error = add_group(selection, vdev, class, key, shape);
	}
	if (!error)
		error = add_list(shape, PST_CLASS_CACHE,
				 pst_key("pools[%zu].cache", selection->pool), pool->cache,
				 pool->cache_count);
	if (!error)
		error = add_list(shape, PST_CLASS_SPARE,
				 pst_key("pools[%zu].spares", selection->pool), pool->spares,
				 pool->spares_count);
	return error;
}

int pst_shape_resolve(const struct pst_conf *conf, size_t pool, const struct pst_state *state,
		      struct pst_plan *plan, struct pst_shape *ret)
{
	struct pst_selection __cleanup_selection selection = { .conf = conf, .state = state };
	int error = pst_select_begin(&selection);

	/* What the pools before it select is theirs, even where that is refused. */
	for (size_t i = 0; i <= pool && !error; i++) {
		struct pst_plan __cleanup_plan unsaid = { 0 };
		struct pst_shape __cleanup_shape shape = { 0 };

		selection.plan = i == pool ? plan : &unsaid;
		selection.pool = i;
		error = resolve(&selection, &shape);
		if (error == -ENODEV && i < pool)
			error = 0;
		if (error || i < pool)
			continue;
		*ret = shape;
		shape = (struct pst_shape){ 0 };
	}
	if (error == -ENOMEM)
		plan->oom = true;
	return error;
}
