// SPDX-License-Identifier: MIT
/* The kernel's command line. */
#include <errno.h>

#include "preinit/preinit.h"

#define HASH_DIGITS 64

static bool is_hash(const char *text, size_t len)
{
	return len == HASH_DIGITS && strspn(text, "0123456789abcdef") >= HASH_DIGITS;
}

int pst_cmdline_parse(const char *text, struct pst_cmdline *ret, struct pst_reason *reason)
{
	static const char key[] = "roothash=";
	struct pst_cmdline cmdline = { 0 };

	for (const char *word = text; *word;) {
		size_t len = strcspn(word, " \t\n");

		if (len == strlen("penstock.live") && pst_startswith(word, "penstock.live"))
			cmdline.live = true;
		if (pst_startswith(word, key)) {
			const char *hash = word + strlen(key);

			if (!is_hash(hash, len - strlen(key)))
				return pst_fail(reason, -EINVAL,
						"roothash= of the kernel's command line is not 64 "
						"hexadecimal digits");
			memcpy(cmdline.roothash, hash, HASH_DIGITS);
		}
		word += len;
		word += strspn(word, " \t\n");
	}
	if (!*cmdline.roothash)
		return pst_fail(reason, -EINVAL, "the kernel's command line has no roothash=");
	*ret = cmdline;
	return 0;
}

/* 32 hexadecimal digits with the dashes of a UUID. */
static void dashed(const char *digits, char *uuid)
{
	static const int parts[] = { 8, 4, 4, 4, 12 };

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if (i)
			*uuid++ = '-';
		uuid = mempcpy(uuid, digits, (size_t)parts[i]);
		digits += parts[i];
	}
	*uuid = '\0';
}

void pst_cmdline_uuids(const char *roothash, char root[static 37], char verity[static 37])
{
	dashed(roothash, root);
	dashed(roothash + HASH_DIGITS / 2, verity);
}
