/* SPDX-License-Identifier: MIT */
/* Questions of the menu. */
#ifndef PST_INSTALL_MENU_ASK_H
#define PST_INSTALL_MENU_ASK_H

#include "install/menu.h"

/*
 * Each returns 0, -ECANCELED when the person goes back by a ".", -EPIPE when the input has ended. Lines that are asked
 * for have no blanks around them.
 */

/* A line; an empty one is @otherwise, which is shown, where that is not NULL. */
int pst_ask(struct pst_menu *menu, const char *otherwise, char **ret, const char *format, ...)
	__format(4, 5);
/* The same until @complain finds nothing wrong; an empty line without @otherwise is "" and not complained of. */
int pst_ask_word(struct pst_menu *menu, const char *what, const char *otherwise,
		 const char *(*complain)(const char *), char **ret);
/* A number from 1 to @max. */
int pst_ask_number(struct pst_menu *menu, const char *what, size_t max, size_t *ret);
/* yes or no. */
int pst_ask_yes(struct pst_menu *menu, const char *what, bool otherwise, bool *ret);

#endif
