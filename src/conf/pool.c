// SPDX-License-Identifier: MIT
/* A pool's groups of disks, one after the other, wherever in the file they stand. */
#include "conf/conf.h"

/* Which of @n is in a list of @count; otherwise moves @n past the list. */
static bool in_list(size_t *n, size_t count)
{
	if (*n < count)
		return true;
	*n -= count;
	return false;
}

/* The nth group; ret_list is the list that it is in and n its place there, NULL for the short form. */
static const struct pst_conf_vdev *vdev_at(const struct pst_conf_pool *pool, size_t *n,
					   enum pst_class *ret_class, const char **ret_list)
{
	*ret_class = PST_CLASS_DATA;
	*ret_list = NULL;
	if (in_list(n, pst_conf_width(&pool->own) > 0))
		return &pool->own;
	*ret_list = "vdevs";
	if (in_list(n, pool->vdevs_count))
		return &pool->vdevs[*n];
	*ret_class = PST_CLASS_SPECIAL;
	*ret_list = "special";
	if (in_list(n, pool->special_count))
		return &pool->special[*n];
	*ret_class = PST_CLASS_LOG;
	*ret_list = "logs";
	if (in_list(n, pool->logs_count))
		return &pool->logs[*n];
	return NULL;
}

const struct pst_conf_vdev *pst_conf_vdev(const struct pst_conf *conf, size_t pool, size_t n,
					  enum pst_class *ret_class, struct pst_key *ret_key)
{
	const char *list;
	const struct pst_conf_vdev *vdev = vdev_at(&conf->pools[pool], &n, ret_class, &list);

	if (list)
		*ret_key = pst_key("pools[%zu].%s[%zu]", pool, list, n);
	else
		*ret_key = pst_key("pools[%zu]", pool);
	return vdev;
}

const char *pst_conf_disk(const struct pst_conf *conf, size_t pool, size_t n,
			  struct pst_key *ret_key)
{
	const struct pst_conf_pool *declared = &conf->pools[pool];
	const struct pst_conf_vdev *vdev;
	enum pst_class class;
	const char *list;

	for (size_t i = 0, at = 0; (vdev = vdev_at(declared, &at, &class, &list)); at = ++i) {
		struct pst_key key;

		if (!in_list(&n, vdev->disks_count))
			continue;
		pst_conf_vdev(conf, pool, i, &class, &key);
		*ret_key = pst_key("%s.disks[%zu]", key.text, n);
		return vdev->disks[n];
	}
	if (in_list(&n, declared->cache_count)) {
		*ret_key = pst_key("pools[%zu].cache[%zu]", pool, n);
		return declared->cache[n];
	}
	if (in_list(&n, declared->spares_count)) {
		*ret_key = pst_key("pools[%zu].spares[%zu]", pool, n);
		return declared->spares[n];
	}
	return NULL;
}

char *pst_conf_key_file(const struct pst_conf_encryption *encryption)
{
	static const char file[] = "file://", credential[] = "credential:";

	if (pst_startswith(encryption->key, file))
		return strdup(encryption->key + strlen(file));
	if (pst_startswith(encryption->key, credential))
		return pst_printf("/run/credentials/penstock-apply.service/%s",
				  encryption->key + strlen(credential));
	return NULL;
}

unsigned int pst_conf_width(const struct pst_conf_vdev *vdev)
{
	return vdev->disks_count + vdev->select.count;
}

unsigned int pst_conf_redundancy(const struct pst_conf_vdev *vdev)
{
	switch (vdev->layout) {
	case PST_STRIPE:
		return 0;
	case PST_MIRROR:
		return pst_conf_width(vdev) - 1;
	case PST_RAIDZ1:
	case PST_DRAID1:
		return 1;
	case PST_RAIDZ2:
	case PST_DRAID2:
		return 2;
	case PST_RAIDZ3:
	case PST_DRAID3:
		return 3;
	}
	return 0;
}
