# SPDX-License-Identifier: MIT
"""Tests of lab/say.py."""

import unittest

from lab import say


class Format(unittest.TestCase):
    def test_size(self):
        self.assertEqual(say.size(512), "512 B")
        self.assertEqual(say.size(1536), "1.5 KiB")
        self.assertEqual(say.size(5 << 40), "5120.0 GiB")

    def test_rate(self):
        self.assertEqual(say.rate(10_000_000, 2), "5.0 MB/s")
        self.assertEqual(say.rate(1, 0), "-")

    def test_table(self):
        self.assertEqual(
            say.table("Title", [("a", "1"), None, ("long", "2"), ("", "3")]),
            ["Title", "-----", "a     1", "", "long  2", "      3"],
        )
