// SPDX-License-Identifier: MIT
/*
 * Random configurations on a node that exists only as a state: after an apply the plan is empty, and no program has left
 * a file unread; so when the configuration was changed, and when the apply before was killed on its way.
 *
 * PENSTOCK_SEED repeats the round that a failure names; PENSTOCK_ROUNDS says how many there are.
 */
#include <stdio.h>

#include "common.h"
#include "node/unread.h"
#include "random-conf.h"
#include "simulated.h"

#define ROUNDS 160
/* An apply looks again after each import. */
#define LOOKS_MAX 4
#define NO_END	  SIZE_MAX

struct round {
	uint64_t seed;
	char *text; /* of the configuration that is applied */
	struct pst_conf_doc doc;
	struct pst_state is;
};

static void round_end(struct round *round)
{
	free(round->text);
	pst_conf_doc_free(&round->doc);
	pst_state_free(&round->is);
}
#define __cleanup_round __cleanup(round_end)

/* Everything that is needed to see it again. */
static void fail_round(const struct round *round, const char *what, const char *said)
{
	print_error("%s\n%s\nwith the configuration\n%s", what, said, round->text);
	fail_msg("PENSTOCK_SEED=%llu", (unsigned long long)round->seed);
}

static void declare(struct round *round, const struct random_conf *conf)
{
	struct pst_problems __cleanup_problems problems = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };
	struct pst_key key;
	const char *path;

	free(round->text);
	pst_conf_doc_free(&round->doc);
	round->text = random_conf_text(conf);
	if (pst_conf_parse("random.yaml", round->text, strlen(round->text), &round->doc, &problems,
			   &reason)) {
		for (size_t i = 0; i < problems.n; i++)
			print_error("line %zu: %s: %s\n", problems.v[i].line, problems.v[i].key,
				    problems.v[i].text);
		fail_round(round, "what was made is refused", pst_reason_text(&reason, 0));
	}
	/* A disk is looked at when it is named. */
	for (size_t i = 0; i < round->doc.conf->pools_count; i++)
		for (size_t j = 0; (path = pst_conf_disk(round->doc.conf, i, j, &key)); j++)
			if (!pst_state_disk(&round->is, path))
				add_disk(&round->is, path, strrchr(path, '/') + 1, NULL);
}

static void refuse_problems(const struct round *round, const struct pst_plan *plan)
{
	char __cleanup_free *text = NULL;

	if (!plan->problems.n)
		return;
	text = plan_text(plan);
	fail_round(round, "the plan has problems:", text);
}

/* And on the record. */
static void carry_out_step(struct round *round, const struct pst_step *step)
{
	char __cleanup_free *what = pst_step_describe(step);

	simulate(round->doc.conf, &round->is, step);
	pst_unread_step(&round->is, what, true);
}

static void assert_nothing_planned(const struct round *round, const char *when)
{
	struct pst_plan __cleanup_plan plan = { 0 };
	char __cleanup_free *text = NULL;

	assert_int_equal(pst_node_plan(round->doc.conf, &round->is, &plan), 0);
	text = plan_text(&plan);
	if (*text)
		fail_round(round, when, text);
}

/*
 * Carries out what is planned, @left steps at the most, and takes them off. Returns whether it came to the end.
 */
static bool carry_out(struct round *round, size_t *left)
{
	for (unsigned int i = 0; i < LOOKS_MAX; i++) {
		struct pst_plan __cleanup_plan plan = { 0 };
		size_t n = 0;

		assert_int_equal(pst_node_plan(round->doc.conf, &round->is, &plan), 0);
		refuse_problems(round, &plan);
		for (; n < plan.n && plan.v[n].kind != PST_STEP_LOOK_AGAIN; n++) {
			if (!*left)
				return false;
			carry_out_step(round, &plan.v[n]);
			*left -= *left != NO_END;
		}
		if (n < plan.n)
			continue;
		/* It looks once more whether all is as declared, and then its record says that it came to its end. */
		assert_nothing_planned(round, "right after an apply:");
		pst_strv_free(&round->is.unread);
		pst_strv_free(&round->is.unused);
		return true;
	}
	fail_round(round, "the plan wants to look again and again", "");
	return false;
}

static void apply(struct round *round)
{
	size_t left = NO_END;

	carry_out(round, &left);
}

static bool is_declared_in(const struct pst_conf *conf, const char *user, const char *group)
{
	for (size_t i = 0; i < conf->users_count; i++)
		for (size_t j = 0; j < conf->users[i].groups_count; j++)
			if (pst_streq(conf->users[i].name, user) &&
			    pst_streq(conf->users[i].groups[j], group))
				return true;
	return false;
}

/* Nobody else has put anyone into a group. */
static void assert_members_declared(const struct round *round, const char *when)
{
	for (size_t i = 0; i < round->is.n_groups; i++) {
		const struct pst_group_state *group = &round->is.groups[i];

		for (size_t j = 0; j < group->members.n; j++)
			if (!is_declared_in(round->doc.conf, group->members.v[j], group->name))
				fail_round(
					round, when,
					"there is somebody in a group who is not declared in it");
	}
}

static void assert_done(const struct round *round, const char *when)
{
	char __cleanup_free *unread = simulated_unread(&round->is);

	assert_nothing_planned(round, when);
	assert_members_declared(round, when);
	if (*unread)
		fail_round(round, when, unread);
}

static uint64_t first_seed(void)
{
	const char *seed = getenv("PENSTOCK_SEED");

	return seed ? strtoull(seed, NULL, 10) : 1;
}

static uint64_t last_seed(void)
{
	const char *rounds = getenv("PENSTOCK_ROUNDS");
	uint64_t count = getenv("PENSTOCK_SEED") ? 1 : ROUNDS;

	return first_seed() + (rounds ? strtoull(rounds, NULL, 10) : count);
}

static void nothing_is_left_to_do(void **state)
{
	(void)state;
	for (uint64_t seed = first_seed(); seed < last_seed(); seed++) {
		struct round __cleanup_round round = { .seed = seed };
		struct random_conf conf = { .seed = seed };

		random_machine(&round.is);
		declare(&round, &conf);
		apply(&round);
		assert_done(&round, "after the first apply:");
		for (unsigned int i = 0; i < 2; i++) {
			simulate_use(&round.is);
			random_conf_change(&conf, seed + i * UINT64_C(1000003));
			declare(&round, &conf);
			apply(&round);
			assert_done(&round, "after a change:");
		}
	}
}

/* Killed, and killed again, wherever it is. */
static void apply_killed(struct round *round, uint64_t seed)
{
	struct dice dice = { seed };

	for (unsigned int kills = below(&dice, 3);; kills--) {
		size_t left = kills ? below(&dice, 60) : NO_END;

		if (carry_out(round, &left))
			return;
	}
}

static void an_apply_that_was_killed_is_finished_by_the_next(void **state)
{
	(void)state;
	for (uint64_t seed = first_seed(); seed < last_seed(); seed++) {
		struct round __cleanup_round round = { .seed = seed };
		struct random_conf conf = { .seed = seed };

		random_machine(&round.is);
		declare(&round, &conf);
		apply_killed(&round, seed);
		assert_done(&round, "after an apply that was killed:");
		random_conf_change(&conf, seed);
		declare(&round, &conf);
		apply_killed(&round, seed + 1);
		assert_done(&round, "after a change of which the apply was killed:");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_left_to_do),
		cmocka_unit_test(an_apply_that_was_killed_is_finished_by_the_next),
	};

	ADD_TESTS(tests);
	return run_gathered(NULL, NULL);
}
