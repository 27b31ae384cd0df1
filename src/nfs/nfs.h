/* SPDX-License-Identifier: MIT */
/*
 * The NFSv3 operations of the data path (RFC 1813) on an open file of an NFS mount. A client holds
 * several connections to one server; what a lost connection left undone is sent again on a new one,
 * until the operation's deadline: READ, WRITE and COMMIT are idempotent. What the server puts off (JUKEBOX) is
 * asked for again.
 */
#ifndef PST_NFS_NFS_H
#define PST_NFS_NFS_H

#include "nfs/handle.h"
#include "rpc/connection.h"

#define PST_NFS_PORT_RDMA 20049
#define PST_NFS_GROUPS	  16 /* AUTH_SYS carries no more (RFC 5531, appendix A) */

/* Who asks: AUTH_SYS with the process's own ids, so that the server's checks hold. */
struct pst_nfs_identity {
	uint32_t uid;
	uint32_t gid;
	uint32_t group_count;
	uint32_t groups[PST_NFS_GROUPS];
};

/* The calling process's file system ids. More groups than AUTH_SYS carries: the first 16, as the kernel does. */
int pst_nfs_identity_self(struct pst_nfs_identity *ret);

struct pst_nfs_options {
	const struct pst_transport *transport;
	struct sockaddr_storage server; /* with its port */
	uint32_t connections; /* 0: 2; 8 at most */
	uint32_t in_flight_most; /* of each connection; 0: 64 */
	uint32_t timeout_ms; /* an operation's deadline; 0: 60000 */
};

struct pst_nfs_client;

/* Finds the card and makes the first connection. */
int pst_nfs_client_open(const struct pst_nfs_options *options, struct pst_nfs_client **ret,
			struct pst_reason *reason);
/* All files must be closed. */
void pst_nfs_client_close(struct pst_nfs_client *client);
/* Memory for this client's operations is registered there. Lives as long as the client. */
struct pst_domain *pst_nfs_client_domain(struct pst_nfs_client *client);

struct pst_nfs_counters {
	uint64_t reads;
	uint64_t writes;
	uint64_t commits;
	uint64_t
		retries; /* sent again after a lost connection, or because the server said JUKEBOX */
	uint64_t reconnects;
};
void pst_nfs_client_counters(struct pst_nfs_client *client, struct pst_nfs_counters *ret);

struct pst_nfs_limits {
	uint32_t read_max_bytes; /* rtmax */
	uint32_t write_max_bytes; /* wtmax */
	uint64_t file_max_bytes; /* maxfilesize */
};

struct pst_nfs_attributes {
	uint64_t size_bytes;
	uint64_t file_id;
	uint32_t type; /* ftype3: 1 is a regular file */
	uint32_t mode;
	uint32_t uid;
	uint32_t gid;
};

struct pst_nfs_file;

/*
 * Asks the server for the file's attributes and limits (GETATTR, FSINFO), and so proves that it
 * speaks version 3 here and knows the handle. Errors: what the server says (-ESTALE, -EACCES), -EOPNOTSUPP
 * when it has no version 3, and those of a connection.
 */
int pst_nfs_file_open(struct pst_nfs_client *client, const struct pst_fh *fh,
		      const struct pst_nfs_identity *identity, struct pst_nfs_file **ret,
		      struct pst_reason *reason);
/* No operation may be under way. */
void pst_nfs_file_close(struct pst_nfs_file *file);
const struct pst_nfs_limits *pst_nfs_file_limits(const struct pst_nfs_file *file);
struct pst_nfs_client *pst_nfs_file_client(const struct pst_nfs_file *file);
int pst_nfs_getattr(struct pst_nfs_file *file, struct pst_nfs_attributes *ret);

enum pst_nfs_op {
	PST_NFS_READ,
	PST_NFS_WRITE,
	PST_NFS_COMMIT,
	/* The client's own, for pst_nfs_file_open and pst_nfs_getattr. */
	PST_NFS_GETATTR,
	PST_NFS_FSINFO,
};
#define PST_NFS_OPS (PST_NFS_FSINFO + 1)

/* One operation, the caller's memory from submit to done. */
struct pst_nfs_io {
	enum pst_nfs_op op;
	uint32_t count_bytes; /* at most the file's limit; 0 for COMMIT: to the end of the file */
	uint64_t offset_bytes;
	uint64_t address; /* of the payload in a region of the client's domain */
	uint32_t rkey; /* of that region: remote write for READ, remote read for WRITE */
	uint64_t deadline_usec; /* 0: the client's timeout from now */
	/*
	 * Called once, by any thread, with no lock held. It may submit more. After any error no connection exists any
	 * more on which the server could still reach the payload's memory for this operation.
	 */
	void (*done)(struct pst_nfs_io *io);
	void *user;

	/* Results, valid in done(). */
	int error; /* 0 or -errno: what the server said, -ETIMEDOUT, -EPROTO, … */
	uint32_t transferred_bytes; /* may be short */
	bool eof; /* READ */
	bool stable; /* WRITE: already on stable storage */
	uint64_t verifier; /* WRITE and COMMIT: a change means that unstable writes may be lost */

	/* The client's own. */
	struct pst_rpc_call call;
	struct pst_nfs_file *file;
	struct pst_nfs_connection *connection; /* NULL while it waits to be sent */
	struct pst_nfs_io *next, *previous;
	void *results; /* of GETATTR and FSINFO */
	int verdict; /* an error that it will end with */
	uint32_t delays;
	uint64_t not_before_usec;
};

/*
 * Starts an operation; WRITE is UNSTABLE. Allocates nothing. Returns 0, after which done() will be called while
 * somebody waits; or -EINVAL (count beyond the limit, overflowing offset), -ECANCELED (the client was made
 * before a fork), and then done() is not called.
 */
int pst_nfs_submit(struct pst_nfs_file *file, struct pst_nfs_io *io);

/*
 * Works and sleeps until @finished(@arg), which must become so in a done(), and is called with the client's lock held:
 * it looks at memory and no more. Every operation ends by its deadline, and so does this. 0, or -ECANCELED
 * after a fork.
 */
int pst_nfs_wait(struct pst_nfs_client *client, bool (*finished)(void *arg), void *arg);

/* The errno of an nfsstat3 (RFC 1813, 2.6); -EIO for one that is not known. */
int pst_nfs_errno(uint32_t status);

#endif
