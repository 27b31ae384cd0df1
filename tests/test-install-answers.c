// SPDX-License-Identifier: MIT
/* src/install/answers.c, answers-schema.c, answers-conf.c */
#include <errno.h>

#include "install/answers.h"
#include "rows.h"

struct refused {
	const char *name;
	const char *text;
	const char *refusal; /* LINE: KEY: TEXT, one a line */
};

static const struct refused refused[] = {
	{ "an empty file", "", "1: : is empty\n" },
	{ "no disks", "hostname: n\n", "1: disks: missing\n" },
	{ "disks that are a word",
	  "disks: S1\n"
	  "hostname: n\n",
	  "1: disks: must be a list\n" },
	{ "disks that are an empty list",
	  "disks: []\n"
	  "hostname: n\n",
	  "1: disks: must not be empty\n" },
	{ "three disks",
	  "disks: [a, b, c]\n"
	  "hostname: n\n",
	  "1: disks: must be one disk, or two that are mirrored\n" },
	{ "a disk twice",
	  "disks: [a, a]\n"
	  "hostname: n\n",
	  "1: disks[1]: \"a\" is given twice, first in line 1\n" },
	{ "a disk without a name",
	  "disks: [\"\"]\n"
	  "hostname: n\n",
	  "1: disks[0]: must not be empty\n" },
	{ "a disk that is a list",
	  "disks: [[a]]\n"
	  "hostname: n\n",
	  "1: disks[0]: must be a single value\n" },
	{ "a path that is no device's",
	  "disks: [/etc/passwd]\n"
	  "hostname: n\n",
	  "1: disks[0]: \"/etc/passwd\" must be the absolute path of a disk, such as "
	  "/dev/disk/by-id/nvme-...\n" },
	{ "a path with dots",
	  "disks: [/dev/../etc]\n"
	  "hostname: n\n",
	  "1: disks[0]: \"/dev/../etc\" must be the absolute path of a disk, such as "
	  "/dev/disk/by-id/nvme-...\n" },
	{ "a path with a blank",
	  "disks: [\"/dev/a b\"]\n"
	  "hostname: n\n",
	  "1: disks[0]: \"/dev/a b\" must be the absolute path of a disk, such as "
	  "/dev/disk/by-id/nvme-...\n" },
	{ "a serial number with a tab",
	  "disks: [\"a\\tb\"]\n"
	  "hostname: n\n",
	  "1: disks[0]: \"a?b\" is no serial number: it has characters that cannot be printed\n" },
	{ "a serial number that begins with a blank",
	  "disks: [\" a\"]\n"
	  "hostname: n\n",
	  "1: disks[0]: \" a\" begins with a blank\n" },
	{ "a serial number that is too long",
	  "disks: "
	  "[aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]\n"
	  "hostname: n\n",
	  "1: disks[0]: "
	  "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\" is longer than a serial number can be\n" },
	{ "an unknown key",
	  "disks: [S1]\n"
	  "hostname: n\n"
	  "disk: a\n",
	  "3: disk: unknown key; known here are disks, encrypt, hostname, network, ssh_keys, "
	  "config, confirm_erase, after\n" },
	{ "a key twice",
	  "disks: [S1]\n"
	  "hostname: n\n"
	  "hostname: m\n",
	  "3: hostname: given twice, first in line 2\n" },
	{ "another encryption",
	  "disks: [S1]\n"
	  "hostname: n\n"
	  "encrypt: luks\n",
	  "3: encrypt: must be one of none, tpm2, not \"luks\"\n" },
	{ "encryption by yes",
	  "disks: [S1]\n"
	  "hostname: n\n"
	  "encrypt: true\n",
	  "3: encrypt: must be one of none, tpm2, not \"true\"\n" },
	{ "another end",
	  "disks: [S1]\n"
	  "hostname: n\n"
	  "after: shutdown\n",
	  "3: after: must be one of none, reboot, poweroff, not \"shutdown\"\n" },
	{ "an end before the recovery key is noted",
	  "disks: [S1]\n"
	  "encrypt: tpm2\n"
	  "after: reboot\n",
	  "3: after: must be none with encrypt: tpm2, whose recovery key is shown once and would "
	  "be "
	  "gone before anybody has noted it\n" },
	{ "an end that is a list",
	  "disks: [S1]\n"
	  "hostname: n\n"
	  "after: [reboot]\n",
	  "3: after: must be a single value\n" },
	{ "a host name with a dot",
	  "disks: [S1]\n"
	  "hostname: n.example\n",
	  "2: hostname: \"n.example\" must be 1 to 63 letters, digits and hyphens, with no hyphen "
	  "at either end\n" },
	{ "a host name with a hyphen first",
	  "disks: [S1]\n"
	  "hostname: -n\n",
	  "2: hostname: \"-n\" must be 1 to 63 letters, digits and hyphens, with no hyphen at "
	  "either end\n" },
	{ "an empty host name",
	  "disks: [S1]\n"
	  "hostname: \"\"\n",
	  "2: hostname: must not be empty\n" },
	{ "a host name that is a list",
	  "disks: [S1]\n"
	  "hostname: [n]\n",
	  "2: hostname: must be a single value\n" },
	{ "a network without a host name",
	  "disks: [S1]\n"
	  "network:\n"
	  "- {interface: a, dhcp: ipv4}\n",
	  "2: network: needs a hostname beside it\n" },
	{ "ssh keys without a host name",
	  "disks: [S1]\n"
	  "ssh_keys: [x]\n",
	  "2: ssh_keys: needs a hostname beside it\n" },
	{ "a network that is a mapping",
	  "disks: [S1]\n"
	  "hostname: n\n"
	  "network: {interface: a}\n",
	  "3: network: must be a list\n" },
	{ "a network without an interface",
	  "disks: [S1]\n"
	  "hostname: n\n"
	  "network:\n"
	  "- {dhcp: ipv4}\n",
	  "4: network[0].interface: missing\n" },
	{ "an interface with a slash",
	  "disks: [S1]\n"
	  "hostname: n\n"
	  "network:\n"
	  "- {interface: a/b, dhcp: ipv4}\n",
	  "4: network[0].interface: \"a/b\" is not an interface's name\n" },
	{ "an interface twice",
	  "disks: [S1]\n"
	  "hostname: n\n"
	  "network:\n"
	  "- {interface: a, dhcp: ipv4}\n"
	  "- {interface: a, dhcp: ipv4}\n",
	  "5: network[1].interface: \"a\" is given twice\n" },
	{ "an address without a prefix",
	  "disks: [S1]\n"
	  "hostname: n\n"
	  "network:\n"
	  "- interface: a\n"
	  "  addresses: [192.0.2.1]\n",
	  "5: network[0].addresses[0]: \"192.0.2.1\" must have the length of the network's prefix, "
	  "as 10.77.0.1/24 has\n" },
	{ "an address of 300",
	  "disks: [S1]\n"
	  "hostname: n\n"
	  "network:\n"
	  "- interface: a\n"
	  "  addresses: [192.0.2.300/24]\n",
	  "5: network[0].addresses[0]: \"192.0.2.300/24\" is not an address\n" },
	{ "no addresses",
	  "disks: [S1]\n"
	  "hostname: n\n"
	  "network:\n"
	  "- interface: a\n"
	  "  addresses: []\n",
	  "5: network[0].addresses: must not be empty\n" },
	{ "another dhcp",
	  "disks: [S1]\n"
	  "hostname: n\n"
	  "network:\n"
	  "- {interface: a, dhcp: yes}\n",
	  "4: network[0].dhcp: must be one of none, ipv4, ipv6, both, not \"yes\"\n" },
	{ "a gateway elsewhere",
	  "disks: [S1]\n"
	  "hostname: n\n"
	  "network:\n"
	  "- interface: a\n"
	  "  addresses: [192.0.2.1/24]\n"
	  "  gateway: 198.51.100.1\n",
	  "6: network[0].gateway: \"198.51.100.1\" is in none of the networks of a\n" },
	{ "a gateway that is a name",
	  "disks: [S1]\n"
	  "hostname: n\n"
	  "network:\n"
	  "- interface: a\n"
	  "  addresses: [192.0.2.1/24]\n"
	  "  gateway: router\n",
	  "6: network[0].gateway: \"router\" is not an address\n" },
	{ "a name server that is a name",
	  "disks: [S1]\n"
	  "hostname: n\n"
	  "network:\n"
	  "- interface: a\n"
	  "  addresses: [192.0.2.1/24]\n"
	  "  dns: [ns1]\n",
	  "6: network[0].dns[0]: \"ns1\" is not an address\n" },
	{ "an MTU of 20",
	  "disks: [S1]\n"
	  "hostname: n\n"
	  "network:\n"
	  "- {interface: a, dhcp: ipv4, mtu: 20}\n",
	  "4: network[0].mtu: must be from 576 to 65520 bytes, not 20\n" },
	{ "an MTU in words",
	  "disks: [S1]\n"
	  "hostname: n\n"
	  "network:\n"
	  "- {interface: a, dhcp: ipv4, mtu: jumbo}\n",
	  "4: network[0].mtu: must be a whole number from 0 to 2147483647, not \"jumbo\"\n" },
	{ "a bond, which needs config",
	  "disks: [S1]\n"
	  "hostname: n\n"
	  "network:\n"
	  "- interface: b\n"
	  "  bond: {mode: 802.3ad, interfaces: [c]}\n",
	  "5: network[0].bond: unknown key; known here are interface, dhcp, addresses, gateway, "
	  "dns, mtu\n" },
	{ "an ssh key that is none",
	  "disks: [S1]\n"
	  "hostname: n\n"
	  "ssh_keys: [hello]\n",
	  "3: ssh_keys[0]: must be a public key: TYPE KEY COMMENT, with no options before it\n" },
	{ "an ssh key twice",
	  "disks: [S1]\n"
	  "hostname: n\n"
	  "ssh_keys:\n"
	  "- ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGk3z1c8hP0v2m0f1vQ1bq6l2C8o4m7r5xJt9yWq3nZs\n"
	  "- ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGk3z1c8hP0v2m0f1vQ1bq6l2C8o4m7r5xJt9yWq3nZs\n",
	  "5: ssh_keys[1]: \"ssh-ed25519 "
	  "AAAAC3NzaC1lZDI1NTE5AAAAIGk3z1c8hP0v2m0f1vQ1bq6l2C8o4m7r5xJt9yWq3nZs\" is given twice, "
	  "first in line 4\n" },
	{ "an ssh key that is a word",
	  "disks: [S1]\n"
	  "hostname: n\n"
	  "ssh_keys: ssh-ed25519 "
	  "AAAAC3NzaC1lZDI1NTE5AAAAIGk3z1c8hP0v2m0f1vQ1bq6l2C8o4m7r5xJt9yWq3nZs\n",
	  "3: ssh_keys: must be a list\n" },
	{ "config and a host name",
	  "disks: [S1]\n"
	  "config: |\n"
	  "  node: {name: n, role: storage}\n"
	  "hostname: n\n",
	  "4: hostname: is in config already, which is the whole configuration\n" },
	{ "config and a network",
	  "disks: [S1]\n"
	  "config: |\n"
	  "  node: {name: n, role: storage}\n"
	  "network: []\n",
	  "4: network: is in config already, which is the whole configuration\n" },
	{ "config and ssh keys",
	  "disks: [S1]\n"
	  "config: |\n"
	  "  node: {name: n, role: storage}\n"
	  "ssh_keys: []\n",
	  "4: ssh_keys: is in config already, which is the whole configuration\n" },
	{ "config that is a mapping",
	  "disks: [S1]\n"
	  "config: {node: {name: n, role: storage}}\n",
	  "2: config: must be a single value\n" },
	{ "config that is not YAML",
	  "disks: [S1]\n"
	  "config: \"a: [\"\n",
	  "2: config: line 2 of it: is not YAML: did not find expected node content while parsing "
	  "a flow node\n" },
	{ "config without a node",
	  "disks: [S1]\n"
	  "config: |\n"
	  "  ssh: {authorized_keys: [x]}\n",
	  "2: config: line 1 of it: node: missing\n" },
	{ "config with a mistake",
	  "disks: [S1]\n"
	  "config: |\n"
	  "  node:\n"
	  "    name: n\n"
	  "    role: storage\n"
	  "  network:\n"
	  "  - interface: a/b\n",
	  "2: config: line 5 of it: network[0].interface: \"a/b\" is not an interface's name\n"
	  "2: config: line 5 of it: network[0]: a/b has no addresses and no dhcp, and nothing else "
	  "is on it\n" },
	{ "config of another role",
	  "disks: [S1]\n"
	  "config: \"node: {name: n, role: gpu}\"\n",
	  "2: config: node.role is gpu, and what would be installed is a storage node\n" },
	{ "a serial number to erase twice",
	  "disks: [S1]\n"
	  "hostname: n\n"
	  "confirm_erase: [a, a]\n",
	  "3: confirm_erase[1]: \"a\" is given twice, first in line 3\n" },
	{ "a number to erase that is a mapping",
	  "disks: [S1]\n"
	  "hostname: n\n"
	  "confirm_erase: [{a: b}]\n",
	  "3: confirm_erase[0]: must be a single value\n" },
	{ "erasure by yes",
	  "disks: [S1]\n"
	  "hostname: n\n"
	  "confirm_erase: true\n",
	  "3: confirm_erase: must be a list\n" },
	{ "an alias",
	  "disks: &d [a]\n"
	  "confirm_erase: *d\n",
	  "2: : aliases (*name) are not used here\n" },
	{ "two documents",
	  "disks: [S1]\n"
	  "hostname: n\n"
	  "---\n"
	  "disks: [S1]\n"
	  "hostname: n\n",
	  "3: : a second document begins here\n" },
	{ "not YAML",
	  "disks: [S1]\n"
	  "hostname: n\n"
	  "network: [\n",
	  "4: : is not YAML: did not find expected node content while parsing a flow node\n" },
	{ "a list at the top", "- a\n", "1: : must be a mapping of keys to values\n" },
	{ "two mistakes",
	  "disks: [S1]\n"
	  "encrypt: x\n"
	  "after: y\n",
	  "2: encrypt: must be one of none, tpm2, not \"x\"\n"
	  "3: after: must be one of none, reboot, poweroff, not \"y\"\n" },
};

