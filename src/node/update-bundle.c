// SPDX-License-Identifier: MIT
/* A release from a folder, a tar or a URL: brought here, and checked. */
#include <errno.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/file.h"
#include "base/problem.h"
#include "node/update.h"

#define PULL "/usr/lib/systemd/systemd-pull"
/* A slow line, and gigabytes. */
#define FETCH_TIMEOUT_MS (4 * 3600 * 1000)
/* Beside what is brought /var has other work. */
#define VAR_SPARE_BYTES (64ULL << 20)
/* From here on a status says that a signal ended it; see pst_run(). */
#define KILLED_STATUS 128

/* Runs what may take long, and says in the reason what it said last. */
static int run_long(struct pst_host *host, const char *const argv[], char **ret_out,
		    struct pst_reason *reason)
{
	struct pst_run_result __cleanup_run_result result = { 0 };
	int error = host->run(host, (char *const *)argv, FETCH_TIMEOUT_MS, &result, reason);

	if (error)
		return error;
	if (result.status)
		return pst_host_blame((char *const *)argv, &result, reason);
	if (ret_out)
		*ret_out = TAKE_PTR(result.out);
	return 0;
}

static bool is_url(const char *source)
{
	return pst_startswith(source, "http://") || pst_startswith(source, "https://") ||
	       pst_startswith(source, "file://");
}

static int make_work(struct pst_host *host, struct pst_reason *reason)
{
	char __cleanup_free *work = pst_host_path(host, PST_UPDATE_WORK);
	const char *const remove[] = { "rm", "-rf", "--", work, NULL };
	int error = work ? run_long(host, remove, NULL, reason) : -ENOMEM;

	if (!error)
		error = pst_file_make_parents(work, reason);
	if (!error && mkdir(work, 0700) < 0)
		error = pst_fail_errno(reason, -errno, "cannot make %s", PST_UPDATE_WORK);
	return error;
}

/* What systemd-pull says last is that it exits; what is wrong stands above. */
static int blame_pull(const char *url, const char *said, struct pst_reason *reason)
{
	static const char *const words[] = { "Transfer failed", "failed with code", "INVALID",
					     "Failed",		"failed",	    "too large",
					     "Premature" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		const char *at = strstr(said, words[i]);

		while (at && at > said && at[-1] != '\n')
			at--;
		if (at)
			return pst_fail(reason, -EIO, "cannot get %s: %.*s", url,
					(int)strcspn(at, "\n"), at);
	}
	return pst_fail(reason, -EIO, "cannot get %s", url);
}

/* What is larger than @max_bytes is not brought to its end: /var is not for a stranger to fill. */
static int pull(struct pst_host *host, const struct pst_bundle *bundle, const char *name,
		const char *verify, unsigned long long max_bytes, struct pst_reason *reason)
{
	size_t len = strlen(bundle->source);
	char __cleanup_free *url = pst_printf(
		"%s%s%s", bundle->source, len && bundle->source[len - 1] == '/' ? "" : "/", name);
	char __cleanup_free *check = pst_printf("--verify=%s", verify);
	char __cleanup_free *to = pst_printf("%s/%s", bundle->folder, name);
	const struct pst_key most = pst_key("--size-max=%llu", max_bytes);
	const char *const argv[] = { PULL, "raw", "--direct", check, most.text, url, to, NULL };
	struct pst_run_result __cleanup_run_result result = { 0 };
	int error = url && check && to ? 0 : -ENOMEM;

	if (!error)
		error = host->run(host, (char *const *)argv, FETCH_TIMEOUT_MS, &result, reason);
	if (error || !result.status)
		return error;
	if (strstr(result.err, "No space left"))
		return pst_fail(reason, -ENOSPC, "there is no room for %s in %s", name,
				PST_UPDATE_WORK);
	if (strstr(result.err, "did not check out"))
		return pst_fail(reason, -EBADMSG,
				"%s was altered or cut off: it is not as %s has it", name,
				PST_SUMS);
	return blame_pull(url, result.err, reason);
}

/*
 * Takes files by their names out of a tar. Only names that we asked for are unpacked, into a folder
 * of root's own, so that what else is in it does nothing; what is no plain file is refused where it is read.
 */
