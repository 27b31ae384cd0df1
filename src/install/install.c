// SPDX-License-Identifier: MIT
/* The steps of an installation, in their order. */
#include "install/install.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/file.h"

/* A slow disk may take long to take all of it. */
#define COMMAND_TIMEOUT_MS (60 * 60 * 1000)
#define DEFINITIONS	   "/run/penstock/install/repart"
#define DEFINITIONS_OPTION "--definitions=/run/penstock/install/repart"
#define TPM		   "/dev/tpmrm0"
#define SETUP_MODE	   "/sys/firmware/efi/efivars/SetupMode-8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define SECURE_BOOT	   "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"

int pst_install_command(struct pst_install *install, char **ret_out, struct pst_reason *reason,
			const char *const argv[])
{
	struct pst_run_result __cleanup_run_result result = { 0 };
	struct pst_strv __cleanup_strv strv = { 0 };
	int error;

	for (size_t i = 0; argv[i]; i++)
		pst_strv_add(&strv, argv[i]);
	if (strv.oom)
		return -ENOMEM;
	error = install->host->run(install->host, strv.v, COMMAND_TIMEOUT_MS, &result, reason);
	if (error)
		return error;
	if (result.status)
		return pst_host_blame(strv.v, &result, reason);
	if (ret_out)
		*ret_out = TAKE_PTR(result.out);
	return 0;
}

/* Whether something is mounted there, as the kernel says it. */
static bool is_mounted(const struct pst_install *install, const char *target)
{
	char __cleanup_free *text = NULL;
	char __cleanup_free *words = pst_printf(" %s ", target);

	if (!words || pst_host_read(install->host, "/proc/self/mountinfo", &text, NULL))
		return false;
	return strstr(text, words) != NULL;
}

int pst_install_mount(struct pst_install *install, const char *type, const char *device,
		      const char *name, struct pst_reason *reason)
{
	char __cleanup_free *target = pst_printf(PST_INSTALL_DIR "/%s", name);
	char __cleanup_free *full = target ? pst_host_path(install->host, target) : NULL;
	char __cleanup_free *inside = full ? pst_printf("%s/", full) : NULL;
	int error = inside ? pst_file_make_parents(inside, reason) : -ENOMEM;

	return error ? error : PST_COMMAND(install, reason, "mount", "-t", type, device, target);
}

int pst_install_unmount(struct pst_install *install, const char *name, struct pst_reason *reason)
{
	char __cleanup_free *target = pst_printf(PST_INSTALL_DIR "/%s", name);

	if (!target)
		return -ENOMEM;
	return is_mounted(install, target) ? PST_COMMAND(install, reason, "umount", target) : 0;
}

/* Whether an EFI variable of one byte is there and 1. */
static bool is_set(const struct pst_host *host, const char *variable)
{
	char __cleanup_free *path = pst_host_path(host, variable);
	char __cleanup_free *bytes = NULL;
	size_t len;

	/* Four bytes of attributes, and the value. */
	return path && !pst_file_read(path, &bytes, &len, NULL) && len == 5 && bytes[4] == 1;
}

static void warn_without_secure_boot(const struct pst_install *install)
{
	if (!is_set(install->host, SECURE_BOOT))
		install->say(install->context,
			     "warning: Secure Boot is off: whoever has the whole machine can start "
			     "what they like, and the TPM gives it the key of the disk");
}

int pst_install_check(struct pst_install *install, struct pst_reason *reason)
{
	if (install->encrypt == PST_ENCRYPT_NONE)
		return 0;
	if (!pst_host_exists(install->host, TPM))
		return pst_fail(reason, -EPERM,
				"encrypt: tpm2 needs a TPM 2.0, and this machine shows none (" TPM
				"): switch it on in the firmware, or install without encryption");
	/* The firmware takes the owner's keys at the next start or a later one, and PCR 7 is another then. */
	if (is_set(install->host, SETUP_MODE))
		return pst_fail(
			reason, -EPERM,
			"encrypt: tpm2 binds the disk to the state of Secure Boot, which is in "
			"setup mode and would change with the keys that a later start enrols: "
			"enrol them first, or leave setup mode in the firmware");
	warn_without_secure_boot(install);
	return 0;
}

static int check_source(struct pst_install *install, const char *name, struct pst_reason *reason)
{
	const struct pst_release_dir *release = install->release;
	const struct pst_release_file *file = pst_release_file(release, name);
	char __cleanup_free *path = pst_printf("%s%s/%s", install->host->root, release->dir, name);
	char sum[PST_SHA256_HEX];
	int error = path ? pst_sum_file(path, 0, sum, reason) : -ENOMEM;

	if (!error && !pst_streq(sum, file->sum))
		error = pst_fail(reason, -EIO, "%s is damaged: SHA-256 %s, not %s", path, sum,
				 file->sum);
	return error;
}

/* Before anything is changed: a bad medium shall not cost a disk. */
static int check_release(struct pst_install *install, struct pst_reason *reason)
{
	const struct pst_release_dir *release = install->release;
	const char *const names[] = { release->root, release->verity, release->kernel,
				      PST_BOOT_LOADER };
	int error = 0;

	for (size_t i = 0; i < ARRAY_SIZE(names) && !error; i++)
		error = check_source(install, names[i], reason);
	for (size_t i = 0; i < release->n_files && !error; i++)
		if (pst_startswith(release->files[i].name, "loader/"))
			error = check_source(install, release->files[i].name, reason);
	return error;
}

