// SPDX-License-Identifier: MIT
/* The history of applies: reading and pruning it. */
#include "node/history.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>

#include "node/json.h"

static char *record_file(unsigned int number, const char *name)
{
	return pst_printf(PST_HISTORY_DIRECTORY "/%u/%s", number, name);
}

static int by_number(const void *a, const void *b)
{
	unsigned int first = *(const unsigned int *)a, second = *(const unsigned int *)b;

	return (first > second) - (first < second);
}

int pst_history_list(const struct pst_host *host, unsigned int **ret, size_t *ret_n,
		     struct pst_reason *reason)
{
	struct pst_strv __cleanup_strv names = { 0 };
	unsigned int __cleanup_free *numbers = NULL;
	size_t n = 0;
	int error = pst_host_list(host, PST_HISTORY_DIRECTORY, &names, reason);

	if (error)
		return error;
	for (size_t i = 0; i < names.n; i++) {
		unsigned long long number;
		unsigned int *slot;

		if (pst_parse_u64(names.v[i], INT_MAX, &number))
			continue;
		slot = pst_array_grow((void **)&numbers, &n, sizeof(*slot));
		if (!slot)
			return -ENOMEM;
		*slot = (unsigned int)number;
	}
	if (n)
		qsort(numbers, n, sizeof(*numbers), by_number);
	*ret = TAKE_PTR(numbers);
	*ret_n = n;
	return 0;
}

int pst_history_text(const struct pst_host *host, unsigned int number, const char *name, char **ret,
		     struct pst_reason *reason)
{
	char __cleanup_free *path = record_file(number, name);

	return path ? pst_host_read(host, path, ret, reason) : -ENOMEM;
}

static void move(struct json_object *from, const char *key, struct json_object *to,
		 const char *new_key)
{
	struct json_object *value;

	if (json_object_object_get_ex(from, key, &value))
		json_object_object_add(to, new_key, json_object_get(value));
}

/* The line before a step. */
static void take_step(struct json_object *line, struct json_object *steps,
		      struct json_object *files)
{
	struct json_object *step = json_object_new_object();

	move(line, "step", step, "what");
	move(line, "why", step, "why");
	json_object_object_add(step, "result", json_object_new_string("unfinished"));
	json_object_array_add(steps, step);
	if (pst_json_string(line, "file")) {
		struct json_object *file = json_object_new_object();

		move(line, "file", file, "path");
		move(line, "before", file, "before");
		move(line, "after", file, "after");
		move(line, "mode", file, "mode");
		json_object_array_add(files, file);
	}
}

/* The line behind one. */
static void take_result(struct json_object *line, struct json_object *steps)
{
	size_t n = json_object_array_length(steps);
	struct json_object *step = n ? json_object_array_get_idx(steps, n - 1) : NULL;

	if (!step)
		return;
	move(line, "result", step, "result");
	move(line, "failure", step, "failure");
}

static void take_line(struct json_object *line, struct json_object *record,
		      struct json_object *steps, struct json_object *files)
{
	if (pst_json_string(line, "step")) {
		take_step(line, steps, files);
	} else if (pst_json_string(line, "result")) {
		take_result(line, steps);
	} else if (pst_json_string(line, "end")) {
		move(line, "end", record, "result");
		move(line, "at", record, "ended");
		move(line, "failure", record, "failure");
	}
}

/* A line that is no JSON is one in the middle of which the machine lost its power, and so the last. */
static void take_journal(const char *journal, struct json_object *record)
{
	struct json_object *steps = json_object_new_array();
	struct json_object *files = json_object_new_array();

	while (*journal) {
		size_t len = strcspn(journal, "\n");
		char __cleanup_free *text = strndup(journal, len);
		struct json_object __cleanup_json *line = NULL;

		if (!text || pst_json_parse(text, "", &line, NULL))
			break;
		take_line(line, record, steps, files);
		journal += len + (journal[len] == '\n');
	}
	json_object_object_add(record, "steps", steps);
	json_object_object_add(record, "files", files);
}

int pst_history_read(const struct pst_host *host, unsigned int number, struct json_object **ret,
		     struct pst_reason *reason)
{
	struct json_object __cleanup_json *record = NULL;
	char __cleanup_free *about = NULL;
	char __cleanup_free *journal = NULL;
	int error = pst_history_text(host, number, "about.json", &about, reason);

