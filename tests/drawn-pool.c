// SPDX-License-Identifier: MIT
#include "drawn-pool.h"

#include <stdio.h>

#include "node/shape.h"
#include "simulated.h"

void draw_disk(struct pst_state *state, char letter)
{
	struct pst_key path = pst_key("/dev/by/%c", letter);

	if (pst_state_disk(state, path.text))
		return;
	add_disk(state, path.text, pst_key("sd%c", letter).text,
		 letter == 'X' ? "ext4 on sdX" : NULL);
}

static void add_member(struct pst_state *state, struct pst_pool_state *pool, char letter)
{
	struct pst_pool_disk *disk =
		pst_array_grow((void **)&pool->disks, &pool->n_disks, sizeof(*disk));

	assert_non_null(disk);
	disk->path = pst_printf("/dev/by/%c-part1", letter);
	disk->disk = pst_printf("sd%c", letter);
	disk->state = strdup("ONLINE");
	disk->vdev = pool->n_vdevs - 1;
	/* Not yet looked for where it is declared, it is found by its path. */
	draw_disk(state, letter);
}

static enum pst_class class_named(const char *word)
{
	for (enum pst_class class = PST_CLASS_SPECIAL; class <= PST_CLASS_SPARE; class ++)
		if (pst_streq(pst_class_word(class), word))
			return class;
	return PST_CLASS_DATA;
}

static void add_vdev(struct pst_state *state, struct pst_pool_state *pool, const char *text)
{
	char class[16] = "", layout[32] = "", disks[32] = "";
	size_t number = pool->n_vdevs;
	struct pst_pool_vdev *vdev =
		pst_array_grow((void **)&pool->vdevs, &pool->n_vdevs, sizeof(*vdev));

	assert_non_null(vdev);
	assert_int_equal(sscanf(text, "%15s %31s %31s", class, layout, disks), 3);
	vdev->class = class_named(class);
	vdev->layout = strdup(layout);
	vdev->name = pst_printf("%s-%zu", layout, number);
	for (const char *p = disks; *p; p++) {
		bool leaving = p[1] == '>', stands_in = p > disks && p[-1] == '+';

		if (*p == '>' || *p == '+')
			continue;
		add_member(state, pool, *p);
		pool->disks[pool->n_disks - 1].leaving = leaving;
		pool->disks[pool->n_disks - 1].stands_in = stands_in;
	}
}

void draw_pool(struct pst_state *state, const char *text)
{
	char __cleanup_free *copy = strdup(text);
	struct pst_pool_state *pool =
		pst_array_grow((void **)&state->pools, &state->n_pools, sizeof(*pool));

	char *rest;

	assert_non_null(pool);
	pool->name = strdup("tank");
	pool->health = strdup("ONLINE");
	pool->expanding = *copy == '!';
	for (char *vdev = strtok_r(copy + pool->expanding, ";", &rest); vdev;
	     vdev = strtok_r(NULL, ";", &rest))
		add_vdev(state, pool, vdev);
}

char *planned_pools(const struct pst_conf *conf, struct pst_state *state, bool carry_out)
{
	struct pst_plan __cleanup_plan plan = { 0 };

	pst_zpool_plan(conf, state, &plan);
	assert_int_equal(pst_plan_sound(&plan), 0);
	for (size_t i = 0; i < plan.n && carry_out; i++)
		simulate(conf, state, &plan.v[i]);
	return plan_text(&plan);
}
