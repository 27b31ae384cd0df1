// SPDX-License-Identifier: MIT
/* A plan: making and describing steps. */
#include "node/plan.h"

#include <errno.h>

#include "base/run.h"
#include "node/unread.h"

/* A pool of many disks takes its time to be imported or created. */
#define RUN_TIMEOUT_MS	(10 * 60 * 1000)
#define WAIT_TIMEOUT_MS (20 * 1000)

const char pst_file_header[] =
	"# Written by penstock(8) from penstock.yaml; change that file, not this one.\n";

bool pst_file_is_ours(const char *text)
{
	return pst_startswith(text, "# Written by penstock(8)");
}

static char *copy(struct pst_plan *plan, const char *text)
{
	char *copied = text ? strdup(text) : NULL;

	plan->oom = plan->oom || (text && !copied);
	return copied;
}

/* Never NULL: without memory the step goes into a place that nobody looks at. */
static struct pst_step *add(struct pst_plan *plan, enum pst_step_kind kind, const char *key,
			    const char *why)
{
	static struct pst_step nowhere;
	struct pst_step *step = pst_array_grow((void **)&plan->v, &plan->n, sizeof(*step));

	if (!step) {
		plan->oom = true;
		nowhere = (struct pst_step){ 0 };
		return &nowhere;
	}
	step->kind = kind;
	step->key = copy(plan, key);
	step->why = copy(plan, why);
	step->timeout_ms = kind == PST_STEP_RUN ? RUN_TIMEOUT_MS : WAIT_TIMEOUT_MS;
	return step;
}

void pst_plan_write(struct pst_plan *plan, const char *key, const char *path, const char *text,
		    const char *why)
{
	struct pst_step *step = add(plan, PST_STEP_WRITE, key, why);

	step->path = copy(plan, path);
	step->text = copy(plan, text);
	step->mode = 0644;
}

void pst_plan_mode(struct pst_plan *plan, mode_t mode)
{
	if (plan->n)
		plan->v[plan->n - 1].mode = mode;
}

void pst_plan_remove(struct pst_plan *plan, const char *key, const char *path, const char *why)
{
	add(plan, PST_STEP_REMOVE, key, why)->path = copy(plan, path);
}

void pst_plan_run_list(struct pst_plan *plan, const char *key, const char *why,
		       const char *const argv[])
{
	struct pst_strv strv = { 0 };

	for (size_t i = 0; argv[i]; i++)
		pst_strv_add(&strv, argv[i]);
	pst_plan_run_strv(plan, key, why, &strv);
}

void pst_plan_run_strv(struct pst_plan *plan, const char *key, const char *why,
		       struct pst_strv *argv)
{
	struct pst_step *step = add(plan, PST_STEP_RUN, key, why);

	plan->oom = plan->oom || argv->oom;
	step->argv = *argv;
	*argv = (struct pst_strv){ 0 };
}

void pst_plan_host_name(struct pst_plan *plan, const char *key, const char *name, const char *why)
{
	add(plan, PST_STEP_HOST_NAME, key, why)->text = copy(plan, name);
}

void pst_plan_set(struct pst_plan *plan, const char *key, const char *path, const char *text,
		  const char *why)
{
	struct pst_step *step = add(plan, PST_STEP_SET, key, why);

	step->path = copy(plan, path);
	step->text = copy(plan, text);
}

void pst_plan_own(struct pst_plan *plan, const char *key, const char *path, int64_t owner,
		  int64_t group, mode_t mode, const char *why)
{
	struct pst_step *step = add(plan, PST_STEP_OWN, key, why);

	step->path = copy(plan, path);
	step->owner = owner;
	step->group = group;
	step->mode = mode;
}

void pst_plan_wait_file(struct pst_plan *plan, const char *key, const char *path, const char *text,
			const char *why)
{
	struct pst_step *step = add(plan, PST_STEP_WAIT_FILE, key, why);

	step->path = copy(plan, path);
	step->text = copy(plan, text);
}

void pst_plan_wait_address(struct pst_plan *plan, const char *key, const char *interface,
			   const char *address)
{
	struct pst_step *step = add(plan, PST_STEP_WAIT_ADDRESS, key, NULL);

	step->path = copy(plan, interface);
	step->text = copy(plan, address);
}

void pst_plan_look_again(struct pst_plan *plan, const char *key, const char *text)
{
	add(plan, PST_STEP_LOOK_AGAIN, key, NULL)->text = copy(plan, text);
}

