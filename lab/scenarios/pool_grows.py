# SPDX-License-Identifier: MIT
"""A pool grows by a group of disks, by RAIDZ expansion, by a copy and by a spare; what would make it worse is refused."""

from lab import spare

SECONDS = 420


def by_groups(t):
    t.note("a second mirror")
    spare.apply(t, spare.config(t, f"layout: mirror, disks: {spare.disks(4, 5)}"), r"zpool create")
    want = spare.fill(t)
    one = f"{{layout: mirror, disks: {spare.disks(4, 5)}}}"
    spare.refused(
        t,
        spare.config(t, f"vdevs: [{one}, {{layout: stripe, disks: {spare.disks(6)}}}]"),
        r"vdevs\[1\]",
    )
    two = f"{{layout: mirror, disks: {spare.disks(6, 7)}}}"
    before = int(t.storage.run(f"zpool list -Hp -o size {spare.NAME}").stdout)
    spare.apply(t, spare.config(t, f"vdevs: [{one}, {two}]"), r"zpool add -o ashift=12 second mirror")
    after = int(t.storage.run(f"zpool list -Hp -o size {spare.NAME}").stdout)
    t.check(after >= 2 * before, f"the pool has {after} bytes, and had {before}")
    spare.scrubbed(t, want)
    t.note("to take a group away is refused")
    spare.refused(t, spare.config(t, f"vdevs: [{one}]"), r"mirror-1 holds data of the pool second")


def by_expansion(t):
    t.note("RAIDZ expansion, and a spare")
    spare.apply(t, spare.config(t, f"layout: raidz1, disks: {spare.disks(4, 5, 6)}"))
    want = spare.fill(t)
    spare.apply(t, spare.config(t, f"layout: raidz1, disks: {spare.disks(4, 5, 6, 7)}"), r"zpool attach second raidz1-0")
    t.eventually(
        "the expansion ends", 120, lambda: "expanded" in t.storage.run(f"zpool status {spare.NAME}").stdout
    )
    spare.scrubbed(t, want)


def by_copies(t):
    t.note("a third copy and a spare")
    spare.apply(t, spare.config(t, f"layout: mirror, disks: {spare.disks(4, 5)}"))
    want = spare.fill(t)
    spare.apply(
        t,
        spare.config(t, f"layout: mirror, disks: {spare.disks(4, 5, 6)}, spares: {spare.disks(7)}"),
        r"zpool attach",
        r"zpool add second spare",
    )
    t.storage.run(f"zpool wait -t resilver {spare.NAME}", timeout=120)
    t.contains(t.storage.run(f"zpool status {spare.NAME}").stdout, r"spares\s+nvme.*\s+AVAIL", "the spare")
    spare.scrubbed(t, want)


def run(t):
    for grow in (by_groups, by_expansion, by_copies):
        try:
            grow(t)
        finally:
            spare.clean(t)
    t.check(t.storage.status()["ok"], "status finds a fault afterwards", t.storage.status())
