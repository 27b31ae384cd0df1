# SPDX-License-Identifier: MIT
"""A pool whose creation broke off is finished by the next apply; without its note the disks are refused."""

from lab import spare

NUMBERS = (4, 5, 6)
DISKS = tuple(f"{spare.BY_ID}{number}" for number in NUMBERS)
NOTE = "/var/lib/penstock/creating-second"
POOL = "pools:\n  - name: second\n    layout: raidz1\n    disks: [{}]\n".format(", ".join(DISKS))


def break_off(t):
    """Leaves the disks as `zpool create` does that fails after it has partitioned them."""
    t.storage.run(f"zpool create -m none second raidz1 {' '.join(DISKS)} && zpool destroy second")
    for disk in DISKS:
        t.storage.run(f"udevadm settle; zpool labelclear -f {disk}-part1; wipefs -q -a {disk}-part1")
    t.storage.run("udevadm settle")


def clean(t):
    t.storage.run("zpool destroy -f second", check=False)
    spare.zero(t, *NUMBERS)
    t.storage.run(f"rm -f {NOTE}; udevadm settle")


def run(t):
    original = t.config(t.storage)
    wanted = t.edited(original, "pools:\n", POOL)
    option = t.with_config(t.storage, wanted)
    try:
        break_off(t)
        refused = t.storage.run(f"penstock {option} apply", check=False)
        t.equal(refused.status, 1, "apply's exit status without a note")
        t.contains(refused.stderr, r"ps-storage-5 .* is not empty.*partition table \(gpt\)", "what apply says")
        t.check("second" not in t.storage.run("zpool list -H -o name").stdout, "a pool was made all the same")

        t.note("with the note that apply leaves before it begins")
        header = t.storage.read("/etc/exports.d/penstock.exports").splitlines()[0]
        t.storage.put(NOTE, "\n".join((header, *DISKS)) + "\n")
        t.storage.run(f"penstock {option} apply", timeout=120)
        t.equal(t.storage.run("zpool list -H -o health second").stdout.strip(), "ONLINE", "the pool's health")
        t.check(not t.storage.run(f"ls {NOTE}", check=False).ok, f"{NOTE} is still there")
    finally:
        clean(t)
    t.check(t.storage.status()["ok"], "status finds a fault afterwards", t.storage.status())
