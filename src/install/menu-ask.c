// SPDX-License-Identifier: MIT
/* Questions of the menu. */
#include "install/menu-ask.h"

#include <errno.h>

static void strip(char *line)
{
	size_t start = strspn(line, " \t"), len;

	memmove(line, line + start, strlen(line + start) + 1);
	for (len = strlen(line); len && strchr(" \t\r\n", line[len - 1]); len--)
		line[len - 1] = '\0';
}

static int read_line(struct pst_menu *menu, char **ret)
{
	char *line = NULL;
	size_t room = 0;

	fflush(menu->out);
	if (getline(&line, &room, menu->in) < 0) {
		free(line);
		return -EPIPE;
	}
	strip(line);
	if (pst_streq(line, ".")) {
		free(line);
		return -ECANCELED;
	}
	*ret = line;
	return 0;
}

int pst_ask(struct pst_menu *menu, const char *otherwise, char **ret, const char *format, ...)
{
	va_list args;
	int error;

	va_start(args, format);
	vfprintf(menu->out, format, args);
	va_end(args);
	if (otherwise)
		fprintf(menu->out, " [%s]", otherwise);
	fputs(": ", menu->out);
	error = read_line(menu, ret);
	if (error || **ret || !otherwise)
		return error;
	free(*ret);
	*ret = strdup(otherwise);
	return *ret ? 0 : -ENOMEM;
}

int pst_ask_word(struct pst_menu *menu, const char *what, const char *otherwise,
		 const char *(*complain)(const char *), char **ret)
{
	for (;;) {
		char __cleanup_free *word = NULL;
		const char *complaint;
		int error = pst_ask(menu, otherwise, &word, "%s", what);

		if (error)
			return error;
		complaint = *word ? complain(word) : NULL;
		if (!complaint) {
			*ret = TAKE_PTR(word);
			return 0;
		}
		fprintf(menu->out, "\"%s\" %s\n", word, complaint);
	}
}

int pst_ask_number(struct pst_menu *menu, const char *what, size_t max, size_t *ret)
{
	for (;;) {
		char __cleanup_free *word = NULL;
		unsigned long long number;
		int error = pst_ask(menu, NULL, &word, "%s", what);

		if (error)
			return error;
		if (!pst_parse_u64(word, max, &number) && number) {
			*ret = (size_t)number;
			return 0;
		}
		fprintf(menu->out, "A number from 1 to %zu.\n", max);
	}
}

int pst_ask_yes(struct pst_menu *menu, const char *what, bool otherwise, bool *ret)
{
	for (;;) {
		char __cleanup_free *word = NULL;
		int error = pst_ask(menu, otherwise ? "yes" : "no", &word, "%s", what);

		if (error)
			return error;
		*ret = pst_streq(word, "yes");
		if (*ret || pst_streq(word, "no"))
			return 0;
		fputs("yes or no.\n", menu->out);
	}
}
