// SPDX-License-Identifier: MIT
/*
 * Ends the time in which the TPM gives the key of an encrypted disk. The key is bound to PCR 7, which is the same for
 * all that the owner has signed, and to PCR 15 as it is before this: whatever was started, a medium or another disk with
 * a root account of its own, cannot ask the TPM for the key of this one afterwards.
 */
#include <errno.h>
#include <stdio.h>

#include "preinit/preinit.h"

#define TPM    "/dev/tpmrm0"
#define EXTEND "/usr/lib/systemd/systemd-pcrextend"

void pst_measure_end(void)
{
	struct pst_reason __cleanup_reason reason = { 0 };

	if (access(TPM, F_OK) < 0)
		return;
	/* Whether or not the stub measured something before. */
	setenv("SYSTEMD_FORCE_MEASURE", "1", 1);
	if (pst_tool(&reason, EXTEND, "--pcr=15", "penstock:started"))
		fprintf(stderr, "penstock: the TPM goes on giving the key of the disk: %s\n",
			pst_reason_text(&reason, -EIO));
	unsetenv("SYSTEMD_FORCE_MEASURE");
}
