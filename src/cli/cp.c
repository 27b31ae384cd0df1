// SPDX-License-Identifier: MIT
/*
 * penstock cp: copies a file as a program that uses cuFile would. The SHA-256 is libcrypto's, which is in every
 * system that has ssh; the kernel's (AF_ALG) would have to be built into ours.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <openssl/evp.h>
#include <sys/stat.h>

#include "base/time.h"
#include "cli/cli.h"
#include "cli/gpu.h"
#include "cufile.h"
#include "gds/gds.h"

#define PIECE_BYTES ((size_t)16 << 20)

struct copy {
	const char *from, *to;
	int from_fd, to_fd;
	CUfileHandle_t from_handle, to_handle;
	struct pst_arena *arena;
	EVP_MD_CTX *digest; /* NULL: no checksum */
	uint64_t size_bytes;
	uint64_t done_bytes;
	uint64_t start_usec;
	uint64_t shown_usec;
};

static int __format(2, 3) say(const char *what, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "penstock: %s: ", what);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	return PST_EXIT_FAILED;
}

/* What cuFileRead and cuFileWrite say of a failure. */
static const char *io_error(ssize_t result)
{
	return result == -1 ? strerror(errno) : CUFILE_ERRSTR((int)result);
}

static void show_progress(struct copy *copy, bool end)
{
	uint64_t now = pst_now_usec();
	double seconds = (double)(now - copy->start_usec) / PST_USEC_PER_SEC;

	if (!isatty(STDERR_FILENO) || (!end && now - copy->shown_usec < PST_USEC_PER_SEC / 5))
		return;
	copy->shown_usec = now;
	fprintf(stderr, "\r%llu of %llu bytes, %.0f MB/s \033[K%s",
		(unsigned long long)copy->done_bytes, (unsigned long long)copy->size_bytes,
		seconds > 0 ? (double)copy->done_bytes / seconds / 1e6 : 0, end ? "\n" : "");
}

/* Writes what was read, all of it. */
static int write_piece(struct copy *copy, size_t bytes)
{
	for (size_t at = 0; at < bytes;) {
		ssize_t n = cuFileWrite(copy->to_handle, pst_arena_memory(copy->arena), bytes - at,
					(off_t)(copy->done_bytes + at), (off_t)at);

		if (n <= 0)
			return say(copy->to, "%s", n ? io_error(n) : "nothing was written");
		at += (size_t)n;
	}
	return 0;
}

static int digest_piece(struct copy *copy, size_t bytes)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	const void *seen;

	if (!copy->digest)
		return 0;
	seen = pst_arena_look(copy->arena, bytes, &reason);
	if (!seen)
		return say(copy->from, "%s", pst_reason_text(&reason, -EIO));
	if (!EVP_DigestUpdate(copy->digest, seen, bytes))
		return say(copy->from, "the checksum failed");
	return 0;
}

static int copy_pieces(struct copy *copy)
{
	int status = 0;

	copy->start_usec = pst_now_usec();
	while (!status) {
		ssize_t n = cuFileRead(copy->from_handle, pst_arena_memory(copy->arena),
				       PIECE_BYTES, (off_t)copy->done_bytes, 0);

		if (n < 0)
			status = say(copy->from, "%s", io_error(n));
		if (n <= 0)
			break;
		status = digest_piece(copy, (size_t)n) ?: write_piece(copy, (size_t)n);
		if (!status)
			copy->done_bytes += (size_t)n;
		show_progress(copy, false);
	}
	show_progress(copy, true);
	return status;
}

static void print_checksum(struct copy *copy)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int length = 0;

	if (!copy->digest || !EVP_DigestFinal_ex(copy->digest, digest, &length))
		return;
	for (unsigned int i = 0; i < length; i++)
		printf("%02x", digest[i]);
	/* As sha256sum --check takes it. */
	printf("  %s\n", copy->to);
}

