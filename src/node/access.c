// SPDX-License-Identifier: MIT
/* Whether a user may read or write a file, and what stands in the way. */
#include "node/access.h"

#include <errno.h>
#include <linux/posix_acl.h>
#include <sys/stat.h>

#include "conf/word.h"

#define NOBODY		65534
#define AUTH_SYS_GROUPS 16 /* RFC 5531, appendix A */

void pst_verdict_free(struct pst_verdict *verdict)
{
	pst_strv_free(&verdict->obstacles);
	pst_strv_free(&verdict->notes);
}

static bool is_in_group(const struct pst_person *person, gid_t group)
{
	if (person->gid == group)
		return true;
	for (size_t i = 0; i < person->n_groups; i++)
		if (person->groups[i] == group)
			return true;
	return false;
}

/* Which bits there are and whose they are, as posix_acl_permission() of the kernel decides it. */
static unsigned int bits_by_acl(const struct pst_place *place, const struct pst_person *person,
				unsigned int want, const char **ret_who)
{
	unsigned int mask = 7, other = 0, best = 0;
	bool grouped = false;

	for (size_t i = 0; i < place->n_acl; i++)
		if (place->acl[i].tag == ACL_MASK)
			mask = place->acl[i].bits;
	for (size_t i = 0; i < place->n_acl; i++) {
		const struct pst_acl_entry *entry = &place->acl[i];

		if (entry->tag == ACL_USER_OBJ && place->owner == person->uid) {
			*ret_who = "its owner has";
			return entry->bits;
		}
		if (entry->tag == ACL_USER && entry->id == person->uid) {
			*ret_who = "the ACL gives this user";
			return entry->bits & mask;
		}
		if ((entry->tag == ACL_GROUP_OBJ && is_in_group(person, place->group)) ||
		    (entry->tag == ACL_GROUP && is_in_group(person, entry->id))) {
			/* Any group that gives all of it is enough. */
			if (!grouped || (entry->bits & mask & want) == want)
				best = entry->bits & mask;
			grouped = true;
		}
		if (entry->tag == ACL_OTHER)
			other = entry->bits;
	}
	*ret_who = grouped ? "the ACL gives this user's groups" : "others have";
	return grouped ? best : other;
}

static unsigned int bits_by_mode(const struct pst_place *place, const struct pst_person *person,
				 const char **ret_who)
{
	if (place->owner == person->uid) {
		*ret_who = "its owner has";
		return place->mode >> 6 & 7;
	}
	if (is_in_group(person, place->group)) {
		*ret_who = "its group has";
		return place->mode >> 3 & 7;
	}
	*ret_who = "others have";
	return place->mode & 7;
}

static void spell(unsigned int bits, char text[4])
{
	text[0] = bits & ACL_READ ? 'r' : '-';
	text[1] = bits & ACL_WRITE ? 'w' : '-';
	text[2] = bits & ACL_EXECUTE ? 'x' : '-';
	text[3] = '\0';
}

char *pst_place_obstacle(const struct pst_place *place, const struct pst_person *person,
			 unsigned int bits)
{
	const char *who;
	unsigned int have = place->n_acl ? bits_by_acl(place, person, bits, &who)
					 : bits_by_mode(place, person, &who);
	char has[4], needs[4];

	if ((have & bits) == bits)
		return NULL;
	spell(have, has);
	spell(bits, needs);
	return pst_printf("%s (owner %u, group %u, mode %04o%s): %s %s, and %s is needed",
			  place->path, place->owner, place->group,
			  (unsigned int)place->mode & 07777, place->n_acl ? ", with an ACL" : "",
			  who, has, needs);
}

/* To pass a directory takes x; to list it r as well, and to make something in it w. */
static unsigned int bits_needed(const struct pst_access_query *access, size_t n)
{
	unsigned int bits = access->write ? ACL_WRITE : ACL_READ;

	if (n + 1 < access->way->n)
		return ACL_EXECUTE;
	return S_ISDIR(access->way->v[n].mode) ? bits | ACL_EXECUTE : bits;
}

