/* SPDX-License-Identifier: MIT */
/* An installation as it is asked for, by answers: which release from where, to which disks. */
#ifndef PST_INSTALL_JOB_H
#define PST_INSTALL_JOB_H

#include "base/image.h"
#include "install/install.h"

struct pst_job {
	struct pst_host *host;
	struct pst_image image;
	struct pst_release release;
	struct pst_release_dir dir;
	void (*say)(void *context, const char *text); /* as in struct pst_install */
	int (*show_key)(const char *key, struct pst_reason *reason);
	void *context;
};

/*
 * Finds out what would be installed. -EPERM: this system was not started from a medium; -ENOENT: it is no system of
 * Penstock's images at all.
 */
int pst_job_open(struct pst_host *host, struct pst_job *ret, struct pst_reason *reason);
void pst_job_free(struct pst_job *job);
#define __cleanup_job __cleanup(pst_job_free)

/*
 * Installs. -EPERM: refused, nothing was changed, and @problems have why, with the keys of the answers, or @reason has.
 */
int pst_job_run(struct pst_job *job, const struct pst_answers_doc *answers,
		struct pst_problems *problems, struct pst_reason *reason);

/*
 * Answers that the medium, a systemd credential in @credentials (a directory, or NULL) or a file system labelled
 * PENSTOCKCFG has, in this order. -ENOENT and no reason: there are none.
 */
int pst_answers_search(struct pst_job *job, const char *credentials, char **ret_file,
		       char **ret_text, struct pst_reason *reason);

#endif
