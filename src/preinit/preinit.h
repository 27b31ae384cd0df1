/* SPDX-License-Identifier: MIT */
/*
 * preinit: the one program of the initramfs. It finds the root of the image and has it verified, opens the
 * state file system of the same disk, joins the two to the system's root, and starts systemd in it.
 *
 * It is linked statically and runs before everything: no udev, no modules, no other program until the
 * image's root is mounted. Then it goes there, so that e2fsck, mdadm and systemd-cryptsetup are the image's.
 */
#ifndef PST_PREINIT_PREINIT_H
#define PST_PREINIT_PREINIT_H

#include <stdint.h>
#include <sys/types.h>

#include "base/image.h"
#include "base/reason.h"
#include "base/str.h"

#define PST_STATE_LABEL	 "penstock-state"
#define PST_ESP_LABEL	 "penstock-esp"
#define PST_MEDIUM_LABEL "PENSTOCK"
#define PST_ROOT_NAME	 "penstock-root"
#define PST_MEDIUM	 "/run/penstock/medium"
/* Where the system's root is put together, in the image. */
#define PST_NEW_ROOT "/sysroot"

/* cmdline.c: what the kernel's command line asks of us. */
struct pst_cmdline {
	char roothash[65]; /* SHA-256, lower case */
	bool live;
};

int pst_cmdline_parse(const char *text, struct pst_cmdline *ret, struct pst_reason *reason);
/* The PARTUUIDs that follow from a root hash: its first and its last 128 bits. */
void pst_cmdline_uuids(const char *roothash, char root[static 37], char verity[static 37]);

/* disk.c: block devices as sysfs has them. */
struct pst_part {
	char name[32]; /* as vda2 */
	char disk[32]; /* as vda; empty for a whole disk */
	char *label; /* PARTNAME; NULL when it has none */
	char uuid[37]; /* PARTUUID, lower case; empty when it has none */
};

struct pst_parts {
	struct pst_part *v;
	size_t n;
};

/* @name is the device's name in /sys/class/block, @disk its parent's or "". */
int pst_part_parse(const char *name, const char *disk, const char *uevent, struct pst_part *ret);
/* All block devices of now, those of @class_dir (/sys/class/block). */
int pst_parts_read(const char *class_dir, struct pst_parts *ret, struct pst_reason *reason);
void pst_parts_free(struct pst_parts *parts);
#define __cleanup_parts __cleanup(pst_parts_free)
/* The first one with this PARTUUID, or partition label; on the disk @disk only, unless that is NULL. */
const struct pst_part *pst_parts_with_uuid(const struct pst_parts *parts, const char *uuid,
					   const char *disk);
const struct pst_part *pst_parts_with_label(const struct pst_parts *parts, const char *label,
					    const char *disk);
int pst_device_path(const char *name, char **ret);
/* The disk that has this EFI partition, as one of the boot disks. */
int pst_image_add_disk(struct pst_image *image, const struct pst_part *esp);

/* gpt.c: the PARTUUID of partition @number of the disk @disk, which is a device's path. */
int pst_gpt_uuid(const char *disk, unsigned int number, char ret[static 37]);
/* Where its entry begins, by the header; -EINVAL: this is none, or it has no such entry. */
int pst_gpt_entry_at(const uint8_t *header, size_t len, unsigned int block, unsigned int number,
		     uint64_t *ret_offset);
void pst_gpt_uuid_text(const uint8_t bytes[static 16], char ret[static 37]);

/* boot-disk.c: the disk that the firmware started us from, NULL where it does not say; -EAGAIN: it is not there yet. */
int pst_boot_disk(const struct pst_parts *parts, const char **ret_disk);
/* The PARTUUID in the EFI variable that systemd-boot and systemd-stub leave; -EINVAL: damaged. */
int pst_boot_disk_parse(const void *data, size_t len, char ret_uuid[static 37]);

