// SPDX-License-Identifier: MIT
/*
 * The EFI partitions of the boot disks. The boot loader comes last: until all else is there and has been read back, the
 * firmware finds nothing on the disk that it would start.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "install/install.h"

#define CHUNK_BYTES ((size_t)1 << 20)

static const char *const loader_paths[] = { "EFI/systemd/systemd-bootx64.efi",
					    "EFI/BOOT/BOOTX64.EFI" };

/* Where a file of the release goes in the EFI partition; NULL: nowhere, or without memory. */
static char *place_of(const struct pst_release_dir *release, const char *name)
{
	if (pst_streq(name, release->kernel))
		return pst_printf("EFI/Linux/%s", name);
	return pst_startswith(name, "loader/") ? strdup(name) : NULL;
}

static char *path_in(const struct pst_install *install, size_t disk, const char *path)
{
	return pst_printf("%s" PST_INSTALL_DIR "/esp%zu/%s", install->host->root, disk, path);
}

static int copy_all(int from, int to)
{
	char __cleanup_free *chunk = malloc(CHUNK_BYTES);

	if (!chunk)
		return -ENOMEM;
	for (;;) {
		ssize_t got = read(from, chunk, CHUNK_BYTES);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 || fsync(to) < 0 ? -errno : 0;
		for (ssize_t done = 0; done < got;) {
			ssize_t put = write(to, chunk + done, (size_t)(got - done));

			if (put < 0 && errno != EINTR)
				return -errno;
			done += put > 0 ? put : 0;
		}
	}
}

static int copy_file(struct pst_install *install, const char *name, size_t disk, const char *path,
		     struct pst_reason *reason)
{
	char __cleanup_free *source =
		pst_printf("%s%s/%s", install->host->root, install->release->dir, name);
	char __cleanup_free *target = path_in(install, disk, path);
	int error = source && target ? pst_file_make_parents(target, reason) : -ENOMEM;

	if (error)
		return error;

	int __cleanup_close from = open(source, O_RDONLY | O_CLOEXEC);

	if (from < 0)
		return pst_fail_errno(reason, -errno, "cannot open %s", source);

	int __cleanup_close to = open(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (to < 0)
		return pst_fail_errno(reason, -errno, "cannot make %s", target);
	error = copy_all(from, to);
	return error ? pst_fail_errno(reason, error, "cannot copy %s", target) : 0;
}

static int check_file(struct pst_install *install, const struct pst_release_file *file, size_t disk,
		      const char *path, struct pst_reason *reason)
{
	char __cleanup_free *target = path_in(install, disk, path);
	char sum[PST_SHA256_HEX];
	int error = target ? pst_sum_file(target, 0, sum, reason) : -ENOMEM;

	if (!error && !pst_streq(sum, file->sum))
		error = pst_fail(reason, -EIO,
				 "%s on %s is not what was written: SHA-256 %s, not %s", path,
				 install->disks[disk], sum, file->sum);
	return error;
}

static struct pst_key name_of(size_t disk)
{
	return pst_key("esp%zu", disk);
}

static int mount_esp(struct pst_install *install, size_t disk, struct pst_reason *reason)
{
	char __cleanup_free *device = pst_partition_path(install->disks[disk], PST_PART_ESP);

	if (!device)
		return -ENOMEM;
	return pst_install_mount(install, "vfat", device, name_of(disk).text, reason);
}

/* Unmounted and mounted again, all of it comes from the disk. */
static int mount_again(struct pst_install *install, size_t disk, struct pst_reason *reason)
{
	int error = pst_install_unmount(install, name_of(disk).text, reason);

	return error ? error : mount_esp(install, disk, reason);
}

static int fill_one(struct pst_install *install, size_t disk, struct pst_reason *reason)
{
	const struct pst_release_dir *release = install->release;
	int error = mount_esp(install, disk, reason);

	for (size_t i = 0; i < release->n_files && !error; i++) {
		char __cleanup_free *place = place_of(release, release->files[i].name);

		if (place)
			error = copy_file(install, release->files[i].name, disk, place, reason);
	}
	return error;
}

int pst_esp_fill(struct pst_install *install, struct pst_reason *reason)
{
	int error = 0;

	for (size_t i = 0; i < install->n_disks && !error; i++)
		error = fill_one(install, i, reason);
	return error;
}

static int check_one(struct pst_install *install, size_t disk, struct pst_reason *reason)
{
	const struct pst_release_dir *release = install->release;
	int error = mount_again(install, disk, reason);

	for (size_t i = 0; i < release->n_files && !error; i++) {
		char __cleanup_free *place = place_of(release, release->files[i].name);

		if (place)
			error = check_file(install, &release->files[i], disk, place, reason);
	}
	return error;
}

int pst_esp_check(struct pst_install *install, struct pst_reason *reason)
{
	int error = 0;

	for (size_t i = 0; i < install->n_disks && !error; i++)
		error = check_one(install, i, reason);
	return error;
}

static int finish_one(struct pst_install *install, size_t disk, struct pst_reason *reason)
{
	const struct pst_release_file *loader = pst_release_file(install->release, PST_BOOT_LOADER);
	int error = 0;

	for (size_t i = 0; i < ARRAY_SIZE(loader_paths) && !error; i++)
		error = copy_file(install, loader->name, disk, loader_paths[i], reason);
	if (!error)
		error = mount_again(install, disk, reason);
	for (size_t i = 0; i < ARRAY_SIZE(loader_paths) && !error; i++)
		error = check_file(install, loader, disk, loader_paths[i], reason);
	return error;
}

int pst_esp_finish(struct pst_install *install, struct pst_reason *reason)
{
	int error = 0;

	install->loader_begun = true;
	for (size_t i = 0; i < install->n_disks && !error; i++)
		error = finish_one(install, i, reason);
	for (size_t i = 0; i < install->n_disks && !error; i++)
		error = pst_install_unmount(install, name_of(i).text, reason);
	return error;
}

static void remove_loaders(const struct pst_install *install, size_t disk)
{
	for (size_t i = 0; i < ARRAY_SIZE(loader_paths); i++) {
		char __cleanup_free *path = path_in(install, disk, loader_paths[i]);

		if (path)
			unlink(path);
	}
}

void pst_esp_undo(struct pst_install *install)
{
	for (size_t i = 0; i < install->n_disks; i++) {
		/* What failed may have been that it is mounted again. */
		if (install->loader_begun && mount_again(install, i, NULL) == 0)
			remove_loaders(install, i);
		pst_install_unmount(install, name_of(i).text, NULL);
	}
}
