// SPDX-License-Identifier: MIT
/* src/seed: what NoCloud seeds become, what is refused in them, and what is named as not used. */
#include <errno.h>

#include "common.h"
#include "seed/seed.h"

#define KEY   "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
#define CLOUD "#cloud-config\n"
#define V2    "version: 2\nethernets:\n"
#define V1    "version: 1\nconfig:\n"
#define PORTS "; there are eth0 (52:54:00:00:00:01), eth1 (52:54:00:00:00:02)"
#define HEAD                                                                                     \
	"# The first configuration of this machine, made by penstock seed of what cloud-init's " \
	"seed on\n# the volume cidata says. penstock.yaml(5) has every key.\n"
#define NAMED(name) HEAD "node:\n  name: \"" name "\"\n  role: storage\n"
#define NODE	    NAMED("storage")

struct row {
	const char *name;
	const char *meta, *user, *network; /* NULL: not there */
	const char *yaml; /* NULL: none comes of it */
	const char *says; /* what is refused and what is warned of, one a line */
};

static const struct row taken[] = {
	{ "hostname of meta-data", "instance-id: i-1\nlocal-hostname: web1\n", "", NULL,
	  NAMED("web1"), "" },
	{ "hostname of user-data comes first", "local-hostname: web1\n", CLOUD "hostname: web2\n",
	  NULL, NAMED("web2"), "" },
	{ "fqdn", NULL, CLOUD "fqdn: web3.example.org\n", NULL, NAMED("web3"),
	  "cidata/user-data:2: fqdn: the domain in \"web3.example.org\" is not used\n" },
	{ "hostname before fqdn", NULL, CLOUD "fqdn: a.b\nhostname: web4\n", NULL, NAMED("web4"),
	  "cidata/user-data:2: fqdn: is not used\n" },
	{ "meta-data as JSON", "{\"instance-id\": \"i\", \"local-hostname\": \"web1\"}", NULL, NULL,
	  NAMED("web1"), "" },
	{ "keys of all places, each once", "public-keys: " KEY "\n",
	  CLOUD "ssh_authorized_keys:\n- " KEY "\n- " KEY " anna@desk\nusers:\n- default\n"
		"- name: root\n  ssh_authorized_keys: [\"" KEY " \\\"b\\\"\"]\n",
	  NULL,
	  NODE "ssh:\n  authorized_keys:\n    - \"" KEY "\"\n    - \"" KEY
	       " anna@desk\"\n    - \"" KEY " \\\"b\\\"\"\n",
	  "" },
	{ "v2: static", NULL, NULL,
	  V2 "  eth0:\n    addresses: [10.0.0.5/24]\n    gateway4: 10.0.0.1\n"
	     "    nameservers: {addresses: [10.0.0.2, 10.0.0.3]}\n    mtu: 9000\n",
	  NODE "network:\n  - interface: \"eth0\"\n    addresses:\n      - \"10.0.0.5/24\"\n"
	       "    gateway: \"10.0.0.1\"\n    dns:\n      - \"10.0.0.2\"\n      - \"10.0.0.3\"\n"
	       "    mtu: \"9000\"\n",
	  "" },
	{ "v2: below network, by MAC", NULL, NULL,
	  "network:\n  version: 2\n  renderer: networkd\n  ethernets:\n    lan:\n"
	  "      match: {macaddress: \"52:54:00:00:00:02\"}\n      dhcp4: true\n",
	  NODE "network:\n  - interface: \"eth1\"\n    dhcp: ipv4\n", "" },
	{ "v2: MAC in capitals, pattern", NULL, NULL,
	  V2 "  a: {match: {macaddress: \"52:54:00:00:00:0A\", name: \"en*\"}, dhcp6: yes}\n", NULL,
	  "cidata/network-config:3: ethernets.a.match: no Ethernet port is 52:54:00:00:00:0A and "
	  "en*" PORTS "\n" },
	{ "v2: pattern that fits one", NULL, NULL,
	  V2 "  a: {match: {name: \"*1\"}, dhcp4: on, dhcp6: ON}\n",
	  NODE "network:\n  - interface: \"eth1\"\n    dhcp: both\n", "" },
	{ "v2: routes", NULL, NULL,
	  V2 "  eth0:\n    addresses: [\"2001:db8::5/64\"]\n    routes:\n"
	     "    - {to: \"::/0\", via: \"2001:db8::1\"}\n",
	  NODE "network:\n  - interface: \"eth0\"\n    addresses:\n      - \"2001:db8::5/64\"\n"
	       "    gateway: \"2001:db8::1\"\n",
	  "" },
	{ "v1: static with a netmask", NULL, NULL,
	  V1 "- type: physical\n  name: eth0\n  subnets:\n  - type: static\n"
	     "    address: 192.168.1.5\n    netmask: 255.255.240.0\n    gateway: 192.168.1.1\n"
	     "    dns_nameservers: [192.168.1.2]\n",
	  NODE "network:\n  - interface: \"eth0\"\n    addresses:\n      - \"192.168.1.5/20\"\n"
	       "    gateway: \"192.168.1.1\"\n    dns:\n      - \"192.168.1.2\"\n",
	  "" },
	{ "v1: by MAC, routes, name servers", NULL, NULL,
	  V1 "- type: nameserver\n  address: [10.0.0.2]\n- type: physical\n"
	     "  mac_address: \"52:54:00:00:00:01\"\n  mtu: 1500\n  subnets:\n"
	     "  - {type: dhcp}\n- type: physical\n  name: eth1\n  subnets:\n  - type: static\n"
	     "    address: 10.0.0.5/24\n    routes:\n"
	     "    - {network: 0.0.0.0, netmask: 0.0.0.0, gateway: 10.0.0.1}\n- type: loopback\n",
	  NODE "network:\n  - interface: \"eth0\"\n    dhcp: ipv4\n    mtu: \"1500\"\n"
	       "  - interface: \"eth1\"\n    addresses:\n      - \"10.0.0.5/24\"\n"
	       "    gateway: \"10.0.0.1\"\n    dns:\n      - \"10.0.0.2\"\n",
	  "" },
	{ "v1: dhcp6, and a port without an address", NULL, NULL,
	  V1 "- {type: physical, name: eth1, subnets: [{type: manual}]}\n"
	     "- {type: physical, name: eth0, subnets: [{type: dhcp6}]}\n",
	  NODE "network:\n  - interface: \"eth0\"\n    dhcp: ipv6\n",
	  "cidata/network-config:3: eth1 is left to the system: it has neither an address nor "
	  "DHCP\n" },
	{ "nothing to take", "instance-id: i-1\n", CLOUD, NULL, NULL, "" },
	{ "blank files", "", "\n# nothing\n", NULL, NULL,
	  "cidata/user-data:1: does not begin with #cloud-config, and is not used: no scripts, "
	  "archives or templates are\n" },
};

