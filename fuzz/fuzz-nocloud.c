// SPDX-License-Identifier: MIT
/* Fuzzes a file of a NoCloud seed, PST_PARSE of them: a valid penstock.yaml comes of it, or a refusal that says why. */
#include <errno.h>

#include "fuzz.h"
#include "seed/seed.h"

static void check_lines(const struct pst_strv *lines)
{
	for (size_t i = 0; i < lines->n; i++)
		for (const char *at = lines->v[i]; *at; at++)
			if ((unsigned char)*at < ' ' || *at == 0x7f)
				abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct pst_seed_card cards[] = { { (char *)"eth0", (char *)"52:54:00:00:00:01" },
					 { (char *)"eth1", (char *)"52:54:00:00:00:02" } };
	const struct pst_seed_machine machine = { .cards = cards, .n_cards = ARRAY_SIZE(cards) };
	struct pst_seed __cleanup_seed seed = { .label = strdup("cidata") };
	struct pst_nocloud_files files = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };
	char __cleanup_free *text = calloc(1, len + 1);
	int error;

	if (!text || !seed.label)
		return 0;
	memcpy(text, bytes, len);
	files.PST_PARSE = (struct pst_seed_file){ text, len };
	error = pst_seed_take_nocloud(&files, &machine, &seed, &reason);
	if (error == -EINVAL ? !seed.refused.n : seed.refused.n)
		abort();
	if (!error != !!seed.text || (error && error != -EINVAL && error != -ENODATA))
		abort();
	check_lines(&seed.refused);
	check_lines(&seed.warnings);
	return 0;
}
