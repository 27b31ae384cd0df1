// SPDX-License-Identifier: MIT
/*
 * The status as one JSON object. What is declared is listed, whether it is there or not; without a
 * valid configuration, what is there.
 */
#include "cli/cli.h"
#include "node/json.h"

static void add_ok(struct json_object *object, const struct pst_view *view, struct pst_key key)
{
	pst_json_add_bool(object, "ok",
			  !view->doc.conf || !pst_plan_concerns(&view->plan, key.text));
}

static struct json_object *network_json(const struct pst_view *view, size_t i)
{
	static const struct pst_strv none;
	const struct pst_conf *conf = view->doc.conf;
	const char *name = conf ? conf->network[i].interface : view->state.interfaces[i].name;
	const struct pst_interface_state *is = pst_state_interface(&view->state, name);
	struct json_object *object = json_object_new_object();

	pst_json_add_string(object, "interface", name);
	pst_json_add_string(object, "state", !is ? "missing" : is->up ? "up" : "down");
	pst_json_add_count(object, "mtu", is ? is->mtu : 0);
	pst_json_add_strings(object, "addresses", is ? &is->addresses : &none);
	add_ok(object, view, pst_key("network[%zu]", i));
	return object;
}

static struct json_object *rdma_json(const struct pst_view *view, size_t i)
{
	const struct pst_conf *conf = view->doc.conf;
	const char *name = conf ? conf->rdma[i].device : view->state.rdma[i].device;
	const struct pst_rdma_state *is = pst_state_rdma(&view->state, name);
	struct json_object *object = json_object_new_object();

	pst_json_add_string(object, "device", name);
	pst_json_add_string(object, "interface", is ? is->interface : NULL);
	pst_json_add_string(object, "state", is ? is->state : "missing");
	add_ok(object, view, pst_key("rdma[%zu]", i));
	return object;
}

static struct json_object *pool_json(const struct pst_view *view, size_t i)
{
	const struct pst_conf *conf = view->doc.conf;
	const char *name = conf ? conf->pools[i].name : view->state.pools[i].name;
	const struct pst_pool_state *is = pst_state_pool(&view->state, name);
	struct json_object *object = json_object_new_object();
	struct json_object *disks = json_object_new_array();

	pst_json_add_string(object, "name", name);
	pst_json_add_string(object, "layout", is ? is->layout : NULL);
	pst_json_add_string(object, "health", is ? is->health : "missing");
	pst_json_add_count(object, "size_bytes", is ? is->size_bytes : 0);
	pst_json_add_count(object, "allocated_bytes", is ? is->allocated_bytes : 0);
	for (size_t j = 0; is && j < is->n_disks; j++)
		json_object_array_add(
			disks, json_object_new_string(is->disks[j].disk ?: is->disks[j].path));
	json_object_object_add(object, "disks", disks);
	add_ok(object, view, pst_key("pools[%zu]", i));
	return object;
}

static struct json_object *dataset_json(const struct pst_view *view, size_t i)
{
	const struct pst_conf *conf = view->doc.conf;
	const char *name = conf ? conf->datasets[i].name : view->state.datasets[i].name;
	const struct pst_dataset_state *is = pst_state_dataset(&view->state, name);
	struct json_object *object = json_object_new_object();

	pst_json_add_string(object, "name", name);
	pst_json_add_string(object, "mountpoint", is && is->mounted ? is->mountpoint : NULL);
	pst_json_add_count(object, "used_bytes", is ? is->used_bytes : 0);
	pst_json_add_count(object, "available_bytes", is ? is->available_bytes : 0);
	add_ok(object, view, pst_key("datasets[%zu]", i));
	return object;
}

static struct json_object *export_json(const char *path, const char *client,
				       const struct pst_export_state *is, bool ok)
{
	struct json_object *object = json_object_new_object();

	pst_json_add_string(object, "path", path);
	pst_json_add_string(object, "client", client);
	pst_json_add_string(object, "options", is ? is->options : NULL);
	pst_json_add_bool(object, "ok", ok);
	return object;
}

static struct json_object *exports_json(const struct pst_view *view)
{
	const struct pst_conf *conf = view->doc.conf;
	const struct pst_state *state = &view->state;
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; !conf && i < state->n_exports; i++)
		json_object_array_add(array,
				      export_json(state->exports[i].path, state->exports[i].client,
						  &state->exports[i], true));
	for (size_t i = 0; conf && i < conf->exports_count; i++) {
		const struct pst_conf_export *export = &conf->exports[i];
		bool ok = !pst_plan_concerns(&view->plan, pst_key("exports[%zu]", i).text);

		for (size_t j = 0; j < export->clients_count; j++) {
			const struct pst_conf_client *client = &export->clients[j];
			/*
			 * What the table of a server that does not run says is exported to nobody.
			 */
			const struct pst_export_state *is =
				state->nfsd_threads ? pst_export_find(state, export, client) : NULL;

			json_object_array_add(
				array, export_json(export->path, client->host, is, ok && is));
		}
	}
	return array;
}

