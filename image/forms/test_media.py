# SPDX-License-Identifier: MIT
"""The ISO and the folder for network boot, by programs that others wrote: xorriso, sfdisk, mtools, cpio."""

import io
import json
import subprocess
from pathlib import Path

import common
import cpio
import fixture
import iso
import pe
import pxe
import release
import sums
import update
from errors import FormError


class Iso(fixture.FormTest):
    def make(self, name):
        work = self.out / f"{name}.work"
        work.mkdir()
        iso.make(self.release, self.out / name, work)
        return self.out / name

    def xorriso(self, path, *words):
        done = subprocess.run(["xorriso", "-indev", path, *words], capture_output=True, text=True, check=True)
        return done.stdout + done.stderr

    def esp_offset(self, path):
        table = json.loads(common.run("sfdisk", "-J", path))["partitiontable"]
        self.assertEqual(table["label"], "gpt")
        (esp,) = [p for p in table["partitions"] if p["type"] == "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"]
        return esp["start"] * 512

    def test_boot_record_and_partition_are_one(self):
        path = self.make("x.iso")
        said = self.xorriso(path, "-report_el_torito", "plain")
        self.assertIn("Volume id    : 'PENSTOCK'", said)
        line = next(line for line in said.splitlines() if line.startswith("El Torito boot img :   1"))
        self.assertIn("UEFI", line)
        self.assertEqual(int(line.split()[-1]) * 2048, self.esp_offset(path))

    def test_boot_files(self):
        path = self.make("x.iso")
        at = f"{path}@@{self.esp_offset(path)}"
        for name, source in (("EFI/BOOT/BOOTX64.EFI", self.release.loader), ("loader/keys/auto/PK.auth", None),
                             (f"EFI/Linux/{self.release.live.name}", self.release.live), ("loader/loader.conf", None)):
            target = self.out / "extracted"
            common.run("mcopy", "-o", "-i", at, f"::{name}", target)
            if source:
                self.same_bytes(target, source)

    def test_release_is_in_it(self):
        self.xorriso(self.make("x.iso"), "-osirrox", "on", "-extract", "/penstock", self.out / "penstock")
        common.run("diff", "-r", self.release.directory, self.out / "penstock")

    def test_same_bytes_again(self):
        self.same_bytes(self.make("one.iso"), self.make("two.iso"))

    def test_partition_is_large_enough_for_fat32_and_for_its_files(self):
        self.assertGreaterEqual(iso.esp_bytes([]), 36 << 20)
        big = self.out / "big"
        with open(big, "wb") as file:
            file.truncate(100 << 20)
        self.assertGreater(iso.esp_bytes([big]), 102 << 20)


class Update(fixture.FormTest):
    def make(self, name):
        update.make(self.release, self.out / name)
        return self.out / name

    def test_what_an_update_needs_is_in_it(self):
        (self.out / "unpacked").mkdir()
        common.run("tar", "-C", self.out / "unpacked", "-xf", self.make("x.tar.zst"))
        names = {path.name for path in (self.out / "unpacked").iterdir()}
        files = (self.release.kernel, self.release.root, self.release.verity)
        self.assertEqual(names, {"SHA256SUMS", "SHA256SUMS.gpg", *(path.name for path in files)})
        for path in files:
            self.same_bytes(self.out / "unpacked" / path.name, path)

    def test_same_bytes_again(self):
        self.same_bytes(self.make("one.tar.zst"), self.make("two.tar.zst"))


class Pxe(fixture.FormTest):
    def setUp(self):
        super().setUp()
        # The tests do not need the owner's keys.
        sign, pxe.SIGN = pxe.SIGN, Path("/nonexistent")
        self.addCleanup(setattr, pxe, "SIGN", sign)

    def archive_names(self, data):
        start = data.index(b"070701")
        listed = subprocess.run(["cpio", "-t", "--quiet"], input=data[start:], capture_output=True, check=True).stdout
        return listed.decode().split()

    def test_folder(self):
        pxe.make(self.release, self.out / "pxe")
        parts = pe.kernel_of(self.release.live)
        self.assertEqual((self.out / "pxe/vmlinuz").read_bytes(), parts[".linux"])
        initrd = (self.out / "pxe/initrd").read_bytes()
        self.assertTrue(initrd.startswith(parts[".initrd"]))
        wanted = {f"medium/penstock/{path.relative_to(self.release.directory)}"
                  for path in self.release.directory.rglob("*")} | {"medium", "medium/penstock"}
        self.assertEqual(set(self.archive_names(initrd)), wanted)
        script = (self.out / "pxe/boot.ipxe").read_text()
        self.assertTrue(script.startswith("#!ipxe\n"))
        self.assertIn("kernel vmlinuz initrd=initrd roothash=ab penstock.live\n", script)
        self.assertIn(f"penstock/{self.release.name}.http.efi", (self.out / "pxe/README").read_text())

    def test_uki_has_kernel_and_release(self):
        pxe.make(self.release, self.out / "pxe")
        live, http = pe.kernel_of(self.release.live), pe.kernel_of(self.out / "pxe" / f"{self.release.name}.http.efi")
        for name in (".linux", ".cmdline", ".osrel", ".uname"):
            self.assertEqual(http[name].rstrip(b"\n"), live[name].rstrip(b"\n"), name)
        self.assertIn("medium/penstock/SHA256SUMS", self.archive_names(http[".initrd"]))

    def test_same_bytes_again(self):
        for name in ("one", "two"):
            pxe.make(self.release, self.out / name)
        for path in sorted((self.out / "one").iterdir()):
            self.same_bytes(path, self.out / "two" / path.name)

    def test_other_files_are_refused(self):
        with self.assertRaisesRegex(FormError, "not a PE file"):
            pe.sections(self.disk)
        with self.assertRaisesRegex(FormError, "no section .linux"):
            pe.kernel_of(self.release.loader)

    def test_archive_unpacks_to_the_same(self):
        out = io.BytesIO()
        cpio.tree(out, "top", self.release.directory, fixture.EPOCH)
        subprocess.run(["cpio", "-id", "--quiet"], input=out.getvalue(), cwd=self.out, check=True)
        common.run("diff", "-r", self.release.directory, self.out / "top")


class Sums(fixture.FormTest):
    def test_checked_by_sha256sum(self):
        sign, sums.SIGN = sums.SIGN, Path("/nonexistent")
        self.addCleanup(setattr, sums, "SIGN", sign)
        (self.out / "folder").mkdir()
        (self.out / "folder/file").write_text("one")
        (self.out / "other").write_text("two")
        sums.make(self.out, fixture.EPOCH)
        said = common.run("sha256sum", "-c", "SHA256SUMS", directory=self.out)
        self.assertEqual(said, "folder/file: OK\nother: OK\n")


class Release(fixture.FormTest):
    def test_time_is_the_root_file_systems(self):
        self.assertEqual(self.release.epoch, fixture.EPOCH)

    def test_a_missing_file_is_named(self):
        with self.assertRaisesRegex(FormError, "0 files match penstock-gpu_"):
            release.read(self.release.directory, "gpu")
        with self.assertRaisesRegex(FormError, "not an erofs"):
            release.build_time(self.disk)

