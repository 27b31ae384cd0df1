# SPDX-License-Identifier: MIT
"""A mirrored pair, encrypted and bound to the TPM, is installed by answers on a stick; it boots from either disk."""

from lab.bare import Disk, Medium
from lab.scenarios.first_address import fat
from lab.scenarios.install import BOOT_SECONDS, answers, with_medium

FIRMWARE = "none"
SOAK = True
NEEDS = ("forms",)
SECONDS = 1500
NEW = Disk("new", size_bytes=8 << 30, serial="P3")
# As penstock(8) has it.
REPAIR = r"""set -e
sfdisk --dump /dev/vda | sed -e '/^label-id/d' -e '/^last-lba/d' \
    -e '/penstock-esp/s/ uuid=[^,]*,//' -e '/penstock-state/s/ uuid=[^,]*,//' |
    sfdisk /dev/vdb
for n in 1 2 3 4 5; do dd if=/dev/vda$n of=/dev/vdb$n bs=4M conv=fsync; done
mdadm /dev/md127 --add /dev/vdb6
efibootmgr --create --disk /dev/vdb --part 1 --label 'Penstock (second disk)' \
    --loader '\EFI\systemd\systemd-bootx64.efi'
"""
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
    stick = fat(t, "answers", "PENSTOCKCFG", {"answers.yaml": wanted})
    machine.change(media=(*machine.hardware.media, Medium(stick, bus="usb")))
    machine.power_on()
    machine.wait_console(r"^.*[bcdefghijklnrtuv]{8}(-[bcdefghijklnrtuv]{8}){7}", BOOT_SECONDS + 600)
    machine.wait_console(r"Installed\.", 300)
    machine.power_off()

    t.note("boots from the pair")
    machine.change(media=(), medium_first=False)
    boot(t, machine, "/dev/vda /dev/vdb")
    machine.run("touch /root/kept && sync")
    machine.power_off()

    t.note("boots from the second disk alone")
    machine.change(disks=PAIR[1:])
    boot(t, machine, "/dev/vda")
    machine.run("test -e /root/kept")
    status = machine.run("penstock status", check=False)
    t.contains(status.stdout, "half of the boot mirror md127 is missing", "what the status says")
    machine.power_off()

    t.note("a new disk takes the place of the first")
    machine.change(disks=(PAIR[1], NEW))
    boot(t, machine, "/dev/vda")
    machine.run(REPAIR, timeout=600)
    machine.run("mdadm --wait /dev/md127; sync", timeout=600, check=False)
    machine.power_off()
    boot(t, machine, "/dev/vda /dev/vdb")
    status = machine.run("penstock status", check=False)
    t.check("boot mirror" not in status.stdout, "the status finds a fault in the mirror", status.stdout)
    machine.power_off()

    t.note("boots from the new disk alone")
    machine.change(disks=(NEW,))
    boot(t, machine, "/dev/vda")
    machine.run("test -e /root/kept")
