// SPDX-License-Identifier: MIT
/* src/node/guard.c and undo.c: which changes of the network need a way back, and what that is. */
#include <errno.h>

#include "common.h"
#include "node/guard.h"

#define NETWORK(name) "/etc/systemd/network/50-penstock-" name ".network"
#define NETDEV(name)  "/etc/systemd/network/50-penstock-" name ".netdev"
#define MATCH(name)   "[Match]\nName=" name "\n"

/* One step, on a node whose ens3 has the default route and whose bond0, of ens4, the ssh connection. */
struct row {
	const char *name;
	const char *path; /* of a file; or the last word of a command */
	const char *before;
	const char *after;
	const char *command[3]; /* instead of a file */
	const char *why; /* NULL: needs no confirmation */
};

static const struct row rows[] = {
	{ "fabric alone",
	  NETWORK("ens16"),
	  NULL,
	  MATCH("ens16") "Address=10.77.0.1/24\n",
	  { 0 },
	  NULL },
	{ "interface of the default route",
	  NETWORK("ens3"),
	  MATCH("ens3"),
	  MATCH("ens3") "MTUBytes=9000\n",
	  { 0 },
	  "ens3 carries the default route" },
	{ "its first file",
	  NETWORK("ens3"),
	  NULL,
	  MATCH("ens3"),
	  { 0 },
	  "ens3 carries the default route" },
	{ "its file goes",
	  NETWORK("ens3"),
	  MATCH("ens3"),
	  NULL,
	  { 0 },
	  "ens3 carries the default route" },
	{ "a pattern that fits it",
	  NETWORK("all"),
	  NULL,
	  MATCH("eth0 ens[35]"),
	  { 0 },
	  "ens3 carries the default route" },
	{ "interface of the connection",
	  NETWORK("bond0"),
	  NULL,
	  MATCH("bond0"),
	  { 0 },
	  "bond0 carries the ssh connection from 192.0.2.7" },
	{ "interface beneath it",
	  NETWORK("ens4"),
	  NULL,
	  MATCH("ens4") "Bond=bond1\n",
	  { 0 },
	  "ens4 carries the ssh connection from 192.0.2.7" },
	{ "device of the connection",
	  NETDEV("bond0"),
	  "[NetDev]\nName=bond0\nKind=bond\n",
	  NULL,
	  { 0 },
	  "bond0 carries the ssh connection from 192.0.2.7" },
	{ "another gateway",
	  NETWORK("ens16"),
	  MATCH("ens16"),
	  MATCH("ens16") "Gateway=10.77.0.254\n",
	  { 0 },
	  NETWORK("ens16") " changes the default route" },
	{ "the gateway goes",
	  NETWORK("ens16"),
	  MATCH("ens16") "Gateway=10.77.0.254\n",
	  MATCH("ens16"),
	  { 0 },
	  NETWORK("ens16") " changes the default route" },
	{ "the same gateway",
	  NETWORK("ens16"),
	  MATCH("ens16") "Gateway=10.77.0.254\n",
	  MATCH("ens16") "Gateway=10.77.0.254\nDNS=10.77.0.254\n",
	  { 0 },
	  NULL },
	{ "DHCP, which may bring a gateway",
	  NETWORK("ens16"),
	  MATCH("ens16"),
	  MATCH("ens16") "DHCP=ipv4\n",
	  { 0 },
	  NETWORK("ens16") " may change the default route, by DHCP" },
	{ "DHCP as before",
	  NETWORK("ens16"),
	  MATCH("ens16") "DHCP=ipv4\n",
	  MATCH("ens16") "DHCP=ipv4\nMTUBytes=9000\n",
	  { 0 },
	  NULL },
	{ "a network that has the client in it",
	  NETWORK("ens16"),
	  NULL,
	  MATCH("ens16") "Address=10.77.0.1/24\nAddress=192.0.2.1/24\n",
	  { 0 },
	  NETWORK("ens16") " takes the route to 192.0.2.7" },
	{ "a network that had it before",
	  NETWORK("ens16"),
	  MATCH("ens16") "Address=192.0.2.1/24\n",
	  MATCH("ens16") "Address=192.0.2.1/24\nMTUBytes=9000\n",
	  { 0 },
	  NULL },
	{ "reconfigured",
	  NULL,
	  NULL,
	  NULL,
	  { "networkctl", "reconfigure", "ens3" },
	  "ens3 carries the default route" },
	{ "another reconfigured",
	  NULL,
	  NULL,
	  NULL,
	  { "networkctl", "reconfigure", "ens16" },
	  NULL },
	{ "read anew", NULL, NULL, NULL, { "networkctl", "reload" }, NULL },
	{ "device deleted",
	  NULL,
	  NULL,
	  NULL,
	  { "networkctl", "delete", "bond0" },
	  "bond0 carries the ssh connection from 192.0.2.7" },
	{ "another command", NULL, NULL, NULL, { "echo", "ens3" }, NULL },
	{ "another file", "/etc/ens3", NULL, MATCH("ens3"), { 0 }, NULL },
};

