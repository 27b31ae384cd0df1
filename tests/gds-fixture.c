// SPDX-License-Identifier: MIT
#include "gds-fixture.h"

#include <stdio.h>
#include <sys/mman.h>

#include "base/str.h"
#include "gds/hooks.h"
#include "rows.h"

#define MOUNT_ID 77

static const struct gds_fixture *serving;
static const char *mount_type, *mount_options;

static int mountinfo(int fd, char **ret_text, unsigned long long *ret_id)
{
	(void)fd;
	*ret_text = pst_printf("22 1 0:21 / / rw,relatime - ext4 /dev/vda1 rw\n"
			       "%d 22 0:45 / /mnt/data rw,relatime shared:20 - %s "
			       "10.77.0.1:/tank/data rw,%s\n",
			       MOUNT_ID, mount_type, mount_options);
	*ret_id = MOUNT_ID;
	return 0;
}

static int fh_of_fd(int fd, struct pst_fh *ret, struct pst_reason *reason)
{
	(void)fd;
	if (serving->handle_error)
		return pst_fail_errno(reason, serving->handle_error, "no handle");
	*ret = serving->server.fh;
	ret->data[0] ^= serving->stale;
	return 0;
}

void gds_fixture_timeout(uint32_t timeout_ms)
{
	pst_gds_hooks.timeout_ms = timeout_ms;
}

void gds_fixture_start(struct gds_fixture *fixture, uint64_t size_bytes, const char *type,
		       const char *options)
{
	uint8_t *bytes = malloc(size_bytes + 1);

	*fixture = (struct gds_fixture){ .size_bytes = size_bytes };
	pst_sim_faults = (struct pst_sim_faults){ 0 };
	nfs_server_start(&fixture->server, size_bytes);
	serving = fixture;
	mount_type = type;
	mount_options = options;
	pst_gds_hooks.transport = &pst_transport_simulated;
	pst_gds_hooks.mountinfo = mountinfo;
	pst_gds_hooks.fh_of_fd = fh_of_fd;
	gds_fixture_timeout(5000);
	fixture->fd = memfd_create("mount", MFD_CLOEXEC);
	assert_true(fixture->fd >= 0);
	assert_non_null(bytes);
	for (uint64_t i = 0; i < size_bytes; i++)
		bytes[i] = nfs_server_byte(i);
	assert_int_equal(pwrite(fixture->fd, bytes, size_bytes, 0), size_bytes);
	free(bytes);
}

void gds_fixture_open(struct gds_fixture *fixture)
{
	struct pst_reason __cleanup_reason reason = { 0 };

	assert_int_equal(pst_gds_open(fixture->fd, &fixture->file, &reason), 0);
}

void gds_fixture_stop(struct gds_fixture *fixture)
{
	struct pst_sim_counters left;

	pst_gds_close(fixture->file);
	pst_gds_trim();
	close(fixture->fd);
	nfs_server_stop(&fixture->server);
	pst_sim_counters(&left);
	assert_int_equal(left.links, 0);
	assert_int_equal(left.regions, 0);
	assert_int_equal(left.unheard, 0);
	assert_int_equal(left.forbidden, 0);
}

void gds_scribble(uint8_t *memory, size_t bytes, uint8_t seed)
{
	for (size_t i = 0; i < bytes; i++)
		memory[i] = (uint8_t)(~nfs_server_byte(i) + seed);
}

void assert_file_bytes(const uint8_t *memory, size_t bytes, uint64_t offset)
{
	for (size_t i = 0; i < bytes; i++)
		if (memory[i] != nfs_server_byte(offset + i))
			fail_msg("byte %zu of %zu from %llu differs", i, bytes,
				 (unsigned long long)offset);
}

void assert_went(const struct pst_gds_file *file, enum pst_bounce bounce, uint64_t read_bytes,
		 uint64_t written_bytes)
{
	struct pst_gds_counters counters;

	pst_gds_file_counters(file, &counters);
	assert_int_equal(counters.read_direct_bytes, bounce == PST_BOUNCE_NONE ? read_bytes : 0);
	assert_int_equal(counters.write_direct_bytes,
			 bounce == PST_BOUNCE_NONE ? written_bytes : 0);
	for (int i = PST_BOUNCE_NONE; i < PST_BOUNCE_COUNT; i++) {
		bool this = i == (int)bounce && i != PST_BOUNCE_NONE;

		assert_int_equal(counters.read_bounced_bytes[i], this ? read_bytes : 0);
		assert_int_equal(counters.write_bounced_bytes[i], this ? written_bytes : 0);
	}
}
