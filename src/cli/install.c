// SPDX-License-Identifier: MIT
/* penstock install */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

#include "base/file.h"
#include "cli/cli.h"
#include "install/job.h"
#include "install/menu.h"
#include "seed/seed.h"

#define LOCK_FILE    "/run/penstock/install.lock"
#define WAIT_SECONDS 60

static void say(void *context, const char *text)
{
	(void)context;
	puts(text);
	fflush(stdout);
}

/* One installation at a time: each console has a menu. */
static int take_lock(struct pst_reason *reason)
{
	/* Not closed on exec: what a killed penstock has started still writes, and holds the lock to its end. */
	int fd = open(LOCK_FILE, O_RDWR | O_CREAT, 0600);

	if (fd < 0)
		return pst_fail_errno(reason, -errno, "%s", LOCK_FILE);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	close(fd);
	return pst_fail(reason, -EBUSY, "another installation is being made");
}

static void say_problems(const struct pst_answers_doc *doc, const char *file,
			 const struct pst_problems *problems)
{
	for (size_t i = 0; i < problems->n; i++) {
		const struct pst_problem *problem = &problems->v[i];
		size_t line = problem->line;

		/* Of what was found on the machine it is not known yet. */
		if (!line && doc && doc->tree)
			line = pst_yaml_line(doc->tree, problem->key);
		fprintf(stderr, "penstock: %s:%zu: %s%s%s\n", file, line, problem->key,
			*problem->key ? ": " : "", problem->text);
	}
}

/* Nothing else knows it: it must be out before anything can end this process. */
static int show_key(const char *key, struct pst_reason *reason)
{
	clearerr(stdout);
	printf("\nThe recovery key, which opens the disk without this TPM. It is shown this once: "
	       "write it down.\n\n    %s\n\n",
	       key);
	if (fflush(stdout) != 0 || ferror(stdout))
		return pst_fail(reason, -EIO, "it cannot be written to standard output");
	return 0;
}

static int install_by(struct pst_job *job, const struct pst_answers_doc *doc)
{
	struct pst_problems __cleanup_problems problems = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };
	int __cleanup_close lock = take_lock(&reason);
	int error = lock < 0 ? lock : pst_job_run(job, doc, &problems, &reason);

	say_problems(doc, doc->file, &problems);
	if (error && (!problems.n || reason.text))
		pst_say_failed(&reason, error);
	if (error == -EPERM)
		fputs("penstock: nothing was changed\n", stderr);
	return error;
}

/* What the answers ask for at the end; it returns before it has happened. */
static int do_after(const struct pst_answers_doc *doc)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	char __cleanup_free *said = NULL;
	enum pst_after after = doc->answers->after;
	int error = after ? pst_host_ask(&pst_this_host, &said, &reason, "systemctl", "--no-block",
					 pst_after_name(after))
			  : 0;

	return error ? pst_say_failed(&reason, error) : PST_EXIT_OK;
}

static int install_by_text(struct pst_job *job, const char *file, const char *text)
{
	struct pst_answers_doc __cleanup_answers_doc doc = { 0 };
	struct pst_problems __cleanup_problems problems = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };
	int error = pst_answers_parse(file, text, strlen(text), job->release.role, &doc, &problems,
				      &reason);

	say_problems(NULL, file, &problems);
	if (error == -EINVAL)
		return PST_EXIT_REFUSED;
	if (error)
		return pst_say_failed(&reason, error);
	error = install_by(job, &doc);
	if (error)
		return PST_EXIT_FAILED;
	say(NULL, "Installed.");
	return do_after(&doc);
}

static int install_by_file(struct pst_job *job, const char *path)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	char __cleanup_free *text = NULL;
	int error = pst_file_read(path, &text, NULL, &reason);

	if (error == -ENOENT)
		error = pst_fail(&reason, error, "there is no %s", path);
	return error ? pst_say_failed(&reason, error) : install_by_text(job, path, text);
}

static int install_unattended(struct pst_job *job)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	char __cleanup_free *file = NULL, *text = NULL;
	int error;

	/* The stick with the answers may be seen late. That it cannot be waited for is no reason not to look. */
	pst_seed_wait(&pst_this_host, WAIT_SECONDS, NULL);
	error = pst_answers_search(job, getenv("CREDENTIALS_DIRECTORY"), &file, &text, &reason);
	if (error == -ENOENT) {
		puts("There are no answers: nothing is installed unattended.");
		return PST_EXIT_OK;
	}
	if (error)
		return pst_say_failed(&reason, error);
	printf("Installing by the answers in %s.\n", file);
	return install_by_text(job, file, text);
}

static int install_on(struct pst_job *job, char *const *disks)
{
	struct pst_buf text = { 0 };
	char __cleanup_free *answers = NULL;

	pst_buf_add(&text, "disks:\n");
	for (; *disks; disks++) {
		pst_buf_add(&text, "- ");
		pst_yaml_quote(&text, *disks);
		pst_buf_add(&text, "\n");
	}
	answers = pst_buf_take(&text);
	return answers ? install_by_text(job, "command line", answers)
		       : pst_say_failed(NULL, -ENOMEM);
}

static int install_from_menu(void *context, const struct pst_answers_doc *answers)
{
	int error = install_by(context, answers);

	fflush(stderr);
	return error;
}

static void run_shell(void)
{
	puts("exit comes back to the menu.");
	fflush(stdout);
	// NOLINTNEXTLINE(cert-env33-c): a person asked for it
	if (system("cd /root && exec /bin/bash -l") < 0)
		perror("penstock: /bin/bash");
}

static int run_menu(struct pst_job *job)
{
	static const char *const verbs[] = {
		[PST_MENU_REBOOT] = "reboot", [PST_MENU_POWEROFF] = "poweroff"
	};
	struct pst_menu menu = { .in = stdin,
				 .out = stdout,
				 .host = &pst_this_host,
				 .job = job,
				 .install = install_from_menu,
				 .context = job };
	struct pst_reason __cleanup_reason reason = { 0 };
	char __cleanup_free *said = NULL;
	enum pst_menu_end end;
	int error;

	while ((end = pst_menu_run(&menu)) == PST_MENU_SHELL)
		run_shell();
	if (end == PST_MENU_GONE)
		return PST_EXIT_FAILED;
	error = pst_host_ask(&pst_this_host, &said, &reason, "systemctl", verbs[end]);
	return error ? pst_say_failed(&reason, error) : PST_EXIT_OK;
}

int pst_verb_install(const struct pst_cli *cli)
{
	struct pst_job __cleanup_job job = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };
	bool by_file = cli->given & PST_OPTION_ANSWERS;
	bool unattended = cli->given & PST_OPTION_UNATTENDED;
	int error;

	if (by_file + unattended + !!*cli->operands > 1)
		return pst_bad_usage("install takes DISKs, --answers or --unattended");
	if (!by_file && !unattended && !*cli->operands && !isatty(STDIN_FILENO))
		return pst_bad_usage(
			"install without DISK or --answers asks, and needs a terminal");
	if (geteuid() != 0)
		error = pst_fail(&reason, -EPERM, "install needs root");
	else
		error = pst_job_open(&pst_this_host, &job, &reason);
	if (error)
		return pst_say_failed(&reason, error);
	job.say = say;
	job.show_key = show_key;
	if (unattended)
		return install_unattended(&job);
	if (by_file)
		return install_by_file(&job, cli->answers);
	return *cli->operands ? install_on(&job, cli->operands) : run_menu(&job);
}
