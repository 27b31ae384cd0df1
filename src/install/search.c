// SPDX-License-Identifier: MIT
/* Where answers for an installation without a person are found. */
#include <errno.h>

#include "base/file.h"
#include "install/job.h"

#define NAME	   "answers.yaml"
#define CREDENTIAL "penstock.answers"
#define LABELLED   "/dev/disk/by-label/PENSTOCKCFG"
#define MOUNT	   "/run/penstock/install/cfg"

static int try_file(struct pst_job *job, char *path, char **ret_file, char **ret_text,
		    struct pst_reason *reason)
{
	char __cleanup_free *owned = path;
	int error = owned ? pst_host_read(job->host, owned, ret_text, reason) : -ENOMEM;

	if (!error)
		*ret_file = TAKE_PTR(owned);
	return error;
}

/* Only what a medium has: another file system would play its journal back, on a disk that nobody released. */
static int try_labelled(struct pst_job *job, char **ret_file, char **ret_text,
			struct pst_reason *reason)
{
	struct pst_install helper = { .host = job->host };
	char __cleanup_free *inside = pst_host_path(job->host, MOUNT "/");
	int error, after;

	if (!pst_host_exists(job->host, LABELLED))
		return -ENOENT;
	error = inside ? pst_file_make_parents(inside, reason) : -ENOMEM;
	if (!error)
		error = PST_COMMAND(&helper, reason, "mount", "-t", "vfat,iso9660", "-o",
				    "ro,nosuid,nodev,noexec", LABELLED, MOUNT);
	if (error)
		return error == -ENOENT ? -EIO : error;
	error = try_file(job, strdup(MOUNT "/" NAME), ret_file, ret_text, reason);
	/* It may be on a disk that the answers are about. */
	after = pst_install_unmount(&helper, "cfg", error ? NULL : reason);
	return error ? error : after;
}

int pst_answers_search(struct pst_job *job, const char *credentials, char **ret_file,
		       char **ret_text, struct pst_reason *reason)
{
	int error = try_file(job, pst_printf("%s/" NAME, job->dir.dir), ret_file, ret_text, reason);

	if (error == -ENOENT && credentials)
		error = try_file(job, pst_printf("%s/" CREDENTIAL, credentials), ret_file, ret_text,
				 reason);
	return error == -ENOENT ? try_labelled(job, ret_file, ret_text, reason) : error;
}
