// SPDX-License-Identifier: MIT
/* What the pools may have so that the other version can import them. */
#include "node/fallback.h"

#include <errno.h>

#include "base/file.h"
#include "base/image.h"
#include "node/release.h"
#include "node/slots.h"

#define FEATURES_PATH "/sys/module/zfs/features.pool"
#define COMPATIBILITY "compatibility"
/* What the first version of all knew, and so every one. */
#define FIRST_PATH "/usr/share/zfs/compatibility.d/openzfs-2.3"

static struct pst_key list_path(const char *version)
{
	return pst_key(PST_IMAGES_PATH "/%s/zfs-features", version);
}

/* The kernel has them as org.openzfs:draid; everyone else says draid. */
static int features_here(struct pst_host *host, char **ret, struct pst_reason *reason)
{
	struct pst_strv __cleanup_strv names = { 0 };
	struct pst_buf text = { 0 };
	int error = pst_host_list(host, FEATURES_PATH, &names, reason);

	for (size_t i = 0; i < names.n && !error; i++) {
		const char *colon = strchr(names.v[i], ':');

		pst_buf_printf(&text, "%s\n", colon ? colon + 1 : names.v[i]);
	}
	if (!error) {
		*ret = pst_buf_take(&text);
		error = *ret ? 0 : -ENOMEM;
	}
	pst_buf_free(&text);
	return error;
}

static bool has_line(const char *list, const char *line, size_t len)
{
	for (const char *at = list; *at; at += strcspn(at, "\n"), at += *at == '\n')
		if (strncmp(at, line, len) == 0 && (at[len] == '\n' || !at[len]))
			return true;
	return false;
}

char *pst_features_common(const char *one, const char *two)
{
	struct pst_buf text = { 0 };

	for (const char *at = one; *at; at += *at == '\n') {
		size_t len = strcspn(at, "\n");

		if (len && has_line(two, at, len)) {
			pst_buf_add_bytes(&text, at, len);
			pst_buf_add(&text, "\n");
		}
		at += len;
	}
	return pst_buf_take(&text);
}

/* Their partitions' labels tell; the EFI partition need not be mounted for it. */
static int installed(struct pst_host *host, const struct pst_image *image,
		     const struct pst_release *release, struct pst_slots *ret,
		     struct pst_reason *reason)
{
	int error = 0;

	for (size_t i = 0; i < image->disks.n && !error; i++) {
		char __cleanup_free *table = NULL;

		/* The other half of a mirror tells as much. */
		if (!pst_boot_disk_is_there(host, image, i))
			continue;
		error = pst_host_ask(host, &table, reason, "sfdisk", "--json", image->disks.v[i]);
		if (!error)
			error = pst_slots_parse_table(table, release->role, ret, reason);
	}
	return error;
}

static int keep_file(struct pst_host *host, const char *path, const char *text,
		     struct pst_reason *reason)
{
	char __cleanup_free *full = pst_host_path(host, path);
	char __cleanup_free *now = NULL;
	int error = full ? pst_file_read(full, &now, NULL, reason) : -ENOMEM;

	if (error && error != -ENOENT)
		return error;
	return pst_streq(now, text) ? 0 : pst_file_write(full, text, 0644, reason);
}

static int forget_gone(struct pst_host *host, const struct pst_slots *slots, const char *running,
		       struct pst_reason *reason)
{
	struct pst_strv __cleanup_strv versions = { 0 };
	int error = pst_host_list(host, PST_IMAGES_PATH, &versions, reason);

	for (size_t i = 0; i < versions.n && !error; i++) {
		char __cleanup_free *path = pst_host_path(host, list_path(versions.v[i]).text);
		char __cleanup_free *folder =
			pst_host_path(host, pst_key(PST_IMAGES_PATH "/%s", versions.v[i]).text);

		if (pst_streq(versions.v[i], running) || pst_slot_find(slots, versions.v[i]))
			continue;
		error = path && folder ? pst_file_remove(path, reason) : -ENOMEM;
		/* Whatever else is in it is not ours. */
		if (!error)
			(void)!rmdir(folder);
	}
	return error;
}

/*
 * What another version wrote down; NULL when it never did. An older one was started once, and what it wrote
 * is gone by a factory reset: of that one only the least can be said.
 */
static int known_by(struct pst_host *host, const char *other, const char *running, char **ret,
		    struct pst_reason *reason)
{
	bool older = false;
	int error = pst_host_read(host, list_path(other).text, ret, reason);

	if (error != -ENOENT)
		return error;
	error = pst_version_is_newer(host, running, other, &older, reason);
	if (error || !older)
		return error;
	error = pst_host_read(host, FIRST_PATH, ret, reason);
	if (error == -ENOENT)
		return pst_fail(reason, error, "%s is missing, and what %s knows is not kept",
				FIRST_PATH, other);
	return error;
}

