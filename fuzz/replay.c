// SPDX-License-Identifier: MIT
/* Runs a fuzzer over the files that are its arguments, where there is no libFuzzer. */
#include <stdio.h>

#include "base/file.h"
#include "fuzz.h"

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		struct pst_reason __cleanup_reason reason = { 0 };
		char __cleanup_free *bytes = NULL;
		size_t len = 0;
		int error = pst_file_read(argv[i], &bytes, &len, &reason);

		if (error) {
			fprintf(stderr, "replay: %s\n", pst_reason_text(&reason, error));
			return 1;
		}
		LLVMFuzzerTestOneInput((const uint8_t *)bytes, len);
	}
	printf("%d inputs\n", argc - 1);
	return argc > 1 ? 0 : 1;
}
