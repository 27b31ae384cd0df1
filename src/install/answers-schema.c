// SPDX-License-Identifier: MIT
/* The shape of the answers file, as libcyaml's tables. */
#include "install/answers-schema.h"

#include "install/answers.h"

#define REQUIRED (CYAML_FLAG_DEFAULT)
#define OPTIONAL (CYAML_FLAG_OPTIONAL)

#define STRING(key, type, member)                                                              \
	CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_OPTIONAL | CYAML_FLAG_POINTER, type, member, 1, \
			       CYAML_UNLIMITED)
#define WORD(key, flags, type, member, words) \
	CYAML_FIELD_ENUM(key, (flags) | CYAML_FLAG_STRICT, type, member, words, ARRAY_SIZE(words))
#define LIST(key, flags, type, member, entry, min)                                           \
	CYAML_FIELD_SEQUENCE(key, (flags) | CYAML_FLAG_POINTER, type, member, &(entry), min, \
			     CYAML_UNLIMITED)

static const cyaml_strval_t encrypts[] = {
	{ "none", PST_ENCRYPT_NONE },
	{ "tpm2", PST_ENCRYPT_TPM2 },
};
static const cyaml_strval_t afters[] = {
	{ "none", PST_AFTER_NONE },
	{ "reboot", PST_AFTER_REBOOT },
	{ "poweroff", PST_AFTER_POWEROFF },
};
static const cyaml_strval_t dhcps[] = {
	{ "none", PST_DHCP_NONE },
	{ "ipv4", PST_DHCP_IPV4 },
	{ "ipv6", PST_DHCP_IPV6 },
	{ "both", PST_DHCP_BOTH },
};

static const cyaml_schema_value_t string_entry = {
	CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, CYAML_UNLIMITED),
};

static const cyaml_schema_field_t network_fields[] = {
	CYAML_FIELD_STRING_PTR("interface", CYAML_FLAG_POINTER, struct pst_answers_network,
			       interface, 1, CYAML_UNLIMITED),
	WORD("dhcp", OPTIONAL, struct pst_answers_network, dhcp, dhcps),
	LIST("addresses", OPTIONAL, struct pst_answers_network, addresses, string_entry, 1),
	STRING("gateway", struct pst_answers_network, gateway),
	LIST("dns", OPTIONAL, struct pst_answers_network, dns, string_entry, 0),
	CYAML_FIELD_UINT("mtu", OPTIONAL, struct pst_answers_network, mtu),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t network_entry = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct pst_answers_network, network_fields),
};

static const cyaml_schema_field_t top_fields[] = {
	LIST("disks", REQUIRED, struct pst_answers, disks, string_entry, 1),
	WORD("encrypt", OPTIONAL, struct pst_answers, encrypt, encrypts),
	STRING("hostname", struct pst_answers, hostname),
	LIST("network", OPTIONAL, struct pst_answers, network, network_entry, 0),
	LIST("ssh_keys", OPTIONAL, struct pst_answers, ssh_keys, string_entry, 0),
	STRING("config", struct pst_answers, config),
	LIST("confirm_erase", OPTIONAL, struct pst_answers, confirm_erase, string_entry, 0),
	WORD("after", OPTIONAL, struct pst_answers, after, afters),
	CYAML_FIELD_END,
};

const cyaml_schema_value_t pst_answers_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct pst_answers, top_fields),
};

const char *pst_after_name(enum pst_after after)
{
	return afters[after].str;
}

const char *pst_encrypt_name(enum pst_encrypt encrypt)
{
	return encrypts[encrypt].str;
}
