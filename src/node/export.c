// SPDX-License-Identifier: MIT
/* Exports: our file of exports(5), and what mountd's table says is exported. */
#include <errno.h>

#include "node/node.h"

#define EXPORTS_FILE "/etc/exports.d/penstock.exports"
#define ETAB_FILE    "/var/lib/nfs/etab"

/* A line is PATH<tab>CLIENT(OPTIONS). */
static int parse_line(const char *line, size_t len, struct pst_state *state)
{
	const char *tab = memchr(line, '\t', len);
	const char *open = tab ? memchr(tab, '(', len - (size_t)(tab - line)) : NULL;
	struct pst_export_state *export;

	if (!open || line[len - 1] != ')')
		return -EBADMSG;
	export = pst_array_grow((void **)&state->exports, &state->n_exports, sizeof(*export));
	if (!export)
		return -ENOMEM;
	export->path = strndup(line, (size_t)(tab - line));
	export->client = strndup(tab + 1, (size_t)(open - tab - 1));
	export->options = strndup(open + 1, len - (size_t)(open - line) - 2);
	return export->path && export->client && export->options ? 0 : -ENOMEM;
}

int pst_export_parse(const char *etab, struct pst_state *state, struct pst_reason *reason)
{
	while (*etab) {
		size_t len = strcspn(etab, "\n");
		int error = len ? parse_line(etab, len, state) : 0;

		if (error == -EBADMSG)
			return pst_fail(reason, error, "%s has a line of another shape: %.*s",
					ETAB_FILE, (int)len, etab);
		if (error)
			return error;
		etab += len + (etab[len] == '\n');
	}
	return 0;
}

int pst_export_observe(struct pst_host *host, struct pst_state *state, struct pst_reason *reason)
{
	char __cleanup_free *text = NULL;
	int error = pst_host_read(host, ETAB_FILE, &text, reason);

	if (error)
		return error == -ENOENT ? 0 : error;
	return pst_export_parse(text, state, reason);
}

/*
 * A file handle begins with the fsid, so it must be the same for ever, wherever the disks of the
 * pool are plugged in: a UUID made of the path (FNV-1a, 128 bits; version 8 of RFC 9562).
 */
static char *fsid_of(const struct pst_conf_export *conf)
{
	unsigned __int128 prime = ((unsigned __int128)1 << 88) + 0x13b;
	unsigned __int128 hash = ((unsigned __int128)0x6c62272e07bb0142 << 64) + 0x62b821756295c58d;
	unsigned long long high, low;

	if (conf->fsid)
		return pst_printf("%u", conf->fsid);
	for (const char *p = conf->path; *p; p++)
		hash = (hash ^ (unsigned char)*p) * prime;
	high = ((unsigned long long)(hash >> 64) & ~0xf000ULL) | 0x8000;
	low = ((unsigned long long)hash & ~(3ULL << 62)) | 1ULL << 63;
	return pst_printf("%08llx-%04llx-%04llx-%04llx-%012llx", high >> 32, high >> 16 & 0xffff,
			  high & 0xffff, low >> 48, low & 0xffffffffffff);
}

static const char *access_word(const struct pst_conf_client *client)
{
	return client->access == PST_READ_WRITE ? "rw" : "ro";
}

static const char *squash_word(const struct pst_conf_client *client)
{
	switch (client->squash) {
	case PST_SQUASH_ALL:
		return "all_squash";
	case PST_SQUASH_NONE:
		return "no_root_squash";
	default:
		return "root_squash";
	}
}

/* What follows the options that each export has, in the words of exports(5). */
static void add_keys(struct pst_strv *words, const struct pst_conf_client *client)
{
	struct pst_strv __cleanup_strv sec = { 0 };
	struct pst_strv __cleanup_strv xprtsec = { 0 };
	char __cleanup_free *list = NULL;

	for (size_t i = 0; i < client->sec_count; i++)
		pst_strv_add(&sec, pst_sec_name(client->sec[i]));
	for (size_t i = 0; i < client->xprtsec_count; i++)
		pst_strv_add(&xprtsec, pst_xprtsec_name(client->xprtsec[i]));
	if (sec.n) {
		list = pst_strv_join(&sec, ":");
		pst_strv_addf(words, "sec=%s", list ?: "");
		words->oom = words->oom || !list;
	}
	if (xprtsec.n) {
		free(list);
		list = pst_strv_join(&xprtsec, ":");
		pst_strv_addf(words, "xprtsec=%s", list ?: "");
		words->oom = words->oom || !list;
	}
	if (client->anonuid >= 0)
		pst_strv_addf(words, "anonuid=%lld", (long long)client->anonuid);
	if (client->anongid >= 0)
		pst_strv_addf(words, "anongid=%lld", (long long)client->anongid);
	if (client->crossmnt)
		pst_strv_add(words, "crossmnt");
}

