// SPDX-License-Identifier: MIT
/* Whole files: read, replaced in one go, removed. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

int pst_file_read_all(int fd, size_t max_bytes, struct pst_buf *buf)
{
	char chunk[16384];

	for (;;) {
		/* Files in /proc have no length of their own: read until there is no more. */
		ssize_t got = read(fd, chunk, sizeof(chunk));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			return buf->oom ? -ENOMEM : 0;
		if (buf->len + (size_t)got > max_bytes)
			return -EFBIG;
		pst_buf_add_bytes(buf, chunk, (size_t)got);
	}
}

int pst_file_read(const char *path, char **ret_text, size_t *ret_len, struct pst_reason *reason)
{
	struct pst_buf __cleanup_buf buf = { 0 };
	int __cleanup_close fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	size_t len;
	int error;

	if (fd < 0 && errno == ENOENT)
		return -ENOENT;
	if (fd < 0)
		return pst_fail_errno(reason, -errno, "cannot open %s", path);
	error = pst_file_read_all(fd, PST_FILE_MAX_BYTES, &buf);
	if (error)
		return pst_fail_errno(reason, error, "cannot read %s", path);
	len = buf.len;
	if (!ret_len && len && memchr(buf.data, '\0', len))
		return pst_fail(reason, -EINVAL, "%s is not text: it holds a NUL byte", path);

	char *text = pst_buf_take(&buf);

	if (!text)
		return pst_fail_errno(reason, -ENOMEM, "cannot read %s", path);
	*ret_text = text;
	if (ret_len)
		*ret_len = len;
	return 0;
}

int pst_file_sync_name(const char *path, struct pst_reason *reason)
{
	char __cleanup_free *dir = strdup(path);
	char *slash = dir ? strrchr(dir, '/') : NULL;

	if (!dir)
		return -ENOMEM;
	if (slash)
		slash[slash == dir] = '\0';

	int __cleanup_close fd = open(slash ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) < 0)
		return pst_fail_errno(reason, -errno, "cannot sync the directory of %s", path);
	return 0;
}

int pst_file_make_parents(const char *path, struct pst_reason *reason)
{
	char __cleanup_free *dir = strdup(path);
	int error = 0;

	if (!dir)
		return -ENOMEM;
	for (char *slash = strchr(dir + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(dir, 0755) == 0)
			error = pst_file_sync_name(dir, reason);
		else if (errno != EEXIST)
			error = pst_fail_errno(reason, -errno, "cannot make the directory %s", dir);
		if (error)
			return error;
		*slash = '/';
	}
	return 0;
}

static int write_all(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left) {
		ssize_t put = write(fd, text, left);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -errno;
		text += put;
		left -= (size_t)put;
	}
	return 0;
}

static int fill(int fd, const char *text, mode_t mode)
{
	int error = write_all(fd, text);

	if (error)
		return error;
	/* mkostemp made it 0600, and the umask has no say in what a system file's mode is. */
	if (fchmod(fd, mode) < 0 || fsync(fd) < 0)
		return -errno;
	return 0;
}

static int write_beside(const char *path, const char *text, mode_t mode, unsigned int rename_flags,
			struct pst_reason *reason)
{
	char __cleanup_free *temporary = pst_printf("%s.XXXXXX", path);
	int error;

	if (!temporary)
		return -ENOMEM;
	error = pst_file_make_parents(path, reason);
	if (error)
		return error;

	int __cleanup_close fd = mkostemp(temporary, O_CLOEXEC);

	if (fd < 0)
		return pst_fail_errno(reason, -errno, "cannot make a file beside %s", path);
	error = fill(fd, text, mode);
	if (!error && renameat2(AT_FDCWD, temporary, AT_FDCWD, path, rename_flags) < 0)
		error = -errno;
	if (error) {
		unlink(temporary);
		return pst_fail_errno(reason, error, "cannot write %s", path);
	}
	return pst_file_sync_name(path, reason);
}

int pst_file_write(const char *path, const char *text, mode_t mode, struct pst_reason *reason)
{
	return write_beside(path, text, mode, 0, reason);
}

int pst_file_write_new(const char *path, const char *text, mode_t mode, struct pst_reason *reason)
{
	return write_beside(path, text, mode, RENAME_NOREPLACE, reason);
}

int pst_file_remove(const char *path, struct pst_reason *reason)
{
	if (unlink(path) < 0)
		return errno == ENOENT ? 0
				       : pst_fail_errno(reason, -errno, "cannot remove %s", path);
	return pst_file_sync_name(path, reason);
}
