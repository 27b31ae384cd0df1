// SPDX-License-Identifier: MIT
/* The installer's menu. */
#include "install/menu.h"

#include <errno.h>

#include "conf/word.h"
#include "install/check.h"
#include "install/menu-ask.h"

#define COLUMNS 79
#define TPM	"/dev/tpmrm0"

/* What was answered so far. */
struct wish {
	struct pst_strv disks, erase, keys;
	bool encrypt;
	char *hostname, *interface, *address, *gateway, *dns;
};

static void wish_free(struct wish *wish)
{
	pst_strv_free(&wish->disks);
	pst_strv_free(&wish->erase);
	pst_strv_free(&wish->keys);
	free(wish->hostname);
	free(wish->interface);
	free(wish->address);
	free(wish->gateway);
	free(wish->dns);
}

static void print_disks(struct pst_menu *menu, const struct pst_disks *disks)
{
	fputs("\nDisks:\n", menu->out);
	for (size_t i = 0; i < disks->n; i++) {
		const struct pst_disk *disk = &disks->v[i];
		char __cleanup_free *bar = pst_target_bar(disks, disk, &menu->job->image);
		char __cleanup_free *content = pst_target_content(disk);

		fprintf(menu->out, "%3zu  %-10.16s %7.1f GB  %-24.24s %.28s\n", i + 1, disk->name,
			(double)disk->size_bytes / 1e9, disk->model ?: "", disk->serial ?: "");
		if (bar)
			fprintf(menu->out, "     cannot be used: %.*s\n", COLUMNS - 21, bar);
		else if (content)
			fprintf(menu->out, "     HOLDS DATA: %.*s\n", COLUMNS - 17, content);
		else
			fputs("     empty\n", menu->out);
	}
	if (!disks->n)
		fputs("     none\n", menu->out);
}

/* What is on a disk goes only when its serial number is typed. */
static int confirm_erase(struct pst_menu *menu, const struct pst_disk *disk, struct wish *wish)
{
	char __cleanup_free *content = pst_target_content(disk);
	const char *token = pst_target_token(disk);
	char __cleanup_free *typed = NULL;
	int error;

	if (!content)
		return 0;
	fprintf(menu->out,
		"\n%s is not empty: found %s.\nAll of it would be destroyed. To let it go, type "
		"the "
		"disk's %s,\n%s\n",
		disk->name, content, token == disk->name ? "name" : "serial number", token);
	error = pst_ask(menu, NULL, &typed, "or an empty line to leave it alone");
	if (error)
		return error;
	if (!pst_streq(typed, token)) {
		fprintf(menu->out, "%s is left alone.\n", disk->name);
		return -EAGAIN;
	}
	pst_strv_add(&wish->erase, token);
	return 0;
}

static bool is_chosen(const struct pst_disks *disks, const struct pst_disk *disk,
		      const struct wish *wish)
{
	for (size_t i = 0; i < disks->n; i++) {
		struct pst_key path = pst_key("/dev/%s", disks->v[i].name);

		if (pst_target_is_same(&disks->v[i], disk) &&
		    pst_strv_contains(&wish->disks, path.text))
			return true;
	}
	return false;
}

static int choose_disk(struct pst_menu *menu, const struct pst_disks *disks, const char *what,
		       struct wish *wish)
{
	for (;;) {
		char __cleanup_free *bar = NULL;
		const struct pst_disk *disk;
		struct pst_key path;
		size_t number;
		int error = pst_ask_number(menu, what, disks->n, &number);

		if (error)
			return error;
		disk = &disks->v[number - 1];
		path = pst_key("/dev/%s", disk->name);
		bar = pst_target_bar(disks, disk, &menu->job->image);
		if (bar || is_chosen(disks, disk, wish)) {
			fprintf(menu->out, "%s %s.\n", disk->name, bar ?: "is chosen already");
			continue;
		}
		error = confirm_erase(menu, disk, wish);
		if (error == -EAGAIN)
			continue;
		if (!error)
			pst_strv_add(&wish->disks, path.text);
		return error;
	}
}

