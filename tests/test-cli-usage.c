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
	{ "help", { "help" }, 0, "usage: penstock [--config FILE]", "" },
	{ "--help", { "--help" }, 0, "usage: penstock [--config FILE]", "" },
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
	  "pools, datasets, exports, nfs_server, mounts\n" },
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

int main(void)
{
	ADD_ROWS(rows, is_answered);
	return run_gathered(NULL, NULL);
}
