# SPDX-License-Identifier: MIT
"""Tests of lab/qemu.py: the command line, without starting QEMU."""

import tempfile
import unittest
from dataclasses import replace
from pathlib import Path

from lab.description import NodeSpec
from lab.errors import LabError
from lab.qemu import Images, Machine


class Arguments(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        images = Images.of(self.folder, "storage")
        images.cmdline.write_text("root=PARTLABEL=root rw\n")
        spec = NodeSpec("one", "storage", self.folder / "c", 2, 1 << 30, (1 << 20, 1 << 20))
        self.machine = Machine(
            spec=spec,
            directory=Path("/a,b/one"),
            number=0,
            ssh_port=2222,
            accel="tcg",
            firmware="direct",
            images=images,
            fabric_mtu=9000,
            cables=2,
            console_log=self.folder / "log",
        )

    def after(self, machine, option):
        words = machine.arguments()
        return [words[i + 1] for i, word in enumerate(words) if word == option]

    def test_direct(self):
        self.assertEqual(self.after(self.machine, "-append"), ["root=PARTLABEL=root rw"])
        self.assertEqual(self.after(self.machine, "-initrd"), [])
        self.machine.images.initrd.write_text("")
        self.assertEqual(len(self.after(self.machine, "-initrd")), 1)

    def test_uefi_has_no_kernel(self):
        words = replace(self.machine, firmware="uefi").arguments()
        self.assertNotIn("-kernel", words)
        self.assertTrue(any("OVMF_CODE" in word for word in words))

    def test_disks(self):
        devices = [word for word in self.after(self.machine, "-device") if word.startswith("nvme,")]
        self.assertEqual(
            devices, ["nvme,drive=nvme0,serial=ps-one-0,addr=0x8", "nvme,drive=nvme1,serial=ps-one-1,addr=0x9"]
        )

    def test_fabric_has_one_fixed_end(self):
        first = self.after(self.machine, "-netdev")[1]
        second = self.after(replace(self.machine, number=1), "-netdev")[1]
        self.assertIn("server=on", first)
        self.assertIn("server=off,reconnect-ms=", second)

    def test_each_cable_has_its_socket(self):
        cables = self.after(self.machine, "-netdev")[1:]
        self.assertEqual([word.split("addr.path=")[1].split(",")[0] for word in cables],
                         ["../fabric0.sock", "../fabric1.sock"])

    def test_ssh_only_from_this_computer(self):
        self.assertIn("restrict=on,hostfwd=tcp:127.0.0.1:2222-:22", self.after(self.machine, "-netdev")[0])

    def test_no_option_holds_the_directory(self):
        for word in self.machine.arguments():
            if "," in word and word != "/a,b/one/pid":
                self.assertNotIn("/a,b", word)

    def test_no_two_devices_in_one_slot(self):
        slots = [word.rsplit("addr=", 1)[1].split(",")[0] for word in self.after(self.machine, "-device")]
        self.assertEqual(len(slots), len(set(slots)))


class Missing(unittest.TestCase):
    def test_images(self):
        with self.assertRaisesRegex(LabError, "./do image"):
            Images.of(Path("/nowhere"), "gpu").check("uefi")
