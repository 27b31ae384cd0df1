# SPDX-License-Identifier: MIT
"""Tests of lab/process.py: only our own processes are ended."""

import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from lab import process


class Ours(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def start(self, *words):
        child = subprocess.Popen(["sleep", "60"] if not words else words)
        self.addCleanup(child.wait)
        self.addCleanup(child.kill)
        return child

    def test_another_process_is_left_alone(self):
        child = self.start()
        self.assertFalse(process.is_ours(child.pid, self.folder))
        process.end(child.pid, self.folder)
        self.assertIsNone(child.poll())

    def test_ours_ends(self):
        child = self.start("sh", "-c", "sleep 60; :", f"{self.folder}/pid")
        deadline = time.monotonic() + 5
        while not process.is_ours(child.pid, self.folder):  # the kernel shows the arguments a little late
            self.assertLess(time.monotonic(), deadline)
        process.end(child.pid, self.folder)
        self.assertFalse(process.is_ours(child.pid, self.folder))

    def test_no_pid(self):
        self.assertFalse(process.is_ours(None, self.folder))
