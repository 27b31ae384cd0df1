// SPDX-License-Identifier: MIT
/* Fuzzes the file that brings the network back: whatever is in it, there is a plan, or a reason why not. */
#include <errno.h>

#include "fuzz.h"
#include "node/guard.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char __cleanup_free *json = strndup((const char *)bytes, len);
	struct pst_undo __cleanup_undo undo = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };
	struct pst_plan __cleanup_plan plan = { 0 };
	struct pst_interface_state interface = { .name = (char *)"b", .mtu = 9000 };
	struct pst_state state = { .interfaces = &interface, .n_interfaces = 1 };
	int error = json ? pst_undo_parse(json, &undo, &reason) : -ENOMEM;

	if (error == -EBADMSG && !reason.text)
		abort();
	if (error)
		return 0;
	pst_undo_plan(&undo, &state, "a", &plan);
	/* It ends by forgetting the change, or it would be taken back for ever. */
	if (pst_plan_sound(&plan) || plan.v[plan.n - 1].kind != PST_STEP_REMOVE)
		abort();
	return 0;
}
