// SPDX-License-Identifier: MIT
/* src/conf: what is refused, and in which words; and what a good file becomes. */
#include <errno.h>

#include "refused.h"

#define KEY	"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
#define LETTERS "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct row shapes[] = {
	{ "empty file", "", "1: : is empty\n" },
	{ "only a comment", "# nothing\n", "1: : is empty\n" },
	{ "not YAML", "node: [\n",
	  "2: : is not YAML: did not find expected node content while "
	  "parsing a flow node\n" },
	{ "tab indent", "node:\n\tname: n\n",
	  "2: : is not YAML: found character that cannot start any token while scanning for the "
	  "next "
	  "token\n" },
	{ "a list instead of a mapping", "- node\n", "1: : must be a mapping of keys to values\n" },
	{ "a word instead of a mapping", "node\n", "1: : must be a mapping of keys to values\n" },
	{ "second document", NODE "---\n" NODE, "2: : a second document begins here\n" },
	{ "alias", "node: &a {name: n, role: gpu}\nx: *a\n",
	  "2: : aliases (*name) are not used here\n" },
	{ "key that is a list", "[a]: b\n", "1: : a key must be a plain word\n" },
	{ "NUL in a value", "node: {name: \"a\\0b\", role: gpu}\n",
	  "1: : a value must not hold a NUL character\n" },
	{ "too deep", "a: [[[[[[[[[[1]]]]]]]]]]\n", "1: : is nested too deeply\n" },
	{ "unknown key at the top", NODE "pool: []\n",
	  "2: pool: unknown key; known here are node, ssh, groups, users, network, rdma, pools, "
	  "datasets, "
	  "exports, "
	  "nfs_server, zfs, mounts, update\n" },
	{ "unknown key inside", "node:\n  name: n\n  role: gpu\n  rol: x\n",
	  "4: node.rol: unknown key; known here are name, role\n" },
	{ "unknown property",
	  POOL "- name: tank\n  layout: stripe\n  disks: [/dev/a]\n"
	       "  properties:\n    autotrm: \"on\"\n",
	  "7: pools[0].properties.autotrm: is no property: autotrim is\n" },
	{ "key given twice", "node:\n  name: n\n  role: gpu\n  name: m\n",
	  "4: node.name: given twice, first in line 2\n" },
	{ "section given twice", NODE "network: []\nnetwork: []\n",
	  "3: network: given twice, first in line 2\n" },
	{ "missing section", "network: []\n", "1: node: missing\n" },
	{ "missing key", "node:\n  name: n\n", "1: node.role: missing\n" },
	{ "missing key in a list", POOL "- name: tank\n  disks: [/dev/a]\n",
	  "3: pools[0].layout: missing\n" },
	{ "scalar for a list", NET "- {interface: e, addresses: 10.0.0.1/24}\n",
	  "3: network[0].addresses: must be a list\n" },
	{ "list for a scalar", "node: {name: [n], role: gpu}\n",
	  "1: node.name: must be a single value\n" },
	{ "mapping for a list", NODE "network: {a: b}\n", "2: network: must be a list\n" },
	{ "nothing for a list", NODE "network:\n", "2: network: must be a list\n" },
	{ "nothing for a word", "node: {name: , role: gpu}\n",
	  "1: node.name: must not be empty\n" },
	{ "empty list", NET "- {interface: e, addresses: []}\n",
	  "3: network[0].addresses: must not be empty\n" },
	{ "word for a number", NODE "nfs_server: {threads: many}\n",
	  "2: nfs_server.threads: must be a whole number from 0 to 2147483647, not \"many\"\n" },
	{ "octal number", NODE "nfs_server: {threads: 010}\n",
	  "2: nfs_server.threads: must be a whole number from 0 to 2147483647, not \"010\"\n" },
	{ "negative number", NODE "nfs_server: {threads: -8}\n",
	  "2: nfs_server.threads: must be a whole number from 0 to 2147483647, not \"-8\"\n" },
	{ "huge number", NODE "nfs_server: {threads: 99999999999999999999}\n",
	  "2: nfs_server.threads: must be a whole number from 0 to 2147483647, not "
	  "\"99999999999999999999\"\n" },
	{ "word for a truth", NODE "nfs_server: {tcp: maybe}\n",
	  "2: nfs_server.tcp: must be true or false, not \"maybe\"\n" },
	{ "unknown word", "node: {name: n, role: compute}\n",
	  "1: node.role: must be one of storage, gpu, not \"compute\"\n" },
	{ "several mistakes, in the order of the file",
	  "node:\n  name: n\nnetwork: 1\nnfs_server: {tcp: 2}\nx: 3\n",
	  "1: node.role: missing\n3: network: must be a list\n"
	  "4: nfs_server.tcp: must be true or false, not \"2\"\n"
	  "5: x: unknown key; known here are node, ssh, groups, users, network, rdma, pools, "
	  "datasets, exports, "
	  "nfs_server, zfs, mounts, update\n" },
};

#define BAD_LABEL "must be 1 to 63 letters, digits and hyphens, with no hyphen at either end\n"

