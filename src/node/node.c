// SPDX-License-Identifier: MIT
/* The node as a whole: everything observed, and one plan for all of it. */
#include "node/node.h"
#include "node/unread.h"

#include <errno.h>

static int observe_all(struct pst_host *host, const struct pst_conf *conf, struct pst_state *state,
		       struct pst_reason *reason)
{
	static int (*const plain[])(struct pst_host *, struct pst_state *, struct pst_reason *) = {
		pst_files_observe,  pst_identity_observe, pst_modules_observe, pst_network_observe,
		pst_ports_observe,  pst_unread_observe,	  pst_rdma_observe,    pst_mount_observe,
		pst_export_observe, pst_nfsd_observe,	  pst_machine_observe,
	};
	static int (*const with_conf[])(struct pst_host *, const struct pst_conf *,
					struct pst_state *, struct pst_reason *) = {
		pst_roce_observe, pst_tuning_observe, pst_zpool_observe,   pst_drive_observe,
		pst_disk_observe, pst_import_observe, pst_dataset_observe, pst_account_observe,
	};
	int error = 0;

	for (size_t i = 0; i < ARRAY_SIZE(plain) && !error; i++) {
		error = plain[i](host, state, reason);
		if (error == -ENOENT && !conf)
			error = 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(with_conf) && !error; i++) {
		error = with_conf[i](host, conf, state, reason);
		if (error == -ENOENT && !conf)
			error = 0;
	}
	return error;
}

int pst_node_observe(struct pst_host *host, const struct pst_conf *conf, struct pst_state *ret,
		     struct pst_reason *reason)
{
	struct pst_state __cleanup_state state = { 0 };
	int error = observe_all(host, conf, &state, reason);

	if (error)
		return error;
	*ret = state;
	state = (struct pst_state){ 0 };
	return 0;
}

/*
 * The order is what depends on what: a device needs its driver and interface, a dataset its pool,
 * an export its dataset, a server its exports. What networkd and the RDMA drivers do meanwhile is
 * waited for last, for only the mounts need it; those that go do so while their network is there.
 */
int pst_node_plan(const struct pst_conf *conf, const struct pst_state *state, struct pst_plan *plan)
{
	static void (*const parts[])(const struct pst_conf *, const struct pst_state *,
				     struct pst_plan *) = {
		pst_identity_plan,  pst_account_plan,	  pst_tuning_plan,
		pst_modules_plan,   pst_mount_plan_stale, pst_network_plan,
		pst_ports_plan,	    pst_rdma_plan,	  pst_roce_plan,
		pst_zpool_plan,	    pst_dataset_plan,	  pst_account_plan_homes,
		pst_export_plan,    pst_nfsd_plan,	  pst_network_plan_wait,
		pst_rdma_plan_wait, pst_mount_plan,
	};

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		parts[i](conf, state, plan);
	return pst_plan_sound(plan);
}
