/* SPDX-License-Identifier: MIT */
/* A release as a medium carries it: a directory of files, and SHA256SUMS of them. */
#ifndef PST_INSTALL_RELEASE_H
#define PST_INSTALL_RELEASE_H

#include "base/image.h"
#include "node/host.h"

#define PST_SHA256_HEX 65 /* with the NUL */

struct pst_release_file {
	char *name; /* below the release's directory */
	char sum[PST_SHA256_HEX];
};

struct pst_release_dir {
	char *dir;
	char *name; /* penstock-ROLE_VERSION */
	char *root, *verity; /* names of files; so are those below */
	char *root_uuid, *verity_uuid;
	char *kernel;
	struct pst_release_file *files; /* all that SHA256SUMS lists */
	size_t n_files;
};

#define PST_BOOT_LOADER "systemd-bootx64.efi"

/* Reads which files a release consists of; each must be listed and be there. */
int pst_release_dir_read(const struct pst_host *host, const char *dir,
			 const struct pst_release *release, struct pst_release_dir *ret,
			 struct pst_reason *reason);
/* The same of the text of SHA256SUMS alone. */
int pst_release_dir_parse(const char *sums, const char *dir, const struct pst_release *release,
			  struct pst_release_dir *ret, struct pst_reason *reason);
void pst_release_dir_free(struct pst_release_dir *release);
#define __cleanup_release_dir __cleanup(pst_release_dir_free)

const struct pst_release_file *pst_release_file(const struct pst_release_dir *release,
						const char *name);

/*
 * The SHA-256 of a file, or of the first @limit_bytes of it where that is not 0, read from the medium itself and not
 * from memory.
 */
int pst_sum_file(const char *path, unsigned long long limit_bytes, char ret_hex[PST_SHA256_HEX],
		 struct pst_reason *reason);

#endif
