// SPDX-License-Identifier: MIT
/* src/install/job.c, hold.c, install.c, esp.c, state.c, sum.c: the steps on a machine that is a directory, with commands that are written down. */
#include <errno.h>
#include <stdio.h>

#include "base/file.h"
#include "install/job.h"
#include "rows.h"
#include "tree.h"

#define NAME	"penstock-storage_0.1.0"
#define ROOT	NAME "_3785e2d1-dc84-f847-624c-70acedf39031.root.raw"
#define VERITY	NAME "_a721cca5-2828-5977-2eef-434def1e48c0.verity.raw"
#define DIR	"/m/penstock"
#define WORK	"/run/penstock/install"
#define LOADER1 WORK "/esp0/EFI/BOOT/BOOTX64.EFI"
#define LOADER2 WORK "/esp0/EFI/systemd/systemd-bootx64.efi"

static const char *const files[][2] = {
	{ ROOT, "the root" },
	{ VERITY, "its hash tree" },
	{ NAME ".efi", "the kernel" },
	{ "systemd-bootx64.efi", "the boot loader" },
	{ "loader/loader.conf", "timeout 3\n" },
};

struct change {
	const char *name;
	const char *when; /* what the command begins with before which it is done */
	const char *file, *text; /* what is written; NULL: nothing */
	const char *found; /* what wipefs(8) then finds on sda; NULL: nothing */
	const char *reason; /* NULL: it is none that matters */
	const char *written, *left; /* disks */
};

struct machine {
	struct tree tree;
	struct pst_release_dir release;
	struct pst_buf commands; /* one a line */
	struct pst_buf said;
	const char *failing; /* what the command begins with that fails */
	unsigned int passes; /* how often it does not */
	unsigned int failures; /* how often it does then; 0: always */
	bool deaf; /* the recovery key cannot be shown */
	bool bad_copy; /* what is written to the disk arrives as something else */
	const struct change *change; /* what somebody does meanwhile */
	bool changed;
};

static struct machine machine;

static void copy_to(const char *disk, int number, const char *name)
{
	char __cleanup_free *from = pst_printf("%s" DIR "/%s", machine.tree.root, name);
	char __cleanup_free *path = pst_printf("%s%d", disk, number);
	char __cleanup_free *text = NULL;

	assert_int_equal(pst_file_read(from, &text, NULL, NULL), 0);
	if (machine.bad_copy)
		text[0] ^= 1;
	tree_file(&machine.tree, path, text);
}

static bool fails_now(void)
{
	if (machine.passes) {
		machine.passes--;
		return false;
	}
	if (machine.failures && !--machine.failures)
		machine.failing = NULL;
	return true;
}

static void change(const char *command)
{
	const struct change *change = machine.change;

	if (!change || machine.changed || !pst_startswith(command, change->when))
		return;
	machine.changed = true;
	if (change->file)
		tree_file(&machine.tree, change->file, change->text);
}

static const char *answer_of(const char *command)
{
	if (strstr(command, "--recovery-key"))
		return "cbdefghi-jklnrtuv\n";
	if (machine.changed && machine.change->found &&
	    pst_startswith(command, "wipefs --json --no-act /dev/sda"))
		return machine.change->found;
	return "";
}

static int run(struct pst_host *host, char *const argv[], int timeout_ms,
	       struct pst_run_result *ret, struct pst_reason *reason)
{
	char __cleanup_free *command = pst_run_quote(argv);
	const char *disk = argv[0];

	(void)host;
	(void)timeout_ms;
	(void)reason;
	pst_buf_printf(&machine.commands, "%s\n", command);
	*ret = (struct pst_run_result){ .out = strdup(answer_of(command)),
					.err = strdup("it broke") };
	change(command);
	if (machine.failing && pst_startswith(command, machine.failing) && fails_now())
		ret->status = 1;
	for (size_t i = 0; argv[i]; i++)
		disk = argv[i];
	if (pst_startswith(command, "systemd-repart ")) {
		copy_to(disk, 2, ROOT);
		copy_to(disk, 3, VERITY);
	}
	return 0;
}

