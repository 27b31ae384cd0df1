// SPDX-License-Identifier: MIT
/* A file of the server: what the client has to know of it before any of its data is moved. */
#include <errno.h>

#include "nfs/client.h"

#define FILE_LIMIT_BYTES (1u << 30) /* of one operation: more than any server takes at once */

struct pst_nfs_client *pst_nfs_file_client(const struct pst_nfs_file *file)
{
	return file->client;
}

const struct pst_nfs_limits *pst_nfs_file_limits(const struct pst_nfs_file *file)
{
	return &file->limits;
}

void pst_nfs_file_close(struct pst_nfs_file *file)
{
	free(file);
}

static void mark(struct pst_nfs_io *io)
{
	__atomic_store_n((bool *)io->user, true, __ATOMIC_RELEASE);
}

static bool is_marked(void *arg)
{
	return __atomic_load_n((bool *)arg, __ATOMIC_ACQUIRE);
}

/* One operation from its beginning to its end. */
static int ask(struct pst_nfs_file *file, enum pst_nfs_op op, void *results)
{
	bool ended = false;
	struct pst_nfs_io io = { .op = op, .results = results, .done = mark, .user = &ended };
	int error = pst_nfs_submit(file, &io);

	if (!error)
		error = pst_nfs_wait(file->client, is_marked, &ended);
	return error ?: io.error;
}

int pst_nfs_getattr(struct pst_nfs_file *file, struct pst_nfs_attributes *ret)
{
	return ask(file, PST_NFS_GETATTR, ret);
}

static int learn(struct pst_nfs_file *file, struct pst_reason *reason)
{
	struct pst_nfs_attributes attributes;
	int error = pst_nfs_getattr(file, &attributes);

	if (error == -EOPNOTSUPP)
		return pst_fail(reason, error, "the server does not speak NFS version 3 here");
	if (error)
		return pst_fail_errno(reason, error,
				      "the server, asked for the file by its handle");
	error = ask(file, PST_NFS_FSINFO, &file->limits);
	if (error)
		return pst_fail_errno(reason, error, "the server, asked for its limits");
	if (file->limits.read_max_bytes > FILE_LIMIT_BYTES)
		file->limits.read_max_bytes = FILE_LIMIT_BYTES;
	if (file->limits.write_max_bytes > FILE_LIMIT_BYTES)
		file->limits.write_max_bytes = FILE_LIMIT_BYTES;
	return 0;
}

int pst_nfs_file_open(struct pst_nfs_client *client, const struct pst_fh *fh,
		      const struct pst_nfs_identity *identity, struct pst_nfs_file **ret,
		      struct pst_reason *reason)
{
	struct pst_nfs_file *file = calloc(1, sizeof(*file));
	int error;

	if (!file)
		return -ENOMEM;
	file->client = client;
	for (unsigned int op = 0; op < PST_NFS_OPS; op++)
		pst_nfs_template_make(op, fh, identity, &file->templates[op]);
	error = learn(file, reason);
	if (error) {
		pst_nfs_file_close(file);
		return error;
	}
	*ret = file;
	return 0;
}
