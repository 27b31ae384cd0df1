// SPDX-License-Identifier: MIT
/* The way back from a change of the network that was not confirmed. */
#include <errno.h>

#include "node/guard.h"
#include "node/json.h"
#include "node/node.h"

#define NETWORK_DIRECTORY "/etc/systemd/network/"

static const char why[] = "the change of the network was not confirmed";

static struct json_object *text_json(const char *text)
{
	return text ? json_object_new_string(text) : NULL;
}

char *pst_undo_text(const struct pst_undo *undo)
{
	struct json_object __cleanup_json *object = json_object_new_object();
	struct json_object *files = json_object_new_array();
	struct json_object *interfaces = json_object_new_array();

	for (size_t i = 0; i < undo->n_files; i++) {
		struct json_object *file = json_object_new_object();

		json_object_object_add(file, "path", text_json(undo->files[i].path));
		json_object_object_add(file, "before", text_json(undo->files[i].text));
		json_object_array_add(files, file);
	}
	for (size_t i = 0; i < undo->n_interfaces; i++) {
		struct json_object *interface = json_object_new_object();

		json_object_object_add(interface, "name", text_json(undo->interfaces[i].name));
		json_object_object_add(interface, "mtu",
				       json_object_new_uint64(undo->interfaces[i].mtu));
		json_object_array_add(interfaces, interface);
	}
	json_object_object_add(object, "files", files);
	json_object_object_add(object, "interfaces", interfaces);
	json_object_object_add(object, "config_path", text_json(undo->config_path));
	json_object_object_add(object, "config", text_json(undo->config));
	json_object_object_add(object, "config_before", text_json(undo->config_before));
	return pst_printf("%s\n",
			  json_object_to_json_string_ext(
				  object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
}

static int add_file(struct pst_undo *undo, const char *path, const char *text)
{
	struct pst_file_state *file;

	for (size_t i = 0; i < undo->n_files; i++)
		if (pst_streq(undo->files[i].path, path))
			return 0;
	file = pst_array_grow((void **)&undo->files, &undo->n_files, sizeof(*file));
	if (!file)
		return -ENOMEM;
	file->path = strdup(path);
	file->text = text ? strdup(text) : NULL;
	return file->path && (file->text || !text) ? 0 : -ENOMEM;
}

static int add_interface(struct pst_undo *undo, const char *name, unsigned int mtu)
{
	struct pst_interface_state *interface;

	for (size_t i = 0; i < undo->n_interfaces; i++)
		if (pst_streq(undo->interfaces[i].name, name))
			return 0;
	interface =
		pst_array_grow((void **)&undo->interfaces, &undo->n_interfaces, sizeof(*interface));
	if (!interface)
		return -ENOMEM;
	interface->name = strdup(name);
	interface->mtu = mtu;
	return interface->name ? 0 : -ENOMEM;
}

static int take_text(const struct json_object *object, const char *key, char **ret)
{
	const char *text = pst_json_string(object, key);

	*ret = text ? strdup(text) : NULL;
	return text && !*ret ? -ENOMEM : 0;
}

static int take_lists(const struct json_object *object, struct pst_undo *undo)
{
	struct json_object *files = pst_json_array(object, "files");
	struct json_object *interfaces = pst_json_array(object, "interfaces");
	int error = 0;

	for (size_t i = 0; files && i < json_object_array_length(files) && !error; i++) {
		const struct json_object *file = json_object_array_get_idx(files, i);
		const char *path = pst_json_string(file, "path");

		if (path)
			error = add_file(undo, path, pst_json_string(file, "before"));
	}
	for (size_t i = 0; interfaces && i < json_object_array_length(interfaces) && !error; i++) {
		const struct json_object *entry = json_object_array_get_idx(interfaces, i);
		const char *name = pst_json_string(entry, "name");

		if (name)
			error = add_interface(undo, name, (unsigned int)pst_json_u64(entry, "mtu"));
	}
	return error;
}

int pst_undo_parse(const char *json, struct pst_undo *ret, struct pst_reason *reason)
{
	struct pst_undo __cleanup_undo undo = { 0 };
	struct json_object __cleanup_json *object = NULL;
	int error = pst_json_parse(json, PST_UNDO_FILE, &object, reason);

	if (error)
		return error;
	if (!json_object_is_type(object, json_type_object))
		return pst_fail(reason, -EBADMSG, "%s is no JSON object", PST_UNDO_FILE);
	error = take_lists(object, &undo);
	if (!error)
		error = take_text(object, "config_path", &undo.config_path);
	if (!error)
		error = take_text(object, "config", &undo.config);
	if (!error)
		error = take_text(object, "config_before", &undo.config_before);
	if (error)
		return error;
	*ret = undo;
	undo = (struct pst_undo){ 0 };
	return 0;
}

void pst_undo_free(struct pst_undo *undo)
{
	for (size_t i = 0; i < undo->n_files; i++) {
		free(undo->files[i].path);
		free(undo->files[i].text);
	}
	free(undo->files);
	for (size_t i = 0; i < undo->n_interfaces; i++) {
		free(undo->interfaces[i].name);
		pst_strv_free(&undo->interfaces[i].addresses);
	}
	free(undo->interfaces);
	free(undo->config_path);
	free(undo->config);
	free(undo->config_before);
	*undo = (struct pst_undo){ 0 };
}

int pst_undo_collect(struct pst_undo *undo, const struct pst_state *state,
		     const struct pst_plan *plan)
{
	int error = 0;

	for (size_t i = 0; i < plan->n && !error; i++) {
		const struct pst_step *step = &plan->v[i];

		if ((step->kind == PST_STEP_WRITE || step->kind == PST_STEP_REMOVE) &&
		    pst_startswith(step->path, NETWORK_DIRECTORY))
			error = add_file(undo, step->path, pst_state_file(state, step->path));
	}
	/* networkd leaves an MTU that no file asks for any more as it is. */
	for (size_t i = 0; i < state->n_interfaces && !error; i++)
		error = add_interface(undo, state->interfaces[i].name, state->interfaces[i].mtu);
	return error;
}

/* The interface that a file of ours is about, as its name says: PREFIX-INTERFACE.SUFFIX. */
static char *interface_of(const char *path)
{
	static const char prefix[] = NETWORK_DIRECTORY "50-penstock-";
	const char *dot = strrchr(path, '.');

	if (!pst_startswith(path, prefix) || !dot || dot < path + strlen(prefix))
		return NULL;
	return strndup(path + strlen(prefix), (size_t)(dot - path) - strlen(prefix));
}

static bool has_suffix(const char *path, const char *suffix)
{
	return pst_streq(strrchr(path, '.'), suffix);
}

/* A device that the change made is no longer asked for, and networkd takes none away by itself. */
static bool is_new_device(const struct pst_undo *undo, const char *interface)
{
	for (size_t i = 0; i < undo->n_files; i++) {
		char __cleanup_free *name = interface_of(undo->files[i].path);

		if (pst_streq(name, interface) && !undo->files[i].text &&
		    has_suffix(undo->files[i].path, ".netdev"))
			return true;
	}
	return false;
}

/*
 * A device that is not as it was any more, or not there: networkd makes one anew only when it starts, for a file that
 * it knows.
 */
static bool is_anew(const struct pst_file_state *file, const struct pst_state *state)
{
	char __cleanup_free *name = interface_of(file->path);

	return name && file->text && has_suffix(file->path, ".netdev") &&
	       (!pst_streq(pst_state_file(state, file->path), file->text) ||
		!pst_state_interface(state, name));
}

static bool is_made_anew(const struct pst_undo *undo, const struct pst_state *state,
			 const char *interface)
{
	for (size_t i = 0; i < undo->n_files; i++) {
		char __cleanup_free *name = interface_of(undo->files[i].path);

		if (pst_streq(name, interface) && is_anew(&undo->files[i], state))
			return true;
	}
	return false;
}

/* What networkd has to read, and to make anew. */
static void plan_again(const struct pst_undo *undo, const struct pst_state *state,
		       struct pst_plan *plan)
{
	bool restart = false;

	for (size_t i = 0; i < undo->n_files; i++) {
		char __cleanup_free *name = interface_of(undo->files[i].path);

		if (!is_anew(&undo->files[i], state))
			continue;
		restart = true;
		if (pst_state_interface(state, name))
			pst_plan_run(plan, "network", NULL, "networkctl", "delete", name);
	}
	if (restart)
		pst_plan_run(plan, "network", NULL, "systemctl", "restart",
			     "systemd-networkd.service");
	else
		pst_plan_run(plan, "network", NULL, "networkctl", "reload");
}

static void plan_interface(const struct pst_undo *undo, const struct pst_file_state *file,
			   const struct pst_state *state, struct pst_plan *plan)
{
	char __cleanup_free *name = interface_of(file->path);
	const struct pst_interface_state *is = name ? pst_state_interface(state, name) : NULL;
	bool is_device = has_suffix(file->path, ".netdev");

	if (!is || is_device != is_new_device(undo, name) || is_made_anew(undo, state, name))
		return;
	if (is_device) {
		pst_plan_run(plan, "network", NULL, "networkctl", "delete", name);
		return;
	}
	for (size_t i = 0; i < undo->n_interfaces; i++)
		if (pst_streq(undo->interfaces[i].name, name) && undo->interfaces[i].mtu &&
		    undo->interfaces[i].mtu != is->mtu)
			pst_plan_run(plan, "network", NULL, "ip", "link", "set", "dev", name, "mtu",
				     pst_key("%u", undo->interfaces[i].mtu).text);
	pst_plan_run(plan, "network", NULL, "networkctl", "reconfigure", name);
}

void pst_undo_plan(const struct pst_undo *undo, const struct pst_state *state, const char *config,
		   struct pst_plan *plan)
{
	/* With the configuration of before, the next boot does not make the same change once more. */
	if (undo->config_path && undo->config_before && pst_streq(config, undo->config) &&
	    !pst_streq(config, undo->config_before)) {
		pst_plan_write(plan, "network", undo->config_path, undo->config_before, why);
		pst_plan_mode(plan, PST_MODE_KEPT);
	}
	for (size_t i = 0; i < undo->n_files; i++) {
		const struct pst_file_state *file = &undo->files[i];

		if (pst_streq(pst_state_file(state, file->path), file->text))
			continue;
		if (file->text)
			pst_plan_write(plan, "network", file->path, file->text, why);
		else
			pst_plan_remove(plan, "network", file->path, why);
	}
	plan_again(undo, state, plan);
	for (size_t i = 0; i < undo->n_files; i++)
		plan_interface(undo, &undo->files[i], state, plan);
	/* Last: where this breaks off, the whole is done again. */
	pst_plan_remove(plan, "network", PST_UNDO_FILE, NULL);
}