static const struct row nodes[] = {
	{ "good storage node", NODE, NULL },
	{ "good GPU node", GPU, NULL },
	{ "name with a dot", "node: {name: a.b, role: gpu}\n", "1: node.name: \"a.b\" " BAD_LABEL },
	{ "name with a hyphen first", "node: {name: -a, role: gpu}\n",
	  "1: node.name: \"-a\" " BAD_LABEL },
	{ "name with a newline", "node: {name: \"a\\nb\", role: gpu}\n",
	  "1: node.name: \"a?b\" " BAD_LABEL },
	{ "name too long", "node: {name: " LETTERS ", role: gpu}\n",
	  "1: node.name: \"" LETTERS "\" " BAD_LABEL },
	{ "pools on a GPU node", GPU "pools: []\n",
	  "2: pools: is for a storage node, and node.role is gpu\n" },
	{ "NFS server on a GPU node", GPU "nfs_server: {threads: 4}\n",
	  "2: nfs_server: is for a storage node, and node.role is gpu\n" },
	{ "good key", GPU "ssh: {authorized_keys: [" KEY "]}\n", NULL },
	{ "key with options", GPU "ssh: {authorized_keys: ['command=\"x\" " KEY "']}\n",
	  "2: ssh.authorized_keys[0]: must be a public key: TYPE KEY COMMENT, with no options "
	  "before "
	  "it\n" },
	{ "key of another type",
	  GPU "ssh: {authorized_keys: [ssh-rsa "
	      "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0d]}\n",
	  "2: ssh.authorized_keys[0]: is damaged: what follows the type is not a key of that "
	  "type\n" },
	{ "key cut short", GPU "ssh: {authorized_keys: [ssh-ed25519 AAAAC3NzaC1]}\n",
	  "2: ssh.authorized_keys[0]: is damaged: what follows the type is not a key of that "
	  "type\n" },
	{ "key with a newline", GPU "ssh: {authorized_keys: [\"" KEY "\\nssh-rsa x\"]}\n",
	  "2: ssh.authorized_keys[0]: must be one line of printable characters\n" },
	{ "key given twice", GPU "ssh:\n  authorized_keys:\n  - " KEY "\n  - " KEY "\n",
	  "5: ssh.authorized_keys[1]: the key \"" KEY "\" is given twice, first in line 4\n" },
};

#define USERS	    NODE "users:\n"
#define BAD_ACCOUNT "must be 1 to 31 small letters, digits, _ and -, with a letter or _ first\n"

static const struct row users[] = {
	{ "good user and groups",
	  NODE "groups: [{name: lab, gid: 3000}]\nusers:\n"
	       "- {name: alice, uid: 2001, gid: 3000, groups: [video], ssh_keys: [" KEY
	       "], shell: /bin/sh}\n- {name: bob, uid: 2002}\n",
	  NULL },
	{ "user with a capital", USERS "- {name: Alice, uid: 2001}\n",
	  "3: users[0].name: \"Alice\" " BAD_ACCOUNT },
	{ "user with a colon", USERS "- {name: 'a:b', uid: 2001}\n",
	  "3: users[0].name: \"a:b\" " BAD_ACCOUNT },
	{ "user with a digit first", USERS "- {name: 1a, uid: 2001}\n",
	  "3: users[0].name: \"1a\" " BAD_ACCOUNT },
	{ "user of a long name", USERS "- {name: " LETTERS ", uid: 2001}\n",
	  "3: users[0].name: \"" LETTERS "\" " BAD_ACCOUNT },
	{ "root as a user", USERS "- {name: root, uid: 2001}\n",
	  "3: users[0].name: \"root\" is there always; its keys stand in ssh.authorized_keys\n" },
	{ "user without a uid", USERS "- {name: alice}\n", "3: users[0].uid: missing\n" },
	{ "uid of root", USERS "- {name: alice, uid: 0}\n",
	  "3: users[0].uid: 0 is for the system's own: count from 1000\n" },
	{ "uid of a service", USERS "- {name: alice, uid: 999}\n",
	  "3: users[0].uid: 999 is for the system's own: count from 1000\n" },
	{ "uid that systemd lends", USERS "- {name: alice, uid: 61184}\n",
	  "3: users[0].uid: 61184 is one that systemd lends to services (61184 to 65519)\n" },
	{ "uid of nobody", USERS "- {name: alice, uid: 65534}\n",
	  "3: users[0].uid: 65534 is the number of nobody\n" },
	{ "uid that is a name", USERS "- {name: alice, uid: bob}\n",
	  "3: users[0].uid: must be a whole number from 0 to 4294967294, not \"bob\"\n" },
	{ "uid twice", USERS "- {name: alice, uid: 2001}\n- {name: bob, uid: 2001}\n",
	  "4: users[1].uid: 2001 is the uid of \"alice\" already, and cannot be that of \"bob\" "
	  "too\n" },
	{ "user twice", USERS "- {name: alice, uid: 2001}\n- {name: alice, uid: 2002}\n",
	  "4: users[1].name: the user \"alice\" is given twice, first in line 3\n" },
	{ "gid of no group", USERS "- {name: alice, uid: 2001, gid: 3000}\n",
	  "3: users[0].gid: 3000 is the gid of none of the groups: declare it there\n" },
	{ "own group with another gid",
	  NODE "groups: [{name: alice, gid: 3000}]\nusers:\n- {name: alice, uid: 2001}\n",
	  "4: users[0].uid: the group \"alice\" has the gid 3000, not 2001: say gid: 3000 for this "
	  "user\n" },
	{ "own group with the gid of another",
	  NODE "groups: [{name: lab, gid: 2001}]\nusers:\n- {name: alice, uid: 2001}\n",
	  "4: users[0].uid: 2001 is the gid of the group \"lab\", and cannot be that of \"alice\": "
	  "say gid: 2001 for this user, or another uid\n" },
	{ "bad name of a user's group", USERS "- {name: alice, uid: 2001, groups: [a b]}\n",
	  "3: users[0].groups[0]: \"a b\" " BAD_ACCOUNT },
	{ "user's key with options",
	  USERS "- {name: alice, uid: 2001, ssh_keys: ['no-pty " KEY "']}\n",
	  "3: users[0].ssh_keys[0]: must be a public key: TYPE KEY COMMENT, with no options before "
	  "it\n" },
	{ "user's key twice", USERS "- {name: alice, uid: 2001, ssh_keys: [" KEY ", " KEY "]}\n",
	  "3: users[0].ssh_keys[1]: the key \"" KEY "\" is given twice for this user\n" },
	{ "shell that is no path", USERS "- {name: alice, uid: 2001, shell: bash}\n",
	  "3: users[0].shell: \"bash\" must be an absolute path\n" },
	{ "shell with a colon", USERS "- {name: alice, uid: 2001, shell: '/bin/sh:x'}\n",
	  "3: users[0].shell: \"/bin/sh:x\" must not have a colon\n" },
	{ "user with a password", USERS "- {name: alice, uid: 2001, password: x}\n",
	  "3: users[0].password: unknown key; known here are name, uid, gid, groups, ssh_keys, "
	  "shell\n" },
	{ "root as a group", NODE "groups: [{name: root, gid: 2001}]\n",
	  "2: groups[0].name: \"root\" is there always\n" },
	{ "group without a gid", NODE "groups: [{name: lab}]\n", "2: groups[0].gid: missing\n" },
	{ "gid of the system", NODE "groups: [{name: lab, gid: 100}]\n",
	  "2: groups[0].gid: 100 is for the system's own: count from 1000\n" },
	{ "gid twice", NODE "groups:\n- {name: lab, gid: 3000}\n- {name: ops, gid: 3000}\n",
	  "4: groups[1].gid: 3000 is the gid of \"lab\" already, and cannot be that of \"ops\" "
	  "too\n" },
	{ "group twice", NODE "groups:\n- {name: lab, gid: 3000}\n- {name: lab, gid: 3001}\n",
	  "4: groups[1].name: the group \"lab\" is given twice, first in line 3\n" },
};

