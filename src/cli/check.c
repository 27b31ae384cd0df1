// SPDX-License-Identifier: MIT
/* penstock check: which path a file's bytes take, by trying. */
#include <errno.h>
#include <fcntl.h>

#include "base/time.h"
#include "cli/cli.h"
#include "cli/gpu.h"
#include "cli/table.h"
#include "gds/gds.h"
#include "node/json.h"

#define TRIAL_BYTES ((size_t)1 << 20)

struct finding {
	const char *file;
	struct pst_key memory; /* as "host" or "gpu 0" */
	struct pst_gds_path path;
	enum pst_bounce bounce;
	const char *reason;
	ssize_t trial; /* bytes, or -errno */
	uint64_t trial_usec;
};

static int say(const char *file, const struct pst_reason *reason, int error)
{
	fprintf(stderr, "penstock: %s: %s\n", file, pst_reason_text(reason, error));
	return PST_EXIT_FAILED;
}

static void print_json(const struct finding *found)
{
	const struct pst_gds_path *path = &found->path;
	struct json_object *object = json_object_new_object();

	pst_json_add_string(object, "file", found->file);
	pst_json_add_string(object, "memory", found->memory.text);
	pst_json_add_bool(object, "direct", found->bounce == PST_BOUNCE_NONE);
	pst_json_add_string(object, "path", pst_bounce_name(found->bounce));
	pst_json_add_string(object, "reason", found->reason);
	pst_json_add_string(object, "advice", pst_bounce_advice(found->bounce));
	pst_json_add_string(object, "mount", path->mount);
	pst_json_add_string(object, "source", path->source);
	pst_json_add_string(object, "fstype", path->fstype);
	pst_json_add_string(object, "version", path->version);
	pst_json_add_string(object, "proto", path->proto);
	pst_json_add_string(object, "server", path->server);
	pst_json_add_string(object, "device", path->device);
	pst_json_add_count(object, "read_max_bytes", path->read_max_bytes);
	pst_json_add_count(object, "write_max_bytes", path->write_max_bytes);
	pst_json_add_number(object, "trial_bytes", found->trial > 0 ? found->trial : 0, 0);
	pst_json_add_count(object, "trial_usec", found->trial_usec);
	pst_json_add_string(object, "trial_error",
			    found->trial < 0 ? strerror((int)-found->trial) : "");
	pst_json_print(object);
}

static void print_text(const struct finding *found)
{
	const struct pst_gds_path *path = &found->path;
	bool direct = found->bounce == PST_BOUNCE_NONE;

	printf("%s: %s%s%s\n", found->file,
	       direct ? "direct" : "bounce: ", direct ? "" : pst_bounce_name(found->bounce),
	       found->trial < 0 ? ", failed" : "");
	if (*path->mount)
		printf("  mount   %s, %s%s%s\n", path->mount, path->fstype,
		       *path->source ? " of " : "", path->source);
	if (*path->proto)
		printf("  nfs     version %s, proto=%s\n", path->version, path->proto);
	if (*path->server)
		printf("  server  %s\n", path->server);
	if (*path->device)
		printf("  device  %s\n", path->device);
	if (path->read_max_bytes)
		printf("  limits  READ %u, WRITE %u bytes a call\n", path->read_max_bytes,
		       path->write_max_bytes);
	printf("  memory  %s\n", found->memory.text);
	if (found->trial < 0)
		printf("  trial   %s\n", strerror((int)-found->trial));
	else
		printf("  trial   %zd bytes in %.3f ms\n", found->trial,
		       (double)found->trial_usec / 1000);
	if (!direct) {
		printf("  why     %s\n", found->reason);
		printf("  do      %s\n", pst_bounce_advice(found->bounce));
	}
}

/* What the file promises, and what a read of its first bytes shows. */
static int try_file(const struct pst_cli *cli, struct pst_gds_file *file, struct finding *found)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	char __cleanup_free *memory_reason = NULL;
	struct pst_arena *arena = NULL;
	uint64_t start;
	int error = pst_arena_open(cli->gpu, TRIAL_BYTES, &arena, &reason);

	if (error)
		return say(found->file, &reason, error);
	start = pst_now_usec();
	found->trial = pst_gds_read(file, pst_arena_memory(arena), TRIAL_BYTES, 0, 0);
	found->trial_usec = pst_now_usec() - start;
	pst_gds_path(file, &found->path);
	found->bounce = found->path.bounce;
	found->reason = found->path.reason;
	memory_reason = pst_gds_memory_reason(file);
	if (found->bounce == PST_BOUNCE_NONE && memory_reason && *memory_reason) {
		found->bounce = PST_BOUNCE_MEMORY;
		found->reason = memory_reason;
	}
	if (cli->given & PST_OPTION_JSON)
		print_json(found);
	else
		print_text(found);
	pst_arena_close(arena);
	return found->trial >= 0 && found->bounce == PST_BOUNCE_NONE ? PST_EXIT_OK
								     : PST_EXIT_FAILED;
}

int pst_verb_check(const struct pst_cli *cli)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	struct finding found = { .file = cli->operands[0],
				 .memory = cli->gpu < 0 ? pst_key("host")
							: pst_key("gpu %d", cli->gpu) };
	int __cleanup_close fd = open(found.file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct pst_gds_file *file = NULL;
	int error, status;

	if (fd < 0)
		return say(found.file, &reason, -errno);
	error = pst_gds_open(fd, &file, &reason);
	if (error)
		return say(found.file, &reason, error);
	status = try_file(cli, file, &found);
	pst_gds_close(file);
	pst_gds_trim();
	return status;
}