static int choose_disks(struct pst_menu *menu, size_t count, struct wish *wish)
{
	static const char *const what[] = { "Number of the boot disk",
					    "Number of the second disk" };
	struct pst_disks __cleanup_disks disks = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };
	int error = pst_targets_observe(menu->host, &disks, &reason);

	if (error) {
		fprintf(menu->out, "The disks cannot be listed: %s\n",
			pst_reason_text(&reason, error));
		return -ECANCELED;
	}
	print_disks(menu, &disks);
	if (disks.n < count) {
		fprintf(menu->out, "Too few disks: %zu needed.\n", count);
		return -ECANCELED;
	}
	for (size_t i = 0; i < count && !error; i++)
		error = choose_disk(menu, &disks, what[i], wish);
	if (!error && pst_host_exists(menu->host, TPM))
		error = pst_ask_yes(menu, "Encrypt what is kept, with a key in this machine's TPM",
				    false, &wish->encrypt);
	return error;
}

static int list_interfaces(struct pst_menu *menu, struct pst_strv *ret)
{
	struct pst_strv __cleanup_strv names = { 0 };
	int error = pst_host_list(menu->host, "/sys/class/net", &names, NULL);

	fputs("\nNetwork interfaces:\n  1  none: DHCP on all of them, until they are configured\n",
	      menu->out);
	for (size_t i = 0; i < names.n && !error; i++) {
		struct pst_key dir = pst_key("/sys/class/net/%s", names.v[i]);
		char __cleanup_free *carrier = NULL, *address = NULL;

		if (!pst_host_exists(menu->host, pst_key("%s/device", dir.text).text))
			continue;
		pst_strv_add(ret, names.v[i]);
		pst_host_read(menu->host, pst_key("%s/carrier", dir.text).text, &carrier, NULL);
		pst_host_read(menu->host, pst_key("%s/address", dir.text).text, &address, NULL);
		if (address)
			address[strcspn(address, "\n")] = '\0';
		fprintf(menu->out, "%3zu  %-15s %.20s  %s\n", ret->n + 1, names.v[i], address ?: "",
			carrier && *carrier == '1' ? "link" : "no link seen");
	}
	return ret->oom ? -ENOMEM : error;
}

static const char *wrong_interface_address(const char *word)
{
	struct pst_network network;

	return pst_word_interface_address(word, &network);
}

static const char *wrong_address(const char *word)
{
	struct pst_network network;

	return pst_word_address(word, &network);
}

static int choose_network(struct pst_menu *menu, struct wish *wish)
{
	struct pst_strv __cleanup_strv names = { 0 };
	size_t number = 0;
	int error = list_interfaces(menu, &names);

	if (!error)
		error = pst_ask_number(menu, "Number", names.n + 1, &number);
	if (error || number == 1)
		return error;
	wish->interface = strdup(names.v[number - 2]);
	if (!wish->interface)
		return -ENOMEM;
	error = pst_ask_word(menu, "Address as 192.0.2.10/24; empty for DHCP", NULL,
			     wrong_interface_address, &wish->address);
	if (error || !*wish->address)
		return error;
	error = pst_ask_word(menu, "Gateway; empty for none", NULL, wrong_address, &wish->gateway);
	if (!error)
		error = pst_ask_word(menu, "DNS server; empty for none", NULL, wrong_address,
				     &wish->dns);
	return error;
}

static int choose_keys(struct pst_menu *menu, struct wish *wish)
{
	for (;;) {
		char __cleanup_free *key = NULL;
		bool without = false;
		int error = pst_ask_word(menu,
					 wish->keys.n ? "Another ssh public key; empty for no more"
						      : "ssh public key of root, one line",
					 NULL, pst_word_ssh_key, &key);

		if (error)
			return error;
		if (*key)
			pst_strv_add(&wish->keys, key);
		else if (wish->keys.n)
			return wish->keys.oom ? -ENOMEM : 0;
		else if ((error = pst_ask_yes(menu,
					      "Without a key nobody can log in. Go on without",
					      false, &without)) ||
			 without)
			return error;
	}
}

static void add_words(struct pst_buf *text, const char *key, const struct pst_strv *words)
{
	pst_buf_printf(text, "%s: [", key);
	for (size_t i = 0; i < words->n; i++) {
		pst_buf_add(text, i ? ", " : "");
		pst_yaml_quote(text, words->v[i]);
	}
	pst_buf_add(text, "]\n");
}

static void add_word(struct pst_buf *text, const char *before, const char *word, const char *after)
{
	if (!word || !*word)
		return;
	pst_buf_add(text, before);
	pst_yaml_quote(text, word);
	pst_buf_add(text, after);
}