/* What is in a seed and not used; a name comes of it all the same. */
#define WARNED(name, user, says) { name, "local-hostname: n\n", CLOUD user, NULL, NAMED("n"), says }
#define META(name, meta, says)	 { name, "local-hostname: n\n" meta, NULL, NULL, NAMED("n"), says }
#define NETWORK(name, network, yaml, says) \
	{ name, "local-hostname: n\n", NULL, network, NAMED("n") yaml, says }
#define ETH0 "network:\n  - interface: \"eth0\"\n"
#define DHCP ETH0 "    dhcp: ipv4\n"

static const struct row warned[] = {
	META("meta-data: unknown", "dsmode: local\n", "cidata/meta-data:2: dsmode: is not used\n"),
	META("meta-data: interfaces of old", "network-interfaces: |\n  iface eth0 inet dhcp\n",
	     "cidata/meta-data:2: network-interfaces: is not used\n"),
	META("meta-data: keys as a mapping", "public-keys: {a: {openssh-key: b}}\n",
	     "cidata/meta-data:2: public-keys: is not used\n"),
	WARNED("write_files", "write_files:\n- {path: /a, content: b}\n",
	       "cidata/user-data:2: write_files: is not used\n"),
	WARNED("runcmd", "hostname: n\nruncmd:\n- [reboot]\n",
	       "cidata/user-data:3: runcmd: is not used\n"),
	WARNED("packages", "packages: [vim]\n", "cidata/user-data:2: packages: is not used\n"),
	WARNED("password", "password: secret\nchpasswd: {expire: false}\n",
	       "cidata/user-data:2: password: is not used\n"
	       "cidata/user-data:3: chpasswd: is not used\n"),
	WARNED("another user", "users:\n- name: anna\n  ssh_authorized_keys: [" KEY "]\n",
	       "cidata/user-data:3: users[0]: the user \"anna\" is not made: a seed has keys for "
	       "root alone, and penstock.yaml(5) has users\n"),
	WARNED("what root has besides keys", "users:\n- name: root\n  sudo: ALL\n",
	       "cidata/user-data:4: users[0].sudo: is not used\n"),
	WARNED("control characters", "\"a\\x1bb\": 1\n", "cidata/user-data:2: a?b: is not used\n"),
	{ "a script", "local-hostname: n\n", "#!/bin/sh\nreboot\n", NULL, NAMED("n"),
	  "cidata/user-data:1: does not begin with #cloud-config, and is not used: no scripts, "
	  "archives or templates are\n" },
	{ "an archive", "local-hostname: n\n", "Content-Type: multipart/mixed\n", NULL, NAMED("n"),
	  "cidata/user-data:1: does not begin with #cloud-config, and is not used: no scripts, "
	  "archives or templates are\n" },
	NETWORK("v2: set-name", V2 "  eth0: {set-name: lan, dhcp4: true}\n", DHCP,
		"cidata/network-config:3: ethernets.eth0.set-name: is not used: interfaces keep "
		"their names\n"),
	NETWORK("v2: driver and search",
		V2 "  a:\n    match: {name: eth0, driver: e1000}\n    dhcp4: true\n"
		   "    nameservers: {search: [a.b]}\n",
		DHCP,
		"cidata/network-config:4: ethernets.a.match.driver: is not used\n"
		"cidata/network-config:6: ethernets.a.nameservers.search: is not used\n"),
	NETWORK("v2: optional", V2 "  eth0: {dhcp4: true, optional: true}\n", DHCP,
		"cidata/network-config:3: ethernets.eth0.optional: is not used\n"),
	NETWORK("v2: a route that is not the default",
		V2
		"  eth0:\n    dhcp4: true\n    routes:\n    - {to: 10.1.0.0/16, via: 10.0.0.9}\n",
		DHCP,
		"cidata/network-config:6: ethernets.eth0.routes[0]: the route to 10.1.0.0/16 is "
		"not used: only the default one is\n"),
	NETWORK("v2: a second gateway",
		V2 "  eth0:\n    addresses: [10.0.0.5/24, \"2001:db8::5/64\"]\n"
		   "    gateway4: 10.0.0.1\n    gateway6: \"2001:db8::1\"\n",
		ETH0 "    addresses:\n      - \"10.0.0.5/24\"\n      - \"2001:db8::5/64\"\n"
		     "    gateway: \"10.0.0.1\"\n",
		"cidata/network-config:6: ethernets.eth0.gateway6: is not used: an interface has "
		"one gateway, and that is 10.0.0.1\n"),
	NETWORK("v2: metric of a route",
		V2 "  eth0:\n    addresses: [10.0.0.5/24]\n    routes:\n"
		   "    - {to: default, via: 10.0.0.1, metric: 5}\n",
		ETH0 "    addresses:\n      - \"10.0.0.5/24\"\n    gateway: \"10.0.0.1\"\n",
		"cidata/network-config:6: ethernets.eth0.routes[0].metric: is not used\n"),
	NETWORK("v2: bonds", V2 "  eth0: {dhcp4: true}\nbonds:\n  bond0: {interfaces: [eth0]}\n",
		DHCP, "cidata/network-config:4: bonds: is not used: only ethernets is\n"),
	NETWORK("v2: another renderer", "renderer: NetworkManager\n" V2 "  eth0: {dhcp4: true}\n",
		DHCP, "cidata/network-config:1: renderer: is not used: only ethernets is\n"),
	NETWORK("v2: a port that is not there", V2 "  ens3: {dhcp4: true}\n",
		"network:\n  - interface: \"ens3\"\n    dhcp: ipv4\n",
		"cidata/network-config:3: ethernets.ens3: no Ethernet port is called ens3" PORTS
		"\n"),
	NETWORK("v1: another name",
		V1 "- {type: physical, name: lan, mac_address: \"52:54:00:00:00:01\", subnets: "
		   "[{type: dhcp4}]}\n",
		DHCP,
		"cidata/network-config:3: config[0].mac_address: the port is called eth0 and keeps "
		"that name, not \"lan\"\n"),
	NETWORK("v1: bond, and more of a port",
		V1 "- {type: physical, name: eth0, accept-ra: true, subnets: [{type: dhcp, metric: "
		   "1}]}\n- {type: bond, name: bond0}\n",
		DHCP,
		"cidata/network-config:3: config[0].accept-ra: is not used\n"
		"cidata/network-config:3: config[0].subnets[0].metric: is not used\n"
		"cidata/network-config:4: config[1]: \"bond\" is not used: only physical and "
		"nameserver are\n"),
	NETWORK("v1: another kind of subnet, dns_search",
		V1 "- {type: physical, name: eth0, subnets: [{type: dhcp}, {type: "
		   "ipv6_slaac, dns_search: [a.b]}]}\n",
		DHCP,
		"cidata/network-config:3: config[0].subnets[1].type: \"ipv6_slaac\" is not used\n"
		"cidata/network-config:3: config[0].subnets[1].dns_search: is not used\n"),
	NETWORK("v1: a route that is not the default",
		V1 "- {type: physical, name: eth0, subnets: [{type: dhcp, routes: [{network: "
		   "10.1.0.0, netmask: 255.255.0.0, gateway: 10.0.0.9}]}]}\n",
		DHCP,
		"cidata/network-config:3: config[0].subnets[0].routes[0]: the route to 10.1.0.0 is "
		"not used: only the default one is\n"),
	NETWORK("v1: name servers and no port", V1 "- {type: nameserver, address: 10.0.0.2}\n", "",
		"cidata/network-config:3: the name server 10.0.0.2 is not used: it is on no "
		"interface\n"),
	NETWORK("config: disabled", "config: disabled\n", "",
		"cidata/network-config:1: config: is not used: the network is left to the system, "
		"which asks for an address\n"),
	NETWORK("beside network", "network: {version: 2, ethernets: {}}\nother: 1\n", "",
		"cidata/network-config:2: other: is not used\n"),
};

