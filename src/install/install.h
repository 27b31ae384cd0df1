/* SPDX-License-Identifier: MIT */
/* Copies a release to one disk, or a mirrored pair, step by step. */
#ifndef PST_INSTALL_INSTALL_H
#define PST_INSTALL_INSTALL_H

#include "install/answers.h"
#include "install/hold.h"
#include "install/layout.h"

struct pst_install {
	struct pst_host *host;
	const struct pst_release_dir *release;
	const char *disks
		[PST_ANSWERS_DISKS_MAX]; /* device nodes of whole disks, checked by pst_targets_check() */
	size_t n_disks;
	const struct pst_hold
		*hold; /* the same disks, looked at again before each is written to; NULL: not */
	enum pst_encrypt encrypt;
	const char *conf; /* for /etc/penstock/penstock.yaml; NULL: none */
	/* Told of each step before it is taken, and of what went wrong but stops nothing. */
	void (*say)(void *context, const char *text);
	void *context;
	/*
	 * Shows the recovery key, with PST_ENCRYPT_TPM2, before any disk can start. An error: it may not have been
	 * seen, and the installation fails.
	 */
	int (*show_key)(const char *key, struct pst_reason *reason);
	char *recovery_key; /* between the steps */
	bool loader_begun; /* from here on a disk may have a boot loader of ours */
};

/* What must be there besides the disks; -EPERM and a reason when it is not. Changes nothing. */
int pst_install_check(struct pst_install *install, struct pst_reason *reason);
/*
 * Takes all steps. On failure the reason begins with the step, everything is unmounted again, and no disk has a boot
 * loader.
 */
int pst_install_run(struct pst_install *install, struct pst_reason *reason);

/* The rest is for the files of the installer. */

#define PST_INSTALL_DIR "/run/penstock/install"

/* Runs a command that must succeed; ret_out may be NULL. */
int pst_install_command(struct pst_install *install, char **ret_out, struct pst_reason *reason,
			const char *const argv[]);
#define PST_COMMAND(install, reason, ...) \
	pst_install_command(install, NULL, reason, (const char *const[]){ __VA_ARGS__, NULL })
/* Mounts on a new directory below PST_INSTALL_DIR. */
int pst_install_mount(struct pst_install *install, const char *type, const char *device,
		      const char *name, struct pst_reason *reason);
/* Unmounts it when it is mounted. */
int pst_install_unmount(struct pst_install *install, const char *name, struct pst_reason *reason);

/* The EFI partitions: all but the boot loader; then what reads it back; then the boot loader, and that too. */
int pst_esp_fill(struct pst_install *install, struct pst_reason *reason);
int pst_esp_check(struct pst_install *install, struct pst_reason *reason);
int pst_esp_finish(struct pst_install *install, struct pst_reason *reason);
void pst_esp_undo(struct pst_install *install);

/* Tells the firmware of the disks; where that cannot be done it is said, and is no failure. */
int pst_boot_entries(struct pst_install *install, struct pst_reason *reason);
/* The numbers of the entries that earlier installations made, of what efibootmgr prints. */
void pst_boot_entries_parse(const char *text, struct pst_strv *ret);

/* The state file system: made, then filled, then closed. */
int pst_state_make(struct pst_install *install, struct pst_reason *reason);
int pst_state_fill(struct pst_install *install, struct pst_reason *reason);
int pst_state_close(struct pst_install *install, struct pst_reason *reason);

#endif
