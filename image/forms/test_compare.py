# SPDX-License-Identifier: MIT
"""Comparing two builds: what differs is named as precisely as it can be."""

import os
import shutil

import common
import compare
import fixture


class Compare(fixture.FormTest):
    def make_builds(self):
        for name in ("one", "two"):
            images = self.out / name
            shutil.copytree(self.release.directory, images / "release/storage")
            (images / "forms").mkdir()
            (images / "forms/x.iso").write_bytes(b"iso")
            (images / "tree-storage/etc").mkdir(parents=True)
            (images / "tree-storage/etc/file").write_text("same")
        return self.out / "one", self.out / "two"

    def test_same(self):
        lines, bad = compare.report(*self.make_builds(), ["storage"])
        self.assertEqual(bad, 0)
        self.assertIn("identical  forms/x.iso", lines)
        self.assertEqual(len(lines), 9)

    def test_differences_are_named(self):
        one, two = self.make_builds()
        (two / "forms/x.iso").write_bytes(b"isO")
        (one / "forms/y").write_bytes(b"")
        (two / "tree-storage/etc/file").write_text("SAME")
        os.symlink("x", two / "tree-storage/etc/link")
        lines, bad = compare.report(one, two, ["storage"])
        self.assertEqual(bad, 2)
        text = "\n".join(lines)
        self.assertIn("DIFFERS    forms/x.iso: from byte 2 on; 3 and 3 bytes", text)
        self.assertIn("DIFFERS    forms/y: only in the first build", text)
        self.assertIn("tree-storage/etc/file: from byte 0 on", text)
        self.assertIn("tree-storage/etc/link: only in the second", text)

    def test_section_of_a_uki(self):
        path, other = self.out / "a.efi", self.out / "b.efi"
        shutil.copy(self.release.live, path)
        data = path.read_bytes()
        other.write_bytes(data.replace(b"roothash=ab", b"roothash=cd"))
        self.assertEqual(compare.in_file(path, other), "sections .cmdline")
        self.assertEqual(common.sha256_of(path), common.sha256_of(self.release.live))
