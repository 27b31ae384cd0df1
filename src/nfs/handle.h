/* SPDX-License-Identifier: MIT */
/* The server's handle of a file, out of an open fd on an NFS mount (Linux, fs/nfs/export.c). */
#ifndef PST_NFS_HANDLE_H
#define PST_NFS_HANDLE_H

#include <stdint.h>

#include "base/reason.h"

#define PST_FH_BYTES 64 /* NFS3_FHSIZE (RFC 1813, 2.4) */

struct pst_fh {
	uint32_t length_bytes;
	uint8_t data[PST_FH_BYTES];
};

/*
 * Needs no privilege. -EOPNOTSUPP: the file system has no handles; -EMEDIUMTYPE: it is not NFS or the handle is
 * not of the form that fs/nfs/export.c makes; -EOVERFLOW: a handle longer than version 3 allows.
 */
int pst_fh_of_fd(int fd, struct pst_fh *ret, struct pst_reason *reason);
/* The pure part: @handle is the f_handle of a struct file_handle of @type. */
int pst_fh_parse(const uint8_t *handle, uint32_t length_bytes, int type, struct pst_fh *ret);

#endif
