/* SPDX-License-Identifier: MIT */
/*
 * What an installation has to know: the answers file, penstock-answers(5). Answers that
 * pst_answers_parse() hands out are valid as a whole, and so is the configuration in them.
 */
#ifndef PST_INSTALL_ANSWERS_H
#define PST_INSTALL_ANSWERS_H

#include "conf/conf.h"

#define PST_ANSWERS_DISKS_MAX 2

enum pst_encrypt { PST_ENCRYPT_NONE, PST_ENCRYPT_TPM2 };
enum pst_after { PST_AFTER_NONE, PST_AFTER_REBOOT, PST_AFTER_POWEROFF };

/* As of penstock.yaml, less what is made of other interfaces. */
struct pst_answers_network {
	char *interface;
	enum pst_dhcp dhcp;
	char **addresses;
	unsigned int addresses_count;
	char *gateway;
	char **dns;
	unsigned int dns_count;
	unsigned int mtu;
};

/* Counts are named as libcyaml's macros want them. */
struct pst_answers {
	char **disks; /* each a path, a kernel name or a serial number; two: a mirrored pair */
	unsigned int disks_count;
	enum pst_encrypt encrypt;
	char *hostname;
	struct pst_answers_network *network;
	unsigned int network_count;
	char **ssh_keys;
	unsigned int ssh_keys_count;
	char *config; /* a whole penstock.yaml, in place of the three above */
	char **confirm_erase; /* serial numbers of disks whose content may go */
	unsigned int confirm_erase_count;
	enum pst_after after;
};

struct pst_answers_doc {
	char *file;
	struct pst_answers *answers; /* owned by libcyaml */
	struct pst_yaml *tree;
	char *conf; /* the text of penstock.yaml for the installed system; NULL: it gets none */
};

/*
 * Parses answers for a medium with @image, of which pst_role_of_image() says which node it makes. -EINVAL: they cannot
 * be, and @problems say what is wrong, each with its line.
 */
int pst_answers_parse(const char *file, const char *text, size_t len, const char *image,
		      struct pst_answers_doc *ret, struct pst_problems *problems,
		      struct pst_reason *reason);
void pst_answers_doc_free(struct pst_answers_doc *doc);
#define __cleanup_answers_doc __cleanup(pst_answers_doc_free)

/* The text of penstock.yaml that answers ask for; NULL without memory. */
char *pst_answers_conf_text(const struct pst_answers *answers, const char *role);
/* What a disk may be called: NULL, or what is wrong with it. */
const char *pst_word_target(const char *word);
const char *pst_after_name(enum pst_after after);
const char *pst_encrypt_name(enum pst_encrypt encrypt);
/* Adds a word as a double-quoted scalar of YAML. */
void pst_yaml_quote(struct pst_buf *buf, const char *word);

#endif
