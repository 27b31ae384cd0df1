// SPDX-License-Identifier: MIT
/* penstock client-bundle */
#include <errno.h>
#include <json-c/json.h>

#include "cli/cli.h"
#include "node/bundle.h"

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

static struct json_object *strings(const struct pst_strv *lines)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < lines->n; i++)
		json_object_array_add(array, json_object_new_string(lines->v[i]));
	return array;
}

static void print_json(const struct pst_bundle *bundle)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "mount", strings(&bundle->mounts));
	json_object_object_add(object, "fstab", strings(&bundle->fstab));
	json_object_object_add(object, "cufile_json", json_tokener_parse(bundle->cufile_json));
	json_object_object_add(object, "penstock_yaml",
			       json_object_new_string(bundle->penstock_yaml));
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
							    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
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
