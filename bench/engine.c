// SPDX-License-Identifier: MIT
/*
 * What our own code costs: a 4 KiB READ from pst_nfs_submit to done(), over a card and a server that cost next to
 * nothing, and what these cost by themselves is taken off. One thread; the time is the processor's, so that other
 * programs on the machine disturb it less.
 */
#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "engine-card.h"
#include "nfs/nfs.h"

#define READ_BYTES  4096
#define AT_ONCE	    128
#define ROUND_READS 100000
#define ROUNDS	    21
#define BATCH	    16 /* completions that a connection looks at at once */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static unsigned long allocations;

/* The program's, and that of all its libraries. */
void *malloc(size_t size)
{
	allocations++;
	return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	allocations++;
	return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
	allocations++;
	return __libc_realloc(memory, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	allocations++;
	return __libc_memalign(alignment, size);
}

struct bench {
	struct pst_nfs_client *client;
	struct pst_nfs_file *file;
	struct pst_region *region;
	struct pst_nfs_io ios[AT_ONCE];
	uint32_t at_once;
	uint32_t left; /* of a round, to be submitted */
	uint32_t under_way;
	int error;
};

struct figures {
	uint32_t at_once;
	double all_ns, card_ns;
	double allocations;
};

static double cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void submit(struct bench *bench, struct pst_nfs_io *io)
{
	int error;

	bench->left--;
	io->offset_bytes += READ_BYTES;
	io->deadline_usec = 0;
	error = pst_nfs_submit(bench->file, io);
	if (error)
		bench->error = error;
	else
		bench->under_way++;
}

static void done(struct pst_nfs_io *io)
{
	struct bench *bench = io->user;

	bench->under_way--;
	if (io->error || io->transferred_bytes != READ_BYTES)
		bench->error = io->error ?: -EIO;
	if (bench->left && bench->at_once > 1)
		submit(bench, io);
}

static bool is_over(void *arg)
{
	const struct bench *bench = arg;

	return !bench->under_way;
}

/* Keeps as many reads under way as are asked for; a single one is waited for before the next, as by a program that reads. */
static double run_reads(struct bench *bench)
{
	double start = cpu_ns();

	bench->left = ROUND_READS;
	while (bench->left && !bench->error) {
		for (uint32_t i = 0; i < bench->at_once; i++)
			submit(bench, &bench->ios[i]);
		pst_nfs_wait(bench->client, is_over, bench);
	}
	return (cpu_ns() - start) / ROUND_READS;
}

/* The same messages through the card alone, as many at once. */
static double run_card(struct pst_link *link, uint32_t at_once)
{
	struct pst_completion completions[BATCH];
	double start = cpu_ns();
	int count;

	for (uint32_t sent = 0; sent < ROUND_READS; sent += at_once) {
		for (uint32_t i = 0; i < at_once; i++)
			card_transport.post_send(link, 0, card_last_read.bytes,
						 card_last_read.length_bytes, 0, false);
		while ((count = card_transport.poll(link, completions, BATCH)) > 0)
			for (int i = 0; i < count; i++)
				card_transport.post_receive(
					link, completions[i].cookie,
					(void *)(uintptr_t)completions[i].cookie,
					PST_RPC_RECEIVE_BYTES, 0);
	}
	return (cpu_ns() - start) / ROUND_READS;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values)
{
	qsort(values, ROUNDS, sizeof(values[0]), compare);
	return values[ROUNDS / 2];
}

/* In turn, so that what disturbs the machine disturbs both. The first round of each is not counted. */
static void measure(struct bench *bench, struct pst_link *link, struct figures *ret)
{
	double all[ROUNDS], card[ROUNDS];
	unsigned long before = 0;

	bench->at_once = ret->at_once;
	for (int i = -1; i < ROUNDS && !bench->error; i++) {
		double all_ns = run_reads(bench), card_ns = run_card(link, ret->at_once);

		if (i < 0) {
			before = allocations;
			continue;
		}
		all[i] = all_ns;
		card[i] = card_ns;
	}
	ret->allocations = (double)(allocations - before) / ROUNDS / ROUND_READS;
	ret->all_ns = median(all);
	ret->card_ns = median(card);
}

static int open_bench(struct bench *bench)
{
	static const struct pst_fh fh = { .length_bytes = 28 };
	static uint8_t memory[READ_BYTES];
	struct pst_nfs_options options = { .transport = &card_transport };
	struct pst_nfs_identity identity;
	int error = pst_nfs_identity_self(&identity);

	if (!error)
		error = pst_nfs_client_open(&options, &bench->client, NULL);
	if (!error)
		error = pst_nfs_file_open(bench->client, &fh, &identity, &bench->file, NULL);
	if (!error)
		error = card_transport.register_host(pst_nfs_client_domain(bench->client), memory,
						     sizeof(memory), PST_ACCESS_REMOTE_WRITE,
						     &bench->region);
	for (uint32_t i = 0; !error && i < AT_ONCE; i++)
		bench->ios[i] = (struct pst_nfs_io){
			.op = PST_NFS_READ,
			.count_bytes = READ_BYTES,
			.address = bench->region->address,
			.rkey = bench->region->rkey,
			.done = done,
			.user = bench,
		};
	return error;
}

static void close_bench(struct bench *bench)
{
	card_transport.deregister(bench->region);
	pst_nfs_file_close(bench->file);
	pst_nfs_client_close(bench->client);
}

/* A link of its own, whose receives' cookies are their buffers. */
static int open_link(struct bench *bench, struct pst_link **ret)
{
	static uint8_t buffers[AT_ONCE][PST_RPC_RECEIVE_BYTES];
	int error = card_transport.connect(pst_nfs_client_domain(bench->client), NULL, NULL,
					   UINT64_MAX, ret, NULL);

	for (int i = 0; !error && i < AT_ONCE; i++)
		error = card_transport.post_receive(*ret, (uintptr_t)buffers[i], buffers[i],
						    PST_RPC_RECEIVE_BYTES, 0);
	return error;
}

static void print(const struct figures *figures, size_t count, bool json)
{
	if (!json)
		printf("%-16s %10s %10s %10s %14s %12s\n", "READs at once", "all, ns", "card, ns",
		       "ours, ns", "ours, M/s/core", "allocations");
	for (size_t i = 0; i < count; i++) {
		double ours_ns = figures[i].all_ns - figures[i].card_ns;

		if (json)
			printf("{\"bench\": \"engine\", \"at_once\": %u, \"all_ns\": %.1f, "
			       "\"card_ns\": %.1f, \"ours_ns\": %.1f, \"allocations\": %g}\n",
			       figures[i].at_once, figures[i].all_ns, figures[i].card_ns, ours_ns,
			       figures[i].allocations);
		else
			printf("%-16u %10.1f %10.1f %10.1f %14.2f %12g\n", figures[i].at_once,
			       figures[i].all_ns, figures[i].card_ns, ours_ns, 1e3 / ours_ns,
			       figures[i].allocations);
	}
}

int main(int argc, char **argv)
{
	static struct bench bench;
	struct figures figures[] = {
		{ .at_once = 1 }, { .at_once = 16 }, { .at_once = 64 }, { .at_once = AT_ONCE }
	};
	struct pst_link *link;
	int error = open_bench(&bench);

	if (!error)
		error = open_link(&bench, &link);
	for (size_t i = 0; i < ARRAY_SIZE(figures) && !error; i++) {
		measure(&bench, link, &figures[i]);
		error = bench.error;
	}
	if (error) {
		fprintf(stderr, "bench-engine: %s\n", strerror(-error));
		return 1;
	}
	card_transport.disconnect(link);
	close_bench(&bench);
	print(figures, ARRAY_SIZE(figures), argc > 1 && pst_streq(argv[1], "--json"));
	return 0;
}
