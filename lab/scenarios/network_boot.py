# SPDX-License-Identifier: MIT
"""Machines start the live system over the network: by a URL in the firmware's setup, under Secure Boot, and by iPXE.

OVMF has a PXE of its own, which knows no URLs; iPXE is seen under a BIOS."""

import struct

from lab import bare, forms, releases

FIRMWARE = "none"
SOAK = True
NEEDS = ("forms",)
SECONDS = 2400
BOOT_SECONDS = 600
# The firmware and iPXE take 330 MB through an emulated card.
FETCH_SECONDS = 1500
# The whole release is in memory, packed and unpacked.
MEMORY_BYTES = 4 << 30
GLOBAL_VARIABLE = "8be4df61-93ca-11d2-aa0d-00e098032b8c"
OPTION = "7000"


def load_option(url):
    """The variable Boot#### as efivarfs writes it, for the device path Uri(URL): UEFI 2.10, sections 3.1.3 and 10.3.4.23."""
    persistent = 0x7  # non-volatile, for boot services, at run time
    active = 0x1
    path = struct.pack("<BBH", 3, 24, 4 + len(url)) + url.encode() + struct.pack("<BBH", 0x7F, 0xFF, 4)
    return struct.pack("<IIH", persistent, active, len(path)) + "network\0".encode("utf-16-le") + path


def start_once_from(machine, url):
    """What a person does in the firmware's setup with an «HTTP Boot URI»."""
    escaped = "".join(f"\\x{byte:02x}" for byte in load_option(url))
    machine.run(f"printf '{escaped}' > /sys/firmware/efi/efivars/Boot{OPTION}-{GLOBAL_VARIABLE}")
    machine.run(f"efibootmgr --quiet --bootnext {OPTION}")


def by_url(t):
    t.note("HTTP Boot URI, under Secure Boot")
    found = forms.find(t, "-pxe")
    machine = t.bare(
        "by-url",
        firmware="secure",
        memory_bytes=MEMORY_BYTES,
        disks=(bare.Disk("root", file=t.images("storage").raw),),
        network=releases.served(found),
    )
    machine.power_on()
    machine.wait_ssh(BOOT_SECONDS)
    start_once_from(machine, f"{releases.URL}/{found.name.removesuffix('-pxe')}.http.efi")
    boot = machine.boot_id()
    machine.run_last("systemctl reboot")
    machine.wait_rebooted(boot, FETCH_SECONDS)
    forms.check_live(t, machine)
    t.contains(machine.run("bootctl status --no-pager", timeout=120).stdout, r"Secure Boot: enabled \(user\)", "bootctl status")
    machine.power_off()


def by_ipxe(t):
    t.note("iPXE, which DHCP has told of the script")
    served = releases.served(forms.find(t, "-pxe"))
    machine = t.bare(
        "by-ipxe",
        firmware="bios",
        memory_bytes=MEMORY_BYTES,
        network=f"{served},bootfile={releases.URL}/boot.ipxe",
        network_boot=True,
    )
    machine.power_on()
    machine.wait_ssh(FETCH_SECONDS)
    forms.check_live(t, machine)


def run(t):
    by_url(t)
    by_ipxe(t)
