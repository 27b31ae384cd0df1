// SPDX-License-Identifier: MIT
/*
 * src/cli/status-json.c and status-print.c: the status of simulated nodes, as JSON and for people.
 */
#include <json-c/json.h>
#include <stdio.h>

#include "cli/cli.h"
#include "common.h"
#include "simulated.h"

static void storage_node(struct pst_view *view)
{
	struct pst_plan __cleanup_plan plan = { 0 };

	conf_from_data(&view->doc, "storage.yaml");
	view->state.host_name = strdup("localhost");
	add_interface(&view->state, "ens16", 1500, NULL);
	for (int i = 0; i < 4; i++)
		add_disk(&view->state, pst_key("/dev/disk/by-id/nvme-%d", i).text,
			 pst_key("nvme%dn1", i).text, NULL);
	assert_int_equal(pst_node_plan(view->doc.conf, &view->state, &plan), 0);
	for (size_t i = 0; i < plan.n; i++)
		simulate(view->doc.conf, &view->state, &plan.v[i]);
	view->state.pools[0].size_bytes = 4227858432;
	view->state.pools[0].allocated_bytes = 1224704;
	view->state.nfsd_block_bytes = 1 << 20;
	assert_int_equal(pst_node_plan(view->doc.conf, &view->state, &view->plan), 0);
}

/* As exportfs(8) writes them. */
#define ETAB_OPTIONS                                                                        \
	"rw,sync,wdelay,hide,nocrossmnt,secure,root_squash,no_all_squash,no_subtree_check," \
	"secure_locks,acl,fsid=1,anonuid=65534,anongid=65534,sec=sys,rw,root_squash,no_all_squash"

#define STORAGE_HEAD "{\"node\":{\"name\":\"storage\",\"role\":\"storage\"},"
#define STORAGE_BODY                                                                               \
	"\"network\":[{\"interface\":\"ens16\",\"state\":\"up\",\"mtu\":9000,"                     \
	"\"addresses\":[\"10.77.0.1/24\"],\"ok\":true}],"                                          \
	"\"rdma\":[{\"device\":\"rxe0\",\"interface\":\"ens16\",\"state\":\"ACTIVE\",\"ok\":true}" \
	"],"                                                                                       \
	"\"pools\":[{\"name\":\"tank\",\"layout\":\"raidz1\",\"health\":\"ONLINE\","               \
	"\"size_bytes\":4227858432,\"allocated_bytes\":1224704,"                                   \
	"\"disks\":[\"nvme0n1\",\"nvme1n1\",\"nvme2n1\",\"nvme3n1\"],\"ok\":true}],"               \
	"\"datasets\":[{\"name\":\"tank/data\",\"mountpoint\":\"/tank/data\",\"used_bytes\":0,"    \
	"\"available_bytes\":0,\"ok\":true}],"
#define STORAGE_SERVING                                                                            \
	"\"exports\":[{\"path\":\"/tank/data\",\"client\":\"10.77.0.0/24\","                       \
	"\"options\":\"" ETAB_OPTIONS "\",\"ok\":true}],"                                          \
	"\"nfs_server\":{\"running\":true,\"threads\":8,\"pool_mode\":\"global\",\"block_bytes\":" \
	"1048576,\"io_read\":null,\"io_write\":null,"                                              \
	"\"listeners\":[\"tcp 2049\",\"rdma 20049\"],\"ok\":true},\"mounts\":[]}"
#define STORAGE_STOPPED                                                                            \
	"\"exports\":[{\"path\":\"/tank/data\",\"client\":\"10.77.0.0/24\",\"options\":null,"      \
	"\"ok\":false}],"                                                                          \
	"\"nfs_server\":{\"running\":false,\"threads\":0,\"pool_mode\":null,\"block_bytes\":null," \
	"\"io_read\":null,\"io_write\":null,"                                                      \
	"\"listeners\":[],"                                                                        \
	"\"ok\":false},"                                                                           \
	"\"mounts\":[]}"

static void assert_json(const struct pst_view *view, const struct pst_strv *problems,
			const char *expected)
{
	struct json_object *object = pst_status_json(view, problems, !problems->n);

	assert_string_equal(
		json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN |
							       JSON_C_TO_STRING_NOSLASHESCAPE),
		expected);
	json_object_put(object);
}

static void storage_node_as_declared(void **state)
{
	struct pst_view __cleanup_view view = { 0 };
	const struct pst_strv none = { 0 };

	(void)state;
	storage_node(&view);
	assert_json(&view, &none,
		    STORAGE_HEAD "\"ok\":true,\"problems\":[]," STORAGE_BODY STORAGE_SERVING);
}

