// SPDX-License-Identifier: MIT
/*
 * The state file system: on the boot disk's partition penstock-state, as it is, in LUKS bound to the TPM, on a
 * mirror of two disks (md), or both. A blank partition is a new machine's, and gets a file system.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mount.h>

#include "base/file.h"
#include "base/problem.h"
#include "base/time.h"
#include "preinit/preinit.h"

#define ARRAY_DEVICE  "/dev/md127"
#define OPENED_NAME   "penstock-state"
#define OPENED_DEVICE "/dev/mapper/" OPENED_NAME
/* Where repart's definitions of how the partition grows are, in the image. */
#define GROW_DEFINITIONS "--definitions=/usr/lib/penstock/repart.d"
/* Less free space than this after the partition is not worth a change of the partition table. */
#define GROW_MIN_SECTORS (128ULL << 11)
/* systemd-boot sets it when it counts the tries of what it starts (Boot Loader Interface). */
#define TRIES "/sys/firmware/efi/efivars/LoaderBootCountPath-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
/* How long the other half of a mirror may take to appear. */
#define MEMBER_WAIT_USEC (20 * PST_USEC_PER_SEC)

/* md superblock 1.x, 4096 bytes from the start of a member (metadata version 1.2; linux/raid/md_p.h). */
#define MD_OFFSET	4096
#define MD_MAGIC	0xa92b4efcU
#define MD_UUID_OFFSET	16
#define MD_DISKS_OFFSET 92

static uint32_t le32_at(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

static bool is_zero(const uint8_t *bytes, size_t len)
{
	return !*bytes && memcmp(bytes, bytes + 1, len - 1) == 0;
}

enum pst_state_kind pst_state_kind(const uint8_t *head, struct pst_member *ret_member)
{
	const uint8_t *md = head + MD_OFFSET;

	if (memcmp(head, "LUKS\xba\xbe", 6) == 0)
		return PST_STATE_LUKS;
	if (le32_at(md) == MD_MAGIC && le32_at(md + 4) == 1) {
		memcpy(ret_member->array, md + MD_UUID_OFFSET, sizeof(ret_member->array));
		ret_member->disks = le32_at(md + MD_DISKS_OFFSET);
		return PST_STATE_MEMBER;
	}
	return is_zero(head, PST_STATE_HEAD_BYTES) ? PST_STATE_BLANK : PST_STATE_PLAIN;
}

static int read_kind(const char *device, enum pst_state_kind *ret, struct pst_member *ret_member,
		     struct pst_reason *reason)
{
	int __cleanup_close fd = open(device, O_RDONLY | O_CLOEXEC);
	uint8_t head[PST_STATE_HEAD_BYTES];
	ssize_t got;

	if (fd < 0)
		return pst_fail_errno(reason, -errno, "cannot open %s", device);
	got = pread(fd, head, sizeof(head), 0);
	if (got != sizeof(head))
		return pst_fail_errno(reason, got < 0 ? -errno : -EIO, "cannot read %s", device);
	*ret = pst_state_kind(head, ret_member);
	return 0;
}

/* The partition may end long before its disk does: the image was written to a larger one. */
static int free_after(const struct pst_part *part, unsigned long long *ret)
{
	const char *const files[] = { "size", "start", "../size" };
	unsigned long long values[ARRAY_SIZE(files)];

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char __cleanup_free *path =
			pst_printf("/sys/class/block/%s/%s", part->name, files[i]);
		char __cleanup_free *text = NULL;
		int error = path ? pst_file_read(path, &text, NULL, NULL) : -ENOMEM;

		if (error)
			return error;
		text[strcspn(text, "\n")] = '\0';
		error = pst_parse_u64(text, INT64_MAX, &values[i]);
		if (error)
			return error;
	}
	*ret = values[2] > values[1] + values[0] ? values[2] - values[1] - values[0] : 0;
	return 0;
}

/* That the partition cannot grow is no reason not to start. */
static void grow_partition(const struct pst_part *part)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	char __cleanup_free *disk = NULL;
	unsigned long long sectors;

	if (free_after(part, &sectors) || sectors < GROW_MIN_SECTORS ||
	    pst_device_path(part->disk, &disk))
		return;
	if (pst_tool(&reason, "systemd-repart", "--dry-run=no", GROW_DEFINITIONS, disk) < 0)
		fprintf(stderr, "penstock: %s keeps its size: %s\n", part->name,
			pst_reason_text(&reason, -EIO));
}

/* At every boot: the one that made the partition larger may have ended before this. */
static void grow_file_system(const char *device)
{
	struct pst_reason __cleanup_reason reason = { 0 };

	if (pst_tool(&reason, "resize2fs", device) < 0)
		fprintf(stderr, "penstock: the file system on %s keeps its size: %s\n", device,
			pst_reason_text(&reason, -EIO));
}

/* The names of all members of the array that are there now. */
static int find_members(const uint8_t *array, struct pst_strv *ret, struct pst_strv *ret_disks,
			struct pst_reason *reason)
{
	struct pst_parts __cleanup_parts parts = { 0 };
	int error = pst_parts_read("/sys/class/block", &parts, reason);

	for (size_t i = 0; i < parts.n && !error; i++) {
		char __cleanup_free *device = NULL;
		struct pst_member member;
		enum pst_state_kind kind;

		if (!pst_streq(parts.v[i].label, PST_STATE_LABEL))
			continue;
		error = pst_device_path(parts.v[i].name, &device);
		/* A disk that cannot be read is a missing half. */
		if (error || read_kind(device, &kind, &member, NULL) || kind != PST_STATE_MEMBER ||
		    memcmp(member.array, array, sizeof(member.array)) != 0)
			continue;
		pst_strv_add(ret, device);
		pst_strv_add(ret_disks, parts.v[i].disk);
	}
	return error ?: ret->oom || ret_disks->oom ? -ENOMEM : 0;
}

