// SPDX-License-Identifier: MIT
/*
 * src/node/update*.c: an installed system that is a directory, and programs that only say what they were asked. What
 * systemd-sysupdate does with it is seen in lab/scenarios/update_*.py.
 */
#include <errno.h>
#include <stdio.h>

#include "base/file.h"
#include "common.h"
#include "node/update.h"
#include "tree.h"

#define HASH	   "f2bf233f3503088a437bfdd96032dc8b1dcee18235b9b17e10b2e7d110154f6c"
#define UUID1	   "11111111-2222-4333-8444-555555555555"
#define UUID2	   "66666666-2222-4333-8444-aabbccddeeff"
#define ESP	   "/run/penstock/esp/0/EFI/Linux/"
#define SECOND_ESP "/run/penstock/esp/1/EFI/Linux/"

static struct tree machine;
static char *table, *second; /* sfdisk's answer for each disk */
static struct pst_buf asked; /* the commands that change something, one a line */
static const char *gpg_says, *sum_says;
static int gpg_status, sysupdate_status;
static char *given; /* the SHA256SUMS that sysupdate was given */

static int answer(struct pst_run_result *ret, int status, const char *out, const char *err)
{
	*ret = (struct pst_run_result){ .status = status, .out = strdup(out), .err = strdup(err) };
	return 0;
}

/* The entry comes last, on the disk whose EFI partition the definition names. */
static void write_entry(const char *version)
{
	char __cleanup_free *text = NULL;
	const char *esp;

	assert_int_equal(pst_host_read(&machine.host, "/run/penstock/update.d/30-kernel.transfer",
				       &text, NULL),
			 0);
	esp = strstr(text, "/run/penstock/esp/");
	assert_non_null(esp);
	tree_file(&machine,
		  pst_key("%.*s/penstock-storage_%s+3-0.efi", (int)strcspn(esp, "\n"), esp, version)
			  .text,
		  "x");
}

static int run(struct pst_host *host, char *const argv[], int timeout_ms,
	       struct pst_run_result *ret, struct pst_reason *reason)
{
	char __cleanup_free *command = pst_run_quote(argv);

	/* The folders are real. */
	if (pst_streq(argv[0], "rm") || pst_streq(argv[0], "cp"))
		return pst_run(argv, timeout_ms, ret, reason);
	if (pst_streq(argv[0], "systemd-analyze"))
		return answer(ret, strcmp(argv[2], argv[4]) <= 0, "", "");
	if (pst_streq(command, "sfdisk --json /dev/vdb"))
		return answer(ret, 0, second, "");
	if (pst_startswith(command, "sfdisk --json"))
		return answer(ret, 0, table, "");
	if (pst_startswith(command, "zpool get -H "))
		return answer(ret, 0, "tank\tsize\t1G\ntank\tfeature@longname\tactive\n", "");
	if (pst_streq(argv[0], "gpg"))
		return answer(ret, gpg_status, gpg_says, "gpg: it said this");
	if (pst_streq(argv[0], "sha256sum"))
		return answer(ret, 0, sum_says, "");
	if (!pst_streq(argv[0], "mount") && !pst_streq(argv[0], "umount"))
		pst_buf_printf(&asked, "%s\n", command);
	if (strstr(argv[0], "sysupdate") && !given)
		pst_host_read(host, PST_UPDATE_WORK "/parts/SHA256SUMS", &given, NULL);
	if (strstr(argv[0], "sysupdate"))
		write_entry(argv[3]);
	if (strstr(argv[0], "sysupdate"))
		return answer(ret, sysupdate_status, "",
			      sysupdate_status ? "Pulling\nDOWNLOAD INVALID: it is\nExiting.\n"
					       : "");
	return answer(ret, 0, "", "");
}

static void release(const char *folder, const char *role, const char *version)
{
	const struct pst_key names[] = {
		pst_key("penstock-%s_%s_" UUID1 ".root.raw", role, version),
		pst_key("penstock-%s_%s_" UUID2 ".verity.raw", role, version),
		pst_key("penstock-%s_%s.efi", role, version),
	};
	struct pst_buf __cleanup_buf sums = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		tree_file(&machine, pst_key("%s/%s", folder, names[i].text).text, "x");
		pst_buf_printf(&sums, HASH "  %s\n", names[i].text);
	}
	pst_buf_add(&sums, HASH "  loader/keys/auto/PK.auth\n");
	tree_file(&machine, pst_key("%s/SHA256SUMS", folder).text, sums.data);
	tree_file(&machine, pst_key("%s/SHA256SUMS.gpg", folder).text, "x");
}