static void say(void *context, const char *text)
{
	(void)context;
	pst_buf_printf(&machine.said, "%s\n", text);
}

static int show_key(const char *key, struct pst_reason *reason)
{
	pst_buf_printf(&machine.commands, "the key is %s\n", key);
	return machine.deaf ? pst_fail(reason, -EIO, "nobody heard it") : 0;
}

static int set_up(void **state)
{
	const struct pst_release of = { .role = (char *)"storage", .version = (char *)"0.1.0" };
	struct pst_buf sums = { 0 };

	(void)state;
	machine = (struct machine){ 0 };
	tree_make(&machine.tree, NULL);
	machine.tree.host.run = run;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char __cleanup_free *path = pst_printf(DIR "/%s", files[i][0]);
		char __cleanup_free *full = pst_printf("%s%s", machine.tree.root, path);
		char sum[PST_SHA256_HEX];

		tree_file(&machine.tree, path, files[i][1]);
		assert_int_equal(pst_sum_file(full, 0, sum, NULL), 0);
		pst_buf_printf(&sums, "%s  %s\n", sum, files[i][0]);
	}
	tree_file(&machine.tree, DIR "/SHA256SUMS", sums.data);
	pst_buf_free(&sums);
	return pst_release_dir_read(&machine.tree.host, DIR, &of, &machine.release, NULL);
}

static int tear_down(void **state)
{
	(void)state;
	pst_release_dir_free(&machine.release);
	pst_buf_free(&machine.commands);
	pst_buf_free(&machine.said);
	tree_remove(&machine.tree);
	return 0;
}

static struct pst_install to(size_t n_disks, enum pst_encrypt encrypt)
{
	return (struct pst_install){ .host = &machine.tree.host,
				     .release = &machine.release,
				     .disks = { "/dev/sda", "/dev/sdb" },
				     .n_disks = n_disks,
				     .encrypt = encrypt,
				     .conf = "node: {}\n",
				     .say = say,
				     .show_key = show_key };
}

static char *content(const char *path)
{
	char *text = NULL;

	pst_host_read(&machine.tree.host, path, &text, NULL);
	return text;
}

static void assert_content(const char *path, const char *expected)
{
	char __cleanup_free *text = content(path);

	assert_string_equal(text ?: "(none)", expected);
}

#define REPART                                                                                   \
	"systemd-repart --dry-run=no --empty=force --seed=random --no-pager --definitions=" WORK \
	"/repart "

static void one_disk(void **state)
{
	struct pst_install install = to(1, PST_ENCRYPT_NONE);

	(void)state;
	assert_int_equal(pst_install_run(&install, NULL), 0);
	assert_string_equal(machine.commands.data,
			    REPART "/dev/sda\nudevadm settle --timeout=60\n"
				   "mke2fs -q -F -t ext4 -L penstock-state /dev/sda6\n"
				   "mount -t ext4 /dev/sda6 " WORK "/state\n"
				   "mount -t vfat /dev/sda1 " WORK "/esp0\n"
				   "mount -t vfat /dev/sda1 " WORK "/esp0\n"
				   "mount -t vfat /dev/sda1 " WORK "/esp0\n");
	assert_content(LOADER1, "the boot loader");
	assert_content(LOADER2, "the boot loader");
	assert_content(WORK "/esp0/EFI/Linux/" NAME ".efi", "the kernel");
	assert_content(WORK "/esp0/loader/loader.conf", "timeout 3\n");
	assert_content(WORK "/state/etc/upper/penstock/penstock.yaml", "node: {}\n");
	assert_non_null(strstr(machine.said.data, "[1/9] check the medium\n"));
	assert_non_null(strstr(machine.said.data, "was not started by UEFI"));
	assert_null(strstr(machine.said.data, "key"));
}

