/* SPDX-License-Identifier: MIT */
/*
 * What preinit found and mounted, for the program to read: /run/penstock/image, and which release it
 * is, from os-release(5).
 */
#ifndef PST_BASE_IMAGE_H
#define PST_BASE_IMAGE_H

#include "base/reason.h"
#include "base/str.h"

#define PST_IMAGE_FILE	    "/run/penstock/image"
#define PST_OS_RELEASE_FILE "/usr/lib/os-release"

/* In place of a number that was not to be had. */
#define PST_NO_DISKSEQ "?"

struct pst_image {
	struct pst_strv disks; /* whole boot disks; none when live, two of a mirrored pair */
	struct pst_strv esps; /* their EFI partitions, in the same order */
	struct pst_strv diskseqs; /* numbers that no other disk gets, in the same order; or none */
	char *root; /* device with the erofs */
	char *verity; /* device with its hash tree */
	char *state; /* device with the state file system; NULL when live */
	char *roothash;
	char *medium; /* where the medium is mounted; NULL unless live */
};

struct pst_release {
	char *role; /* of the image: storage, gpu or minimal */
	char *version;
};

/*
 * KEY=VALUE lines as pst_image_text() writes them; an unknown key is left alone. -ENOENT: there is no
 * such file, and so this is not a system of ours that preinit has started. -EINVAL: it is damaged.
 */
int pst_image_read(const char *path, struct pst_image *ret, struct pst_reason *reason);
int pst_image_parse(const char *text, struct pst_image *ret, struct pst_reason *reason);
/* NULL without memory. */
char *pst_image_text(const struct pst_image *image);
void pst_image_free(struct pst_image *image);
#define __cleanup_image __cleanup(pst_image_free)

/* Reads IMAGE_ID=penstock-ROLE and IMAGE_VERSION=VERSION; -ENOENT when it is no system of ours. */
int pst_release_read(const char *path, struct pst_release *ret, struct pst_reason *reason);
int pst_release_parse(const char *text, struct pst_release *ret, struct pst_reason *reason);
void pst_release_free(struct pst_release *release);
#define __cleanup_release __cleanup(pst_release_free)

#endif
