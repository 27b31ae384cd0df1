// SPDX-License-Identifier: MIT
/* penstock client-bundle */
#include <errno.h>

#include "cli/cli.h"
#include "cli/table.h"
#include "node/bundle.h"
#include "node/json.h"

static void print_lines(const char *what, const struct pst_strv *lines)
{
	printf("# %s\n", what);
	for (size_t i = 0; i < lines->n; i++)
		puts(lines->v[i]);
	putchar('\n');
}

static void print_text(const struct pst_bundle *bundle)
{
	print_lines("once, by hand", &bundle->mounts);
	print_lines("/etc/fstab", &bundle->fstab);
	printf("# /etc/cufile.json\n%s\n", bundle->cufile_json);
	printf("# /etc/penstock/penstock.yaml\n%s", bundle->penstock_yaml);
}

static void print_json(const struct pst_bundle *bundle)
{
	struct json_object *object = json_object_new_object();

	pst_json_add_strings(object, "mount", &bundle->mounts);
	pst_json_add_strings(object, "fstab", &bundle->fstab);
	json_object_object_add(object, "cufile_json", json_tokener_parse(bundle->cufile_json));
	pst_json_add_string(object, "penstock_yaml", bundle->penstock_yaml);
	pst_json_print(object);
}

int pst_verb_client_bundle(const struct pst_cli *cli)
{
	struct pst_view __cleanup_view view = { 0 };
	struct pst_bundle __cleanup_bundle bundle = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };
	int status = pst_view_load(cli, &view);
	int error;

	if (status)
		return status;
	error = pst_bundle_make(view.doc.conf, cli->client, cli->operands[0], &bundle, &reason);
	if (error == -EINVAL) {
		fprintf(stderr, "penstock: client-bundle: %s\n", pst_reason_text(&reason, error));
		return PST_EXIT_REFUSED;
	}
	if (error)
		return pst_say_failed(&reason, error);
	if (cli->given & PST_OPTION_JSON)
		print_json(&bundle);
	else
		print_text(&bundle);
	return PST_EXIT_OK;
}
