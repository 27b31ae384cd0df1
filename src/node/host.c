// SPDX-License-Identifier: MIT
/* The machine: files below a root, and commands. */
#include "node/host.h"

#include <dirent.h>
#include <errno.h>

#include "base/file.h"

static int run_here(struct pst_host *host, char *const argv[], int timeout_ms,
		    struct pst_run_result *ret, struct pst_reason *reason)
{
	(void)host;
	return pst_run(argv, timeout_ms, ret, reason);
}

struct pst_host pst_this_host = { .root = "", .run = run_here };

char *pst_host_path(const struct pst_host *host, const char *path)
{
	return pst_printf("%s%s", host->root, path);
}

bool pst_host_exists(const struct pst_host *host, const char *path)
{
	char __cleanup_free *full = pst_host_path(host, path);

	return full && access(full, F_OK) == 0;
}

int pst_host_read(const struct pst_host *host, const char *path, char **ret,
		  struct pst_reason *reason)
{
	char __cleanup_free *full = pst_host_path(host, path);

	return full ? pst_file_read(full, ret, NULL, reason) : -ENOMEM;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void close_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

int pst_host_list(const struct pst_host *host, const char *path, struct pst_strv *ret,
		  struct pst_reason *reason)
{
	char __cleanup_free *full = pst_host_path(host, path);
	DIR __cleanup(close_dir) *dir = full ? opendir(full) : NULL;

	if (!full)
		return -ENOMEM;
	if (!dir && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (!dir)
		return pst_fail_errno(reason, -errno, "cannot list %s", path);
	for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
		if (!pst_streq(entry->d_name, ".") && !pst_streq(entry->d_name, ".."))
			pst_strv_add(ret, entry->d_name);
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), by_name);
	return ret->oom ? -ENOMEM : 0;
}

/* The last thing that is said is most often the one that explains. */
static const char *said_by(const struct pst_run_result *result)
{
	if (*result->err)
		return result->err;
	return *result->out ? result->out : "it said nothing";
}

int pst_host_blame(char *const argv[], const struct pst_run_result *result,
		   struct pst_reason *reason)
{
	char __cleanup_free *command = pst_run_quote(argv);
	const char *said = said_by(result);
	size_t len = strlen(said);

	while (len && said[len - 1] == '\n')
		len--;
	return pst_fail(reason, -EIO, "%s: exit status %d: %.*s", command ? command : argv[0],
			result->status, (int)len, said);
}

int pst_host_ask_strv(struct pst_host *host, const struct pst_strv *argv, char **ret_out,
		      struct pst_reason *reason)
{
	struct pst_run_result __cleanup_run_result result = { 0 };
	int error = argv->oom || !argv->n
			    ? -ENOMEM
			    : host->run(host, argv->v, PST_OBSERVE_TIMEOUT_MS, &result, reason);

	if (error)
		return error;
	if (result.status)
		return pst_host_blame(argv->v, &result, reason);
	*ret_out = TAKE_PTR(result.out);
	return 0;
}

int pst_host_ask_list(struct pst_host *host, const char *const argv[], char **ret_out,
		      struct pst_reason *reason)
{
	struct pst_strv __cleanup_strv strv = { 0 };

	for (size_t i = 0; argv[i]; i++)
		pst_strv_add(&strv, argv[i]);
	return pst_host_ask_strv(host, &strv, ret_out, reason);
}