static char *problems_text(const struct pst_problems *problems)
{
	struct pst_buf text = { 0 };

	for (size_t i = 0; i < problems->n; i++)
		pst_buf_printf(&text, "%zu: %s: %s\n", problems->v[i].line, problems->v[i].key,
			       problems->v[i].text);
	return pst_buf_take(&text);
}

static void is_refused(void **state)
{
	const struct refused *row = *state;
	struct pst_answers_doc __cleanup_answers_doc doc = { 0 };
	struct pst_problems __cleanup_problems problems = { 0 };
	char __cleanup_free *said = NULL;
	int error = pst_answers_parse("a.yaml", row->text, strlen(row->text), "storage", &doc,
				      &problems, NULL);

	said = problems_text(&problems);
	assert_string_equal(said, row->refusal);
	assert_int_equal(error, -EINVAL);
	assert_null(doc.answers);
}

static void parse(const char *text, struct pst_answers_doc *ret)
{
	struct pst_problems __cleanup_problems problems = { 0 };
	int error =
		pst_answers_parse("a.yaml", text, strlen(text), "storage", ret, &problems, NULL);
	char __cleanup_free *said = problems_text(&problems);

	assert_string_equal(said, "");
	assert_int_equal(error, 0);
}

static void disks_alone_write_no_configuration(void **state)
{
	struct pst_answers_doc __cleanup_answers_doc doc = { 0 };

	(void)state;
	parse("disks: [S1]\n", &doc);
	assert_string_equal(doc.answers->disks[0], "S1");
	assert_int_equal(doc.answers->encrypt, PST_ENCRYPT_NONE);
	assert_int_equal(doc.answers->after, PST_AFTER_NONE);
	assert_null(doc.conf);
}

