# SPDX-License-Identifier: MIT
"""The power goes while an update is written: what was there is started, and the update is said once more."""

from lab import releases
from lab.bare import Disk, Medium

FIRMWARE = "none"
SOAK = True
SECONDS = 1500
ROUNDS, SOAK_ROUNDS = 1, 10
BOOT_SECONDS = 600
NEW = "9.0.1"


def written(machine):
    """Bytes that went to the boot disk since the machine was started."""
    return int(machine.run("awk '{ print $7 }' /sys/block/vda/stat").stdout) * 512


def cut(t, machine, share, size, seed):
    """Cuts the power when a share of the release's bytes was written; what the disk had in its cache goes too."""
    place = f"{releases.mount(machine)}/storage-{NEW}"
    before = written(machine)
    machine.run(f"systemd-run --quiet --unit=lab-update --property=Type=oneshot --no-block penstock update {place}")
    t.eventually(
        f"{share:.0%} of {NEW} are written", releases.UPDATE_SECONDS, lambda: written(machine) - before >= share * size
    )
    t.note(f"{machine.lose_power(seed)} writes are lost")
    machine.wait_ssh(BOOT_SECONDS)


def run(t):
    with releases.workplace() as directory:
        release = releases.make(directory, "storage", NEW)
        size = sum(path.stat().st_size for path in (*release.glob("*.raw"), release / f"penstock-storage_{NEW}.efi"))
        machine = t.bare(
            "target",
            disks=(Disk("root", file=t.images("storage").raw, how="copy", volatile=True),),
            media=(Medium(releases.medium(directory, release)),),
        )
        machine.power_on()
        machine.wait_ssh(BOOT_SECONDS)
        old = releases.state(machine)["running"]
        rounds = SOAK_ROUNDS if t.soak else ROUNDS
        for number in range(1, rounds + 1):
            t.note(f"power cut {number} of {rounds}")
            cut(t, machine, (number - 0.5) / rounds, size, number)
            t.equal(releases.state(machine)["running"], old, "the version that runs")
            t.check(releases.slot(machine, NEW) != "new", "what was not written to its end can be started")

        t.note("once more, to the end")
        boot = machine.boot_id()
        place = f"{releases.mount(machine)}/storage-{NEW}"
        machine.run_last(f"penstock --reboot update {place}", timeout=releases.UPDATE_SECONDS)
        machine.wait_rebooted(boot, BOOT_SECONDS)
        t.equal(releases.state(machine)["running"], NEW, "the version that runs")
        t.eventually(f"{NEW} is found good", BOOT_SECONDS, lambda: releases.slot(machine, NEW) == "good")

        t.note("and back")
        boot = machine.boot_id()
        machine.run_last("penstock --rollback --reboot update")
        machine.wait_rebooted(boot, BOOT_SECONDS)
        t.equal(releases.state(machine)["running"], old, "the version that runs")
