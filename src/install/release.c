// SPDX-License-Identifier: MIT
/* Which files a release consists of. */
#include "install/release.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/file.h"

#define SUMS	"SHA256SUMS"
#define HEX_LEN (PST_SHA256_HEX - 1)

/* No file of a release is above its directory, hidden, or of a name that needs quoting. */
static bool is_plain_name(const char *name, size_t len)
{
	static const char chars[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "._-+/";

	if (!len || strspn(name, chars) < len || *name == '/' || name[len - 1] == '/')
		return false;
	for (size_t i = 0; i < len; i++)
		if (name[i] == '.' && (i == 0 || name[i - 1] == '/'))
			return false;
	return true;
}

static int add_line(struct pst_release_dir *release, const char *line, size_t len, size_t number,
		    struct pst_reason *reason)
{
	struct pst_release_file *file;
	const char *name = line + HEX_LEN + 2;

	if (len < HEX_LEN + 3 || strspn(line, "0123456789abcdef") != HEX_LEN ||
	    line[HEX_LEN] != ' ' || (line[HEX_LEN + 1] != ' ' && line[HEX_LEN + 1] != '*') ||
	    !is_plain_name(name, len - HEX_LEN - 2))
		return pst_fail(reason, -EINVAL, "%s/" SUMS ":%zu: no SHA-256 sum of a file",
				release->dir, number);
	file = pst_array_grow((void **)&release->files, &release->n_files, sizeof(*file));
	if (!file)
		return -ENOMEM;
	memcpy(file->sum, line, HEX_LEN);
	file->name = strndup(name, len - HEX_LEN - 2);
	return file->name ? 0 : -ENOMEM;
}

static int parse_sums(struct pst_release_dir *release, const char *sums, struct pst_reason *reason)
{
	size_t number = 0;
	int error = 0;

	while (*sums && !error) {
		size_t len = strcspn(sums, "\n");

		error = add_line(release, sums, len, ++number, reason);
		sums += len + (sums[len] == '\n');
	}
	return error;
}

const struct pst_release_file *pst_release_file(const struct pst_release_dir *release,
						const char *name)
{
	for (size_t i = 0; i < release->n_files; i++)
		if (pst_streq(release->files[i].name, name))
			return &release->files[i];
	return NULL;
}

static bool is_uuid(const char *text, size_t len)
{
	if (len != 36)
		return false;
	for (size_t i = 0; i < len; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? text[i] != '-' : !strchr("0123456789abcdef", text[i]))
			return false;
	}
	return true;
}

/* Finds NAME_UUID + @ending, which must be there once. */
static int find_part(const struct pst_release_dir *release, const char *ending, char **ret_name,
		     char **ret_uuid, struct pst_reason *reason)
{
	size_t prefix = strlen(release->name) + 1;
	size_t found = 0;

	for (size_t i = 0; i < release->n_files; i++) {
		const char *name = release->files[i].name;
		size_t len = strlen(name);

		if (!pst_startswith(name, release->name) || len != prefix + 36 + strlen(ending) ||
		    name[prefix - 1] != '_' || !is_uuid(name + prefix, 36) ||
		    !pst_streq(name + prefix + 36, ending))
			continue;
		if (found++)
			break;
		*ret_name = strdup(name);
		*ret_uuid = strndup(name + prefix, 36);
		if (!*ret_name || !*ret_uuid)
			return -ENOMEM;
	}
	return found == 1
		       ? 0
		       : pst_fail(reason, -EINVAL, "%s/" SUMS " lists %s %s_UUID%s", release->dir,
				  found ? "more than one" : "no", release->name, ending);
}

int pst_release_dir_parse(const char *sums, const char *dir, const struct pst_release *of,
			  struct pst_release_dir *ret, struct pst_reason *reason)
{
	struct pst_release_dir __cleanup_release_dir release = {
		.dir = strdup(dir),
		.name = pst_printf("penstock-%s_%s", of->role, of->version),
		.kernel = pst_printf("penstock-%s_%s.efi", of->role, of->version),
	};
	int error = release.dir && release.name && release.kernel ? 0 : -ENOMEM;

	if (!error)
		error = parse_sums(&release, sums, reason);
	if (!error)
		error = find_part(&release, ".root.raw", &release.root, &release.root_uuid, reason);
	if (!error)
		error = find_part(&release, ".verity.raw", &release.verity, &release.verity_uuid,
				  reason);
	if (error)
		return error;
	if (!pst_release_file(&release, release.kernel))
		return pst_fail(reason, -EINVAL, "%s/" SUMS " lists no %s", dir, release.kernel);
	if (!pst_release_file(&release, PST_BOOT_LOADER))
		return pst_fail(reason, -EINVAL, "%s/" SUMS " lists no " PST_BOOT_LOADER, dir);
	*ret = release;
	release = (struct pst_release_dir){ 0 };
	return 0;
}

int pst_release_dir_read(const struct pst_host *host, const char *dir, const struct pst_release *of,
			 struct pst_release_dir *ret, struct pst_reason *reason)
{
	char __cleanup_free *path = pst_printf("%s/" SUMS, dir);
	char __cleanup_free *sums = NULL;
	int error = path ? pst_host_read(host, path, &sums, reason) : -ENOMEM;

	if (error == -ENOENT)
		return pst_fail(reason, error, "there is no release in %s: no " SUMS, dir);
	return error ? error : pst_release_dir_parse(sums, dir, of, ret, reason);
}

void pst_release_dir_free(struct pst_release_dir *release)
{
	for (size_t i = 0; i < release->n_files; i++)
		free(release->files[i].name);
	free(release->files);
	free(release->dir);
	free(release->name);
	free(release->root);
	free(release->verity);
	free(release->root_uuid);
	free(release->verity_uuid);
	free(release->kernel);
	*release = (struct pst_release_dir){ 0 };
}
