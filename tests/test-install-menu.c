// SPDX-License-Identifier: MIT
/* src/install/menu.c, menu-ask.c: a person's lines, and what comes of them. */
#include <errno.h>

#include "install/menu.h"
#include "rows.h"
#include "tree.h"

#define KEY "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGk3z1c8hP0v2m0f1vQ1bq6l2C8o4m7r5xJt9yWq3nZs me"
#define PCI "/sys/devices/pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0/block"

/* sda is empty, sdb has a file system, sdc is too small, sdd is sda by another path, sde has a raw LUN. */
static const struct tree_entry machine[] = {
	{ PCI "/sda/size", "41943040\n" },
	{ PCI "/sda/serial", "EMPTY1\n" },
	{ PCI "/sda/dev", "8:0\n" },
	{ "/sys/block/sda",
	  "-> ../devices/pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0/block/sda" },
	{ "/sys/class/block/sda", "-> ../../block/sda" },
	{ "/dev/sda", "" },
	{ PCI "/sdb/size", "41943040\n" },
	{ PCI "/sdb/serial", "DATA1\n" },
	{ PCI "/sdb/dev", "8:16\n" },
	{ "/sys/block/sdb",
	  "-> ../devices/pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0/block/sdb" },
	{ "/sys/class/block/sdb", "-> ../../block/sdb" },
	{ "/dev/sdb", "" },
	{ PCI "/sdc/size", "2048\n" },
	{ PCI "/sdc/serial", "SMALL1\n" },
	{ PCI "/sdc/dev", "8:32\n" },
	{ "/sys/block/sdc",
	  "-> ../devices/pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0/block/sdc" },
	{ "/sys/class/block/sdc", "-> ../../block/sdc" },
	{ "/dev/sdc", "" },
	{ PCI "/sdd/size", "41943040\n" },
	{ PCI "/sdd/serial", "EMPTY1\n" },
	{ PCI "/sdd/dev", "8:48\n" },
	{ "/sys/block/sdd",
	  "-> ../devices/pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0/block/sdd" },
	{ "/sys/class/block/sdd", "-> ../../block/sdd" },
	{ "/dev/sdd", "" },
	{ PCI "/sde/size", "41943040\n" },
	{ PCI "/sde/serial", "RAW1\n" },
	{ PCI "/sde/dev", "8:64\n" },
	{ "/sys/block/sde",
	  "-> ../devices/pci0000:00/0000:00:17.0/ata1/host0/target0:0:0/0:0:0:0/block/sde" },
	{ "/sys/class/block/sde", "-> ../../block/sde" },
	{ "/dev/sde", "a database" },
	{ "/sys/class/net/eth0/device", "" },
	{ "/sys/class/net/eth0/carrier", "1\n" },
	{ "/sys/class/net/eth0/address", "52:54:00:00:00:01\n" },
	{ "/sys/class/net/dummy0/carrier", "1\n" },
	{ "/proc/self/mountinfo", "" },
};

static const struct answer answers[] = {
	{ "wipefs --json --no-act /dev/sdb",
	  "{\"signatures\":[{\"device\":\"sdb\",\"type\":\"ext4\",\"label\":\"home\"}]}" },
	{ "wipefs ", "" },
	{ "zpool ", NULL },
	{ NULL, NULL },
};

struct script {
	const char *name;
	const char *lines; /* what is typed */
	const char *installed; /* disks, what may go, and the configuration; NULL: nothing is */
	const char *shown; /* must be in what is shown; NULL: whatever */
	enum pst_menu_end end;
};

#define ONE_KEY KEY "\n\n"

