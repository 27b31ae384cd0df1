// SPDX-License-Identifier: MIT
/* What went which way, of each file and of the process. */
#include "gds/file.h"

static struct pst_gds_tally process;

static void add(atomic_uint_least64_t *counter, uint64_t n)
{
	atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static void count(struct pst_gds_tally *tally, bool write, enum pst_bounce bounce, ssize_t result)
{
	add(&tally->operations, 1);
	if (result < 0)
		add(&tally->errors, 1);
	else if (bounce == PST_BOUNCE_NONE)
		add(&tally->direct_bytes[write], (uint64_t)result);
	else
		add(&tally->bounced_bytes[write][bounce], (uint64_t)result);
}

void pst_gds_count(struct pst_gds_file *file, bool write, enum pst_bounce bounce, ssize_t result)
{
	count(&file->tally, write, bounce, result);
	count(&process, write, bounce, result);
}

static void read_tally(const struct pst_gds_tally *tally, struct pst_gds_counters *ret)
{
	ret->read_direct_bytes = atomic_load(&tally->direct_bytes[0]);
	ret->write_direct_bytes = atomic_load(&tally->direct_bytes[1]);
	for (int i = 0; i < PST_BOUNCE_COUNT; i++) {
		ret->read_bounced_bytes[i] = atomic_load(&tally->bounced_bytes[0][i]);
		ret->write_bounced_bytes[i] = atomic_load(&tally->bounced_bytes[1][i]);
	}
	ret->operations = atomic_load(&tally->operations);
	ret->errors = atomic_load(&tally->errors);
}

void pst_gds_file_counters(const struct pst_gds_file *file, struct pst_gds_counters *ret)
{
	read_tally(&file->tally, ret);
}

void pst_gds_process_counters(struct pst_gds_counters *ret)
{
	read_tally(&process, ret);
}

uint64_t pst_gds_bounced_bytes(const struct pst_gds_counters *counters)
{
	uint64_t bytes = 0;

	for (int i = 0; i < PST_BOUNCE_COUNT; i++)
		bytes += counters->read_bounced_bytes[i] + counters->write_bounced_bytes[i];
	return bytes;
}
