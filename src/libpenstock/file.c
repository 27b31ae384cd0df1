// SPDX-License-Identifier: MIT
/* Files. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "objects.h"

int penstock_file_open(int fd, struct penstock_file **ret)
{
	struct penstock_file *file;
	int error;

	if (!ret)
		return -EINVAL;
	file = calloc(1, sizeof(*file));
	if (!file)
		return -ENOMEM;
	error = pst_gds_open(fd, &file->gds, NULL);
	if (error) {
		free(file);
		return error;
	}
	*ret = file;
	return 0;
}

void penstock_file_close(struct penstock_file *file)
{
	if (!file)
		return;
	pst_gds_close(file->gds);
	free(file);
}

/* A program that was built when the struct was shorter, or longer, gets what it knows, and zeros. */
static int give(void *to, size_t size_bytes, const void *from, size_t known_bytes)
{
	if (!to || !size_bytes)
		return -EINVAL;
	memset(to, 0, size_bytes);
	memcpy(to, from, size_bytes < known_bytes ? size_bytes : known_bytes);
	return 0;
}

int penstock_file_path(const struct penstock_file *file, struct penstock_path *ret,
		       size_t size_bytes)
{
	struct pst_gds_path path;

	if (!file)
		return -EINVAL;
	pst_gds_path(file->gds, &path);

	struct penstock_path known = {
		.direct = path.bounce == PST_BOUNCE_NONE,
		.read_max_bytes = path.read_max_bytes,
		.write_max_bytes = path.write_max_bytes,
		.bounce = pst_bounce_name(path.bounce),
		.reason = path.reason,
		.advice = pst_bounce_advice(path.bounce),
		.server = path.server,
		.device = path.device,
	};

	return give(ret, size_bytes, &known, sizeof(known));
}

int penstock_file_counters(const struct penstock_file *file, struct penstock_counters *ret,
			   size_t size_bytes)
{
	struct penstock_counters known = { 0 };
	struct pst_gds_counters counters;

	if (file)
		pst_gds_file_counters(file->gds, &counters);
	else
		pst_gds_process_counters(&counters);
	known.read_direct_bytes = counters.read_direct_bytes;
	known.write_direct_bytes = counters.write_direct_bytes;
	for (int i = 0; i < PST_BOUNCE_COUNT; i++) {
		known.read_bounced_bytes += counters.read_bounced_bytes[i];
		known.write_bounced_bytes += counters.write_bounced_bytes[i];
	}
	known.operations = counters.operations;
	known.errors = counters.errors;
	return give(ret, size_bytes, &known, sizeof(known));
}