static void make_guard(struct pst_guard *guard)
{
	static const char connection[] = "the ssh connection from 192.0.2.7";

	guard->client = strdup("192.0.2.7");
	assert_int_equal(pst_guard_add(guard, "bond0", connection), 0);
	assert_int_equal(pst_guard_add(guard, "ens4", connection), 0);
	assert_int_equal(pst_guard_add(guard, "ens3", "the default route"), 0);
}

static void is_judged(void **test_state)
{
	const struct row *row = *test_state;
	struct pst_guard __cleanup_guard guard = { 0 };
	struct pst_state __cleanup_state state = { 0 };
	struct pst_plan __cleanup_plan plan = { 0 };
	char __cleanup_free *why = NULL;
	size_t at;

	make_guard(&guard);
	pst_plan_run(&plan, "k", NULL, "true");
	if (row->before)
		add_file(&state, row->path, row->before);
	if (row->after)
		pst_plan_write(&plan, "k", row->path, row->after, NULL);
	else if (row->path)
		pst_plan_remove(&plan, "k", row->path, NULL);
	else
		pst_plan_run(&plan, "k", NULL, row->command[0], row->command[1], row->command[2]);
	at = pst_guard_find(&guard, &state, &plan, &why);
	if (row->why) {
		assert_int_equal(at, 1);
		assert_string_equal(why, row->why);
	} else {
		assert_int_equal(at, plan.n);
		assert_null(why);
	}
}

static void without_a_session_no_route_is_taken(void **test_state)
{
	struct pst_guard __cleanup_guard guard = { 0 };
	struct pst_state __cleanup_state state = { 0 };
	struct pst_plan __cleanup_plan plan = { 0 };
	char *why = NULL;

	(void)test_state;
	pst_plan_write(&plan, "k", NETWORK("ens16"), MATCH("ens16") "Address=192.0.2.1/24\n", NULL);
	assert_int_equal(pst_guard_find(&guard, &state, &plan, &why), 1);
	assert_null(why);
}

static void routes_are_parsed(void **test_state)
{
	struct pst_strv __cleanup_strv found = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };

	(void)test_state;
	assert_int_equal(pst_guard_parse_routes(
				 "[{\"dst\":\"default\",\"gateway\":\"10.0.2.2\",\"dev\":\"ens3\"},"
				 "{\"dst\":\"default\",\"nexthops\":[{\"dev\":\"ens3\"},"
				 "{\"dev\":\"ens4\"}]}]",
				 &found, NULL),
			 0);
	assert_int_equal(found.n, 2);
	assert_string_equal(found.v[0], "ens3");
	assert_string_equal(found.v[1], "ens4");
	assert_int_equal(pst_guard_parse_routes("", &found, NULL), 0);
	assert_int_equal(pst_guard_parse_routes("{}", &found, &reason), -EBADMSG);
	assert_string_equal(reason.text, "ip did not answer with a list of routes");
}

static int answer(struct pst_host *host, char *const argv[], int timeout_ms,
		  struct pst_run_result *ret, struct pst_reason *reason)
{
	(void)host;
	(void)timeout_ms;
	(void)reason;
	ret->out = strdup(pst_streq(argv[2], "-4") ? "[{\"dst\":\"default\",\"dev\":\"ens3\"}]"
						   : "[]");
	ret->err = strdup("");
	return 0;
}

