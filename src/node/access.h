/* SPDX-License-Identifier: MIT */
/*
 * Whether a user may read or write a file, here or from a client of this NFS server, and if not, what stands in the way.
 * The judgement is a pure function of what was observed.
 */
#ifndef PST_NODE_ACCESS_H
#define PST_NODE_ACCESS_H

#include <sys/types.h>

#include "conf/conf.h"
#include "node/host.h"
#include "node/state.h"

/* As linux/posix_acl.h has its tags and bits. */
struct pst_acl_entry {
	unsigned int tag;
	unsigned int bits;
	uint32_t id;
};

/* One directory on the way to a file, or the file itself. */
struct pst_place {
	char *path;
	uid_t owner;
	gid_t group;
	mode_t mode; /* with its type */
	dev_t device;
	struct pst_acl_entry *acl; /* none: the mode alone */
	size_t n_acl;
};

struct pst_way {
	struct pst_place *v; /* from / on */
	size_t n;
	bool read_only; /* the file system at its end */
};

/* Who: the groups are all, the first one among them. */
struct pst_person {
	uid_t uid;
	gid_t gid;
	gid_t *groups;
	size_t n_groups;
};

struct pst_access_query {
	const struct pst_person *person;
	const struct pst_way *way;
	const char *client; /* an address; NULL: on this node */
	bool write; /* else read */
	const struct pst_export_state
		*exports; /* of hosts that were given by name, by their address too */
	size_t n_exports;
};

struct pst_verdict {
	struct pst_strv obstacles; /* none: it may */
	struct pst_strv notes;
};

/* -ENOMEM, or 0. */
int pst_access_judge(const struct pst_access_query *access, struct pst_verdict *ret);
void pst_verdict_free(struct pst_verdict *verdict);
#define __cleanup_verdict __cleanup(pst_verdict_free)

/* What stands in the way of these bits at one place, in words; NULL when nothing does. For who is not root. */
char *pst_place_obstacle(const struct pst_place *place, const struct pst_person *person,
			 unsigned int bits);

/* The way to a file, which is followed through links; an error names what is not there. */
int pst_way_observe(const char *path, struct pst_way *ret, struct pst_reason *reason);
/* The extended attribute in which Linux hands out an ACL; -EBADMSG when it is no such thing. */
int pst_acl_parse(const uint8_t *bytes, size_t len, struct pst_place *place);
void pst_way_free(struct pst_way *way);
#define __cleanup_way __cleanup(pst_way_free)

#endif
