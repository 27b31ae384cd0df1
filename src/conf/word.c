// SPDX-License-Identifier: MIT
/* What names, paths and options may look like. Addresses are in address.c, keys in ssh-key.c. */
#include "conf/word.h"

#include <ctype.h>
#include <errno.h>

#define LETTERS	     "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS	     "0123456789"
#define NAME_CHARS   LETTERS DIGITS "_.-"
#define PATH_CHARS   NAME_CHARS "/:@+"
#define DISK_CHARS   PATH_CHARS "=,#~"
#define OPTION_CHARS NAME_CHARS "=:@/+"

static bool only(const char *word, const char *chars)
{
	return *word && strspn(word, chars) == strlen(word);
}

static bool is_label(const char *word, size_t len)
{
	if (len < 1 || len > 63 || word[0] == '-' || word[len - 1] == '-')
		return false;
	return strspn(word, LETTERS DIGITS "-") >= len;
}

const char *pst_word_label(const char *word)
{
	return is_label(word, strlen(word)) ? NULL
					    : "must be 1 to 63 letters, digits and hyphens, with "
					      "no hyphen at either end";
}

const char *pst_word_host_name(const char *word)
{
	bool letter = false;

	if (strlen(word) > 253)
		return "is longer than a host name can be";
	for (const char *p = word;; p++) {
		size_t len = strcspn(p, ".");

		if (!is_label(p, len))
			return "is neither an address nor a host name";
		letter = letter || strspn(p, DIGITS) < len;
		p += len;
		if (!*p)
			break;
	}
	/* 10.77.0 or 10.0.0.256: surely meant to be an address. */
	return letter ? NULL : "is neither an address nor a host name";
}

const char *pst_word_account(const char *word)
{
	static const char lower[] = "abcdefghijklmnopqrstuvwxyz_";

	if (strlen(word) > 31 || !*word || !strchr(lower, *word) ||
	    strspn(word, "abcdefghijklmnopqrstuvwxyz_" DIGITS "-") != strlen(word))
		return "must be 1 to 31 small letters, digits, _ and -, with a letter or _ first";
	return NULL;
}

const char *pst_word_interface(const char *word)
{
	if (strlen(word) > 15)
		return "is longer than the 15 characters that an interface's name can have";
	if (!only(word, NAME_CHARS) || pst_streq(word, ".") || pst_streq(word, ".."))
		return "is not an interface's name";
	return pst_streq(word, "lo") ? "is the loopback interface, which is not configured here"
				     : NULL;
}

const char *pst_word_rdma_device(const char *word)
{
	if (strlen(word) > 63)
		return "is longer than the 63 characters that an RDMA device's name can have";
	if (!only(word, NAME_CHARS) || !isalpha((unsigned char)*word))
		return "is not an RDMA device's name";
	return NULL;
}

/* Without "//", "/./", "/../" or "/" at the end, so that equal paths are equal strings. */
static bool is_clean_path(const char *word)
{
	if (word[0] != '/')
		return false;
	for (const char *p = word + 1;; p++) {
		size_t len = strcspn(p, "/");

		if (len == 0 || (len == 1 && p[0] == '.') ||
		    (len == 2 && p[0] == '.' && p[1] == '.'))
			return false;
		p += len;
		if (!*p)
			return true;
	}
}

const char *pst_word_path(const char *word)
{
	if (word[0] != '/')
		return "must be an absolute path";
	if (!only(word, PATH_CHARS))
		return "must be a path of letters, digits and /._:@+- only";
	if (strlen(word) > 1023)
		return "is too long a path";
	return is_clean_path(word) ? NULL
				   : "must be a path without empty, . or .. parts, and no / at "
				     "its end";
}

const char *pst_word_disk(const char *word)
{
	if (!pst_startswith(word, "/dev/") || !only(word, DISK_CHARS) || !is_clean_path(word))
		return "must be the absolute path of a disk, such as /dev/disk/by-id/nvme-...";
	return strlen(word) > 1023 ? "is too long a path" : NULL;
}

const char *pst_word_pattern(const char *word)
{
	return only(word, PATH_CHARS " *?[]") ? NULL
					      : "must be letters, digits, blanks and /._:@+- only, "
						"with * and ? for any others";
}

