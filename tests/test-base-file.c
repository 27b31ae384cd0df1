// SPDX-License-Identifier: MIT
/* src/base/file.c */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/file.h"
#include "common.h"

static char dir[] = "/tmp/penstock-test-XXXXXX";

/* The paths that were synced, with a newline behind each: instead of the library's. */
static char synced[4096];

int fsync(int fd)
{
	char path[256] = "";
	char __cleanup_free *link = pst_printf("/proc/self/fd/%d", fd);

	if (readlink(link, path, sizeof(path) - 1) > 0 && pst_startswith(path, dir))
		snprintf(synced + strlen(synced), sizeof(synced) - strlen(synced), "%s\n",
			 path + strlen(dir));
	return 0;
}

static char *path_of(const char *name)
{
	return pst_printf("%s/%s", dir, name);
}

static void file_comes_back(void **state)
{
	char __cleanup_free *path = path_of("a/b/c");
	char __cleanup_free *text = NULL;
	struct stat info;

	(void)state;
	assert_int_equal(pst_file_write(path, "one\n", 0640, NULL), 0);
	assert_int_equal(pst_file_read(path, &text, NULL, NULL), 0);
	assert_string_equal(text, "one\n");
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 07777, 0640);
}

static int n_files;

static int count(const char *path, const struct stat *info, int type, struct FTW *at)
{
	(void)path;
	(void)info;
	(void)at;
	n_files += type == FTW_F;
	return 0;
}

static void replaced_file_leaves_nothing_behind(void **state)
{
	char __cleanup_free *path = path_of("replaced/file");
	char __cleanup_free *parent = path_of("replaced");
	char __cleanup_free *text = NULL;

	(void)state;
	assert_int_equal(pst_file_write(path, "long old text\n", 0644, NULL), 0);
	assert_int_equal(pst_file_write(path, "new\n", 0644, NULL), 0);
	assert_int_equal(pst_file_read(path, &text, NULL, NULL), 0);
	assert_string_equal(text, "new\n");
	assert_int_equal(nftw(parent, count, 8, FTW_PHYS), 0);
	assert_int_equal(n_files, 1);
}

static void failed_write_leaves_the_old_file(void **state)
{
	char __cleanup_free *path = path_of("directory/in/the-way");
	char __cleanup_free *parent = path_of("directory/in/the-way/child");
	struct pst_reason __cleanup_reason reason = { 0 };
	char __cleanup_free *expected = pst_printf("cannot write %s: Is a directory", path);

	(void)state;
	assert_int_equal(pst_file_make_parents(parent, NULL), 0);
	assert_int_equal(pst_file_write(path, "x", 0644, &reason), -EISDIR);
	assert_string_equal(reason.text, expected);
}

static void absent_file_has_no_reason(void **state)
{
	char __cleanup_free *path = path_of("absent");
	struct pst_reason __cleanup_reason reason = { 0 };
	char *text = NULL;

	(void)state;
	assert_int_equal(pst_file_read(path, &text, NULL, &reason), -ENOENT);
	assert_null(reason.text);
	assert_null(text);
	assert_int_equal(pst_file_remove(path, &reason), 0);
}

/* What is confirmed must not come back with the power. */
static void what_is_new_and_what_is_gone_is_synced(void **state)
{
	char __cleanup_free *path = path_of("new/deep/file");

	(void)state;
	*synced = '\0';
	assert_int_equal(pst_file_write(path, "x", 0644, NULL), 0);
	assert_true(pst_startswith(synced, "\n/new\n/new/deep/file."));
	assert_string_equal(strrchr(synced, '.') + 7, "\n/new/deep\n");
	*synced = '\0';
	assert_int_equal(pst_file_remove(path, NULL), 0);
	assert_string_equal(synced, "/new/deep\n");
	*synced = '\0';
	assert_int_equal(pst_file_remove(path, NULL), 0);
	assert_string_equal(synced, "");
}

static void nul_byte_is_refused_unless_asked_for(void **state)
{
	char __cleanup_free *path = path_of("binary");
	struct pst_reason __cleanup_reason reason = { 0 };
	char __cleanup_free *text = NULL;
	size_t len = 0;
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	(void)state;
	assert_int_equal(write(fd, "a\0b", 3), 3);
	close(fd);
	assert_int_equal(pst_file_read(path, &text, NULL, &reason), -EINVAL);
	assert_int_equal(pst_file_read(path, &text, &len, &reason), 0);
	assert_int_equal(len, 3);
}

static void file_without_a_length_is_read(void **state)
{
	char __cleanup_free *text = NULL;

	(void)state;
	assert_int_equal(pst_file_read("/proc/self/mountinfo", &text, NULL, NULL), 0);
	assert_true(strlen(text) > 0);
}

static void endless_file_is_refused(void **state)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	char *text = NULL;

	(void)state;
	assert_int_equal(pst_file_read("/dev/zero", &text, NULL, &reason), -EFBIG);
	assert_string_equal(reason.text, "cannot read /dev/zero: File too large");
}

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *at)
{
	(void)info;
	(void)type;
	(void)at;
	return remove(path);
}

static int remove_dir(void **state)
{
	(void)state;
	return nftw(dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file_comes_back),
		cmocka_unit_test(replaced_file_leaves_nothing_behind),
		cmocka_unit_test(failed_write_leaves_the_old_file),
		cmocka_unit_test(absent_file_has_no_reason),
		cmocka_unit_test(what_is_new_and_what_is_gone_is_synced),
		cmocka_unit_test(nul_byte_is_refused_unless_asked_for),
		cmocka_unit_test(file_without_a_length_is_read),
		cmocka_unit_test(endless_file_is_refused),
	};

	ADD_TESTS(tests);
	return run_gathered(make_dir, remove_dir);
}
