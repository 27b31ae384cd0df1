// SPDX-License-Identifier: MIT
/*
 * gds-load FILE BYTES THREADS PATH [GPU]: reads a whole file into GPU memory, in pieces of BYTES, by THREADS at once,
 * and prints one line of JSON: what that took, and the SHA-256 of what the GPU's memory then holds.
 *
 * PATH is "direct" (cuFileRead), "odirect" or "buffered" (read(2) by the kernel's client into host memory, then a
 * copy to the GPU). Without GPU the memory is the host's, and nothing is copied. bench/gds and the lab run it on a
 * GPU node; CPU time is that of the whole node, for a kernel's and a soft card's work is nobody's.
 */
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/time.h"
#include "cli/gpu.h"
#include "cufile.h"
#include "gds/gds.h"
#include "mem/mem.h"

#define THREADS_MOST 64
#define ALIGNMENT    4096

enum path { DIRECT, ODIRECT, BUFFERED };
static const char *const path_names[] = { "direct", "odirect", "buffered" };

struct load {
	int fd;
	size_t file_bytes;
	size_t piece_bytes;
	enum path path;
	struct pst_arena *arena;
	struct pst_mem_place place;
	CUfileHandle_t handle;
	size_t next; /* offset of the next piece that nobody has taken */
	int error;
};

static int fail(const char *what, const char *why)
{
	fprintf(stderr, "gds-load: %s: %s\n", what, why);
	return 1;
}

static ssize_t read_piece(struct load *load, void *host, size_t bytes, size_t offset)
{
	char *target = (char *)pst_arena_memory(load->arena) + offset;
	ssize_t n;

	if (load->path == DIRECT)
		return cuFileRead(load->handle, pst_arena_memory(load->arena), bytes, (off_t)offset,
				  (off_t)offset);
	/* O_DIRECT asks for whole blocks, and stops at the end of the file by itself. */
	n = pread(load->fd, host, load->piece_bytes, (off_t)offset);
	if (n > 0 && pst_mem_copy_in(&load->place, target, host, (size_t)n))
		return -EIO;
	return n;
}

static void *work(void *arg)
{
	struct load *load = arg;
	void *host = aligned_alloc(ALIGNMENT,
				   (load->piece_bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);

	for (;;) {
		size_t offset =
			__atomic_fetch_add(&load->next, load->piece_bytes, __ATOMIC_RELAXED);
		size_t left = offset < load->file_bytes ? load->file_bytes - offset : 0;
		size_t bytes = left < load->piece_bytes ? left : load->piece_bytes;
		ssize_t n;

		if (!bytes || !host || __atomic_load_n(&load->error, __ATOMIC_RELAXED))
			break;
		n = read_piece(load, host, bytes, offset);
		if (n != (ssize_t)bytes)
			__atomic_store_n(&load->error, n < 0 ? errno ?: EIO : EIO,
					 __ATOMIC_RELAXED);
	}
	free(host);
	return NULL;
}

/* Busy CPU time of the whole machine, in seconds (proc_stat(5)). */
static double busy_seconds(void)
{
	unsigned long long user = 0, nice = 0, system = 0, idle, wait, irq = 0, softirq = 0;
	FILE *stat = fopen("/proc/stat", "re");

	if (!stat)
		return 0;
	if (fscanf(stat, "cpu %llu %llu %llu %llu %llu %llu %llu", &user, &nice, &system, &idle,
		   &wait, &irq, &softirq) != 7)
		user = 0;
	fclose(stat);
	return (double)(user + nice + system + irq + softirq) / (double)sysconf(_SC_CLK_TCK);
}

static int run_threads(struct load *load, long threads)
{
	pthread_t ids[THREADS_MOST];

	for (long i = 0; i < threads; i++)
		if (pthread_create(&ids[i], NULL, work, load))
			return fail("thread", strerror(EAGAIN));
	for (long i = 0; i < threads; i++)
		pthread_join(ids[i], NULL);
	return load->error ? fail("reading", strerror(load->error)) : 0;
}

static int print_digest(struct load *load)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	const void *seen = pst_arena_look(load->arena, load->file_bytes, &reason);
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int length = 0;

	if (!seen)
		return fail("the GPU's memory", pst_reason_text(&reason, -EIO));
	if (!EVP_Digest(seen, load->file_bytes, digest, &length, EVP_sha256(), NULL))
		return fail("SHA-256", "failed");
	printf(", \"sha256\": \"");
	for (unsigned int i = 0; i < length; i++)
		printf("%02x", digest[i]);
	puts("\"}");
	return 0;
}

