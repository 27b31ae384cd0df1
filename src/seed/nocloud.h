/* SPDX-License-Identifier: MIT */
/* What is common to the readers of the files of a NoCloud seed. */
#ifndef PST_SEED_NOCLOUD_H
#define PST_SEED_NOCLOUD_H

#include "seed/seed.h"

/* A value, and where it stood. */
struct pst_seed_word {
	char *text; /* NULL: not given */
	const char *file;
	size_t line;
};

struct pst_seed_words {
	struct pst_seed_word *v;
	size_t n;
};

struct pst_seed_interface {
	struct pst_seed_word name;
	bool dhcp4, dhcp6;
	struct pst_seed_words addresses;
	struct pst_seed_word gateway;
	struct pst_seed_words dns;
	struct pst_seed_word mtu;
};

struct pst_nocloud {
	const struct pst_seed_machine *machine;
	struct pst_seed *seed; /* for what is to be said */
	const char *file; /* that is being read */
	bool oom;

	struct pst_seed_word hostname;
	struct pst_seed_words keys;
	struct pst_seed_interface *interfaces;
	size_t n_interfaces;
	struct pst_seed_words dns; /* of no interface */
};

/* @node is where it is, and may be NULL; @key is its name in that file. */
void pst_nocloud_refuse(struct pst_nocloud *cloud, const struct pst_yaml *node, struct pst_key key,
			const char *format, ...) __format(4, 5);
void pst_nocloud_warn(struct pst_nocloud *cloud, const struct pst_yaml *node, struct pst_key key,
		      const char *format, ...) __format(4, 5);

struct pst_key pst_nocloud_below(struct pst_key key, const char *name);
/* Refuses what is no mapping, or has a key twice. */
bool pst_nocloud_is_map(struct pst_nocloud *cloud, const struct pst_yaml *node, struct pst_key key);
bool pst_nocloud_is_list(struct pst_nocloud *cloud, const struct pst_yaml *node,
			 struct pst_key key);
/* The text of a scalar; refuses others, and returns NULL. */
const char *pst_nocloud_word(struct pst_nocloud *cloud, const struct pst_yaml *node,
			     struct pst_key key);
bool pst_nocloud_bool(struct pst_nocloud *cloud, const struct pst_yaml *node, struct pst_key key);
/* A value that replaces one from before. */
void pst_nocloud_set(struct pst_nocloud *cloud, struct pst_seed_word *word,
		     const struct pst_yaml *node, const char *text);
void pst_nocloud_add(struct pst_nocloud *cloud, struct pst_seed_words *words,
		     const struct pst_yaml *node, const char *text);
/* A list of words, or one alone. */
void pst_nocloud_add_each(struct pst_nocloud *cloud, struct pst_seed_words *words,
			  const struct pst_yaml *node, struct pst_key key);

/* @root is the whole of network-config. */
void pst_nocloud_network(struct pst_nocloud *cloud, const struct pst_yaml *root);
/* By version, below network-config's own or its key "network". */
void pst_nocloud_network_v1(struct pst_nocloud *cloud, const struct pst_yaml *root,
			    struct pst_key key);
void pst_nocloud_network_v2(struct pst_nocloud *cloud, const struct pst_yaml *root,
			    struct pst_key key);

/* A new interface; NULL without memory. */
struct pst_seed_interface *pst_nocloud_interface(struct pst_nocloud *cloud);
/*
 * The name of the one port that @mac and @pattern, either of which may be NULL, fit; refuses others, and returns
 * NULL.
 */
const char *pst_nocloud_card(struct pst_nocloud *cloud, const struct pst_yaml *node,
			     struct pst_key key, const char *mac, const char *pattern);
/* Warns of a name that no port has. */
void pst_nocloud_name(struct pst_nocloud *cloud, struct pst_seed_interface *interface,
		      const struct pst_yaml *node, struct pst_key key, const char *name);
void pst_nocloud_gateway(struct pst_nocloud *cloud, struct pst_seed_interface *interface,
			 const struct pst_yaml *node, struct pst_key key);

/* penstock.yaml, into seed->text; what is wrong in it is refused where it came from. */
int pst_nocloud_write(struct pst_nocloud *cloud, struct pst_reason *reason);

#endif
