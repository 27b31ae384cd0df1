// SPDX-License-Identifier: MIT
/* src/node/export.c and mount.c */
#include "common.h"

#define HEAD "# Written by penstock(8) from penstock.yaml; change that file, not this one.\n"
#define DATA                                                       \
	"node: {name: s, role: storage}\n"                         \
	"pools: [{name: tank, layout: stripe, disks: [/dev/a]}]\n" \
	"datasets: [{name: tank/data}]\n"
#define EXPORT                                                                               \
	DATA "exports: [{path: /tank/data, fsid: 1, clients: [{host: 10.77.0.0/24, access: " \
	     "rw}]}]\n"
#define MOUNT                          \
	"node: {name: g, role: gpu}\n" \
	"mounts: [{source: \"10.77.0.1:/tank/data\", target: /mnt/data, options: [hard]}]\n"

#define EXPORTS_FILE "/etc/exports.d/penstock.exports"
#define EXPORTS_TEXT HEAD "/tank/data 10.77.0.0/24(rw,root_squash,fsid=1,sync,no_subtree_check)\n"
#define NFS_FILE     "/etc/nfs.conf.d/penstock.conf"
#define NFS_TEXT \
	HEAD "\n[nfsd]\nthreads=8\npool-mode=global\nudp=n\ntcp=y\nrdma=y\nrdma-port=20049\n"
#define ETAB "/tank/data\t10.77.0.0/24(rw,sync,root_squash,no_subtree_check,fsid=1)\n"

#define UNIT_FILE "/etc/systemd/system/mnt-data.mount"
#define UNIT_TEXT                                                                          \
	HEAD "\n[Unit]\nDescription=10.77.0.1:/tank/data by NFS over RDMA\n"               \
	     "DefaultDependencies=no\n"                                                    \
	     "After=systemd-networkd.service network.target remote-fs-pre.target\n"        \
	     "Before=remote-fs.target umount.target\nConflicts=umount.target\n\n[Mount]\n" \
	     "What=10.77.0.1:/tank/data\nWhere=/mnt/data\nType=nfs\n"                      \
	     "Options=proto=rdma,port=20049,vers=4.2,hard\nTimeoutSec=60\n"
#define MOUNTED(options) "40 22 0:45 / /mnt/data rw - nfs4 10.77.0.1:/tank/data rw," options "\n"

#define MOUNTED_AT(target, source, options) \
	"40 22 0:45 / " target " rw - nfs4 " source " rw," options "\n"

#define MOUNT_WITH(more)                                                                   \
	"node: {name: g, role: gpu}\nmounts: [{source: \"10.77.0.1:/tank/data\", target: " \
	"/mnt/data, " more "}]\n"
#define AUTO	   MOUNT_WITH("automount: true, idle_seconds: 300")
#define AUTO_FILE  "/etc/systemd/system/mnt-data.automount"
#define TRUNK_FILE "/etc/systemd/system/run-penstock-trunk-10.78.0.1-mnt-data.mount"
#define TRUNKED(options)                                                                      \
	"41 22 0:45 / /run/penstock/trunk/10.78.0.1/mnt/data rw - nfs4 10.78.0.1:/tank/data " \
	"rw,vers=4.2,hard,proto=rdma," options "\n"
#define AUTOFS "39 22 0:44 / /mnt/data rw - autofs systemd-1 rw,fd=1\n"

static void plan_mounts(const struct pst_conf *conf, const struct pst_state *state,
			struct pst_plan *plan)
{
	pst_mount_plan_stale(conf, state, plan);
	pst_mount_plan(conf, state, plan);
}

/* The plan once all files are as declared. */
static void plan_mounts_settled(const struct pst_conf *conf, const struct pst_state *state,
				struct pst_plan *plan)
{
	struct pst_state settled = *state;
	struct pst_plan __cleanup_plan first = { 0 };

