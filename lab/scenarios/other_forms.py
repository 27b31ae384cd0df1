# SPDX-License-Identifier: MIT
"""The vmdk, the vhdx and the ISO boot: by UEFI as disks, by VMware's controller, and live from a USB stick."""

from lab import qemu, releases
from lab.bare import Disk, Medium
from lab.errors import Failed
from lab.say import MIB

FIRMWARE = "none"
SOAK = True
SECONDS = 1200
BOOT_SECONDS = 300
# QEMU's firmware has no driver for this controller, as VMware's has; the kernel is given to QEMU then.
PVSCSI = (
    *("-drive", "if=none,id=vmdk,format=qcow2,cache=unsafe,file=vmdk.qcow2"),
    *("-device", "pvscsi,id=pvscsi", "-device", "scsi-hd,bus=pvscsi.0,drive=vmdk,bootindex=1"),
)


def form(t, suffix):
    """The storage node's form with this suffix."""
    found = sorted(t.images("storage").raw.parent.glob(f"forms/penstock-storage_*{suffix}"))
    if len(found) != 1:
        raise Failed(f"{len(found)} files build/image/forms/penstock-storage_*{suffix}: build them with ./do forms")
    return found[0]


def boot(t, machine):
    """Boots to ssh; returns what preinit found, as a dictionary."""
    machine.power_on()
    machine.wait_ssh(BOOT_SECONDS)
    if machine.hardware.firmware != "direct":
        machine.run("test -d /sys/firmware/efi")
    machine.run("dmsetup table penstock-root | grep verity")
    t.contains(machine.read("/usr/lib/os-release"), "^IMAGE_ID=penstock-storage$", "which image it is")
    lines = machine.read("/run/penstock/image").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def check_disk(t, machine, disk):
    """The system runs from DISK, and what it is to keep is there."""
    image = boot(t, machine)
    t.equal(image["disk"], disk, "the boot disk")
    t.contains(image["state"], f"^{disk}", "where it keeps its state")
    t.equal(image["medium"], "", "the medium")
    machine.run("touch /etc/penstock/kept && sync")
    machine.power_off()


def check_live(t, machine):
    image = boot(t, machine)
    t.equal((image["disk"], image["state"]), ("", ""), "a live system's disks")
    t.equal(image["medium"], "/run/penstock/medium", "the medium")
    machine.run("cd /run/penstock/medium/penstock && sha256sum --quiet -c SHA256SUMS", timeout=120)


def another_version(directory):
    """A CD with the name of ours, and another release on it."""
    cd, release = directory / "another.iso", directory / "penstock"
    release.mkdir()
    (release / "penstock-storage_9.0.0.efi").write_text("another")
    releases.call("xorriso", "-as", "mkisofs", "-quiet", "-R", "-V", "PENSTOCK", "-o", cd, "-graft-points", f"/penstock={release}")
    return cd


def run(t):
    t.note("vmdk by UEFI")
    machine = t.bare("vmdk", disks=(Disk("vmdk", file=form(t, ".vmdk"), format="vmdk", bus="nvme"),))
    check_disk(t, machine, "/dev/nvme0n1")

    t.note("vmdk on VMware's controller")
    machine = t.bare("pvscsi", firmware="direct", images=t.images("storage"), extra=PVSCSI)
    qemu.make_disk(machine.directory / "vmdk.qcow2", backing=form(t, ".vmdk"), backing_format="vmdk")
    check_disk(t, machine, "/dev/sda")

    t.note("vhdx")
    machine = t.bare("hyperv", disks=(Disk("vhdx", file=form(t, ".vhdx"), format="vhdx"),))
    check_disk(t, machine, "/dev/vda")

    t.note("ISO on a USB stick, beside an empty disk and a CD of another version")
    with releases.workplace() as directory:
        media = Medium(another_version(directory)), Medium(form(t, ".iso"), bus="usb")
        machine = t.bare("live", disks=(Disk("empty", size_bytes=64 * MIB),), media=media)
        check_live(t, machine)
