// SPDX-License-Identifier: MIT
/* Values and places in sysfs. */
#include "inventory/sysfs.h"

#include <ctype.h>
#include <errno.h>

#include "base/problem.h"

static char __format(1, 0) * path_of(const char *format, va_list args)
{
	struct pst_buf path = { 0 };

	pst_buf_vprintf(&path, format, args);
	return pst_buf_take(&path);
}

void pst_make_printable(char *text)
{
	text[strcspn(text, "\n")] = '\0';
	for (char *p = text; *p; p++)
		if (*p < ' ' || *p > '~')
			*p = '?';
}

static char *first_line(const struct pst_host *host, const char *path)
{
	char __cleanup_free *text = NULL;
	size_t begin, end;

	if (!path || pst_host_read(host, path, &text, NULL))
		return NULL;
	pst_make_printable(text);
	begin = strspn(text, " ");
	end = strlen(text);
	while (end > begin && text[end - 1] == ' ')
		end--;
	return end > begin ? strndup(text + begin, end - begin) : NULL;
}

char *pst_sysfs_word(const struct pst_host *host, const char *format, ...)
{
	char __cleanup_free *path = NULL;
	va_list args;

	va_start(args, format);
	path = path_of(format, args);
	va_end(args);
	return first_line(host, path);
}

int64_t pst_sysfs_number(const struct pst_host *host, int64_t unknown, const char *format, ...)
{
	char __cleanup_free *path = NULL;
	char __cleanup_free *word = NULL;
	unsigned long long number;
	bool negative;
	va_list args;

	va_start(args, format);
	path = path_of(format, args);
	va_end(args);
	word = first_line(host, path);
	negative = word && word[0] == '-';
	if (!word || pst_parse_u64(word + negative, INT64_MAX, &number))
		return unknown;
	return negative ? -(int64_t)number : (int64_t)number;
}

char *pst_sysfs_real(const struct pst_host *host, const char *format, ...)
{
	char __cleanup_free *root = realpath(*host->root ? host->root : "/", NULL);
	char __cleanup_free *path = NULL;
	char __cleanup_free *full = NULL;
	char __cleanup_free *real = NULL;
	va_list args;

	va_start(args, format);
	path = path_of(format, args);
	va_end(args);
	full = path ? pst_host_path(host, path) : NULL;
	real = full ? realpath(full, NULL) : NULL;
	if (!real || !root)
		return NULL;
	if (pst_streq(root, "/"))
		return TAKE_PTR(real);
	return pst_startswith(real, root) ? strdup(real + strlen(root)) : NULL;
}

/* Moves past hexadecimal digits, of which there must be @least to @most. */
static const char *skip_hex(const char *p, size_t least, size_t most)
{
	size_t n = 0;

	while (isxdigit((unsigned char)p[n]))
		n++;
	return n >= least && n <= most ? p + n : NULL;
}

/* 0000:41:00.0; domains behind a VMD have more than four digits. */
static bool is_pci_address(const char *p, size_t len)
{
	const char *end = p + len;

	p = skip_hex(p, 4, 8);
	p = p && *p == ':' ? skip_hex(p + 1, 2, 2) : NULL;
	p = p && *p == ':' ? skip_hex(p + 1, 2, 2) : NULL;
	return p && *p == '.' && p + 2 == end && isdigit((unsigned char)p[1]);
}

char *pst_pci_of(const char *real)
{
	size_t end = 0;

	for (const char *p = real; p && *p == '/';) {
		size_t len = strcspn(p + 1, "/");

		if (is_pci_address(p + 1, len))
			end = (size_t)(p + 1 - real) + len;
		p += 1 + len;
	}
	return end ? strndup(real, end) : NULL;
}

char *pst_pci_parent(const char *pci)
{
	const char *last = strrchr(pci, '/');
	char __cleanup_free *above = last ? strndup(pci, (size_t)(last - pci)) : NULL;
	const char *name = above ? strrchr(above, '/') : NULL;

	/* Above the first device is the host bridge, which has no link. */
	return name && is_pci_address(name + 1, strlen(name + 1)) ? TAKE_PTR(above) : NULL;
}

const char *pst_pci_address(const char *pci)
{
	const char *last = strrchr(pci, '/');

	return last ? last + 1 : pci;
}
