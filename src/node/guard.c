// SPDX-License-Identifier: MIT
/* Which changes of the network could cut the connection of who makes them. */
#include "node/guard.h"

#include <errno.h>
#include <fnmatch.h>

#include "conf/word.h"
#include "node/json.h"
#include "node/node.h"

#define NETWORK_DIRECTORY "/etc/systemd/network/"

int pst_guard_add(struct pst_guard *guard, const char *interface, const char *what)
{
	struct pst_carrier *carrier;

	for (size_t i = 0; i < guard->n; i++)
		if (pst_streq(guard->carriers[i].interface, interface))
			return 0;
	carrier = pst_array_grow((void **)&guard->carriers, &guard->n, sizeof(*carrier));
	if (!carrier)
		return -ENOMEM;
	carrier->interface = strdup(interface);
	carrier->what = strdup(what);
	return carrier->interface && carrier->what ? 0 : -ENOMEM;
}

void pst_guard_free(struct pst_guard *guard)
{
	for (size_t i = 0; i < guard->n; i++) {
		free(guard->carriers[i].interface);
		free(guard->carriers[i].what);
	}
	free(guard->carriers);
	free(guard->client);
	*guard = (struct pst_guard){ 0 };
}

static void take_hop(const struct json_object *hop, struct pst_strv *ret)
{
	const char *interface = pst_json_string(hop, "dev");

	if (interface && !pst_strv_contains(ret, interface))
		pst_strv_add(ret, interface);
}

/* A route of several ways has them in a list. */
int pst_guard_parse_routes(const char *json, struct pst_strv *ret, struct pst_reason *reason)
{
	struct json_object __cleanup_json *routes = NULL;
	int error;

	/* Where there is none, ip may say nothing at all. */
	if (!json[strspn(json, " \n")])
		return 0;
	error = pst_json_parse(json, "ip", &routes, reason);
	if (error)
		return error;
	if (!json_object_is_type(routes, json_type_array))
		return pst_fail(reason, -EBADMSG, "ip did not answer with a list of routes");
	for (size_t i = 0; i < json_object_array_length(routes); i++) {
		const struct json_object *route = json_object_array_get_idx(routes, i);
		struct json_object *hops = pst_json_array(route, "nexthops");

		take_hop(route, ret);
		for (size_t j = 0; hops && j < json_object_array_length(hops); j++)
			take_hop(json_object_array_get_idx(hops, j), ret);
	}
	return ret->oom ? -ENOMEM : 0;
}

static int add_routes(struct pst_host *host, const char *family, struct pst_guard *guard,
		      struct pst_reason *reason)
{
	struct pst_strv __cleanup_strv interfaces = { 0 };
	char __cleanup_free *json = NULL;
	int error = pst_host_ask(host, &json, reason, "ip", "-json", family, "route", "show",
				 "default");

	if (!error)
		error = pst_guard_parse_routes(json, &interfaces, reason);
	for (size_t i = 0; i < interfaces.n && !error; i++)
		error = pst_guard_add(guard, interfaces.v[i], "the default route");
	return error;
}

static bool has_address(const struct pst_interface_state *interface, const char *address)
{
	struct pst_network want, have;

	if (pst_word_address(address, &want))
		return false;
	for (size_t i = 0; i < interface->addresses.n; i++)
		if (!pst_word_interface_address(interface->addresses.v[i], &have) &&
		    have.family == want.family &&
		    memcmp(have.address, want.address, sizeof(have.address)) == 0)
			return true;
	return false;
}

static int add_session(const struct pst_state *state, const struct pst_session *session,
		       struct pst_guard *guard)
{
	char __cleanup_free *what = pst_printf("the ssh connection from %s", session->client);
	const char *scope = strchr(session->server, '%');
	int error = what ? 0 : -ENOMEM;

	guard->client = strdup(session->client);
	if (!guard->client)
		return -ENOMEM;
	/* An address that holds on one link only names that link. */
	if (scope && !error)
		return pst_guard_add(guard, scope + 1, what);
	for (size_t i = 0; i < state->n_interfaces && !error; i++)
		if (has_address(&state->interfaces[i], session->server))
			error = pst_guard_add(guard, state->interfaces[i].name, what);
	return error;
}

/* A bond or a VLAN carries nothing without the interfaces beneath it. */
static int add_lower(const struct pst_host *host, struct pst_guard *guard,
		     struct pst_reason *reason)
{
	static const char prefix[] = "lower_";
	int error = 0;

	/* What is added is looked at as well, until nothing is new. */
	for (size_t i = 0; i < guard->n && !error; i++) {
		struct pst_strv __cleanup_strv names = { 0 };
		char __cleanup_free *path =
			pst_printf("/sys/class/net/%s", guard->carriers[i].interface);

		error = path ? pst_host_list(host, path, &names, reason) : -ENOMEM;
		for (size_t j = 0; j < names.n && !error; j++)
			if (pst_startswith(names.v[j], prefix))
				error = pst_guard_add(guard, names.v[j] + strlen(prefix),
						      guard->carriers[i].what);
	}
	return error;
}

int pst_guard_observe(struct pst_host *host, const struct pst_state *state,
		      const struct pst_session *session, struct pst_guard *ret,
		      struct pst_reason *reason)
{
	struct pst_guard __cleanup_guard guard = { 0 };
	int error = 0;

	if (session->client)
		error = add_session(state, session, &guard);
	if (!error)
		error = add_routes(host, "-4", &guard, reason);
	if (!error)
		error = add_routes(host, "-6", &guard, reason);
	if (!error)
		error = add_lower(host, &guard, reason);
	if (error)
		return error;
	*ret = guard;
	guard = (struct pst_guard){ 0 };
	return 0;
}

