/* SPDX-License-Identifier: MIT */
/* What the tests of src/conf share: the beginnings of files, and what is refused in them. */
#ifndef PST_TESTS_REFUSED_H
#define PST_TESTS_REFUSED_H

#include "common.h"

#define NODE   "node: {name: n, role: storage}\n"
#define GPU    "node: {name: n, role: gpu}\n"
#define NET    NODE "network:\n"
#define POOL   NODE "pools:\n"
#define DISKS3 "[/dev/a, /dev/b, /dev/c]"
#define TANK   POOL "- {name: tank, layout: raidz1, disks: " DISKS3 "}\n"
#define DATA   TANK "datasets:\n- {name: tank/data}\n"
#define EXPORT DATA "exports:\n- path: /tank/data\n  clients:\n"
#define MOUNT  GPU "mounts:\n"

struct row {
	const char *name;
	const char *text;
	const char *refusal; /* LINE: KEY: TEXT, one a line; NULL when nothing is wrong */
};

/* A test for such a row. */
void is_refused(void **state);

#endif
