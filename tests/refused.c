// SPDX-License-Identifier: MIT
#include "refused.h"

#include <errno.h>

void is_refused(void **state)
{
	const struct row *row = *state;
	struct pst_conf_doc __cleanup_conf_doc doc = { 0 };
	struct pst_problems __cleanup_problems problems = { 0 };
	struct pst_buf text = { 0 };
	char __cleanup_free *said = NULL;
	int error = pst_conf_parse("x.yaml", row->text, strlen(row->text), &doc, &problems, NULL);

	for (size_t i = 0; i < problems.n; i++)
		pst_buf_printf(&text, "%zu: %s: %s\n", problems.v[i].line, problems.v[i].key,
			       problems.v[i].text);
	said = pst_buf_take(&text);
	assert_string_equal(said, row->refusal ?: "");
	assert_int_equal(error, row->refusal ? -EINVAL : 0);
	assert_true(row->refusal ? !doc.conf : !!doc.conf);
}
