// SPDX-License-Identifier: MIT
/* SHA256SUMS, its signature, and which version in it is the one to take. */
#include "node/release.h"

#include <ctype.h>
#include <errno.h>

#include "base/problem.h"

#define SUM_LEN 64
/* A partition's label has room for 36 characters. */
#define LABEL_MAX 36
#define PREFIX	  "penstock-"

static const char *const endings[PST_N_PARTS] = { ".root.raw", ".verity.raw", ".efi" };

static bool is_sum(const char *line)
{
	return strspn(line, "0123456789abcdefABCDEF") == SUM_LEN && line[SUM_LEN] == ' ' &&
	       (line[SUM_LEN + 1] == ' ' || line[SUM_LEN + 1] == '*');
}

/* A name that stays below the folder, without what would make a second line or a second meaning of it. */
static bool is_name(const char *name)
{
	if (!*name || *name == '/')
		return false;
	for (const char *at = name; *at; at++)
		if (iscntrl((unsigned char)*at) || *at == '\\')
			return false;
	for (const char *part = name; part; part = strchr(part, '/')) {
		part += *part == '/';
		if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || !part[2]))
			return false;
	}
	return true;
}

static int parse_line(const char *line, size_t number, struct pst_sums *sums,
		      struct pst_reason *reason)
{
	const char *name = line + SUM_LEN + 2;
	struct pst_sum *sum;

	if (!is_sum(line))
		return pst_fail(reason, -EBADMSG, "%s: line %zu is no SHA-256 and a name", PST_SUMS,
				number);
	if (!is_name(name))
		return pst_fail(reason, -EBADMSG, "%s: line %zu names no file of this folder",
				PST_SUMS, number);
	sum = pst_array_grow((void **)&sums->v, &sums->n, sizeof(*sum));
	if (!sum)
		return -ENOMEM;
	for (size_t i = 0; i < SUM_LEN; i++)
		sum->sha256[i] = (char)tolower((unsigned char)line[i]);
	sum->name = strdup(name);
	return sum->name ? 0 : -ENOMEM;
}

int pst_sums_parse(const char *text, struct pst_sums *ret, struct pst_reason *reason)
{
	char __cleanup_free *copy = strdup(text);
	struct pst_sums sums = { 0 };
	char *rest = copy;
	int error = copy ? 0 : -ENOMEM;

	for (size_t number = 1; !error && rest && *rest; number++) {
		char *line = strsep(&rest, "\n");

		error = *line ? parse_line(line, number, &sums, reason) : 0;
	}
	if (!error && !sums.n)
		error = pst_fail(reason, -EBADMSG, "%s: there is nothing in it", PST_SUMS);
	if (error) {
		pst_sums_free(&sums);
		return error;
	}
	*ret = sums;
	return 0;
}

void pst_sums_free(struct pst_sums *sums)
{
	for (size_t i = 0; i < sums->n; i++)
		free(sums->v[i].name);
	free(sums->v);
	*sums = (struct pst_sums){ 0 };
}

bool pst_version_is_valid(const char *version)
{
	return *version && strlen(version) <= LABEL_MAX - strlen(PREFIX "storage_") &&
	       strspn(version, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       ".~^-") == strlen(version);
}

/* The version that a kernel's name has: penstock-ROLE_VERSION.efi. "" of any other file; NULL without memory. */
static char *version_of(const char *name, const char *role)
{
	struct pst_key begin = pst_key(PREFIX "%s_", role);
	size_t len = strlen(begin.text), end = strlen(endings[PST_PART_KERNEL]);
	char __cleanup_free *version = NULL;

	if (!pst_startswith(name, begin.text) || strlen(name) <= len + end ||
	    !pst_streq(name + strlen(name) - end, endings[PST_PART_KERNEL]))
		return strdup("");
	version = strndup(name + len, strlen(name) - len - end);
	/* What boots from a medium, which is not to be installed. */
	if (version && strstr(version, ".live"))
		return strdup("");
	return version && !pst_version_is_valid(version) ? strdup("") : TAKE_PTR(version);
}

static bool is_uuid(const char *text, size_t len)
{
	static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	if (len != strlen(shape))
		return false;
	for (size_t i = 0; i < len; i++)
		if (shape[i] == 'x' ? !isxdigit((unsigned char)text[i]) : text[i] != '-')
			return false;
	return true;
}