static bool is_network_file(const struct pst_step *step)
{
	return (step->kind == PST_STEP_WRITE || step->kind == PST_STEP_REMOVE) &&
	       pst_startswith(step->path, NETWORK_DIRECTORY);
}

static bool is_network_command(const struct pst_step *step)
{
	return step->kind == PST_STEP_RUN && step->argv.n &&
	       (pst_streq(step->argv.v[0], "networkctl") || pst_streq(step->argv.v[0], "ip"));
}

bool pst_guard_concerns(const struct pst_plan *plan)
{
	for (size_t i = 0; i < plan->n; i++)
		if (is_network_file(&plan->v[i]) || is_network_command(&plan->v[i]))
			return true;
	return false;
}

/*
 * The next value of a key in a file of networkd; NULL when there is no more. @at begins as the text, and ends behind
 * that line.
 */
static char *next_value(const char **at, const char *key)
{
	size_t key_len = strlen(key);

	while (*at && **at) {
		const char *line = *at;
		size_t len = strcspn(line, "\n");

		*at = line + len + (line[len] == '\n');
		if (len > key_len && memcmp(line, key, key_len) == 0 && line[key_len] == '=')
			return strndup(line + key_len + 1, len - key_len - 1);
	}
	return NULL;
}

/* Name= holds one or more patterns with blanks between them. */
static bool names_match(const char *text, const char *interface)
{
	for (;;) {
		char __cleanup_free *value = next_value(&text, "Name");
		char *rest = value;

		if (!value)
			return false;
		for (char *word = strsep(&rest, " \t"); word; word = strsep(&rest, " \t"))
			if (fnmatch(word, interface, 0) == 0)
				return true;
	}
}

/* Whether an address in the file would make @client a neighbour, and so move the route to it. */
static bool takes_route(const char *text, const char *client)
{
	struct pst_network network, address;

	if (!client || pst_word_address(client, &address))
		return false;
	for (;;) {
		char __cleanup_free *value = next_value(&text, "Address");

		if (!value)
			return false;
		if (!pst_word_interface_address(value, &network) &&
		    pst_network_contains(&network, &address))
			return true;
	}
}

static bool same_value(const char *before, const char *after, const char *key)
{
	char __cleanup_free *first = next_value(&before, key);
	char __cleanup_free *second = next_value(&after, key);

	return pst_streq(first, second);
}

static char *why_file(const struct pst_guard *guard, const struct pst_state *state,
		      const struct pst_step *step)
{
	const char *before = pst_state_file(state, step->path);

	for (size_t i = 0; i < guard->n; i++)
		if (names_match(before, guard->carriers[i].interface) ||
		    names_match(step->text, guard->carriers[i].interface))
			return pst_printf("%s carries %s", guard->carriers[i].interface,
					  guard->carriers[i].what);
	if (!same_value(before, step->text, "Gateway"))
		return pst_printf("%s changes the default route", step->path);
	if (!same_value(before, step->text, "DHCP"))
		return pst_printf("%s may change the default route, by DHCP", step->path);
	if (takes_route(step->text, guard->client) && !takes_route(before, guard->client))
		return pst_printf("%s takes the route to %s", step->path, guard->client);
	return NULL;
}

static char *why_command(const struct pst_guard *guard, const struct pst_step *step)
{
	for (size_t i = 0; i < guard->n; i++)
		if (pst_strv_contains(&step->argv, guard->carriers[i].interface))
			return pst_printf("%s carries %s", guard->carriers[i].interface,
					  guard->carriers[i].what);
	return NULL;
}

size_t pst_guard_find(const struct pst_guard *guard, const struct pst_state *state,
		      const struct pst_plan *plan, char **ret_why)
{
	for (size_t i = 0; i < plan->n; i++) {
		char *why = NULL;

		if (is_network_file(&plan->v[i]))
			why = why_file(guard, state, &plan->v[i]);
		else if (is_network_command(&plan->v[i]))
			why = why_command(guard, &plan->v[i]);
		if (why) {
			*ret_why = why;
			return i;
		}
	}
	return plan->n;
}

void pst_guard_insert(struct pst_plan *plan, size_t at, const struct pst_undo *undo, bool armed,
		      const char *program)
{
	static const char unit[] = "--unit=" PST_GUARD_UNIT;
	static const char after[] = "--on-active=" PST_GUARD_SECONDS;
	char __cleanup_free *text = pst_undo_text(undo);
	size_t first = plan->n, added;

	if (!text) {
		plan->oom = true;
		return;
	}
	if (armed)
		pst_plan_run(plan, "network", NULL, "systemctl", "stop", PST_GUARD_UNIT ".timer");
	pst_plan_run(plan, "network", NULL, "systemd-run", "--quiet", "--collect", unit, after,
		     "--timer-property=AccuracySec=1s", program, "revert", "--network");
	/* It holds the configuration, which may be private. */
	pst_plan_write(plan, "network", PST_UNDO_FILE, text, NULL);
	pst_plan_mode(plan, 0600);
	added = plan->n - first;
	if (plan->oom || at >= first)
		return;
	/* They were added at the end: what they are for moves behind them. */
	for (size_t i = 0; i < added; i++) {
		struct pst_step step = plan->v[first + i];

		memmove(&plan->v[at + i + 1], &plan->v[at + i], (first - at) * sizeof(*plan->v));
		plan->v[at + i] = step;
	}
}
