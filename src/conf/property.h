/* SPDX-License-Identifier: MIT */
/*
 * The ZFS properties that a configuration may set. Those that have a line here are checked; any other
 * is passed on as it is, user properties with a colon as well, unless it would pull the rug from under
 * the rest (canmount, sharenfs, readonly) or is so much like one of these that it must be a typing
 * error.
 *
 * The second column says what may stand there: words with | between them are those words; #size is
 * a size such as 10G, #none a size or "none", #record a power of two from 512 to 16M, #ashift a
 * number from 9 to 16, #path an absolute path. The words are those that ZFS reports
 * back, so that what is can be compared with what is wanted.
 */
#ifndef PST_CONF_PROPERTY_H
#define PST_CONF_PROPERTY_H

#include "base/problem.h"

#define PST_POOL_PROPERTIES(X)             \
	X(ashift, "#ashift")               \
	X(autoexpand, "on|off")            \
	X(autoreplace, "on|off")           \
	X(autotrim, "on|off")              \
	X(failmode, "wait|continue|panic") \
	X(multihost, "on|off")

#define PST_FS_PROPERTIES(X)                                                           \
	X(acltype, "off|posix|nfsv4")                                                  \
	X(atime, "on|off")                                                             \
	X(checksum, "on|off|fletcher4|sha256|sha512|skein|edonr|blake3")               \
	X(compression, "on|off|lz4|zstd|zstd-1|zstd-3|zstd-6|zstd-9|zstd-19|zle|gzip") \
	X(copies, "1|2|3")                                                             \
	X(devices, "on|off")                                                           \
	X(direct, "disabled|standard|always")                                          \
	X(dnodesize, "legacy|auto|1k|2k|4k|8k|16k")                                    \
	X(exec, "on|off")                                                              \
	X(logbias, "latency|throughput")                                               \
	X(mountpoint, "#path")                                                         \
	X(prefetch, "all|none|metadata")                                               \
	X(primarycache, "all|none|metadata")                                           \
	X(quota, "#none")                                                              \
	X(recordsize, "#record")                                                       \
	X(redundant_metadata, "all|most|some|none")                                    \
	X(refquota, "#none")                                                           \
	X(refreservation, "#none")                                                     \
	X(relatime, "on|off")                                                          \
	X(reservation, "#none")                                                        \
	X(secondarycache, "all|none|metadata")                                         \
	X(setuid, "on|off")                                                            \
	X(snapdir, "hidden|visible")                                                   \
	X(special_small_blocks, "#size")                                               \
	X(sync, "standard|always|disabled")                                            \
	X(xattr, "off|dir|sa")

#define PST_PROPERTY_MEMBER(name, values) const char *name;

/* Properties that have no line above. */
struct pst_more_properties {
	struct pst_more_property {
		char *name;
		char *value;
	} *v;
	size_t n;
};

struct pst_pool_properties {
	PST_POOL_PROPERTIES(PST_PROPERTY_MEMBER)
	struct pst_more_properties more;
};

struct pst_fs_properties {
	PST_FS_PROPERTIES(PST_PROPERTY_MEMBER)
	struct pst_more_properties more;
};

struct pst_property {
	const char *name;
	size_t offset;
	const char *values;
};

/* Tables of the above; each ends with a NULL name. */
extern const struct pst_property pst_pool_properties[];
extern const struct pst_property pst_fs_properties[];

/* The value of a property in one of the two structs above; NULL when it is not set. */
const char *pst_property_value(const void *properties, const struct pst_property *property);
bool pst_property_valid(const struct pst_property *property, const char *value);
/* What may stand there, in words: "must be …". */
struct pst_key pst_property_expects(const struct pst_property *property);
/* What is wrong with the name or value of one that has no line; @table is that of its kind. */
const char *pst_property_name_complaint(const struct pst_property *table, const char *name,
					struct pst_key *words);
const char *pst_property_text_complaint(const char *value);
int pst_more_add(struct pst_more_properties *more, const char *name, const char *value);
void pst_more_free(struct pst_more_properties *more);
/* The same as pst_property_equal() for one of these. */
bool pst_more_equal(const char *value, const char *reported);
/* A size as ZFS takes it: a whole number, and K, M, G, T or P or nothing after it. */
bool pst_parse_size(const char *text, unsigned long long *ret);
/* Whether @value, as in a configuration, is what ZFS reports as @reported (exact numbers). */
bool pst_property_equal(const struct pst_property *property, const char *value,
			const char *reported);

#endif