static int setup(void **state)
{
	(void)state;
	tree_make(&machine, NULL);
	machine.host.run = run;
	table = data("sfdisk.json");
	gpg_says = "[GNUPG:] GOODSIG 38ED T\n[GNUPG:] VALIDSIG 38ED\n";
	sum_says = HASH "  x";
	gpg_status = sysupdate_status = 0;
	tree_file(&machine, PST_IMAGE_FILE,
		  "disk=/dev/vda\nesp=/dev/vda1\nroot=/dev/vda2\nverity=/dev/vda3\n"
		  "state=/dev/vda6\nroothash=ab\nmedium=\n");
	tree_file(&machine, PST_OS_RELEASE_FILE,
		  "IMAGE_ID=penstock-storage\nIMAGE_VERSION=0.1.0\n");
	tree_file(&machine, ESP "penstock-storage_0.1.0.efi", "x");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	tree_remove(&machine);
	free(table);
	free(second);
	pst_buf_free(&asked);
	free(given);
	second = given = NULL;
	return 0;
}

static char *replaced(const char *text, const char *from, const char *to)
{
	struct pst_buf all = { 0 };

	for (const char *at = strstr(text, from); at; at = strstr(text, from)) {
		pst_buf_add_bytes(&all, text, (size_t)(at - text));
		pst_buf_add(&all, to);
		text = at + strlen(from);
	}
	pst_buf_add(&all, text);
	return pst_buf_take(&all);
}

static void set_other(const char *version)
{
	char __cleanup_free *before = table;

	table = replaced(before, "_empty", pst_key("penstock-storage_%s", version).text);
}

/* The first disk of a pair has 0.1.0, which runs, and 0.0.9; the second one has 0.0.9 and half of 0.1.0. */
static void make_broken_pair(void)
{
	char __cleanup_free *all = NULL;
	char __cleanup_free *old = NULL;

	set_other("0.0.9");
	tree_file(&machine, ESP "penstock-storage_0.0.9.efi", "x");
	old = replaced(table, "0.0.9", "0.0.8");
	all = replaced(old, "/dev/vda", "/dev/vdb");
	free(old);
	old = replaced(all, "0.1.0", "0.0.9");
	second = replaced(old, "0.0.8", "0.1.0");
	tree_file(&machine, SECOND_ESP "penstock-storage_0.0.9.efi", "x");
	tree_file(&machine, PST_IMAGE_FILE,
		  "disk=/dev/vda /dev/vdb\nesp=/dev/vda1 /dev/vdb1\nroot=/dev/vda2\n"
		  "verity=/dev/vda3\nstate=/dev/md0\nroothash=ab\nmedium=\n");
}

static void prefer(const char *entry)
{
	char __cleanup_free *path = pst_host_path(
		&machine.host, "/sys/firmware/efi/efivars/"
			       "LoaderEntryDefault-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f");
	FILE *file;

	tree_file(&machine,
		  "/sys/firmware/efi/efivars/"
		  "LoaderEntryDefault-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f",
		  "");
	file = fopen(path, "w");
	if (!file) {
		fail_msg("cannot write %s", path);
		return;
	}
	fwrite("\7\0\0", 1, 4, file);
	for (const char *at = entry; *at; at++)
		fwrite((const char[]){ *at, 0 }, 1, 2, file);
	fwrite("\0", 1, 2, file);
	fclose(file);
}

static void open_update(struct pst_update *update)
{
	struct pst_reason __cleanup_reason reason = { 0 };

	if (pst_update_open(&machine.host, update, &reason))
		fail_msg("%s", reason.text);
}