static void take(struct pst_strv *strv, char *text)
{
	char __cleanup_free *mine = text;

	if (mine)
		pst_strv_add(strv, mine);
}

static void judge_places(const struct pst_access_query *access, const struct pst_person *person,
			 size_t from, struct pst_verdict *verdict)
{
	if (person->uid == 0)
		return;
	for (size_t i = from; i < access->way->n; i++)
		take(&verdict->obstacles,
		     pst_place_obstacle(&access->way->v[i], person, bits_needed(access, i)));
}

/* The value behind NAME= in a list of options, the last one that there is; NULL when there is none. */
static char *option_value(const char *options, const char *name)
{
	size_t len = strlen(name);
	char *value = NULL;

	while (*options) {
		size_t span = strcspn(options, ",");

		if (span > len && memcmp(options, name, len) == 0 && options[len] == '=') {
			free(value);
			value = strndup(options + len + 1, span - len - 1);
		}
		options += span + (options[span] == ',');
	}
	return value;
}

/* Which of two words stands last: mountd writes those of a flavour behind it, and they count. */
static bool is_last(const char *options, const char *word, const char *opposite)
{
	bool last = false;

	while (*options) {
		size_t span = strcspn(options, ",");

		if (span == strlen(word) && memcmp(options, word, span) == 0)
			last = true;
		else if (span == strlen(opposite) && memcmp(options, opposite, span) == 0)
			last = false;
		options += span + (options[span] == ',');
	}
	return last;
}

static bool is_below(const char *path, const char *top)
{
	size_t len = strlen(top);

	return pst_streq(top, "/") ||
	       (pst_startswith(path, top) && (!path[len] || path[len] == '/'));
}

/* How well an export fits a client, as mountd prefers them; 0: not at all. */
static int fits(const struct pst_export_state *export, const char *client)
{
	struct pst_network network, address;

	if (pst_word_address(client, &address))
		return 0;
	if (!pst_word_address(export->client, &network))
		return network.family == address.family && memcmp(network.address, address.address,
								  sizeof(address.address)) == 0
			       ? 3
			       : 0;
	if (strchr(export->client, '/') && !pst_word_network(export->client, &network))
		return pst_network_contains(&network, &address) ? 2 : 0;
	return pst_streq(export->client, "*");
}

/* The export that a client sees a path by: the one nearest to it, and of those the one that fits best. */
static const struct pst_export_state *find_export(const struct pst_access_query *access,
						  const char *path, struct pst_strv *others)
{
	const struct pst_export_state *best = NULL;

	for (size_t i = 0; i < access->n_exports; i++) {
		const struct pst_export_state *export = &access->exports[i];

		if (!is_below(path, export->path))
			continue;
		if (!fits(export, access->client)) {
			pst_strv_addf(others, "%s to %s", export->path, export->client);
			continue;
		}
		if (!best || strlen(export->path) > strlen(best->path) ||
		    (strlen(export->path) == strlen(best->path) &&
		     fits(export, access->client) > fits(best, access->client)))
			best = export;
	}
	return best;
}

/* The last directory or file on the way that is still on the file system of the export's root. */
static void judge_crossing(const struct pst_access_query *access,
			   const struct pst_export_state *export, size_t from,
			   struct pst_verdict *verdict)
{
	const struct pst_way *way = access->way;

	if (is_last(export->options, "crossmnt", "nocrossmnt"))
		return;
	for (size_t i = from + 1; i < way->n; i++)
		if (way->v[i].device != way->v[i - 1].device) {
			pst_strv_addf(&verdict->obstacles,
				      "%s is a file system of its own, and the export of %s has no "
				      "crossmnt: the client sees an empty directory there",
				      way->v[i].path, export->path);
			return;
		}
}

static unsigned int number_of(const char *options, const char *name)
{
	char __cleanup_free *text = option_value(options, name);
	unsigned long long number;

	return text && !pst_parse_u64(text, UINT32_MAX, &number) ? (unsigned int)number : NOBODY;
}