static int untar(struct pst_host *host, const struct pst_bundle *bundle, const char *const names[],
		 struct pst_reason *reason)
{
	struct pst_strv __cleanup_strv argv = { 0 };
	struct pst_run_result __cleanup_run_result result = { 0 };
	int error;

	pst_strv_add(&argv, "tar");
	pst_strv_addf(&argv, "--directory=%s", bundle->folder);
	pst_strv_add(&argv, "--no-same-owner");
	pst_strv_add(&argv, "--no-same-permissions");
	pst_strv_add(&argv, "--extract");
	pst_strv_addf(&argv, "--file=%s", bundle->source);
	pst_strv_add(&argv, "--");
	for (size_t i = 0; names[i]; i++)
		pst_strv_addf(&argv, "%s%s", bundle->prefix, names[i]);
	error = argv.oom ? -ENOMEM : host->run(host, argv.v, FETCH_TIMEOUT_MS, &result, reason);
	if (error || !result.status)
		return error;
	if (strstr(result.err, "No space left"))
		return pst_fail(reason, -ENOSPC, "there is no room for %s in %s", bundle->source,
				PST_UPDATE_WORK);
	if (strstr(result.err, "Unexpected EOF") || strstr(result.err, "unexpected end"))
		return pst_fail(reason, -EBADMSG, "%s is cut off", bundle->source);
	for (size_t i = 0; names[i]; i++)
		if (strstr(result.err, names[i]) && strstr(result.err, "Not found in archive"))
			return pst_fail(reason, -ENOENT, "%s lacks %s", bundle->source, names[i]);
	return pst_fail(reason, -EBADMSG, "%s is no release: it is neither a folder nor a tar",
			bundle->source);
}

/* Anything outside may be named by a tar; one that does is not unpacked at all. */
static int check_tar(struct pst_host *host, struct pst_bundle *bundle, struct pst_reason *reason)
{
	const char *source = bundle->source;
	char __cleanup_free *from = pst_printf("--file=%s", source);
	const char *const argv[] = { "tar", "--list", "--absolute-names", from, NULL };
	struct pst_run_result __cleanup_run_result result = { 0 };
	int error = from ? host->run(host, (char *const *)argv, FETCH_TIMEOUT_MS, &result, reason)
			 : -ENOMEM;
	char *rest = result.out;

	if (error)
		return error;
	for (char *name = strtok_r(result.out, "\n", &rest); name;
	     name = strtok_r(NULL, "\n", &rest)) {
		size_t len = strlen(name);

		if (*name == '/' || pst_startswith(name, "../") || strstr(name, "/../") ||
		    pst_streq(name, "..") || (len > 3 && pst_streq(name + len - 3, "/..")))
			return pst_fail(reason, -EBADMSG,
					"%s has a path that leads out of its folder: %s", source,
					name);
		/* As "tar -c ." writes them. */
		if (pst_streq(name, "./" PST_SUMS))
			bundle->prefix = "./";
	}
	if (!result.status)
		return 0;
	if (strstr(result.err, "Unexpected EOF") || strstr(result.err, "unexpected end"))
		return pst_fail(reason, -EBADMSG, "%s is cut off", source);
	return pst_fail(reason, -EBADMSG, "%s is no release: it is neither a folder nor a tar",
			source);
}

static int read_sums(struct pst_host *host, const struct pst_bundle *bundle, char **ret,
		     struct pst_reason *reason)
{
	char __cleanup_free *path = pst_host_path(host, PST_UPDATE_WORK "/" PST_SUMS);
	struct stat is;

	if (!path)
		return -ENOMEM;
	/* A tar may have links. */
	if (lstat(path, &is) < 0 || !S_ISREG(is.st_mode))
		return pst_fail(reason, -EBADMSG, "%s: %s is no plain file", bundle->source,
				PST_SUMS);
	return pst_file_read(path, ret, NULL, reason);
}

