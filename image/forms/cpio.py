# SPDX-License-Identifier: MIT
"""An archive that the kernel unpacks as an initramfs (cpio, format newc), always the same for the same files.

Source: the kernel's Documentation/driver-api/early-userspace/buffer-format.rst.
"""

import shutil

from errors import FormError

DIRECTORY = 0o040755
FILE = 0o100644
MAX_BYTES = 0xFFFFFFFF


class Writer:
    """Writes entries to a file that is open for writing in binary."""

    def __init__(self, out, epoch):
        self._out = out
        self._epoch = epoch
        self._inode = 0
        self._made = set()

    def _entry(self, name, mode, size):
        if size > MAX_BYTES:
            raise FormError(f"{name}: more than 4 GiB do not fit into an initramfs archive")
        self._inode += 1
        links = 2 if mode == DIRECTORY else 1
        fields = (self._inode, mode, 0, 0, links, self._epoch, size, 0, 0, 0, 0, len(name.encode()) + 1, 0)
        head = b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
        self._out.write(head + bytes(-len(head) % 4))

    def directory(self, name):
        """The directory and those above it, once."""
        parts = name.split("/")
        for i in range(1, len(parts) + 1):
            path = "/".join(parts[:i])
            if path not in self._made:
                self._made.add(path)
                self._entry(path, DIRECTORY, 0)

    def file(self, name, source):
        if "/" in name:
            self.directory(name.rpartition("/")[0])
        size = source.stat().st_size
        self._entry(name, FILE, size)
        with open(source, "rb") as file:
            shutil.copyfileobj(file, self._out, 1 << 20)
        self._out.write(bytes(-size % 4))

    def end(self):
        head = b"070701" + b"00000000" * 4 + b"00000001" + b"00000000" * 6 + b"0000000B" + b"00000000" + b"TRAILER!!!\0"
        self._out.write(head + bytes(-len(head) % 4))


def tree(out, prefix, directory, epoch):
    """All files below DIRECTORY, in the order of their names, under PREFIX."""
    writer = Writer(out, epoch)
    writer.directory(prefix)
    for path in sorted(directory.rglob("*")):
        name = f"{prefix}/{path.relative_to(directory)}"
        if path.is_dir():
            writer.directory(name)
        elif path.is_file():
            writer.file(name, path)
        else:
            raise FormError(f"{path}: neither a file nor a directory: it does not belong into a release")
    writer.end()
