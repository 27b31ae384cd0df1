// SPDX-License-Identifier: MIT
/* penstock fabric */
#include <inttypes.h>

#include "cli/cli.h"
#include "cli/inventory.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "inventory/sysfs.h"
#include "node/json.h"

static struct json_object *port_json(const struct pst_rdma_port *port)
{
	struct json_object *object = json_object_new_object();
	struct json_object *gids = json_object_new_array();

	pst_json_add_number(object, "port", port->number, 0);
	pst_json_add_string(object, "state", port->state);
	pst_json_add_string(object, "physical_state", port->physical_state);
	pst_json_add_number(object, "speed_mbps", port->speed_mbps, 0);
	pst_json_add_string(object, "rate", port->rate);
	pst_json_add_string(object, "link_layer", port->link_layer);
	pst_json_add_string(object, "netdev", port->netdev);
	pst_json_add_number(object, "netdev_mtu_bytes", port->netdev_mtu_bytes, 0);
	pst_json_add_number(object, "rdma_mtu_bytes", port->rdma_mtu_bytes, 0);
	for (size_t i = 0; i < port->n_gids; i++) {
		struct json_object *gid = json_object_new_object();

		pst_json_add_number(gid, "index", port->gids[i].index, 0);
		pst_json_add_string(gid, "gid", port->gids[i].gid);
		pst_json_add_string(gid, "type", port->gids[i].type);
		pst_json_add_string(gid, "netdev", port->gids[i].netdev);
		json_object_array_add(gids, gid);
	}
	json_object_object_add(object, "gids", gids);
	return object;
}

static struct json_object *device_json(const struct pst_rdma_device *device)
{
	struct json_object *object = json_object_new_object();
	struct json_object *ports = json_object_new_array();
	struct json_object *gpu = NULL;

	pst_json_add_string(object, "device", device->name);
	pst_json_add_string(object, "type", device->node_type);
	pst_json_add_bool(object, "soft", device->soft);
	pst_json_add_string(object, "pci", device->pci ? pst_pci_address(device->pci) : NULL);
	pst_json_add_number(object, "numa_node", device->numa_node, 0);
	pst_json_add_string(object, "firmware", device->firmware);
	for (size_t i = 0; i < device->n_ports; i++)
		json_object_array_add(ports, port_json(&device->ports[i]));
	json_object_object_add(object, "ports", ports);
	if (device->gpu) {
		gpu = json_object_new_object();
		pst_json_add_string(gpu, "pci", pst_pci_address(device->gpu->pci));
		pst_json_add_string(gpu, "vendor", device->gpu->vendor);
		pst_json_add_number(gpu, "numa_node", device->gpu->numa_node, 0);
		pst_json_add_string(gpu, "nearness", pst_nearness_name(device->nearness));
	}
	json_object_object_add(object, "gpu", gpu);
	return object;
}

struct json_object *pst_fabric_json(const struct pst_fabric *fabric)
{
	struct json_object *object = json_object_new_object();
	struct json_object *devices = json_object_new_array();

	for (size_t i = 0; i < fabric->n; i++)
		json_object_array_add(devices, device_json(&fabric->v[i]));
	json_object_object_add(object, "devices", devices);
	pst_json_add_strings(object, "notes", &fabric->notes);
	return object;
}

static void add_number(struct pst_table *table, int64_t number)
{
	if (number < 0)
		pst_table_add(table, PST_PLAIN, NULL);
	else
		pst_table_addf(table, PST_PLAIN, "%" PRId64, number);
}

static void add_speed(struct pst_table *table, int64_t mbps)
{
	if (mbps < 0)
		pst_table_add(table, PST_PLAIN, NULL);
	else if (mbps % 1000)
		pst_table_addf(table, PST_PLAIN, "%" PRId64 ".%" PRId64 "G", mbps / 1000,
			       mbps % 1000 / 100);
	else
		pst_table_addf(table, PST_PLAIN, "%" PRId64 "G", mbps / 1000);
}

