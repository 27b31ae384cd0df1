// SPDX-License-Identifier: MIT
/* Fuzzes the reading of /proc/net/route: a gateway is an address, and belongs to an interface. */
#include "conf/word.h"
#include "fuzz.h"
#include "inventory/init.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char __cleanup_free *text = strndup((const char *)bytes, len);
	struct pst_seen __cleanup_seen machine = { 0 };

	if (!text || pst_route_parse(text, &machine))
		return 0;
	if (machine.gateway && (!machine.route_interface || !strchr(machine.gateway, '.')))
		abort();
	return 0;
}
