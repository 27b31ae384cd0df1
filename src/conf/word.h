/* SPDX-License-Identifier: MIT */
/*
 * What a single value may look like. Each pst_word_*() returns NULL when the value is good, and
 * what is wrong with it otherwise, as the end of "KEY: ...". Values end up in other programs' files
 * and arguments: what is let in here needs no quoting in any of them.
 */
#ifndef PST_CONF_WORD_H
#define PST_CONF_WORD_H

#include <stdint.h>

#include "base/util.h"

struct pst_network {
	int family; /* AF_INET or AF_INET6 */
	uint8_t address[16];
	unsigned int prefix_bits;
};

const char *pst_word_label(const char *word); /* a host name without dots, RFC 1123 */
const char *pst_word_host_name(const char *word); /* labels with dots between them */
const char *pst_word_interface(const char *word);
const char *pst_word_rdma_device(const char *word);
const char *pst_word_path(const char *word);
const char *pst_word_source(const char *word); /* where updates come from */
const char *pst_word_disk(const char *word);
const char *pst_word_pattern(const char *word); /* of fnmatch(3) */
const char *pst_word_pool(const char *word);
const char *pst_word_dataset(const char *word);
const char *pst_word_key(const char *word); /* where an encryption key comes from */
const char *pst_word_parameter(const char *word); /* of a kernel module */
const char *pst_word_parameter_value(const char *word);
const char *pst_word_mode(const char *word);
/* A user's or a group's name, as useradd(8) takes it. */
const char *pst_word_account(const char *word);
const char *pst_word_ssh_key(const char *word);
const char *pst_word_export_option(const char *word);
const char *pst_word_mount_option(const char *word);
const char *pst_word_netgroup(const char *word);
/* Directories of the system, on which nothing may be mounted. */
const char *pst_word_mount_point(const char *word);

/* A drive's size as vendors print it, in powers of 1000: 960G, 3.84T, 3.84TB. */
int pst_parse_drive_size(const char *text, unsigned long long *ret_bytes);

const char *pst_word_address(const char *word, struct pst_network *ret);
/* An address that an interface can have, with the length of its network's prefix. */
const char *pst_word_interface_address(const char *word, struct pst_network *ret);
/* A network: no bit may be set behind the prefix. */
const char *pst_word_network(const char *word, struct pst_network *ret);
/* NETWORK/BITS of an interface's address; NULL without memory. */
char *pst_network_prefix(const char *address);
bool pst_network_contains(const struct pst_network *network, const struct pst_network *address);

#endif
