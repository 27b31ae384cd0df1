// SPDX-License-Identifier: MIT
/* What is installed, and which version of it is started. */
#include "node/update.h"

#include <errno.h>

#include "base/file.h"
#include "base/problem.h"
#include "node/fallback.h"

#define ESPS_PATH "/run/penstock/esp"
/* systemd's own vendor, in efivarfs. */
#define DEFAULT_VARIABLE \
	"/sys/firmware/efi/efivars/LoaderEntryDefault-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
#define VARIABLE_HEAD 4 /* its attributes, before the value */

/* The version in penstock-ROLE_VERSION.efi, as the boot loader names an entry; NULL when it is none of ours. */
static char *version_of_entry(const char *entry, const char *role)
{
	struct pst_slots __cleanup_slots slots = { 0 };

	if (pst_slots_add_entry(entry, role, &slots) || !slots.n)
		return NULL;
	return TAKE_PTR(slots.v[0].version);
}

/* An EFI variable is UTF-16; the names of our entries are ASCII. */
static int read_preferred(struct pst_host *host, const char *role, char **ret)
{
	char __cleanup_free *path = pst_host_path(host, DEFAULT_VARIABLE);
	char __cleanup_free *bytes = NULL;
	char __cleanup_free *entry = NULL;
	size_t len = 0;

	/* Without EFI variables nothing was preferred. */
	if (!path || pst_file_read(path, &bytes, &len, NULL) || len <= VARIABLE_HEAD)
		return path ? 0 : -ENOMEM;
	entry = calloc(1, len);
	if (!entry)
		return -ENOMEM;
	for (size_t i = VARIABLE_HEAD, n = 0; i + 1 < len && bytes[i]; i += 2)
		entry[n++] = bytes[i + 1] ? '?' : bytes[i];
	*ret = version_of_entry(entry, role);
	return 0;
}

static int mount_esp(struct pst_host *host, const char *device, size_t n, struct pst_strv *esps,
		     struct pst_reason *reason)
{
	struct pst_key path = pst_key(ESPS_PATH "/%zu", n);
	char __cleanup_free *said = NULL;
	int error = pst_host_ask(host, &said, reason, "mount", "--mkdir=0700", "-t", "vfat", "-o",
				 "umask=0077,nodev,nosuid,noexec", device, path.text);

	if (error)
		return error;
	pst_strv_add(esps, path.text);
	return esps->oom ? -ENOMEM : 0;
}

static int read_disk(struct pst_host *host, struct pst_update *update, size_t n,
		     struct pst_reason *reason)
{
	struct pst_strv __cleanup_strv names = { 0 };
	char __cleanup_free *table = NULL;
	char __cleanup_free *entries = NULL;
	int error =
		pst_host_ask(host, &table, reason, "sfdisk", "--json", update->image.disks.v[n]);

	if (!error)
		error = pst_slots_parse_table(table, update->release.role, &update->disks[n],
					      reason);
	if (!error)
		error = mount_esp(host, update->image.esps.v[n], n, &update->esps, reason);
	if (error)
		return error;
	entries = pst_printf("%s/" PST_ENTRIES_PATH, update->esps.v[n]);
	error = entries ? pst_host_list(host, entries, &names, reason) : -ENOMEM;
	for (size_t i = 0; i < names.n && !error; i++)
		error = pst_slots_add_entry(names.v[i], update->release.role, &update->disks[n]);
	return error;
}

static int read_image(struct pst_host *host, struct pst_update *update, struct pst_reason *reason)
{
	char __cleanup_free *image = pst_host_path(host, PST_IMAGE_FILE);
	char __cleanup_free *release = pst_host_path(host, PST_OS_RELEASE_FILE);
	int error = image && release ? pst_image_read(image, &update->image, reason) : -ENOMEM;

	if (!error)
		error = pst_release_read(release, &update->release, reason);
	if (error == -ENOENT)
		return pst_fail(reason, -EOPNOTSUPP,
				"this is not an installed system: it was not started from a disk "
				"of Penstock's layout");
	if (!error && update->image.medium)
		return pst_fail(reason, -EOPNOTSUPP,
				"this is not an installed system: it runs from a medium; see "
				"penstock install");
	return error;
}