static void add_row(struct pst_table *table, const struct pst_rdma_device *device,
		    const struct pst_rdma_port *port)
{
	bool active = pst_streq(port->state, "ACTIVE");

	pst_table_add(table, PST_PLAIN, device->name);
	add_number(table, port->number);
	pst_table_add(table, active ? PST_GOOD : PST_BAD, port->state);
	pst_table_add(table, PST_PLAIN, port->physical_state);
	add_speed(table, port->speed_mbps);
	pst_table_add(table, PST_PLAIN, port->link_layer);
	pst_table_add(table, PST_PLAIN, port->netdev);
	add_number(table, port->netdev_mtu_bytes);
	add_number(table, port->rdma_mtu_bytes);
	add_number(table, device->numa_node);
	pst_table_add(table, PST_PLAIN, device->pci ? pst_pci_address(device->pci) : NULL);
	pst_table_add(table, PST_PLAIN, device->firmware);
	if (device->gpu)
		pst_table_addf(table, PST_PLAIN, "%s (%s)", pst_pci_address(device->gpu->pci),
			       pst_nearness_name(device->nearness));
	else
		pst_table_add(table, PST_PLAIN, NULL);
}

static int print_ports(const struct pst_fabric *fabric, FILE *out, bool colour)
{
	static const char *const head[] = { "DEVICE", "PORT",	  "STATE",	"PHYSICAL", "SPEED",
					    "LAYER",  "NETDEV",	  "MTU",	"RDMA-MTU", "NUMA",
					    "PCI",    "FIRMWARE", "NEAREST-GPU" };
	struct pst_table __cleanup_table table = { .columns = ARRAY_SIZE(head) };

	for (size_t i = 0; i < ARRAY_SIZE(head); i++)
		pst_table_add(&table, PST_PLAIN, head[i]);
	for (size_t i = 0; i < fabric->n; i++)
		for (size_t j = 0; j < fabric->v[i].n_ports; j++)
			add_row(&table, &fabric->v[i], &fabric->v[i].ports[j]);
	return pst_table_print(&table, out, colour);
}

static int print_gids(const struct pst_fabric *fabric, FILE *out, bool colour)
{
	static const char *const head[] = { "DEVICE", "PORT", "INDEX", "GID", "TYPE", "NETDEV" };
	struct pst_table __cleanup_table table = { .columns = ARRAY_SIZE(head) };

	for (size_t i = 0; i < ARRAY_SIZE(head); i++)
		pst_table_add(&table, PST_PLAIN, head[i]);
	for (size_t i = 0; i < fabric->n; i++) {
		const struct pst_rdma_device *device = &fabric->v[i];

		for (size_t j = 0; j < device->n_ports; j++) {
			const struct pst_rdma_port *port = &device->ports[j];

			for (size_t k = 0; k < port->n_gids; k++) {
				pst_table_add(&table, PST_PLAIN, device->name);
				add_number(&table, port->number);
				add_number(&table, port->gids[k].index);
				pst_table_add(&table, PST_PLAIN, port->gids[k].gid);
				pst_table_add(&table, PST_PLAIN, port->gids[k].type);
				pst_table_add(&table, PST_PLAIN, port->gids[k].netdev);
			}
		}
	}
	if (!table.cells.oom && table.cells.n == ARRAY_SIZE(head))
		return 0;
	fputc('\n', out);
	return pst_table_print(&table, out, colour);
}

int pst_fabric_print(const struct pst_fabric *fabric, FILE *out, bool colour)
{
	int error = print_ports(fabric, out, colour);

	if (!error)
		error = print_gids(fabric, out, colour);
	if (!error && !fabric->n)
		fputs("\n  - there is no RDMA device\n", out);
	for (size_t i = 0; i < fabric->notes.n && !error; i++)
		fprintf(out, "%s  - %s\n", i ? "" : "\n", fabric->notes.v[i]);
	return error;
}

int pst_verb_fabric(const struct pst_cli *cli)
{
	struct pst_fabric __cleanup_fabric fabric = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };
	int error = pst_fabric_observe(&pst_this_host, pst_verbs_port_mtu, &fabric, &reason);

	if (!error && cli->given & PST_OPTION_JSON)
		pst_json_print(pst_fabric_json(&fabric));
	else if (!error)
		error = pst_fabric_print(&fabric, stdout, pst_terminal_colours(STDOUT_FILENO));
	return error ? pst_say_failed(&reason, error) : PST_EXIT_OK;
}