static const struct script scripts[] = {
	{ "nobody", "", NULL, "Penstock 0.1.0, storage: installer", PST_MENU_GONE },
	{ "a shell", "3\n", NULL, NULL, PST_MENU_SHELL },
	{ "reboot", "4\n", NULL, NULL, PST_MENU_REBOOT },
	{ "power off", "5\n", NULL, NULL, PST_MENU_POWEROFF },
	{ "no number", "x\n0\n6\n5\n", NULL, "A number from 1 to 5.", PST_MENU_POWEROFF },
	{ "an empty disk with DHCP", "1\n1\n\n2\n\n" ONE_KEY "yes\n5\n",
	  "/dev/sda;  name: \"penstock\"  dhcp: both",
	  "Installed. Take the medium out, and reboot.", PST_MENU_POWEROFF },
	{ "an address",
	  "1\n1\nstorage1\n2\n192.0.2.1/24\n192.0.2.254\n192.0.2.53\n" ONE_KEY "yes\n5\n",
	  "/dev/sda;  name: \"storage1\"  addresses: [\"192.0.2.1/24\"]  gateway: "
	  "\"192.0.2.254\"  dns: [\"192.0.2.53\"]",
	  "eth0            52:54:00:00:00:01  link", PST_MENU_POWEROFF },
	{ "a wrong address, then a right one",
	  "1\n1\n\n2\n192.0.2.1\n192.0.2.1/24\n\n\n" ONE_KEY "yes\n5\n",
	  "/dev/sda;  name: \"penstock\"  addresses: [\"192.0.2.1/24\"]",
	  "\"192.0.2.1\" must have the length of the network's prefix", PST_MENU_POWEROFF },
	{ "a gateway elsewhere is found at the end",
	  "1\n1\n\n2\n192.0.2.1/24\n198.51.100.1\n\n" ONE_KEY "yes\n5\n", NULL,
	  "\"198.51.100.1\" is in none of the networks of eth0\nNothing was changed.",
	  PST_MENU_POWEROFF },
	{ "data is named, and stays without its number", "1\n2\n\n.\n5\n", NULL,
	  "sdb is not empty: found ext4 home on sdb.", PST_MENU_POWEROFF },
	{ "data stays by another number", "1\n2\nEMPTY1\n.\n5\n", NULL, "sdb is left alone.",
	  PST_MENU_POWEROFF },
	{ "data goes by its number", "1\n2\nDATA1\n\n1\n" ONE_KEY "yes\n5\n",
	  "/dev/sdb erase DATA1;  name: \"penstock\"",
	  "What is on the disk DATA1 will be DESTROYED.", PST_MENU_POWEROFF },
	{ "data that nobody knows is shown", "1\n.\n5\n", NULL,
	  "RAW1\n     HOLDS DATA: data of an unknown kind\n", PST_MENU_POWEROFF },
	{ "data that nobody knows stays, too", "1\n5\n\n.\n5\n", NULL,
	  "sde is not empty: found data of an unknown kind.", PST_MENU_POWEROFF },
	{ "a small disk", "1\n3\n.\n5\n", NULL, "sdc is too small: it has 0.0 GiB",
	  PST_MENU_POWEROFF },
	{ "a pair", "2\n1\n2\nDATA1\n\n1\n" ONE_KEY "yes\n5\n",
	  "/dev/sda /dev/sdb erase DATA1;  name: \"penstock\"",
	  "storage 0.1.0 will be installed on /dev/sda and /dev/sdb, mirrored.",
	  PST_MENU_POWEROFF },
	{ "one disk twice", "2\n1\n1\n.\n5\n", NULL, "sda is chosen already.", PST_MENU_POWEROFF },
	{ "one disk by two paths", "2\n1\n4\n.\n5\n", NULL, "sdd is chosen already.",
	  PST_MENU_POWEROFF },
	{ "no key, and back", "1\n1\n\n1\n\nno\n.\n5\n", NULL, "Without a key nobody can log in",
	  PST_MENU_POWEROFF },
	{ "no key, on purpose", "1\n1\n\n1\n\nyes\nyes\n5\n", "/dev/sda;  name: \"penstock\"", NULL,
	  PST_MENU_POWEROFF },
	{ "a key that is none", "1\n1\n\n1\nhello\n.\n5\n", NULL, "must be a public key",
	  PST_MENU_POWEROFF },
	{ "no at the end", "1\n1\n\n1\n" ONE_KEY "no\n5\n", NULL, "Nothing was changed.",
	  PST_MENU_POWEROFF },
	{ "the line ends in the middle", "1\n1\nstorage", NULL, NULL, PST_MENU_GONE },
};

struct installed {
	struct pst_buf text;
};

/* The lines of the configuration that come from what was typed. */
static void add_lines(struct pst_buf *text, const char *conf)
{
	static const char *const wanted[] = { "  name:", "    dhcp:", "    addresses:",
					      "    gateway:", "    dns:" };

	while (conf && *conf) {
		size_t len = strcspn(conf, "\n");

		for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
			if (pst_startswith(conf, wanted[i]))
				pst_buf_add_bytes(text, conf + (i ? 2 : 0), len - (i ? 2 : 0));
		conf += len + (conf[len] == '\n');
	}
}

static int install(void *context, const struct pst_answers_doc *doc)
{
	struct installed *installed = context;

	for (unsigned int i = 0; i < doc->answers->disks_count; i++)
		pst_buf_printf(&installed->text, "%s%s", i ? " " : "", doc->answers->disks[i]);
	for (unsigned int i = 0; i < doc->answers->confirm_erase_count; i++)
		pst_buf_printf(&installed->text, " erase %s", doc->answers->confirm_erase[i]);
	pst_buf_add(&installed->text, ";");
	add_lines(&installed->text, doc->conf);
	return 0;
}

static void script_is_played(void **state)
{
	const struct script *row = *state;
	struct pst_job job = { .image = { .medium = (char *)"/run/penstock/medium" },
			       .release = { .role = (char *)"storage",
					    .version = (char *)"0.1.0" } };
	struct installed installed = { 0 };
	struct tree __cleanup_tree tree;
	char __cleanup_free *shown = NULL;
	size_t len;
	struct pst_menu menu = { .install = install, .context = &installed, .job = &job };

	tree_make(&tree, answers);
	tree_add(&tree, machine, ARRAY_SIZE(machine));
	menu.host = &tree.host;
	menu.in = fmemopen((void *)row->lines, strlen(row->lines) ?: 1, "r");
	if (!*row->lines)
		fgetc(menu.in);
	menu.out = open_memstream(&shown, &len);
	assert_int_equal(pst_menu_run(&menu), row->end);
	fclose(menu.in);
	fclose(menu.out);
	if (row->shown && !strstr(shown, row->shown))
		fail_msg("\"%s\" is not in:\n%s", row->shown, shown);
	if (row->installed)
		assert_string_equal(installed.text.data, row->installed);
	else
		assert_null(installed.text.data);
	pst_buf_free(&installed.text);
}

int main(void)
{
	ADD_ROWS(scripts, script_is_played);
	return run_gathered(NULL, NULL);
}
