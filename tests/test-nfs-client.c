// SPDX-License-Identifier: MIT
/* The NFS client with a server that behaves. */
#include <errno.h>
#include <netinet/in.h>
#include <sys/wait.h>

#include "nfs-fixture.h"
#include "rows.h"

#define THREADS 8

static void assert_memory_is_file(const struct nfs_fixture *fixture, uint32_t bytes)
{
	for (uint32_t i = 0; i < bytes; i++)
		if (fixture->memory[i] != nfs_server_byte(i))
			fail_msg("byte %u differs", i);
}

struct size_row {
	const char *name;
	uint32_t bytes, each;
};

static const struct size_row sizes[] = {
	{ "one byte", 1, 1 },
	{ "three bytes", 3, 3 },
	{ "a page", 4096, 4096 },
	{ "odd pieces", 100001, 3333 },
	{ "many at once", FILE_BYTES, 512 },
	{ "the largest at once", FILE_BYTES, 65536 },
};

static void file_is_read(void **state)
{
	const struct size_row *row = *state;
	struct nfs_fixture fixture;
	uint64_t moved;

	nfs_fixture_start(&fixture);
	nfs_fixture_open(&fixture);
	assert_int_equal(nfs_fixture_move(&fixture, PST_NFS_READ, row->bytes, row->each, &moved),
			 0);
	assert_int_equal(moved, row->bytes);
	assert_memory_is_file(&fixture, row->bytes);
	nfs_fixture_stop(&fixture);
}

static void file_is_written(void **state)
{
	const struct size_row *row = *state;
	struct nfs_fixture fixture;
	uint64_t moved;

	nfs_fixture_start(&fixture);
	nfs_fixture_open(&fixture);
	assert_int_equal(nfs_fixture_move(&fixture, PST_NFS_WRITE, row->bytes, row->each, &moved),
			 0);
	assert_int_equal(moved, row->bytes);
	assert_memory_equal(fixture.server.memory, fixture.memory, row->bytes);
	assert_int_equal(nfs_fixture_move(&fixture, PST_NFS_COMMIT, 0, 1, NULL), 0);
	assert_memory_equal(fixture.server.disk, fixture.memory, row->bytes);
	nfs_fixture_stop(&fixture);
}

static void beyond_the_end_is_nothing(void **state)
{
	struct nfs_fixture fixture;
	uint64_t moved;

	(void)state;
	nfs_fixture_start(&fixture);
	fixture.server.size_bytes = 5000;
	nfs_fixture_open(&fixture);
	assert_int_equal(nfs_fixture_move(&fixture, PST_NFS_READ, 20000, 4096, &moved), 0);
	assert_int_equal(moved, 5000);
	assert_memory_is_file(&fixture, 5000);
	nfs_fixture_stop(&fixture);
}

static void limits_and_attributes_are_the_servers(void **state)
{
	struct pst_nfs_attributes attributes;
	struct pst_nfs_identity identity;
	struct nfs_fixture fixture;

	(void)state;
	nfs_fixture_start(&fixture);
	fixture.server.read_max_bytes = 32768;
	fixture.server.write_max_bytes = 16384;
	nfs_fixture_open(&fixture);
	assert_int_equal(pst_nfs_file_limits(fixture.file)->read_max_bytes, 32768);
	assert_int_equal(pst_nfs_file_limits(fixture.file)->write_max_bytes, 16384);
	assert_int_equal(pst_nfs_getattr(fixture.file, &attributes), 0);
	assert_int_equal(attributes.size_bytes, FILE_BYTES);
	assert_int_equal(attributes.file_id, 42);
	assert_int_equal(attributes.type, 1);
	assert_int_equal(pst_nfs_identity_self(&identity), 0);
	assert_int_equal(fixture.server.uid, identity.uid);
	nfs_fixture_stop(&fixture);
}

static void refuse(struct nfs_fixture *fixture, struct pst_nfs_io io)
{
	assert_int_equal(pst_nfs_submit(fixture->file, &io), -EINVAL);
}

static void what_cannot_be_is_not_sent(void **state)
{
	struct nfs_fixture fixture;
	uint32_t before;

	(void)state;
	nfs_fixture_start(&fixture);
	nfs_fixture_open(&fixture);
	before = fixture.server.calls;
	refuse(&fixture, (struct pst_nfs_io){ .op = PST_NFS_READ, .count_bytes = 65537 });
	refuse(&fixture, (struct pst_nfs_io){ .op = PST_NFS_READ, .count_bytes = 0 });
	refuse(&fixture, (struct pst_nfs_io){ .op = PST_NFS_WRITE, .count_bytes = 65537 });
	refuse(&fixture, (struct pst_nfs_io){ .op = PST_NFS_READ,
					      .count_bytes = 2,
					      .offset_bytes = INT64_MAX - 1 });
	refuse(&fixture, (struct pst_nfs_io){ .op = PST_NFS_READ,
					      .count_bytes = 1,
					      .offset_bytes = UINT64_MAX });
	assert_int_equal(fixture.server.calls, before);
	nfs_fixture_stop(&fixture);
}

