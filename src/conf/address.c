// SPDX-License-Identifier: MIT
/* What addresses and networks may look like. */
#include <arpa/inet.h>

#include "base/str.h"
#include "conf/word.h"

static unsigned int bits_of(int family)
{
	return family == AF_INET ? 32 : 128;
}

static bool parse_address(const char *word, struct pst_network *ret)
{
	struct pst_network network = { 0 };

	network.family = strchr(word, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(network.family, word, network.address) != 1)
		return false;
	network.prefix_bits = bits_of(network.family);
	*ret = network;
	return true;
}

/* Splits ADDRESS/BITS. */
static const char *parse_cidr(const char *word, struct pst_network *ret)
{
	char address[INET6_ADDRSTRLEN];
	const char *slash = strchr(word, '/');
	size_t len = slash ? (size_t)(slash - word) : 0;
	unsigned long long bits;

	if (!slash)
		return "must have the length of the network's prefix, as 10.77.0.1/24 has";
	if (len >= sizeof(address))
		return "is not an address";
	memcpy(address, word, len);
	address[len] = '\0';
	if (!parse_address(address, ret))
		return "is not an address";
	if (pst_parse_u64(slash + 1, ret->prefix_bits, &bits))
		return ret->family == AF_INET ? "must have a prefix of 0 to 32 bits"
					      : "must have a prefix of 0 to 128 bits";
	ret->prefix_bits = (unsigned int)bits;
	return NULL;
}

/* Whether all bits behind the prefix are @bit. */
static bool host_bits_are(const struct pst_network *network, unsigned int bit)
{
	for (unsigned int i = network->prefix_bits; i < bits_of(network->family); i++)
		if (((network->address[i / 8] >> (7 - i % 8)) & 1U) != bit)
			return false;
	return true;
}

static bool is_unspecified(const struct pst_network *network)
{
	static const uint8_t zero[16];

	return memcmp(network->address, zero, sizeof(zero)) == 0;
}

static bool is_loopback(const struct pst_network *network)
{
	static const uint8_t loopback6[16] = { [15] = 1 };

	return network->family == AF_INET ? network->address[0] == 127
					  : memcmp(network->address, loopback6, 16) == 0;
}

static bool is_multicast(const struct pst_network *network)
{
	return network->family == AF_INET ? network->address[0] >= 224
					  : network->address[0] == 0xff;
}

const char *pst_word_address(const char *word, struct pst_network *ret)
{
	if (!parse_address(word, ret))
		return "is not an address";
	if (is_unspecified(ret) || is_multicast(ret))
		return "is not the address of a host";
	return NULL;
}

const char *pst_word_interface_address(const char *word, struct pst_network *ret)
{
	const char *complaint = parse_cidr(word, ret);

	if (complaint)
		return complaint;
	if (is_unspecified(ret) || is_multicast(ret) || is_loopback(ret))
		return "is not an address that an interface can have";
	if (ret->prefix_bits == 0)
		return "must have a prefix of at least 1 bit";
	if (ret->family == AF_INET && ret->prefix_bits <= 30) {
		if (host_bits_are(ret, 0))
			return "is the address of the network itself, not of a host in it";
		if (host_bits_are(ret, 1))
			return "is the broadcast address of its network";
	}
	return NULL;
}

const char *pst_word_network(const char *word, struct pst_network *ret)
{
	const char *complaint = parse_cidr(word, ret);

	if (complaint)
		return complaint;
	return host_bits_are(ret, 0) ? NULL : "is not a network: bits are set behind its prefix";
}

bool pst_network_contains(const struct pst_network *network, const struct pst_network *address)
{
	if (network->family != address->family)
		return false;
	for (unsigned int i = 0; i < network->prefix_bits; i++) {
		unsigned int shift = 7 - i % 8;

		if ((network->address[i / 8] ^ address->address[i / 8]) >> shift & 1U)
			return false;
	}
	return true;
}

char *pst_network_prefix(const char *address)
{
	char text[INET6_ADDRSTRLEN];
	struct pst_network network;

	if (parse_cidr(address, &network))
		return NULL;
	for (unsigned int i = network.prefix_bits; i < bits_of(network.family); i++)
		network.address[i / 8] &= (uint8_t)~(1U << (7 - i % 8));
	if (!inet_ntop(network.family, network.address, text, sizeof(text)))
		return NULL;
	return pst_printf("%s/%u", text, network.prefix_bits);
}