	if (error == -ENOENT)
		return pst_fail(reason, error, "there is no apply %u in the history", number);
	if (!error)
		error = pst_json_parse(about, "the history", &record, reason);
	if (!error && !json_object_is_type(record, json_type_object))
		error = pst_fail(reason, -EBADMSG, "%s/%u/about.json is no JSON object",
				 PST_HISTORY_DIRECTORY, number);
	if (!error)
		error = pst_history_text(host, number, "journal", &journal, reason);
	if (error && error != -ENOENT)
		return error;
	json_object_object_add(record, "number", json_object_new_uint64(number));
	json_object_object_add(record, "result", json_object_new_string("unfinished"));
	take_journal(journal ?: "", record);
	*ret = TAKE_PTR(record);
	return 0;
}

int pst_history_last_change(const struct pst_host *host, unsigned int *ret,
			    struct pst_reason *reason)
{
	unsigned int __cleanup_free *numbers = NULL;
	size_t n = 0;
	int error = pst_history_list(host, &numbers, &n, reason);

	while (!error && n--) {
		char __cleanup_free *config = NULL;
		char __cleanup_free *before = NULL;

		error = pst_history_text(host, numbers[n], PST_HISTORY_CONFIG, &config, reason);
		if (!error)
			error = pst_history_text(host, numbers[n], PST_HISTORY_BEFORE, &before,
						 reason);
		if (!error && !pst_streq(config, before)) {
			*ret = numbers[n];
			return 0;
		}
		if (error == -ENOENT)
			error = 0;
	}
	return error ? error : -ENOENT;
}

int pst_history_last_config(const struct pst_host *host, char **ret, unsigned int *ret_number,
			    struct pst_reason *reason)
{
	unsigned int __cleanup_free *numbers = NULL;
	size_t n = 0;
	int error = pst_history_list(host, &numbers, &n, reason);

	if (error)
		return error;
	*ret_number = n ? numbers[n - 1] : 0;
	while (n--) {
		error = pst_history_text(host, numbers[n], PST_HISTORY_CONFIG, ret, reason);
		if (error != -ENOENT)
			return error;
	}
	return 0;
}

static int remove_record(const struct pst_host *host, const char *name, struct pst_reason *reason)
{
	struct pst_strv __cleanup_strv files = { 0 };
	char __cleanup_free *path = pst_printf(PST_HISTORY_DIRECTORY "/%s", name);
	char __cleanup_free *full = path ? pst_host_path(host, path) : NULL;
	int error = full ? pst_host_list(host, path, &files, reason) : -ENOMEM;

	for (size_t i = 0; i < files.n && !error; i++) {
		char __cleanup_free *file = pst_printf("%s/%s", full, files.v[i]);

		if (!file)
			error = -ENOMEM;
		else if (unlink(file) < 0)
			error = pst_fail_errno(reason, -errno, "cannot remove %s", file);
	}
	if (!error && rmdir(full) < 0)
		error = pst_fail_errno(reason, -errno, "cannot remove %s", full);
	return error;
}

/* Those that are not whole are called .new-PID. */
static int remove_broken(const struct pst_host *host, struct pst_reason *reason)
{
	struct pst_strv __cleanup_strv names = { 0 };
	int error = pst_host_list(host, PST_HISTORY_DIRECTORY, &names, reason);

	for (size_t i = 0; i < names.n && !error; i++) {
		unsigned long long pid;

		if (pst_startswith(names.v[i], ".new-") &&
		    !pst_parse_u64(names.v[i] + 5, INT_MAX, &pid) && kill((pid_t)pid, 0) < 0 &&
		    errno == ESRCH)
			error = remove_record(host, names.v[i], reason);
	}
	return error;
}

int pst_history_prune(const struct pst_host *host, size_t keep, struct pst_reason *reason)
{
	unsigned int __cleanup_free *numbers = NULL;
	size_t n = 0;
	int error = pst_history_list(host, &numbers, &n, reason);

	for (size_t i = 0; i + keep < n && !error; i++)
		error = remove_record(host, pst_key("%u", numbers[i]).text, reason);
	return error ? error : remove_broken(host, reason);
}
