// SPDX-License-Identifier: MIT
/*
 * sync-log write FILE ACKED sync|fsync   writes numbered records until it is ended, each in the place of
 *                                        an older one; how many the system has acknowledged is in ACKED
 * sync-log check FILE COUNT              whether FILE has all of those COUNT that it must still have
 *
 * With sync the file is opened with O_SYNC, with fsync each record is followed by fsync(2). ACKED lies
 * where it outlives what is tested. Newer records than those may be there or not: the writer goes on.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/util.h"

#define RECORD_BYTES 4096
#define WORDS	     (RECORD_BYTES / sizeof(uint64_t))
#define PLACES	     1024

static int failed(const char *what)
{
	fprintf(stderr, "sync-log: %s: %s\n", what, strerror(errno));
	return 1;
}

/* Each word differs by its place and its record, so that a record in part is seen. */
static uint64_t word(uint64_t number, size_t i)
{
	return (number << 16 | i) * UINT64_C(0x9e3779b97f4a7c15);
}

static bool write_record(int fd, uint64_t number, bool sync)
{
	uint64_t record[WORDS] = { number };
	off_t place = (off_t)(number % PLACES) * RECORD_BYTES;

	for (size_t i = 1; i < WORDS; i++)
		record[i] = word(number, i);
	return pwrite(fd, record, RECORD_BYTES, place) == RECORD_BYTES && (!sync || fsync(fd) == 0);
}

static int write_log(const char *path, const char *acked, bool fsyncs)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | (fsyncs ? 0 : O_SYNC), 0644);
	int count = open(acked, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || count < 0)
		return failed(fd < 0 ? path : acked);
	for (uint64_t number = 0;; number++) {
		char text[32];
		int len = snprintf(text, sizeof(text), "%020" PRIu64 "\n", number + 1);

		if (!write_record(fd, number, fsyncs))
			return failed(path);
		if (pwrite(count, text, (size_t)len, 0) != len)
			return failed(acked);
	}
}

/* The newest of @count records that was written to @place. */
static uint64_t newest(uint64_t count, uint64_t place)
{
	return (count - 1 - place) / PLACES * PLACES + place;
}

static int check_record(const char *path, const uint64_t *record, uint64_t place, uint64_t count)
{
	uint64_t least = newest(count, place);

	if (record[0] < least || record[0] % PLACES != place) {
		printf("%s: place %" PRIu64 " has record %" PRIu64 ", and %" PRIu64
		       " was acknowledged\n",
		       path, place, record[0], least);
		return 1;
	}
	for (size_t i = 1; i < WORDS; i++) {
		if (record[i] == word(record[0], i))
			continue;
		printf("%s: record %" PRIu64 " is broken at byte %zu\n", path, record[0],
		       i * sizeof(*record));
		return 1;
	}
	return 0;
}

static int check_log(const char *path, uint64_t count)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int status = 0;

	if (fd < 0)
		return failed(path);
	for (uint64_t place = 0; place < PLACES && place < count; place++) {
		uint64_t record[WORDS];
		ssize_t got = pread(fd, record, RECORD_BYTES, (off_t)place * RECORD_BYTES);

		if (got < 0)
			return failed(path);
		if (got != RECORD_BYTES) {
			printf("%s: place %" PRIu64 " is beyond its end\n", path, place);
			return 1;
		}
		status |= check_record(path, record, place, count);
	}
	return status;
}

int main(int argc, char **argv)
{
	unsigned long long count;

	if (argc == 5 && pst_streq(argv[1], "write"))
		return write_log(argv[2], argv[3], pst_streq(argv[4], "fsync"));
	if (argc == 4 && pst_streq(argv[1], "check") &&
	    pst_parse_u64(argv[3], UINT32_MAX, &count) == 0)
		return check_log(argv[2], count);
	fputs("usage: sync-log write FILE ACKED sync|fsync\n       sync-log check FILE COUNT\n",
	      stderr);
	return 2;
}
