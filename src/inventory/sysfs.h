/* SPDX-License-Identifier: MIT */
/* Values and places in sysfs, below a host's root. */
#ifndef PST_INVENTORY_SYSFS_H
#define PST_INVENTORY_SYSFS_H

#include <stdint.h>

#include "node/host.h"

/*
 * A file's first line without blanks around it, in printable ASCII: devices name themselves, and what
 * they say shall neither move a cursor nor end a comment. NULL when there is none or it cannot be read.
 */
char *pst_sysfs_word(const struct pst_host *host, const char *format, ...) __format(2, 3);
/* A whole number; @unknown when there is none. */
int64_t pst_sysfs_number(const struct pst_host *host, int64_t unknown, const char *format, ...)
	__format(3, 4);
/* Where a link leads, without the host's root; NULL when it leads nowhere. */
char *pst_sysfs_real(const struct pst_host *host, const char *format, ...) __format(2, 3);

/* Makes a text printable ASCII in its place, and cuts it at the end of its first line. */
void pst_make_printable(char *text);

/*
 * The last PCI device on the way to a device, as the head of its path in sysfs; NULL when there is
 * none. pst_pci_parent() goes on from there to the bridge above.
 */
char *pst_pci_of(const char *real);
char *pst_pci_parent(const char *pci);
/* DOMAIN:BUS:DEVICE.FUNCTION, the path's last part. */
const char *pst_pci_address(const char *pci);

#endif