static void no_server_is_said(void **state)
{
	struct pst_nfs_options options = { .transport = &pst_transport_simulated };
	struct sockaddr_in *address = (struct sockaddr_in *)&options.server;
	struct pst_nfs_client *client = NULL;
	struct pst_reason __cleanup_reason reason = { 0 };

	(void)state;
	address->sin_family = AF_INET;
	address->sin_port = htons(PST_NFS_PORT_RDMA);
	address->sin_addr.s_addr = htonl(0xc0000207);
	pst_sim_serve(NULL);
	assert_int_equal(pst_nfs_client_open(&options, &client, &reason), -ECONNREFUSED);
	assert_null(client);
	assert_non_null(reason.text);
	assert_non_null(strstr(reason.text, "192.0.2.7, RDMA port 20049: "));
	assert_non_null(strstr(reason.text, strerror(ECONNREFUSED)));
}

static void stale_handle_is_said(void **state)
{
	struct pst_fh other = { .length_bytes = 4, .data = "none" };
	struct pst_nfs_identity identity = { 0 };
	struct pst_nfs_file *file = NULL;
	struct nfs_fixture fixture;

	(void)state;
	nfs_fixture_start(&fixture);
	nfs_fixture_open(&fixture);
	assert_int_equal(pst_nfs_file_open(fixture.client, &other, &identity, &file, NULL),
			 -ESTALE);
	assert_null(file);
	nfs_fixture_stop(&fixture);
}

/* A child has its parent's memory, and none of its connections. */
static void child_is_turned_away(void **state)
{
	struct pst_sim_counters before, after;
	struct nfs_fixture fixture;
	uint64_t moved;
	int status;
	pid_t child;

	(void)state;
	nfs_fixture_start(&fixture);
	nfs_fixture_open(&fixture);
	pst_sim_counters(&before);
	child = fork();
	if (!child) {
		struct pst_nfs_io io = { .op = PST_NFS_READ, .count_bytes = 1 };
		bool refused = pst_nfs_submit(fixture.file, &io) == -ECANCELED;

		pst_nfs_client_close(fixture.client);
		_exit(refused ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	pst_sim_counters(&after);
	assert_int_equal(after.links, before.links);
	assert_int_equal(nfs_fixture_move(&fixture, PST_NFS_READ, FILE_BYTES, 4096, &moved), 0);
	assert_memory_is_file(&fixture, FILE_BYTES);
	nfs_fixture_stop(&fixture);
}

struct reader {
	struct nfs_fixture *fixture;
	pthread_t thread;
	uint32_t number;
	uint32_t errors;
};

static bool is_set(void *arg)
{
	return __atomic_load_n((bool *)arg, __ATOMIC_ACQUIRE);
}

static void set(struct pst_nfs_io *io)
{
	__atomic_store_n((bool *)io->user, true, __ATOMIC_RELEASE);
}

/* Each thread reads the pieces that are its own, one by one, so that all of them wait most of the time. */
static void *read_pieces(void *arg)
{
	struct reader *reader = arg;
	struct nfs_fixture *fixture = reader->fixture;

	for (uint64_t at = reader->number * 1024; at < FILE_BYTES; at += THREADS * 1024) {
		bool ended = false;
		struct pst_nfs_io io = {
			.op = PST_NFS_READ,
			.count_bytes = 1024,
			.offset_bytes = at,
			.address = fixture->for_read->address + at,
			.rkey = fixture->for_read->rkey,
			.done = set,
			.user = &ended,
		};

		if (pst_nfs_submit(fixture->file, &io) ||
		    pst_nfs_wait(fixture->client, is_set, &ended) || io.error)
			reader->errors++;
	}
	return NULL;
}

static void threads_share_a_client(void **state)
{
	struct reader readers[THREADS];
	struct nfs_fixture fixture;

	(void)state;
	nfs_fixture_start(&fixture);
	nfs_fixture_open(&fixture);
	for (uint32_t i = 0; i < THREADS; i++) {
		readers[i] = (struct reader){ .fixture = &fixture, .number = i };
		assert_int_equal(pthread_create(&readers[i].thread, NULL, read_pieces, &readers[i]),
				 0);
	}
	for (uint32_t i = 0; i < THREADS; i++) {
		pthread_join(readers[i].thread, NULL);
		assert_int_equal(readers[i].errors, 0);
	}
	assert_memory_is_file(&fixture, FILE_BYTES);
	nfs_fixture_stop(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(beyond_the_end_is_nothing),
		cmocka_unit_test(limits_and_attributes_are_the_servers),
		cmocka_unit_test(what_cannot_be_is_not_sent),
		cmocka_unit_test(no_server_is_said),
		cmocka_unit_test(stale_handle_is_said),
		cmocka_unit_test(child_is_turned_away),
		cmocka_unit_test(threads_share_a_client),
	};

	ADD_TESTS(tests);
	ADD_ROWS(sizes, file_is_read);
	ADD_ROWS(sizes, file_is_written);
	return run_gathered(NULL, NULL);
}
