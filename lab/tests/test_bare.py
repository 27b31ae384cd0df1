# SPDX-License-Identifier: MIT
"""Tests of lab/bare.py: the command line and the files of a machine, and what its console showed; no QEMU is started."""

import tempfile
import unittest
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

from lab import bare, paths
from lab.errors import LabError
from lab.qemu import Images


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.file = self.folder / "file"
        self.file.write_bytes(b"\0" * 4096)

    def machine(self, **how):
        hardware = bare.Hardware(**how)
        hardware.check()
        return bare.BareMachine("own", hardware, Path("/a,b/own"), 2222, "tcg", self.folder / "log")

    def after(self, machine, option):
        words = machine.arguments()
        return [words[i + 1] for i, word in enumerate(words) if word == option]


class Firmware(Folder):
    def test_uefi(self):
        drives = self.after(self.machine(), "-drive")
        self.assertIn(str(paths.OVMF_CODE), drives[0])
        self.assertIn("uefi-variables.fd", drives[1])
        self.assertEqual(self.after(self.machine(), "-machine"), ["q35"])

    def test_secure_needs_smm(self):
        machine = self.machine(firmware="secure")
        self.assertIn(str(paths.OVMF_CODE_SECURE), self.after(machine, "-drive")[0])
        self.assertEqual(self.after(machine, "-machine"), ["q35,smm=on"])
        self.assertIn("driver=cfi.pflash01,property=secure,value=on", self.after(machine, "-global"))

    def test_direct(self):
        images = Images.of(self.folder, "storage")
        with self.assertRaisesRegex(LabError, "./do image"):
            self.machine(firmware="direct", images=images)
        images.kernel.write_text("")
        images.cmdline.write_text("roothash=00\n")
        machine = self.machine(firmware="direct", images=images, append="quiet")
        self.assertEqual(self.after(machine, "-append"), ["roothash=00 quiet"])
        self.assertEqual(self.after(machine, "-drive"), [])

    def test_direct_without_images(self):
        with self.assertRaisesRegex(LabError, "needs images"):
            self.machine(firmware="direct")

    def test_bios(self):
        self.assertEqual(self.after(self.machine(firmware="bios"), "-drive"), [])

    def test_unknown(self):
        with self.assertRaisesRegex(LabError, "'coreboot' is none of"):
            self.machine(firmware="coreboot")

    def test_tpm(self):
        self.assertEqual(self.after(self.machine(), "-tpmdev"), [])
        machine = self.machine(tpm=True)
        self.assertEqual(self.after(machine, "-tpmdev"), ["emulator,id=tpm,chardev=tpm"])
        self.assertEqual(machine.tpm_arguments()[0], "/a,b/own/swtpm")


class Drives(Folder):
    def devices(self, **how):
        return [word for word in self.after(self.machine(**how), "-device") if "bootindex=" in word]

    def test_order(self):
        disks = (bare.Disk("one", size_bytes=1), bare.Disk("two", size_bytes=1, bus="nvme", serial="S2"))
        media = (bare.Medium(self.file),)
        self.assertEqual(
            self.devices(disks=disks, media=media),
            [
                "virtio-blk-pci,drive=disk-one,serial=ps-one,bootindex=1",
                "nvme,drive=disk-two,serial=S2,bootindex=2",
                "scsi-cd,bus=scsi.0,drive=medium-scsi,bootindex=3",
            ],
        )
        self.assertTrue(self.devices(disks=disks, media=media, medium_first=True)[0].startswith("scsi-cd"))

    def test_network_boots_last(self):
        cards = self.devices(disks=(bare.Disk("one", size_bytes=1),), network_boot=True, network=",tftp=x")
        self.assertTrue(cards[0].startswith("virtio-net-pci") and cards[0].endswith("bootindex=2"))
        self.assertNotIn("romfile=", cards[0])
        self.assertEqual(self.devices(network=",tftp=x"), [])

    def test_media(self):
        media = tuple(bare.Medium(self.file, bus) for bus in bare.MEDIUM_BUSES)
        drives = self.after(self.machine(media=media), "-drive")[2:]
        self.assertTrue(all("readonly=on" in drive for drive in drives))
        self.assertIn("media=disk", drives[2])
        stick = self.machine(media=(bare.Medium(self.file, "usb", writable=True),))
        self.assertIn("readonly=off", self.after(stick, "-drive")[2])

    def test_formats(self):
        def last(**how):
            machine = self.machine(disks=(bare.Disk("one", file=self.file, **how),))
            return self.after(machine, "-drive")[-1]

        self.assertIn("format=qcow2", last())
        self.assertIn("format=qcow2", last(format="vmdk"))
        self.assertIn("format=raw", last(format="vmdk", how="copy"))
        self.assertIn("format=vmdk", last(format="vmdk", how="itself"))

    def test_refused(self):
        for disk, why in (
            (bare.Disk("one"), "neither a size nor a file"),
            (bare.Disk("One", size_bytes=1), "disk name"),
            (bare.Disk("one", size_bytes=1, bus="sata"), "bus is one of"),
            (bare.Disk("one", file=self.folder / "none"), "there is no"),
        ):
            with self.subTest(why), self.assertRaisesRegex(LabError, why):
                self.machine(disks=(disk,))
        with self.assertRaisesRegex(LabError, "two of disk 'one'"):
            self.machine(disks=(bare.Disk("one", size_bytes=1),) * 2)

    def test_fixed_slots_come_first(self):
        disks = tuple(bare.Disk(f"d{n}", size_bytes=1) for n in range(6))
        devices = self.after(self.machine(disks=disks, media=(bare.Medium(self.file),), tpm=True), "-device")
        fixed = ["addr=" in word for word in devices]
        self.assertEqual(fixed, sorted(fixed, reverse=True))

    def test_no_option_holds_the_directory(self):
        for word in self.machine(disks=(bare.Disk("one", size_bytes=1),), tpm=True).arguments():
            if "," in word and word != "/a,b/own/pid":
                self.assertNotIn("/a,b", word)


