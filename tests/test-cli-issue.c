// SPDX-License-Identifier: MIT
/* src/cli/issue.c: what the console shows. */
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>

#include "cli/issue.h"
#include "common.h"

#define KEY "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
/* As ssh-keygen -l says it of that key. */
#define FINGERPRINT "+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU"

#define ADDRESSES_MAX 4

struct row {
	const char *name;
	const char *addresses[ADDRESSES_MAX][2]; /* interface and address, as getifaddrs has them */
	const char *key;
	const char *state;
	const char *text;
};

static const struct row rows[] = {
	{ "nothing known", {}, NULL, NULL, "No address yet.\nState          not known\n\n" },
	{ "one address",
	  { { "lo", "127.0.0.1" }, { "eth0", "10.0.0.5" } },
	  KEY "\n",
	  "ok",
	  "eth0          10.0.0.5\nLog in by      ssh root@10.0.0.5\nHost key       ED25519 "
	  "SHA256:" FINGERPRINT "\nState          ok\n\n" },
	{ "of both families",
	  { { "eth0", "2001:db8::5" }, { "eth0", "10.0.0.5" }, { "eth0", "fe80::1" } },
	  KEY " root@host\n",
	  "2 problems: see penstock status",
	  "eth0          10.0.0.5  2001:db8::5\nLog in by      ssh root@10.0.0.5\nHost key       "
	  "ED25519 SHA256:" FINGERPRINT "\nState          2 problems: see penstock status\n\n" },
	{ "IPv6 alone",
	  { { "eth0", "fe80::1" }, { "eth1", "2001:db8::5" } },
	  NULL,
	  "ok",
	  "eth1          2001:db8::5\nLog in by      ssh root@2001:db8::5\nState          ok\n\n" },
	{ "IPv4 of a later interface",
	  { { "eth0", "2001:db8::5" }, { "eth1", "10.0.0.5" }, { "eth2", "10.1.0.5" } },
	  NULL,
	  "ok",
	  "eth1          10.0.0.5\neth2          10.1.0.5\neth0          2001:db8::5\n"
	  "Log in by      ssh root@10.0.0.5\nState          ok\n\n" },
	{ "a backslash is no escape of agetty's",
	  { { "a\\n", "10.0.0.5" } },
	  NULL,
	  "x\\y",
	  "a\\\\n           10.0.0.5\nLog in by      ssh root@10.0.0.5\nState          "
	  "x\\\\y\n\n" },
};

static void fill(struct ifaddrs *entry, struct sockaddr_in6 *room, const char *const pair[2])
{
	struct sockaddr_in *four = (void *)room;

	entry->ifa_name = (char *)pair[0];
	entry->ifa_addr = (void *)room;
	entry->ifa_flags = pst_streq(pair[0], "lo") ? IFF_LOOPBACK : 0;
	if (inet_pton(AF_INET6, pair[1], &room->sin6_addr) == 1) {
		room->sin6_family = AF_INET6;
		return;
	}
	four->sin_family = AF_INET;
	assert_int_equal(inet_pton(AF_INET, pair[1], &four->sin_addr), 1);
}

static void shows(void **state)
{
	const struct row *row = *state;
	struct ifaddrs list[ADDRESSES_MAX + 1] = { 0 };
	struct sockaddr_in6 room[ADDRESSES_MAX] = { 0 };
	struct pst_issue __cleanup_issue issue = { .state =
							   row->state ? strdup(row->state) : NULL };
	char __cleanup_free *text = NULL;
	size_t n = 0;

	for (; n < ADDRESSES_MAX && row->addresses[n][0]; n++) {
		fill(&list[n], &room[n], row->addresses[n]);
		list[n].ifa_next = &list[n + 1];
	}
	/* The last has none, as an interface that is down. */
	list[n].ifa_name = (char *)"eth9";
	assert_int_equal(pst_issue_add_addresses(&issue, list), 0);
	if (row->key)
		assert_int_equal(pst_issue_add_key(&issue, row->key), 0);
	text = pst_issue_text(&issue);
	assert_string_equal(text, row->text);
}

static void other_keys_are_refused(void **state)
{
	static const char *const keys[] = { "", "ssh-rsa AAAA", "ssh-ed25519", "ssh-ed25519 ",
					    "ssh-ed25519 ???" };
	struct pst_issue __cleanup_issue issue = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		assert_int_equal(pst_issue_add_key(&issue, keys[i]), -EBADMSG);
	assert_int_equal(issue.fingerprints.n, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(other_keys_are_refused) };

	ADD_ROWS(rows, shows);
	ADD_TESTS(tests);
	return run_gathered(NULL, NULL);
}
