/* SPDX-License-Identifier: MIT */
/* What the files of the mounts share: units and options. */
#ifndef PST_NODE_MOUNT_H
#define PST_NODE_MOUNT_H

#include "conf/conf.h"

#define PST_UNIT_DIR "/etc/systemd/system/"

char *pst_automount_unit(const char *target);
char *pst_mount_unit_text(const struct pst_conf_mount *conf);
char *pst_automount_unit_text(const struct pst_conf_mount *conf);

/* The options, as in fstab(5); NULL without memory. */
char *pst_mount_options(const struct pst_conf_mount *conf);
/* hard, soft or softerr: what happens when the server does not answer. */
const char *pst_mount_hardness(const struct pst_conf_mount *conf);
/* Those of them, besides hardness, transport and version, that the kernel states of a mount as they are here. */
void pst_mount_shown(const struct pst_conf_mount *conf, struct pst_strv *shown);

/*
 * A mount of the same directory from a further address of its server, where nobody looks: by it the kernel
 * finds that both addresses are one server, and uses them both for either mount.
 */
char *pst_mount_trunk_source(const struct pst_conf_mount *conf, const char *server);
char *pst_mount_trunk_target(const struct pst_conf_mount *conf, const char *server);

#endif
