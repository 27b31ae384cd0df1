// SPDX-License-Identifier: MIT
/* penstock update */
#include "cli/update.h"

#include <errno.h>

#include "cli/table.h"
#include "cli/terminal.h"
#include "node/json.h"

/* Stands for update.source of the configuration. */
#define LATEST "latest"

#define VERBS (PST_OPTION_CHECK | PST_OPTION_ROLLBACK)

static int read_source(const struct pst_cli *cli, struct pst_view *view, const char **ret)
{
	int status = pst_view_load(cli, view);

	if (status)
		return status;
	*ret = view->doc.conf->update.source;
	if (*ret)
		return PST_EXIT_OK;
	fprintf(stderr,
		"penstock: %s has no update.source: say where the release is, or write it there\n",
		cli->config);
	return PST_EXIT_REFUSED;
}

/* What is named, or what the configuration names. */
static int find_source(const struct pst_cli *cli, struct pst_view *view, const char **ret)
{
	const char *given = cli->operands[0];

	if (given && !pst_streq(given, LATEST)) {
		*ret = given;
		return PST_EXIT_OK;
	}
	return read_source(cli, view, ret);
}

static int show(const struct pst_cli *cli, const struct pst_update *update)
{
	struct pst_problems __cleanup_problems problems = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct json_object *object;
	const char *next = NULL;
	int error = pst_update_next(&pst_this_host, update, &next, &reason);

	if (error)
		return pst_say_failed(&reason, error);
	/* What is installed can be told without a valid configuration. */
	pst_conf_load(cli->config, &doc, &problems, NULL);
	object = pst_update_json(update, next, doc.conf ? doc.conf->update.source : NULL);
	if (cli->given & PST_OPTION_JSON) {
		pst_json_print(object);
		return PST_EXIT_OK;
	}
	pst_update_print(object, stdout, pst_terminal_colours(STDOUT_FILENO));
	json_object_put(object);
	return PST_EXIT_OK;
}

static int check(const struct pst_cli *cli, const struct pst_update *update,
		 const struct pst_bundle *bundle)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	int error = pst_update_wants(&pst_this_host, update, bundle, &reason);
	bool runs = pst_streq(bundle->offer.version, update->release.version);
	struct json_object *object;

	if (error && error != -EEXIST)
		return pst_say_failed(&reason, error);
	if (cli->given & PST_OPTION_JSON) {
		object = json_object_new_object();
		pst_json_add_string(object, "running", update->release.version);
		pst_json_add_string(object, "offered", bundle->offer.version);
		pst_json_add_bool(object, "newer", !error && !runs);
		pst_json_add_string(object, "why_not", error ? reason.text : NULL);
		pst_json_print(object);
	} else if (error) {
		printf("nothing to install: %s\n", pst_reason_text(&reason, error));
	} else if (runs) {
		printf("%s, which runs, can be written to the boot disk that lacks it\n",
		       bundle->offer.version);
	} else {
		printf("%s can be installed in place of what runs, %s\n", bundle->offer.version,
		       update->release.version);
	}
	return PST_EXIT_OK;
}

static void say_broken_off(const char *running, const char *version)
{
	if (pst_streq(running, version))
		fprintf(stderr,
			"penstock: %s goes on to be started, and still a boot disk lacks it: say "
			"the update again\n",
			running);
	else
		fprintf(stderr,
			"penstock: %s goes on to be started; what was beside it is gone, and %s is "
			"not there as a whole: say the update again\n",
			running, version);
}