/* Up to where something would be changed; the reason why not. */
static char *try_source(const char *folder)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	struct pst_update update = { 0 };
	struct pst_bundle bundle = { 0 };
	int error;

	open_update(&update);
	error = pst_bundle_open(&machine.host, folder, "storage", &bundle, &reason);
	if (!error)
		error = pst_update_wants(&machine.host, &update, &bundle, &reason);
	if (!error)
		error = pst_bundle_fetch(&machine.host, &update, &bundle, &reason);
	if (!error)
		error = pst_update_install(&machine.host, &update, &bundle, &reason);
	pst_bundle_close(&machine.host, &bundle);
	pst_update_close(&machine.host, &update);
	assert_false(pst_host_exists(&machine.host, PST_UPDATE_WORK));
	return error ? strdup(pst_reason_text(&reason, error)) : NULL;
}

static void assert_refused(const char *folder, const char *end)
{
	char __cleanup_free *why = try_source(folder);

	assert_non_null(why);
	if (strlen(why) < strlen(end) || !pst_streq(why + strlen(why) - strlen(end), end))
		fail_msg("\"%s\" does not end with \"%s\"", why, end);
	assert_null(asked.data);
}

static void newer_is_installed_in_place_of_what_does_not_run(void **state)
{
	char __cleanup_free *text = NULL;
	char __cleanup_free *why = NULL;

	(void)state;
	set_other("0.0.9");
	tree_file(&machine, ESP "penstock-storage_0.0.9.efi", "x");
	release("/new", "storage", "0.1.1");
	why = try_source("/new");
	assert_null(why);
	assert_string_equal(asked.data,
			    "sfdisk --quiet --no-reread --no-tell-kernel --part-label /dev/vda 4 "
			    "_empty\n"
			    "sfdisk --quiet --no-reread --no-tell-kernel --part-label /dev/vda 5 "
			    "_empty\n"
			    "/usr/lib/systemd/systemd-sysupdate "
			    "--definitions=/run/penstock/update.d update 0.1.1\n");
	/* And nothing in folders, which it would refuse. */
	assert_string_equal(given, HASH "  penstock-storage_0.1.1_" UUID1 ".root.raw\n" HASH
					"  penstock-storage_0.1.1_" UUID2 ".verity.raw\n" HASH
					"  penstock-storage_0.1.1.efi\n");
	assert_false(pst_host_exists(&machine.host, ESP "penstock-storage_0.0.9.efi"));
	assert_true(pst_host_exists(&machine.host, ESP "penstock-storage_0.1.0.efi"));
	assert_int_equal(pst_host_read(&machine.host, "/run/penstock/update.d/30-kernel.transfer",
				       &text, NULL),
			 0);
	assert_string_equal(text,
			    "[Transfer]\nVerify=no\nProtectVersion=0.1.0\n\n[Source]\n"
			    "Type=url-file\nPath=file:///var/lib/penstock/update/parts/"
			    "\nMatchPattern=penstock-storage_@v.efi\n\n"
			    "[Target]\nType=regular-file\nPath=/run/penstock/esp/0/EFI/Linux\n"
			    "MatchPattern=penstock-storage_@v+@l-@d.efi penstock-storage_@v+@l.efi "
			    "penstock-storage_@v.efi\n"
			    "Mode=0600\nTriesLeft=3\nTriesDone=0\nInstancesMax=2\n");
}

/* Else a power cut would leave a new version that is never started, and installed already. */
static void what_was_preferred_is_forgotten_before_the_new_one_comes(void **state)
{
	static const char forget[] = "bootctl set-default ''\n";
	char __cleanup_free *why = NULL;

	(void)state;
	prefer("penstock-storage_0.1.0.efi");
	release("/new", "storage", "0.1.1");
	why = try_source("/new");
	assert_null(why);
	assert_true(pst_startswith(asked.data, forget));
	assert_true(pst_host_exists(&machine.host, ESP "penstock-storage_0.1.1+3-0.efi"));
}

static void what_was_found_good_is_no_longer_counted(void **state)
{
	char __cleanup_free *entry = pst_host_path(&machine.host, ESP "penstock-storage_0.1.0.efi");
	struct pst_reason __cleanup_reason reason = { 0 };
	struct pst_update update = { 0 };

	(void)state;
	assert_int_equal(unlink(entry), 0);
	tree_file(&machine, ESP "penstock-storage_0.1.0+2-1.efi", "x");
	open_update(&update);
	assert_int_equal(pst_update_found_good(&machine.host, &update, &reason), 0);
	assert_true(pst_host_exists(&machine.host, ESP "penstock-storage_0.1.0.efi"));
	assert_false(pst_host_exists(&machine.host, ESP "penstock-storage_0.1.0+2-1.efi"));
	assert_string_equal(
		asked.data,
		"bootctl --no-variables --graceful --esp-path=/run/penstock/esp/0 update\n");
	pst_update_close(&machine.host, &update);
}

