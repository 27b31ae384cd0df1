# SPDX-License-Identifier: MIT
"""A pool that lost too many disks is suspended: status and apply say so, and nothing is done until they are back."""

from lab import spare

SECONDS = 300
PULLED = (f"{spare.BY_ID}5", f"{spare.BY_ID}6")


def pull(t):
    """Takes two of the pool's three disks out of their slots, and writes until ZFS sees it."""
    for disk in PULLED:
        t.storage.run(f"n=$(basename $(readlink -f {disk})); echo 1 > $(readlink -f /sys/block/$n/device/device)/remove")
    t.storage.run(f"(echo x > /{spare.NAME}/late && sync /{spare.NAME}/late) > /run/late 2>&1 &")
    t.storage.watch.expect(f"WARNING: Pool '{spare.NAME}' ", "its disks were pulled")
    health = f"zpool list -H -o health {spare.NAME}"
    t.eventually("the pool is suspended", 60, lambda: t.storage.run(health).stdout == "SUSPENDED\n")


def put_back(t):
    t.storage.run("echo 1 > /sys/bus/pci/rescan; udevadm settle")
    for disk in PULLED:
        t.storage.run(f"until test -e {disk}-part1; do sleep 1; done", timeout=60)
    t.storage.run(f"zpool clear {spare.NAME}", timeout=60)


def run(t):
    try:
        pool = f"layout: raidz1, disks: {spare.disks(4, 5, 6)}"
        option = spare.apply(t, spare.config(t, pool, f"  - name: {spare.NAME}/set\n"))
        want = spare.fill(t)
        t.note("two of its disks are pulled")
        pull(t)
        for verb in ("status", "plan", "apply"):
            result = t.storage.run(f"penstock {option} {verb}", check=False, timeout=60)
            said = result.stdout + result.stderr
            t.equal(result.status, 1, f"exit status of {verb}")
            t.contains(said, rf"the pool {spare.NAME} is SUSPENDED.*zpool clear {spare.NAME}", f"what {verb} says")
            t.check("zfs create" not in said and "zfs set" not in said, f"{verb} would change what it cannot see", said)
        t.note("they are back")
        put_back(t)
        t.storage.run(f"until test -e /{spare.NAME}/late; do sleep 1; done; sync /{spare.NAME}/late", timeout=60)
        t.contains(t.storage.run(f"penstock {option} plan").stdout, "nothing to do", "the plan afterwards")
        spare.scrubbed(t, want)
    finally:
        spare.clean(t)
