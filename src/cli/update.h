/* SPDX-License-Identifier: MIT */
/* What the system's versions look like to people and to machines. */
#ifndef PST_CLI_UPDATE_H
#define PST_CLI_UPDATE_H

#include <json-c/json.h>

#include "cli/cli.h"
#include "node/update.h"

/* One object, with the keys that penstock(8) promises; @next is what the next boot starts, or NULL. */
struct json_object *pst_update_json(const struct pst_update *update, const char *next,
				    const char *source);
void pst_update_print(const struct json_object *object, FILE *out, bool colour);

/* The version that runs and what became of others, for penstock status; NULL when it is no installed system. */
struct json_object *pst_update_summary(void);

#endif
