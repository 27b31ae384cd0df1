// SPDX-License-Identifier: MIT
/* How two texts differ: the longest common subsequence of their lines, in hunks. */
#include "base/diff.h"

#include <stdint.h>

#include "base/str.h"

#define CONTEXT_LINES 3
/* Beyond this the table would be larger than what it explains: all of the middle is old, then new. */
#define TABLE_MAX ((size_t)4 << 20)

struct line {
	const char *text;
	size_t len; /* without its newline */
};

struct lines {
	struct line *v;
	size_t n;
};

/* One line of the answer: ' ' in both, '-' only before, '+' only after. */
struct change {
	char sign;
	struct line line;
};

struct changes {
	struct change *v;
	size_t n;
	bool oom;
};

static void lines_free(struct lines *lines)
{
	free(lines->v);
}

static void changes_free(struct changes *changes)
{
	free(changes->v);
}

static int split(const char *text, struct lines *ret)
{
	while (*text) {
		size_t len = strcspn(text, "\n");
		struct line *line = pst_array_grow((void **)&ret->v, &ret->n, sizeof(*line));

		if (!line)
			return -1;
		*line = (struct line){ text, len };
		text += len + (text[len] == '\n');
	}
	return 0;
}

static bool same(const struct line *a, const struct line *b)
{
	return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

static void add(struct changes *changes, char sign, const struct line *line)
{
	struct change *change = pst_array_grow((void **)&changes->v, &changes->n, sizeof(*change));

	if (change)
		*change = (struct change){ sign, *line };
	else
		changes->oom = true;
}

/* length[i][j] is the length of the longest common subsequence of what is left from i and from j on. */
static uint32_t *measure(const struct line *a, size_t n, const struct line *b, size_t m)
{
	size_t width = m + 1;
	uint32_t *length = n < TABLE_MAX / width ? calloc((n + 1) * width, sizeof(*length)) : NULL;

	if (!length)
		return NULL;
	for (size_t i = n; i-- > 0;)
		for (size_t j = m; j-- > 0;) {
			uint32_t skip_a = length[(i + 1) * width + j];
			uint32_t skip_b = length[i * width + j + 1];

			if (same(&a[i], &b[j]))
				length[i * width + j] = length[(i + 1) * width + j + 1] + 1;
			else
				length[i * width + j] = skip_a > skip_b ? skip_a : skip_b;
		}
	return length;
}

static void compare_middle(const struct line *a, size_t n, const struct line *b, size_t m,
			   struct changes *changes)
{
	uint32_t __cleanup_free *length = measure(a, n, b, m);
	size_t i = 0, j = 0;

	while (i < n || j < m) {
		if (length && i < n && j < m && same(&a[i], &b[j])) {
			add(changes, ' ', &a[i++]);
			j++;
		} else if (i < n &&
			   (j == m || !length ||
			    length[(i + 1) * (m + 1) + j] >= length[i * (m + 1) + j + 1])) {
			add(changes, '-', &a[i++]);
		} else {
			add(changes, '+', &b[j++]);
		}
	}
}

static void compare(const struct lines *a, const struct lines *b, struct changes *changes)
{
	size_t least = a->n < b->n ? a->n : b->n;
	size_t head = 0, tail = 0;

	while (head < least && same(&a->v[head], &b->v[head]))
		add(changes, ' ', &a->v[head++]);
	while (tail < least - head && same(&a->v[a->n - 1 - tail], &b->v[b->n - 1 - tail]))
		tail++;
	/* An empty text has no array to point into. */
	if (a->n + b->n > 2 * (head + tail))
		compare_middle(a->n ? a->v + head : NULL, a->n - head - tail,
			       b->n ? b->v + head : NULL, b->n - head - tail, changes);
	for (; tail; tail--)
		add(changes, ' ', &a->v[a->n - tail]);
}

/* Whether a line that is in both stands near enough to one that is not. */
static bool is_shown(const struct changes *changes, size_t at)
{
	size_t first = at > CONTEXT_LINES ? at - CONTEXT_LINES : 0;

	for (size_t i = first; i < changes->n && i <= at + CONTEXT_LINES; i++)
		if (changes->v[i].sign != ' ')
			return true;
	return false;
}

static void print_hunk(struct pst_buf *text, const struct changes *changes, size_t from, size_t to,
		       size_t before, size_t after)
{
	size_t n_before = 0, n_after = 0;

	for (size_t i = from; i < to; i++) {
		n_before += changes->v[i].sign != '+';
		n_after += changes->v[i].sign != '-';
	}
	/* An empty range is named by the line before it. */
	pst_buf_printf(text, "@@ -%zu,%zu +%zu,%zu @@\n", before + (n_before > 0), n_before,
		       after + (n_after > 0), n_after);
	for (size_t i = from; i < to; i++) {
		const struct change *change = &changes->v[i];

		pst_buf_add_bytes(text, &change->sign, 1);
		pst_buf_add_bytes(text, change->line.text, change->line.len);
		pst_buf_add(text, "\n");
	}
}

char *pst_diff(const char *before, const char *after)
{
	struct lines __cleanup(lines_free) a = { 0 };
	struct lines __cleanup(lines_free) b = { 0 };
	struct changes __cleanup(changes_free) changes = { 0 };
	struct pst_buf text = { 0 };
	size_t line_a = 0, line_b = 0;

	if (split(before ?: "", &a) || split(after ?: "", &b))
		return NULL;
	compare(&a, &b, &changes);
	text.oom = changes.oom;
	for (size_t i = 0; i < changes.n;) {
		size_t end = i;

		while (end < changes.n && is_shown(&changes, end))
			end++;
		if (end > i)
			print_hunk(&text, &changes, i, end, line_a, line_b);
		else
			end++;
		for (; i < end; i++) {
			line_a += changes.v[i].sign != '+';
			line_b += changes.v[i].sign != '-';
		}
	}
	return pst_buf_take(&text);
}