static int install(const struct pst_cli *cli, const struct pst_update *update,
		   const struct pst_bundle *bundle)
{
	const char *running = update->release.version, *version = bundle->offer.version;
	bool runs = pst_streq(version, running);
	struct pst_reason __cleanup_reason reason = { 0 };
	struct pst_view __cleanup_view view = { 0 };
	int error = pst_update_wants(&pst_this_host, update, bundle, &reason);

	/* With it no version would come up as declared, and the new one would be given up for it. */
	if (!error && pst_host_exists(&pst_this_host, cli->config) && pst_view_load(cli, &view))
		return PST_EXIT_REFUSED;
	if (!error) {
		printf("%s: the signature is good; checking its files\n", version);
		fflush(stdout);
		error = pst_bundle_fetch(&pst_this_host, update, bundle, &reason);
	}
	if (error)
		return pst_say_failed(&reason, error);
	if (runs)
		printf("%s: writing it to the boot disk that lacks it\n", version);
	else
		printf("%s: writing it beside %s, which runs\n", version, running);
	fflush(stdout);
	error = pst_update_install(&pst_this_host, update, bundle, &reason);
	if (error) {
		pst_say_failed(&reason, error);
		say_broken_off(running, version);
		return PST_EXIT_FAILED;
	}
	if (runs)
		printf("%s, which runs, is on all boot disks\n", version);
	else
		printf("%s is installed, and is tried at the next boot\n", version);
	return cli->given & PST_OPTION_REBOOT ? pst_system_reboot() : PST_EXIT_OK;
}

static int rollback(const struct pst_cli *cli, const struct pst_update *update)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	const struct pst_slot *slot;
	const char *version = NULL;
	int error = pst_update_rollback(&pst_this_host, update, &version, &reason);

	if (error)
		return pst_say_failed(&reason, error);
	slot = pst_slot_find(&update->disks[0], version);
	if (slot && slot->tries_left != PST_NO_TRIES)
		printf("%s is tried at the next boot\n", version);
	else
		printf("%s is started from the next boot on; an update ends that\n", version);
	return cli->given & PST_OPTION_REBOOT ? pst_system_reboot() : PST_EXIT_OK;
}

static int from_source(const struct pst_cli *cli, const struct pst_update *update,
		       const char *source)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	struct pst_bundle bundle = { 0 };
	int error = pst_bundle_open(&pst_this_host, source, update->release.role, &bundle, &reason);
	int status;

	if (error)
		return pst_say_failed(&reason, error);
	status = cli->given & PST_OPTION_CHECK ? check(cli, update, &bundle)
					       : install(cli, update, &bundle);
	pst_bundle_close(&pst_this_host, &bundle);
	return status;
}

static int check_usage(const struct pst_cli *cli)
{
	bool installs = cli->operands[0] && !(cli->given & PST_OPTION_CHECK);

	if ((cli->given & VERBS) == VERBS)
		return pst_bad_usage("update takes --check or --rollback, not both");
	if ((cli->given & PST_OPTION_ROLLBACK) && cli->operands[0])
		return pst_bad_usage("--rollback takes no file: it is the other version that is "
				     "there");
	if ((cli->given & PST_OPTION_REBOOT) && !installs && !(cli->given & PST_OPTION_ROLLBACK))
		return pst_bad_usage("--reboot is for what is installed or gone back to");
	if ((cli->given & PST_OPTION_JSON) && (installs || (cli->given & PST_OPTION_ROLLBACK)))
		return pst_bad_usage("--json is for what is there, and for --check");
	return PST_EXIT_OK;
}

static void warn_of_away(const struct pst_update *update)
{
	for (size_t i = 0; i < update->away.n; i++)
		fprintf(stderr,
			"penstock: warning: half of the boot mirror, %s, is away or is another "
			"disk than at boot: nothing is read from it or written to it until the "
			"machine was started with it\n",
			update->away.v[i]);
}

int pst_verb_update(const struct pst_cli *cli)
{
	struct pst_view __cleanup_view view = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };
	struct pst_update update = { 0 };
	int __cleanup_close lock = -1;
	const char *source = NULL;
	int status = check_usage(cli);
	int error;

	if (!status && (cli->operands[0] || (cli->given & PST_OPTION_CHECK)))
		status = find_source(cli, &view, &source);
	if (!status)
		status = pst_system_begin("update", &lock);
	if (status)
		return status;
	error = pst_update_open(&pst_this_host, &update, &reason);
	if (error)
		return pst_say_failed(&reason, error);
	warn_of_away(&update);
	if (cli->given & PST_OPTION_ROLLBACK)
		status = rollback(cli, &update);
	else if (source)
		status = from_source(cli, &update, source);
	else
		status = show(cli, &update);
	pst_update_close(&pst_this_host, &update);
	return status;
}