/* Of our own copies: what was checked is what is read. */
static int check_signature(struct pst_host *host, const struct pst_bundle *bundle,
			   struct pst_reason *reason)
{
	char __cleanup_free *home = pst_printf("%s/gnupg", PST_UPDATE_WORK);
	char __cleanup_free *full = home ? pst_host_path(host, home) : NULL;
	char __cleanup_free *sums = pst_host_path(host, PST_UPDATE_WORK "/" PST_SUMS);
	char __cleanup_free *signature =
		pst_host_path(host, PST_UPDATE_WORK "/" PST_SUMS_SIGNATURE);
	const char *const argv[] = { "gpg",
				     "--homedir",
				     home,
				     "--batch",
				     "--no-options",
				     "--no-autostart",
				     "--no-default-keyring",
				     "--keyring",
				     PST_RELEASE_KEYS,
				     "--trust-model",
				     "always",
				     "--status-fd",
				     "1",
				     "--verify",
				     signature,
				     sums,
				     NULL };
	struct pst_run_result __cleanup_run_result result = { 0 };
	struct pst_reason __cleanup_reason why = { 0 };
	int error;

	if (!full || !sums || !signature)
		return -ENOMEM;
	if (mkdir(full, 0700) < 0 && errno != EEXIST)
		return pst_fail_errno(reason, -errno, "cannot make %s", home);
	error = host->run(host, (char *const *)argv, PST_OBSERVE_TIMEOUT_MS, &result, reason);
	if (error)
		return error;
	if (result.status >= KILLED_STATUS)
		return pst_host_blame((char *const *)argv, &result, reason);
	/* It ends with 2 for a signature of another key as well, beside which a good one is enough. */
	error = pst_signature_judge(result.out, &why);
	if (error)
		return pst_fail(reason, error, "%s is refused: %s", bundle->source,
				pst_reason_text(&why, error));
	return 0;
}

static int copy_sums(struct pst_host *host, const struct pst_bundle *bundle, const char *name,
		     struct pst_reason *reason)
{
	char __cleanup_free *path = pst_printf("%s/%s", bundle->folder, name);
	char __cleanup_free *from = path ? pst_host_path(host, path) : NULL;
	char __cleanup_free *work = pst_host_path(host, PST_UPDATE_WORK);
	const char *const argv[] = { "cp", "--", from, work, NULL };
	char __cleanup_free *none = NULL;
	size_t len;
	int error = from && work ? pst_file_read(from, &none, &len, reason) : -ENOMEM;

	if (error == -ENOENT)
		return pst_fail(reason, error, "%s lacks %s%s", bundle->source, name,
				pst_streq(name, PST_SUMS_SIGNATURE) ? ": it is not signed" : "");
	return error ? error : run_long(host, argv, NULL, reason);
}

static int bring_sums(struct pst_host *host, struct pst_bundle *bundle, struct pst_reason *reason)
{
	static const char *const names[] = { PST_SUMS, PST_SUMS_SIGNATURE };
	int error = bundle->is_tar ? check_tar(host, bundle, reason) : 0;

	for (size_t i = 0; i < ARRAY_SIZE(names) && !error; i++) {
		if (bundle->is_url)
			error = pull(host, bundle, names[i], "no", PST_FILE_MAX_BYTES, reason);
		else if (bundle->is_tar)
			error = untar(host, bundle, (const char *const[]){ names[i], NULL },
				      reason);
		else
			error = copy_sums(host, bundle, names[i], reason);
	}
	return error;
}

static int find_source(struct pst_host *host, const char *source, struct pst_bundle *bundle,
		       struct pst_reason *reason)
{
	char __cleanup_free *path = NULL;
	struct stat is;

	bundle->is_url = is_url(source);
	if (bundle->is_url) {
		bundle->source = strdup(source);
		bundle->folder = strdup(PST_UPDATE_WORK);
		return bundle->source && bundle->folder ? 0 : -ENOMEM;
	}
	path = pst_host_path(host, source);
	/* sysupdate wants a whole path, and so does a person who reads what was refused. */
	bundle->source = path ? realpath(path, NULL) : NULL;
	if (!path || (!bundle->source && errno == ENOMEM))
		return -ENOMEM;
	if (!bundle->source || stat(bundle->source, &is) < 0)
		return pst_fail_errno(reason, -errno, "cannot open %s", source);
	bundle->is_tar = !S_ISDIR(is.st_mode);
	if (bundle->is_tar && !S_ISREG(is.st_mode))
		return pst_fail(reason, -EBADMSG, "%s is neither a folder nor a file", source);
	if (bundle->is_tar)
		bundle->folder = strdup(PST_UPDATE_WORK);
	else
		bundle->folder = strdup(bundle->source + strlen(host->root));
	return bundle->folder ? 0 : -ENOMEM;
}

