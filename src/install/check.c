// SPDX-License-Identifier: MIT
/* Which disks an installation may take. */
#include "install/check.h"

#include <errno.h>

#include "install/layout.h"
#include "node/node.h"

static bool is_called(const struct pst_host *host, const struct pst_disk *disk, const char *word)
{
	char __cleanup_free *name = NULL;

	if (*word != '/')
		return pst_streq(disk->serial, word) || pst_streq(disk->name, word);
	if (pst_startswith(word, "/dev/") && pst_streq(word + strlen("/dev/"), disk->name))
		return true;
	if (pst_strv_contains(&disk->ids, word))
		return true;
	return !pst_disk_name(host, word, &name) && pst_streq(name, disk->name);
}

/* A path of a partition leads to its disk, and was surely not meant so. */
static bool is_partition(const struct pst_host *host, const struct pst_disk *disk, const char *word)
{
	char __cleanup_free *full = *word == '/' ? pst_host_path(host, word) : NULL;
	char __cleanup_free *real = full ? realpath(full, NULL) : NULL;
	const char *slash = real ? strrchr(real, '/') : NULL;

	return slash && !pst_streq(slash + 1, disk->name);
}

const struct pst_disk *pst_target_find(const struct pst_host *host, const struct pst_disks *disks,
				       const char *word, char **ret)
{
	const struct pst_disk *found = NULL;

	for (size_t i = 0; i < disks->n; i++) {
		if (!is_called(host, &disks->v[i], word))
			continue;
		if (found) {
			*ret = pst_printf("%s and %s are both called \"%s\": say which by its path",
					  found->name, disks->v[i].name, word);
			return NULL;
		}
		found = &disks->v[i];
	}
	if (!found)
		*ret = pst_printf("there is no disk \"%s\"; there %s", word,
				  disks->n ? "are those that penstock disks lists" : "is none");
	if (found && is_partition(host, found, word)) {
		*ret = pst_printf("\"%s\" is a partition of %s: an installation takes whole disks",
				  word, found->name);
		return NULL;
	}
	return found;
}

const char *pst_target_token(const struct pst_disk *disk)
{
	return disk->serial && *disk->serial ? disk->serial : disk->name;
}

static bool is_boot_disk(const struct pst_disk *disk, const struct pst_image *image)
{
	for (size_t i = 0; image && i < image->disks.n; i++)
		if (pst_startswith(image->disks.v[i], "/dev/") &&
		    pst_streq(image->disks.v[i] + strlen("/dev/"), disk->name))
			return true;
	return false;
}

/* Whether the medium of the running system is mounted from it. */
static bool is_medium(const struct pst_disk *disk, const struct pst_image *image)
{
	char __cleanup_free *ending =
		image && image->medium ? pst_printf(", mounted on %s", image->medium) : NULL;

	for (size_t i = 0; ending && i < disk->found.n; i++) {
		const char *at = strstr(disk->found.v[i], ending);

		if (at && !at[strlen(ending)])
			return true;
	}
	return false;
}

static char *bar_of(const struct pst_disk *disk, const struct pst_image *image)
{
	char __cleanup_free *content = pst_target_content(disk);

	if (is_medium(disk, image))
		return strdup("is the medium that this system was started from");
	if (is_boot_disk(disk, image))
		return strdup("is a boot disk of the running system");
	if (disk->read_only)
		return strdup("is read-only");
	if (disk->use == PST_USE_POOL)
		return pst_printf("is in use: it is part of the pool %s, which is imported",
				  disk->pool ?: "?");
	if (disk->used)
		return pst_printf("is in use: found %s", content ?: "something");
	if (disk->size_bytes < PST_INSTALL_MIN_BYTES)
		return pst_printf("is too small: it has %.1f GiB, and %llu GiB are needed",
				  (double)disk->size_bytes / (1ULL << 30),
				  PST_INSTALL_MIN_BYTES >> 30);
	if (disk->use == PST_USE_UNKNOWN)
		return strdup("could not be looked at: that needs root");
	return NULL;
}

bool pst_target_is_same(const struct pst_disk *a, const struct pst_disk *b)
{
	return a == b || (a->serial && *a->serial && pst_streq(a->serial, b->serial) &&
			  a->size_bytes == b->size_bytes);
}

char *pst_target_bar(const struct pst_disks *disks, const struct pst_disk *disk,
		     const struct pst_image *image)
{
	char *own = bar_of(disk, image);

	for (size_t i = 0; i < disks->n && !own; i++) {
		char __cleanup_free *bar = NULL;

		if (!pst_target_is_same(disk, &disks->v[i]))
			continue;
		bar = bar_of(&disks->v[i], image);
		if (bar)
			own = pst_printf("has the serial number and size of %s, which %s",
					 disks->v[i].name, bar);
	}
	return own;
}

char *pst_target_content(const struct pst_disk *disk)
{
	return disk->found.n ? pst_strv_join(&disk->found, "; ") : NULL;
}

static bool may_erase(const struct pst_disk *disk, char *const *erase, size_t n_erase)
{
	for (size_t i = 0; i < n_erase; i++)
		if (pst_streq(erase[i], pst_target_token(disk)))
			return true;
	return false;
}

static void judge(const struct pst_disks *disks, const struct pst_disk *disk,
		  const struct pst_image *image, char *const *erase, size_t n_erase,
		  struct pst_key key, struct pst_problems *problems)
{
	char __cleanup_free *bar = pst_target_bar(disks, disk, image);
	char __cleanup_free *content = pst_target_content(disk);

	if (bar)
		pst_problem_add(problems, PST_PROBLEM_REFUSED, key.text, "%s %s", disk->name, bar);
	else if ((content || disk->use != PST_USE_FREE) && !may_erase(disk, erase, n_erase))
		pst_problem_add(problems, PST_PROBLEM_REFUSED, key.text,
				"%s (serial number %s) is not empty, and is left alone: found %s",
				disk->name, disk->serial ?: "unknown", content ?: "something");
}

static void say_same(const char *word, const struct pst_disk *disk, const char *other_word,
		     const struct pst_disk *other, struct pst_key key,
		     struct pst_problems *problems)
{
	if (disk == other)
		pst_problem_add(problems, PST_PROBLEM_REFUSED, key.text,
				"\"%s\" is the same disk (%s) as \"%s\"", word, disk->name,
				other_word);
	else
		pst_problem_add(problems, PST_PROBLEM_REFUSED, key.text,
				"%s has the serial number and size of %s: both are one disk",
				disk->name, other->name);
}

int pst_targets_check(const struct pst_host *host, const struct pst_disks *disks,
		      const struct pst_image *image, char *const *words, size_t n_words,
		      char *const *erase, size_t n_erase, const struct pst_disk **ret,
		      struct pst_problems *problems)
{
	size_t before = problems->n;

	for (size_t i = 0; i < n_words; i++) {
		struct pst_key key = pst_key("disks[%zu]", i);
		char __cleanup_free *why = NULL;

		ret[i] = pst_target_find(host, disks, words[i], &why);
		if (!ret[i])
			pst_problem_add(problems, PST_PROBLEM_REFUSED, key.text, "%s",
					why ?: "no such disk");
		else
			judge(disks, ret[i], image, erase, n_erase, key, problems);
		for (size_t j = 0; ret[i] && j < i; j++)
			if (ret[j] && pst_target_is_same(ret[j], ret[i]))
				say_same(words[i], ret[i], words[j], ret[j], key, problems);
	}
	if (problems->oom)
		return -ENOMEM;
	return problems->n > before ? -EPERM : 0;
}
