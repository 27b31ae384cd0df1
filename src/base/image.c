// SPDX-License-Identifier: MIT
/* /run/penstock/image, and the release in os-release(5). */
#include "base/image.h"

#include <errno.h>

#include "base/file.h"

#define ID_PREFIX "penstock-"

/* The value of the line that begins with KEY=, in fresh memory; NULL when it is not there, or empty. */
static int find_value(const char *text, const char *key, char **ret)
{
	size_t len = strlen(key);

	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		const char *value = line + len + 1;
		size_t size;

		if (strncmp(line, key, len) != 0 || line[len] != '=')
			continue;
		size = strcspn(value, "\n");
		/* os-release quotes what a shell would split. */
		if (size >= 2 && value[0] == '"' && value[size - 1] == '"') {
			value++;
			size -= 2;
		}
		if (!size)
			return 0;
		*ret = strndup(value, size);
		return *ret ? 0 : -ENOMEM;
	}
	return 0;
}

static int find_words(const char *text, const char *key, struct pst_strv *ret)
{
	char __cleanup_free *value = NULL;
	char *rest = NULL;
	int error = find_value(text, key, &value);

	if (error || !value)
		return error;
	for (char *word = strtok_r(value, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		pst_strv_add(ret, word);
	return ret->oom ? -ENOMEM : 0;
}

static int parse(const char *text, struct pst_image *image)
{
	const struct {
		const char *key;
		char **value;
	} values[] = {
		{ "root", &image->root },     { "verity", &image->verity },
		{ "state", &image->state },   { "roothash", &image->roothash },
		{ "medium", &image->medium },
	};
	int error = find_words(text, "disk", &image->disks);

	if (!error)
		error = find_words(text, "esp", &image->esps);
	if (!error)
		error = find_words(text, "diskseq", &image->diskseqs);
	for (size_t i = 0; i < ARRAY_SIZE(values) && !error; i++)
		error = find_value(text, values[i].key, values[i].value);
	return error;
}

int pst_image_parse(const char *text, struct pst_image *ret, struct pst_reason *reason)
{
	struct pst_image image = { 0 };
	int error = parse(text, &image);

	if (!error && (!image.root || !image.verity || !image.roothash))
		error = pst_fail(reason, -EINVAL,
				 "what preinit found does not say root, verity and roothash");
	else if (!error && !image.medium && (!image.disks.n || image.disks.n != image.esps.n))
		error = pst_fail(reason, -EINVAL,
				 "what preinit found does not say one EFI partition for each disk");
	else if (!error && image.diskseqs.n && image.diskseqs.n != image.disks.n)
		error = pst_fail(reason, -EINVAL,
				 "what preinit found does not say one number for each disk");
	if (error) {
		pst_image_free(&image);
		return error;
	}
	*ret = image;
	return 0;
}

int pst_image_read(const char *path, struct pst_image *ret, struct pst_reason *reason)
{
	char __cleanup_free *text = NULL;
	int error = pst_file_read(path, &text, NULL, reason);

	return error ? error : pst_image_parse(text, ret, reason);
}

char *pst_image_text(const struct pst_image *image)
{
	struct pst_buf buf = { 0 };
	char __cleanup_free *disks = pst_strv_join(&image->disks, " ");
	char __cleanup_free *esps = pst_strv_join(&image->esps, " ");
	char __cleanup_free *diskseqs = pst_strv_join(&image->diskseqs, " ");

	if (!disks || !esps || !diskseqs)
		return NULL;
	pst_buf_printf(&buf, "disk=%s\nesp=%s\ndiskseq=%s\n", disks, esps, diskseqs);
	pst_buf_printf(&buf, "root=%s\nverity=%s\nstate=%s\nroothash=%s\nmedium=%s\n", image->root,
		       image->verity, image->state ?: "", image->roothash, image->medium ?: "");
	return pst_buf_take(&buf);
}

void pst_image_free(struct pst_image *image)
{
	pst_strv_free(&image->disks);
	pst_strv_free(&image->esps);
	pst_strv_free(&image->diskseqs);
	free(image->root);
	free(image->verity);
	free(image->state);
	free(image->roothash);
	free(image->medium);
	*image = (struct pst_image){ 0 };
}

int pst_release_parse(const char *text, struct pst_release *ret, struct pst_reason *reason)
{
	struct pst_release release = { 0 };
	char __cleanup_free *id = NULL;
	int error = find_value(text, "IMAGE_ID", &id);

	if (error)
		return error;
	if (!id || !pst_startswith(id, ID_PREFIX))
		return pst_fail(reason, -ENOENT, "this is not a system of Penstock's images");
	error = find_value(text, "IMAGE_VERSION", &release.version);
	release.role = strdup(id + strlen(ID_PREFIX));
	if (!error && !release.role)
		error = -ENOMEM;
	if (!error && !release.version)
		error = pst_fail(reason, -EINVAL, "os-release does not say IMAGE_VERSION");
	if (error) {
		pst_release_free(&release);
		return error;
	}
	*ret = release;
	return 0;
}

int pst_release_read(const char *path, struct pst_release *ret, struct pst_reason *reason)
{
	char __cleanup_free *text = NULL;
	int error = pst_file_read(path, &text, NULL, reason);

	if (error == -ENOENT)
		return pst_fail(reason, -ENOENT, "there is no %s", path);
	return error ? error : pst_release_parse(text, ret, reason);
}

void pst_release_free(struct pst_release *release)
{
	free(release->role);
	free(release->version);
	*release = (struct pst_release){ 0 };
}
