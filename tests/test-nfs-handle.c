// SPDX-License-Identifier: MIT
/* File handles: out of what the kernel gives, and of files that have none. */
#include <errno.h>
#include <fcntl.h>

#include "nfs/handle.h"
#include "rows.h"

/* As fs/nfs/export.c makes it: file number, type, then length and bytes of the server's handle. */
static uint32_t make(uint8_t *handle, uint16_t server_bytes)
{
	uint32_t words = (14 + server_bytes + 3u) / 4;

	memset(handle, 0, 128);
	memset(handle, 0x11, 12);
	memcpy(handle + 12, &server_bytes, 2);
	for (uint16_t i = 0; i < server_bytes; i++)
		handle[14 + i] = (uint8_t)i;
	return 4 * words;
}

static void servers_handle_is_inside(void **state)
{
	uint8_t handle[256];
	struct pst_fh fh;

	(void)state;
	for (uint16_t bytes = 1; bytes <= PST_FH_BYTES; bytes++) {
		uint32_t length = make(handle, bytes);

		assert_int_equal(pst_fh_parse(handle, length, (int)length / 4, &fh), 0);
		assert_int_equal(fh.length_bytes, bytes);
		assert_memory_equal(fh.data, handle + 14, bytes);
	}
}

static void other_handles_are_refused(void **state)
{
	struct pst_fh fh = { .length_bytes = 7 };
	uint8_t handle[256];
	uint32_t length;

	(void)state;
	length = make(handle, PST_FH_BYTES + 1);
	assert_int_equal(pst_fh_parse(handle, length, (int)length / 4, &fh), -EOVERFLOW);
	length = make(handle, 28);
	assert_int_equal(pst_fh_parse(handle, length, 1, &fh), -EMEDIUMTYPE);
	assert_int_equal(pst_fh_parse(handle, length, -1, &fh), -EMEDIUMTYPE);
	assert_int_equal(pst_fh_parse(handle, 12, 3, &fh), -EMEDIUMTYPE);
	handle[12] = 200; /* longer than the whole */
	assert_int_equal(pst_fh_parse(handle, length, (int)length / 4, &fh), -EMEDIUMTYPE);
	make(handle, 0);
	assert_int_equal(pst_fh_parse(handle, 16, 4, &fh), -EMEDIUMTYPE);
	assert_int_equal(fh.length_bytes, 7);
}

static void local_file_has_none(void **state)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	int __cleanup_close fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
	struct pst_fh fh;

	(void)state;
	assert_true(fd >= 0);
	assert_true(pst_fh_of_fd(fd, &fh, &reason) < 0);
	assert_non_null(reason.text);
	assert_int_equal(pst_fh_of_fd(-1, &fh, NULL), -EBADF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(servers_handle_is_inside),
		cmocka_unit_test(other_handles_are_refused),
		cmocka_unit_test(local_file_has_none),
	};

	ADD_TESTS(tests);
	return run_gathered(NULL, NULL);
}