/* Whom the server takes the user for; @groups has room for all of the person's. */
static struct pst_person squash(const struct pst_access_query *access,
				const struct pst_export_state *export, gid_t *groups,
				struct pst_verdict *verdict)
{
	struct pst_person person = *access->person;
	unsigned int uid = number_of(export->options, "anonuid");
	unsigned int gid = number_of(export->options, "anongid");
	bool all = is_last(export->options, "all_squash", "no_all_squash");
	bool root = !is_last(export->options, "no_root_squash", "root_squash");

	if (all || (root && person.uid == 0)) {
		pst_strv_addf(&verdict->notes, "%s makes this user %u:%u at the server",
			      all ? "all_squash" : "root_squash", uid, gid);
		return (struct pst_person){ .uid = uid, .gid = gid };
	}
	for (size_t i = 0; i < person.n_groups; i++)
		groups[i] = root && person.groups[i] == 0 ? gid : person.groups[i];
	person.groups = groups;
	if (root && person.gid == 0)
		person.gid = gid;
	if (person.n_groups > AUTH_SYS_GROUPS)
		pst_strv_addf(&verdict->notes,
			      "AUTH_SYS carries only %d of the %zu groups, unless mountd has "
			      "manage-gids",
			      AUTH_SYS_GROUPS, person.n_groups);
	return person;
}

static bool has_flavour(const char *flavours, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = flavours; at; at = strchr(at, ':')) {
		at += *at == ':';
		if (pst_startswith(at, name) && (!at[len] || at[len] == ':'))
			return true;
	}
	return false;
}

static void judge_export(const struct pst_access_query *access,
			 const struct pst_export_state *export, struct pst_verdict *verdict)
{
	const struct pst_way *way = access->way;
	char __cleanup_free *flavours = option_value(export->options, "sec");
	gid_t __cleanup_free *groups = calloc(access->person->n_groups + 1, sizeof(*groups));
	struct pst_person person;
	size_t root = 0;

	if (!groups) {
		verdict->obstacles.oom = true;
		return;
	}
	pst_strv_addf(&verdict->notes, "by the export of %s to %s", export->path, export->client);
	if (flavours && !has_flavour(flavours, "sys"))
		pst_strv_addf(&verdict->notes, "only by a mount with sec=%s: others are refused",
			      flavours);
	if (access->write && !is_last(export->options, "rw", "ro"))
		pst_strv_addf(&verdict->obstacles, "the export of %s to %s is ro", export->path,
			      export->client);
	person = squash(access, export, groups, verdict);
	/* What is above the root of an export, nobody passes. */
	while (root + 1 < way->n && !pst_streq(way->v[root].path, export->path))
		root++;
	judge_crossing(access, export, root, verdict);
	judge_places(access, &person, root, verdict);
}

static void judge_exports(const struct pst_access_query *access, struct pst_verdict *verdict)
{
	const char *path = access->way->v[access->way->n - 1].path;
	struct pst_strv __cleanup_strv others = { 0 };
	char __cleanup_free *list = NULL;
	const struct pst_export_state *export = find_export(access, path, &others);

	list = pst_strv_join(&others, ", ");
	if (export)
		judge_export(access, export, verdict);
	else if (others.n)
		pst_strv_addf(&verdict->obstacles, "no export of it is to %s: there is %s",
			      access->client, list ?: "another");
	else
		pst_strv_addf(&verdict->obstacles, "%s is in no export", path);
}

int pst_access_judge(const struct pst_access_query *access, struct pst_verdict *ret)
{
	struct pst_verdict verdict = { 0 };

	if (access->client)
		judge_exports(access, &verdict);
	else
		judge_places(access, access->person, 0, &verdict);
	if (access->write && access->way->read_only)
		pst_strv_addf(&verdict.obstacles, "the file system of %s is read-only",
			      access->way->v[access->way->n - 1].path);
	if (verdict.obstacles.oom || verdict.notes.oom) {
		pst_verdict_free(&verdict);
		return -ENOMEM;
	}
	*ret = verdict;
	return 0;
}