static void a_pair_with_encryption(void **state)
{
	struct pst_install install = to(2, PST_ENCRYPT_TPM2);

	(void)state;
	tree_file(&machine.tree, "/dev/tpmrm0", "");
	tree_file(&machine.tree, "/sys/firmware/efi/efivars/x", "");
	assert_int_equal(pst_install_check(&install, NULL), 0);
	assert_int_equal(pst_install_run(&install, NULL), 0);
	assert_non_null(strstr(machine.commands.data, "\nthe key is cbdefghi-jklnrtuv\n"));
	assert_non_null(strstr(machine.said.data, "[8/10] show the recovery key\n"));
	assert_null(install.recovery_key);
	assert_non_null(strstr(machine.commands.data,
			       "--assume-clean /dev/sda6 /dev/sdb6\ncryptsetup luksFormat "));
	assert_non_null(strstr(machine.commands.data,
			       "--wipe-slot=password --tpm2-device=auto --tpm2-pcrs=7+15:sha256="
			       "0000000000000000000000000000000000000000000000000000000000000000 "
			       "/dev/md/penstock-state\nmke2fs -q -F -t ext4 -L penstock-state "
			       "/dev/mapper/penstock-new-state\n"));
	/* The first disk's entry comes last, and so is the first. */
	assert_non_null(strstr(machine.commands.data,
			       "--disk /dev/sdb --part 1 --label 'Penstock (second "
			       "disk)' --loader "));
	assert_content(WORK "/esp1/EFI/BOOT/BOOTX64.EFI", "the boot loader");
	/* The key of the installation is gone. */
	assert_content(WORK "/key", "(none)");
}

static void a_damaged_medium_changes_nothing(void **state)
{
	struct pst_install install = to(1, PST_ENCRYPT_NONE);
	struct pst_reason __cleanup_reason reason = { 0 };

	(void)state;
	tree_file(&machine.tree, DIR "/" ROOT, "the r00t");
	assert_int_equal(pst_install_run(&install, &reason), -EIO);
	assert_true(pst_startswith(reason.text, "check the medium: "));
	assert_non_null(strstr(reason.text, ROOT " is damaged: SHA-256 "));
	assert_null(machine.commands.data);
}

static void what_is_read_back_otherwise_does_not_boot(void **state)
{
	struct pst_install install = to(1, PST_ENCRYPT_NONE);
	struct pst_reason __cleanup_reason reason = { 0 };

	(void)state;
	machine.bad_copy = true;
	assert_int_equal(pst_install_run(&install, &reason), -EIO);
	assert_true(pst_startswith(
		reason.text, "read everything back: /dev/sda2 is not what was written: SHA-256 "));
	assert_content(LOADER1, "(none)");
	assert_content(LOADER2, "(none)");
}

/* The EFI partition is filled, checked, and given the boot loader; then it cannot be mounted to read that back. */
static void a_loader_that_is_not_read_back_is_removed(void **state)
{
	struct pst_install install = to(1, PST_ENCRYPT_NONE);
	struct pst_reason __cleanup_reason reason = { 0 };
	unsigned int mounted = 0;

	(void)state;
	machine.failing = "mount -t vfat";
	machine.passes = 2;
	machine.failures = 1;
	assert_int_equal(pst_install_run(&install, &reason), -EIO);
	assert_true(pst_startswith(reason.text, "copy the boot loader: mount -t vfat "));
	/* Once more than it takes without a failure: what cannot be seen cannot be removed. */
	for (const char *at = machine.commands.data; (at = strstr(at, "mount -t vfat ")); at++)
		mounted++;
	assert_int_equal(mounted, 4);
	assert_content(LOADER1, "(none)");
	assert_content(LOADER2, "(none)");
}

static void a_key_that_is_not_shown_stops_it(void **state)
{
	struct pst_install install = to(1, PST_ENCRYPT_TPM2);
	struct pst_reason __cleanup_reason reason = { 0 };

	(void)state;
	machine.deaf = true;
	assert_int_equal(pst_install_run(&install, &reason), -EIO);
	assert_string_equal(reason.text, "show the recovery key: nobody heard it");
	assert_content(LOADER1, "(none)");
	assert_null(install.recovery_key);
}