static void leave_out(struct pst_strv *strv, size_t n)
{
	free(strv->v[n]);
	memmove(&strv->v[n], &strv->v[n + 1], (strv->n - n) * sizeof(*strv->v));
	strv->n--;
}

/* One half of a mirror does without the other. What runs is on the first disk. */
static int leave_out_away(struct pst_host *host, struct pst_update *update,
			  struct pst_reason *reason)
{
	struct pst_image *image = &update->image;

	for (size_t i = image->disks.n; i--;) {
		if (pst_boot_disk_is_there(host, image, i))
			continue;
		if (!i)
			return pst_fail(reason, -ENODEV,
					"%s is not the boot disk any more that this system was "
					"started from: start the machine anew",
					image->disks.v[i]);
		pst_strv_add(&update->away, image->disks.v[i]);
		leave_out(&image->disks, i);
		leave_out(&image->esps, i);
		leave_out(&image->diskseqs, i);
	}
	return update->away.oom ? -ENOMEM : 0;
}

int pst_update_open(struct pst_host *host, struct pst_update *ret, struct pst_reason *reason)
{
	struct pst_update update = { 0 };
	int error = read_image(host, &update, reason);

	if (!error)
		error = leave_out_away(host, &update, reason);
	if (!error) {
		update.disks = calloc(update.image.disks.n, sizeof(*update.disks));
		error = update.disks ? 0 : -ENOMEM;
	}
	for (size_t i = 0; !error && i < update.image.disks.n; i++)
		error = read_disk(host, &update, i, reason);
	if (!error)
		error = read_preferred(host, update.release.role, &update.preferred);
	if (error) {
		pst_update_close(host, &update);
		return error;
	}
	*ret = update;
	return 0;
}

void pst_update_close(struct pst_host *host, struct pst_update *update)
{
	for (size_t i = 0; i < update->esps.n; i++) {
		char __cleanup_free *said = NULL;

		/* It is this process's own mount, and ends with it at the latest. */
		pst_host_ask(host, &said, NULL, "umount", update->esps.v[i]);
	}
	for (size_t i = 0; update->disks && i < update->image.disks.n; i++)
		pst_slots_free(&update->disks[i]);
	free(update->disks);
	free(update->preferred);
	pst_strv_free(&update->away);
	pst_strv_free(&update->esps);
	pst_image_free(&update->image);
	pst_release_free(&update->release);
	*update = (struct pst_update){ 0 };
}

const struct pst_slot *pst_update_whole(const struct pst_update *update, const char *version)
{
	for (size_t i = 0; i < update->image.disks.n; i++) {
		const struct pst_slot *slot = pst_slot_find(&update->disks[i], version);

		if (!slot || !pst_slot_is_whole(slot))
			return NULL;
	}
	return update->image.disks.n ? pst_slot_find(&update->disks[0], version) : NULL;
}

bool pst_update_writes(const struct pst_update *update, size_t disk, const char *version)
{
	const struct pst_slot *slot = pst_slot_find(&update->disks[disk], version);

	return !pst_streq(version, update->release.version) || !slot || !pst_slot_is_whole(slot);
}

/* The first disk is the one that we were started from. Another one may not have what runs, and shall be able to start. */
const struct pst_slot *pst_update_kept(const struct pst_update *update, size_t disk)
{
	const struct pst_slots *slots = &update->disks[disk];
	const struct pst_slot *running = pst_slot_find(slots, update->release.version);

	if (!disk || (running && pst_slot_is_whole(running)))
		return running;
	for (size_t i = 0; i < slots->n; i++)
		if (pst_slot_is_whole(&slots->v[i]) && slots->v[i].tries_left == PST_NO_TRIES)
			return &slots->v[i];
	return NULL;
}

const struct pst_slot *pst_update_given_up(const struct pst_update *update)
{
	for (size_t i = 0; i < update->disks[0].n; i++)
		if (pst_slot_is_bad(&update->disks[0].v[i]))
			return &update->disks[0].v[i];
	return NULL;
}

