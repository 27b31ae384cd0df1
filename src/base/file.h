/* SPDX-License-Identifier: MIT */
/* Whole files: read, replaced in one go, removed. */
#ifndef PST_BASE_FILE_H
#define PST_BASE_FILE_H

#include <sys/types.h>

#include "base/reason.h"
#include "base/str.h"

/* Nothing that Penstock reads is larger; a larger file is a mistake, or hostile. */
#define PST_FILE_MAX_BYTES ((size_t)4 << 20)

/*
 * Reads a whole file into fresh, NUL-terminated memory. ret_len may be NULL; then a file with a NUL
 * byte in it is refused. Returns -ENOENT and fills in no reason when there is no such file.
 */
int pst_file_read(const char *path, char **ret_text, size_t *ret_len, struct pst_reason *reason);

/* Adds what can be read from @fd up to its end; -EFBIG beyond @max_bytes. */
int pst_file_read_all(int fd, size_t max_bytes, struct pst_buf *buf);

/*
 * Makes @path hold exactly @text, by writing a temporary file beside it, syncing and renaming: a
 * reader, and a machine that loses power, sees the old file or the new one. Missing directories are
 * made (mode 0755).
 */
int pst_file_write(const char *path, const char *text, mode_t mode, struct pst_reason *reason);

/* The same, but never over a file that is there: -EEXIST. */
int pst_file_write_new(const char *path, const char *text, mode_t mode, struct pst_reason *reason);

/* A name, that of a directory as well, is on the disk for good when the directory that it is in was synced. */
int pst_file_sync_name(const char *path, struct pst_reason *reason);
/* Removes a file; that it is not there is no error. */
int pst_file_remove(const char *path, struct pst_reason *reason);

/* Makes the directories above @path. */
int pst_file_make_parents(const char *path, struct pst_reason *reason);

#endif