static void all_keys_are_taken(void **state)
{
	struct pst_answers_doc __cleanup_answers_doc doc = { 0 };

	(void)state;
	parse("disks: [S1, /dev/disk/by-id/nvme-A_1]\nencrypt: tpm2\nhostname: n\nnetwork:\n"
	      "- {interface: a, addresses: [192.0.2.1/24], gateway: 192.0.2.254, dns: "
	      "[192.0.2.53], "
	      "mtu: 9000}\n- {interface: b, dhcp: both}\nssh_keys:\n- ssh-ed25519 "
	      "AAAAC3NzaC1lZDI1NTE5AAAAIGk3z1c8hP0v2m0f1vQ1bq6l2C8o4m7r5xJt9yWq3nZs it's \"me\"\n"
	      "confirm_erase: [W 1]\nafter: none\n",
	      &doc);
	assert_int_equal(doc.answers->disks_count, 2);
	assert_int_equal(doc.answers->encrypt, PST_ENCRYPT_TPM2);
	assert_string_equal(doc.answers->confirm_erase[0], "W 1");
	assert_int_equal(doc.answers->after, PST_AFTER_NONE);
	assert_string_equal(
		doc.conf,
		"# yaml-language-server: $schema=/usr/share/penstock/penstock.schema.json\n"
		"# Written by the installer; penstock.yaml(5) has all keys.\n"
		"node:\n  name: \"n\"\n  role: storage\nssh:\n  authorized_keys:\n"
		"    - \"ssh-ed25519 "
		"AAAAC3NzaC1lZDI1NTE5AAAAIGk3z1c8hP0v2m0f1vQ1bq6l2C8o4m7r5xJt9yWq3nZs it's "
		"\\\"me\\\"\"\nnetwork:\n  - interface: \"a\"\n    addresses: [\"192.0.2.1/24\"]\n"
		"    gateway: \"192.0.2.254\"\n    dns: [\"192.0.2.53\"]\n    mtu: 9000\n"
		"  - interface: \"b\"\n    dhcp: both\n");
}

