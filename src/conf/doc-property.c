// SPDX-License-Identifier: MIT
/* Of the ZFS properties, of which property.h has the values. */
#include "conf/doc.h"

#define POOL(name, ...) PST_DOC("pools[].properties." name, __VA_ARGS__)
#define FS(name, ...)	PST_DOC("datasets[].properties." name, __VA_ARGS__)

const struct pst_doc pst_doc_property[] = {
	POOL("ashift", .fresh = "12",
	     .text = "The power of two that is a disk's sector, for new groups of disks: it can "
		     "never be changed. More than 12 where the disks like to write more at once.",
	     .reason = "12 at least is right for nearly all SSDs, whatever they say."),
	POOL("autoexpand", .text = "Whether the pool grows when all its disks have."),
	POOL("autoreplace", .text = "Whether a new disk in the place of an old one is taken."),
	POOL("autotrim", .fresh = "on", .text = "Whether SSDs are told at once of what was freed.",
	     .reason = "An SSD that knows what is free writes less twice."),
	POOL("failmode", .text = "What writers see when the pool has lost too many disks."),
	POOL("multihost", .text = "Whether each import first waits for signs of another node that "
				  "has the pool."),

	FS("acltype", .fresh = "posix", .text = "Which access control lists files may have.",
	   .reason = "NFS version 3 clients can see and set POSIX ones."),
	FS("atime", .fresh = "off", .text = "Whether reading a file notes the time.",
	   .reason = "Each read would be a write."),
	FS("checksum", .text = "How blocks are verified."),
	FS("compression", .fresh = "lz4", .text = "How blocks are compressed.",
	   .reason = "It costs next to nothing, and stops early on what cannot be compressed."),
	FS("copies", .text = "How many copies of each block are kept, beside the pool's own."),
	FS("devices", .text = "Whether device nodes work."),
	FS("direct", .text = "Whether O_DIRECT bypasses ZFS's cache."),
	FS("dnodesize", .fresh = "auto", .text = "How much room a file's own attributes have.",
	   .reason = "Extended attributes then lie beside the file's other attributes."),
	FS("exec", .text = "Whether programs can be run."),
	FS("logbias", .text = "Whether synchronous writes go for latency or for throughput."),
	FS("mountpoint", .text = "Where it is mounted; `/` and the dataset's name by default."),
	FS("prefetch", .text = "What is read ahead."),
	FS("primarycache", .text = "What is kept in memory."),
	FS("quota", .text = "What it and all below may use, snapshots included."),
	FS("recordsize", .fresh = "1M", .text = "The largest block of a file.",
	   .reason = "Large files are read in large pieces, and a few large blocks cost less than "
		     "many small ones."),
	FS("redundant_metadata", .text = "How much metadata is kept twice."),
	FS("refquota", .text = "What it may use, without snapshots and what is below."),
	FS("refreservation", .text = "What is kept free for it, without snapshots and what is "
				     "below."),
	FS("relatime", .text = "With `atime`, whether the time is noted only once a day."),
	FS("reservation", .text = "What is kept free for it and all below."),
	FS("secondarycache", .text = "What is kept on cache disks."),
	FS("setuid", .text = "Whether set-user-ID programs have that effect."),
	FS("snapdir", .text = "Whether `.zfs` is listed."),
	FS("special_small_blocks", .text = "Blocks up to this size go to special disks."),
	FS("sync", .text = "When a synchronous write is answered. With `disabled`, data that a "
			   "client was told is safe is lost when the node loses power."),
	FS("xattr", .fresh = "sa", .text = "Where extended attributes are kept.",
	   .reason = "In the file's own attributes, instead of in a hidden directory for each "
		     "file."),
	PST_DOC_END,
};
