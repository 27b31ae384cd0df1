/* SPDX-License-Identifier: MIT */
/* What disks and fabric print, for machines and for people. */
#ifndef PST_CLI_INVENTORY_H
#define PST_CLI_INVENTORY_H

#include <json-c/json.h>
#include <stdio.h>

#include "inventory/disks.h"
#include "inventory/fabric.h"

/* One object, with the members that penstock(8) promises. */
struct json_object *pst_disks_json(const struct pst_disks *disks);
struct json_object *pst_fabric_json(const struct pst_fabric *fabric);

int pst_disks_print(const struct pst_disks *disks, FILE *out, bool colour);
int pst_fabric_print(const struct pst_fabric *fabric, FILE *out, bool colour);

#endif