static const struct row networks[] = {
	{ "good addresses",
	  NET "- {interface: e0, addresses: [10.0.0.1/24, \"fd00::1/64\"], "
	      "gateway: 10.0.0.254, dns: [10.0.0.254], mtu: 9000}\n",
	  NULL },
	{ "point to point", NET "- {interface: e0, addresses: [10.0.0.0/31]}\n", NULL },
	{ "interface too long", NET "- {interface: abcdefghijklmnop, addresses: [10.0.0.1/24]}\n",
	  "3: network[0].interface: \"abcdefghijklmnop\" is longer than the 15 characters that an "
	  "interface's name can have\n" },
	{ "interface with a slash", NET "- {interface: a/b, addresses: [10.0.0.1/24]}\n",
	  "3: network[0].interface: \"a/b\" is not an interface's name\n" },
	{ "loopback", NET "- {interface: lo, addresses: [10.0.0.1/24]}\n",
	  "3: network[0].interface: \"lo\" is the loopback interface, which is not configured "
	  "here\n" },
	{ "no prefix", NET "- {interface: e0, addresses: [10.0.0.1]}\n",
	  "3: network[0].addresses[0]: \"10.0.0.1\" must have the length of the network's prefix, "
	  "as "
	  "10.77.0.1/24 has\n" },
	{ "prefix too long", NET "- {interface: e0, addresses: [10.0.0.1/33]}\n",
	  "3: network[0].addresses[0]: \"10.0.0.1/33\" must have a prefix of 0 to 32 bits\n" },
	{ "no address", NET "- {interface: e0, addresses: [10.0.0.256/24]}\n",
	  "3: network[0].addresses[0]: \"10.0.0.256/24\" is not an address\n" },
	{ "network's own address", NET "- {interface: e0, addresses: [10.0.0.0/24]}\n",
	  "3: network[0].addresses[0]: \"10.0.0.0/24\" is the address of the network itself, not "
	  "of a "
	  "host in it\n" },
	{ "broadcast address", NET "- {interface: e0, addresses: [10.0.0.255/24]}\n",
	  "3: network[0].addresses[0]: \"10.0.0.255/24\" is the broadcast address of its "
	  "network\n" },
	{ "multicast address", NET "- {interface: e0, addresses: [224.0.0.1/24]}\n",
	  "3: network[0].addresses[0]: \"224.0.0.1/24\" is not an address that an interface can "
	  "have\n" },
	{ "loopback address", NET "- {interface: e0, addresses: [\"::1/128\"]}\n",
	  "3: network[0].addresses[0]: \"::1/128\" is not an address that an interface can "
	  "have\n" },
	{ "gateway elsewhere",
	  NET "- {interface: e0, addresses: [10.0.0.1/24], gateway: 10.0.1.1}\n",
	  "3: network[0].gateway: \"10.0.1.1\" is in none of the networks of e0\n" },
	{ "gateway is a name", NET "- {interface: e0, addresses: [10.0.0.1/24], gateway: router}\n",
	  "3: network[0].gateway: \"router\" is not an address\n" },
	{ "bad DNS server", NET "- {interface: e0, addresses: [10.0.0.1/24], dns: [a, 10.0.0.2]}\n",
	  "3: network[0].dns[0]: \"a\" is not an address\n" },
	{ "MTU of 0", NET "- {interface: e0, addresses: [10.0.0.1/24], mtu: 0}\n",
	  "3: network[0].mtu: must be from 576 to 65520 bytes, not 0\n" },
	{ "MTU too large", NET "- {interface: e0, addresses: [10.0.0.1/24], mtu: 90000}\n",
	  "3: network[0].mtu: must be from 576 to 65520 bytes, not 90000\n" },
	{ "MTU too small for IPv6",
	  NET "- {interface: e0, addresses: [\"fd00::1/64\"], mtu: 600}\n",
	  "3: network[0].mtu: 600 is too small: IPv6 needs at least 1280\n" },
	{ "interface twice",
	  NET "- {interface: e0, addresses: [10.0.0.1/24]}\n"
	      "- {interface: e0, addresses: [10.0.1.1/24]}\n",
	  "4: network[1].interface: the interface \"e0\" is given twice, first in line 3\n" },
	{ "address twice",
	  NET "- {interface: e0, addresses: [10.0.0.1/24]}\n"
	      "- {interface: e1, addresses: [10.0.0.1/24]}\n",
	  "4: network[1].addresses[0]: the address \"10.0.0.1/24\" is given twice, first in line "
	  "3\n" },
	{ "RDMA device with a slash", GPU "rdma: [{device: a/b, interface: e0}]\n",
	  "2: rdma[0].device: \"a/b\" is not an RDMA device's name\n" },
	{ "RDMA device twice",
	  GPU "rdma:\n- {device: r, interface: e0}\n- {device: r, interface: e1}\n",
	  "4: rdma[1].device: the RDMA device \"r\" is given twice, first in line 3\n" },
	{ "two RDMA devices on one interface",
	  GPU "rdma:\n- {device: r, interface: e0}\n- {device: s, interface: e0}\n",
	  "4: rdma[1].interface: an RDMA device on \"e0\" is given twice, first in line 3\n" },
	{ "unknown driver", GPU "rdma: [{device: r, interface: e0, driver: rxe}]\n",
	  "2: rdma[0].driver: must be one of hardware, soft-roce, soft-iwarp, not \"rxe\"\n" },
};

