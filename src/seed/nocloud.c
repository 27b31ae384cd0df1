// SPDX-License-Identifier: MIT
/*
 * cloud-init's data source NoCloud: meta-data and user-data. What of them has a place in penstock.yaml is taken; what
 * has none is named in a warning.
 */
#include "seed/nocloud.h"

#include <errno.h>
#include <strings.h>

static void __format(5, 0)
	say(struct pst_nocloud *cloud, struct pst_strv *list, const struct pst_yaml *node,
	    struct pst_key key, const char *format, va_list args)
{
	struct pst_problems __cleanup_problems problems = { 0 };
	const struct pst_problem *problem;

	/* For it takes the control characters out of what is quoted. */
	pst_problem_vadd(&problems, PST_PROBLEM_CONFIG, key.text, node ? node->line : 0, format,
			 args);
	cloud->oom = cloud->oom || problems.oom;
	if (problems.oom)
		return;
	problem = &problems.v[0];
	pst_strv_addf(list, "%s:%zu: %s%s%s", cloud->file, problem->line ?: 1, problem->key,
		      *problem->key ? ": " : "", problem->text);
}

void pst_nocloud_refuse(struct pst_nocloud *cloud, const struct pst_yaml *node, struct pst_key key,
			const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(cloud, &cloud->seed->refused, node, key, format, args);
	va_end(args);
}

void pst_nocloud_warn(struct pst_nocloud *cloud, const struct pst_yaml *node, struct pst_key key,
		      const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(cloud, &cloud->seed->warnings, node, key, format, args);
	va_end(args);
}

struct pst_key pst_nocloud_below(struct pst_key key, const char *name)
{
	return *key.text ? pst_key("%s.%s", key.text, name) : pst_key("%s", name);
}

bool pst_nocloud_is_map(struct pst_nocloud *cloud, const struct pst_yaml *node, struct pst_key key)
{
	if (node->kind != PST_YAML_MAP) {
		pst_nocloud_refuse(cloud, node, key, "must be a mapping of keys to values");
		return false;
	}
	for (size_t i = 0; i < node->n_children; i++)
		for (size_t j = 0; j < i; j++)
			if (pst_streq(node->child[i]->key, node->child[j]->key)) {
				pst_nocloud_refuse(cloud, node->child[i],
						   pst_nocloud_below(key, node->child[i]->key),
						   "given twice, first in line %zu",
						   node->child[j]->line);
				return false;
			}
	return true;
}

bool pst_nocloud_is_list(struct pst_nocloud *cloud, const struct pst_yaml *node, struct pst_key key)
{
	if (node->kind == PST_YAML_LIST)
		return true;
	pst_nocloud_refuse(cloud, node, key, "must be a list");
	return false;
}

const char *pst_nocloud_word(struct pst_nocloud *cloud, const struct pst_yaml *node,
			     struct pst_key key)
{
	if (node->kind == PST_YAML_SCALAR && *node->value)
		return node->value;
	pst_nocloud_refuse(cloud, node, key, "must be one word");
	return NULL;
}

bool pst_nocloud_bool(struct pst_nocloud *cloud, const struct pst_yaml *node, struct pst_key key)
{
	static const char *const words[] = { "false", "true", "no", "yes", "off", "on" };
	const char *word = node->kind == PST_YAML_SCALAR ? node->value : "";

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcasecmp(word, words[i]))
			return i % 2;
	pst_nocloud_refuse(cloud, node, key, "must be true or false");
	return false;
}

void pst_nocloud_set(struct pst_nocloud *cloud, struct pst_seed_word *word,
		     const struct pst_yaml *node, const char *text)
{
	free(word->text);
	*word = (struct pst_seed_word){ strdup(text), cloud->file, node->line };
	cloud->oom = cloud->oom || !word->text;
}

void pst_nocloud_add(struct pst_nocloud *cloud, struct pst_seed_words *words,
		     const struct pst_yaml *node, const char *text)
{
	struct pst_seed_word *word;

	for (size_t i = 0; i < words->n; i++)
		if (pst_streq(words->v[i].text, text))
			return;
	word = pst_array_grow((void **)&words->v, &words->n, sizeof(*words->v));
	if (word)
		pst_nocloud_set(cloud, word, node, text);
	else
		cloud->oom = true;
}

