# SPDX-License-Identifier: MIT
"""qcow2, the disk of QEMU and libvirt, compressed. qemu-img writes the same bytes for the same disk."""

import common


def make(raw, target, _):
    common.run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", "-c", "-o", "compression_type=zstd", raw, target)
