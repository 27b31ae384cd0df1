// SPDX-License-Identifier: MIT
/* What may be printed where. */
#include "cli/terminal.h"

#include "base/util.h"

bool pst_terminal_moves(int fd)
{
	const char *term = getenv("TERM");

	/* One whose type is not known can do no more than a "dumb" one. */
	return isatty(fd) && term && *term && !pst_streq(term, "dumb");
}

bool pst_terminal_colours(int fd)
{
	const char *no = getenv("NO_COLOR");

	return pst_terminal_moves(fd) && !(no && *no);
}
