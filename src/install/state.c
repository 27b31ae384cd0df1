// SPDX-License-Identifier: MIT
/*
 * The state file system: on the last partition of the disk, or on a mirror of both disks' (md), in LUKS bound to the
 * TPM or as it is. It gets what the first boot needs.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/random.h>

#include "base/file.h"
#include "install/install.h"

#define ARRAY	     "/dev/md/penstock-state"
#define OPENED	     "penstock-new-state"
#define KEY_FILE     "/run/penstock/install/key"
#define KEY_OPTION   "--key-file=/run/penstock/install/key"
#define ENROL_OPTION "--unlock-key-file=/run/penstock/install/key"
#define KEY_BYTES    32
/* 7: the state of Secure Boot, and who signed. 15: before preinit has closed it (src/preinit/measure.c). */
#define TPM_PCRS \
	"--tpm2-pcrs=7+15:sha256=0000000000000000000000000000000000000000000000000000000000000000"
/* /etc of the installed system is an overlay whose upper directory this is. */
#define CONF_FILE "etc/upper/penstock/penstock.yaml"

static int make_array(struct pst_install *install, struct pst_reason *reason)
{
	char __cleanup_free *one = pst_partition_path(install->disks[0], PST_PART_STATE);
	char __cleanup_free *two = pst_partition_path(install->disks[1], PST_PART_STATE);
	int error = one && two ? PST_COMMAND(install, reason, "modprobe", "raid1") : -ENOMEM;

	/*
	 * Nothing reads a block before it was written, and then both halves have it: there is nothing to resync, and
	 * so each disk can stand alone from the first minute.
	 */
	return error ? error
		     : PST_COMMAND(install, reason, "mdadm", "--create", ARRAY, "--run",
				   "--metadata=1.2", "--name=penstock-state", "--homehost=any",
				   "--level=1", "--raid-devices=2", "--bitmap=internal",
				   "--assume-clean", one, two);
}

/* A key that opens LUKS until the TPM and the recovery key do. It never leaves memory. */
static int make_key(struct pst_install *install, struct pst_reason *reason)
{
	char __cleanup_free *path = pst_host_path(install->host, KEY_FILE);
	unsigned char bytes[KEY_BYTES];
	char hex[2 * KEY_BYTES + 1];

	if (!path)
		return -ENOMEM;
	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return pst_fail_errno(reason, -EIO, "no random numbers");
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
	return pst_file_write(path, hex, 0600, reason);
}

static int enrol(struct pst_install *install, const char *device, struct pst_reason *reason)
{
	const char *const recovery[] = { "systemd-cryptenroll", ENROL_OPTION, "--recovery-key",
					 device, NULL };
	char __cleanup_free *said = NULL;
	int error = pst_install_command(install, &said, reason, recovery);

	if (error)
		return error;
	said[strcspn(said, "\n")] = '\0';
	free(install->recovery_key);
	install->recovery_key = TAKE_PTR(said);
	return PST_COMMAND(install, reason, "systemd-cryptenroll", ENROL_OPTION,
			   "--wipe-slot=password", "--tpm2-device=auto", TPM_PCRS, device);
}

static int encrypt(struct pst_install *install, const char *device, struct pst_reason *reason)
{
	int error = make_key(install, reason);

	/* The key is as long as what it opens: there is nothing to make guessing slow for. */
	if (!error)
		error = PST_COMMAND(install, reason, "cryptsetup", "luksFormat", "--batch-mode",
				    "--type=luks2", "--pbkdf=pbkdf2",
				    "--pbkdf-force-iterations=1000", KEY_OPTION, device);
	if (!error)
		error = PST_COMMAND(install, reason, "cryptsetup", "open", "--type=luks2",
				    KEY_OPTION, device, OPENED);
	return error ? error : enrol(install, device, reason);
}

int pst_state_make(struct pst_install *install, struct pst_reason *reason)
{
	bool pair = install->n_disks > 1;
	char __cleanup_free *device =
		pair ? strdup(ARRAY) : pst_partition_path(install->disks[0], PST_PART_STATE);
	const char *holder = install->encrypt ? "/dev/mapper/" OPENED : device;
	int error = device ? 0 : -ENOMEM;

	if (!error && pair)
		error = make_array(install, reason);
	if (!error && install->encrypt)
		error = encrypt(install, device, reason);
	if (!error)
		error = PST_COMMAND(install, reason, "mke2fs", "-q", "-F", "-t", "ext4", "-L",
				    PST_STATE_LABEL, holder);
	return error ? error : pst_install_mount(install, "ext4", holder, "state", reason);
}

int pst_state_fill(struct pst_install *install, struct pst_reason *reason)
{
	char __cleanup_free *path =
		pst_printf("%s" PST_INSTALL_DIR "/state/" CONF_FILE, install->host->root);
	char __cleanup_free *there = NULL;
	int error = path ? 0 : -ENOMEM;

	if (error || !install->conf)
		return error;
	error = pst_file_write(path, install->conf, 0644, reason);
	if (!error)
		error = pst_file_read(path, &there, NULL, reason);
	if (!error && !pst_streq(there, install->conf))
		error = pst_fail(reason, -EIO, "%s is not what was written", path);
	return error;
}

/* Only what is there: on failure it is called whatever was done. */
int pst_state_close(struct pst_install *install, struct pst_reason *reason)
{
	char __cleanup_free *key = pst_host_path(install->host, KEY_FILE);
	int error = pst_install_unmount(install, "state", reason);

	if (key)
		unlink(key);
	if (!error && pst_host_exists(install->host, "/dev/mapper/" OPENED))
		error = PST_COMMAND(install, reason, "cryptsetup", "close", OPENED);
	if (!error && pst_host_exists(install->host, ARRAY))
		error = PST_COMMAND(install, reason, "mdadm", "--stop", ARRAY);
	return error;
}
