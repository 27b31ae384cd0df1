// SPDX-License-Identifier: MIT
/* The record of one apply, as it is written. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "base/file.h"
#include "node/history.h"

#define JOURNAL "journal"

static struct json_object *text_json(const char *text)
{
	return text ? json_object_new_string(text) : NULL;
}

static struct json_object *now_json(void)
{
	char text[32];
	time_t now = time(NULL);
	struct tm parts;

	gmtime_r(&now, &parts);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
	return json_object_new_string(text);
}

/* One line; taken apart by history.c. Puts @line away. */
static char *line_of(struct json_object *line)
{
	char *text = pst_printf(
		"%s\n", json_object_to_json_string_ext(
				line, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));

	json_object_put(line);
	return text;
}

static char *about_text(const struct pst_record_about *about)
{
	struct json_object *object = json_object_new_object();
	struct json_object *who = json_object_new_object();

	json_object_object_add(who, "uid", json_object_new_uint64(about->who->uid));
	json_object_object_add(who, "user", text_json(about->who->user));
	json_object_object_add(who, "tty", text_json(about->who->tty));
	json_object_object_add(who, "client", text_json(about->who->client));
	json_object_object_add(who, "unit", text_json(about->who->unit));
	json_object_object_add(object, "verb", json_object_new_string(about->verb));
	json_object_object_add(object, "who", who);
	json_object_object_add(object, "pid", json_object_new_int(getpid()));
	json_object_object_add(object, "began", now_json());
	json_object_object_add(object, "config_path", text_json(about->config_path));
	return line_of(object);
}

static int put(const char *directory, const char *name, const char *text, struct pst_reason *reason)
{
	char __cleanup_free *path = pst_printf("%s/%s", directory, name);

	if (!text)
		return 0;
	return path ? pst_file_write(path, text, 0600, reason) : -ENOMEM;
}

static int fill(const char *directory, const struct pst_record_about *about, const char *before,
		struct pst_reason *reason)
{
	char __cleanup_free *text = about_text(about);
	int error = text ? put(directory, "about.json", text, reason) : -ENOMEM;

	if (!error)
		error = put(directory, PST_HISTORY_CONFIG, about->config, reason);
	if (!error)
		error = put(directory, PST_HISTORY_BEFORE, before, reason);
	return error ? error : put(directory, JOURNAL, "", reason);
}

/* What apply N does may be private, as the configuration may be. */
static int make_directory(const char *path, struct pst_reason *reason)
{
	int error = pst_file_make_parents(path, reason);

	if (error)
		return error;
	if (mkdir(path, 0700) == 0)
		return pst_file_sync_name(path, reason);
	if (errno != EEXIST)
		return pst_fail_errno(reason, -errno, "cannot make the directory %s", path);
	return 0;
}

/* The network's own way back may write a record at the same time: whoever is second takes the next number. */
static int give_number(const char *all, const char *unnumbered, struct pst_record *record,
		       struct pst_reason *reason)
{
	for (;;) {
		char __cleanup_free *path = pst_printf("%s/%u", all, record->number);
		char __cleanup_free *journal = path ? pst_printf("%s/" JOURNAL, path) : NULL;

		if (!journal)
			return -ENOMEM;
		if (rename(unnumbered, path) < 0) {
			if (errno != ENOTEMPTY && errno != EEXIST)
				return pst_fail_errno(reason, -errno, "cannot name %s", path);
			record->number++;
			continue;
		}
		record->journal = open(journal, O_WRONLY | O_APPEND | O_CLOEXEC);
		if (record->journal < 0)
			return pst_fail_errno(reason, -errno, "cannot open %s", journal);
		return pst_file_sync_name(path, reason);
	}
}