static void parts_are_written_to_the_disk(void **state)
{
	struct pst_update update = { 0 };
	char __cleanup_free *text = NULL;

	(void)state;
	open_update(&update);
	text = pst_update_transfer(&update, 0, PST_PART_ROOT);
	assert_non_null(strstr(text, "\nMatchPattern=penstock-storage_@v_@u.root.raw\n"));
	assert_non_null(strstr(text, "\nPath=/dev/vda\nMatchPattern=penstock-storage_@v\n"
				     "MatchPartitionType=root\n"));
	pst_update_close(&machine.host, &update);
}

static void what_is_not_to_be_installed_is_refused(void **state)
{
	(void)state;
	release("/new", "storage", "0.1.1");
	release("/same", "storage", "0.1.0");
	release("/old", "storage", "0.0.9");
	release("/gpu", "gpu", "0.1.1");
	assert_refused("/nothing", "No such file or directory");
	assert_refused("/same", "0.1.0 is not newer than 0.1.0, which runs");
	assert_refused("/old", "0.0.9 is not newer than 0.1.0, which runs");
	assert_refused("/gpu", "it is a release for the role gpu, and this system is for the role "
			       "storage");
	sum_says = "0000";
	assert_refused("/new", "root.raw was altered or cut off: it is not as SHA256SUMS has it");
	gpg_says = "[GNUPG:] NODATA 1\n";
	assert_refused("/new", "there is no signature in its SHA256SUMS.gpg");
}

/* A key that is being replaced signs beside the new one: gpg ends with 2, for it knows only one of them. */
static void one_good_signature_is_enough(void **state)
{
	char __cleanup_free *why = NULL;

	(void)state;
	release("/new", "storage", "0.1.1");
	gpg_says = "[GNUPG:] ERRSIG B61B\n[GNUPG:] NO_PUBKEY B61B\n"
		   "[GNUPG:] GOODSIG 38ED T\n[GNUPG:] VALIDSIG 38ED\n";
	gpg_status = 128 + 9;
	assert_refused("/new", ": gpg: it said this");
	gpg_status = 2;
	why = try_source("/new");
	assert_null(why);
}

static void what_lacks_a_file_is_refused(void **state)
{
	char __cleanup_free *path = pst_host_path(&machine.host, "/new/penstock-storage_0.1.1.efi");
	char __cleanup_free *sign = pst_host_path(&machine.host, "/new/SHA256SUMS.gpg");

	(void)state;
	release("/new", "storage", "0.1.1");
	assert_int_equal(unlink(path), 0);
	tree_link(&machine, "/new/penstock-storage_0.1.1.efi", "/etc/passwd");
	assert_refused("/new", "penstock-storage_0.1.1.efi is no plain file");
	assert_int_equal(unlink(path), 0);
	assert_refused("/new", " lacks penstock-storage_0.1.1.efi");
	assert_int_equal(unlink(sign), 0);
	assert_refused("/new", " lacks SHA256SUMS.gpg: it is not signed");
}

static void what_was_given_up_is_not_tried_again(void **state)
{
	(void)state;
	set_other("0.1.1");
	tree_file(&machine, ESP "penstock-storage_0.1.1+0-3.efi", "x");
	release("/new", "storage", "0.1.1");
	assert_refused("/new", "0.1.1 was tried already, and given up: a newer one is needed");
}

static void what_was_called_off_is_not_written_again(void **state)
{
	(void)state;
	set_other("0.1.1");
	tree_file(&machine, ESP "penstock-storage_0.1.1+3-0.efi", "x");
	release("/new", "storage", "0.1.1");
	assert_refused("/new", "0.1.1 is installed already");
	prefer("penstock-storage_0.1.0.efi");
	assert_refused("/new", "0.1.1 is installed already, and 0.1.0 is preferred to it: penstock "
			       "--rollback update ends that");
}