static int measure(struct load *load, long threads)
{
	struct pst_gds_counters counters;
	uint64_t start_usec = pst_now_usec();
	double busy = busy_seconds(), seconds;
	int status = run_threads(load, threads);

	if (status)
		return status;
	seconds = (double)(pst_now_usec() - start_usec) / PST_USEC_PER_SEC;
	busy = busy_seconds() - busy;
	pst_gds_process_counters(&counters);
	printf("{\"path\": \"%s\", \"piece_bytes\": %zu, \"threads\": %ld, \"bytes\": %zu, "
	       "\"seconds\": %.4f, \"cpu_seconds\": %.2f, \"direct_bytes\": %llu, "
	       "\"bounced_bytes\": %llu",
	       path_names[load->path], load->piece_bytes, threads, load->file_bytes, seconds, busy,
	       (unsigned long long)counters.read_direct_bytes,
	       (unsigned long long)pst_gds_bounced_bytes(&counters));
	return print_digest(load);
}

static int open_all(struct load *load, const char *file, int gpu)
{
	CUfileDescr_t description = { .type = CU_FILE_HANDLE_TYPE_OPAQUE_FD };
	struct pst_reason __cleanup_reason reason = { 0 };
	struct stat info;
	int error;

	load->fd = open(file, O_RDONLY | O_CLOEXEC | (load->path == ODIRECT ? O_DIRECT : 0));
	if (load->fd < 0 || fstat(load->fd, &info))
		return fail(file, strerror(errno));
	load->file_bytes = (size_t)info.st_size;
	error = pst_arena_open(gpu, load->file_bytes, &load->arena, &reason);
	if (!error)
		error = pst_mem_place(pst_arena_memory(load->arena), &load->place, &reason);
	if (error)
		return fail("memory", pst_reason_text(&reason, error));
	if (load->path != DIRECT)
		return 0;
	description.handle.fd = load->fd;
	if (cuFileHandleRegister(&load->handle, &description).err)
		return fail(file, "cuFileHandleRegister failed");
	if (cuFileBufRegister(pst_arena_memory(load->arena), load->file_bytes, 0).err)
		return fail("memory", "cuFileBufRegister failed");
	return 0;
}

int main(int argc, char **argv)
{
	struct load load = { .fd = -1, .path = BUFFERED + 1 };
	unsigned long long piece_bytes, threads;
	int status;

	if (argc < 5 || argc > 6 || pst_parse_u64(argv[2], 1 << 30, &piece_bytes) || !piece_bytes ||
	    pst_parse_u64(argv[3], THREADS_MOST, &threads) || !threads)
		return fail("usage", "gds-load FILE BYTES THREADS direct|odirect|buffered [GPU]");
	for (enum path path = DIRECT; path <= BUFFERED; path++)
		if (pst_streq(argv[4], path_names[path]))
			load.path = path;
	if (load.path > BUFFERED)
		return fail(argv[4], "no such path");
	load.piece_bytes = piece_bytes;
	status = open_all(&load, argv[1], argc == 6 ? atoi(argv[5]) : -1);
	if (!status)
		status = measure(&load, (long)threads);
	if (load.handle)
		cuFileHandleDeregister(load.handle);
	if (load.path == DIRECT && load.arena)
		(void)cuFileBufDeregister(pst_arena_memory(load.arena));
	pst_arena_close(load.arena);
	pst_close_fd(&load.fd);
	return status;
}
