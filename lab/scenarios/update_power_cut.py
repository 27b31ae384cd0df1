# SPDX-License-Identifier: MIT
"""The power goes while an update is written: what was there is started, and the update is said once more."""

from lab import releases

FIRMWARE = "uefi"
DISTURBS = True
SECONDS = 1500
ROUNDS, SOAK_ROUNDS = 1, 10
BOOT_SECONDS = 400
UNIT = "lab-update"


def cut(t, place, version, share):
    """Cuts the power when a share of the files' bytes was written; returns whether the update had ended."""
    boot = t.storage.boot_id()
    before = written(t)
    size = int(t.storage.run(f"du -bc {place}/*.raw {place}/*.efi | tail -n 1 | cut -f 1").stdout)
    t.storage.run(f"systemd-run --quiet --unit {UNIT} --property Type=oneshot --no-block penstock update {place}")
    t.eventually(
        f"{share:.0%} of {version} are written",
        releases.UPDATE_SECONDS,
        lambda: written(t) - before >= share * size or releases.slot(t.storage, version) == "new",
    )
    t.storage.power_cut()
    t.storage.wait_rebooted(boot, BOOT_SECONDS)


def written(t):
    """Bytes that went to the boot disk since the node was started."""
    return int(t.storage.run("cut -d ' ' -f 1-20 /sys/block/vda/stat | awk '{ print $7 }'").stdout) * 512


def run(t):
    old = releases.state(t.storage)["running"]
    rounds = SOAK_ROUNDS if t.soak else ROUNDS
    new = releases.later(old, 5)
    with releases.workplace() as directory:
        place = releases.put(t.storage, releases.make(directory, "storage", new))
    for number in range(1, rounds + 1):
        t.note(f"power cut {number} of {rounds}")
        cut(t, place, new, (number - 0.5) / rounds)
        running = releases.state(t.storage)["running"]
        if running == new:
            break  # the update was quicker than the cut, and is what it should be
        t.equal(running, old, "the version that runs")
        t.check(t.storage.wait_ready()["ok"], "the node is not as declared")
        t.contains(t.storage.run("cat /proc/cmdline").stdout, r"roothash=", "the kernel's command line")
    if running == old:
        t.note("once more, to the end")
        boot = t.storage.boot_id()
        t.storage.run(f"penstock --reboot update {place}", check=False, timeout=releases.UPDATE_SECONDS)
        t.storage.wait_rebooted(boot, BOOT_SECONDS)
    t.eventually(f"{new} is found good", BOOT_SECONDS, lambda: releases.slot(t.storage, new) == "good")
    t.equal(releases.state(t.storage)["running"], new, "the version that runs")
    t.note("back")
    boot = t.storage.boot_id()
    t.storage.run("penstock --rollback --reboot update", check=False)
    t.storage.wait_rebooted(boot, BOOT_SECONDS)
    t.check(t.storage.wait_ready()["ok"], "the node is not as declared")
    t.equal(releases.state(t.storage)["running"], old, "the version that runs")
    t.storage.run(f"rm -rf {releases.PLACE}")
