// SPDX-License-Identifier: MIT
/* Of pools and datasets. */
#include "conf/doc.h"
#include "conf/property.h"

const struct pst_doc pst_doc_storage[] = {
	PST_DOC("pools", .absent = "none", .text = "A list of ZFS pools; see zpoolconcepts(7)."),
	PST_DOC("pools[].name", .type = "pool name", .example = "tank",
		.text = "Names that ZFS reserves are refused, and those whose mount point would "
			"hide a directory of the system."),
	PST_DOC("pools[].layout", .example = "raidz1",
		.text = "One group of all disks. A mirror needs 2 disks, raidz1 3, raidz2 4 and "
			"raidz3 5.",
		.reason = "With fewer, a mirror does the same better."),
	PST_DOC("pools[].disks", .type = "absolute paths below /dev",
		.example = "[/dev/disk/by-id/nvme-0, /dev/disk/by-id/nvme-1, "
			   "/dev/disk/by-id/nvme-2]",
		.text = "The disks, all of them.",
		.reason = "Best are those in /dev/disk/by-id, which stay when disks are moved."),
	PST_DOC("pools[].properties", .absent = "as ZFS has them",
		.properties = pst_pool_properties,
		.text = "Of the pool; see zpoolprops(7). What is declared is kept so."),
	PST_DOC("pools[].filesystem_properties", .absent = "as ZFS has them",
		.same_as = "datasets[].properties",
		.text = "Of the pool's root dataset, which all others inherit. What is declared is "
			"kept so. A new pool also gets, where nothing else is declared, what the "
			"properties of datasets below have for a new pool.",
		.reason = "Those suit large files that are read in large pieces."),

	PST_DOC("datasets", .absent = "none", .text = "A list of ZFS file systems."),
	PST_DOC("datasets[].name", .type = "POOL/NAME", .example = "tank/data",
		.text = "In a pool that is declared. Those between are made as well."),
	PST_DOC("datasets[].properties", .absent = "inherited", .properties = pst_fs_properties,
		.text = "See zfsprops(7). Sizes are in bytes, with K, M, G, T or P for powers of "
			"1024.",
		.reason = "Others are unknown keys, since some would undo what is declared "
			  "elsewhere: `canmount`, `sharenfs`, `readonly`."),
	PST_DOC("datasets[].owner", .unit = "user ID", .absent = "as it is",
		.text = "Of the dataset's root directory.",
		.reason = "A number, since NFS carries numbers."),
	PST_DOC("datasets[].group", .unit = "group ID", .absent = "as it is",
		.text = "Of the same directory.", .reason = "A number, since NFS carries numbers."),
	PST_DOC("datasets[].mode", .type = "octal, three or four digits", .absent = "as it is",
		.text = "Of the same directory, such as \"0755\".",
		.reason = "What users have set themselves is not taken back unasked."),
	PST_DOC_END,
};
