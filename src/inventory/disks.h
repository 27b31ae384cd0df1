/* SPDX-License-Identifier: MIT */
/* The disks of a machine: what they are, how well they are, and what is on them. */
#ifndef PST_INVENTORY_DISKS_H
#define PST_INVENTORY_DISKS_H

#include <stdint.h>

#include "base/reason.h"
#include "base/str.h"
#include "node/host.h"

#define PST_UNKNOWN (-1)

struct pst_lba_format {
	uint32_t data_bytes;
	uint32_t metadata_bytes;
	bool in_use;
};

/* A PCI Express link; 0 where it is not known. */
struct pst_pci_link {
	unsigned int speed_mts; /* megatransfers a second and lane: 16000 for 16 GT/s */
	unsigned int width;
};

enum pst_disk_use {
	PST_USE_UNKNOWN, /* nothing is known to be on it, and not everything could be looked at */
	PST_USE_FREE, /* nothing is on it */
	PST_USE_POOL, /* a disk of a pool that is imported */
	PST_USE_DATA, /* something else is on it, or uses it */
};

struct pst_disk {
	char *name; /* the kernel's */
	struct pst_strv ids; /* its names in /dev/disk/by-id, the best one first */
	char *model, *serial; /* NULL: unknown, as all strings here */
	uint64_t size_bytes;
	int64_t logical_bytes, physical_bytes; /* of a block */
	struct pst_lba_format *formats;
	size_t n_formats;
	char *pci; /* address of the disk's controller */
	struct pst_pci_link link;
	struct pst_pci_link possible; /* what both ends of that link can */
	int64_t numa_node; /* PST_UNKNOWN, as all signed numbers here */
	int64_t temperature_celsius; /* INT64_MIN: unknown */
	int64_t wear_percent;
	int64_t media_errors;
	bool removable;
	bool read_only;
	bool used; /* by the kernel, now: mounted, held, swap, ... */
	enum pst_disk_use use;
	char *pool, *vdev; /* with PST_USE_POOL */
	struct pst_strv found; /* what is on it, in words */
};

struct pst_disks {
	struct pst_disk *v;
	size_t n;
	struct pst_strv pools; /* the names of pools that are imported */
	struct pst_strv notes; /* what could not be seen, and why */
};

/*
 * Looks at all disks. @all: also at what only root may see; without it, a disk on which nothing is seen is
 * not called free.
 */
int pst_disks_observe(struct pst_host *host, bool all, struct pst_disks *ret,
		      struct pst_reason *reason);
void pst_disks_free(struct pst_disks *disks);
#define __cleanup_disks __cleanup(pst_disks_free)

/* Whether a link runs below what both of its ends can. */
bool pst_link_is_slow(struct pst_pci_link link, struct pst_pci_link possible);
/* The name for penstock.yaml; NULL when udev gave none that will do. */
const char *pst_disk_id(const struct pst_disk *disk);
const char *pst_disk_use_name(enum pst_disk_use use);

/* What nvme(1) says; for the tests and the fuzzers. */
int pst_nvme_parse_smart(const char *json, struct pst_disk *disk, struct pst_reason *reason);
int pst_nvme_parse_formats(const char *json, struct pst_disk *disk, struct pst_reason *reason);

#endif
