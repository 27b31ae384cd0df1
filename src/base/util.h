/* SPDX-License-Identifier: MIT */
/* What every other file needs: cleanup attributes and a few small macros. */
#ifndef PST_BASE_UTIL_H
#define PST_BASE_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define __cleanup(fn)	   __attribute__((cleanup(fn)))
#define __format(fmt, arg) __attribute__((format(printf, fmt, arg)))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static inline void pst_free_ptr(void *ptr)
{
	free(*(void **)ptr);
}
#define __cleanup_free __cleanup(pst_free_ptr)

static inline void pst_close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
#define __cleanup_close __cleanup(pst_close_fd)

/* Hands a value that is owned by a __cleanup variable to someone else. */
#define TAKE_PTR(ptr)                        \
	({                                   \
		__typeof__(ptr) taken = ptr; \
		(ptr) = NULL;                \
		taken;                       \
	})

static inline bool pst_streq(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static inline bool pst_startswith(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

/*
 * Makes room for one more element at the end of an array of @size-byte elements, and returns it
 * zeroed; NULL when memory is out.
 */
void *pst_array_grow(void **array, size_t *count, size_t size);

/* A whole decimal number without sign, blanks or leading zeros; -EINVAL or -ERANGE otherwise. */
int pst_parse_u64(const char *text, unsigned long long max, unsigned long long *ret);

#endif