	pst_mount_plan(conf, state, &first);
	settled.files = NULL;
	settled.n_files = 0;
	for (size_t i = 0; i < first.n; i++)
		if (first.v[i].kind == PST_STEP_WRITE)
			add_file(&settled, first.v[i].path, first.v[i].text);
	pst_mount_plan(conf, &settled, plan);
	for (size_t i = 0; i < settled.n_files; i++) {
		free(settled.files[i].path);
		free(settled.files[i].text);
	}
	free(settled.files);
}

struct row {
	const char *name;
	plan_fn plan;
	const char *conf;
	const char *files[4];
	const char *etab;
	unsigned int threads;
	const char *listeners[3];
	const char *mountinfo;
	const char *expected;
};

static const struct row rows[] = {
	{ .name = "exports: none", .plan = pst_export_plan, .conf = DATA, .expected = "" },
	{ .name = "exports: the server will read them when it starts",
	  .plan = pst_export_plan,
	  .conf = EXPORT,
	  .expected = "do write " EXPORTS_FILE " [" EXPORTS_FILE " is not there]\n" },
	{ .name = "exports: new for a server that runs",
	  .plan = pst_export_plan,
	  .conf = EXPORT,
	  .files = { NFS_FILE, NFS_TEXT },
	  .threads = 8,
	  .listeners = { "tcp 2049", "rdma 20049" },
	  .expected =
		  "do write " EXPORTS_FILE " [" EXPORTS_FILE " is not there]\ndo exportfs -ra\n" },
	{ .name = "exports: as declared",
	  .plan = pst_export_plan,
	  .conf = EXPORT,
	  .files = { NFS_FILE, NFS_TEXT, EXPORTS_FILE, EXPORTS_TEXT },
	  .etab = ETAB,
	  .threads = 8,
	  .listeners = { "tcp 2049", "rdma 20049" },
	  .expected = "" },
	{ .name = "exports: taken back by hand",
	  .plan = pst_export_plan,
	  .conf = EXPORT,
	  .files = { NFS_FILE, NFS_TEXT, EXPORTS_FILE, EXPORTS_TEXT },
	  .threads = 8,
	  .listeners = { "tcp 2049", "rdma 20049" },
	  .expected =
		  "do exportfs -ra [/tank/data is not exported to 10.77.0.0/24 as declared]\n" },
	{ .name = "exports: another fsid by hand",
	  .plan = pst_export_plan,
	  .conf = EXPORT,
	  .files = { NFS_FILE, NFS_TEXT, EXPORTS_FILE, EXPORTS_TEXT },
	  .etab = "/tank/data\t10.77.0.0/24(rw,sync,root_squash,no_subtree_check,fsid=2)\n",
	  .threads = 8,
	  .listeners = { "tcp 2049", "rdma 20049" },
	  .expected =
		  "do exportfs -ra [/tank/data is not exported to 10.77.0.0/24 as declared]\n" },
	{ .name = "exports: no longer declared",
	  .plan = pst_export_plan,
	  .conf = DATA,
	  .files = { EXPORTS_FILE, EXPORTS_TEXT },
	  .etab = ETAB,
	  .threads = 8,
	  .expected = "do remove " EXPORTS_FILE " [" EXPORTS_FILE
		      " is there and nothing asks for it]\ndo exportfs -ra\n" },
	{ .name = "mount: new",
	  .plan = plan_mounts,
	  .conf = MOUNT,
	  .expected = "do write " UNIT_FILE " [" UNIT_FILE " is not there]\n"
		      "do systemctl daemon-reload\n"
		      "do systemctl start mnt-data.mount [/mnt/data is not mounted]\n" },
	{ .name = "mount: as declared",
	  .plan = plan_mounts,
	  .conf = MOUNT,
	  .files = { UNIT_FILE, UNIT_TEXT },
	  .mountinfo = MOUNTED("vers=4.2,proto=rdma,port=20049"),
	  .expected = "" },
	{ .name = "mount: over IPv6",
	  .plan = plan_mounts,
	  .conf = MOUNT,
	  .files = { UNIT_FILE, UNIT_TEXT },
	  .mountinfo = MOUNTED("vers=4.2,proto=rdma6,port=20049"),
	  .expected = "" },
	{ .name = "mount: came up as TCP",
	  .plan = plan_mounts,
	  .conf = MOUNT,
	  .files = { UNIT_FILE, UNIT_TEXT },
	  .mountinfo = MOUNTED("vers=4.2,proto=tcp"),
	  .expected =
		  "do systemctl restart mnt-data.mount [/mnt/data is mounted over tcp, not over "
		  "rdma]\n" },
	{ .name = "mount: another version",
	  .plan = plan_mounts,
	  .conf = MOUNT,
	  .files = { UNIT_FILE, UNIT_TEXT },
	  .mountinfo = MOUNTED("vers=3,proto=rdma"),
	  .expected =
		  "do systemctl restart mnt-data.mount [/mnt/data is mounted with NFS version 3, "
		  "not 4.2]\n" },
	{ .name = "mount: another source",
	  .plan = plan_mounts,
	  .conf = MOUNT,
	  .files = { UNIT_FILE, UNIT_TEXT },
	  .mountinfo = "40 22 0:45 / /mnt/data rw - nfs4 10.0.0.9:/x rw,vers=4.2,proto=rdma\n",
	  .expected = "do systemctl restart mnt-data.mount [/mnt/data is mounted from 10.0.0.9:/x, "
		      "not from 10.77.0.1:/tank/data]\n" },
	{ .name = "mount: another address of the same server",
	  .plan = plan_mounts,
	  .conf = MOUNT,
	  .files = { UNIT_FILE, UNIT_TEXT },
	  .mountinfo =
		  "40 22 0:45 / /mnt/data rw - nfs4 10.0.0.9:/tank/data rw,vers=4.2,proto=rdma\n",
	  .expected = "do systemctl restart mnt-data.mount [/mnt/data is mounted from "
		      "10.0.0.9:/tank/data, not from 10.77.0.1:/tank/data: if that is one server, "
		      "name its addresses in servers:]\n" },
	{ .name = "mount: other options in the file",
	  .plan = plan_mounts,
	  .conf = MOUNT,
	  .files = { UNIT_FILE, HEAD "old\n" },
	  .mountinfo = MOUNTED("vers=4.2,proto=rdma"),
	  .expected = "do write " UNIT_FILE " [" UNIT_FILE " is not as declared]\n"
		      "do systemctl daemon-reload\n"
		      "do systemctl restart mnt-data.mount\n" },
	{ .name = "mount: soft",
	  .plan = plan_mounts,
	  .conf = MOUNT,
	  .files = { UNIT_FILE, UNIT_TEXT },
	  .mountinfo = MOUNTED("vers=4.2,proto=rdma,soft"),
	  .expected =
		  "do systemctl restart mnt-data.mount [/mnt/data is mounted soft, not hard]\n" },
	{ .name = "mount: too few connections",
	  .plan = plan_mounts_settled,
	  .conf = MOUNT_WITH("nconnect: 4"),
	  .mountinfo = MOUNTED("vers=4.2,proto=rdma,hard,nconnect=2"),
	  .expected = "do systemctl restart mnt-data.mount [/mnt/data is mounted with nconnect 2, "
		      "not 4]\n" },
	{ .name = "mount: too few connections of several mounts",
	  .plan = plan_mounts_settled,
	  .conf = "node: {name: g, role: gpu}\nmounts: [{source: \"10.77.0.1:/tank/data\", "
		  "target: /mnt/data, nconnect: 4}, {source: \"10.77.0.1:/tank/more\", target: "
		  "/mnt/more, nconnect: 4}, {source: \"10.77.0.1:/tank/new\", target: /mnt/new, "
		  "nconnect: 4}, {source: \"10.77.0.2:/x\", target: /mnt/x, nconnect: 4}]\n",
	  .mountinfo = MOUNTED("vers=4.2,proto=rdma,hard,nconnect=2") MOUNTED_AT(
		  "/mnt/more", "10.77.0.1:/tank/more", "vers=4.2,proto=rdma,hard,nconnect=2")
		  MOUNTED_AT("/mnt/x", "10.77.0.2:/x", "vers=4.2,proto=rdma,hard,nconnect=2"),
	  .expected = "do systemctl stop mnt-data.mount [/mnt/data is mounted with nconnect 2, "
		      "not 4]\n"
		      "do systemctl stop mnt-more.mount [/mnt/more is mounted with nconnect 2, "
		      "not 4]\n"
		      "do systemctl start mnt-data.mount\n"
		      "do systemctl start mnt-more.mount\n"
		      "do systemctl start mnt-new.mount [/mnt/new is not mounted]\n"
		      "do systemctl restart mnt-x.mount [/mnt/x is mounted with nconnect 2, not "
		      "4]\n" },
	{ .name = "mount: preset as declared",
	  .plan = plan_mounts_settled,
	  .conf = MOUNT_WITH("preset: training"),
	  .mountinfo = MOUNTED("vers=4.2,acregmin=3600,acregmax=3600,acdirmin=3600,acdirmax=3600,"
			       "hard,nocto,proto=rdma"),
	  .expected = "" },
	{ .name = "mount: preset did not take",
	  .plan = plan_mounts_settled,
	  .conf = MOUNT_WITH("preset: training"),
	  .mountinfo = MOUNTED("vers=4.2,hard,acregmax=3600,acdirmax=3600,proto=rdma"),
	  .expected =
		  "do systemctl restart mnt-data.mount [/mnt/data is mounted without nocto]\n" },
	{ .name = "mount: preset checkpoint",
	  .plan = plan_mounts_settled,
	  .conf = MOUNT_WITH("preset: checkpoint"),
	  .mountinfo = MOUNTED("vers=4.2,hard,acregmax=3,acdirmin=3,acdirmax=3,proto=rdma,"
			       "lookupcache=pos"),
	  .expected = "" },
	{ .name = "mount: preset home did not take",
	  .plan = plan_mounts_settled,
	  .conf = MOUNT_WITH("preset: home"),
	  .mountinfo = MOUNTED("vers=4.2,hard,acdirmin=3,acdirmax=10,proto=rdma"),
	  .expected = "do systemctl restart mnt-data.mount [/mnt/data is mounted with lookupcache "
		      "(the kernel's own), not pos]\n" },
	{ .name = "mount: a second address of the server",
	  .plan = plan_mounts,
	  .conf = MOUNT_WITH("servers: [10.78.0.1]"),
	  .expected = "do write " UNIT_FILE " [" UNIT_FILE " is not there]\n"
		      "do write " TRUNK_FILE " [" TRUNK_FILE " is not there]\n"
		      "do systemctl daemon-reload\n"
		      "do systemctl start mnt-data.mount [/mnt/data is not mounted]\n"
		      "do systemctl start run-penstock-trunk-10.78.0.1-mnt-data.mount "
		      "[/run/penstock/trunk/10.78.0.1/mnt/data is not mounted]\n" },
	{ .name = "mount: a second address, as declared",
	  .plan = plan_mounts_settled,
	  .conf = MOUNT_WITH("servers: [10.78.0.1]"),
	  .mountinfo = MOUNTED("vers=4.2,hard,proto=rdma,max_connect=2") TRUNKED("max_connect=2"),
	  .expected = "" },
	{ .name = "mount: a second address, stated by the first one",
	  .plan = plan_mounts_settled,
	  .conf = MOUNT_WITH("servers: [10.78.0.1]"),
	  .mountinfo =
		  MOUNTED("vers=4.2,hard,proto=rdma,max_connect=2") "41 22 0:45 / "
								    "/run/penstock/trunk/10.78.0.1/"
								    "mnt/data rw - nfs4 "
								    "10.77.0.1:/tank/data "
								    "rw,vers=4.2,hard,proto=rdma,"
								    "max_connect=2\n",
	  .expected = "" },
	{ .name = "mount: another directory where a second address was to be",
	  .plan = plan_mounts_settled,
	  .conf = MOUNT_WITH("servers: [10.78.0.1]"),
	  .mountinfo =
		  MOUNTED("vers=4.2,hard,proto=rdma,max_connect=2") "41 22 0:45 / "
								    "/run/penstock/trunk/10.78.0.1/"
								    "mnt/data rw - nfs4 "
								    "10.78.0.1:/tank "
								    "rw,vers=4.2,hard,proto=rdma,"
								    "max_connect=2\n",
	  .expected = "do systemctl restart run-penstock-trunk-10.78.0.1-mnt-data.mount "
		      "[/run/penstock/trunk/10.78.0.1/mnt/data is mounted from 10.78.0.1:/tank, "
		      "not from 10.78.0.1:/tank/data]\n" },
	{ .name = "mount: a second address was not taken",
	  .plan = plan_mounts_settled,
	  .conf = MOUNT_WITH("servers: [10.78.0.1]"),
	  .mountinfo = MOUNTED("vers=4.2,hard,proto=rdma,max_connect=2") TRUNKED("a"),
	  .expected = "do systemctl restart run-penstock-trunk-10.78.0.1-mnt-data.mount "
		      "[/run/penstock/trunk/10.78.0.1/mnt/data is mounted with max_connect (the "
		      "kernel's own), not 2]\n" },
	{ .name = "mount: a second address, no longer declared",
	  .plan = plan_mounts,
	  .conf = MOUNT,
	  .files = { UNIT_FILE, UNIT_TEXT, TRUNK_FILE, HEAD },
	  .mountinfo = MOUNTED("vers=4.2,hard,proto=rdma") TRUNKED("max_connect=2"),
	  .expected = "do systemctl stop run-penstock-trunk-10.78.0.1-mnt-data.mount\n"
		      "do remove " TRUNK_FILE " [" TRUNK_FILE " is there and nothing asks for it]\n"
		      "do systemctl daemon-reload\n" },
	{ .name = "automount: new",
	  .plan = plan_mounts,
	  .conf = AUTO,
	  .expected = "do write " UNIT_FILE " [" UNIT_FILE " is not there]\n"
		      "do write " AUTO_FILE " [" AUTO_FILE " is not there]\n"
		      "do systemctl daemon-reload\n"
		      "do systemctl start mnt-data.automount [/mnt/data is not mounted at its "
		      "first use]\n" },
	{ .name = "automount: waits",
	  .plan = plan_mounts_settled,
	  .conf = AUTO,
	  .mountinfo = AUTOFS,
	  .expected = "" },
	{ .name = "automount: in use",
	  .plan = plan_mounts_settled,
	  .conf = AUTO,
	  .mountinfo = AUTOFS MOUNTED("vers=4.2,hard,proto=rdma"),
	  .expected = "" },
	{ .name = "automount: came up as TCP",
	  .plan = plan_mounts_settled,
	  .conf = AUTO,
	  .mountinfo = AUTOFS MOUNTED("vers=4.2,hard,proto=tcp"),
	  .expected =
		  "do systemctl restart mnt-data.mount [/mnt/data is mounted over tcp, not over "
		  "rdma]\n" },
	{ .name = "automount: was a plain mount",
	  .plan = plan_mounts,
	  .conf = AUTO,
	  .files = { UNIT_FILE, UNIT_TEXT },
	  .mountinfo = MOUNTED("vers=4.2,hard,proto=rdma"),
	  .expected = "do write " AUTO_FILE " [" AUTO_FILE " is not there]\n"
		      "do systemctl daemon-reload\n"
		      "do systemctl stop mnt-data.mount\n"
		      "do systemctl start mnt-data.automount [/mnt/data is not mounted at its "
		      "first use]\n" },
	{ .name = "automount: no longer",
	  .plan = plan_mounts,
	  .conf = MOUNT,
	  .files = { AUTO_FILE, HEAD, UNIT_FILE, UNIT_TEXT },
	  .mountinfo = AUTOFS,
	  .expected = "do systemctl stop mnt-data.automount\n"
		      "do remove " AUTO_FILE " [" AUTO_FILE " is there and nothing asks for it]\n"
		      "do systemctl daemon-reload\n"
		      "do systemctl start mnt-data.mount [/mnt/data is not mounted]\n" },
	{ .name = "automount: no longer, and in use",
	  .plan = plan_mounts,
	  .conf = MOUNT,
	  .files = { UNIT_FILE, UNIT_TEXT, AUTO_FILE, HEAD "old\n" },
	  .mountinfo = "39 22 0:44 / /mnt/data rw - autofs systemd-1 rw\n" MOUNTED(
		  "vers=4.2,proto=rdma,hard"),
	  .expected = "do systemctl stop mnt-data.automount\n"
		      "do remove " AUTO_FILE " [" AUTO_FILE " is there and nothing asks for it]\n"
		      "do systemctl daemon-reload\n"
		      "do systemctl start mnt-data.mount [/mnt/data is not mounted]\n" },
	{ .name = "automount: a person's",
	  .plan = plan_mounts,
	  .conf = MOUNT,
	  .files = { UNIT_FILE, UNIT_TEXT },
	  .mountinfo = AUTOFS,
	  .expected = "refused mounts[0].target: on /mnt/data, systemd-1 of the type autofs is "
		      "mounted\n" },
	{ .name = "mount: a disk is there",
	  .plan = plan_mounts,
	  .conf = MOUNT,
	  .files = { UNIT_FILE, UNIT_TEXT },
	  .mountinfo = "40 22 8:1 / /mnt/data rw - ext4 /dev/sda1 rw\n",
	  .expected = "refused mounts[0].target: on /mnt/data, /dev/sda1 of the type ext4 is "
		      "mounted\n" },
	{ .name = "mount: an administrator's unit",
	  .plan = plan_mounts,
	  .conf = MOUNT,
	  .files = { UNIT_FILE, "[Mount]\n" },
	  .mountinfo = MOUNTED("vers=4.2,proto=rdma"),
	  .expected = "refused mounts[0]: " UNIT_FILE
		      " is there and was not written by penstock: move it away\n" },
	{ .name = "mount: no longer declared",
	  .plan = plan_mounts,
	  .conf = "node: {name: g, role: gpu}\n",
	  .files = { UNIT_FILE, UNIT_TEXT, "/etc/systemd/system/srv.mount", "[Mount]\n" },
	  .expected = "do systemctl stop mnt-data.mount\n"
		      "do remove " UNIT_FILE " [" UNIT_FILE " is there and nothing asks for it]\n"
		      "do systemctl daemon-reload\n" },
};

