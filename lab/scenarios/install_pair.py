# SPDX-License-Identifier: MIT
"""A mirrored pair, encrypted and bound to the TPM, is installed by answers without a person; it boots from either disk."""

from lab.bare import Disk
from lab.scenarios.install import BOOT_SECONDS, answers, with_medium

FIRMWARE = "none"
SOAK = True
NEEDS = ("forms",)
SECONDS = 1500
PAIR = (Disk("one", size_bytes=7 << 30, serial="P1"), Disk("two", size_bytes=7 << 30, serial="P2"))


def boot(t, machine, disks):
    machine.power_on()
    machine.wait_ssh(BOOT_SECONDS)
    t.contains(machine.read("/run/penstock/image"), f"^disk={disks}$", "the boot disks")
    machine.run("cryptsetup status penstock-state | grep 'LUKS2'")
    t.contains(machine.read("/sys/class/tpm/tpm0/pcr-sha256/15"), "[1-9A-F]", "PCR 15, by which the TPM keeps the key from now on")


def run(t):
    machine = with_medium(t, "pair", PAIR, tpm=True)
    wanted = answers(machine, "P1, P2", "encrypt: tpm2\n")
    machine.change(credentials={"penstock.answers": wanted})
    machine.power_on()
    machine.wait_console(r"^.*[bcdefghijklnrtuv]{8}(-[bcdefghijklnrtuv]{8}){7}", BOOT_SECONDS + 600)
    machine.wait_console(r"Installed\. Take the medium out, and reboot", 300)
    machine.power_off()

    t.note("boots from the pair")
    machine.change(media=(), medium_first=False, credentials={})
    boot(t, machine, "/dev/vda /dev/vdb")
    machine.run("touch /root/kept && sync")
    machine.power_off()

    t.note("boots from the second disk alone")
    machine.change(disks=PAIR[1:])
    boot(t, machine, "/dev/vda")
    machine.run("test -e /root/kept")
    status = machine.run("penstock status", check=False)
    t.contains(status.stdout, "half of the boot mirror md127 is missing", "what the status says")