static const struct row exports[] = {
	{ "good clients",
	  EXPORT "  - {host: 10.0.0.0/24, access: rw, squash: none}\n"
		 "  - {host: 10.0.1.7}\n  - {host: gpu.example.org}\n  - {host: \"@nodes\"}\n"
		 "  - {host: \"fd00::/64\", options: [async, sec=krb5p]}\n"
		 "  - {host: \"*\"}\n",
	  NULL },
	{ "anyone may write, on purpose",
	  EXPORT "  - {host: \"*\", access: rw, allow_anyone: true}\n", NULL },
	{ "path that no dataset gives", DATA "exports: [{path: /data, clients: [{host: a}]}]\n",
	  "6: exports[0].path: \"/data\" is where none of the datasets is mounted\n" },
	{ "relative path", DATA "exports: [{path: data, clients: [{host: a}]}]\n",
	  "6: exports[0].path: \"data\" must be an absolute path\n" },
	{ "path with a blank", DATA "exports: [{path: /a b, clients: [{host: a}]}]\n",
	  "6: exports[0].path: \"/a b\" must be a path of letters, digits and /._:@+- only\n" },
	{ "path twice",
	  DATA "exports:\n- {path: /tank/data, clients: [{host: a}]}\n"
	       "- {path: /tank/data, clients: [{host: b}]}\n",
	  "8: exports[1].path: the path \"/tank/data\" is given twice, first in line 7\n" },
	{ "no clients", DATA "exports: [{path: /tank/data, clients: []}]\n",
	  "6: exports[0].clients: must not be empty\n" },
	{ "fsid of 0", DATA "exports: [{path: /tank/data, fsid: 0, clients: [{host: a}]}]\n",
	  "6: exports[0].fsid: 0 would make this export the root of NFSv4; count from 1\n" },
	{ "fsid twice",
	  TANK "datasets: [{name: tank/a}, {name: tank/b}]\nexports:\n"
	       "- {path: /tank/a, fsid: 1, clients: [{host: a}]}\n"
	       "- {path: /tank/b, fsid: 1, clients: [{host: a}]}\n",
	  "7: exports[1].fsid: 1 is the fsid of exports[0] as well\n" },
	{ "network with host bits", EXPORT "  - {host: 10.0.0.1/24}\n",
	  "9: exports[0].clients[0].host: \"10.0.0.1/24\" is not a network: bits are set behind "
	  "its "
	  "prefix\n" },
	{ "network without an address", EXPORT "  - {host: ten/24}\n",
	  "9: exports[0].clients[0].host: \"ten/24\" is not an address\n" },
	{ "half an address", EXPORT "  - {host: 10.0.0}\n",
	  "9: exports[0].clients[0].host: \"10.0.0\" is neither an address nor a host name\n" },
	{ "host with options", EXPORT "  - {host: \"a(rw)\"}\n",
	  "9: exports[0].clients[0].host: \"a(rw)\" is neither an address nor a host name\n" },
	{ "client twice", EXPORT "  - {host: a}\n  - {host: a}\n",
	  "10: exports[0].clients[1].host: the client \"a\" is given twice for this path\n" },
	{ "anyone may write", EXPORT "  - {host: \"*\", access: rw}\n",
	  "9: exports[0].clients[0].host: \"*\" would let anyone write: say access: ro, or "
	  "allow_anyone: true\n" },
	{ "every address may write", EXPORT "  - {host: \"0.0.0.0/0\", access: rw}\n",
	  "9: exports[0].clients[0].host: \"0.0.0.0/0\" would let anyone write: say access: ro, or "
	  "allow_anyone: true\n" },
	{ "squash as an option", EXPORT "  - {host: a, options: [no_root_squash]}\n",
	  "9: exports[0].clients[0].options[0]: \"no_root_squash\" is not for here: say squash: "
	  "root, "
	  "all or none\n" },
	{ "access as an option", EXPORT "  - {host: a, options: [rw]}\n",
	  "9: exports[0].clients[0].options[0]: \"rw\" is not for here: say access: rw or access: "
	  "ro\n" },
	{ "fsid as an option", EXPORT "  - {host: a, options: [fsid=3]}\n",
	  "9: exports[0].clients[0].options[0]: \"fsid=3\" is not for here: say fsid: beside the "
	  "path\n" },
	{ "unknown option", EXPORT "  - {host: a, options: [turbo]}\n",
	  "9: exports[0].clients[0].options[0]: \"turbo\" is not an option of exports(5) that "
	  "Penstock "
	  "knows\n" },
	{ "two options in one", EXPORT "  - {host: a, options: [\"sync,no_root_squash\"]}\n",
	  "9: exports[0].clients[0].options[0]: \"sync,no_root_squash\" must be one option of "
	  "letters, "
	  "digits and _.-=:@/+ only\n" },
	{ "good keys of clients",
	  EXPORT "  - {host: a, sec: [krb5p, krb5i], xprtsec: [mtls], anonuid: 99, anongid: 0, "
		 "crossmnt: true}\n  - {host: \"*\", squash: none, allow_root: true}\n",
	  NULL },
	{ "anyone's root", EXPORT "  - {host: \"*\", squash: none}\n",
	  "9: exports[0].clients[0].squash: none would make anyone's root this node's root: say "
	  "squash: root, or allow_root: true\n" },
	{ "root of every address", EXPORT "  - {host: \"::/0\", squash: none}\n",
	  "9: exports[0].clients[0].squash: none would make anyone's root this node's root: say "
	  "squash: root, or allow_root: true\n" },
	{ "unknown flavour", EXPORT "  - {host: a, sec: [krb6]}\n",
	  "9: exports[0].clients[0].sec[0]: must be one of sys, krb5, krb5i, krb5p, not "
	  "\"krb6\"\n" },
	{ "no flavour", EXPORT "  - {host: a, sec: []}\n",
	  "9: exports[0].clients[0].sec: must not be empty\n" },
	{ "flavour twice", EXPORT "  - {host: a, sec: [sys, sys]}\n",
	  "9: exports[0].clients[0].sec[1]: sys is given twice\n" },
	{ "unknown transport security", EXPORT "  - {host: a, xprtsec: [ssl]}\n",
	  "9: exports[0].clients[0].xprtsec[0]: must be one of none, tls, mtls, not \"ssl\"\n" },
	{ "transport security twice", EXPORT "  - {host: a, xprtsec: [tls, tls]}\n",
	  "9: exports[0].clients[0].xprtsec[1]: tls is given twice\n" },
	{ "flavour as an option as well", EXPORT "  - {host: a, sec: [sys], options: [sec=krb5]}\n",
	  "9: exports[0].clients[0].options[0]: \"sec=krb5\" is said by the key sec already\n" },
	{ "user as an option as well", EXPORT "  - {host: a, anonuid: 0, options: [anonuid=1]}\n",
	  "9: exports[0].clients[0].options[0]: \"anonuid=1\" is said by the key anonuid "
	  "already\n" },
	{ "bad user", EXPORT "  - {host: a, anonuid: nobody}\n",
	  "9: exports[0].clients[0].anonuid: must be a whole number from 0 to 4294967294, not "
	  "\"nobody\"\n" },
	{ "options that contradict", EXPORT "  - {host: a, options: [sync, async]}\n",
	  "9: exports[0].clients[0].options: sync and async contradict each other\n" },
	{ "no threads", NODE "nfs_server: {threads: 0}\n",
	  "2: nfs_server.threads: must be from 1 to 4096, not 0\n" },
	{ "good server",
	  NODE "nfs_server: {versions: [\"3\", 4.2], lease: 30, grace: 45, threads: 64}\n", NULL },
	{ "pool mode", NODE "nfs_server: {pool_mode: pernode}\n", NULL },
	{ "unknown pool mode", NODE "nfs_server: {pool_mode: auto}\n",
	  "2: nfs_server.pool_mode: must be one of global, percpu, pernode, not \"auto\"\n" },
	{ "block size", NODE "nfs_server: {block_size: 4M}\n", NULL },
	{ "block size that is no size", NODE "nfs_server: {block_size: large}\n",
	  "2: nfs_server.block_size: \"large\" must be a power of two from 4K to 4M, such as "
	  "1M\n" },
	{ "block size in between", NODE "nfs_server: {block_size: 768K}\n",
	  "2: nfs_server.block_size: \"768K\" must be a power of two from 4K to 4M, such as 1M\n" },
	{ "small block size", NODE "nfs_server: {block_size: 2K}\n",
	  "2: nfs_server.block_size: \"2K\" must be a power of two from 4K to 4M, such as 1M\n" },
	{ "large block size", NODE "nfs_server: {block_size: 8M}\n",
	  "2: nfs_server.block_size: \"8M\" must be a power of two from 4K to 4M, such as 1M\n" },
	{ "I/O modes", NODE "nfs_server: {io_modes: {read: buffered, write: dontcache}}\n", NULL },
	{ "unknown I/O mode", NODE "nfs_server: {io_modes: {read: splice}}\n",
	  "2: nfs_server.io_modes.read: must be one of buffered, dontcache, direct, not "
	  "\"splice\"\n" },
	{ "version twice", NODE "nfs_server: {versions: [4.2, 4.2]}\n",
	  "2: nfs_server.versions[1]: 4.2 is given twice\n" },
	{ "unknown version", NODE "nfs_server: {versions: [2]}\n",
	  "2: nfs_server.versions[0]: must be one of 3, 4.0, 4.1, 4.2, not \"2\"\n" },
	{ "no version", NODE "nfs_server: {versions: []}\n",
	  "2: nfs_server.versions: must not be empty\n" },
	{ "short lease", NODE "nfs_server: {lease: 5}\n",
	  "2: nfs_server.lease: must be from 10 to 3600 seconds, not 5\n" },
	{ "long grace", NODE "nfs_server: {grace: 4000}\n",
	  "2: nfs_server.grace: must be from 10 to 3600 seconds, not 4000\n" },
	{ "grace shorter than lease", NODE "nfs_server: {lease: 60, grace: 30}\n",
	  "2: nfs_server.grace: 30 s are shorter than the lease of 60 s, in which clients notice "
	  "that the server was away: they would lose their locks\n" },
	{ "port too large", NODE "nfs_server: {rdma_port: 70000}\n",
	  "2: nfs_server.rdma_port: must be a port from 1 to 65535, or 0 for none, not 70000\n" },
	{ "RDMA on TCP's port", NODE "nfs_server: {rdma_port: 2049}\n",
	  "2: nfs_server.rdma_port: 2049 is the port for TCP; the registered one for RDMA is "
	  "20049\n" },
	{ "nobody could reach it", NODE "nfs_server: {rdma_port: 0, tcp: false}\n",
	  "2: nfs_server: with tcp: false and rdma_port: 0 nobody could reach it\n" },
};

