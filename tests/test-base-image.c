// SPDX-License-Identifier: MIT
/* src/base/image.c */
#include <errno.h>

#include "base/image.h"
#include "common.h"

#define HASHES "root=/dev/vda2\nverity=/dev/vda3\nroothash=ab\n"

static void installed_is_read_and_written(void **state)
{
	static const char text[] =
		"disk=/dev/vda\nesp=/dev/vda1\ndiskseq=7\nroot=/dev/vda2\nverity=/dev/vda3\n"
		"state=/dev/vda6\nroothash=ab\nmedium=\n";
	struct pst_image __cleanup_image image = { 0 };
	char __cleanup_free *again = NULL;

	(void)state;
	assert_int_equal(pst_image_parse(text, &image, NULL), 0);
	assert_string_equal(image.disks.v[0], "/dev/vda");
	assert_string_equal(image.diskseqs.v[0], "7");
	assert_string_equal(image.state, "/dev/vda6");
	assert_null(image.medium);
	again = pst_image_text(&image);
	assert_string_equal(again, text);
}

static void pair_has_two_disks(void **state)
{
	struct pst_image __cleanup_image image = { 0 };

	(void)state;
	assert_int_equal(pst_image_parse("disk=/dev/vda /dev/vdb\nesp=/dev/vda1 /dev/vdb1\n" HASHES,
					 &image, NULL),
			 0);
	assert_int_equal(image.disks.n, 2);
	assert_string_equal(image.esps.v[1], "/dev/vdb1");
}

static void live_has_a_medium_and_no_disk(void **state)
{
	struct pst_image __cleanup_image image = { 0 };

	(void)state;
	assert_int_equal(
		pst_image_parse(HASHES "medium=/run/penstock/medium\nnew=key\n", &image, NULL), 0);
	assert_int_equal(image.disks.n, 0);
	assert_string_equal(image.medium, "/run/penstock/medium");
}

struct refused {
	const char *name;
	const char *text;
	const char *reason;
};

static const struct refused refused[] = {
	{ "empty", "", "what preinit found does not say root, verity and roothash" },
	{ "no hash", "root=/dev/vda2\nverity=/dev/vda3\nmedium=/m\n",
	  "what preinit found does not say root, verity and roothash" },
	{ "no disk", HASHES, "what preinit found does not say one EFI partition for each disk" },
	{ "an EFI partition less", "disk=/dev/vda /dev/vdb\nesp=/dev/vda1\n" HASHES,
	  "what preinit found does not say one EFI partition for each disk" },
	{ "a number less", "disk=/dev/vda /dev/vdb\nesp=/dev/vda1 /dev/vdb1\ndiskseq=1\n" HASHES,
	  "what preinit found does not say one number for each disk" },
};

static void damaged_is_refused(void **state)
{
	const struct refused *row = *state;
	struct pst_image __cleanup_image image = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };

	assert_int_equal(pst_image_parse(row->text, &image, &reason), -EINVAL);
	assert_string_equal(reason.text, row->reason);
	assert_null(image.root);
}

static void absent_file_is_no_system_of_ours(void **state)
{
	struct pst_image __cleanup_image image = { 0 };

	(void)state;
	assert_int_equal(pst_image_read("/nonexistent/image", &image, NULL), -ENOENT);
}

static void release_is_read(void **state)
{
	struct pst_release __cleanup_release release = { 0 };

	(void)state;
	assert_int_equal(
		pst_release_parse("NAME=Penstock\nIMAGE_ID=penstock-gpu\nIMAGE_VERSION=\"0.1.1\"\n",
				  &release, NULL),
		0);
	assert_string_equal(release.role, "gpu");
	assert_string_equal(release.version, "0.1.1");
}

static void other_systems_are_told_apart(void **state)
{
	struct pst_release __cleanup_release release = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };

	(void)state;
	assert_int_equal(pst_release_parse("ID=debian\n", &release, &reason), -ENOENT);
	assert_string_equal(reason.text, "this is not a system of Penstock's images");
	assert_int_equal(pst_release_parse("IMAGE_ID=penstock-gpu\n", &release, NULL), -EINVAL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(installed_is_read_and_written),
		cmocka_unit_test(pair_has_two_disks),
		cmocka_unit_test(live_has_a_medium_and_no_disk),
		cmocka_unit_test(absent_file_is_no_system_of_ours),
		cmocka_unit_test(release_is_read),
		cmocka_unit_test(other_systems_are_told_apart),
	};

	ADD_TESTS(tests);
	ADD_ROWS(refused, damaged_is_refused);
	return run_gathered(NULL, NULL);
}