int pst_record_begin(struct pst_host *host, const struct pst_record_about *about,
		     struct pst_record *ret, struct pst_reason *reason)
{
	char __cleanup_free *all = pst_host_path(host, PST_HISTORY_DIRECTORY);
	char __cleanup_free *unnumbered = all ? pst_printf("%s/.new-%d", all, getpid()) : NULL;
	char __cleanup_free *before = NULL;
	struct pst_record record = { .journal = -1 };
	int error = unnumbered ? make_directory(all, reason) : -ENOMEM;

	if (!error)
		error = pst_history_prune(host, PST_HISTORY_MAX - 1, reason);
	if (!error)
		error = pst_history_last_config(host, &before, &record.number, reason);
	record.number++;
	if (!error)
		error = make_directory(unnumbered, reason);
	if (!error)
		error = fill(unnumbered, about, before, reason);
	if (!error)
		error = give_number(all, unnumbered, &record, reason);
	if (error) {
		pst_record_close(&record);
		return error;
	}
	*ret = record;
	return 0;
}

/* Synced where what comes next could not be told otherwise. */
static int append(struct pst_record *record, struct json_object *line, bool sync,
		  struct pst_reason *reason)
{
	char __cleanup_free *text = line_of(line);
	const char *rest = text;

	while (rest && *rest) {
		ssize_t put_bytes = write(record->journal, rest, strlen(rest));

		if (put_bytes < 0 && errno == EINTR)
			continue;
		if (put_bytes < 0)
			return pst_fail_errno(reason, -errno, "cannot record apply %u",
					      record->number);
		rest += put_bytes;
	}
	if (!text)
		return -ENOMEM;
	if (sync && fdatasync(record->journal) < 0)
		return pst_fail_errno(reason, -errno, "cannot record apply %u", record->number);
	return 0;
}

static int add_file(struct pst_host *host, struct json_object *line, const struct pst_step *step,
		    struct pst_reason *reason)
{
	char __cleanup_free *full = pst_host_path(host, step->path);
	char __cleanup_free *before = NULL;
	struct stat info;
	int error = full ? pst_file_read(full, &before, NULL, reason) : -ENOMEM;

	if (error && error != -ENOENT)
		return error;
	json_object_object_add(line, "file", json_object_new_string(step->path));
	json_object_object_add(line, "before", text_json(before));
	json_object_object_add(line, "after", text_json(step->text));
	if (before && stat(full, &info) == 0)
		json_object_object_add(line, "mode", json_object_new_int(info.st_mode & 07777));
	return 0;
}

int pst_record_step(struct pst_host *host, struct pst_record *record, const struct pst_step *step,
		    struct pst_reason *reason)
{
	bool is_file = step->kind == PST_STEP_WRITE || step->kind == PST_STEP_REMOVE;
	char __cleanup_free *what = pst_step_describe(step);
	struct json_object *line = json_object_new_object();
	int error = 0;

	json_object_object_add(line, "step", json_object_new_string(what ?: ""));
	json_object_object_add(line, "why", text_json(step->why));
	if (is_file)
		error = add_file(host, line, step, reason);
	if (error) {
		json_object_put(line);
		return error;
	}
	return append(record, line, is_file, reason);
}

int pst_record_result(struct pst_record *record, const char *failure, struct pst_reason *reason)
{
	struct json_object *line = json_object_new_object();

	json_object_object_add(line, "result", json_object_new_string(failure ? "failed" : "done"));
	if (failure)
		json_object_object_add(line, "failure", json_object_new_string(failure));
	return append(record, line, false, reason);
}

int pst_record_end(struct pst_record *record, const char *failure, struct pst_reason *reason)
{
	struct json_object *line = json_object_new_object();

	json_object_object_add(line, "end", json_object_new_string(failure ? "failed" : "done"));
	json_object_object_add(line, "at", now_json());
	if (failure)
		json_object_object_add(line, "failure", json_object_new_string(failure));
	return append(record, line, true, reason);
}

void pst_record_close(struct pst_record *record)
{
	pst_close_fd(&record->journal);
	record->journal = -1;
}
