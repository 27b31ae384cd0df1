// SPDX-License-Identifier: MIT
/* From the answers file to answers that are valid as a whole. */
#include "install/answers.h"

#include <ctype.h>
#include <errno.h>

#include "conf/schema.h"
#include "conf/word.h"
#include "install/answers-schema.h"

#define SERIAL_MAX 128

static void __format(4, 5) bad(const struct pst_answers_doc *doc, struct pst_problems *problems,
			       struct pst_key key, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	pst_problem_vadd(problems, PST_PROBLEM_CONFIG, key.text, pst_yaml_line(doc->tree, key.text),
			 format, args);
	va_end(args);
}

static const char *wrong_serial(const char *word)
{
	if (strlen(word) > SERIAL_MAX)
		return "is longer than a serial number can be";
	for (const char *p = word; *p; p++)
		if (!isprint((unsigned char)*p))
			return "is no serial number: it has characters that cannot be printed";
	return strspn(word, " ") ? "begins with a blank" : NULL;
}

const char *pst_word_target(const char *word)
{
	if (*word == '/')
		return pst_word_disk(word);
	return wrong_serial(word);
}

static void check_words(const struct pst_answers_doc *doc, const char *key, char *const *words,
			unsigned int count, const char *(*complain)(const char *),
			struct pst_problems *problems)
{
	for (unsigned int i = 0; i < count; i++) {
		struct pst_key at = pst_key("%s[%u]", key, i);
		const char *complaint = complain(words[i]);

		if (complaint)
			bad(doc, problems, at, "\"%s\" %s", words[i], complaint);
		for (unsigned int j = 0; j < i; j++) {
			if (!pst_streq(words[i], words[j]))
				continue;
			bad(doc, problems, at, "\"%s\" is given twice, first in line %zu", words[i],
			    pst_yaml_line(doc->tree, pst_key("%s[%u]", key, j).text));
			break;
		}
	}
}

static const char *good(const char *word)
{
	(void)word;
	return NULL;
}

/* What is given twice is not left to the configuration's check: its lines are others. */
static bool has_twins(const struct pst_answers_doc *doc, struct pst_problems *problems)
{
	const struct pst_answers *answers = doc->answers;
	size_t before = problems->n;

	check_words(doc, "ssh_keys", answers->ssh_keys, answers->ssh_keys_count, good, problems);
	for (unsigned int i = 0; i < answers->network_count; i++)
		for (unsigned int j = 0; j < i; j++)
			if (pst_streq(answers->network[i].interface, answers->network[j].interface))
				bad(doc, problems, pst_key("network[%u].interface", i),
				    "\"%s\" is given twice", answers->network[i].interface);
	return problems->n > before;
}

/* The configuration in the answers replaces what would be one. */
static void check_config(const struct pst_answers_doc *doc, struct pst_problems *problems)
{
	static const char *const others[] = { "hostname", "network", "ssh_keys" };

	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		if (!pst_yaml_find(doc->tree, others[i]))
			continue;
		if (doc->answers->config)
			bad(doc, problems, pst_key("%s", others[i]),
			    "is in config already, which is the whole configuration");
		else if (!doc->answers->hostname)
			bad(doc, problems, pst_key("%s", others[i]), "needs a hostname beside it");
	}
}

