# SPDX-License-Identifier: MIT
"""For the tests: a small disk, and a small release that has all that a real one has, made by the same programs."""

import subprocess
import tempfile
import unittest
from pathlib import Path

import common
import release

EPOCH = 1700000000
STUB = "/usr/lib/systemd/boot/efi/linuxx64.efi.stub"
LOADER = Path("/usr/lib/systemd/boot/efi/systemd-bootx64.efi")
NAME = "penstock-storage_1.2.3"


def make_disk(path):
    """A GPT disk of 64 MiB with some bytes in its partition."""
    with open(path, "wb") as file:
        file.truncate(64 << 20)
        file.seek(1 << 20)
        file.write(LOADER.read_bytes())
    table = "label: gpt\nlabel-id: 11111111-2222-3333-4444-555555555555\nstart=2048, size=65536, type=U\n"
    subprocess.run(["sfdisk", "-q", path], input=table, text=True, check=True, capture_output=True)


def make_uki(path, work):
    """A UKI; its kernel is a small EFI program, as ukify wants one, and its initrd an empty archive."""
    (work / "initrd").write_bytes(b"initrd".ljust(512, b"\0"))
    (work / "os-release").write_text("ID=penstock\nIMAGE_ID=penstock-storage\nIMAGE_VERSION=1.2.3\n")
    common.run("ukify", "build", f"--linux={LOADER}", f"--initrd={work / 'initrd'}", "--cmdline=roothash=ab penstock.live",
               f"--os-release=@{work / 'os-release'}", "--uname=6.12.0", f"--stub={STUB}", f"--output={path}")


def make_release(directory, work):
    (directory / "loader/keys/auto").mkdir(parents=True)
    (directory / "loader/keys/auto/PK.auth").write_bytes(b"key")
    tree = work / "tree"
    tree.mkdir()
    (tree / "file").write_text("content\n")
    root = directory / f"{NAME}_00000000-1111-2222-3333-444444444444.root.raw"
    common.run("mkfs.erofs", "--quiet", f"-T{EPOCH}", "-U11111111-1111-1111-1111-111111111111", root, tree)
    (directory / f"{NAME}_55555555-6666-7777-8888-999999999999.verity.raw").write_bytes(b"verity".ljust(4096, b"\0"))
    make_uki(directory / f"{NAME}.efi", work)
    (directory / f"{NAME}.live.efi").write_bytes((directory / f"{NAME}.efi").read_bytes())
    (directory / "systemd-bootx64.efi").write_bytes(LOADER.read_bytes())
    (directory / "SHA256SUMS").write_text("")
    (directory / "SHA256SUMS.gpg").write_bytes(b"signature")
    return release.read(directory, "storage")


class FormTest(unittest.TestCase):
    """A test with a directory of its own, and the disk and the release of its class in it."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.base = Path(folder.name)
        cls.disk = cls.base / "disk.raw"
        make_disk(cls.disk)
        work = cls.base / "work"
        work.mkdir()
        (cls.base / "release").mkdir()
        cls.release = make_release(cls.base / "release", work)

    def setUp(self):
        folder = tempfile.TemporaryDirectory(dir=self.base)
        self.addCleanup(folder.cleanup)
        self.out = Path(folder.name)

    def same_bytes(self, one, other):
        self.assertTrue(one.read_bytes() == other.read_bytes(), f"{one.name} and {other.name} differ")

    def same_disk(self, path):
        """The guest sees the same bytes as on the raw disk, and the format is sound."""
        common.run("qemu-img", "check", path)
        common.run("qemu-img", "compare", "-f", "raw", self.disk, path)
