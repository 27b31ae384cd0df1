// SPDX-License-Identifier: MIT
/* What is: finding in it, and letting go of it. */
#include "node/state.h"

#include <errno.h>

#define FIND(array, count, member, name)                            \
	do {                                                        \
		for (size_t i = (count); i > 0; i--)                \
			if (pst_streq((array)[i - 1].member, name)) \
				return &(array)[i - 1];             \
		return NULL;                                        \
	} while (0)

const char *pst_state_file(const struct pst_state *state, const char *path)
{
	for (size_t i = 0; i < state->n_files; i++)
		if (pst_streq(state->files[i].path, path))
			return state->files[i].text;
	return NULL;
}

const struct pst_interface_state *pst_state_interface(const struct pst_state *state,
						      const char *name)
{
	FIND(state->interfaces, state->n_interfaces, name, name);
}

const struct pst_rdma_state *pst_state_rdma(const struct pst_state *state, const char *device)
{
	FIND(state->rdma, state->n_rdma, device, device);
}

const struct pst_roce_state *pst_state_roce(const struct pst_state *state, const char *device)
{
	FIND(state->roce, state->n_roce, device, device);
}

const struct pst_pool_state *pst_state_pool(const struct pst_state *state, const char *name)
{
	FIND(state->pools, state->n_pools, name, name);
}

const struct pst_pool_state *pst_state_pool_of(const struct pst_state *state, const char *dataset)
{
	for (size_t i = 0; i < state->n_pools; i++)
		if (pst_is_in_pool(dataset, state->pools[i].name))
			return &state->pools[i];
	return NULL;
}

bool pst_pool_is_suspended(const struct pst_pool_state *pool)
{
	return pst_streq(pool->health, "SUSPENDED");
}

const struct pst_dataset_state *pst_state_dataset(const struct pst_state *state, const char *name)
{
	FIND(state->datasets, state->n_datasets, name, name);
}

const struct pst_key_state *pst_state_key(const struct pst_state *state, const char *path)
{
	FIND(state->keys, state->n_keys, path, path);
}

const struct pst_disk_state *pst_state_disk(const struct pst_state *state, const char *path)
{
	FIND(state->disks, state->n_disks, path, path);
}

const struct pst_mount_state *pst_state_mount(const struct pst_state *state, const char *target)
{
	FIND(state->mounts, state->n_mounts, target, target);
}

const struct pst_pool_state *pst_pool_of_disk(const struct pst_state *state, const char *disk)
{
	for (size_t i = 0; disk && i < state->n_pools; i++)
		for (size_t j = 0; j < state->pools[i].n_disks; j++)
			if (pst_streq(state->pools[i].disks[j].disk, disk))
				return &state->pools[i];
	return NULL;
}

const char *pst_value(const struct pst_values *values, const char *name)
{
	for (size_t i = 0; i < values->n; i++)
		if (pst_streq(values->v[i].name, name))
			return values->v[i].text;
	return NULL;
}

int pst_values_add(struct pst_values *values, const char *name, const char *text)
{
	struct pst_value *value = pst_array_grow((void **)&values->v, &values->n, sizeof(*value));

	if (!value)
		return -ENOMEM;
	value->name = strdup(name);
	value->text = strdup(text);
	return value->name && value->text ? 0 : -ENOMEM;
}

void pst_values_free(struct pst_values *values)
{
	for (size_t i = 0; i < values->n; i++) {
		free(values->v[i].name);
		free(values->v[i].text);
	}
	free(values->v);
	*values = (struct pst_values){ 0 };
}

static void pool_free(struct pst_pool_state *pool)
{
	free(pool->name);
	free(pool->health);
	free(pool->layout);
	for (size_t i = 0; i < pool->n_disks; i++) {
		free(pool->disks[i].path);
		free(pool->disks[i].disk);
		free(pool->disks[i].state);
		free(pool->disks[i].guid);
	}
	free(pool->disks);
	for (size_t i = 0; i < pool->n_vdevs; i++) {
		free(pool->vdevs[i].name);
		free(pool->vdevs[i].layout);
	}
	free(pool->vdevs);
	pst_values_free(&pool->properties);
}

