// SPDX-License-Identifier: MIT
/* What the libraries have to say. */
#include <penstock/log.h>

#include "base/log.h"

void penstock_log_to(void (*log)(const char *text, void *user), void *user)
{
	pst_log_to(log, user);
}
