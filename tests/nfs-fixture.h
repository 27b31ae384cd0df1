/* SPDX-License-Identifier: MIT */
/* A client of the server inside the test, one file open, and memory that both its operations may reach. */
#ifndef PST_TESTS_NFS_FIXTURE_H
#define PST_TESTS_NFS_FIXTURE_H

#include "nfs-server.h"

#define FILE_BYTES (256 * 1024)

struct nfs_fixture {
	struct nfs_server server;
	struct pst_nfs_client *client;
	struct pst_nfs_file *file;
	uint8_t *memory;
	struct pst_region *for_read, *for_write;
	uint32_t timeout_ms; /* set before nfs_fixture_open; 0: 5000 */
	uint32_t connections;
};

/* Starts the server; nfs_fixture_open makes the client. */
void nfs_fixture_start(struct nfs_fixture *fixture);
void nfs_fixture_open(struct nfs_fixture *fixture);
/* Also checks that nothing is left registered or connected. */
void nfs_fixture_stop(struct nfs_fixture *fixture);

/*
 * Moves [0, @bytes) in operations of @each bytes, all at once, and waits. Returns the first error; the bytes moved are in
 * @ret_moved, which may be NULL.
 */
int nfs_fixture_move(struct nfs_fixture *fixture, enum pst_nfs_op op, uint32_t bytes, uint32_t each,
		     uint64_t *ret_moved);
/* Fills the memory with something else than the file has. */
void nfs_fixture_scribble(struct nfs_fixture *fixture, uint8_t seed);

#endif
