/* SPDX-License-Identifier: MIT */
/*
 * The installer's menu: plain lines for a terminal of 80 columns, which a serial console is. It asks, and hands out
 * answers as an answers file has them.
 */
#ifndef PST_INSTALL_MENU_H
#define PST_INSTALL_MENU_H

#include <stdio.h>

#include "install/job.h"

enum pst_menu_end {
	PST_MENU_GONE, /* nobody is there any more */
	PST_MENU_SHELL, /* a shell is wanted, and then the menu again */
	PST_MENU_REBOOT,
	PST_MENU_POWEROFF,
};

struct pst_menu {
	FILE *in, *out;
	struct pst_host *host;
	struct pst_job *job;
	/* Installs by these answers, and has said what went wrong when it returns an error. */
	int (*install)(void *context, const struct pst_answers_doc *answers);
	void *context;
};

enum pst_menu_end pst_menu_run(struct pst_menu *menu);

#endif
