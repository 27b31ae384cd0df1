// SPDX-License-Identifier: MIT
/* Checks of node and ssh, and what all checks share. */
#include "conf/valid.h"

#include "conf/word.h"

void pst_bad(struct pst_valid *valid, struct pst_key key, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	pst_problem_vadd(valid->problems, PST_PROBLEM_CONFIG, key.text,
			 pst_yaml_line(valid->tree, key.text), format, args);
	va_end(args);
}

void pst_bad_word(struct pst_valid *valid, struct pst_key key, const char *value,
		  const char *complaint)
{
	if (complaint)
		pst_bad(valid, key, "\"%s\" %s", value, complaint);
}

void pst_given_add(struct pst_givens *givens, const char *value, struct pst_key key)
{
	struct pst_given *given = pst_array_grow((void **)&givens->v, &givens->n, sizeof(*given));

	if (!given) {
		givens->oom = true;
		return;
	}
	*given = (struct pst_given){ value, key, givens->n - 1, givens->n - 1 };
}

static int by_value(const void *a, const void *b)
{
	const struct pst_given *one = a, *two = b;
	int order = strcmp(one->value, two->value);

	return order ? order : (one->place > two->place) - (one->place < two->place);
}

static int by_place(const void *a, const void *b)
{
	const struct pst_given *one = a, *two = b;

	return (one->place > two->place) - (one->place < two->place);
}

void pst_bad_given_twice(struct pst_valid *valid, const char *what, struct pst_givens *givens)
{
	struct pst_given *v = givens->v;

	valid->problems->oom = valid->problems->oom || givens->oom;
	if (!v)
		return;
	qsort(v, givens->n, sizeof(*v), by_value);
	for (size_t i = 1; i < givens->n; i++)
		if (pst_streq(v[i].value, v[i - 1].value))
			v[i].first = v[i - 1].first;
	qsort(v, givens->n, sizeof(*v), by_place);
	for (size_t i = 0; i < givens->n; i++)
		if (v[i].first != i)
			pst_bad(valid, v[i].key, "%s \"%s\" is given twice, first in line %zu",
				what, v[i].value,
				pst_yaml_line(valid->tree, v[v[i].first].key.text));
	free(v);
	*givens = (struct pst_givens){ 0 };
}

void pst_bad_twice(struct pst_valid *valid, const char *what, pst_nth_fn nth)
{
	struct pst_givens givens = { 0 };
	struct pst_key key;
	const char *value;

	for (size_t i = 0; (value = nth(valid->conf, i, &key)); i++)
		pst_given_add(&givens, value, key);
	pst_bad_given_twice(valid, what, &givens);
}

static const char *nth_ssh_key(const struct pst_conf *conf, size_t n, struct pst_key *key)
{
	*key = pst_key("ssh.authorized_keys[%zu]", n);
	return n < conf->ssh.authorized_keys_count ? conf->ssh.authorized_keys[n] : NULL;
}

void pst_valid_node(struct pst_valid *valid)
{
	static const char *const storage_only[] = { "pools", "datasets", "exports", "nfs_server",
						    "zfs" };
	const struct pst_conf *conf = valid->conf;
	struct pst_key key;

	pst_bad_word(valid, pst_key("node.name"), conf->node.name, pst_word_label(conf->node.name));
	for (size_t i = 0; i < ARRAY_SIZE(storage_only); i++)
		if (conf->node.role != PST_ROLE_STORAGE &&
		    pst_yaml_find(valid->tree, storage_only[i]))
			pst_bad(valid, pst_key("%s", storage_only[i]),
				"is for a storage node, and node.role is %s",
				pst_role_name(conf->node.role));
	for (size_t i = 0; i < conf->ssh.authorized_keys_count; i++) {
		const char *complaint = pst_word_ssh_key(nth_ssh_key(conf, i, &key));

		if (complaint)
			pst_bad(valid, key, "%s", complaint);
	}
	pst_bad_twice(valid, "the key", nth_ssh_key);
	pst_bad_word(valid, pst_key("update.source"), conf->update.source ?: "",
		     conf->update.source ? pst_word_source(conf->update.source) : NULL);
}
