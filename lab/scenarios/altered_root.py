# SPDX-License-Identifier: MIT
"""A root file system with one altered byte does not boot; restored, it does."""

from lab import bare, bootdisk

FIRMWARE = "none"
SECONDS = 1200
CORRUPTED = r"device-mapper: verity: .* block 0 is corrupted"


def run(t):
    image = t.images("storage").raw
    machine = t.bare("altered", disks=(bare.Disk("root", file=image, how="copy"),))
    for pattern in (CORRUPTED, r"I/O error, dev"):
        machine.watch.expect(pattern, "dm-verity refuses the block that was altered")
    disk = machine.disk("root")
    # The first of the root partitions is the one that is filled; its first block holds erofs' superblock, behind 1024
    # bytes that no file system uses: dm-verity refuses them all the same.
    root = next(each for each in bootdisk.partitions(disk) if each.label.startswith("penstock-storage_"))

    t.note("one byte altered")
    bootdisk.flip(disk, root.offset)
    machine.power_on()
    machine.wait_console(CORRUPTED, 180)
    machine.wait_console(r"penstock: this system cannot start: .*\n.*starts anew", 120)
    t.check("Welcome to" not in machine.shown(), "systemd was started from it")
    machine.power_off()

    t.note("and restored")
    bootdisk.flip(disk, root.offset)
    machine.power_on()
    machine.wait_ssh(600)
    machine.run("test -d /run/penstock && findmnt -n -t erofs")
