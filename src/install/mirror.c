// SPDX-License-Identifier: MIT
/* How well a mirrored pair of boot disks is: what md says of the array below the state file system. */
#include "install/mirror.h"

#include <errno.h>

#include "base/image.h"
#include "base/problem.h"
#include "node/node.h"

/* LUKS may be between the file system and the array; nothing else is. */
static int find_array(const struct pst_host *host, const char *device, char **ret,
		      struct pst_reason *reason)
{
	char __cleanup_free *name = NULL;
	struct pst_strv __cleanup_strv below = { 0 };
	int error = pst_disk_name(host, device, &name);

	if (error)
		return pst_fail_errno(reason, error, "%s", device);
	if (!pst_startswith(name, "md")) {
		error = pst_host_list(host, pst_key("/sys/class/block/%s/slaves", name).text,
				      &below, reason);
		if (error || below.n != 1 || !pst_startswith(below.v[0], "md"))
			return error;
	}
	*ret = strdup(below.n ? below.v[0] : name);
	return *ret ? 0 : -ENOMEM;
}

static char *read_word(const struct pst_host *host, const char *array, const char *what)
{
	char *text = NULL;

	if (pst_host_read(host, pst_key("/sys/class/block/%s/md/%s", array, what).text, &text,
			  NULL))
		return NULL;
	text[strcspn(text, "\n")] = '\0';
	return text;
}

static int judge(const struct pst_host *host, const char *array, char **ret)
{
	char __cleanup_free *degraded = read_word(host, array, "degraded");
	char __cleanup_free *action = read_word(host, array, "sync_action");
	struct pst_strv __cleanup_strv members = { 0 };
	char __cleanup_free *left = NULL;

	if (!degraded || pst_streq(degraded, "0"))
		return 0;
	pst_host_list(host, pst_key("/sys/class/block/%s/slaves", array).text, &members, NULL);
	left = pst_strv_join(&members, ", ");
	if (pst_streq(action, "recover"))
		*ret = pst_printf("half of the boot mirror %s is being copied anew: until that is "
				  "done the machine does not survive the loss of the other disk",
				  array);
	else
		*ret = pst_printf("half of the boot mirror %s is missing: what is left is %s; "
				  "penstock(8) has how a new disk takes its place",
				  array, left && *left ? left : "nothing that is known");
	return *ret ? 0 : -ENOMEM;
}

int pst_mirror_look(const struct pst_host *host, char **ret, struct pst_reason *reason)
{
	struct pst_image __cleanup_image image = { 0 };
	char __cleanup_free *path = pst_host_path(host, PST_IMAGE_FILE);
	char __cleanup_free *array = NULL;
	int error = path ? pst_image_read(path, &image, reason) : -ENOMEM;

	*ret = NULL;
	if (error || !image.state)
		return error == -ENOENT ? 0 : error;
	error = find_array(host, image.state, &array, reason);
	return error || !array ? error : judge(host, array, ret);
}
