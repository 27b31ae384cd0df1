# SPDX-License-Identifier: MIT
"""A disk with a write cache that is lost with the power, as most have.

QEMU's blklogwrites writes down what the machine writes and when it flushes (the format of Linux' dm-log-writes:
drivers/md/dm-log-writes.c). After a power cut the disk is made anew: what it was when the power came on, all that was written
up to the last flush, and of what came later about half, in no order that the machine could rely on. For devices that flush, as
virtio-blk does: of a forced write (FUA) by NVMe QEMU 10.0 may log neither that nor the flush in its place.
"""

import os
import random
import struct
from dataclasses import dataclass

from lab.errors import LabError

MAGIC = 0x6A736677736872
VERSION = 1
SUPER = struct.Struct("<QQQI")
ENTRY = struct.Struct("<QQQQ")
FLUSH, FUA, DISCARD = 1, 2, 4
SECTOR = 512


@dataclass(frozen=True)
class Write:
    """What the log has of one request; `at` is where its data is in the log, None for a discard."""

    sector: int
    sectors: int
    flags: int
    at: int | None


def arguments(node, file, log):
    """QEMU's words for the block device NODE over FILE, which LOG is the log of. Nothing waits for the computer's own disk."""
    words = [
        *("driver=blklogwrites", f"node-name={node}", f"log-sector-size={SECTOR}", "log-super-update-interval=1"),
        *("discard=unmap", "file.driver=file", f"file.filename={file}", "file.cache.no-flush=on", "file.discard=unmap"),
        *("log.driver=file", f"log.filename={log}", "log.cache.no-flush=on"),
    ]
    return ["-blockdev", ",".join(words)]


def begin(disk, log):
    """Before the power comes on: keeps what the disk is, and begins its log."""
    _copy(disk, _base(disk))
    log.write_bytes(b"")


def read(log):
    """The entries of a log, in their order."""
    # QEMU begins it with the first write.
    if not log.stat().st_size:
        return
    with open(log, "rb") as file:
        magic, version, count, sector_bytes = SUPER.unpack(file.read(SUPER.size))
        if (magic, version, sector_bytes) != (MAGIC, VERSION, SECTOR):
            raise LabError(f"{log}: no log of a disk's writes")
        at = SECTOR
        for _ in range(count):
            file.seek(at)
            sector, sectors, flags, _ = ENTRY.unpack(file.read(ENTRY.size))
            at += SECTOR
            has_data = not flags & DISCARD
            yield Write(sector, sectors, flags, at if has_data else None)
            at += sectors * SECTOR if has_data else 0


def kept(writes, seed):
    """Of WRITES those that outlive a power cut: all up to the last flush, and half of the others."""
    last = max((i for i, write in enumerate(writes) if write.flags & FLUSH), default=-1)
    chance = random.Random(seed)
    return [write for i, write in enumerate(writes) if i <= last or write.flags & FUA or chance.random() < 0.5]


def lose(disk, log, seed):
    """After a power cut: makes the disk what is left. Returns how many requests were lost."""
    writes = list(read(log))
    outlived = kept(writes, seed)
    _copy(_base(disk), disk)
    with open(log, "rb") as source, open(disk, "r+b") as target:
        for write in outlived:
            if write.at is not None and write.sectors:
                source.seek(write.at)
                target.seek(write.sector * SECTOR)
                target.write(source.read(write.sectors * SECTOR))
    return len(writes) - len(outlived)


def _base(disk):
    return disk.with_suffix(".base")


def _copy(source, target):
    """A copy that takes no more room than the source."""
    with open(source, "rb") as old, open(target, "wb") as new:
        size = os.fstat(old.fileno()).st_size
        new.truncate(size)
        end = 0
        while end < size:
            try:
                start = os.lseek(old.fileno(), end, os.SEEK_DATA)
            except OSError:
                break
            end = os.lseek(old.fileno(), start, os.SEEK_HOLE)
            _copy_range(old, new, start, end)


def _copy_range(old, new, start, end):
    old.seek(start)
    new.seek(start)
    while start < end:
        data = old.read(min(1 << 20, end - start))
        new.write(data)
        start += len(data)
