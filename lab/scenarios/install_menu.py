# SPDX-License-Identifier: MIT
"""The ISO's menu on the serial console installs on one disk, as a person answers it; the disk boots, with what was answered."""

from lab.bare import Disk, public_key
from lab.scenarios.install import ADDRESS, BOOT_SECONDS, check_installed, with_medium

FIRMWARE = "none"
SOAK = True
NEEDS = ("forms",)
SECONDS = 1200


def answer(machine, question, text, seconds=60):
    machine.wait_console(question, seconds)
    machine.type(f"{text}\r")


def run(t):
    disks = Disk("small", size_bytes=64 << 20, serial="SMALL1"), Disk("empty", size_bytes=7 << 30, serial="EMPTY1")
    # Nobody is to come in by another way than the menu.
    machine = with_medium(t, "menu", disks, credentials={"ssh.authorized_keys.root": ""})
    machine.power_on()
    answer(machine, r"5  power off[\s\S]*Number", "1", BOOT_SECONDS)
    machine.wait_console(r"1  vda .*SMALL1\n *cannot be used: is too small", 60)
    machine.wait_console(r"2  vdb .*EMPTY1\n *empty", 60)
    answer(machine, "Number of the boot disk", "1")
    answer(machine, r"too small[\s\S]*Number of the boot disk", "2")
    answer(machine, "Host name", "fresh1")
    number = machine.wait_console(r"^ *([0-9]+)  enp0s4 ", 60)[1]
    answer(machine, "Number", number)
    answer(machine, "Address as", f"{ADDRESS}/33")
    answer(machine, "Address as", f"{ADDRESS}/24")
    answer(machine, "Gateway", "10.0.2.2")
    answer(machine, "DNS server", "")
    answer(machine, "ssh public key", public_key(machine.ssh.key))
    answer(machine, "Another ssh public key", "")
    answer(machine, "Install now", "yes")
    machine.wait_console(r"Installed\. Take the medium out, and reboot", 600)
    answer(machine, r"5  power off[\s\S]*Number", "5")
    machine.wait_off()
    check_installed(t, machine)