static int write_set(struct pst_host *host, const struct pst_slots *slots, const char *running,
		     const char *here, struct pst_reason *reason)
{
	char __cleanup_free *common = strdup(here);
	char __cleanup_free *text = NULL;
	int error = common ? 0 : -ENOMEM;

	for (size_t i = 0; i < slots->n && !error; i++) {
		char __cleanup_free *known = NULL;
		char *both;

		if (pst_streq(slots->v[i].version, running))
			continue;
		error = known_by(host, slots->v[i].version, running, &known, reason);
		/* One that was never started is not what would be gone back to. */
		if (error || !known)
			continue;
		both = pst_features_common(common, known);
		if (!both)
			return -ENOMEM;
		free(common);
		common = both;
	}
	if (error)
		return error;
	text = pst_printf("%s# The features that all installed versions know; kept by penstock "
			  "apply.\n%s",
			  pst_file_header, common);
	return text ? keep_file(host, PST_FALLBACK_PATH, text, reason) : -ENOMEM;
}

int pst_fallback_keep(struct pst_host *host, struct pst_reason *reason)
{
	struct pst_image __cleanup_image image = { 0 };
	struct pst_release __cleanup_release release = { 0 };
	struct pst_slots __cleanup_slots slots = { 0 };
	char __cleanup_free *image_path = pst_host_path(host, PST_IMAGE_FILE);
	char __cleanup_free *release_path = pst_host_path(host, PST_OS_RELEASE_FILE);
	char __cleanup_free *here = NULL;
	int error;

	if (!image_path || !release_path)
		return -ENOMEM;
	error = pst_image_read(image_path, &image, reason);
	if (error == -ENOENT || (!error && image.medium) || !pst_host_exists(host, FEATURES_PATH))
		return 0;
	if (!error)
		error = pst_release_read(release_path, &release, reason);
	if (!error)
		error = features_here(host, &here, reason);
	if (!error)
		error = installed(host, &image, &release, &slots, reason);
	if (!error)
		error = keep_file(host, list_path(release.version).text, here, reason);
	if (!error)
		error = forget_gone(host, &slots, release.version, reason);
	return error ? error : write_set(host, &slots, release.version, here, reason);
}

int pst_fallback_properties(const struct pst_conf_pool *pool, const struct pst_state *state,
			    struct pst_more_properties *ret)
{
	static struct pst_more_property ours = { (char *)COMPATIBILITY, (char *)PST_FALLBACK };
	const struct pst_more_properties *more = &pool->properties.more;
	struct pst_more_properties all = { .n = more->n };
	bool declared = false;

	all.v = calloc(more->n + 1, sizeof(*all.v));
	if (!all.v)
		return -ENOMEM;
	for (size_t i = 0; i < more->n; i++) {
		all.v[i] = more->v[i];
		declared = declared || pst_streq(more->v[i].name, COMPATIBILITY);
	}
	if (state->fallback && !declared)
		all.v[all.n++] = ours;
	*ret = all;
	return 0;
}

void pst_fallback_properties_free(struct pst_more_properties *more)
{
	free(more->v);
	*more = (struct pst_more_properties){ 0 };
}

void pst_features_beyond(const char *answer, const char *known, const char *other,
			 struct pst_strv *ret)
{
	static const char prefix[] = "feature@";

	for (const char *line = answer; *line; line += *line == '\n') {
		size_t len = strcspn(line, "\n"), pool = strcspn(line, "\t\n");
		const char *feature = line + pool + 1;
		size_t name;

		if (pool < len && pst_startswith(feature, prefix)) {
			feature += strlen(prefix);
			name = strcspn(feature, "\t\n");
			if (pst_startswith(feature + name, "\tactive") &&
			    !has_line(known, feature, name))
				pst_strv_addf(ret,
					      "the pool %.*s uses the feature %.*s, and %s could "
					      "not import it",
					      (int)pool, line, (int)name, feature, other);
		}
		line += len;
	}
}

int pst_fallback_beyond(struct pst_host *host, const char *other, const char *running,
			struct pst_strv *ret, struct pst_reason *reason)
{
	char __cleanup_free *known = NULL;
	char __cleanup_free *answer = NULL;
	int error;

	if (!pst_host_exists(host, FEATURES_PATH))
		return 0;
	error = known_by(host, other, running, &known, reason);
	if (!error && !known)
		return 0;
	if (!error)
		error = pst_host_ask(host, &answer, reason, "zpool", "get", "-H", "-o",
				     "name,property,value", "all");
	if (!error)
		pst_features_beyond(answer, known, other, ret);
	return error ? error : ret->oom ? -ENOMEM : 0;
}