static void is_planned(void **state)
{
	const struct row *row = *state;
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };

	conf_from(&doc, row->conf);
	for (size_t i = 0; i < ARRAY_SIZE(row->files) && row->files[i]; i += 2)
		add_file(&is, row->files[i], row->files[i + 1]);
	for (size_t i = 0; i < ARRAY_SIZE(row->listeners) && row->listeners[i]; i++)
		pst_strv_add(&is.nfsd_listeners, row->listeners[i]);
	is.nfsd_threads = row->threads;
	if (row->etab)
		assert_int_equal(pst_export_parse(row->etab, &is, NULL), 0);
	if (row->mountinfo)
		assert_int_equal(pst_mount_parse(row->mountinfo, &is, NULL), 0);
	assert_planned(row->plan, doc.conf, &is, row->expected);
}

struct export_row {
	const char *name;
	const char *export;
	const char *line;
};

static const struct export_row export_rows[] = {
	{ "export: all squashed, and options",
	  "fsid: 2, clients: [{host: a, squash: all, options: "
	  "[async, subtree_check]}]",
	  "/tank/data a(ro,all_squash,fsid=2,async,subtree_check)\n" },
	{ "export: root not squashed",
	  "fsid: 2, clients: [{host: a, squash: none, access: rw}, {host: \"@b\"}]",
	  "/tank/data a(rw,no_root_squash,fsid=2,sync,no_subtree_check) "
	  "@b(ro,root_squash,fsid=2,sync,no_subtree_check)\n" },
	{ "export: every key",
	  "fsid: 2, clients: [{host: a, sec: [krb5p, sys], xprtsec: [tls, mtls], anonuid: 9, "
	  "anongid: "
	  "0, crossmnt: true, options: [async]}]",
	  "/tank/data "
	  "a(ro,root_squash,fsid=2,no_subtree_check,sec=krb5p:sys,xprtsec=tls:mtls,anonuid="
	  "9,anongid=0,crossmnt,async)\n" },
	/* It must never change: file handles that clients hold begin with it. */
	{ "export: fsid made from the path", "clients: [{host: a}]",
	  "/tank/data "
	  "a(ro,root_squash,fsid=05e05aba-f934-8604-911f-b5017d35e883,sync,no_subtree_check)\n" },
};

