// SPDX-License-Identifier: MIT
/*
 * gds-late FILE read|write|fork GO [GPU]: opens a file and all that a transfer needs, says "ready", waits until there
 * is a file GO, and only then moves the file's first BYTES: what changed at the server in between must show.
 *
 * Prints "bytes N" or "error NAME" for it, with what went direct and what bounced. "fork" has a child read by what the
 * parent opened, and then the parent.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/time.h"
#include "cli/gpu.h"
#include "cufile.h"
#include "gds/gds.h"

#define BYTES	     ((size_t)4 << 20)
#define WAIT_SECONDS 120

static struct pst_arena *arena;
static CUfileHandle_t handle;

static int fail(const char *what, const char *why)
{
	fprintf(stderr, "gds-late: %s: %s\n", what, why);
	return 1;
}

static void transfer(const char *who, bool write)
{
	struct pst_gds_counters counters;
	void *memory = pst_arena_memory(arena);
	ssize_t n;

	n = write ? cuFileWrite(handle, memory, BYTES, 0, 0)
		  : cuFileRead(handle, memory, BYTES, 0, 0);
	if (n >= 0)
		printf("%s: bytes %zd", who, n);
	else
		printf("%s: error %s", who,
		       n == -1 ? strerrorname_np(errno) : CUFILE_ERRSTR((int)n));
	pst_gds_process_counters(&counters);
	printf(" direct %llu bounced %llu\n",
	       (unsigned long long)(write ? counters.write_direct_bytes
					  : counters.read_direct_bytes),
	       (unsigned long long)pst_gds_bounced_bytes(&counters));
	fflush(stdout);
}

static int wait_for(const char *path)
{
	struct stat ignored;

	puts("ready");
	fflush(stdout);
	for (int i = 0; i < WAIT_SECONDS * 20; i++) {
		if (stat(path, &ignored) == 0)
			return 0;
		usleep(50000);
	}
	return fail(path, "is not there");
}

static int in_child_and_parent(void)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		transfer("child", false);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || status)
		return fail("fork", "the child ended badly");
	transfer("parent", false);
	return 0;
}

int main(int argc, char **argv)
{
	CUfileDescr_t description = { .type = CU_FILE_HANDLE_TYPE_OPAQUE_FD };
	struct pst_reason __cleanup_reason reason = { 0 };
	bool write = argc > 2 && pst_streq(argv[2], "write");
	int __cleanup_close fd = -1;
	int status;

	if (argc < 4 || argc > 5)
		return fail("usage", "gds-late FILE read|write|fork GO [GPU]");
	fd = open(argv[1], (write ? O_RDWR : O_RDONLY) | O_CLOEXEC);
	if (fd < 0)
		return fail(argv[1], strerror(errno));
	if (pst_arena_open(argc == 5 ? atoi(argv[4]) : -1, BYTES, &arena, &reason))
		return fail("memory", pst_reason_text(&reason, -ENOMEM));
	description.handle.fd = fd;
	if (cuFileHandleRegister(&handle, &description).err)
		return fail(argv[1], "cuFileHandleRegister failed");
	if (cuFileBufRegister(pst_arena_memory(arena), BYTES, 0).err)
		return fail("memory", "cuFileBufRegister failed");
	status = wait_for(argv[3]);
	if (!status && pst_streq(argv[2], "fork"))
		status = in_child_and_parent();
	else if (!status)
		transfer(argv[2], write);
	cuFileHandleDeregister(handle);
	(void)cuFileBufDeregister(pst_arena_memory(arena));
	pst_arena_close(arena);
	return status;
}
