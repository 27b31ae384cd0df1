/* SPDX-License-Identifier: MIT */
/* The mount that a file is on, and whether it can have a direct path. */
#ifndef PST_GDS_MOUNT_H
#define PST_GDS_MOUNT_H

#include <sys/socket.h>

#include "gds/gds.h"

#define PST_GDS_DEADLINE_HARD_MS (UINT64_C(10) * 60 * 1000)

/* Strings are never NULL, but "" for what the kernel does not state. */
struct pst_gds_mount {
	char *target;
	char *source;
	char *type;
	char *version;
	char *proto;
	char *security; /* sec= */
	char *encryption; /* xprtsec= */
	char *server; /* address and port, as a person writes them */
	uint64_t deadline_ms; /* how long each part of an operation may take */
	struct sockaddr_storage address; /* of the family AF_UNSPEC when there is none */
};

/*
 * Finds the mount of this id in the text of mountinfo, or else, if @device ("MAJOR:MINOR") is not NULL, one of that
 * device: the fd may come from another mount namespace. -ENOENT; -EBADMSG; -ENOMEM.
 */
int pst_gds_mount_find(const char *mountinfo, unsigned long long id, const char *device,
		       struct pst_gds_mount *ret);
int pst_gds_mount_of_fd(int fd, struct pst_gds_mount *ret, struct pst_reason *reason);
void pst_gds_mount_free(struct pst_gds_mount *mount);

/* What the mount and the flags of open(2) say against a direct path, and in @reason why. */
enum pst_bounce pst_gds_mount_judge(const struct pst_gds_mount *mount, int open_flags,
				    struct pst_reason *reason);

#endif
