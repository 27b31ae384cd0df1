// SPDX-License-Identifier: MIT
/* src/node/network-plan.c, network-file.c, link.c and fabric.c: bonds, VLANs, IPoIB, DHCP, several ports. */
#include "common.h"

#define NODE "node: {name: gpu, role: gpu}\n"
#define HEAD "# Written by penstock(8) from penstock.yaml; change that file, not this one.\n"
#define DIR  "/etc/systemd/network/50-penstock-"

#define LINK(name, more) "{\"ifname\":\"" name "\",\"operstate\":\"UP\",\"mtu\":1500" more "}"
#define PORT(name)	 LINK(name, ",\"max_mtu\":9000")
#define MEMBER(name)	 LINK(name, ",\"max_mtu\":9000,\"master\":\"bond0\"")
#define KIND(kind, data) ",\"linkinfo\":{\"info_kind\":\"" kind "\",\"info_data\":{" data "}}"
#define HAS(address)	 ",\"addr_info\":[{\"local\":\"" address "\",\"prefixlen\":24}]"

#define BOND                                                                                 \
	NODE "network: [{interface: bond0, addresses: [10.0.0.1/24], bond: {mode: 802.3ad, " \
	     "interfaces: [e1, e2], hash: layer3+4, lacp_rate: fast}}]\n"
#define BOND_DATA                                                                                 \
	"\"mode\":\"802.3ad\",\"miimon\":100,\"xmit_hash_policy\":\"layer3+4\",\"ad_lacp_rate\":" \
	"\"fast\""
#define BOND_LINK(data) LINK("bond0", HAS("10.0.0.1") KIND("bond", data))
#define VLAN                                                                                     \
	NODE "network: [{interface: e1, dhcp: ipv4}, {interface: v5, addresses: [10.0.5.1/24], " \
	     "vlan: {id: 5, interface: e1}}]\n"
#define E1_DHCP \
	LINK("e1", ",\"addr_info\":[{\"local\":\"10.1.1.9\",\"prefixlen\":24,\"dynamic\":true}]")
#define VLAN_LINK(parent, id)                                 \
	LINK("v5", ",\"link\":\"" parent "\"" HAS("10.0.5.1") \
			   KIND("vlan", "\"protocol\":\"802.1Q\",\"id\":" id))
#define IPOIB                                                                                   \
	NODE "network: [{interface: ib0, addresses: [10.0.0.1/24], ipoib: {mode: connected}}, " \
	     "{interface: ib0.8001, addresses: [10.0.1.1/24], ipoib: {pkey: \"0x8001\", "       \
	     "interface: ib0}}]\n"
#define IB0(mode) \
	LINK("ib0", HAS("10.0.0.1") KIND("ipoib", "\"key\":\"0xffff\",\"mode\":\"" mode "\""))
#define IB_CHILD(key) \
	LINK("ib0.8001", ",\"link\":\"ib0\"" HAS("10.0.1.1") KIND("ipoib", "\"key\":\"" key "\""))
#define TWO                                                                          \
	NODE "network: [{interface: e1, addresses: [10.0.0.1/24]}, {interface: e2, " \
	     "addresses: [10.0.0.2/24]}]\n"
#define TWO_LINKS LINK("e1", HAS("10.0.0.1")) "," LINK("e2", HAS("10.0.0.2"))

struct row {
	const char *name;
	const char *conf;
	const char *links; /* as ip answers, without the brackets */
	bool settled; /* all files are as declared */
	const char *rules; /* as ip answers; NULL: none */
	const char *arp; /* the values of arp_ignore and arp_announce, of every interface */
	const char *expected;
};