static const struct row mounts[] = {
	{ "good mount",
	  MOUNT "- {source: \"10.0.0.1:/a\", target: /mnt/a, version: 4.2, port: 20049, "
		"options: [hard, noatime]}\n",
	  NULL },
	{ "IPv6 source", MOUNT "- {source: \"[fd00::1]:/a\", target: /mnt/a}\n", NULL },
	{ "root of the server", MOUNT "- {source: \"server:/\", target: /mnt/a}\n", NULL },
	{ "source without a host", MOUNT "- {source: /a, target: /mnt/a}\n",
	  "3: mounts[0].source: \"/a\" must be HOST:/PATH, with an IPv6 address in brackets\n" },
	{ "source without a path", MOUNT "- {source: server, target: /mnt/a}\n",
	  "3: mounts[0].source: \"server\" must be HOST:/PATH, with an IPv6 address in "
	  "brackets\n" },
	{ "IPv6 source without brackets", MOUNT "- {source: \"fd00::1:/a\", target: /mnt/a}\n",
	  "3: mounts[0].source: \"fd00::1:/a\" must be HOST:/PATH, with an IPv6 address in "
	  "brackets\n" },
	{ "bad address in brackets", MOUNT "- {source: \"[fd00]:/a\", target: /mnt/a}\n",
	  "3: mounts[0].source: \"[fd00]:/a\" has no IPv6 address in its brackets\n" },
	{ "bad host", MOUNT "- {source: \"a_b:/a\", target: /mnt/a}\n",
	  "3: mounts[0].source: \"a_b:/a\" has neither an address nor a host name before its "
	  "path\n" },
	{ "source that looks like an option", MOUNT "- {source: \"-o:/a\", target: /mnt/a}\n",
	  "3: mounts[0].source: \"-o:/a\" has neither an address nor a host name before its "
	  "path\n" },
	{ "bad path", MOUNT "- {source: \"a:/b c\", target: /mnt/a}\n",
	  "3: mounts[0].source: \"a:/b c\" must have an absolute path of letters, digits and "
	  "/._:@+- "
	  "behind its host\n" },
	{ "relative target", MOUNT "- {source: \"a:/b\", target: mnt}\n",
	  "3: mounts[0].target: \"mnt\" must be an absolute path\n" },
	{ "target with a slash at its end", MOUNT "- {source: \"a:/b\", target: /mnt/a/}\n",
	  "3: mounts[0].target: \"/mnt/a/\" must be a path without empty, . or .. parts, and no / "
	  "at "
	  "its end\n" },
	{ "target over the system", MOUNT "- {source: \"a:/b\", target: /usr/lib}\n",
	  "3: mounts[0].target: \"/usr/lib\" is in a directory of the system: nothing may be "
	  "mounted "
	  "there\n" },
	{ "target twice",
	  MOUNT "- {source: \"a:/b\", target: /mnt/a}\n- {source: \"a:/c\", target: "
		"/mnt/a}\n",
	  "4: mounts[1].target: the target \"/mnt/a\" is given twice, first in line 3\n" },
	{ "target over a dataset", DATA "mounts:\n- {source: \"a:/b\", target: /tank/data}\n",
	  "7: mounts[0].target: \"/tank/data\" is where the dataset tank/data is mounted\n" },
	{ "port of 0", MOUNT "- {source: \"a:/b\", target: /mnt/a, port: 0}\n",
	  "3: mounts[0].port: must be a port from 1 to 65535, not 0\n" },
	{ "port too large", MOUNT "- {source: \"a:/b\", target: /mnt/a, port: 65536}\n",
	  "3: mounts[0].port: must be a port from 1 to 65535, not 65536\n" },
	{ "unknown version", MOUNT "- {source: \"a:/b\", target: /mnt/a, version: 4}\n",
	  "3: mounts[0].version: must be one of 3, 4.0, 4.1, 4.2, not \"4\"\n" },
	{ "transport as an option",
	  MOUNT "- {source: \"a:/b\", target: /mnt/a, options: "
		"[proto=tcp]}\n",
	  "3: mounts[0].options[0]: \"proto=tcp\" is not for here: say transport:\n" },
	{ "version as an option", MOUNT "- {source: \"a:/b\", target: /mnt/a, options: [vers=3]}\n",
	  "3: mounts[0].options[0]: \"vers=3\" is not for here: say version:\n" },
	{ "port as an option", MOUNT "- {source: \"a:/b\", target: /mnt/a, options: [port=1]}\n",
	  "3: mounts[0].options[0]: \"port=1\" is not for here: say port:\n" },
	{ "option that is ours", MOUNT "- {source: \"a:/b\", target: /mnt/a, options: [bg]}\n",
	  "3: mounts[0].options[0]: \"bg\" is not for here: it is Penstock's to decide\n" },
	{ "option with a newline",
	  MOUNT "- {source: \"a:/b\", target: /mnt/a, options: "
		"[\"hard\\nExecStart=x\"]}\n",
	  "3: mounts[0].options[0]: \"hard?ExecStart=x\" must be one option of letters, digits and "
	  "_.-=:@/+ only\n" },
	{ "option with a specifier",
	  MOUNT "- {source: \"a:/b\", target: /mnt/a, options: [\"%h\"]}\n",
	  "3: mounts[0].options[0]: \"%h\" must be one option of letters, digits and _.-=:@/+ "
	  "only\n" },
	{ "options that contradict",
	  MOUNT "- {source: \"a:/b\", target: /mnt/a, options: [hard, "
		"soft]}\n",
	  "3: mounts[0].options: hard and soft contradict each other\n" },
};