struct image {
	const char *name;
	const char *image;
	const char *conf;
};

static const struct image images[] = {
	{ "a storage image", "storage", "role: storage\n" },
	{ "a GPU image", "gpu", "role: gpu\n" },
	{ "a minimal image is of a storage node", "minimal", "role: storage\n" },
};

static void image_has_a_role(void **state)
{
	static const char made[] = "disks: [S1]\nhostname: n\n";
	const struct image *row = *state;
	struct pst_answers_doc __cleanup_answers_doc doc = { 0 }, whole = { 0 };
	struct pst_problems __cleanup_problems problems = { 0 };
	char __cleanup_free *given =
		pst_printf("disks: [S1]\nconfig: |\n  node:\n    name: n\n    %s", row->conf);

	assert_int_equal(
		pst_answers_parse("a.yaml", made, strlen(made), row->image, &doc, &problems, NULL),
		0);
	assert_non_null(strstr(doc.conf, row->conf));
	assert_int_equal(pst_answers_parse("a.yaml", given, strlen(given), row->image, &whole,
					   &problems, NULL),
			 0);
	assert_int_equal(problems.n, 0);
}

static void without_encryption_it_may_end_at_once(void **state)
{
	struct pst_answers_doc __cleanup_answers_doc doc = { 0 };

	(void)state;
	parse("disks: [S1]\nafter: poweroff\n", &doc);
	assert_int_equal(doc.answers->after, PST_AFTER_POWEROFF);
}

static void config_is_taken_as_it_is(void **state)
{
	struct pst_answers_doc __cleanup_answers_doc doc = { 0 };

	(void)state;
	parse("disks: &d [S1]\nconfig: |\n  # mine\n  node: {name: n, role: storage}\n", &doc);
	assert_string_equal(doc.conf, "# mine\nnode: {name: n, role: storage}\n");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(disks_alone_write_no_configuration),
		cmocka_unit_test(all_keys_are_taken),
		cmocka_unit_test(without_encryption_it_may_end_at_once),
		cmocka_unit_test(config_is_taken_as_it_is),
	};

	ADD_TESTS(tests);
	ADD_ROWS(refused, is_refused);
	ADD_ROWS(images, image_has_a_role);
	return run_gathered(NULL, NULL);
}
