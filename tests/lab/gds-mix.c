// SPDX-License-Identifier: MIT
/*
 * gds-mix FILE FILES THREADS OPERATIONS SEED [GPU]: many threads mix read(2), write(2), cuFileRead and cuFileWrite, of
 * any offset, size and place in memory, and compare all that they read with what they know to have written.
 *
 * FILES files, FILE.0 and so on, are made anew. Their REGION_BYTES long regions are the threads' own, as many as there
 * are threads or files, whichever is more, so that several threads work on one file, or one on several. A region begins
 * with a page, as write(2) beside a direct write wants it. Says how many bytes went which way, and ends with 1 at the
 * first byte that is wrong.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>

#include "cli/gpu.h"
#include "cufile.h"
#include "gds/gds.h"
#include "mem/mem.h"

#define REGION_BYTES ((size_t)192 << 10)
/* Room for a transfer to begin anywhere in the first page, and for what must stay as it is around it. */
#define ARENA_BYTES  (REGION_BYTES + 8192)
#define THREADS_MOST 64
#define FILES_MOST   256
#define UNTOUCHED    0xee

enum action { READ, WRITE, DIRECT_READ, DIRECT_WRITE, ACTION_COUNT };
static const char *const action_names[] = { "read", "write", "cuFileRead", "cuFileWrite" };

struct file {
	int fd;
	CUfileHandle_t handle;
};

static struct {
	const char *name;
	struct file files[FILES_MOST];
	size_t file_count, thread_count, region_count;
	unsigned long long operations, seed;
	int gpu;
	int failed;
} mix;

struct worker {
	size_t number;
	unsigned int random; /* of rand_r */
	struct pst_arena *arena;
	struct pst_mem_place place;
	unsigned char *host; /* as large as the arena */
	unsigned char *known; /* what the regions hold, one after the other */
};

/* A transfer of some bytes of a region. */
struct transfer {
	enum action action;
	const struct file *file;
	size_t region; /* of the worker's */
	off_t base; /* where in the file the region begins */
	size_t offset, bytes; /* in the region */
	size_t skew; /* where in memory it begins */
};

static int fail(const char *what, const char *why)
{
	fprintf(stderr, "gds-mix: %s: %s\n", what, why);
	__atomic_store_n(&mix.failed, 1, __ATOMIC_RELAXED);
	return -1;
}

static size_t below(struct worker *worker, size_t limit)
{
	return (size_t)rand_r(&worker->random) % limit;
}

static struct transfer any_transfer(struct worker *worker, size_t regions)
{
	static const size_t most[] = { 16, 5000, 70000, REGION_BYTES };
	struct transfer transfer = { .action = below(worker, ACTION_COUNT),
				     .region = below(worker, regions),
				     .skew = below(worker, 4096) };
	size_t number = worker->number + transfer.region * mix.thread_count;
	size_t limit = most[below(worker, ARRAY_SIZE(most))];

	transfer.file = &mix.files[number % mix.file_count];
	transfer.base = (off_t)(number / mix.file_count * REGION_BYTES);
	transfer.bytes = 1 + below(worker, limit);
	transfer.offset = below(worker, REGION_BYTES - transfer.bytes + 1);
	return transfer;
}

static int complain(const struct transfer *transfer, size_t at, const char *what)
{
	char text[128];

	(void)snprintf(text, sizeof(text), "%zu bytes at %lld + %zu, memory + %zu: byte %zu %s",
		       transfer->bytes, (long long)transfer->base, transfer->offset, transfer->skew,
		       at, what);
	return fail(action_names[transfer->action], text);
}

static int check_moved(const struct transfer *transfer, ssize_t moved)
{
	if (moved == (ssize_t)transfer->bytes)
		return 0;
	return complain(transfer, moved > 0 ? (size_t)moved : 0,
			moved < 0 ? strerror(errno) : "is the end");
}

