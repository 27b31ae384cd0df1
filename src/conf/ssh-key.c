// SPDX-License-Identifier: MIT
/* What a line of authorized_keys may look like: TYPE BASE64 [COMMENT], and no options. */
#include <ctype.h>
#include <stdint.h>

#include "conf/word.h"

static int base64_digit(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				     "0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/*
 * A key's blob begins with its type's length, in four bytes, and its type. Decoding that much shows
 * whether the second word is the key that the first word says.
 */
static bool blob_begins_with(const char *base64, const char *type)
{
	uint8_t head[4 + 64];
	size_t want = 4 + strlen(type), have = 0;
	uint32_t bits = 0;
	unsigned int n_bits = 0;

	for (const char *p = base64; have < want; p++) {
		int digit = base64_digit(*p);

		if (digit < 0)
			return false;
		bits = bits << 6 | (uint32_t)digit;
		n_bits += 6;
		if (n_bits >= 8) {
			n_bits -= 8;
			head[have++] = (uint8_t)(bits >> n_bits);
		}
	}
	return head[0] == 0 && head[1] == 0 && head[2] == 0 && head[3] == strlen(type) &&
	       memcmp(head + 4, type, strlen(type)) == 0;
}

static bool is_base64(const char *text, size_t len)
{
	size_t digits = 0;

	while (digits < len && base64_digit(text[digits]) >= 0)
		digits++;
	if (len % 4 || digits < 32 || len - digits > 2)
		return false;
	return strspn(text + digits, "=") >= len - digits;
}

const char *pst_word_ssh_key(const char *word)
{
	static const char *const types[] = {
		"ssh-ed25519",
		"ssh-rsa",
		"ecdsa-sha2-nistp256",
		"ecdsa-sha2-nistp384",
		"ecdsa-sha2-nistp521",
		"sk-ssh-ed25519@openssh.com",
		"sk-ecdsa-sha2-nistp256@openssh.com",
	};
	size_t type_len = strcspn(word, " ");
	const char *type = NULL;

	for (const char *p = word; *p; p++)
		if (!isprint((unsigned char)*p))
			return "must be one line of printable characters";
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (strlen(types[i]) == type_len && memcmp(types[i], word, type_len) == 0)
			type = types[i];
	if (!type)
		return "must be a public key: TYPE KEY COMMENT, with no options before it";

	const char *key = word + type_len + strspn(word + type_len, " ");

	if (!is_base64(key, strcspn(key, " ")) || !blob_begins_with(key, type))
		return "is damaged: what follows the type is not a key of that type";
	return NULL;
}
