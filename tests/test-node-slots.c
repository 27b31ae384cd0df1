// SPDX-License-Identifier: MIT
/* src/node/slots.c */
#include <errno.h>

#include "common.h"
#include "node/slots.h"

static void table_and_entries_make_slots(void **state)
{
	char __cleanup_free *json = data("sfdisk.json");
	struct pst_slots __cleanup_slots slots = { 0 };
	const struct pst_slot *slot;

	(void)state;
	assert_int_equal(pst_slots_parse_table(json, "storage", &slots, NULL), 0);
	assert_int_equal(slots.n, 1);
	assert_int_equal(slots.n_places, 4);
	assert_int_equal(slots.places[2].number, 4);
	assert_string_equal(slots.places[2].label, "_empty");
	assert_int_equal(slots.places[2].bytes, 2ULL << 30);
	assert_true(slots.places[3].verity);
	slot = pst_slot_find(&slots, "0.1.0");
	assert_string_equal(slot->root, "/dev/vda2");
	assert_string_equal(slot->verity, "/dev/vda3");
	assert_false(pst_slot_is_whole(slot));
	assert_int_equal(pst_slots_add_entry("penstock-storage_0.1.0.efi", "storage", &slots), 0);
	assert_true(pst_slot_is_whole(slot));
	assert_int_equal(slot->tries_left, PST_NO_TRIES);
	assert_false(pst_slot_is_bad(slot));
}

static void other_roles_have_places_and_no_slot(void **state)
{
	char __cleanup_free *json = data("sfdisk.json");
	struct pst_slots __cleanup_slots slots = { 0 };

	(void)state;
	assert_int_equal(pst_slots_parse_table(json, "gpu", &slots, NULL), 0);
	assert_int_equal(slots.n, 0);
	assert_int_equal(slots.n_places, 4);
}

struct entry_row {
	const char *name;
	const char *file;
	const char *version; /* NULL: it is none of ours */
	int left, done;
};

static const struct entry_row entries[] = {
	{ "good", "penstock-storage_0.1.0.efi", "0.1.0", PST_NO_TRIES, PST_NO_TRIES },
	{ "new", "penstock-storage_0.1.1+3-0.efi", "0.1.1", 3, 0 },
	{ "new, in short", "penstock-storage_0.1.1+3.efi", "0.1.1", 3, 0 },
	{ "given up", "penstock-storage_0.1.1+0-3.efi", "0.1.1", 0, 3 },
	{ "a letter in the version", "penstock-storage_0.1.1~rc1.efi", "0.1.1~rc1", PST_NO_TRIES,
	  PST_NO_TRIES },
	{ "of the other role", "penstock-gpu_0.1.0.efi", NULL, 0, 0 },
	{ "of another system", "linux.efi", NULL, 0, 0 },
	{ "being written", ".#sysupdatepenstock-storage_0.1.1+3-0.efi572eaa4f297b094", NULL, 0, 0 },
	{ "no version", "penstock-storage_.efi", NULL, 0, 0 },
	{ "only tries", "penstock-storage_+1.efi", NULL, 0, 0 },
	{ "no number", "penstock-storage_0.1.1+x.efi", NULL, 0, 0 },
	{ "something else", "penstock-storage_0.1.1.conf", NULL, 0, 0 },
};

static void entry_is_read(void **state)
{
	const struct entry_row *row = *state;
	struct pst_slots __cleanup_slots slots = { 0 };

	assert_int_equal(pst_slots_add_entry(row->file, "storage", &slots), 0);
	assert_int_equal(slots.n, row->version ? 1 : 0);
	if (!row->version)
		return;
	assert_string_equal(slots.v[0].version, row->version);
	assert_string_equal(slots.v[0].entry, row->file);
	assert_int_equal(slots.v[0].tries_left, row->left);
	assert_int_equal(slots.v[0].tries_done, row->done);
	assert_int_equal(pst_slot_is_bad(&slots.v[0]), row->left == 0);
}

struct table_row {
	const char *name;
	const char *json;
	const char *reason;
};

static const struct table_row tables[] = {
	{ "no JSON", "sfdisk: failed", "sfdisk did not answer in JSON: unexpected character" },
	{ "no table", "{}", "sfdisk shows no GPT with partitions" },
	{ "DOS", "{\"partitiontable\":{\"label\":\"dos\",\"partitions\":[]}}",
	  "sfdisk shows no GPT with partitions" },
};

static void other_tables_are_refused(void **state)
{
	const struct table_row *row = *state;
	struct pst_slots __cleanup_slots slots = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };

	assert_int_equal(pst_slots_parse_table(row->json, "storage", &slots, &reason), -EBADMSG);
	assert_string_equal(reason.text, row->reason);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_and_entries_make_slots),
		cmocka_unit_test(other_roles_have_places_and_no_slot),
	};

	ADD_TESTS(tests);
	ADD_ROWS(entries, entry_is_read);
	ADD_ROWS(tables, other_tables_are_refused);
	return run_gathered(NULL, NULL);
}
