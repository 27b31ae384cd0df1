// SPDX-License-Identifier: MIT
/*
 * The system's root: the directory root of the state file system, in which what a person puts anywhere is
 * kept. The image's /usr is mounted in it, read-only; its /etc and /var lie under overlays, so that a new
 * version of a file that nobody changed comes with an update.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/file.h"
#include "preinit/preinit.h"

static int copy_link(const char *from, const char *to, struct pst_reason *reason)
{
	char target[512], present[512];
	ssize_t len = readlink(from, target, sizeof(target) - 1);
	ssize_t old = readlink(to, present, sizeof(present) - 1);

	if (len < 0)
		return pst_fail_errno(reason, -errno, "cannot read the link %s", from);
	target[len] = '\0';
	if (old == len && memcmp(present, target, (size_t)len) == 0)
		return 0;
	unlink(to);
	if (symlink(target, to) < 0)
		return pst_fail_errno(reason, -errno, "cannot make the link %s", to);
	return 0;
}

/* With what the image has in it, or not at all: the power may go meanwhile. */
static int copy_whole(const char *from, const char *to, struct pst_reason *reason)
{
	char __cleanup_free *new = pst_printf("%s.new", to);
	int error = new ? 0 : -ENOMEM;

	if (error || access(to, F_OK) == 0)
		return error;
	error = pst_tool(reason, "rm", "-rf", new);
	if (!error)
		error = pst_tool(reason, "cp", "-a", from, new);
	if (!error)
		error = pst_tool(reason, "sync", "-f", new);
	if (!error && rename(new, to) < 0)
		error = pst_fail_errno(reason, -errno, "cannot make %s", to);
	return error;
}

/* A directory that is new gets what the image has in it, once: /root's profile is a person's own then. */
static int copy_directory(const char *from, const char *to, const struct stat *st,
			  struct pst_reason *reason)
{
	if (pst_streq(from, "/root") || pst_streq(from, "/home") || pst_streq(from, "/srv"))
		return copy_whole(from, to, reason);
	if (mkdir(to, st->st_mode & 07777) < 0)
		return errno == EEXIST
			       ? 0
			       : pst_fail_errno(reason, -errno, "cannot make the directory %s", to);
	/* The umask had a say. */
	if (chmod(to, st->st_mode & 07777) < 0 || chown(to, st->st_uid, st->st_gid) < 0)
		return pst_fail_errno(reason, -errno,
				      "cannot make the directory %s as the image has it", to);
	return 0;
}

/* An entry of the image's root, in the system's. */
static int join_entry(const char *root, const char *name, struct pst_reason *reason)
{
	char __cleanup_free *from = pst_printf("/%s", name);
	char __cleanup_free *to = pst_printf("%s/%s", root, name);
	struct stat st;

	if (!from || !to)
		return -ENOMEM;
	if (lstat(from, &st) < 0)
		return pst_fail_errno(reason, -errno, "cannot look at %s of the image", from);
	if (S_ISLNK(st.st_mode))
		return copy_link(from, to, reason);
	return S_ISDIR(st.st_mode) ? copy_directory(from, to, &st, reason) : 0;
}

static int join_entries(const char *root, struct pst_reason *reason)
{
	DIR *dir = opendir("/");
	struct dirent *entry;
	int error = 0;

	if (!dir)
		return pst_fail_errno(reason, -errno, "cannot read the image's root");
	while (!error && (entry = readdir(dir)))
		if (*entry->d_name != '.')
			error = join_entry(root, entry->d_name, reason);
	closedir(dir);
	return error;
}

/* What the overlay would remember of the lower files must not outlive them: the next version has others. */
static int overlay(const char *state, const char *name, struct pst_reason *reason)
{
	char __cleanup_free *upper = pst_printf("%s/%s", state, name);
	char __cleanup_free *where = pst_printf(PST_NEW_ROOT "/%s", name);
	char __cleanup_free *options =
		pst_printf("lowerdir=/%s,upperdir=%s/%s/upper,workdir=%s/%s/work,"
			   "index=off,metacopy=off,redirect_dir=off,xino=off",
			   name, state, name, state, name);
	int error;

	if (!upper || !where || !options)
		return -ENOMEM;
	error = pst_mkdir(upper, 0755, reason);
	for (const char *const *sub = (const char *const[]){ "upper", "work", NULL };
	     *sub && !error; sub++) {
		char __cleanup_free *path = pst_printf("%s/%s", upper, *sub);

		error = path ? pst_mkdir(path, 0755, reason) : -ENOMEM;
	}
	return error ? error : pst_mount(PST_ROOT_NAME, where, "overlay", 0, options, reason);
}

/*
 * systemd makes caches and accounts anew when /usr is newer than these stamps (systemd-update-done.service(8)). All
 * our images' files have one time, so another version is told apart by its name.
 */
static int note_version(const char *state, const char *version, struct pst_reason *reason)
{
	static const char *const stamps[] = { PST_NEW_ROOT "/etc/.updated",
					      PST_NEW_ROOT "/var/.updated" };
	const struct timespec long_ago[2] = { 0 };
	char __cleanup_free *path = pst_printf("%s/version", state);
	char __cleanup_free *before = NULL;
	int error;

	if (!path)
		return -ENOMEM;
	error = pst_file_read(path, &before, NULL, reason);
	if (error && error != -ENOENT)
		return error;
	if (pst_streq(before, version))
		return 0;
	for (size_t i = 0; before && i < ARRAY_SIZE(stamps); i++)
		if (utimensat(AT_FDCWD, stamps[i], long_ago, 0) < 0 && errno != ENOENT)
			return pst_fail_errno(reason, -errno, "cannot date %s", stamps[i]);
	return pst_file_write(path, version, 0644, reason);
}

/* A file system without space is no reason not to start: nobody could make room on it. The next boot tries again. */
static void try_note_version(const char *state, const char *version)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	int error = note_version(state, version, &reason);

	if (error)
		fprintf(stderr, "penstock: caches and accounts of the version before stay: %s\n",
			pst_reason_text(&reason, error));
}

int pst_root_join(const char *state, const char *version, struct pst_reason *reason)
{
	char __cleanup_free *root = pst_printf("%s/root", state);
	int error = root ? pst_mkdir(root, 0755, reason) : -ENOMEM;

	if (!error)
		error = join_entries(root, reason);
	if (!error)
		error = pst_bind(root, PST_NEW_ROOT, reason);
	if (!error)
		error = pst_bind("/usr", PST_NEW_ROOT "/usr", reason);
	if (!error)
		error = overlay(state, "etc", reason);
	if (!error)
		error = overlay(state, "var", reason);
	if (!error)
		try_note_version(state, version);
	return error;
}