struct failure {
	const char *name;
	const char *command;
	const char *reason; /* how it begins; NULL: it is no failure */
};

static const struct failure failures[] = {
	{ "repart fails", "systemd-repart", "partition and copy the system: systemd-repart " },
	{ "mdadm fails", "mdadm --create", "make the state file system: mdadm --create " },
	{ "cryptsetup fails", "cryptsetup luksFormat", "make the state file system: cryptsetup " },
	{ "no TPM takes the key", "systemd-cryptenroll",
	  "make the state file system: systemd-crypt" },
	{ "mke2fs fails", "mke2fs", "make the state file system: mke2fs " },
	{ "mount fails", "mount -t vfat", "copy the kernel: mount -t vfat " },
	{ "the firmware takes no entry", "efibootmgr", NULL },
};

static void each_failure_says_its_step(void **state)
{
	const struct failure *row = *state;
	struct pst_install install = to(2, PST_ENCRYPT_TPM2);
	struct pst_reason __cleanup_reason reason = { 0 };
	int error;

	set_up(NULL);
	tree_file(&machine.tree, "/sys/firmware/efi/efivars/x", "");
	machine.failing = row->command;
	error = pst_install_run(&install, &reason);
	assert_int_equal(error, row->reason ? -EIO : 0);
	if (row->reason) {
		assert_true(pst_startswith(reason.text, row->reason));
		assert_non_null(strstr(reason.text, "it broke"));
		assert_content(LOADER1, "(none)");
	} else {
		assert_non_null(
			strstr(machine.said.data, "the firmware was not told of the disk: "));
		assert_content(LOADER1, "the boot loader");
	}
	assert_content(WORK "/key", "(none)");
	tear_down(NULL);
}

#define PCI  "/sys/devices/pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0/block"
#define LINK "-> ../devices/pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0/block"

static const struct tree_entry two_disks[] = {
	{ PCI "/sda/size", "41943040\n" },
	{ PCI "/sda/serial", "A1\n" },
	{ PCI "/sda/dev", "8:0\n" },
	{ "/sys/block/sda", LINK "/sda" },
	{ "/sys/class/block/sda", "-> ../../block/sda" },
	{ "/dev/sda", "" },
	{ PCI "/sdb/size", "41943040\n" },
	{ PCI "/sdb/serial", "B1\n" },
	{ PCI "/sdb/dev", "8:16\n" },
	{ "/sys/block/sdb", LINK "/sdb" },
	{ "/sys/class/block/sdb", "-> ../../block/sdb" },
	{ "/dev/sdb", "" },
	{ "/proc/self/mountinfo", "" },
};

#define FIRST_LOOK "wipefs --json --no-act /dev/sda"
#define STEP	   "partition and copy the system: "

static const struct change changes[] = {
	{ "nothing happens", "nothing", NULL, NULL, NULL, NULL, "/dev/sdb", NULL },
	{ "another disk in the place of one", FIRST_LOOK, PCI "/sda/serial", "C1\n", NULL,
	  STEP "\"/dev/sda\" was sda (serial number A1, 21474836480 bytes), and now is sda (serial "
	       "number C1, 21474836480 bytes): it is left alone",
	  NULL, "/dev/sda" },
	{ "a disk of another size", FIRST_LOOK, PCI "/sda/size", "83886080\n", NULL,
	  STEP "\"/dev/sda\" was sda (serial number A1, 21474836480 bytes), and now is sda (serial "
	       "number A1, 42949672960 bytes): it is left alone",
	  NULL, "/dev/sda" },
	{ "a file system is made", FIRST_LOOK, NULL, NULL,
	  "{\"signatures\":[{\"device\":\"sda\",\"type\":\"ext4\",\"label\":\"home\"}]}",
	  STEP "sda (serial number A1) is not empty, and is left alone: found ext4 home on sda",
	  NULL, "/dev/sda" },
	{ "a disk is mounted", FIRST_LOOK, "/proc/self/mountinfo",
	  "30 1 8:0 / /mnt rw - ext4 /dev/sda rw\n", NULL,
	  STEP "sda is in use: found sda, mounted on /mnt", NULL, "/dev/sda" },
	{ "a disk goes", FIRST_LOOK, PCI "/sda/size", "0\n", NULL,
	  STEP "there is no disk \"/dev/sda\"; there are those that penstock disks lists", NULL,
	  "/dev/sda" },
	{ "the second while the first is written", "systemd-repart", PCI "/sdb/serial", "C1\n",
	  NULL,
	  STEP "\"/dev/sdb\" was sdb (serial number B1, 21474836480 bytes), and now is sdb (serial "
	       "number C1, 21474836480 bytes): it is left alone",
	  "/dev/sda", "/dev/sdb" },
	{ "what is on the first when it is written", "systemd-repart", NULL, NULL,
	  "{\"signatures\":[{\"device\":\"sda\",\"type\":\"gpt\"}]}", NULL, "/dev/sdb", NULL },
};