static void export_line_is_written(void **state)
{
	const struct export_row *row = *state;
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };
	struct pst_plan __cleanup_plan plan = { 0 };
	char __cleanup_free *conf =
		pst_printf(DATA "exports: [{path: /tank/data, %s}]\n", row->export);

	conf_from(&doc, conf);
	pst_export_plan(doc.conf, &is, &plan);
	assert_string_equal(plan.v[0].text + strlen(HEAD), row->line);
}

struct text_row {
	const char *name;
	const char *conf;
	const char *file;
	const char *holds;
};

static const struct text_row text_rows[] = {
	{ "unit: hard unless said otherwise", MOUNT_WITH("nconnect: 4"), UNIT_FILE,
	  "\nOptions=proto=rdma,port=20049,vers=4.2,hard,nconnect=4\n" },
	{ "unit: soft when said", MOUNT_WITH("version: 3, options: [ro, softerr]"), UNIT_FILE,
	  "\nOptions=proto=rdma,port=20049,vers=3,softerr,ro\n" },
	{ "unit: training", MOUNT_WITH("preset: training"), UNIT_FILE,
	  "\nOptions=proto=rdma,port=20049,vers=4.2,hard,nocto,actimeo=3600,lookupcache=all\n" },
	{ "unit: checkpoint", MOUNT_WITH("preset: checkpoint"), UNIT_FILE,
	  "\nOptions=proto=rdma,port=20049,vers=4.2,hard,cto,actimeo=3,lookupcache=pos\n" },
	{ "unit: home", MOUNT_WITH("preset: home"), UNIT_FILE,
	  "\nOptions=proto=rdma,port=20049,vers=4.2,hard,cto,acdirmin=3,acdirmax=10,"
	  "lookupcache=pos\n" },
	{ "unit: second address", MOUNT_WITH("servers: [10.78.0.1]"), TRUNK_FILE,
	  "\nWhat=10.78.0.1:/tank/data\nWhere=/run/penstock/trunk/10.78.0.1/mnt/data\nType=nfs\n"
	  "Options=proto=rdma,port=20049,vers=4.2,hard,max_connect=2\n" },
	{ "unit: second address of IPv6", MOUNT_WITH("servers: [\"fd00::1\"]"),
	  "/etc/systemd/system/run-penstock-trunk-fd00::1-mnt-data.mount",
	  "\nWhat=[fd00::1]:/tank/data\n" },
	{ "unit: automount", AUTO, AUTO_FILE,
	  "\n[Automount]\nWhere=/mnt/data\nTimeoutIdleSec=300\n" },
};

