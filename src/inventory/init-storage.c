// SPDX-License-Identifier: MIT
/* A storage node's part of a first penstock.yaml: pools on the free disks, datasets, exports. */
#include <arpa/inet.h>
#include <errno.h>

#include "conf/word.h"
#include "inventory/init.h"
#include "inventory/sysfs.h"

#define ID_MAX 150 /* udev's are shorter; a key has room for it */

/* Free disks of one model and size; they become one pool. */
struct group {
	const struct pst_disk **disks;
	size_t n;
	char *pool; /* NULL: too few for one */
};

struct groups {
	struct group *v;
	size_t n;
	bool oom;
};

static void groups_free(struct groups *groups)
{
	for (size_t i = 0; i < groups->n; i++) {
		free(groups->v[i].disks);
		free(groups->v[i].pool);
	}
	free(groups->v);
}

static struct pst_key size_text(uint64_t bytes)
{
	static const char units[] = "BKMGTPE";
	double size = (double)bytes;
	size_t unit = 0;

	while (size >= 1000 && units[unit + 1]) {
		size /= 1000;
		unit++;
	}
	return pst_key(unit && size < 100 ? "%.2f%c" : "%.0f%c", size, units[unit]);
}

static bool is_candidate(const struct pst_disk *disk)
{
	const char *id = pst_disk_id(disk);

	return disk->use == PST_USE_FREE && !disk->removable && id && strlen(id) <= ID_MAX;
}

static struct group *group_of(struct groups *groups, const struct pst_disk *disk)
{
	for (size_t i = 0; i < groups->n; i++) {
		const struct pst_disk *first = groups->v[i].disks[0];

		if (pst_streq(first->model, disk->model) && first->size_bytes == disk->size_bytes)
			return &groups->v[i];
	}
	return pst_array_grow((void **)&groups->v, &groups->n, sizeof(*groups->v));
}

static void gather(const struct pst_seen *machine, struct groups *groups)
{
	for (size_t i = 0; i < machine->disks.n && !groups->oom; i++) {
		const struct pst_disk *disk = &machine->disks.v[i];
		struct group *group;
		const struct pst_disk **entry;

		if (!is_candidate(disk))
			continue;
		group = group_of(groups, disk);
		entry = group ? pst_array_grow((void **)&group->disks, &group->n, sizeof(*entry))
			      : NULL;
		if (entry)
			*entry = disk;
		else
			groups->oom = true;
	}
}

/* Whether a pool of that name is imported here, or a disk carries its label. */
static bool is_taken(const struct pst_seen *machine, const char *name)
{
	char __cleanup_free *label = pst_printf("a member of the ZFS pool %s", name);

	if (!label || pst_strv_contains(&machine->disks.pools, name))
		return true;
	for (size_t i = 0; i < machine->disks.n; i++)
		if (pst_strv_contains(&machine->disks.v[i].found, label))
			return true;
	return false;
}

static void name_pools(const struct pst_seen *machine, struct groups *groups)
{
	unsigned int number = 1;

	for (size_t i = 0; i < groups->n; i++) {
		if (groups->v[i].n < 2)
			continue;
		do {
			free(groups->v[i].pool);
			groups->v[i].pool =
				number == 1 ? strdup("tank") : pst_printf("tank%u", number);
			number++;
		} while (groups->v[i].pool && number < 1000 &&
			 is_taken(machine, groups->v[i].pool));
		groups->oom = groups->oom || !groups->v[i].pool;
	}
}

struct layout {
	size_t disks_min;
	const char *name;
	const char *why;
};

/* The one with the most disks that are there comes last. */
static const struct layout layouts[] = {
	{ 2, "mirror", "each holds everything, and one may fail" },
	{ 3, "raidz1", "one may fail, and the space of all others is usable" },
	{ 6, "raidz2",
	  "two may fail: of so many, a second one may while the first is being replaced" },
};

#define DRAID_MIN 13
#define DRAID_WHY                                                                                 \
	"two may fail, and a spare is spread over all of them, so that\n  # a lost disk is made " \
	"good many times faster than onto one spare disk"
#define WIDE_WHY                                                                                 \
	"two may fail. So wide a group is slow to make a lost disk good:\n  # think of several " \
	"pools"

