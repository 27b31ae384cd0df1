/* SPDX-License-Identifier: MIT */
/*
 * Random configurations that are valid, and the machine that they are for. A configuration is made of pieces, and each
 * piece of its seed and its version alone: another version of some of them is a change that a person could make, and
 * that can be carried out. What can not, as another layout of a pool, is the same in all versions.
 */
#ifndef PST_TESTS_RANDOM_CONF_H
#define PST_TESTS_RANDOM_CONF_H

#include "base/str.h"
#include "node/state.h"

enum random_piece {
	RANDOM_NODE,
	RANDOM_KEYS,
	RANDOM_INTERFACE,
	RANDOM_RDMA,
	RANDOM_POOL,
	RANDOM_GROWTH,
	RANDOM_LOGS,
	RANDOM_CACHE,
	RANDOM_SPARES,
	RANDOM_DATASET,
	RANDOM_EXPORT,
	RANDOM_SERVER,
	RANDOM_ZFS,
	RANDOM_USER,
	RANDOM_MOUNT,
	RANDOM_AUTOMOUNT,
	RANDOM_CONNECTIONS, /* what all mounts of a server have in common */
	RANDOM_PIECES
};
#define RANDOM_SLOTS 8

struct random_conf {
	uint64_t seed;
	uint8_t version[RANDOM_PIECES][RANDOM_SLOTS];
};

/* The text of a penstock.yaml. */
char *random_conf_text(const struct random_conf *conf);
/* Another version of one piece or a few. */
void random_conf_change(struct random_conf *conf, uint64_t seed);
/* The machine, as it was delivered. */
void random_machine(struct pst_state *state);

/* For the parts of the generator: numbers that depend on the piece and its version, or on the piece alone. */
struct dice {
	uint64_t state;
};
struct dice dice_for(const struct random_conf *conf, enum random_piece piece, unsigned int slot);
struct dice dice_fixed(const struct random_conf *conf, enum random_piece piece, unsigned int slot);
unsigned int below(struct dice *dice, unsigned int limit);
bool chance(struct dice *dice, unsigned int percent);
#define ONE_OF(dice, words) ((words)[below(dice, ARRAY_SIZE(words))])

bool random_is_storage(const struct random_conf *conf);
/* An SSH key; all are the same but for their comments. */
void random_key(struct pst_buf *text, unsigned int n);

void random_network(const struct random_conf *conf, struct pst_buf *text);
void random_rdma(const struct random_conf *conf, struct pst_buf *text);
void random_pools(const struct random_conf *conf, struct pst_buf *text);
void random_datasets(const struct random_conf *conf, struct pst_buf *text);
void random_exports(const struct random_conf *conf, struct pst_buf *text);
void random_mounts(const struct random_conf *conf, struct pst_buf *text);

#endif
