// SPDX-License-Identifier: MIT
#include "nfs-fixture.h"

#include <stdlib.h>

#include "base/time.h"
#include "rows.h"

struct batch {
	uint32_t left;
};

void nfs_fixture_start(struct nfs_fixture *fixture)
{
	*fixture = (struct nfs_fixture){ 0 };
	pst_sim_faults = (struct pst_sim_faults){ 0 };
	nfs_server_start(&fixture->server, FILE_BYTES);
	fixture->memory = malloc(FILE_BYTES);
	assert_non_null(fixture->memory);
	nfs_fixture_scribble(fixture, 0);
}

void nfs_fixture_scribble(struct nfs_fixture *fixture, uint8_t seed)
{
	for (uint32_t i = 0; i < FILE_BYTES; i++)
		fixture->memory[i] = (uint8_t)(~nfs_server_byte(i) + seed);
}

void nfs_fixture_open(struct nfs_fixture *fixture)
{
	struct pst_nfs_options options = {
		.transport = &pst_transport_simulated,
		.connections = fixture->connections,
		.timeout_ms = fixture->timeout_ms ?: 5000,
	};
	struct pst_nfs_identity identity;
	struct pst_domain *domain;

	assert_int_equal(pst_nfs_identity_self(&identity), 0);
	assert_int_equal(pst_nfs_client_open(&options, &fixture->client, NULL), 0);
	assert_int_equal(pst_nfs_file_open(fixture->client, &fixture->server.fh, &identity,
					   &fixture->file, NULL),
			 0);
	domain = pst_nfs_client_domain(fixture->client);
	assert_int_equal(pst_transport_simulated.register_host(domain, fixture->memory, FILE_BYTES,
							       PST_ACCESS_REMOTE_WRITE,
							       &fixture->for_read),
			 0);
	assert_int_equal(pst_transport_simulated.register_host(domain, fixture->memory, FILE_BYTES,
							       PST_ACCESS_REMOTE_READ,
							       &fixture->for_write),
			 0);
}

void nfs_fixture_stop(struct nfs_fixture *fixture)
{
	struct pst_sim_counters left;

	pst_transport_simulated.deregister(fixture->for_read);
	pst_transport_simulated.deregister(fixture->for_write);
	pst_nfs_file_close(fixture->file);
	pst_nfs_client_close(fixture->client);
	nfs_server_stop(&fixture->server);
	free(fixture->memory);
	pst_sim_counters(&left);
	assert_int_equal(left.links, 0);
	assert_int_equal(left.regions, 0);
	assert_int_equal(left.unheard, 0);
}

static void count_down(struct pst_nfs_io *io)
{
	struct batch *batch = io->user;

	__atomic_sub_fetch(&batch->left, 1, __ATOMIC_ACQ_REL);
}

static bool is_over(void *arg)
{
	const struct batch *batch = arg;

	return !__atomic_load_n(&batch->left, __ATOMIC_ACQUIRE);
}

int nfs_fixture_move(struct nfs_fixture *fixture, enum pst_nfs_op op, uint32_t bytes, uint32_t each,
		     uint64_t *ret_moved)
{
	const struct pst_region *region =
		op == PST_NFS_READ ? fixture->for_read : fixture->for_write;
	uint32_t count = op == PST_NFS_COMMIT ? 1 : (bytes + each - 1) / each;
	struct pst_nfs_io *ios = calloc(count, sizeof(*ios));
	struct batch batch = { count };
	int error = 0;

	assert_non_null(ios);
	for (uint32_t i = 0; i < count; i++) {
		uint64_t offset = (uint64_t)i * each;

		ios[i] = (struct pst_nfs_io){
			.op = op,
			.count_bytes = bytes - offset < each ? (uint32_t)(bytes - offset) : each,
			.offset_bytes = offset,
			.address = region->address + offset,
			.rkey = region->rkey,
			.done = count_down,
			.user = &batch,
		};
		assert_int_equal(pst_nfs_submit(fixture->file, &ios[i]), 0);
	}
	assert_int_equal(pst_nfs_wait(fixture->client, is_over, &batch), 0);
	if (ret_moved)
		*ret_moved = 0;
	for (uint32_t i = 0; i < count; i++) {
		error = error ?: ios[i].error;
		if (ret_moved && !ios[i].error)
			*ret_moved += ios[i].transferred_bytes;
	}
	free(ios);
	return error;
}
