/* SPDX-License-Identifier: MIT */
/* What the files of the simulated node share: its files, and the parts that know commands. */
#ifndef PST_TESTS_SIMULATED_PARTS_H
#define PST_TESTS_SIMULATED_PARTS_H

#include "common.h"
#include "simulated.h"

/* The values of KEY= in a file of ours, in the order of their lines. */
struct pst_strv sim_values_of(const char *text, const char *key);
void sim_write_file(struct pst_state *state, const char *path, const char *text);
/* Fails the test when it is not there. */
void sim_remove_file(struct pst_state *state, const char *path);
/* Gives a name a value, whether it has one or not. */
void sim_set(struct pst_values *values, const char *name, const char *text);

/*
 * What a program remembers of the files that it has read: files as well, below SIM_MEMORY and the program's name. Nobody
 * else looks there.
 */
#define SIM_MEMORY "/run/simulated/"
struct pst_key sim_memory(const char *program, const char *path);
/* What a program has read, of a file or of all those whose names begin so. */
const char *sim_remembered(const struct pst_state *state, const char *program, const char *path);
void sim_read(struct pst_state *state, const char *program, const char *prefix);
void sim_forget(struct pst_state *state, const char *program, const char *path);

/* Each carries a command out, and returns whether it is one that it knows. */
bool sim_zfs(const struct pst_conf *conf, struct pst_state *state, const char *command,
	     char **argv);
bool sim_network(const struct pst_conf *conf, struct pst_state *state, const char *command,
		 char **argv);
bool sim_services(struct pst_state *state, const char *command, char **argv);
/* Files of the kernel that are no plain values: of RoCE. */
bool sim_set_roce(const struct pst_conf *conf, struct pst_state *state,
		  const struct pst_step *step);
/* systemd-networkd starts: all that it has files for is made and configured. */
void sim_start_network(struct pst_state *state);

#endif
