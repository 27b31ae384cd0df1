// SPDX-License-Identifier: MIT
/* What is left for the system to read. */
#include <errno.h>
#include <sys/stat.h>

#include "base/file.h"
#include "preinit/preinit.h"

#define UNITS "/run/systemd/system"

static const char automount[] = "[Unit]\n"
				"Description=EFI partition, mounted when it is looked at\n"
				"Documentation=man:penstock(8)\n"
				"\n"
				"[Automount]\n"
				"Where=/efi\n"
				"TimeoutIdleSec=120\n";

char *pst_report_efi_mount(const char *esp)
{
	return pst_printf("[Unit]\n"
			  "Description=EFI partition\n"
			  "Documentation=man:penstock(8)\n"
			  "\n"
			  "[Mount]\n"
			  "What=%s\n"
			  "Where=/efi\n"
			  "Type=vfat\n"
			  "Options=umask=0077,noexec,nosuid,nodev,flush\n",
			  esp);
}

static int write_units(const char *esp, struct pst_reason *reason)
{
	char __cleanup_free *mount = pst_report_efi_mount(esp);
	int error = mount ? pst_file_write(UNITS "/efi.mount", mount, 0644, reason) : -ENOMEM;

	if (!error)
		error = pst_file_write(UNITS "/efi.automount", automount, 0644, reason);
	if (!error)
		error = pst_file_make_parents(UNITS "/local-fs.target.wants/efi.automount", reason);
	if (!error && symlink("../efi.automount", UNITS "/local-fs.target.wants/efi.automount") < 0)
		error = pst_fail_errno(reason, -errno, "cannot have the EFI partition mounted");
	return error;
}

int pst_report(const struct pst_image *image, struct pst_reason *reason)
{
	char __cleanup_free *text = pst_image_text(image);
	int error = text ? pst_file_write(PST_IMAGE_FILE, text, 0644, reason) : -ENOMEM;

	if (error || !image->esps.n)
		return error;
	return write_units(image->esps.v[0], reason);
}
