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
#include <sys/sysmacros.h>

#include "base/time.h"
#include "cli/cli.h"
#include "cli/gpu.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "cufile.h"
#include "gds/gds.h"
#include "node/json.h"

#define PIECE_BYTES ((size_t)16 << 20)

struct copy {
	const char *from, *to;
	int from_fd, to_fd;
	CUfileHandle_t from_handle, to_handle;
	struct pst_arena *arena;
	EVP_MD_CTX *digest; /* NULL: no checksum */
	uint64_t size_bytes;
	uint64_t done_bytes;
	bool discard; /* to /dev/null: only into memory */
	char sha256[2 * EVP_MAX_MD_SIZE + 1]; /* "" without --checksum */
	uint64_t start_usec;
	uint64_t read_usec, write_usec; /* how long either took */
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

	if (!pst_terminal_moves(STDERR_FILENO) ||
	    (!end && now - copy->shown_usec < PST_USEC_PER_SEC / 5))
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

static int copy_piece(struct copy *copy, size_t bytes)
{
	uint64_t start;
	int status = digest_piece(copy, bytes);

	if (status || copy->discard)
		return status;
	start = pst_now_usec();
	status = write_piece(copy, bytes);
	copy->write_usec += pst_now_usec() - start;
	return status;
}

static int copy_pieces(struct copy *copy)
{
	int status = 0;

	copy->start_usec = pst_now_usec();
	while (!status) {
		uint64_t start = pst_now_usec();
		ssize_t n = cuFileRead(copy->from_handle, pst_arena_memory(copy->arena),
				       PIECE_BYTES, (off_t)copy->done_bytes, 0);

		copy->read_usec += pst_now_usec() - start;
		if (n < 0)
			status = say(copy->from, "%s", io_error(n));
		if (n <= 0)
			break;
		status = copy_piece(copy, (size_t)n);
		if (!status)
			copy->done_bytes += (size_t)n;
		show_progress(copy, false);
	}
	show_progress(copy, true);
	return status;
}

static void end_digest(struct copy *copy)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int length = 0;

	if (!copy->digest || !EVP_DigestFinal_ex(copy->digest, digest, &length))
		return;
	for (unsigned int i = 0; i < length; i++)
		(void)snprintf(copy->sha256 + 2 * (size_t)i, 3, "%02x", digest[i]);
}

static void print_json(const struct pst_cli *cli, const struct copy *copy)
{
	struct json_object *object = json_object_new_object(), *bounced = json_object_new_array();
	struct pst_gds_counters counters;

	pst_gds_process_counters(&counters);
	pst_json_add_string(object, "from", copy->from);
	pst_json_add_string(object, "to", copy->to);
	pst_json_add_string(object, "memory",
			    cli->gpu < 0 ? "host" : pst_key("gpu %d", cli->gpu).text);
	pst_json_add_count(object, "bytes", copy->done_bytes);
	pst_json_add_count(object, "usec", pst_now_usec() - copy->start_usec);
	pst_json_add_count(object, "read_usec", copy->read_usec);
	pst_json_add_count(object, "write_usec", copy->write_usec);
	pst_json_add_string(object, "sha256", copy->sha256);
	pst_json_add_count(object, "read_direct_bytes", counters.read_direct_bytes);
	pst_json_add_count(object, "write_direct_bytes", counters.write_direct_bytes);
	for (int i = 0; i < PST_BOUNCE_COUNT; i++) {
		struct json_object *one;

		if (!counters.read_bounced_bytes[i] && !counters.write_bounced_bytes[i])
			continue;
		one = json_object_new_object();
		pst_json_add_string(one, "reason", pst_bounce_name(i));
		pst_json_add_count(one, "read_bytes", counters.read_bounced_bytes[i]);
		pst_json_add_count(one, "write_bytes", counters.write_bounced_bytes[i]);
		json_object_array_add(bounced, one);
	}
	json_object_object_add(object, "bounced", bounced);
	pst_json_print(object);
}

/* Which way the bytes went. */
static void print_text(const struct copy *copy)
{
	double seconds = (double)(pst_now_usec() - copy->start_usec) / PST_USEC_PER_SEC;
	struct pst_gds_counters counters;

	/* As sha256sum --check takes it. */
	if (*copy->sha256)
		printf("%s  %s\n", copy->sha256, copy->discard ? copy->from : copy->to);
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

static int open_source(struct copy *copy, struct stat *ret)
{
	copy->from_fd = open(copy->from, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (copy->from_fd < 0 || fstat(copy->from_fd, ret))
		return say(copy->from, "%s", strerror(errno));
	if (!S_ISREG(ret->st_mode))
		return say(copy->from, "is not a regular file");
	copy->size_bytes = (uint64_t)ret->st_size;
	return register_fd(copy->from, copy->from_fd, &copy->from_handle);
}

/* cp's, and not all of them: to a file, into a directory, or to nowhere. */
static int open_destination(struct copy *copy, const struct stat *from, char **ret_name)
{
	char __cleanup_free *name = strdup(copy->from);
	struct stat to;

	if (stat(copy->to, &to) == 0 && S_ISDIR(to.st_mode)) {
		*ret_name = name ? pst_printf("%s/%s", copy->to, basename(name)) : NULL;
		if (!*ret_name)
			return say(copy->to, "%s", strerror(ENOMEM));
		copy->to = *ret_name;
	}
	if (stat(copy->to, &to) == 0) {
		if (to.st_dev == from->st_dev && to.st_ino == from->st_ino)
			return say(copy->to, "is the same file as %s", copy->from);
		copy->discard = S_ISCHR(to.st_mode) && to.st_rdev == makedev(1, 3);
		if (copy->discard)
			return 0;
	}
	copy->to_fd = open(copy->to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK,
			   from->st_mode & 0777);
	if (copy->to_fd < 0)
		return say(copy->to, "%s", strerror(errno));
	return register_fd(copy->to, copy->to_fd, &copy->to_handle);
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
	struct stat from = { 0 };
	int status = open_source(&copy, &from) ?: open_destination(&copy, &from, &name) ?:
			     prepare(cli, &copy) ?: copy_pieces(&copy);

	if (!status) {
		end_digest(&copy);
		if (cli->given & PST_OPTION_JSON)
			print_json(cli, &copy);
		else
			print_text(&copy);
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
