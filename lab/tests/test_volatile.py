# SPDX-License-Identifier: MIT
"""Tests of lab/volatile.py, with logs that QEMU's own blklogwrites has written."""

import subprocess
import tempfile
import unittest
from pathlib import Path

from lab import volatile
from lab.errors import LabError

KIB = 1 << 10


class Log(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.disk, self.log = Path(folder.name) / "disk.raw", Path(folder.name) / "disk.log"
        self.disk.write_bytes(b"\xaa" * 256 * KIB)
        volatile.begin(self.disk, self.log)

    def write(self, *commands):
        """Has QEMU carry out COMMANDS, and die before it could flush."""
        options = volatile.arguments("d", self.disk, self.log)[1].replace("node-name=d,", "")
        words = [word for command in commands for word in ("-c", command)]
        subprocess.run(["qemu-io", "--image-opts", "-t", "writeback", *words, "-c", "abort", options], capture_output=True)

    def byte_at(self, kib):
        with open(self.disk, "rb") as file:
            file.seek(kib * KIB)
            return file.read(1)

    def test_what_was_flushed_stays(self):
        self.write("write -P 1 0 64k", "write -P 2 64k 64k", "flush")
        for seed in range(8):
            self.assertEqual(volatile.lose(self.disk, self.log, seed), 0)
            self.assertEqual((self.byte_at(0), self.byte_at(64), self.byte_at(128)), (b"\1", b"\2", b"\xaa"))

    def test_what_was_not_may_go_each_by_itself(self):
        self.write("write -P 1 0 64k", "flush", "write -P 2 64k 64k", "write -P 3 128k 64k")
        seen = set()
        for seed in range(32):
            volatile.lose(self.disk, self.log, seed)
            self.assertEqual(self.byte_at(0), b"\1")
            seen.add((self.byte_at(64), self.byte_at(128)))
        self.assertEqual(seen, {(b"\2", b"\3"), (b"\2", b"\xaa"), (b"\xaa", b"\3"), (b"\xaa", b"\xaa")})

    def test_forced_writes_stay(self):
        forced = volatile.Write(0, 8, volatile.FUA, 1024)
        for seed in range(8):
            self.assertEqual(volatile.kept([forced], seed), [forced])

    def test_zeros_are_written(self):
        self.write("write -z 0 64k", "flush")
        volatile.lose(self.disk, self.log, 0)
        self.assertEqual(self.byte_at(0), b"\0")

    def test_holes_stay_holes(self):
        with open(self.disk, "r+b") as file:
            file.truncate(64 << 20)
        volatile.begin(self.disk, self.log)
        self.write("write -P 1 0 64k", "flush")
        volatile.lose(self.disk, self.log, 0)
        self.assertLess(self.disk.stat().st_blocks * 512, 1 << 20)

    def test_without_a_write_nothing_is_lost(self):
        self.assertEqual(volatile.lose(self.disk, self.log, 0), 0)
        self.assertEqual(self.byte_at(0), b"\xaa")

    def test_another_file_is_refused(self):
        self.log.write_bytes(b"x" * 512)
        with self.assertRaisesRegex(LabError, "no log"):
            list(volatile.read(self.log))


if __name__ == "__main__":
    unittest.main()
