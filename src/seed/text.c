// SPDX-License-Identifier: MIT
/*
 * What a NoCloud seed becomes: penstock.yaml. It is held against the parser of penstock.yaml, which knows what every
 * value may be; what that refuses is said of the line of the seed that it came from.
 */
#include <errno.h>

#include "seed/nocloud.h"

struct origin {
	struct pst_key key;
	const char *file;
	size_t line;
};

struct text {
	struct pst_buf buf;
	struct origin *origins;
	size_t n_origins;
};

static void text_free(struct text *text)
{
	pst_buf_free(&text->buf);
	free(text->origins);
}

/* A value, with nothing in it that means something to YAML. */
static void add_quoted(struct text *text, const char *value)
{
	pst_buf_add(&text->buf, "\"");
	for (const char *at = value; *at; at++) {
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			pst_buf_printf(&text->buf, "\\x%02x", (unsigned char)*at);
		else
			pst_buf_printf(&text->buf, "%s%c", strchr("\"\\", *at) ? "\\" : "", *at);
	}
	pst_buf_add(&text->buf, "\"\n");
}

static void add_word(struct text *text, const char *before, struct pst_key key,
		     const struct pst_seed_word *word)
{
	struct origin *origin =
		pst_array_grow((void **)&text->origins, &text->n_origins, sizeof(*text->origins));

	if (origin)
		*origin = (struct origin){ key, word->file, word->line };
	text->buf.oom = text->buf.oom || !origin;
	pst_buf_add(&text->buf, before);
	add_quoted(text, word->text);
}

static void add_words(struct text *text, const char *head, const char *indent, struct pst_key key,
		      const struct pst_seed_words *words)
{
	if (words->n)
		pst_buf_add(&text->buf, head);
	for (size_t i = 0; i < words->n; i++)
		add_word(text, indent, pst_key("%s[%zu]", key.text, i), &words->v[i]);
}

static void add_interface(struct text *text, const struct pst_seed_interface *interface, size_t n)
{
	static const char *const dhcp[] = { NULL, "ipv4", "ipv6", "both" };
	const char *how = dhcp[(interface->dhcp4 ? 1 : 0) + (interface->dhcp6 ? 2 : 0)];

	add_word(text, "  - interface: ", pst_key("network[%zu].interface", n), &interface->name);
	if (how)
		pst_buf_printf(&text->buf, "    dhcp: %s\n", how);
	add_words(text, "    addresses:\n", "      - ", pst_key("network[%zu].addresses", n),
		  &interface->addresses);
	if (interface->gateway.text)
		add_word(text, "    gateway: ", pst_key("network[%zu].gateway", n),
			 &interface->gateway);
	add_words(text, "    dns:\n", "      - ", pst_key("network[%zu].dns", n), &interface->dns);
	if (interface->mtu.text)
		add_word(text, "    mtu: ", pst_key("network[%zu].mtu", n), &interface->mtu);
}

static bool has_address(const struct pst_seed_interface *interface)
{
	return interface->dhcp4 || interface->dhcp6 || interface->addresses.n;
}

/* penstock.yaml has no interfaces without: they are left to the system, as if they were not in the seed. */
static void warn_of_idle(struct pst_nocloud *cloud)
{
	for (size_t i = 0; i < cloud->n_interfaces; i++) {
		const struct pst_seed_word *name = &cloud->interfaces[i].name;

		if (has_address(&cloud->interfaces[i]))
			continue;
		cloud->file = name->file;
		pst_nocloud_warn(cloud, &(struct pst_yaml){ .line = name->line }, pst_key("%s", ""),
				 "%s is left to the system: it has neither an address nor DHCP",
				 name->text);
	}
}

static void add_all(struct text *text, const struct pst_nocloud *cloud)
{
	const char *role = pst_role_name(cloud->machine->role);
	const struct pst_seed_word name = { .text = (char *)role, .file = cloud->seed->label };
	size_t n = 0;

	pst_buf_printf(&text->buf,
		       "# The first configuration of this machine, made by penstock seed of what "
		       "cloud-init's seed on\n# the volume %s says. penstock.yaml(5) has every "
		       "key.\nnode:\n",
		       cloud->seed->label);
	add_word(text, "  name: ", pst_key("node.name"),
		 cloud->hostname.text ? &cloud->hostname : &name);
	pst_buf_printf(&text->buf, "  role: %s\n", role);
	add_words(text, "ssh:\n  authorized_keys:\n", "    - ", pst_key("ssh.authorized_keys"),
		  &cloud->keys);
	for (size_t i = 0; i < cloud->n_interfaces; i++) {
		if (!has_address(&cloud->interfaces[i]))
			continue;
		if (!n)
			pst_buf_add(&text->buf, "network:\n");
		add_interface(text, &cloud->interfaces[i], n++);
	}
}

static void refuse(struct pst_nocloud *cloud, const struct text *text,
		   const struct pst_problem *problem)
{
	static const char elsewhere[] = ", first in line ";
	const struct origin *origin = NULL;
	int len;

	for (size_t i = 0; i < text->n_origins; i++)
		if (pst_startswith(problem->key, text->origins[i].key.text))
			origin = &text->origins[i];
	/* Such as "the interface is there twice" have the interface's key; the rest is on its first line. */
	for (size_t i = 0; i < text->n_origins && !origin; i++)
		if (pst_startswith(text->origins[i].key.text, problem->key))
			origin = &text->origins[i];
	/* The lines that a problem speaks of are those of a text that nobody sees. */
	len = strstr(problem->text, elsewhere)
		      ? (int)(strstr(problem->text, elsewhere) - problem->text)
		      : (int)strlen(problem->text);
	cloud->file = origin ? origin->file : cloud->seed->label;
	pst_nocloud_refuse(cloud, &(struct pst_yaml){ .line = origin ? origin->line : 1 },
			   pst_key("%s", problem->key), "%.*s", len, problem->text);
}

int pst_nocloud_write(struct pst_nocloud *cloud, struct pst_reason *reason)
{
	struct text __cleanup(text_free) text = { 0 };
	struct pst_problems __cleanup_problems problems = { 0 };
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	char __cleanup_free *yaml = NULL;
	int error;

	warn_of_idle(cloud);
	add_all(&text, cloud);
	yaml = pst_buf_take(&text.buf);
	if (!yaml)
		return -ENOMEM;
	error = pst_conf_parse(cloud->seed->label, yaml, strlen(yaml), &doc, &problems, reason);
	for (size_t i = 0; error == -EINVAL && i < problems.n; i++)
		refuse(cloud, &text, &problems.v[i]);
	if (cloud->oom || cloud->seed->refused.oom)
		return -ENOMEM;
	if (!error)
		cloud->seed->text = TAKE_PTR(yaml);
	return error;
}
