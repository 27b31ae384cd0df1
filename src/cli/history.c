// SPDX-License-Identifier: MIT
/* penstock history */
#include <errno.h>
#include <limits.h>

#include "base/diff.h"
#include "cli/change.h"
#include "node/json.h"

static size_t length(const struct json_object *record, const char *key)
{
	struct json_object *array = pst_json_array(record, key);

	return array ? json_object_array_length(array) : 0;
}

/* As "alice (uid 0) on /dev/pts/1 from 192.0.2.7", as far as it is known. */
static char *who_text(const struct json_object *record)
{
	const struct json_object *who = pst_json_object(record, "who");
	const char *user = pst_json_string(who, "user");
	const char *unit = pst_json_string(who, "unit");
	const char *tty = pst_json_string(who, "tty");
	const char *client = pst_json_string(who, "client");
	struct pst_buf text = { 0 };

	pst_buf_printf(&text, "%s (uid %llu)", unit ?: user ?: "somebody",
		       (unsigned long long)pst_json_u64(who, "uid"));
	if (tty)
		pst_buf_printf(&text, " on %s", tty);
	if (client)
		pst_buf_printf(&text, " from %s", client);
	return pst_buf_take(&text);
}

/* An apply that has no end is either still at work or broke off. */
static void judge_unfinished(struct json_object *record, bool newest)
{
	if (newest && pst_streq(pst_json_string(record, "result"), "unfinished") &&
	    pst_lock_is_taken(PST_APPLY_LOCK))
		json_object_object_add(record, "result", json_object_new_string("running"));
}

static void print_row(const struct json_object *record)
{
	char __cleanup_free *who = who_text(record);

	printf("%4llu  %-20s  %-10s  %-6s  %3zu steps %3zu files  %s\n",
	       (unsigned long long)pst_json_u64(record, "number"),
	       pst_json_string(record, "began") ?: "?", pst_json_string(record, "result") ?: "?",
	       pst_json_string(record, "verb") ?: "?", length(record, "steps"),
	       length(record, "files"), who ?: "");
}

static void print_indented(const char *text, const char *margin)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		printf("%s%.*s\n", margin, (int)len, text);
		text += len + (text[len] == '\n');
	}
}

static void print_step(const struct json_object *step, size_t n)
{
	const char *why = pst_json_string(step, "why");
	const char *failure = pst_json_string(step, "failure");

	printf("%3zu. %-10s %s\n", n, pst_json_string(step, "result") ?: "?",
	       pst_json_string(step, "what") ?: "?");
	if (why)
		printf("      because %s\n", why);
	if (failure)
		print_indented(failure, "      ! ");
}

static void print_difference(const char *name, const char *before, const char *after)
{
	char __cleanup_free *diff = pst_diff(before, after);

	printf("\n--- %s\n+++ %s\n", before ? name : "/dev/null", after ? name : "/dev/null");
	print_indented(diff ?: "", "");
}

static void print_record(const struct json_object *record)
{
	const struct json_object *steps = pst_json_array(record, "steps");
	const struct json_object *files = pst_json_array(record, "files");
	const char *failure = pst_json_string(record, "failure");
	char __cleanup_free *who = who_text(record);

	printf("%s %llu by %s\n", pst_json_string(record, "verb") ?: "?",
	       (unsigned long long)pst_json_u64(record, "number"), who ?: "");
	printf("of %s\n", pst_json_string(record, "config_path") ?: "?");
	printf("%s: began %s, ended %s\n", pst_json_string(record, "result") ?: "?",
	       pst_json_string(record, "began") ?: "?", pst_json_string(record, "ended") ?: "-");
	if (failure)
		printf("%s\n", failure);
	for (size_t i = 0; i < length(record, "steps"); i++)
		print_step(json_object_array_get_idx(steps, i), i + 1);
	for (size_t i = 0; i < length(record, "files"); i++) {
		const struct json_object *file = json_object_array_get_idx(files, i);

		print_difference(pst_json_string(file, "path") ?: "?",
				 pst_json_string(file, "before"), pst_json_string(file, "after"));
	}
}

static void print_json(const struct json_object *object)
{
	puts(json_object_to_json_string_ext((struct json_object *)object,
					    JSON_C_TO_STRING_PRETTY |
						    JSON_C_TO_STRING_NOSLASHESCAPE));
}

/* The two configurations, which the journal does not have. */
static int add_configs(struct json_object *record, unsigned int number, struct pst_reason *reason)
{
	static const struct {
		const char *file;
		const char *key;
	} configs[] = { { PST_HISTORY_CONFIG, "config" }, { PST_HISTORY_BEFORE, "config_before" } };

	for (size_t i = 0; i < ARRAY_SIZE(configs); i++) {
		char __cleanup_free *text = NULL;
		int error =
			pst_history_text(&pst_this_host, number, configs[i].file, &text, reason);

		if (error && error != -ENOENT)
			return error;
		json_object_object_add(record, configs[i].key,
				       text ? json_object_new_string(text) : NULL);
	}
	return 0;
}

static int tell(const struct pst_cli *cli, unsigned int number, bool newest)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	struct json_object __cleanup_json *record = NULL;
	int error = pst_history_read(&pst_this_host, number, &record, &reason);

	if (!error)
		error = add_configs(record, number, &reason);
	if (error)
		return pst_say_failed(&reason, error);
	judge_unfinished(record, newest);
	if (cli->given & PST_OPTION_JSON) {
		print_json(record);
		return PST_EXIT_OK;
	}
	print_record(record);
	if (!pst_streq(pst_json_string(record, "config"), pst_json_string(record, "config_before")))
		print_difference("the configuration", pst_json_string(record, "config_before"),
				 pst_json_string(record, "config"));
	return PST_EXIT_OK;
}

static int list(const struct pst_cli *cli, const unsigned int *numbers, size_t n)
{
	struct json_object __cleanup_json *all = json_object_new_array();

	for (size_t i = 0; i < n; i++) {
		struct pst_reason __cleanup_reason reason = { 0 };
		struct json_object *record = NULL;
		int error = pst_history_read(&pst_this_host, numbers[i], &record, &reason);

		if (error)
			return pst_say_failed(&reason, error);
		judge_unfinished(record, i + 1 == n);
		json_object_array_add(all, record);
		if (!(cli->given & PST_OPTION_JSON))
			print_row(record);
	}
	if (cli->given & PST_OPTION_JSON)
		print_json(all);
	else if (!n)
		puts("nothing was applied yet");
	return PST_EXIT_OK;
}

int pst_verb_history(const struct pst_cli *cli)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	unsigned int __cleanup_free *numbers = NULL;
	unsigned long long number;
	size_t n = 0;
	int error;

	if (cli->operands[0] && pst_parse_u64(cli->operands[0], INT_MAX, &number)) {
		fprintf(stderr, "penstock: \"%s\" is not the number of an apply\n",
			cli->operands[0]);
		return PST_EXIT_REFUSED;
	}
	error = pst_history_list(&pst_this_host, &numbers, &n, &reason);
	if (error)
		return pst_say_failed(&reason, error);
	if (cli->operands[0])
		return tell(cli, (unsigned int)number, n && number == numbers[n - 1]);
	return list(cli, numbers, n);
}
