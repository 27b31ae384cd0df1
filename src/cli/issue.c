// SPDX-License-Identifier: MIT
/* What stands above the login prompt on a console, as a function of what was seen. */
#include "cli/issue.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <openssl/evp.h>

void pst_issue_free(struct pst_issue *issue)
{
	for (size_t i = 0; i < issue->n_interfaces; i++) {
		free(issue->interfaces[i].name);
		pst_strv_free(&issue->interfaces[i].addresses);
	}
	free(issue->interfaces);
	pst_strv_free(&issue->fingerprints);
	free(issue->state);
	*issue = (struct pst_issue){ 0 };
}

static struct pst_issue_interface *interface_named(struct pst_issue *issue, const char *name)
{
	struct pst_issue_interface *interface;

	for (size_t i = 0; i < issue->n_interfaces; i++)
		if (pst_streq(issue->interfaces[i].name, name))
			return &issue->interfaces[i];
	interface = pst_array_grow((void **)&issue->interfaces, &issue->n_interfaces,
				   sizeof(*interface));
	if (interface)
		interface->name = strdup(name);
	return interface && interface->name ? interface : NULL;
}

static int add_address(struct pst_issue *issue, const struct ifaddrs *entry)
{
	const struct sockaddr_in6 *six = (const void *)entry->ifa_addr;
	const struct sockaddr_in *four = (const void *)entry->ifa_addr;
	bool is_six = entry->ifa_addr->sa_family == AF_INET6;
	char text[INET6_ADDRSTRLEN];
	struct pst_issue_interface *interface = interface_named(issue, entry->ifa_name);

	if (!interface)
		return -ENOMEM;
	if (inet_ntop(entry->ifa_addr->sa_family,
		      is_six ? (const void *)&six->sin6_addr : &four->sin_addr, text, sizeof(text)))
		pst_strv_add(&interface->addresses, text);
	return interface->addresses.oom ? -ENOMEM : 0;
}

static bool is_wanted(const struct ifaddrs *entry, sa_family_t family)
{
	const struct sockaddr_in6 *six = (const void *)entry->ifa_addr;

	if (!entry->ifa_addr || entry->ifa_addr->sa_family != family ||
	    entry->ifa_flags & IFF_LOOPBACK)
		return false;
	/* One of the link is reached from that link only, and with its name behind it. */
	return family == AF_INET || !IN6_IS_ADDR_LINKLOCAL(&six->sin6_addr);
}

int pst_issue_add_addresses(struct pst_issue *issue, const struct ifaddrs *list)
{
	static const sa_family_t families[] = { AF_INET, AF_INET6 };
	int error = 0;

	for (size_t i = 0; i < ARRAY_SIZE(families); i++)
		for (const struct ifaddrs *at = list; at && !error; at = at->ifa_next)
			if (is_wanted(at, families[i]))
				error = add_address(issue, at);
	return error;
}

/* base64 without its padding, as ssh-keygen -l prints it. */
static char *encode(const unsigned char *bytes, size_t len)
{
	char *text = malloc((len + 2) / 3 * 4 + 1);

	if (!text)
		return NULL;
	EVP_EncodeBlock((unsigned char *)text, bytes, (int)len);
	text[strcspn(text, "=")] = '\0';
	return text;
}

static int add_fingerprint(struct pst_issue *issue, const char *type, const unsigned char *blob,
			   size_t len)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned int hash_len;
	char __cleanup_free *text = NULL;

	if (!EVP_Digest(blob, len, hash, &hash_len, EVP_sha256(), NULL))
		return -EIO;
	text = encode(hash, hash_len);
	if (!text)
		return -ENOMEM;
	pst_strv_addf(&issue->fingerprints, "%s SHA256:%s", type, text);
	return issue->fingerprints.oom ? -ENOMEM : 0;
}

int pst_issue_add_key(struct pst_issue *issue, const char *public_key)
{
	static const char wanted[] = "ssh-ed25519 ";
	const char *base64 = public_key + strlen(wanted);
	unsigned char __cleanup_free *blob = NULL;
	size_t len;
	int bytes;

	if (!pst_startswith(public_key, wanted))
		return -EBADMSG;
	len = strcspn(base64, " \n");
	blob = malloc(len + 1);
	if (!blob)
		return -ENOMEM;
	bytes = EVP_DecodeBlock(blob, (const unsigned char *)base64, (int)len);
	if (bytes <= 0)
		return -EBADMSG;
	for (size_t i = len; i && base64[i - 1] == '='; i--)
		bytes--;
	return bytes > 0 ? add_fingerprint(issue, "ED25519", blob, (size_t)bytes) : -EBADMSG;
}

/* The address that a person would most likely reach: of IPv4, where there is one. */
static const char *best_address(const struct pst_issue *issue)
{
	const char *best = NULL;

	for (size_t i = issue->n_interfaces; i-- > 0;) {
		const struct pst_strv *addresses = &issue->interfaces[i].addresses;

		if (addresses->n && (!best || !strchr(addresses->v[0], ':') || strchr(best, ':')))
			best = addresses->v[0];
	}
	return best;
}

static void add_plain(struct pst_buf *buf, const char *text)
{
	for (; *text; text++)
		pst_buf_printf(buf, "%s%c", *text == '\\' ? "\\" : "", *text);
}

char *pst_issue_text(const struct pst_issue *issue)
{
	const char *best = best_address(issue);
	struct pst_buf buf = { 0 };

	for (size_t i = 0; i < issue->n_interfaces; i++) {
		const struct pst_issue_interface *interface = &issue->interfaces[i];

		add_plain(&buf, interface->name);
		for (size_t j = strlen(interface->name); j < 12; j++)
			pst_buf_add(&buf, " ");
		for (size_t j = 0; j < interface->addresses.n; j++)
			pst_buf_printf(&buf, "  %s", interface->addresses.v[j]);
		pst_buf_add(&buf, "\n");
	}
	if (best)
		pst_buf_printf(&buf, "Log in by      ssh root@%s\n", best);
	else
		pst_buf_add(&buf, "No address yet.\n");
	for (size_t i = 0; i < issue->fingerprints.n; i++)
		pst_buf_printf(&buf, "Host key       %s\n", issue->fingerprints.v[i]);
	pst_buf_add(&buf, "State          ");
	add_plain(&buf, issue->state ?: "not known");
	pst_buf_add(&buf, "\n\n");
	return pst_buf_take(&buf);
}
