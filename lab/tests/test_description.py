# SPDX-License-Identifier: MIT
"""Tests of lab/description.py."""

import tempfile
import unittest
from pathlib import Path

from lab import description

GOOD = """
[fabric]
mtu = 4200
[[node]]
name = "one"
profile = "storage"
config = "one.yaml"
cpus = 2
memory = "3G"
disks = [{ count = 2, size = "1G" }, { size = "64M" }]
[[node]]
name = "two"
profile = "gpu"
config = "one.yaml"
"""


class Parse(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / "one.yaml").write_text("key: ${authorized_key}\n")

    def parse(self, text):
        return description.parse(text, "name", self.folder)

    def refused(self, text, message):
        with self.assertRaisesRegex(ValueError, message):
            self.parse(text)

    def test_good(self):
        spec = self.parse(GOOD)
        self.assertEqual((spec.fabric_mtu, spec.cables), (4200, 1))
        one, two = spec.nodes
        self.assertEqual(one.disk_bytes, (1 << 30, 1 << 30, 64 << 20))
        self.assertEqual(one.memory_bytes, 3 << 30)
        self.assertEqual((two.cpus, two.memory_bytes, two.disk_bytes), (1, 2 << 30, ()))
        self.assertEqual(one.configuration(authorized_key="abc"), "key: abc\n")

    def test_unknown_key(self):
        self.refused(GOOD.replace("cpus", "cores"), "node 1: unknown key 'cores'")
        self.refused(GOOD.replace("count", "number"), "disks: unknown key 'number'")

    def test_cables(self):
        self.assertEqual(self.parse(GOOD.replace("4200", "4200\ncables = 3")).cables, 3)
        self.refused(GOOD.replace("4200", "4200\ncables = 9"), "cables: 1 to 4, not 9")

    def test_missing_key(self):
        self.refused(GOOD.replace('profile = "gpu"', ""), "node 2: 'profile' is missing")

    def test_missing_config(self):
        self.refused(GOOD.replace("one.yaml", "none.yaml"), "there is no .*none.yaml")

    def test_same_name(self):
        self.refused(GOOD.replace('"two"', '"one"'), "same name")

    def test_bad_name(self):
        self.refused(GOOD.replace('"two"', '"../two"'), "not a short host name")

    def test_number_of_nodes(self):
        second = GOOD[GOOD.rindex("[[node]]") :]
        self.assertEqual(len(self.parse(GOOD.replace(second, "")).nodes), 1)
        self.refused(GOOD + second.replace('"two"', '"three"'), "3 nodes are described")
        self.refused("", "0 nodes are described")

    def test_sizes(self):
        self.assertEqual(description.parse_size("512M"), 512 << 20)
        for text in ("0G", "1", "1T", "G", "-1G", "1.5G"):
            with self.subTest(text), self.assertRaises(ValueError):
                description.parse_size(text)


class Shipped(unittest.TestCase):
    def test_pair(self):
        spec = description.load("pair")
        self.assertEqual([node.name for node in spec.nodes], ["storage", "gpu"])
        self.assertNotIn("$", spec.nodes[0].configuration(authorized_key="k"))