void pst_nocloud_add_each(struct pst_nocloud *cloud, struct pst_seed_words *words,
			  const struct pst_yaml *node, struct pst_key key)
{
	const char *word;

	if (node->kind != PST_YAML_LIST) {
		word = pst_nocloud_word(cloud, node, key);
		if (word)
			pst_nocloud_add(cloud, words, node, word);
		return;
	}
	for (size_t i = 0; i < node->n_children; i++) {
		word = pst_nocloud_word(cloud, node->child[i], pst_key("%s[%zu]", key.text, i));
		if (word)
			pst_nocloud_add(cloud, words, node->child[i], word);
	}
}

/* A node's name has no domain. */
static void take_hostname(struct pst_nocloud *cloud, const struct pst_yaml *node,
			  struct pst_key key)
{
	const char *word = pst_nocloud_word(cloud, node, key);
	size_t len = word ? strcspn(word, ".") : 0;
	char __cleanup_free *name = word ? strndup(word, len) : NULL;

	if (!word)
		return;
	if (word[len])
		pst_nocloud_warn(cloud, node, key, "the domain in \"%s\" is not used", word);
	if (name)
		pst_nocloud_set(cloud, &cloud->hostname, node, name);
	else
		cloud->oom = true;
}

static void read_meta_data(struct pst_nocloud *cloud, const struct pst_yaml *root)
{
	if (!pst_nocloud_is_map(cloud, root, pst_key("%s", "")))
		return;
	for (size_t i = 0; i < root->n_children; i++) {
		const struct pst_yaml *node = root->child[i];
		struct pst_key key = pst_key("%s", node->key);

		if (pst_streq(node->key, "local-hostname") || pst_streq(node->key, "hostname"))
			take_hostname(cloud, node, key);
		else if (pst_streq(node->key, "public-keys") && node->kind != PST_YAML_MAP)
			pst_nocloud_add_each(cloud, &cloud->keys, node, key);
		/* It tells one start of a machine from another; here penstock.yaml does, once it is there. */
		else if (!pst_streq(node->key, "instance-id"))
			pst_nocloud_warn(cloud, node, key, "is not used");
	}
}

static void read_user(struct pst_nocloud *cloud, const struct pst_yaml *user, struct pst_key key)
{
	const struct pst_yaml *name;
	const char *word;

	if (user->kind == PST_YAML_SCALAR && pst_streq(user->value, "default"))
		return;
	if (!pst_nocloud_is_map(cloud, user, key))
		return;
	name = pst_yaml_find(user, "name");
	if (!name) {
		pst_nocloud_refuse(cloud, user, pst_nocloud_below(key, "name"), "missing");
		return;
	}
	word = pst_nocloud_word(cloud, name, pst_nocloud_below(key, "name"));
	if (!word)
		return;
	if (!pst_streq(word, "root") && !pst_streq(word, "default")) {
		pst_nocloud_warn(cloud, user, key,
				 "the user \"%s\" is not made: a seed has keys for root alone, and "
				 "penstock.yaml(5) has users",
				 word);
		return;
	}
	for (size_t i = 0; i < user->n_children; i++) {
		const struct pst_yaml *node = user->child[i];
		struct pst_key below = pst_nocloud_below(key, node->key);

		if (pst_streq(node->key, "ssh_authorized_keys") ||
		    pst_streq(node->key, "ssh-authorized-keys"))
			pst_nocloud_add_each(cloud, &cloud->keys, node, below);
		else if (node != name)
			pst_nocloud_warn(cloud, node, below, "is not used");
	}
}

static void read_users(struct pst_nocloud *cloud, const struct pst_yaml *node, struct pst_key key)
{
	if (!pst_nocloud_is_list(cloud, node, key))
		return;
	for (size_t i = 0; i < node->n_children; i++)
		read_user(cloud, node->child[i], pst_key("%s[%zu]", key.text, i));
}

