// SPDX-License-Identifier: MIT
/* What the firmware is told to start. Without it, it finds EFI/BOOT/BOOTX64.EFI by itself, on most machines. */
#include <ctype.h>
#include <errno.h>

#include "install/install.h"

#define EFIVARS	    "/sys/firmware/efi/efivars"
#define LABEL	    "Penstock"
#define LABEL_OTHER "Penstock (second disk)"
#define LOADER	    "\\EFI\\systemd\\systemd-bootx64.efi"
/* "Boot0003* " and then the label. */
#define LABEL_AT 10

static bool is_ours(const char *line, size_t len)
{
	static const char *const labels[] = { LABEL, LABEL_OTHER };

	if (len < LABEL_AT || !pst_startswith(line, "Boot") || line[LABEL_AT - 1] != ' ')
		return false;
	for (size_t i = 4; i < 8; i++)
		if (!isxdigit((unsigned char)line[i]))
			return false;
	for (size_t i = 0; i < ARRAY_SIZE(labels); i++) {
		size_t end = LABEL_AT + strlen(labels[i]);

		/* Behind a tab it goes on with the device. */
		if (len >= end && !memcmp(line + LABEL_AT, labels[i], end - LABEL_AT) &&
		    (len == end || line[end] == '\t'))
			return true;
	}
	return false;
}

void pst_boot_entries_parse(const char *text, struct pst_strv *ret)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		if (is_ours(text, len))
			pst_strv_addf(ret, "%.4s", text + 4);
		text += len + (text[len] == '\n');
	}
}

static int remove_old(struct pst_install *install, struct pst_reason *reason)
{
	static const char *const list[] = { "efibootmgr", NULL };
	struct pst_strv __cleanup_strv numbers = { 0 };
	char __cleanup_free *text = NULL;
	int error = pst_install_command(install, &text, reason, list);

	if (error)
		return error;
	pst_boot_entries_parse(text, &numbers);
	for (size_t i = 0; i < numbers.n && !error; i++)
		error = PST_COMMAND(install, reason, "efibootmgr", "--quiet", "--bootnum",
				    numbers.v[i], "--delete-bootnum");
	return numbers.oom ? -ENOMEM : error;
}

static int make_entries(struct pst_install *install, struct pst_reason *reason)
{
	int error = remove_old(install, reason);

	/* Each new one goes to the front: the first disk's last. */
	for (size_t i = install->n_disks; i-- > 0 && !error;)
		error = PST_COMMAND(install, reason, "efibootmgr", "--quiet", "--create", "--disk",
				    install->disks[i], "--part", "1", "--label",
				    i ? LABEL_OTHER : LABEL, "--loader", LOADER);
	return error;
}

int pst_boot_entries(struct pst_install *install, struct pst_reason *reason)
{
	struct pst_reason __cleanup_reason why = { 0 };
	char __cleanup_free *text = NULL;
	int error = 0;

	(void)reason;
	if (pst_host_exists(install->host, EFIVARS))
		error = make_entries(install, &why);
	else
		error = pst_fail(&why, -ENOENT, "this machine was not started by UEFI");
	if (!error || error == -ENOMEM)
		return error;
	text = pst_printf("the firmware was not told of the disk: %s. It starts what it finds on "
			  "it; if not, choose the disk in the firmware's menu",
			  pst_reason_text(&why, error));
	install->say(install->context, text ?: "the firmware was not told of the disk");
	return 0;
}