static void storage_node_is_loaded(void **state)
{
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	const struct pst_conf *conf;

	(void)state;
	conf_from_data(&doc, "storage.yaml");
	conf = doc.conf;
	assert_string_equal(conf->node.name, "storage");
	assert_int_equal(conf->node.role, PST_ROLE_STORAGE);
	assert_int_equal(conf->network[0].mtu, 9000);
	assert_int_equal(conf->rdma[0].driver, PST_RDMA_SOFT_ROCE);
	assert_int_equal(conf->pools[0].own.layout, PST_RAIDZ1);
	assert_int_equal(conf->pools[0].own.disks_count, 4);
	assert_string_equal(conf->pools[0].own.disks[3], "/dev/disk/by-id/nvme-3");
	assert_string_equal(conf->pools[0].properties.autotrim, "on");
	assert_null(conf->pools[0].properties.ashift);
	assert_string_equal(conf->datasets[0].properties.quota, "10G");
	assert_true(conf->datasets[0].owner == 1000);
	assert_string_equal(conf->datasets[0].mode, "0755");
	assert_int_equal(conf->exports[0].fsid, 1);
	assert_int_equal(conf->exports[0].clients[0].access, PST_READ_WRITE);
	assert_int_equal(conf->exports[0].clients[0].squash, PST_SQUASH_ROOT);
	assert_true(pst_conf_wants_nfs_server(conf));
}

