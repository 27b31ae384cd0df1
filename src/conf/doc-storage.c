// SPDX-License-Identifier: MIT
/* Of pools and datasets. */
#include "conf/doc.h"
#include "conf/property.h"

const struct pst_doc pst_doc_storage[] = {
	PST_DOC("pools", .absent = "none",
		.text = "A list of ZFS pools; see zpoolconcepts(7). A pool that is there is "
			"changed where nothing can be lost: a new group is added, after zpool(8) "
			"has tried whether it is as safe as the others; a raidz group with one "
			"disk "
			"more in the file becomes wider, and a mirror gets a copy more; where one "
			"disk of a group is another one in the file, it is replaced; spares, "
			"caches and logs come and go. New disks must be empty.",
		.reason = "What would lose data is refused, with the command that a person would "
			  "have to type: fewer disks, another layout, a group that is gone."),
	PST_DOC("pools[].name", .type = "pool name", .example = "tank",
		.text = "Names that ZFS reserves are refused, and those whose mount point would "
			"hide a directory of the system."),
	PST_DOC("pools[].import", .standard = "false",
		.text = "The pool is there already, and is never created; its disks need not be "
			"given. Where it is not there nothing is applied: what is declared on it "
			"would come to lie on the root file system, and be served from there.",
		.reason = "A pool that another host used last is not imported: that would be for a "
			  "person to force."),
	PST_DOC("pools[].layout", .absent = "as vdevs have it", .example = "raidz1",
		.text = "The short form, for a pool of one group of disks. A mirror needs 2 disks, "
			"raidz1 3, raidz2 4 and raidz3 5.",
		.reason = "With fewer, a mirror does the same better."),
	PST_DOC("pools[].disks", .type = "absolute paths below /dev", .absent = "none",
		.example = "[/dev/disk/by-id/nvme-0, /dev/disk/by-id/nvme-1, "
			   "/dev/disk/by-id/nvme-2]",
		.text = "Of that group.",
		.reason = "Best are those in /dev/disk/by-id, which stay when disks are moved."),
	PST_DOC("pools[].select", .absent = "none", .instead_of = "",
		.text = "Disks by what they are, behind those that are named: as many as `count` "
			"says, of those that match. At least one of the other three must be given. "
			"What the pool has comes first, also a disk that is gone: it is never "
			"exchanged unseen. Then come empty disks, in the order of their places.",
		.reason = "Too few disks, or more than are taken and not of one kind, are refused "
			  "with a list of what was found."),
	PST_DOC("pools[].select.model", .type = "pattern of fnmatch(3)", .absent = "any",
		.text = "The drive's model.", .reason = "It may not matter."),
	PST_DOC("pools[].select.size", .type = "size as printed on drives", .absent = "any",
		.text = "Such as 960G or 3.84T.",
		.reason = "2% more or less match, since makers do not agree on the last digits."),
	PST_DOC("pools[].select.pci", .type = "pattern of fnmatch(3)", .absent = "any",
		.text = "The address of the PCI device, or the name in /dev/disk/by-path.",
		.reason = "It may not matter."),
	PST_DOC("pools[].select.count", .min = 1, .example = "3", .text = "How many disks."),
	PST_DOC("pools[].data", .unit = "disks", .min = 1, .max = 254,
		.absent = "none, and draid needs it", .instead_of = "layout",
		.beside = "layout: draid1", .text = "Of draid: the data disks of each stripe.",
		.reason = "It is a choice between space and the time that rebuilding takes."),
	PST_DOC("pools[].children", .unit = "disks", .absent = "as there are",
		.instead_of = "layout", .beside = "layout: draid1",
		.text = "Of draid: how many disks there are, which must be true.",
		.reason = "For those who want to see it in the file."),
	PST_DOC("pools[].vdevs", .absent = "the short form", .instead_of = "layout disks",
		.text = "Instead of the short form: several groups of disks.",
		.reason = "All have one layout, since data is spread over all of them."),
	PST_DOC("pools[].vdevs[].layout", .example = "raidz1", .text = "As in the short form."),
	PST_DOC("pools[].vdevs[].disks", .type = "absolute paths below /dev", .absent = "none",
		.example = "[/dev/disk/by-id/nvme-0, /dev/disk/by-id/nvme-1, "
			   "/dev/disk/by-id/nvme-2]",
		.text = "As in the short form.", .reason = "They may be selected instead."),
	PST_DOC("pools[].vdevs[].select", .absent = "none", .instead_of = "",
		.same_as = "pools[].select", .text = "As in the short form."),
	PST_DOC("pools[].vdevs[].data", .unit = "disks", .min = 1, .max = 254,
		.absent = "none, and draid needs it", .instead_of = "layout",
		.beside = "layout: draid1", .text = "As in the short form.",
		.reason = "It is a choice between space and the time that rebuilding takes."),
	PST_DOC("pools[].vdevs[].spares", .unit = "disks", .max = 4, .standard = "0",
		.instead_of = "layout data", .beside = "layout: draid1, data: 1",
		.text = "Of draid: the number of disks whose space is kept free over all of them.",
		.reason = "More than a few waste disks."),
	PST_DOC("pools[].vdevs[].children", .unit = "disks", .absent = "as there are",
		.instead_of = "layout", .beside = "layout: draid1", .text = "As in the short form.",
		.reason = "For those who want to see it in the file."),
	PST_DOC("pools[].special", .absent = "none", .instead_of = "", .same_as = "pools[].vdevs",
		.text = "Groups for metadata and small blocks: mirrors, unless the pool has no "
			"redundancy either.",
		.reason = "The pool is lost with them."),
	PST_DOC("pools[].logs", .absent = "none", .instead_of = "", .same_as = "pools[].vdevs",
		.text = "Groups for synchronous writes: mirror or stripe."),
	PST_DOC("pools[].cache", .type = "absolute paths below /dev", .absent = "none",
		.text = "Disks for what memory has no room for.",
		.reason = "Memory is better spent on more memory."),
	PST_DOC("pools[].spares", .type = "absolute paths below /dev", .absent = "none",
		.text = "Disks that take the place of any disk that fails.",
		.reason = "They do nothing until then."),
	PST_DOC("pools[].properties", .absent = "as ZFS has them",
		.properties = pst_pool_properties,
		.text = "Of the pool; see zpoolprops(7). What is declared is kept so.",
		.open = "Any other property is passed on to zpool(8) as it is, unless it would "
			"undo "
			"what is declared elsewhere or is one letter away from one of the above."),
	PST_DOC("pools[].filesystem_properties", .absent = "as ZFS has them",
		.same_as = "datasets[].properties",
		.text = "Of the pool's root dataset, which all others inherit. What is declared is "
			"kept so. A new pool also gets, where nothing else is declared, what the "
			"properties of datasets below have for a new pool.",
		.reason = "Those suit large files that are read in large pieces.",
		.open = "Any other property is passed on as well."),

	PST_DOC("datasets", .absent = "none", .text = "A list of ZFS file systems."),
	PST_DOC("datasets[].name", .type = "POOL/NAME", .example = "tank/data",
		.text = "In a pool that is declared. Those between are made as well."),
	PST_DOC("datasets[].properties", .absent = "inherited", .properties = pst_fs_properties,
		.text = "See zfsprops(7). Sizes are in bytes, with K, M, G, T or P for powers of "
			"1024.",
		.open = "Any other property, and one of your own with a colon in its name, is "
			"passed on to zfs(8) as it is; its value is text, in quotes where YAML "
			"would take it for something else. Refused are those that would undo what "
			"is declared elsewhere, such as `canmount`, `sharenfs` and `readonly`, and "
			"names that are one letter away from one of the above."),
	PST_DOC("datasets[].encryption", .absent = "none", .instead_of = "",
		.text = "Only for a new dataset: what is there is never encrypted later."),
	PST_DOC("datasets[].encryption.key", .type = "where the key comes from",
		.example = "\"file:///etc/zfs/data.key\"",
		.text = "file:///PATH, which root owns and nobody else may read; "
			"credential:zfs-key.NAME, a "
			"credential of systemd.exec(5) that penstock-apply.service imports, from "
			"/etc/credstore.encrypted for instance; or `prompt`, with which a person "
			"types zfs load-key after each boot, and until then status says that the "
			"dataset is locked. While it is locked it is not exported."),
	PST_DOC("datasets[].encryption.format", .standard = "raw",
		.text = "How the key is written: 32 bytes, those in hexadecimal, or a passphrase.",
		.reason = "A file of 32 random bytes needs no stretching."),
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
