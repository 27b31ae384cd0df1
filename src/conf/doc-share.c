// SPDX-License-Identifier: MIT
/* Of exports, nfs_server, mounts and update. */
#include "conf/doc.h"

const struct pst_doc pst_doc_share[] = {
	PST_DOC("exports", .absent = "none",
		.text = "A list of exported directories. The NFS server runs when there is at "
			"least one."),
	PST_DOC("exports[].path", .type = "absolute path", .example = "/tank/data",
		.text = "Where one of the declared datasets is mounted."),
	PST_DOC("exports[].fsid", .min = 1, .absent = "made from the path",
		.text = "What file handles of this export begin with.",
		.reason = "Clients hold file handles, so it must never change while they do; 0 is "
			  "refused, since it would make this export the root of NFSv4."),
	PST_DOC("exports[].clients", .text = "Who may mount it, and how."),
	PST_DOC("exports[].clients[].host", .type = "address, network, name or netgroup",
		.example = "10.77.0.0/24",
		.text = "An address, a network such as 10.77.0.0/24, a host name, a netgroup such "
			"as @nodes, or \"*\" for anyone."),
	PST_DOC("exports[].clients[].access", .standard = "ro", .text = "Whether it may write.",
		.reason = "To let a client write is a decision."),
	PST_DOC("exports[].clients[].squash", .standard = "root",
		.text = "Whose requests are served as nobody's. With `none` the client's root is "
			"root here.",
		.reason = "Root on a client is not to own the files of all."),
	PST_DOC("exports[].clients[].allow_anyone", .standard = "false",
		.text = "Must be true where anyone may write.",
		.reason = "That is not to happen by mistake."),
	PST_DOC("exports[].clients[].allow_root", .standard = "false",
		.text = "Must be true where `squash` is `none` for anyone.",
		.reason = "That is not to happen by mistake either."),
	PST_DOC("exports[].clients[].crossmnt", .standard = "false",
		.text = "Whether file systems below the path can be walked into.",
		.reason = "What is mounted below is exported only where it is said."),
	PST_DOC("exports[].clients[].anonuid", .unit = "user ID", .absent = "65534, nobody",
		.text = "As whom squashed requests are served.", .reason = "It owns no files."),
	PST_DOC("exports[].clients[].anongid", .unit = "group ID", .absent = "65534, nogroup",
		.text = "Likewise.", .reason = "It owns no files."),
	PST_DOC("exports[].clients[].sec", .absent = "sys",
		.text = "How clients say who they are, the preferred one first. `krb5i` and "
			"`krb5p` "
			"also protect what is sent.",
		.reason = "The direct path of penstock-gds(7) is for `sys`."),
	PST_DOC("exports[].clients[].xprtsec", .absent = "all of them",
		.text = "Whether a connection must be encrypted.",
		.reason = "Only TCP can be; to ask for it shuts RDMA out."),
	PST_DOC("exports[].clients[].options", .type = "options of exports(5)",
		.absent = "no_subtree_check",
		.text = "Further options, each an entry of its own. What has a key here is not "
			"taken as an option. `sync` holds unless `async` is given, with which data "
			"that a client was told is safe is lost when the node loses power.",
		.reason = "A check of subtrees breaks file handles of files that are renamed."),

	PST_DOC("nfs_server", .absent = "as its keys have it",
		.text = "The kernel's NFS server. `threads` and `io_modes` are changed and a new "
			"RDMA port is opened while it runs; for the rest it is started anew, and "
			"clients wait "
			"until it is there again."),
	PST_DOC("nfs_server.threads", .min = 1, .max = 4096,
		.absent = "8 for each CPU, from 8 to 512",
		.text = "How many requests are served at a time.",
		.reason = "A thread waits while ZFS waits for disks: several for each CPU keep the "
			  "disks busy."),
	PST_DOC("nfs_server.pool_mode",
		.absent = "pernode on a machine of several NUMA nodes, else global",
		.text = "How its threads are shared out: `global` in one pool on any CPU, "
			"`pernode` in "
			"one pool for each NUMA node, `percpu` in one for each CPU, and there they "
			"stay. Each pool needs a thread.",
		.reason =
			"A request is served at the node whose CPU took it from the network, by a "
			"thread whose pages lie there; on a machine of one node a pool for each "
			"CPU would only make requests wait behind one that waits for disks."),
	PST_DOC("nfs_server.rdma_port", .type = "port, or 0 for no RDMA", .max = 65535,
		.standard = "20049", .text = "Where it listens for RDMA.",
		.reason = "The port that is registered for NFS over RDMA."),
	PST_DOC("nfs_server.tcp", .standard = "true",
		.text = "Whether it listens on TCP port 2049 as well.",
		.reason = "Clients without RDMA, and tools that ask the server, use it."),
	PST_DOC("nfs_server.block_size", .type = "size, from 4K to 4M",
		.absent = "as the kernel has it: up to 1M, from 4G of memory on",
		.text = "The most data in one request to read or write, a power of two; beyond 1M "
			"from Linux 6.16 on. A client takes it when it mounts.",
		.reason =
			"The kernel's is as large as a record of ZFS where the memory allows, and "
			"each thread keeps pages for one request."),
	PST_DOC("nfs_server.io_modes", .absent = "as the kernel has them",
		.text = "How it reads and writes files, on kernels that let it be chosen: Linux "
			"from 6.18 on, by files in debugfs, which it calls experimental. Refused "
			"on "
			"others."),
	PST_DOC("nfs_server.io_modes.read", .absent = "as the kernel has it",
		.text = "`buffered` keeps what was read in the page cache, `dontcache` drops it "
			"from there once it is sent, `direct` reads past it. Where the file system "
			"cannot do what is asked for, the kernel reads buffered.",
		.reason = "ZFS keeps what it read in its own cache, whatever is said here."),
	PST_DOC("nfs_server.io_modes.write", .absent = "as the kernel has it", .text = "Likewise.",
		.reason = "ZFS gathers what is written in its own cache, whatever is said here."),
	PST_DOC("nfs_server.versions", .absent = "as the kernel has them",
		.text = "The versions of NFS that are served.",
		.reason = "Clients take the newest that both have."),
	PST_DOC("nfs_server.lease", .unit = "seconds", .min = 10, .max = 3600,
		.absent = "as the kernel has it",
		.text = "How long a client of NFSv4 may be silent before its locks are lost.",
		.reason = "The kernel's is right for nearly all."),
	PST_DOC("nfs_server.grace", .unit = "seconds", .min = 10, .max = 3600,
		.absent = "as the kernel has it",
		.text = "How long a server that starts waits for clients to claim their locks. Not "
			"shorter than the lease.",
		.reason = "The kernel's is right for nearly all."),

	PST_DOC("zfs", .absent = "as its keys have it", .text = "The ZFS module."),
	PST_DOC("zfs.arc_max", .type = "size, from 64M", .absent = "all memory but a quarter",
		.text = "How large ZFS's cache may become.",
		.reason = "What it leaves is for the NFS server's threads, RDMA's buffers and the "
			  "kernel: a quarter of the memory, from 2G to 64G, and never more than "
			  "half."),
	PST_DOC("zfs.parameters", .absent = "none",
		.text = "Other parameters of the module; see zfs(4).",
		.reason = "They are written to /etc/modprobe.d/penstock-zfs.conf and set in the "
			  "running module.",
		.open = "Any parameter, with a number or a word, such as `zfs_prefetch_disable`."),

	PST_DOC("mounts", .absent = "none",
		.text = "A list of NFS mounts, on either kind of node."),
	PST_DOC("mounts[].source", .type = "HOST:/PATH", .example = "10.77.0.9:/other/data",
		.text = "What is mounted. An IPv6 address is put in brackets."),
	PST_DOC("mounts[].target", .type = "absolute path", .example = "/mnt/data",
		.text = "Where it is mounted. Made when it is not there."),
	PST_DOC("mounts[].version", .standard = "4.2", .text = "The version of NFS.",
		.reason = "The newest that the kernel has."),
	PST_DOC("mounts[].transport", .standard = "rdma",
		.text = "A mount that came up over another is not as declared.",
		.reason = "It is what Penstock is for."),
	PST_DOC("mounts[].port", .min = 1, .max = 65535, .absent = "20049 for rdma, 2049 for tcp",
		.text = "Where the server listens.", .reason = "The registered ports."),
	PST_DOC("mounts[].preset", .absent = "the kernel's own",
		.text = "How long what this node knows of files is used before the server is asked "
			"again. `training` is nocto,actimeo=3600,lookupcache=all: data that does "
			"not change while it is read; opening a file costs no question to the "
			"server, and what another node changes may not be seen for an hour. "
			"`checkpoint` is cto,actimeo=3,lookupcache=pos: large files that one node "
			"writes and another opens afterwards; each open asks, attributes are at "
			"most 3 seconds old, and a file that was not there is looked for again at "
			"once. `home` is cto,acdirmin=3,acdirmax=10,lookupcache=pos: people at "
			"several nodes; each open asks, files keep the kernel's own 3 to 60 "
			"seconds, and a directory's list is at most 10 seconds old instead of 60. "
			"Options of the attribute cache cannot be given beside it.",
		.reason = "The kernel's suits most, and none of these loses data."),
	PST_DOC("mounts[].nconnect", .min = 1, .max = 16, .absent = "the kernel's",
		.text = "Connections to each address of the server. The kernel makes them once for "
			"a server, so all mounts of one server must agree.",
		.reason = "One fills most links with RDMA."),
	PST_DOC("mounts[].servers", .type = "addresses", .absent = "none", .example = "[10.78.0.9]",
		.text = "Further addresses of the server in `source`, used at the same time "
			"(session trunking, max_connect of nfs(5)); for version 4.1 and 4.2. The "
			"kernel learns of each by a further mount of the same directory, below "
			"/run/penstock/trunk. For version 3 and 4.0, let `source` name a host that "
			"has several addresses, of which mount.nfs(8) takes the first that "
			"answers.",
		.reason = "That two addresses are one server only a person knows."),
	PST_DOC("mounts[].automount", .standard = "false",
		.text = "Mounts at the first use, by a systemd.automount(5) unit.",
		.reason = "What is wrong with a mount is to be seen at boot."),
	PST_DOC("mounts[].idle_seconds", .unit = "seconds", .absent = "never",
		.text = "With `automount`, after which time without use it is unmounted.",
		.beside = "automount: true", .reason = "To mount again takes time."),
	PST_DOC("mounts[].options", .type = "options of nfs(5)", .absent = "none",
		.text = "Further options, each an entry of its own. What has a key here is not "
			"taken as an option. `hard` holds unless `soft` or `softerr` is given, "
			"with which a program gets an error, and may lose data, when the server "
			"is away for a while.",
		.reason = "What nfs(5) has without options loses no data."),

	PST_DOC("update", .absent = "none",
		.text = "Where newer versions of the system come from."),
	PST_DOC("update.source", .type = "URL or absolute path",
		.example = "https://updates.example.org/penstock/storage",
		.text = "The folder with SHA256SUMS, SHA256SUMS.gpg and the files named there, for "
			"`penstock update --check` and `penstock update latest`. Nothing is "
			"looked for or installed unasked.",
		.reason = "When a node is started anew is for a person to say."),
	PST_DOC_END,
};
