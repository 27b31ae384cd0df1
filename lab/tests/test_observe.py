# SPDX-License-Identifier: MIT
"""Tests of the parsers in lab/observe.py, on what a node printed."""

import unittest

from lab.observe import parse_mountinfo, parse_mountstats

MOUNTINFO = """\
29 1 254:0 / / rw,relatime shared:1 - ext4 /dev/root rw
58 29 0:53 / /mnt/data rw,relatime shared:189 - nfs4 10.77.0.1:/tank/data rw,vers=4.2,rsize=524288,hard,proto=rdma,port=20049,sec=sys,addr=10.77.0.1
59 29 0:54 / /mnt/data2 rw,relatime - nfs 10.77.0.1:/tank/data rw,vers=3,proto=tcp,addr=10.77.0.1
"""

MOUNTSTATS = """\
device /dev/root mounted on / with fstype ext4
device 10.77.0.1:/tank/data mounted on /mnt/data with fstype nfs4 statvers=1.1
	bytes:	0 0 0 0 0 0 0 0
	xprt:	rdma 0 0 1 0 15 30 30 0 30 0 512 7 2 8480 268435456 0 0 38072 0 0 0 0 0 11 0 0 0
	per-op statistics
	        READ: 1 1 0 144 268435500 0 0 0 0
	       WRITE: 512 512 0 268500992 57344 0 0 0 0

device 10.77.0.1:/tank/data mounted on /mnt/data2 with fstype nfs statvers=1.1
	xprt:	tcp 765 1 1 0 11 29 29 0 29 0 2 0 0
	per-op statistics
	       WRITE: 3 3 0 99 0 0 0 0 0
"""


class Mountinfo(unittest.TestCase):
    def test_rdma(self):
        mount = parse_mountinfo(MOUNTINFO, "/mnt/data")
        self.assertEqual((mount.fstype, mount.proto, mount.version), ("nfs4", "rdma", "4.2"))
        self.assertEqual(mount.source, "10.77.0.1:/tank/data")

    def test_tcp(self):
        self.assertEqual(parse_mountinfo(MOUNTINFO, "/mnt/data2").proto, "tcp")

    def test_nothing_there(self):
        self.assertIsNone(parse_mountinfo(MOUNTINFO, "/mnt"))

    def test_topmost_counts(self):
        text = MOUNTINFO + MOUNTINFO.splitlines()[1].replace("proto=rdma", "proto=tcp") + "\n"
        self.assertEqual(parse_mountinfo(text, "/mnt/data").proto, "tcp")


class Mountstats(unittest.TestCase):
    def test_rdma(self):
        got = parse_mountstats(MOUNTSTATS, "/mnt/data")
        self.assertEqual(got.protocols, {"rdma"})
        self.assertEqual((got.read_chunks, got.read_bytes, got.write_bytes), (512, 268435456, 268500992))

    def test_tcp_carries_nothing_by_rdma(self):
        got = parse_mountstats(MOUNTSTATS, "/mnt/data2")
        self.assertEqual(got.protocols, {"tcp"})
        self.assertEqual((got.read_chunks, got.read_bytes), (0, 0))

    def test_since(self):
        got = parse_mountstats(MOUNTSTATS, "/mnt/data")
        self.assertEqual(got.since(got).read_bytes, 0)
