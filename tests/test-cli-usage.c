// SPDX-License-Identifier: MIT
/* The program from outside: what it says and returns to whom it is used wrongly. */
#include "base/run.h"
#include "common.h"

struct row {
	const char *name;
	const char *args[5];
	int status;
	const char *out; /* what its output begins with */
	const char *err; /* what it says on standard error, as a whole */
};

static const struct row rows[] = {
	{ "version", { "version" }, 0, "penstock 0.1.0\n", "" },
	{ "--version", { "--version" }, 0, "penstock 0.1.0\n", "" },
	{ "help", { "help" }, 0, "usage: penstock VERB [OPTION]... [OPERAND]...\n\n  apply ", "" },
	{ "--help", { "--help" }, 0, "usage: penstock VERB [OPTION]... [OPERAND]...\n", "" },
	{ "help of a verb",
	  { "help", "plan" },
	  0,
	  "usage: penstock plan [OPTION]...\n\n  say what apply would do, and change nothing\n\n"
	  "  -c, --config FILE   the configuration; by default /etc/penstock/penstock.yaml\n"
	  "  -j, --json          print JSON\n"
	  "  -v, --verbose       show the files that would be written\n\n"
	  "penstock(8) tells more.\n",
	  "" },
	{ "--help of a verb",
	  { "--help", "cp" },
	  0,
	  "usage: penstock cp [OPTION]... SRC DST\n",
	  "" },
	{ "--help behind a verb",
	  { "version", "--help" },
	  0,
	  "usage: penstock version\n\n  print the version\n\npenstock(8) tells more.\n",
	  "" },
	{ "help of no verb",
	  { "help", "destroy" },
	  2,
	  "",
	  "penstock: there is no verb \"destroy\"; see penstock help\n" },
	{ "--help of no verb",
	  { "destroy", "--help" },
	  2,
	  "",
	  "penstock: there is no verb \"destroy\"; see penstock help\n" },
	{ "help of two verbs",
	  { "help", "plan", "apply" },
	  2,
	  "",
	  "penstock: \"apply\" is one argument too many; see penstock help\n" },
	{ "unknown option",
	  { "plan", "--force" },
	  2,
	  "",
	  "penstock: unrecognized option '--force'\n" },
	{ "option without its value",
	  { "plan", "--config" },
	  2,
	  "",
	  "penstock: option '--config' requires an argument\n" },
	{ "version has no --config",
	  { "-c", "x", "version" },
	  2,
	  "",
	  "penstock: version has no --config; see penstock help\n" },
	{ "no verb", { NULL }, 2, "", "penstock: a verb is missing; see penstock help\n" },
	{ "unknown verb",
	  { "destroy" },
	  2,
	  "",
	  "penstock: there is no verb \"destroy\"; see penstock help\n" },
	{ "one argument too many",
	  { "plan", "now" },
	  2,
	  "",
	  "penstock: \"now\" is one argument too many; see penstock help\n" },
	{ "apply has no --json",
	  { "--json", "apply" },
	  2,
	  "",
	  "penstock: apply has no --json; see penstock help\n" },
	{ "status has no --verbose",
	  { "status", "-v" },
	  2,
	  "",
	  "penstock: status has no --verbose; see penstock help\n" },
	{ "plan has no --wait",
	  { "--wait=3", "plan" },
	  2,
	  "",
	  "penstock: plan has no --wait; see penstock help\n" },
	{ "--wait of no number",
	  { "--wait=soon", "apply" },
	  2,
	  "",
	  "penstock: --wait takes seconds, 0 to 3600, not \"soon\"; see penstock help\n" },
	{ "--wait of too long",
	  { "--wait", "3601", "apply" },
	  2,
	  "",
	  "penstock: --wait takes seconds, 0 to 3600, not \"3601\"; see penstock help\n" },
	{ "client-bundle with two exports",
	  { "client-bundle", "/a", "/b" },
	  2,
	  "",
	  "penstock: \"/b\" is one argument too many; see penstock help\n" },
	{ "plan has no --client",
	  { "--client=10.0.0.1", "plan" },
	  2,
	  "",
	  "penstock: plan has no --client; see penstock help\n" },
	{ "client-bundle needs no export",
	  { "-c", TEST_DATA "/storage.yaml", "client-bundle" },
	  0,
	  "# once, by hand\nmount --mkdir -t nfs -o proto=rdma,port=20049,vers=4.2,hard "
	  "10.77.0.1:/tank/data /mnt/tank/data\n\n# /etc/fstab\n",
	  "" },
	{ "client-bundle as JSON",
	  { "-jc", TEST_DATA "/storage.yaml", "client-bundle" },
	  0,
	  "{\n  \"mount\":[\n    \"mount --mkdir -t nfs",
	  "" },
	{ "client-bundle for one who is not admitted",
	  { "-c", TEST_DATA "/storage.yaml", "--client=10.78.0.1", "client-bundle" },
	  2,
	  "",
	  "penstock: client-bundle: 10.78.0.1 is not admitted: /tank/data admits 10.77.0.0/24\n" },
	{ "plan without a configuration",
	  { "-c", "/nonexistent", "plan" },
	  2,
	  "",
	  "penstock: there is no configuration /nonexistent\n" },
	{ "apply without a configuration",
	  { "-c", "/nonexistent", "apply" },
	  2,
	  "",
	  "penstock: there is no configuration /nonexistent\n" },
	{ "status without a configuration",
	  { "-c", "/nonexistent", "--json", "status" },
	  2,
	  "{\n  \"node\":{\n    \"name\":",
	  "penstock: there is no configuration /nonexistent\n" },
	{ "plan of a refused configuration",
	  { "-c", TEST_DATA "/refused.yaml", "plan" },
	  2,
	  "",
	  TEST_DATA
	  "/refused.yaml:3: node.role: must be one of storage, gpu, not \"both\"\n" TEST_DATA
	  "/refused.yaml:4: nodes: unknown key; known here are node, ssh, groups, users, network, "
	  "rdma, "
	  "pools, datasets, exports, nfs_server, zfs, mounts, update\n" },
	{ "init of an unknown role",
	  { "--role=both", "init" },
	  2,
	  "",
	  "penstock: --role is storage or gpu, not \"both\"; see penstock help\n" },
	{ "init over a file",
	  { "--output", TEST_DATA "/gpu.yaml", "init" },
	  2,
	  "",
	  "penstock: " TEST_DATA "/gpu.yaml: File exists\n" },
	{ "init into nowhere",
	  { "--output", "/nonexistent/penstock.yaml", "init" },
	  1,
	  "",
	  "penstock: /nonexistent/penstock.yaml: No such file or directory\n" },
	{ "init of a GPU node",
	  { "--role", "gpu", "init" },
	  0,
	  "# A first configuration of this node, written by penstock init",
	  "" },
	{ "init has no --json",
	  { "--json", "init" },
	  2,
	  "",
	  "penstock: init has no --json; see penstock help\n" },
	{ "disks has no --role",
	  { "--role", "gpu", "disks" },
	  2,
	  "",
	  "penstock: disks has no --role; see penstock help\n" },
	{ "disks", { "disks" }, 0, "DISK  ", "" },
	{ "disks for machines", { "disks", "--json" }, 0, "{\n  \"disks\":[", "" },
	{ "fabric", { "fabric" }, 0, "DEVICE  PORT  STATE", "" },
	{ "fabric for machines", { "fabric", "--json" }, 0, "{\n  \"devices\":[", "" },
	{ "history of no number",
	  { "history", "yesterday" },
	  2,
	  "",
	  "penstock: \"yesterday\" is not the number of an apply\n" },
	{ "history of two numbers",
	  { "history", "1", "2" },
	  2,
	  "",
	  "penstock: \"2\" is one argument too many; see penstock help\n" },
	{ "history has no --yes",
	  { "history", "--yes" },
	  2,
	  "",
	  "penstock: history has no --yes; see penstock help\n" },
	{ "revert has no --json",
	  { "revert", "--json", "3" },
	  2,
	  "",
	  "penstock: revert has no --json; see penstock help\n" },
	{ "revert to a number and of the network",
	  { "revert", "--network", "3" },
	  2,
	  "",
	  "penstock: revert takes a number or --network, not both; see penstock help\n" },
	{ "plan has no --confirm",
	  { "plan", "--confirm" },
	  2,
	  "",
	  "penstock: plan has no --confirm; see penstock help\n" },
	{ "access without a path",
	  { "access", "root" },
	  2,
	  "",
	  "penstock: access takes USER PATH; see penstock help\n" },
	{ "access of a host's name",
	  { "access", "root", "/", "--client", "gpu" },
	  2,
	  "",
	  "penstock: --client takes an address, not \"gpu\"; see penstock help\n" },
	{ "access of nobody",
	  { "access", "no-such-user", "/" },
	  1,
	  "",
	  "penstock: there is no user no-such-user on this node: give a uid, or declare the "
	  "user\n" },
	{ "access to nothing",
	  { "access", "0", "/nonexistent" },
	  1,
	  "",
	  "penstock: cannot look at /nonexistent: No such file or directory\n" },
	{ "access of root", { "access", "0", "/" }, 0, "0 (uid 0, gid 0) may read /\n", "" },
	{ "check without a file",
	  { "check" },
	  2,
	  "",
	  "penstock: check takes FILE; see penstock help\n" },
	{ "cp without a destination",
	  { "cp", "a" },
	  2,
	  "",
	  "penstock: cp takes SRC DST; see penstock help\n" },
	{ "cp of too many",
	  { "cp", "a", "b", "c" },
	  2,
	  "",
	  "penstock: \"c\" is one argument too many; see penstock help\n" },
	{ "check has no --checksum",
	  { "--checksum", "check", "a" },
	  2,
	  "",
	  "penstock: check has no --checksum; see penstock help\n" },
	{ "--gpu of no number",
	  { "--gpu=first", "check", "a" },
	  2,
	  "",
	  "penstock: --gpu takes a device number, 0 to 255, not \"first\"; see penstock help\n" },
	{ "check of what is not there",
	  { "check", "/nonexistent" },
	  1,
	  "",
	  "penstock: /nonexistent: No such file or directory\n" },
	{ "check of a directory", { "check", "/" }, 1, "", "penstock: /: it is a directory\n" },
	{ "check of a device",
	  { "check", "/dev/null" },
	  1,
	  "",
	  "penstock: /dev/null: it is not a regular file\n" },
	{ "check of a local file",
	  { "check", TEST_DATA "/gpu.yaml" },
	  1,
	  TEST_DATA "/gpu.yaml: bounce: not-",
	  "" },
	{ "check for machines",
	  { "--json", "check", TEST_DATA "/gpu.yaml" },
	  1,
	  "{\n  \"file\":\"" TEST_DATA
	  "/gpu.yaml\",\n  \"memory\":\"host\",\n  \"direct\":false,\n",
	  "" },
	{ "cp of what is not there",
	  { "cp", "/nonexistent", "/dev/null" },
	  1,
	  "",
	  "penstock: /nonexistent: No such file or directory\n" },
	{ "cp onto itself",
	  { "cp", TEST_DATA "/gpu.yaml", TEST_DATA "/gpu.yaml" },
	  1,
	  "",
	  "penstock: " TEST_DATA "/gpu.yaml: is the same file as " TEST_DATA "/gpu.yaml\n" },
	{ "cp to nowhere, for machines",
	  { "--json", "--checksum", "cp", TEST_DATA "/gpu.yaml", "/dev/null" },
	  0,
	  "{\n  \"from\":\"" TEST_DATA "/gpu.yaml\",\n  \"to\":\"/dev/null\",\n",
	  "" },
	{ "plan of an interface that is not there",
	  { "-c", TEST_DATA "/absent.yaml", "plan" },
	  1,
	  "",
	  NULL },
};

