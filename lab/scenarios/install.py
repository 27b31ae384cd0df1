# SPDX-License-Identifier: MIT
"""The ISO installs by answers: a disk with data is refused by what it holds; an empty one boots, with its address."""

import hashlib
import os
import subprocess

from lab import forms
from lab.bare import Disk, Medium, public_key

FIRMWARE = "none"
SOAK = True
NEEDS = ("forms",)
SECONDS = 1200
BOOT_SECONDS = 300
# The first address that QEMU's user network gives out, which it forwards ssh to.
ADDRESS = "10.0.2.15"


def with_medium(t, name, disks, **how):
    """A machine that starts from the ISO."""
    return t.bare(name, disks=disks, media=(Medium(forms.find(t, ".iso")),), medium_first=True, **how)


def answers(machine, disks, more=""):
    return f"""disks: [{disks}]
hostname: fresh1
ssh_keys:
  - {public_key(machine.ssh.key)}
network:
  - interface: enp0s4
    addresses: [{ADDRESS}/24]
    gateway: 10.0.2.2
{more}"""


def content(machine):
    """Of the disk with data: its beginning, and how much of it was ever written."""
    with open(machine.disk("data"), "rb") as file:
        return hashlib.sha256(file.read(64 << 20)).hexdigest(), os.fstat(file.fileno()).st_blocks


def check_installed(t, machine):
    """The second disk boots without the medium, and has the name, the address and the key that it was given."""
    t.note("boots from the disk, without the medium")
    machine.change(media=(), medium_first=False, credentials={"ssh.authorized_keys.root": ""})
    machine.power_on()
    machine.wait_ssh(BOOT_SECONDS)
    t.equal(machine.read("/proc/sys/kernel/hostname").strip(), "fresh1", "its name")
    t.contains(machine.run("ip -o -4 address show enp0s4").stdout, f"{ADDRESS}/24.* forever", "its address")
    t.contains(machine.read("/run/penstock/image"), "^disk=/dev/vdb$", "the boot disk")


def run(t):
    disks = Disk("data", size_bytes=7 << 30, serial="DATA1"), Disk("empty", size_bytes=7 << 30, serial="EMPTY1")
    machine = with_medium(t, "target", disks)
    subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", "-L", "mydata", machine.disk("data")], check=True)
    before = content(machine)
    machine.change(credentials={"penstock.answers": answers(machine, "DATA1")})
    machine.power_on()
    machine.wait_console("ext4 mydata", BOOT_SECONDS)
    machine.wait_console("1  install on one disk", BOOT_SECONDS)
    machine.wait_ssh(BOOT_SECONDS)

    t.note("a disk with data")
    machine.put("/root/answers.yaml", answers(machine, "DATA1"))
    refused = machine.run("penstock install --answers /root/answers.yaml", check=False, timeout=300)
    t.equal(refused.status, 1, "exit status for a disk with data")
    t.contains(refused.stderr, "ext4 mydata", "what the disk holds")
    t.contains(refused.stderr, "nothing was changed", "what was done to it")

    t.note("an empty disk")
    machine.put("/root/answers.yaml", answers(machine, "EMPTY1"))
    done = machine.run("penstock install --answers /root/answers.yaml", timeout=600)
    t.contains(done.stdout, "Installed.", "the end of an installation")
    machine.power_off()
    t.equal(content(machine), before, "the disk with data")

    check_installed(t, machine)