int pst_parse_drive_size(const char *text, unsigned long long *ret_bytes)
{
	static const char units[] = "MGTP";
	unsigned long long bytes = 0, unit = 1000;
	size_t digits = strspn(text, DIGITS), decimals = 0;
	const char *p = text + digits, *found;

	if (*p == '.')
		decimals = strspn(++p, DIGITS);
	/* So few digits that nothing can overflow: 9999.999P is 9.999999e18. */
	if (!digits || digits > 4 || decimals > 3 || (p[-1] == '.' && !decimals))
		return -EINVAL;
	p += decimals;
	found = *p ? strchr(units, *p) : NULL;
	if (!found || (p[1] && !pst_streq(p + 1, "B")))
		return -EINVAL;
	for (const char *u = units; u <= found; u++)
		unit *= 1000;
	bytes = strtoull(text, NULL, 10) * unit;
	for (size_t i = 0; i < decimals; i++) {
		unit /= 10;
		bytes += (unsigned long long)(text[digits + 1 + i] - '0') * unit;
	}
	*ret_bytes = bytes;
	return 0;
}

const char *pst_word_mount_point(const char *word)
{
	static const char *const system[] = {
		"/bin",	  "/boot",  "/dev", "/efi", "/etc",  "/home", "/lib",
		"/lib64", "/media", "/mnt", "/opt", "/proc", "/root", "/run",
		"/sbin",  "/sys",   "/tmp", "/usr", "/var",
	};
	/* Below these nothing is ours either. */
	static const char *const closed[] = { "/boot/", "/dev/", "/etc/", "/proc/",
					      "/run/",	"/sys/", "/usr/" };

	for (size_t i = 0; i < ARRAY_SIZE(system); i++)
		if (pst_streq(word, system[i]))
			return "is a directory of the system: nothing may be mounted on it";
	for (size_t i = 0; i < ARRAY_SIZE(closed); i++)
		if (pst_startswith(word, closed[i]))
			return "is in a directory of the system: nothing may be mounted there";
	return NULL;
}

const char *pst_word_pool(const char *word)
{
	/*
	 * zpool_name_valid() and pool_namecheck() of libzfs; c0 to c9 were reserved by older ones.
	 */
	static const char *const reserved[] = { "mirror", "raidz", "draid", "spare" };

	if (!only(word, NAME_CHARS ":") || !isalpha((unsigned char)*word))
		return "must begin with a letter and have letters, digits and _.:- only";
	if (strlen(word) > 200)
		return "is longer than the 200 characters that we let a pool's name have";
	for (size_t i = 0; i < ARRAY_SIZE(reserved); i++)
		if (pst_startswith(word, reserved[i]))
			return "is reserved: ZFS has no pool whose name begins so";
	if (pst_streq(word, "log") || (word[0] == 'c' && isdigit((unsigned char)word[1])))
		return "is reserved by ZFS";
	return NULL;
}

const char *pst_word_dataset(const char *word)
{
	if (!only(word, NAME_CHARS ":/"))
		return "must be a name such as tank/data, of letters, digits and _.:-/ only";
	if (strlen(word) > 255)
		return "is longer than the 255 characters that a dataset's name can have";
	for (const char *p = word;; p++) {
		size_t len = strcspn(p, "/");

		if (len == 0 || *p == '.')
			return "must be a name such as tank/data, with no empty or dotted part";
		p += len;
		if (!*p)
			return NULL;
	}
}

const char *pst_word_key(const char *word)
{
	static const char file[] = "file://", credential[] = "credential:zfs-key.";

	if (pst_streq(word, "prompt"))
		return NULL;
	if (pst_startswith(word, file) && !pst_word_path(word + strlen(file)))
		return NULL;
	/* The unit that applies the configuration imports credentials of this name. */
	if (pst_startswith(word, credential) && only(word + strlen(credential), NAME_CHARS))
		return NULL;
	return "must be file:///PATH, credential:zfs-key.NAME or prompt";
}

const char *pst_word_parameter(const char *word)
{
	return only(word, LETTERS DIGITS "_") && strlen(word) < 64
		       ? NULL
		       : "is no module parameter: it must have letters, digits and _ only";
}