static void carriers_are_found(void **test_state)
{
	struct pst_host host = { .root = "/nonexistent", .run = answer };
	struct pst_session session = { .client = (char *)"192.0.2.7",
				       .server = (char *)"192.0.2.1" };
	struct pst_session local = { .client = (char *)"fe80::7%ens9",
				     .server = (char *)"fe80::1%ens9" };
	struct pst_state __cleanup_state state = { 0 };
	struct pst_guard __cleanup_guard guard = { 0 };

	(void)test_state;
	add_interface(&state, "ens3", 1500, "10.0.2.15/24");
	add_interface(&state, "ens4", 1500, "192.0.2.1/28");
	assert_int_equal(pst_guard_observe(&host, &state, &session, &guard, NULL), 0);
	assert_int_equal(guard.n, 2);
	assert_string_equal(guard.carriers[0].interface, "ens4");
	assert_string_equal(guard.carriers[0].what, "the ssh connection from 192.0.2.7");
	assert_string_equal(guard.carriers[1].interface, "ens3");
	pst_guard_free(&guard);
	assert_int_equal(pst_guard_observe(&host, &state, &local, &guard, NULL), 0);
	assert_string_equal(guard.carriers[0].interface, "ens9");
}

/* A node on which ens3 had no file and ens16 another one, and bond0 was not there. */
static void before_the_change(struct pst_state *state, struct pst_plan *plan)
{
	add_interface(state, "ens3", 1500, "10.0.2.15/24");
	add_interface(state, "ens16", 1500, NULL);
	add_file(state, NETWORK("ens16"), "old\n");
	pst_plan_run(plan, "k", NULL, "true");
	pst_plan_write(plan, "k", NETDEV("bond0"), "[NetDev]\nName=bond0\n", NULL);
	pst_plan_write(plan, "k", NETWORK("bond0"), MATCH("bond0"), NULL);
	pst_plan_write(plan, "k", NETWORK("ens3"), MATCH("ens3"), NULL);
	pst_plan_remove(plan, "k", NETWORK("ens16"), NULL);
	pst_plan_run(plan, "k", NULL, "networkctl", "reload");
}

static void make_undo(struct pst_undo *undo, const struct pst_state *state,
		      const struct pst_plan *plan)
{
	undo->config_path = strdup("/etc/penstock/penstock.yaml");
	undo->config = strdup("new\n");
	undo->config_before = strdup("old\n");
	assert_int_equal(pst_undo_collect(undo, state, plan), 0);
}

static void way_back_comes_before_the_change(void **test_state)
{
	struct pst_state __cleanup_state state = { 0 };
	struct pst_plan __cleanup_plan plan = { 0 };
	struct pst_undo __cleanup_undo undo = { 0 };
	char __cleanup_free *text = NULL;

	(void)test_state;
	before_the_change(&state, &plan);
	make_undo(&undo, &state, &plan);
	pst_guard_insert(&plan, 3, &undo, false, "/usr/bin/penstock");
	text = plan_text(&plan);
	assert_string_equal(
		text,
		"do true\n"
		"do write " NETDEV(
			"bond0") "\n"
				 "do write " NETWORK(
					 "bond0") "\n"
						  "do systemd-run --quiet --collect "
						  "--unit=penstock-network-revert --on-active=60 "
						  "--timer-property=AccuracySec=1s "
						  "/usr/bin/penstock revert --network\n"
						  "do write /var/lib/penstock/network-undo.json\n"
						  "do write " NETWORK(
							  "ens3") "\n"
								  "do remove " NETWORK(
									  "ens16") "\n"
										   "do networkctl "
										   "reload\n");
	/* As private as the configuration in it. */
	assert_int_equal(plan.v[4].mode, 0600);
	assert_string_equal(
		plan.v[4].text,
		"{\"files\":[{\"path\":\"" NETDEV(
			"bond0") "\",\"before\":null},"
				 "{\"path\":\"" NETWORK(
					 "bond0") "\",\"before\":null},"
						  "{\"path\":\"" NETWORK(
							  "ens3") "\",\"before\":null},"
								  "{\"path\":\"" NETWORK(
									  "ens16") "\",\"before\":"
										   "\"old\\n\"}],"
										   "\"interfaces\":"
										   "[{\"name\":"
										   "\"ens3\","
										   "\"mtu\":1500},{"
										   "\"name\":"
										   "\"ens16\","
										   "\"mtu\":1500}],"
										   "\"config_"
										   "path\":\"/etc/"
										   "penstock/"
										   "penstock."
										   "yaml\","
										   "\"config\":"
										   "\"new\\n\","
										   "\"config_"
										   "before\":"
										   "\"old\\n\"}\n");
}