static void what_runs_must_be_good_before_the_other_goes(void **state)
{
	char __cleanup_free *good = pst_host_path(&machine.host, ESP "penstock-storage_0.1.0.efi");

	(void)state;
	assert_int_equal(unlink(good), 0);
	tree_file(&machine, ESP "penstock-storage_0.1.0+2-1.efi", "x");
	release("/new", "storage", "0.1.1");
	assert_refused("/new", "what could be gone back to stays until then; see "
			       "penstock-boot-check.service");
}

/* What an update that broke off has left is no version, and is written once more. */
static void half_a_version_is_written_again(void **state)
{
	char __cleanup_free *why = NULL;

	(void)state;
	set_other("0.1.1");
	release("/new", "storage", "0.1.1");
	why = try_source("/new");
	assert_null(why);
	assert_non_null(strstr(asked.data, "--part-label /dev/vda 4 _empty\n"));
}

/* The power went between the two disks: what runs comes to the one that lacks it, and counts as good there too. */
static void what_runs_comes_to_the_disk_that_lacks_it(void **state)
{
	char __cleanup_free *text = NULL;
	char __cleanup_free *why = NULL;

	(void)state;
	make_broken_pair();
	release("/same", "storage", "0.1.0");
	prefer("penstock-storage_0.1.0.efi");
	why = try_source("/same");
	assert_null(why);
	assert_string_equal(asked.data,
			    "sfdisk --quiet --no-reread --no-tell-kernel --part-label /dev/vdb 4 "
			    "_empty\n"
			    "sfdisk --quiet --no-reread --no-tell-kernel --part-label /dev/vdb 5 "
			    "_empty\n"
			    "/usr/lib/systemd/systemd-sysupdate "
			    "--definitions=/run/penstock/update.d update 0.1.0\n");
	assert_int_equal(pst_host_read(&machine.host, "/run/penstock/update.d/10-root.transfer",
				       &text, NULL),
			 0);
	assert_non_null(strstr(text, "\nProtectVersion=0.0.9\n"));
	assert_non_null(strstr(text, "\nPath=/dev/vdb\n"));
	assert_true(pst_host_exists(&machine.host, ESP "penstock-storage_0.0.9.efi"));
	assert_true(pst_host_exists(&machine.host, SECOND_ESP "penstock-storage_0.0.9.efi"));
	assert_true(pst_host_exists(&machine.host, SECOND_ESP "penstock-storage_0.1.0.efi"));
	assert_false(pst_host_exists(&machine.host, SECOND_ESP "penstock-storage_0.1.0+3-0.efi"));
}

static void a_disk_that_lacks_what_runs_keeps_what_it_can_start(void **state)
{
	char __cleanup_free *why = NULL;

	(void)state;
	make_broken_pair();
	release("/new", "storage", "0.1.1");
	why = try_source("/new");
	assert_null(why);
	assert_false(pst_host_exists(&machine.host, ESP "penstock-storage_0.0.9.efi"));
	assert_true(pst_host_exists(&machine.host, ESP "penstock-storage_0.1.1+3-0.efi"));
	assert_true(pst_host_exists(&machine.host, SECOND_ESP "penstock-storage_0.0.9.efi"));
	assert_true(pst_host_exists(&machine.host, SECOND_ESP "penstock-storage_0.1.1+3-0.efi"));
}

static void sysupdate_is_blamed_by_its_words(void **state)
{
	char __cleanup_free *why = NULL;

	(void)state;
	release("/new", "storage", "0.1.1");
	sysupdate_status = 1;
	why = try_source("/new");
	assert_string_equal(why, "systemd-sysupdate on /dev/vda: DOWNLOAD INVALID: it is");
	assert_false(pst_host_exists(&machine.host, ESP "penstock-storage_0.1.1+3-0.efi"));
}

struct next_row {
	const char *name;
	const char *other; /* its entry, of 0.1.1 or 0.0.9; NULL: none */
	const char *preferred; /* NULL: nothing is */
	const char *next;
	const char *refused; /* why it cannot be gone back to; NULL: it can */
	const char *back,
		*is_default; /* what is started then, and the default that is set for it */
};

