// SPDX-License-Identifier: MIT
/*
 * What a plan, and an apply that finds nothing to do, cost of the processor's time, and how that grows with the node:
 * reading and checking penstock.yaml, looking at the node, and the plan. The tools' answers are text in memory and the
 * node's files lie in a folder of a tmpfs, so parsing and reading are in it. Not in it: what the tools themselves take
 * (zpool, zfs and ip run for milliseconds each, whatever we do), the start of the program, and the locks and the
 * history of an apply.
 */
#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "apply-node.h"
#include "base/file.h"
#include "node/node.h"

#define ROUNDS	     9
#define EXPORTS_FILE "/etc/exports.d/penstock.exports"

enum part { LOAD, OBSERVE, PLAN, ALL, N_PARTS };

struct row {
	struct bench_size size;
	struct bench_node node;
	double seconds[N_PARTS][ROUNDS];
};

static struct row rows[] = {
	{ .size = { 4, 1 } },
	{ .size = { 25, 125 } },
	{ .size = { 50, 250 } },
	{ .size = { 100, 500 } },
	{ .size = { 25, 125, .select = true } },
	{ .size = { 50, 250, .select = true } },
	{ .size = { 100, 500, .select = true } },
};

static double cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* One run as penstock plan does it; @ret is for the caller to free. */
static int run_once(struct bench_node *node, double marks[N_PARTS], struct pst_plan *ret,
		    struct pst_reason *reason)
{
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_problems __cleanup_problems problems = { 0 };
	struct pst_state __cleanup_state state = { 0 };
	double start = cpu_seconds();
	int error = pst_conf_load(node->conf, &doc, &problems, reason);

	if (problems.n)
		return pst_fail(reason, -EINVAL, "penstock.yaml:%zu: %s: %s", problems.v[0].line,
				problems.v[0].key, problems.v[0].text);
	marks[LOAD] = cpu_seconds() - start;
	if (!error)
		error = pst_node_observe(&node->host, doc.conf, &state, reason);
	marks[OBSERVE] = cpu_seconds() - start - marks[LOAD];
	if (!error)
		error = pst_node_plan(doc.conf, &state, ret);
	marks[PLAN] = cpu_seconds() - start - marks[LOAD] - marks[OBSERVE];
	return error;
}

/* What exportfs(8) makes of our file: a line for each client, with a tab before it. */
static int write_etab(struct bench_node *node, const char *exports, struct pst_reason *reason)
{
	struct pst_buf etab = { 0 };
	char __cleanup_free *text = NULL;

	for (const char *line = exports; *line; line += strcspn(line, "\n"), line += *line == '\n')
		if (*line == '/')
			pst_buf_printf(&etab, "%.*s\t%.*s\n", (int)strcspn(line, " "), line,
				       (int)(strcspn(line, "\n") - strcspn(line, " ") - 1),
				       line + strcspn(line, " ") + 1);
	text = pst_buf_take(&etab);
	return text ? bench_node_write(node, "/var/lib/nfs/etab", text, reason) : -ENOMEM;
}

/* The node is made as it is after an apply but for the files that apply writes: they are written as it plans them. */
static int apply(struct bench_node *node, struct pst_reason *reason)
{
	struct pst_plan __cleanup_plan plan = { 0 };
	double unused[N_PARTS];
	int error = run_once(node, unused, &plan, reason);

	for (size_t i = 0; i < plan.n && !error; i++) {
		const struct pst_step *step = &plan.v[i];

		if (step->kind != PST_STEP_WRITE)
			continue;
		error = bench_node_write(node, step->path, step->text, reason);
		if (!error && pst_streq(step->path, EXPORTS_FILE))
			error = write_etab(node, step->text, reason);
	}
	return error;
}

static int measure(struct row *row, int round, struct pst_reason *reason)
{
	struct pst_plan __cleanup_plan plan = { 0 };
	double start = cpu_seconds();
	double marks[N_PARTS];
	int error = run_once(&row->node, marks, &plan, reason);

	marks[ALL] = cpu_seconds() - start;
	if (error)
		return error;
	if (plan.n) {
		char __cleanup_free *what = pst_step_describe(&plan.v[0]);

		return pst_fail(reason, -EIO, "there is something to do: %s", what ?: "");
	}
	if (plan.problems.n)
		return pst_fail(reason, -EIO, "there is a problem: %s: %s", plan.problems.v[0].key,
				plan.problems.v[0].text);
	/* The first round is not counted. */
	for (int part = 0; part < N_PARTS && round >= 0; part++)
		row->seconds[part][round] = marks[part];
	return 0;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void sort_out(struct row *row)
{
	for (int part = 0; part < N_PARTS; part++)
		qsort(row->seconds[part], ROUNDS, sizeof(double), by_value);
}

static double median(const struct row *row, enum part part)
{
	return row->seconds[part][ROUNDS / 2];
}

/* How many times as long as the same of half the size; the smallest have none. */
static double growth_of(const struct row *row)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].size.disks * 2 == row->size.disks &&
		    rows[i].size.select == row->size.select)
			return median(row, ALL) / median(&rows[i], ALL);
	return 0;
}

static void print_json(const struct row *row)
{
	printf("{\"bench\": \"apply\", \"disks\": %u, \"datasets\": %u, \"exports\": %u, "
	       "\"select\": %s, \"load_seconds\": %.6f, \"observe_seconds\": %.6f, "
	       "\"plan_seconds\": %.6f, \"all_seconds\": %.6f, \"all_least_seconds\": %.6f}\n",
	       row->size.disks, row->size.datasets, row->size.datasets,
	       row->size.select ? "true" : "false", median(row, LOAD), median(row, OBSERVE),
	       median(row, PLAN), median(row, ALL), row->seconds[ALL][0]);
}

static void print_line(const struct row *row)
{
	double growth = growth_of(row);

	printf("%5u %8u %8u  %-8s %10.4f %10.4f %10.4f %10.4f %10.4f", row->size.disks,
	       row->size.datasets, row->size.datasets, row->size.select ? "selected" : "named",
	       median(row, LOAD), median(row, OBSERVE), median(row, PLAN), median(row, ALL),
	       row->seconds[ALL][0]);
	if (growth > 0)
		printf(" %10.2f", growth);
	putchar('\n');
}

static int run_all(struct pst_reason *reason)
{
	int error = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows) && !error; i++) {
		error = bench_node_make(&rows[i].node, rows[i].size, reason);
		if (!error)
			error = apply(&rows[i].node, reason);
	}
	/* In turn, so that what disturbs the machine disturbs all. */
	for (int round = -1; round < ROUNDS && !error; round++)
		for (size_t i = 0; i < ARRAY_SIZE(rows) && !error; i++)
			error = measure(&rows[i], round, reason);
	return error;
}

int main(int argc, char **argv)
{
	bool json = argc > 1 && pst_streq(argv[1], "--json");
	struct pst_reason __cleanup_reason reason = { 0 };
	int error = run_all(&reason);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		bench_node_free(&rows[i].node);
		sort_out(&rows[i]);
	}
	if (error) {
		fprintf(stderr, "bench-apply: %s\n", pst_reason_text(&reason, error));
		return 1;
	}
	if (!json)
		printf("seconds of the processor, medians of %d rounds\n"
		       "disks datasets  exports  disks by       load    observe       plan        "
		       "all  all, min  per doubling\n",
		       ROUNDS);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		(json ? print_json : print_line)(&rows[i]);
	return 0;
}
