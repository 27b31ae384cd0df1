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

const struct pst_conf_vdev *pst_conf_vdev(const struct pst_conf *conf, size_t pool, size_t n,
					  enum pst_class *ret_class, struct pst_key *ret_key)
{
	const struct pst_conf_pool *declared = &conf->pools[pool];

	*ret_class = PST_CLASS_DATA;
	*ret_key = pst_key("pools[%zu]", pool);
	if (in_list(&n, pst_conf_width(&declared->own) > 0))
		return &declared->own;
	if (in_list(&n, declared->vdevs_count)) {
		*ret_key = pst_key("pools[%zu].vdevs[%zu]", pool, n);
		return &declared->vdevs[n];
	}
	if (in_list(&n, declared->special_count)) {
		*ret_class = PST_CLASS_SPECIAL;
		*ret_key = pst_key("pools[%zu].special[%zu]", pool, n);
		return &declared->special[n];
	}
	if (in_list(&n, declared->logs_count)) {
		*ret_class = PST_CLASS_LOG;
		*ret_key = pst_key("pools[%zu].logs[%zu]", pool, n);
		return &declared->logs[n];
	}
	return NULL;
}

const char *pst_conf_disk(const struct pst_conf *conf, size_t pool, size_t n,
			  struct pst_key *ret_key)
{
	const struct pst_conf_pool *declared = &conf->pools[pool];
	const struct pst_conf_vdev *vdev;
	enum pst_class class;
	struct pst_key key;

	for (size_t i = 0; (vdev = pst_conf_vdev(conf, pool, i, &class, &key)); i++) {
		if (in_list(&n, vdev->disks_count)) {
			*ret_key = pst_key("%s.disks[%zu]", key.text, n);
			return vdev->disks[n];
		}
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

static bool is_below(const char *dataset, const char *above)
{
	size_t len = strlen(above);

	return pst_startswith(dataset, above) && (!dataset[len] || dataset[len] == '/');
}

bool pst_conf_may_be_locked(const struct pst_conf *conf, const char *path)
{
	for (size_t i = 0; i < conf->datasets_count; i++) {
		const char *name = conf->datasets[i].name;
		char __cleanup_free *mountpoint = pst_conf_mountpoint(conf, name);

		for (size_t j = 0; pst_streq(mountpoint, path) && j < conf->datasets_count; j++)
			if (conf->datasets[j].encryption.key &&
			    is_below(name, conf->datasets[j].name))
				return true;
	}
	return false;
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