static void defaults_are_filled_in(void **state)
{
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };

	(void)state;
	conf_from(&doc, DATA "mounts: [{source: \"a:/b\", target: /mnt/a}]\n");
	assert_int_equal(doc.conf->nfs_server.threads, 0);
	assert_int_equal(doc.conf->nfs_server.rdma_port, 20049);
	assert_true(doc.conf->nfs_server.tcp);
	assert_true(doc.conf->datasets[0].owner == -1);
	assert_true(doc.conf->datasets[0].group == -1);
	assert_null(doc.conf->datasets[0].mode);
	assert_int_equal(doc.conf->mounts[0].transport, PST_TRANSPORT_RDMA);
	assert_int_equal(doc.conf->mounts[0].version, PST_NFS_4_2);
	assert_int_equal(pst_conf_mount_port(&doc.conf->mounts[0]), 20049);
	assert_false(pst_conf_wants_nfs_server(doc.conf));
}

static void zero_is_no_default(void **state)
{
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };

	(void)state;
	conf_from(&doc, TANK "datasets: [{name: tank/a, owner: 0}]\n"
			     "nfs_server: {rdma_port: 0}\n");
	assert_int_equal(doc.conf->nfs_server.rdma_port, 0);
	assert_true(doc.conf->datasets[0].owner == 0);
}