static int write_definitions(struct pst_install *install, struct pst_reason *reason)
{
	struct pst_definitions __cleanup_definitions layout = { 0 };
	int error = pst_definitions_make(install->release, &layout);

	for (size_t i = 0; i < layout.n && !error; i++) {
		char __cleanup_free *path =
			pst_printf("%s" DEFINITIONS "/%s", install->host->root, layout.v[i].name);

		error = path ? pst_file_write(path, layout.v[i].text, 0644, reason) : -ENOMEM;
	}
	return error;
}

/* Makes the partitions, with the root and its hash tree in theirs. What was on the disks goes now. */
static int partition(struct pst_install *install, struct pst_reason *reason)
{
	int error = write_definitions(install, reason);

	/* By default both disks of a pair would get the same identifiers. */
	for (size_t i = 0; i < install->n_disks && !error; i++) {
		if (install->hold)
			error = pst_hold_check(install->hold, i, reason);
		if (!error)
			error = PST_COMMAND(install, reason, "systemd-repart", "--dry-run=no",
					    "--empty=force", "--seed=random", "--no-pager",
					    DEFINITIONS_OPTION, install->disks[i]);
	}
	/* Of a device that never settles nothing is wanted here; a partition that is not there is found missing. */
	if (!error)
		PST_COMMAND(install, NULL, "udevadm", "settle", "--timeout=60");
	return error;
}

static int check_part(struct pst_install *install, size_t disk, enum pst_part_number number,
		      const char *name, struct pst_reason *reason)
{
	const struct pst_release_dir *release = install->release;
	const struct pst_release_file *file = pst_release_file(release, name);
	char __cleanup_free *source =
		pst_printf("%s%s/%s", install->host->root, release->dir, name);
	char __cleanup_free *device = pst_partition_path(install->disks[disk], number);
	char __cleanup_free *path = device ? pst_host_path(install->host, device) : NULL;
	char sum[PST_SHA256_HEX];
	struct stat info;
	int error;

	if (!source || !path)
		return -ENOMEM;
	if (stat(source, &info) < 0)
		return pst_fail_errno(reason, -errno, "%s", source);
	error = pst_sum_file(path, (unsigned long long)info.st_size, sum, reason);
	if (!error && !pst_streq(sum, file->sum))
		error = pst_fail(reason, -EIO, "%s is not what was written: SHA-256 %s, not %s",
				 device, sum, file->sum);
	return error;
}

static int read_back(struct pst_install *install, struct pst_reason *reason)
{
	const struct pst_release_dir *release = install->release;
	int error = 0;

	for (size_t i = 0; i < install->n_disks && !error; i++) {
		error = check_part(install, i, PST_PART_ROOT, release->root, reason);
		if (!error)
			error = check_part(install, i, PST_PART_VERITY, release->verity, reason);
	}
	return error ? error : pst_esp_check(install, reason);
}

/* Nobody else knows it, and from the next step on the disk starts and is used. */
static int show_key(struct pst_install *install, struct pst_reason *reason)
{
	return install->show_key(install->recovery_key, reason);
}

static const struct {
	const char *what;
	int (*take)(struct pst_install *install, struct pst_reason *reason);
	bool encrypted; /* only then */
} steps[] = {
	{ "check the medium", check_release, false },
	{ "partition and copy the system", partition, false },
	{ "make the state file system", pst_state_make, false },
	{ "copy the kernel", pst_esp_fill, false },
	{ "write the first configuration", pst_state_fill, false },
	{ "read everything back", read_back, false },
	{ "close the state file system", pst_state_close, false },
	{ "show the recovery key", show_key, true },
	{ "copy the boot loader", pst_esp_finish, false },
	{ "tell the firmware", pst_boot_entries, false },
};

static bool is_due(const struct pst_install *install, size_t step)
{
	return !steps[step].encrypted || install->encrypt != PST_ENCRYPT_NONE;
}

static int take_steps(struct pst_install *install, size_t *ret_step, struct pst_reason *reason)
{
	size_t number = 0, count = 0;
	int error = 0;

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		count += is_due(install, i);
	for (size_t i = 0; i < ARRAY_SIZE(steps) && !error; i++) {
		struct pst_key text;

		if (!is_due(install, i))
			continue;
		*ret_step = i;
		text = pst_key("[%zu/%zu] %s", ++number, count, steps[i].what);
		install->say(install->context, text.text);
		error = steps[i].take(install, reason);
	}
	return error;
}

int pst_install_run(struct pst_install *install, struct pst_reason *reason)
{
	struct pst_reason __cleanup_reason why = { 0 };
	size_t step = 0;
	int error = take_steps(install, &step, &why);

	free(TAKE_PTR(install->recovery_key));
	if (!error)
		return 0;
	pst_esp_undo(install);
	pst_state_close(install, NULL);
	return pst_fail(reason, error, "%s: %s", steps[step].what, pst_reason_text(&why, error));
}
