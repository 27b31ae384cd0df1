// SPDX-License-Identifier: MIT
/* src/node/roce.c and roce-plan.c: what a card does for RoCE. */
#include "common.h"
#include "simulated.h"

#define CONF(roce) \
	"node: {name: g, role: gpu}\nrdma: [{device: mlx5_0, interface: e1, roce: {" roce "}}]\n"
#define ALL                                                                                       \
	CONF("pfc: [3], dscp: 26, ecn: true, ets: [{priorities: [0, 1, 2, 4, 5, 6, 7], percent: " \
	     "40}, {priorities: [3], percent: 60}], buffers: [{priorities: [0, 1, 2, 4, 5, 6, "   \
	     "7], bytes: 65536}, {priorities: [3], bytes: 262144}]")
#define CONFIGFS "/sys/kernel/config/rdma_cm/mlx5_0"
#define MODE	 "{\"default_roce_mode\":\"RoCE v2\"}"

#define MAKE_DIR "do mkdir --parents " CONFIGFS "\n"
#define SET_MODE                                                                         \
	MAKE_DIR "do set " CONFIGFS "/ports/1/default_roce_mode to RoCE v2 [mlx5_0 has " \
		 "default_roce_mode \"(unset)\", not \"RoCE v2\"]\n"

struct row {
	const char *name;
	const char *conf;
	const char *answers[5]; /* what dcb and the files say, as JSON or as a file of tests/data */
	const char *refusal[2]; /* dcb's object, and what it says instead */
	const char *expected;
};

static const struct row rows[] = {
	{ "nothing is set",
	  CONF("pfc: [3]"),
	  { "{\"prio_pfc\":[false,false,false,false,false,false,false,false]}" },
	  { 0 },
	  "do dcb pfc set dev e1 prio-pfc 0:off 1:off 2:off 3:on 4:off 5:off 6:off 7:off [e1 has "
	  "prio_pfc \"off off off off off off off off\", not \"off off off on off off off "
	  "off\"]\n" SET_MODE },
	{ "all is as declared",
	  ALL,
	  { "dcb-pfc.json", "dcb-ets.json", "dcb-buffer.json", "dcb-app.json",
	    "{\"default_roce_mode\":\"RoCE v2\",\"default_roce_tos\":\"106\",\"roce_np\":\"1\","
	    "\"roce_rp\":\"1\"}" },
	  { 0 },
	  "" },
	{ "type of service of a DSCP without ECN",
	  CONF("dscp: 26, priority: 3"),
	  { "dcb-app.json", MODE },
	  { 0 },
	  "do set " CONFIGFS "/ports/1/default_roce_tos to 104 [mlx5_0 has default_roce_tos "
	  "\"(unset)\", not \"104\"]\n" },
	{ "the DSCP leads elsewhere too",
	  CONF("dscp: 26, priority: 3"),
	  { "{\"dscp_prio\":[[26,3],[26,4]]}",
	    "{\"default_roce_mode\":\"RoCE v2\",\"default_roce_tos\":\"104\"}" },
	  { 0 },
	  "do dcb app replace dev e1 dscp-prio 26:3 [e1 has dscp_prio \"26:3 26:4\", without 26:3 "
	  "alone]\n" },
	{ "another share",
	  CONF("ets: [{priorities: [0, 1, 2, 4, 5, 6, 7], percent: 50}, {priorities: [3], "
	       "percent: 50}]"),
	  { "dcb-ets.json", MODE },
	  { 0 },
	  "do dcb ets set dev e1 prio-tc 0:0 1:0 2:0 3:1 4:0 5:0 6:0 7:0 tc-tsa 0:ets 1:ets tc-bw "
	  "0:50 1:50 [e1 has tc_bw \"40 60 100 100 100 100 100 100\", not \"50 50 * * * * * "
	  "*\"]\n" },
	{ "a class that is served first",
	  CONF("ets: [{priorities: [0, 1, 2, 4, 5, 6, 7], percent: 0}, {priorities: [3], percent: "
	       "100}]"),
	  { "dcb-ets.json", MODE },
	  { 0 },
	  "do dcb ets set dev e1 prio-tc 0:0 1:0 2:0 3:1 4:0 5:0 6:0 7:0 tc-tsa 0:strict 1:ets "
	  "tc-bw 1:100 [e1 has tc_tsa \"ets ets strict strict strict strict strict strict\", not "
	  "\"strict ets * * * * * *\"]\n" },
	{ "a buffer that is too small",
	  CONF("buffers: [{priorities: [0, 1, 2, 4, 5, 6, 7], bytes: 65536}, {priorities: [3], "
	       "bytes: 524288}]"),
	  { "dcb-buffer.json", MODE },
	  { 0 },
	  "do dcb buffer set dev e1 prio-buffer 0:0 1:0 2:0 3:1 4:0 5:0 6:0 7:0 buffer-size "
	  "0:65536 1:524288 [e1 has buffer_size \"65536 262272 0 0 0 0 0 0\", not \"65536 524288 "
	  "* * * * * *\"]\n" },
	{ "the kernel's RoCE v1",
	  CONF(""),
	  { "{\"default_roce_mode\":\"IB/RoCE v1\"}" },
	  { 0 },
	  "do set " CONFIGFS "/ports/1/default_roce_mode to RoCE v2 [mlx5_0 has default_roce_mode "
	  "\"IB/RoCE v1\", not \"RoCE v2\"]\n" },
	{ "ECN is off",
	  CONF("priority: 3, ecn: true"),
	  { "{\"default_roce_mode\":\"RoCE v2\",\"roce_np\":\"0\",\"roce_rp\":\"1\"}" },
	  { 0 },
	  "do set /sys/class/net/e1/ecn/roce_np/enable/3 to 1 [mlx5_0 has roce_np \"0\", not "
	  "\"1\"]\n" },
	{ "no ECN in this driver",
	  CONF("priority: 3, ecn: true"),
	  { MODE },
	  { 0 },
	  "refused rdma[0].roce.ecn: e1 (driver mlx5_core) does not have it: there is no "
	  "/sys/class/net/e1/ecn/roce_np/enable/3\n" },
	{ "no flow control in this driver",
	  CONF("pfc: [3]"),
	  { MODE },
	  { "pfc", "dcb pfc show dev e1: exit status 1: Attribute read: Operation not supported" },
	  "refused rdma[0].roce.pfc: e1 (driver mlx5_core) does not have it: dcb pfc show dev e1: "
	  "exit status 1: Attribute read: Operation not supported\n" },
	{ "no classes in this driver",
	  CONF("ets: [{priorities: [0, 1, 2, 3, 4, 5, 6, 7], percent: 100}]"),
	  { MODE },
	  { "ets", "no" },
	  "refused rdma[0].roce.ets: e1 (driver mlx5_core) does not have it: no\n" },
	{ "no buffers in this driver",
	  CONF("buffers: [{priorities: [0, 1, 2, 3, 4, 5, 6, 7], bytes: 65536}]"),
	  { MODE },
	  { "buffer", "no" },
	  "refused rdma[0].roce.buffers: e1 (driver mlx5_core) does not have it: no\n" },
	{ "no DSCP in this driver",
	  CONF("dscp: 26, priority: 3"),
	  { "{\"default_roce_mode\":\"RoCE v2\",\"default_roce_tos\":\"104\"}" },
	  { "app", "no" },
	  "refused rdma[0].roce.dscp: e1 (driver mlx5_core) does not have it: no\n" },
	{ "what is not declared is not looked at", CONF(""), { MODE }, { "pfc", "no" }, "" },
};

