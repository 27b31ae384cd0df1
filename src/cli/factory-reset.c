// SPDX-License-Identifier: MIT
/* penstock factory-reset */
#include <errno.h>

#include "base/file.h"
#include "base/image.h"
#include "cli/cli.h"

/* Private to this process: what is at the top of that file system is not shown anywhere else. */
#define STATE_PATH "/run/penstock/state"
/* What preinit looks for before it mounts the rest. */
#define MARKER STATE_PATH "/reset"

static int read_image(struct pst_image *image, struct pst_reason *reason)
{
	int error = pst_image_read(PST_IMAGE_FILE, image, reason);

	if (error == -ENOENT || (!error && image->medium))
		return pst_fail(reason, -EOPNOTSUPP, "this is not an installed system%s",
				error ? "" : ": it runs from a medium, and keeps nothing");
	if (!error && !image->state)
		return pst_fail(reason, -EOPNOTSUPP,
				"this system has no partition that keeps anything");
	return error;
}

static void say_what(const struct pst_image *image)
{
	char __cleanup_free *disks = pst_strv_join(&image->disks, " and ");
	char __cleanup_free *pools = NULL;
	char *rest = NULL;

	printf("This empties %s, on %s. What is lost for good:\n"
	       "  the configuration, /etc/penstock, and everything else that was changed in /etc\n"
	       "  keys: of ssh, of encrypted datasets that are kept in files here, of users\n"
	       "  logs and the history of penstock apply, in /var\n"
	       "  files of people in /root, /home, /srv and elsewhere on this disk\n"
	       "What stays: the versions of the system that are installed, and all other disks.\n",
	       image->state, disks ?: "?");
	if (!pst_host_ask(&pst_this_host, &pools, NULL, "zpool", "list", "-H", "-o", "name"))
		for (char *name = strtok_r(pools, "\n", &rest); name;
		     name = strtok_r(NULL, "\n", &rest))
			printf("  pool %s is not touched: declare it with import: true to have it "
			       "again\n",
			       name);
}

static int leave_marker(const struct pst_image *image, struct pst_reason *reason)
{
	char __cleanup_free *said = NULL;
	char __cleanup_free *gone = NULL;
	int error = pst_host_ask(&pst_this_host, &said, reason, "mount", "--mkdir=0700",
				 image->state, STATE_PATH);

	if (error)
		return error;
	error = pst_file_write(MARKER, "", 0600, reason);
	/* It ends with this process at the latest. */
	pst_host_ask(&pst_this_host, &gone, NULL, "umount", STATE_PATH);
	return error;
}

int pst_verb_factory_reset(const struct pst_cli *cli)
{
	struct pst_image __cleanup_image image = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };
	int __cleanup_close lock = -1;
	int status = pst_system_begin("factory-reset", &lock);
	int error;

	if (status)
		return status;
	error = read_image(&image, &reason);
	if (error)
		return pst_say_failed(&reason, error);
	say_what(&image);
	if (!pst_is_wanted(cli))
		return PST_EXIT_FAILED;
	error = leave_marker(&image, &reason);
	if (error)
		return pst_say_failed(&reason, error);
	if (!(cli->given & PST_OPTION_NO_REBOOT))
		return pst_system_reboot();
	puts("the next boot begins with an empty system");
	return PST_EXIT_OK;
}
