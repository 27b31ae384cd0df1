/* SPDX-License-Identifier: MIT */
/*
 * The ZFS properties that a configuration may set, one line each. A property that is not here is an
 * unknown key: some would pull the rug from under the rest (canmount, sharenfs, readonly), and a
 * typing error shall have a line number.
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

struct pst_pool_properties {
	PST_POOL_PROPERTIES(PST_PROPERTY_MEMBER)
};

struct pst_fs_properties {
	PST_FS_PROPERTIES(PST_PROPERTY_MEMBER)
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
/* Whether @value, as in a configuration, is what ZFS reports as @reported (exact numbers). */
bool pst_property_equal(const struct pst_property *property, const char *value,
			const char *reported);

#endif
