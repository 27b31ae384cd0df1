// SPDX-License-Identifier: MIT
/*
 * penstock-docgen man TEMPLATE: prints the template with the keys in place of its line "@HERE@".
 * penstock-docgen completion TEMPLATE: the same with bash's tables of verbs and options.
 * penstock-docgen json: prints the JSON Schema.
 * Each fails when a key of the schema is not documented.
 */
#include <stdio.h>

#include "base/file.h"
#include "docgen/docgen.h"

#define PLACE "\n@HERE@\n"

static int check_rows(void)
{
	struct pst_problems __cleanup_problems problems = { 0 };

	pst_doc_check(pst_docs, &problems);
	for (size_t i = 0; i < problems.n; i++)
		fprintf(stderr, "penstock-docgen: %s: %s\n", problems.v[i].key, problems.v[i].text);
	return problems.n || problems.oom;
}

static int fill(const char *path, void (*write)(struct pst_buf *out), struct pst_buf *out)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	char __cleanup_free *text = NULL;
	int error = pst_file_read(path, &text, NULL, &reason);
	const char *place = error ? NULL : strstr(text, PLACE);

	if (!place) {
		fprintf(stderr, "penstock-docgen: %s: %s\n", path,
			error ? pst_reason_text(&reason, error) : "has no line @HERE@");
		return 1;
	}
	pst_buf_add_bytes(out, text, (size_t)(place + 1 - text));
	write(out);
	pst_buf_add(out, place + strlen(PLACE));
	return 0;
}

int main(int argc, char **argv)
{
	struct pst_buf __cleanup_buf out = { 0 };

	if (check_rows())
		return 1;
	if (argc == 3 && pst_streq(argv[1], "man")) {
		if (fill(argv[2], pst_docgen_man, &out))
			return 1;
	} else if (argc == 3 && pst_streq(argv[1], "completion")) {
		if (fill(argv[2], pst_docgen_completion, &out))
			return 1;
	} else if (argc == 2 && pst_streq(argv[1], "json")) {
		pst_docgen_json(&out);
	} else {
		fputs("usage: penstock-docgen man TEMPLATE | completion TEMPLATE | json\n", stderr);
		return 2;
	}
	if (out.oom || fputs(out.data, stdout) == EOF || fflush(stdout)) {
		fputs("penstock-docgen: the output could not be written\n", stderr);
		return 1;
	}
	return 0;
}
