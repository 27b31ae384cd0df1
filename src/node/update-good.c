// SPDX-License-Identifier: MIT
/* What an update leaves until its version was found good: the count of its tries, and the boot loader. */
#include <errno.h>
#include <stdio.h>

#include "base/file.h"
#include "base/problem.h"
#include "node/update.h"

#define BOOTCTL_TIMEOUT_MS (5 * 60 * 1000)

/* systemd-bless-boot(8) knows only the EFI partition at /efi, and each boot disk has one that may be started from. */
static int bless(struct pst_host *host, const struct pst_update *update, size_t disk,
		 struct pst_reason *reason)
{
	const struct pst_release *release = &update->release;
	const struct pst_slot *slot = pst_slot_find(&update->disks[disk], release->version);
	const char *esp = update->esps.v[disk];
	struct pst_key good = pst_key("%s/" PST_ENTRIES_PATH "/penstock-%s_%s.efi", esp,
				      release->role, release->version);
	char __cleanup_free *from = NULL;
	char __cleanup_free *to = pst_host_path(host, good.text);

	if (!slot || !slot->entry || slot->tries_left == PST_NO_TRIES)
		return 0;
	from = pst_printf("%s%s/" PST_ENTRIES_PATH "/%s", host->root, esp, slot->entry);
	if (!from || !to)
		return -ENOMEM;
	if (rename(from, to) < 0)
		return pst_fail_errno(reason, -errno, "cannot rename %s", from);
	return pst_file_sync_name(to, reason);
}

/* bootctl replaces an older version only, and takes the signed one, systemd-bootx64.efi.signed, of this root. */
static int renew_loader(struct pst_host *host, const char *esp, struct pst_reason *reason)
{
	const struct pst_key option = pst_key("--esp-path=%s", esp);
	const char *const argv[] = { "bootctl",	  "--no-variables", "--graceful",
				     option.text, "update",	    NULL };
	struct pst_run_result __cleanup_run_result result = { 0 };
	int error = host->run(host, (char *const *)argv, BOOTCTL_TIMEOUT_MS, &result, reason);

	if (error)
		return error;
	return result.status ? pst_host_blame((char *const *)argv, &result, reason) : 0;
}

int pst_update_found_good(struct pst_host *host, const struct pst_update *update,
			  struct pst_reason *reason)
{
	int error = 0;

	for (size_t i = 0; i < update->image.disks.n && !error; i++)
		error = bless(host, update, i, reason);
	for (size_t i = 0; i < update->esps.n && !error; i++)
		error = renew_loader(host, update->esps.v[i], reason);
	return error;
}