/* draid comes as a vdev of its own, with the number of spares that are spread over it. */
static void write_draid(struct pst_buf *text, const struct group *group)
{
	pst_buf_add(text, "    vdevs:\n      - layout: draid2\n        data: 8\n        spares: 1\n"
			  "        disks:\n");
	for (size_t i = 0; i < group->n; i++)
		pst_buf_printf(text, "          - %s\n",
			       pst_init_scalar(pst_disk_id(group->disks[i])).text);
}

static void write_disks(struct pst_buf *text, const struct group *group, const char *layout)
{
	pst_buf_printf(text, "    layout: %s\n    disks:\n", layout);
	for (size_t i = 0; i < group->n; i++) {
		const struct pst_disk *disk = group->disks[i];

		pst_buf_printf(text, "      - %s # %s", pst_init_scalar(pst_disk_id(disk)).text,
			       disk->name);
		if (disk->numa_node >= 0)
			pst_buf_printf(text, ", NUMA node %lld", (long long)disk->numa_node);
		pst_buf_add(text, "\n");
	}
}

/* Whether the loader of this very program takes a draid of that many disks. */
static bool takes_draid(const struct group *group)
{
	struct pst_problems __cleanup_problems problems = { 0 };
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_buf buf = { 0 };
	char __cleanup_free *text = NULL;

	if (group->n < DRAID_MIN)
		return false;
	pst_buf_add(&buf, "node: {name: n, role: storage}\npools:\n  - name: tank\n");
	write_draid(&buf, group);
	text = pst_buf_take(&buf);
	return text && !pst_conf_parse("draid", text, strlen(text), &doc, &problems, NULL);
}

static void write_pool(struct pst_buf *text, const struct group *group)
{
	const struct pst_disk *first = group->disks[0];
	const struct layout *layout = &layouts[0];
	bool draid = takes_draid(group);
	const char *why;

	for (size_t i = 0; i < ARRAY_SIZE(layouts); i++)
		if (group->n >= layouts[i].disks_min)
			layout = &layouts[i];
	why = group->n >= DRAID_MIN ? WIDE_WHY : layout->why;
	pst_buf_printf(text, "  # %zu free disks, %s of %s: %s,\n  # for %s.\n", group->n,
		       first->model ?: "unknown model", size_text(first->size_bytes).text,
		       draid ? "draid2" : layout->name, draid ? DRAID_WHY : why);
	pst_buf_printf(text, "  - name: %s\n", group->pool);
	if (draid)
		write_draid(text, group);
	else
		write_disks(text, group, layout->name);
	if (pst_startswith(first->name, "nvme"))
		pst_buf_add(text, "    properties:\n      autotrim: \"on\"\n");
}

/* Why a disk is in no pool of the file. */
static void write_left_out(struct pst_buf *text, const struct pst_disk *disk, bool alone)
{
	char __cleanup_free *found = pst_strv_join(&disk->found, "; ");

	pst_buf_printf(text, "#   %s (%s, %s, %s): ", pst_disk_id(disk) ?: "no by-id name",
		       disk->name, disk->model ?: "unknown model",
		       size_text(disk->size_bytes).text);
	if (disk->use == PST_USE_POOL)
		pst_buf_printf(text, "in the pool %s, %s\n", disk->pool, disk->vdev);
	else if (disk->use == PST_USE_DATA)
		pst_buf_printf(text, "not free: found %s\n", found ?: "something on it");
	else if (disk->use == PST_USE_UNKNOWN)
		pst_buf_add(text, "only root can see what is on it\n");
	else if (disk->removable)
		pst_buf_add(text, "free, but removable\n");
	else if (!pst_disk_id(disk))
		pst_buf_add(text, "free, but without a name that stays when disks are moved\n");
	else if (alone)
		pst_buf_add(text,
			    "free, but the only one of its kind: layout stripe would take it, "
			    "and lose everything with it\n");
}

static void write_others(struct pst_buf *text, const struct pst_seen *machine,
			 const struct groups *groups)
{
	bool begun = false;

	for (size_t i = 0; i < machine->disks.n; i++) {
		const struct pst_disk *disk = &machine->disks.v[i];
		bool alone = false;

		for (size_t j = 0; j < groups->n; j++)
			alone = alone || (groups->v[j].n == 1 && groups->v[j].disks[0] == disk);
		if (is_candidate(disk) && !alone)
			continue;
		if (!begun)
			pst_buf_add(text, "# Disks that are in none of them:\n");
		begun = true;
		write_left_out(text, disk, alone);
	}
}