/* verity.c: dm-verity (Documentation/admin-guide/device-mapper/verity.rst). */
#define PST_VERITY_SUPERBLOCK_BYTES 512
struct pst_verity {
	char uuid[33];
	uint64_t blocks; /* of 4096 bytes, of data */
	char salt[513]; /* hexadecimal; "-" for none */
};

int pst_verity_parse(const void *superblock, size_t len, struct pst_verity *ret,
		     struct pst_reason *reason);
/* The arguments of the target; NULL without memory. */
char *pst_verity_table(const struct pst_verity *verity, const char *data, const char *hash,
		       const char *roothash);
/* Makes the verified device of the two; ret_path is its node. */
int pst_verity_open(const char *data, const char *hash, const char *roothash, char **ret_path,
		    struct pst_reason *reason);

/* medium.c: when live, the medium and the release on it. Fills in medium, root and verity of @image. */
int pst_medium_open(const char *roothash, struct pst_image *image, struct pst_reason *reason);
/* Has udev assemble no array of disks that may be installed on. */
int pst_medium_leave_arrays(struct pst_reason *reason);
/* Whether the 2048 bytes at 32768 of a device are the volume descriptor of our medium (ECMA-119, 8.4). */
bool pst_medium_is(const void *descriptor, size_t len);

/* state.c: the state file system. Fills in state of @image, and for a mirrored pair its disks. */
enum pst_state_kind { PST_STATE_BLANK, PST_STATE_PLAIN, PST_STATE_LUKS, PST_STATE_MEMBER };
struct pst_member {
	uint8_t array[16];
	unsigned int disks; /* as many as the whole array has */
};
#define PST_STATE_HEAD_BYTES 8192
/* What begins with these bytes; ret_member is filled in for a member of an array. */
enum pst_state_kind pst_state_kind(const uint8_t *head, struct pst_member *ret_member);
int pst_state_mount(const char *disk, const char *where, struct pst_image *image,
		    struct pst_reason *reason);

/* measure.c: what a disk that was bound to the TPM cannot be opened after. */
int pst_measure_end(struct pst_reason *reason);
/* By the firmware's variable SecureBoot, which is the file @variable. */
bool pst_is_secure_boot(const char *variable);

/* kexec.c: no other kernel is started past the firmware. @file is /proc/sys/kernel/kexec_load_disabled. */
int pst_kexec_end(const char *file, struct pst_reason *reason);

/* root.c: joins the mounted state and the image, which is /, to a root at PST_NEW_ROOT. */
int pst_root_join(const char *state, const char *version, struct pst_reason *reason);

/* report.c: what is left for the system: /run/penstock/image, and units that mount the EFI partition. */
char *pst_report_efi_mount(const char *esp);
int pst_report(const struct pst_image *image, struct pst_reason *reason);

/* tool.c: runs a program of the image; -EIO when it fails, with what it said. */
int pst_tool_run(struct pst_reason *reason, const char *const argv[]);
/* The same for one whose work grows with the file system, however long; a status up to @good is no failure. */
int pst_tool_run_long(struct pst_reason *reason, int good, const char *const argv[]);
/* As pst_tool_run, with our console as its own, for one that may have to ask. */
int pst_tool_interactive(struct pst_reason *reason, const char *const argv[]);
#define TOOL_WORDS(...)           \
	(const char *const[])     \
	{                         \
		__VA_ARGS__, NULL \
	}
#define pst_tool(reason, ...)		 pst_tool_run(reason, TOOL_WORDS(__VA_ARGS__))
#define pst_tool_long(reason, good, ...) pst_tool_run_long(reason, good, TOOL_WORDS(__VA_ARGS__))

/* mount.c */
int pst_mount(const char *what, const char *where, const char *type, unsigned long flags,
	      const char *options, struct pst_reason *reason);
int pst_bind(const char *what, const char *where, struct pst_reason *reason);
int pst_mkdir(const char *path, mode_t mode, struct pst_reason *reason);
/* Makes @root the root of this process; what is mounted below MOVED goes along. */
int pst_switch_root(const char *root, struct pst_reason *reason);

#endif