static void second_change_goes_back_to_before_the_first(void **test_state)
{
	struct pst_state __cleanup_state state = { 0 };
	struct pst_plan __cleanup_plan first = { 0 }, plan = { 0 };
	struct pst_undo __cleanup_undo undo = { 0 };
	char __cleanup_free *text = NULL;

	(void)test_state;
	before_the_change(&state, &first);
	make_undo(&undo, &state, &first);
	pst_state_free(&state);
	add_file(&state, NETWORK("ens3"), MATCH("ens3"));
	pst_plan_write(&plan, "k", NETWORK("ens3"), MATCH("ens3") "MTUBytes=9000\n", NULL);
	assert_int_equal(pst_undo_collect(&undo, &state, &plan), 0);
	assert_int_equal(undo.n_files, 4);
	assert_null(undo.files[2].text);
	pst_guard_insert(&plan, 0, &undo, true, "/usr/bin/penstock");
	text = plan_text(&plan);
	assert_true(pst_startswith(text, "do systemctl stop penstock-network-revert.timer\n"
					 "do systemd-run --quiet "));
	assert_non_null(strstr(text, "\ndo write /var/lib/penstock/network-undo.json\n"));
}

/* The way back, after the change was made, and through the file in which it is kept. */
static void assert_way_back(const char *config, bool is_before_known, const char *expected)
{
	struct pst_state __cleanup_state before = { 0 }, after = { 0 };
	struct pst_plan __cleanup_plan change = { 0 }, plan = { 0 };
	struct pst_undo __cleanup_undo undo = { 0 }, kept = { 0 };
	char __cleanup_free *json = NULL;
	char __cleanup_free *text = NULL;

	before_the_change(&before, &change);
	make_undo(&undo, &before, &change);
	if (!is_before_known)
		free(TAKE_PTR(undo.config_before));
	json = pst_undo_text(&undo);
	assert_int_equal(pst_undo_parse(json, &kept, NULL), 0);
	add_interface(&after, "bond0", 1500, NULL);
	add_interface(&after, "ens3", 9000, NULL);
	add_interface(&after, "ens16", 1500, NULL);
	add_file(&after, NETDEV("bond0"), "[NetDev]\nName=bond0\n");
	add_file(&after, NETWORK("bond0"), MATCH("bond0"));
	add_file(&after, NETWORK("ens3"), MATCH("ens3"));
	pst_undo_plan(&kept, &after, config, &plan);
	for (size_t i = 0; i < plan.n; i++)
		if (pst_streq(plan.v[i].path, undo.config_path))
			assert_int_equal(plan.v[i].mode, PST_MODE_KEPT);
	text = plan_text(&plan);
	assert_string_equal(text, expected);
}

#define NOT_CONFIRMED " [the change of the network was not confirmed]\n"
#define FILES_BACK                                                                             \
	"do remove " NETDEV("bond0") NOT_CONFIRMED "do remove " NETWORK("bond0") NOT_CONFIRMED \
		"do remove " NETWORK("ens3") NOT_CONFIRMED "do write " NETWORK("ens16")        \
			NOT_CONFIRMED "do networkctl reload\n"                                 \
				      "do networkctl delete bond0\n"                           \
				      "do ip link set dev ens3 mtu 1500\n"                     \
				      "do networkctl reconfigure ens3\n"                       \
				      "do networkctl reconfigure ens16\n"                      \
				      "do remove /var/lib/penstock/network-undo.json\n"

