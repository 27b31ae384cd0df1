// SPDX-License-Identifier: MIT
/* preinit: the order of things. What fails is said on the console, and the machine starts anew. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/reboot.h>

#include "base/file.h"
#include "base/time.h"
#include "preinit/preinit.h"

#define SYSTEMD	     "/usr/lib/systemd/systemd"
#define STATE	     "/run/penstock/state"
#define WAIT_USEC    (60 * PST_USEC_PER_SEC)
#define GIVE_UP_SECS 30
#define KEXEC	     "/proc/sys/kernel/kexec_load_disabled"

/* What every program expects; the kernel has mounted none of it in the initramfs. */
static int mount_basics(struct pst_reason *reason)
{
	const unsigned long plain = MS_NOSUID | MS_NODEV | MS_NOEXEC;
	const struct {
		const char *type, *where, *options;
		unsigned long flags;
	} mounts[] = {
		{ "devtmpfs", "/dev", "mode=0755", MS_NOSUID },
		{ "proc", "/proc", NULL, plain },
		{ "sysfs", "/sys", NULL, plain },
		{ "tmpfs", "/run", "mode=0755,size=20%", MS_NOSUID | MS_NODEV },
	};
	int error = 0;

	for (size_t i = 0; i < ARRAY_SIZE(mounts) && !error; i++) {
		error = pst_mkdir(mounts[i].where, 0755, reason);
		if (!error)
			error = pst_mount(mounts[i].type, mounts[i].where, mounts[i].type,
					  mounts[i].flags, mounts[i].options, reason);
	}
	/* No EFI, no variables. */
	mount("efivarfs", "/sys/firmware/efi/efivars", "efivarfs", plain, NULL);
	return error;
}

/*
 * Both partitions of the root, on the disk that we were started from. Another disk may have the same ones, and be found
 * earlier: it is taken only where the firmware does not say, or when its word was waited for long enough.
 */
static int find_partitions(const char *roothash, const struct pst_parts *parts, bool anywhere,
			   const struct pst_part **ret_root, const struct pst_part **ret_verity)
{
	const char *disk = NULL;
	char root[37], verity[37];

	if (pst_boot_disk(parts, &disk) && !anywhere)
		return -EAGAIN;
	pst_cmdline_uuids(roothash, root, verity);
	*ret_root = pst_parts_with_uuid(parts, root, disk);
	if (!*ret_root && anywhere)
		*ret_root = pst_parts_with_uuid(parts, root, NULL);
	if (!*ret_root)
		return -EAGAIN;
	*ret_verity = pst_parts_with_uuid(parts, verity, (*ret_root)->disk);
	return *ret_verity ? 0 : -EAGAIN;
}

static int take_partitions(const struct pst_parts *parts, const struct pst_part *root,
			   const struct pst_part *verity, struct pst_image *image)
{
	const struct pst_part *esp = pst_parts_with_label(parts, PST_ESP_LABEL, root->disk);
	int error = pst_device_path(root->name, &image->root);

	if (!error)
		error = pst_device_path(verity->name, &image->verity);
	if (error)
		return error;
	if (!esp)
		return -ENODEV;
	return pst_image_add_disk(image, esp);
}

/* Fills in disks, esps, root and verity of @image; ret_disk is the disk's name. */
static int wait_for_root(const char *roothash, struct pst_image *image, char ret_disk[static 32],
			 struct pst_reason *reason)
{
	const struct timespec pause = { .tv_nsec = 50000000 };
	const uint64_t end_usec = pst_now_usec() + WAIT_USEC;

	while (pst_now_usec() < end_usec) {
		bool anywhere = pst_now_usec() + WAIT_USEC / 2 > end_usec;
		struct pst_parts __cleanup_parts parts = { 0 };
		const struct pst_part *root, *verity;
		int error = pst_parts_read("/sys/class/block", &parts, reason);

		if (error)
			return error;
		if (find_partitions(roothash, &parts, anywhere, &root, &verity) == 0) {
			stpcpy(ret_disk, root->disk);
			error = take_partitions(&parts, root, verity, image);
			return error == -ENODEV ? pst_fail(reason, error,
							   "the boot disk %s has no partition %s",
							   ret_disk, PST_ESP_LABEL)
						: error;
		}
		nanosleep(&pause, NULL);
	}
	return pst_fail(reason, -ENOENT,
			"no disk has the two partitions of the root whose hash is %s", roothash);
}