static const struct row rows[] = {
	{ .name = "bond: new",
	  .conf = BOND,
	  .links = PORT("e1") "," PORT("e2"),
	  .expected = "do write " DIR "bond0.netdev [" DIR "bond0.netdev is not there]\n"
		      "do write " DIR "e1.network [" DIR "e1.network is not there]\n"
		      "do write " DIR "e2.network [" DIR "e2.network is not there]\n"
		      "do write " DIR "bond0.network [" DIR "bond0.network is not there]\n"
		      "do networkctl reload\n"
		      "do wait until /sys/class/net/bond0/uevent says DEVTYPE=bond\n"
		      "do wait until bond0 has 10.0.0.1/24\n" },
	{ .name = "bond: as declared",
	  .conf = BOND,
	  .links = MEMBER("e1") "," MEMBER("e2") "," BOND_LINK(BOND_DATA),
	  .settled = true,
	  .expected = "" },
	{ .name = "bond: another mode",
	  .conf = BOND,
	  .links = MEMBER("e1") "," MEMBER("e2") "," BOND_LINK("\"mode\":\"active-backup\""),
	  .settled = true,
	  .expected = "do networkctl delete bond0 [bond0 has the mode active-backup, not "
		      "802.3ad]\n"
		      "do systemctl restart systemd-networkd.service\n"
		      "do wait until /sys/class/net/bond0/uevent says DEVTYPE=bond\n"
		      "do wait until bond0 has 10.0.0.1/24\n" },
	{ .name = "bond: another hash",
	  .conf = BOND,
	  .links = MEMBER("e1") "," MEMBER("e2") "," BOND_LINK(
		  "\"mode\":\"802.3ad\",\"xmit_hash_policy\":\"layer2\""),
	  .settled = true,
	  .expected = "do networkctl delete bond0 [bond0 has the hash layer2, not layer3+4]\n"
		      "do systemctl restart systemd-networkd.service\n"
		      "do wait until /sys/class/net/bond0/uevent says DEVTYPE=bond\n"
		      "do wait until bond0 has 10.0.0.1/24\n" },
	{ .name = "bond: a person's, in another mode",
	  .conf = BOND,
	  .links = MEMBER("e1") "," MEMBER("e2") "," BOND_LINK("\"mode\":\"active-backup\""),
	  .expected = "do write " DIR "bond0.netdev [" DIR "bond0.netdev is not there]\n"
		      "do write " DIR "e1.network [" DIR "e1.network is not there]\n"
		      "do write " DIR "e2.network [" DIR "e2.network is not there]\n"
		      "do write " DIR "bond0.network [" DIR "bond0.network is not there]\n"
		      "do networkctl reload\n"
		      "do wait until /sys/class/net/bond0/uevent says DEVTYPE=bond\n"
		      "do wait until bond0 has 10.0.0.1/24\n"
		      "refused network[0]: bond0 has the mode active-backup, not 802.3ad, and was "
		      "not made by penstock: remove it with ip link delete bond0\n" },
	{ .name = "bond: a port is not in it",
	  .conf = BOND,
	  .links = MEMBER("e1") "," PORT("e2") "," BOND_LINK(BOND_DATA),
	  .settled = true,
	  .expected = "do networkctl reload\n"
		      "do networkctl reconfigure e2 [e2 is not in the bond bond0]\n" },
	{ .name = "bond: a port is not there",
	  .conf = BOND,
	  .links = MEMBER("e1") "," BOND_LINK(BOND_DATA),
	  .settled = true,
	  .expected = "refused network[0].bond.interfaces[1]: there is no interface e2; there "
		      "are: e1, bond0\n" },
	{ .name = "bond: a port is down",
	  .conf = BOND,
	  .links = MEMBER("e1") ",{\"ifname\":\"e2\",\"operstate\":\"DOWN\",\"master\":\"bond0\"}"
				"," BOND_LINK(BOND_DATA),
	  .settled = true,
	  .expected = "health network[0].bond.interfaces[1]: the port e2 of the bond bond0 is "
		      "down\n" },
	{ .name = "bond: someone deleted it",
	  .conf = BOND,
	  .links = PORT("e1") "," PORT("e2"),
	  .settled = true,
	  .expected = "do systemctl restart systemd-networkd.service [there is no interface "
		      "bond0]\n"
		      "do wait until /sys/class/net/bond0/uevent says DEVTYPE=bond\n"
		      "do wait until bond0 has 10.0.0.1/24\n" },
	{ .name = "VLAN: as declared, and an address by DHCP",
	  .conf = VLAN,
	  .links = E1_DHCP "," VLAN_LINK("e1", "5"),
	  .settled = true,
	  .expected = "" },
	{ .name = "VLAN: no address by DHCP",
	  .conf = VLAN,
	  .links = PORT("e1") "," VLAN_LINK("e1", "5"),
	  .settled = true,
	  .expected = "do networkctl reload\n"
		      "do networkctl reconfigure e1 [e1 does not have an IPv4 address by DHCP]\n"
		      "do wait until e1 has an IPv4 address by DHCP\n" },
	{ .name = "VLAN: another id",
	  .conf = VLAN,
	  .links = E1_DHCP "," VLAN_LINK("e1", "6"),
	  .settled = true,
	  .expected = "do networkctl delete v5 [v5 has the VLAN id 6, not 5]\n"
		      "do systemctl restart systemd-networkd.service\n"
		      "do wait until /sys/class/net/v5/uevent says DEVTYPE=vlan\n"
		      "do wait until v5 has 10.0.5.1/24\n" },
	{ .name = "VLAN: on another interface",
	  .conf = VLAN,
	  .links = E1_DHCP "," VLAN_LINK("e2", "5"),
	  .settled = true,
	  .expected = "do networkctl delete v5 [v5 is on e2, not on e1]\n"
		      "do systemctl restart systemd-networkd.service\n"
		      "do wait until /sys/class/net/v5/uevent says DEVTYPE=vlan\n"
		      "do wait until v5 has 10.0.5.1/24\n" },
	{ .name = "VLAN: of another kind",
	  .conf = VLAN,
	  .links = E1_DHCP "," LINK("v5", HAS("10.0.5.1") KIND("dummy", "")),
	  .settled = true,
	  .expected = "do networkctl delete v5 [v5 is of the kind dummy, not vlan]\n"
		      "do systemctl restart systemd-networkd.service\n"
		      "do wait until /sys/class/net/v5/uevent says DEVTYPE=vlan\n"
		      "do wait until v5 has 10.0.5.1/24\n" },
	{ .name = "MTU: more than the card has",
	  .conf = NODE "network: [{interface: e1, addresses: [10.0.0.1/24], mtu: 9001}]\n",
	  .links = PORT("e1"),
	  .expected = "do write " DIR "e1.network [" DIR "e1.network is not there]\n"
		      "do networkctl reload\n"
		      "do wait until /sys/class/net/e1/mtu says 9001\n"
		      "do wait until e1 has 10.0.0.1/24\n"
		      "refused network[0].mtu: e1 can have an MTU of at most 9000, not 9001\n" },
	{ .name = "IPoIB: as declared",
	  .conf = IPOIB,
	  .links = IB0("connected") "," IB_CHILD("0x8001"),
	  .settled = true,
	  .expected = "" },
	{ .name = "IPoIB: another mode",
	  .conf = IPOIB,
	  .links = IB0("datagram") "," IB_CHILD("0x8001"),
	  .settled = true,
	  .expected = "do networkctl reload\n"
		      "do networkctl reconfigure ib0 [ib0 has the IPoIB mode datagram, not "
		      "connected]\n" },
	{ .name = "IPoIB: an Ethernet card",
	  .conf = IPOIB,
	  .links = LINK("ib0", HAS("10.0.0.1")) "," IB_CHILD("0x8001"),
	  .settled = true,
	  .expected = "do networkctl reload\n"
		      "do networkctl reconfigure ib0 [ib0 is of the kind ether, not ipoib]\n" },
	{ .name = "IPoIB: a child of another partition",
	  .conf = IPOIB,
	  .links = IB0("connected") "," IB_CHILD("0x8002"),
	  .settled = true,
	  .expected = "do networkctl delete ib0.8001 [ib0.8001 has the partition key 0x8002, not "
		      "0x8001]\n"
		      "do systemctl restart systemd-networkd.service\n"
		      "do wait until /sys/class/net/ib0.8001/pkey says 0x8001\n"
		      "do wait until ib0.8001 has 10.0.1.1/24\n" },
	{ .name = "two ports in one network: new",
	  .conf = TWO,
	  .links = TWO_LINKS,
	  .arp = "0",
	  .expected =
		  "do write " DIR "e1.network [" DIR "e1.network is not there]\n"
		  "do write " DIR "e2.network [" DIR "e2.network is not there]\n"
		  "do networkctl reload\n"
		  "do write /etc/sysctl.d/50-penstock-fabric.conf "
		  "[/etc/sysctl.d/50-penstock-fabric.conf is not there]\n"
		  "do sysctl --load /etc/sysctl.d/50-penstock-fabric.conf [e1 has arp_ignore 0, "
		  "not 1]\n" },
	{ .name = "two ports in one network: as declared",
	  .conf = TWO,
	  .links = TWO_LINKS,
	  .settled = true,
	  .rules = "[{\"src\":\"10.0.0.1\",\"table\":\"7000\"},{\"src\":\"10.0.0.2\",\"table\":"
		   "\"7001\"}]",
	  .arp = "as declared",
	  .expected = "" },
	{ .name = "two ports in one network: a rule is missing",
	  .conf = TWO,
	  .links = TWO_LINKS,
	  .settled = true,
	  .rules = "[{\"src\":\"10.0.0.1\",\"table\":\"7000\"},{\"src\":\"10.0.0.2\",\"table\":"
		   "\"7000\"}]",
	  .arp = "as declared",
	  .expected = "do networkctl reload\n"
		      "do networkctl reconfigure e2 [what has the address of e2 need not leave by "
		      "it: there is no rule for 10.0.0.2/24]\n" },
	{ .name = "two ports in one network: one is made anew",
	  .conf = NODE "network: [{interface: e1, addresses: [10.0.5.2/24]}, {interface: v5, "
		       "addresses: [10.0.5.1/24], vlan: {id: 5, interface: e1}}]\n",
	  .links = LINK("e1", HAS("10.0.5.2")) "," VLAN_LINK("e1", "6"),
	  .settled = true,
	  .rules = "[{\"src\":\"10.0.5.2\",\"table\":\"7000\"},{\"src\":\"10.0.5.1\",\"table\":"
		   "\"7001\"}]",
	  .arp = "as declared",
	  .expected = "do networkctl delete v5 [v5 has the VLAN id 6, not 5]\n"
		      "do systemctl restart systemd-networkd.service\n"
		      "do wait until /sys/class/net/v5/uevent says DEVTYPE=vlan\n"
		      "do sysctl --load /etc/sysctl.d/50-penstock-fabric.conf\n"
		      "do wait until v5 has 10.0.5.1/24\n" },
	{ .name = "two ports in two networks need none of it",
	  .conf = NODE "network: [{interface: e1, addresses: [10.0.0.1/24]}, {interface: e2, "
		       "addresses: [10.0.2.2/24]}]\n",
	  .links = LINK("e1", HAS("10.0.0.1")) "," LINK("e2", HAS("10.0.2.2")),
	  .settled = true,
	  .arp = "0",
	  .expected = "" },
};