static const struct next_row nexts[] = {
	{ "one version", NULL, NULL, "0.1.0",
	  "there is no other version to go back to: only 0.1.0 is installed" },
	{ "a new one", "penstock-storage_0.1.1+3-0.efi", NULL, "0.1.1", NULL, "0.1.0",
	  "penstock-storage_0.1.0.efi" },
	{ "a new one that was called off", "penstock-storage_0.1.1+3-0.efi",
	  "penstock-storage_0.1.0.efi", "0.1.0", NULL, "0.1.1", "''" },
	{ "gone back from on trial", "penstock-storage_0.1.1+2-1.efi", "penstock-storage_0.1.0.efi",
	  "0.1.0", NULL, "0.1.1", "''" },
	{ "a new one that is preferred", "penstock-storage_0.1.1+3-0.efi",
	  "penstock-storage_0.1.1.efi", "0.1.1", NULL, "0.1.0", "penstock-storage_0.1.0.efi" },
	{ "an older one that is counted", "penstock-storage_0.0.9+3-0.efi", NULL, "0.1.0",
	  "the other version, 0.0.9, was not found good yet: it is not gone back to" },
	{ "a good one", "penstock-storage_0.1.1.efi", NULL, "0.1.1", NULL, "0.1.1",
	  "penstock-storage_0.1.1.efi" },
	{ "gone back from", "penstock-storage_0.1.1.efi", "penstock-storage_0.1.0.efi", "0.1.0",
	  NULL, "0.1.1", "penstock-storage_0.1.1.efi" },
	{ "something preferred that is gone", "penstock-storage_0.1.1.efi",
	  "penstock-storage_0.0.9.efi", "0.1.1", NULL, "0.1.1", "penstock-storage_0.1.1.efi" },
	{ "given up", "penstock-storage_0.1.1+0-3.efi", NULL, "0.1.0",
	  "the other version, 0.1.1, was tried 3 times and never came up as declared: it is not "
	  "gone back to" },
};

static void next_boot_and_way_back(void **state)
{
	const struct next_row *row = *state;
	struct pst_reason __cleanup_reason reason = { 0 };
	struct pst_update update = { 0 };
	const char *next = NULL, *back = NULL;
	int error;

	setup(NULL);
	if (row->other) {
		set_other(strstr(row->other, "0.0.9") ? "0.0.9" : "0.1.1");
		tree_file(&machine, pst_key(ESP "%s", row->other).text, "x");
	}
	if (row->preferred)
		prefer(row->preferred);
	open_update(&update);
	assert_int_equal(pst_update_next(&machine.host, &update, &next, NULL), 0);
	assert_string_equal(next, row->next);
	error = pst_update_rollback(&machine.host, &update, &back, &reason);
	if (row->refused) {
		assert_int_equal(error, -ENOENT);
		assert_string_equal(reason.text, row->refused);
		assert_null(asked.data);
	} else {
		assert_int_equal(error, 0);
		assert_string_equal(back, row->back);
		assert_string_equal(asked.data,
				    pst_key("bootctl set-default %s\n", row->is_default).text);
	}
	pst_update_close(&machine.host, &update);
	teardown(NULL);
}

/* The other version is newer and never said what it knows, knows it, does not. */
static void pools_are_not_left_behind(void **state)
{
	static const char list[] = "/var/lib/penstock/images/0.1.1/zfs-features";
	struct pst_reason __cleanup_reason reason = { 0 };
	struct pst_update update = { 0 };
	const char *back = NULL;

	(void)state;
	tree_file(&machine, "/sys/module/zfs/features.pool/com.klarasystems:longname/uname", "x");
	set_other("0.1.1");
	tree_file(&machine, ESP "penstock-storage_0.1.1.efi", "x");
	open_update(&update);
	assert_int_equal(pst_update_rollback(&machine.host, &update, &back, NULL), 0);
	tree_file(&machine, list, "draid\nlongname\n");
	assert_int_equal(pst_update_rollback(&machine.host, &update, &back, NULL), 0);
	pst_buf_free(&asked);
	tree_file(&machine, list, "draid\n");
	assert_int_equal(pst_update_rollback(&machine.host, &update, &back, &reason), -EBUSY);
	assert_string_equal(reason.text, "the pool tank uses the feature longname, and 0.1.1 could "
					 "not import it: it is not gone back to");
	assert_null(asked.data);
	pst_update_close(&machine.host, &update);
}