int pst_bundle_open(struct pst_host *host, const char *source, const char *role,
		    struct pst_bundle *ret, struct pst_reason *reason)
{
	struct pst_bundle bundle = { .prefix = "" };
	struct pst_reason __cleanup_reason why = { 0 };
	char __cleanup_free *text = NULL;
	int error = find_source(host, source, &bundle, reason);

	if (!error)
		error = make_work(host, reason);
	if (!error)
		error = bring_sums(host, &bundle, reason);
	if (!error)
		error = check_signature(host, &bundle, reason);
	if (!error)
		error = read_sums(host, &bundle, &text, reason);
	if (!error) {
		error = pst_sums_parse(text, &bundle.sums, &why);
		if (!error)
			error = pst_offer_choose(host, &bundle.sums, role, &bundle.offer, &why);
		if (error)
			pst_fail(reason, error, "%s is refused: %s", bundle.source,
				 pst_reason_text(&why, error));
	}
	if (error) {
		pst_bundle_close(host, &bundle);
		return error;
	}
	*ret = bundle;
	return 0;
}

void pst_bundle_close(struct pst_host *host, struct pst_bundle *bundle)
{
	char __cleanup_free *work = pst_host_path(host, PST_UPDATE_WORK);
	const char *const remove[] = { "rm", "-rf", "--", work, NULL };

	if (work && bundle->source)
		run_long(host, remove, NULL, NULL);
	free(bundle->source);
	free(bundle->folder);
	pst_offer_free(&bundle->offer);
	pst_sums_free(&bundle->sums);
	*bundle = (struct pst_bundle){ 0 };
}

int pst_update_wants(struct pst_host *host, const struct pst_update *update,
		     const struct pst_bundle *bundle, struct pst_reason *reason)
{
	const char *version = bundle->offer.version, *running = update->release.version;
	const struct pst_slot *there = pst_update_whole(update, version);
	const struct pst_slot *self = pst_slot_find(&update->disks[0], running);
	/* An update that broke off between the two disks of a pair. */
	bool lacks =
		pst_streq(version, running) && !there && !pst_update_writes(update, 0, version);
	bool newer = false;
	int error = pst_version_is_newer(host, version, running, &newer, reason);

	if (error)
		return error;
	if (!newer && !lacks)
		return pst_fail(reason, -EEXIST, "%s is not newer than %s, which runs", version,
				running);
	if (there && pst_slot_is_bad(there))
		return pst_fail(reason, -EEXIST,
				"%s was tried already, and given up: a newer one is needed",
				version);
	if (there && update->preferred && !pst_streq(update->preferred, version))
		return pst_fail(reason, -EEXIST,
				"%s is installed already, and %s is preferred to it: "
				"penstock --rollback update ends that",
				version, update->preferred);
	if (there)
		return pst_fail(reason, -EEXIST, "%s is installed already", version);
	if (self && self->tries_left != PST_NO_TRIES)
		return pst_fail(reason, -EEXIST,
				"%s, which runs, has not proved to be good yet: what could be "
				"gone back to stays until then; see penstock-boot-check.service",
				running);
	return 0;
}

/* The size of a part, which must be a plain file. */
static int size_of(struct pst_host *host, const struct pst_bundle *bundle, enum pst_part part,
		   unsigned long long *ret, struct pst_reason *reason)
{
	const char *name = bundle->offer.parts[part]->name;
	char __cleanup_free *path = pst_printf("%s/%s", bundle->folder, name);
	char __cleanup_free *full = path ? pst_host_path(host, path) : NULL;
	struct stat is;

	if (!full)
		return -ENOMEM;
	if (lstat(full, &is) < 0)
		return errno == ENOENT
			       ? pst_fail(reason, -ENOENT, "%s lacks %s", bundle->source, name)
			       : pst_fail_errno(reason, -errno, "%s", path);
	if (!S_ISREG(is.st_mode))
		return pst_fail(reason, -EBADMSG, "%s: %s is no plain file", bundle->source, name);
	*ret = (unsigned long long)is.st_size;
	return 0;
}