void pst_plan_problem(struct pst_plan *plan, enum pst_problem_kind kind, struct pst_key key,
		      const char *format, ...)
{
	va_list args;

	va_start(args, format);
	pst_problem_vadd(&plan->problems, kind, key.text, 0, format, args);
	va_end(args);
}

void pst_plan_append(struct pst_plan *plan, struct pst_plan *other)
{
	for (size_t i = 0; i < other->n; i++) {
		struct pst_step *step = pst_array_grow((void **)&plan->v, &plan->n, sizeof(*step));

		if (!step) {
			plan->oom = true;
			break;
		}
		*step = other->v[i];
		other->v[i] = (struct pst_step){ 0 };
	}
	for (size_t i = 0; i < other->problems.n; i++)
		pst_problem_add(&plan->problems, other->problems.v[i].kind,
				other->problems.v[i].key, "%s", other->problems.v[i].text);
	plan->oom = plan->oom || pst_plan_sound(other);
}

bool pst_plan_file(struct pst_plan *plan, const struct pst_state *state, const char *key,
		   const char *path, const char *want)
{
	const char *have = pst_state_file(state, path);
	char __cleanup_free *why = NULL;

	/* What shall follow on a change of it did not follow. */
	if (pst_streq(have, want))
		return pst_unread_has(state, path);
	if (have && !pst_file_is_ours(have)) {
		if (want)
			pst_plan_problem(
				plan, PST_PROBLEM_REFUSED, pst_key("%s", key),
				"%s is there and was not written by penstock: move it away", path);
		return false;
	}
	if (!want) {
		why = pst_printf("%s is there and nothing asks for it", path);
		pst_plan_remove(plan, key, path, why);
		return true;
	}
	why = pst_printf(have ? "%s is not as declared" : "%s is not there", path);
	pst_plan_write(plan, key, path, want, why);
	return true;
}

static bool is_part_of(const char *key, const char *whole)
{
	size_t len = strlen(whole);

	return strncmp(key, whole, len) == 0 && (!key[len] || key[len] == '.' || key[len] == '[');
}

bool pst_plan_concerns(const struct pst_plan *plan, const char *key)
{
	for (size_t i = 0; i < plan->n; i++)
		if (plan->v[i].why && is_part_of(plan->v[i].key, key))
			return true;
	for (size_t i = 0; i < plan->problems.n; i++)
		if (is_part_of(plan->problems.v[i].key, key))
			return true;
	return false;
}

int pst_plan_sound(const struct pst_plan *plan)
{
	return plan->oom || plan->problems.oom ? -ENOMEM : 0;
}

static char *describe_own(const struct pst_step *step)
{
	struct pst_buf buf = { 0 };

	pst_buf_printf(&buf, "make %s", step->path);
	if (step->owner >= 0 && step->group >= 0)
		pst_buf_printf(&buf, " owned by %lld:%lld", (long long)step->owner,
			       (long long)step->group);
	else if (step->owner >= 0)
		pst_buf_printf(&buf, " owned by %lld", (long long)step->owner);
	else if (step->group >= 0)
		pst_buf_printf(&buf, " of the group %lld", (long long)step->group);
	if (step->mode != (mode_t)-1)
		pst_buf_printf(&buf, " with mode %04o", (unsigned int)step->mode);
	return pst_buf_take(&buf);
}

char *pst_step_describe(const struct pst_step *step)
{
	switch (step->kind) {
	case PST_STEP_WRITE:
		return pst_printf("write %s", step->path);
	case PST_STEP_REMOVE:
		return pst_printf("remove %s", step->path);
	case PST_STEP_RUN:
		return pst_run_quote(step->argv.v);
	case PST_STEP_HOST_NAME:
		return pst_printf("set the host name %s", step->text);
	case PST_STEP_SET:
		return pst_printf("set %s to %s", step->path, step->text);
	case PST_STEP_OWN:
		return describe_own(step);
	case PST_STEP_WAIT_FILE:
		return pst_printf("wait until %s says %s", step->path, step->text);
	case PST_STEP_WAIT_ADDRESS:
		return pst_printf("wait until %s has %s", step->path, step->text);
	case PST_STEP_LOOK_AGAIN:
		return pst_printf("look again at %s", step->text);
	}
	return NULL;
}

void pst_plan_free(struct pst_plan *plan)
{
	for (size_t i = 0; i < plan->n; i++) {
		struct pst_step *step = &plan->v[i];

		free(step->key);
		free(step->why);
		free(step->path);
		free(step->text);
		pst_strv_free(&step->argv);
	}
	free(plan->v);
	pst_problems_free(&plan->problems);
	*plan = (struct pst_plan){ 0 };
}
