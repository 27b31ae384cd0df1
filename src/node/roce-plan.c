// SPDX-License-Identifier: MIT
/*
 * From what a card does for RoCE to what is declared. Each setting is one list of words, as dcb reports
 * it, in which "*" stands for what is not declared; what was set is read back and compared like all else.
 */
#include "node/node.h"
#include "node/roce.h"

#define PRIORITIES 8
#define ROCE_MODE  "RoCE v2"
/* The two bits behind the DSCP: this sender knows ECN, ECT(0) of RFC 3168. */
#define ECN_CAPABLE 2

struct work {
	const struct pst_conf_rdma *rdma;
	const struct pst_roce_state *is; /* NULL: not observed */
	struct pst_plan *plan;
	size_t n;
};

/* Whether two lists of words agree; with @at_least, numbers may be larger than asked for. */
static bool agree(const char *have, const char *want, bool at_least)
{
	while (have && *want) {
		size_t len = strcspn(want, " "), have_len = strcspn(have, " ");
		bool same = len == have_len && strncmp(have, want, len) == 0;

		if (!same && *want != '*' &&
		    !(at_least && strtoull(have, NULL, 10) >= strtoull(want, NULL, 10)))
			return false;
		want += len + (want[len] == ' ');
		have += have_len + (have[have_len] == ' ');
	}
	return have && !*have;
}

/* Whether the driver refused to say; if so, that is the plan's problem. */
static bool is_refused(const struct work *work, const char *object, const char *setting)
{
	const char *refusal = work->is ? pst_value(&work->is->refusals, object) : NULL;

	if (refusal)
		pst_plan_problem(work->plan, PST_PROBLEM_REFUSED,
				 pst_key("rdma[%zu].roce.%s", work->n, setting),
				 "%s (driver %s) does not have it: %s", work->rdma->interface,
				 work->is->driver ?: "unknown", refusal);
	return refusal;
}

/* What is not as declared, in words; NULL when it is. */
static char *differs(const struct work *work, const char *name, const char *want, bool at_least)
{
	const char *have = work->is ? pst_value(&work->is->values, name) : NULL;

	if (agree(have, want, at_least))
		return NULL;
	return pst_printf("%s has %s \"%s\", not \"%s\"", work->rdma->interface, name,
			  have ?: "(unknown)", want);
}

static void add_dcb(struct pst_strv *argv, const struct work *work, const char *object,
		    const char *verb)
{
	pst_strv_add(argv, "dcb");
	pst_strv_add(argv, object);
	pst_strv_add(argv, verb);
	pst_strv_add(argv, "dev");
	pst_strv_add(argv, work->rdma->interface);
}

static void plan_pfc(const struct work *work)
{
	const struct pst_conf_roce *roce = work->rdma->roce;
	const char *on[PRIORITIES] = { 0 };
	struct pst_strv __cleanup_strv words = { 0 };
	char __cleanup_free *want = NULL;
	char __cleanup_free *why = NULL;
	struct pst_strv argv = { 0 };

	for (size_t i = 0; i < roce->pfc_count; i++)
		on[roce->pfc[i]] = "on";
	for (size_t i = 0; i < PRIORITIES; i++)
		pst_strv_add(&words, on[i] ?: "off");
	want = pst_strv_join(&words, " ");
	if (!want) {
		work->plan->oom = true;
		return;
	}
	why = differs(work, "prio_pfc", want, false);
	if (!why || is_refused(work, "pfc", "pfc"))
		return;
	add_dcb(&argv, work, "pfc", "set");
	pst_strv_add(&argv, "prio-pfc");
	for (size_t i = 0; i < PRIORITIES; i++)
		pst_strv_addf(&argv, "%zu:%s", i, words.v[i]);
	pst_plan_run_strv(work->plan, pst_key("rdma[%zu].roce.pfc", work->n).text, why, &argv);
}