static void observed(const struct row *row, struct pst_state *state)
{
	struct pst_roce_state *roce =
		pst_array_grow((void **)&state->roce, &state->n_roce, sizeof(*roce));

	assert_non_null(roce);
	roce->device = strdup("mlx5_0");
	roce->interface = strdup("e1");
	roce->driver = strdup("mlx5_core");
	for (size_t i = 0; i < ARRAY_SIZE(row->answers) && row->answers[i]; i++) {
		char __cleanup_free *text =
			*row->answers[i] == '{' ? strdup(row->answers[i]) : data(row->answers[i]);

		assert_int_equal(pst_roce_parse(text, state, NULL), 0);
	}
	if (row->refusal[0])
		pst_values_add(&roce->refusals, row->refusal[0], row->refusal[1]);
}

static void is_planned(void **state)
{
	const struct row *row = *state;
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };

	conf_from(&doc, row->conf);
	observed(row, &is);
	assert_planned(pst_roce_plan, doc.conf, &is, row->expected);
}

static void nothing_is_left_to_do(void **state)
{
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };
	struct pst_plan __cleanup_plan plan = { 0 };

	(void)state;
	conf_from(&doc, ALL);
	add_interface(&is, "e1", 1500, NULL);
	add_rdma(&is, "mlx5_0", "ACTIVE", "e1");
	pst_roce_plan(doc.conf, &is, &plan);
	for (size_t i = 0; i < plan.n; i++)
		simulate(doc.conf, &is, &plan.v[i]);
	assert_planned(pst_roce_plan, doc.conf, &is, "");
}

static void answers_are_lists_of_words(void **state)
{
	static const struct row files = { .answers = { "dcb-pfc.json", "dcb-ets.json",
						       "dcb-buffer.json", "dcb-app.json" } };
	struct pst_state __cleanup_state is = { 0 };
	const struct pst_values *values;

	(void)state;
	observed(&files, &is);
	values = &is.roce[0].values;
	assert_string_equal(pst_value(values, "prio_pfc"), "off off off on off off off off");
	assert_string_equal(pst_value(values, "willing"), "off");
	assert_string_equal(pst_value(values, "prio_tc"), "0 0 0 1 0 0 0 0");
	assert_string_equal(pst_value(values, "total_size"), "327808");
	assert_string_equal(pst_value(values, "dscp_prio"), "24:3 26:3");
}

struct bad_row {
	const char *name;
	const char *text;
	const char *reason;
};

static const struct bad_row bad[] = {
	{ "no JSON", "Attribute read", "dcb did not answer in JSON: unexpected character" },
	{ "a list", "[]", "dcb did not answer with an object" },
};

static void is_no_answer(void **state)
{
	const struct bad_row *row = *state;
	struct pst_state __cleanup_state is = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };

	assert_int_not_equal(pst_roce_parse(row->text, &is, &reason), 0);
	assert_string_equal(reason.text, row->reason);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_left_to_do),
		cmocka_unit_test(answers_are_lists_of_words),
	};

	ADD_TESTS(tests);
	ADD_ROWS(rows, is_planned);
	ADD_ROWS(bad, is_no_answer);
	return run_gathered(NULL, NULL);
}
