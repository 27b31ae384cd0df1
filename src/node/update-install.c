// SPDX-License-Identifier: MIT
/* Has systemd-sysupdate(8) write a version to a boot disk. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/file.h"
#include "base/problem.h"
#include "node/update.h"

#define SYSUPDATE   "/usr/lib/systemd/systemd-sysupdate"
#define DEFINITIONS "/run/penstock/update.d"
/* The parts, and a SHA256SUMS of no more than these. */
#define STAGE		   PST_UPDATE_WORK "/parts"
#define INSTALL_TIMEOUT_MS (2 * 3600 * 1000)
#define TRIES		   3

char *pst_update_transfer(const struct pst_update *update, size_t disk, enum pst_part part)
{
	const char *role = update->release.role;
	const struct pst_slot *kept = pst_update_kept(update, disk);
	struct pst_buf text = { 0 };

	pst_buf_printf(&text,
		       "[Transfer]\nVerify=no\nProtectVersion=%s\n\n[Source]\nType=url-file\n"
		       "Path=file://" STAGE "/\n",
		       kept ? kept->version : update->release.version);
	if (part == PST_PART_KERNEL)
		pst_buf_printf(&text,
			       "MatchPattern=penstock-%s_@v.efi\n\n[Target]\nType=regular-file\n"
			       "Path=%s/" PST_ENTRIES_PATH "\n"
			       "MatchPattern=penstock-%s_@v+@l-@d.efi penstock-%s_@v+@l.efi "
			       "penstock-%s_@v.efi\n"
			       "Mode=0600\nTriesLeft=%d\nTriesDone=0\nInstancesMax=2\n",
			       role, update->esps.v[disk], role, role, role, TRIES);
	else
		pst_buf_printf(&text,
			       "MatchPattern=penstock-%s_@v_@u.%s.raw\n\n[Target]\nType=partition\n"
			       "Path=%s\nMatchPattern=penstock-%s_@v\nMatchPartitionType=%s\n"
			       "PartitionNoAuto=yes\nReadOnly=yes\nInstancesMax=2\n",
			       role, part == PST_PART_ROOT ? "root" : "verity",
			       update->image.disks.v[disk], role,
			       part == PST_PART_ROOT ? "root" : "root-verity");
	return pst_buf_take(&text);
}

static int write_definitions(struct pst_host *host, const struct pst_update *update, size_t disk,
			     struct pst_reason *reason)
{
	/* In the order of their names; the entry of the boot loader is the last. */
	static const char *const names[PST_N_PARTS] = { "10-root", "20-verity", "30-kernel" };
	int error = 0;

	for (int part = 0; part < PST_N_PARTS && !error; part++) {
		char __cleanup_free *text = pst_update_transfer(update, disk, (enum pst_part)part);
		char __cleanup_free *path =
			pst_host_path(host, pst_key(DEFINITIONS "/%s.transfer", names[part]).text);

		error = text && path ? pst_file_write(path, text, 0644, reason) : -ENOMEM;
	}
	return error;
}

static int sync_folder(const char *path, struct pst_reason *reason)
{
	int __cleanup_close fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || syncfs(fd) < 0)
		return pst_fail_errno(reason, -errno, "cannot sync %s", path);
	return 0;
}

/*
 * What is about to be overwritten must not be started any more, whatever happens: its entry goes first,
 * and is gone for good before the rest is touched. This is also what clears up behind an update that broke off, so
 * that sysupdate never takes a half-written partition for one that it needs not write.
 */
static int remove_entries(struct pst_host *host, const struct pst_update *update, size_t disk,
			  struct pst_reason *reason)
{
	char __cleanup_free *esp = pst_host_path(host, update->esps.v[disk]);
	const struct pst_slots *slots = &update->disks[disk];
	const struct pst_slot *kept = pst_update_kept(update, disk);

	if (!esp)
		return -ENOMEM;
	for (size_t i = 0; i < slots->n; i++) {
		char __cleanup_free *path = NULL;
		int error;

		if (!slots->v[i].entry || &slots->v[i] == kept)
			continue;
		path = pst_printf("%s/" PST_ENTRIES_PATH "/%s", esp, slots->v[i].entry);
		error = path ? pst_file_remove(path, reason) : -ENOMEM;
		if (error)
			return error;
	}
	return sync_folder(esp, reason);
}

static int empty_places(struct pst_host *host, const struct pst_update *update, size_t disk,
			struct pst_reason *reason)
{
	const struct pst_slots *slots = &update->disks[disk];
	const struct pst_slot *kept = pst_update_kept(update, disk);

	for (size_t i = 0; i < slots->n_places; i++) {
		const struct pst_place *place = &slots->places[i];
		struct pst_key number = pst_key("%u", place->number);
		char __cleanup_free *said = NULL;
		int error;

		if (pst_streq(place->label, PST_SLOT_EMPTY) ||
		    (kept &&
		     (pst_streq(place->node, kept->root) || pst_streq(place->node, kept->verity))))
			continue;
		error = pst_host_ask(host, &said, reason, "sfdisk", "--quiet", "--no-reread",
				     "--no-tell-kernel", "--part-label",
				     update->image.disks.v[disk], number.text, PST_SLOT_EMPTY);
		if (error)
			return error;
	}
	return 0;
}

