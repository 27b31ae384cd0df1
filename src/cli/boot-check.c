// SPDX-License-Identifier: MIT
/*
 * penstock boot-check: what penstock-boot-check.service runs in a boot that is counted. It ends well
 * when the node came up; that it takes too long is for the service to say.
 */
#include <errno.h>
#include <time.h>

#include "cli/cli.h"
#include "node/update.h"

#define APPLY_UNIT "penstock-apply.service"

static bool is_about(const char *key, const char *section)
{
	size_t len = strlen(section);

	return strncmp(key, section, len) == 0 && (!key[len] || strchr("[.", key[len]));
}

/*
 * A disk that died or a server that is off is no fault of this version, and another one would not come up
 * better: of pools counts whether they are there and served, of mounts nothing.
 */
static bool speaks_against(const struct pst_problem *problem)
{
	static const char *const ours[] = { "network", "rdma", "exports", "nfs_server" };

	if (problem->kind == PST_PROBLEM_HEALTH || is_about(problem->key, "mounts"))
		return false;
	if (problem->kind != PST_PROBLEM_DIFFERENCE)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(ours); i++)
		if (is_about(problem->key, ours[i]))
			return true;
	return false;
}

/* NULL when the node came up; else what is not as declared. */
static const char *what_lacks(const struct pst_plan *plan)
{
	for (size_t i = 0; i < plan->problems.n; i++)
		if (speaks_against(&plan->problems.v[i]))
			return plan->problems.v[i].text;
	for (size_t i = 0; i < plan->n; i++)
		if (!is_about(plan->v[i].key ?: "", "mounts"))
			return plan->v[i].why ?: "not all was applied";
	return NULL;
}

static bool unit_is(const char *unit, const char *property, const char *value)
{
	char __cleanup_free *said = NULL;

	if (pst_host_ask(&pst_this_host, &said, NULL, "systemctl", "show", "--value", "--property",
			 property, unit))
		return false;
	said[strcspn(said, "\n")] = '\0';
	return pst_streq(said, value);
}

static void say_once(const char *what, char **said)
{
	if (pst_streq(what, *said))
		return;
	printf("waiting: %s\n", what);
	fflush(stdout);
	free(*said);
	*said = strdup(what);
}

/* That this cannot be noted everywhere is no reason to give the version up. */
static void note_good(void)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	struct pst_update update = { 0 };
	int error = pst_mounts_own(&reason);

	if (!error)
		error = pst_update_open(&pst_this_host, &update, &reason);
	if (!error) {
		error = pst_update_found_good(&pst_this_host, &update, &reason);
		pst_update_close(&pst_this_host, &update);
	}
	if (error)
		fprintf(stderr, "penstock: not all boot disks know that this version is good: %s\n",
			pst_reason_text(&reason, error));
}

static int came_up(const char *how)
{
	puts(how);
	note_good();
	return PST_EXIT_OK;
}

/* Returns an exit status, or -1 to look again. */
static int look(const struct pst_cli *cli, char **said)
{
	struct pst_view __cleanup_view view = { 0 };
	const char *lacks;
	int status;

	/* It is at work: what is not there yet says nothing. */
	if (unit_is(APPLY_UNIT, "SubState", "start")) {
		say_once(APPLY_UNIT " is at work", said);
		return -1;
	}
	status = pst_view_load(cli, &view);
	/* What an older version took this one must take. */
	if (status)
		return PST_EXIT_FAILED;
	if (pst_view_look(&view))
		return -1;
	lacks = what_lacks(&view.plan);
	if (!lacks)
		return came_up("this node came up as declared");
	if (unit_is(APPLY_UNIT, "ActiveState", "failed")) {
		fprintf(stderr, "penstock: %s failed, and is not tried again: %s\n", APPLY_UNIT,
			lacks);
		return PST_EXIT_FAILED;
	}
	say_once(lacks, said);
	return -1;
}

int pst_verb_boot_check(const struct pst_cli *cli)
{
	static const struct timespec pause = { .tv_sec = 3 };
	char __cleanup_free *said = NULL;

	for (;;) {
		int status = -1;

		if (pst_host_exists(&pst_this_host, cli->config)) {
			status = look(cli, &said);
		} else if (unit_is("multi-user.target", "ActiveState", "active")) {
			status = came_up("this node came up, and nothing is declared");
		} else {
			say_once("multi-user.target is not reached", &said);
		}
		if (status >= 0)
			return status;
		nanosleep(&pause, NULL);
	}
}