/* The answers file that says the same; NULL without memory. */
static char *text_of(const struct wish *wish)
{
	struct pst_buf text = { 0 };

	add_words(&text, "disks", &wish->disks);
	add_words(&text, "confirm_erase", &wish->erase);
	add_words(&text, "ssh_keys", &wish->keys);
	add_word(&text, "hostname: ", wish->hostname, "\n");
	pst_buf_printf(&text, "encrypt: %s\n", wish->encrypt ? "tpm2" : "none");
	add_word(&text, "network:\n  - interface: ", wish->interface, "\n");
	if (wish->interface && !*wish->address)
		pst_buf_add(&text, "    dhcp: both\n");
	add_word(&text, "    addresses: [", wish->address, "]\n");
	add_word(&text, "    gateway: ", wish->gateway, "\n");
	add_word(&text, "    dns: [", wish->dns, "]\n");
	return pst_buf_take(&text);
}

static int confirm(struct pst_menu *menu, const struct wish *wish)
{
	char __cleanup_free *disks = pst_strv_join(&wish->disks, " and ");
	bool yes = false;
	int error;

	fprintf(menu->out, "\n%s %s will be installed on %s%s%s.\n", menu->job->release.role,
		menu->job->release.version, disks ?: "?", wish->disks.n > 1 ? ", mirrored" : "",
		wish->encrypt ? ", encrypted" : "");
	for (size_t i = 0; i < wish->erase.n; i++)
		fprintf(menu->out, "What is on the disk %s will be DESTROYED.\n", wish->erase.v[i]);
	error = pst_ask_yes(menu, "Install now", false, &yes);
	if (error)
		return error;
	return yes ? 0 : -ECANCELED;
}

static int install(struct pst_menu *menu, const struct wish *wish)
{
	struct pst_answers_doc __cleanup_answers_doc doc = { 0 };
	struct pst_problems __cleanup_problems problems = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };
	char __cleanup_free *text = text_of(wish);
	int error = text ? pst_answers_parse("menu", text, strlen(text), menu->job->release.role,
					     &doc, &problems, &reason)
			 : -ENOMEM;

	for (size_t i = 0; i < problems.n; i++)
		fprintf(menu->out, "%s: %s\n", problems.v[i].key, problems.v[i].text);
	if (error) {
		fprintf(menu->out, "Nothing was changed.\n");
		return error;
	}
	fputs("\n", menu->out);
	fflush(menu->out);
	return menu->install(menu->context, &doc);
}

static int ask_all(struct pst_menu *menu, size_t count, struct wish *wish)
{
	int error = choose_disks(menu, count, wish);

	if (!error)
		error = pst_ask_word(menu, "\nHost name", "penstock", pst_word_label,
				     &wish->hostname);
	if (!error)
		error = choose_network(menu, wish);
	if (!error)
		error = choose_keys(menu, wish);
	return error ? error : confirm(menu, wish);
}

static int install_on(struct pst_menu *menu, size_t count)
{
	struct wish __cleanup(wish_free) wish = { 0 };
	int error = ask_all(menu, count, &wish);

	if (error) {
		fputs(error == -EPIPE ? "" : "\nNothing was changed.\n", menu->out);
		return error == -EPIPE ? error : 0;
	}
	if (!install(menu, &wish))
		fputs("\nInstalled. Take the medium out, and reboot.\n", menu->out);
	return 0;
}

static int choose(struct pst_menu *menu, size_t *ret)
{
	fprintf(menu->out,
		"\nPenstock %s, %s: installer\n\n"
		"  1  install on one disk\n"
		"  2  install on a mirrored pair of disks\n"
		"  3  a shell\n"
		"  4  reboot\n"
		"  5  power off\n\n"
		"An empty line takes what stands in [brackets]; a . comes back to this menu.\n\n",
		menu->job->release.version, menu->job->release.role);
	return pst_ask_number(menu, "Number", 5, ret);
}

enum pst_menu_end pst_menu_run(struct pst_menu *menu)
{
	static const enum pst_menu_end ends[] = { PST_MENU_SHELL, PST_MENU_REBOOT,
						  PST_MENU_POWEROFF };

	for (;;) {
		size_t number = 0;
		int error = choose(menu, &number);

		if (!error && number > 2)
			return ends[number - 3];
		if (!error)
			error = install_on(menu, number);
		if (error && error != -ECANCELED)
			return PST_MENU_GONE;
	}
}
