/* SPDX-License-Identifier: MIT */
/*
 * Where the direct path asks the world: replaced by tests, which have no network and no mount. Not exported by any
 * shared library.
 */
#ifndef PST_GDS_HOOKS_H
#define PST_GDS_HOOKS_H

#include "nfs/nfs.h"

struct pst_gds_hooks {
	const struct pst_transport *transport;
	/* The text of mountinfo, fresh memory, and the id of the mount that @fd is on. */
	int (*mountinfo)(int fd, char **ret_text, unsigned long long *ret_id);
	int (*fh_of_fd)(int fd, struct pst_fh *ret, struct pst_reason *reason);
	uint32_t timeout_ms; /* instead of the mount's deadline and the client's; 0: those */
};

extern struct pst_gds_hooks pst_gds_hooks;

#endif
