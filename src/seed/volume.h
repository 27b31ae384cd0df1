/* SPDX-License-Identifier: MIT */
/* A file system on a medium that is not trusted, read without mounting it anywhere. */
#ifndef PST_SEED_VOLUME_H
#define PST_SEED_VOLUME_H

#include "seed/seed.h"

/* Opens the top directory of the FAT or ISO 9660 file system on @device, read-only. */
int pst_volume_open(const char *device, int *ret_directory, struct pst_reason *reason);
/* Reads a plain file of the top directory; that it is not there is no error. */
int pst_volume_read(int directory, const char *name, struct pst_seed_file *ret,
		    struct pst_reason *reason);

#endif