static void storage_free(struct pst_state *state)
{
	for (size_t i = 0; i < state->n_pools; i++)
		pool_free(&state->pools[i]);
	free(state->pools);
	for (size_t i = 0; i < state->n_datasets; i++) {
		free(state->datasets[i].name);
		free(state->datasets[i].mountpoint);
		pst_values_free(&state->datasets[i].properties);
	}
	free(state->datasets);
	for (size_t i = 0; i < state->n_disks; i++) {
		free(state->disks[i].path);
		free(state->disks[i].disk);
		free(state->disks[i].pool);
		free(state->disks[i].pool_guid);
		pst_strv_free(&state->disks[i].found);
	}
	free(state->disks);
	pst_values_free(&state->zfs_parameters);
	for (size_t i = 0; i < state->n_found_pools; i++) {
		free(state->found_pools[i].name);
		free(state->found_pools[i].guid);
	}
	free(state->found_pools);
	for (size_t i = 0; i < state->n_keys; i++)
		free(state->keys[i].path);
	free(state->keys);
	for (size_t i = 0; i < state->n_drives; i++) {
		free(state->drives[i].disk);
		free(state->drives[i].path);
		free(state->drives[i].by_path);
		free(state->drives[i].model);
	}
	free(state->drives);
}

static void network_free(struct pst_state *state)
{
	for (size_t i = 0; i < state->n_interfaces; i++) {
		free(state->interfaces[i].name);
		free(state->interfaces[i].kind);
		free(state->interfaces[i].parent);
		free(state->interfaces[i].master);
		pst_strv_free(&state->interfaces[i].addresses);
		pst_values_free(&state->interfaces[i].link);
		pst_values_free(&state->interfaces[i].sysctl);
	}
	free(state->interfaces);
	pst_strv_free(&state->rules);
	for (size_t i = 0; i < state->n_rdma; i++) {
		free(state->rdma[i].device);
		free(state->rdma[i].state);
		free(state->rdma[i].interface);
	}
	free(state->rdma);
	for (size_t i = 0; i < state->n_roce; i++) {
		free(state->roce[i].device);
		free(state->roce[i].interface);
		free(state->roce[i].driver);
		pst_values_free(&state->roce[i].values);
		pst_values_free(&state->roce[i].refusals);
	}
	free(state->roce);
}

static void nfs_free(struct pst_state *state)
{
	for (size_t i = 0; i < state->n_exports; i++) {
		free(state->exports[i].path);
		free(state->exports[i].client);
		free(state->exports[i].options);
	}
	free(state->exports);
	free(state->nfsd_io_read);
	free(state->nfsd_io_write);
	free(state->nfsd_pool_mode);
	pst_strv_free(&state->nfsd_listeners);
	pst_strv_free(&state->nfsd_versions);
	for (size_t i = 0; i < state->n_mounts; i++) {
		free(state->mounts[i].device);
		free(state->mounts[i].source);
		free(state->mounts[i].target);
		free(state->mounts[i].type);
		free(state->mounts[i].options);
	}
	free(state->mounts);
	pst_strv_free(&state->connections);
}

static void accounts_free(struct pst_state *state)
{
	for (size_t i = 0; i < state->n_accounts; i++) {
		free(state->accounts[i].name);
		free(state->accounts[i].home);
		free(state->accounts[i].shell);
	}
	free(state->accounts);
	for (size_t i = 0; i < state->n_groups; i++) {
		free(state->groups[i].name);
		pst_strv_free(&state->groups[i].members);
	}
	free(state->groups);
}

void pst_state_free(struct pst_state *state)
{
	free(state->host_name);
	free(state->release);
	for (size_t i = 0; i < state->n_files; i++) {
		free(state->files[i].path);
		free(state->files[i].text);
	}
	free(state->files);
	pst_strv_free(&state->unread);
	pst_strv_free(&state->unused);
	pst_strv_free(&state->modules);
	accounts_free(state);
	network_free(state);
	storage_free(state);
	nfs_free(state);
	*state = (struct pst_state){ 0 };
}
