/* SPDX-License-Identifier: MIT */
/* What a library has to say and no caller asked for: handed to whoever wants it, and printed by nobody. */
#ifndef PST_BASE_LOG_H
#define PST_BASE_LOG_H

#include "base/util.h"

/* @text is one line, valid during the call. Called by any thread, one at a time. */
typedef void (*pst_log_fn)(const char *text, void *user);

/* From when this returns on, @log gets it all, and what was set before nothing more. NULL: nobody does. */
void pst_log_to(pst_log_fn log, void *user);
/* Somebody listens: for what is dear to find out only to say it. */
bool pst_log_wanted(void);
void pst_log(const char *format, ...) __format(1, 2);

#endif
