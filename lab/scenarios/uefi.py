# SPDX-License-Identifier: MIT
"""Both nodes boot by UEFI firmware from their own disk image and do the job."""

from lab import job
from lab.say import MIB

FIRMWARE = "uefi"
SECONDS = 300
STUB = "/sys/firmware/efi/efivars/StubInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"


def run(t):
    for node in (t.storage, t.gpu):
        t.check("-kernel" not in node.machine.arguments(), f"{node.name}: QEMU was given a kernel")
        node.run("test -d /sys/firmware/efi")
        stub = node.run(f"tr -d '\\0' < {STUB}").stdout
        t.contains(stub, "systemd-stub", f"{node.name}: which stub the firmware started")
        node.run("findmnt -n / | grep ext4")
    job.transfer(t.storage, t.gpu, "/mnt/data", "/tank/data", t.progress, payload_bytes=64 * MIB)
