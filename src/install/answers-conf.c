// SPDX-License-Identifier: MIT
/* The penstock.yaml of an installed system, from the answers. */
#include "install/answers.h"

/* All bytes of a value survive, whatever it is: what is no value is refused by the parser, with its line. */
void pst_yaml_quote(struct pst_buf *buf, const char *word)
{
	pst_buf_add(buf, "\"");
	for (const char *p = word; *p; p++) {
		unsigned char c = (unsigned char)*p;

		if (c == '"' || c == '\\')
			pst_buf_printf(buf, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			pst_buf_printf(buf, "\\x%02x", c);
		else
			pst_buf_add_bytes(buf, p, 1);
	}
	pst_buf_add(buf, "\"");
}

static void add_list(struct pst_buf *buf, const char *key, char *const *words, unsigned int count)
{
	if (!count)
		return;
	pst_buf_printf(buf, "    %s: [", key);
	for (unsigned int i = 0; i < count; i++) {
		pst_buf_add(buf, i ? ", " : "");
		pst_yaml_quote(buf, words[i]);
	}
	pst_buf_add(buf, "]\n");
}

static void add_network(struct pst_buf *buf, const struct pst_answers_network *network)
{
	static const char *const dhcps[] = {
		[PST_DHCP_NONE] = NULL,
		[PST_DHCP_IPV4] = "ipv4",
		[PST_DHCP_IPV6] = "ipv6",
		[PST_DHCP_BOTH] = "both",
	};

	pst_buf_add(buf, "  - interface: ");
	pst_yaml_quote(buf, network->interface);
	pst_buf_add(buf, "\n");
	if (dhcps[network->dhcp])
		pst_buf_printf(buf, "    dhcp: %s\n", dhcps[network->dhcp]);
	add_list(buf, "addresses", network->addresses, network->addresses_count);
	if (network->gateway) {
		pst_buf_add(buf, "    gateway: ");
		pst_yaml_quote(buf, network->gateway);
		pst_buf_add(buf, "\n");
	}
	add_list(buf, "dns", network->dns, network->dns_count);
	if (network->mtu)
		pst_buf_printf(buf, "    mtu: %u\n", network->mtu);
}

char *pst_answers_conf_text(const struct pst_answers *answers, const char *role)
{
	struct pst_buf buf = { 0 };

	if (answers->config)
		return strdup(answers->config);
	pst_buf_add(&buf,
		    "# yaml-language-server: $schema=/usr/share/penstock/penstock.schema.json\n"
		    "# Written by the installer; penstock.yaml(5) has all keys.\nnode:\n  name: ");
	pst_yaml_quote(&buf, answers->hostname);
	pst_buf_printf(&buf, "\n  role: %s\n", role);
	if (answers->ssh_keys_count)
		pst_buf_add(&buf, "ssh:\n  authorized_keys:\n");
	for (unsigned int i = 0; i < answers->ssh_keys_count; i++) {
		pst_buf_add(&buf, "    - ");
		pst_yaml_quote(&buf, answers->ssh_keys[i]);
		pst_buf_add(&buf, "\n");
	}
	if (answers->network_count)
		pst_buf_add(&buf, "network:\n");
	for (unsigned int i = 0; i < answers->network_count; i++)
		add_network(&buf, &answers->network[i]);
	return pst_buf_take(&buf);
}
