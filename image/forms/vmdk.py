# SPDX-License-Identifier: MIT
"""VMDK, the disk of VMware, as a stream: the only kind that an OVA takes. qemu-img writes it with a content ID (CID) of
chance in its descriptor; here that becomes a part of the disk's hash.

Source: VMware Virtual Disk Format 5.0, "Stream-Optimized Compressed Sparse Extents".
"""

import re
import struct

import common
from errors import FormError

SECTOR_BYTES = 512
NO_CID = (0xFFFFFFFF, 0xFFFFFFFE)


def descriptor_of(path):
    """Where the embedded descriptor is, and its text: (offset, bytes)."""
    with open(path, "rb") as file:
        header = file.read(SECTOR_BYTES)
        if header[:4] != b"KDMV":
            raise FormError(f"{path}: does not begin with KDMV: not a VMDK with an embedded descriptor")
        start, sectors = struct.unpack_from("<QQ", header, 28)
        file.seek(start * SECTOR_BYTES)
        return start * SECTOR_BYTES, file.read(sectors * SECTOR_BYTES)


def content_id(content_hash):
    """The CID of a disk: eight hexadecimal digits, of which two values are not allowed."""
    value = int(content_hash[:8], 16)
    return f"{value - 2 if value in NO_CID else value:08x}"


def settle(path, content_hash):
    offset, text = descriptor_of(path)
    changed, count = re.subn(rb"(?m)^CID=[0-9a-f]{8}$", b"CID=" + content_id(content_hash).encode(), text)
    if count != 1:
        raise FormError(f"{path}: its descriptor has {count} lines CID=XXXXXXXX and not one")
    with open(path, "r+b") as file:
        file.seek(offset)
        file.write(changed)


def make(raw, target, content_hash):
    # lsilogic is written into the descriptor for tools that read it; the OVF's controller is what counts.
    options = "subformat=streamOptimized,adapter_type=lsilogic,hwversion=17"
    common.run("qemu-img", "convert", "-f", "raw", "-O", "vmdk", "-o", options, raw, target)
    settle(target, content_hash)
