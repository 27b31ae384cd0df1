# SPDX-License-Identifier: MIT
"""Reads a node's own words: mounts, transport counters, boot times. The parsers are pure."""

import re
import time
from dataclasses import dataclass

from lab.errors import Failed


@dataclass(frozen=True)
class Mount:
    """One NFS mount as /proc/self/mountinfo states it (see proc_pid_mountinfo(5))."""

    target: str
    source: str
    fstype: str
    options: dict

    @property
    def proto(self):
        return self.options.get("proto", "?")

    @property
    def version(self):
        return self.options.get("vers", "?")


def parse_mountinfo(text, target):
    """The topmost mount at TARGET, or None."""
    found = None
    for line in text.splitlines():
        left, separator, right = line.partition(" - ")
        if not separator or left.split()[4] != target:
            continue
        fstype, source, superblock = right.split()[:3]
        options = {}
        for word in superblock.split(","):
            key, _, value = word.partition("=")
            options[key] = value
        found = Mount(target=target, source=source, fstype=fstype, options=options)
    return found


@dataclass(frozen=True)
class Transport:
    """What /proc/self/mountstats counted for one mount.

    read_bytes: bytes that the server's RDMA Writes placed in the client's memory (total_rdma_reply).
    read_chunks: chunks that the server fetched by RDMA Read, which carry what the client writes.
    write_bytes: bytes that the mount's WRITE calls sent. xprtrdma counts no bytes of Read chunks
    (its total_rdma_request is the room offered for replies), so the calls' own count is taken; it
    says RDMA only together with `protocols`.
    """

    protocols: frozenset
    read_chunks: int
    read_bytes: int
    write_bytes: int

    def since(self, earlier):
        return Transport(
            protocols=self.protocols | earlier.protocols,
            read_chunks=self.read_chunks - earlier.read_chunks,
            read_bytes=self.read_bytes - earlier.read_bytes,
            write_bytes=self.write_bytes - earlier.write_bytes,
        )


# Positions after "xprt: rdma" (net/sunrpc/xprtrdma/transport.c, xprt_rdma_print_stats).
READ_CHUNK_COUNT = 10
TOTAL_RDMA_REPLY = 14
# Position after "WRITE:" (net/sunrpc/stats.c, _print_rpc_iostats): operations, transmissions,
# timeouts, bytes sent, ...
OPERATION_BYTES_SENT = 3


def parse_mountstats(text, target):
    """The Transport of the mount at TARGET; several connections (nconnect) are added up."""
    protocols, chunks, read, written = set(), 0, 0, 0
    here = False
    for line in text.splitlines():
        if line.startswith("device "):
            here = f" mounted on {target} with " in line
            continue
        words = line.split()
        if not here or not words:
            continue
        if words[0] == "xprt:":
            protocols.add(words[1])
            if words[1].startswith("rdma"):
                chunks += int(words[2 + READ_CHUNK_COUNT])
                read += int(words[2 + TOTAL_RDMA_REPLY])
        elif words[0] == "WRITE:":
            written += int(words[1 + OPERATION_BYTES_SENT])
    return Transport(frozenset(protocols), chunks, read, written)


def mount(node, target):
    found = parse_mountinfo(node.read("/proc/self/mountinfo"), target)
    if found is None:
        raise Failed(f"{node.name}: nothing is mounted on {target}", node.run("cat /proc/mounts").stdout)
    return found


def transport(node, target):
    return parse_mountstats(node.read("/proc/self/mountstats"), target)


def rxe_packets(node, device="rxe0"):
    """Packets (sent, received) that the soft-RoCE device has counted."""
    counters = f"/sys/class/infiniband/{device}/ports/1/hw_counters"
    sent, received = node.run(f"cat {counters}/sent_pkts {counters}/rcvd_pkts").stdout.split()
    return int(sent), int(received)


def disk_bytes_read(node):
    """Bytes that all NVMe namespaces of a node have delivered since boot."""
    total = 0
    for line in node.read("/proc/diskstats").splitlines():
        words = line.split()
        if re.fullmatch(r"nvme\d+n\d+", words[2]):
            total += int(words[5]) * 512
    return total


def boot_offset(node):
    """The host's time at which the node's monotonic clock was zero, and how far off it may be.

    The node's uptime is read several times over ssh and taken to be that of the middle of the
    call; the quickest call is the most exact one.
    """
    best = None
    for _ in range(5):
        before = time.time()
        uptime = float(node.run("read up _ </proc/uptime; echo $up").stdout)
        after = time.time()
        if best is None or after - before < best[1]:
            best = ((before + after) / 2 - uptime, after - before)
    return best[0], best[1] / 2


def unit_active_at(node, unit):
    """Seconds of the node's monotonic clock at which systemd called UNIT active."""
    shown = node.unit(unit, "ActiveState", "ActiveEnterTimestampMonotonic")
    if shown.get("ActiveState") != "active":
        raise Failed(f"{node.name}: {unit} is {shown.get('ActiveState', 'not known')}")
    return int(shown["ActiveEnterTimestampMonotonic"]) / 1e6


def seconds_from_power_on(lab, node, unit):
    """Seconds from the start of the node's QEMU until UNIT became active in it."""
    offset, _ = boot_offset(node)
    return offset + unit_active_at(node, unit) - lab.state["power_on"][node.name]


def memory_bytes(meminfo):
    """All memory and what of it is available, from the text of a /proc/meminfo."""
    fields = dict(line.split(":", 1) for line in meminfo.splitlines())
    return tuple(int(fields[key].split()[0]) * 1024 for key in ("MemTotal", "MemAvailable"))


def memory_used_bytes(node):
    """Memory in use when idle: all that the kernel found, less what it calls available."""
    total, available = memory_bytes(node.read("/proc/meminfo"))
    return total - available
