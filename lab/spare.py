# SPDX-License-Identifier: MIT
"""A second pool on the storage node's small disks, which scenarios may spoil."""

BY_ID = "/dev/disk/by-id/nvme-QEMU_NVMe_Ctrl_ps-storage-"
FIRST, LAST = 4, 7
NAME = "second"


def disks(*numbers):
    """The names of disks, as YAML has a list."""
    return "[{}]".format(", ".join(f"{BY_ID}{number}" for number in numbers))


def config(t, pool, datasets=""):
    """The storage node's own configuration with the pool `second`: POOL is its keys after the name. DATASETS are entries
    of the list of datasets."""
    # ZFS reserves 24 times what is written until it knows: with records of 1M only one at a time fits.
    records = "filesystem_properties: {recordsize: 128K}"
    text = t.edited(t.config(t.storage), "pools:\n", f"pools:\n  - {{name: {NAME}, {pool}, {records}}}\n")
    return t.edited(text, "datasets:\n", f"datasets:\n{datasets}") if datasets else text


def apply(t, text, *expected):
    """Plans and applies TEXT beside the node's own configuration; each of EXPECTED is in the plan. Afterwards there is
    nothing left to do. Returns the option that names TEXT."""
    option = t.with_config(t.storage, text)
    plan = t.storage.run(f"penstock {option} plan").stdout
    for pattern in expected:
        t.contains(plan, pattern, "the plan")
    t.storage.run(f"penstock {option} apply", timeout=180)
    t.contains(t.storage.run(f"penstock {option} plan").stdout, "nothing to do", "the plan after apply")
    return option


def refused(t, text, *expected):
    """Neither plan nor apply take TEXT, and nothing changes."""
    option = t.with_config(t.storage, text)
    before = t.fingerprint(t.storage)
    for verb in ("plan", "apply"):
        result = t.storage.run(f"penstock {option} {verb}", check=False)
        t.check(not result.ok, f"{verb} took it", result.stdout)
        for pattern in expected:
            t.contains(result.stdout + result.stderr, pattern, f"what {verb} says")
    t.same(t.storage, before, "what was refused")


def fill(t, mib=8):
    """Writes a file to the pool; returns its SHA-256."""
    t.storage.run(f"head -c {mib}M /dev/urandom > /{NAME}/file && sync /{NAME}/file")
    return t.storage.run(f"sha256sum < /{NAME}/file").stdout


def scrubbed(t, want):
    """The pool is well after all of it was read, and its file is as fill() said."""
    # An expansion ends with a scrub of its own.
    t.storage.run(f"until zpool scrub -w {NAME}; do zpool wait -t scrub {NAME} || exit; done", timeout=180)
    status = t.storage.run(f"zpool status {NAME}").stdout
    t.contains(status, r"with 0 errors", "the scrub")
    t.contains(status, r"errors: No known data errors", "the scrub")
    t.equal(t.storage.run(f"sha256sum < /{NAME}/file").stdout, want, "SHA-256 of the file")


def zero(t, *numbers):
    """Makes disks empty, and tells the kernel that their partitions are gone, which dd does not."""
    for number in numbers:
        disk = f"{BY_ID}{number}"
        t.storage.run(f"dd if=/dev/zero of={disk} bs=1M oflag=direct status=none; blockdev --rereadpt {disk}", check=False)


def clean(t):
    """Takes the pool away, and makes the disks empty."""
    t.storage.run(f"zpool destroy -f {NAME}", check=False)
    zero(t, *range(FIRST, LAST + 1))
    t.storage.run(f"rm -f /var/lib/penstock/*-{NAME}; udevadm settle", check=False)
    t.storage.run("penstock apply")
