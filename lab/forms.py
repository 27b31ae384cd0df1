# SPDX-License-Identifier: MIT
"""What ./do forms leaves in build/image/forms, and what a machine that was started from it says of itself."""

from lab.errors import Failed


def find(t, suffix):
    """The storage node's form with this suffix: a file, or the folder for network boot."""
    found = sorted(t.images("storage").raw.parent.glob(f"forms/penstock-storage_*{suffix}"))
    if len(found) != 1:
        raise Failed(f"{len(found)} files build/image/forms/penstock-storage_*{suffix}: build them with ./do forms")
    return found[0]


def image(machine):
    """What preinit found, as a dictionary."""
    lines = machine.read("/run/penstock/image").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def check_live(t, machine):
    """It is the whole system, on no disk, and its medium is sound."""
    found = image(machine)
    t.equal((found["disk"], found["state"]), ("", ""), "a live system's disks")
    t.equal(found["medium"], "/run/penstock/medium", "the medium")
    t.contains(machine.read("/proc/cmdline"), "penstock.live", "the kernel's command line")
    machine.run("cd /run/penstock/medium/penstock && sha256sum --quiet -c SHA256SUMS", timeout=300)
    machine.run("dmsetup table penstock-root | grep verity")
