/* SPDX-License-Identifier: MIT */
/* What a client needs to mount what this storage node exports, from its configuration alone. */
#ifndef PST_NODE_BUNDLE_H
#define PST_NODE_BUNDLE_H

#include "conf/conf.h"

struct pst_bundle {
	struct pst_strv mounts; /* commands */
	struct pst_strv fstab; /* lines */
	char *cufile_json;
	char *penstock_yaml;
};

/*
 * @client is the client's address, or NULL: then nothing is said of who is admitted. @export is a path, or
 * NULL for all that admit the client. -EINVAL: there can be none, and @reason says why.
 */
int pst_bundle_make(const struct pst_conf *conf, const char *client, const char *export,
		    struct pst_bundle *ret, struct pst_reason *reason);
void pst_bundle_free(struct pst_bundle *bundle);
#define __cleanup_bundle __cleanup(pst_bundle_free)

#endif
