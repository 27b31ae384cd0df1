# SPDX-License-Identifier: MIT
"""Tests of lab/bootdisk.py, on a small disk made by the tools that make the real ones."""

import subprocess
import tempfile
import unittest
from pathlib import Path

from lab import bootdisk
from lab.errors import LabError

MIB = 1 << 20
UUID = "3785e2d1-dc84-f847-624c-70acedf39031"
TABLE = f"""label: gpt
start=2048, size=40960, type={bootdisk.ESP_TYPE}, name=esp
start=43008, size=2048, type=L, name="a root", uuid={UUID}
"""


class Disk(unittest.TestCase):
    def setUp(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        self.disk = Path(folder) / "disk.raw"
        with open(self.disk, "wb") as disk:
            disk.truncate(32 * MIB)
        subprocess.run(["sfdisk", "-q", self.disk], input=TABLE.encode(), check=True, capture_output=True)

    def test_partitions(self):
        first, second = bootdisk.partitions(self.disk)
        self.assertEqual((first.number, first.label, first.offset, first.size), (1, "esp", MIB, 20 * MIB))
        self.assertEqual(second, bootdisk.partition(self.disk, UUID))
        self.assertEqual(second.label, "a root")
        with self.assertRaisesRegex(LabError, "has no partition"):
            bootdisk.partition(self.disk, "0")

    def test_esp(self):
        subprocess.run(["mformat", "-i", f"{self.disk}@@{MIB}", "-T", "40960", "::"], check=True, capture_output=True)
        subprocess.run(["mmd", "-i", f"{self.disk}@@{MIB}", "::/EFI", "::/EFI/Linux"], check=True)
        esp = bootdisk.Esp(self.disk)
        self.assertEqual(esp.names("/EFI/Linux"), [])
        for data in (b"one", b"two"):
            esp.write("/EFI/Linux/a_0.1.0+3.efi", data)
            self.assertEqual(esp.read("/EFI/Linux/a_0.1.0+3.efi"), data)
        self.assertEqual(esp.names("/EFI/Linux"), ["a_0.1.0+3.efi"])
        self.assertEqual(esp.names("/EFI"), ["Linux"])
        with self.assertRaisesRegex(LabError, "mcopy"):
            esp.read("/none")

    def test_flip(self):
        before = self.disk.read_bytes()
        bootdisk.flip(self.disk, 43008 * 512 + 7)
        after = self.disk.read_bytes()
        self.assertEqual([i for i, (a, b) in enumerate(zip(before, after)) if a != b], [43008 * 512 + 7])
        bootdisk.flip(self.disk, 43008 * 512 + 7)
        self.assertEqual(self.disk.read_bytes(), before)


if __name__ == "__main__":
    unittest.main()