/* penstock-ROLE_VERSION_UUID.ENDING */
static bool is_part(const char *name, const char *role, const char *version, enum pst_part part)
{
	struct pst_key begin =
		pst_key(PREFIX "%s_%s%s", role, version, part == PST_PART_KERNEL ? "" : "_");
	size_t len = strlen(begin.text), end = strlen(endings[part]);

	if (!pst_startswith(name, begin.text) || strlen(name) < len + end ||
	    !pst_streq(name + strlen(name) - end, endings[part]))
		return false;
	name += len;
	return part == PST_PART_KERNEL ? strlen(name) == end : is_uuid(name, strlen(name) - end);
}

static bool is_whole(const struct pst_sums *sums, const char *role, const char *version,
		     struct pst_offer *offer)
{
	for (int part = 0; part < PST_N_PARTS; part++) {
		offer->parts[part] = NULL;
		for (size_t i = 0; i < sums->n; i++)
			if (is_part(sums->v[i].name, role, version, (enum pst_part)part))
				offer->parts[part] = &sums->v[i];
		if (!offer->parts[part])
			return false;
	}
	return true;
}

static int blame_none(const struct pst_sums *sums, const char *role, struct pst_reason *reason)
{
	static const char *const roles[] = { "storage", "gpu" };

	for (size_t i = 0; i < ARRAY_SIZE(roles); i++)
		for (size_t j = 0; j < sums->n && !pst_streq(roles[i], role); j++)
			if (pst_startswith(sums->v[j].name, pst_key(PREFIX "%s_", roles[i]).text))
				return pst_fail(reason, -ENOENT,
						"it is a release for the role %s, and this system "
						"is for the role %s",
						roles[i], role);
	return pst_fail(reason, -ENOENT, "there is no whole release for the role %s in its %s",
			role, PST_SUMS);
}

int pst_offer_choose(struct pst_host *host, const struct pst_sums *sums, const char *role,
		     struct pst_offer *ret, struct pst_reason *reason)
{
	struct pst_offer best = { 0 };
	int error = 0;

	for (size_t i = 0; i < sums->n && !error; i++) {
		char __cleanup_free *version = version_of(sums->v[i].name, role);
		struct pst_offer offer = { .version = version };
		bool newer = true;

		if (!version)
			error = -ENOMEM;
		if (error || !*version || !is_whole(sums, role, version, &offer))
			continue;
		if (best.version)
			error = pst_version_is_newer(host, version, best.version, &newer, reason);
		if (error || !newer)
			continue;
		version = NULL;
		pst_offer_free(&best);
		best = offer;
	}
	if (!error && !best.version)
		error = blame_none(sums, role, reason);
	if (error) {
		pst_offer_free(&best);
		return error;
	}
	*ret = best;
	return 0;
}

void pst_offer_free(struct pst_offer *offer)
{
	free(offer->version);
	*offer = (struct pst_offer){ 0 };
}

static bool says(const char *status, const char *word)
{
	struct pst_key line = pst_key("[GNUPG:] %s", word);

	for (const char *at = strstr(status, line.text); at; at = strstr(at + 1, line.text))
		if ((at == status || at[-1] == '\n') && strchr(" \n", at[strlen(line.text)]))
			return true;
	return false;
}

/*
 * Of several signatures one good one is enough, as for systemd-sysupdate(8): a key that is being replaced
 * signs beside the new one.
 */
int pst_signature_judge(const char *status, struct pst_reason *reason)
{
	if (says(status, "BADSIG"))
		return pst_fail(reason, -EKEYREJECTED,
				"its signature is not of this %s: one of them was altered",
				PST_SUMS);
	if (says(status, "VALIDSIG") && says(status, "GOODSIG"))
		return 0;
	if (says(status, "EXPKEYSIG") || says(status, "REVKEYSIG") || says(status, "EXPSIG"))
		return pst_fail(reason, -EKEYREJECTED,
				"it is signed by a key that is no longer valid");
	if (says(status, "NO_PUBKEY") || says(status, "ERRSIG"))
		return pst_fail(reason, -EKEYREJECTED, "it is signed by a key that is not in %s",
				PST_RELEASE_KEYS);
	return pst_fail(reason, -EKEYREJECTED, "there is no signature in its %s",
			PST_SUMS_SIGNATURE);
}

int pst_version_is_newer(struct pst_host *host, const char *version, const char *than, bool *ret,
			 struct pst_reason *reason)
{
	const char *const argv[] = {
		"systemd-analyze", "compare-versions", version, "gt", than, NULL
	};
	struct pst_run_result __cleanup_run_result result = { 0 };
	int error = host->run(host, (char *const *)argv, PST_OBSERVE_TIMEOUT_MS, &result, reason);

	if (error)
		return error;
	/* It says no by 1 and nothing more. */
	if (result.status > 1 || *result.err)
		return pst_host_blame((char *const *)argv, &result, reason);
	*ret = !result.status;
	return 0;
}