struct away_row {
	const char *name;
	const char *first, *second; /* the numbers that the disks have now; NULL: it is not there */
	const char *reason; /* NULL: it goes on */
	size_t n; /* of disks that it goes on with */
};

static const struct away_row aways[] = {
	{ "both are there", "1\n", "2\n", NULL, 2 },
	{ "the second one is away", "1\n", NULL, NULL, 1 },
	{ "another one in place of the second", "1\n", "9\n", NULL, 1 },
	{ "another one in place of the first", "9\n", "2\n",
	  "/dev/vda is not the boot disk any more that this system was started from: start the "
	  "machine anew",
	  0 },
};

static void half_of_a_mirror_is_enough(void **state)
{
	const struct away_row *row = *state;
	struct pst_reason __cleanup_reason reason = { 0 };
	struct pst_update update = { 0 };

	setup(NULL);
	make_broken_pair();
	tree_file(&machine, PST_IMAGE_FILE,
		  "disk=/dev/vda /dev/vdb\nesp=/dev/vda1 /dev/vdb1\ndiskseq=1 2\nroot=/dev/vda2\n"
		  "verity=/dev/vda3\nstate=/dev/md0\nroothash=ab\nmedium=\n");
	tree_file(&machine, "/sys/class/block/vda/diskseq", row->first);
	if (row->second)
		tree_file(&machine, "/sys/class/block/vdb/diskseq", row->second);
	assert_int_equal(pst_update_open(&machine.host, &update, &reason),
			 row->reason ? -ENODEV : 0);
	if (row->reason)
		assert_string_equal(reason.text, row->reason);
	assert_int_equal(update.image.disks.n, row->n);
	assert_int_equal(update.esps.n, row->n);
	if (row->n == 1) {
		assert_string_equal(update.away.v[0], "/dev/vdb");
		assert_non_null(pst_update_whole(&update, "0.1.0"));
	}
	pst_update_close(&machine.host, &update);
	teardown(NULL);
}

struct system_row {
	const char *name;
	const char *image; /* NULL: there is no such file */
	const char *reason;
};

static const struct system_row systems[] = {
	{ "another system", NULL,
	  "this is not an installed system: it was not started from a disk of Penstock's layout" },
	{ "from a medium",
	  "disk=\nesp=\nroot=/dev/loop0\nverity=/dev/loop1\nroothash=ab\n"
	  "medium=/run/penstock/medium\n",
	  "this is not an installed system: it runs from a medium; see penstock install" },
};

static void only_an_installed_system_is_updated(void **state)
{
	const struct system_row *row = *state;
	struct pst_reason __cleanup_reason reason = { 0 };
	struct pst_update update = { 0 };
	char __cleanup_free *path = NULL;

	setup(NULL);
	path = pst_host_path(&machine.host, PST_IMAGE_FILE);
	unlink(path);
	if (row->image)
		tree_file(&machine, PST_IMAGE_FILE, row->image);
	assert_int_equal(pst_update_open(&machine.host, &update, &reason), -EOPNOTSUPP);
	assert_string_equal(reason.text, row->reason);
	teardown(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(newer_is_installed_in_place_of_what_does_not_run),
		TEST(what_was_preferred_is_forgotten_before_the_new_one_comes),
		TEST(what_was_found_good_is_no_longer_counted),
		TEST(parts_are_written_to_the_disk),
		TEST(pools_are_not_left_behind),
		TEST(what_is_not_to_be_installed_is_refused),
		TEST(one_good_signature_is_enough),
		TEST(what_lacks_a_file_is_refused),
		TEST(what_was_given_up_is_not_tried_again),
		TEST(what_was_called_off_is_not_written_again),
		TEST(what_runs_must_be_good_before_the_other_goes),
		TEST(half_a_version_is_written_again),
		TEST(what_runs_comes_to_the_disk_that_lacks_it),
		TEST(a_disk_that_lacks_what_runs_keeps_what_it_can_start),
		TEST(sysupdate_is_blamed_by_its_words),
	};

	ADD_TESTS(tests);
	ADD_ROWS(nexts, next_boot_and_way_back);
	ADD_ROWS(aways, half_of_a_mirror_is_enough);
	ADD_ROWS(systems, only_an_installed_system_is_updated);
	return run_gathered(NULL, NULL);
}