static bool is_written(const char *disk)
{
	char __cleanup_free *command = pst_printf(REPART "%s\n", disk);

	return strstr(machine.commands.data, command) != NULL;
}

static void what_happens_meanwhile_is_seen(void **state)
{
	static const char text[] = "disks: [/dev/sda, /dev/sdb]\n";
	const struct change *row = *state;
	struct pst_answers_doc __cleanup_answers_doc doc = { 0 };
	struct pst_problems __cleanup_problems problems = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };
	struct pst_job job = { .host = &machine.tree.host, .say = say };

	set_up(NULL);
	job.dir = machine.release;
	machine.change = row;
	tree_add(&machine.tree, two_disks, ARRAY_SIZE(two_disks));
	assert_int_equal(
		pst_answers_parse("a.yaml", text, strlen(text), "storage", &doc, &problems, NULL),
		0);
	assert_int_equal(pst_job_run(&job, &doc, &problems, &reason), row->reason ? -EIO : 0);
	if (row->reason)
		assert_string_equal(reason.text, row->reason);
	assert_int_equal(problems.n, 0);
	if (row->written)
		assert_true(is_written(row->written));
	if (row->left)
		assert_false(is_written(row->left));
	tear_down(NULL);
}

static void encryption_needs_a_tpm(void **state)
{
	struct pst_install install = to(1, PST_ENCRYPT_TPM2);
	struct pst_reason __cleanup_reason reason = { 0 };

	(void)state;
	assert_int_equal(pst_install_check(&install, &reason), -EPERM);
	assert_true(pst_startswith(reason.text, "encrypt: tpm2 needs a TPM 2.0"));
}

static void encryption_waits_for_the_keys_of_secure_boot(void **state)
{
	struct pst_install install = to(1, PST_ENCRYPT_TPM2);
	struct pst_reason __cleanup_reason reason = { 0 };
	char __cleanup_free *path = pst_printf("%s/sys/firmware/efi/efivars/"
					       "SetupMode-8be4df61-93ca-11d2-aa0d-00e098032b8c",
					       machine.tree.root);
	FILE *file;

	(void)state;
	tree_file(&machine.tree, "/dev/tpmrm0", "");
	assert_int_equal(pst_file_make_parents(path, NULL), 0);
	file = fopen(path, "w");
	fwrite("\6\0\0\0\1", 1, 5, file);
	fclose(file);
	assert_int_equal(pst_install_check(&install, &reason), -EPERM);
	assert_non_null(strstr(reason.text, "setup mode"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_disk, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_pair_with_encryption, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_damaged_medium_changes_nothing, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_is_read_back_otherwise_does_not_boot, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_loader_that_is_not_read_back_is_removed, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_key_that_is_not_shown_stops_it, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(encryption_needs_a_tpm, set_up, tear_down),
		cmocka_unit_test_setup_teardown(encryption_waits_for_the_keys_of_secure_boot,
						set_up, tear_down),
	};

	ADD_TESTS(tests);
	ADD_ROWS(failures, each_failure_says_its_step);
	ADD_ROWS(changes, what_happens_meanwhile_is_seen);
	return run_gathered(NULL, NULL);
}
