// SPDX-License-Identifier: MIT
/* An open file: what it is, and which path its bytes will take. */
#include "gds/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/fork.h"
#include "base/log.h"
#include "base/str.h"
#include "base/time.h"
#include "gds/hooks.h"
#include "gds/request.h"

static int check_regular(int fd, int *ret_flags, struct pst_reason *reason)
{
	struct stat status;
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fstat(fd, &status))
		return pst_fail_errno(reason, -errno, "file descriptor %d", fd);
	if (flags & O_PATH)
		return pst_fail(reason, -EBADF, "the file was opened with O_PATH");
	if (S_ISDIR(status.st_mode))
		return pst_fail(reason, -EISDIR, "it is a directory");
	if (!S_ISREG(status.st_mode))
		return pst_fail(reason, -EINVAL, "it is not a regular file");
	*ret_flags = flags;
	return 0;
}

/* The server, and the file there; else why not. */
static enum pst_bounce connect_file(struct pst_gds_file *file)
{
	struct pst_nfs_identity identity;
	struct pst_fh fh;
	int error = pst_gds_hooks.fh_of_fd(file->fd, &fh, &file->reason);

	if (error)
		return PST_BOUNCE_NO_HANDLE;
	error = pst_gds_server_get(&file->mount.address, &file->server, &file->reason);
	if (error)
		return error == -ENODEV || error == -EPERM || error == -EACCES
			       ? PST_BOUNCE_NO_DEVICE
			       : PST_BOUNCE_NO_SERVER;
	error = pst_nfs_identity_self(&identity);
	if (!error)
		error = pst_nfs_file_open(pst_gds_server_client(file->server), &fh, &identity,
					  &file->nfs, &file->reason);
	if (error)
		return error == -EOPNOTSUPP ? PST_BOUNCE_NO_V3 : PST_BOUNCE_NO_SERVER;
	return PST_BOUNCE_NONE;
}

static enum pst_bounce choose_path(struct pst_gds_file *file)
{
	enum pst_bounce bounce;

	/* Without a mount that can be found there is nothing that says it is NFS. */
	if (pst_gds_mount_of_fd(file->fd, &file->mount, &file->reason))
		return PST_BOUNCE_NOT_NFS;
	bounce = pst_gds_mount_judge(&file->mount, file->open_flags, &file->reason);
	if (bounce == PST_BOUNCE_NONE)
		bounce = connect_file(file);
	if (bounce != PST_BOUNCE_NONE) {
		pst_gds_server_put(file->server);
		file->server = NULL;
	}
	return bounce;
}

/*
 * A local file that is open with O_DIRECT takes only aligned transfers, a program's need not be: the bounce path
 * opens it once more. Where that fails the kernel refuses what is not aligned, as it would for pread(2).
 */
static int without_direct(const struct pst_gds_file *file)
{
	char path[sizeof("/proc/self/fd/") + 3 * sizeof(int)];
	int fd;

	if (!(file->open_flags & O_DIRECT))
		return file->fd;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", file->fd);
	fd = open(path, (file->open_flags & (O_ACCMODE | O_APPEND)) | O_CLOEXEC);
	return fd < 0 ? file->fd : fd;
}

static void log_bounce(const struct pst_gds_file *file, enum pst_bounce bounce,
		       const struct pst_reason *reason)
{
	char __cleanup_free *link = NULL;
	char name[256] = "a file";
	ssize_t length;

	if (!pst_log_wanted())
		return;
	link = pst_printf("/proc/self/fd/%d", file->fd);
	length = link ? readlink(link, name, sizeof(name) - 1) : -1;
	if (length > 0)
		name[length] = '\0';
	pst_log("%s: bounce: %s: %s", name, pst_bounce_name(bounce), reason->text ?: "");
}

int pst_gds_open(int fd, struct pst_gds_file **ret, struct pst_reason *reason)
{
	struct pst_gds_file *file;
	int flags = 0;
	int error = check_regular(fd, &flags, reason);

	if (error)
		return error;
	file = calloc(1, sizeof(*file));
	if (!file)
		return -ENOMEM;
	file->open_flags = flags;
	file->generation = pst_fork_generation();
	pthread_mutex_init(&file->lock, NULL);
	file->fd = file->bounce_fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (file->fd < 0) {
		error = pst_fail_errno(reason, -errno, "file descriptor %d", fd);
		pst_gds_close(file);
		return error;
	}
	file->bounce_fd = without_direct(file);
	file->bounce = choose_path(file);
	if (file->bounce != PST_BOUNCE_NONE)
		log_bounce(file, file->bounce, &file->reason);
	*ret = file;
	return 0;
}

void pst_gds_close(struct pst_gds_file *file)
{
	if (!file)
		return;
	if (file->nfs)
		pst_nfs_file_close(file->nfs);
	pst_gds_server_put(file->server);
	if (file->bounce_fd != file->fd)
		pst_close_fd(&file->bounce_fd);
	pst_close_fd(&file->fd);
	pst_gds_mount_free(&file->mount);
	pst_reason_free(&file->reason);
	pst_reason_free(&file->memory_reason);
	pthread_mutex_destroy(&file->lock);
	free(file);
}

enum pst_bounce pst_gds_file_bounce(const struct pst_gds_file *file)
{
	if (file->bounce == PST_BOUNCE_NONE && file->generation != pst_fork_generation())
		return PST_BOUNCE_FORKED;
	return file->bounce;
}

uint64_t pst_gds_file_deadline_usec(const struct pst_gds_file *file)
{
	uint64_t ms = pst_gds_hooks.timeout_ms ?: file->mount.deadline_ms;

	return pst_now_usec() + ms * PST_USEC_PER_MSEC;
}

void pst_gds_file_memory_failed(struct pst_gds_file *file, struct pst_reason *reason)
{
	struct pst_reason before;

	log_bounce(file, PST_BOUNCE_MEMORY, reason);
	pthread_mutex_lock(&file->lock);
	before = file->memory_reason;
	file->memory_reason = *reason;
	pthread_mutex_unlock(&file->lock);
	*reason = before;
}

char *pst_gds_memory_reason(struct pst_gds_file *file)
{
	char *text;

	pthread_mutex_lock(&file->lock);
	text = strdup(file->memory_reason.text ?: "");
	pthread_mutex_unlock(&file->lock);
	return text;
}

void pst_gds_path(const struct pst_gds_file *file, struct pst_gds_path *ret)
{
	enum pst_bounce bounce = pst_gds_file_bounce(file);

	*ret = (struct pst_gds_path){
		.bounce = bounce,
		.reason = file->reason.text ?: "",
		.mount = file->mount.target ?: "",
		.source = file->mount.source ?: "",
		.fstype = file->mount.type ?: "",
		.version = file->mount.version ?: "",
		.proto = file->mount.proto ?: "",
		.server = file->mount.server ?: "",
		.device = "",
	};
	if (bounce == PST_BOUNCE_FORKED)
		ret->reason = "the file was opened by the parent process";
	if (bounce != PST_BOUNCE_NONE)
		return;
	ret->device = pst_nfs_client_domain(pst_gds_server_client(file->server))->device;
	ret->read_max_bytes = pst_nfs_file_limits(file->nfs)->read_max_bytes;
	ret->write_max_bytes = pst_nfs_file_limits(file->nfs)->write_max_bytes;
}

void pst_gds_trim(void)
{
	pst_gds_request_pool_trim();
	pst_gds_servers_trim();
}
