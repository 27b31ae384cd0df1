# SPDX-License-Identifier: MIT
"""Machines start the live system over the network: by a URL in the firmware's setup, under Secure Boot, and by iPXE.

OVMF has a PXE of its own, which knows no URLs; iPXE is seen under a BIOS."""

import struct

from lab import bare, releases
from lab.errors import Failed

FIRMWARE = "none"
SOAK = True
SECONDS = 2400
BOOT_SECONDS = 600
# The firmware and iPXE take 330 MB through an emulated card.
FETCH_SECONDS = 1500
# The whole release is in memory, packed and unpacked.
MEMORY_BYTES = 4 << 30
GLOBAL_VARIABLE = "8be4df61-93ca-11d2-aa0d-00e098032b8c"
OPTION = "7000"


def folder(t):
    found = sorted(t.images("storage").raw.parent.glob("forms/penstock-storage_*-pxe"))
    if len(found) != 1:
        raise Failed(f"{len(found)} folders build/image/forms/penstock-storage_*-pxe: build them with ./do forms")
    return found[0]


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


def check_live(t, machine):
    """It is the whole system, out of memory."""
    image = dict(line.split("=", 1) for line in machine.read("/run/penstock/image").splitlines() if "=" in line)
    t.equal((image["disk"], image["state"]), ("", ""), "a live system's disks")
    t.contains(machine.read("/proc/cmdline"), "penstock.live", "the kernel's command line")
    machine.run(f"cd {image['medium']}/penstock && sha256sum --quiet -c SHA256SUMS", timeout=300)
    machine.run("dmsetup table penstock-root | grep verity")


def by_url(t):
    t.note("HTTP Boot URI, under Secure Boot")
    found = folder(t)
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
    check_live(t, machine)
    t.contains(machine.run("bootctl status --no-pager", timeout=120).stdout, r"Secure Boot: enabled \(user\)", "bootctl status")
    machine.power_off()


def by_ipxe(t):
    t.note("iPXE, which DHCP has told of the script")
    served = releases.served(folder(t))
    machine = t.bare(
        "by-ipxe",
        firmware="bios",
        memory_bytes=MEMORY_BYTES,
        network=f"{served},bootfile={releases.URL}/boot.ipxe",
        network_boot=True,
    )
    machine.power_on()
    machine.wait_ssh(FETCH_SECONDS)
    check_live(t, machine)


def run(t):
    by_url(t)
    by_ipxe(t)
