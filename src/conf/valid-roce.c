// SPDX-License-Identifier: MIT
/* Checks of roce: priorities, classes and buffers. */
#include "conf/valid.h"

#define PRIORITY_MAX 7
#define CLASSES_MAX  8
#define DSCP_MAX     63

static void check_pfc(struct pst_valid *valid, size_t n, const struct pst_conf_roce *roce)
{
	for (size_t i = 0; i < roce->pfc_count; i++) {
		struct pst_key key = pst_key("rdma[%zu].roce.pfc[%zu]", n, i);

		if (roce->pfc[i] > PRIORITY_MAX)
			pst_bad(valid, key, "must be a priority from 0 to %d, not %u", PRIORITY_MAX,
				roce->pfc[i]);
		for (size_t j = 0; j < i; j++)
			if (roce->pfc[j] == roce->pfc[i])
				pst_bad(valid, key, "the priority %u is given twice", roce->pfc[i]);
	}
}

static bool has_flow_control(const struct pst_conf_roce *roce, int64_t priority)
{
	for (size_t i = 0; i < roce->pfc_count; i++)
		if ((int64_t)roce->pfc[i] == priority)
			return true;
	return false;
}

static void check_priority(struct pst_valid *valid, size_t n, const struct pst_conf_roce *roce)
{
	struct pst_key key = pst_key("rdma[%zu].roce.priority", n);
	bool given = pst_yaml_find(valid->tree, key.text);

	if (roce->dscp > DSCP_MAX)
		pst_bad(valid, pst_key("rdma[%zu].roce.dscp", n), "must be from 0 to %d, not %lld",
			DSCP_MAX, (long long)roce->dscp);
	if (given && roce->priority > PRIORITY_MAX)
		pst_bad(valid, key, "must be from 0 to %d, not %lld", PRIORITY_MAX,
			(long long)roce->priority);
	else if (given && roce->pfc_count && !has_flow_control(roce, roce->priority))
		pst_bad(valid, key,
			"%lld has no flow control: say pfc: [%lld], or leave pfc out altogether",
			(long long)roce->priority, (long long)roce->priority);
	if (given && roce->dscp < 0 && !roce->ecn)
		pst_bad(valid, key, "is for dscp and ecn, and neither is given");
	if (roce->priority < 0 && roce->dscp >= 0)
		pst_bad(valid, pst_key("rdma[%zu].roce.dscp", n),
			"needs the priority that it leads to: say priority:");
	if (roce->priority < 0 && roce->ecn)
		pst_bad(valid, pst_key("rdma[%zu].roce.ecn", n),
			"needs the priority that it is for: say priority:");
}

/* That each of the eight priorities is in one of the shares, and in one only. */
static void check_shares(struct pst_valid *valid, const char *key,
			 const struct pst_conf_share *shares, size_t count)
{
	size_t share_of[PRIORITY_MAX + 1] = { 0 };

	if (count > CLASSES_MAX)
		pst_bad(valid, pst_key("%s", key), "there can be %d at most, not %zu", CLASSES_MAX,
			count);
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < shares[i].priorities_count; j++) {
			unsigned int priority = shares[i].priorities[j];
			struct pst_key where = pst_key("%s[%zu].priorities[%zu]", key, i, j);

			if (priority > PRIORITY_MAX)
				pst_bad(valid, where, "must be a priority from 0 to %d, not %u",
					PRIORITY_MAX, priority);
			else if (share_of[priority])
				pst_bad(valid, where, "the priority %u is in %s[%zu] already",
					priority, key, share_of[priority] - 1);
			else
				share_of[priority] = i + 1;
		}
	}
	for (unsigned int i = 0; i <= PRIORITY_MAX; i++)
		if (!share_of[i])
			pst_bad(valid, pst_key("%s", key), "the priority %u is in none of them", i);
}

static void check_percents(struct pst_valid *valid, size_t n, const struct pst_conf_roce *roce)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < roce->ets_count; i++) {
		sum += roce->ets[i].percent;
		if (roce->ets[i].percent > 100)
			pst_bad(valid, pst_key("rdma[%zu].roce.ets[%zu].percent", n, i),
				"must be from 0 to 100, not %u", roce->ets[i].percent);
	}
	if (sum && sum != 100)
		pst_bad(valid, pst_key("rdma[%zu].roce.ets", n), "the percents make %llu, not 100",
			(unsigned long long)sum);
}

void pst_valid_roce(struct pst_valid *valid, size_t n)
{
	const struct pst_conf_rdma *rdma = &valid->conf->rdma[n];
	const struct pst_conf_network *network = pst_conf_network(valid->conf, rdma->interface);
	const struct pst_conf_roce *roce = rdma->roce;
	struct pst_key key = pst_key("rdma[%zu].roce", n);

	if (rdma->driver != PST_RDMA_HARDWARE) {
		pst_bad(valid, key, "is for a card: a soft device has none of it");
		return;
	}
	if (network && network->ipoib)
		pst_bad(valid, key, "is for Ethernet, and %s is InfiniBand", rdma->interface);
	if (network && network->vlan)
		pst_bad(valid, key, "is for a port, and %s is a VLAN: give it to %s",
			rdma->interface, network->vlan->interface);
	check_pfc(valid, n, roce);
	check_priority(valid, n, roce);
	if (roce->ets_count) {
		check_shares(valid, pst_key("rdma[%zu].roce.ets", n).text, roce->ets,
			     roce->ets_count);
		check_percents(valid, n, roce);
	}
	if (roce->buffers_count)
		check_shares(valid, pst_key("rdma[%zu].roce.buffers", n).text, roce->buffers,
			     roce->buffers_count);
}
