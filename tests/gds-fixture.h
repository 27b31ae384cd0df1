/* SPDX-License-Identifier: MIT */
/*
 * A file that the layers above NFS take for one of an NFS/RDMA mount: a server inside the test, a mountinfo of the
 * test's, and a file in memory as the mount's side of it, with the same bytes at first.
 */
#ifndef PST_TESTS_GDS_FIXTURE_H
#define PST_TESTS_GDS_FIXTURE_H

#include "gds/gds.h"
#include "nfs-server.h"

/* What the mount is, for gds_fixture_start. */
#define MOUNT_RDMA  "nfs", "vers=3,proto=rdma,port=20049,sec=sys,addr=10.77.0.1"
#define MOUNT_TCP   "nfs4", "vers=4.2,proto=tcp,sec=sys,addr=10.77.0.1"
#define MOUNT_KRB5  "nfs4", "vers=4.2,proto=rdma,port=20049,sec=krb5p,addr=10.77.0.1"
#define MOUNT_LOCAL "ext4", "data=ordered"

struct gds_fixture {
	struct nfs_server server;
	uint64_t size_bytes;
	int fd; /* O_RDWR, on the mount's side */
	int handle_error; /* of asking for the file's handle */
	bool stale; /* the handle is another file's, which the server does not know */
	struct pst_gds_file *file;
};

void gds_fixture_start(struct gds_fixture *fixture, uint64_t size_bytes, const char *type,
		       const char *options);
/* Opens fixture->file. */
void gds_fixture_open(struct gds_fixture *fixture);
/* Closes it if it is open, trims, and checks that nothing is left connected or registered. */
void gds_fixture_stop(struct gds_fixture *fixture);
/* An operation's deadline, for clients that are made from now on; 5000 at first. */
void gds_fixture_timeout(uint32_t timeout_ms);

/* Bytes that the file has not. */
void gds_scribble(uint8_t *memory, size_t bytes, uint8_t seed);
/* memory[i] is the file's byte @offset + i. */
void assert_file_bytes(const uint8_t *memory, size_t bytes, uint64_t offset);
/* Everything went this way, and nothing else. */
void assert_went(const struct pst_gds_file *file, enum pst_bounce bounce, uint64_t read_bytes,
		 uint64_t written_bytes);

#endif
