// SPDX-License-Identifier: MIT
/* penstock access */
#include "node/access.h"

#include <errno.h>
#include <grp.h>
#include <netdb.h>
#include <pwd.h>

#include "cli/cli.h"
#include "cli/table.h"
#include "conf/word.h"
#include "node/json.h"

static void person_free(struct pst_person *person)
{
	free(person->groups);
}

static int groups_of(const char *name, struct pst_person *person)
{
	int n = 64;

	for (;;) {
		gid_t *groups = calloc((size_t)n, sizeof(*groups));
		int room = n;

		if (!groups)
			return -ENOMEM;
		if (getgrouplist(name, person->gid, groups, &n) >= 0) {
			person->groups = groups;
			person->n_groups = (size_t)n;
			return 0;
		}
		free(groups);
		if (n <= room)
			n = room * 2;
	}
}

/* By name or by number: a number need have no account here, for NFS carries numbers. */
static int find_person(const char *who, struct pst_person *ret, struct pst_reason *reason)
{
	const struct passwd *account = getpwnam(who);
	unsigned long long uid;

	if (!account && !pst_parse_u64(who, UINT32_MAX - 1ULL, &uid)) {
		account = getpwuid((uid_t)uid);
		if (!account) {
			*ret = (struct pst_person){ .uid = (uid_t)uid, .gid = (gid_t)uid };
			return 0;
		}
	}
	if (!account)
		return pst_fail(reason, -ENOENT,
				"there is no user %s on this node: give a uid, or declare the user",
				who);
	*ret = (struct pst_person){ .uid = account->pw_uid, .gid = account->pw_gid };
	return groups_of(account->pw_name, ret);
}

static int add_export(struct pst_state *state, const char *path, const char *client,
		      const char *options)
{
	struct pst_export_state *export =
		pst_array_grow((void **)&state->exports, &state->n_exports, sizeof(*export));

	if (!export)
		return -ENOMEM;
	export->path = strdup(path);
	export->client = strdup(client);
	export->options = strdup(options);
	return export->path && export->client && export->options ? 0 : -ENOMEM;
}

/* A host that is exported to by its name: by each of its addresses as well. */
static int add_addresses(struct pst_state *state)
{
	size_t n = state->n_exports;
	int error = 0;

	for (size_t i = 0; i < n && !error; i++) {
		struct addrinfo *found = NULL;
		const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
		struct pst_network network;
		char *const client = state->exports[i].client;
		char text[64];

		if (!pst_word_address(client, &network) || pst_word_host_name(client) ||
		    getaddrinfo(client, NULL, &hints, &found))
			continue;
		for (const struct addrinfo *at = found; at && !error; at = at->ai_next)
			if (!getnameinfo(at->ai_addr, at->ai_addrlen, text, sizeof(text), NULL, 0,
					 NI_NUMERICHOST))
				error = add_export(state, state->exports[i].path, text,
						   state->exports[i].options);
		freeaddrinfo(found);
	}
	return error;
}

static void print_json(const struct pst_cli *cli, const struct pst_person *person,
		       const struct pst_verdict *verdict)
{
	struct json_object *object = json_object_new_object();

	pst_json_add_string(object, "user", cli->operands[0]);
	pst_json_add_count(object, "uid", person->uid);
	pst_json_add_count(object, "gid", person->gid);
	pst_json_add_string(object, "path", cli->operands[1]);
	pst_json_add_string(object, "client", cli->client);
	pst_json_add_bool(object, "write", cli->given & PST_OPTION_WRITE);
	pst_json_add_bool(object, "allowed", !verdict->obstacles.n);
	pst_json_add_strings(object, "obstacles", &verdict->obstacles);
	pst_json_add_strings(object, "notes", &verdict->notes);
	pst_json_print(object);
}

static void print_text(const struct pst_cli *cli, const struct pst_person *person,
		       const struct pst_verdict *verdict)
{
	printf("%s (uid %u, gid %u) may%s %s %s%s%s\n", cli->operands[0], person->uid, person->gid,
	       verdict->obstacles.n ? " not" : "", cli->given & PST_OPTION_WRITE ? "write" : "read",
	       cli->operands[1], cli->client ? " from " : "", cli->client ?: "");
	for (size_t i = 0; i < verdict->notes.n; i++)
		printf("  %s\n", verdict->notes.v[i]);
	for (size_t i = 0; i < verdict->obstacles.n; i++)
		printf("  in the way: %s\n", verdict->obstacles.v[i]);
}

static int judge(const struct pst_cli *cli, const struct pst_person *person,
		 struct pst_verdict *verdict, struct pst_reason *reason)
{
	struct pst_way __cleanup_way way = { 0 };
	struct pst_state __cleanup_state state = { 0 };
	struct pst_access_query access = {
		.person = person,
		.way = &way,
		.client = cli->client,
		.write = cli->given & PST_OPTION_WRITE,
	};
	int error = pst_way_observe(cli->operands[1], &way, reason);

	if (!error && cli->client)
		error = pst_export_observe(&pst_this_host, &state, reason);
	if (!error)
		error = add_addresses(&state);
	access.exports = state.exports;
	access.n_exports = state.n_exports;
	return error ? error : pst_access_judge(&access, verdict);
}

int pst_verb_access(const struct pst_cli *cli)
{
	struct pst_person __cleanup(person_free) person = { 0 };
	struct pst_verdict __cleanup_verdict verdict = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };
	struct pst_network address;
	int error;

	if (cli->client && pst_word_address(cli->client, &address)) {
		fprintf(stderr,
			"penstock: --client takes an address, not \"%s\"; see penstock help\n",
			cli->client);
		return PST_EXIT_REFUSED;
	}
	error = find_person(cli->operands[0], &person, &reason);
	if (!error)
		error = judge(cli, &person, &verdict, &reason);
	if (error)
		return pst_say_failed(&reason, error);
	if (cli->given & PST_OPTION_JSON)
		print_json(cli, &person, &verdict);
	else
		print_text(cli, &person, &verdict);
	return verdict.obstacles.n ? PST_EXIT_FAILED : PST_EXIT_OK;
}
