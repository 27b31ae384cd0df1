// SPDX-License-Identifier: MIT
/* Who the node is and who may log in: the host name, and root's SSH keys. */
#include <errno.h>

#include "node/node.h"

#define HOST_NAME_FILE "/etc/hostname"
#define SSH_FILE       "/etc/ssh/authorized_keys.d/root"

int pst_identity_observe(struct pst_host *host, struct pst_state *state, struct pst_reason *reason)
{
	char *name = NULL;
	int error = pst_host_read(host, "/proc/sys/kernel/hostname", &name, reason);

	if (error)
		return error;
	name[strcspn(name, "\n")] = '\0';
	state->host_name = name;
	return 0;
}

/* hostname(5): the first line that is not empty and no comment. */
static bool says_host_name(const char *text, const char *name)
{
	while (text && (*text == '#' || *text == '\n')) {
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return text && strcspn(text, "\n") == strlen(name) && pst_startswith(text, name);
}

static void plan_host_name(const struct pst_conf *conf, const struct pst_state *state,
			   struct pst_plan *plan)
{
	const char *name = conf->node.name;
	char __cleanup_free *text = pst_printf("%s%s\n", pst_file_header, name);
	char __cleanup_free *why = NULL;

	if (!says_host_name(pst_state_file(state, HOST_NAME_FILE), name)) {
		why = pst_printf("%s does not say %s", HOST_NAME_FILE, name);
		pst_plan_write(plan, "node.name", HOST_NAME_FILE, text, why);
	}
	if (!pst_streq(state->host_name, name)) {
		free(why);
		why = pst_printf("the host name is %s, not %s", state->host_name, name);
		pst_plan_host_name(plan, "node.name", name, why);
	}
}

static void plan_ssh(const struct pst_conf *conf, const struct pst_state *state,
		     struct pst_plan *plan)
{
	struct pst_buf text = { 0 };
	char __cleanup_free *want = NULL;

	if (conf->ssh.authorized_keys_count) {
		pst_buf_add(&text, pst_file_header);
		for (size_t i = 0; i < conf->ssh.authorized_keys_count; i++)
			pst_buf_printf(&text, "%s\n", conf->ssh.authorized_keys[i]);
		want = pst_buf_take(&text);
	}
	pst_plan_file(plan, state, "ssh", SSH_FILE, want);
}

void pst_identity_plan(const struct pst_conf *conf, const struct pst_state *state,
		       struct pst_plan *plan)
{
	plan_host_name(conf, state, plan);
	plan_ssh(conf, state, plan);
}
