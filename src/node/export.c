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

static void add_client(struct pst_buf *text, const struct pst_conf_client *client, const char *fsid)
{
	const struct pst_strv options = { .v = client->options, .n = client->options_count };

	pst_buf_printf(text, " %s(%s,%s,fsid=%s", client->host, access_word(client),
		       squash_word(client), fsid);
	/* Said aloud: an answer means that the data is on the disks. */
	if (!pst_strv_contains(&options, "async") && !pst_strv_contains(&options, "sync"))
		pst_buf_add(text, ",sync");
	/* Checking that a handle lies below a directory breaks clients when files are renamed. */
	if (!options.n)
		pst_buf_add(text, ",no_subtree_check");
	for (size_t i = 0; i < options.n; i++)
		pst_buf_printf(text, ",%s", options.v[i]);
	pst_buf_add(text, ")");
}

static char *file_text(const struct pst_conf *conf)
{
	struct pst_buf text = { 0 };

	pst_buf_add(&text, pst_file_header);
	for (size_t i = 0; i < conf->exports_count; i++) {
		const struct pst_conf_export *export = &conf->exports[i];
		char __cleanup_free *fsid = fsid_of(export);

		pst_buf_add(&text, export->path);
		for (size_t j = 0; j < export->clients_count; j++)
			add_client(&text, &export->clients[j], fsid ?: "");
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

const struct pst_export_state *pst_export_find(const struct pst_state *state, const char *path,
					       const struct pst_conf_client *client)
{
	for (size_t i = 0; i < state->n_exports; i++) {
		const struct pst_export_state *is = &state->exports[i];

		if (pst_streq(is->path, path) && is_client(is->client, client->host) &&
		    has_option(is->options, access_word(client)) &&
		    has_option(is->options, squash_word(client)))
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
			if (!pst_export_find(state, export->path, &export->clients[j]))
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