static void plan_all(const struct pst_conf *conf, const struct pst_state *state,
		     struct pst_plan *plan)
{
	pst_network_plan(conf, state, plan);
	pst_ports_plan(conf, state, plan);
	pst_network_plan_wait(conf, state, plan);
}

static void settle(const struct pst_conf *conf, struct pst_state *state)
{
	struct pst_plan __cleanup_plan plan = { 0 };

	plan_all(conf, state, &plan);
	for (size_t i = 0; i < plan.n; i++)
		if (plan.v[i].kind == PST_STEP_WRITE)
			add_file(state, plan.v[i].path, plan.v[i].text);
}

static void is_planned(void **state)
{
	const struct row *row = *state;
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };
	char __cleanup_free *json = pst_printf("[%s]", row->links);
	bool as_declared = pst_streq(row->arp, "as declared");

	conf_from(&doc, row->conf);
	assert_int_equal(pst_network_parse(json, &is, NULL), 0);
	if (row->rules)
		assert_int_equal(pst_ports_parse(row->rules, &is, NULL), 0);
	for (size_t i = 0; row->arp && i < is.n_interfaces; i++) {
		pst_values_add(&is.interfaces[i].sysctl, "arp_ignore",
			       as_declared ? "1" : row->arp);
		pst_values_add(&is.interfaces[i].sysctl, "arp_announce",
			       as_declared ? "2" : row->arp);
	}
	if (row->settled)
		settle(doc.conf, &is);
	assert_planned(plan_all, doc.conf, &is, row->expected);
}

