/* SPDX-License-Identifier: MIT */
/*
 * Another version of the system beside the one that runs. systemd-sysupdate(8) writes it, the entry
 * of the boot loader last; what is written is brought here and checked first, so that nothing that
 * works is given up for what turns out to be incomplete.
 */
#ifndef PST_NODE_UPDATE_H
#define PST_NODE_UPDATE_H

#include "node/release.h"
#include "node/slots.h"

/* Where what was downloaded or unpacked stands while it is needed. */
#define PST_UPDATE_WORK "/var/lib/penstock/update"

/* An installed system: what runs, and what is on each of its boot disks. */
struct pst_update {
	struct pst_image image; /* without the boot disks that are away */
	struct pst_release release;
	struct pst_slots *disks; /* as many as image.disks, and in that order */
	struct pst_strv
		away; /* boot disks that are not there any more, or are other ones than at boot */
	struct pst_strv esps; /* where their EFI partitions are mounted; private to the process */
	char *preferred; /* the version that the boot loader was told to start; NULL: none */
};

/*
 * -EOPNOTSUPP: this is no installed system, and @reason says what it is. The EFI partitions stay
 * mounted until pst_update_close().
 */
int pst_update_open(struct pst_host *host, struct pst_update *ret, struct pst_reason *reason);
void pst_update_close(struct pst_host *host, struct pst_update *update);

/* The version that the next boot starts; NULL when it cannot be told. */
int pst_update_next(struct pst_host *host, const struct pst_update *update, const char **ret,
		    struct pst_reason *reason);
/* A version on all disks; NULL when it is missing or not whole on one of them. */
const struct pst_slot *pst_update_whole(const struct pst_update *update, const char *version);
/* Whether an update to @version writes to a disk: what runs is written only where it is not whole. */
bool pst_update_writes(const struct pst_update *update, size_t disk, const char *version);
/* What stays on a disk whatever is written to it; NULL: nothing. */
const struct pst_slot *pst_update_kept(const struct pst_update *update, size_t disk);
/* The newest version that was given up; NULL: none. */
const struct pst_slot *pst_update_given_up(const struct pst_update *update);

/* A release that was found, with a good signature. */
struct pst_bundle {
	char *source; /* FILE, DIR or URL, as it was given */
	char *folder; /* where its parts are, or will be */
	bool is_url, is_tar; /* the parts are still to be brought */
	const char *prefix; /* of the names in a tar: "" or "./" */
	struct pst_sums sums;
	struct pst_offer offer;
};

/* Brings SHA256SUMS, checks its signature, and chooses the newest version in it. */
int pst_bundle_open(struct pst_host *host, const char *source, const char *role,
		    struct pst_bundle *ret, struct pst_reason *reason);
/* 0, or -EEXIST and why this version is not to be installed. */
int pst_update_wants(struct pst_host *host, const struct pst_update *update,
		     const struct pst_bundle *bundle, struct pst_reason *reason);
/* Brings the parts, and checks each by its sum, and whether there is room for it. */
int pst_bundle_fetch(struct pst_host *host, const struct pst_update *update,
		     const struct pst_bundle *bundle, struct pst_reason *reason);
/* Removes what was brought. */
void pst_bundle_close(struct pst_host *host, struct pst_bundle *bundle);

/* Writes it to each disk in place of what does not run there. From here on there is nothing to go back to. */
int pst_update_install(struct pst_host *host, const struct pst_update *update,
		       const struct pst_bundle *bundle, struct pst_reason *reason);
/* The text of a transfer definition, sysupdate.d(5); NULL without memory. */
char *pst_update_transfer(const struct pst_update *update, size_t disk, enum pst_part part);

/*
 * For the version that runs, once it was found good: its tries are no longer counted on any boot disk, and its boot loader
 * is put on all of them where theirs is not newer.
 */
int pst_update_found_good(struct pst_host *host, const struct pst_update *update,
			  struct pst_reason *reason);

/*
 * Has the boot loader start the other version from now on. One that was not found good yet is called off, or
 * tried after all; *ret is what is started next.
 */
int pst_update_rollback(struct pst_host *host, const struct pst_update *update, const char **ret,
			struct pst_reason *reason);

#endif
