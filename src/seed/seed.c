// SPDX-License-Identifier: MIT
/* Which volume is taken, and what of it. */
#include "seed/seed.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "base/time.h"
#include "seed/volume.h"

#define LABELS	"/dev/disk/by-label"
#define NETS	"/sys/class/net"
#define POLL_MS 100

/* The first that is there is taken. */
static const char *const labels[] = { "PENSTOCKCFG", "penstockcfg", "CIDATA", "cidata" };

void pst_seed_machine_free(struct pst_seed_machine *machine)
{
	for (size_t i = 0; i < machine->n_cards; i++) {
		free(machine->cards[i].name);
		free(machine->cards[i].mac);
	}
	free(machine->cards);
	*machine = (struct pst_seed_machine){ .role = machine->role };
}

void pst_seed_free(struct pst_seed *seed)
{
	free(seed->label);
	free(seed->device);
	free(seed->text);
	pst_strv_free(&seed->refused);
	pst_strv_free(&seed->warnings);
	*seed = (struct pst_seed){ 0 };
}

/* One line of a file below an interface's directory; NULL when it is not there. */
static char *attribute(const struct pst_host *host, const char *interface, const char *name)
{
	char __cleanup_free *path = pst_printf(NETS "/%s/%s", interface, name);
	char *text = NULL;

	if (path && !pst_host_read(host, path, &text, NULL))
		text[strcspn(text, "\n")] = '\0';
	return text;
}

static int add_card(const struct pst_host *host, const char *name, struct pst_seed_machine *machine)
{
	char __cleanup_free *type = attribute(host, name, "type");
	char __cleanup_free *mac = attribute(host, name, "address");
	char __cleanup_free *device = pst_printf(NETS "/%s/device", name);
	struct pst_seed_card *card;
	unsigned long long number;

	/* What has no device behind it, a bond or a VLAN, was made by somebody. */
	if (!type || !mac || !device || pst_parse_u64(type, UINT16_MAX, &number) ||
	    number != ARPHRD_ETHER || !pst_host_exists(host, device))
		return 0;
	card = pst_array_grow((void **)&machine->cards, &machine->n_cards, sizeof(*card));
	if (!card)
		return -ENOMEM;
	card->name = strdup(name);
	card->mac = TAKE_PTR(mac);
	return card->name ? 0 : -ENOMEM;
}

int pst_seed_observe(const struct pst_host *host, struct pst_seed_machine *machine,
		     struct pst_reason *reason)
{
	struct pst_strv __cleanup_strv names = { 0 };
	int error = pst_host_list(host, NETS, &names, reason);

	for (size_t i = 0; i < names.n && !error; i++)
		error = add_card(host, names.v[i], machine);
	return error;
}

/* Whether a disk behind USB is known, and its block device is not there yet. */
static bool is_usb_coming(const struct pst_host *host)
{
	char __cleanup_free *pattern =
		pst_host_path(host, "/sys/bus/usb/devices/*:*/bInterfaceClass");
	glob_t found = { 0 };
	bool coming = false;

	if (!pattern || glob(pattern, 0, NULL, &found) != 0)
		return false;
	for (size_t i = 0; i < found.gl_pathc && !coming; i++) {
		const char *path = found.gl_pathv[i];
		FILE *file = fopen(path, "re");
		char word[4] = "";
		char __cleanup_free *below = pst_printf("%.*s/host*/target*/*/block/*",
							(int)(strrchr(path, '/') - path), path);
		glob_t disks = { 0 };

		if (file && fgets(word, sizeof(word), file) && pst_startswith(word, "08") && below)
			coming = glob(below, 0, NULL, &disks) != 0;
		globfree(&disks);
		if (file)
			fclose(file);
	}
	globfree(&found);
	return coming;
}

/* udev has handled all that it was told of, or the time is over. */
static int settle(struct pst_host *host, uint64_t deadline_usec, struct pst_reason *reason)
{
	uint64_t now = pst_now_usec();
	unsigned long long left =
		now < deadline_usec ? (deadline_usec - now) / PST_USEC_PER_SEC + 1 : 1;
	struct pst_strv __cleanup_strv argv = { 0 };
	struct pst_run_result __cleanup_run_result result = { 0 };
	int error;

	pst_strv_add(&argv, "udevadm");
	pst_strv_add(&argv, "settle");
	pst_strv_addf(&argv, "--timeout=%llu", left);
	if (argv.oom)
		return -ENOMEM;
	error = host->run(host, argv.v, (int)left * 1000 + 2000, &result, reason);
	/* A device that never settles is no reason not to look at the others. */
	if (error != -ETIMEDOUT)
		return error;
	if (reason)
		pst_reason_free(reason);
	return 0;
}