/* One word for each priority: the number of the share that it is in. */
static void add_share_of(struct pst_strv *words, const struct pst_conf_share *shares, size_t count)
{
	size_t share_of[PRIORITIES] = { 0 };

	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < shares[i].priorities_count; j++)
			share_of[shares[i].priorities[j]] = i;
	for (size_t i = 0; i < PRIORITIES; i++)
		pst_strv_addf(words, "%zu", share_of[i]);
}

/* A list that dcb takes as "NAME 0:A 1:B ..." and reports as "A B ...". */
struct setting {
	const char *argument;
	const char *reported;
	bool at_least;
	struct pst_strv words;
};

/* One dcb command for all settings of an object, if one of them is not as declared. */
static void plan_settings(const struct work *work, const char *object, const char *name,
			  struct setting *settings, size_t count)
{
	char __cleanup_free *why = NULL;
	struct pst_strv argv = { 0 };

	for (size_t i = 0; i < count && !why; i++) {
		char __cleanup_free *want = pst_strv_join(&settings[i].words, " ");

		if (want)
			why = differs(work, settings[i].reported, want, settings[i].at_least);
		else
			work->plan->oom = true;
	}
	if (!why || is_refused(work, object, name))
		return;
	add_dcb(&argv, work, object, "set");
	for (size_t i = 0; i < count; i++) {
		pst_strv_add(&argv, settings[i].argument);
		for (size_t j = 0; j < settings[i].words.n; j++)
			if (!pst_streq(settings[i].words.v[j], "*"))
				pst_strv_addf(&argv, "%zu:%s", j, settings[i].words.v[j]);
	}
	pst_plan_run_strv(work->plan, pst_key("rdma[%zu].roce.%s", work->n, name).text, why, &argv);
}

static void plan_ets(const struct work *work)
{
	const struct pst_conf_roce *roce = work->rdma->roce;
	struct setting settings[] = { { .argument = "prio-tc", .reported = "prio_tc" },
				      { .argument = "tc-tsa", .reported = "tc_tsa" },
				      { .argument = "tc-bw", .reported = "tc_bw" } };

	if (!roce->ets_count)
		return;
	add_share_of(&settings[0].words, roce->ets, roce->ets_count);
	for (size_t i = 0; i < PRIORITIES; i++) {
		unsigned int percent = i < roce->ets_count ? roce->ets[i].percent : 0;

		pst_strv_add(&settings[1].words, i >= roce->ets_count ? "*"
						 : percent	      ? "ets"
								      : "strict");
		/* What a class that is served first reports as its share means nothing. */
		if (percent)
			pst_strv_addf(&settings[2].words, "%u", percent);
		else
			pst_strv_add(&settings[2].words, "*");
	}
	plan_settings(work, "ets", "ets", settings, ARRAY_SIZE(settings));
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
		pst_strv_free(&settings[i].words);
}

static void plan_buffers(const struct work *work)
{
	const struct pst_conf_roce *roce = work->rdma->roce;
	/* Cards round sizes up. */
	struct setting settings[] = {
		{ .argument = "prio-buffer", .reported = "prio_buffer" },
		{ .argument = "buffer-size", .reported = "buffer_size", .at_least = true },
	};

	if (!roce->buffers_count)
		return;
	add_share_of(&settings[0].words, roce->buffers, roce->buffers_count);
	for (size_t i = 0; i < PRIORITIES; i++) {
		if (i < roce->buffers_count)
			pst_strv_addf(&settings[1].words, "%u", roce->buffers[i].bytes);
		else
			pst_strv_add(&settings[1].words, "*");
	}
	plan_settings(work, "buffer", "buffers", settings, ARRAY_SIZE(settings));
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
		pst_strv_free(&settings[i].words);
}

/* Whether a DSCP leads to one priority and to no other. */
static bool leads_to(const char *pairs, int dscp, int priority)
{
	bool leads = false;

	while (pairs && *pairs) {
		char *end;
		long is = strtol(pairs, &end, 10);

		if (is == dscp && *end == ':') {
			if (strtol(end + 1, NULL, 10) != priority)
				return false;
			leads = true;
		}
		pairs += strcspn(pairs, " ");
		pairs += *pairs == ' ';
	}
	return leads;
}