/* The network of an address with the length of its prefix; NULL when it is none, or without memory. */
static char *network_of(const char *address)
{
	struct pst_network network;
	char text[INET6_ADDRSTRLEN];
	size_t bytes;

	if (pst_word_interface_address(address, &network))
		return NULL;
	bytes = network.family == AF_INET ? 4 : 16;
	for (size_t i = 0; i < bytes * 8; i++)
		if (i >= network.prefix_bits)
			network.address[i / 8] &= (uint8_t)~(0x80U >> i % 8);
	if (!inet_ntop(network.family, network.address, text, sizeof(text)))
		return NULL;
	return pst_printf("%s/%u", text, network.prefix_bits);
}

static void fabric_networks(const struct pst_seen *machine, struct pst_strv *ret)
{
	for (size_t i = 0; i < machine->fabric.n; i++) {
		const struct pst_interface_state *interface =
			pst_init_interface(machine, pst_init_rdma_interface(&machine->fabric.v[i]));

		for (size_t j = 0; interface && j < interface->addresses.n; j++) {
			char __cleanup_free *network = network_of(interface->addresses.v[j]);

			if (network && !pst_strv_contains(ret, network))
				pst_strv_add(ret, network);
		}
	}
}

static void write_exports(struct pst_buf *text, const struct pst_seen *machine,
			  const struct groups *groups)
{
	struct pst_strv __cleanup_strv networks = { 0 };
	const char *mark;

	fabric_networks(machine, &networks);
	pst_buf_add(text,
		    "\n# To the fabric's network only. With squash: root, the root of a client is "
		    "nobody here.\n");
	if (!networks.n) {
		pst_buf_add(
			text,
			"# To be filled in: there is no fabric with an address; 10.77.0.0/24 is "
			"an example.\n");
		pst_strv_add(&networks, "10.77.0.0/24");
		mark = "# ";
	} else {
		mark = "";
	}
	pst_buf_printf(text, "%sexports:\n", mark);
	for (size_t i = 0; i < groups->n; i++) {
		if (!groups->v[i].pool)
			continue;
		pst_buf_printf(text, "%s  - path: /%s/data\n%s    clients:\n", mark,
			       groups->v[i].pool, mark);
		for (size_t j = 0; j < networks.n; j++)
			pst_buf_printf(
				text,
				"%s      - host: \"%s\"\n%s        access: rw\n%s        squash: "
				"root\n",
				mark, networks.v[j], mark, mark);
	}
}

static void write_datasets(struct pst_buf *text, const struct groups *groups)
{
	pst_buf_add(
		text,
		"\n# Each is mounted on /POOL/NAME. The owner of its root directory is a number, "
		"since NFS carries\n# numbers: that of who shall write there, on the clients.\n"
		"datasets:\n");
	for (size_t i = 0; i < groups->n; i++)
		if (groups->v[i].pool)
			pst_buf_printf(text,
				       "  - name: %s/data\n    # owner: 1000\n    # group: 1000\n",
				       groups->v[i].pool);
}

void pst_init_storage(struct pst_buf *text, const struct pst_seen *machine)
{
	struct groups __cleanup(groups_free) groups = { 0 };
	bool any = false;

	gather(machine, &groups);
	name_pools(machine, &groups);
	text->oom = text->oom || groups.oom;
	if (groups.oom)
		return;
	for (size_t i = 0; i < groups.n; i++)
		any = any || groups.v[i].pool;
	pst_buf_add(text,
		    "\n# A pool is created on empty disks only, and its layout stays what it is: "
		    "look twice.\n");
	if (any)
		pst_buf_add(text, "pools:\n");
	else
		pst_buf_add(text,
			    "# There are no two free disks of one kind, so none is proposed.\n");
	for (size_t i = 0; i < groups.n; i++)
		if (groups.v[i].pool)
			write_pool(text, &groups.v[i]);
	write_others(text, machine, &groups);
	if (!any)
		return;
	write_datasets(text, &groups);
	write_exports(text, machine, &groups);
}