static void unit_holds(void **state)
{
	const struct text_row *row = *state;
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };
	struct pst_plan __cleanup_plan plan = { 0 };
	const char *text = NULL;

	conf_from(&doc, row->conf);
	pst_mount_plan(doc.conf, &is, &plan);
	for (size_t i = 0; i < plan.n; i++)
		if (pst_streq(plan.v[i].path, row->file))
			text = plan.v[i].text;
	assert_non_null(text);
	assert_non_null(strstr(text, row->holds));
}

/* While it is locked, what is below its mount point is not for clients. */
static void locked_dataset_is_not_exported(void **state)
{
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };
	struct pst_plan __cleanup_plan plan = { 0 };

	(void)state;
	conf_from(&doc, "node: {name: s, role: storage}\n"
			"pools: [{name: tank, layout: stripe, disks: [/dev/a]}]\n"
			"datasets:\n- {name: tank/a, encryption: {key: \"file:///k\"}}\n"
			"- {name: tank/a/b}\n- {name: tank/ab}\nexports:\n"
			"- {path: /tank/a/b, fsid: 1, clients: [{host: x}]}\n"
			"- {path: /tank/ab, fsid: 2, clients: [{host: x}]}\n");
	pst_export_plan(doc.conf, &is, &plan);
	assert_string_equal(plan.v[0].text, HEAD
			    "/tank/a/b x(ro,root_squash,fsid=1,sync,no_subtree_check,mountpoint)\n"
			    "/tank/ab x(ro,root_squash,fsid=2,sync,no_subtree_check)\n");
}