/* Which way the bytes went. */
static void print_paths(const struct copy *copy)
{
	double seconds = (double)(pst_now_usec() - copy->start_usec) / PST_USEC_PER_SEC;
	struct pst_gds_counters counters;

	pst_gds_process_counters(&counters);
	fprintf(stderr, "%llu bytes in %.3f s, %.1f MB/s; direct: %llu read, %llu written",
		(unsigned long long)copy->done_bytes, seconds,
		seconds > 0 ? (double)copy->done_bytes / seconds / 1e6 : 0,
		(unsigned long long)counters.read_direct_bytes,
		(unsigned long long)counters.write_direct_bytes);
	for (int i = 0; i < PST_BOUNCE_COUNT; i++)
		if (counters.read_bounced_bytes[i] || counters.write_bounced_bytes[i])
			fprintf(stderr, "; bounced (%s): %llu read, %llu written",
				pst_bounce_name(i),
				(unsigned long long)counters.read_bounced_bytes[i],
				(unsigned long long)counters.write_bounced_bytes[i]);
	fputc('\n', stderr);
}

static int register_fd(const char *name, int fd, CUfileHandle_t *ret)
{
	CUfileDescr_t description = { .type = CU_FILE_HANDLE_TYPE_OPAQUE_FD, .handle.fd = fd };
	CUfileError_t error = cuFileHandleRegister(ret, &description);

	return error.err ? say(name, "%s", CUFILE_ERRSTR((int)error.err)) : 0;
}

/* cp's, and not all of them: a file, to a file or into a directory. */
static int open_files(struct copy *copy, char **ret_name)
{
	struct stat from, to;
	char __cleanup_free *name = strdup(copy->from);

	copy->from_fd = open(copy->from, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (copy->from_fd < 0 || fstat(copy->from_fd, &from))
		return say(copy->from, "%s", strerror(errno));
	if (!S_ISREG(from.st_mode))
		return say(copy->from, "is not a regular file");
	if (stat(copy->to, &to) == 0 && S_ISDIR(to.st_mode)) {
		*ret_name = name ? pst_printf("%s/%s", copy->to, basename(name)) : NULL;
		if (!*ret_name)
			return say(copy->to, "%s", strerror(ENOMEM));
		copy->to = *ret_name;
	}
	if (stat(copy->to, &to) == 0 && to.st_dev == from.st_dev && to.st_ino == from.st_ino)
		return say(copy->to, "is the same file as %s", copy->from);
	copy->to_fd = open(copy->to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, from.st_mode & 0777);
	if (copy->to_fd < 0)
		return say(copy->to, "%s", strerror(errno));
	copy->size_bytes = (uint64_t)from.st_size;
	return register_fd(copy->from, copy->from_fd, &copy->from_handle)
		       ?: register_fd(copy->to, copy->to_fd, &copy->to_handle);
}

static int prepare(const struct pst_cli *cli, struct copy *copy)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	int error = pst_arena_open(cli->gpu, PIECE_BYTES, &copy->arena, &reason);

	if (error)
		return say(copy->from, "%s", pst_reason_text(&reason, error));
	/* Memory that cannot be registered is bounced, and print_paths says so. */
	(void)cuFileBufRegister(pst_arena_memory(copy->arena), PIECE_BYTES, 0);
	if (!(cli->given & PST_OPTION_CHECKSUM))
		return 0;
	copy->digest = EVP_MD_CTX_new();
	if (!copy->digest || !EVP_DigestInit_ex(copy->digest, EVP_sha256(), NULL))
		return say(copy->from, "there is no SHA-256");
	return 0;
}

int pst_verb_cp(const struct pst_cli *cli)
{
	struct copy copy = {
		.from = cli->operands[0], .to = cli->operands[1], .from_fd = -1, .to_fd = -1
	};
	char __cleanup_free *name = NULL;
	int status = open_files(&copy, &name) ?: prepare(cli, &copy) ?: copy_pieces(&copy);

	if (!status) {
		print_checksum(&copy);
		print_paths(&copy);
	}
	cuFileHandleDeregister(copy.from_handle);
	cuFileHandleDeregister(copy.to_handle);
	if (copy.arena)
		(void)cuFileBufDeregister(pst_arena_memory(copy.arena));
	(void)cuFileDriverClose();
	pst_arena_close(copy.arena);
	EVP_MD_CTX_free(copy.digest);
	pst_close_fd(&copy.from_fd);
	/* NFS says what went wrong at the latest when the file is closed. */
	if (copy.to_fd >= 0 && close(copy.to_fd) && !status)
		status = say(copy.to, "%s", strerror(errno));
	return status;
}
