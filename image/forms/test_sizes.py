# SPDX-License-Identifier: MIT
"""The size report: which package a file is counted for, and the sums."""

import os

import fixture
import sizes


class Sizes(fixture.FormTest):
    def make_tree(self):
        files = {"usr/bin/tool": b"a" * 1000, "usr/lib/old": b"b" * 500, "usr/lib/modules/6.1/kernel/a.ko": os.urandom(2000),
                 "usr/lib/modules/6.1/extra/zfs.ko": b"d" * 100, "usr/bin/penstock": b"e" * 50, "etc/made": b"f" * 10}
        for name, data in files.items():
            path = self.out / "tree" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        os.link(self.out / "tree/usr/bin/tool", self.out / "tree/usr/bin/same")
        os.symlink("tool", self.out / "tree/usr/bin/link")
        info = self.out / "tree/var/lib/dpkg/info"
        info.mkdir(parents=True)
        (info / "tool:amd64.list").write_text("/.\n/usr/bin/tool\n/usr/bin/same\n/lib/old\n")
        return self.out / "tree"

    def test_owners(self):
        report = sizes.measure(self.make_tree())
        found = {name: size.installed for name, size in report.packages.items()}
        self.assertEqual(found.pop("package database"), 40)
        self.assertEqual(found, {"tool": 1500, "kernel modules": 2000, "ZFS modules": 100, "penstock": 50, sizes.UNKNOWN: 10})
        self.assertLess(report.packages["tool"].compressed, 100)
        self.assertEqual(report.packages["kernel modules"].compressed, 2000)
        self.assertEqual(report.files[0], (2000, "usr/lib/modules/6.1/kernel/a.ko"))

    def test_kinds(self):
        for name, kind in (("gcc-14", "toolchain"), ("libgcc-14-dev", "toolchain"), ("libc6", sizes.OTHER), ("penstock", "Penstock"),
                           ("firmware-intel-misc", "kernel, modules, firmware"), ("libgcc-s1", sizes.OTHER)):
            self.assertEqual(sizes.kind_of(name), kind, name)

    def test_report(self):
        text = "\n".join(sizes.lines("storage", sizes.measure(self.make_tree()), self.release))
        self.assertIn("aim 450 MiB: within it", text)
        self.assertEqual(list(sizes.aim_lines("minimal", {"x": 251 << 20}))[-1], "  aim 250 MiB: 1.0 MiB over it")
