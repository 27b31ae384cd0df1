# SPDX-License-Identifier: MIT
"""A disk that carries a partition table, a file system or another pool is refused by name."""

from lab import spare
from lab.spare import BY_ID

# A partition table of the oldest kind: one Linux partition, and the signature at the end.
MBR = (
    r"printf '\0\0\0\0\203\0\0\0\0\010\0\0\0\020\0\0' | dd of={disk} bs=1 seek=446 conv=notrunc status=none; "
    r"printf '\125\252' | dd of={disk} bs=1 seek=510 conv=notrunc status=none; sync"
)

# What is put on the disk, and what the refusal must say that it found.
SPOILED = (
    (4, MBR, r"(?i)partition table|\bdos\b|\bmbr\b"),
    (5, "mkfs.ext4 -q -F -L precious {disk}", r"ext4"),
    (6, "zpool create -f -m none other {disk}", r"\bother\b"),
)


def config_with(t, *numbers):
    """The node's own configuration and one more pool on spare disks."""
    lines = ["pools:", "  - name: second", "    layout: stripe", "    disks:"]
    lines += [f"      - {BY_ID}{number}" for number in numbers]
    return t.edited(t.config(t.storage), "pools:\n", "\n".join(lines) + "\n")


def clean(t):
    t.storage.run("zpool destroy -f other", check=False)
    for number, _, _ in SPOILED:
        t.storage.run(f"zpool labelclear -f {BY_ID}{number}", check=False)
        spare.zero(t, number)
    t.storage.run("udevadm settle")


def refused(t, number, found, *beside):
    """A pool on disk NUMBER (and those BESIDE it) is refused: by plan, by apply, and in vain."""
    option = t.with_config(t.storage, config_with(t, *beside, number))
    before = t.fingerprint(t.storage)
    for verb in ("plan", "apply"):
        result = t.storage.run(f"penstock {option} {verb}", check=False)
        output = result.stdout + result.stderr
        t.check(result.status != 0, f"{verb} accepted disk {number}", output)
        t.contains(output, f"ps-storage-{number}", f"{verb}: the disk's name")
        t.contains(output, found, f"{verb}: what was found on disk {number}")
        t.same(t.storage, before, f"the refused {verb}")


def run(t):
    try:
        for number, spoil, found in SPOILED:
            t.storage.run(spoil.format(disk=f"{BY_ID}{number}"))
            t.storage.run("udevadm settle")
            refused(t, number, found)
        t.note("a pool that is not imported is still somebody's")
        t.storage.run("zpool export other")
        refused(t, 6, r"\bother\b")
        t.note("one bad disk among good ones")
        spare.zero(t, 4)
        t.storage.run("udevadm settle")
        refused(t, 5, r"ext4", 4)
        label = t.storage.run(f"blkid -p -o value -s LABEL {BY_ID}5").stdout.strip()
        t.equal(label, "precious", "the label of the file system on the refused disk")
    finally:
        clean(t)
