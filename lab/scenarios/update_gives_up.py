# SPDX-License-Identifier: MIT
"""A version that does not come up is tried, given up, and the one before is started again; status says so."""

import time

from lab import releases
from lab.bare import Disk
from lab.errors import Failed, LabError

FIRMWARE = "none"
SOAK = True
SECONDS = 1500
BOOT_SECONDS = 600


def wait_given_up(machine, old, broken):
    """The broken version was started, did not come up, and the old one runs again."""

    def is_back():
        try:
            shown = releases.state(machine)
        except (Failed, LabError):
            return False
        return shown and shown["running"] == old and shown["given_up"] == broken

    deadline = time.monotonic() + 3 * BOOT_SECONDS
    while not is_back():
        if time.monotonic() > deadline:
            raise Failed(f"{old} does not run again after {broken}", machine.console_end())
        time.sleep(5)


def run(t):
    with releases.workplace() as directory:
        image = t.images("storage").raw
        broken_release = releases.make_broken(directory, "storage", "9.0.1")
        machine = t.bare("target", disks=(Disk("root", file=image),), network=releases.served(broken_release))
        machine.power_on()
        machine.wait_ssh(BOOT_SECONDS)
        shown = releases.state(machine)
        t.equal([(slot["version"], slot["state"]) for slot in shown["slots"]], [(shown["running"], "good")], "the slots")
        old, broken = shown["running"], "9.0.1"

        t.note(f"{broken} is installed over http")
        result = machine.run(f"penstock update {releases.URL}/nowhere", check=False, timeout=releases.UPDATE_SECONDS)
        t.equal(result.status, 1, "exit status of an update from a place that is not there")
        t.contains(result.stderr, f"cannot get {releases.URL}/nowhere/SHA256SUMS", "an update from a place that is not there")
        machine.run(f"penstock update {releases.URL}", timeout=releases.UPDATE_SECONDS)
        t.equal(releases.slot(machine, broken), "new", f"the state of {broken} before it is started")
        t.equal(releases.state(machine)["next"], broken, "what is started next")
        if not t.soak:
            # The last of three tries: two boots less.
            machine.run(f"cd /efi/EFI/Linux && mv penstock-storage_{broken}+3-0.efi penstock-storage_{broken}+1-2.efi")
        t.note("it is started, and given up")
        machine.run_last("systemctl reboot")
        wait_given_up(machine, old, broken)
        t.contains(machine.console(), r"this version did not come up as declared: starting anew", "the console")
        t.contains(machine.run("penstock status", check=False).stdout, rf"{broken} was tried and given up", "status")
        result = machine.run("penstock --rollback update", check=False)
        t.equal(result.status, 1, "exit status of a rollback to what was given up")
        t.contains(result.stderr, r"never came up as declared", "a rollback to what was given up")
        result = machine.run(f"penstock update {releases.URL}", check=False)
        t.contains(result.stderr, r"was tried already, and given up", "an update to what was given up")
