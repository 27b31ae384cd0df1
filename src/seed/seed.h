/* SPDX-License-Identifier: MIT */
/*
 * A machine's first configuration, from a volume that somebody put in: one labelled PENSTOCKCFG with a
 * penstock.yaml, or a seed of cloud-init's data source NoCloud, labelled cidata. penstock-seed(7).
 */
#ifndef PST_SEED_SEED_H
#define PST_SEED_SEED_H

#include "conf/conf.h"
#include "node/host.h"

/* Files of a volume are small; a larger one is a mistake. */
#define PST_SEED_FILE_MAX_BYTES ((size_t)1 << 20)

/* An Ethernet port. */
struct pst_seed_card {
	char *name;
	char *mac; /* in small letters */
};

/* What a seed is held against. */
struct pst_seed_machine {
	enum pst_role role;
	struct pst_seed_card *cards;
	size_t n_cards;
};

int pst_seed_observe(const struct pst_host *host, struct pst_seed_machine *machine,
		     struct pst_reason *reason);
void pst_seed_machine_free(struct pst_seed_machine *machine);
#define __cleanup_seed_machine __cleanup(pst_seed_machine_free)

/* What was made of a volume. */
struct pst_seed {
	char *label; /* of the volume; NULL: there is none */
	char *device;
	char *text; /* of a valid penstock.yaml; NULL when something is refused, or nothing was there to take */
	/* FILE:LINE: KEY: TEXT, or as much of that as there is. */
	struct pst_strv refused;
	struct pst_strv warnings; /* what is in the seed and not used */
};

void pst_seed_free(struct pst_seed *seed);
#define __cleanup_seed __cleanup(pst_seed_free)

/* A file of a volume; text is NULL when it is not there. */
struct pst_seed_file {
	char *text;
	size_t len;
};

struct pst_nocloud_files {
	struct pst_seed_file meta_data, user_data, network_config;
};

/*
 * Both fill in @seed, whose label is set, and return 0 when text is there, -EINVAL when something is
 * refused, -ENODATA when there was nothing to take, -ENOMEM.
 */
int pst_seed_take_yaml(const struct pst_seed_file *file, struct pst_seed *seed,
		       struct pst_reason *reason);
int pst_seed_take_nocloud(const struct pst_nocloud_files *files,
			  const struct pst_seed_machine *machine, struct pst_seed *seed,
			  struct pst_reason *reason);
/* The same of a volume that is open as a directory. */
int pst_seed_take_volume(int directory, const struct pst_seed_machine *machine,
			 struct pst_seed *seed, struct pst_reason *reason);

/*
 * Waits until udev has seen the devices that are there, and those behind USB that are still to come, but
 * not longer than @seconds.
 */
int pst_seed_wait(struct pst_host *host, unsigned int seconds, struct pst_reason *reason);
/* Looks for a volume, by its label, and takes it; -ENOENT, and no label in @seed, when there is none. */
int pst_seed_look(const struct pst_host *host, const struct pst_seed_machine *machine,
		  struct pst_seed *seed, struct pst_reason *reason);

#endif
