// SPDX-License-Identifier: MIT
/* Which versions of the system are there: as JSON, and from that for people. */
#include "cli/table.h"
#include "cli/update.h"
#include "node/fallback.h"
#include "node/json.h"

static const char *state_of(const struct pst_update *update, const struct pst_slot *slot)
{
	if (pst_streq(slot->version, update->release.version))
		return slot->tries_left == PST_NO_TRIES ? "good" : "on trial";
	if (!pst_slot_is_whole(slot))
		return "incomplete";
	if (pst_slot_is_bad(slot))
		return "given up";
	return slot->tries_left == PST_NO_TRIES ? "good" : "new";
}

static struct json_object *slot_json(const struct pst_update *update, size_t disk, size_t n,
				     const char *next)
{
	const struct pst_slot *slot = &update->disks[disk].v[n];
	struct json_object *object = json_object_new_object();

	pst_json_add_string(object, "disk", update->image.disks.v[disk]);
	pst_json_add_string(object, "version", slot->version);
	pst_json_add_string(object, "state", state_of(update, slot));
	pst_json_add_bool(object, "running", pst_streq(slot->version, update->release.version));
	pst_json_add_bool(object, "next", pst_streq(slot->version, next));
	pst_json_add_number(object, "tries_left", slot->tries_left, 0);
	pst_json_add_number(object, "tries_done", slot->tries_done, 0);
	pst_json_add_string(object, "root", slot->root);
	pst_json_add_string(object, "verity", slot->verity);
	pst_json_add_string(object, "entry", slot->entry);
	return object;
}

struct json_object *pst_update_json(const struct pst_update *update, const char *next,
				    const char *source)
{
	const struct pst_slot *given_up = pst_update_given_up(update);
	struct json_object *object = json_object_new_object();
	struct json_object *slots = json_object_new_array();

	pst_json_add_string(object, "role", update->release.role);
	pst_json_add_string(object, "running", update->release.version);
	pst_json_add_string(object, "next", next);
	pst_json_add_string(object, "given_up", given_up ? given_up->version : NULL);
	pst_json_add_string(object, "source", source);
	for (size_t i = 0; i < update->image.disks.n; i++)
		for (size_t j = 0; j < update->disks[i].n; j++)
			json_object_array_add(slots, slot_json(update, i, j, next));
	json_object_object_add(object, "slots", slots);
	return object;
}

static bool is_true(const struct json_object *object, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(object, key, &value) && json_object_get_boolean(value);
}

static void add_row(struct pst_table *table, const struct json_object *slot)
{
	const char *state = pst_json_string(slot, "state");
	bool bad = pst_streq(state, "given up") || pst_streq(state, "incomplete");
	bool counted = pst_streq(state, "new") || pst_streq(state, "on trial");

	pst_table_add(table, PST_PLAIN, pst_json_string(slot, "disk"));
	pst_table_add(table, PST_PLAIN, pst_json_string(slot, "version"));
	pst_table_add(table, bad ? PST_BAD : PST_PLAIN, state);
	if (counted)
		pst_table_addf(table, PST_PLAIN, "%u",
			       (unsigned int)pst_json_u64(slot, "tries_left"));
	else
		pst_table_add(table, PST_PLAIN, NULL);
	pst_table_add(table, PST_PLAIN, is_true(slot, "running") ? "yes" : "no");
	pst_table_add(table, PST_PLAIN, is_true(slot, "next") ? "yes" : "no");
}

void pst_update_print(const struct json_object *object, FILE *out, bool colour)
{
	static const char *const head[] = { "DISK",	  "VERSION", "STATE",
					    "TRIES LEFT", "RUNS",    "NEXT BOOT" };
	struct pst_table __cleanup_table table = { .columns = ARRAY_SIZE(head) };
	struct json_object *slots = pst_json_array(object, "slots");
	const char *given_up = pst_json_string(object, "given_up");

	for (size_t i = 0; i < ARRAY_SIZE(head); i++)
		pst_table_add(&table, PST_PLAIN, head[i]);
	for (size_t i = 0; slots && i < json_object_array_length(slots); i++)
		add_row(&table, json_object_array_get_idx(slots, i));
	fprintf(out, "role %s\n\n", pst_json_string(object, "role") ?: "?");
	pst_table_print(&table, out, colour);
	if (given_up)
		fprintf(out, "\n%s was tried and given up: it never came up as declared\n",
			given_up);
}

/* What the pools use that the version which could be gone back to does not know. */
static void add_beyond(const struct pst_update *update, struct json_object *object)
{
	struct pst_strv __cleanup_strv beyond = { 0 };

	for (size_t i = 0; i < update->disks[0].n; i++) {
		const struct pst_slot *slot = &update->disks[0].v[i];

		if (!pst_streq(slot->version, update->release.version) && pst_slot_is_whole(slot) &&
		    !pst_slot_is_bad(slot))
			pst_fallback_beyond(&pst_this_host, slot->version, update->release.version,
					    &beyond, NULL);
	}
	pst_json_add_strings(object, "beyond_fallback", &beyond);
}

struct json_object *pst_update_summary(void)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	struct pst_update update = { 0 };
	struct json_object *object;
	const char *next = NULL;

	/* That it cannot be told is no reason to say nothing of the rest. */
	if (!pst_host_exists(&pst_this_host, PST_IMAGE_FILE) || pst_mounts_own(&reason) ||
	    pst_update_open(&pst_this_host, &update, &reason))
		return NULL;
	pst_update_next(&pst_this_host, &update, &next, &reason);
	object = pst_update_json(&update, next, NULL);
	json_object_object_del(object, "slots");
	json_object_object_del(object, "source");
	add_beyond(&update, object);
	pst_update_close(&pst_this_host, &update);
	return object;
}
