// SPDX-License-Identifier: MIT
/* What systemd and mount.nfs(8) are told of a mount. */
#include <ctype.h>

#include "node/mount.h"
#include "node/node.h"

#define MOUNT_TIMEOUT 60
#define TRUNK_DIR     "/run/penstock/trunk/"

/* The choices are explained in penstock.yaml(5). What is asked for, and what of it the kernel states. */
static const struct {
	const char *asked;
	const char *shown[3];
} presets[] = {
	[PST_PRESET_TRAINING] = { ",nocto,actimeo=3600,lookupcache=all",
				  { "nocto", "acregmax=3600", "acdirmax=3600" } },
	[PST_PRESET_CHECKPOINT] = { ",cto,actimeo=3,lookupcache=pos",
				    { "acregmax=3", "acdirmax=3", "lookupcache=pos" } },
	[PST_PRESET_HOME] = { ",cto,acdirmin=3,acdirmax=10,lookupcache=pos",
			      { "acdirmin=3", "acdirmax=10", "lookupcache=pos" } },
};

/* systemd.unit(5), "string escaping for inclusion in unit names"; the path is a clean one. */
static char *unit_name(const char *target, const char *suffix)
{
	struct pst_buf name = { 0 };

	for (const char *p = target + 1; *p; p++) {
		if (*p == '/')
			pst_buf_add(&name, "-");
		else if (isalnum((unsigned char)*p) || *p == ':' || *p == '_' ||
			 (*p == '.' && p > target + 1))
			pst_buf_add_bytes(&name, p, 1);
		else
			pst_buf_printf(&name, "\\x%02x", (unsigned int)(unsigned char)*p);
	}
	pst_buf_add(&name, suffix);
	return pst_buf_take(&name);
}

char *pst_mount_unit(const char *target)
{
	return unit_name(target, ".mount");
}

char *pst_automount_unit(const char *target)
{
	return unit_name(target, ".automount");
}

char *pst_mount_file(const char *target)
{
	char __cleanup_free *unit = pst_mount_unit(target);

	return unit ? pst_printf(PST_UNIT_DIR "%s", unit) : NULL;
}

char *pst_mount_trunk_source(const struct pst_conf_mount *conf, const char *server)
{
	const char *path = strstr(conf->source, ":/");

	return pst_printf(strchr(server, ':') ? "[%s]%s" : "%s%s", server, path);
}

char *pst_mount_trunk_target(const struct pst_conf_mount *conf, const char *server)
{
	return pst_printf(TRUNK_DIR "%s%s", server, conf->target);
}

/* A program that is told of an error after a while most often loses data. */
const char *pst_mount_hardness(const struct pst_conf_mount *conf)
{
	for (size_t i = 0; i < conf->options_count; i++)
		if (pst_streq(conf->options[i], "hard") || pst_streq(conf->options[i], "soft") ||
		    pst_streq(conf->options[i], "softerr"))
			return conf->options[i];
	return "hard";
}

char *pst_mount_options(const struct pst_conf_mount *conf)
{
	struct pst_buf options = { 0 };

	pst_buf_printf(&options, "proto=%s,port=%u,vers=%s,%s", pst_transport_name(conf->transport),
		       pst_conf_mount_port(conf), pst_nfs_version_name(conf->version),
		       pst_mount_hardness(conf));
	if (conf->nconnect)
		pst_buf_printf(&options, ",nconnect=%u", conf->nconnect);
	if (conf->servers_count)
		pst_buf_printf(&options, ",max_connect=%u", conf->servers_count + 1);
	if (conf->preset)
		pst_buf_add(&options, presets[conf->preset].asked);
	for (size_t i = 0; i < conf->options_count; i++)
		if (!pst_streq(conf->options[i], pst_mount_hardness(conf)))
			pst_buf_printf(&options, ",%s", conf->options[i]);
	return pst_buf_take(&options);
}

void pst_mount_shown(const struct pst_conf_mount *conf, struct pst_strv *shown)
{
	if (conf->nconnect > 1)
		pst_strv_addf(shown, "nconnect=%u", conf->nconnect);
	if (conf->servers_count)
		pst_strv_addf(shown, "max_connect=%u", conf->servers_count + 1);
	for (size_t i = 0; conf->preset && i < ARRAY_SIZE(presets[0].shown); i++)
		pst_strv_add(shown, presets[conf->preset].shown[i]);
}

/*
 * The default dependencies of a network mount would wait for every interface of the machine to be
 * online. penstock apply starts the unit once the interfaces that count are.
 */
char *pst_mount_unit_text(const struct pst_conf_mount *conf)
{
	char __cleanup_free *options = pst_mount_options(conf);

	if (!options)
		return NULL;
	return pst_printf("%s\n"
			  "[Unit]\n"
			  "Description=%s by NFS over %s\n"
			  "DefaultDependencies=no\n"
			  "After=systemd-networkd.service network.target remote-fs-pre.target\n"
			  "Before=remote-fs.target umount.target\n"
			  "Conflicts=umount.target\n"
			  "\n"
			  "[Mount]\n"
			  "What=%s\n"
			  "Where=%s\n"
			  "Type=nfs\n"
			  "Options=%s\n"
			  "TimeoutSec=%d\n",
			  pst_file_header, conf->source,
			  conf->transport == PST_TRANSPORT_RDMA ? "RDMA" : "TCP", conf->source,
			  conf->target, options, MOUNT_TIMEOUT);
}

char *pst_automount_unit_text(const struct pst_conf_mount *conf)
{
	return pst_printf("%s\n"
			  "[Unit]\n"
			  "Description=%s at its first use\n"
			  "DefaultDependencies=no\n"
			  "Before=remote-fs.target umount.target\n"
			  "Conflicts=umount.target\n"
			  "\n"
			  "[Automount]\n"
			  "Where=%s\n"
			  "TimeoutIdleSec=%u\n",
			  pst_file_header, conf->source, conf->target, conf->idle_seconds);
}
