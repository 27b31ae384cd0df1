// SPDX-License-Identifier: MIT
/*
 * Ends the time in which the TPM gives the key of an encrypted disk. The key is bound to PCR 7, which is the same for
 * all that the owner has signed, and to PCR 15 as it is before this: whatever was started, a medium or another disk with
 * a root account of its own, cannot ask the TPM for the key of this one afterwards. Without Secure Boot whoever is at
 * the machine can start what they like, which asks before this; only with it is a failure more than a remark.
 */
#include <errno.h>
#include <stdio.h>

#include "base/file.h"
#include "preinit/preinit.h"

#define TPM	    "/dev/tpmrm0"
#define EXTEND	    "/usr/lib/systemd/systemd-pcrextend"
#define SECURE_BOOT "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"

bool pst_is_secure_boot(const char *variable)
{
	char __cleanup_free *bytes = NULL;
	size_t len;
	int error = pst_file_read(variable, &bytes, &len, NULL);

	/* Four bytes of attributes, and the value. What cannot be read may be on. */
	return error ? error != -ENOENT : len != 5 || bytes[4];
}

static int extend(struct pst_reason *reason)
{
	int error;

	/* Whether or not the stub measured something before. */
	setenv("SYSTEMD_FORCE_MEASURE", "1", 1);
	error = pst_tool(reason, EXTEND, "--pcr=15", "penstock:started");
	unsetenv("SYSTEMD_FORCE_MEASURE");
	return error;
}

int pst_measure_end(struct pst_reason *reason)
{
	struct pst_reason __cleanup_reason why = { 0 };
	int error = access(TPM, F_OK) < 0 ? 0 : extend(&why);

	if (!error)
		return 0;
	if (pst_is_secure_boot(SECURE_BOOT))
		return pst_fail(
			reason, error,
			"the TPM would go on giving the key of an encrypted disk (one that is "
			"broken can be switched off in the firmware's menu): %s",
			pst_reason_text(&why, error));
	fprintf(stderr, "penstock: the TPM goes on giving the key of the disk: %s\n",
		pst_reason_text(&why, error));
	return 0;
}
