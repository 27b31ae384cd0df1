# SPDX-License-Identifier: MIT
"""What takes the place in an image: by package, by kind, by file; installed, and as a share of the compressed image."""

import os
import stat
import zlib
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import dpkg

MIB = 1 << 20
# What no Debian package owns, by where it is; the first that fits counts.
UNOWNED = (
    ("ZFS modules", "usr/lib/modules/*/extra/*"), ("kernel modules", "usr/lib/modules/*"), ("kernel headers", "usr/src/*"),
    ("penstock", "usr/bin/penstock"), ("penstock", "usr/lib/penstock/*"), ("penstock", "usr/share/penstock/*"),
    ("penstock", "*/libcufile.so*"), ("penstock", "*/libpenstock.so*"), ("package database", "var/lib/dpkg/*"),
)
KINDS = (
    ("toolchain", ("gcc*", "cpp*", "binutils*", "libc6-dev", "libc-dev-bin", "linux-libc-dev", "make", "libgcc-*-dev", "libasan*",
                   "libubsan*", "libtsan*", "liblsan*", "libhwasan*", "libitm*", "libcc1-*", "libquadmath*", "libisl*", "libmpc*",
                   "libmpfr*", "libgprofng*", "libctf*", "libbinutils", "libsframe*", "libcrypt-dev", "libjansson4",
                   "kernel headers")),
    ("kernel, modules, firmware", ("kernel modules", "ZFS modules", "firmware-*", "*-microcode")),
    ("Penstock", ("penstock",)),
)
OTHER = "Debian, the rest"
UNKNOWN = "made when the image was built"
AIMS = {"storage": 450 * MIB, "gpu": 450 * MIB, "minimal": 250 * MIB}


@dataclass
class Size:
    """Bytes of files, as they are and by themselves compressed."""

    installed: int = 0
    compressed: int = 0

    def add(self, installed, compressed):
        self.installed += installed
        self.compressed += compressed


@dataclass
class Report:
    """What a tree has."""

    packages: dict = field(default_factory=lambda: defaultdict(Size))
    files: list = field(default_factory=list)

    def total(self):
        return Size(sum(s.installed for s in self.packages.values()), sum(s.compressed for s in self.packages.values()))

    def kinds(self):
        found = defaultdict(Size)
        for name, size in self.packages.items():
            found[kind_of(name)].add(size.installed, size.compressed)
        return found


def kind_of(package):
    for kind, patterns in KINDS:
        if any(Path(package).match(pattern) for pattern in patterns):
            return kind
    return OTHER


def owner_of(name, owners):
    """Which package the file belongs to; dpkg's lists have some below /lib, which leads to /usr/lib."""
    for path in (f"/{name}", f"/{name.removeprefix('usr/')}"):
        if path in owners:
            return owners[path]
    for owner, pattern in UNOWNED:
        if _below(name, pattern):
            return owner
    return UNKNOWN


def _below(name, pattern):
    """Whether NAME or a directory above it matches PATTERN, of which each * is one part."""
    if pattern.startswith("*/"):
        return Path(name).match(pattern)
    parts = pattern.split("/")
    return len(name.split("/")) >= len(parts) and Path("/".join(name.split("/")[: len(parts)])).match(pattern)


def compressed_bytes(path):
    """An estimate: zlib on pieces as large as those that the image is compressed in."""
    total = 0
    with open(path, "rb") as file:
        while piece := file.read(1 << 16):
            total += min(len(piece), len(zlib.compress(piece, 1)))
    return total


def measure(tree):
    """Goes through TREE; a file of several names counts once."""
    owners = dpkg.file_lists(tree / "var/lib/dpkg/info")
    report, seen = Report(), set()
    for folder, folders, names in os.walk(tree):
        folders.sort()
        for name in sorted(names):
            path = Path(folder) / name
            state = path.lstat()
            if not stat.S_ISREG(state.st_mode) or state.st_ino in seen:
                continue
            seen.add(state.st_ino)
            relative = str(path.relative_to(tree))
            report.packages[owner_of(relative, owners)].add(state.st_size, compressed_bytes(path))
            report.files.append((state.st_size, relative))
    report.files.sort(reverse=True)
    return report


def mib(count):
    return f"{count / MIB:8.1f}"


def table(title, rows, scale):
    """ROWS: (name, Size), the largest first; the compressed estimate is scaled to what the image really takes."""
    yield f"{title:<34} {'installed':>9} {'in image':>9}  MiB"
    for name, size in sorted(rows, key=lambda row: (-row[1].installed, row[0])):
        yield f"  {name:<32} {mib(size.installed)}  {mib(size.compressed * scale)}"


def aim_lines(role, parts):
    """PARTS: name → bytes of what a release carries."""
    total, aim = sum(parts.values()), AIMS.get(role)
    for name, count in parts.items():
        yield f"  {name:<32} {' ' * 8}  {mib(count)}"
    yield f"  {'together':<32} {' ' * 8}  {mib(total)}"
    if aim:
        verdict = "within it" if total <= aim else f"{(total - aim) / MIB:.1f} MiB over it"
        yield f"  aim {aim // MIB} MiB: {verdict}"


def lines(role, report, release):
    """The report as text."""
    total = report.total()
    image = release.root.stat().st_size
    scale = image / total.compressed if total.compressed else 1
    yield f"{release.name}: {total.installed / MIB:.1f} MiB in {len(report.files)} files, {image / MIB:.1f} MiB as an erofs"
    yield ""
    yield from table("kind", report.kinds().items(), scale)
    yield ""
    yield from table("package", [row for row in report.packages.items() if row[1].installed >= MIB // 2], scale)
    small = Size()
    for size in report.packages.values():
        if size.installed < MIB // 2:
            small.add(size.installed, size.compressed)
    yield f"  {'those below half a MiB':<32} {mib(small.installed)}  {mib(small.compressed * scale)}"
    yield ""
    yield "largest files"
    for size, name in report.files[:20]:
        yield f"  {mib(size)}  {name}"
    yield ""
    yield "what a release carries"
    yield from aim_lines(role, {"root (erofs)": image, "hash tree": release.verity.stat().st_size,
                                "kernel, initrd, microcode (UKI)": release.live.stat().st_size})
