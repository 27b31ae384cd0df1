// SPDX-License-Identifier: MIT
/* RDMA devices and their ports, by sysfs: that needs neither root nor a tool. */
#include "inventory/fabric.h"

#include <errno.h>

#include "base/problem.h"
#include "inventory/sysfs.h"

#define RDMA_DEVICES "/sys/class/infiniband"
#define PORT_MAX     255

/* "4: ACTIVE" is ACTIVE. */
static char *behind_number(char *word)
{
	char __cleanup_free *all = word;
	const char *colon = all ? strstr(all, ": ") : NULL;

	return colon ? strdup(colon + 2) : TAKE_PTR(all);
}

/* "2.5 Gb/sec (1X SDR)" is 2500. */
static int64_t speed_of(const char *rate)
{
	unsigned long long whole, tenth = 0;
	size_t len = rate ? strspn(rate, "0123456789") : 0;
	char digits[8];

	if (!len || len >= sizeof(digits) || !strstr(rate, " Gb/sec"))
		return PST_UNKNOWN;
	memcpy(digits, rate, len);
	digits[len] = '\0';
	if (rate[len] == '.' && rate[len + 1] >= '0' && rate[len + 1] <= '9')
		tenth = (unsigned long long)(rate[len + 1] - '0');
	if (pst_parse_u64(digits, 1000000, &whole))
		return PST_UNKNOWN;
	return (int64_t)(whole * 1000 + tenth * 100);
}

/* An entry of the table that holds no GID reads as zeros, and its type not at all. */
static bool is_empty_gid(const char *gid)
{
	return !gid[strspn(gid, "0:")] || pst_streq(gid, "fe80:0000:0000:0000:0000:0000:0000:0000");
}

static int by_number(const void *a, const void *b)
{
	const struct pst_gid *first = a, *second = b;

	return (first->index > second->index) - (first->index < second->index);
}

static int add_gids(struct pst_host *host, const char *dir, struct pst_rdma_port *port,
		    struct pst_reason *reason)
{
	struct pst_strv __cleanup_strv names = { 0 };
	int error = pst_host_list(host, pst_key("%s/gids", dir).text, &names, reason);

	for (size_t i = 0; i < names.n && !error; i++) {
		char __cleanup_free *gid = pst_sysfs_word(host, "%s/gids/%s", dir, names.v[i]);
		unsigned long long index;
		struct pst_gid *added;

		if (!gid || is_empty_gid(gid) || pst_parse_u64(names.v[i], UINT16_MAX, &index))
			continue;
		added = pst_array_grow((void **)&port->gids, &port->n_gids, sizeof(*added));
		if (!added)
			return -ENOMEM;
		added->index = (unsigned int)index;
		added->gid = TAKE_PTR(gid);
		added->type = pst_sysfs_word(host, "%s/gid_attrs/types/%s", dir, names.v[i]);
		added->netdev = pst_sysfs_word(host, "%s/gid_attrs/ndevs/%s", dir, names.v[i]);
	}
	if (port->n_gids)
		qsort(port->gids, port->n_gids, sizeof(*port->gids), by_number);
	return error;
}

/* An InfiniBand port has no interface in its GIDs; IPoIB's says which port it is on. */
static char *netdev_of_card(struct pst_host *host, const char *device, unsigned int number)
{
	struct pst_key dir = pst_key(RDMA_DEVICES "/%s/device/net", device);
	struct pst_strv __cleanup_strv names = { 0 };

	pst_host_list(host, dir.text, &names, NULL);
	for (size_t i = 0; i < names.n; i++)
		if (pst_sysfs_number(host, PST_UNKNOWN, "%s/%s/dev_port", dir.text, names.v[i]) ==
		    (int64_t)number - 1)
			return strdup(names.v[i]);
	return NULL;
}

static char *netdev_of(struct pst_host *host, const char *device, const struct pst_rdma_port *port)
{
	for (size_t i = 0; i < port->n_gids; i++)
		if (port->gids[i].netdev)
			return strdup(port->gids[i].netdev);
	return pst_sysfs_word(host, RDMA_DEVICES "/%s/parent", device)
		       ?: netdev_of_card(host, device, port->number);
}

static int add_rdma_mtu(pst_port_mtu_fn port_mtu, const char *device, struct pst_rdma_port *port,
			struct pst_strv *notes)
{
	unsigned int bytes = 0;
	int error;

	if (!pst_streq(port->state, "ACTIVE"))
		return 0;
	error = port_mtu(device, port->number, &bytes);
	if (!error)
		port->rdma_mtu_bytes = bytes;
	else if (error != -ENOMEM)
		pst_strv_addf(notes, "the active RDMA MTU of %s, port %u: %s", device, port->number,
			      strerror(-error));
	return error == -ENOMEM ? error : 0;
}

static int add_port(struct pst_host *host, pst_port_mtu_fn port_mtu, const char *name,
		    struct pst_rdma_device *device, struct pst_strv *notes,
		    struct pst_reason *reason)
{
	struct pst_key dir = pst_key(RDMA_DEVICES "/%s/ports/%s", device->name, name);
	unsigned long long number;
	struct pst_rdma_port *port;
	int error;