int pst_seed_wait(struct pst_host *host, unsigned int seconds, struct pst_reason *reason)
{
	const struct timespec nap = { .tv_nsec = POLL_MS * 1000000L };
	uint64_t deadline_usec = pst_now_usec() + seconds * PST_USEC_PER_SEC;
	int error = settle(host, deadline_usec, reason);

	while (!error && is_usb_coming(host) && pst_now_usec() < deadline_usec) {
		nanosleep(&nap, NULL);
		error = settle(host, deadline_usec, reason);
	}
	return error;
}

/* Of a name and a text that are the medium's, no character moves the cursor of who reads them. */
static void add_problem(struct pst_strv *list, const char *file, const struct pst_problem *problem)
{
	pst_strv_addf(list, "%s:%zu: %s%s%s", file, problem->line ?: 1, problem->key,
		      *problem->key ? ": " : "", problem->text);
}

int pst_seed_take_yaml(const struct pst_seed_file *file, struct pst_seed *seed,
		       struct pst_reason *reason)
{
	struct pst_problems __cleanup_problems problems = { 0 };
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	char __cleanup_free *name = pst_printf("%s/penstock.yaml", seed->label);
	int error;

	if (!name)
		return -ENOMEM;
	/* It is written as text, and what is behind a NUL would be lost. */
	if (memchr(file->text, '\0', file->len)) {
		pst_strv_addf(&seed->refused, "%s:1: is not text: it holds a NUL byte", name);
		return seed->refused.oom ? -ENOMEM : -EINVAL;
	}
	error = pst_conf_parse(name, file->text, file->len, &doc, &problems, reason);
	for (size_t i = 0; error == -EINVAL && i < problems.n; i++)
		add_problem(&seed->refused, name, &problems.v[i]);
	if (error)
		return seed->refused.oom ? -ENOMEM : error;
	seed->text = strdup(file->text);
	return seed->text ? 0 : -ENOMEM;
}

static bool is_cidata(const char *label)
{
	return !strcasecmp(label, "cidata");
}

static int take_nocloud(int directory, const struct pst_seed_machine *machine,
			struct pst_seed *seed, struct pst_reason *reason)
{
	struct pst_nocloud_files files = { 0 };
	int error = pst_volume_read(directory, "meta-data", &files.meta_data, reason);

	if (!error)
		error = pst_volume_read(directory, "user-data", &files.user_data, reason);
	if (!error)
		error = pst_volume_read(directory, "network-config", &files.network_config, reason);
	if (!error)
		error = pst_seed_take_nocloud(&files, machine, seed, reason);
	free(files.meta_data.text);
	free(files.user_data.text);
	free(files.network_config.text);
	return error;
}

int pst_seed_take_volume(int directory, const struct pst_seed_machine *machine,
			 struct pst_seed *seed, struct pst_reason *reason)
{
	struct pst_seed_file file = { 0 };
	int error;

	if (is_cidata(seed->label))
		return take_nocloud(directory, machine, seed, reason);
	error = pst_volume_read(directory, "penstock.yaml", &file, reason);
	if (!error && file.text)
		error = pst_seed_take_yaml(&file, seed, reason);
	else if (!error) {
		pst_strv_addf(&seed->refused, "%s: has no penstock.yaml", seed->label);
		error = seed->refused.oom ? -ENOMEM : -EINVAL;
	}
	free(file.text);
	return error;
}

/* The label of the next volume that is there, from number @i on; NULL when there is no further one. */
static const char *next_label(const struct pst_host *host, size_t *i)
{
	while (*i < ARRAY_SIZE(labels)) {
		char __cleanup_free *path = pst_printf(LABELS "/%s", labels[(*i)++]);

		if (path && pst_host_exists(host, path))
			return labels[*i - 1];
	}
	return NULL;
}

int pst_seed_look(const struct pst_host *host, const struct pst_seed_machine *machine,
		  struct pst_seed *seed, struct pst_reason *reason)
{
	struct pst_reason __cleanup_reason why = { 0 };
	size_t i = 0;
	const char *label = next_label(host, &i);
	char __cleanup_free *link = label ? pst_printf("%s" LABELS "/%s", host->root, label) : NULL;
	int __cleanup_close directory = -1;
	int error;

	if (!label)
		return -ENOENT;
	seed->label = strdup(label);
	if (!seed->label || !link)
		return -ENOMEM;
	seed->device = realpath(link, NULL);
	if (!seed->device)
		return pst_fail_errno(reason, -errno, "cannot find the volume of %s", link);
	for (label = next_label(host, &i); label; label = next_label(host, &i))
		pst_strv_addf(&seed->warnings, "%s: is not used: there is %s", label, seed->label);
	error = pst_volume_open(seed->device, &directory, &why);
	if (!error)
		error = pst_seed_take_volume(directory, machine, seed, &why);
	if (error && why.text)
		return pst_fail(reason, error, "%s: %s", seed->label, why.text);
	return error;
}
