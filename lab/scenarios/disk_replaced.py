# SPDX-License-Identifier: MIT
"""A disk that fails is named by status, and replaced by the one that the configuration names in its place."""

from lab import spare

SECONDS = 300


def run(t):
    try:
        option = spare.apply(t, spare.config(t, f"layout: raidz1, disks: {spare.disks(4, 5, 6)}"))
        want = spare.fill(t)
        t.note("a disk fails")
        t.storage.run(f"zpool offline -f {spare.NAME} {spare.BY_ID}5")
        status = t.storage.run(f"penstock {option} status", check=False)
        t.equal(status.status, 1, "exit status of `penstock status`")
        t.contains(status.stdout + status.stderr, r"ps-storage-5.* is FAULTED", "what status says")
        result = t.storage.run(f"penstock {option} apply", check=False)
        t.check("zpool" not in result.stdout, "apply did something about it unasked", result.stdout)

        t.note("a disk that is not empty does not take its place")
        t.storage.run(f"mkfs.ext4 -q -F -L precious {spare.BY_ID}7; udevadm settle")
        replaced = spare.config(t, f"layout: raidz1, disks: {spare.disks(4, 7, 6)}")
        spare.refused(t, replaced, r"ps-storage-7 .*not empty.*ext4")
        t.storage.run(f"wipefs -q -a {spare.BY_ID}7; udevadm settle")

        spare.apply(t, replaced, r"zpool replace second .*ps-storage-5 .*ps-storage-7")
        t.storage.run(f"zpool wait -t resilver {spare.NAME}", timeout=120)
        t.eventually(
            "the pool is well", 30, lambda: t.storage.run(f"zpool list -H -o health {spare.NAME}").stdout == "ONLINE\n"
        )
        status = t.storage.run(f"zpool status {spare.NAME}").stdout
        t.check("ps-storage-5" not in status and "ps-storage-7" in status, "the disk was not replaced", status)
        spare.scrubbed(t, want)
    finally:
        spare.clean(t)