/* Where a value of the configuration that is made from the answers stands in them. */
static struct pst_key key_in_answers(const char *key)
{
	static const char *const names[][2] = {
		{ "node.name", "hostname" },
		{ "ssh.authorized_keys", "ssh_keys" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (pst_startswith(key, names[i][0]))
			return pst_key("%s%s", names[i][1], key + strlen(names[i][0]));
	return pst_key("%s", key);
}

static void blame(const struct pst_answers_doc *doc, const struct pst_problem *problem,
		  struct pst_problems *problems)
{
	if (doc->answers->config)
		bad(doc, problems, pst_key("config"), "line %zu of it: %s%s%s", problem->line,
		    problem->key, *problem->key ? ": " : "", problem->text);
	else
		bad(doc, problems, key_in_answers(problem->key), "%s", problem->text);
}

static int check_conf(struct pst_answers_doc *doc, const char *role, struct pst_problems *problems,
		      struct pst_reason *reason)
{
	struct pst_conf_doc __cleanup_conf_doc conf = { 0 };
	struct pst_problems __cleanup_problems wrong = { 0 };
	int error;

	doc->conf = pst_answers_conf_text(doc->answers, role);
	if (!doc->conf)
		return -ENOMEM;
	error = pst_conf_parse("config", doc->conf, strlen(doc->conf), &conf, &wrong, reason);
	for (size_t i = 0; i < wrong.n; i++)
		blame(doc, &wrong.v[i], problems);
	if (!error && !pst_streq(pst_role_name(conf.conf->node.role), role))
		bad(doc, problems, pst_key("config"),
		    "node.role is %s, and what would be installed is a %s node",
		    pst_role_name(conf.conf->node.role), role);
	return error == -EINVAL ? 0 : error;
}

/* Whoever is to note the recovery key needs the time for it. */
static void check_after(const struct pst_answers_doc *doc, struct pst_problems *problems)
{
	const struct pst_answers *answers = doc->answers;

	if (answers->encrypt != PST_ENCRYPT_NONE && answers->after != PST_AFTER_NONE)
		bad(doc, problems, pst_key("after"),
		    "must be none with encrypt: %s, whose recovery key is shown once and "
		    "would be gone before anybody has noted it",
		    pst_encrypt_name(answers->encrypt));
}

static int validate(struct pst_answers_doc *doc, const char *role, struct pst_problems *problems,
		    struct pst_reason *reason)
{
	const struct pst_answers *answers = doc->answers;

	if (answers->disks_count > PST_ANSWERS_DISKS_MAX)
		bad(doc, problems, pst_key("disks"), "must be one disk, or two that are mirrored");
	check_words(doc, "disks", answers->disks, answers->disks_count, pst_word_target, problems);
	check_words(doc, "confirm_erase", answers->confirm_erase, answers->confirm_erase_count,
		    wrong_serial, problems);
	check_config(doc, problems);
	check_after(doc, problems);
	if ((!answers->config && !answers->hostname) || has_twins(doc, problems))
		return 0;
	return check_conf(doc, role, problems, reason);
}

static void __format(3, 0)
	keep_log(cyaml_log_t level, void *context, const char *format, va_list args)
{
	if (level == CYAML_LOG_ERROR)
		pst_buf_vprintf(context, format, args);
}

static int load_struct(struct pst_answers_doc *doc, const char *text, size_t len,
		       struct pst_problems *problems)
{
	struct pst_buf __cleanup_buf log = { 0 };
	const cyaml_config_t config = {
		.log_fn = keep_log,
		.log_ctx = &log,
		.mem_fn = cyaml_mem,
		.log_level = CYAML_LOG_ERROR,
		.flags = CYAML_CFG_NO_ALIAS,
	};
	cyaml_err_t error =
		cyaml_load_data((const uint8_t *)text, len, &config, &pst_answers_schema,
				(cyaml_data_t **)&doc->answers, NULL);

	if (error == CYAML_OK)
		return 0;
	if (error == CYAML_ERR_OOM)
		return -ENOMEM;
	pst_problem_add(problems, PST_PROBLEM_CONFIG, "", "%s: %s", cyaml_strerror(error),
			log.data ? log.data : "");
	return -EINVAL;
}

int pst_answers_parse(const char *file, const char *text, size_t len, const char *image,
		      struct pst_answers_doc *ret, struct pst_problems *problems,
		      struct pst_reason *reason)
{
	struct pst_answers_doc __cleanup_answers_doc doc = { .file = strdup(file) };
	int error = doc.file ? pst_yaml_load(text, len, &doc.tree, problems) : -ENOMEM;

	if (!error) {
		pst_schema_check(doc.tree, &pst_answers_schema, problems);
		error = pst_problems_sort(problems);
	}
	if (!error)
		error = load_struct(&doc, text, len, problems);
	if (!error)
		error = validate(&doc, pst_role_name(pst_role_of_image(image)), problems, reason);
	if (!error)
		error = pst_problems_sort(problems);
	if (error)
		return error == -EINVAL ? error : pst_fail_errno(reason, error, "%s", file);
	*ret = doc;
	doc = (struct pst_answers_doc){ 0 };
	return 0;
}

void pst_answers_doc_free(struct pst_answers_doc *doc)
{
	const cyaml_config_t config = { .mem_fn = cyaml_mem };

	if (doc->answers)
		cyaml_free(&config, &pst_answers_schema, doc->answers, 0);
	pst_yaml_free(&doc->tree);
	free(doc->file);
	free(doc->conf);
	*doc = (struct pst_answers_doc){ 0 };
}
