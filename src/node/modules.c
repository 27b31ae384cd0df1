// SPDX-License-Identifier: MIT
/* The kernel modules that the declared things need. */
#include "node/node.h"

#define MODULES_FILE "/etc/modules-load.d/penstock.conf"

static const char *const known[] = { "zfs", "rdma_rxe", "siw", "rdma_cm", "rpcrdma" };

int pst_modules_observe(struct pst_host *host, struct pst_state *state, struct pst_reason *reason)
{
	(void)reason;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		struct pst_key path = pst_key("/sys/module/%s", known[i]);

		if (pst_host_exists(host, path.text))
			pst_strv_add(&state->modules, known[i]);
	}
	return 0;
}

static bool wants_soft(const struct pst_conf *conf, enum pst_rdma_driver driver)
{
	for (size_t i = 0; i < conf->rdma_count; i++)
		if (conf->rdma[i].driver == driver)
			return true;
	return false;
}

/* Its part of configfs has the defaults of RoCE's connections. */
static bool wants_roce(const struct pst_conf *conf)
{
	for (size_t i = 0; i < conf->rdma_count; i++)
		if (conf->rdma[i].roce)
			return true;
	return false;
}

static bool wants_nfs_over_rdma(const struct pst_conf *conf)
{
	if (pst_conf_wants_nfs_server(conf) && conf->nfs_server.rdma_port)
		return true;
	for (size_t i = 0; i < conf->mounts_count; i++)
		if (conf->mounts[i].transport == PST_TRANSPORT_RDMA)
			return true;
	return false;
}

static void plan_file(const struct pst_strv *modules, const struct pst_state *state,
		      struct pst_plan *plan)
{
	struct pst_buf text = { 0 };
	char __cleanup_free *want = NULL;

	if (modules->n) {
		pst_buf_add(&text, pst_file_header);
		for (size_t i = 0; i < modules->n; i++)
			pst_buf_printf(&text, "%s\n", modules->v[i]);
		want = pst_buf_take(&text);
	}
	pst_plan_file(plan, state, "rdma", MODULES_FILE, want);
}

static void plan_load(const struct pst_strv *modules, const struct pst_state *state,
		      struct pst_plan *plan)
{
	struct pst_strv argv = { 0 };
	struct pst_strv __cleanup_strv missing = { 0 };
	char __cleanup_free *list = NULL;
	char __cleanup_free *why = NULL;

	pst_strv_add(&argv, "modprobe");
	pst_strv_add(&argv, "--all");
	for (size_t i = 0; i < modules->n; i++) {
		if (pst_strv_contains(&state->modules, modules->v[i]))
			continue;
		pst_strv_add(&argv, modules->v[i]);
		pst_strv_add(&missing, modules->v[i]);
	}
	if (!missing.n) {
		pst_strv_free(&argv);
		return;
	}
	list = pst_strv_join(&missing, ", ");
	why = pst_printf("not loaded: the kernel module%s %s", missing.n > 1 ? "s" : "", list);
	pst_plan_run_strv(plan, "", why, &argv);
}

void pst_modules_plan(const struct pst_conf *conf, const struct pst_state *state,
		      struct pst_plan *plan)
{
	struct pst_strv __cleanup_strv modules = { 0 };

	if (wants_soft(conf, PST_RDMA_SOFT_ROCE))
		pst_strv_add(&modules, "rdma_rxe");
	if (wants_soft(conf, PST_RDMA_SOFT_IWARP))
		pst_strv_add(&modules, "siw");
	if (wants_roce(conf))
		pst_strv_add(&modules, "rdma_cm");
	if (wants_nfs_over_rdma(conf))
		pst_strv_add(&modules, "rpcrdma");
	plan_file(&modules, state, plan);
	/* ZFS's own unit loads it at boot; it is only missing where that unit did not run. */
	if (conf->pools_count)
		pst_strv_add(&modules, "zfs");
	plan_load(&modules, state, plan);
	plan->oom = plan->oom || modules.oom;
}