	if (pst_parse_u64(name, PORT_MAX, &number))
		return 0;
	port = pst_array_grow((void **)&device->ports, &device->n_ports, sizeof(*port));
	if (!port)
		return -ENOMEM;
	port->number = (unsigned int)number;
	port->state = behind_number(pst_sysfs_word(host, "%s/state", dir.text));
	port->physical_state = behind_number(pst_sysfs_word(host, "%s/phys_state", dir.text));
	/* Of a port that is down the kernel states a rate as well, and it means nothing. */
	port->rate =
		pst_streq(port->state, "ACTIVE") ? pst_sysfs_word(host, "%s/rate", dir.text) : NULL;
	port->speed_mbps = speed_of(port->rate);
	port->link_layer = pst_sysfs_word(host, "%s/link_layer", dir.text);
	port->netdev_mtu_bytes = port->rdma_mtu_bytes = PST_UNKNOWN;
	error = add_gids(host, dir.text, port, reason);
	if (error)
		return error;
	port->netdev = netdev_of(host, device->name, port);
	if (port->netdev)
		port->netdev_mtu_bytes =
			pst_sysfs_number(host, PST_UNKNOWN, "/sys/class/net/%s/mtu", port->netdev);
	return add_rdma_mtu(port_mtu, device->name, port, notes);
}

/* Where the card is; a soft device is where the interface is on which it was made. */
static void add_place(struct pst_host *host, struct pst_rdma_device *device)
{
	char __cleanup_free *real = pst_sysfs_real(host, RDMA_DEVICES "/%s/device", device->name);

	device->pci = real ? pst_pci_of(real) : NULL;
	/* Soft-iWARP says that it is where its interface's card is; nothing but the name tells. */
	device->soft = !real || (pst_streq(device->node_type, "RNIC") &&
				 pst_startswith(device->name, "siw"));
	for (size_t i = 0; i < device->n_ports && !device->pci; i++) {
		const char *netdev = device->ports[i].netdev;

		if (!netdev)
			continue;
		free(real);
		real = pst_sysfs_real(host, "/sys/class/net/%s", netdev);
		device->pci = real ? pst_pci_of(real) : NULL;
	}
	device->numa_node =
		device->pci ? pst_sysfs_number(host, PST_UNKNOWN, "%s/numa_node", device->pci)
			    : PST_UNKNOWN;
}

static int add_device(struct pst_host *host, pst_port_mtu_fn port_mtu, const char *name,
		      struct pst_fabric *fabric, struct pst_reason *reason)
{
	struct pst_strv __cleanup_strv ports = { 0 };
	struct pst_rdma_device *device =
		pst_array_grow((void **)&fabric->v, &fabric->n, sizeof(*device));
	int error;

	if (!device)
		return -ENOMEM;
	device->name = strdup(name);
	if (!device->name)
		return -ENOMEM;
	device->firmware = pst_sysfs_word(host, RDMA_DEVICES "/%s/fw_ver", name);
	device->node_type = behind_number(pst_sysfs_word(host, RDMA_DEVICES "/%s/node_type", name));
	error = pst_host_list(host, pst_key(RDMA_DEVICES "/%s/ports", name).text, &ports, reason);
	for (size_t i = 0; i < ports.n && !error; i++)
		error = add_port(host, port_mtu, ports.v[i], device, &fabric->notes, reason);
	if (error)
		return error;
	add_place(host, device);
	device->gpu = pst_gpu_nearest(fabric, device->pci, device->numa_node, &device->nearness);
	return 0;
}

int pst_fabric_observe(struct pst_host *host, pst_port_mtu_fn port_mtu, struct pst_fabric *ret,
		       struct pst_reason *reason)
{
	struct pst_fabric __cleanup_fabric fabric = { 0 };
	struct pst_strv __cleanup_strv names = { 0 };
	int error = pst_gpus_observe(host, &fabric, reason);

	if (!error)
		error = pst_host_list(host, RDMA_DEVICES, &names, reason);
	for (size_t i = 0; i < names.n && !error; i++)
		error = add_device(host, port_mtu, names.v[i], &fabric, reason);
	if (!error && fabric.notes.oom)
		error = -ENOMEM;
	if (error)
		return error;
	*ret = fabric;
	fabric = (struct pst_fabric){ 0 };
	return 0;
}

static void port_free(struct pst_rdma_port *port)
{
	free(port->state);
	free(port->physical_state);
	free(port->rate);
	free(port->link_layer);
	free(port->netdev);
	for (size_t i = 0; i < port->n_gids; i++) {
		free(port->gids[i].gid);
		free(port->gids[i].type);
		free(port->gids[i].netdev);
	}
	free(port->gids);
}

void pst_fabric_free(struct pst_fabric *fabric)
{
	for (size_t i = 0; i < fabric->n; i++) {
		struct pst_rdma_device *device = &fabric->v[i];

		for (size_t j = 0; j < device->n_ports; j++)
			port_free(&device->ports[j]);
		free(device->ports);
		free(device->name);
		free(device->node_type);
		free(device->pci);
		free(device->firmware);
	}
	free(fabric->v);
	for (size_t i = 0; i < fabric->n_gpus; i++) {
		free(fabric->gpus[i].pci);
		free(fabric->gpus[i].vendor);
	}
	free(fabric->gpus);
	pst_strv_free(&fabric->notes);
	*fabric = (struct pst_fabric){ 0 };
}