struct file_row {
	const char *name;
	const char *conf;
	const char *file;
	const char *text; /* behind the header */
};

static const struct file_row file_rows[] = {
	{ "bond.netdev", BOND, DIR "bond0.netdev",
	  "\n[NetDev]\nName=bond0\nKind=bond\n\n[Bond]\nMode=802.3ad\nMIIMonitorSec=100ms\n"
	  "TransmitHashPolicy=layer3+4\nLACPTransmitRate=fast\n" },
	{ "bond's port", BOND, DIR "e1.network", "\n[Match]\nName=e1\n\n[Network]\nBond=bond0\n" },
	{ "bond's primary port",
	  NODE "network: [{interface: bond0, dhcp: both, bond: {mode: active-backup, interfaces: "
	       "[e1], primary: e1}}]\n",
	  DIR "e1.network", "\n[Match]\nName=e1\n\n[Network]\nBond=bond0\nPrimarySlave=yes\n" },
	{ "bond.network with DHCP",
	  NODE "network: [{interface: bond0, dhcp: both, bond: {mode: active-backup, interfaces: "
	       "[e1]}}]\n",
	  DIR "bond0.network",
	  "\n[Match]\nName=bond0\n\n[Network]\nConfigureWithoutCarrier=yes\nDHCP=yes\n" },
	{ "vlan.netdev", VLAN, DIR "v5.netdev",
	  "\n[NetDev]\nName=v5\nKind=vlan\n\n[VLAN]\nId=5\n" },
	{ "VLAN's parent", VLAN, DIR "e1.network",
	  "\n[Match]\nName=e1\n\n[Network]\nConfigureWithoutCarrier=yes\nDHCP=ipv4\nVLAN=v5\n" },
	{ "IPoIB child", IPOIB, DIR "ib0.8001.netdev",
	  "\n[NetDev]\nName=ib0.8001\nKind=ipoib\n\n[IPoIB]\nPartitionKey=0x8001\n" },
	{ "IPoIB parent", IPOIB, DIR "ib0.network",
	  "\n[Match]\nName=ib0\n\n[Network]\nConfigureWithoutCarrier=yes\nAddress=10.0.0.1/24\n"
	  "IPoIB=ib0.8001\n\n[IPoIB]\nMode=connected\n" },
	{ "two ports: rules", TWO, DIR "e2.network",
	  "\n[Match]\nName=e2\n\n[Network]\nConfigureWithoutCarrier=yes\nAddress=10.0.0.2/24\n"
	  "\n[RoutingPolicyRule]\nFrom=10.0.0.2\nTable=7001\nPriority=7001\n"
	  "\n[Route]\nDestination=10.0.0.0/24\nPreferredSource=10.0.0.2\nTable=7001\n"
	  "Scope=link\n" },
	{ "two ports: sysctl", TWO, "/etc/sysctl.d/50-penstock-fabric.conf",
	  "net/ipv4/conf/e1/arp_ignore = 1\nnet/ipv4/conf/e1/arp_announce = 2\n"
	  "net/ipv4/conf/e2/arp_ignore = 1\nnet/ipv4/conf/e2/arp_announce = 2\n" },
};

