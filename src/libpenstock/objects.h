/* SPDX-License-Identifier: MIT */
/* What is behind the opaque types of libpenstock. */
#ifndef PST_LIBPENSTOCK_OBJECTS_H
#define PST_LIBPENSTOCK_OBJECTS_H

#include <penstock/io.h>

#include "gds/io.h"

struct penstock_file {
	struct pst_gds_file *gds;
};

struct penstock_memory {
	struct pst_gds_memory *gds;
};

/* -EFAULT for what is beyond the memory, -EINVAL for what is missing. */
int pst_public_io(const struct penstock_request *request, struct pst_gds_io *ret);

#endif