static void plan_dscp(const struct work *work)
{
	const struct pst_conf_roce *roce = work->rdma->roce;
	const char *pairs = work->is ? pst_value(&work->is->values, "dscp_prio") : NULL;
	struct pst_key pair = pst_key("%d:%d", (int)roce->dscp, (int)roce->priority);
	char __cleanup_free *why = NULL;

	if (roce->dscp < 0 || leads_to(pairs, (int)roce->dscp, (int)roce->priority) ||
	    is_refused(work, "app", "dscp"))
		return;
	why = pst_printf("%s has dscp_prio \"%s\", without %s alone", work->rdma->interface,
			 pairs ?: "", pair.text);
	pst_plan_run(work->plan, pst_key("rdma[%zu].roce.dscp", work->n).text, why, "dcb", "app",
		     "replace", "dev", work->rdma->interface, "dscp-prio", pair.text);
}

/* A value of a file of the kernel. */
static void plan_file(const struct work *work, enum pst_roce_file file, const char *want)
{
	const char *have =
		work->is ? pst_value(&work->is->values, pst_roce_file_names[file]) : NULL;
	char __cleanup_free *why = NULL;

	if (pst_streq(have, want))
		return;
	why = pst_printf("%s has %s \"%s\", not \"%s\"", work->rdma->device,
			 pst_roce_file_names[file], have ?: "(unset)", want);
	pst_plan_set(work->plan, pst_key("rdma[%zu].roce", work->n).text,
		     pst_roce_path(work->rdma, file).text, want, why);
}

static void plan_ecn(const struct work *work)
{
	struct pst_key key = pst_key("rdma[%zu].roce.ecn", work->n);
	struct pst_key path = pst_roce_path(work->rdma, PST_ROCE_ECN_NOTIFY);

	if (!work->rdma->roce->ecn)
		return;
	if (work->is && (!pst_value(&work->is->values, "roce_np") ||
			 !pst_value(&work->is->values, "roce_rp"))) {
		pst_plan_problem(work->plan, PST_PROBLEM_REFUSED, key,
				 "%s (driver %s) does not have it: there is no %s",
				 work->rdma->interface, work->is->driver ?: "unknown", path.text);
		return;
	}
	plan_file(work, PST_ROCE_ECN_NOTIFY, "1");
	plan_file(work, PST_ROCE_ECN_REACT, "1");
}

static void plan_one(const struct work *work)
{
	const struct pst_conf_roce *roce = work->rdma->roce;
	struct pst_key dir = pst_key(PST_ROCE_CONFIGFS "%s", work->rdma->device);

	if (roce->pfc_count)
		plan_pfc(work);
	plan_ets(work);
	plan_buffers(work);
	plan_dscp(work);
	plan_ecn(work);
	/* The kernel makes what is in it. */
	if (!work->is || !pst_value(&work->is->values, pst_roce_file_names[PST_ROCE_MODE]))
		pst_plan_run(work->plan, pst_key("rdma[%zu].roce", work->n).text, NULL, "mkdir",
			     "--parents", dir.text);
	plan_file(work, PST_ROCE_MODE, ROCE_MODE);
	if (roce->dscp >= 0)
		plan_file(work, PST_ROCE_TOS,
			  pst_key("%d", (int)roce->dscp << 2 | (roce->ecn ? ECN_CAPABLE : 0)).text);
}

void pst_roce_plan(const struct pst_conf *conf, const struct pst_state *state,
		   struct pst_plan *plan)
{
	for (size_t i = 0; i < conf->rdma_count; i++) {
		struct work work = { .rdma = &conf->rdma[i], .plan = plan, .n = i };

		work.is = pst_state_roce(state, work.rdma->device);
		if (work.rdma->roce)
			plan_one(&work);
	}
}