static int enter_image(const char *roothash, struct pst_image *image, struct pst_reason *reason)
{
	char __cleanup_free *verified = NULL;
	int error = pst_verity_open(image->root, image->verity, roothash, &verified, reason);

	if (!error)
		error = pst_mkdir("/image", 0755, reason);
	if (!error)
		error = pst_mount(verified, "/image", "erofs", MS_RDONLY, NULL, reason);
	/* Our own file would keep its memory until the machine is switched off. */
	unlink("/init");
	return error ? error : pst_switch_root("/image", reason);
}

static int mount_state(const struct pst_cmdline *cmdline, const char *disk, struct pst_image *image,
		       struct pst_reason *reason)
{
	int error = pst_mkdir("/run/penstock", 0755, reason);

	if (!error)
		error = pst_mkdir(STATE, 0700, reason);
	if (error)
		return error;
	if (!cmdline->live)
		return pst_state_mount(disk, STATE, image, reason);
	error = pst_medium_leave_arrays(reason);
	return error ? error
		     : pst_mount("penstock-live", STATE, "tmpfs", 0, "mode=0755,size=50%", reason);
}

/* That it cannot is said, and is no reason not to start. */
static void end_kexec(void)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	int error = pst_kexec_end(KEXEC, &reason);

	if (error)
		fprintf(stderr, "penstock: another kernel can be started by kexec: %s\n",
			pst_reason_text(&reason, error));
}

static int join_root(const struct pst_image *image, struct pst_reason *reason)
{
	struct pst_release __cleanup_release release = { 0 };
	int error = pst_release_read(PST_OS_RELEASE_FILE, &release, reason);

	if (!error)
		error = pst_root_join(STATE, release.version, reason);
	if (!error)
		error = pst_report(image, reason);
	if (error)
		return error;
	/* What of it is used stays mounted; its top is not for everyone to see. */
	if (umount2(STATE, MNT_DETACH) < 0 || rmdir(STATE) < 0)
		return pst_fail_errno(reason, -errno, "cannot hide %s", STATE);
	return pst_switch_root(PST_NEW_ROOT, reason);
}

static int start(struct pst_reason *reason)
{
	struct pst_image __cleanup_image image = { 0 };
	struct pst_cmdline cmdline = { 0 };
	char __cleanup_free *text = NULL;
	char disk[32] = "";
	int error = mount_basics(reason);

	if (!error)
		error = pst_file_read("/proc/cmdline", &text, NULL, reason);
	if (!error)
		error = pst_cmdline_parse(text, &cmdline, reason);
	if (error)
		return error;
	image.roothash = strdup(cmdline.roothash);
	if (!image.roothash)
		return -ENOMEM;
	error = cmdline.live ? pst_medium_open(cmdline.roothash, &image, reason)
			     : wait_for_root(cmdline.roothash, &image, disk, reason);
	if (!error)
		error = enter_image(cmdline.roothash, &image, reason);
	if (!error)
		error = mount_state(&cmdline, disk, &image, reason);
	if (!error)
		error = pst_measure_end(reason);
	if (error)
		return error;
	end_kexec();
	return join_root(&image, reason);
}

/* Programs that we run find each other, and leave device nodes to the kernel: there is no udev yet. */
static void set_environment(void)
{
	setenv("PATH", "/usr/sbin:/usr/bin", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	setenv("DM_DISABLE_UDEV", "1", 1);
	setenv("MDADM_NO_UDEV", "1", 1);
}

static void clear_environment(void)
{
	unsetenv("LC_ALL");
	unsetenv("DM_DISABLE_UDEV");
	unsetenv("MDADM_NO_UDEV");
}

int main(int argc, char **argv)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	int error;

	(void)argc;
	if (getpid() != 1) {
		fputs("preinit: is started by the kernel, as the first process\n", stderr);
		return 1;
	}
	set_environment();
	error = start(&reason);
	if (!error) {
		clear_environment();
		/* The kernel hands us the words of its command line that it does not know; they are for systemd. */
		argv[0] = (char *)SYSTEMD;
		execv(SYSTEMD, argv);
		error = pst_fail_errno(&reason, -errno, "cannot start " SYSTEMD);
	}
	fprintf(stderr,
		"\npenstock: this system cannot start: %s\n"
		"penstock: the machine starts anew in %d s\n",
		pst_reason_text(&reason, error), GIVE_UP_SECS);
	sleep(GIVE_UP_SECS);
	reboot(RB_AUTOBOOT);
	return 1;
}
