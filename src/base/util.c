// SPDX-License-Identifier: MIT
/* The few small functions that every other file needs. */
#include "base/util.h"

#include <errno.h>

void *pst_array_grow(void **array, size_t *count, size_t size)
{
	/* Grows by doubling: a power of two is where the room is used up. */
	if ((*count & (*count - 1)) == 0) {
		size_t room = *count ? *count * 2 : 1;
		void *grown = reallocarray(*array, room, size);

		if (!grown)
			return NULL;
		*array = grown;
	}

	char *element = (char *)*array + *count * size;

	memset(element, 0, size);
	(*count)++;
	return element;
}

int pst_parse_u64(const char *text, unsigned long long max, unsigned long long *ret)
{
	unsigned long long value = 0;

	if (!*text || (text[0] == '0' && text[1]))
		return -EINVAL;
	for (const char *p = text; *p; p++) {
		unsigned int digit = (unsigned int)(*p - '0');

		if (digit > 9)
			return -EINVAL;
		if (__builtin_mul_overflow(value, 10ULL, &value) ||
		    __builtin_add_overflow(value, digit, &value))
			return -ERANGE;
	}
	if (value > max)
		return -ERANGE;
	*ret = value;
	return 0;
}