static void server_that_stopped(void **state)
{
	struct pst_view __cleanup_view view = { 0 };
	struct pst_strv __cleanup_strv problems = { 0 };

	(void)state;
	storage_node(&view);
	pst_plan_free(&view.plan);
	pst_strv_free(&view.state.nfsd_listeners);
	view.state.nfsd_threads = 0;
	assert_int_equal(pst_node_plan(view.doc.conf, &view.state, &view.plan), 0);
	pst_strv_add(&problems, view.plan.v[0].why);
	assert_json(&view, &problems,
		    STORAGE_HEAD
		    "\"ok\":false,\"problems\":[\"the NFS server is not running\"]," STORAGE_BODY
			    STORAGE_STOPPED);
}

static void node_without_configuration(void **state)
{
	struct pst_view __cleanup_view view = { 0 };
	const struct pst_strv none = { 0 };
	char __cleanup_free *mountinfo = data("mountinfo");

	(void)state;
	view.state.host_name = strdup("h");
	add_rdma(&view.state, "mlx5_0", "ACTIVE", NULL);
	assert_int_equal(pst_mount_parse(mountinfo, &view.state, NULL), 0);
	assert_json(
		&view, &none,
		"{\"node\":{\"name\":\"h\",\"role\":null},\"ok\":true,\"problems\":[],"
		"\"network\":[],\"rdma\":[{\"device\":\"mlx5_0\",\"interface\":null,"
		"\"state\":\"ACTIVE\",\"ok\":true}],\"pools\":[],\"datasets\":[],\"exports\":[],"
		"\"nfs_server\":{\"running\":false,\"threads\":0,\"pool_mode\":null,\"block_"
		"bytes\":null,\"io_read\":null,\"io_write\":null,\"listeners\":["
		"],\"ok\":true},"
		"\"mounts\":[{\"source\":\"10.77.0.1:/tank/data\",\"target\":\"/mnt/data\","
		"\"mounted\":true,\"proto\":\"rdma\",\"version\":\"4.2\",\"ok\":true},"
		"{\"source\":\"10.77.0.1:/tank/data\",\"target\":\"/mnt/v3\",\"mounted\":true,"
		"\"proto\":\"tcp\",\"version\":\"3\",\"ok\":true}]}");
}

static char *printed(const struct pst_view *view, const struct pst_strv *problems, bool colour)
{
	struct json_object *object = pst_status_json(view, problems, !problems->n);
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	pst_status_print(object, out, colour);
	fclose(out);
	json_object_put(object);
	return text;
}

static void table_for_people(void **state)
{
	struct pst_view __cleanup_view view = { 0 };
	struct pst_strv __cleanup_strv problems = { 0 };
	char __cleanup_free *text = NULL;

	(void)state;
	storage_node(&view);
	pst_strv_add(&problems, "one thing");
	pst_strv_add(&problems, "another");
	text = printed(&view, &problems, false);
	assert_string_equal(
		text, "storage, role storage: NOT as declared\n\n"
		      "ok    network  ens16        up, MTU 9000, 10.77.0.1/24\n"
		      "ok    rdma     rxe0         ACTIVE on ens16\n"
		      "ok    pool     tank         ONLINE, raidz1, 1.2M of 3.9G used, on nvme0n1 "
		      "nvme1n1 nvme2n1 nvme3n1\n"
		      "ok    dataset  tank/data    on /tank/data, 0B used, 0B available\n"
		      "ok    export   /tank/data   to 10.77.0.0/24, " ETAB_OPTIONS "\n"
		      "ok    nfsd     8 threads (pools: global), requests up to 1.0M, listening on "
		      "tcp 2049 rdma 20049\n"
		      "\n  - one thing\n  - another\n");
}

static void colour_only_when_asked_for(void **state)
{
	struct pst_view __cleanup_view view = { 0 };
	const struct pst_strv none = { 0 };
	char __cleanup_free *text = NULL;

	(void)state;
	view.state.host_name = strdup("h");
	text = printed(&view, &none, true);
	assert_string_equal(text, "h, without a configuration: \033[32mas declared\033[0m\n\n"
				  "\033[32mok   \033[0m nfsd     not running\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(storage_node_as_declared),   cmocka_unit_test(server_that_stopped),
		cmocka_unit_test(node_without_configuration), cmocka_unit_test(table_for_people),
		cmocka_unit_test(colour_only_when_asked_for),
	};

	ADD_TESTS(tests);
	return run_gathered(NULL, NULL);
}
