// SPDX-License-Identifier: MIT
/*
 * The disks of a machine, by sysfs, udev's names, nvme(1), and what src/node finds on them. A value that
 * cannot be had is unknown, never 0: nobody shall buy a disk because of a number that was made up.
 */
#include "inventory/disks.h"

#include <errno.h>
#include <fnmatch.h>

#include "base/file.h"
#include "inventory/sysfs.h"
#include "node/disk-names.h"
#include "node/node.h"

#define SECTOR_BYTES  512 /* of /sys/block/NAME/size, whatever the disk's blocks are */
#define SUBSYSTEM_DIR "/sys/devices/virtual/nvme-subsystem/"

struct look {
	struct pst_host *host;
	bool all;
	bool no_nvme; /* nvme(1) is not there */
	struct pst_state state; /* mounts and pools */
	struct pst_disk_names ids;
};

static void look_free(struct look *look)
{
	pst_state_free(&look->state);
	pst_disk_names_free(&look->ids);
}

static int add_ids(const struct look *look, struct pst_disk *disk)
{
	size_t count;
	const struct pst_disk_name *ids = pst_disk_names_of(&look->ids, disk->name, &count);

	for (size_t i = 0; i < count; i++)
		pst_strv_addf(&disk->ids, PST_BY_ID "/%s", ids[i].name);
	return disk->ids.oom ? -ENOMEM : 0;
}

/* SCSI's vital product data page 80h: four bytes of head, then the serial number. */
static char *vpd_serial(const struct pst_host *host, const char *name)
{
	char __cleanup_free *path = pst_printf("%s/sys/block/%s/device/vpd_pg80", host->root, name);
	char __cleanup_free *page = NULL;
	size_t len = 0;
	char *text;

	if (!path || pst_file_read(path, &page, &len, NULL) || len <= 4)
		return NULL;
	text = page + 4 + strspn(page + 4, " ");
	pst_make_printable(text);
	len = strlen(text);
	while (len && text[len - 1] == ' ')
		len--;
	return len ? strndup(text, len) : NULL;
}

static void add_names(struct look *look, struct pst_disk *disk)
{
	struct pst_host *host = look->host;

	disk->model = pst_sysfs_word(host, "/sys/block/%s/device/model", disk->name);
	disk->serial = pst_sysfs_word(host, "/sys/block/%s/device/serial", disk->name)
			       ?: pst_sysfs_word(host, "/sys/block/%s/serial", disk->name);
	if (!disk->serial)
		disk->serial = vpd_serial(host, disk->name);
}

/* "16.0 GT/s PCIe", and "Unknown" where the kernel does not know. */
static unsigned int speed_of(const char *word)
{
	unsigned long long whole = 0, tenth = 0;
	size_t len = word ? strspn(word, "0123456789") : 0;
	char digits[8];

	if (!len || len >= sizeof(digits) || !strstr(word, " GT/s"))
		return 0;
	memcpy(digits, word, len);
	digits[len] = '\0';
	if (word[len] == '.' && word[len + 1] >= '0' && word[len + 1] <= '9')
		tenth = (unsigned long long)(word[len + 1] - '0');
	return pst_parse_u64(digits, 1000, &whole) ? 0 : (unsigned int)(whole * 1000 + tenth * 100);
}

static struct pst_pci_link read_link(const struct pst_host *host, const char *pci,
				     const char *which)
{
	char __cleanup_free *speed = pst_sysfs_word(host, "%s/%s_link_speed", pci, which);
	int64_t width = pst_sysfs_number(host, 0, "%s/%s_link_width", pci, which);

	/* 255 is the kernel's word for an unknown width. */
	return (struct pst_pci_link){ .speed_mts = speed_of(speed),
				      .width = width > 0 && width < 255 ? (unsigned int)width : 0 };
}

