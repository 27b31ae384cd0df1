# SPDX-License-Identifier: MIT
"""The disk formats: sound by qemu-img, the same content as the raw disk, and the same bytes when made again."""

import struct
import unittest

import common
import fixture
import qcow2
import vhdx
import vmdk
from errors import FormError


class Disks(fixture.FormTest):
    def make_twice(self, kind):
        content, _ = common.survey(self.disk)
        paths = []
        for name in ("one", "two"):
            (self.out / name).mkdir()
            paths.append(self.out / name / f"disk.{kind.__name__}")
            kind.make(self.disk, paths[-1], content)
        self.same_bytes(*paths)
        return paths[0]

    def test_qcow2(self):
        path = self.make_twice(qcow2)
        self.same_disk(path)

    def test_vmdk(self):
        path = self.make_twice(vmdk)
        self.same_disk(path)
        text = vmdk.descriptor_of(path)[1].rstrip(b"\0").decode()
        content, _ = common.survey(self.disk)
        self.assertIn(f"CID={content[:8]}\n", text)
        self.assertIn('createType="streamOptimized"', text)

    def test_vhdx(self):
        path = self.make_twice(vhdx)
        self.same_disk(path)
        self.assertEqual(vhdx.problems(path), [])

    def test_vhdx_current_header_stays_current(self):
        path = self.out / "disk.vhdx"
        common.run("qemu-img", "convert", "-f", "raw", "-O", "vhdx", self.disk, path)
        before = self.sequences(path)
        vhdx.settle(path, "words")
        after = self.sequences(path)
        self.assertEqual(before[0] > before[1], after[0] > after[1])
        self.assertEqual(sorted(after), [1, 2])

    def sequences(self, path):
        data = path.read_bytes()[:0x30000]
        return [struct.unpack_from("<Q", data, offset + 8)[0] for offset in vhdx.HEADERS]

    def test_vhdx_damage_is_seen(self):
        path = self.make_twice(vhdx)
        for offset in (0, 0x10010, 0x20010, 0x30010):
            data = bytearray(path.read_bytes())
            data[offset] ^= 1
            (self.out / "damaged").write_bytes(data)
            self.assertEqual(len(vhdx.problems(self.out / "damaged")), 1, hex(offset))

    def test_other_files_are_refused(self):
        (self.out / "short").write_bytes(b"vhdxfile")
        with self.assertRaisesRegex(FormError, "not a whole VHDX"):
            vhdx.settle(self.out / "short", "words")
        with self.assertRaisesRegex(FormError, "KDMV"):
            vmdk.settle(self.disk, "0" * 64)

    def test_survey_counts_what_is_not_zero(self):
        content, populated = common.survey(self.disk)
        self.assertEqual(content, common.sha256_of(self.disk))
        # Both partition tables and the loader, which begins at a boundary of 64 KiB.
        size = fixture.LOADER.stat().st_size
        self.assertEqual(populated, (2 + -(-size // common.BLOCK_BYTES)) * common.BLOCK_BYTES)


class Numbers(unittest.TestCase):
    def test_crc32c(self):
        self.assertEqual(vhdx.crc32c(b"123456789"), 0xE3069283)  # RFC 3720, B.4 has the polynomial

    def test_content_id_is_never_one_with_a_meaning(self):
        self.assertEqual(vmdk.content_id("f" * 64), "fffffffd")
        self.assertEqual(vmdk.content_id("0123456789"), "01234567")


if __name__ == "__main__":
    unittest.main()
