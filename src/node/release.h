/* SPDX-License-Identifier: MIT */
/*
 * A release as it is given away: the files of one or more versions, SHA256SUMS of them, and the
 * signature of that. What is in SHA256SUMS is believed only once the signature was found good.
 */
#ifndef PST_NODE_RELEASE_H
#define PST_NODE_RELEASE_H

#include "base/image.h"
#include "node/host.h"

#define PST_SUMS	   "SHA256SUMS"
#define PST_SUMS_SIGNATURE "SHA256SUMS.gpg"
/* Whose signatures are taken; systemd-sysupdate(8) takes this file as well. */
#define PST_RELEASE_KEYS "/usr/lib/systemd/import-pubring.gpg"

struct pst_sum {
	char *name;
	char sha256[65]; /* in lower case */
};

struct pst_sums {
	struct pst_sum *v;
	size_t n;
};

/* What sha256sum(1) writes; a name that would lead out of the folder is refused. */
int pst_sums_parse(const char *text, struct pst_sums *ret, struct pst_reason *reason);
void pst_sums_free(struct pst_sums *sums);
#define __cleanup_sums __cleanup(pst_sums_free)

enum pst_part { PST_PART_ROOT, PST_PART_VERITY, PST_PART_KERNEL, PST_N_PARTS };

/* One version for one role: its parts are in the sums, which must outlive it. */
struct pst_offer {
	char *version;
	const struct pst_sum *parts[PST_N_PARTS];
};

/*
 * The newest whole version for @role. -ENOENT: there is none, and the reason says what there is
 * instead.
 */
int pst_offer_choose(struct pst_host *host, const struct pst_sums *sums, const char *role,
		     struct pst_offer *ret, struct pst_reason *reason);
void pst_offer_free(struct pst_offer *offer);
#define __cleanup_offer __cleanup(pst_offer_free)

/* What gpg(1) said on its status channel of a signature: 0, or -EKEYREJECTED and the reason. */
int pst_signature_judge(const char *status, struct pst_reason *reason);

/* As UAPI's version format has it. */
int pst_version_is_newer(struct pst_host *host, const char *version, const char *than, bool *ret,
			 struct pst_reason *reason);
/* Whether it can stand in the name of a file and in a partition's label. */
bool pst_version_is_valid(const char *version);

#endif