static void file_is_written(void **state)
{
	const struct file_row *row = *state;
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };
	const char *text;

	conf_from(&doc, row->conf);
	add_interface(&is, "e1", 1500, NULL);
	add_interface(&is, "e2", 1500, NULL);
	add_interface(&is, "ib0", 1500, NULL);
	settle(doc.conf, &is);
	text = pst_state_file(&is, row->file);
	assert_non_null(text);
	assert_true(pst_file_is_ours(text));
	assert_string_equal(text + strlen(HEAD), row->text);
}

static void what_is_no_longer_declared_goes(void **state)
{
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };

	(void)state;
	conf_from(&doc, NODE);
	add_interface(&is, "bond0", 1500, NULL);
	add_file(&is, DIR "bond0.netdev", HEAD);
	add_file(&is, DIR "e1.network", HEAD);
	add_file(&is, DIR "x.netdev", "[NetDev]\n");
	assert_planned(plan_all, doc.conf, &is,
		       "do networkctl delete bond0\n"
		       "do remove " DIR "bond0.netdev [" DIR
		       "bond0.netdev is there and nothing asks for it]\n"
		       "do remove " DIR "e1.network [" DIR
		       "e1.network is there and nothing asks for it]\n"
		       "do networkctl reload\n");
}

static void soft_roce_on_a_bond_comes_after_the_bond(void **state)
{
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };

	(void)state;
	conf_from(&doc, BOND "rdma: [{device: rxe0, driver: soft-roce, interface: bond0}]\n");
	assert_planned(pst_rdma_plan, doc.conf, &is,
		       "do rdma link add rxe0 type rxe netdev bond0 [the RDMA device rxe0 is not "
		       "there]\n");
}