/* Its last words are most often that it failed; the first line that says so tells more. */
static int blame_sysupdate(const char *disk, const struct pst_run_result *result,
			   struct pst_reason *reason)
{
	static const char *const words[] = { "INVALID", "Failed", "failed", "No ", "refusing" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		const char *at = strstr(result->err, words[i]);

		while (at && at > result->err && at[-1] != '\n')
			at--;
		if (at)
			return pst_fail(reason, -EIO, "systemd-sysupdate on %s: %.*s", disk,
					(int)strcspn(at, "\n"), at);
	}
	return pst_fail(reason, -EIO, "systemd-sysupdate on %s: exit status %d", disk,
			result->status);
}

/*
 * systemd-sysupdate takes no SHA256SUMS with files in folders, as a release has them. So it is given one of the parts
 * alone, taken from the one whose signature was found good, in a folder of root's: it still holds each file
 * against its sum while it writes it.
 */
static int stage(struct pst_host *host, const struct pst_bundle *bundle, struct pst_reason *reason)
{
	char __cleanup_free *sums = pst_host_path(host, STAGE "/" PST_SUMS);
	char __cleanup_free *all = NULL;
	struct pst_buf text = { 0 };
	int error = 0;

	for (int i = 0; i < PST_N_PARTS; i++)
		pst_buf_printf(&text, "%s  %s\n", bundle->offer.parts[i]->sha256,
			       bundle->offer.parts[i]->name);
	all = pst_buf_take(&text);
	error = sums && all ? pst_file_write(sums, all, 0600, reason) : -ENOMEM;
	for (int i = 0; i < PST_N_PARTS && !error; i++) {
		const char *name = bundle->offer.parts[i]->name;
		char __cleanup_free *from = pst_printf("%s/%s", bundle->folder, name);
		char __cleanup_free *path = pst_printf(STAGE "/%s", name);
		char __cleanup_free *to = path ? pst_host_path(host, path) : NULL;

		if (!from || !to)
			return -ENOMEM;
		if (symlink(from, to) < 0)
			error = pst_fail_errno(reason, -errno, "cannot make %s", path);
	}
	return error;
}

static const char definitions[] = "--definitions=" DEFINITIONS;

/* The entry as sysupdate writes it. */
static char *new_entry(struct pst_host *host, const struct pst_update *update, size_t disk,
		       const struct pst_bundle *bundle)
{
	return pst_host_path(host, pst_key("%s/" PST_ENTRIES_PATH "/penstock-%s_%s+%d-0.efi",
					   update->esps.v[disk], update->release.role,
					   bundle->offer.version, TRIES)
					   .text);
}

/* What runs was found good, and no boot check would be for it again. */
static int bless_running(struct pst_host *host, const struct pst_update *update, size_t disk,
			 const struct pst_bundle *bundle, struct pst_reason *reason)
{
	struct pst_key good =
		pst_key("%s/" PST_ENTRIES_PATH "/penstock-%s_%s.efi", update->esps.v[disk],
			update->release.role, bundle->offer.version);
	char __cleanup_free *from = new_entry(host, update, disk, bundle);
	char __cleanup_free *to = pst_host_path(host, good.text);

	if (!from || !to)
		return -ENOMEM;
	if (rename(from, to) < 0)
		return pst_fail_errno(reason, -errno, "cannot rename %s", from);
	return 0;
}

static int install_on(struct pst_host *host, const struct pst_update *update, size_t disk,
		      const struct pst_bundle *bundle, struct pst_reason *reason)
{
	const char *const argv[] = { SYSUPDATE, definitions, "update", bundle->offer.version,
				     NULL };
	struct pst_run_result __cleanup_run_result result = { 0 };
	char __cleanup_free *esp = pst_host_path(host, update->esps.v[disk]);
	int error = esp ? write_definitions(host, update, disk, reason) : -ENOMEM;

	if (!error)
		error = empty_places(host, update, disk, reason);
	if (!error)
		error = host->run(host, (char *const *)argv, INSTALL_TIMEOUT_MS, &result, reason);
	if (error)
		return error;
	if (result.status)
		return blame_sysupdate(update->image.disks.v[disk], &result, reason);
	error = sync_folder(esp, reason);
	if (error || !pst_streq(bundle->offer.version, update->release.version))
		return error;
	error = bless_running(host, update, disk, bundle, reason);
	return error ? error : sync_folder(esp, reason);
}

/* The entry of a version that did not come to all disks. */
static void remove_new(struct pst_host *host, const struct pst_update *update, size_t disk,
		       const struct pst_bundle *bundle)
{
	char __cleanup_free *path = new_entry(host, update, disk, bundle);

	if (path)
		pst_file_remove(path, NULL);
}

int pst_update_install(struct pst_host *host, const struct pst_update *update,
		       const struct pst_bundle *bundle, struct pst_reason *reason)
{
	const char *version = bundle->offer.version;
	char __cleanup_free *said = NULL;
	int error = stage(host, bundle, reason);

	if (error)
		return error;
	for (size_t i = 0; i < update->image.disks.n && !error; i++)
		if (pst_update_writes(update, i, version))
			error = remove_entries(host, update, i, reason);
	/*
	 * What was gone back to before, and runs, would be started instead of the update. Now it is all that can
	 * be started; once the new entry is there, a power cut would leave both.
	 */
	if (!error && update->preferred && !pst_streq(version, update->release.version))
		error = pst_host_ask(host, &said, reason, "bootctl", "set-default", "");
	for (size_t i = 0; i < update->image.disks.n && !error; i++)
		if (pst_update_writes(update, i, version))
			error = install_on(host, update, i, bundle, reason);
	/* Half a pair shall not start what the other half has not. */
	for (size_t i = 0; i < update->image.disks.n && error; i++)
		remove_new(host, update, i, bundle);
	return error;
}