static unsigned int lesser(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

static void add_link(const struct look *look, const char *pci, struct pst_disk *disk)
{
	char __cleanup_free *above = pst_pci_parent(pci);
	struct pst_pci_link port;

	disk->link = read_link(look->host, pci, "current");
	disk->possible = read_link(look->host, pci, "max");
	port = above ? read_link(look->host, above, "max") : (struct pst_pci_link){ 0 };
	if (port.speed_mts)
		disk->possible.speed_mts = lesser(port.speed_mts, disk->possible.speed_mts);
	if (port.width)
		disk->possible.width = lesser(port.width, disk->possible.width);
}

bool pst_link_is_slow(struct pst_pci_link link, struct pst_pci_link possible)
{
	return (link.speed_mts && link.speed_mts < possible.speed_mts) ||
	       (link.width && link.width < possible.width);
}

/*
 * The place of a disk's controller. A drive that could have several controllers has its namespaces
 * below a subsystem of the kernel's; the first controller that is there stands for all.
 */
static char *controller_of(const struct look *look, const char *real)
{
	struct pst_strv __cleanup_strv names = { 0 };
	char __cleanup_free *subsystem = strdup(real);

	if (!subsystem || !pst_startswith(real, SUBSYSTEM_DIR))
		return TAKE_PTR(subsystem);
	*strrchr(subsystem, '/') = '\0';
	pst_host_list(look->host, subsystem, &names, NULL);
	for (size_t i = 0; i < names.n; i++)
		if (!fnmatch("nvme[0-9]*", names.v[i], 0) && !strchr(names.v[i] + 4, 'n'))
			return pst_sysfs_real(look->host, "%s/%s", subsystem, names.v[i]);
	return NULL;
}

static void add_hwmon(const struct look *look, const char *dir, struct pst_disk *disk)
{
	struct pst_strv __cleanup_strv names = { 0 };
	int64_t milli;

	pst_host_list(look->host, dir, &names, NULL);
	for (size_t i = 0; i < names.n; i++) {
		if (fnmatch("hwmon[0-9]*", names.v[i], 0))
			continue;
		milli = pst_sysfs_number(look->host, INT64_MIN, "%s/%s/temp1_input", dir,
					 names.v[i]);
		if (milli != INT64_MIN)
			disk->temperature_celsius = (milli + (milli < 0 ? -500 : 500)) / 1000;
	}
}

static void add_place(const struct look *look, const char *real, struct pst_disk *disk)
{
	char __cleanup_free *controller = controller_of(look, real);
	char __cleanup_free *pci = controller ? pst_pci_of(controller) : NULL;
	struct pst_key device = pst_key("/sys/block/%s/device", disk->name);

	if (pci) {
		disk->pci = strdup(pst_pci_address(pci));
		disk->numa_node = pst_sysfs_number(look->host, PST_UNKNOWN, "%s/numa_node", pci);
		add_link(look, pci, disk);
	}
	add_hwmon(look, device.text, disk);
	add_hwmon(look, pst_key("%s/hwmon", device.text).text, disk);
	if (controller && pst_startswith(real, SUBSYSTEM_DIR))
		add_hwmon(look, controller, disk);
}

/* Asks nvme(1); what it cannot say stays unknown, with a note. */
static int ask_nvme(struct look *look, struct pst_disk *disk, const char *what,
		    int (*parse)(const char *, struct pst_disk *, struct pst_reason *),
		    struct pst_strv *notes)
{
	struct pst_reason __cleanup_reason said = { 0 };
	char __cleanup_free *device = pst_printf("/dev/%s", disk->name);
	char __cleanup_free *json = NULL;
	int error;

	if (!device)
		return -ENOMEM;
	if (look->no_nvme)
		return 0;
	error = pst_host_ask(look->host, &json, &said, "nvme", what, "--output-format=json",
			     device);
	if (!error)
		error = parse(json, disk, &said);
	if (error == -ENOENT) {
		look->no_nvme = true;
		pst_strv_add(notes, "LBA formats, temperature, wear and media errors: nvme is not "
				    "installed (package nvme-cli)");
	} else if (error && error != -ENOMEM) {
		pst_strv_addf(notes, "%s: %s", disk->name, pst_reason_text(&said, error));
	}
	return error == -ENOMEM ? error : 0;
}

static bool is_id_of(const struct pst_disk *disk, const char *path)
{
	for (size_t i = 0; i < disk->ids.n; i++) {
		size_t len = strlen(disk->ids.v[i]);

		if (!strncmp(path, disk->ids.v[i], len) &&
		    (!path[len] || pst_startswith(path + len, "-part")))
			return true;
	}
	return false;
}

static const char *vdev_of(const struct pst_pool_state *pool, const struct pst_pool_disk *member)
{
	return member->vdev < pool->n_vdevs ? pool->vdevs[member->vdev].name : pool->layout;
}

static int add_pool(const struct look *look, struct pst_disk *disk)
{
	for (size_t i = 0; i < look->state.n_pools; i++) {
		const struct pst_pool_state *pool = &look->state.pools[i];

		for (size_t j = 0; j < pool->n_disks; j++) {
			const struct pst_pool_disk *member = &pool->disks[j];

			if (!pst_streq(member->disk, disk->name) &&
			    (member->disk || !is_id_of(disk, member->path)))
				continue;
			disk->use = PST_USE_POOL;
			disk->pool = strdup(pool->name);
			disk->vdev = strdup(vdev_of(pool, member));
			return disk->pool && disk->vdev ? 0 : -ENOMEM;
		}
	}
	return 0;
}

/* Without root the disk cannot be read, but its partitions can be counted. */
static int add_partitions(const struct look *look, struct pst_disk_state *seen, const char *name)
{
	struct pst_strv __cleanup_strv names = { 0 };
	struct pst_key dir = pst_key("/sys/block/%s", name);
	size_t count = 0;
	int error = pst_host_list(look->host, dir.text, &names, NULL);

	for (size_t i = 0; i < names.n; i++)
		count += pst_host_exists(look->host,
					 pst_key("%s/%s/partition", dir.text, names.v[i]).text);
	if (count)
		pst_strv_addf(&seen->found, "%zu partition%s", count, count == 1 ? "" : "s");
	return seen->found.oom ? -ENOMEM : error;
}

static int add_use(struct look *look, struct pst_disk *disk, struct pst_reason *reason)
{
	struct pst_state __cleanup_state holder = { 0 };
	struct pst_disk_state *seen =
		pst_array_grow((void **)&holder.disks, &holder.n_disks, sizeof(*seen));
	int error;

	if (!seen)
		return -ENOMEM;
	seen->disk = strdup(disk->name);
	seen->path = pst_printf("/dev/%s", disk->name);
	if (!seen->disk || !seen->path)
		return -ENOMEM;
	error = pst_disk_examine(look->host, &look->state, look->all, seen, reason);
	if (!error && !look->all)
		error = add_partitions(look, seen, disk->name);
	if (error)
		return error;
	disk->used = seen->used;
	disk->read_only = pst_sysfs_number(look->host, 0, "/sys/block/%s/ro", disk->name) > 0;
	if (disk->read_only)
		pst_strv_add(&seen->found, "that it is read-only");
	for (size_t i = 0; i < seen->found.n; i++) {
		pst_make_printable(seen->found.v[i]);
		pst_strv_add(&disk->found, seen->found.v[i]);
	}
	if (disk->found.n)
		disk->use = PST_USE_DATA;
	else
		disk->use = look->all ? PST_USE_FREE : PST_USE_UNKNOWN;
	return disk->found.oom || seen->found.oom ? -ENOMEM : add_pool(look, disk);
}

static int add_disk(struct look *look, const char *name, const char *real, struct pst_disks *disks,
		    struct pst_reason *reason)
{
	struct pst_disk *disk = pst_array_grow((void **)&disks->v, &disks->n, sizeof(*disk));
	struct pst_host *host = look->host;
	int error;

	if (!disk)
		return -ENOMEM;
	disk->numa_node = disk->wear_percent = disk->media_errors = PST_UNKNOWN;
	disk->temperature_celsius = INT64_MIN;
	disk->name = strdup(name);
	if (!disk->name)
		return -ENOMEM;
	disk->size_bytes =
		(uint64_t)pst_sysfs_number(host, 0, "/sys/block/%s/size", name) * SECTOR_BYTES;
	disk->logical_bytes =
		pst_sysfs_number(host, PST_UNKNOWN, "/sys/block/%s/queue/logical_block_size", name);
	disk->physical_bytes = pst_sysfs_number(host, PST_UNKNOWN,
						"/sys/block/%s/queue/physical_block_size", name);
	disk->removable = pst_sysfs_number(host, 0, "/sys/block/%s/removable", name) == 1;
	add_names(look, disk);
	add_place(look, real, disk);
	error = add_ids(look, disk);
	if (!error && look->all && pst_startswith(name, "nvme")) {
		error = ask_nvme(look, disk, "id-ns", pst_nvme_parse_formats, &disks->notes);
		if (!error)
			error = ask_nvme(look, disk, "smart-log", pst_nvme_parse_smart,
					 &disks->notes);
	}
	return error ? error : add_use(look, disk, reason);
}

/* Not disks: what is made of other devices, one path of several to a disk, and empty drives. */
static bool is_disk(const struct look *look, const char *name, const char *real)
{
	if (pst_startswith(real, "/sys/devices/virtual/") && !pst_startswith(real, SUBSYSTEM_DIR))
		return false;
	return pst_sysfs_number(look->host, 0, "/sys/block/%s/hidden", name) != 1 &&
	       pst_sysfs_number(look->host, 0, "/sys/block/%s/size", name) > 0 &&
	       fnmatch("sr[0-9]*", name, 0);
}

/* Pools and mounts; that one of them cannot be asked for is no reason to show nothing. */
static int look_around(struct look *look, struct pst_disks *disks, struct pst_reason *reason)
{
	struct pst_reason __cleanup_reason said = { 0 };
	int error = pst_mount_observe(look->host, &look->state, reason);

	if (error && error != -ENOENT)
		return error;
	error = pst_zpool_observe(look->host, NULL, &look->state, &said);
	if (error == -ENOMEM)
		return error;
	if (error)
		pst_strv_addf(&disks->notes, "pools: %s", pst_reason_text(&said, error));
	for (size_t i = 0; i < look->state.n_pools; i++)
		pst_strv_add(&disks->pools, look->state.pools[i].name);
	if (!look->all)
		pst_strv_add(&disks->notes, "LBA formats, wear, media errors, and what is on a "
					    "disk: need root");
	return pst_disk_ids_read(look->host, &look->ids, reason);
}

int pst_disks_observe(struct pst_host *host, bool all, struct pst_disks *ret,
		      struct pst_reason *reason)
{
	struct look __cleanup(look_free) look = { .host = host, .all = all };
	struct pst_disks __cleanup_disks disks = { 0 };
	struct pst_strv __cleanup_strv names = { 0 };
	int error = look_around(&look, &disks, reason);

	if (!error)
		error = pst_host_list(host, "/sys/block", &names, reason);
	for (size_t i = 0; i < names.n && !error; i++) {
		char __cleanup_free *real = pst_sysfs_real(host, "/sys/block/%s", names.v[i]);

		if (real && is_disk(&look, names.v[i], real))
			error = add_disk(&look, names.v[i], real, &disks, reason);
	}
	if (!error && (disks.notes.oom || disks.pools.oom))
		error = -ENOMEM;
	if (error)
		return error;
	*ret = disks;
	disks = (struct pst_disks){ 0 };
	return 0;
}

void pst_disks_free(struct pst_disks *disks)
{
	for (size_t i = 0; i < disks->n; i++) {
		struct pst_disk *disk = &disks->v[i];

		free(disk->name);
		free(disk->model);
		free(disk->serial);
		free(disk->formats);
		free(disk->pci);
		free(disk->pool);
		free(disk->vdev);
		pst_strv_free(&disk->ids);
		pst_strv_free(&disk->found);
	}
	free(disks->v);
	pst_strv_free(&disks->pools);
	pst_strv_free(&disks->notes);
	*disks = (struct pst_disks){ 0 };
}

const char *pst_disk_id(const struct pst_disk *disk)
{
	return disk->ids.n ? disk->ids.v[0] : NULL;
}

const char *pst_disk_use_name(enum pst_disk_use use)
{
	static const char *const names[] = {
		[PST_USE_UNKNOWN] = "unknown",
		[PST_USE_FREE] = "free",
		[PST_USE_POOL] = "pool",
		[PST_USE_DATA] = "data",
	};

	return names[use];
}
