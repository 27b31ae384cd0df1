// SPDX-License-Identifier: MIT
/* The boot loader on the EFI partitions, which an update leaves as it is until its version was found good. */
#include "base/problem.h"
#include "node/update.h"

#define BOOTCTL_TIMEOUT_MS (5 * 60 * 1000)

/* bootctl replaces an older version only, and takes the signed one, systemd-bootx64.efi.signed, of this root. */
static int renew(struct pst_host *host, const char *esp, struct pst_reason *reason)
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

int pst_update_renew_loader(struct pst_host *host, const struct pst_update *update,
			    struct pst_reason *reason)
{
	int error = 0;

	for (size_t i = 0; i < update->esps.n && !error; i++)
		error = renew(host, update->esps.v[i], reason);
	return error;
}