static int add_client(struct pst_buf *text, const struct pst_conf_client *client, const char *fsid,
		      bool may_be_locked)
{
	const struct pst_strv options = { .v = client->options, .n = client->options_count };
	struct pst_strv __cleanup_strv words = { 0 };
	char __cleanup_free *list = NULL;

	pst_strv_add(&words, access_word(client));
	pst_strv_add(&words, squash_word(client));
	pst_strv_addf(&words, "fsid=%s", fsid);
	/* Said aloud: an answer means that the data is on the disks. */
	if (!pst_strv_contains(&options, "async") && !pst_strv_contains(&options, "sync"))
		pst_strv_add(&words, "sync");
	/* Checking that a handle lies below a directory breaks clients when files are renamed. */
	if (!pst_strv_contains(&options, "subtree_check") &&
	    !pst_strv_contains(&options, "no_subtree_check"))
		pst_strv_add(&words, "no_subtree_check");
	/* Else what clients write while it is locked would go into the directory below, in the clear. */
	if (may_be_locked)
		pst_strv_add(&words, "mountpoint");
	add_keys(&words, client);
	for (size_t i = 0; i < options.n; i++)
		pst_strv_add(&words, options.v[i]);
	list = pst_strv_join(&words, ",");
	if (!list || words.oom)
		return -ENOMEM;
	pst_buf_printf(text, " %s(%s)", client->host, list);
	return 0;
}

static char *file_text(const struct pst_conf *conf)
{
	struct pst_buf text = { 0 };

	pst_buf_add(&text, pst_file_header);
	for (size_t i = 0; i < conf->exports_count; i++) {
		const struct pst_conf_export *export = &conf->exports[i];
		char __cleanup_free *fsid = fsid_of(export);
		bool locked = pst_conf_may_be_locked(conf, export->path);

		pst_buf_add(&text, export->path);
		for (size_t j = 0; j < export->clients_count; j++)
			text.oom |= add_client(&text, &export->clients[j], fsid ?: "", locked) < 0;
		pst_buf_add(&text, "\n");
		text.oom = text.oom || !fsid;
	}
	return pst_buf_take(&text);
}

static bool has_option(const char *options, const char *word)
{
	size_t len = strlen(word);

	while (*options) {
		size_t span = strcspn(options, ",");

		if (span == len && memcmp(options, word, len) == 0)
			return true;
		options += span + (options[span] == ',');
	}
	return false;
}

/* mountd writes the full name of a host that was given by its short one. */
static bool is_client(const char *listed, const char *host)
{
	size_t len = strlen(host);

	return pst_startswith(listed, host) && (!listed[len] || listed[len] == '.');
}

/*
 * Whether all that has a key is as declared. What is not declared is as exports(5) has it by default;
 * sec stands before flags of its own, which repeat those of the export.
 */
static bool is_as_declared(const char *options, const struct pst_conf_client *client,
			   const char *fsid)
{
	struct pst_strv __cleanup_strv words = { 0 };
	char __cleanup_free *id = pst_printf("fsid=%s", fsid);

	add_keys(&words, client);
	if (!id || words.oom || !has_option(options, access_word(client)) ||
	    !has_option(options, squash_word(client)) || !has_option(options, id))
		return false;
	for (size_t i = 0; i < words.n; i++)
		if (!has_option(options, words.v[i]))
			return false;
	return true;
}

const struct pst_export_state *pst_export_find(const struct pst_state *state,
					       const struct pst_conf_export *export,
					       const struct pst_conf_client *client)
{
	char __cleanup_free *fsid = fsid_of(export);

	for (size_t i = 0; i < state->n_exports; i++) {
		const struct pst_export_state *is = &state->exports[i];

		if (fsid && pst_streq(is->path, export->path) &&
		    is_client(is->client, client->host) &&
		    is_as_declared(is->options, client, fsid))
			return is;
	}
	return NULL;
}

/* The first declared client to whom nothing is exported, in words; NULL when there is none. */
static char *lacks(const struct pst_conf *conf, const struct pst_state *state, struct pst_key *key)
{
	for (size_t i = 0; i < conf->exports_count; i++) {
		const struct pst_conf_export *export = &conf->exports[i];

		*key = pst_key("exports[%zu]", i);
		for (size_t j = 0; j < export->clients_count; j++)
			if (!pst_export_find(state, export, &export->clients[j]))
				return pst_printf("%s is not exported to %s as declared",
						  export->path, export->clients[j].host);
	}
	return NULL;
}

void pst_export_plan(const struct pst_conf *conf, const struct pst_state *state,
		     struct pst_plan *plan)
{
	char __cleanup_free *text = conf->exports_count ? file_text(conf) : NULL;
	char __cleanup_free *why = NULL;
	struct pst_key key = pst_key("exports");
	bool rewritten;

	if (conf->exports_count && !text) {
		plan->oom = true;
		return;
	}
	rewritten = pst_plan_file(plan, state, "exports", EXPORTS_FILE, text);
	/* The server reads its exports when it starts. */
	if (!state->nfsd_threads || pst_nfsd_restarts(conf, state))
		return;
	if (!rewritten)
		why = lacks(conf, state, &key);
	if (rewritten || why)
		pst_plan_run(plan, key.text, why, "exportfs", "-ra");
}