/* All bytes of memory: those of the transfer as they are known, the others as they were. */
static int compare(const struct worker *worker, const struct transfer *transfer)
{
	const unsigned char *known =
		worker->known + transfer->region * REGION_BYTES + transfer->offset;

	for (size_t i = 0; i < ARENA_BYTES; i++) {
		bool inside = i >= transfer->skew && i < transfer->skew + transfer->bytes;

		if (worker->host[i] != (inside ? known[i - transfer->skew] : UNTOUCHED))
			return complain(transfer, i - transfer->skew, "is wrong");
	}
	return 0;
}

static int do_read(struct worker *worker, const struct transfer *transfer)
{
	off_t offset = transfer->base + (off_t)transfer->offset;
	void *memory = pst_arena_memory(worker->arena);
	ssize_t moved;

	memset(worker->host, UNTOUCHED, ARENA_BYTES);
	if (transfer->action == READ) {
		moved = pread(transfer->file->fd, worker->host + transfer->skew, transfer->bytes,
			      offset);
	} else {
		if (pst_mem_copy_in(&worker->place, memory, worker->host, ARENA_BYTES))
			return fail("GPU memory", "cannot be written");
		moved = cuFileRead(transfer->file->handle, memory, transfer->bytes, offset,
				   (off_t)transfer->skew);
		if (pst_mem_copy_out(&worker->place, worker->host, memory, ARENA_BYTES))
			return fail("GPU memory", "cannot be read");
	}
	return check_moved(transfer, moved) ?: compare(worker, transfer);
}

static int do_write(struct worker *worker, const struct transfer *transfer)
{
	unsigned char *known = worker->known + transfer->region * REGION_BYTES + transfer->offset;
	off_t offset = transfer->base + (off_t)transfer->offset;
	unsigned char first = (unsigned char)below(worker, 256);
	ssize_t moved;

	for (size_t i = 0; i < transfer->bytes; i++)
		known[i] = (unsigned char)(first + i + i / 251);
	if (transfer->action == WRITE) {
		moved = pwrite(transfer->file->fd, known, transfer->bytes, offset);
	} else {
		memset(worker->host, UNTOUCHED, ARENA_BYTES);
		memcpy(worker->host + transfer->skew, known, transfer->bytes);
		if (pst_mem_copy_in(&worker->place, pst_arena_memory(worker->arena), worker->host,
				    ARENA_BYTES))
			return fail("GPU memory", "cannot be written");
		moved = cuFileWrite(transfer->file->handle, pst_arena_memory(worker->arena),
				    transfer->bytes, offset, (off_t)transfer->skew);
	}
	return check_moved(transfer, moved);
}

static void *work(void *arg)
{
	struct worker *worker = arg;
	size_t regions = mix.region_count / mix.thread_count;

	for (unsigned long long i = 0; i < mix.operations; i++) {
		struct transfer transfer = any_transfer(worker, regions);
		bool reads = transfer.action == READ || transfer.action == DIRECT_READ;

		if (__atomic_load_n(&mix.failed, __ATOMIC_RELAXED))
			break;
		if (reads ? do_read(worker, &transfer) : do_write(worker, &transfer))
			break;
	}
	return NULL;
}

static int open_worker(struct worker *worker, size_t number)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	int error = pst_arena_open(mix.gpu, ARENA_BYTES, &worker->arena, &reason);

	worker->number = number;
	worker->random = (unsigned int)(mix.seed * THREADS_MOST + number);
	worker->host = malloc(ARENA_BYTES);
	worker->known = calloc(mix.region_count / mix.thread_count, REGION_BYTES);
	if (!error)
		error = pst_mem_place(pst_arena_memory(worker->arena), &worker->place, &reason);
	if (error || !worker->host || !worker->known)
		return fail("memory", pst_reason_text(&reason, error ?: -ENOMEM));
	/* Every other thread's memory is registered; that of the others is found by its pointer. */
	if (number % 2 == 0 &&
	    cuFileBufRegister(pst_arena_memory(worker->arena), ARENA_BYTES, 0).err)
		return fail("memory", "cuFileBufRegister failed");
	return 0;
}