static int check_sum(struct pst_host *host, const struct pst_bundle *bundle, enum pst_part part,
		     struct pst_reason *reason)
{
	const struct pst_sum *sum = bundle->offer.parts[part];
	char __cleanup_free *path = pst_printf("%s/%s", bundle->folder, sum->name);
	const char *const argv[] = { "sha256sum", "--zero", "--", path, NULL };
	char __cleanup_free *said = NULL;
	int error = path ? run_long(host, argv, &said, reason) : -ENOMEM;

	if (error)
		return error;
	if (strncmp(said, sum->sha256, strlen(sum->sha256)) != 0)
		return pst_fail(reason, -EBADMSG,
				"%s was altered or cut off: it is not as %s has it", sum->name,
				PST_SUMS);
	return 0;
}

static unsigned long long free_bytes(struct pst_host *host, const char *path)
{
	char __cleanup_free *full = pst_host_path(host, path);
	struct statvfs is;

	if (!full || statvfs(full, &is) < 0)
		return 0;
	return (unsigned long long)is.f_bavail * is.f_frsize;
}

/* The largest place for a part that what stays does not have. */
static unsigned long long place_bytes(const struct pst_update *update, size_t disk, bool verity)
{
	const struct pst_slots *slots = &update->disks[disk];
	const struct pst_slot *kept = pst_update_kept(update, disk);
	unsigned long long bytes = 0;

	for (size_t i = 0; i < slots->n_places; i++) {
		const struct pst_place *place = &slots->places[i];

		if (place->verity != verity ||
		    (kept && pst_streq(place->node, verity ? kept->verity : kept->root)))
			continue;
		if (place->bytes > bytes)
			bytes = place->bytes;
	}
	return bytes;
}

/* Of all boot disks that are written to, the one with the least. */
static unsigned long long room_for(struct pst_host *host, const struct pst_update *update,
				   const struct pst_bundle *bundle, enum pst_part part)
{
	unsigned long long least = ULLONG_MAX;

	for (size_t i = 0; i < update->image.disks.n; i++) {
		unsigned long long room = part == PST_PART_KERNEL
						  ? free_bytes(host, update->esps.v[i])
						  : place_bytes(update, i, part == PST_PART_VERITY);

		if (room < least && pst_update_writes(update, i, bundle->offer.version))
			least = room;
	}
	return least;
}

static int check_room(struct pst_host *host, const struct pst_update *update,
		      const struct pst_bundle *bundle, enum pst_part part,
		      struct pst_reason *reason)
{
	unsigned long long size = 0, room = room_for(host, update, bundle, part);
	int error = size_of(host, bundle, part, &size, reason);

	if (!error && size > room)
		error = pst_fail(reason, -ENOSPC,
				 "there is no room for %s on the boot disk: it has %llu bytes, and "
				 "%llu are free",
				 bundle->offer.parts[part]->name, size, room);
	return error;
}

int pst_bundle_fetch(struct pst_host *host, const struct pst_update *update,
		     const struct pst_bundle *bundle, struct pst_reason *reason)
{
	const struct pst_sum *const *parts = bundle->offer.parts;
	const char *const names[] = { parts[0]->name, parts[1]->name, parts[2]->name, NULL };
	struct stat is;
	int error = 0;

	if (bundle->is_tar && stat(bundle->source, &is) == 0 &&
	    free_bytes(host, PST_UPDATE_WORK) < (unsigned long long)is.st_size + VAR_SPARE_BYTES)
		return pst_fail(reason, -ENOSPC, "there is no room for %s in %s", bundle->source,
				PST_UPDATE_WORK);
	for (int i = 0; i < PST_N_PARTS && !error && bundle->is_url; i++)
		error = pull(host, bundle, names[i], parts[i]->sha256,
			     room_for(host, update, bundle, (enum pst_part)i), reason);
	if (bundle->is_tar)
		error = untar(host, bundle, names, reason);
	for (int i = 0; i < PST_N_PARTS && !error; i++)
		error = check_room(host, update, bundle, (enum pst_part)i, reason);
	for (int i = 0; i < PST_N_PARTS && !error; i++)
		error = check_sum(host, bundle, (enum pst_part)i, reason);
	return error;
}