#define BAD_META(name, meta, says) { name, meta, NULL, NULL, NULL, "cidata/meta-data:" says }
#define BAD_USER(name, user, says) { name, NULL, user, NULL, NULL, "cidata/user-data:" says }
#define BAD_NETWORK(name, network, says) \
	{ name, NULL, NULL, network, NULL, "cidata/network-config:" says }

static const struct row refused[] = {
	{ "an empty volume", NULL, NULL, NULL, NULL,
	  "cidata: has neither meta-data nor user-data nor network-config\n" },
	BAD_META("meta-data: no YAML", "a: [\n",
		 "2: is not YAML: did not find expected node content while parsing a flow node\n"),
	BAD_META("meta-data: a list", "- a\n", "1: must be a mapping of keys to values\n"),
	BAD_META("meta-data: a word", "web1\n", "1: must be a mapping of keys to values\n"),
	BAD_META("meta-data: twice", "local-hostname: a\nlocal-hostname: b\n",
		 "2: local-hostname: given twice, first in line 1\n"),
	BAD_META("meta-data: no name", "local-hostname: [a]\n",
		 "1: local-hostname: must be one word\n"),
	BAD_META("meta-data: an empty name", "local-hostname:\n",
		 "1: local-hostname: must be one word\n"),
	BAD_META(
		"a name that is none", "instance-id: 1\nlocal-hostname: a_b\n",
		"2: node.name: \"a_b\" must be 1 to 63 letters, digits and hyphens, with no hyphen "
		"at either end\n"),
	BAD_META("a key that is none", "public-keys:\n- nonsense\n",
		 "2: ssh.authorized_keys[0]: must be a public key: TYPE KEY COMMENT, with no "
		 "options before it\n"),
	BAD_META("meta-data: alias", "a: &x 1\nb: *x\n", "2: aliases (*name) are not used here\n"),
	BAD_USER("user-data: no YAML", CLOUD "a: \"b\n",
		 "3: is not YAML: found unexpected end of stream while scanning a quoted scalar\n"),
	BAD_USER("user-data: a list", CLOUD "- a\n", "2: must be a mapping of keys to values\n"),
	BAD_USER("user-data: a tab", CLOUD "a:\n\tb: c\n",
		 "3: is not YAML: found character that cannot start any token while scanning for "
		 "the next token\n"),
	BAD_USER("user-data: two documents", CLOUD "a: b\n---\nc: d\n",
		 "3: a second document begins here\n"),
	BAD_USER("keys that are a mapping", CLOUD "ssh_authorized_keys: {a: b}\n",
		 "2: ssh_authorized_keys: must be one word\n"),
	BAD_USER("a key with options", CLOUD "ssh_authorized_keys:\n- no-pty " KEY "\n",
		 "3: ssh.authorized_keys[0]: must be a public key: TYPE KEY COMMENT, with no "
		 "options before it\n"),
	BAD_USER("users that are a mapping", CLOUD "users: {name: root}\n",
		 "2: users: must be a list\n"),
	BAD_USER("a user without a name", CLOUD "users:\n- sudo: ALL\n",
		 "3: users[0].name: missing\n"),
	BAD_USER("a user that is another word", CLOUD "users: [anna]\n",
		 "2: users[0]: must be a mapping of keys to values\n"),
	BAD_NETWORK("network: no YAML", "version: 2\n ethernets: {}\n",
		    "2: is not YAML: mapping values are not allowed in this context\n"),
	BAD_NETWORK("network: a list", "- version: 2\n",
		    "1: must be a mapping of keys to values\n"),
	BAD_NETWORK("network: no version", "ethernets: {}\n", "1: version: missing\n"),
	BAD_NETWORK("network: version 3", "version: 3\n",
		    "1: version: must be 1 or 2, not \"3\"\n"),
	BAD_NETWORK("network: that is a word", "network: none\n",
		    "1: network: must be a mapping of keys to values\n"),
	BAD_NETWORK("v2: ethernets that are a list", "version: 2\nethernets: [eth0]\n",
		    "2: ethernets: must be a mapping of keys to values\n"),
	BAD_NETWORK("v2: a port that is a word", V2 "  eth0: dhcp\n",
		    "3: ethernets.eth0: must be a mapping of keys to values\n"),
	BAD_NETWORK("v2: dhcp4 that is neither", V2 "  eth0: {dhcp4: maybe}\n",
		    "3: ethernets.eth0.dhcp4: must be true or false\n"),
	BAD_NETWORK("v2: no port has the MAC",
		    V2 "  a: {match: {macaddress: \"52:54:00:00:00:99\"}}\n",
		    "3: ethernets.a.match: no Ethernet port is 52:54:00:00:00:99" PORTS "\n"),
	BAD_NETWORK("v2: two ports fit", V2 "  a: {match: {name: \"eth*\"}}\n",
		    "3: ethernets.a.match: more than one Ethernet port is eth*" PORTS "\n"),
	BAD_NETWORK("v2: a match of nothing", V2 "  a: {match: {}}\n",
		    "3: ethernets.a.match: needs macaddress or name\n"),
	BAD_NETWORK("v2: an address without bits", V2 "  eth0:\n    addresses:\n    - 10.0.0.5\n",
		    "5: network[0].addresses[0]: \"10.0.0.5\" must have the length of the "
		    "network's prefix, as 10.77.0.1/24 has\n"),
	BAD_NETWORK("v2: no address", V2 "  eth0:\n    addresses: [10.0.0.256/24]\n",
		    "4: network[0].addresses[0]: \"10.0.0.256/24\" is not an address\n"),
	BAD_NETWORK("v2: an address with options",
		    V2 "  eth0:\n    addresses:\n    - 10.0.0.5/24: {label: a}\n",
		    "5: ethernets.eth0.addresses[0]: must be one word\n"),
	BAD_NETWORK("v2: a gateway elsewhere",
		    V2 "  eth0:\n    addresses: [10.0.0.5/24]\n    gateway4: 10.1.0.1\n",
		    "5: network[0].gateway: \"10.1.0.1\" is in none of the networks of eth0\n"),
	BAD_NETWORK("v2: a gateway that is none",
		    V2 "  eth0:\n    addresses: [10.0.0.5/24]\n    gateway4: router\n",
		    "5: network[0].gateway: \"router\" is not an address\n"),
	BAD_NETWORK("v2: a name server that is none",
		    V2
		    "  eth0:\n    dhcp4: true\n    nameservers:\n      addresses: [8.8.8.8, dns]\n",
		    "6: network[0].dns[1]: \"dns\" is not an address\n"),
	BAD_NETWORK(
		"v2: an MTU that is none", V2 "  eth0:\n    dhcp4: on\n    mtu: large\n",
		"5: network[0].mtu: must be a whole number from 0 to 2147483647, not \"large\"\n"),
	BAD_NETWORK("v2: an MTU that is too small", V2 "  eth0:\n    dhcp4: on\n    mtu: 9\n",
		    "5: network[0].mtu: must be from 576 to 65520 bytes, not 9\n"),
	BAD_NETWORK("v2: a port by two names",
		    V2 "  eth0: {dhcp4: true}\n  a: {match: {name: eth0}, dhcp4: on}\n",
		    "4: network[1].interface: the interface \"eth0\" is given twice\n"),
	BAD_NETWORK("v2: routes that are no list", V2 "  eth0: {routes: {to: default}}\n",
		    "3: ethernets.eth0.routes: must be a list\n"),
	BAD_NETWORK("v2: a route without via", V2 "  eth0: {routes: [{to: default}]}\n",
		    "3: ethernets.eth0.routes[0].via: missing\n"),
	BAD_NETWORK("v2: a route without to", V2 "  eth0: {routes: [{via: 10.0.0.1}]}\n",
		    "3: ethernets.eth0.routes[0].to: missing\n"),
	BAD_NETWORK("v2: name servers that are a list", V2 "  eth0: {nameservers: [8.8.8.8]}\n",
		    "3: ethernets.eth0.nameservers: must be a mapping of keys to values\n"),
	BAD_NETWORK("v1: no config", "version: 1\n", "1: config: missing\n"),
	BAD_NETWORK("v1: config that is no list", "version: 1\nconfig: {a: b}\n",
		    "2: config: must be a list\n"),
	BAD_NETWORK("v1: an entry without type", V1 "- name: eth0\n",
		    "3: config[0].type: missing\n"),
	BAD_NETWORK("v1: an entry that is a word", V1 "- eth0\n",
		    "3: config[0]: must be a mapping of keys to values\n"),
	BAD_NETWORK("v1: a port without name", V1 "- type: physical\n",
		    "3: config[0]: needs name or mac_address\n"),
	BAD_NETWORK("v1: no port has the MAC",
		    V1 "- type: physical\n  mac_address: \"52:54:00:00:00:99\"\n",
		    "4: config[0].mac_address: no Ethernet port is 52:54:00:00:00:99" PORTS "\n"),
	BAD_NETWORK("v1: a subnet without type",
		    V1 "- {type: physical, name: eth0, subnets: [{address: 10.0.0.5/24}]}\n",
		    "3: config[0].subnets[0].type: missing\n"
		    "cidata/network-config:3: config[0].subnets[0].address: is not used\n"),
	BAD_NETWORK("v1: static without an address",
		    V1 "- {type: physical, name: eth0, subnets: [{type: static}]}\n",
		    "3: config[0].subnets[0].address: missing\n"),
	BAD_NETWORK("v1: a netmask with a hole",
		    V1 "- type: physical\n  name: eth0\n  subnets:\n  - type: static\n"
		       "    address: 10.0.0.5\n    netmask: 255.0.255.0\n",
		    "8: config[0].subnets[0].netmask: \"255.0.255.0\" is no netmask\n"),
	BAD_NETWORK("v1: static without a netmask",
		    V1 "- {type: physical, name: eth0, subnets: [{type: static, address: "
		       "10.0.0.5}]}\n",
		    "3: network[0].addresses[0]: \"10.0.0.5\" must have the length of the "
		    "network's prefix, as 10.77.0.1/24 has\n"),
	BAD_NETWORK("v1: a route without gateway",
		    V1 "- {type: physical, name: eth0, subnets: [{type: dhcp, routes: [{network: "
		       "10.0.0.0}]}]}\n",
		    "3: config[0].subnets[0].routes[0]: needs network and gateway\n"),
	BAD_NETWORK("v1: a name server without address", V1 "- type: nameserver\n",
		    "3: config[0].address: missing\n"),
	BAD_NETWORK("too deep", "a: [[[[[[[[[[1]]]]]]]]]]\n", "1: is nested too deeply\n"),
};

