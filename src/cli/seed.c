// SPDX-License-Identifier: MIT
/* penstock seed */
#include <errno.h>
#include <json-c/json.h>

#include "base/file.h"
#include "base/image.h"
#include "cli/cli.h"
#include "node/json.h"
#include "seed/seed.h"

/* By the image, unless it was said. */
static int find_role(const struct pst_cli *cli, enum pst_role *ret, struct pst_reason *reason)
{
	struct pst_release __cleanup_release release = { 0 };
	int error;

	*ret = cli->role;
	if (cli->given & PST_OPTION_ROLE)
		return 0;
	error = pst_release_read(PST_OS_RELEASE_FILE, &release, reason);
	if (error == -ENOENT)
		return pst_fail(reason, -EINVAL,
				"this system is no image of Penstock, which would say whether this "
				"is a storage or a GPU node: say it by --role");
	if (!error)
		*ret = pst_role_of_image(release.role);
	return error;
}

static int look(const struct pst_cli *cli, struct pst_seed *seed, struct pst_reason *reason)
{
	struct pst_seed_machine __cleanup_seed_machine machine = { 0 };
	int error = 0;

	if (cli->wait_seconds)
		error = pst_seed_wait(&pst_this_host, cli->wait_seconds, reason);
	if (!error)
		error = find_role(cli, &machine.role, reason);
	if (!error)
		error = pst_seed_observe(&pst_this_host, &machine, reason);
	return error ?: pst_seed_look(&pst_this_host, &machine, seed, reason);
}

static void print_json(const struct pst_cli *cli, const struct pst_seed *seed, bool exists,
		       bool written)
{
	struct json_object *object = json_object_new_object();

	pst_json_add_string(object, "label", seed->label);
	pst_json_add_string(object, "device", seed->device);
	pst_json_add_strings(object, "refused", &seed->refused);
	pst_json_add_strings(object, "warnings", &seed->warnings);
	pst_json_add_string(object, "configuration", seed->text);
	pst_json_add_string(object, "file", cli->config);
	pst_json_add_bool(object, "exists", exists);
	pst_json_add_bool(object, "written", written);
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
							    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
}

static void say(const struct pst_cli *cli, const struct pst_seed *seed, int error, bool exists,
		bool written)
{
	for (size_t i = 0; i < seed->warnings.n; i++)
		fprintf(stderr, "penstock: warning: %s\n", seed->warnings.v[i]);
	for (size_t i = 0; i < seed->refused.n; i++)
		fprintf(stderr, "%s\n", seed->refused.v[i]);
	if (exists)
		fprintf(stderr, "penstock: %s is there, and stays as it is\n", cli->config);
	if (!seed->label && !exists && !error)
		fputs("penstock: there is no volume with the label PENSTOCKCFG or cidata\n",
		      stderr);
	else if (seed->refused.n)
		fprintf(stderr,
			"penstock: the volume %s (%s) is refused, and nothing was written\n",
			seed->label, seed->device);
	else if (seed->label && !seed->text && !error)
		fprintf(stderr, "penstock: the volume %s (%s) has nothing for penstock.yaml\n",
			seed->label, seed->device);
	if (cli->given & PST_OPTION_DRY_RUN && seed->text)
		fputs(seed->text, stdout);
	if (written)
		printf("%s was made of the volume %s (%s)\n", cli->config, seed->label,
		       seed->device);
}

int pst_verb_seed(const struct pst_cli *cli)
{
	struct pst_seed __cleanup_seed seed = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };
	bool dry = cli->given & PST_OPTION_DRY_RUN;
	bool exists = access(cli->config, F_OK) == 0;
	bool written = false;
	int error = 0;

	if (!exists || dry)
		error = look(cli, &seed, &reason);
	/* These two are no failures: there is a way to start without a seed. A volume that was taken out meanwhile is one. */
	if ((error == -ENOENT && !seed.label) || error == -ENODATA)
		error = 0;
	/* No key of penstock.yaml holds a secret: keys of datasets are named in it, and are elsewhere. */
	if (!error && seed.text && !exists && !dry) {
		error = pst_file_write_new(cli->config, seed.text, 0644, &reason);
		written = !error;
	}
	if (cli->given & PST_OPTION_JSON)
		print_json(cli, &seed, exists, written);
	else
		say(cli, &seed, error, exists, written);
	if (!error)
		return PST_EXIT_OK;
	if (!seed.refused.n)
		pst_say_failed(&reason, error);
	return error == -EINVAL || error == -EBADMSG ? PST_EXIT_REFUSED : PST_EXIT_FAILED;
}