struct unit_row {
	const char *name;
	const char *unit;
};

/* As systemd-escape --path says. */
static const struct unit_row unit_rows[] = {
	{ "/mnt/data", "mnt-data.mount" },	 { "/srv/a-b", "srv-a\\x2db.mount" },
	{ "/srv/a_b.c:d", "srv-a_b.c:d.mount" }, { "/.hidden/.x", "\\x2ehidden-.x.mount" },
	{ "/a@b+c", "a\\x40b\\x2bc.mount" },
};

static void unit_is_named(void **state)
{
	const struct unit_row *row = *state;
	char __cleanup_free *unit = pst_mount_unit(row->name);

	assert_string_equal(unit, row->unit);
}

static void unit_says_what_it_should(void **state)
{
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };
	struct pst_plan __cleanup_plan plan = { 0 };

	(void)state;
	conf_from(&doc, MOUNT);
	pst_mount_plan(doc.conf, &is, &plan);
	assert_string_equal(plan.v[0].text, UNIT_TEXT);
}

/* The mount is there, and the kernel refused the connection: too many, or not that server. */
static void second_address_is_used(void **state)
{
	static const char *const addresses[] = { "10.77.0.1", "10.78.0.1" };

	(void)state;
	for (size_t n = 1; n <= ARRAY_SIZE(addresses); n++) {
		struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
		struct pst_state __cleanup_state is = { .knows_connections = true };

		conf_from(&doc, MOUNT_WITH("servers: [10.78.0.1]"));
		assert_int_equal(pst_mount_parse(MOUNTED("vers=4.2,hard,proto=rdma,max_connect=2")
							 TRUNKED("max_connect=2"),
						 &is, NULL),
				 0);
		for (size_t i = 0; i < n; i++)
			pst_strv_add(&is.connections, addresses[i]);
		assert_planned(plan_mounts_settled, doc.conf, &is,
			       n == 2 ? ""
				      : "do systemctl restart "
					"run-penstock-trunk-10.78.0.1-mnt-data.mount [the kernel "
					"does not use the address 10.78.0.1 of the server of "
					"10.78.0.1:/tank/data]\n");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(unit_says_what_it_should),
					    cmocka_unit_test(locked_dataset_is_not_exported),
					    cmocka_unit_test(second_address_is_used) };

	ADD_TESTS(tests);
	ADD_ROWS(rows, is_planned);
	ADD_ROWS(export_rows, export_line_is_written);
	ADD_ROWS(text_rows, unit_holds);
	ADD_ROWS(unit_rows, unit_is_named);
	return run_gathered(NULL, NULL);
}