/* The kernel takes it away with its interface, and with the one that this is on. */
static void soft_roce_on_what_is_made_anew_is_made_anew(void **state)
{
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };

	(void)state;
	conf_from(&doc, NODE "network: [{interface: v5, addresses: [10.0.5.1/24], vlan: {id: 5, "
			     "interface: bond0}}, {interface: bond0, bond: {mode: 802.3ad, "
			     "interfaces: [e1, e2]}}]\n"
			     "rdma: [{device: rxe0, driver: soft-roce, interface: v5}]\n");
	assert_int_equal(pst_network_parse("[" VLAN_LINK("bond0", "5") "," BOND_LINK(
						   "\"mode\":\"broadcast\"") "]",
					   &is, NULL),
			 0);
	add_rdma(&is, "rxe0", "ACTIVE", "v5");
	assert_planned(pst_rdma_plan, doc.conf, &is,
		       "do rdma link add rxe0 type rxe netdev v5 [the RDMA device rxe0 goes with "
		       "its interface]\n");
	assert_planned(pst_rdma_plan_wait, doc.conf, &is,
		       "do wait until /sys/class/infiniband/rxe0/ports/1/state says ACTIVE\n");
}

static void only_what_is_not_ours_to_make_is_waited_for(void **state)
{
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_state __cleanup_state is = { 0 };

	(void)state;
	conf_from(&doc, BOND);
	assert_true(pst_network_is_absent(doc.conf, &is));
	add_interface(&is, "e1", 1500, NULL);
	assert_true(pst_network_is_absent(doc.conf, &is));
	add_interface(&is, "e2", 1500, NULL);
	assert_false(pst_network_is_absent(doc.conf, &is));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_longer_declared_goes),
		cmocka_unit_test(soft_roce_on_a_bond_comes_after_the_bond),
		cmocka_unit_test(soft_roce_on_what_is_made_anew_is_made_anew),
		cmocka_unit_test(only_what_is_not_ours_to_make_is_waited_for),
	};

	ADD_TESTS(tests);
	ADD_ROWS(rows, is_planned);
	ADD_ROWS(file_rows, file_is_written);
	return run_gathered(NULL, NULL);
}
