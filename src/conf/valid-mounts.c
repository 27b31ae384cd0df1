// SPDX-License-Identifier: MIT
/* Checks of mounts. */
#include "conf/valid.h"
#include "conf/word.h"

#define PORT_MAX 65535

/* HOST:/PATH, with an IPv6 address in brackets. */
static const char *source_complaint(const char *source)
{
	static const char shape[] = "must be HOST:/PATH, with an IPv6 address in brackets";
	const char *slash = strstr(source, ":/");
	char __cleanup_free *host = slash ? strndup(source, (size_t)(slash - source)) : NULL;
	struct pst_network address;
	size_t len;

	if (!host || !*host)
		return shape;
	len = strlen(host);
	if (host[0] == '[') {
		if (host[len - 1] != ']')
			return shape;
		host[len - 1] = '\0';
		if (pst_word_address(host + 1, &address) || !strchr(host, ':'))
			return "has no IPv6 address in its brackets";
	} else if (strchr(host, ':')) {
		return shape;
	} else if (pst_word_address(host, &address) && pst_word_host_name(host)) {
		return "has neither an address nor a host name before its path";
	}
	/* The root of an NFSv4 server is a path too. */
	return pst_streq(slash, ":/") || !pst_word_path(slash + 1)
		       ? NULL
		       : "must have an absolute path of letters, digits and /._:@+- behind its "
			 "host";
}

static void check_options(struct pst_valid *valid, size_t n, const struct pst_conf_mount *mount)
{
	static const char *const pairs[][2] = {
		{ "hard", "soft" },   { "hard", "softerr" }, { "soft", "softerr" },
		{ "rw", "ro" },	      { "sync", "async" },   { "ac", "noac" },
		{ "cto", "nocto" },   { "lock", "nolock" },  { "atime", "noatime" },
		{ "suid", "nosuid" }, { "exec", "noexec" },  { "dev", "nodev" },
	};
	const struct pst_strv options = { .v = mount->options, .n = mount->options_count };

	for (size_t i = 0; i < mount->options_count; i++)
		pst_bad_word(valid, pst_key("mounts[%zu].options[%zu]", n, i), mount->options[i],
			     pst_word_mount_option(mount->options[i]));
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		if (pst_strv_contains(&options, pairs[i][0]) &&
		    pst_strv_contains(&options, pairs[i][1]))
			pst_bad(valid, pst_key("mounts[%zu].options", n),
				"%s and %s contradict each other", pairs[i][0], pairs[i][1]);
}

static void check_target(struct pst_valid *valid, size_t n, const struct pst_conf_mount *mount)
{
	struct pst_key key = pst_key("mounts[%zu].target", n);
	const char *complaint = pst_word_path(mount->target);

	if (!complaint)
		complaint = pst_word_mount_point(mount->target);
	pst_bad_word(valid, key, mount->target, complaint);
	for (size_t i = 0; i < valid->conf->datasets_count; i++) {
		const char *name = valid->conf->datasets[i].name;
		char __cleanup_free *given = pst_conf_mountpoint(valid->conf, name);

		if (pst_streq(given, mount->target))
			pst_bad(valid, key, "\"%s\" is where the dataset %s is mounted",
				mount->target, name);
	}
}

static void check_mount(struct pst_valid *valid, size_t n)
{
	const struct pst_conf_mount *mount = &valid->conf->mounts[n];
	struct pst_key port = pst_key("mounts[%zu].port", n);

	pst_bad_word(valid, pst_key("mounts[%zu].source", n), mount->source,
		     source_complaint(mount->source));
	check_target(valid, n, mount);
	if (pst_yaml_find(valid->tree, port.text) && (!mount->port || mount->port > PORT_MAX))
		pst_bad(valid, port, "must be a port from 1 to %d, not %u", PORT_MAX, mount->port);
	check_options(valid, n, mount);
}

static const char *nth_target(const struct pst_conf *conf, size_t n, struct pst_key *key)
{
	*key = pst_key("mounts[%zu].target", n);
	return n < conf->mounts_count ? conf->mounts[n].target : NULL;
}

void pst_valid_mounts(struct pst_valid *valid)
{
	for (size_t i = 0; i < valid->conf->mounts_count; i++)
		check_mount(valid, i);
	pst_bad_twice(valid, "the target", nth_target);
}
