// SPDX-License-Identifier: MIT
/* The SHA-256 of what is on a disk. */
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>

#include "install/release.h"

#define CHUNK_BYTES ((size_t)1 << 20)
#define ALIGN_BYTES 4096

static void digest_free(EVP_MD_CTX **digest)
{
	EVP_MD_CTX_free(*digest);
}

/*
 * Past the page cache where that can be had: what was just written and is still in memory says nothing of the disk. A
 * file system without direct I/O, as that of a CD, is asked to forget first.
 */
static int open_uncached(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_DIRECT);

	if (fd >= 0 || errno != EINVAL)
		return fd < 0 ? -errno : fd;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	return fd;
}

static int digest_fd(int fd, unsigned long long limit, EVP_MD_CTX *digest, uint8_t *chunk)
{
	unsigned long long done = 0;

	while (!limit || done < limit) {
		ssize_t got = read(fd, chunk, CHUNK_BYTES);
		size_t use = got > 0 ? (size_t)got : 0;

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			return limit ? -ENODATA : 0;
		if (limit && use > limit - done)
			use = (size_t)(limit - done);
		if (!EVP_DigestUpdate(digest, chunk, use))
			return -EIO;
		done += use;
	}
	return 0;
}

static int digest_file(const char *path, unsigned long long limit, uint8_t bytes[32])
{
	EVP_MD_CTX __cleanup(digest_free) *digest = EVP_MD_CTX_new();
	uint8_t __cleanup_free *chunk = aligned_alloc(ALIGN_BYTES, CHUNK_BYTES);
	int __cleanup_close fd = open_uncached(path);
	int error;

	if (fd < 0)
		return fd;
	if (!digest || !chunk || !EVP_DigestInit_ex(digest, EVP_sha256(), NULL))
		return -ENOMEM;
	error = digest_fd(fd, limit, digest, chunk);
	if (!error && !EVP_DigestFinal_ex(digest, bytes, NULL))
		error = -EIO;
	return error;
}

int pst_sum_file(const char *path, unsigned long long limit_bytes, char ret_hex[PST_SHA256_HEX],
		 struct pst_reason *reason)
{
	uint8_t bytes[32];
	int error = digest_file(path, limit_bytes, bytes);

	if (error == -ENODATA)
		return pst_fail(reason, -EIO, "%s ends before %llu bytes", path, limit_bytes);
	if (error)
		return pst_fail_errno(reason, error, "cannot read %s", path);
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(ret_hex + 2 * i, 3, "%02x", bytes[i]);
	return 0;
}