static void read_user_data(struct pst_nocloud *cloud, const struct pst_yaml *root)
{
	const struct pst_yaml *hostname, *fqdn;

	if (!pst_nocloud_is_map(cloud, root, pst_key("%s", "")))
		return;
	hostname = pst_yaml_find(root, "hostname");
	fqdn = pst_yaml_find(root, "fqdn");
	/* As cloud-init has it: the hostname where both are there, and before that of meta-data. */
	if (hostname)
		take_hostname(cloud, hostname, pst_key("hostname"));
	else if (fqdn)
		take_hostname(cloud, fqdn, pst_key("fqdn"));
	for (size_t i = 0; i < root->n_children; i++) {
		const struct pst_yaml *node = root->child[i];
		struct pst_key key = pst_key("%s", node->key);

		if (pst_streq(node->key, "ssh_authorized_keys"))
			pst_nocloud_add_each(cloud, &cloud->keys, node, key);
		else if (pst_streq(node->key, "users"))
			read_users(cloud, node, key);
		else if (node != hostname && (node != fqdn || hostname))
			pst_nocloud_warn(cloud, node, key, "is not used");
	}
}

/* Nothing but blank lines and comments. */
static bool is_blank(const char *text)
{
	for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
		text += strspn(text, " \t\r\n");
		if (*text && *text != '#')
			return false;
	}
	return true;
}

static bool is_cloud_config(const char *text)
{
	static const char head[] = "#cloud-config";

	return pst_startswith(text, head) && strchr(" \t\r\n", text[strlen(head)]);
}

/* Parses a file, and has its tree read. */
static int read_file(struct pst_nocloud *cloud, const char *name, const struct pst_seed_file *file,
		     void (*read)(struct pst_nocloud *cloud, const struct pst_yaml *root),
		     struct pst_strv *names)
{
	struct pst_yaml __cleanup_yaml *tree = NULL;
	struct pst_reason __cleanup_reason reason = { 0 };
	struct pst_yaml at = { 0 };
	int error;

	if (!file->text)
		return 0;
	pst_strv_addf(names, "%s/%s", cloud->seed->label, name);
	if (names->oom)
		return -ENOMEM;
	cloud->file = names->v[names->n - 1];
	at.line = 1;
	if (read == read_user_data && *file->text && !is_cloud_config(file->text)) {
		pst_nocloud_warn(cloud, &at, pst_key("%s", ""),
				 "does not begin with #cloud-config, and is not used: no scripts, "
				 "archives or templates are");
		return 0;
	}
	if (strlen(file->text) == file->len && is_blank(file->text))
		return 0;
	error = pst_yaml_parse(file->text, file->len, &tree, &at.line, &reason);
	if (!error)
		read(cloud, tree);
	else if (error == -EINVAL)
		pst_nocloud_refuse(cloud, &at, pst_key("%s", ""), "%s",
				   pst_reason_text(&reason, error));
	return error == -EINVAL ? 0 : error;
}

static void words_free(struct pst_seed_words *words)
{
	for (size_t i = 0; i < words->n; i++)
		free(words->v[i].text);
	free(words->v);
}

static void cloud_free(struct pst_nocloud *cloud)
{
	for (size_t i = 0; i < cloud->n_interfaces; i++) {
		struct pst_seed_interface *interface = &cloud->interfaces[i];

		free(interface->name.text);
		words_free(&interface->addresses);
		free(interface->gateway.text);
		words_free(&interface->dns);
		free(interface->mtu.text);
	}
	free(cloud->interfaces);
	free(cloud->hostname.text);
	words_free(&cloud->keys);
	words_free(&cloud->dns);
}

int pst_seed_take_nocloud(const struct pst_nocloud_files *files,
			  const struct pst_seed_machine *machine, struct pst_seed *seed,
			  struct pst_reason *reason)
{
	struct pst_nocloud __cleanup(cloud_free) cloud = { .machine = machine, .seed = seed };
	struct pst_strv __cleanup_strv names = { 0 };
	int error = read_file(&cloud, "meta-data", &files->meta_data, read_meta_data, &names);

	if (!error)
		error = read_file(&cloud, "user-data", &files->user_data, read_user_data, &names);
	if (!error)
		error = read_file(&cloud, "network-config", &files->network_config,
				  pst_nocloud_network, &names);
	if (error || cloud.oom || seed->refused.oom || seed->warnings.oom)
		return error ?: -ENOMEM;
	if (!names.n)
		pst_strv_addf(&seed->refused,
			      "%s: has neither meta-data nor user-data nor network-config",
			      seed->label);
	if (seed->refused.n)
		return -EINVAL;
	if (!cloud.hostname.text && !cloud.keys.n && !cloud.n_interfaces)
		return -ENODATA;
	return pst_nocloud_write(&cloud, reason);
}