class Files(Folder):
    def setUp(self):
        super().setUp()
        self.enterContext(mock.patch.object(paths, "OVMF_VARS", self.file))
        (self.folder / "key").write_text("")
        (self.folder / "key.pub").write_text("ssh-ed25519 AAAA\n")
        self.lab = SimpleNamespace(directory=self.folder, logs=self.folder / "logs", state={"accel": "tcg"})

    def create(self, **how):
        return bare.create(self.lab, "own", bare.Hardware(**how))

    def test_made_and_removed(self):
        machine = self.create(disks=(bare.Disk("one", size_bytes=1 << 20),), credentials={"x": "y"}, tpm=True)
        self.assertEqual(machine.disk("one").stat().st_size, 1 << 20)
        names = sorted(path.name for path in machine.directory.iterdir())
        self.assertEqual(
            names,
            ["console.log", "credential-0", "credential-1", "disk-one.raw", "swtpm", "tpm", "uefi-variables.fd"],
        )
        with self.assertRaisesRegex(LabError, "already"):
            self.create()
        machine.remove()
        self.assertFalse(machine.directory.exists())
        self.assertTrue(machine.console_log.exists())

    def test_second_of_a_name_has_its_own_log(self):
        first = self.create()
        first.remove()
        self.assertNotEqual(first.console_log, self.create().console_log)

    def test_change_keeps_what_there_is(self):
        disk = bare.Disk("one", size_bytes=4)
        machine = self.create(disks=(disk,), media=(bare.Medium(self.file),))
        machine.disk("one").write_bytes(b"kept")
        (machine.directory / "uefi-variables.fd").write_bytes(b"keys")
        machine.change(media=(), disks=(disk, bare.Disk("two", size_bytes=1)))
        self.assertEqual(machine.disk("one").read_bytes(), b"kept")
        self.assertEqual((machine.directory / "uefi-variables.fd").read_bytes(), b"keys")
        self.assertTrue(machine.disk("two").exists())
        with self.assertRaisesRegex(LabError, "no disk 'three'"):
            machine.disk("three")

    def test_name(self):
        with self.assertRaisesRegex(LabError, "machine name"):
            bare.create(self.lab, "../x", bare.Hardware())

    def test_console(self):
        machine = self.create()
        machine.console_log.write_bytes(b"one\r\n\r\ntwo\r\n")
        self.assertEqual(machine.console_end(), "one\ntwo")
        self.assertEqual(machine.console_end(1), "two")


class Console(unittest.TestCase):
    def setUp(self):
        self.transcript = bare.Transcript()

    def test_goes_on_behind_what_was_found(self):
        self.transcript.feed(b"login: \r\nlogin: ")
        self.assertTrue(self.transcript.find("^login"))
        self.assertTrue(self.transcript.find("^login"))
        self.assertIsNone(self.transcript.find("^login"))

    def test_without_escapes(self):
        self.transcript.feed(b"\x1b[2J\x1b[01;01HPen\x1b[0m\x1b[1;3")
        self.transcript.feed(b"7mstock\x1b")
        self.transcript.feed(b"[0m!")
        self.assertTrue(self.transcript.find("^Penstock!$"))

    def test_forget(self):
        self.transcript.feed(b"old")
        self.transcript.forget()
        self.assertIsNone(self.transcript.find("old"))


if __name__ == "__main__":
    unittest.main()
