// SPDX-License-Identifier: MIT
#include "nfs/handle.h"

#include <errno.h>
#include <fcntl.h>

#include "base/xdr.h"

/*
 * Linux, fs/nfs/export.c: words 0 and 1 of the handle are the file's number, word 2 its type; then comes the
 * struct nfs_fh, a 16-bit length in the machine's order and the server's bytes, and zeros up to the next word.
 */
#define AT_LENGTH 12
#define AT_SERVER 14

int pst_fh_parse(const uint8_t *handle, uint32_t length_bytes, int type, struct pst_fh *ret)
{
	uint16_t server_bytes;

	/* The type is the length in words (nfs_encode_fh); no other file system's happens to agree. */
	if (length_bytes < AT_SERVER || type < 0 || (uint32_t)type * 4 != length_bytes)
		return -EMEDIUMTYPE;
	memcpy(&server_bytes, handle + AT_LENGTH, sizeof(server_bytes));
	if (!server_bytes || length_bytes != pst_xdr_padded(AT_SERVER + server_bytes))
		return -EMEDIUMTYPE;
	if (server_bytes > PST_FH_BYTES)
		return -EOVERFLOW;
	*ret = (struct pst_fh){ .length_bytes = server_bytes };
	memcpy(ret->data, handle + AT_SERVER, server_bytes);
	return 0;
}

int pst_fh_of_fd(int fd, struct pst_fh *ret, struct pst_reason *reason)
{
	union {
		struct file_handle handle;
		uint8_t room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} asked = { .handle = { .handle_bytes = MAX_HANDLE_SZ } };
	int mount_id, error;

	error = name_to_handle_at(fd, "", &asked.handle, &mount_id, AT_EMPTY_PATH) < 0 ? -errno : 0;
	/* A server's handle of version 4 may be so long that, with what the kernel adds, there is no room for it. */
	if (error && error != -EOVERFLOW)
		return pst_fail_errno(reason, error, "the kernel gives no handle of the file");
	if (!error)
		error = pst_fh_parse(asked.handle.f_handle, asked.handle.handle_bytes,
				     asked.handle.handle_type, ret);
	if (error == -EOVERFLOW)
		return pst_fail(reason, error,
				"the server's file handle is longer than NFS 3 allows");
	if (error)
		return pst_fail(reason, error, "the file's handle is not that of an NFS client");
	return 0;
}
