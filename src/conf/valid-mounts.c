// SPDX-License-Identifier: MIT
/* Checks of mounts. */
#include "conf/dataset.h"
#include "conf/valid.h"
#include "conf/word.h"

#define PORT_MAX     65535
#define NCONNECT_MAX 16
/* The kernel's limit on max_connect, less the address in source. */
#define SERVERS_MAX 15

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

/* An option of the attribute cache beside a preset, which is nothing but a choice of these. */
static void check_preset(struct pst_valid *valid, size_t n, const struct pst_conf_mount *mount)
{
	static const char *const names[] = { "ac",	 "noac",       "cto",	   "nocto",
					     "actimeo",	 "acregmin",   "acregmax", "acdirmin",
					     "acdirmax", "lookupcache" };

	for (size_t i = 0; mount->preset && i < mount->options_count; i++) {
		const char *option = mount->options[i];

		for (size_t j = 0; j < ARRAY_SIZE(names); j++)
			if (strcspn(option, "=") == strlen(names[j]) &&
			    pst_startswith(option, names[j]))
				pst_bad(valid, pst_key("mounts[%zu].options[%zu]", n, i),
					"\"%s\" is what preset: %s decides: leave out either",
					option, pst_preset_name(mount->preset));
	}
}

static size_t host_len(const char *source)
{
	const char *end = strstr(source, ":/");

	return end ? (size_t)(end - source) : strlen(source);
}

static bool same_host(const char *a, const char *b)
{
	return host_len(a) == host_len(b) && strncmp(a, b, host_len(a)) == 0;
}

/* The kernel makes connections for a server and version once, for whichever mount comes first. */
static void check_nconnect(struct pst_valid *valid, size_t n, const struct pst_conf_mount *mount)
{
	struct pst_key key = pst_key("mounts[%zu].nconnect", n);

	if (pst_yaml_find(valid->tree, key.text) &&
	    (mount->nconnect < 1 || mount->nconnect > NCONNECT_MAX))
		pst_bad(valid, key, "must be from 1 to %d, not %u", NCONNECT_MAX, mount->nconnect);
	for (size_t i = 0; i < n; i++) {
		const struct pst_conf_mount *other = &valid->conf->mounts[i];

		if (same_host(other->source, mount->source) && other->version == mount->version &&
		    other->transport == mount->transport && other->nconnect != mount->nconnect) {
			pst_bad(valid, key,
				"mounts[%zu] of the same server has %u (0: none given), and all "
				"mounts of one server share its connections",
				i, other->nconnect);
			return;
		}
	}
}

static void check_servers(struct pst_valid *valid, size_t n, const struct pst_conf_mount *mount)
{
	struct pst_key all = pst_key("mounts[%zu].servers", n);
	struct pst_network address;

	if (!mount->servers_count)
		return;
	if (mount->version != PST_NFS_4_1 && mount->version != PST_NFS_4_2)
		pst_bad(valid, all,
			"needs version 4.1 or 4.2, which can use several addresses of a server at "
			"once; for %s, let source name a host that has them all",
			pst_nfs_version_name(mount->version));
	if (mount->servers_count > SERVERS_MAX)
		pst_bad(valid, all, "there can be %d at most, not %u", SERVERS_MAX,
			mount->servers_count);
	for (size_t i = 0; i < mount->servers_count; i++) {
		const char *server = mount->servers[i];
		struct pst_key key = pst_key("mounts[%zu].servers[%zu]", n, i);

		pst_bad_word(valid, key, server, pst_word_address(server, &address));
		if (strncmp(server, mount->source, host_len(mount->source)) == 0 &&
		    strlen(server) == host_len(mount->source))
			pst_bad(valid, key, "\"%s\" is in source already", server);
		for (size_t j = 0; j < i; j++)
			if (pst_streq(mount->servers[j], server))
				pst_bad(valid, key, "\"%s\" is given twice", server);
	}
}

static void check_target(struct pst_valid *valid, size_t n, const struct pst_conf_mount *mount)
{
	struct pst_key key = pst_key("mounts[%zu].target", n);
	const char *complaint = pst_word_path(mount->target);
	const struct pst_conf_place *place;

	if (!complaint)
		complaint = pst_word_mount_point(mount->target);
	pst_bad_word(valid, key, mount->target, complaint);
	place = pst_conf_place(valid->conf, mount->target);
	for (; place && pst_conf_place_is(valid->conf, place, mount->target); place++)
		pst_bad(valid, key, "\"%s\" is where the dataset %s is mounted", mount->target,
			place->dataset->name);
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
	check_preset(valid, n, mount);
	check_nconnect(valid, n, mount);
	check_servers(valid, n, mount);
	if (mount->idle_seconds && !mount->automount)
		pst_bad(valid, pst_key("mounts[%zu].idle_seconds", n),
			"is for automount: true, which mounts again what was unmounted");
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
