/* SPDX-License-Identifier: MIT */
/* What may be printed where: the one place that asks. */
#ifndef PST_CLI_TERMINAL_H
#define PST_CLI_TERMINAL_H

#include <stdbool.h>

/* Whether @fd is a terminal on which a line can be written over: a progress line, say. */
bool pst_terminal_moves(int fd);
/* Whether it also shows colours, and the user has not set NO_COLOR (no-color.org). */
bool pst_terminal_colours(int fd);

#endif
