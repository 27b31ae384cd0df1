# SPDX-License-Identifier: MIT
"""The sections of a unified kernel image, which is a PE file: kernel, initrd and command line in one.

Source: Microsoft PE format, "Section Table"; UAPI group, Unified Kernel Image (UKI) specification.
"""

import struct

from errors import FormError


def sections(path):
    """The sections by name, each as bytes. The first of each name counts: later ones are of further profiles."""
    data = path.read_bytes()
    if data[:2] != b"MZ" or len(data) < 0x40:
        raise FormError(f"{path}: not a PE file")
    (start,) = struct.unpack_from("<I", data, 0x3C)
    if data[start : start + 4] != b"PE\0\0":
        raise FormError(f"{path}: not a PE file")
    count, = struct.unpack_from("<H", data, start + 6)
    optional, = struct.unpack_from("<H", data, start + 20)
    found = {}
    for i in range(count):
        entry = start + 24 + optional + 40 * i
        name = data[entry : entry + 8].rstrip(b"\0").decode("ascii")
        virtual, _, size, offset = struct.unpack_from("<IIII", data, entry + 8)
        if offset + min(virtual, size) > len(data):
            raise FormError(f"{path}: section {name} goes beyond the end of the file")
        found.setdefault(name, data[offset : offset + min(virtual, size)])
    return found


def kernel_of(path):
    """The sections of a UKI that a boot needs; refuses a file that lacks one."""
    found = sections(path)
    for name in (".linux", ".initrd", ".cmdline", ".osrel"):
        if name not in found:
            raise FormError(f"{path}: has no section {name}: not a unified kernel image")
    return found