static void way_back_is_as_it_was(void **test_state)
{
	(void)test_state;
	assert_way_back("new\n", true,
			"do write /etc/penstock/penstock.yaml" NOT_CONFIRMED FILES_BACK);
}

/* A device that the change made anew: networkd makes it as it was only when it starts. */
struct device_row {
	const char *name;
	const char *after; /* its file; NULL: it is gone */
	bool is_there;
	const char *expected;
};

#define WAS	"[NetDev]\nName=bond0\nKind=bond\n\n[Bond]\nMode=active-backup\n"
#define RESTART "do systemctl restart systemd-networkd.service\n"
#define DONE	"do remove /var/lib/penstock/network-undo.json\n"

static const struct device_row device_rows[] = {
	{ "made anew", "[Bond]\nMode=802.3ad\n", true,
	  "do write " NETDEV("bond0") NOT_CONFIRMED "do networkctl delete bond0\n" RESTART
						    "do networkctl reconfigure ens3\n" DONE },
	{ "deleted, and not yet made", "[Bond]\nMode=802.3ad\n", false,
	  "do write " NETDEV("bond0") NOT_CONFIRMED RESTART
	  "do networkctl reconfigure ens3\n" DONE },
	{ "gone", NULL, false,
	  "do write " NETDEV("bond0") NOT_CONFIRMED RESTART
	  "do networkctl reconfigure ens3\n" DONE },
	{ "not changed yet", WAS, true,
	  "do networkctl reload\ndo networkctl reconfigure bond0\n"
	  "do networkctl reconfigure ens3\n" DONE },
};

static void device_is_made_as_it_was(void **test_state)
{
	const struct device_row *row = *test_state;
	struct pst_state __cleanup_state before = { 0 }, after = { 0 };
	struct pst_plan __cleanup_plan change = { 0 }, plan = { 0 };
	struct pst_undo __cleanup_undo undo = { 0 };
	char __cleanup_free *text = NULL;

	add_interface(&before, "bond0", 1500, "192.0.2.1/24");
	add_interface(&before, "ens3", 1500, NULL);
	add_file(&before, NETDEV("bond0"), WAS);
	pst_plan_write(&change, "k", NETDEV("bond0"), "new\n", NULL);
	pst_plan_write(&change, "k", NETWORK("bond0"), "new\n", NULL);
	pst_plan_write(&change, "k", NETWORK("ens3"), "new\n", NULL);
	make_undo(&undo, &before, &change);
	if (row->after)
		add_file(&after, NETDEV("bond0"), row->after);
	if (row->is_there)
		add_interface(&after, "bond0", 1500, NULL);
	add_interface(&after, "ens3", 1500, NULL);
	pst_undo_plan(&undo, &after, "old\n", &plan);
	text = plan_text(&plan);
	assert_string_equal(text, row->expected);
}

static void configuration_that_was_changed_since_stays(void **test_state)
{
	(void)test_state;
	assert_way_back("newer\n", true, FILES_BACK);
	assert_way_back(NULL, true, FILES_BACK);
	assert_way_back("new\n", false, FILES_BACK);
}

static void undo_of_another_shape_is_refused(void **test_state)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	struct pst_undo undo = { 0 };

	(void)test_state;
	assert_int_equal(pst_undo_parse("[]", &undo, &reason), -EBADMSG);
	assert_string_equal(reason.text, "/var/lib/penstock/network-undo.json is no JSON object");
	assert_int_equal(pst_undo_parse("{\"files\":[1,{}],\"interfaces\":{}}", &undo, NULL), 0);
	assert_int_equal(undo.n_files, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_session_no_route_is_taken),
		cmocka_unit_test(routes_are_parsed),
		cmocka_unit_test(carriers_are_found),
		cmocka_unit_test(way_back_comes_before_the_change),
		cmocka_unit_test(second_change_goes_back_to_before_the_first),
		cmocka_unit_test(way_back_is_as_it_was),
		cmocka_unit_test(configuration_that_was_changed_since_stays),
		cmocka_unit_test(undo_of_another_shape_is_refused),
	};

	ADD_ROWS(rows, is_judged);
	ADD_ROWS(device_rows, device_is_made_as_it_was);
	ADD_TESTS(tests);
	return run_gathered(NULL, NULL);
}
