# SPDX-License-Identifier: MIT
"""The vmdk, the vhdx and the ISO boot: by UEFI as disks, by VMware's controller, and live from a USB stick."""

from lab import forms, qemu, releases
from lab.bare import Disk, Medium
from lab.say import MIB

FIRMWARE = "none"
SOAK = True
NEEDS = ("forms",)
SECONDS = 1200
BOOT_SECONDS = 300
# QEMU's firmware has no driver for this controller, as VMware's has; the kernel is given to QEMU then.
PVSCSI = (
    *("-drive", "if=none,id=vmdk,format=qcow2,cache=unsafe,file=vmdk.qcow2"),
    *("-device", "pvscsi,id=pvscsi", "-device", "scsi-hd,bus=pvscsi.0,drive=vmdk,bootindex=1"),
)


def boot(t, machine):
    """Boots to ssh; returns what preinit found, as a dictionary."""
    machine.power_on()
    machine.wait_ssh(BOOT_SECONDS)
    if machine.hardware.firmware != "direct":
        machine.run("test -d /sys/firmware/efi")
    machine.run("dmsetup table penstock-root | grep verity")
    t.contains(machine.read("/usr/lib/os-release"), "^IMAGE_ID=penstock-storage$", "which image it is")
    return forms.image(machine)


def check_disk(t, machine, disk):
    """The system runs from DISK, and what it is to keep is there."""
    image = boot(t, machine)
    t.equal(image["disk"], disk, "the boot disk")
    t.contains(image["state"], f"^{disk}", "where it keeps its state")
    t.equal(image["medium"], "", "the medium")
    machine.run("touch /etc/penstock/kept && sync")
    machine.power_off()


def another_version(directory):
    """A CD with the name of ours, and another release on it."""
    cd, release = directory / "another.iso", directory / "penstock"
    release.mkdir()
    (release / "penstock-storage_9.0.0.efi").write_text("another")
    releases.call("xorriso", "-as", "mkisofs", "-quiet", "-R", "-V", "PENSTOCK", "-o", cd, "-graft-points", f"/penstock={release}")
    return cd


def run(t):
    t.note("vmdk by UEFI")
    machine = t.bare("vmdk", disks=(Disk("vmdk", file=forms.find(t, ".vmdk"), format="vmdk", bus="nvme"),))
    check_disk(t, machine, "/dev/nvme0n1")

    t.note("vmdk on VMware's controller")
    machine = t.bare("pvscsi", firmware="direct", images=t.images("storage"), extra=PVSCSI)
    qemu.make_disk(machine.directory / "vmdk.qcow2", backing=forms.find(t, ".vmdk"), backing_format="vmdk")
    check_disk(t, machine, "/dev/sda")

    t.note("vhdx")
    machine = t.bare("hyperv", disks=(Disk("vhdx", file=forms.find(t, ".vhdx"), format="vhdx"),))
    check_disk(t, machine, "/dev/vda")

    t.note("ISO on a USB stick, beside an empty disk and a CD of another version")
    with releases.workplace() as directory:
        media = Medium(another_version(directory)), Medium(forms.find(t, ".iso"), bus="usb")
        machine = t.bare("live", disks=(Disk("empty", size_bytes=64 * MIB),), media=media)
        boot(t, machine)
        forms.check_live(t, machine)
