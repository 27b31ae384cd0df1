// SPDX-License-Identifier: MIT
/* What preinit reads from a disk before anything is verified: a GPT, a hash tree's superblock, a medium, a state. */
#include "fuzz.h"
#include "preinit/preinit.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static uint8_t head[PST_STATE_HEAD_BYTES];
	struct pst_reason __cleanup_reason reason = { 0 };
	struct pst_member member;
	struct pst_verity verity;
	char uuid[37];
	uint64_t offset;

	if (pst_verity_parse(bytes, len, &verity, &reason) == 0)
		free(pst_verity_table(&verity, "/dev/a", "/dev/b", "c"));
	pst_gpt_entry_at(bytes, len, 512, len % 200, &offset);
	pst_medium_is(bytes, len);
	pst_boot_disk_parse(bytes, len, uuid);
	memset(head, 0, sizeof(head));
	memcpy(head, bytes, len < sizeof(head) ? len : sizeof(head));
	pst_state_kind(head, &member);
	return 0;
}