static void mount_points_are_inherited(void **state)
{
	static const char *const expected[][2] = {
		{ "tank", "/pool" },	{ "tank/a", "/pool/a" }, { "tank/b", "/b" },
		{ "tank/b/c", "/b/c" }, { "lake/a", "/lake/a" },
	};
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };

	(void)state;
	conf_from(&doc,
		  POOL "- {name: tank, layout: stripe, disks: [/dev/a], "
		       "filesystem_properties: {mountpoint: /pool}}\n"
		       "datasets:\n- {name: tank/a}\n"
		       "- {name: tank/b, properties: {mountpoint: /b}}\n- {name: tank/b/c}\n");
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		char __cleanup_free *path = pst_conf_mountpoint(doc.conf, expected[i][0]);

		assert_string_equal(path, expected[i][1]);
	}
}

/* Names that begin as others do, in no order; tank/m/x is mounted where its name does not say. */
static void datasets_are_found(void **state)
{
	static const struct {
		const char *name, *mountpoint;
		bool locked;
	} expected[] = {
		{ "tank/m", "/tank/m", true },	    { "tank/a/b", "/tank/a/b", false },
		{ "tank/m/x/y", "/x/y", true },	    { "tank/a", "/tank/a", false },
		{ "tank/m-1", "/tank/m-1", false }, { "tank/m/x", "/x", true },
		{ "tank/mm", "/tank/mm", false },
	};
	static const char *const absent[] = {
		"tank", "tank/", "tank/a/", "tank/a/bc", "tank/z", ""
	};
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };

	(void)state;
	conf_from(&doc,
		  TANK "datasets:\n- {name: tank/m, encryption: {key: \"file:///k\"}}\n"
		       "- {name: tank/a/b}\n- {name: tank/m/x/y}\n- {name: tank/a}\n"
		       "- {name: tank/m-1}\n- {name: tank/m/x, properties: {mountpoint: /x}}\n"
		       "- {name: tank/mm}\n");
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		char __cleanup_free *path = pst_conf_mountpoint(doc.conf, expected[i].name);

		assert_ptr_equal(pst_conf_dataset(doc.conf, expected[i].name),
				 &doc.conf->datasets[i]);
		assert_string_equal(path, expected[i].mountpoint);
		assert_int_equal(pst_conf_may_be_locked(doc.conf, path), expected[i].locked);
	}
	for (size_t i = 0; i < ARRAY_SIZE(absent); i++)
		assert_null(pst_conf_dataset(doc.conf, absent[i]));
	assert_false(pst_conf_may_be_locked(doc.conf, "/tank/m/x"));
}

static void no_datasets_are_found(void **state)
{
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };

	(void)state;
	conf_from(&doc, TANK);
	assert_null(pst_conf_dataset(doc.conf, "tank/a"));
	assert_false(pst_conf_may_be_locked(doc.conf, "/tank"));
}

static void lines_are_found(void **state)
{
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };

	(void)state;
	conf_from_data(&doc, "storage.yaml");
	assert_int_equal(pst_yaml_line(doc.tree, "pools[0].disks[1]"), 20);
	assert_int_equal(pst_yaml_line(doc.tree, "pools[0].disks[9]"), 18);
	assert_int_equal(pst_yaml_line(doc.tree, "pools[0].properties.ashift"), 23);
	assert_int_equal(pst_yaml_line(doc.tree, "mounts[0]"), 1);
	assert_int_equal(pst_yaml_line(doc.tree, ""), 1);
	assert_null(pst_yaml_find(doc.tree, "pools[0].disks[9]"));
	assert_null(pst_yaml_find(doc.tree, "pools[x"));
}

static void absent_file_is_said(void **state)
{
	struct pst_conf_doc doc = { 0 };
	struct pst_problems __cleanup_problems problems = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };

	(void)state;
	assert_int_equal(pst_conf_load("/nonexistent/x.yaml", &doc, &problems, &reason), -ENOENT);
	assert_string_equal(reason.text, "there is no configuration /nonexistent/x.yaml");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(storage_node_is_loaded),
		cmocka_unit_test(defaults_are_filled_in),
		cmocka_unit_test(zero_is_no_default),
		cmocka_unit_test(mount_points_are_inherited),
		cmocka_unit_test(datasets_are_found),
		cmocka_unit_test(no_datasets_are_found),
		cmocka_unit_test(lines_are_found),
		cmocka_unit_test(absent_file_is_said),
	};

	ADD_TESTS(tests);
	ADD_ROWS(shapes, is_refused);
	ADD_ROWS(nodes, is_refused);
	ADD_ROWS(users, is_refused);
	ADD_ROWS(networks, is_refused);
	ADD_ROWS(exports, is_refused);
	ADD_ROWS(mounts, is_refused);
	return run_gathered(NULL, NULL);
}
