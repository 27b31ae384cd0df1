// SPDX-License-Identifier: MIT
/* An installation as it is asked for. */
#include "install/job.h"

#include <errno.h>

#include "install/hold.h"

static int read_image(struct pst_host *host, struct pst_job *job, struct pst_reason *reason)
{
	char __cleanup_free *image = pst_host_path(host, PST_IMAGE_FILE);
	char __cleanup_free *os_release = pst_host_path(host, PST_OS_RELEASE_FILE);
	int error = image && os_release ? pst_image_read(image, &job->image, reason) : -ENOMEM;

	if (error == -ENOENT)
		return pst_fail(reason, error,
				"this is not a system of Penstock's images, started from "
				"a medium: there is no " PST_IMAGE_FILE);
	if (!error && !job->image.medium)
		return pst_fail(
			reason, -EPERM,
			"this system was started from a disk, and only one that was started from "
			"a medium can be installed: the ISO, a USB stick with it, or the network");
	return error ? error : pst_release_read(os_release, &job->release, reason);
}

int pst_job_open(struct pst_host *host, struct pst_job *ret, struct pst_reason *reason)
{
	struct pst_job __cleanup_job job = { .host = host };
	char __cleanup_free *dir = NULL;
	int error = read_image(host, &job, reason);

	if (error)
		return error;
	dir = pst_printf("%s/penstock", job.image.medium);
	error = dir ? pst_release_dir_read(host, dir, &job.release, &job.dir, reason) : -ENOMEM;
	if (error)
		return error;
	*ret = job;
	job = (struct pst_job){ 0 };
	return 0;
}

void pst_job_free(struct pst_job *job)
{
	pst_image_free(&job->image);
	pst_release_free(&job->release);
	pst_release_dir_free(&job->dir);
}

int pst_job_run(struct pst_job *job, const struct pst_answers_doc *doc,
		struct pst_problems *problems, struct pst_reason *reason)
{
	const struct pst_answers *answers = doc->answers;
	struct pst_hold __cleanup_hold hold = { .host = job->host,
						.image = &job->image,
						.answers = answers };
	struct pst_disks __cleanup_disks disks = { 0 };
	struct pst_key nodes[PST_ANSWERS_DISKS_MAX];
	struct pst_install install = { .host = job->host,
				       .release = &job->dir,
				       .n_disks = answers->disks_count,
				       .hold = &hold,
				       .encrypt = answers->encrypt,
				       .conf = doc->conf,
				       .say = job->say,
				       .show_key = job->show_key,
				       .context = job->context };
	int error = pst_targets_observe(job->host, &disks, reason);

	if (!error)
		error = pst_targets_check(job->host, &disks, &job->image, answers->disks,
					  answers->disks_count, answers->confirm_erase,
					  answers->confirm_erase_count, hold.disks, problems);
	if (!error)
		error = pst_install_check(&install, reason);
	if (!error)
		error = pst_hold_open(&hold, reason);
	if (error)
		return error;
	for (size_t i = 0; i < install.n_disks; i++) {
		nodes[i] = pst_key("/dev/%s", hold.disks[i]->name);
		install.disks[i] = nodes[i].text;
	}
	error = pst_install_run(&install, reason);
	return error == -EPERM ? -EIO : error;
}
