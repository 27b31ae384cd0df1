// SPDX-License-Identifier: MIT
/* The mount that a file is on, and whether it can have a direct path. */
#include "gds/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/file.h"
#include "base/mountinfo.h"
#include "base/str.h"
#include "gds/hooks.h"

/* -ENOENT when the options name no address that can be used. */
static int set_address(struct pst_gds_mount *mount, const char *options)
{
	char __cleanup_free *host = pst_mountinfo_option(options, "addr");
	char __cleanup_free *port = pst_mountinfo_option(options, "port");
	const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
					.ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;

	if (!port)
		port = pst_printf("%d", PST_NFS_PORT_RDMA);
	if (!host || !port || getaddrinfo(host, port, &hints, &found))
		return -ENOENT;
	memcpy(&mount->address, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	free(mount->server);
	mount->server = pst_printf(strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
	return mount->server ? 0 : -ENOMEM;
}

static char *option(const char *options, const char *name)
{
	return pst_mountinfo_option(options, name) ?: strdup("");
}

/* A whole number among the options, or what it is by default (nfs(5)). */
static unsigned long long number(const char *options, const char *name, unsigned long long most,
				 unsigned long long otherwise)
{
	char __cleanup_free *text = pst_mountinfo_option(options, name);
	unsigned long long value;

	return text && pst_parse_u64(text, most, &value) == 0 ? value : otherwise;
}

/*
 * As long as the kernel's client would wait. A soft mount gives up after retrans attempts, each of which it gives
 * timeo tenths of a second more (net/sunrpc/xprt.c, xprt_calc_majortimeo). A hard one waits for ever, which no program
 * can be asked to do with its GPU; so long that a server has booted, though.
 */
static uint64_t deadline_ms(const char *options)
{
	if (!pst_mountinfo_flag(options, "soft") && !pst_mountinfo_flag(options, "softerr"))
		return PST_GDS_DEADLINE_HARD_MS;
	return 100 * number(options, "timeo", 6000, 600) *
	       (1 + number(options, "retrans", 1000, 2));
}

static int describe(struct pst_mountinfo *line, struct pst_gds_mount *ret)
{
	struct pst_gds_mount mount = {
		.target = TAKE_PTR(line->target),
		.source = TAKE_PTR(line->source),
		.type = TAKE_PTR(line->type),
		.version = option(line->options, "vers"),
		.proto = option(line->options, "proto"),
		.security = option(line->options, "sec"),
		.encryption = option(line->options, "xprtsec"),
		.server = strdup(""),
		.deadline_ms = deadline_ms(line->options),
	};

	if (!mount.version || !mount.proto || !mount.security || !mount.encryption ||
	    !mount.server || set_address(&mount, line->options) == -ENOMEM) {
		pst_gds_mount_free(&mount);
		return -ENOMEM;
	}
	*ret = mount;
	return 0;
}

int pst_gds_mount_find(const char *mountinfo, unsigned long long id, const char *device,
		       struct pst_gds_mount *ret)
{
	struct pst_mountinfo __cleanup_mountinfo same_device = { 0 };
	int error;

	for (;;) {
		struct pst_mountinfo __cleanup_mountinfo line = { 0 };

		error = pst_mountinfo_next(&mountinfo, &line);
		if (error)
			break;
		if (line.id == id)
			return describe(&line, ret);
		if (device && !same_device.device && pst_streq(line.device, device)) {
			same_device = line;
			line = (struct pst_mountinfo){ 0 };
		}
	}
	if (error != -ENOENT || !same_device.device)
		return error;
	return describe(&same_device, ret);
}

/* The real hook. */
static int read_mountinfo(int fd, char **ret_text, unsigned long long *ret_id)
{
	struct statx status;
	int error = pst_file_read("/proc/self/mountinfo", ret_text, NULL, NULL);

	if (error)
		return error;
	/* Without STATX_MNT_ID (Linux before 5.8) the device is what is left to go by: no mount has the id 0. */
	*ret_id = 0;
	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_MNT_ID, &status) == 0 &&
	    status.stx_mask & STATX_MNT_ID)
		*ret_id = status.stx_mnt_id;
	return 0;
}

struct pst_gds_hooks pst_gds_hooks = {
	.transport = &pst_transport_verbs,
	.mountinfo = read_mountinfo,
	.fh_of_fd = pst_fh_of_fd,
};

int pst_gds_mount_of_fd(int fd, struct pst_gds_mount *ret, struct pst_reason *reason)
{
	char __cleanup_free *text = NULL;
	char __cleanup_free *device = NULL;
	unsigned long long id = 0;
	struct stat status;
	int error = pst_gds_hooks.mountinfo(fd, &text, &id);

	if (error)
		return pst_fail_errno(reason, error, "the mounts cannot be read");
	if (fstat(fd, &status))
		return pst_fail_errno(reason, -errno, "fstat");
	device = pst_printf("%u:%u", major(status.st_dev), minor(status.st_dev));
	if (!device)
		return -ENOMEM;
	error = pst_gds_mount_find(text, id, device, ret);
	if (error == -ENOENT)
		return pst_fail(reason, error, "the file is on no mount that this process can see");
	if (error)
		return pst_fail_errno(reason, error, "the mounts are not understood");
	return 0;
}

void pst_gds_mount_free(struct pst_gds_mount *mount)
{
	free(mount->target);
	free(mount->source);
	free(mount->type);
	free(mount->version);
	free(mount->proto);
	free(mount->security);
	free(mount->encryption);
	free(mount->server);
	*mount = (struct pst_gds_mount){ 0 };
}

enum pst_bounce pst_gds_mount_judge(const struct pst_gds_mount *mount, int open_flags,
				    struct pst_reason *reason)
{
	if (!pst_mountinfo_is_nfs(mount->type)) {
		pst_fail(reason, 0, "%s is a file system of the type %s, not NFS", mount->target,
			 mount->type);
		return PST_BOUNCE_NOT_NFS;
	}
	/* Over IPv6 the kernel says rdma6. */
	if (!pst_streq(mount->proto, "rdma") && !pst_streq(mount->proto, "rdma6")) {
		pst_fail(reason, 0, "%s is mounted with proto=%s, not over RDMA", mount->target,
			 mount->proto);
		return PST_BOUNCE_NOT_RDMA;
	}
	if (!pst_streq(mount->security, "sys")) {
		pst_fail(reason, 0,
			 "%s is mounted with sec=%s, for which AUTH_SYS is no substitute",
			 mount->target, mount->security);
		return PST_BOUNCE_SECURITY;
	}
	if (*mount->encryption && !pst_streq(mount->encryption, "none")) {
		pst_fail(reason, 0, "%s is mounted with xprtsec=%s, which RDMA has not",
			 mount->target, mount->encryption);
		return PST_BOUNCE_SECURITY;
	}
	if (open_flags & O_APPEND) {
		pst_fail(reason, 0, "the file was opened with O_APPEND");
		return PST_BOUNCE_APPEND;
	}
	if (mount->address.ss_family == AF_UNSPEC) {
		pst_fail(reason, 0, "the address of the server of %s is not known", mount->target);
		return PST_BOUNCE_NO_SERVER;
	}
	return PST_BOUNCE_NONE;
}
