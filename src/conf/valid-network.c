// SPDX-License-Identifier: MIT
/* Checks of network and rdma. */
#include <sys/socket.h>

#include "conf/valid.h"
#include "conf/word.h"

/* The smallest that IPv4 and the largest that IPoIB can use. */
#define MTU_MIN	     576
#define MTU_MIN_IPV6 1280
#define MTU_MAX	     65520

static void check_gateway(struct pst_valid *valid, size_t n, const struct pst_conf_network *conf)
{
	struct pst_key key = pst_key("network[%zu].gateway", n);
	const char *complaint;
	struct pst_network gateway, address;

	complaint = pst_word_address(conf->gateway, &gateway);
	if (complaint) {
		pst_bad_word(valid, key, conf->gateway, complaint);
		return;
	}
	for (size_t i = 0; i < conf->addresses_count; i++)
		/* A bad address has its own complaint; what it would reach is not known. */
		if (pst_word_interface_address(conf->addresses[i], &address) ||
		    pst_network_contains(&address, &gateway))
			return;
	pst_bad(valid, key, "\"%s\" is in none of the networks of %s", conf->gateway,
		conf->interface);
}

static void check_addresses(struct pst_valid *valid, size_t n, const struct pst_conf_network *conf)
{
	bool has_ipv6 = false;

	for (size_t i = 0; i < conf->addresses_count; i++) {
		struct pst_network address = { 0 };

		pst_bad_word(valid, pst_key("network[%zu].addresses[%zu]", n, i),
			     conf->addresses[i],
			     pst_word_interface_address(conf->addresses[i], &address));
		has_ipv6 = has_ipv6 || address.family == AF_INET6;
	}
	if (has_ipv6 && conf->mtu >= MTU_MIN && conf->mtu < MTU_MIN_IPV6)
		pst_bad(valid, pst_key("network[%zu].mtu", n),
			"%u is too small: IPv6 needs at least %d", conf->mtu, MTU_MIN_IPV6);
}

static void check_interface(struct pst_valid *valid, size_t n)
{
	const struct pst_conf_network *conf = &valid->conf->network[n];
	struct pst_key mtu = pst_key("network[%zu].mtu", n);
	struct pst_network address;

	pst_bad_word(valid, pst_key("network[%zu].interface", n), conf->interface,
		     pst_word_interface(conf->interface));
	pst_valid_link(valid, n);
	check_addresses(valid, n, conf);
	if (conf->gateway)
		check_gateway(valid, n, conf);
	for (size_t i = 0; i < conf->dns_count; i++)
		pst_bad_word(valid, pst_key("network[%zu].dns[%zu]", n, i), conf->dns[i],
			     pst_word_address(conf->dns[i], &address));
	if (pst_yaml_find(valid->tree, mtu.text) && (conf->mtu < MTU_MIN || conf->mtu > MTU_MAX))
		pst_bad(valid, mtu, "must be from %d to %d bytes, not %u", MTU_MIN, MTU_MAX,
			conf->mtu);
}

static const char *nth_interface(const struct pst_conf *conf, size_t n, struct pst_key *key)
{
	*key = pst_key("network[%zu].interface", n);
	return n < conf->network_count ? conf->network[n].interface : NULL;
}

static const char *nth_address(const struct pst_conf *conf, size_t n, struct pst_key *key)
{
	for (size_t i = 0; i < conf->network_count; i++) {
		if (n < conf->network[i].addresses_count) {
			*key = pst_key("network[%zu].addresses[%zu]", i, n);
			return conf->network[i].addresses[n];
		}
		n -= conf->network[i].addresses_count;
	}
	return NULL;
}

static const char *nth_device(const struct pst_conf *conf, size_t n, struct pst_key *key)
{
	*key = pst_key("rdma[%zu].device", n);
	return n < conf->rdma_count ? conf->rdma[n].device : NULL;
}

/* A card has one RDMA device for each port; a soft driver makes one for each interface. */
static const char *nth_rdma_interface(const struct pst_conf *conf, size_t n, struct pst_key *key)
{
	*key = pst_key("rdma[%zu].interface", n);
	return n < conf->rdma_count ? conf->rdma[n].interface : NULL;
}

static void check_rdma(struct pst_valid *valid, size_t n)
{
	const struct pst_conf_rdma *rdma = &valid->conf->rdma[n];
	const struct pst_conf_network *network = pst_conf_network(valid->conf, rdma->interface);
	const struct pst_conf_network *bond = pst_conf_bond_of(valid->conf, rdma->interface);
	struct pst_key key = pst_key("rdma[%zu].interface", n);

	pst_bad_word(valid, pst_key("rdma[%zu].device", n), rdma->device,
		     pst_word_rdma_device(rdma->device));
	pst_bad_word(valid, key, rdma->interface, pst_word_interface(rdma->interface));
	if (bond)
		pst_bad(valid, key, "\"%s\" is a port of the bond %s: name the bond",
			rdma->interface, bond->interface);
	if (network && network->ipoib && rdma->driver != PST_RDMA_HARDWARE)
		pst_bad(valid, key, "\"%s\" is InfiniBand, which has RDMA by itself",
			rdma->interface);
	if (rdma->roce)
		pst_valid_roce(valid, n);
}

void pst_valid_network(struct pst_valid *valid)
{
	const struct pst_conf *conf = valid->conf;

	for (size_t i = 0; i < conf->network_count; i++)
		check_interface(valid, i);
	for (size_t i = 0; i < conf->rdma_count; i++)
		check_rdma(valid, i);
	pst_bad_twice(valid, "the interface", nth_interface);
	pst_bad_twice(valid, "the address", nth_address);
	pst_bad_twice(valid, "the RDMA device", nth_device);
	pst_bad_twice(valid, "an RDMA device on", nth_rdma_interface);
}
