// SPDX-License-Identifier: MIT
/* What the kernel says of mounts. */
#include "base/mountinfo.h"

#include <errno.h>

#include "base/str.h"

/* The character that "\\040" stands for; -1 when there are not three octal digits. */
static int octal_escape(const char *text, size_t len)
{
	int code = 0;

	if (len < 4 || text[0] != '\\')
		return -1;
	for (size_t i = 1; i < 4; i++) {
		if (text[i] < '0' || text[i] > '7')
			return -1;
		code = code * 8 + (text[i] - '0');
	}
	return code & 0xff;
}

/* The kernel writes blanks and backslashes in octal. */
static char *unescape(const char *text, size_t len)
{
	struct pst_buf plain = { 0 };

	for (size_t i = 0; i < len; i++) {
		int code = octal_escape(text + i, len - i);
		char byte = code < 0 ? text[i] : (char)code;

		pst_buf_add_bytes(&plain, &byte, 1);
		i += code < 0 ? 0 : 3;
	}
	return pst_buf_take(&plain);
}

/* Takes the next word of a line, which may be empty, and moves past it; NULL at the line's end. */
static const char *next_word(const char **line, size_t *ret_len)
{
	const char *word = *line;

	*ret_len = strcspn(word, " \n");
	*line = word + *ret_len + (word[*ret_len] == ' ');
	return *ret_len || *word == ' ' ? word : NULL;
}

static int parse_id(const char *word, size_t len, unsigned long long *ret)
{
	char digits[24];

	if (len >= sizeof(digits))
		return -EBADMSG;
	memcpy(digits, word, len);
	digits[len] = '\0';
	return pst_parse_u64(digits, ~0ULL, ret) ? -EBADMSG : 0;
}

/* ID PARENT DEVICE ROOT TARGET OPTIONS [TAG...] - TYPE SOURCE OPTIONS */
int pst_mountinfo_next(const char **text, struct pst_mountinfo *ret)
{
	enum { ID, DEVICE = 2, TARGET = 4, FIXED = 6, TYPE = 0, SOURCE, OPTIONS, BEHIND };
	const char *fixed[FIXED], *behind[BEHIND], *word, *line = *text;
	size_t fixed_len[FIXED], behind_len[BEHIND], len;
	struct pst_mountinfo mount = { 0 };

	if (!*line)
		return -ENOENT;
	for (size_t i = 0; i < FIXED; i++)
		if (!(fixed[i] = next_word(&line, &fixed_len[i])))
			return -EBADMSG;
	do {
		word = next_word(&line, &len);
		if (!word)
			return -EBADMSG;
	} while (len != 1 || *word != '-');
	for (size_t i = 0; i < BEHIND; i++)
		if (!(behind[i] = next_word(&line, &behind_len[i])))
			return -EBADMSG;
	if (parse_id(fixed[ID], fixed_len[ID], &mount.id))
		return -EBADMSG;
	mount.device = unescape(fixed[DEVICE], fixed_len[DEVICE]);
	mount.target = unescape(fixed[TARGET], fixed_len[TARGET]);
	mount.type = unescape(behind[TYPE], behind_len[TYPE]);
	mount.source = unescape(behind[SOURCE], behind_len[SOURCE]);
	mount.options = unescape(behind[OPTIONS], behind_len[OPTIONS]);
	if (!mount.device || !mount.target || !mount.type || !mount.source || !mount.options) {
		pst_mountinfo_free(&mount);
		return -ENOMEM;
	}
	*text += strcspn(*text, "\n");
	*text += **text == '\n';
	*ret = mount;
	return 0;
}

void pst_mountinfo_free(struct pst_mountinfo *mount)
{
	free(mount->device);
	free(mount->target);
	free(mount->type);
	free(mount->source);
	free(mount->options);
	*mount = (struct pst_mountinfo){ 0 };
}

bool pst_mountinfo_is_nfs(const char *type)
{
	return pst_streq(type, "nfs") || pst_streq(type, "nfs4");
}

bool pst_mountinfo_flag(const char *options, const char *name)
{
	size_t len = strlen(name);

	for (const char *option = options; *option;) {
		size_t span = strcspn(option, ",");

		if (span == len && memcmp(option, name, len) == 0)
			return true;
		option += span + (option[span] == ',');
	}
	return false;
}

char *pst_mountinfo_option(const char *options, const char *name)
{
	size_t len = strlen(name);

	for (const char *option = options; *option;) {
		size_t span = strcspn(option, ",");

		if (span > len && option[len] == '=' && memcmp(option, name, len) == 0)
			return strndup(option + len + 1, span - len - 1);
		option += span + (option[span] == ',');
	}
	return NULL;
}