static struct json_object *nfs_server_json(const struct pst_view *view)
{
	struct json_object *object = json_object_new_object();

	pst_json_add_bool(object, "running", view->state.nfsd_threads > 0);
	pst_json_add_count(object, "threads", view->state.nfsd_threads);
	pst_json_add_string(object, "pool_mode",
			    view->state.nfsd_threads ? view->state.nfsd_pool_mode : NULL);
	pst_json_add_number(object, "block_bytes",
			    view->state.nfsd_threads ? view->state.nfsd_block_bytes : 0, 1);
	pst_json_add_string(object, "io_read", pst_nfsd_io_word(view->state.nfsd_io_read));
	pst_json_add_string(object, "io_write", pst_nfsd_io_word(view->state.nfsd_io_write));
	pst_json_add_strings(object, "listeners", &view->state.nfsd_listeners);
	add_ok(object, view, pst_key("nfs_server"));
	return object;
}

static struct json_object *mount_json(const struct pst_view *view, const char *source,
				      const char *target, const struct pst_mount_state *is,
				      struct pst_key key)
{
	struct json_object *object = json_object_new_object();
	/* What waits for its first use is not mounted. */
	bool mounted = is && pst_mount_is_nfs(is);
	char __cleanup_free *proto = is ? pst_mount_option(is, "proto") : NULL;
	char __cleanup_free *version = is ? pst_mount_option(is, "vers") : NULL;

	pst_json_add_string(object, "source", source);
	pst_json_add_string(object, "target", target);
	pst_json_add_bool(object, "mounted", mounted);
	pst_json_add_string(object, "proto", proto);
	pst_json_add_string(object, "version", version);
	add_ok(object, view, key);
	return object;
}

static struct json_object *mounts_json(const struct pst_view *view)
{
	const struct pst_conf *conf = view->doc.conf;
	const struct pst_state *state = &view->state;
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; !conf && i < state->n_mounts; i++)
		if (pst_mount_is_nfs(&state->mounts[i]))
			json_object_array_add(array,
					      mount_json(view, state->mounts[i].source,
							 state->mounts[i].target, &state->mounts[i],
							 pst_key("mounts")));
	for (size_t i = 0; conf && i < conf->mounts_count; i++) {
		const struct pst_mount_state *is = pst_state_mount(state, conf->mounts[i].target);

		json_object_array_add(array, mount_json(view, conf->mounts[i].source,
							conf->mounts[i].target, is,
							pst_key("mounts[%zu]", i)));
	}
	return array;
}

static struct json_object *list(const struct pst_view *view, size_t count,
				struct json_object *(*make)(const struct pst_view *, size_t))
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < count; i++)
		json_object_array_add(array, make(view, i));
	return array;
}

struct json_object *pst_status_json(const struct pst_view *view, const struct pst_strv *problems,
				    bool ok)
{
	const struct pst_conf *conf = view->doc.conf;
	const struct pst_state *state = &view->state;
	struct json_object *object = json_object_new_object();
	struct json_object *node = json_object_new_object();

	pst_json_add_string(node, "name", state->host_name);
	pst_json_add_string(node, "role", conf ? pst_role_name(conf->node.role) : NULL);
	json_object_object_add(object, "node", node);
	pst_json_add_bool(object, "ok", ok);
	pst_json_add_strings(object, "problems", problems);
	json_object_object_add(
		object, "network",
		list(view, conf ? conf->network_count : state->n_interfaces, network_json));
	json_object_object_add(object, "rdma",
			       list(view, conf ? conf->rdma_count : state->n_rdma, rdma_json));
	json_object_object_add(object, "pools",
			       list(view, conf ? conf->pools_count : state->n_pools, pool_json));
	json_object_object_add(
		object, "datasets",
		list(view, conf ? conf->datasets_count : state->n_datasets, dataset_json));
	json_object_object_add(object, "exports", exports_json(view));
	if (!conf || conf->node.role == PST_ROLE_STORAGE)
		json_object_object_add(object, "nfs_server", nfs_server_json(view));
	json_object_object_add(object, "mounts", mounts_json(view));
	return object;
}