static void close_worker(struct worker *worker)
{
	if (worker->number % 2 == 0 && worker->arena)
		(void)cuFileBufDeregister(pst_arena_memory(worker->arena));
	pst_arena_close(worker->arena);
	free(worker->host);
	free(worker->known);
}

static int open_files(void)
{
	for (size_t i = 0; i < mix.file_count; i++) {
		CUfileDescr_t description = { .type = CU_FILE_HANDLE_TYPE_OPAQUE_FD };
		char name[512];

		(void)snprintf(name, sizeof(name), "%s.%zu", mix.name, i);
		mix.files[i].fd = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
		if (mix.files[i].fd < 0 ||
		    ftruncate(mix.files[i].fd,
			      (off_t)(mix.region_count / mix.file_count * REGION_BYTES)))
			return fail(name, strerror(errno));
		description.handle.fd = mix.files[i].fd;
		if (cuFileHandleRegister(&mix.files[i].handle, &description).err)
			return fail(name, "cuFileHandleRegister failed");
	}
	return 0;
}

static void close_files(void)
{
	for (size_t i = 0; i < mix.file_count; i++) {
		if (mix.files[i].handle)
			cuFileHandleDeregister(mix.files[i].handle);
		pst_close_fd(&mix.files[i].fd);
	}
}

static void print_counters(void)
{
	struct pst_gds_counters counters;

	pst_gds_process_counters(&counters);
	printf("{\"direct_read_bytes\": %llu, \"direct_written_bytes\": %llu, \"bounced_bytes\": "
	       "%llu}\n",
	       (unsigned long long)counters.read_direct_bytes,
	       (unsigned long long)counters.write_direct_bytes,
	       (unsigned long long)pst_gds_bounced_bytes(&counters));
}

static void run(void)
{
	struct worker workers[THREADS_MOST] = { 0 };
	pthread_t threads[THREADS_MOST];
	size_t started = 0;

	for (size_t i = 0; i < mix.thread_count; i++)
		if (open_worker(&workers[i], i))
			break;
	for (; started < mix.thread_count && !mix.failed; started++)
		if (pthread_create(&threads[started], NULL, work, &workers[started]))
			fail("thread", strerror(EAGAIN));
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	for (size_t i = 0; i < mix.thread_count; i++)
		close_worker(&workers[i]);
}

static int number(const char *text, size_t most, size_t *ret)
{
	unsigned long long value;

	if (pst_parse_u64(text, most, &value) || !value)
		return -EINVAL;
	*ret = value;
	return 0;
}

int main(int argc, char **argv)
{
	if (argc < 6 || argc > 7 || number(argv[2], FILES_MOST, &mix.file_count) ||
	    number(argv[3], THREADS_MOST, &mix.thread_count) ||
	    pst_parse_u64(argv[4], UINT32_MAX, &mix.operations) ||
	    pst_parse_u64(argv[5], UINT32_MAX / THREADS_MOST, &mix.seed)) {
		fail("usage", "gds-mix FILE FILES THREADS OPERATIONS SEED [GPU]");
		return 2;
	}
	mix.name = argv[1];
	mix.gpu = argc == 7 ? atoi(argv[6]) : -1;
	mix.region_count = mix.file_count > mix.thread_count ? mix.file_count : mix.thread_count;
	if (mix.region_count % mix.thread_count || mix.region_count % mix.file_count) {
		fail("usage", "of FILES and THREADS one must be a multiple of the other");
		return 2;
	}
	for (size_t i = 0; i < mix.file_count; i++)
		mix.files[i].fd = -1;
	if (!open_files())
		run();
	close_files();
	print_counters();
	return mix.failed;
}