int pst_update_next(struct pst_host *host, const struct pst_update *update, const char **ret,
		    struct pst_reason *reason)
{
	const struct pst_slots *slots = &update->disks[0];
	const struct pst_slot *best = NULL;
	int error = 0;

	/* The boot loader takes its default whatever it is; without one, what was given up comes last. */
	if (update->preferred)
		best = pst_slot_find(slots, update->preferred);
	if (best && best->entry) {
		*ret = best->version;
		return 0;
	}
	best = NULL;
	for (size_t i = 0; i < slots->n && !error; i++) {
		bool newer = true;

		if (!slots->v[i].entry || pst_slot_is_bad(&slots->v[i]))
			continue;
		if (best)
			error = pst_version_is_newer(host, slots->v[i].version, best->version,
						     &newer, reason);
		if (newer)
			best = &slots->v[i];
	}
	if (error)
		return error;
	*ret = best ? best->version : NULL;
	return 0;
}

/* Nothing takes a feature back that a pool uses. */
static int could_import(struct pst_host *host, const struct pst_update *update, const char *version,
			struct pst_reason *reason)
{
	struct pst_strv __cleanup_strv beyond = { 0 };
	int error = pst_fallback_beyond(host, version, update->release.version, &beyond, reason);

	if (!error && beyond.n)
		error = pst_fail(reason, -EBUSY, "%s: it is not gone back to", beyond.v[0]);
	return error;
}

static int start(struct pst_host *host, const char *entry, struct pst_reason *reason)
{
	char __cleanup_free *said = NULL;

	return pst_host_ask(host, &said, reason, "bootctl", "set-default", entry);
}

static int prefer(struct pst_host *host, const struct pst_update *update, const char *version,
		  struct pst_reason *reason)
{
	return start(host, pst_key("penstock-%s_%s.efi", update->release.role, version).text,
		     reason);
}

/*
 * What was not found good yet may be tried, but not preferred: the boot loader starts its default even
 * with no tries left, and what is broken would be started for ever. So what changes is only whether
 * the running version is preferred to it.
 */
static int turn_trial(struct pst_host *host, const struct pst_update *update,
		      const struct pst_slot *other, const char **ret, struct pst_reason *reason)
{
	const char *running = update->release.version;
	const struct pst_slot *self = pst_slot_find(&update->disks[0], running);
	struct pst_update free_choice = *update;
	const char *now = NULL, *then = NULL;
	int error = pst_update_next(host, update, &now, reason);

	free_choice.preferred = NULL;
	if (!error)
		error = pst_update_next(host, &free_choice, &then, reason);
	if (error)
		return error;
	if (pst_streq(now, other->version) && self && self->tries_left == PST_NO_TRIES) {
		then = running;
		error = prefer(host, update, running, reason);
	} else if (!pst_streq(now, other->version) && pst_streq(then, other->version)) {
		error = start(host, "", reason);
	} else {
		error = pst_fail(reason, -ENOENT,
				 "the other version, %s, was not found good yet: it is not gone "
				 "back to",
				 other->version);
	}
	if (!error)
		*ret = then;
	return error;
}

int pst_update_rollback(struct pst_host *host, const struct pst_update *update, const char **ret,
			struct pst_reason *reason)
{
	const struct pst_slot *other = NULL;
	int error;

	for (size_t i = 0; i < update->disks[0].n; i++)
		if (!pst_streq(update->disks[0].v[i].version, update->release.version))
			other = &update->disks[0].v[i];
	if (!other || !pst_update_whole(update, other->version))
		return pst_fail(reason, -ENOENT,
				"there is no other version to go back to: only %s is installed%s",
				update->release.version,
				other ? " as a whole, and an update that broke off" : "");
	if (pst_slot_is_bad(other))
		return pst_fail(reason, -ENOENT,
				"the other version, %s, was tried %d times and never came up as "
				"declared: it is not gone back to",
				other->version, other->tries_done);
	if (other->tries_left != PST_NO_TRIES)
		return turn_trial(host, update, other, ret, reason);
	error = could_import(host, update, other->version, reason);
	if (!error)
		error = prefer(host, update, other->version, reason);
	if (!error)
		*ret = other->version;
	return error;
}