static struct pst_seed_card cards[] = { { (char *)"eth0", (char *)"52:54:00:00:00:01" },
					{ (char *)"eth1", (char *)"52:54:00:00:00:02" } };
static const struct pst_seed_machine machine = { .cards = cards, .n_cards = ARRAY_SIZE(cards) };

static struct pst_seed_file file_of(const char *text)
{
	return (struct pst_seed_file){ (char *)text, text ? strlen(text) : 0 };
}

static void becomes(void **state)
{
	const struct row *row = *state;
	struct pst_seed __cleanup_seed seed = { .label = strdup("cidata") };
	struct pst_reason __cleanup_reason reason = { 0 };
	const struct pst_nocloud_files files = { file_of(row->meta), file_of(row->user),
						 file_of(row->network) };
	struct pst_buf __cleanup_buf says = { 0 };
	int error = pst_seed_take_nocloud(&files, &machine, &seed, &reason);

	for (size_t i = 0; i < seed.refused.n; i++)
		pst_buf_printf(&says, "%s\n", seed.refused.v[i]);
	for (size_t i = 0; i < seed.warnings.n; i++)
		pst_buf_printf(&says, "%s\n", seed.warnings.v[i]);
	assert_string_equal(says.data ?: "", row->says);
	if (row->yaml)
		assert_string_equal(seed.text, row->yaml);
	else
		assert_null(seed.text);
	assert_int_equal(error, row->yaml ? 0 : seed.refused.n ? -EINVAL : -ENODATA);
}

/* Of a file that holds what no text does. */
static void nul_is_refused(void **state)
{
	struct pst_seed __cleanup_seed seed = { .label = strdup("cidata") };
	const struct pst_nocloud_files files = { .meta_data = { (char *)"a: b\0c", 6 } };

	(void)state;
	assert_int_equal(pst_seed_take_nocloud(&files, &machine, &seed, NULL), -EINVAL);
	assert_int_equal(seed.refused.n, 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(nul_is_refused) };

	ADD_ROWS(taken, becomes);
	ADD_ROWS(warned, becomes);
	ADD_ROWS(refused, becomes);
	ADD_TESTS(tests);
	return run_gathered(NULL, NULL);
}
