/* SPDX-License-Identifier: MIT */
/* The tables by which the declared datasets are found. */
#ifndef PST_CONF_DATASET_H
#define PST_CONF_DATASET_H

#include "conf/conf.h"

/* A dataset, and where it is mounted. */
struct pst_conf_place {
	const struct pst_conf_dataset *dataset;
	char *mountpoint;
};

/* Makes the tables of a configuration, and frees them, also those that were made in part. */
int pst_conf_sort_datasets(struct pst_conf *conf);
void pst_conf_forget_datasets(struct pst_conf *conf);

/*
 * The first dataset that is mounted at @path; NULL when there is none. If there are more, though there must not be,
 * they follow it.
 */
const struct pst_conf_place *pst_conf_place(const struct pst_conf *conf, const char *path);
/* Whether a place is one of the table and at @path: for going through those that follow. */
bool pst_conf_place_is(const struct pst_conf *conf, const struct pst_conf_place *place,
		       const char *path);

#endif
