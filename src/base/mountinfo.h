/* SPDX-License-Identifier: MIT */
/* What the kernel says of mounts: /proc/PID/mountinfo, proc_pid_mountinfo(5). */
#ifndef PST_BASE_MOUNTINFO_H
#define PST_BASE_MOUNTINFO_H

#include "base/util.h"

struct pst_mountinfo {
	unsigned long long id;
	char *device; /* MAJOR:MINOR */
	char *target;
	char *type;
	char *source;
	char *options; /* of the file system, as the kernel states them */
};

/*
 * Takes one line and moves @text past it. -ENOENT at the end of the text, -EBADMSG for a line of another shape (@text
 * stays before it), -ENOMEM.
 */
int pst_mountinfo_next(const char **text, struct pst_mountinfo *ret);
void pst_mountinfo_free(struct pst_mountinfo *mount);
#define __cleanup_mountinfo __cleanup(pst_mountinfo_free)

bool pst_mountinfo_is_nfs(const char *type);
/* The value of "NAME=VALUE" among options; NULL when it is not there, or without memory. */
char *pst_mountinfo_option(const char *options, const char *name);
/* Whether "NAME" is among options. */
bool pst_mountinfo_flag(const char *options, const char *name);

#endif
