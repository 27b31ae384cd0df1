// SPDX-License-Identifier: MIT
/* What init goes by: disks, fabric, interfaces and the default route. */
#include <arpa/inet.h>
#include <errno.h>

#include "inventory/init.h"
#include "node/node.h"

#define ROUTE_FILE "/proc/net/route"

/* The fields of one of its lines that matter, and how many are read to have them. */
enum { FIELD_INTERFACE, FIELD_DESTINATION, FIELD_GATEWAY, FIELD_MASK = 7, FIELDS };
#define FIELD_ROOM 16

static bool split(const char *line, char fields[FIELDS][FIELD_ROOM])
{
	for (size_t i = 0; i < FIELDS; i++) {
		size_t len;

		line += strspn(line, " \t");
		len = strcspn(line, " \t\n");
		if (!len || len >= FIELD_ROOM)
			return false;
		memcpy(fields[i], line, len);
		fields[i][len] = '\0';
		line += len;
	}
	return true;
}

/* Four bytes in hexadecimal, as the processor reads them. */
static bool parse_address(const char *word, struct in_addr *ret)
{
	if (strlen(word) != 8 || word[strspn(word, "0123456789ABCDEFabcdef")])
		return false;
	ret->s_addr = (in_addr_t)strtoul(word, NULL, 16);
	return true;
}

int pst_route_parse(const char *text, struct pst_seen *machine)
{
	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		struct in_addr destination, gateway, mask;
		char fields[FIELDS][FIELD_ROOM];
		char address[INET_ADDRSTRLEN];

		if (machine->route_interface || !split(line, fields) ||
		    !parse_address(fields[FIELD_DESTINATION], &destination) ||
		    !parse_address(fields[FIELD_GATEWAY], &gateway) ||
		    !parse_address(fields[FIELD_MASK], &mask) || destination.s_addr || mask.s_addr)
			continue;
		machine->route_interface = strdup(fields[FIELD_INTERFACE]);
		if (!machine->route_interface)
			return -ENOMEM;
		if (!gateway.s_addr || !inet_ntop(AF_INET, &gateway, address, sizeof(address)))
			continue;
		machine->gateway = strdup(address);
		if (!machine->gateway)
			return -ENOMEM;
	}
	return 0;
}

static int observe_network(struct pst_host *host, struct pst_seen *machine,
			   struct pst_reason *reason)
{
	struct pst_reason __cleanup_reason said = { 0 };
	char __cleanup_free *routes = NULL;
	int error = pst_network_observe(host, &machine->state, &said);

	if (error == -ENOMEM)
		return error;
	if (error)
		pst_strv_addf(&machine->notes, "interfaces: %s", pst_reason_text(&said, error));
	error = pst_host_read(host, ROUTE_FILE, &routes, reason);
	if (error)
		return error == -ENOENT ? 0 : error;
	return pst_route_parse(routes, machine);
}

static void move_notes(struct pst_strv *from, struct pst_strv *to)
{
	for (size_t i = 0; i < from->n; i++)
		pst_strv_add(to, from->v[i]);
}

int pst_seen_observe(struct pst_host *host, bool all, pst_port_mtu_fn port_mtu,
		     struct pst_seen *ret, struct pst_reason *reason)
{
	struct pst_seen __cleanup_seen machine = { 0 };
	int error = pst_identity_observe(host, &machine.state, reason);

	if (!error)
		error = observe_network(host, &machine, reason);
	if (!error)
		error = pst_disks_observe(host, all, &machine.disks, reason);
	if (!error)
		error = pst_fabric_observe(host, port_mtu, &machine.fabric, reason);
	if (error)
		return error;
	/* The fabric's notes are of numbers that init does not use. */
	move_notes(&machine.disks.notes, &machine.notes);
	if (machine.notes.oom)
		return -ENOMEM;
	*ret = machine;
	machine = (struct pst_seen){ 0 };
	return 0;
}

void pst_seen_free(struct pst_seen *machine)
{
	pst_state_free(&machine->state);
	free(machine->route_interface);
	free(machine->gateway);
	pst_disks_free(&machine->disks);
	pst_fabric_free(&machine->fabric);
	pst_strv_free(&machine->notes);
	*machine = (struct pst_seen){ 0 };
}
