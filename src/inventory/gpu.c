// SPDX-License-Identifier: MIT
/* GPUs, as PCI devices: no driver of theirs is needed to see where they are. */
#include <errno.h>

#include "inventory/fabric.h"
#include "inventory/sysfs.h"

#define PCI_DEVICES "/sys/bus/pci/devices"
/* The upper 16 bits of a class. */
#define CLASS_DISPLAY	  0x03 /* 0300 VGA, 0302 3D, 0380 other: the same chips come as each */
#define CLASS_ACCELERATOR 0x1200
#define CLASS_VGA	  0x0300

#define VENDOR_NVIDIA 0x10de
#define VENDOR_AMD    0x1002
#define VENDOR_INTEL  0x8086

static long hex(const struct pst_host *host, const char *device, const char *file)
{
	char __cleanup_free *word = pst_sysfs_word(host, PCI_DEVICES "/%s/%s", device, file);

	return word && pst_startswith(word, "0x") ? strtol(word, NULL, 16) : -1;
}

static bool is_gpu(long class, long vendor)
{
	if (vendor != VENDOR_NVIDIA && vendor != VENDOR_AMD && vendor != VENDOR_INTEL)
		return false;
	/* Intel's accelerators of that class are not GPUs. */
	return class >> 8 == CLASS_DISPLAY || (class == CLASS_ACCELERATOR && vendor == VENDOR_AMD);
}

static int add_gpu(struct pst_host *host, const char *device, struct pst_fabric *fabric)
{
	long class = hex(host, device, "class");
	long vendor = hex(host, device, "vendor");
	struct pst_gpu *gpu;

	if (class < 0 || !is_gpu(class >> 8, vendor))
		return 0;
	gpu = pst_array_grow((void **)&fabric->gpus, &fabric->n_gpus, sizeof(*gpu));
	if (!gpu)
		return -ENOMEM;
	gpu->computes = vendor != VENDOR_INTEL || class >> 8 != CLASS_VGA;
	gpu->vendor = pst_printf("%04lx", (unsigned long)vendor);
	gpu->pci = pst_sysfs_real(host, PCI_DEVICES "/%s", device)
			   ?: pst_printf(PCI_DEVICES "/%s", device);
	gpu->numa_node = pst_sysfs_number(host, PST_UNKNOWN, PCI_DEVICES "/%s/numa_node", device);
	return gpu->vendor && gpu->pci ? 0 : -ENOMEM;
}

int pst_gpus_observe(struct pst_host *host, struct pst_fabric *fabric, struct pst_reason *reason)
{
	struct pst_strv __cleanup_strv names = { 0 };
	int error = pst_host_list(host, PCI_DEVICES, &names, reason);

	for (size_t i = 0; i < names.n && !error; i++)
		error = add_gpu(host, names.v[i], fabric);
	return error;
}

/* How many parts of their ways from the root two devices share, below /sys/devices. */
static size_t shared_parts(const char *a, const char *b)
{
	size_t shared = 0;

	while (*a == '/' && *b == '/') {
		size_t len = strcspn(a + 1, "/");

		if (len != strcspn(b + 1, "/") || strncmp(a + 1, b + 1, len) != 0)
			break;
		shared++;
		a += 1 + len;
		b += 1 + len;
	}
	/* "sys" and "devices" */
	return shared > 2 ? shared - 2 : 0;
}

const struct pst_gpu *pst_gpu_nearest(const struct pst_fabric *fabric, const char *pci,
				      int64_t numa_node, enum pst_nearness *ret_nearness)
{
	const struct pst_gpu *best = NULL;
	size_t best_shared = 0;
	bool best_node = false;

	for (size_t i = 0; i < fabric->n_gpus; i++) {
		const struct pst_gpu *gpu = &fabric->gpus[i];
		size_t shared = pci ? shared_parts(pci, gpu->pci) : 0;
		bool node = numa_node >= 0 && gpu->numa_node == numa_node;

		if (best && (shared < best_shared || (shared == best_shared && node <= best_node)))
			continue;
		best = gpu;
		best_shared = shared;
		best_node = node;
	}
	if (best_shared > 1)
		*ret_nearness = PST_NEAR_SWITCH;
	else if (best_shared == 1)
		*ret_nearness = PST_NEAR_HOST_BRIDGE;
	else
		*ret_nearness = best_node ? PST_NEAR_NUMA_NODE : PST_NEAR_NOTHING;
	return best;
}

const char *pst_nearness_name(enum pst_nearness nearness)
{
	static const char *const names[] = {
		[PST_NEAR_SWITCH] = "switch",
		[PST_NEAR_HOST_BRIDGE] = "host-bridge",
		[PST_NEAR_NUMA_NODE] = "numa-node",
		[PST_NEAR_NOTHING] = "far",
	};

	return names[nearness];
}