static void is_answered(void **state)
{
	const struct row *row = *state;
	struct pst_run_result __cleanup_run_result result = { 0 };
	struct pst_strv __cleanup_strv argv = { 0 };

	pst_strv_add(&argv, getenv("PENSTOCK"));
	for (size_t i = 0; i < ARRAY_SIZE(row->args) && row->args[i]; i++)
		pst_strv_add(&argv, row->args[i]);
	assert_int_equal(pst_run(argv.v, 60000, &result, NULL), 0);
	assert_int_equal(result.status, row->status);
	if (row->err)
		assert_string_equal(result.err, row->err);
	else
		assert_true(pst_startswith(result.err, TEST_DATA "/absent.yaml:5: network[0]."
								 "interface: there is no interface "
								 "absent0; there are: "));
	result.out[strnlen(result.out, strlen(row->out))] = '\0';
	assert_string_equal(result.out, row->out);
}

/* Of any verb, and of the help that is no verb: what could not be printed is a failure. */
static const char *const unprinted[] = { "version", "--version", "help", "--help", "plan --help" };

static void full_disk_is_a_failure(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(unprinted); i++) {
		struct pst_run_result __cleanup_run_result result = { 0 };
		char __cleanup_free *line =
			pst_printf("exec \"$PENSTOCK\" %s >/dev/full", unprinted[i]);
		const char *const argv[] = { "sh", "-c", line, NULL };

		assert_int_equal(pst_run((char *const *)argv, 60000, &result, NULL), 0);
		assert_int_equal(result.status, 1);
		assert_string_equal(result.err,
				    "penstock: standard output: No space left on device\n");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(full_disk_is_a_failure) };

	ADD_ROWS(rows, is_answered);
	ADD_TESTS(tests);
	return run_gathered(NULL, NULL);
}