const char *pst_word_parameter_value(const char *word)
{
	return only(word, NAME_CHARS) ? NULL : "must be a number or a word";
}

const char *pst_word_mode(const char *word)
{
	size_t len = strlen(word);

	return len < 3 || len > 4 || !only(word, "01234567") ? "must be an octal mode such as 0755"
							     : NULL;
}

const char *pst_word_netgroup(const char *word)
{
	return word[0] == '@' && only(word + 1, NAME_CHARS) ? NULL : "is not a netgroup";
}

static bool among(const char *word, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (pst_streq(word, list[i]))
			return true;
	return false;
}

static bool begins_with_one_of(const char *word, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (pst_startswith(word, list[i]))
			return true;
	return false;
}

const char *pst_word_export_option(const char *word)
{
	static const char *const squash[] = { "root_squash", "no_root_squash", "all_squash",
					      "no_all_squash" };
	static const char *const plain[] = {
		"sync",	    "async",	"wdelay",	"no_wdelay",	  "subtree_check",
		"secure",   "insecure", "secure_locks", "insecure_locks", "no_subtree_check",
		"hide",	    "nohide",	"crossmnt",	"nocrossmnt",	  "mountpoint",
		"acl",	    "no_acl",	"pnfs",		"no_pnfs",	  "security_label",
		"auth_nlm", "mp",	"no_auth_nlm",
	};
	static const char *const valued[] = { "sec=",	  "xprtsec=",	 "anonuid=",
					      "anongid=", "mountpoint=", "mp=" };

	if (!only(word, OPTION_CHARS))
		return "must be one option of letters, digits and _.-=:@/+ only";
	if (pst_streq(word, "rw") || pst_streq(word, "ro"))
		return "is not for here: say access: rw or access: ro";
	if (among(word, squash, ARRAY_SIZE(squash)))
		return "is not for here: say squash: root, all or none";
	if (pst_startswith(word, "fsid="))
		return "is not for here: say fsid: beside the path";
	if (among(word, plain, ARRAY_SIZE(plain)) ||
	    begins_with_one_of(word, valued, ARRAY_SIZE(valued)))
		return NULL;
	return "is not an option of exports(5) that Penstock knows";
}

const char *pst_word_mount_option(const char *word)
{
	static const char *const version[] = { "vers=", "nfsvers=", "minorversion=" };
	static const char *const versions[] = { "v2", "v3", "v4", "v4.0", "v4.1", "v4.2" };
	static const char *const transports[] = { "rdma", "tcp", "udp" };
	static const char *const ours[] = { "addr=",  "clientaddr=", "mountproto=", "mountaddr=",
					    "bind",   "remount",     "move",	    "fg",
					    "bg",     "x-systemd.",  "_netdev",	    "auto",
					    "noauto", "user",	     "owner",	    "group" };

	if (!only(word, OPTION_CHARS))
		return "must be one option of letters, digits and _.-=:@/+ only";
	if (begins_with_one_of(word, version, ARRAY_SIZE(version)) ||
	    among(word, versions, ARRAY_SIZE(versions)))
		return "is not for here: say version:";
	if (pst_startswith(word, "proto=") || among(word, transports, ARRAY_SIZE(transports)))
		return "is not for here: say transport:";
	if (pst_startswith(word, "port="))
		return "is not for here: say port:";
	if (pst_startswith(word, "nconnect="))
		return "is not for here: say nconnect:";
	if (pst_startswith(word, "max_connect=") || pst_streq(word, "trunkdiscovery"))
		return "is not for here: say servers:";
	if (begins_with_one_of(word, ours, ARRAY_SIZE(ours)))
		return "is not for here: it is Penstock's to decide";
	return NULL;
}

const char *pst_word_source(const char *word)
{
	static const char *const schemes[] = { "http://", "https://", "file:///" };
	static const char complaint[] =
		"must be a URL that begins with http://, https:// or file:///, or an absolute path";

	for (const char *at = word; *at; at++)
		if (iscntrl((unsigned char)*at) || *at == ' ')
			return "must have no blanks";
	for (size_t i = 0; i < ARRAY_SIZE(schemes); i++)
		if (pst_startswith(word, schemes[i]))
			return word[strlen(schemes[i])] ? NULL : complaint;
	return *word == '/' ? NULL : complaint;
}
