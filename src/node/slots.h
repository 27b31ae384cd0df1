/* SPDX-License-Identifier: MIT */
/*
 * The versions that are on a boot disk: each is a root and a verity partition of its label, and an
 * entry in EFI/Linux whose name counts the tries (systemd.io, Automatic Boot Assessment).
 */
#ifndef PST_NODE_SLOTS_H
#define PST_NODE_SLOTS_H

#include "base/image.h"
#include "node/host.h"

#define PST_SLOT_EMPTY	 "_empty"
#define PST_NO_TRIES	 (-1)
#define PST_ENTRIES_PATH "EFI/Linux"

struct pst_slot {
	char *version;
	char *root; /* the partition; NULL when there is none of that version, so are the two below */
	char *verity;
	char *entry; /* a name in EFI/Linux */
	int tries_left; /* PST_NO_TRIES: not counted, for it is known to be good */
	int tries_done;
};

/* A partition for a root or a verity tree, used or not. */
struct pst_place {
	char *node;
	char *label;
	unsigned int number; /* in the table, from 1 */
	unsigned long long bytes;
	bool verity;
};

struct pst_slots {
	struct pst_slot *v;
	size_t n;
	struct pst_place *places;
	size_t n_places;
};

/* Adds what sfdisk --json says of a disk: partitions labelled penstock-ROLE_VERSION, or _empty. */
int pst_slots_parse_table(const char *json, const char *role, struct pst_slots *slots,
			  struct pst_reason *reason);
/* Adds a file of EFI/Linux; one that is not ours is left alone. */
int pst_slots_add_entry(const char *name, const char *role, struct pst_slots *slots);
struct pst_slot *pst_slot_find(const struct pst_slots *slots, const char *version);
void pst_slots_free(struct pst_slots *slots);
#define __cleanup_slots __cleanup(pst_slots_free)

/* Whether the device of a boot disk is there, and still the disk that it was at boot. */
bool pst_boot_disk_is_there(const struct pst_host *host, const struct pst_image *image, size_t n);

/* Whether all of it is there. */
bool pst_slot_is_whole(const struct pst_slot *slot);
/* Whether it was tried as often as it may, and never came up. */
bool pst_slot_is_bad(const struct pst_slot *slot);

#endif