/* Waits for the other half, and goes on without it when it does not come. */
static int wait_for_members(const struct pst_member *member, struct pst_strv *ret,
			    struct pst_strv *ret_disks, struct pst_reason *reason)
{
	const struct timespec pause = { .tv_nsec = 200000000 };

	for (uint64_t end_usec = pst_now_usec() + MEMBER_WAIT_USEC;;) {
		int error = find_members(member->array, ret, ret_disks, reason);

		if (error || ret->n >= member->disks || pst_now_usec() >= end_usec)
			return error;
		pst_strv_free(ret);
		pst_strv_free(ret_disks);
		nanosleep(&pause, NULL);
	}
}

/* The boot disks are those of the array, behind the one that we were started from, which is known already. */
static int name_disks(const struct pst_strv *disks, struct pst_image *image,
		      struct pst_reason *reason)
{
	struct pst_parts __cleanup_parts parts = { 0 };
	int error = pst_parts_read("/sys/class/block", &parts, reason);

	for (size_t i = 0; i < disks->n && !error; i++) {
		const struct pst_part *esp =
			pst_parts_with_label(&parts, PST_ESP_LABEL, disks->v[i]);

		if (!esp || pst_strv_contains(&image->disks, pst_key("/dev/%s", disks->v[i]).text))
			continue;
		error = pst_image_add_disk(image, esp);
	}
	return error;
}

static int assemble(const struct pst_member *member, struct pst_image *image,
		    struct pst_reason *reason)
{
	struct pst_strv __cleanup_strv argv = { 0 }, __cleanup_strv members = { 0 },
				       __cleanup_strv disks = { 0 };
	int error = wait_for_members(member, &members, &disks, reason);

	if (error)
		return error;
	error = pst_tool(reason, "mdadm", "--assemble", "--run", "--quiet", ARRAY_DEVICE,
			 members.v[0], members.n > 1 ? members.v[1] : NULL);
	return error ? error : name_disks(&disks, image, reason);
}

/*
 * It asks for the recovery key on the console when the TPM does not give the key. Of a version on trial nobody may be
 * there to answer: the next try must come, and at last the version before.
 */
static int unlock(const char *device, struct pst_reason *reason)
{
	const char *options =
		access(TRIES, F_OK) == 0 ? "tpm2-device=auto,timeout=5min" : "tpm2-device=auto";

	return pst_tool_interactive(reason, TOOL_WORDS("systemd-cryptsetup", "attach", OPENED_NAME,
						       device, "-", options));
}

/* From the partition to the device that the file system is on. */
static int open_layers(char **device, struct pst_image *image, struct pst_reason *reason)
{
	struct pst_member member = { 0 };
	enum pst_state_kind kind;
	const char *next;
	int error;

	for (;;) {
		error = read_kind(*device, &kind, &member, reason);
		if (error || kind == PST_STATE_PLAIN)
			return error;
		if (kind == PST_STATE_BLANK)
			return pst_tool_long(reason, 0, "mke2fs", "-q", "-t", "ext4", "-L",
					     PST_STATE_LABEL, "-m", "1", *device);
		next = kind == PST_STATE_MEMBER ? ARRAY_DEVICE : OPENED_DEVICE;
		error = kind == PST_STATE_MEMBER ? assemble(&member, image, reason)
						 : unlock(*device, reason);
		if (error)
			return error;
		free(*device);
		*device = strdup(next);
		if (!*device)
			return -ENOMEM;
	}
}

/* What factory reset left to do: the file goes last, so that one that broke off is done again. */
static int reset_if_asked(const char *where, struct pst_reason *reason)
{
	char __cleanup_free *marker = pst_printf("%s/reset", where);
	int error;

	if (!marker)
		return -ENOMEM;
	if (access(marker, F_OK) != 0)
		return 0;
	fputs("penstock: factory reset: configuration, keys and logs of this machine go\n", stderr);
	/* What cannot be removed would have the machine start anew for ever. */
	pst_tool_long(NULL, 0, "chattr", "-R", "-f", "-i", "-a", where);
	error = pst_tool_long(reason, 0, "find", where, "-mindepth", "1", "-maxdepth", "1", "!",
			      "-name", "reset", "!", "-name", "lost+found", "-exec", "rm", "-rf",
			      "{}", "+");
	return error ? error : pst_file_remove(marker, reason);
}

int pst_state_mount(const char *disk, const char *where, struct pst_image *image,
		    struct pst_reason *reason)
{
	struct pst_parts __cleanup_parts parts = { 0 };
	const struct pst_part *part;
	char *device = NULL;
	int error = pst_parts_read("/sys/class/block", &parts, reason);

	if (error)
		return error;
	part = pst_parts_with_label(&parts, PST_STATE_LABEL, disk);
	if (!part)
		return pst_fail(reason, -ENOENT, "the boot disk %s has no partition %s", disk,
				PST_STATE_LABEL);
	grow_partition(part);
	error = pst_device_path(part->name, &device);
	if (!error)
		error = open_layers(&device, image, reason);
	image->state = device;
	/* 1: errors were corrected. What it could not correct, a person must. */
	if (!error)
		error = pst_tool_long(reason, 1, "e2fsck", "-p", device);
	if (!error)
		error = pst_mount(device, where, "ext4", MS_NOATIME, NULL, reason);
	if (!error)
		grow_file_system(device);
	return error ? error : reset_if_asked(where, reason);
}
